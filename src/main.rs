//! The program: memory that is wiped when freed and a process that cannot be dumped or watched, then the command line.

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// Values pass through buffers that nobody here owns (TLS, HTTP, JSON); freeing them wipes them, too.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    harden();
    amlock::cli::main()
}

/// No core dumps, no tracing by neighbours. What does not work here is not fatal; `amlock doctor` reads it back.
fn harden() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Both: the limit does not count where dumps are piped into a collector.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    // Without a look for a tracer in /proc: nothing follows from it here, and it is a fifth of the time to the first frame.
    let _ = secmem_proc::Config::new_with_anti_tracing(false).harden_process();
}
