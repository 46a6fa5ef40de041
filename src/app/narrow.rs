//! Narrowing the workspaces: to an account, or to one of its tenants, which are seen as a list. Nobody signs in again for that.

use crate::domain::{Account, AccountId, Tone, Who};

use super::flight::Lane;
use super::keymap::Command;
use super::model::{Model, Pane};
use super::msg::{Effect, Query};
use super::overlay::{Overlay, Tenants};
use super::shelf::Shelf;
use super::workspaces::Narrowed;

/// What a command of narrowing does.
pub(super) fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Tenants => show_tenants(model),
        Command::ChooseTenant => choose_tenant(model),
        _ => {
            to_account(model);
            Vec::new()
        }
    }
}

fn to_account(model: &mut Model) {
    let Some(account) = model.accounts.list.current() else { return };
    let (id, name) = (account.id.clone(), account.name.show().into_owned());
    let narrowed = Narrowed { account: id, tenant: None };
    if model.workspaces.narrowed.as_ref() == Some(&narrowed) {
        widen(model);
    } else {
        model.workspaces.narrow(Some(narrowed));
        model.say(format!("Only the workspaces of {name}. Enter shows all again."), Tone::Plain);
    }
}

fn widen(model: &mut Model) {
    model.workspaces.narrow(None);
    model.say("The workspaces of all accounts.", Tone::Plain);
}

fn show_tenants(model: &mut Model) -> Vec<Effect> {
    let Some(account) = model.accounts.list.current().map(|account| account.id.clone()) else { return Vec::new() };
    model.overlays.push(Overlay::Tenants(Box::new(Tenants { account: account.clone(), shelf: Shelf::default() })));
    fetch_tenants(model, &account)
}

/// Asks for the tenants of the sheet on top, for the first time or anew.
pub(super) fn fetch_tenants(model: &mut Model, account: &AccountId) -> Vec<Effect> {
    // With the account's own tenant's token: one that was named (`--tenant`) may refuse, and others be wanted just then.
    let own = |known: &Account| Who { account: known.id.clone(), tenant: known.tenant.clone() };
    let Some(who) = model.account(account).map(own) else { return Vec::new() };
    if let Some(Overlay::Tenants(sheet)) = model.overlays.last_mut() {
        sheet.shelf.begin();
    }
    model.ask(Lane::Tenants, Query::Tenants(who))
}

/// Shows the workspaces of the tenant under the cursor and no others; those of all, where it is that one already.
fn choose_tenant(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Tenants(sheet)) = model.top() else { return Vec::new() };
    let Some(tenant) = sheet.shelf.list.current().cloned() else { return Vec::new() };
    let account = sheet.account.clone();
    model.overlays.pop();
    model.pane = Pane::Workspaces;
    let (looked_at, name) = (model.looks_in(&tenant), tenant.name.show().into_owned());
    let narrowed = Narrowed { account, tenant: Some(tenant) };
    if model.workspaces.narrowed.as_ref() == Some(&narrowed) {
        widen(model);
        return Vec::new();
    }
    let who = model.account(&narrowed.account).map_or_else(String::new, |account| account.name.show().into_owned());
    model.workspaces.narrow(Some(narrowed));
    model.say(format!("Only those of {who} in {name}. 1 t shows its tenants."), Tone::Plain);
    if looked_at {
        return Vec::new();
    }
    // Whoever chooses another tenant than the one that was named at the start means that one no more.
    model.start.tenant = None;
    model.refresh(Pane::Workspaces)
}
