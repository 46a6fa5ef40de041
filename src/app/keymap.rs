//! What a key means here and now, by the table of bindings: dispatch, footer, help, palette and README go through this.

use std::fmt::Write as _;

use crossterm::event::KeyEvent;

use super::form::Purpose;
use super::model::{Model, Pane};
use super::overlay::Overlay;
use super::rules::allowed;

pub(super) use super::bindings::SCOPES;
pub use super::bindings::{BINDINGS, Binding, Command, Key, Scope};

use Command as C;
use Scope as S;

impl Model {
    /// Who hears a key first: nothing else decides it. A text field is alone with what never types a letter.
    pub fn scopes(&self) -> &'static [Scope] {
        self.scopes_below(self.top())
    }

    /// Who heard the keys before the topmost overlay was opened: what its help is about.
    pub fn scopes_underneath(&self) -> &'static [Scope] {
        self.scopes_below(self.overlays.iter().rev().nth(1))
    }

    fn scopes_below(&self, overlay: Option<&Overlay>) -> &'static [Scope] {
        match overlay {
            Some(Overlay::Help(_) | Overlay::Words(_)) => &[S::Reading, S::Lists, S::Everywhere],
            Some(Overlay::Palette(_)) => &[S::Palette],
            Some(Overlay::SignIn(menu)) if menu.typing.is_some() => &[S::Tenant],
            Some(Overlay::SignIn(_)) => &[S::SignIn, S::Lists, S::Everywhere],
            Some(Overlay::Device(_)) => &[S::Device, S::Everywhere],
            Some(Overlay::Page(_)) => &[S::Page, S::Everywhere],
            Some(Overlay::Stranger(_)) => &[S::Stranger, S::Everywhere],
            Some(Overlay::Form(form)) if form.purpose == Purpose::Principal => &[S::Principal],
            Some(Overlay::Form(_)) => &[S::Form],
            Some(Overlay::Confirm(confirm)) if confirm.typed.is_some() => &[S::TypedConfirm],
            Some(Overlay::Confirm(_)) => &[S::Confirm],
            Some(Overlay::Tenants(_)) => &[S::Tenants, S::Lists, S::Everywhere],
            Some(Overlay::Versions(_)) => &[S::Versions, S::Lists, S::Everywhere],
            Some(Overlay::Deleted(_)) => &[S::Deleted, S::Lists, S::Everywhere],
            Some(Overlay::Keys(_)) => &[S::Keys, S::Lists, S::Everywhere],
            Some(Overlay::Reveal(_)) => &[S::Reveal, S::Lists, S::Everywhere],
            None if self.filtering => &[S::Filter],
            None => match self.pane {
                Pane::Accounts => &[S::Accounts, S::Panes, S::Lists, S::Everywhere],
                Pane::Workspaces => &[S::Workspaces, S::Panes, S::Lists, S::Everywhere],
                Pane::Secrets => &[S::Secrets, S::Panes, S::Lists, S::Everywhere],
                Pane::Endpoints => &[S::Endpoints, S::Panes, S::Lists, S::Everywhere],
            },
        }
    }
}

/// What can be pressed right now, innermost scope first. The footer shows these and no others.
pub fn live(model: &Model) -> impl Iterator<Item = &'static Binding> {
    model
        .scopes()
        .iter()
        .flat_map(|scope| BINDINGS.iter().filter(move |binding| binding.scope == *scope))
        .filter(|binding| allowed(model, binding.command))
}

/// The command that `event` means here, if any. What never types a letter works also in text fields.
pub fn resolve(model: &Model, event: KeyEvent) -> Option<Command> {
    let always = BINDINGS.iter().filter(|binding| {
        matches!(binding.command, C::Interrupt | C::Suspend | C::Repaint) && binding.scope == S::Everywhere
    });
    live(model)
        .chain(always)
        .find(|binding| binding.keys.iter().any(|key| key.fits(event)))
        .map(|binding| binding.command)
}

/// The command of this pane that `event` would be if it could do something now.
pub(super) fn meant(model: &Model, event: KeyEvent) -> Option<Command> {
    if model.in_text() {
        return None;
    }
    let here = model.scopes().first()?;
    let fits = |binding: &&Binding| binding.scope == *here && binding.keys.iter().any(|key| key.fits(event));
    BINDINGS.iter().find(fits).map(|binding| binding.command)
}

/// The table of keys as the README has it, in Markdown.
pub fn markdown() -> String {
    let mut text = String::from("| where | key | what it does |\n| --- | --- | --- |\n");
    let mut scopes: Vec<Scope> = BINDINGS.iter().map(|binding| binding.scope).collect();
    scopes.sort_unstable();
    scopes.dedup();
    for scope in scopes {
        for binding in BINDINGS.iter().filter(|binding| binding.scope == scope) {
            let keys = binding.keys.iter().map(|key| format!("`{}`", key.label())).collect::<Vec<_>>().join(" ");
            let _ = writeln!(text, "| {} | {keys} | {} |", scope.title(), binding.help);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice_in_a_scope() {
        for (at, one) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[at + 1..] {
                let clash = one.scope == other.scope && one.keys.iter().any(|key| other.keys.contains(key));
                assert!(!clash, "{one:?} and {other:?}");
            }
        }
    }
}
