//! Sheets over the lower part of the screen: commands, versions, deleted secrets, a failure's whole text.

use std::borrow::Cow;

use ratatui::layout::{Position, Rect};

use crate::app::{Lane, Load, Model, Palette, Pane, Row, Shelf, Tenants, Versions, Words};
use crate::domain::{AccountId, Cell, Columns, DeletedSecret, Tenant, Tone, Workspace};

use super::canvas::Canvas;
use super::form::typed;
use super::prose::Prose;
use super::states;
use super::symbols::label;
use super::table::{MARK, Mark, Table, scrolled};
use super::text::{cells, count, counted, width};
use super::theme::Look;
use super::trouble;

/// Rows of the details with their rule and title.
const FACTS: u16 = 7;

/// Opens a sheet of so many rows, its title among them, at the lower end of `body`, and gives what is inside its margins.
pub(super) fn drawer(canvas: &mut Canvas<'_>, title: &str, fact: &str, rows: u16, body: Rect) -> Rect {
    // At least as high as the details, so that none of them is left over above it.
    let height = rows.saturating_add(1).clamp(FACTS.min(body.height), body.height);
    let area = Rect { y: body.bottom() - height, height, ..body };
    canvas.clear(area);
    let fact_wide = cells(width(fact));
    canvas.rule(area.x, area.y, area.width);
    let room = area.width.saturating_sub(6 + fact_wide);
    let end = canvas.name(area.x + 1, area.y, room, title, Look::Title);
    canvas.put(end, area.y, 1, " ", Look::Plain);
    canvas.put(area.x, area.y, 1, " ", Look::Plain);
    if fact_wide > 0 {
        let at = area.right().saturating_sub(fact_wide + 3);
        canvas.put(at, area.y, fact_wide + 2, &format!(" {fact} "), Look::Secondary);
    }
    Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 1 }
}

/// Says how many lines are left below.
pub(super) fn more(canvas: &mut Canvas<'_>, left: usize, area: Rect) {
    if left > 0 {
        let words = format!("{} more below: j goes on", counted(left, "line"));
        let y = area.bottom().saturating_sub(1);
        canvas.words(area.x, y, area.width, &words, Look::Secondary);
    }
}

/// A failure's whole text.
pub(super) fn words(canvas: &mut Canvas<'_>, words: &Words, body: Rect) {
    let failure = &words.failure;
    let mut prose = Prose::new(body.width.saturating_sub(2 + 2 * MARK));
    trouble::failure(&mut prose, failure);
    if let Some(azure) = &failure.azure {
        prose.gap();
        trouble::azure(&mut prose, azure);
    }
    let area = drawer(canvas, "What went wrong", "", prose.height() + 3, body);
    let text =
        Rect { x: area.x + MARK, y: area.y + 1, width: area.width - MARK, height: area.height.saturating_sub(2) };
    let past = usize::from(prose.height().saturating_sub(text.height));
    let left = prose.draw(canvas, text, words.scroll.min(past));
    more(canvas, left, area);
}

/// The commands that work here, by name, with their keys at the right.
pub(super) fn palette(canvas: &mut Canvas<'_>, palette: &Palette, offset: &mut usize, body: Rect) -> Position {
    let list = &palette.list;
    let most = body.height.saturating_sub(4).min(14);
    let area =
        drawer(canvas, "Commands", &format!("{} of {}", count(list.shown()), count(list.total())), most + 3, body);
    let x = area.x + MARK;
    let room = area.width - MARK;
    canvas.put(area.x, area.y + 1, 1, ":", Look::Title);
    let input = &list.filter;
    let cursor = typed(canvas, (x, area.y + 1, room), input.value(), input.visual_cursor());
    let rows = Rect { y: area.y + 3, height: area.height.saturating_sub(3), ..area };
    if list.shown() == 0 {
        let mut prose = Prose::new(room);
        prose.say(&format!("no command matches “{}”", input.value()), Look::Secondary);
        prose.draw(canvas, Rect { x, width: room, ..rows }, 0);
        return cursor;
    }
    let first = scrolled(offset, list.cursor(), list.shown(), rows.height);
    for ((at, entry), y) in list.window(first, usize::from(rows.height)).zip(rows.top()..rows.bottom()) {
        Mark::of(at == list.cursor(), false).draw(canvas, area.x, y);
        let keys = entry.binding.keys.first().map(|key| label(key, canvas.ascii)).unwrap_or_default();
        let wide = cells(width(&keys));
        canvas.words(x, y, room.saturating_sub(wide + 2), entry.name().raw(), Look::Plain);
        canvas.put(area.right().saturating_sub(wide), y, wide, &keys, Look::Title);
    }
    cursor
}

/// An account's tenants: which one the workspaces are narrowed to, and how many of them are in each.
pub(super) fn tenants(
    canvas: &mut Canvas<'_>,
    model: &Model,
    sheet: &Tenants,
    (top, offset): (bool, &mut usize),
    body: Rect,
) {
    let name = model.account(&sheet.account).map_or_else(String::new, |account| account.name.show().into_owned());
    let title = format!("Tenants of {name}");
    let narrowed = model.workspaces.narrowed.as_ref().filter(|narrowed| narrowed.account == sheet.account);
    let open = |tenant: &Tenant| narrowed.is_some_and(|narrowed| narrowed.tenant.as_ref() == Some(tenant));
    let state = |tenant: &Tenant| Some(in_tenant(model, &sheet.account, tenant));
    let rows = Table { open: &open, state: &state, ..Table::of(&sheet.shelf, top) };
    let empty = "Azure names no tenant that this account is in.";
    shelf(canvas, model, (&title, empty, Lane::Tenants), &rows, offset, body);
}

/// How an account stands in one of its tenants.
fn in_tenant(model: &Model, account: &AccountId, tenant: &Tenant) -> Cell {
    let seen = |workspace: &&Workspace| workspace.who.account == *account && tenant.is(&workspace.who.tenant);
    let (number, whole) = (model.workspaces.all.iter().filter(seen).count(), !model.flights.busy(Lane::Workspaces));
    let (words, tone) = match model.workspaces.failure_in(account, tenant) {
        Some(failure) if failure.asks_for_more() => ("wants a sign-in".to_owned(), Tone::Warning),
        Some(_) => ("not listed".to_owned(), Tone::Warning),
        None if number > 0 => (counted(number, "workspace"), Tone::Plain),
        None if whole && model.looks_in(tenant) => ("no workspace".to_owned(), Tone::Secondary),
        None => (String::new(), Tone::Plain),
    };
    let home = model.account(account).is_some_and(|account| tenant.is(&account.tenant));
    let parts = [if home { "home" } else { "" }, &words];
    Cell::toned(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "), tone)
}

/// A secret's versions.
pub(super) fn versions(
    canvas: &mut Canvas<'_>,
    model: &Model,
    versions: &Versions,
    (top, offset): (bool, &mut usize),
    body: Rect,
) {
    let title = format!("Versions of {}", versions.name);
    let empty = "No versions.";
    let rows = Table::of(&versions.shelf, top);
    shelf(canvas, model, (&title, empty, Lane::Versions), &rows, offset, body);
}

/// The vault's deleted secrets.
pub(super) fn deleted(
    canvas: &mut Canvas<'_>,
    model: &Model,
    list: &Shelf<DeletedSecret>,
    (top, offset): (bool, &mut usize),
    body: Rect,
) {
    let vault = model.secrets.vault.as_ref().map_or("", |vault| vault.name.as_str());
    let title = format!("Deleted secrets of {vault}");
    shelf(
        canvas,
        model,
        (
            &title,
            "Nothing is deleted here. What was deleted just now takes some seconds to come; r looks again.",
            Lane::Deleted,
        ),
        &Table::of(list, top),
        offset,
        body,
    );
}

/// A list in a sheet, in whatever state it is.
fn shelf<T: Row + Columns>(
    canvas: &mut Canvas<'_>,
    model: &Model,
    (title, empty, lane): (&str, &str, Lane),
    table: &Table<'_, T>,
    offset: &mut usize,
    body: Rect,
) {
    let (shelf, since) = (table.shelf, model.flights.since(lane));
    let total = shelf.list.total();
    let mut fact = if total == 0 { String::new() } else { count(total) };
    if since.is_some() {
        fact.push_str(if fact.is_empty() { "" } else { " · " });
        fact.push_str(canvas.spinner);
    }
    let area = drawer(canvas, title, &fact, (body.height * 2 / 3).max(10), body);
    let inside = Rect { height: area.height.saturating_sub(1), ..area };
    if total > 0 {
        let short = match &shelf.load {
            Load::Failed(failure) | Load::Stale(_, failure) => Some(failure.as_sentence()),
            Load::Stopped => Some("Stopped.".to_owned()),
            _ => None,
        };
        let rows = Rect { height: inside.height.saturating_sub(u16::from(short.is_some())), ..inside };
        table.draw(canvas, rows, offset, model.now);
        if let Some(why) = short {
            let (x, y) = (inside.x + MARK, inside.bottom().saturating_sub(1));
            let words = format!("Not all are here. {why}");
            canvas.words(x, y, inside.width.saturating_sub(MARK), &words, Look::Warning);
        }
        return;
    }
    let text =
        Rect { x: area.x + MARK, y: area.y + 1, width: area.width - MARK, height: area.height.saturating_sub(1) };
    let mut prose = Prose::new(text.width);
    let asked = if lane == Lane::Tenants { Pane::Workspaces } else { Pane::Secrets };
    let host = states::asked(model, asked, lane);
    match (&shelf.load, since) {
        (Load::Failed(failure) | Load::Stale(_, failure), _) => {
            trouble::failure(&mut prose, failure);
            if let Some(azure) = &failure.azure {
                prose.gap();
                trouble::azure(&mut prose, azure);
            }
        }
        (_, Some(since)) => states::waiting(canvas, &mut prose, &host, "fetching them", (since, model.now)),
        (Load::Loading, None) => {
            states::waiting(canvas, &mut prose, &host, "fetching them", (model.now, model.now));
        }
        (Load::Stopped, None) => {
            prose.line(vec![(Cow::Borrowed("Stopped."), Look::Plain)]);
        }
        (Load::Ready(_) | Load::Unasked, None) => {
            prose.say(empty, Look::Plain);
        }
    }
    prose.draw(canvas, text, 0);
}
