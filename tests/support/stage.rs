//! A pseudo-terminal with a program in it, and a terminal nobody here wrote (vt100) that shows what it writes.

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

pub(crate) const CANARY: &str = "canary-8c1f";

/// Ten times what is good, for busy machines.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the program wrote.
struct Heard {
    parser: vt100::Parser,
    bytes: Vec<u8>,
}

/// One program in one terminal.
pub(crate) struct Stage {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn std::io::Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    heard: Arc<Mutex<Heard>>,
    stalled: Arc<AtomicBool>,
    cut: Arc<AtomicBool>,
    reading: Option<JoinHandle<()>>,
    before: String,
    end: Option<String>,
}

impl Stage {
    /// The probe alone, leader of its session.
    pub(crate) fn start(width: u16, height: u16) -> Self {
        Self::script(width, height, "exec \"$PROBE\"")
    }

    /// A shell script in which `$PROBE` is the probe.
    pub(crate) fn script(width: u16, height: u16, script: &str) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", script]);
        command.env("TERM", "xterm-256color");
        command.env("PROBE", probe());
        Self::run(width, height, command)
    }

    /// Any command.
    pub(crate) fn run(width: u16, height: u16, command: CommandBuilder) -> Self {
        let size = PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let before = termios(&*pair.master);
        let child = pair.slave.spawn_command(command).expect("a shell");
        drop(pair.slave);
        let parser = vt100::Parser::new(rows(height), columns(width), 1000);
        let heard = Arc::new(Mutex::new(Heard { parser, bytes: Vec::new() }));
        let stalled = Arc::new(AtomicBool::new(false));
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let cut = Arc::new(AtomicBool::new(false));
        let (into, wait, over) = (Arc::clone(&heard), Arc::clone(&stalled), Arc::clone(&cut));
        let reading = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while !over.load(Ordering::SeqCst) {
                while wait.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(5));
                }
                let Ok(count @ 1..) = reader.read(&mut buffer) else { return };
                let mut heard = into.lock().expect("not poisoned");
                heard.bytes.extend_from_slice(&buffer[..count]);
                heard.parser.process(&buffer[..count]);
            }
        });
        let writer = Some(pair.master.take_writer().expect("a writer"));
        Self {
            master: Some(pair.master),
            writer,
            child,
            heard,
            stalled,
            cut,
            reading: Some(reading),
            before,
            end: None,
        }
    }

    pub(crate) fn screen(&self) -> vt100::Screen {
        self.heard().parser.screen().clone()
    }

    pub(crate) fn everything(&self) -> Vec<u8> {
        self.heard().bytes.clone()
    }

    pub(crate) fn type_keys(&mut self, keys: &str) {
        self.writer.as_mut().expect("not hung up").write_all(keys.as_bytes()).expect("typed");
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        let size = PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 };
        self.heard().parser.set_size(rows(height), columns(width));
        self.master().resize(size).expect("resized");
    }

    /// Stops reading what the program writes.
    pub(crate) fn stall(&self) {
        self.stalled.store(true, Ordering::SeqCst);
    }

    pub(crate) fn go_on(&self) {
        self.stalled.store(false, Ordering::SeqCst);
    }

    /// The connection breaks.
    pub(crate) fn hang_up(&mut self) {
        // The reading thread holds the line too, until one more thing is read.
        self.cut.store(true, Ordering::SeqCst);
        self.type_keys("x");
        self.reading.take().expect("hung up once").join().expect("read");
        self.writer = None;
        self.master = None;
    }

    pub(crate) fn wait_for(&self, text: &str) {
        self.until(&format!("{text:?} on the screen"), || self.screen().contents().contains(text));
    }

    pub(crate) fn wait_for_bytes(&self, bytes: &[u8]) {
        self.until(&format!("{bytes:?}"), || self.heard().bytes.windows(bytes.len()).any(|window| window == bytes));
    }

    pub(crate) fn wait_for_cooked(&self) {
        self.until("cooked mode", || !self.is_raw());
    }

    /// To the process that was started: the probe when it is alone.
    pub(crate) fn signal(&self, name: &str) {
        kill(name, self.pid());
    }

    /// The process that was started.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().expect("running")
    }

    /// To the probe under a shell.
    pub(crate) fn signal_probe(&self, name: &str) {
        kill_children(name, self.child.process_id().expect("running"));
    }

    pub(crate) fn probe_is_stopped(&self) -> bool {
        self.probe_states().all(|state| state == 'T')
    }

    pub(crate) fn probe_is_gone(&self) -> bool {
        self.probe_states().all(|state| state == 'Z')
    }

    fn probe_states(&self) -> impl Iterator<Item = char> {
        let stat = |child: &u32| std::fs::read_to_string(format!("/proc/{child}/stat")).ok();
        let state = |stat: String| stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        self.children().into_iter().filter_map(move |child| stat(&child)).filter_map(state)
    }

    fn children(&self) -> Vec<u32> {
        children(self.child.process_id().expect("running"))
    }

    /// How the program ended.
    pub(crate) fn end(&mut self) -> String {
        self.end_within(PATIENCE)
    }

    pub(crate) fn end_within(&mut self, limit: Duration) -> String {
        let deadline = Instant::now() + limit;
        while self.end.is_none() {
            if let Some(status) = self.child.try_wait().expect("waited") {
                let text = status.signal().map_or_else(|| format!("status {}", status.exit_code()), str::to_owned);
                self.end = Some(text);
            }
            assert!(Instant::now() < deadline, "still running after {limit:?}:\n{}", self.screen().contents());
            std::thread::sleep(Duration::from_millis(5));
        }
        self.end.clone().expect("just set")
    }

    pub(crate) fn is_raw(&self) -> bool {
        termios(self.master()) != self.before
    }

    /// The terminal is as it was, and nothing that was shown is left.
    pub(crate) fn is_as_before(&self) {
        let restored = || {
            let screen = self.screen();
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste() && !self.is_raw()
        };
        self.until("a restored terminal", restored);
        assert_eq!(termios(self.master()), self.before);
        let mut screen = self.screen();
        assert!(!screen.contents().contains(CANARY));
        screen.set_scrollback(1000);
        assert!(!screen.contents().contains(CANARY));
        let bytes = self.everything();
        let last = |mode: &[u8]| bytes.windows(mode.len()).rposition(|window| window == mode);
        assert!(last(b"\x1b[?1004l") >= last(b"\x1b[?1004h"), "focus reports stay on");
        assert!(last(b"\x1b[?2026l") >= last(b"\x1b[?2026h"), "synchronised output stays on");
        // Where the alternate screen is none, what counts is what was erased before it was left.
        if let Some(leave) = last(b"\x1b[?1049l") {
            assert!(bytes[..leave].ends_with(b"\x1b[m\x1b[999;999H\x1b[1J\x1b[H\x1b[?25h"), "erased before it is left");
        }
    }

    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "waited in vain for {what}; there is:\n{}", self.screen().contents());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().expect("not poisoned")
    }

    fn master(&self) -> &(dyn MasterPty + Send) {
        self.master.as_deref().expect("not hung up")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// A tmux server of our own with the probe in it.
pub(crate) struct Tmux(String);

impl Tmux {
    /// None where there is no tmux.
    pub(crate) fn start(alternate_screen: &str) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::SeqCst);
        let tmux = Self(format!("amlock-test-{}-{count}", std::process::id()));
        Command::new("tmux").arg("-V").output().ok()?;
        let script = format!("{}; echo over; sleep 600", probe().display());
        tmux.run(&["-f", "/dev/null", "new-session", "-d", "-s", "idle", "sleep 600"]);
        tmux.run(&["set-option", "-gw", "alternate-screen", alternate_screen]);
        tmux.run(&["new-session", "-d", "-s", "probe", "-x", "80", "-y", "24", "sh", "-c", &script]);
        Some(tmux)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output =
            Command::new("tmux").args(["-L", &self.0]).args(arguments).env_remove("TMUX").output().expect("tmux");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub(crate) fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.run(&["capture-pane", "-p", "-t", "probe"]).contains(text) {
            assert!(Instant::now() < deadline, "waited in vain for {text:?} in tmux");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.0, "kill-server"]).output();
    }
}

/// Signals what `parent` has started.
pub(crate) fn kill_children(signal: &str, parent: u32) {
    for child in children(parent) {
        kill(signal, child);
    }
}

fn children(parent: u32) -> Vec<u32> {
    let listed = Command::new("ps").args(["-o", "pid=", "--ppid", &parent.to_string()]).output().expect("ps");
    String::from_utf8_lossy(&listed.stdout).split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

fn probe() -> PathBuf {
    let test = std::env::current_exe().expect("this test's path");
    let probe = test.ancestors().nth(2).expect("the target directory").join("examples/terminal_probe");
    assert!(
        probe.exists(),
        "`cargo test` builds the probe; with --test run `cargo build --example terminal_probe` first"
    );
    probe
}

fn termios(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().expect("termios"))
}

fn kill(signal: &str, pid: u32) {
    let _ = Command::new("kill").args([&format!("-{signal}"), &pid.to_string()]).status();
}

fn rows(height: u16) -> NonZeroU16 {
    NonZeroU16::new(height).unwrap_or(NonZeroU16::new(24).expect("not zero"))
}

fn columns(width: u16) -> NonZeroU16 {
    NonZeroU16::new(width).unwrap_or(NonZeroU16::new(80).expect("not zero"))
}
