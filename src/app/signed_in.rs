//! Whoever comes in, goes out, or turns out to be somebody else.

use crate::domain::{Account, AccountId, Kept, Stranger, Tone};

use super::flight::Lane;
use super::form::Purpose;
use super::kept;
use super::model::{Model, Pane};
use super::msg::{Answer, Effect, Query};
use super::narrow;
use super::overlay::{Overlay, Tenants};
use super::shelf::Load;
use super::sign_in::{home, offer};
use super::time::hide_all;
use super::way::Way;
use super::workspaces::Named;

/// Takes in what a sign-in tells, and its end.
pub(super) fn reply(model: &mut Model, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::DeviceCode(code) => {
            let prompt = model.overlays.iter_mut().find_map(|overlay| match overlay {
                Overlay::Device(prompt) => Some(prompt),
                _ => None,
            });
            if let Some(prompt) = prompt {
                prompt.code = Some(code);
            }
        }
        Answer::Polling(polling) => {
            for overlay in &mut model.overlays {
                if let Overlay::Device(prompt) = overlay {
                    prompt.polling = polling;
                }
            }
        }
        Answer::Page(page, opened) => {
            let prompt = model.overlays.iter_mut().find_map(|overlay| match overlay {
                Overlay::Page(prompt) => Some(prompt),
                _ => None,
            });
            if let Some(prompt) = prompt {
                prompt.page = Some((page, opened));
            }
        }
        Answer::Stranger(stranger) => return lock(model, stranger),
        Answer::Account(account) => introduced(model, account),
        Answer::SignedIn(account) => return signed_in(model, account),
        Answer::SignedOut(account) => return signed_out(model, &account),
        _ => {}
    }
    Vec::new()
}

/// More is known of an account, as its first token told. Of a machine's login that is whose it is.
fn introduced(model: &mut Model, account: Account) {
    let Some(before) = model.account(&account.id) else { return };
    let new = before.token_of.is_none() && account.kept == Kept::Machine && account.token_of.is_some();
    let account = Account { tenant_name: before.tenant_name.clone(), ..account };
    // What went wrong is not covered by that; the details tell it at any time.
    if new && model.notice.as_ref().is_none_or(|notice| notice.failure.is_none()) {
        model.say(greeting(&account), Tone::Plain);
    }
    model.accounts.list.put(account);
}

/// Who it is that signed in, and whose the token is where that is not clear from the way in.
fn greeting(account: &Account) -> String {
    let whose = account.whose_token().map_or_else(String::new, |whose| format!(" The token is {whose}."));
    format!("Signed in as {}.{whose}", account.name.show())
}

/// Somebody signed in.
fn signed_in(model: &mut Model, account: Account) -> Vec<Effect> {
    let id = account.id.clone();
    let (was, kept, greeting) = (model.account(&id).map(|was| was.kept), account.kept, greeting(&account));
    let mut effects = Vec::new();
    if matches!(model.top(), Some(Overlay::Stranger(_))) {
        model.overlays.clear();
        effects.extend(forget(model, &id));
    }
    if model.account(&id).is_some() {
        model.accounts.list.put(account);
    } else {
        model.accounts.list.extend(vec![account]);
    }
    let way_in = |overlay: &Overlay| {
        overlay.is_way_in() || matches!(overlay, Overlay::Form(form) if form.purpose == Purpose::Principal)
    };
    model.overlays.retain(|overlay| !way_in(overlay));
    match was.filter(|was| was.remembered() && !kept.remembered()) {
        Some(was) => {
            let words = format!("{greeting} The {} did not take it: the login ends with amlock.", was.words());
            model.say(words, Tone::Warning);
        }
        None => model.say(greeting, Tone::Good),
    }
    effects.extend(open_what_is_asked(model));
    effects.extend(kept::signed_in(model, &id));
    let failed = |sheet: &Tenants| sheet.account == id && matches!(sheet.shelf.load, Load::Failed(_));
    if matches!(model.top(), Some(Overlay::Tenants(sheet)) if failed(sheet)) {
        effects.extend(narrow::fetch_tenants(model, &id));
    }
    effects
}

/// The accounts that were found at the start, or the ways in where there is none.
pub(super) fn whoever_is_there(model: &mut Model) -> Vec<Effect> {
    if model.accounts.list.total() == 0 {
        if model.ways.is_empty() {
            model.ways.push(Way::DeviceCode);
        }
        offer(model);
        return Vec::new();
    }
    if let ([only], true, None) = (model.accounts.list.rows(), model.workspaces.load_is_new(), &model.notice) {
        let by = match only.kept {
            Kept::Keyring | Kept::Memory => None,
            kept => Some(kept.words()),
        };
        if let Some(by) = by {
            let words = format!("Signed in as {} (found: {by}).", only.name.show());
            model.say(words, Tone::Plain);
        }
    }
    open_what_is_asked(model)
}

/// Lists the workspaces of all accounts, and opens what the command line or this folder names, unless something is open.
fn open_what_is_asked(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    if model.workspaces.open.is_none() && model.secrets.vault.is_none() {
        if let (Some(name), Some(account)) = (model.start.vault.clone(), model.accounts.list.rows().first()) {
            let who = home(model, account);
            model.pane = Pane::Secrets;
            model.secrets.shelf.begin();
            effects = model.ask(Lane::Secrets, Query::OpenVaultNamed(who, name));
        } else {
            let (asked, folder) = (model.start.open.clone(), model.start.folder.clone());
            model.secrets.wanted = asked.as_ref().and_then(|target| target.secret.clone());
            model.workspaces.wanted = asked
                .map(|target| (target, Named::Asked))
                .or(folder.map(|target| (target, Named::Folder)))
                .or(model.start.habit.clone().map(|target| (target, Named::Habit)));
        }
    }
    effects.extend(model.refresh(Pane::Workspaces));
    effects
}

/// Nothing of what an account opened stays on the screen.
fn forget(model: &mut Model, account: &AccountId) -> Vec<Effect> {
    let mut effects = Vec::new();
    if model.workspace().is_some_and(|open| open.who.account == *account)
        || model.secrets.vault.as_ref().is_some_and(|vault| vault.who.account == *account)
    {
        model.overlays.retain(|overlay| overlay.is_way_in() || matches!(overlay, Overlay::Help(_)));
        model.workspaces.open = None;
        model.workspaces.opened = None;
        model.secrets = super::model::Secrets::default();
        model.endpoints = super::shelf::Shelf::default();
        for lane in [Lane::Secrets, Lane::Endpoints, Lane::Reveal, Lane::Versions, Lane::Deleted, Lane::Keys] {
            if model.flights.drop_lane(lane) {
                effects.push(Effect::Cancel(lane));
            }
        }
    }
    model.workspaces.forget(account);
    effects
}

/// A login was forgotten.
fn signed_out(model: &mut Model, account: &AccountId) -> Vec<Effect> {
    let name = model.account(account).map_or_else(String::new, |account| account.name.show().into_owned());
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Stranger(stranger) if stranger.account == *account));
    let mut effects = forget(model, account);
    model.accounts.list.remove(account.as_str());
    model.say(format!("{name} is signed out."), Tone::Good);
    if model.accounts.list.total() == 0 {
        model.flights.drop_lane(Lane::Workspaces);
        model.workspaces.shelf.stop();
        effects.push(Effect::Cancel(Lane::Workspaces));
        offer(model);
    } else if model.flights.busy(Lane::Workspaces) {
        // What is on its way may be the signed-out account's.
        effects.extend(model.refresh(Pane::Workspaces));
    }
    effects
}

/// An account's newest token is somebody else's (M37): all is hidden, nothing more is asked, and somebody must decide.
fn lock(model: &mut Model, stranger: Stranger) -> Vec<Effect> {
    if model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Stranger(_))) {
        return Vec::new();
    }
    let mut effects = hide_all(model);
    model.overlays.clear();
    model.filtering = false;
    (model.notice, model.wanted) = (None, None);
    let reads = [Lane::SignIn, Lane::Tenants, Lane::Workspaces, Lane::Secrets, Lane::Endpoints];
    for lane in reads.into_iter().filter(|lane| model.flights.drop_lane(*lane)).collect::<Vec<_>>() {
        match lane {
            Lane::Workspaces => model.workspaces.shelf.stop(),
            Lane::Secrets => model.secrets.shelf.stop(),
            Lane::Endpoints => model.endpoints.stop(),
            _ => {}
        }
        effects.push(Effect::Cancel(lane));
    }
    model.overlays.push(Overlay::Stranger(Box::new(stranger)));
    effects
}
