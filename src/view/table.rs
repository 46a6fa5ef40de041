//! Lists as tables: any noun with columns, a window of its rows, the cursor's mark, and what is open.

use ratatui::layout::Rect;

use crate::app::{List, Row, Shelf};
use crate::domain::{Cell, Columns, Head, Moment};

use super::canvas::Canvas;
use super::symbols::{ALIKE, CURSOR, OPEN};
use super::text::{cells, width};
use super::theme::Look;

/// Cells before a row's text: the mark and a blank.
pub(super) const MARK: u16 = 2;
/// Cells between two columns.
const GAP: u16 = 2;
/// The least a name is given before other columns give way.
const NAME: u16 = 20;
/// The most a name is given: beyond that the eye loses the row on its way to the next column.
const LONG_NAME: u16 = 48;

/// The first row to draw, so that the cursor is in the window and the window is full.
pub(super) fn scrolled(offset: &mut usize, cursor: usize, total: usize, height: u16) -> usize {
    let height = usize::from(height).max(1);
    *offset = (*offset).clamp((cursor + 1).saturating_sub(height), cursor).min(total.saturating_sub(height));
    *offset
}

/// Which mark a row bears. The cursor is drawn only where keys are heard; there it hides the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    None,
    Open,
    Cursor,
}

impl Mark {
    /// The mark of a row.
    pub(super) fn of(cursor: bool, open: bool) -> Self {
        match (cursor, open) {
            (true, _) => Self::Cursor,
            (false, true) => Self::Open,
            (false, false) => Self::None,
        }
    }

    /// Draws it. One cell and nothing else of the row: on a slow line a row that changes its colours is felt.
    pub(super) fn draw(self, canvas: &mut Canvas<'_>, x: u16, y: u16) {
        match self {
            Self::None => {}
            Self::Open => _ = canvas.put(x, y, 1, OPEN, Look::Title),
            Self::Cursor => _ = canvas.put(x, y, 1, CURSOR, Look::Mark),
        }
    }
}

/// Which columns are drawn, and how wide: those on the right give way first, the state never does.
pub(super) fn columns(heads: &[Head], room: u16) -> Vec<(usize, u16)> {
    let state = heads.iter().rposition(|head| head.title.is_empty() || head.title == "STATE");
    let mut kept: Vec<usize> = (0..heads.len()).collect();
    let fixed =
        |kept: &[usize]| -> u16 { kept.iter().filter_map(|&at| heads[at].width.map(|width| width + GAP)).sum() };
    while room < fixed(&kept) + NAME {
        let Some(out) = kept.iter().rposition(|&at| heads[at].width.is_some() && Some(at) != state) else { break };
        kept.remove(out);
    }
    let name = room.saturating_sub(fixed(&kept)).min(LONG_NAME);
    let mut columns: Vec<(usize, u16)> = kept.into_iter().map(|at| (at, heads[at].width.unwrap_or(name))).collect();
    // What the name leaves goes to the last column: traffic over many deployments is long.
    let used: u16 = columns.iter().map(|&(_, wide)| wide + GAP).sum::<u16>().saturating_sub(GAP);
    if let Some((_, last)) = columns.last_mut() {
        *last += room.saturating_sub(used);
    }
    columns
}

/// A line of a list.
pub(super) enum Line<'l, T> {
    /// What the rows below it have in common.
    Heading(String),
    /// A row and its place among the visible ones.
    Row(usize, &'l T),
}

/// How rows are grouped: whether two neighbours belong together, and what stands above the first of a group.
pub(super) struct Groups<'g, T> {
    pub(super) together: &'g dyn Fn(&T, &T) -> bool,
    pub(super) heading: &'g dyn Fn(&T) -> String,
}

/// The lines in the window. Without groups only its own rows are looked at, however long the list is; with them each row is
/// compared with its neighbour, and only what is drawn gets a heading.
pub(super) fn window<'l, T: Row>(
    list: &'l List<T>,
    groups: Option<&Groups<'_, T>>,
    offset: &mut usize,
    height: u16,
) -> Vec<Line<'l, T>> {
    let rows = usize::from(height);
    let Some(groups) = groups else {
        let first = scrolled(offset, list.cursor(), list.shown(), height);
        return list.window(first, rows).map(|(at, row)| Line::Row(at, row)).collect();
    };
    let lines = || {
        let mut above = None;
        list.window(0, list.shown()).flat_map(move |(at, row)| {
            let begins = above.replace(row).is_none_or(|above| !(groups.together)(above, row));
            [begins.then_some(None), Some(Some((at, row)))].into_iter().flatten().map(move |line| (line, row))
        })
    };
    let (mut total, mut cursor, mut heads) = (0, 0, false);
    let mut headed = false;
    for (line, _) in lines() {
        if line.is_some_and(|(at, _)| at == list.cursor()) {
            (cursor, headed) = (total, heads);
        }
        heads = line.is_none();
        total += 1;
    }
    // The heading above the cursor's row comes into view with it.
    if headed && *offset >= cursor && rows > 1 {
        *offset = cursor - 1;
    }
    let first = scrolled(offset, cursor, total, height);
    let drawn = lines().skip(first).take(rows);
    drawn
        .map(|(line, row)| match line {
            Some((at, row)) => Line::Row(at, row),
            None => Line::Heading((groups.heading)(row)),
        })
        .collect()
}

/// A table, as it is to be drawn.
pub(super) struct Table<'t, T> {
    /// The rows, and which of their names look alike.
    pub(super) shelf: &'t Shelf<T>,
    /// What stands above rows that belong together.
    pub(super) groups: Option<&'t Groups<'t, T>>,
    /// Whether the cursor is drawn.
    pub(super) current: bool,
    /// Whether a row is marked as open.
    pub(super) open: &'t dyn Fn(&T) -> bool,
    /// What is said of a row instead of its last cell.
    pub(super) state: &'t dyn Fn(&T) -> Option<Cell>,
}

impl<'t, T: Row + Columns> Table<'t, T> {
    /// A table of a list in which nothing is open.
    pub(super) fn of(shelf: &'t Shelf<T>, current: bool) -> Self {
        Self { shelf, groups: None, current, open: &|_| false, state: &|_| None }
    }

    /// Draws heads and rows.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, offset: &mut usize, now: Moment) {
        if area.height == 0 {
            return;
        }
        let columns = columns(T::HEADS, area.width.saturating_sub(MARK));
        let mut x = area.x + MARK;
        for &(at, wide) in &columns {
            canvas.put(x, area.y, wide.min(area.right().saturating_sub(x)), T::HEADS[at].title, Look::Secondary);
            x = x.saturating_add(wide + GAP);
        }
        let rows = Rect { y: area.y + 1, height: area.height - 1, ..area };
        for (line, y) in
            window(&self.shelf.list, self.groups, offset, rows.height).into_iter().zip(rows.top()..rows.bottom())
        {
            let (at, row) = match line {
                Line::Heading(text) => {
                    canvas.name(area.x + MARK, y, area.width.saturating_sub(MARK), &text, Look::Secondary);
                    continue;
                }
                Line::Row(at, row) => (at, row),
            };
            let mark = Mark::of(self.current && at == self.shelf.list.cursor(), (self.open)(row));
            mark.draw(canvas, area.x, y);
            let mut row_cells = row.cells(now);
            if let (Some(state), Some(last)) = ((self.state)(row), row_cells.last_mut()) {
                *last = state;
            }
            let mut x = area.x + MARK;
            for &(at, wide) in &columns {
                let room = wide.min(area.right().saturating_sub(x));
                if let Some(cell) = row_cells.get(at) {
                    let alike = at == 0 && self.shelf.is_alike(row.name());
                    marked(canvas, (x, y, room), &cell.text, (alike, Look::from(cell.tone)));
                }
                x = x.saturating_add(wide + GAP);
            }
        }
    }
}

/// Draws a name, with its mark where it looks like another one, and says where that ended.
fn marked(canvas: &mut Canvas<'_>, (x, y, room): (u16, u16, u16), name: &str, (alike, look): (bool, Look)) -> u16 {
    if !alike || room <= 2 {
        return canvas.name(x, y, room, name, look);
    }
    let end = canvas.name(x, y, room - 2, name, look);
    canvas.put(end + 1, y, 1, ALIKE, Look::Warning)
}

/// Draws a name with one word after it, as the narrow lists have them: the words stand in line where the names allow it.
pub(super) fn name_and_word(
    canvas: &mut Canvas<'_>,
    area: (u16, u16, u16),
    (name, alike): (&str, bool),
    word: (&str, Look),
) {
    /// Cells kept for a word: as wide as `this folder`.
    const WORD: u16 = 11;
    let (x, y, room) = area;
    let length = cells(width(word.0));
    if length == 0 || room <= length + GAP {
        marked(canvas, (x, y, room), name, (alike, Look::Plain));
        return;
    }
    let end = marked(canvas, (x, y, room - length - GAP), name, (alike, Look::Plain));
    let column = (x + room).saturating_sub(WORD.max(length));
    canvas.put(column.max(end + GAP), y, length, word.0, word.1);
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADS: &[Head] = &[
        Head::grows("NAME"),
        Head::fixed("TYPE", 11),
        Head::fixed("EXPIRES", 12),
        Head::fixed("UPDATED", 8),
        Head::fixed("", 4),
    ];

    #[test]
    fn columns_on_the_right_give_way_but_the_state_stays() {
        let kept = |room| columns(HEADS, room).into_iter().map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(kept(84), [0, 1, 2, 3, 4]);
        assert_eq!(kept(60), [0, 1, 2, 4]);
        assert_eq!(kept(30), [0, 4]);
        assert_eq!(columns(HEADS, 84)[0], (0, 41));
        assert_eq!((columns(HEADS, 120)[0], columns(HEADS, 120)[4]), ((0, 48), (4, 33)));
    }

    #[test]
    fn the_window_follows_the_cursor_and_stays_full() {
        let mut offset = 0;
        assert_eq!(scrolled(&mut offset, 3, 10, 4), 0);
        assert_eq!(scrolled(&mut offset, 4, 10, 4), 1);
        assert_eq!(scrolled(&mut offset, 9, 10, 4), 6);
        assert_eq!(scrolled(&mut offset, 2, 3, 4), 0);
    }
}
