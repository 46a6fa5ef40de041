//! Input as terminals send it, whole, in pieces, and broken.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;
use crate::tui::input::PASTE_LIMIT;

const NONE: KeyModifiers = KeyModifiers::NONE;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const ALT: KeyModifiers = KeyModifiers::ALT;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;

/// Events as text that can be compared; only tests may look into them.
fn tell(event: &TermEvent) -> String {
    match event {
        TermEvent::Key(key) => format!("{:?} {:?}", key.code, key.modifiers),
        TermEvent::Paste(text) => format!("paste {:?}", text.unseal()),
        other => format!("{other:?}"),
    }
}

fn feed(bytes: &[u8]) -> Vec<String> {
    let (mut machine, mut out) = (Machine::default(), Vec::new());
    machine.feed(bytes, &mut out);
    assert!(machine.patience().is_none(), "{bytes:?} left something open");
    out.iter().map(tell).collect()
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> String {
    tell(&TermEvent::Key(KeyEvent::new(code, modifiers).into()))
}

/// Every form of key we know, and its key.
fn forms() -> Vec<(&'static [u8], KeyCode, KeyModifiers)> {
    use KeyCode::{
        BackTab, Backspace, Char, Delete, Down, End, Enter, Esc, F, Home, Insert, Left, PageDown, PageUp, Right, Tab,
        Up,
    };
    vec![
        (b"j", Char('j'), NONE),
        (b"G", Char('G'), SHIFT),
        (b" ", Char(' '), NONE),
        ("한".as_bytes(), Char('한'), NONE),
        ("é".as_bytes(), Char('é'), NONE),
        ("😀".as_bytes(), Char('😀'), NONE),
        (b"\r", Enter, NONE),
        (b"\t", Tab, NONE),
        (b"\x7f", Backspace, NONE),
        (b"\x08", Backspace, NONE),
        (b"\x03", Char('c'), CTRL),
        (b"\x1a", Char('z'), CTRL),
        (b"\x00", Char(' '), CTRL),
        (b"\x1c", Char('4'), CTRL),
        (b"\x1bx", Char('x'), ALT),
        (b"\x1bX\x1b\\\x1bQ", Char('Q'), ALT | SHIFT),
        ("\x1bж".as_bytes(), Char('ж'), ALT),
        (b"\x1b\x7f", Backspace, ALT),
        (b"\x1b\r", Enter, ALT),
        (b"\x1b\x06", Char('f'), ALT | CTRL),
        (b"\x1b[A", Up, NONE),
        (b"\x1bOB", Down, NONE),
        (b"\x1b[1;5C", Right, CTRL),
        (b"\x1b[1;2D", Left, SHIFT),
        (b"\x1bO5D", Left, CTRL),
        (b"\x1bO1;3A", Up, ALT),
        (b"\x1b[H", Home, NONE),
        (b"\x1bOF", End, NONE),
        (b"\x1b[1~", Home, NONE),
        (b"\x1b[7~", Home, NONE),
        (b"\x1b[8~", End, NONE),
        (b"\x1b[2~", Insert, NONE),
        (b"\x1b[3;5~", Delete, CTRL),
        (b"\x1b[3^", Delete, CTRL),
        (b"\x1b[5~", PageUp, NONE),
        (b"\x1b[6;3~", PageDown, ALT),
        (b"\x1b[Z", BackTab, SHIFT),
        (b"\x1bOP", F(1), NONE),
        (b"\x1b[1;2S", F(4), SHIFT),
        (b"\x1b[[C", F(3), NONE),
        (b"\x1b[11~", F(1), NONE),
        (b"\x1b[15~", F(5), NONE),
        (b"\x1b[17~", F(6), NONE),
        (b"\x1b[21;5~", F(10), CTRL),
        (b"\x1b[24~", F(12), NONE),
        (b"\x1b[34~", F(20), NONE),
        (b"\x1bOM", Enter, NONE),
        (b"\x1bOq", Char('1'), NONE),
        (b"\x1bOk", Char('+'), NONE),
        (b"\x1b[97u", Char('a'), NONE),
        (b"\x1b[97;5u", Char('a'), CTRL),
        (b"\x1b[97;2u", Char('A'), SHIFT),
        (b"\x1b[49:33;2u", Char('!'), SHIFT),
        (b"\x1b[13;2u", Enter, SHIFT),
        (b"\x1b[27u", Esc, NONE),
        (b"\x1b[9;2u", BackTab, SHIFT),
        (b"\x1b[57399u", Char('0'), NONE),
        (b"\x1b[1;1:2A", Up, NONE),
        (b"\x1b[27;5;105~", Char('i'), CTRL),
    ]
}

#[test]
fn every_form_is_its_key() {
    for (bytes, code, modifiers) in forms() {
        assert_eq!(feed(bytes), [key(code, modifiers)], "{bytes:?}");
    }
}

#[test]
fn where_a_sequence_is_cut_does_not_matter() {
    let mut all: Vec<u8> = forms().into_iter().flat_map(|(bytes, ..)| bytes.to_vec()).collect();
    all.extend_from_slice(
        b"\x1b[200~one\x1b[2mtwo\x1b[201~\x1b[I\x1b]11;rgb:1e/20/ff\x07\x1bP>|foot(1.2)\x1b\\\x1b[?62;4c",
    );
    let whole = feed(&all);
    for cut in 0..all.len() {
        let (mut machine, mut out) = (Machine::default(), Vec::new());
        machine.feed(&all[..cut], &mut out);
        machine.feed(&all[cut..], &mut out);
        assert_eq!(out.iter().map(tell).collect::<Vec<_>>(), whole, "cut at {cut}");
    }
    let (mut machine, mut out) = (Machine::default(), Vec::new());
    for byte in &all {
        machine.feed(&[*byte], &mut out);
    }
    assert_eq!(out.iter().map(tell).collect::<Vec<_>>(), whole);
}

#[test]
fn answers_are_answers() {
    let name = |text: &str| format!("Answer(Name({text:?}))");
    assert_eq!(feed(b"\x1b]11;rgb:1e1e/8080/ffff\x1b\\"), ["Answer(Background(30, 128, 255))"]);
    assert_eq!(feed(b"\x1b]11;rgb:f/0/8\x07"), ["Answer(Background(255, 0, 136))"]);
    assert_eq!(feed(b"\x1b]11;#1e20ff\x07"), ["Answer(Background(30, 32, 255))"]);
    assert_eq!(feed(b"\x1bP>|tmux 3.3a\x1b\\"), [name("tmux 3.3a")]);
    assert_eq!(feed(b"\x1bP>|evil\x07\xe2\x80\xaename\x1b\\"), [name("evilname")]);
    assert_eq!(feed(b"\x1b[?62;22;52c"), ["Answer(Attributes(\"62;22;52\"))"]);
    assert_eq!(feed(b"\x1b[I\x1b[O"), ["Focus(true)", "Focus(false)"]);
}

#[test]
fn what_is_not_understood_is_no_key() {
    let nothing: &[&[u8]] = &[
        b"\x1b[12;40R",                // cursor report
        b"\x1b[?1;2y",                 // mode report
        b"\x1b[?7u",                   // kitty flags
        b"\x1b[<0;10;10M\x1b[<0;1;1m", // mouse
        b"\x1b[M !!",                  // old mouse
        b"\x1b[97;1:3u\x1b[1;1:3A",    // keys let go
        b"\x1b]52;c;ZGVsZXRl\x07",     // a clipboard's content
        b"\x1b]11;rgb:zz/00/00\x1b\\",
        b"\x1b]4;1;rgb:e/d/e\x1b\\",
        b"\x1bP1$r0m\x1b\\\x1b_Gi=1;OK\x1b\\\x1b^x\x1b\\",
        b"\x1b[99~\x1b[57441u\x1b[201~",
        b"\x1b[1;2\x18",
        b"\x1bOz",
        b"\xff\xfe\x80\xc0\xaf",
        b"\xc2\x9b",     // an 8-bit control in UTF-8
        b"\xed\xa0\x80", // half of a surrogate pair
    ];
    for bytes in nothing {
        assert_eq!(feed(bytes), Vec::<String>::new(), "{bytes:?}");
    }
    let long = [b"\x1b[".as_slice(), &b"1;".repeat(5000), b"A"].concat();
    assert!(feed(&long).is_empty());
    let endless = [b"\x1b]11;rgb:".as_slice(), &b"0".repeat(5000), b"\x07"].concat();
    assert!(feed(&endless).is_empty());
}

#[test]
fn a_paste_is_one_event_and_escapes_in_it_are_data() {
    assert_eq!(feed(b"\x1b[200~hello\x1b[201~q"), ["paste \"hello\"".to_owned(), key(KeyCode::Char('q'), NONE)]);
    assert_eq!(feed(b"\x1b[200~\x1b\x1b[A\x03\x1b[200~\x1b[201~"), ["paste \"\\u{1b}\\u{1b}[A\\u{3}\\u{1b}[200~\""]);
    assert_eq!(feed(b"\x1b[200~\x1b[201~"), ["paste \"\""]);
    assert_eq!(feed("\x1b[200~비밀\x1b[201~".as_bytes()), ["paste \"비밀\""]);
    assert_eq!(feed(b"\x1b[200~a\xffb\x1b[201~"), ["paste \"a\u{fffd}b\""]);
}

#[test]
fn pasted_lines_end_as_they_were_copied() {
    assert_eq!(feed(b"\x1b[200~a\rb\r\x1b[201~"), ["paste \"a\\nb\\n\""]);
    assert_eq!(feed(b"\x1b[200~a\r\nb\x1b[201~"), ["paste \"a\\r\\nb\""]);
}

#[test]
fn a_paste_beyond_the_limit_is_refused_and_none_of_it_is_a_key() {
    let paste = |size: usize| feed(&[b"\x1b[200~".as_slice(), &vec![b'q'; size], b"\x1b[201~"].concat());
    assert_eq!(paste(PASTE_LIMIT), [format!("paste {:?}", "q".repeat(PASTE_LIMIT))]);
    assert_eq!(paste(PASTE_LIMIT + 1), ["PasteRefused"]);
    assert_eq!(paste(5_000_000), ["PasteRefused"]);
}

#[test]
fn silence_decides_what_is_open() {
    let (mut machine, mut out) = (Machine::default(), Vec::new());
    machine.feed(b"\x1b", &mut out);
    assert!(out.is_empty());
    assert_eq!(machine.patience(), Some(ESCAPE_WAIT));
    machine.idle(&mut out);
    assert_eq!(tell(&out.remove(0)), key(KeyCode::Esc, NONE));

    machine.feed(b"[A", &mut out); // the arrow a slow line cut in two
    assert_eq!(tell(&out.remove(0)), key(KeyCode::Up, NONE));

    machine.feed(b"\x1b[1;", &mut out);
    machine.idle(&mut out);
    machine.feed(b"q", &mut out);
    assert_eq!(out.drain(..).map(|event| tell(&event)).collect::<Vec<_>>(), [key(KeyCode::Char('q'), NONE)]);

    machine.feed(b"\x1b[200~never ends", &mut out);
    assert!(machine.is_amid());
    assert_eq!(machine.patience(), Some(PASTE_WAIT));
    machine.idle(&mut out);
    machine.feed(b"q", &mut out);
    let told: Vec<String> = out.iter().map(tell).collect();
    assert_eq!(told, ["PasteRefused".to_owned(), key(KeyCode::Char('q'), NONE)]);
    assert!(!machine.is_amid());
}

#[test]
fn debug_shows_neither_keys_nor_pastes() {
    let (mut machine, mut out) = (Machine::default(), Vec::new());
    machine.feed(b"h\x1b[200~hunter2\x1b[201~", &mut out);
    assert_eq!(format!("{out:?} {machine:?}"), "[Key, Paste] Machine");
}

#[test]
fn random_bytes_neither_panic_nor_hang_nor_leave_the_machine_stuck() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()[3]
    };
    let (mut machine, mut out) = (Machine::default(), Vec::new());
    for round in 0..200_000 {
        let byte = match random() {
            0..60 => 0x1b, // often enough to get deep
            60..110 => b"[]OP;?:~u0123"[usize::from(random() % 13)],
            _ => random(),
        };
        machine.feed(&[byte], &mut out);
        if round % 977 == 0 {
            machine.idle(&mut out);
        }
        out.clear();
    }
    machine.idle(&mut out);
    machine.idle(&mut out);
    out.clear();
    machine.feed(b"j", &mut out);
    assert_eq!(out.iter().map(tell).collect::<Vec<_>>(), [key(KeyCode::Char('j'), NONE)]);
}
