//! Width, judged by terminals nobody here wrote: the cursor of tmux and of pyte stands where our width says, and where a
//! terminal counts otherwise, a frame's rows stand all the same.

#![cfg(unix)]

#[path = "support/aloud.rs"]
mod aloud;
#[path = "support/attacks.rs"]
mod attacks;

use aloud::not_here;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use amlock::domain::{SafeText, width};
use amlock::tui::screen::Screen;
use ratatui::buffer::{Buffer, CellWidth as _};
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation as _;

/// What every terminal must count as we do.
const SURE: &[&str] = &[
    "db-password",
    "비전",
    "日本語 database",
    "ｶﾅ ﾃｽﾄ",
    "データ",
    "𠮷野家",
    "e\u{301} n\u{303} a\u{308}\u{304}",
    "Z\u{334}\u{317}algo",
    "naïve café",
    "λ → ± × ÷ ≈ § °",
    "─│█▀▄ ▲ ▪ › … ⏎ ·",
    "±½¾ №",
    "Ünïcödé",
    "שלום עולם",
    "שָׁלוֹם",
    "مرحبا",
    "لا إله",
    "ไทย น้ำ",
    "हिन्दी",
    "Ελληνικά",
    "Кириллица",
    "각각 한글",
    "ﬁ ﬂ",
    "ｄｂ－ｐａｓｓ",
    "🙂🚀🔑",
    "⠋⠙⠹ ␛␇␊",
    "⟨U+202E⟩x",
    "\u{a0}\u{2003}x\u{3000}y",
];

/// What terminals count each in their own way: emoji that are several characters, jamo that stand alone.
const UNSURE: &[&str] = &[
    "👩\u{200d}💻",
    "👨\u{200d}👩\u{200d}👧\u{200d}👦",
    "❤\u{fe0f}",
    "☎\u{fe0e}",
    "🏳\u{fe0f}\u{200d}🌈",
    "👍🏽",
    "🇰🇷🇩🇪",
    "1\u{fe0f}\u{20e3}",
    "⚠\u{fe0f} hot",
    "각",
    "ᄒ ᅡ ᆫ",
    "ｶﾞ ﾊﾟ",
    "က္က",
    "𓀀",
    "🫠",
    "﷽",
    "⸻",
    "Ⓜ ①",
];

/// One row of a frame: the text, a mark right behind it, and one at the row's end.
fn frame(rows: &[String]) -> Buffer {
    let height = u16::try_from(rows.len()).expect("few");
    let mut buffer = Buffer::empty(Rect::new(0, 0, 80, height));
    for (y, text) in (0..height).zip(rows) {
        let mut x = 0;
        for cluster in text.graphemes(true).filter(|cluster| cluster.cell_width() > 0).chain(["|"]) {
            if x < 70 {
                buffer[(x, y)].set_symbol(cluster);
            }
            x += cluster.cell_width();
        }
        buffer[(79, y)].set_symbol("#");
    }
    buffer
}

/// The frame, and then a blank where each mark must stand: if a row slipped, its mark is still there.
fn wiped(rows: &[String]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut screen = Screen::default();
    screen.show(&frame(rows), None, &mut bytes);
    // A second frame, so that what is changed beside an unsure character is seen, too.
    let mut changed = frame(rows);
    for y in 0..changed.area.height {
        changed[(78, y)].set_symbol("+");
    }
    screen.show(&changed, None, &mut bytes);
    for (y, text) in rows.iter().enumerate() {
        let column = text.graphemes(true).map(|cluster| usize::from(cluster.cell_width())).sum::<usize>();
        let row = y + 1;
        let _ = write!(bytes, "\x1b[{row};{}H \x1b[{row};79H  ", column + 1);
    }
    bytes
}

fn corpus(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| SafeText::of(text).into_owned()).collect()
}

/// What the attacks look like once they are clean, short enough for a row.
fn cleaned() -> Vec<String> {
    let head = |text: String| {
        let mut out = String::new();
        for cluster in text.graphemes(true) {
            if width(&out) + width(cluster) <= 60 {
                out.push_str(cluster);
            }
        }
        out
    };
    attacks::attacks()
        .iter()
        .map(|attack| head(SafeText::of(attack).into_owned()))
        .filter(|text| !text.contains('👩'))
        .collect()
}

/// A tmux of our own with an empty pane.
struct Tmux {
    socket: String,
    pane: File,
}

impl Tmux {
    fn start() -> Option<Self> {
        let socket = format!("amlock-widths-{}-{}", std::process::id(), uuid::Uuid::new_v4());
        Command::new("tmux").arg("-V").output().ok()?;
        let run = |arguments: &[&str]| tmux(&socket, arguments);
        run(&["-u", "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "50", "stty raw -echo; sleep 600"]);
        let tty = run(&["display-message", "-p", "#{pane_tty}"]);
        let pane = OpenOptions::new().read(true).write(true).open(tty.trim()).expect("its terminal");
        let mut tmux = Self { socket, pane };
        // The pane's shell has to have made it raw before the answer to a question can be read.
        while !Command::new("stty")
            .arg("-F")
            .arg(tty.trim())
            .output()
            .is_ok_and(|modes| String::from_utf8_lossy(&modes.stdout).contains("-icanon"))
        {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        tmux.column("");
        Some(tmux)
    }

    /// Writes `text` from the first column on, and says in which column the cursor stands then.
    fn column(&mut self, text: &str) -> usize {
        self.write(format!("\x1b[H\x1b[2J{text}").as_bytes())
    }

    /// Writes, and waits until all of it was taken in.
    fn write(&mut self, bytes: &[u8]) -> usize {
        self.pane.write_all(bytes).and_then(|()| self.pane.write_all(b"\x1b[6n")).expect("written");
        let mut answer = Vec::new();
        let mut byte = [0];
        while byte[0] != b'R' {
            self.pane.read_exact(&mut byte).expect("an answer");
            answer.push(byte[0]);
        }
        let answer = String::from_utf8(answer).expect("ASCII");
        let column = answer.trim_end_matches('R').rsplit(';').next().expect("a column");
        column.parse::<usize>().expect("a number") - 1
    }

    fn run(&self, arguments: &[&str]) -> String {
        tmux(&self.socket, arguments)
    }
}

fn tmux(socket: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("tmux");
    command.args(["-L", socket]).args(arguments).env_remove("TMUX").env("LC_ALL", "C.UTF-8");
    let output = command.output().expect("tmux");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output();
    }
}

/// A Python that has pyte: this machine's, or one below `target` that gets it.
fn python() -> Option<PathBuf> {
    let has = |python: &Path| {
        Command::new(python).args(["-c", "import pyte"]).output().is_ok_and(|output| output.status.success())
    };
    if has(Path::new("python3")) {
        return Some("python3".into());
    }
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pyte");
    let python = venv.join("bin/python");
    if !has(&python) {
        Command::new("python3").args(["-m", "venv"]).arg(&venv).output().ok()?;
        Command::new(&python).args(["-m", "pip", "install", "--quiet", "pyte"]).output().ok()?;
    }
    has(&python).then_some(python)
}

/// Lets pyte take each of `inputs` on a screen of its own; gives the cursor's column and the screen's text for each.
fn pyte(python: &Path, inputs: &[Vec<u8>]) -> Vec<(Option<usize>, Vec<String>)> {
    const SCRIPT: &str = "
import json, sys, unicodedata, pyte
from wcwidth import wcwidth
out = []
for data in json.load(sys.stdin):
    screen = pyte.Screen(80, 50)
    pyte.ByteStream(screen).feed(bytes(data))
    # pyte leaves the rest of a text away behind a mark without a combining class: of those it says nothing.
    text = bytes(data).decode()
    whole = all(wcwidth(c) != 0 or unicodedata.combining(c) for c in text if c.isprintable())
    out.append([screen.cursor.x if whole else None, list(screen.display)])
json.dump(out, sys.stdout)
";
    let mut child =
        Command::new(python).args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(serde_json::to_string(inputs).expect("JSON").as_bytes())
        .expect("written");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_cursor_of_tmux_stands_where_our_width_says() {
    let Some(mut tmux) = Tmux::start() else { return not_here("widths in tmux: there is no tmux") };
    let mut wrong = Vec::new();
    for text in corpus(SURE).into_iter().chain(cleaned()) {
        let (ours, theirs) = (width(&text), tmux.column(&text));
        if ours != theirs {
            wrong.push(format!("{text:?}: we say {ours}, tmux {theirs}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    tmux.column("비전");
    assert_eq!(tmux.run(&["display-message", "-p", "#{cursor_x}"]).trim(), "4", "tmux says the same of itself");
}

#[test]
fn the_cursor_of_pyte_stands_where_our_width_says() {
    let Some(python) = python() else { return not_here("widths in pyte: it cannot be installed") };
    let texts: Vec<String> = corpus(SURE).into_iter().chain(cleaned()).collect();
    let seen = pyte(&python, &texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
    let told: Vec<(&String, usize)> =
        texts.iter().zip(&seen).filter_map(|(text, (theirs, _))| theirs.map(|theirs| (text, theirs))).collect();
    assert!(told.len() + 5 > texts.len(), "it says nothing of too many");
    for (text, theirs) in told {
        assert_eq!(width(text), theirs, "{text:?}");
    }
}

/// All rows, few enough for one screen at a time.
fn screens() -> Vec<Vec<String>> {
    let all: Vec<String> = corpus(SURE).into_iter().chain(corpus(UNSURE)).chain(cleaned()).collect();
    all.chunks(45).map(<[String]>::to_vec).collect()
}

/// The first row in which a mark does not stand where it was wiped out.
fn slipped(shown: &[String], rows: &[String]) -> Option<String> {
    let marked = |text: &str| text.contains(['|', '#', '+']);
    shown.iter().zip(rows).find(|(line, row)| marked(line) && !marked(row)).map(|(line, _)| line.clone())
}

#[test]
fn a_width_that_tmux_counts_otherwise_moves_nothing_else() {
    let Some(mut tmux) = Tmux::start() else { return not_here("rows in tmux: there is no tmux") };
    for rows in screens() {
        tmux.write(&wiped(&rows));
        let shown: Vec<String> = tmux.run(&["capture-pane", "-p"]).lines().map(str::to_owned).collect();
        assert!(shown.len() >= rows.len());
        assert_eq!(slipped(&shown, &rows), None);
    }
}

#[test]
fn a_width_that_pyte_counts_otherwise_moves_nothing_else() {
    let Some(python) = python() else { return not_here("rows in pyte: it cannot be installed") };
    for rows in screens() {
        let (_, shown) = pyte(&python, &[wiped(&rows)]).remove(0);
        assert_eq!(slipped(&shown, &rows), None);
    }
    // Where a row is longer than it says, the judge sees it.
    let (_, shown) = pyte(&python, &[b"abc|\x1b[3G ".to_vec()]).remove(0);
    assert!(slipped(&shown, &["ab".to_owned()]).is_some(), "{:?}", shown[0]);
}
