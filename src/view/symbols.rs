//! The signs we draw with, and what stands for them where only ASCII may be drawn.

use ratatui::buffer::Buffer;

use crate::app::keymap::Key;
use crate::domain::Moment;

use super::text;

/// The mark of the row the cursor is on.
pub(super) const CURSOR: &str = "›";
/// The mark of what is open.
pub(super) const OPEN: &str = "▪";
/// Behind a name that looks like another one of its list.
pub(super) const ALIKE: &str = "≈";
/// The sign of something that waits for a person: it does not turn.
pub(super) const STILL: &str = "⠿";
/// What a hidden value looks like, however long it is.
pub(super) const MASK: &str = "••••••••";

/// The turning sign of something under way.
pub(super) fn spinner(now: Moment, ascii: bool) -> &'static str {
    const DOTS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    const BARS: [&str; 4] = ["|", "/", "-", "\\"];
    let step = usize::try_from(now.as_millisecond().div_euclid(100)).unwrap_or(0);
    if ascii { BARS[step % BARS.len()] } else { DOTS[step % DOTS.len()] }
}

/// How a key is written. The signs for keys have no ASCII twin of their own width, so they become words here.
pub(super) fn label(key: &Key, ascii: bool) -> String {
    let label = key.label();
    match label.as_str() {
        "⏎" if ascii => "enter".to_owned(),
        "↑" if ascii => "up".to_owned(),
        "↓" if ascii => "down".to_owned(),
        _ => label,
    }
}

/// Replaces whatever is not ASCII, cell by cell, after all else was drawn: nothing slips through.
pub(super) fn fold_to_ascii(buffer: &mut Buffer) {
    for at in 0..buffer.content.len() {
        let symbol = buffer.content[at].symbol();
        if symbol.is_ascii() {
            continue;
        }
        let (twin, width) = (twin(symbol), text::cluster_width(symbol));
        buffer.content[at].set_symbol(twin);
        if twin == "?" {
            for cell in buffer.content.iter_mut().skip(at + 1).take(width.saturating_sub(1)) {
                cell.set_symbol("?");
            }
        }
    }
}

fn twin(symbol: &str) -> &'static str {
    match symbol {
        "›" | "⟩" | "→" => ">",
        "▪" | "•" | "⠿" => "*",
        "─" | "·" | "–" | "—" => "-",
        "│" => "|",
        "▲" => "!",
        "≈" => "=",
        "…" => "~",
        "⟨" => "<",
        "“" | "”" => "\"",
        "’" | "‘" => "'",
        "⏎" => "$",
        _ if symbol.chars().all(|c| ('\u{2400}'..='\u{2426}').contains(&c)) => "^",
        _ => "?",
    }
}
