//! Moving about: panes, cursors, filters, orders, and opening a workspace.

use std::cmp::Ordering;

use tui_input::Input;

use crate::domain::{Endpoint, Tone, WhichKey, Workspace};

use super::flight::Lane;
use super::keymap::{BINDINGS, Binding, Command, SCOPES, Scope};
use super::list::{List, Order, Row};
use super::listed::Listed;
use super::model::{Model, Pane};
use super::msg::{Effect, Query};
use super::overlay::{KeySheet, Overlay};
use super::palette::Palette;
use super::rules::{allowed, why_not};
use super::shelf::Shelf;
use super::update::{REST, obey as obey_any};

/// Orders of the secrets after their own: what ends first, what changed last, by type.
const SECRET_ORDERS: [(Order<Listed>, &str); 3] = [
    (|a, b| last_if_none(a.expires(), b.expires()), "by expiry"),
    (|a, b| b.updated().cmp(&a.updated()), "by last change"),
    (|a, b| last_if_none(a.content_type(), b.content_type()), "by type"),
];
/// Orders of the endpoints after their own.
const ENDPOINT_ORDERS: [(Order<Endpoint>, &str); 2] =
    [(|a, b| a.kind.word().cmp(b.kind.word()), "by kind"), (|a, b| a.state.word().cmp(&b.state.word()), "by state")];
/// Orders of the workspaces after their usual one.
const WORKSPACE_ORDERS: [(Order<Workspace>, &str); 1] = [(|a, b| a.name.raw().cmp(b.name.raw()), "by name")];

fn last_if_none<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// What a command of moving about does.
pub(super) fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    use Command as C;
    match command {
        C::GoTo(pane) => go(model, pane),
        C::NextPane => go(model, model.pane.next()),
        C::PreviousPane => go(model, model.pane.previous()),
        C::Down | C::Up | C::PageDown | C::PageUp | C::Home | C::End => moved(model, command),
        C::Filter => {
            model.filtering = true;
            Vec::new()
        }
        C::CloseFilter => {
            model.filtering = false;
            Vec::new()
        }
        C::ClearFilter => {
            model.filtering = false;
            unfilter(model)
        }
        C::Sort => sort(model),
        C::Details => {
            model.details = !model.details;
            Vec::new()
        }
        C::Refresh => refresh(model),
        C::Palette => {
            model.overlays.push(Overlay::Palette(palette(model)));
            Vec::new()
        }
        C::Run => {
            let Some(Overlay::Palette(palette)) = model.overlays.pop() else { return Vec::new() };
            match palette.list.current().map(|entry| entry.binding) {
                Some(binding) => run(model, binding),
                None => Vec::new(),
            }
        }
        C::OpenWorkspace => match model.workspaces.shelf.list.current().cloned() {
            Some(workspace) => {
                model.pane = Pane::Secrets;
                rest(model);
                open(model, &workspace)
            }
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Every command of the panes: those that work here, and those of the other panes.
fn palette(model: &Model) -> Palette {
    let scopes = model.scopes();
    Palette::of(|binding| match pane_of(binding.scope) {
        Some(pane) if pane != model.pane => true,
        _ => scopes.contains(&binding.scope) && allowed(model, binding.command),
    })
}

fn pane_of(scope: Scope) -> Option<Pane> {
    match scope {
        Scope::Accounts => Some(Pane::Accounts),
        Scope::Workspaces => Some(Pane::Workspaces),
        Scope::Secrets => Some(Pane::Secrets),
        Scope::Endpoints => Some(Pane::Endpoints),
        _ => None,
    }
}

/// Runs a command of the palette, in its pane.
fn run(model: &mut Model, binding: &Binding) -> Vec<Effect> {
    let mut effects = match pane_of(binding.scope) {
        Some(pane) => go(model, pane),
        None => Vec::new(),
    };
    if allowed(model, binding.command) {
        effects.extend(obey_any(model, binding.command));
    } else {
        model.say(why_not(model, binding.command), Tone::Warning);
    }
    effects
}

fn go(model: &mut Model, pane: Pane) -> Vec<Effect> {
    model.pane = pane;
    model.filtering = false;
    rest(model);
    Vec::new()
}

/// The details wait until the cursor rests.
fn rest(model: &mut Model) {
    model.rests_at = model.now.checked_add(REST).unwrap_or(model.now);
}

/// Moves the cursor of whatever list hears the keys.
fn moved(model: &mut Model, command: Command) -> Vec<Effect> {
    let columns = usize::from(model.size.0);
    let half = isize::try_from((usize::from(model.size.1) / 2).max(1)).unwrap_or(1);
    match model.overlays.last_mut() {
        Some(Overlay::Tenants(sheet)) => step(&mut sheet.shelf.list, command, half),
        Some(Overlay::Versions(versions)) => step(&mut versions.shelf.list, command, half),
        Some(Overlay::Deleted(shelf)) => step(&mut shelf.list, command, half),
        Some(Overlay::Palette(palette)) => step(&mut palette.list, command, half),
        Some(Overlay::Keys(sheet)) => step_keys(sheet, command),
        Some(Overlay::SignIn(menu)) => {
            menu.cursor = stepped(menu.cursor, command, half, model.ways.len().saturating_sub(1));
        }
        Some(Overlay::Help(line)) => *line = stepped(*line, command, half, BINDINGS.len() + 2 * SCOPES),
        Some(Overlay::Words(words)) => words.scroll = stepped(words.scroll, command, half, words.lines(columns)),
        Some(Overlay::Reveal(reveal)) => {
            reveal.scroll = stepped(reveal.scroll, command, half, reveal.value.value.folded_lines(columns));
        }
        Some(_) => {}
        None => {
            match model.pane {
                Pane::Accounts => step(&mut model.accounts.list, command, half),
                Pane::Workspaces => step(&mut model.workspaces.shelf.list, command, half),
                Pane::Secrets => step(&mut model.secrets.shelf.list, command, half),
                Pane::Endpoints => step(&mut model.endpoints.list, command, half),
            }
            rest(model);
        }
    }
    Vec::new()
}

fn step<T: Row>(list: &mut List<T>, command: Command, half: isize) {
    match command {
        Command::Down => list.step(1),
        Command::Up => list.step(-1),
        Command::PageDown => list.step(half),
        Command::PageUp => list.step(-half),
        Command::Home => list.home(),
        _ => list.end(),
    }
}

fn stepped(at: usize, command: Command, half: isize, last: usize) -> usize {
    match command {
        Command::Down => at.saturating_add(1).min(last),
        Command::Up => at.saturating_sub(1),
        Command::PageDown => at.saturating_add_signed(half).min(last),
        Command::PageUp => at.saturating_add_signed(-half),
        Command::Home => 0,
        _ => last,
    }
}

/// The key that is shown is the one that was asked for, so moving on masks it.
fn step_keys(sheet: &mut KeySheet, command: Command) {
    sheet.cursor = match command {
        Command::Down | Command::PageDown | Command::End => WhichKey::Secondary,
        _ => WhichKey::Primary,
    };
    sheet.shown = None;
}

/// Types into the filter of the current pane.
pub(super) fn filter(model: &mut Model, typed: impl FnOnce(&mut Input) -> bool) -> Vec<Effect> {
    fn on<T: Row>(list: &mut List<T>, typed: impl FnOnce(&mut Input) -> bool) {
        if typed(&mut list.filter) {
            list.filtered();
        }
    }
    match model.pane {
        Pane::Accounts => on(&mut model.accounts.list, typed),
        Pane::Workspaces => on(&mut model.workspaces.shelf.list, typed),
        Pane::Secrets => on(&mut model.secrets.shelf.list, typed),
        Pane::Endpoints => on(&mut model.endpoints.list, typed),
    }
    rest(model);
    Vec::new()
}

/// Drops the filter of the current pane.
pub(super) fn unfilter(model: &mut Model) -> Vec<Effect> {
    match model.pane {
        Pane::Accounts => model.accounts.list.unfilter(),
        Pane::Workspaces => model.workspaces.shelf.list.unfilter(),
        Pane::Secrets => model.secrets.shelf.list.unfilter(),
        Pane::Endpoints => model.endpoints.list.unfilter(),
    }
    rest(model);
    Vec::new()
}

/// Sorts by the next order of the pane, and says which.
fn sort(model: &mut Model) -> Vec<Effect> {
    fn next<T: Row>(shelf: &mut Shelf<T>, orders: &[(Order<T>, &'static str)]) -> &'static str {
        shelf.sorted = (shelf.sorted + 1) % (orders.len() + 1);
        let (order, words) = match shelf.sorted.checked_sub(1).map(|at| orders[at]) {
            Some((order, words)) => (Some(order), words),
            None => (None, ""),
        };
        shelf.list.sort(order);
        // What comes first in that order is what one sorts for.
        shelf.list.home();
        shelf.order = words;
        if words.is_empty() { "in their usual order" } else { words }
    }
    let words = match model.pane {
        Pane::Accounts => return Vec::new(),
        Pane::Workspaces => next(&mut model.workspaces.shelf, &WORKSPACE_ORDERS),
        Pane::Secrets => next(&mut model.secrets.shelf, &SECRET_ORDERS),
        Pane::Endpoints => next(&mut model.endpoints, &ENDPOINT_ORDERS),
    };
    model.say(format!("{} {words}.", model.pane.title()), Tone::Plain);
    Vec::new()
}

/// Fetches what is looked at anew.
fn refresh(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Keys(sheet)) => {
            let endpoint = sheet.endpoint.clone();
            super::endpoints::open(model, endpoint)
        }
        Some(Overlay::Tenants(sheet)) => {
            let account = sheet.account.clone();
            super::narrow::fetch_tenants(model, &account)
        }
        Some(Overlay::Deleted(shelf)) => {
            shelf.begin();
            match model.secrets.vault.clone() {
                Some(vault) => model.ask(Lane::Deleted, Query::Deleted(vault)),
                None => Vec::new(),
            }
        }
        Some(_) => Vec::new(),
        None => model.refresh(model.pane),
    }
}

/// Opens a workspace: its secrets and its endpoints are asked for, what was shown of the one before is gone.
pub(super) fn open(model: &mut Model, workspace: &Workspace) -> Vec<Effect> {
    model.workspaces.wanted = None;
    model.workspaces.open = Some(workspace.id.clone());
    model.workspaces.opened = Some(Box::new(workspace.clone()));
    model.secrets = super::model::Secrets { wanted: model.secrets.wanted.take(), ..Default::default() };
    model.endpoints = Shelf::default();
    model.missing_endpoints.clear();
    model.overlays.retain(Overlay::covers_all);
    let mut effects = Vec::new();
    for lane in [Lane::Reveal, Lane::Versions, Lane::Deleted, Lane::Keys] {
        if model.flights.drop_lane(lane) {
            effects.push(Effect::Cancel(lane));
        }
    }
    model.secrets.shelf.begin();
    effects.extend(model.ask(Lane::Secrets, Query::OpenVault(Box::new(workspace.clone()))));
    model.endpoints.begin();
    effects.extend(model.ask(Lane::Endpoints, Query::Endpoints(workspace.who.clone(), workspace.id.clone())));
    effects
}
