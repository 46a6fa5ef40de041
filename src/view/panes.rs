//! The four panes: their titles, and their rows or what stands in their place.

use std::borrow::Cow;

use ratatui::layout::{Position, Rect};

use crate::app::{Load, Model, Narrowed, Pane};
use crate::domain::{Account, AccountKind, Cell, Moment, Tone, Workspace, Zone};

use super::Memory;
use super::canvas::{Canvas, Piece, joined, width_of};
use super::prose::Prose;
use super::states;
use super::table::{Groups, Line, MARK, Mark, Table, name_and_word, window};
use super::text::{cells, count, tail_of, width};
use super::theme::Look;

/// The most lines about what could not be fetched below a list.
const FEET: usize = 3;

/// A time of day, for what is not older than that.
fn clock(at: Moment, zone: &Zone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// The filter of a pane as it is typed or kept, with the cells before its cursor while it is typed.
fn filter_of(model: &Model, pane: Pane) -> Option<(String, Option<usize>)> {
    let input = match pane {
        Pane::Accounts => &model.accounts.list.filter,
        Pane::Workspaces => &model.workspaces.shelf.list.filter,
        Pane::Secrets => &model.secrets.shelf.list.filter,
        Pane::Endpoints => &model.endpoints.list.filter,
    };
    let typing = model.filtering && model.pane == pane && model.overlays.is_empty();
    (typing || !input.value().is_empty())
        .then(|| (input.value().to_owned(), typing.then(|| width(input.value()).min(input.visual_cursor()))))
}

/// How many there are, and from when: each piece may be left out, the last first.
fn facts(canvas: &Canvas<'_>, model: &Model, pane: Pane) -> Vec<Piece> {
    let (load, shown, total) = model.pane_state(pane);
    let busy = model.flights.busy(Model::lane_of(pane));
    let all = match pane {
        // What several accounts reach is one workspace.
        Pane::Workspaces if model.workspaces.narrowed.is_some() => model.workspaces.distinct.max(total),
        _ => total,
    };
    let mut pieces: Vec<Piece> = Vec::new();
    let number = match load {
        Load::Unasked => None,
        Load::Loading | Load::Failed(_) | Load::Stopped if total == 0 => None,
        Load::Loading => Some(format!("{}…", count(shown))),
        _ if shown == all => Some(count(all)),
        _ => Some(format!("{} of {}", count(shown), count(all))),
    };
    pieces.extend(number.map(|text| (Cow::Owned(text), Look::Secondary)));
    let order = model.order_of(pane);
    if !order.is_empty() {
        pieces.push((Cow::Borrowed(order), Look::Secondary));
    }
    if pane == Pane::Secrets
        && let Some(vault) = &model.secrets.vault
    {
        pieces.push((Cow::Owned(vault.name.clone()), Look::Secondary));
    }
    let zone = &model.start.zone;
    // What is waited for longer than a moment may not come: then it counts from when the rows are.
    let since = model.flights.since(Model::lane_of(pane));
    let slow = since.is_some_and(|since| states::slow(model, pane, since, true).is_some());
    if let (true, Some(at)) = (slow, load.as_of()) {
        pieces.push((Cow::Owned(format!("as of {}", clock(at, zone))), Look::Warning));
    }
    match load {
        _ if busy => pieces.push((Cow::Borrowed(canvas.spinner), Look::Accent)),
        Load::Stale(at, _) => pieces.push((Cow::Owned(format!("as of {}", clock(*at, zone))), Look::Warning)),
        Load::Ready(at) if pane == Pane::Secrets => pieces.push((Cow::Owned(clock(*at, zone)), Look::Secondary)),
        Load::Stopped => pieces.push((Cow::Borrowed("stopped"), Look::Warning)),
        _ => {}
    }
    pieces
}

/// Joins as many facts as fit: the vault's name gives way first, then the time.
fn fitting(mut facts: Vec<Piece>, room: usize) -> Vec<Piece> {
    while facts.len() > 1 && width_of(&joined(&facts)) > room {
        facts.remove(1);
    }
    joined(&facts)
}

/// Puts a filter into `room` cells, and says where its cursor stands. A long one shows its end.
fn put_filter(
    canvas: &mut Canvas<'_>,
    (x, y, room): (u16, u16, u16),
    (text, cursor): &(String, Option<usize>),
) -> (u16, Option<Position>) {
    let x = canvas.put(x, y, room, "/ ", Look::Title);
    let room = room.saturating_sub(2);
    let mut shown = tail_of(text, usize::from(room));
    let cut = shown.len() < text.len();
    if cut {
        shown = tail_of(text, usize::from(room).saturating_sub(1));
    }
    let hidden = (width(text) - width(shown)).saturating_sub(usize::from(cut));
    let from = if cut { canvas.put(x, y, room, "…", Look::Secondary) } else { x };
    let end = canvas.put(from, y, room, shown, Look::Plain);
    let at = cursor.map(|cursor| Position::new(x + cells(cursor.saturating_sub(hidden)), y));
    (end, at)
}

/// The title rule of a pane: `3 Secrets ──── / db ── 4 of 148 · kv-vision · 14:02`.
pub(super) fn title(
    canvas: &mut Canvas<'_>,
    model: &Model,
    pane: Pane,
    (x, y, room): (u16, u16, u16),
) -> Option<Position> {
    let look = if pane == model.pane { Look::Title } else { Look::Plain };
    let end = x + room;
    let filter = filter_of(model, pane);
    let wanted = filter.as_ref().map_or(0, |(text, _)| width(text) + 6);
    // What somebody types is worth more than the pane's name, which its number says, too.
    let number = pane as usize + 1;
    let name = format!("{number} {}", pane.title());
    let name = if wanted + width(&name) > usize::from(room) + 1 { number.to_string() } else { name };
    let start = canvas.put(x, y, room, &name, look) + 1;
    let left = usize::from(end.saturating_sub(start));
    let facts = facts(canvas, model, pane);
    let mut facts = fitting(facts, left.saturating_sub(wanted.min(left / 2) + 3));
    if filter.is_some() && width_of(&facts) + wanted > left + 1 {
        let shown = count(model.pane_state(pane).1);
        let fits = width(&shown) + wanted <= left + 1;
        facts = if fits { vec![(Cow::Owned(shown), Look::Secondary)] } else { Vec::new() };
    }
    let facts_wide = cells(width_of(&facts)).min(cells(left));
    let facts_at = end - facts_wide;
    canvas.pieces(facts_at, y, facts_wide, &facts);
    let rule_end = if facts_wide == 0 { end } else { facts_at - 1 };
    let Some(filter) = filter else {
        canvas.rule(start, y, rule_end.saturating_sub(start));
        return None;
    };
    // One cell more than the text, so that the cursor has a place after it.
    let most = rule_end.saturating_sub(start + 1);
    let wide = cells(width(&filter.0) + 2).min(most);
    let tail = if most >= wide + 4 && facts_wide > 0 { 3 } else { 0 };
    let filter_at = rule_end.saturating_sub(wide + tail + u16::from(tail == 0));
    canvas.rule(start, y, filter_at.saturating_sub(start + 1));
    let (after, cursor) = put_filter(canvas, (filter_at.max(start), y, wide), &filter);
    if tail > 0 {
        canvas.rule(after + 1, y, rule_end.saturating_sub(after + 1));
    }
    cursor
}

/// The line above a single list: its filter or whose it is on the left, the facts on the right.
pub(super) fn filter_line(canvas: &mut Canvas<'_>, model: &Model, (x, y, room): (u16, u16, u16)) -> Option<Position> {
    let facts = facts(canvas, model, model.pane);
    let filter = filter_of(model, model.pane);
    let facts = if filter.is_some() || model.pane != Pane::Secrets {
        fitting(facts, usize::from(room / 2))
    } else {
        // Without a filter the vault's name stands on the left.
        joined(&facts.into_iter().filter(|(text, _)| !is_vault(model, text)).collect::<Vec<_>>())
    };
    let facts_wide = cells(width_of(&facts)).min(room);
    canvas.pieces(x + room - facts_wide, y, facts_wide, &facts);
    let left = room.saturating_sub(facts_wide + 2);
    if let Some(filter) = filter {
        return put_filter(canvas, (x, y, left), &filter).1;
    }
    let whose = match model.pane {
        Pane::Secrets => model.secrets.vault.as_ref().map(|vault| vault.name.clone()),
        Pane::Endpoints => model.workspace().map(|workspace| workspace.name.show().into_owned()),
        Pane::Workspaces => model.workspaces.narrowed.as_ref().map(|to| format!("only {}", narrowed_name(model, to))),
        Pane::Accounts => None,
    };
    if let Some(whose) = whose {
        canvas.name(x, y, left, &whose, Look::Secondary);
    }
    None
}

fn is_vault(model: &Model, text: &str) -> bool {
    model.secrets.vault.as_ref().is_some_and(|vault| vault.name == text)
}

/// What the workspaces are narrowed to: `alex@contoso.com in Fabrikam`.
pub(super) fn narrowed_name(model: &Model, to: &Narrowed) -> String {
    let account = model.account(&to.account);
    let account = account.map_or_else(|| to.account.to_string(), |account| account.name.show().into_owned());
    let tenant = to.tenant.as_ref().map_or_else(String::new, |tenant| format!(" in {}", tenant.name.show()));
    format!("{account}{tenant}")
}

/// A pane's rows, or what stands in their place. `slim` lists have a name and one word.
pub(super) fn body(canvas: &mut Canvas<'_>, model: &Model, memory: &mut Memory, pane: Pane, slim: bool, area: Rect) {
    let (load, shown, total) = model.pane_state(pane);
    let text = Rect { x: area.x + MARK, width: area.width.saturating_sub(MARK), ..area };
    let mut prose = Prose::new(text.width);
    if total == 0 || states::refused(load) {
        states::missing(canvas, model, pane, &mut prose);
        let left = prose.squeeze(text.height).draw(canvas, text, 0);
        if left > 0 && pane == model.pane && model.pane_failure(pane).is_some() {
            let y = text.bottom().saturating_sub(1);
            canvas.words(
                text.x,
                y,
                text.width,
                &format!("{:1$}", "! shows all of it", text.width.into()),
                Look::Secondary,
            );
        }
        return;
    }
    let feet = states::foot(model, pane);
    let most = usize::from(area.height.saturating_sub(3)).min(FEET);
    let rows = Rect { height: area.height - cells(feet.len().min(most)), ..area };
    for ((line, look), y) in feet.iter().zip(rows.bottom()..area.bottom()) {
        canvas.words(text.x, y, text.width, line, *look);
    }
    if shown == 0 {
        let filter = filter_of(model, pane).map(|(text, _)| text).unwrap_or_default();
        states::no_match(&filter, *load == Load::Loading, &mut prose);
        prose.draw(canvas, Rect { height: rows.height, ..text }, 0);
        return;
    }
    let offset = &mut memory.panes[pane as usize];
    let current = model.pane == pane;
    match pane {
        Pane::Accounts if slim => accounts(canvas, model, rows, offset),
        Pane::Accounts => {
            let acting = model.acting().map(|account| &account.id);
            let open = |account: &Account| Some(&account.id) == acting;
            let table = Table { open: &open, ..Table::of(&model.accounts, current) };
            table.draw(canvas, rows, offset, model.now);
        }
        Pane::Workspaces => workspaces(canvas, model, slim, rows, offset),
        Pane::Secrets => Table::of(&model.secrets.shelf, current).draw(canvas, rows, offset, model.now),
        Pane::Endpoints => Table::of(&model.endpoints, current).draw(canvas, rows, offset, model.now),
    }
}

fn accounts(canvas: &mut Canvas<'_>, model: &Model, area: Rect, offset: &mut usize) {
    let list = &model.accounts.list;
    let acting = model.acting().map(|account| &account.id);
    for (line, y) in window(list, None, offset, area.height).into_iter().zip(area.top()..) {
        let Line::Row(at, account) = line else { continue };
        let cursor = model.pane == Pane::Accounts && at == list.cursor();
        Mark::of(cursor, Some(&account.id) == acting).draw(canvas, area.x, y);
        let word = if account.ends.is_some_and(|at| at <= model.now) {
            ("ended", Look::Danger)
        } else {
            // A person is what one expects.
            (if account.kind == AccountKind::User { "" } else { account.word() }, Look::Secondary)
        };
        let place = (area.x + MARK, y, area.width.saturating_sub(MARK));
        let alike = model.accounts.is_alike(&account.name);
        name_and_word(canvas, place, (account.name.show().as_str(), alike), word);
    }
}

fn workspaces(canvas: &mut Canvas<'_>, model: &Model, slim: bool, area: Rect, offset: &mut usize) {
    let shelf = &model.workspaces.shelf;
    let list = &shelf.list;
    let grouped = list.filter.value().is_empty()
        && shelf.sorted == 0
        && list.rows().first().is_some_and(|first| list.rows().iter().any(|row| row.who.tenant != first.who.tenant));
    let heading = |workspace: &Workspace| tenant_name(model, workspace);
    let together = |one: &Workspace, other: &Workspace| one.who.tenant == other.who.tenant;
    let by_tenant = Groups { together: &together, heading: &heading };
    let groups = grouped.then_some(&by_tenant);
    let open = |workspace: &Workspace| model.workspaces.open.as_ref() == Some(&workspace.id);
    let current = model.pane == Pane::Workspaces;
    if !slim {
        let state = |workspace: &Workspace| {
            Some(if model.is_production(workspace) {
                Cell::toned("▲ production", Tone::Danger)
            } else if is_folder(model, workspace) {
                Cell::secondary("this folder")
            } else {
                Cell::default()
            })
        };
        Table { shelf, groups, current, open: &open, state: &state }.draw(canvas, area, offset, model.now);
        return;
    }
    let lines = window(list, groups, offset, area.height);
    // Two of one name are told apart by their groups.
    let name = |line: Option<&Line<'_, Workspace>>| match line {
        Some(Line::Row(_, row)) => Some(row.name.raw().to_owned()),
        _ => None,
    };
    let twin = |at: usize| {
        let own = name(lines.get(at));
        own.is_some() && (own == name(lines.get(at + 1)) || (at > 0 && own == name(lines.get(at - 1))))
    };
    for (nth, (line, y)) in lines.iter().zip(area.top()..).enumerate() {
        let place = (area.x + MARK, y, area.width.saturating_sub(MARK));
        match *line {
            Line::Heading(ref text) => {
                canvas.name(place.0, y, place.2, text, Look::Secondary);
            }
            Line::Row(at, workspace) => {
                Mark::of(current && at == list.cursor(), open(workspace)).draw(canvas, area.x, y);
                let word = if model.is_production(workspace) {
                    ("▲ prod", Look::Danger)
                } else if is_folder(model, workspace) {
                    ("this folder", Look::Secondary)
                } else if twin(nth) {
                    (workspace.id.resource_group(), Look::Secondary)
                } else {
                    (workspace.kind.word(), Look::Secondary)
                };
                let alike = shelf.is_alike(&workspace.name);
                name_and_word(canvas, place, (workspace.name.show().as_str(), alike), word);
            }
        }
    }
}

fn is_folder(model: &Model, workspace: &Workspace) -> bool {
    model.start.folder.as_ref().is_some_and(|target| target.means(workspace))
}

/// What a workspace's tenant is called: its name, else its account's domain, else its id.
pub(super) fn tenant_name(model: &Model, workspace: &Workspace) -> String {
    let who = &workspace.who;
    if let Some(tenant) = model.tenants.iter().find(|tenant| tenant.id == who.tenant && !tenant.name.is_empty()) {
        return tenant.name.show().into_owned();
    }
    let account = model.account(&who.account).filter(|account| account.tenant == who.tenant);
    let domain = account.and_then(|account| {
        let name = account.name.show().into_owned();
        name.split_once('@').map(|(_, domain)| domain.to_owned())
    });
    domain.unwrap_or_else(|| who.tenant.to_string())
}
