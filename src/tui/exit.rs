//! Every way out but the ordinary one: signals, a lost terminal, panics, and being stopped. It stands apart from the app:
//! an app that hangs, draws or has panicked cannot keep the terminal.

use std::io;
use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, getpgrp, getpid, getsid, kill_current_process_group, kill_process};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;
use signal_hook::low_level;
use tokio::sync::mpsc::UnboundedSender;

use super::input::TermEvent;
use super::line::{Line, Way};

const DEADLY: [i32; 4] = [SIGTERM, SIGINT, SIGHUP, SIGQUIT];
const OTHERS: [i32; 3] = [SIGTSTP, SIGCONT, SIGWINCH];

/// What a panic's exit status is.
const PANICKED: i32 = 101;
/// How long the app may use after its terminal went.
const GONE_WAIT: Duration = Duration::from_millis(100);

/// How long the second of two signals sent together may take.
const SETTLE: Duration = Duration::from_millis(20);

/// Our own wish to stop: it takes the whole job along (`sudo`, a script), one from outside only us.
static WHOLE_JOB: AtomicBool = AtomicBool::new(false);

/// Signals are caught from here on, and answered once [`Caught::watch`] runs: nothing is lost in between.
pub(super) struct Caught(Signals);

impl Caught {
    pub(super) fn begin() -> io::Result<Self> {
        Signals::new(DEADLY.iter().chain(&OTHERS)).map(Self)
    }

    /// Starts the thread that answers signals, for the rest of the process: after the terminal is given back they do
    /// what they would do to any program.
    pub(super) fn watch(self, line: Arc<Line>, events: UnboundedSender<TermEvent>) -> io::Result<()> {
        let mut watch = Watch { signals: self.0, line, events };
        Builder::new().name("signals".to_owned()).spawn(move || watch.run())?;
        Ok(())
    }
}

struct Watch {
    signals: Signals,
    line: Arc<Line>,
    events: UnboundedSender<TermEvent>,
}

impl Watch {
    fn run(&mut self) {
        loop {
            let came = self.wait();
            if came.contains(&SIGTSTP) {
                self.stop();
            } else if came.contains(&SIGCONT) && !self.line.is_left() {
                self.back(); // stopped by a SIGSTOP nobody can see coming
            }
            if came.contains(&SIGWINCH) {
                let (width, height) = self.line.size();
                let _ = self.events.send(TermEvent::Resized(width, height));
            }
        }
    }

    /// Waits for signals; those that end us do so here.
    fn wait(&mut self) -> Vec<i32> {
        let came: Vec<i32> = self.signals.wait().collect();
        self.die_of(&came);
        came
    }

    fn die_of(&self, came: &[i32]) {
        if let Some(&deadly) = came.iter().find(|signal| DEADLY.contains(signal)) {
            self.line.give_back(Way::Abrupt);
            die(deadly);
        }
    }

    /// Gives the terminal back, stops, and takes it again.
    fn stop(&mut self) {
        let whole_job = WHOLE_JOB.swap(false, Ordering::SeqCst);
        if self.line.is_left() {
            let _ = low_level::emulate_default_handler(SIGTSTP);
            return;
        }
        if nobody_above() {
            return;
        }
        self.line.give_back(Way::Lend);
        // A continue from before must not count as the one that ends this stop.
        let earlier: Vec<i32> = self.signals.pending().collect();
        self.die_of(&earlier);
        let _ = if whole_job { kill_current_process_group(Signal::STOP).map_err(Into::into) } else { stop_self() };
        self.until_continued();
        self.back();
    }

    /// A thread runs on for a moment after it has stopped its process: the terminal may be touched only after this.
    fn until_continued(&mut self) {
        while !self.wait().contains(&SIGCONT) {}
    }

    /// Takes the terminal again, once our job has it: continued in the background (`bg`), we stop again.
    fn back(&mut self) {
        while !self.line.is_in_front() {
            // `kill %1` continues a stopped job so that it can die: the other signal may be a moment late.
            std::thread::sleep(SETTLE);
            let came: Vec<i32> = self.signals.pending().collect();
            self.die_of(&came);
            if !self.line.is_in_front() && stop_self().is_ok() {
                self.until_continued();
            }
        }
        let _ = self.line.take();
        let (width, height) = self.line.size();
        let _ = self.events.send(TermEvent::Resumed);
        let _ = self.events.send(TermEvent::Resized(width, height));
    }
}

fn stop_self() -> io::Result<()> {
    Ok(kill_process(getpid(), Signal::STOP)?)
}

/// Asks the signal thread to stop the whole job; refused where nobody could continue it.
pub(super) fn stop_job() -> io::Result<()> {
    if nobody_above() {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "no shell to go back to"));
    }
    WHOLE_JOB.store(true, Ordering::SeqCst);
    Ok(kill_process(getpid(), Signal::TSTP)?)
}

/// The terminal hung up: the app has a moment, then the process ends as a hang-up ends it, SIGHUP ignored or not.
pub(super) fn hang_up(line: &Line) {
    std::thread::sleep(GONE_WAIT);
    line.give_back(Way::Abrupt);
    die(SIGHUP);
}

/// From now on a panic in any thread gives the terminal back and ends the process. Its message is withheld: it may quote
/// a value.
pub(super) fn catch_panics(line: Arc<Line>) {
    std::panic::set_hook(Box::new(move |panic| {
        line.give_back(Way::Abrupt);
        die_of(panic);
    }));
}

/// Ends the process with where the panic was. Its own words are not told: they may quote a value.
pub fn die_of(panic: &PanicHookInfo<'_>) -> ! {
    say(&epitaph(panic));
    low_level::exit(PANICKED)
}

fn epitaph(panic: &PanicHookInfo<'_>) -> String {
    let place = panic
        .location()
        .map_or_else(String::new, |place| format!(" at {}:{}", within_package(place.file()), place.line()));
    format!("amlock stopped: internal error{place}. No report of it was sent to anybody.\n")
}

/// A source file's path from its package on; what is above names somebody's machine.
fn within_package(file: &str) -> &str {
    let above = file.rfind("/src/").and_then(|source| file[..source].rfind('/'));
    above.filter(|_| file.starts_with('/')).map_or(file, |slash| &file[slash + 1..])
}

/// Writes to stderr, unless it is stalled too.
fn say(text: &str) {
    let stderr = rustix::stdio::stderr();
    let mut ready = [PollFd::from_borrowed_fd(stderr, PollFlags::OUT)];
    let wait = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    if matches!(poll(&mut ready, Some(&wait)), Ok(1..)) {
        let _ = rustix::io::write(stderr, text.as_bytes());
    }
}

/// Ends the process by `signal`, so that who waits for us sees the true status.
fn die(signal: i32) {
    let _ = low_level::emulate_default_handler(signal);
    low_level::exit(128 + signal);
}

/// Whether our job is the session's own (`ssh -t host amlock`): stopped, nobody could continue it.
fn nobody_above() -> bool {
    getsid(None).is_ok_and(|session| session == getpgrp())
}

#[cfg(test)]
mod tests {
    use super::within_package;

    #[test]
    fn a_panics_place_names_no_machine() {
        assert_eq!(within_package("src/tui/exit.rs"), "src/tui/exit.rs");
        assert_eq!(within_package("/home/alex/.cargo/registry/src/index/url-2.5.0/src/lib.rs"), "url-2.5.0/src/lib.rs");
    }
}
