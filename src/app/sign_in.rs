//! The ways in: offering them, going one, giving up.

use crate::domain::{Account, Failure, Kind, TenantId, Tone, Who};

use super::field::Open;
use super::flight::Lane;
use super::form::{Form, Purpose};
use super::keymap::Command;
use super::model::{Model, Pane};
use super::msg::{CopyOf, Effect, Query};
use super::overlay::{Overlay, Tenants};
use super::principal;
use super::way::{DevicePrompt, PagePrompt, SignInMenu, SignInWith, Way};

/// An account in its own tenant, or in the one that somebody named.
pub(super) fn home(model: &Model, account: &Account) -> Who {
    let tenant = model.start.tenant.as_ref().unwrap_or(&account.tenant);
    Who { account: account.id.clone(), tenant: tenant.clone() }
}

/// The ways in, with the tenant that somebody named.
fn menu(model: &Model) -> SignInMenu {
    let tenant = model.start.tenant.as_ref().map(|tenant| Open::with(tenant.as_str()));
    SignInMenu { tenant: tenant.unwrap_or_default(), ..SignInMenu::default() }
}

/// Shows the ways in, once.
pub(super) fn offer(model: &mut Model) {
    offer_as(model, menu(model));
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
        None => offer_as(model, SignInMenu { why: Some(failure.as_sentence()), ..menu(model) }),
    }
}

/// What a tenant asks for, with its name.
fn demand(model: &Model, tenant: &TenantId, failure: &Failure) -> String {
    let name = model.tenant_name(tenant);
    let asks = failure.demand();
    format!("{name} {asks}. Sign in once more, to this tenant; everything else goes on as it is.")
}

/// The ways in to the tenant under the sheet's cursor, with what it asks for where that is known.
fn to_tenant(model: &Model, sheet: &Tenants) -> SignInMenu {
    let Some(tenant) = sheet.shelf.list.current() else { return menu(model) };
    let why = match model.workspaces.failure_in(&sheet.account, tenant).filter(|failure| failure.asks_for_more()) {
        Some(failure) => demand(model, &tenant.id, failure),
        None => format!("Sign in once more, to {}; everything else goes on as it is.", tenant.name.show()),
    };
    SignInMenu::to(&tenant.id, why)
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
            let menu = match (model.top(), demanding(model)) {
                (Some(Overlay::Tenants(sheet)), _) => to_tenant(model, sheet),
                (_, Some((tenant, failure))) => SignInMenu::to(&tenant, demand(model, &tenant, &failure)),
                (_, None) => menu(model),
            };
            offer_as(model, menu);
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
                menu.tenant = Open::with(was);
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

    /// A tenant of an account's that asks for more than its login has.
    pub fn account_wants(&self, account: &Account) -> Option<&TenantId> {
        let of_it = |who: &Who| who.account == account.id;
        let failed = self.workspaces.failed.iter().find(|(who, failure)| of_it(who) && failure.asks_for_more());
        failed.map(|(who, _)| &who.tenant)
    }

    /// Whether an account's own tenant let its login in no more when it was last asked.
    pub fn login_ended(&self, account: &Account) -> bool {
        let of_it = |who: &Who| who.account == account.id && who.tenant == account.tenant;
        let ended = |failure: &Failure| failure.kind == Kind::SignedOut && !failure.asks_for_more();
        self.workspaces.failed.iter().any(|(who, failure)| of_it(who) && ended(failure))
    }

    /// Whether somebody is waited for, not a service: then nothing spins.
    pub fn waits_for_somebody(&self) -> bool {
        self.overlays.iter().any(|overlay| match overlay {
            Overlay::Device(prompt) => prompt.code.is_some() && prompt.failed.is_none(),
            Overlay::Page(prompt) => prompt.page.is_some() && prompt.failed.is_none(),
            _ => false,
        })
    }
}
