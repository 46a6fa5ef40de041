//! Every key, from the table of bindings, where it is heard.

use std::borrow::Cow;

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::keymap::{BINDINGS, Scope};

use super::canvas::{Canvas, Piece};
use super::device::COOKIES;
use super::sheets::{drawer, more};
use super::symbols::{ALIKE, CURSOR, OPEN, label};
use super::text::{width, wrap};
use super::theme::Look;

/// Cells for the keys.
const KEYS: usize = 18;
/// Columns from which on two columns stand side by side.
const TWO: u16 = 100;

/// The help, scrolled by so many lines.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, scroll: usize, body: Rect) {
    let area = drawer(canvas, "Keys", "", body.height, body);
    // Signs are met before most keys are: they have a line of their own above what is scrolled.
    legend(canvas, (area.x, area.y, area.width));
    let area = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let columns = if area.width >= TWO { 2 } else { 1 };
    let wide = (area.width - (columns - 1) * 3) / columns;
    let groups = groups(model.scopes_underneath(), canvas.ascii, usize::from(wide));
    let total: usize = groups.iter().map(Vec::len).sum();
    let mut sides: Vec<Vec<Vec<Piece>>> = vec![Vec::new(); usize::from(columns)];
    for group in groups {
        // The first column takes half of the lines, whole groups only.
        let side = usize::from(columns == 2 && sides[0].len() + group.len() / 2 > total / 2);
        sides[side].extend(group);
    }
    let height = usize::from(area.height.saturating_sub(1));
    let longest = sides.iter().map(Vec::len).max().unwrap_or(0);
    let first = scroll.min(longest.saturating_sub(height));
    for (side, x) in sides.iter().zip((area.x..).step_by(usize::from(wide) + 3)) {
        for (line, y) in side.iter().skip(first).zip(area.y..area.bottom() - 1) {
            canvas.pieces(x, y, wide, line);
        }
    }
    more(canvas, longest.saturating_sub(first + height), area);
}

/// The lines of each scope, a blank one at its end; those that hear the keys `here` come first.
fn groups(here: &[Scope], ascii: bool, wide: usize) -> Vec<Vec<Vec<Piece>>> {
    let mut scopes: Vec<Scope> = BINDINGS.iter().map(|binding| binding.scope).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes.sort_by_key(|scope| here.iter().position(|heard| heard == scope).unwrap_or(here.len()));
    let group = |scope: Scope| {
        let mut lines: Vec<Vec<Piece>> = vec![vec![(Cow::Borrowed(scope.title()), Look::Secondary)]];
        for binding in BINDINGS.iter().filter(|binding| binding.scope == scope) {
            let keys = binding.keys.iter().map(|key| label(key, ascii)).collect::<Vec<_>>().join(" ");
            let pad = " ".repeat(KEYS.saturating_sub(width(&keys)).max(1));
            for (at, words) in wrap(binding.help, wide.saturating_sub(KEYS + 1)).into_iter().enumerate() {
                lines.push(if at == 0 {
                    vec![(Cow::Owned(format!("{keys}{pad}")), Look::Title), (Cow::Owned(words), Look::Plain)]
                } else {
                    vec![(Cow::Owned(format!("{}{words}", " ".repeat(KEYS))), Look::Plain)]
                });
            }
        }
        if scope == Scope::Device {
            lines.extend(wrap(COOKIES, wide).into_iter().map(|words| vec![(Cow::Owned(words), Look::Plain)]));
        }
        lines.push(Vec::new());
        lines
    };
    scopes.into_iter().map(group).chain([signs(wide)]).collect()
}

/// What the signs beside names say.
const SIGNS: [(&str, &str); 4] = [
    (CURSOR, "the row that keys are for"),
    (OPEN, "what is open, or who is acting"),
    ("▲", "production: what changes it asks for its name"),
    (ALIKE, "a name that looks like another one of its list, or mixes two alphabets"),
];

/// The signs in one line.
fn legend(canvas: &mut Canvas<'_>, (x, y, room): (u16, u16, u16)) {
    let gap = if room < TWO { "  " } else { "    " };
    let mut pieces: Vec<Piece> = Vec::new();
    let signs = [
        (CURSOR, "cursor", Look::Title),
        (OPEN, "open, acting", Look::Title),
        ("▲", "production", Look::Danger),
        (ALIKE, "look-alike", Look::Warning),
    ];
    for (sign, says, look) in signs {
        if !pieces.is_empty() {
            pieces.push((Cow::Borrowed(gap), Look::Plain));
        }
        pieces.push((Cow::Borrowed(sign), look));
        pieces.push((Cow::Owned(format!(" {says}")), Look::Secondary));
    }
    canvas.pieces(x, y, room, &pieces);
}

fn signs(wide: usize) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = vec![vec![(Cow::Borrowed("Signs"), Look::Secondary)]];
    for (sign, says) in SIGNS {
        for (at, words) in wrap(says, wide.saturating_sub(KEYS + 1)).into_iter().enumerate() {
            let head = format!("{:KEYS$}", if at == 0 { sign } else { "" });
            lines.push(vec![(Cow::Owned(head), Look::Title), (Cow::Owned(words), Look::Plain)]);
        }
    }
    lines.push(Vec::new());
    lines
}
