//! The accounts pane and the ways in.

use crate::domain::{Account, Tone, Who};

use super::flight::Lane;
use super::form::{Confirm, Deed};
use super::keymap::Command;
use super::model::Model;
use super::msg::{CopyOf, Effect, Query, Way};
use super::overlay::{DevicePrompt, Overlay, SignInMenu};

/// An account in its own tenant.
pub(super) fn home(account: &Account) -> Who {
    Who { account: account.id.clone(), tenant: account.tenant.clone() }
}

/// Shows the ways in, once.
pub(super) fn offer(model: &mut Model) {
    if !model.overlays.iter().any(|overlay| matches!(overlay, Overlay::SignIn(_))) {
        model.overlays.push(Overlay::SignIn(SignInMenu::default()));
    }
}

/// What a command about accounts does.
pub(super) fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::SignIn => {
            offer(model);
            Vec::new()
        }
        Command::Narrow => {
            narrow(model);
            Vec::new()
        }
        Command::SignOut => {
            if let Some(account) = model.accounts.list.current() {
                let title = format!("Sign {} out?", account.name.show());
                let words = vec![format!("Its login is forgotten ({}).", account.kept.words())];
                let confirm = Confirm::plain(Deed::SignOut(account.id.clone()), title, words);
                model.overlays.push(Overlay::Confirm(Box::new(confirm)));
            }
            Vec::new()
        }
        Command::ChooseWay => choose(model),
        Command::OpenDemo => vec![Effect::OpenDemo],
        Command::CopyCode | Command::CopyAddress => match model.top() {
            Some(Overlay::Device(DevicePrompt { code: Some(code) })) => {
                let (what, text) = if command == Command::CopyCode {
                    ("the code", code.user_code.clone())
                } else {
                    ("the address", code.verification_uri.clone())
                };
                model.copy(CopyOf::Text(what, text))
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
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

fn choose(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::SignIn(menu)) = model.top() else { return Vec::new() };
    let Some(way) = model.ways.get(menu.cursor).cloned() else { return Vec::new() };
    if way == Way::DeviceCode {
        model.overlays.push(Overlay::Device(DevicePrompt::default()));
    }
    model.ask(Lane::SignIn, Query::SignIn(way))
}

impl Model {
    /// Copies something; through the terminal only where the user allowed that.
    pub(super) fn copy(&mut self, of: CopyOf) -> Vec<Effect> {
        self.copying.of = Some(of.clone());
        let allowed = self.copying.through_terminal;
        self.ask(Lane::Copy, Query::Copy(of, allowed))
    }
}
