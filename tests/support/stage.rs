//! A pseudo-terminal with a program in it, and a terminal nobody here wrote (vt100) that shows what it writes.

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use patience::{PATIENCE, Patience};

pub(crate) mod patience;

pub(crate) const CANARY: &str = "canary-8c1f";

/// How often is looked at what tells nobody that it changed: modes, processes.
const GLANCE: Duration = Duration::from_millis(2);

/// Held while a pseudo-terminal is opened or a program started: one that inherits another's line would keep it from
/// hanging up.
static STARTING: Mutex<()> = Mutex::new(());

/// What the program wrote.
struct Heard {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    /// How the reading ended, once it has.
    ended: Option<String>,
}

/// What the program wrote, and the bell that rings when there is more.
struct Ear {
    heard: Mutex<Heard>,
    more: Condvar,
    /// How the terminal reads: one of the next four.
    pace: AtomicU8,
}

/// As fast as it comes.
const AT_ONCE: u8 = 0;
/// Nothing at all.
const STALLED: u8 = 1;
/// About 2 KiB a second.
const SLOW: u8 = 2;
/// Never again.
const CUT: u8 = 3;

/// One program in one terminal.
pub(crate) struct Stage {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn std::io::Write + Send>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    ear: Arc<Ear>,
    reading: Option<JoinHandle<()>>,
    size: (u16, u16),
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
        let starting = STARTING.lock().expect("not poisoned");
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let before = termios(&*pair.master);
        let child = pair.slave.spawn_command(command).expect("a shell");
        drop((pair.slave, starting));
        let parser = vt100::Parser::new(rows(height), columns(width), 1000);
        let heard = Mutex::new(Heard { parser, bytes: Vec::new(), ended: None });
        let ear = Arc::new(Ear { heard, more: Condvar::new(), pace: AtomicU8::new(AT_ONCE) });
        let reader = pair.master.try_clone_reader().expect("a reader");
        let listening = Arc::clone(&ear);
        let reading = Some(std::thread::spawn(move || listening.listen(reader)));
        let writer = Some(pair.master.take_writer().expect("a writer"));
        Self { master: Some(pair.master), writer, child, ear, reading, size: (width, height), before, end: None }
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
        self.size = (width, height);
    }

    /// Stops reading what the program writes.
    pub(crate) fn stall(&self) {
        self.ear.pace.store(STALLED, Ordering::SeqCst);
    }

    /// Reads like a slow line.
    pub(crate) fn slow_down(&self) {
        self.ear.pace.store(SLOW, Ordering::SeqCst);
    }

    pub(crate) fn go_on(&self) {
        self.ear.pace.store(AT_ONCE, Ordering::SeqCst);
    }

    /// The connection breaks, in the middle of a frame; when it did.
    pub(crate) fn hang_up(&mut self) -> Instant {
        // The reading thread holds the line too, until one more thing is read: the frame of another size.
        self.ear.pace.store(CUT, Ordering::SeqCst);
        self.resize(self.size.0 + 1, self.size.1);
        self.reading.take().expect("hung up once").join().expect("read");
        self.writer = None;
        self.master = None;
        Instant::now()
    }

    pub(crate) fn wait_for(&self, text: &str) {
        self.until(&format!("{text:?} on the screen"), || self.shows(text));
    }

    pub(crate) fn shows(&self, text: &str) -> bool {
        self.heard().parser.screen().contents().contains(text)
    }

    pub(crate) fn wait_for_bytes(&self, bytes: &[u8]) {
        self.until(&format!("{bytes:?}"), || self.heard().bytes.windows(bytes.len()).any(|window| window == bytes));
    }

    pub(crate) fn wait_for_cooked(&self) {
        self.until("cooked mode", || !self.is_raw());
    }

    /// To the process that was started: the probe when it is alone.
    pub(crate) fn signal(&self, name: &str) {
        kill(name, self.process());
    }

    /// To the probe under a shell.
    pub(crate) fn signal_probe(&self, name: &str) {
        kill_children(name, self.process());
    }

    /// The process that was started.
    pub(crate) fn process(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// The job that the terminal listens to.
    pub(crate) fn job_in_front(&self) -> u32 {
        self.master().process_group_leader().and_then(|job| u32::try_from(job).ok()).expect("a job in front")
    }

    pub(crate) fn probe_is_stopped(&self) -> bool {
        self.probe_states().all(|state| state == 'T')
    }

    pub(crate) fn probe_is_gone(&self) -> bool {
        self.probe_states().all(|state| state == 'Z')
    }

    fn probe_states(&self) -> impl Iterator<Item = char> {
        children(self.process()).into_iter().filter_map(state)
    }

    /// How the program ended.
    pub(crate) fn end(&mut self) -> String {
        self.end_within(PATIENCE)
    }

    pub(crate) fn end_within(&mut self, limit: Duration) -> String {
        let mut patience = Patience::of(limit);
        while self.end.is_none() {
            if let Some(status) = self.child.try_wait().expect("waited") {
                let text = status.signal().map_or_else(|| format!("status {}", status.exit_code()), str::to_owned);
                self.end = Some(text);
                break;
            }
            assert!(patience.lasts(), "still running after {limit:?}:\n{}", self.screen().contents());
            std::thread::sleep(GLANCE);
        }
        self.end.clone().expect("just set")
    }

    /// Nothing that was started here runs any more.
    pub(crate) fn nobody_is_left(&self) {
        loop {
            let left = in_session(self.process());
            if left.is_empty() {
                return;
            }
            let gone = |process: &u32| state(*process).is_none_or(|state| state == 'Z');
            self.until("an empty session", || left.iter().all(gone));
        }
    }

    pub(crate) fn is_raw(&self) -> bool {
        termios(self.master()) != self.before
    }

    /// The terminal is as it was, and nothing that was shown is left.
    pub(crate) fn is_as_before(&self) {
        self.is_as_before_without(&[CANARY]);
        self.left_nothing_behind();
    }

    /// Where the alternate screen is none, what counts is that it was erased before it was left, and has no margins.
    pub(crate) fn left_nothing_behind(&self) {
        let bytes = self.everything();
        let sequences = sequences(&bytes).collect::<Vec<_>>();
        let margins = sequences.iter().rev().find(|(_, sequence)| sequence.ends_with(b"r"));
        assert!(margins.is_none_or(|(_, sequence)| *sequence == b"r"), "the margins are the whole screen again");
        if let Some((leave, _)) = sequences.iter().rev().find(|(_, sequence)| *sequence == b"?1049l") {
            let erased = bytes[..*leave].ends_with(b"\x1b[m\x1b[999;999H\x1b[1J\x1b[H\x1b[?25h");
            assert!(erased, "erased before it is left");
        }
    }

    /// The terminal is as it was: its modes, its own screen, its cursor; nothing that we turned on is on, and none of
    /// `values` is left, neither on the screen nor above it, nor was any written after the screen was left.
    pub(crate) fn is_as_before_without(&self, values: &[&str]) {
        self.until("a restored terminal", || {
            let heard = self.heard();
            let screen = heard.parser.screen();
            let keys = screen.application_cursor() || screen.application_keypad() || screen.bracketed_paste();
            !screen.alternate_screen() && !screen.hide_cursor() && !keys && termios(self.master()) == self.before
        });
        let mut screen = self.screen();
        let bytes = self.everything();
        let sequences = sequences(&bytes).collect::<Vec<_>>();
        let last = |wanted: &str| sequences.iter().rposition(|(_, sequence)| *sequence == wanted.as_bytes());
        let left = last("?1049l").map(|last| sequences[last].0);
        let after = String::from_utf8_lossy(&bytes[left.unwrap_or(0)..]).into_owned();
        for value in values {
            for back in [0, 1000] {
                screen.set_scrollback(back);
                assert!(!screen.contents().contains(value), "{value:?} is left:\n{}", screen.contents());
            }
            assert!(left.is_none() || !after.contains(value), "{value:?} was written to the shell's screen");
        }
        for mode in ["1004", "2026", "2004", "1049"] {
            assert!(last(&format!("?{mode}l")) >= last(&format!("?{mode}h")), "mode {mode} stays on");
        }
        for mode in ["9", "1000", "1001", "1002", "1003", "1005", "1006", "1015", "1016"] {
            assert_eq!(last(&format!("?{mode}h")), None, "the mouse is the terminal's own");
        }
        let asks_for_keys = |sequence: &[u8]| sequence.ends_with(b"u") && matches!(sequence[0], b'>' | b'=');
        let asked = sequences.iter().find(|(_, sequence)| asks_for_keys(sequence));
        assert_eq!(asked, None, "keys are reported as the terminal does");
    }

    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let mut patience = Patience::of(PATIENCE);
        while !holds() {
            assert!(patience.lasts(), "waited in vain for {what}; there is:\n{}", self.all_there_is());
            // More of what it writes wakes us at once; what tells nobody is looked at now and then.
            drop(self.ear.more.wait_timeout(self.heard(), GLANCE * 10).expect("not poisoned"));
        }
    }

    /// For whoever must find out why: the screen, the last bytes, and where the kernel says that each process waits.
    fn all_there_is(&self) -> String {
        let bytes = self.everything();
        let last = bytes[bytes.len().saturating_sub(400)..].escape_ascii();
        let about = |process: &u32| {
            let read = |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
            let told = read("status");
            let told =
                told.lines().filter(|line| line.starts_with("Sig") || line.starts_with("State")).collect::<Vec<_>>();
            format!("{process}: {} at {}; {}", read("stat").trim(), read("wchan"), told.join(" "))
        };
        let processes = in_session(self.process()).iter().map(about).collect::<Vec<_>>().join("\n");
        let ended = self.heard().ended.clone();
        format!("{}\nlast bytes: {last}\nreading: {ended:?}\nprocesses:\n{processes}", self.screen().contents())
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.ear.heard.lock().expect("not poisoned")
    }

    fn master(&self) -> &(dyn MasterPty + Send) {
        self.master.as_deref().expect("not hung up")
    }
}

impl Ear {
    fn listen(&self, mut reader: Box<dyn std::io::Read + Send>) {
        let mut buffer = [0; 4096];
        loop {
            let pace = self.pace.load(Ordering::SeqCst);
            match pace {
                CUT => return,
                STALLED => {
                    std::thread::sleep(GLANCE);
                    continue;
                }
                _ => {}
            }
            let most = if pace == SLOW { 64 } else { buffer.len() };
            let count = match reader.read(&mut buffer[..most]) {
                Ok(count @ 1..) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                ended => {
                    self.heard.lock().expect("not poisoned").ended = Some(format!("{ended:?}"));
                    return;
                }
            };
            if self.pace.load(Ordering::SeqCst) == SLOW {
                std::thread::sleep(Duration::from_secs(1) * u32::try_from(count).expect("small") / 2048);
            }
            let mut heard = self.heard.lock().expect("not poisoned");
            heard.bytes.extend_from_slice(&buffer[..count]);
            heard.parser.process(&buffer[..count]);
            drop(heard);
            self.more.notify_all();
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// Every `ESC [ …` to its last letter, without these two, and where it begins.
fn sequences(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let starts = (0..bytes.len().saturating_sub(1)).filter(|at| bytes[*at] == 0x1b && bytes[at + 1] == b'[');
    starts.filter_map(|at| {
        let length = bytes[at + 2..].iter().position(|byte| matches!(byte, 0x40..=0x7e))?;
        Some((at, &bytes[at + 2..=at + 2 + length]))
    })
}

/// A tmux server of our own.
pub(crate) struct Tmux(String);

impl Tmux {
    /// With these options and a session that does nothing; none where there is no tmux.
    pub(crate) fn serve(options: &[[&str; 2]]) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::SeqCst);
        let tmux = Self(format!("amlock-test-{}-{count}", std::process::id()));
        Command::new("tmux").arg("-V").output().ok()?;
        tmux.run(&["-f", "/dev/null", "new-session", "-d", "-s", "idle", "sleep 600"]);
        for [name, value] in options {
            tmux.run(&["set-option", "-g", name, value]);
        }
        Some(tmux)
    }

    /// With the probe in the session `probe`.
    pub(crate) fn start(alternate_screen: &str) -> Option<Self> {
        let tmux = Self::serve(&[["alternate-screen", alternate_screen]])?;
        let script = format!("{}; echo over; sleep 600", probe().display());
        tmux.run(&["new-session", "-d", "-s", "probe", "-x", "80", "-y", "24", "sh", "-c", &script]);
        Some(tmux)
    }

    /// What it is called on tmux's command line (`-L`).
    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let starting = STARTING.lock().expect("not poisoned");
        let started = Command::new("tmux")
            .args(["-L", &self.0])
            .args(arguments)
            .env_remove("TMUX")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        drop(starting);
        let output = started.and_then(Child::wait_with_output).expect("tmux");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_in("probe", text);
    }

    /// Until the session shows `text`.
    pub(crate) fn wait_in(&self, session: &str, text: &str) {
        let mut patience = Patience::of(PATIENCE);
        loop {
            let shown = self.run(&["capture-pane", "-p", "-t", session]);
            if shown.contains(text) {
                return;
            }
            assert!(patience.lasts(), "waited in vain for {text:?} in tmux; there is:\n{shown}");
            std::thread::sleep(GLANCE * 20);
        }
    }

    /// All that a session's pane shows, keeps above that, or would show again.
    pub(crate) fn keeps(&self, session: &str) -> String {
        let screen = self.run(&["capture-pane", "-p", "-S", "-", "-t", session]);
        screen + &self.run(&["capture-pane", "-a", "-q", "-p", "-S", "-", "-t", session])
    }

    /// What was copied.
    pub(crate) fn buffers(&self) -> String {
        self.run(&["list-buffers", "-F", "#{buffer_sample}"])
    }

    /// What runs in a session under its shell.
    pub(crate) fn program_in(&self, session: &str) -> u32 {
        let shell = self.run(&["display-message", "-p", "-t", session, "#{pane_pid}"]);
        children(shell.trim().parse().expect("a process"))[0]
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

/// What `parent` has started, as Linux tells.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let listed = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    listed.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// `R`, `S`, `T` (stopped), `Z`; none when it is gone.
pub(crate) fn state(process: u32) -> Option<char> {
    stat(process).and_then(|stat| stat.first()?.chars().next())
}

/// The time that a process has used, in the kernel's ticks.
pub(crate) fn ticks(process: u32) -> u64 {
    ticks_if_alive(process).expect("a living process")
}

/// None once it is dead.
pub(crate) fn ticks_if_alive(process: u32) -> Option<u64> {
    let stat = stat(process).filter(|stat| stat[0] != "Z")?;
    Some(stat[11..13].iter().map(|ticks| ticks.parse::<u64>().expect("a number")).sum())
}

/// The processes of a session that are not dead.
pub(crate) fn in_session(session: u32) -> Vec<u32> {
    let listed = std::fs::read_dir("/proc").expect("Linux").flatten();
    let processes = listed.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let session = session.to_string();
    processes.filter(|process| stat(*process).is_some_and(|stat| stat[3] == session && stat[0] != "Z")).collect()
}

/// `/proc/PROCESS/stat` from the state on; before it stands a name that may hold anything.
fn stat(process: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.split_whitespace().map(str::to_owned).collect())
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

/// Signals a process that may be gone.
pub(crate) fn kill(signal: &str, process: u32) {
    let signal = match signal {
        "TERM" => Signal::TERM,
        "INT" => Signal::INT,
        "HUP" => Signal::HUP,
        "QUIT" => Signal::QUIT,
        "TSTP" => Signal::TSTP,
        "CONT" => Signal::CONT,
        other => panic!("{other} is not used here"),
    };
    let process = i32::try_from(process).ok().and_then(Pid::from_raw).expect("a process");
    let _ = kill_process(process, signal);
}

fn rows(height: u16) -> NonZeroU16 {
    NonZeroU16::new(height).unwrap_or(NonZeroU16::new(24).expect("not zero"))
}

fn columns(width: u16) -> NonZeroU16 {
    NonZeroU16::new(width).unwrap_or(NonZeroU16::new(80).expect("not zero"))
}
