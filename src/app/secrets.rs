//! The secrets pane: revealing, copying, versions, deleted ones, and the questions before a change.

use std::time::Duration;

use crate::domain::{SecretName, Untrusted};

use super::flight::Lane;
use super::form::{Confirm, Deed, Form};
use super::kept;
use super::keymap::Command;
use super::model::{Model, Writing};
use super::msg::{CopyOf, Effect, Query};
use super::overlay::{Overlay, Versions};
use super::save;
use super::shelf::Shelf;

/// How long a held value is shown.
const HELD: Duration = Duration::from_mins(1);

/// What a command about secrets does.
pub(super) fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    use Command as C;
    match command {
        C::Hold | C::Marks | C::Hide => {
            in_reveal(model, command);
            Vec::new()
        }
        C::Save | C::NextField | C::PreviousField => save::obey(model, command),
        C::NewSecret => show_form(model, Form::new_secret()),
        C::OpenByName => show_form(model, Form::open_by_name()),
        C::Recover | C::Purge => deleted_one(model, command),
        C::RevealVersion | C::CopyVersion => version(model, command),
        C::Copy => match copied(model) {
            Some(of) => model.copy(of),
            None => Vec::new(),
        },
        C::Deleted => match model.secrets.vault.clone() {
            Some(vault) => {
                let mut shelf = Shelf::default();
                shelf.begin();
                model.overlays.push(Overlay::Deleted(Box::new(shelf)));
                model.ask(Lane::Deleted, Query::Deleted(vault))
            }
            None => Vec::new(),
        },
        _ => current(model, command),
    }
}

/// Commands about the secret under the cursor.
fn current(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some((vault, secret, name)) = model.secret() else { return Vec::new() };
    let (vault, secret) = (vault.clone(), secret.secret());
    match command {
        Command::Reveal => model.ask(Lane::Reveal, Query::Reveal(vault, name, None)),
        Command::NewValue => show_form(model, Form::new_value(name, secret.attributes.updated)),
        Command::Attributes => {
            let kind = secret.content_type.as_ref();
            let form = Form::attributes(name, &secret.attributes, kind, &secret.tags, &model.start.zone);
            show_form(model, form)
        }
        Command::Versions => {
            let mut shelf = Shelf::default();
            shelf.begin();
            model.overlays.push(Overlay::Versions(Box::new(Versions { name: name.clone(), shelf })));
            model.ask(Lane::Versions, Query::Versions(vault, name))
        }
        Command::Delete => {
            let days = secret.attributes.recoverable_days.map_or_else(String::new, |days| format!(" for {days} days"));
            let words = vec![format!("All its versions go with it. It can be recovered{days} with u.")];
            let title = format!("Delete {name} from {}?", vault.name);
            confirm(model, Deed::Delete(name), title, words, false)
        }
        _ => Vec::new(),
    }
}

fn show_form(model: &mut Model, form: Form) -> Vec<Effect> {
    model.overlays.push(Overlay::Form(Box::new(form)));
    Vec::new()
}

/// What a copy takes: the shown value's, or that of the secret under the cursor.
fn copied(model: &Model) -> Option<CopyOf> {
    if let Some(Overlay::Reveal(reveal)) = model.top() {
        return Some(CopyOf::Secret(reveal.vault.clone(), reveal.name.clone(), reveal.version.clone()));
    }
    let (vault, _, name) = model.secret()?;
    Some(CopyOf::Secret(vault.clone(), name, None))
}

fn in_reveal(model: &mut Model, command: Command) {
    let held = model.now.checked_add(HELD).unwrap_or(model.now);
    let Some(Overlay::Reveal(reveal)) = model.overlays.last_mut() else { return };
    match command {
        Command::Hold => (reveal.held, reveal.hides) = (true, held),
        Command::Marks => reveal.marks = !reveal.marks,
        _ => {
            model.overlays.pop();
        }
    }
}

fn version(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(Overlay::Versions(versions)) = model.top() else { return Vec::new() };
    let Some(vault) = model.secrets.vault.clone() else { return Vec::new() };
    let name = versions.name.clone();
    let version: Option<Untrusted> = versions.shelf.list.current().and_then(|version| version.secret.version.clone());
    if command == Command::CopyVersion {
        model.copy(CopyOf::Secret(vault, name, version))
    } else {
        model.ask(Lane::Reveal, Query::Reveal(vault, name, version))
    }
}

fn deleted_one(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(Overlay::Deleted(shelf)) = model.top() else { return Vec::new() };
    let Some(name) = shelf.list.current().and_then(|deleted| SecretName::parse(deleted.secret.name.raw()).ok()) else {
        return Vec::new();
    };
    if command == Command::Purge {
        let words = vec!["Its values are gone for good: nobody can bring them back.".to_owned()];
        let title = format!("Purge {name}?");
        return confirm(model, Deed::Purge(name), title, words, true);
    }
    if model.in_production() {
        let title = format!("Recover {name}?");
        return confirm(model, Deed::Recover(name), title, Vec::new(), true);
    }
    confirmed(model, Deed::Recover(name))
}

/// Asks before a deed; in production, and where nothing brings it back, the name must be typed.
pub(super) fn confirm(
    model: &mut Model,
    deed: Deed,
    title: String,
    mut words: Vec<String>,
    typed: bool,
) -> Vec<Effect> {
    let name = match &deed {
        Deed::Delete(name) | Deed::Recover(name) | Deed::Purge(name) => name.to_string(),
        _ => String::new(),
    };
    let production = model.in_production();
    if production {
        words.insert(0, "This is PRODUCTION.".to_owned());
    }
    let confirm =
        if typed || production { Confirm::typed(deed, title, words, name) } else { Confirm::plain(deed, title, words) };
    model.overlays.push(Overlay::Confirm(Box::new(confirm)));
    Vec::new()
}

/// Does what was asked about.
pub(super) fn confirmed(model: &mut Model, deed: Deed) -> Vec<Effect> {
    let Some(vault) = model.secrets.vault.clone() else { return Vec::new() };
    match deed {
        Deed::Delete(name) => model.write(format!("Deleting {name}"), Query::Delete(vault, name)),
        Deed::Recover(name) => model.write(format!("Recovering {name}"), Query::Recover(vault, name)),
        Deed::Purge(name) => model.write(format!("Purging {name}"), Query::Purge(vault, name)),
        Deed::Save { anyway } => save::send(model, anyway),
        _ => Vec::new(),
    }
}

impl Model {
    /// Sends a change, and keeps its words on the screen until its answer is here.
    pub(super) fn write(&mut self, words: String, query: Query) -> Vec<Effect> {
        let ticket = self.flights.depart(Lane::Write, self.now);
        kept::note(self, ticket, &query);
        self.writing.push(Writing { ticket, words, progress: None, since: self.now });
        vec![Effect::Ask(ticket, Box::new(query))]
    }
}
