//! Which key a finished escape sequence stands for: xterm's, the Linux console's, rxvt's and kitty's forms.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A character key; capitals are shifted, as crossterm has it.
pub(super) fn character(c: char, modifiers: KeyModifiers) -> KeyEvent {
    let shift = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    KeyEvent::new(KeyCode::Char(c), modifiers | shift)
}

/// The key of one control byte (C0 or DEL).
pub(super) fn control(byte: u8, modifiers: KeyModifiers) -> KeyEvent {
    let with_ctrl = modifiers | KeyModifiers::CONTROL;
    match byte {
        0x00 => KeyEvent::new(KeyCode::Char(' '), with_ctrl),
        b'\t' => KeyEvent::new(KeyCode::Tab, modifiers),
        b'\r' => KeyEvent::new(KeyCode::Enter, modifiers),
        0x08 | 0x7f => KeyEvent::new(KeyCode::Backspace, modifiers),
        0x1b => KeyEvent::new(KeyCode::Esc, modifiers),
        0x1c..=0x1f => KeyEvent::new(KeyCode::Char(char::from(byte - 0x1c + b'4')), with_ctrl),
        _ => KeyEvent::new(KeyCode::Char(char::from(byte + 0x60)), with_ctrl),
    }
}

/// The key of `ESC O final`.
pub(super) fn ss3(params: &[u8], last: u8) -> Option<KeyEvent> {
    let code = match last {
        b'M' => KeyCode::Enter,
        b'X' => KeyCode::Char('='),
        b'j'..=b'y' => KeyCode::Char(char::from(b"*+,-./0123456789"[usize::from(last - b'j')])),
        _ => letter(last)?,
    };
    // Some terminals put the modifier here, alone or after the count.
    let modifier = groups(params).last().map_or(1, |group| group.0);
    Some(KeyEvent::new(code, modifiers(modifier)))
}

/// The key of `ESC [ params final`; none for anything else, and for a key that is let go.
pub(super) fn csi(params: &[u8], last: u8) -> Option<KeyEvent> {
    let mut groups = groups(params);
    let first = groups.next().unwrap_or_default();
    let second = groups.next().unwrap_or_default();
    let third = groups.next().unwrap_or_default();
    if second.1 == RELEASED {
        return None;
    }
    let held = modifiers(second.0);
    match last {
        b'Z' => Some(KeyEvent::new(KeyCode::BackTab, held | KeyModifiers::SHIFT)),
        b'u' => kitty(first, held),
        b'~' if first.0 == 27 => kitty((third.0, 0), held), // xterm's modifyOtherKeys: 27;modifier;code
        b'~' => Some(KeyEvent::new(numbered(first.0)?, held)),
        b'^' => Some(KeyEvent::new(numbered(first.0)?, KeyModifiers::CONTROL)),
        b'@' if !params.is_empty() => {
            Some(KeyEvent::new(numbered(first.0)?, KeyModifiers::CONTROL | KeyModifiers::SHIFT))
        }
        // A first number other than 1 is a report (cursor position), not a key.
        _ if first.0 <= 1 => Some(KeyEvent::new(letter(last)?, held)),
        _ => None,
    }
}

/// The Linux console's `ESC [ [ A` to `E`.
pub(super) fn console(last: u8) -> Option<KeyEvent> {
    matches!(last, b'A'..=b'E').then(|| KeyEvent::new(KeyCode::F(last - b'A' + 1), KeyModifiers::NONE))
}

/// The event type of a key that is let go, in kitty's protocol.
const RELEASED: u32 = 3;

/// Parameters, each with its first sub-parameter; what is missing or no number is 0.
fn groups(params: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    params.split(|byte| *byte == b';').map(|group| {
        let mut parts = group.split(|byte| *byte == b':').map(number);
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    })
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum: u32, digit| {
        if digit.is_ascii_digit() { sum.saturating_mul(10).saturating_add(u32::from(digit - b'0')) } else { sum }
    })
}

fn modifiers(parameter: u32) -> KeyModifiers {
    const BITS: [(u32, KeyModifiers); 6] = [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
        (16, KeyModifiers::HYPER),
        (32, KeyModifiers::META),
    ];
    let mask = parameter.saturating_sub(1);
    BITS.iter().filter(|(bit, _)| mask & bit != 0).fold(KeyModifiers::NONE, |all, (_, one)| all | *one)
}

fn letter(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::KeypadBegin,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        // The VT220's function keys leave a hole after every fourth or fifth.
        11..=15 => function(number - 10)?,
        17..=21 => function(number - 11)?,
        23..=26 => function(number - 12)?,
        28..=29 => function(number - 13)?,
        31..=34 => function(number - 14)?,
        _ => return None,
    })
}

fn function(number: u32) -> Option<KeyCode> {
    u8::try_from(number).ok().map(KeyCode::F)
}

/// kitty's `code:shifted ; modifiers u`.
fn kitty((code, shifted): (u32, u32), held: KeyModifiers) -> Option<KeyEvent> {
    let shift = held.contains(KeyModifiers::SHIFT);
    let code = match code {
        9 if shift => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        57399..=57408 => KeyCode::Char(char::from_u32(code - 57399 + u32::from(b'0'))?),
        57409..=57413 => KeyCode::Char(char::from(b"./*-+"[usize::try_from(code - 57409).ok()?])),
        57415 => KeyCode::Char('='),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        0xe000..=0xf8ff => return None, // kitty's other keys (volume, bare modifiers) live in the private area
        _ => {
            let plain = char::from_u32(code).filter(|c| !c.is_control())?;
            let with_shift = char::from_u32(shifted).filter(|c| shifted != 0 && !c.is_control());
            return Some(character(if shift { with_shift.unwrap_or(plain.to_ascii_uppercase()) } else { plain }, held));
        }
    };
    Some(KeyEvent::new(code, held))
}
