//! The shown value and an endpoint's keys: the only drawing that unseals.

use std::borrow::Cow;
use std::fmt::Write as _;

use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::app::{Credentials, KeySheet, Model, Reveal};
use crate::domain::{EndpointToken, Moment, SafeText, Sealed, WhichKey, count_down};

use super::canvas::{Canvas, Piece};
use super::form::measure;
use super::prose::{LABEL, Prose};
use super::sheets::drawer;
use super::states;
use super::symbols::MASK;
use super::table::{MARK, Mark};
use super::text::{cells, cluster_width, counted};
use super::theme::Look;
use super::trouble;

/// A value on a sheet of its own, from the first column on, so that the terminal's own selection takes it and nothing else.
pub(super) fn value(canvas: &mut Canvas<'_>, model: &Model, reveal: &Reveal, body: Rect) {
    canvas.clear(body);
    let text = reveal.value.value.unseal();
    let (x, room) = (body.x + 1, body.width.saturating_sub(2));
    let version = match &reveal.version {
        Some(version) => format!("version {}", version.show()),
        None => "newest version".to_owned(),
    };
    let facts = format!("{} · {version}", measure(text.lines().count(), text.len(), text.ends_with('\n')));
    let kind = reveal.value.secret.type_word().unwrap_or_else(|| "no type".to_owned());
    let end = canvas.name(x, body.y, room.saturating_sub(cells(LABEL)), reveal.name.as_str(), Look::Title);
    canvas.words(end + 3, body.y, room.saturating_sub(end + 3 - x), &kind, Look::Secondary);
    canvas.words(x, body.y + 1, room, &facts, Look::Secondary);
    canvas.rule(body.x, body.y + 2, body.width);

    let area = Rect { y: body.y + 3, height: body.height.saturating_sub(5), ..body };
    let lines = lines(text, usize::from(area.width), reveal.marks, canvas.ascii);
    let height = usize::from(area.height);
    let first = reveal.scroll.min(lines.len().saturating_sub(height));
    for (line, y) in lines.iter().skip(first).zip(area.top()..area.bottom()) {
        canvas.pieces(area.x, y, area.width, line);
    }
    if text.is_empty() {
        canvas.put(x, area.y, room, "(an empty value)", Look::Secondary);
    }
    canvas.rule(body.x, body.bottom() - 2, body.width);
    let y = body.bottom() - 1;
    let left = count_down(model.now, reveal.hides);
    let words = if reveal.held { format!("held, hides in {left}") } else { format!("hides in {left}") };
    let end = canvas.put(x, y, room, &words, Look::Warning);
    if lines.len() > height {
        let where_ =
            format!("lines {}-{} of {} on the screen", first + 1, (first + height).min(lines.len()), lines.len());
        canvas.words(end + 3, y, room.saturating_sub(end + 3 - x), &where_, Look::Secondary);
    }
}

/// A value's lines, wrapped hard at `room` cells. What a terminal would obey or hide is spelled out and set apart; all else
/// is exactly the text.
fn lines(text: &str, room: usize, marks: bool, ascii: bool) -> Vec<Vec<Piece>> {
    let mut rows = Rows { done: Vec::new(), row: Vec::new(), used: 0, room: room.max(1) };
    let mut parts = text.split('\n').peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        if last && part.is_empty() {
            break; // nothing stands after the final line break
        }
        for cluster in part.graphemes(true) {
            match cluster {
                " " if marks => rows.push("·", Look::Secondary),
                "\t" if marks => rows.push("→", Look::Secondary),
                _ if ascii && !cluster.is_ascii() => {
                    for c in cluster.chars() {
                        rows.push(&format!("⟨U+{:04X}⟩", u32::from(c)), Look::Warning);
                    }
                }
                _ => {
                    let safe = SafeText::of(cluster);
                    let look = if safe.as_str() == cluster { Look::Plain } else { Look::Warning };
                    rows.push(safe.as_str(), look);
                }
            }
        }
        if marks && !last {
            rows.push("⏎", Look::Secondary);
        }
        rows.end();
    }
    rows.done
}

/// Rows being filled.
struct Rows {
    done: Vec<Vec<Piece>>,
    row: Vec<Piece>,
    used: usize,
    room: usize,
}

impl Rows {
    fn push(&mut self, text: &str, look: Look) {
        for cluster in text.graphemes(true) {
            let wide = cluster_width(cluster);
            if self.used + wide > self.room && self.used > 0 {
                self.end();
            }
            self.used += wide;
            match self.row.last_mut() {
                Some((have, same)) if *same == look => have.to_mut().push_str(cluster),
                _ => self.row.push((Cow::Owned(cluster.to_owned()), look)),
            }
        }
    }

    fn end(&mut self) {
        self.done.push(std::mem::take(&mut self.row));
        self.used = 0;
    }
}

/// An endpoint's keys or token, masked unless one is shown.
pub(super) fn keys(canvas: &mut Canvas<'_>, model: &Model, sheet: &KeySheet, top: bool, body: Rect) {
    let title = format!("Keys of {}", sheet.endpoint.name.show());
    let title =
        if matches!(sheet.credentials, Credentials::Token(_)) { title.replacen("Keys", "Token", 1) } else { title };
    let kind = format!("{} · {}", sheet.endpoint.kind.word(), sheet.endpoint.auth.word());
    let rows = if matches!(sheet.credentials, Credentials::Failed(_)) { body.height } else { 12 };
    let area = drawer(canvas, &title, &kind, rows, body);
    let room = area.width.saturating_sub(MARK);
    let text = Rect { x: area.x + MARK, y: area.y + 1, width: room, height: area.height.saturating_sub(1) };
    let shown = sheet.shown.filter(|until| top && *until > model.now);
    let mut prose = Prose::new(room);
    match &sheet.credentials {
        Credentials::Loading => {
            let since = model.flights.since(crate::app::Lane::Keys).unwrap_or(model.now);
            states::waiting(canvas, &mut prose, "management.azure.com", "fetching them", (since, model.now));
            prose.draw(canvas, text, 0);
            return;
        }
        Credentials::Failed(failure) => {
            trouble::failure(&mut prose, failure);
            prose.gap().key("r", "tries again");
            if let Some(azure) = &failure.azure {
                prose.gap();
                trouble::azure(&mut prose, azure);
            }
            prose.draw(canvas, text, 0);
            return;
        }
        Credentials::Keys(keys) => {
            let both = [WhichKey::Primary, WhichKey::Secondary];
            for (which, y) in both.into_iter().zip(text.y..) {
                let here = which == sheet.cursor;
                let hides = shown.filter(|_| here);
                masked(canvas, (area.x, y, area.width), which.word(), here, hides.map(|at| (at, model.now)));
            }
            let says = "Either key opens it: move callers to one, then regenerate the other.";
            below(canvas, area, text.y + 3, shown.map(|_| keys.get(sheet.cursor)), says);
        }
        Credentials::Token(token) => {
            masked(canvas, (area.x, text.y, area.width), "token", true, shown.map(|at| (at, model.now)));
            let x = text.x + cells(LABEL);
            canvas.words(x, text.y + 1, room.saturating_sub(cells(LABEL)), &life(token, model.now), Look::Secondary);
            below(
                canvas,
                area,
                text.y + 3,
                shown.map(|_| &token.token),
                "Azure gives out a new one whenever it is asked: r.",
            );
        }
    }
    // Where the change has a line of its own above the footer, once is enough.
    if let (Some(progress), true) = (&sheet.progress, model.writing.is_empty()) {
        let words = format!("{} regenerating: {}", canvas.spinner, progress.show());
        canvas.words(text.x, area.bottom().saturating_sub(2), room, &words, Look::Plain);
    }
}

/// How long a token is good.
fn life(token: &EndpointToken, now: Moment) -> String {
    let mut words = token.token_type.show().into_owned();
    if !words.is_empty() {
        words.push_str(" · ");
    }
    if token.expires <= now {
        words.push_str("it has ended");
    } else {
        let _ = write!(words, "good for {}", count_down(now, token.expires));
    }
    words
}

/// A label with a mask, and when what is shown below it hides.
fn masked(
    canvas: &mut Canvas<'_>,
    (x, y, room): (u16, u16, u16),
    word: &str,
    here: bool,
    hides: Option<(Moment, Moment)>,
) {
    Mark::of(here, false).draw(canvas, x, y);
    let label = x + MARK;
    canvas.put(label, y, cells(LABEL), word, if here { Look::Accent } else { Look::Secondary });
    let field = label + cells(LABEL);
    match hides {
        Some((at, now)) => {
            let words = format!("hides in {}", count_down(now, at));
            canvas.put(field, y, room.saturating_sub(field - x), &words, Look::Warning)
        }
        None => canvas.put(field, y, room.saturating_sub(field - x), MASK, Look::Plain),
    };
}

/// A shown key on lines of its own, from the first column on; else what there is to know.
fn below(canvas: &mut Canvas<'_>, area: Rect, y: u16, key: Option<&Sealed>, says: &str) {
    let Some(key) = key else {
        canvas.words(area.x + MARK, y, area.width.saturating_sub(MARK), says, Look::Secondary);
        return;
    };
    // The sheet has a margin; a key begins in the screen's first column, to be selected whole.
    let (x, room) = (area.x - 1, area.width + 2);
    let rows = lines(key.unseal(), usize::from(room), false, canvas.ascii);
    let fits = usize::from(area.bottom().saturating_sub(y));
    for (line, y) in rows.iter().zip(y..area.bottom()) {
        canvas.pieces(x, y, room, line);
    }
    if rows.len() > fits {
        let words = format!("{} more: y copies all of it", counted(rows.len() - fits + 1, "line"));
        let y = area.bottom().saturating_sub(1);
        canvas.clear(Rect { x, y, width: room, height: 1 });
        canvas.words(area.x, y, area.width, &words, Look::Secondary);
    }
}
