//! The ways in: offering them, going one, and whoever comes in.

use crate::domain::{Account, AccountId, Failure, Kept, Stranger, TenantId, Tone, Who};

use super::flight::Lane;
use super::form::{Form, Purpose};
use super::kept;
use super::keymap::Command;
use super::model::{Model, Pane};
use super::msg::{CopyOf, Effect, Query};
use super::overlay::Overlay;
use super::principal;
use super::time::hide_all;
use super::way::{DevicePrompt, PagePrompt, SignInMenu, SignInWith, Way};
use super::workspaces::Named;

/// An account in its own tenant.
pub(super) fn home(account: &Account) -> Who {
    Who { account: account.id.clone(), tenant: account.tenant.clone() }
}

/// Shows the ways in, once.
pub(super) fn offer(model: &mut Model) {
    offer_as(model, SignInMenu::default());
}

fn offer_as(model: &mut Model, menu: SignInMenu) {
    if !model.overlays.iter().any(|overlay| matches!(overlay, Overlay::SignIn(_) | Overlay::Stranger(_))) {
        model.overlays.push(Overlay::SignIn(menu));
    }
}

/// Shows the ways in after a login was not enough: to the tenant that wants more, where it is one that does.
pub(super) fn offer_after(model: &mut Model, who: Option<&Who>, failure: &Failure) {
    match who.filter(|_| failure.asks_for_more()) {
        Some(who) => {
            let menu = SignInMenu::to(&who.tenant, demand(model, &who.tenant, failure));
            offer_as(model, menu);
        }
        None => offer(model),
    }
}

/// What a tenant asks for, with its name.
fn demand(model: &Model, tenant: &TenantId, failure: &Failure) -> String {
    let name = model.tenant_name(tenant);
    let asks = failure.cause.strip_prefix("the tenant ").map_or_else(|| "asks for more".to_owned(), str::to_owned);
    format!("{name} {asks}. Sign in once more, to this tenant; everything else goes on as it is.")
}

/// A tenant that asks for more than a login has, as the lists say; what is looked at first.
fn demanding(model: &Model) -> Option<(TenantId, Failure)> {
    let vault = model.secrets.vault.as_ref().map(|vault| &vault.who);
    let open = model.workspace().map(|workspace| &workspace.who);
    let of_panes = [(Pane::Secrets, vault.or(open)), (Pane::Endpoints, open)];
    let panes = of_panes.into_iter().filter_map(|(pane, who)| Some((who?, model.pane_failure(pane)?)));
    let lists = model.workspaces.failed.iter().map(|(who, failure)| (who, failure));
    let found = panes.chain(lists).find(|(_, failure)| failure.asks_for_more());
    found.map(|(who, failure)| (who.tenant.clone(), failure.clone()))
}

/// What a command about accounts does.
pub(super) fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::SignIn => {
            let menu = match demanding(model) {
                Some((tenant, failure)) => SignInMenu::to(&tenant, demand(model, &tenant, &failure)),
                None => SignInMenu::default(),
            };
            offer_as(model, menu);
            Vec::new()
        }
        Command::Narrow => {
            narrow(model);
            Vec::new()
        }
        Command::SignOut => sign_out(model),
        Command::ChooseWay => choose(model),
        Command::Tenant => {
            if let Some(Overlay::SignIn(menu)) = model.overlays.last_mut() {
                menu.typing = Some(menu.tenant.text().to_owned());
            }
            Vec::new()
        }
        Command::KeepTenant => {
            keep_tenant(model);
            Vec::new()
        }
        Command::DropTenant => {
            if let Some(Overlay::SignIn(menu)) = model.overlays.last_mut()
                && let Some(was) = menu.typing.take()
            {
                menu.tenant = super::field::Open::with(was);
            }
            Vec::new()
        }
        Command::OpenDemo => vec![Effect::OpenDemo],
        Command::AskAgain => ask_again(model),
        Command::CodeInstead => code_instead(model),
        Command::KeepStranger => match model.top() {
            Some(Overlay::Stranger(stranger)) => {
                let account = stranger.account.clone();
                model.ask(Lane::SignIn, Query::KeepStranger(account))
            }
            _ => Vec::new(),
        },
        Command::CopyCode | Command::CopyAddress => match shown(model, command) {
            Some((what, text)) => model.copy(CopyOf::Text(what, text)),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What of a sign-in under way can be copied.
fn shown(model: &Model, command: Command) -> Option<(&'static str, crate::domain::Untrusted)> {
    match (model.top()?, command) {
        (Overlay::Device(prompt), Command::CopyCode) => Some(("the code", prompt.code.as_ref()?.user_code.clone())),
        (Overlay::Device(prompt), _) => Some(("the address", prompt.code.as_ref()?.verification_uri.clone())),
        (Overlay::Page(prompt), Command::CopyAddress) => Some(("the address", prompt.page.as_ref()?.0.clone())),
        _ => None,
    }
}

fn sign_out(model: &mut Model) -> Vec<Effect> {
    use super::form::{Confirm, Deed};
    if let Some(Overlay::Stranger(stranger)) = model.top() {
        let (id, name) = (stranger.account.clone(), stranger.was.show().into_owned());
        return model.write(format!("Signing out {name}"), Query::SignOut(id));
    }
    if let Some(account) = model.accounts.list.current() {
        let title = format!("Sign {} out?", account.name.show());
        let words = vec![format!("Its login is forgotten ({}).", account.kept.words())];
        let confirm = Confirm::plain(Deed::SignOut(account.id.clone()), title, words);
        model.overlays.push(Overlay::Confirm(Box::new(confirm)));
    }
    Vec::new()
}

fn narrow(model: &mut Model) {
    let Some(account) = model.accounts.list.current() else { return };
    let (id, name) = (account.id.clone(), account.name.show().into_owned());
    if model.workspaces.narrowed.as_ref() == Some(&id) {
        model.workspaces.narrow(None);
        model.say("The workspaces of all accounts.", Tone::Plain);
    } else {
        model.workspaces.narrow(Some(id));
        model.say(format!("Only the workspaces of {name}. Enter shows all again."), Tone::Plain);
    }
}

/// Leaves the tenant's field, unless what is in it cannot be one.
fn keep_tenant(model: &mut Model) {
    let Some(Overlay::SignIn(menu)) = model.overlays.last_mut() else { return };
    match menu.wanted() {
        Ok(_) => menu.typing = None,
        Err(why) => model.say(why, Tone::Warning),
    }
}

fn choose(model: &mut Model) -> Vec<Effect> {
    let ways = model.ways.clone();
    let Some(Overlay::SignIn(menu)) = model.overlays.last_mut() else { return Vec::new() };
    let Some(way) = ways.into_iter().nth(menu.cursor) else { return Vec::new() };
    let tenant = match menu.wanted() {
        Ok(tenant) => tenant,
        Err(why) => {
            model.say(why, Tone::Warning);
            return Vec::new();
        }
    };
    menu.failed = None;
    match way {
        Way::DeviceCode => ask_for_code(model, tenant),
        Way::Browser(Ok(())) => {
            model.overlays.push(Overlay::Page(PagePrompt { tenant: tenant.clone(), ..PagePrompt::default() }));
            model.ask(Lane::SignIn, Query::SignIn(SignInWith::Page(tenant)))
        }
        Way::Browser(Err(why)) => {
            model.say(format!("There is no browser to open here: {why}."), Tone::Warning);
            Vec::new()
        }
        Way::Principal => {
            let text = tenant.map_or_else(String::new, |tenant| tenant.to_string());
            model.overlays.push(Overlay::Form(Box::new(Form::principal(text))));
            Vec::new()
        }
        Way::Found(found) => model.ask(Lane::SignIn, Query::SignIn(SignInWith::Found(found.account, tenant))),
        Way::Machine => model.ask(Lane::SignIn, Query::SignIn(SignInWith::Machine)),
    }
}

fn ask_for_code(model: &mut Model, tenant: Option<TenantId>) -> Vec<Effect> {
    model.overlays.push(Overlay::Device(DevicePrompt { tenant: tenant.clone(), ..DevicePrompt::default() }));
    model.ask(Lane::SignIn, Query::SignIn(SignInWith::Code(tenant)))
}

/// The same way once more, after it did not lead in.
fn ask_again(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Device(prompt)) => ask_for_code(model, prompt.tenant),
        Some(Overlay::Page(prompt)) => {
            let tenant = prompt.tenant;
            model.overlays.push(Overlay::Page(PagePrompt { tenant: tenant.clone(), ..PagePrompt::default() }));
            model.ask(Lane::SignIn, Query::SignIn(SignInWith::Page(tenant)))
        }
        other => {
            model.overlays.extend(other);
            Vec::new()
        }
    }
}

/// A device code instead of the browser; the question that waits for the browser ends with the new one.
fn code_instead(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Page(prompt)) => ask_for_code(model, prompt.tenant),
        other => {
            model.overlays.extend(other);
            Vec::new()
        }
    }
}

/// Somebody gave up waiting for a code or a page.
pub(super) fn stopped(model: &mut Model) -> Vec<Effect> {
    let waited = model.flights.drop_lane(Lane::SignIn);
    model.overlays.pop();
    offer(model);
    if !waited {
        return Vec::new();
    }
    model.say("Sign-in stopped. Nobody was signed in.", Tone::Plain);
    vec![Effect::Cancel(Lane::SignIn)]
}

/// A sign-in did not lead in: it is said where somebody waits for it, with what to do next.
pub(super) fn failed(model: &mut Model, failure: Failure) {
    for overlay in model.overlays.iter_mut().rev() {
        match overlay {
            Overlay::Device(prompt) => {
                (prompt.code, prompt.failed) = (None, Some(failure));
                return;
            }
            Overlay::Page(prompt) => {
                prompt.failed = Some(failure);
                return;
            }
            Overlay::Form(form) if form.purpose == Purpose::Principal => {
                principal::failed(form, &failure);
                return;
            }
            _ => {}
        }
    }
    if matches!(model.top(), Some(Overlay::Stranger(_))) || model.in_text() {
        // Not over a field that somebody types in: its letters would become choices.
        return model.complain(failure);
    }
    offer(model);
    match model.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::SignIn(menu) => Some(menu),
        _ => None,
    }) {
        Some(menu) => menu.failed = Some(failure),
        None => model.complain(failure),
    }
}

/// Somebody signed in.
pub(super) fn signed_in(model: &mut Model, account: Account) -> Vec<Effect> {
    let (id, name) = (account.id.clone(), account.name.show().into_owned());
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
    model.say(format!("Signed in as {name}."), Tone::Good);
    effects.extend(open_what_is_asked(model));
    effects.extend(kept::signed_in(model, &id));
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
    let mut effects = model.refresh(Pane::Workspaces);
    if model.workspaces.open.is_none() && model.secrets.vault.is_none() {
        if let (Some(name), Some(account)) = (model.start.vault.clone(), model.accounts.list.rows().first()) {
            let who = home(account);
            model.pane = Pane::Secrets;
            model.secrets.shelf.begin();
            effects.extend(model.ask(Lane::Secrets, Query::OpenVaultNamed(who, name)));
        } else {
            let (asked, folder) = (model.start.open.clone(), model.start.folder.clone());
            model.secrets.wanted = asked.as_ref().and_then(|target| target.secret.clone());
            model.workspaces.wanted = asked
                .map(|target| (target, Named::Asked))
                .or(folder.map(|target| (target, Named::Folder)))
                .or(model.start.habit.clone().map(|target| (target, Named::Habit)));
        }
    }
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
pub(super) fn signed_out(model: &mut Model, account: &AccountId) -> Vec<Effect> {
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
pub(super) fn lock(model: &mut Model, stranger: Stranger) -> Vec<Effect> {
    if model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Stranger(_))) {
        return Vec::new();
    }
    let mut effects = hide_all(model);
    model.overlays.clear();
    model.filtering = false;
    (model.notice, model.wanted) = (None, None);
    let reads = [Lane::SignIn, Lane::Workspaces, Lane::Secrets, Lane::Endpoints];
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

impl Model {
    /// Copies something; through the terminal only where the user allowed that.
    pub(super) fn copy(&mut self, of: CopyOf) -> Vec<Effect> {
        self.copying.of = Some(of.clone());
        let allowed = self.copying.through_terminal;
        self.ask(Lane::Copy, Query::Copy(of, allowed))
    }

    /// What a tenant is called, as far as anybody told.
    pub fn tenant_name(&self, tenant: &TenantId) -> String {
        let known = self.tenants.iter().find(|known| known.id == *tenant);
        let names = known.map(|known| [&known.name, &known.domain]).into_iter().flatten();
        let name = names.into_iter().find(|name| !name.is_empty()).map(|name| name.show().into_owned());
        name.unwrap_or_else(|| tenant.to_string())
    }

    /// Whether somebody is waited for, not a service: then nothing spins.
    pub fn waits_for_somebody(&self) -> bool {
        match self.top() {
            Some(Overlay::Device(prompt)) => prompt.code.is_some() && prompt.failed.is_none(),
            Some(Overlay::Page(prompt)) => prompt.page.is_some() && prompt.failed.is_none(),
            _ => false,
        }
    }
}
