//! The command line on a real terminal: what it asks there, and what it shows only there or never.

use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use patience::{PATIENCE, Patience};

#[expect(dead_code, reason = "what happens many times over uses the rest of it")]
#[path = "support/patience.rs"]
mod patience;

/// The binary on a terminal of 100 by 30.
struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn std::io::Write + Send>,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    fn new(words: &[&str]) -> Self {
        let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let binary = std::env::var_os("AMLOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_amlock").into());
        let mut command = CommandBuilder::new(binary);
        command.args(words);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.cwd(std::env::temp_dir());
        let child = pair.slave.spawn_command(command).expect("it starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let here = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut bytes) {
                here.lock().expect("not poisoned").extend_from_slice(&bytes[..n]);
            }
        });
        Self { master: pair.master, child, keys, seen }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().expect("not poisoned")).into_owned()
    }

    /// Waits until the terminal has shown `words`.
    #[track_caller]
    fn until(&self, words: &str) {
        let mut patience = Patience::of(PATIENCE);
        while !self.text().contains(words) {
            assert!(patience.lasts(), "{words:?} never came: {:?}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("typed");
    }

    /// Waits for the end: the exit code, and all that was shown.
    fn end(mut self) -> (u32, String) {
        let code = self.child.wait().expect("it ends").exit_code();
        std::thread::sleep(Duration::from_millis(100));
        let text = self.text();
        drop(self.master);
        (code, text)
    }
}

const VALUE: &str = "Correct-Horse-Demo-Only-42";
const DEMO: [&str; 3] = ["--demo", "-w", "ws-vision"];

fn demo(words: &[&str]) -> Terminal {
    Terminal::new(&[&DEMO, words].concat())
}

#[test]
fn a_value_is_shown_only_when_it_was_asked_for() {
    for words in [
        ["secret", "get", "db-password"].as_slice(),
        &["secret", "get", "db-password", "--json"],
        &["endpoint", "keys", "churn-online", "--json"],
        &["token"],
    ] {
        let (code, text) = demo(words).end();
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("--reveal shows it here") && !text.contains(VALUE), "{text}");
    }
    let (code, text) = demo(&["secret", "get", "db-password", "--reveal"]).end();
    assert_eq!(code, 0, "{text}");
    assert!(text.contains(&format!("{VALUE}\r\n")), "{text}");
}

#[test]
fn a_hidden_value_never_shows_and_the_terminal_is_given_back() {
    let mut terminal = demo(&["secret", "set", "typed-one", "--json"]);
    terminal.until("it stays hidden");
    terminal.press("hunter3\x7f2\r");
    let (code, text) = terminal.end();
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("7 bytes, 1 line") && text.contains("typed-one"), "{text}");
    assert!(!text.contains("hunter"), "{text}");
    assert!(text.contains("\x1b[?2004h") && text.contains("\x1b[?2004l"), "{text:?}");
}

#[test]
fn a_paste_keeps_its_lines_and_loose_lines_go_to_nobody() {
    let mut terminal = demo(&["secret", "set", "pasted", "--json"]);
    terminal.until("it stays hidden");
    terminal.press("\x1b[200~-----BEGIN\rhunter2\r-----END\r\x1b[201~\r");
    let (code, text) = terminal.end();
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("3 lines") && !text.contains("hunter2"), "{text}");

    // A terminal that does not mark pastes: what follows the first line would be the shell's next command.
    let mut terminal = demo(&["secret", "set", "pasted"]);
    terminal.until("it stays hidden");
    terminal.press("-----BEGIN\rhunter2\r-----END\r");
    let (code, text) = terminal.end();
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("--file FILE keeps a value of several lines") && !text.contains("hunter2"), "{text}");
}

#[test]
fn ctrl_c_leaves_the_prompt_and_sets_nothing() {
    let mut terminal = demo(&["secret", "set", "typed-one"]);
    terminal.until("it stays hidden");
    terminal.press("half\x03");
    let (code, text) = terminal.end();
    assert_eq!(code, 130, "{text}");
    assert!(text.contains("\x1b[?2004l") && !text.contains("half"), "{text}");
}

#[test]
fn deleting_asks_for_a_yes_and_purging_for_the_name() {
    let mut terminal = demo(&["secret", "delete", "db-password"]);
    terminal.until("[y/N]");
    terminal.press("\r");
    let (code, text) = terminal.end();
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("nothing was changed"), "{text}");

    let mut terminal = demo(&["secret", "delete", "db-password"]);
    terminal.until("[y/N]");
    terminal.press("y\r");
    let (code, text) = terminal.end();
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("recoveryId"), "{text}");

    let mut terminal = demo(&["endpoint", "regenerate", "churn-online", "--key", "primary"]);
    terminal.until("type churn-online:");
    terminal.press("churn-batch\r");
    let (code, text) = terminal.end();
    assert_eq!(code, 1, "{text}");
}

#[test]
fn production_is_said_and_its_name_typed() {
    let mut terminal = Terminal::new(&["--demo", "-w", "ws-fraud", "secret", "set", "fraud-x"]);
    terminal.until("type fraud-x:");
    assert!(terminal.text().contains("ws-fraud is PRODUCTION."), "{}", terminal.text());
    terminal.press("\r");
    assert_eq!(terminal.end().0, 1);
}

#[test]
fn no_input_asks_nothing_on_a_terminal_either() {
    let (code, text) = demo(&["--no-input", "secret", "delete", "db-password"]).end();
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("--yes confirms it"), "{text}");
}

#[test]
fn rows_fit_the_terminal_and_progress_leaves_no_trace() {
    let (code, text) = demo(&["secret", "list"]).end();
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("listing the secrets of kv-vision"), "{text}");
    // What stands there in the end, as a terminal nobody here wrote sees it.
    let size = |cells| std::num::NonZero::new(cells).expect("a size");
    let mut screen = vt100::Parser::new(size(400), size(100), 0);
    screen.process(text.as_bytes());
    let shown = screen.screen().contents();
    assert!(shown.starts_with("NAME") && !shown.contains("listing"), "{shown}");
    let names = shown.lines().filter(|line| line.contains('…')).count();
    assert!(names >= 1, "the longest name is cut: {shown}");
    assert!(shown.lines().count() < 200, "a row took two lines");
}

#[test]
fn a_table_of_values_has_a_bold_head_and_no_code_as_text() {
    let (code, text) = demo(&["secret", "get", "db-password", "db-user", "-o", "table", "--reveal"]).end();
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("\x1b[1m") && !text.contains('␛') && text.contains(VALUE), "{text:?}");
}
