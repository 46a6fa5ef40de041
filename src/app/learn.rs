//! What answers mean: each finds its place by the subject it names, and the end of a question by its lane.

use std::time::Duration;

use crate::domain::{
    Account, AccountId, DeletedSecret, Failure, Kind, Moment, SecretName, SecretValue, Tenant, Tone, Untrusted, Vault,
    Workspace,
};

use super::flight::{Lane, Ticket};
use super::form::{Confirm, Deed};
use super::list::Row;
use super::listed::InCommon;
use super::model::{Clip, Model, Pane};
use super::msg::{Answer, Effect, Query};
use super::navigate;
use super::overlay::{Credentials, Overlay, Reveal};
use super::shelf::{Load, Shelf};
use super::time::clear_clip;
use super::workspaces::{Named, Narrowed};
use super::written;
use super::{sign_in, signed_in};

/// How long a copied value stays in the clipboard.
const CLIP: Duration = Duration::from_secs(30);
/// After so long Key Vault lists what was deleted.
const LISTED: Duration = Duration::from_mins(1);

/// Takes in part of an answer.
pub(super) fn reply(model: &mut Model, ticket: Ticket, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Accounts { mut accounts, ways, keeps, seen } => {
            if let Some(named) = &model.start.account {
                accounts.sort_by_key(|account| account.id != *named);
                if model.workspaces.load_is_new() {
                    model.workspaces.narrowed = Some(Narrowed { account: named.clone(), tenant: None });
                }
            }
            model.accounts.fill(accounts);
            (model.ways, model.keeps, model.seen) = (ways, keeps, seen);
            return signed_in::whoever_is_there(model);
        }
        coming @ (Answer::DeviceCode(_)
        | Answer::Polling(_)
        | Answer::Page(..)
        | Answer::Stranger(_)
        | Answer::Account(_)
        | Answer::SignedIn(_)
        | Answer::SignedOut(_)) => return signed_in::reply(model, coming),
        Answer::Tenants(account, tenants) => {
            model.memberships.retain(|(known, _)| *known != account);
            model.memberships.push((account.clone(), tenants.iter().map(|tenant| tenant.id.clone()).collect()));
            let chosen = model.workspaces.narrowed.as_ref().filter(|narrowed| narrowed.account == account);
            let chosen = chosen.and_then(|narrowed| narrowed.tenant.as_ref()).map(Row::key);
            if let Some(sheet) = tenants_of(model, &account) {
                let first = sheet.list.rows().is_empty();
                sheet.fill(tenants.clone());
                if let Some(key) = chosen.filter(|_| first) {
                    sheet.list.go_to(&key);
                }
            }
            for tenant in tenants {
                if let Some(known) = model.account(&account).filter(|known| tenant.is(&known.tenant)).cloned() {
                    model.accounts.list.put(Account { tenant_name: Some(tenant.name.clone()), ..known });
                }
                model.tenants.retain(|known| known.id != tenant.id);
                model.tenants.push(tenant);
            }
        }
        Answer::Workspaces(_, rows) => return workspaces(model, rows),
        Answer::NoWorkspaces(who, failure) => model.workspaces.failed.push((who, failure)),
        Answer::Vault(vault) => model.secrets.vault = Some(vault),
        Answer::Secrets(_, rows) => {
            let wanted = model.secrets.wanted.as_deref().map(str::to_lowercase);
            let found = wanted.filter(|wanted| rows.iter().any(|row| row.key() == *wanted));
            let shelf = &mut model.secrets.shelf;
            shelf.add(model.secrets.in_common.rows(rows));
            if let Some(key) = found {
                model.secrets.shelf.list.go_to(&key);
                model.secrets.wanted = None;
            }
        }
        Answer::Deleted(_, rows) => {
            let shelf = model.overlays.iter_mut().find_map(|overlay| match overlay {
                Overlay::Deleted(shelf) => Some(shelf),
                _ => None,
            });
            if let Some(shelf) = shelf {
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
        Answer::Revealed { vault, name, version, value } => revealed(model, vault, name, version, value),
        Answer::Copied { what, words, clears } => copied(model, &what, &words, clears),
        // A letter being typed must not answer a question that was not there a moment ago.
        Answer::AskClipboard if model.in_text() => {
            model.say(
                "Not copied: your terminal may take it or not, and a question about that is due. Copy again.",
                Tone::Warning,
            );
        }
        Answer::AskClipboard => {
            let words = vec![
                "amlock found no clipboard here but the terminal's own, and cannot see whether it takes the value."
                    .to_owned(),
                "Yes sends it through the terminal, now and for the rest of this session; else reveal it and select by hand.".to_owned(),
            ];
            let confirm = Confirm::plain(Deed::SendCopy, "Send it through the terminal?", words);
            model.overlays.push(Overlay::Confirm(Box::new(confirm)));
        }
        Answer::Keys(id, keys) => credentials(model, &id, Credentials::Keys(keys)),
        Answer::Token(id, token) => credentials(model, &id, Credentials::Token(token)),
        Answer::Endpoints(_, found) => {
            model.endpoints.add(found.endpoints);
            model.missing_endpoints = found.missing;
        }
        Answer::Waits(until) if ticket.lane != Lane::Write => model.flights.waits(ticket.lane, until),
        Answer::AsksAz(asks) => model.flights.asks_az(ticket.lane, asks),
        change => written::reply(model, ticket, change),
    }
    Vec::new()
}

/// The end of a question.
pub(super) fn landed(model: &mut Model, ticket: Ticket, outcome: Result<(), Failure>) -> Vec<Effect> {
    let mut effects = match (&outcome, ticket.lane) {
        (Err(failure), Lane::Reveal | Lane::Copy | Lane::Versions | Lane::Keys | Lane::Write) => {
            look_again(model, failure)
        }
        _ => Vec::new(),
    };
    effects.extend(ended(model, ticket, outcome));
    effects
}

fn ended(model: &mut Model, ticket: Ticket, outcome: Result<(), Failure>) -> Vec<Effect> {
    let now = model.now;
    match ticket.lane {
        Lane::Accounts => model.accounts.end(now, outcome),
        Lane::Workspaces => {
            model.workspaces.end(now, outcome);
            not_found(model);
        }
        Lane::Tenants => {
            if let Some(Overlay::Tenants(sheet)) =
                model.overlays.iter_mut().find(|overlay| matches!(overlay, Overlay::Tenants(_)))
            {
                sheet.shelf.end(now, outcome);
            }
        }
        Lane::Secrets => {
            model.secrets.shelf.end(now, outcome);
            model.secrets.in_common = InCommon::default();
            if let Some(wanted) = model.secrets.wanted.take().filter(|_| model.secrets.shelf.load.as_of().is_some()) {
                let name = Untrusted::from(wanted);
                model.say(format!("There is no {} in this vault.", name.show()), Tone::Warning);
            }
        }
        Lane::Endpoints => model.endpoints.end(now, outcome),
        Lane::Versions | Lane::Deleted => {
            for overlay in &mut model.overlays {
                match overlay {
                    Overlay::Versions(versions) if ticket.lane == Lane::Versions => {
                        versions.shelf.end(now, outcome.clone());
                    }
                    Overlay::Deleted(shelf) if ticket.lane == Lane::Deleted => {
                        let whole = outcome.is_ok();
                        shelf.end(now, outcome.clone());
                        if whole {
                            add_just_deleted(shelf, &mut model.secrets.just_deleted, now);
                        }
                    }
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
                sign_in::failed(model, failure);
            }
        }
        Lane::Reveal => {
            if let Err(failure) = outcome {
                model.complain(failure);
            }
        }
        Lane::Copy => {
            if let Err(failure) = outcome {
                model.complain(failure);
                // Whatever of ours an earlier copy left there is not the value this one was about.
                return clear_clip(model);
            }
        }
        Lane::Write => return written::landed(model, ticket, outcome),
    }
    Vec::new()
}

/// What is not there any more is still in a list: somebody else was faster, and the lists are fetched anew.
fn look_again(model: &mut Model, failure: &Failure) -> Vec<Effect> {
    if failure.kind != Kind::NotFound {
        return Vec::new();
    }
    let mut effects = Vec::new();
    for pane in [Pane::Secrets, Pane::Endpoints] {
        let there = model.pane_state(pane).0.as_of().is_some();
        if there && !model.flights.busy(Model::lane_of(pane)) {
            effects.extend(model.refresh(pane));
        }
    }
    let deleted = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Deleted(shelf) => Some(shelf),
        _ => None,
    });
    if let (Some(shelf), Some(vault), false) = (deleted, &model.secrets.vault, model.flights.busy(Lane::Deleted)) {
        shelf.begin();
        effects.extend(model.ask(Lane::Deleted, Query::Deleted(vault.clone())));
    }
    effects
}

/// Key Vault lists a deleted secret only after some seconds; what was deleted here is shown at once, the cursor on it.
fn add_just_deleted(shelf: &mut Shelf<DeletedSecret>, just_deleted: &mut Vec<(Moment, DeletedSecret)>, now: Moment) {
    // What is not listed after that time is not there: somebody else brought it back.
    let lately = |at: &Moment| now.duration_since(*at).unsigned_abs() < LISTED;
    just_deleted.retain(|(at, deleted)| lately(at) && shelf.list.rows().iter().all(|row| row.key() != deleted.key()));
    for (_, deleted) in just_deleted.iter() {
        shelf.list.put(deleted.clone());
        shelf.list.go_to(&deleted.key());
    }
}

/// The list of an account's tenants, where it is shown.
fn tenants_of<'m>(model: &'m mut Model, account: &AccountId) -> Option<&'m mut Shelf<Tenant>> {
    model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Tenants(sheet) if sheet.account == *account => Some(&mut sheet.shelf),
        _ => None,
    })
}

fn workspaces(model: &mut Model, rows: Vec<Workspace>) -> Vec<Effect> {
    let wanted =
        model.workspaces.wanted.as_ref().and_then(|(target, _)| rows.iter().find(|row| target.means(row)).cloned());
    model.workspaces.add(rows);
    match wanted {
        Some(workspace) => {
            model.workspaces.shelf.list.go_to(&workspace.key());
            // Whoever pressed a key already is somewhere, and stays there.
            if model.last_key == model.start.now {
                model.pane = Pane::Secrets;
            }
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
    let count = model.workspaces.shelf.list.total();
    let who = match named {
        Named::Asked => "You",
        Named::Folder => "This folder's config.json",
        Named::Habit => "Your defaults",
    };
    let name = Untrusted::from(target.workspace);
    model.say(format!("{who} named {}, which is not among these {count} workspaces.", name.show()), Tone::Warning);
}

fn revealed(model: &mut Model, vault: Vault, name: SecretName, version: Option<Untrusted>, value: SecretValue) {
    let seconds = Duration::from_secs(u64::from(model.start.reveal_seconds));
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
        model.clip = Some(Clip { what: what.to_owned(), words: words.to_owned(), clears });
        model.notice = None;
    } else {
        model.say(format!("{words} ({what})"), Tone::Good);
    }
}

pub(super) fn credentials(model: &mut Model, id: &crate::domain::ResourceId, credentials: Credentials) {
    for overlay in &mut model.overlays {
        if let Overlay::Keys(sheet) = overlay
            && sheet.endpoint.id == *id
        {
            (sheet.credentials, sheet.progress) = (credentials, None);
            return;
        }
    }
}
