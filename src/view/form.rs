//! Forms to fill in and questions to answer: a sheet at the lower end of the screen, the panes still visible above.

use ratatui::layout::{Position, Rect};

use crate::app::form::{Confirm, Entry, Form};

use super::canvas::Canvas;
use super::prose::{LABEL, Prose};
use super::sheets::drawer;
use super::symbols::{CURSOR, MASK};
use super::table::MARK;
use super::text::{cells, counted, tail_of, width};
use super::theme::Look;

/// A form, and where its current field is typed.
pub(super) fn form(canvas: &mut Canvas<'_>, form: &Form, top: bool, body: Rect) -> Option<Position> {
    // Two rows below the fields are kept for what is wrong, so that nothing moves when something is.
    let area = drawer(canvas, &form.title, "", cells(form.lines.len()) + 4, body);
    let (label_x, field_x) = (area.x + MARK, area.x + MARK + cells(LABEL));
    let room = area.right().saturating_sub(field_x);
    let mut cursor = None;
    for ((at, line), y) in form.lines.iter().enumerate().zip(area.y + 1..area.bottom()) {
        let here = at == form.at;
        if here {
            canvas.put(area.x, y, 1, CURSOR, Look::Title);
        }
        canvas.put(label_x, y, cells(LABEL), line.label, if here { Look::Accent } else { Look::Secondary });
        let place = entry(canvas, (field_x, y, room), &line.entry, line.hint);
        if here && top && form.saving.is_none() {
            cursor = place;
        }
    }
    if let Some((at, why)) = &form.wrong {
        let label = form.lines.get(*at).map_or(String::new(), |line| format!("{}: ", line.label));
        let y = area.y + 2 + cells(form.lines.len());
        let room = area.right().saturating_sub(label_x);
        let mut prose = Prose::new(room);
        prose.say(&format!("{label}{why}"), Look::Danger);
        prose.draw(canvas, Rect { x: label_x, y, width: room, height: area.bottom().saturating_sub(y) }, 0);
    }
    cursor
}

/// A field, and where it is typed into.
fn entry(canvas: &mut Canvas<'_>, (x, y, room): (u16, u16, u16), entry: &Entry, hint: &str) -> Option<Position> {
    match entry {
        Entry::Text(open) => {
            if open.text().is_empty() {
                canvas.words(x, y, room, hint, Look::Secondary);
                return Some(Position::new(x, y));
            }
            Some(typed(canvas, (x, y, room), open.text(), open.cursor()))
        }
        Entry::Value(hidden) if hidden.refused => {
            let words = "it does not fit: Key Vault takes at most 25,600 bytes";
            canvas.words(x, y, room, words, Look::Danger);
            Some(Position::new(x, y))
        }
        Entry::Value(hidden) if hidden.bytes() == 0 => {
            canvas.words(x, y, room, hint, Look::Secondary);
            Some(Position::new(x, y))
        }
        Entry::Value(hidden) => {
            let end = canvas.put(x, y, room, MASK, Look::Plain);
            let facts = measure(hidden.lines(), hidden.bytes(), hidden.ends_with_newline());
            canvas.words(end + 2, y, room.saturating_sub(end + 2 - x), &facts, Look::Secondary);
            Some(Position::new(end, y))
        }
        Entry::Switch(on) => {
            let (word, look) = if *on { ("on", Look::Good) } else { ("off", Look::Warning) };
            canvas.put(x, y, room, word, look);
            canvas.words(x + 5, y, room.saturating_sub(5), "space turns it", Look::Secondary);
            None
        }
    }
}

/// Open text with its cursor in view, and where that is.
pub(super) fn typed(canvas: &mut Canvas<'_>, (x, y, room): (u16, u16, u16), text: &str, cursor: usize) -> Position {
    let room = room.saturating_sub(1);
    let cursor = cursor.min(width(text));
    if cursor <= usize::from(room) {
        canvas.put(x, y, room, text, Look::Plain);
        return Position::new(x + cells(cursor), y);
    }
    // The text before the cursor is shown by its end.
    let before = super::text::head_of(text, cursor);
    let shown = tail_of(before, usize::from(room));
    let end = canvas.put(x, y, room, shown, Look::Plain);
    Position::new(end, y)
}

/// What can be said of a value without showing it: `5 lines · 241 bytes · ends with a newline`.
pub(super) fn measure(lines: usize, bytes: usize, newline: bool) -> String {
    let mut text = format!("{} · {}", counted(lines, "line"), counted(bytes, "byte"));
    if newline {
        text.push_str(" · ends with a newline");
    }
    text
}

/// A question, what follows from a yes, and the field for the name that it may want.
pub(super) fn confirm(canvas: &mut Canvas<'_>, confirm: &Confirm, body: Rect) -> Option<Position> {
    let room = body.width.saturating_sub(2 + MARK);
    let mut prose = Prose::new(room);
    for words in &confirm.words {
        let look = if words.contains("PRODUCTION") { Look::Danger } else { Look::Plain };
        prose.say(words, look);
    }
    let typed_rows = if confirm.typed.is_some() { 2 + u16::from(!confirm.words.is_empty()) } else { 0 };
    let area = drawer(canvas, &confirm.title, "", prose.height() + typed_rows + 2, body);
    let text = Rect { x: area.x + MARK, y: area.y + 1, width: room, height: area.height.saturating_sub(1) };
    prose.draw(canvas, text, 0);
    let (wanted, field) = confirm.typed.as_ref()?;
    let y = (text.y + prose.height() + u16::from(!confirm.words.is_empty())).min(area.bottom().saturating_sub(2));
    let end = canvas.put(text.x, y, room, "Type ", Look::Plain);
    let end = canvas.name(end, y, room.saturating_sub(end + 11 - text.x), wanted, Look::Title);
    canvas.put(end, y, 11, " to do it:", Look::Plain);
    canvas.put(area.x, y + 1, 1, CURSOR, Look::Title);
    Some(typed(canvas, (text.x, y + 1, room), field.text(), field.cursor()))
}
