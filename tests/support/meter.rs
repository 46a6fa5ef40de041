//! Measures a program from the terminal's side of the line: when its bytes came, how many, what they changed, and what the
//! kernel counted meanwhile.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// What large frames begin and end with (mode 2026).
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// One program in one terminal.
pub(crate) struct Meter {
    /// When it had been started.
    pub(crate) begun: Instant,
    /// All bytes that came.
    pub(crate) bytes: usize,
    /// All frames that were large enough to say where they begin and end.
    pub(crate) frames: usize,
    parser: vt100::Parser,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn std::io::Write + Send>,
    chunks: Receiver<(Instant, Vec<u8>)>,
    /// Frames after the one a stroke told of, not yet taken in.
    ahead: Vec<u8>,
    home: PathBuf,
    _master: Box<dyn MasterPty + Send>,
}

/// What one key cost.
pub(crate) struct Stroke {
    /// From its being typed to the last byte of its frame.
    pub(crate) took: Duration,
    pub(crate) bytes: usize,
}

/// What the kernel counted of all threads of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) cpu: Duration,
    /// How often a thread gave up its processor by itself: it waited, and was woken again.
    pub(crate) waits: u64,
}

/// What a process wrote to anybody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    writes: u64,
    /// The bytes that did not go to the terminal.
    elsewhere: u64,
}

impl Written {
    /// How often something was written to the terminal since: all writes but those by which threads wake each other, eight
    /// bytes each.
    pub(crate) fn since(self, before: Self) -> u64 {
        let to_each_other = self.elsewhere - before.elsewhere;
        assert_eq!(to_each_other % 8, 0, "{before:?}, {self:?}");
        self.writes - before.writes - to_each_other / 8
    }
}

impl Meter {
    /// Starts `words` in an empty home.
    pub(crate) fn start(words: &[OsString], (width, height): (u16, u16)) -> Self {
        let home = std::env::temp_dir().join(format!("amlock-meter-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&home).expect("a home");
        let mut command = CommandBuilder::from_argv(words.to_vec());
        command.env_clear();
        command.cwd(&home);
        command.env("HOME", &home);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "Asia/Seoul")] {
            command.env(name, value);
        }
        let size = PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let (came, chunks) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if came.send((Instant::now(), buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        let cells = |count: u16| NonZeroU16::new(count).expect("not zero");
        let parser = vt100::Parser::new(cells(height), cells(width), 0);
        // Done when the new program has begun: making a process out of this one costs more than a small program's first frame.
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let begun = Instant::now();
        drop(pair.slave);
        Self {
            begun,
            bytes: 0,
            frames: 0,
            parser,
            child,
            writer,
            chunks,
            ahead: Vec::new(),
            home,
            _master: pair.master,
        }
    }

    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    pub(crate) fn type_keys(&mut self, keys: &str) -> Instant {
        let typed = Instant::now();
        self.writer.write_all(keys.as_bytes()).expect("typed");
        typed
    }

    fn take_in(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        self.frames += bytes.windows(BEGIN.len()).filter(|&window| window == BEGIN).count();
        self.parser.process(bytes);
    }

    /// Takes in one chunk; when it came.
    fn chunk(&mut self, patience: Duration) -> Option<Instant> {
        let ahead = std::mem::take(&mut self.ahead);
        self.take_in(&ahead);
        match self.chunks.recv_timeout(patience) {
            Ok((at, bytes)) => {
                self.take_in(&bytes);
                Some(at)
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }

    /// When the screen first showed `text`.
    pub(crate) fn see(&mut self, text: &str) -> Instant {
        self.when(|screen| screen.contents().contains(text))
            .unwrap_or_else(|| panic!("waited in vain for {text:?}; there is:\n{}", self.screen().contents()))
    }

    /// When these bytes first had come. Another frame may cover what they showed in the same moment.
    pub(crate) fn hear(&mut self, sought: &str) -> Instant {
        let mut heard = Vec::new();
        loop {
            let (at, bytes) = self.chunks.recv_timeout(Duration::from_secs(20)).expect("it says something");
            self.take_in(&bytes);
            heard.extend_from_slice(&bytes);
            if find(&heard, sought.as_bytes()).is_some() {
                return at;
            }
        }
    }

    /// When the screen first was as wanted; it is waited for up to three minutes.
    pub(crate) fn when(&mut self, mut wanted: impl FnMut(&vt100::Screen) -> bool) -> Option<Instant> {
        let deadline = Instant::now() + Duration::from_mins(3);
        let mut last = self.begun;
        while !wanted(self.screen()) {
            if Instant::now() > deadline {
                return None;
            }
            last = self.chunk(Duration::from_secs(1)).unwrap_or(last);
        }
        Some(last)
    }

    /// Waits until nothing has come for so long.
    pub(crate) fn rest(&mut self, quiet: Duration) {
        while self.chunk(quiet).is_some() {}
    }

    /// Types a key and waits for its frame. What follows it at once, as the details do on a busy machine, is another frame where
    /// either is large enough to say where it begins; else it is counted, too.
    pub(crate) fn stroke(&mut self, key: &str) -> Stroke {
        self.rest(Duration::ZERO);
        let typed = self.type_keys(key);
        let (mut at, mut bytes) = self.chunks.recv_timeout(Duration::from_secs(20)).expect("a key is answered");
        loop {
            let whole = match (find(&bytes, BEGIN), find(&bytes, END)) {
                (Some(0), Some(end)) => end + END.len(),
                (Some(0), None) => usize::MAX,
                (Some(begin), _) => begin,
                (None, _) => bytes.len(),
            };
            if whole <= bytes.len() {
                self.ahead = bytes.split_off(whole);
                self.take_in(&bytes);
                return Stroke { took: at.saturating_duration_since(typed), bytes: bytes.len() };
            }
            let (later, more) = self.chunks.recv_timeout(Duration::from_secs(20)).expect("a frame ends");
            (at, bytes) = (later, [bytes, more].concat());
        }
    }

    /// Resident memory in bytes.
    pub(crate) fn resident(&self) -> u64 {
        number(&self.file("status"), "VmRSS:") * 1024
    }

    pub(crate) fn counted(&self) -> Counted {
        let mut counted = Counted { cpu: Duration::ZERO, waits: 0 };
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.pid())).expect("its threads").flatten() {
            let read = |file: &str| std::fs::read_to_string(thread.path().join(file)).unwrap_or_default();
            counted.waits += number(&read("status"), "voluntary_ctxt_switches:");
            let nanoseconds = read("schedstat").split_whitespace().next().and_then(|text| text.parse().ok());
            counted.cpu += Duration::from_nanos(nanoseconds.unwrap_or_default());
        }
        counted
    }

    /// What was written so far. Only root may look into a process that cannot be watched.
    pub(crate) fn written(&self) -> Option<Written> {
        let counts = std::fs::read_to_string(format!("/proc/{}/io", self.pid())).ok()?;
        let bytes = u64::try_from(self.bytes).expect("few");
        Some(Written { writes: number(&counts, "syscw:"), elsewhere: number(&counts, "wchar:") - bytes })
    }

    /// Sends a signal; how long the process then lived.
    pub(crate) fn end_by(&mut self, signal: rustix::process::Signal) -> Duration {
        let pid = i32::try_from(self.pid()).ok().and_then(rustix::process::Pid::from_raw).expect("a process");
        let sent = Instant::now();
        rustix::process::kill_process(pid, signal).expect("signalled");
        self.child.wait().expect("ended");
        sent.elapsed()
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.pid())).expect("it runs")
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

fn find(bytes: &[u8], sought: &[u8]) -> Option<usize> {
    bytes.windows(sought.len()).position(|window| window == sought)
}

fn number(text: &str, label: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(label)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The fewest bytes that make `before` look like `after` cell by cell, reckoned from the two pictures alone: what every changed
/// cell's text takes (what is blank to the row's end may be erased), the shortest way from one run of them to the next (by
/// address, relative, or over cells that are already right), and the shortest change of looks between two that differ. Nothing
/// is scrolled, and no character's width is doubted.
pub(crate) fn smallest_diff(before: &vt100::Screen, after: &vt100::Screen) -> usize {
    let (height, width) = (after.size().0.get(), after.size().1.get());
    let mut total = 0;
    let mut pen: Option<Look> = None;
    let mut at: Option<(u16, u16)> = None;
    for y in 0..height {
        let cell = |screen: &vt100::Screen, x: u16| Shown::of(screen, x, y);
        let end = (0..width).rev().find(|&x| !cell(after, x).is_void()).map_or(0, |last| last + 1);
        for x in 0..width {
            let new = cell(after, x);
            if new == cell(before, x) || new.text.is_empty() {
                continue;
            }
            let to_erase = (x..width).filter(|&x| !cell(before, x).is_void()).count();
            total += match at {
                Some((from, row)) if row == y && from <= x => {
                    let over = (from..x).map(|x| cell(after, x)).collect::<Vec<_>>();
                    let right = over.iter().all(|cell| cell.is_void() || Some(cell.look) == pen);
                    let over: usize = over.iter().map(|cell| cell.text.len()).sum();
                    let jump = if x == from { 0 } else { step(x - from) };
                    if right { jump.min(over) } else { jump }
                }
                Some((_, row)) if row + 1 == y => (2 + if x == 0 { 0 } else { step(x) }).min(address(x, y)),
                _ => address(x, y),
            };
            if x >= end && to_erase > 3 {
                total += 3;
                at = Some((x, y));
                break;
            }
            if !new.is_void() || new.look.shows_on_blanks() {
                total += pen.map_or(3, |pen| pen.change(new.look));
                pen = Some(new.look);
            }
            total += new.text.len();
            at = Some((x + new.cells, y));
        }
    }
    total
}

fn address(x: u16, y: u16) -> usize {
    let digits = |number: u16| number.to_string().len();
    if x == 0 { 3 + digits(y + 1) } else { 4 + digits(x + 1) + digits(y + 1) }
}

fn step(cells: u16) -> usize {
    if cells == 1 { 3 } else { 3 + cells.to_string().len() }
}

#[derive(PartialEq)]
struct Shown {
    text: String,
    cells: u16,
    look: Look,
}

#[derive(Clone, Copy, PartialEq)]
struct Look {
    fg: vt100::Color,
    bg: vt100::Color,
    flags: [bool; 5],
}

impl Shown {
    fn of(screen: &vt100::Screen, x: u16, y: u16) -> Self {
        let cell = screen.cell(y, x).expect("a cell");
        let text = match cell.contents() {
            _ if cell.is_wide_continuation() => String::new(),
            "" => " ".to_owned(),
            text => text.to_owned(),
        };
        let flags = [cell.underline(), cell.inverse(), cell.bold(), cell.dim(), cell.italic()];
        let mut look = Look { fg: cell.fgcolor(), bg: cell.bgcolor(), flags };
        if text == " " && !look.shows_on_blanks() {
            look = Look { fg: vt100::Color::Default, bg: vt100::Color::Default, flags: [false; 5] };
        }
        Self { text, cells: if cell.is_wide() { 2 } else { 1 }, look }
    }

    fn is_void(&self) -> bool {
        self.text == " " && !self.look.shows_on_blanks()
    }
}

impl Look {
    fn shows_on_blanks(self) -> bool {
        self.bg != vt100::Color::Default || self.flags[0] || self.flags[1]
    }

    fn change(self, to: Self) -> usize {
        let colour = |from, to, plain: usize| match to {
            to if to == from => 0,
            vt100::Color::Default => plain,
            vt100::Color::Idx(index) if index < 16 => 3,
            vt100::Color::Idx(index) => 6 + index.to_string().len(),
            vt100::Color::Rgb(r, g, b) => 8 + [r, g, b].map(|part| part.to_string().len()).iter().sum::<usize>(),
        };
        // Each code with the `;` or the letter after it; `ESC [` comes first.
        let flag = |(from, to): (&bool, &bool)| usize::from(from != to) * if *to { 2 } else { 3 };
        let codes = |from: Self| {
            let colours = colour(from.fg, to.fg, 3) + colour(from.bg, to.bg, 3);
            colours + from.flags.iter().zip(&to.flags).map(flag).sum::<usize>()
        };
        let plain = Self { fg: vt100::Color::Default, bg: vt100::Color::Default, flags: [false; 5] };
        match codes(self) {
            0 => 0,
            onwards => 2 + onwards.min(1 + codes(plain)),
        }
    }
}
