//! What answers mean: each finds its place by the subject it names, and the end of a question by its lane.

use std::time::Duration;

use crate::domain::{Failure, Kind, Regenerated, SecretName, SecretValue, SetDone, Tone, Untrusted, Workspace, date};

use super::flight::{Lane, Ticket};
use super::form::{Confirm, Deed};
use super::list::Row;
use super::model::{Clip, Model, Notice, Pane};
use super::msg::{Answer, Effect, Way};
use super::navigate;
use super::overlay::{Credentials, Overlay, Reveal};
use super::save;
use super::shelf::Load;
use super::sign_in;
use super::workspaces::Named;

/// How long a copied value stays in the clipboard.
const CLIP: Duration = Duration::from_secs(30);

/// Takes in part of an answer.
pub(super) fn reply(model: &mut Model, ticket: Ticket, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Accounts { mut accounts, ways, remembers } => {
            if let Some(named) = &model.start.account {
                accounts.sort_by_key(|account| account.id != *named);
                if model.workspaces.load_is_new() {
                    model.workspaces.narrowed = Some(named.clone());
                }
            }
            model.accounts.fill(accounts);
            (model.ways, model.remembers) = (ways, remembers);
            return whoever_is_there(model);
        }
        Answer::DeviceCode(code) => {
            if let Some(Overlay::Device(prompt)) = model.overlays.last_mut() {
                prompt.code = Some(code);
            }
        }
        Answer::SignedIn(account) => {
            let name = account.name.show().into_owned();
            model.accounts.list.put(account);
            model.overlays.retain(|overlay| !matches!(overlay, Overlay::SignIn(_) | Overlay::Device(_)));
            model.say(format!("Signed in as {name}."), Tone::Good);
            return model.refresh(Pane::Workspaces);
        }
        Answer::SignedOut(account) => return signed_out(model, &account),
        Answer::Tenants(account, tenants) => {
            for tenant in tenants {
                if let Some(known) = model.account(&account).filter(|known| known.tenant == tenant.id).cloned() {
                    model.accounts.list.put(crate::domain::Account { tenant_name: Some(tenant.name.clone()), ..known });
                }
                model.tenants.retain(|known| known.id != tenant.id);
                model.tenants.push(tenant);
            }
        }
        Answer::Workspaces(_, rows) => return workspaces(model, rows),
        Answer::NoWorkspaces(who, failure) => model.workspaces.failed.push((who, failure)),
        Answer::Vault(vault) => model.secrets.vault = Some(vault),
        Answer::Secrets(_, rows) => {
            model.secrets.shelf.add(rows);
            if let Some(wanted) = model.secrets.wanted.take()
                && !model.secrets.shelf.list.go_to(&wanted.to_lowercase())
            {
                model.secrets.wanted = Some(wanted);
            }
        }
        Answer::Deleted(_, rows) => {
            if let Some(Overlay::Deleted(shelf)) = model.overlays.last_mut() {
                shelf.add(rows);
            }
        }
        Answer::Versions(name, rows) => {
            for overlay in &mut model.overlays {
                if let Overlay::Versions(versions) = overlay
                    && versions.name == name
                {
                    versions.shelf.fill(rows);
                    break;
                }
            }
        }
        Answer::Revealed(name, value) => revealed(model, name, value),
        Answer::Copied { what, words, clears } => copied(model, &what, &words, clears),
        Answer::AskClipboard => {
            let words = vec![
                "amlock found no clipboard here but the terminal's own, and cannot see whether it takes the value."
                    .to_owned(),
                "Yes sends it through the terminal, now and for the rest of this session.".to_owned(),
            ];
            let confirm = Confirm::plain(Deed::SendCopy, "Send it through the terminal?", words);
            model.overlays.push(Overlay::Confirm(Box::new(confirm)));
        }
        Answer::Keys(id, keys) => credentials(model, &id, Credentials::Keys(keys)),
        Answer::Token(id, token) => credentials(model, &id, Credentials::Token(token)),
        Answer::Endpoints(_, found) => {
            model.endpoints.add(found.endpoints);
            if let Some((kind, failure)) = found.missing.into_iter().next() {
                let text = format!("The {} endpoints are missing here: {}", kind.word(), failure.cause);
                model.notice = Some(Notice { text, tone: Tone::Warning, until: None, failure: Some(failure) });
            }
        }
        Answer::Progress(word) => progress(model, ticket, word),
        Answer::Set(done) => set(model, done),
        Answer::Updated(secret) => {
            let name = secret.name.show().into_owned();
            model.secrets.shelf.list.put(secret);
            model.say(format!("Saved the attributes of {name}."), Tone::Good);
        }
        Answer::SecretDeleted(name, deleted) => {
            model.secrets.shelf.list.remove(&name.as_str().to_lowercase());
            let until = deleted.purged.map_or_else(String::new, |at| format!(" until {}", date(at, &model.start.zone)));
            model.say(format!("Deleted {name}. u brings it back{until}."), Tone::Good);
        }
        Answer::Recovered(name, secret) => {
            forget_deleted(model, &name);
            model.secrets.shelf.list.put(secret);
            model.secrets.shelf.list.go_to(&name.as_str().to_lowercase());
            model.say(format!("{name} is back with all its versions."), Tone::Good);
        }
        Answer::Purged(name) => {
            forget_deleted(model, &name);
            model.say(format!("{name} is gone for good."), Tone::Good);
        }
        Answer::Regenerated(id, done) => regenerated(model, &id, done),
    }
    Vec::new()
}

/// The end of a question.
pub(super) fn landed(model: &mut Model, ticket: Ticket, outcome: Result<(), Failure>) -> Vec<Effect> {
    let now = model.now;
    match ticket.lane {
        Lane::Accounts => model.accounts.end(now, outcome),
        Lane::Workspaces => {
            model.workspaces.end(now, outcome);
            not_found(model);
        }
        Lane::Secrets => model.secrets.shelf.end(now, outcome),
        Lane::Endpoints => model.endpoints.end(now, outcome),
        Lane::Versions | Lane::Deleted => {
            for overlay in &mut model.overlays {
                match overlay {
                    Overlay::Versions(versions) if ticket.lane == Lane::Versions => {
                        versions.shelf.end(now, outcome.clone());
                    }
                    Overlay::Deleted(shelf) if ticket.lane == Lane::Deleted => shelf.end(now, outcome.clone()),
                    _ => {}
                }
            }
        }
        Lane::Keys => {
            if let Err(failure) = outcome
                && let Some(Overlay::Keys(sheet)) =
                    model.overlays.iter_mut().rev().find(|overlay| matches!(overlay, Overlay::Keys(_)))
            {
                sheet.credentials = Credentials::Failed(failure);
            }
        }
        Lane::SignIn => {
            if let Err(failure) = outcome {
                model.overlays.retain(|overlay| !matches!(overlay, Overlay::Device(_)));
                sign_in::offer(model);
                model.complain(failure);
            }
        }
        Lane::Reveal | Lane::Copy => {
            if let Err(failure) = outcome {
                model.complain(failure);
            }
        }
        Lane::Write => return written(model, ticket, outcome),
    }
    Vec::new()
}

fn whoever_is_there(model: &mut Model) -> Vec<Effect> {
    if model.accounts.list.total() == 0 {
        if model.ways.is_empty() {
            model.ways.push(Way::DeviceCode);
        }
        sign_in::offer(model);
        return Vec::new();
    }
    let mut effects = model.refresh(Pane::Workspaces);
    if model.workspaces.open.is_none() && model.secrets.vault.is_none() {
        if let (Some(name), Some(account)) = (model.start.vault.clone(), model.accounts.list.rows().first()) {
            let who = sign_in::home(account);
            model.pane = Pane::Secrets;
            model.secrets.shelf.begin();
            effects.extend(model.ask(Lane::Secrets, super::msg::Query::OpenVaultNamed(who, name)));
        } else {
            let (asked, folder) = (model.start.open.clone(), model.start.folder.clone());
            model.secrets.wanted = asked.as_ref().and_then(|target| target.secret.clone());
            model.workspaces.wanted =
                asked.map(|target| (target, Named::Asked)).or(folder.map(|target| (target, Named::Folder)));
        }
    }
    effects
}

fn signed_out(model: &mut Model, account: &crate::domain::AccountId) -> Vec<Effect> {
    let name = model.account(account).map_or_else(String::new, |account| account.name.show().into_owned());
    let mut effects = Vec::new();
    if model.workspace().is_some_and(|open| open.who.account == *account)
        || model.secrets.vault.as_ref().is_some_and(|vault| vault.who.account == *account)
    {
        model.workspaces.open = None;
        model.workspaces.opened = None;
        model.secrets = super::model::Secrets::default();
        model.endpoints = super::shelf::Shelf::default();
        for lane in [Lane::Secrets, Lane::Endpoints, Lane::Reveal] {
            if model.flights.drop_lane(lane) {
                effects.push(Effect::Cancel(lane));
            }
        }
    }
    model.workspaces.forget(account);
    model.accounts.list.remove(account.as_str());
    model.say(format!("{name} is signed out."), Tone::Good);
    if model.accounts.list.total() == 0 {
        sign_in::offer(model);
    }
    effects
}

fn workspaces(model: &mut Model, rows: Vec<Workspace>) -> Vec<Effect> {
    let wanted =
        model.workspaces.wanted.as_ref().and_then(|(target, _)| rows.iter().find(|row| target.means(row)).cloned());
    model.workspaces.add(rows);
    match wanted {
        Some(workspace) => {
            model.workspaces.shelf.list.go_to(&workspace.key());
            navigate::open(model, &workspace)
        }
        None => Vec::new(),
    }
}

/// What was to be opened was not among them.
fn not_found(model: &mut Model) {
    let Some((target, named)) = model.workspaces.wanted.take() else { return };
    if matches!(model.workspaces.shelf.load, Load::Failed(_)) {
        return;
    }
    let (count, who) =
        (model.workspaces.all.len(), if named == Named::Folder { "This folder's config.json" } else { "You" });
    let name = Untrusted::from(target.workspace);
    model.say(format!("{who} named {}, which is not among these {count} workspaces.", name.show()), Tone::Warning);
}

fn revealed(model: &mut Model, name: SecretName, value: SecretValue) {
    let Some(vault) = model.secrets.vault.clone() else { return };
    let seconds = Duration::from_secs(u64::from(model.start.reveal_seconds));
    let version = match model.top() {
        Some(Overlay::Versions(_)) => value.secret.version.clone(),
        _ => None,
    };
    let hides = model.now.checked_add(seconds).unwrap_or(model.now);
    let reveal = Reveal { name, vault, value, version, hides, held: false, marks: false, scroll: 0 };
    // At most one value is shown in the whole app.
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Reveal(_)));
    model.overlays.push(Overlay::Reveal(Box::new(reveal)));
}

fn copied(model: &mut Model, what: &str, words: &str, clears: bool) {
    model.copying.of = None;
    if clears {
        let clears = model.now.checked_add(CLIP).unwrap_or(model.now);
        model.clip = Some(Clip { words: format!("{what}: {words}"), clears });
        model.notice = None;
    } else {
        model.say(format!("{what}: {words}"), Tone::Good);
    }
}

fn credentials(model: &mut Model, id: &crate::domain::ResourceId, credentials: Credentials) {
    for overlay in &mut model.overlays {
        if let Overlay::Keys(sheet) = overlay
            && sheet.endpoint.id == *id
        {
            (sheet.credentials, sheet.progress) = (credentials, None);
            return;
        }
    }
}

fn progress(model: &mut Model, ticket: Ticket, word: Untrusted) {
    if let Some(Overlay::Keys(sheet)) = model.overlays.last_mut() {
        sheet.progress = Some(word.clone());
    }
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

fn set(model: &mut Model, done: SetDone) {
    let name = done.secret.name.show().into_owned();
    let key = done.secret.key();
    model.secrets.shelf.list.put(done.secret);
    model.secrets.shelf.list.go_to(&key);
    match done.overtaken {
        Some(theirs) => {
            let text = format!(
                "Saved {name}. Somebody else set version {} meanwhile; yours is the newest, theirs is kept (v).",
                theirs.version.show()
            );
            model.say(text, Tone::Warning);
        }
        None if !done.looked => {
            model.say(format!("Saved {name}. Who else changed it could not be looked at."), Tone::Good);
        }
        None => model.say(format!("Saved {name}."), Tone::Good),
    }
}

fn forget_deleted(model: &mut Model, name: &SecretName) {
    for overlay in &mut model.overlays {
        if let Overlay::Deleted(shelf) = overlay {
            shelf.list.remove(&name.as_str().to_lowercase());
        }
    }
}

/// The end of a change: its form goes, or says what went wrong and keeps what was typed.
fn written(model: &mut Model, ticket: Ticket, outcome: Result<(), Failure>) -> Vec<Effect> {
    model.writing.retain(|writing| writing.ticket != ticket);
    let form =
        model.overlays.iter().position(|overlay| matches!(overlay, Overlay::Form(form) if form.saving == Some(ticket)));
    match (outcome, form) {
        (Ok(()), Some(at)) => save::done(model, at),
        (Ok(()), None) => {}
        (Err(failure), Some(at)) => save::failed(model, at, failure),
        (Err(failure), None) => {
            if let Some(Overlay::Keys(sheet)) = model.overlays.last_mut() {
                sheet.progress = None;
            }
            model.complain(failure);
        }
    }
    Vec::new()
}
