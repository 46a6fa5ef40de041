//! How cells look, and the shortest SGR from one look to another.

use std::io::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Colours and attributes; the default is the terminal's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// What shows on a blank, too.
const ON_BLANK: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK);

impl Look {
    pub(super) fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// A number of its own for every look, to tell rows apart by.
    pub(super) fn number(self) -> u64 {
        let colour = |colour: Color| match colour {
            Color::Reset => 0,
            Color::Indexed(index) => 0x0100 | u64::from(index),
            Color::Rgb(red, green, blue) => 0x0100_0000 | u64::from(u32::from_be_bytes([0, red, green, blue])),
            named => 0x0200 | u64::from(sixteen(named)),
        };
        colour(self.fg) ^ colour(self.bg).rotate_left(26) ^ u64::from(self.modifier.bits()).rotate_left(52)
    }

    /// Whether what is erased with this pen is the terminal's own ground.
    pub(super) fn leaves_blanks_plain(self) -> bool {
        self.bg == Color::Reset && !self.modifier.intersects(ON_BLANK)
    }

    /// Whether a blank in this look is the one that `cell`, a blank, asks for.
    pub(super) fn blank_alike(self, cell: &Cell) -> bool {
        let shows = cell.modifier & ON_BLANK;
        self.bg == cell.bg && self.modifier & ON_BLANK == shows && (shows.is_empty() || self == Self::of(cell))
    }
}

/// Changes `pen` to `to`.
pub(super) fn write_sgr(pen: &mut Look, to: Look, out: &mut Vec<u8>) {
    if *pen == to {
        return;
    }
    let mut afresh = Codes::default();
    afresh.change(Look::default(), to);
    let mut onwards = Codes::default();
    onwards.change(*pen, to);
    // Afresh begins with a reset, which is an empty code.
    if afresh.0.len() + usize::from(!afresh.0.is_empty()) < onwards.0.len() {
        out.extend_from_slice(if afresh.0.is_empty() { b"\x1b[" } else { b"\x1b[;" });
        out.extend_from_slice(&afresh.0);
    } else {
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(&onwards.0);
    }
    out.push(b'm');
    *pen = to;
}

/// The numbers of one SGR sequence.
#[derive(Default)]
struct Codes(Vec<u8>);

impl Codes {
    fn change(&mut self, from: Look, to: Look) {
        const GROUPS: [(Modifier, Modifier, u8, u8, u8); 7] = [
            (Modifier::BOLD, Modifier::DIM, 1, 2, 22),
            (Modifier::ITALIC, Modifier::empty(), 3, 0, 23),
            (Modifier::UNDERLINED, Modifier::empty(), 4, 0, 24),
            (Modifier::SLOW_BLINK, Modifier::RAPID_BLINK, 5, 6, 25),
            (Modifier::REVERSED, Modifier::empty(), 7, 0, 27),
            (Modifier::HIDDEN, Modifier::empty(), 8, 0, 28),
            (Modifier::CROSSED_OUT, Modifier::empty(), 9, 0, 29),
        ];
        for (one, other, one_on, other_on, off) in GROUPS {
            let (mut had, wanted) = (from.modifier & (one | other), to.modifier & (one | other));
            if !wanted.contains(had) {
                self.push(off); // switches both of the group off
                had = Modifier::empty();
            }
            let missing = wanted - had;
            if missing.intersects(one) {
                self.push(one_on);
            }
            if missing.intersects(other) {
                self.push(other_on);
            }
        }
        if from.fg != to.fg {
            self.colour(to.fg, 30);
        }
        if from.bg != to.bg {
            self.colour(to.bg, 40);
        }
    }

    fn push(&mut self, code: u8) {
        if !self.0.is_empty() {
            self.0.push(b';');
        }
        let _ = write!(self.0, "{code}");
    }

    fn push_all(&mut self, codes: &[u8]) {
        for code in codes {
            self.push(*code);
        }
    }

    fn colour(&mut self, colour: Color, base: u8) {
        match colour {
            Color::Reset => self.push(base + 9),
            Color::Indexed(index) => self.push_all(&[base + 8, 5, index]),
            Color::Rgb(red, green, blue) => self.push_all(&[base + 8, 2, red, green, blue]),
            named => self.push(base + sixteen(named)),
        }
    }
}

/// The place of one of the sixteen colours after the code of the first.
fn sixteen(colour: Color) -> u8 {
    match colour {
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        Color::White => 67,
        _ => 0,
    }
}
