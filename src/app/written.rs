//! What came of changes: each is about a vault or an endpoint by name, which need not be the one that is open by now.

use std::cmp::Ordering;

use crate::domain::{Failure, Kind, Regenerated, ResourceId, SecretName, SetDone, Tone, Untrusted, Vault, date};

use super::flight::Ticket;
use super::learn::credentials;
use super::list::Row;
use super::model::Model;
use super::msg::{Answer, Effect};
use super::overlay::{Credentials, Overlay};
use super::save;

/// Takes in what came of a change.
pub(super) fn reply(model: &mut Model, ticket: Ticket, answer: Answer) {
    match answer {
        Answer::Waits(_) => progressing(model, ticket, "Azure asks to wait".into()),
        Answer::StillBusy => progressing(model, ticket, "the vault is still busy with the last change to it".into()),
        Answer::Lost => progressing(model, ticket, "the answer was lost, looking whether it was done".into()),
        Answer::Progress(id, word) => progress(model, ticket, &id, word),
        Answer::Set(vault, done) => set(model, ticket, &vault, done),
        Answer::Updated(vault, secret) => {
            let name = secret.name.show().into_owned();
            if is_open(model, &vault) {
                model.secrets.shelf.put(secret.into());
            }
            model.say(format!("Saved the attributes of {name}."), Tone::Good);
        }
        Answer::SecretDeleted(vault, name, deleted) => {
            let here = is_open(model, &vault);
            if here {
                model.secrets.shelf.remove(&name.as_str().to_lowercase());
                model.secrets.just_deleted.push((model.now, deleted.clone()));
            }
            let until = deleted.purged.map_or_else(String::new, |at| format!(" until {}", date(at, &model.start.zone)));
            let back = if here { format!("u brings it back{until}.") } else { format!("It can be recovered{until}.") };
            model.say(format!("Deleted {name} from {}. {back}", vault.name), Tone::Good);
        }
        Answer::Recovered(vault, name, secret) => {
            forget_deleted(model, &vault, &name);
            if is_open(model, &vault) {
                model.secrets.shelf.put(secret.into());
            }
            model.say(format!("{name} is back in {} with all its versions.", vault.name), Tone::Good);
        }
        Answer::Purged(vault, name) => {
            forget_deleted(model, &vault, &name);
            model.say(format!("{name} is gone for good."), Tone::Good);
        }
        Answer::Regenerated(id, done) => regenerated(model, &id, done),
        _ => {}
    }
}

fn is_open(model: &Model, vault: &Vault) -> bool {
    model.secrets.vault.as_ref().is_some_and(|open| open.url == vault.url)
}

fn progress(model: &mut Model, ticket: Ticket, id: &ResourceId, word: Untrusted) {
    for overlay in &mut model.overlays {
        if let Overlay::Keys(sheet) = overlay
            && sheet.endpoint.id == *id
        {
            sheet.progress = Some(word.clone());
        }
    }
    progressing(model, ticket, word);
}

fn progressing(model: &mut Model, ticket: Ticket, word: Untrusted) {
    if let Some(writing) = model.writing.iter_mut().find(|writing| writing.ticket == ticket) {
        writing.progress = Some(word);
    }
}

fn regenerated(model: &mut Model, id: &crate::domain::ResourceId, done: Regenerated) {
    let name = Untrusted::from(id.name());
    let (which, changed) = (done.which.word(), done.changed);
    if let Some(keys) = done.keys {
        credentials(model, id, Credentials::Keys(keys));
    }
    if changed == Some(false) {
        let cause = format!("Azure says it is done, but the {which} key of {} is the same as before", name.show());
        let hint = "Regenerate it once more, or ask Azure's support with the time of this.";
        model.complain(Failure::new(Kind::Failed, "regenerate a key", cause).hint(hint));
    } else {
        model.say(format!("The {which} key of {} is a new one.", name.show()), Tone::Good);
    }
}

fn set(model: &mut Model, ticket: Ticket, vault: &Vault, done: SetDone) {
    let name = done.secret.name.show().into_owned();
    let ours = done.secret.version.as_ref().map_or_else(String::new, short);
    let made = done.secret.attributes.created;
    if is_open(model, vault) {
        let key = done.secret.key();
        model.secrets.shelf.put(done.secret.into());
        // The cursor goes there only while nobody has gone on to something else.
        if form_of(model, ticket).is_some_and(|at| at + 1 == model.overlays.len()) {
            model.secrets.shelf.list.go_to(&key);
        }
    }
    match done.overtaken {
        Some(theirs) => {
            // Key Vault counts whole seconds: within one, nobody knows.
            let theirs_is = short(&theirs.version);
            let text = match made.cmp(&theirs.created) {
                Ordering::Greater => {
                    format!("Saved {name} as {ours}, over somebody else's {theirs_is}; both are kept (v).")
                }
                Ordering::Equal => {
                    format!("Saved {name} as {ours}, in the same second as somebody else's {theirs_is} (v).")
                }
                Ordering::Less => format!("Saved {name} as {ours}, but somebody else's {theirs_is} is the newest (v)."),
            };
            model.say(text, Tone::Warning);
        }
        None if !done.looked => {
            model.say(format!("Saved {name}. Who else changed it could not be looked at."), Tone::Good);
        }
        None => model.say(format!("Saved {name}."), Tone::Good),
    }
}

/// As much of a version's id as tells it from others, so that two fit into a line.
fn short(version: &Untrusted) -> String {
    version.show().as_str().chars().take(8).collect()
}

fn forget_deleted(model: &mut Model, vault: &Vault, name: &SecretName) {
    if !is_open(model, vault) {
        return;
    }
    let key = name.as_str().to_lowercase();
    model.secrets.just_deleted.retain(|(_, deleted)| deleted.key() != key);
    for overlay in &mut model.overlays {
        if let Overlay::Deleted(shelf) = overlay {
            shelf.remove(&name.as_str().to_lowercase());
        }
    }
}

fn form_of(model: &Model, ticket: Ticket) -> Option<usize> {
    model.overlays.iter().position(|overlay| matches!(overlay, Overlay::Form(form) if form.saving == Some(ticket)))
}

/// The end of a change: its form goes, or says what went wrong and keeps what was typed.
pub(super) fn landed(model: &mut Model, ticket: Ticket, outcome: Result<(), Failure>) -> Vec<Effect> {
    model.writing.retain(|writing| writing.ticket != ticket);
    match (outcome, form_of(model, ticket)) {
        (Ok(()), Some(at)) => save::done(model, at),
        (Ok(()), None) => {}
        (Err(failure), Some(at)) => save::failed(model, at, &failure),
        (Err(failure), None) => {
            for overlay in &mut model.overlays {
                if let Overlay::Keys(sheet) = overlay {
                    sheet.progress = None;
                }
            }
            model.complain(failure);
        }
    }
    Vec::new()
}
