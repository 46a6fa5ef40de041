//! The hidden prompt: a value typed or pasted on `/dev/tty`, seen by nobody and kept in one buffer that is wiped.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::sync::{Mutex, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::domain::{Failure, Kind, Sealed, VALUE_LIMIT};

/// How the terminal was before a prompt, for whoever ends this process meanwhile.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

const PASTE_ON: &[u8] = b"\x1b[?2004h";
const PASTE_OFF: &[u8] = b"\x1b[?2004l";

/// Gives the terminal back as it was. Called by the prompt itself, and once more when the process ends.
pub(crate) fn restore() {
    if let Some((mut tty, modes)) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = tty.write_all(PASTE_OFF);
        let _ = tcsetattr(&tty, OptionalActions::Flush, &modes);
    }
}

/// Asks for a value. Enter ends it; lines within a paste belong to it.
pub(crate) fn hidden(question: &str) -> Result<Sealed, Failure> {
    let mut tty = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .map_err(|_| Failure::misused("ask for a value", "there is no terminal to ask on"))?;
    let value = ask(&mut tty, question);
    restore();
    let _ = tty.write_all(b"\n");
    value
}

fn ask(tty: &mut File, question: &str) -> Result<Sealed, Failure> {
    let broken = |_| Failure::new(Kind::Failed, "read the terminal", "it went away");
    let before = tcgetattr(&*tty).map_err(io::Error::from).map_err(broken)?;
    let mut modes = before.clone();
    // Keys one by one, unseen, ctrl-c as a key: a signal in the middle would leave the terminal mute.
    modes.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some((tty.try_clone().map_err(broken)?, before));
    // What was typed before the question was not meant for it: flushed.
    tcsetattr(&*tty, OptionalActions::Flush, &modes).map_err(io::Error::from).map_err(broken)?;
    tty.write_all(PASTE_ON).and_then(|()| tty.write_all(format!("{question} ").as_bytes())).map_err(broken)?;

    let mut line = Line::new();
    let mut byte = Zeroizing::new([0_u8; 1]);
    loop {
        if tty.read(&mut byte[..]).map_err(broken)? == 0 {
            return Err(stopped());
        }
        match line.take(byte[0]) {
            Taken::More => {}
            Taken::Stop => return Err(stopped()),
            Taken::TooLong => {
                let _ = tcflush(&*tty, QueueSelector::IFlush);
                return Err(Failure::misused("take this value", format!("it is longer than {VALUE_LIMIT} bytes")));
            }
            Taken::Done => break,
        }
    }
    // A terminal that does not mark pastes sends the other lines right behind: the shell must not get them.
    let soon = Timespec { tv_sec: 0, tv_nsec: 60_000_000 };
    let more = poll(&mut [PollFd::new(&tty.as_fd(), PollFlags::IN)], Some(&soon)).is_ok_and(|ready| ready > 0);
    if more {
        let _ = tcflush(&*tty, QueueSelector::IFlush);
        return Err(Failure::misused("take this value", "more lines came after the first one")
            .hint("--file FILE keeps a value of several lines, byte for byte"));
    }
    let value = line.value.take().unwrap_or_default();
    let text = std::str::from_utf8(&value)
        .map_err(|_| Failure::misused("take this value", "it is not UTF-8, which is all Key Vault keeps"))?;
    let lines = text.lines().count();
    let words = format!("{} bytes, {lines} {}", text.len(), if lines == 1 { "line" } else { "lines" });
    let _ = tty.write_all(words.as_bytes());
    Ok(Sealed::new(text.to_owned()))
}

fn stopped() -> Failure {
    Failure::new(Kind::Interrupted, "read a value", "it was not finished")
}

/// What a byte did.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    More,
    Done,
    Stop,
    TooLong,
}

/// A line that is being typed, unseen.
struct Line {
    /// Room for the longest value from the start: growing would leave copies behind.
    value: Option<Zeroizing<Vec<u8>>>,
    /// An escape sequence that has begun.
    escape: Vec<u8>,
    pasting: bool,
}

impl Line {
    fn new() -> Self {
        Self { value: Some(Zeroizing::new(Vec::with_capacity(VALUE_LIMIT + 4))), escape: Vec::new(), pasting: false }
    }

    fn take(&mut self, byte: u8) -> Taken {
        let Some(value) = &mut self.value else { return Taken::Done };
        if !self.escape.is_empty() {
            self.escape.push(byte);
            return self.escaped();
        }
        match byte {
            0x1b => self.escape.push(byte),
            // Terminals send a pasted line's end as a carriage return.
            b'\r' if self.pasting => value.push(b'\n'),
            b'\r' | b'\n' if !self.pasting => return Taken::Done,
            0x03 if !self.pasting => return Taken::Stop,
            0x04 if !self.pasting => return if value.is_empty() { Taken::Stop } else { Taken::Done },
            0x15 if !self.pasting => value.clear(),
            0x08 | 0x7f if !self.pasting => {
                // A whole character: its continuation bytes, then its first one.
                while value.pop().is_some_and(|last| last & 0xc0 == 0x80) {}
            }
            byte => value.push(byte),
        }
        if value.len() > VALUE_LIMIT { Taken::TooLong } else { Taken::More }
    }

    /// Paste marks are obeyed, arrow keys and the like dropped; an escape within a paste is part of it.
    fn escaped(&mut self) -> Taken {
        let Some(value) = &mut self.value else { return Taken::Done };
        let end: &[u8] = b"\x1b[201~";
        if self.pasting {
            if end == self.escape {
                self.pasting = false;
                self.escape.clear();
            } else if !end.starts_with(&self.escape) {
                value.extend_from_slice(&self.escape);
                self.escape.clear();
            }
        } else if self.escape == b"\x1b[200~" {
            self.pasting = true;
            self.escape.clear();
        } else {
            let introducer = matches!(self.escape.get(1), Some(b'[' | b'O'));
            let ended = self.escape.len() > 2 && self.escape.last().is_some_and(|last| (0x40..=0x7e).contains(last));
            if !introducer || ended || self.escape.len() > 32 {
                self.escape.clear();
            }
        }
        if value.len() > VALUE_LIMIT { Taken::TooLong } else { Taken::More }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(bytes: &[u8]) -> (Taken, Vec<u8>) {
        let mut line = Line::new();
        for byte in bytes {
            match line.take(*byte) {
                Taken::More => {}
                other => return (other, line.value.take().expect("a value").to_vec()),
            }
        }
        (Taken::More, line.value.take().expect("a value").to_vec())
    }

    #[test]
    fn a_line_is_edited_unseen() {
        assert_eq!(typed("pas비\x7fs\r".as_bytes()), (Taken::Done, b"pass".to_vec()));
        assert_eq!(typed(b"old\x15new\x1b[A\x1bOH\n"), (Taken::Done, b"new".to_vec()));
        assert_eq!(typed(b"abc\x03").0, Taken::Stop);
        assert_eq!(typed(b"\x04").0, Taken::Stop);
    }

    #[test]
    fn a_paste_keeps_its_lines() {
        let (taken, value) = typed(b"\x1b[200~-----BEGIN\rx\x1by\n\x03-----END\r\x1b[201~\r");
        assert_eq!((taken, value.as_slice()), (Taken::Done, b"-----BEGIN\nx\x1by\n\x03-----END\n".as_slice()));
    }

    #[test]
    fn nothing_grows_beyond_what_a_vault_takes() {
        assert_eq!(typed(&vec![b'x'; VALUE_LIMIT + 1]).0, Taken::TooLong);
        assert_eq!(typed(&vec![b'x'; VALUE_LIMIT]).0, Taken::More);
    }
}
