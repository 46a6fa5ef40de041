//! What one cell may send to a terminal, and how sure its width is there.

use ratatui::buffer::CellWidth as _;

/// How sure the width of a symbol is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ascii,
    /// Rules and blocks, alike among themselves.
    Lines,
    /// Hangul, kana and ideographs: two cells everywhere.
    Wide,
    /// Everything else.
    Unsure,
}

/// A symbol and the cells it takes; a blank where there is no `room` for it.
pub(super) fn fitting(symbol: &str, room: usize) -> (&str, usize) {
    let width = if symbol.len() == 1 { 1 } else { usize::from(symbol.cell_width()).max(1) };
    if width > room { (" ", 1) } else { (symbol, width) }
}

/// The symbol, or a sign in its place when it holds a control character; a blank when there is none.
pub(super) fn printable(symbol: &str) -> &str {
    match symbol.as_bytes() {
        [0x20..=0x7e] => symbol,
        [] => " ",
        _ if symbol.contains(char::is_control) => "?",
        _ if symbol.cell_width() == 0 => " ",
        _ => symbol,
    }
}

pub(super) fn kind(symbol: &str) -> Kind {
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        (None, _) => Kind::Ascii,
        (Some(c), None) if c.is_ascii() => Kind::Ascii,
        (Some('\u{2500}'..='\u{259f}'), None) => Kind::Lines,
        (Some('\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'), None) => Kind::Wide,
        _ => Kind::Unsure,
    }
}
