//! The line to the terminal: one non-blocking descriptor of our own, one lock for everybody who writes. A terminal that
//! takes nothing (a dead link, a paused pane) blocks nobody, and after the terminal is given back nothing reaches it.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, QueueSelector, Termios};
use zeroize::Zeroize as _;

/// Alternate screen, empty, scrolled as a whole; pastes in brackets; focus told; cursor hidden.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[r\x1b[m\x1b[H\x1b[J\x1b[?2004h\x1b[?1004h\x1b[?25l";
/// The reverse, in the order in which each step is safe: no region of a frame that was cut stays set, and, erased as
/// [`super::screen::ERASE`] does, nothing we showed is left where the alternate screen is not one.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[r\x1b[?2004l\x1b[?1004l\x1b[m\x1b[999;999H\x1b[1J\x1b[H\x1b[?25h\x1b[?1049l";
/// Ends a string (OSC 52) that was cut.
const END_OF_STRING: &[u8] = b"\x1b\\";

/// How long a frame may wait for the terminal; what is left then goes out when the terminal takes it.
const FRAME_WAIT: Duration = Duration::from_millis(50);
/// How long a terminal may take to take the way out; once more when it was made to forget the rest.
const LEAVE_WAIT: Duration = Duration::from_millis(100);
/// How long the way out waits for somebody who draws.
const LOCK_WAIT: Duration = Duration::from_millis(150);

/// Who has the terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// We have.
    Ours,
    /// The shell has, while we are stopped.
    Lent,
    /// The shell has, for good.
    Left,
}

/// How the terminal is given back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To be stopped; we come again.
    Lend,
    /// The ordinary end.
    Quit,
    /// A signal, a panic, a hang-up: what was typed for us must not become a command of the shell.
    Abrupt,
}

/// The shared state of everybody who writes.
struct Writer {
    phase: Phase,
    /// What the terminal has not taken yet.
    tail: Vec<u8>,
    /// A frame was not shown because of that.
    skipped: bool,
    /// Somebody erased the screen since the last frame.
    erased: bool,
}

/// One per process; everybody holds an `Arc` of it.
pub(super) struct Line {
    tty: OwnedFd,
    before: Termios,
    writer: Mutex<Writer>,
    /// Set first on the way out, before the lock: who draws stops at once.
    closed: AtomicBool,
    /// The reader is inside a paste or an answer.
    pub(super) amid: AtomicBool,
    /// A question to the terminal is open.
    pub(super) asked: AtomicBool,
    wake: (PipeReader, PipeWriter),
}

impl Line {
    /// Opens the terminal; changes nothing on it.
    pub(super) fn open() -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        // A description of its own: non-blocking on stdin's would stay with the shell.
        let tty = rustix::fs::open("/dev/tty", flags, Mode::empty())?;
        let before = rustix::termios::tcgetattr(&tty)?;
        let writer = Writer { phase: Phase::Lent, tail: Vec::new(), skipped: false, erased: true };
        let closed = AtomicBool::new(false);
        let (amid, asked) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Self { tty, before, writer: Mutex::new(writer), closed, amid, asked, wake: io::pipe()? })
    }

    /// Takes the terminal: raw mode and our screen. Also when we have it already, after somebody else used it.
    pub(super) fn take(&self) -> io::Result<()> {
        let mut writer = self.lock();
        if writer.phase == Phase::Left {
            return Ok(());
        }
        let mut raw = self.before.clone();
        raw.make_raw();
        rustix::termios::tcsetattr(&self.tty, OptionalActions::Now, &raw)?;
        writer.phase = Phase::Ours;
        writer.erased = true;
        writer.tail.zeroize();
        self.wake();
        self.send(&mut writer, ENTER)
    }

    /// Gives the terminal back, at most once, in bounded time whatever others do.
    pub(super) fn give_back(&self, way: Way) {
        if way != Way::Lend {
            self.closed.store(true, Ordering::SeqCst);
        }
        // A panic while drawing comes here with the lock held by its own thread: after a while go on without it.
        let mut writer = self.lock_within(LOCK_WAIT);
        let phase = writer.as_ref().map_or(Phase::Ours, |writer| writer.phase);
        let cut = writer.as_ref().is_none_or(|writer| !writer.tail.is_empty());
        if let Some(writer) = &mut writer {
            writer.tail.zeroize();
            writer.phase = if way == Way::Lend && phase != Phase::Left { Phase::Lent } else { Phase::Left };
        }
        if phase != Phase::Ours {
            return;
        }
        self.send_leave(cut);
        self.restore_modes(way);
    }

    /// Sends what gives the terminal back. One that takes nothing is relieved of what it has not read of ours, values
    /// among it: then there is room for the way out, and it finds that when it reads again.
    fn send_leave(&self, cut: bool) {
        let whole = [END_OF_STRING, LEAVE].concat();
        let text = if cut { &whole } else { LEAVE };
        let sent = self.push(text, Instant::now() + LEAVE_WAIT, true);
        if !matches!(sent, Ok(sent) if sent == text.len()) {
            let _ = rustix::termios::tcflush(&self.tty, QueueSelector::OFlush);
            let _ = self.push(&whole, Instant::now() + LEAVE_WAIT, true);
        }
    }

    fn restore_modes(&self, way: Way) {
        // In the background the modes are somebody else's, and setting them would stop us on the way out.
        if !self.is_in_front() {
            return;
        }
        // The rest of a paste or an answer would be a command to the shell; what a user typed ahead may stay.
        let unfinished = self.amid.load(Ordering::SeqCst) || self.asked.load(Ordering::SeqCst);
        if way == Way::Abrupt || unfinished {
            let _ = rustix::termios::tcflush(&self.tty, QueueSelector::IFlush);
        }
        let _ = rustix::termios::tcsetattr(&self.tty, OptionalActions::Now, &self.before);
    }

    /// Runs `draw` if a frame can be shown now, and sends what it wrote. `draw` is told whether the screen is empty.
    pub(super) fn frame(&self, out: &mut Vec<u8>, draw: impl FnOnce(bool, &mut Vec<u8>)) -> io::Result<()> {
        let mut writer = self.lock();
        if writer.phase != Phase::Ours {
            return Ok(());
        }
        if !writer.tail.is_empty() {
            self.send(&mut writer, &[])?;
        }
        writer.skipped = !writer.tail.is_empty();
        if writer.skipped {
            return Ok(());
        }
        let erased = std::mem::take(&mut writer.erased);
        draw(erased, out);
        let sent = self.send(&mut writer, out);
        out.zeroize();
        sent
    }

    /// Sends a sequence of ours outside a frame.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut writer = self.lock();
        if writer.phase == Phase::Ours { self.send(&mut writer, bytes) } else { Ok(()) }
    }

    /// What the reader looks out for: nothing while the terminal is lent (what is typed then is the shell's), and room
    /// when something waits for the terminal to take it.
    pub(super) fn interest(&self) -> PollFlags {
        let writer = self.lock();
        match writer.phase {
            Phase::Ours if writer.tail.is_empty() => PollFlags::IN,
            Phase::Ours => PollFlags::IN | PollFlags::OUT,
            Phase::Lent | Phase::Left => PollFlags::empty(),
        }
    }

    /// Whether the terminal listens to our job. Where it cannot tell, it is gone, and waiting would be in vain.
    pub(super) fn is_in_front(&self) -> bool {
        rustix::termios::tcgetpgrp(&self.tty).map_or(true, |front| front == rustix::process::getpgrp())
    }

    /// Sends what waits; true when a frame was skipped meanwhile and one can be shown now.
    pub(super) fn catch_up(&self) -> bool {
        let mut writer = self.lock();
        if writer.phase != Phase::Ours {
            return false;
        }
        let _ = self.send(&mut writer, &[]);
        writer.tail.is_empty() && std::mem::take(&mut writer.skipped)
    }

    /// Whether the terminal was given back for good.
    pub(super) fn is_left(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Columns and rows; 80 x 24 where the terminal does not know (serial lines, some containers).
    pub(super) fn size(&self) -> (u16, u16) {
        match rustix::termios::tcgetwinsize(&self.tty) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
            _ => (80, 24),
        }
    }

    /// Wakes the reader.
    pub(super) fn wake(&self) {
        let _ = (&self.wake.1).write(b".");
    }

    /// What the reader waits on beside the terminal.
    pub(super) fn waker(&self) -> BorrowedFd<'_> {
        self.wake.0.as_fd()
    }

    /// Takes the wake-up off the pipe.
    pub(super) fn woken(&self) {
        let _ = (&self.wake.0).read(&mut [0; 64]);
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_within(&self, wait: Duration) -> Option<MutexGuard<'_, Writer>> {
        let deadline = Instant::now() + wait;
        loop {
            match self.writer.try_lock() {
                Ok(writer) => return Some(writer),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return None,
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
            }
        }
    }

    /// Sends the tail, then `bytes`; what the terminal does not take in time becomes the tail.
    fn send(&self, writer: &mut Writer, bytes: &[u8]) -> io::Result<()> {
        let waiting = !writer.tail.is_empty();
        let deadline = if waiting { Instant::now() } else { Instant::now() + FRAME_WAIT };
        if waiting {
            let sent = self.push(&writer.tail, deadline, false)?;
            let mut rest = writer.tail.split_off(sent);
            std::mem::swap(&mut writer.tail, &mut rest);
            rest.zeroize();
        }
        let sent = if writer.tail.is_empty() { self.push(bytes, deadline, false)? } else { 0 };
        if sent < bytes.len() {
            writer.tail.extend_from_slice(&bytes[sent..]);
            self.wake();
        }
        Ok(())
    }

    /// Writes until `deadline`; how much went out. A terminal that hung up takes everything: the reader ends us.
    fn push(&self, bytes: &[u8], deadline: Instant, way_out: bool) -> io::Result<usize> {
        let mut sent = 0;
        while sent < bytes.len() && (way_out || !self.is_left()) {
            match rustix::io::write(&self.tty, &bytes[sent..]) {
                Ok(count) => sent += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    let room = Timespec::try_from(left).ok().map(|left| {
                        let mut ready = [PollFd::new(&self.tty, PollFlags::OUT)];
                        poll(&mut ready, Some(&left))
                    });
                    if left.is_zero() || matches!(room, Some(Ok(0)) | None) {
                        break;
                    }
                }
                Err(Errno::IO) => return Ok(bytes.len()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(sent)
    }
}

impl AsFd for Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.tty.as_fd()
    }
}
