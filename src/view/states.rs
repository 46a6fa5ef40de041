//! What stands where rows would be while there are none, and the line below them when something is not as it should be.

use std::borrow::Cow;

use crate::app::{Lane, Load, Model, Pane};
use crate::domain::{Failure, Kind, Moment, Who};

use super::canvas::Canvas;
use super::panes::narrowed_name;
use super::prose::Prose;
use super::theme::Look;
use super::trouble;

/// From when on a wait is worth words.
const SLOW: i64 = 2;

/// What stands in a pane without rows.
pub(super) fn missing(canvas: &Canvas<'_>, model: &Model, pane: Pane, prose: &mut Prose) {
    let (load, _, total) = model.pane_state(pane);
    if let Some(since) = model.flights.since(Model::lane_of(pane))
        && total == 0
        && load.as_of().is_none()
    {
        prose.line(vec![
            (Cow::Borrowed(canvas.spinner), Look::Accent),
            (Cow::Owned(format!(" {}", what(model, pane))), Look::Plain),
        ]);
        if let Some(words) = slow(model, pane, since, prose.slim()) {
            prose.gap().say(&words, Look::Warning);
            prose.line(vec![(Cow::Borrowed("esc"), Look::Title), (Cow::Borrowed(" stops it"), Look::Plain)]);
        }
        return;
    }
    match load {
        Load::Unasked => unasked(model, pane, prose),
        Load::Loading => waiting(canvas, prose, &host(model, pane), &what(model, pane), (model.now, model.now)),
        Load::Failed(failure) => trouble::in_pane(prose, model, pane, failure),
        Load::Stopped => {
            prose.line(vec![
                (Cow::Borrowed("Stopped. "), Look::Plain),
                (Cow::Borrowed("r"), Look::Title),
                (Cow::Borrowed(" fetches it."), Look::Plain),
            ]);
        }
        Load::Ready(_) => empty(model, pane, prose),
        Load::Stale(_, failure) => {
            empty(model, pane, prose);
            prose.gap().say(&failure.as_sentence(), Look::Warning);
        }
    }
}

/// A filter that nothing passes.
pub(super) fn no_match(filter: &str, loading: bool, prose: &mut Prose) {
    let yet = if loading { " yet" } else { "" };
    prose.say(&format!("nothing matches “{filter}”{yet}, esc clears"), Look::Secondary);
}

/// A wait: what for, and from two seconds on that there is no answer.
pub(super) fn waiting(canvas: &Canvas<'_>, prose: &mut Prose, host: &str, what: &str, (since, now): (Moment, Moment)) {
    prose.line(vec![(Cow::Borrowed(canvas.spinner), Look::Accent), (Cow::Owned(format!(" {what}")), Look::Plain)]);
    let seconds = now.as_second() - since.as_second();
    if seconds >= SLOW {
        let from = if prose.slim() { String::new() } else { format!(" from {host}") };
        prose.gap().say(&format!("no answer{from} for {seconds} s, still trying"), Look::Warning);
        prose.line(vec![(Cow::Borrowed("esc"), Look::Title), (Cow::Borrowed(" stops it"), Look::Plain)]);
    }
}

/// What is said of a pane's list once it is waited for too long, or Azure asks to wait.
pub(super) fn slow(model: &Model, pane: Pane, since: Moment, slim: bool) -> Option<String> {
    if let Some(until) = model.flights.asked_to_wait(Model::lane_of(pane), model.now) {
        let seconds = (until.as_millisecond() - model.now.as_millisecond() + 999) / 1000;
        return Some(format!("Azure asks to wait: asked once more in {seconds} s"));
    }
    let seconds = model.now.as_second() - since.as_second();
    let from = if slim { String::new() } else { format!(" from {}", asked(model, pane, Model::lane_of(pane))) };
    (seconds >= SLOW).then(|| format!("no answer{from} for {seconds} s, still trying"))
}

/// Who lets a question of a pane's wait: az, while it is asked for the token, else the host.
pub(super) fn asked(model: &Model, pane: Pane, lane: Lane) -> String {
    if model.flights.waits_for_az(lane) { "az (the Azure CLI)".to_owned() } else { host(model, pane) }
}

/// Whom a pane's rows are asked of.
pub(super) fn host(model: &Model, pane: Pane) -> String {
    let vault = model.secrets.vault.as_ref().and_then(|vault| vault.url.host_str());
    match (pane, vault) {
        (Pane::Secrets, Some(host)) => host.to_owned(),
        (Pane::Accounts, _) => model.start.hosts.login.to_owned(),
        _ => model.start.hosts.arm.to_owned(),
    }
}

fn what(model: &Model, pane: Pane) -> String {
    let workspace = model.workspace().map(|workspace| workspace.name.show().into_owned());
    match (pane, &model.secrets.vault, workspace) {
        (Pane::Accounts, ..) => "looking for accounts".to_owned(),
        (Pane::Workspaces, ..) => "looking for workspaces".to_owned(),
        (Pane::Secrets, Some(vault), _) => format!("fetching the secrets of {}", vault.name),
        (Pane::Secrets, None, Some(name)) => format!("looking for the vault of {name}"),
        (Pane::Secrets, None, None) => "looking for the vault".to_owned(),
        (Pane::Endpoints, _, Some(name)) => format!("fetching the endpoints of {name}"),
        (Pane::Endpoints, ..) => "fetching the endpoints".to_owned(),
    }
}

fn unasked(model: &Model, pane: Pane, prose: &mut Prose) {
    match pane {
        Pane::Accounts => prose.say("Not looked for yet.", Look::Secondary),
        Pane::Workspaces if model.accounts.list.total() == 0 => {
            prose.say("Whoever signs in sees workspaces here.", Look::Secondary)
        }
        Pane::Workspaces => prose.say("Not asked for yet.", Look::Secondary),
        Pane::Endpoints if model.secrets.vault.is_some() && model.workspaces.open.is_none() => {
            prose.say("A vault alone has no endpoints.", Look::Secondary)
        }
        Pane::Secrets | Pane::Endpoints => prose.line(vec![
            (Cow::Borrowed("Enter"), Look::Title),
            (Cow::Borrowed(" on a workspace opens it."), Look::Secondary),
        ]),
    };
}

fn empty(model: &Model, pane: Pane, prose: &mut Prose) {
    match pane {
        Pane::Accounts => {
            prose.say("Nobody is signed in.", Look::Plain).gap().key("a", "signs in");
        }
        Pane::Workspaces => {
            let failed: Vec<&(Who, Failure)> = model.workspaces.failed_here().collect();
            if let (Some(to), true) = (&model.workspaces.narrowed, failed.is_empty()) {
                prose.say(&format!("No workspace is visible to {}.", narrowed_name(model, to)), Look::Plain).gap();
                let more = if to.tenant.is_some() { "all of its workspaces" } else { "all again" };
                prose.say(&format!("Enter on the account in pane 1 shows {more}."), Look::Secondary);
                return;
            }
            if failed.is_empty() {
                prose.say("No workspace is visible to you.", Look::Plain).gap();
                prose.say("Ask for a role on one, or make one:", Look::Secondary);
                prose.say("az ml workspace create --name ... --resource-group ...", Look::Plain);
                prose.gap().key("r", "looks again");
            }
            for (who, failure) in failed {
                if failure.asks_for_more() {
                    prose.say(&format!("{} {}.", model.tenant_name(&who.tenant), failure.demand()), Look::Warning);
                    prose.gap().key("1 t a", "signs in there");
                } else {
                    trouble::failure(prose, failure);
                }
                prose.gap();
            }
        }
        Pane::Secrets => {
            prose.say("This vault has no secrets.", Look::Plain).gap();
            if model.start.read_only {
                prose.say("amlock was started read-only.", Look::Secondary);
            } else {
                prose.key("n", "makes the first one");
            }
        }
        Pane::Endpoints if !model.missing_endpoints.is_empty() => {
            for (_, failure) in &model.missing_endpoints {
                trouble::failure(prose, failure);
                prose.gap();
            }
        }
        Pane::Endpoints => {
            prose.say("This workspace has no endpoints.", Look::Plain).gap();
            prose.say("They are made with az ml online-endpoint create.", Look::Secondary);
        }
    }
}

/// What stands below rows that are not all there is, or not fresh.
pub(super) fn foot(model: &Model, pane: Pane) -> Vec<(String, Look)> {
    let (load, _, total) = model.pane_state(pane);
    let mut lines = Vec::new();
    if let (Some(since), Some(_)) = (model.flights.since(Model::lane_of(pane)), load.as_of())
        && total > 0
    {
        lines.extend(slow(model, pane, since, false).map(|words| (words, Look::Warning)));
    }
    match load {
        Load::Stale(_, failure) => lines.push((failure.as_sentence(), Look::Warning)),
        Load::Failed(failure) if total > 0 => {
            lines.push((format!("Not all are here. {}", failure.as_sentence()), Look::Warning));
        }
        Load::Stopped if total > 0 => {
            lines.push(("Stopped: not all are here. r fetches them.".to_owned(), Look::Warning));
        }
        _ => {}
    }
    if pane == Pane::Workspaces && total > 0 {
        lines.extend(model.workspaces.failed_here().map(|(who, failure)| {
            let name = model.account(&who.account).map(|account| account.name.show().into_owned());
            let head = name.map_or_else(String::new, |name| format!("{name}: "));
            let words = if failure.asks_for_more() {
                format!("{} {}. 1 a signs in there", model.tenant_name(&who.tenant), failure.demand())
            } else {
                failure.as_sentence()
            };
            (format!("{head}{words}"), Look::Warning)
        }));
    }
    if pane == Pane::Endpoints && total > 0 {
        lines.extend(model.missing_endpoints.iter().map(|(kind, failure)| {
            (format!("No {} ones are here. {}", kind.word(), failure.as_sentence()), Look::Warning)
        }));
    }
    lines
}

/// Whether a pane's failure is worth its rows' place: a refusal is, whatever came before it.
pub(super) fn refused(load: &Load) -> bool {
    matches!(load, Load::Failed(failure) if matches!(failure.kind, Kind::Forbidden(_)))
}
