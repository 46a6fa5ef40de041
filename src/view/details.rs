//! The details of what the cursor is on: a title and labelled facts in two columns.

use ratatui::layout::Rect;

use crate::app::{Model, Pane, Row, Shelf};
use crate::domain::{
    Account, AccountKind, AuthMode, Endpoint, EndpointKind, EndpointState, Kept, Moment, Secret, Tags, Untrusted,
    Workspace, count_down, date, mixes,
};

use super::canvas::Canvas;
use super::panes::tenant_name;
use super::prose::LABEL;
use super::symbols::{ALIKE, MASK};
use super::text::{cells, width};
use super::theme::Look;

/// Where the second column begins.
const SECOND: u16 = 38;
/// The least a second column is worth having.
const WORTH: u16 = 32;

/// A label with its fact.
#[derive(Debug)]
struct Fact {
    label: String,
    text: String,
    look: Look,
    /// What stands there instead where the text does not fit.
    short: Option<&'static str>,
}

/// Facts about one thing: its name, a word on its state, and two columns.
#[derive(Debug)]
pub(super) struct Facts {
    name: String,
    state: (String, Look),
    left: Vec<Fact>,
    right: Vec<Fact>,
}

impl Facts {
    fn of(name: &Untrusted, state: impl Into<String>, look: Look) -> Self {
        let name = name.show().into_owned();
        Self { name, state: (state.into(), look), left: Vec::new(), right: Vec::new() }
    }

    fn left(&mut self, label: &str, text: impl Into<String>) {
        self.left.push(Fact { label: label.to_owned(), text: text.into(), look: Look::Plain, short: None });
    }

    fn right(&mut self, label: &str, text: impl Into<String>) {
        self.right.push(Fact { label: label.to_owned(), text: text.into(), look: Look::Plain, short: None });
    }

    /// A text that is no use when it is cut: then the shorter one stands there.
    fn right_whole(&mut self, label: &str, text: impl Into<String>, short: &'static str) {
        self.right(label, text);
        if let Some(last) = self.right.last_mut() {
            last.short = Some(short);
        }
    }

    fn tags(&mut self, tags: &Tags, most: usize) {
        let kept = if tags.len() > most { most.saturating_sub(1) } else { tags.len() };
        for (key, value) in &tags[..kept] {
            self.right(key.show().as_str(), value.show().as_str());
        }
        if kept < tags.len() {
            self.right.push(Fact {
                label: "tags".to_owned(),
                text: format!("{} more", tags.len() - kept),
                look: Look::Secondary,
                short: None,
            });
        }
    }
}

/// Draws the details of the row where the cursor rests: a rule, the title, and what fits of the facts. While the cursor moves
/// the `last` ones stay, so that going down a list over a slow line stays light.
pub(super) fn draw(canvas: &mut Canvas<'_>, model: &Model, last: &mut Option<Facts>, area: Rect, margin: u16) {
    canvas.rule(area.x, area.y, area.width);
    let inner = Rect {
        x: area.x + margin,
        y: area.y + 1,
        width: area.width.saturating_sub(2 * margin),
        height: area.height.saturating_sub(1),
    };
    let height = usize::from(inner.height.saturating_sub(1));
    if last.is_none() || model.now >= model.rests_at {
        *last = match model.pane {
            Pane::Accounts => of_current(&model.accounts, |row| account(model, row)),
            Pane::Workspaces => of_current(&model.workspaces.shelf, |row| workspace(model, row, height)),
            Pane::Secrets => of_current(&model.secrets.shelf, |row| secret(model, &row.secret(), height)),
            Pane::Endpoints => of_current(&model.endpoints, |row| endpoint(model, row, height)),
        };
    }
    let Some(facts) = last else { return };
    let state = cells(width(&facts.state.0)).min(inner.width / 2);
    canvas.name(inner.x, inner.y, inner.width.saturating_sub(state + 2), &facts.name, Look::Accent);
    canvas.put(inner.right().saturating_sub(state), inner.y, state, &facts.state.0, facts.state.1);
    let below = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    if below.width >= SECOND + WORTH {
        // Below the end of the right column the left one has the whole width: that is where what is long stands.
        let both = cells(facts.right.len()).min(below.height);
        column(canvas, Rect { width: SECOND - 2, height: both, ..below }, facts.left.iter());
        let rest = Rect { y: below.y + both, height: below.height - both, ..below };
        column(canvas, rest, facts.left.iter().skip(usize::from(both)));
        column(canvas, Rect { x: below.x + SECOND, width: below.width - SECOND, ..below }, facts.right.iter());
    } else {
        column(canvas, below, facts.left.iter().chain(&facts.right));
    }
}

/// The facts about the row under the cursor; first of all, where its name looks like another one.
fn of_current<T: Row>(shelf: &Shelf<T>, facts: impl Fn(&T) -> Facts) -> Option<Facts> {
    let row = shelf.list.current()?;
    let mut facts = facts(row);
    if shelf.is_alike(row.name()) {
        let words = if mixes(row.name().raw()) { "mixes two alphabets" } else { "looks like another" };
        let text = format!("{ALIKE} {words}");
        facts.left.insert(0, Fact { label: "name".to_owned(), text, look: Look::Warning, short: None });
    }
    Some(facts)
}

fn column<'f>(canvas: &mut Canvas<'_>, area: Rect, facts: impl Iterator<Item = &'f Fact>) {
    let label = cells(LABEL);
    for (fact, y) in facts.zip(area.top()..area.bottom()) {
        canvas.name(area.x, y, label - 1, &fact.label, Look::Secondary);
        let room = area.width.saturating_sub(label);
        let text = fact.short.filter(|_| width(&fact.text) > usize::from(room)).unwrap_or(&fact.text);
        canvas.name(area.x + label, y, room, text, fact.look);
    }
}

fn secret(model: &Model, secret: &Secret, height: usize) -> Facts {
    let attributes = &secret.attributes;
    let zone = &model.start.zone;
    let state = match (attributes.enabled, attributes.not_before) {
        (false, _) => ("off: its value cannot be read", Look::Warning),
        (true, Some(from)) if from > model.now => ("on, but not meant to be used yet", Look::Warning),
        (true, _) => ("on", Look::Good),
    };
    let mut facts = Facts::of(&secret.name, state.0, state.1);
    let when = |at: Option<Moment>| at.map_or_else(|| "–".to_owned(), |at| date(at, zone));
    facts.left("value", MASK);
    facts.left("expires", when(attributes.expires));
    if let Some(last) = facts.left.last_mut()
        && attributes.expires.is_some_and(|at| at <= model.now)
    {
        last.look = Look::Danger;
    }
    if let Some(from) = attributes.not_before {
        facts.left("from", date(from, zone));
    }
    facts.left("updated", when(attributes.updated));
    facts.left("created", when(attributes.created));
    facts.left("type", secret.content_type.as_ref().map_or_else(|| "–".into(), |text| text.show().into_owned()));
    if secret.managed {
        facts.right("managed", "by a certificate: it is changed there");
    }
    let python = usize::from(!secret.managed) * 2;
    facts.tags(&secret.tags, height.saturating_sub(facts.right.len() + python).max(1));
    facts.right("python", "ws.get_default_keyvault()");
    facts.right_whole("", format!(".get_secret(\"{}\")", secret.name.show()), ".get_secret(NAME)");
    facts
}

fn workspace(model: &Model, workspace: &Workspace, height: usize) -> Facts {
    let production = model.is_production(workspace);
    let state = workspace.state.show().into_owned();
    let state = if production {
        ("▲ production".to_owned(), Look::Danger)
    } else if state.eq_ignore_ascii_case("succeeded") {
        ("ready".to_owned(), Look::Good)
    } else {
        (state, Look::Warning)
    };
    let mut facts = Facts::of(&workspace.name, state.0, state.1);
    facts.left("group", workspace.id.resource_group());
    let subscription = workspace.subscription_name.as_ref().map(|name| name.show().into_owned());
    facts.left("subscr.", subscription.unwrap_or_else(|| workspace.id.subscription().to_owned()));
    facts.left("location", workspace.location.show().as_str());
    match (&workspace.vault_id, &workspace.hub) {
        (Some(vault), _) => facts.left("vault", vault.name()),
        (None, Some(hub)) => facts.left("vault", format!("that of {}", hub.name())),
        (None, None) => facts.left("vault", "–"),
    }
    match &workspace.hub {
        Some(hub) => facts.left("hub", hub.name()),
        None => facts.left("tenant", tenant_name(model, workspace)),
    }
    if let Some(name) = workspace.friendly_name.as_ref().filter(|name| !name.is_empty() && *name != &workspace.name) {
        facts.right("called", name.show().as_str());
    }
    if let Some(text) = workspace.description.as_ref().filter(|text| !text.is_empty()) {
        facts.right("about", text.show().as_str());
    }
    if let Some(account) = model.account(&workspace.who.account) {
        facts.right("account", account.name.show().as_str());
    }
    facts.tags(&workspace.tags, height.saturating_sub(facts.right.len()).max(1));
    facts
}

fn endpoint(model: &Model, endpoint: &Endpoint, height: usize) -> Facts {
    let look = match endpoint.state {
        EndpointState::Ready => Look::Good,
        EndpointState::Failed => Look::Danger,
        _ => Look::Warning,
    };
    let mut facts = Facts::of(&endpoint.name, endpoint.state.word(), look);
    facts.left("auth", auth(&endpoint.auth));
    let traffic = endpoint.traffic_words();
    let label = if endpoint.kind == EndpointKind::Online { "traffic" } else { "goes to" };
    facts.left(label, if traffic.is_empty() { "–".to_owned() } else { traffic });
    facts.left("location", endpoint.location.show().as_str());
    facts.left("created", endpoint.created.map_or_else(|| "–".to_owned(), |at| date(at, &model.start.zone)));
    let address = endpoint.scoring_uri.as_ref().map(|uri| uri.show().into_owned());
    facts.left("address", address.unwrap_or_else(|| "none yet".to_owned()));
    facts.right("kind", endpoint.kind.word());
    facts.right("call", call(endpoint));
    if let Some(text) = endpoint.description.as_ref().filter(|text| !text.is_empty()) {
        facts.right("about", text.show().as_str());
    }
    facts.tags(&endpoint.tags, height.saturating_sub(facts.right.len() + 1).max(1));
    facts
}

fn auth(mode: &AuthMode) -> String {
    match mode {
        AuthMode::Key => "key (two of them)".to_owned(),
        AuthMode::AmlToken => "token of Azure ML".to_owned(),
        AuthMode::Entra => "token of Entra ID".to_owned(),
        AuthMode::KeyOrEntra => "key, or token of Entra ID".to_owned(),
        AuthMode::Other(_) => mode.word(),
    }
}

/// How it is called, in a few words.
fn call(endpoint: &Endpoint) -> &'static str {
    match (endpoint.kind, endpoint.auth.has_keys()) {
        (EndpointKind::Batch, _) => "POST with a token starts a job",
        (_, true) => "POST with Bearer KEY",
        (_, false) => "POST with Bearer TOKEN",
    }
}

fn account(model: &Model, account: &Account) -> Facts {
    let state = match account.ends {
        Some(at) if at <= model.now => ("login ended".to_owned(), Look::Danger),
        Some(at) => (format!("ends in {}", count_down(model.now, at)), Look::Warning),
        None if model.login_ended(account) => ("login ended".to_owned(), Look::Danger),
        None => ("renews itself".to_owned(), Look::Good),
    };
    let mut facts = Facts::of(&account.name, state.0, state.1);
    let tenant = account.tenant_name.as_ref().map(|name| name.show().into_owned());
    facts.left("tenant", tenant.clone().unwrap_or_else(|| account.tenant.to_string()));
    match (account.kind, account.whose_token()) {
        (AccountKind::ManagedIdentity, whose) => {
            facts.left("token", whose.unwrap_or_else(|| "not told yet".to_owned()));
        }
        (_, Some(whose)) => facts.left("kind", format!("{}: {whose} token", account.word())),
        (_, None) => facts.left("kind", account.word()),
    }
    facts.left("kept in", account.kept.words());
    let lasts = if model.login_ended(account) { "it has ended: a signs in again" } else { lasts(account.kept) };
    facts.left("ends", account.ends.map_or_else(|| lasts.to_owned(), |at| date(at, &model.start.zone)));
    match &account.object_id {
        Some(id) => facts.left("object id", id.show().as_str()),
        None => facts.left("object id", "–"),
    }
    let rows = model.workspaces.all.iter().filter(|row| row.who.account == account.id).count();
    if rows > 0 {
        facts.right("reaches", super::text::counted(rows, "workspace"));
    }
    if tenant.is_some() {
        facts.right("tenant id", account.tenant.to_string());
    }
    let elsewhere = model.memberships.iter().find(|(of, _)| *of == account.id).map_or(&[][..], |(_, tenants)| tenants);
    let elsewhere = elsewhere.iter().filter(|tenant| **tenant != account.tenant);
    let elsewhere: Vec<String> = elsewhere.map(|tenant| model.tenant_name(tenant)).collect();
    if !elsewhere.is_empty() {
        facts.right("also in", elsewhere.join(", "));
    }
    if let Some((_, seen)) = model.seen.iter().find(|(of, seen)| *of == account.id && !seen.is_empty()) {
        let names: Vec<String> = seen.iter().map(|one| one.name.show().into_owned()).collect();
        facts.right("az sees", super::text::counted(seen.len(), "subscription"));
        facts.right("", names.join(", "));
    }
    if let Some(tenant) = model.account_wants(account) {
        facts.right("wants", format!("a sign-in to {}: a", model.tenant_name(tenant)));
        if let Some(last) = facts.right.last_mut() {
            last.look = Look::Warning;
        }
    }
    facts
}

/// How long a login lasts that renews itself; nobody tells a date for these.
fn lasts(kept: Kept) -> &'static str {
    match kept {
        Kept::Keyring => "reboot or 3 days idle",
        Kept::Desktop => "when it is signed out",
        Kept::Memory => "when amlock ends",
        Kept::AzureCli => "with az's own login",
        Kept::Environment => "with its variables",
        Kept::Machine => "with this machine",
        Kept::Run => "with the run",
    }
}
