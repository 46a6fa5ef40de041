//! What a login that had ended kept from being done: it is kept, the ways in are offered, and once the same account is signed
//! in again it is done.

use crate::domain::{AccountId, Failure, Kind, Who};

use super::flight::{Lane, Ticket};
use super::model::{Model, Pane};
use super::msg::{CopyOf, Effect, Query};
use super::overlay::Overlay;
use super::{save, sign_in};

/// Something that was asked for and may be asked for again.
#[derive(Debug)]
pub struct Wanted {
    /// Whose login it needs.
    account: AccountId,
    /// The question; none where a form still has what is to be saved.
    query: Option<Query>,
}

impl Query {
    /// The same question once more, where it holds no value and is about one account.
    fn once_more(&self) -> Option<Self> {
        Some(match self {
            Self::Tenants(who) => Self::Tenants(who.clone()),
            Self::Deleted(vault) => Self::Deleted(vault.clone()),
            Self::Versions(vault, name) => Self::Versions(vault.clone(), name.clone()),
            Self::Reveal(vault, name, version) => Self::Reveal(vault.clone(), name.clone(), version.clone()),
            Self::Copy(of, allowed) => Self::Copy(of.clone(), *allowed),
            Self::Delete(vault, name) => Self::Delete(vault.clone(), name.clone()),
            Self::Recover(vault, name) => Self::Recover(vault.clone(), name.clone()),
            Self::Purge(vault, name) => Self::Purge(vault.clone(), name.clone()),
            Self::Keys(endpoint) => Self::Keys(endpoint.clone()),
            Self::Token(endpoint) => Self::Token(endpoint.clone()),
            Self::Regenerate(endpoint, which) => Self::Regenerate(endpoint.clone(), *which),
            _ => return None,
        })
    }

    /// Whose login it needs, in which tenant.
    fn who(&self) -> Option<&Who> {
        match self {
            Self::Tenants(who) => Some(who),
            Self::Deleted(vault)
            | Self::Versions(vault, _)
            | Self::Reveal(vault, ..)
            | Self::Copy(CopyOf::Secret(vault, ..), _)
            | Self::Delete(vault, _)
            | Self::Recover(vault, _)
            | Self::Purge(vault, _) => Some(&vault.who),
            Self::Keys(endpoint)
            | Self::Token(endpoint)
            | Self::Regenerate(endpoint, _)
            | Self::Copy(CopyOf::Key(endpoint, _) | CopyOf::Token(endpoint), _) => Some(&endpoint.who),
            _ => None,
        }
    }
}

/// Notes a question that goes out, so that it can be put again.
pub(super) fn note(model: &mut Model, ticket: Ticket, query: &Query) {
    let flights = &model.flights;
    model.asked.retain(|(asked, _)| flights.expects(*asked));
    model.asked.extend(query.once_more().map(|again| (ticket, again)));
}

/// A question is over. Where a login had ended, what was wanted is kept and the ways in are offered.
pub(super) fn over(model: &mut Model, ticket: Ticket, outcome: &Result<(), Failure>) {
    let asked = model.asked.iter().position(|(asked, _)| *asked == ticket).map(|at| model.asked.swap_remove(at).1);
    if !matches!(outcome, Err(failure) if failure.kind == Kind::SignedOut) {
        return;
    }
    // A form that waits for this answer has what is to be saved; over any other field letters would become choices.
    let saving = matches!(model.top(), Some(Overlay::Form(form)) if form.saving == Some(ticket));
    if model.in_text() && !saving {
        return;
    }
    let vault = model.secrets.vault.as_ref().map(|vault| vault.who.clone());
    let who = if saving { vault } else { asked.as_ref().and_then(|query| query.who().cloned()) };
    if let (Some(who), Err(failure)) = (who, outcome) {
        sign_in::offer_after(model, Some(&who), failure);
        model.wanted = Some(Wanted { account: who.account, query: asked.filter(|_| !saving) });
    }
}

/// Somebody signed in: what they wanted is done, and lists that wanted a login are fetched.
pub(super) fn signed_in(model: &mut Model, account: &AccountId) -> Vec<Effect> {
    let mut effects = Vec::new();
    for pane in [Pane::Secrets, Pane::Endpoints] {
        let waits = model.pane_failure(pane).is_some_and(|failure| failure.kind == Kind::SignedOut);
        if waits && !model.flights.busy(Model::lane_of(pane)) {
            effects.extend(model.refresh(pane));
        }
    }
    let Some(wanted) = model.wanted.take().filter(|wanted| wanted.account == *account) else { return effects };
    effects.extend(match wanted.query {
        None => save::send(model, false),
        Some(Query::Delete(vault, name)) => model.write(format!("Deleting {name}"), Query::Delete(vault, name)),
        Some(Query::Recover(vault, name)) => model.write(format!("Recovering {name}"), Query::Recover(vault, name)),
        Some(Query::Purge(vault, name)) => model.write(format!("Purging {name}"), Query::Purge(vault, name)),
        Some(Query::Regenerate(endpoint, which)) => super::endpoints::regenerate(model, endpoint, which),
        Some(Query::Copy(of, _)) => model.copy(of),
        Some(query) => {
            let lane = match &query {
                Query::Tenants(_) => Lane::Tenants,
                Query::Deleted(_) => Lane::Deleted,
                Query::Versions(..) => Lane::Versions,
                Query::Reveal(..) => Lane::Reveal,
                _ => Lane::Keys,
            };
            model.ask(lane, query)
        }
    });
    effects
}
