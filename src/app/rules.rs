//! Which commands can do something now: what the footer shows works, and what works is shown.

use crate::domain::{AccountKind, EndpointKind, EndpointState, Kind, SecretName};

use super::flight::Lane;
use super::form::Deed;
use super::keymap::Command;
use super::list::Row;
use super::listed::Listed;
use super::model::{Model, Pane};
use super::overlay::{Credentials, Overlay};
use super::shelf::{Load, Shelf};

/// Whether `command` can do something now.
pub fn allowed(model: &Model, command: Command) -> bool {
    use Command as C;
    let writes = !model.start.read_only;
    match command {
        C::SignOut if matches!(model.top(), Some(Overlay::Stranger(_))) => !model.flights.busy(Lane::Write),
        C::SignOut => current_account(model).is_some_and(|kind| kind != AccountKind::AzureCli),
        C::Narrow | C::Tenants => model.accounts.list.current().is_some(),
        // What could not be listed may only want another sign-in.
        C::SignIn if matches!(model.top(), Some(Overlay::Tenants(_))) => has_rows(model) || has_failed(model),
        C::OpenWorkspace => model.workspaces.shelf.list.current().is_some(),
        C::Reveal => model.secret().is_some_and(|(_, secret, _)| secret.enabled()),
        C::Copy => match model.top() {
            Some(Overlay::Reveal(_)) => true,
            _ => model.secret().is_some_and(|(_, secret, _)| secret.enabled()),
        },
        C::NewValue => writes && model.secret().is_some_and(|(_, secret, _)| !secret.managed()),
        C::Attributes | C::Delete => writes && model.secret().is_some_and(|(_, secret, _)| !secret.managed()),
        C::Versions => model.secret().is_some(),
        C::NewSecret => writes && model.secrets.vault.is_some() && !matches!(model.secrets.shelf.load, Load::Failed(_)),
        C::Deleted => model.secrets.vault.is_some() && !matches!(model.secrets.shelf.load, Load::Failed(_)),
        C::OpenByName => model.secrets.vault.is_some(),
        C::OpenKeys => current_endpoint_ready(model),
        C::CopyKey => match model.top() {
            Some(Overlay::Keys(sheet)) => !matches!(sheet.credentials, Credentials::Loading | Credentials::Failed(_)),
            _ => current_endpoint_ready(model),
        },
        C::RevealKey => matches!(model.top(), Some(Overlay::Keys(sheet))
            if matches!(sheet.credentials, Credentials::Keys(_) | Credentials::Token(_))),
        C::Regenerate => writes && can_regenerate(model),
        C::RevealVersion | C::CopyVersion => matches!(model.top(), Some(Overlay::Versions(versions))
            if versions.shelf.list.current().is_some_and(|version| version.secret.attributes.enabled)),
        C::Recover | C::Purge => {
            writes
                && matches!(model.top(), Some(Overlay::Deleted(shelf))
            if shelf.list.current().is_some_and(|deleted| SecretName::parse(deleted.secret.name.raw()).is_ok()))
        }
        C::Down | C::Up | C::PageDown | C::PageUp | C::Home | C::End | C::ChooseTenant => has_rows(model),
        C::Filter => rows_of_pane(model) > 0 || !model.filter().is_empty(),
        C::Sort => model.pane != Pane::Accounts && rows_of_pane(model) > 0,
        C::Refresh => match model.top() {
            None => model.pane_state(model.pane).0 != &Load::Unasked,
            Some(_) => true,
        },
        // From 80x24 on they are always there.
        C::Details => model.size.0 < 80 || model.size.1 < 24,
        C::Words => {
            model.notice.as_ref().is_some_and(|notice| notice.failure.is_some())
                || (model.overlays.is_empty() && model.pane_failure(model.pane).is_some())
        }
        C::OpenDemo => !model.start.demo && !model.flights.busy(Lane::Write),
        C::ChooseWay => !model.ways.is_empty(),
        C::CopyCode | C::CopyAddress => {
            let there = match model.top() {
                Some(Overlay::Device(prompt)) => prompt.code.is_some(),
                Some(Overlay::Page(prompt)) => prompt.page.is_some() && prompt.failed.is_none(),
                _ => false,
            };
            there && !model.start.demo
        }
        C::AskAgain => match model.top() {
            Some(Overlay::Device(prompt)) => prompt.failed.is_some(),
            Some(Overlay::Page(prompt)) => prompt.failed.is_some(),
            _ => false,
        },
        C::KeepStranger => !model.flights.busy(Lane::SignIn),
        C::Hold => matches!(model.top(), Some(Overlay::Reveal(reveal)) if !reveal.held),
        C::Always => {
            // The demo has no config to remember it in.
            !model.start.demo
                && matches!(model.top(), Some(Overlay::Confirm(confirm)) if confirm.deed == Deed::SendCopy)
        }
        C::Yes => matches!(model.top(), Some(Overlay::Confirm(confirm)) if confirm.settled()),
        // Without an account there is nothing below the ways in.
        C::Back if matches!(model.top(), Some(Overlay::SignIn(_))) => {
            model.accounts.list.total() > 0 || model.flights.busy(Lane::SignIn)
        }
        C::Back if matches!(model.top(), Some(Overlay::Stranger(_))) => false,
        C::Back => !model.overlays.is_empty() || model.filtering || model.flights.any() || !model.filter().is_empty(),
        _ => true,
    }
}

/// Why `command` can do nothing now.
pub(super) fn why_not(model: &Model, command: Command) -> &'static str {
    use Command as C;
    let writes = matches!(
        command,
        C::NewSecret | C::NewValue | C::Attributes | C::Delete | C::Regenerate | C::Recover | C::Purge
    );
    let secret = model.secrets.shelf.list.current();
    let endpoint = match model.top() {
        Some(Overlay::Keys(sheet)) => Some(&sheet.endpoint),
        _ => model.endpoints.list.current(),
    };
    match command {
        _ if writes && model.start.read_only => "amlock was started read-only.",
        C::Reveal | C::Copy if secret.is_some_and(|secret| !secret.enabled()) => {
            "This secret is off: Key Vault gives no value. t can turn it on."
        }
        C::NewValue | C::Attributes | C::Delete if secret.is_some_and(Listed::managed) => {
            "A certificate keeps this secret: it is changed through the certificate."
        }
        C::RevealVersion | C::CopyVersion => "This version is off: Key Vault gives no value.",
        C::Reveal | C::Copy | C::NewValue | C::Attributes | C::Delete | C::Versions => "There is no secret here.",
        C::NewSecret | C::Deleted | C::OpenByName => "No vault is open.",
        C::OpenKeys | C::CopyKey if endpoint.is_some_and(|endpoint| endpoint.state == EndpointState::Creating) => {
            "This endpoint is still being made."
        }
        C::Regenerate if endpoint.is_some_and(|endpoint| endpoint.state == EndpointState::Creating) => {
            "This endpoint is still being made."
        }
        C::Regenerate if endpoint.is_some_and(|endpoint| endpoint.auth.has_keys()) => {
            "The keys of a batch endpoint cannot be regenerated, and others only once they are here."
        }
        C::Regenerate if endpoint.is_some() => "This endpoint takes tokens: there is no key to regenerate.",
        C::OpenKeys | C::CopyKey | C::Regenerate => "There is no endpoint here.",
        C::CopyCode | C::CopyAddress if model.start.demo => {
            "This code is for nobody to type: the demo answers by itself."
        }
        C::Narrow | C::Tenants => "There is no account here.",
        C::ChooseTenant => "There is no tenant to choose.",
        C::SignOut => "az keeps this login: az logout ends it.",
        _ => "That does nothing here now.",
    }
}

fn current_account(model: &Model) -> Option<AccountKind> {
    model.accounts.list.current().map(|account| account.kind)
}

/// Whether the vault refuses to list, but might give one secret by its name.
pub fn may_not_list(model: &Model) -> bool {
    let refused = |load: &Load| matches!(load, Load::Failed(failure) if matches!(failure.kind, Kind::Forbidden(_)));
    model.secrets.vault.is_some() && refused(&model.secrets.shelf.load)
}

fn current_endpoint_ready(model: &Model) -> bool {
    model.endpoints.list.current().is_some_and(|endpoint| endpoint.state != EndpointState::Creating)
}

fn can_regenerate(model: &Model) -> bool {
    let endpoint = match model.top() {
        Some(Overlay::Keys(sheet)) => match sheet.credentials {
            Credentials::Keys(_) => Some(&sheet.endpoint),
            _ => None,
        },
        _ => model.endpoints.list.current(),
    };
    endpoint.is_some_and(|endpoint| {
        endpoint.auth.has_keys() && endpoint.kind != EndpointKind::Batch && endpoint.state != EndpointState::Creating
    })
}

fn rows_of_pane(model: &Model) -> usize {
    model.pane_state(model.pane).2
}

fn has_failed(model: &Model) -> bool {
    matches!(model.top(), Some(Overlay::Tenants(sheet)) if matches!(sheet.shelf.load, Load::Failed(_)))
}

fn has_rows(model: &Model) -> bool {
    fn some<T: Row>(shelf: &Shelf<T>) -> bool {
        shelf.list.shown() > 0
    }
    match model.top() {
        None => model.pane_state(model.pane).1 > 0,
        Some(Overlay::Tenants(sheet)) => some(&sheet.shelf),
        Some(Overlay::Versions(versions)) => some(&versions.shelf),
        Some(Overlay::Deleted(shelf)) => some(shelf),
        Some(Overlay::Keys(sheet)) => matches!(sheet.credentials, Credentials::Keys(_)),
        Some(_) => true,
    }
}

impl Pane {
    /// The pane after this one, around the end.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// The pane before this one, around the end.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::ALL[(self as usize + Self::ALL.len() - 1) % Self::ALL.len()]
    }
}
