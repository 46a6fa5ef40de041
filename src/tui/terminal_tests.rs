//! What only a program of its own can show: this test starts itself once more, in a pseudo-terminal.

use std::io::Read as _;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tokio::sync::mpsc::unbounded_channel;

use super::Terminal;

const CHILD: &str = "AMLOCK_TEST_PANICS";

/// The lock on the line is then held by who panics, and nobody will ever give it back.
#[test]
fn a_panic_in_the_middle_of_a_frame_gives_the_terminal_back() {
    if std::env::var_os(CHILD).is_some() {
        let terminal = Terminal::enter(unbounded_channel().0).expect("a terminal");
        let _ = terminal.line.frame(&mut Vec::new(), |_, out| {
            out.extend_from_slice(b"half a frame");
            panic!("canary-8c1f");
        });
    }
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let before = format!("{:?}", pair.master.get_termios());
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this test's path"));
    command.args([
        "--exact",
        "tui::terminal::tests::a_panic_in_the_middle_of_a_frame_gives_the_terminal_back",
        "--nocapture",
    ]);
    command.env("TERM", "xterm");
    command.env(CHILD, "1");
    let mut child = pair.slave.spawn_command(command).expect("this test again");
    drop(pair.slave);
    let mut said = Vec::new();
    let _ = pair.master.try_clone_reader().expect("a reader").read_to_end(&mut said);
    assert_eq!(child.wait().expect("an end").exit_code(), 101);
    assert_eq!(format!("{:?}", pair.master.get_termios()), before);
    let said = String::from_utf8_lossy(&said);
    let (_, after) = said.rsplit_once("\x1b[?1049l").expect("the screen is left");
    assert!(after.starts_with("amlock stopped: internal error at src/tui/terminal_tests.rs:"), "{after}");
    assert!(!said.contains("canary") && !said.contains("half a frame"), "{said}");
}
