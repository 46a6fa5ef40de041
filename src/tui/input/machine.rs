//! The state machine from bytes to events. It has no clock and does no I/O; where a sequence is cut does not matter.
//! What is not understood is swallowed to its end and never becomes a key: an answer of the terminal is no command.

use std::time::Duration;

use crossterm::event::{KeyEvent, KeyModifiers};
use zeroize::Zeroize as _;

use super::paste::Paste;
use super::{TermAnswer, TermEvent, keys};

/// How long a lone escape may be the start of more.
const ESCAPE_WAIT: Duration = Duration::from_millis(25);
/// How long after that a sequence's rest is still taken for one (a slow line cut it).
const LATE_WAIT: Duration = Duration::from_millis(100);
/// How long a started sequence may stand still.
const SEQUENCE_WAIT: Duration = Duration::from_millis(500);
/// How long a paste may stand still: an unterminated one would swallow every key.
const PASTE_WAIT: Duration = Duration::from_secs(5);
/// No key and no answer we ask for is longer.
const SEQUENCE_LIMIT: usize = 512;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    /// An escape was taken for the key, just now.
    Late,
    Escape,
    Ss3,
    Csi,
    /// After `ESC [ [`, the Linux console's function keys.
    Console,
    /// An old mouse report: this many bytes follow.
    Mouse(u8),
    /// Inside OSC, DCS or another string, until its terminator.
    Text(Text),
    /// An escape inside a string: perhaps its terminator.
    TextEscape(Text),
    Paste,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Osc,
    Dcs,
    Other,
}

/// Bytes in, events out.
pub struct Machine {
    state: State,
    /// The sequence so far, without its introducer.
    held: Vec<u8>,
    /// An unfinished UTF-8 character, and whether alt is held with it.
    partial: ([u8; 4], usize),
    alt: bool,
    paste: Paste,
    stray_end: bool,
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Machine")
    }
}

impl Default for Machine {
    fn default() -> Self {
        let held = Vec::with_capacity(SEQUENCE_LIMIT + 1);
        Self { state: State::Ground, held, partial: ([0; 4], 0), alt: false, paste: Paste::default(), stray_end: false }
    }
}

impl Machine {
    /// Takes what was read, in order.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<TermEvent>) {
        if self.state == State::Late {
            // Nobody types escape and two more within 100 ms, but a slow line cuts an arrow there.
            let rest = bytes.len() > 1 && matches!(bytes[0], b'[' | b'O');
            self.state = if rest { State::Escape } else { State::Ground };
        }
        for &byte in bytes {
            self.step(byte, out);
        }
    }

    /// How long to wait for more before [`Machine::idle`]; none when nothing is open.
    pub fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Ground => (self.partial.1 > 0).then_some(SEQUENCE_WAIT),
            State::Late => Some(LATE_WAIT),
            State::Escape => Some(ESCAPE_WAIT),
            State::Paste => Some(PASTE_WAIT),
            _ => Some(SEQUENCE_WAIT),
        }
    }

    /// Nothing came for [`Machine::patience`]: decides what is open.
    pub fn idle(&mut self, out: &mut Vec<TermEvent>) {
        match self.state {
            State::Escape => {
                out.push(key(keys::control(0x1b, KeyModifiers::NONE)));
                self.state = State::Late;
                return;
            }
            State::Paste => out.push(TermEvent::PasteRefused),
            _ => {}
        }
        self.reset();
    }

    /// Whether a paste is open.
    pub(super) fn is_pasting(&self) -> bool {
        self.state == State::Paste
    }

    /// Whether the next bytes belong to something begun: given to a shell, they would be commands.
    pub fn is_amid(&self) -> bool {
        !matches!(self.state, State::Ground | State::Late)
    }

    /// Whether the end of a paste came where none was open, since this was asked last.
    pub(super) fn stray_end(&mut self) -> bool {
        std::mem::take(&mut self.stray_end)
    }

    /// Forgets what is open, and wipes it.
    pub fn reset(&mut self) {
        self.state = State::Ground;
        self.held.zeroize();
        self.partial.0.zeroize();
        self.partial.1 = 0;
        self.alt = false;
        self.paste.reset();
    }

    fn step(&mut self, byte: u8, out: &mut Vec<TermEvent>) {
        match self.state {
            State::Paste => {
                if let Some(event) = self.paste.take(byte) {
                    out.push(event);
                    self.state = State::Ground;
                }
            }
            State::Ground | State::Late => self.ground(byte, out),
            State::Escape => self.escape(byte, out),
            State::Csi | State::Ss3 => self.sequence(byte, out),
            State::Console => {
                self.state = State::Ground;
                out.extend(keys::console(byte).map(key));
            }
            State::Mouse(left) => self.state = if left > 1 { State::Mouse(left - 1) } else { State::Ground },
            State::Text(text) => self.text(text, byte, out),
            State::TextEscape(text) if byte == b'\\' => self.text_ends(text, out),
            State::TextEscape(_) => {
                self.begin(State::Escape);
                self.escape(byte, out);
            }
        }
    }

    fn begin(&mut self, state: State) {
        self.held.zeroize();
        self.state = state;
    }

    fn ground(&mut self, byte: u8, out: &mut Vec<TermEvent>) {
        if self.partial.1 > 0 {
            if byte & 0xc0 == 0x80 {
                return self.continue_character(byte, out);
            }
            self.drop_character();
        }
        match byte {
            0x1b => self.begin(State::Escape),
            0x00..=0x1f | 0x7f => out.push(key(keys::control(byte, KeyModifiers::NONE))),
            0x20..=0x7e => out.push(key(keys::character(char::from(byte), KeyModifiers::NONE))),
            0xc2..=0xf4 => self.partial = ([byte, 0, 0, 0], 1),
            _ => {} // never a character's first byte
        }
    }

    fn continue_character(&mut self, byte: u8, out: &mut Vec<TermEvent>) {
        let (bytes, have) = &mut self.partial;
        bytes[*have] = byte;
        *have += 1;
        let need = match bytes[0] {
            0xf0.. => 4,
            0xe0.. => 3,
            _ => 2,
        };
        if *have < need {
            return;
        }
        let c = std::str::from_utf8(&bytes[..need]).ok().and_then(|text| text.chars().next());
        // The 8-bit controls have UTF-8 forms too; no keyboard has them.
        if let Some(c) = c.filter(|c| !c.is_control()) {
            let held = if self.alt { KeyModifiers::ALT } else { KeyModifiers::NONE };
            out.push(key(keys::character(c, held)));
        }
        self.drop_character();
    }

    fn drop_character(&mut self) {
        self.partial.0.zeroize();
        self.partial.1 = 0;
        self.alt = false;
    }

    fn escape(&mut self, byte: u8, out: &mut Vec<TermEvent>) {
        match byte {
            b'[' => self.begin(State::Csi),
            b'O' => self.begin(State::Ss3),
            b']' => self.begin(State::Text(Text::Osc)),
            b'P' => self.begin(State::Text(Text::Dcs)),
            b'X' | b'^' | b'_' => self.begin(State::Text(Text::Other)),
            0x1b => out.push(key(keys::control(0x1b, KeyModifiers::NONE))),
            0x80.. => {
                self.state = State::Ground;
                self.ground(byte, out);
                self.alt = self.partial.1 > 0;
            }
            _ => {
                self.state = State::Ground;
                out.push(key(match byte {
                    0x20..=0x7e => keys::character(char::from(byte), KeyModifiers::ALT),
                    _ => keys::control(byte, KeyModifiers::ALT),
                }));
            }
        }
    }

    /// One byte of `ESC [ …` or `ESC O …`.
    fn sequence(&mut self, byte: u8, out: &mut Vec<TermEvent>) {
        match byte {
            0x1b => self.begin(State::Escape),
            0x18 | 0x1a => self.begin(State::Ground),
            0x20..=0x3f if self.held.len() < SEQUENCE_LIMIT => self.held.push(byte),
            0x40..=0x7e => {
                let csi = self.state == State::Csi;
                self.state = State::Ground;
                if self.held.len() == SEQUENCE_LIMIT {
                    // Cut: what it was nobody knows.
                } else if csi {
                    self.csi(byte, out);
                } else if self.held.iter().all(|byte| matches!(byte, b'0'..=b'9' | b';')) {
                    out.extend(keys::ss3(&self.held, byte).map(key));
                }
                self.held.zeroize();
            }
            _ => {} // controls and 8-bit bytes inside are noise
        }
    }

    fn csi(&mut self, last: u8, out: &mut Vec<TermEvent>) {
        match (self.held.as_slice(), last) {
            (b"", b'[') => self.state = State::Console,
            (b"", b'M') => self.state = State::Mouse(3),
            (b"", b'I') => out.push(TermEvent::Focus(true)),
            (b"", b'O') => out.push(TermEvent::Focus(false)),
            (b"200", b'~') => {
                self.paste.begin();
                self.state = State::Paste;
            }
            (b"201", b'~') => self.stray_end = true,
            ([b'?', attributes @ ..], b'c') => {
                out.push(TermEvent::Answer(TermAnswer::Attributes(printable(attributes))));
            }
            (params, _) if params.iter().all(|byte| matches!(byte, b'0'..=b'9' | b';' | b':')) => {
                out.extend(keys::csi(params, last).map(key));
            }
            _ => {}
        }
    }

    fn text(&mut self, text: Text, byte: u8, out: &mut Vec<TermEvent>) {
        match byte {
            0x1b => self.state = State::TextEscape(text),
            0x18 | 0x1a => self.begin(State::Ground),
            0x07 if text == Text::Osc => self.text_ends(text, out),
            _ if self.held.len() < SEQUENCE_LIMIT => self.held.push(byte),
            _ => {}
        }
    }

    fn text_ends(&mut self, text: Text, out: &mut Vec<TermEvent>) {
        let answer = match (text, self.held.as_slice()) {
            _ if self.held.len() >= SEQUENCE_LIMIT => None,
            (Text::Osc, [b'1', b'1', b';', colour @ ..]) => {
                parse_colour(colour).map(|(r, g, b)| TermAnswer::Background(r, g, b))
            }
            (Text::Dcs, [b'>', b'|', name @ ..]) => Some(TermAnswer::Name(printable(name))),
            _ => None,
        };
        out.extend(answer.map(TermEvent::Answer));
        self.begin(State::Ground);
    }
}

fn key(event: KeyEvent) -> TermEvent {
    TermEvent::Key(Box::new(event))
}

fn printable(bytes: &[u8]) -> String {
    bytes.iter().copied().filter(|byte| matches!(byte, 0x20..=0x7e)).map(char::from).collect()
}

/// `rgb:1e1e/2020/ffff` (one to four digits each), `rgba:…` or `#1e20ff`.
fn parse_colour(spec: &[u8]) -> Option<(u8, u8, u8)> {
    let spec = std::str::from_utf8(spec).ok()?;
    if let Some(hex) = spec.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.is_ascii()) {
        let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).ok();
        return Some((part(0)?, part(2)?, part(4)?));
    }
    let mut parts = spec.strip_prefix("rgb:").or_else(|| spec.strip_prefix("rgba:"))?.split('/').map(channel);
    Some((parts.next()??, parts.next()??, parts.next()??))
}

fn channel(digits: &str) -> Option<u8> {
    let digits = Some(digits).filter(|digits| (1..=4).contains(&digits.len()))?;
    let most = (1_u32 << (4 * digits.len())) - 1;
    u8::try_from(u32::from_str_radix(digits, 16).ok()? * 255 / most).ok()
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
