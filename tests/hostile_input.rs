//! What comes in at the keyboard: huge, endless and lying pastes, broken sequences, random bytes; through the machine that
//! reads them, and through the program itself in a real terminal.

#![cfg(unix)]

#[expect(dead_code, reason = "tests/terminal.rs uses the rest of it")]
#[path = "support/stage.rs"]
mod stage;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use amlock::tui::input::{Machine, TermEvent};
use portable_pty::CommandBuilder;
use stage::Stage;

/// Random numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 20).unwrap_or(0) % sides
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.roll(256)).expect("a byte")
    }

    /// Random bytes that look like sequences, often enough to get deep into them.
    fn noise(&mut self) -> u8 {
        match self.roll(8) {
            0 | 1 => 0x1b,
            2..=4 => b"[]OPX^_;:?~<>0123456789mMuRIABDHc\\\x07"[self.roll(35)],
            _ => self.byte(),
        }
    }

    /// A whole sequence that no keyboard sends; letters in it are commands if they get out.
    fn malformed(&mut self) -> Vec<u8> {
        let letters =
            |dice: &mut Self| (0..dice.roll(30)).map(|_| b"qdyxLne/:\rj;0?"[dice.roll(14)]).collect::<Vec<u8>>();
        match self.roll(6) {
            // CSI with a private mark or an intermediate byte: never a key.
            0 => [b"\x1b[<", digits(self).as_slice(), b"M"].concat(),
            1 => [b"\x1b[=", digits(self).as_slice(), b"q"].concat(),
            2 => [b"\x1b[", digits(self).as_slice(), b"$y"].concat(),
            // Strings with commands inside.
            3 => [b"\x1b]52;c;", letters(self).as_slice(), b"\x07"].concat(),
            4 => [b"\x1bP", letters(self).as_slice(), b"\x1b\\"].concat(),
            _ => [b"\x1b_", letters(self).as_slice(), b"\x1b\\"].concat(),
        }
    }
}

fn digits(dice: &mut Dice) -> Vec<u8> {
    (0..=dice.roll(12)).map(|_| b"0123456789;"[dice.roll(11)]).collect()
}

#[test]
fn no_random_bytes_stop_the_machine_or_get_stuck_in_it() {
    let wanted = std::env::var("AMLOCK_BYTES").ok().and_then(|count| count.parse().ok()).unwrap_or(500_000_usize);
    let (mut machine, mut out, mut dice) = (Machine::default(), Vec::new(), Dice(11));
    let start = Instant::now();
    for round in 0..wanted / 1000 {
        let bytes: Vec<u8> = (0..1000).map(|_| dice.noise()).collect();
        for piece in bytes.chunks(1 + dice.roll(64)) {
            machine.feed(piece, &mut out);
        }
        out.clear();
        machine.idle(&mut out);
        machine.idle(&mut out);
        assert!(machine.patience().is_none() && !machine.is_amid(), "round {round}");
        out.clear();
        machine.feed(b"j", &mut out);
        assert!(matches!(out.as_slice(), [TermEvent::Key(_)]), "round {round}: {out:?}");
        out.clear();
    }
    // Measured: some 20 million bytes a second in a release build.
    assert!(
        start.elapsed() < Duration::from_secs(10 + u64::try_from(wanted / 100_000).expect("small")),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn no_malformed_sequence_is_a_key() {
    let (mut machine, mut out, mut dice) = (Machine::default(), Vec::new(), Dice(5));
    for _ in 0..20_000 {
        let bytes = dice.malformed();
        machine.feed(&bytes, &mut out);
        let harmless = |event: &TermEvent| !matches!(event, TermEvent::Key(_) | TermEvent::Paste(_));
        assert!(out.iter().all(harmless), "{bytes:?}: {out:?}");
        assert!(machine.patience().is_none(), "{bytes:?} is not over");
        out.clear();
    }
}

/// The program in the demo.
struct App {
    stage: Stage,
    home: PathBuf,
}

impl App {
    fn start() -> Self {
        let home = std::env::temp_dir().join(format!("amlock-input-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&home).expect("a home");
        let binary = std::env::var_os("AMLOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_amlock").into());
        let mut command = CommandBuilder::new(binary);
        command.arg("--demo");
        command.env_clear();
        command.cwd(&home);
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "Asia/Seoul")] {
            command.env(name, value);
        }
        command.env("HOME", &home);
        let stage = Stage::run(80, 24, command);
        stage.wait_for(" 148 ");
        stage.wait_for("reveal");
        Self { stage, home }
    }

    fn shown(&self) -> String {
        self.stage.screen().contents()
    }

    /// It hears keys, nothing was opened or changed meanwhile, and it ends as it should.
    fn lives_on(mut self) {
        self.stage.type_keys("?");
        self.stage.wait_for("Keys");
        self.stage.type_keys("\x1b");
        self.stage.wait_for(" 148 ");
        self.stage.wait_for("reveal");
        self.stage.type_keys("q");
        assert_eq!(self.stage.end(), "status 0");
        self.stage.is_as_before();
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

const REFUSED: &str = "paste was not taken";
/// Commands, were they keys: quit, delete and yes, regenerate, hide, out.
const COMMANDS: &str = "q\rdy\rx\rL\x03n\rjj4\t";

fn paste(text: &str) -> String {
    format!("\x1b[200~{text}\x1b[201~")
}

#[test]
fn a_paste_of_megabytes_is_refused_and_none_of_it_is_a_command() {
    for megabytes in [1, 5] {
        let mut app = App::start();
        let text = COMMANDS.repeat(megabytes * 1_000_000 / COMMANDS.len());
        let start = Instant::now();
        app.stage.type_keys(&paste(&text));
        app.stage.wait_for(REFUSED);
        // Required: 300 ms for one megabyte; ten times that, and 5 s for a busy machine.
        assert!(start.elapsed() < Duration::from_secs(5 + 3 * megabytes as u64), "{:?}", start.elapsed());
        app.lives_on();
    }
}

#[test]
fn a_paste_into_a_field_stays_in_the_field() {
    let mut app = App::start();
    app.stage.type_keys("/");
    app.stage.wait_for("keep");
    app.stage.type_keys(&paste(&COMMANDS.repeat(60_000)));
    app.stage.wait_for(REFUSED);
    app.stage.type_keys(&paste("dbpass\rq\rd"));
    app.stage.wait_for("dbpass");
    assert!(app.shown().contains("keep"), "the field is still open: {}", app.shown());
    app.stage.type_keys("\x1b");
    app.stage.until("the field closed", || !app.shown().contains("keep"));
    app.lives_on();
}

#[test]
fn a_paste_in_the_middle_of_a_list_does_nothing_there() {
    let mut app = App::start();
    app.stage.type_keys("jjj");
    app.stage.type_keys(&paste(COMMANDS));
    app.stage.wait_for("Pasted text is not taken here");
    app.lives_on();
}

#[test]
fn a_paste_that_never_ends_is_given_up_and_keys_are_heard_again() {
    let mut app = App::start();
    app.stage.type_keys(&format!("\x1b[200~{COMMANDS}"));
    app.stage.wait_for(REFUSED);
    app.lives_on();
}

#[test]
fn hammering_keys_does_not_keep_a_paste_open_that_never_ends() {
    let mut app = App::start();
    app.stage.type_keys("\x1b[200~abc");
    let begun = Instant::now();
    while !app.stage.screen().contents().contains(REFUSED) {
        assert!(begun.elapsed() < Duration::from_secs(50), "deaf for {:?}", begun.elapsed());
        std::thread::sleep(Duration::from_millis(300));
        // A key that would do nothing, were it heard.
        app.stage.type_keys("\x1b[1;9Z");
    }
    app.lives_on();
}

#[test]
fn a_paste_that_holds_its_own_end_is_refused_whole() {
    for text in ["db\x1b[201~q", "\x1b[201~dy\r", "x\x1b[201~\x1b[200~y\x1b[201~q\r"] {
        let mut app = App::start();
        app.stage.type_keys(&paste(text));
        app.stage.wait_for(REFUSED);
        app.lives_on();
    }
    // The prompt that follows a delete would take a `y`: none came to it.
    let mut app = App::start();
    let long = format!("x\x1b[201~{}", "dy\r".repeat(20_000));
    app.stage.type_keys(&paste(&long));
    app.stage.wait_for(REFUSED);
    app.lives_on();
}

#[test]
fn malformed_sequences_change_nothing_on_the_screen() {
    let mut app = App::start();
    let before = app.shown();
    let (mut dice, mut bytes) = (Dice(3), Vec::new());
    while bytes.len() < 10_000 {
        bytes.extend(dice.malformed());
    }
    app.stage.type_keys(&String::from_utf8(bytes).expect("ASCII"));
    // A key behind all of it says when it was read.
    app.stage.type_keys("/");
    app.stage.wait_for("keep");
    app.stage.type_keys("\x1b");
    app.stage.until("the field closed", || !app.shown().contains("keep"));
    let names = |screen: &str| screen.lines().skip(4).take(10).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(names(&app.shown()), names(&before), "the cursor has not moved, nothing was opened");
    app.lives_on();
}

#[test]
fn random_bytes_leave_a_program_that_ends_as_it_should() {
    for seed in [1, 2, 3] {
        let mut app = App::start();
        let mut dice = Dice(seed);
        // Text, so that it can be typed; not the three keys that leave or stop the program.
        let bytes: Vec<u8> = std::iter::repeat_with(|| dice.noise() & 0x7f)
            .filter(|byte| !matches!(byte, b'q' | 0x03 | 0x1a))
            .take(10_000)
            .collect();
        app.stage.type_keys(&String::from_utf8(bytes).expect("ASCII"));
        // Ends whatever sequence, paste and overlay is open.
        app.stage.type_keys("\x18\x1b\\\x1b[201~");
        let end = Instant::now() + Duration::from_secs(30);
        while !app.shown().contains("keys") && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(50));
        }
        app.stage.type_keys("\x03");
        let ended = app.stage.end_within(Duration::from_secs(30));
        assert!(matches!(ended.as_str(), "status 0" | "status 130"), "{ended}");
        app.stage.is_as_before();
    }
}
