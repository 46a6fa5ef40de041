//! Saving a form: what is wrong with it is said in its place, and nothing typed is dropped before it is known to be saved.

use crate::domain::{Changes, Expect, Failure, Kind, NewSecret, SecretName, Tone, Untrusted};

use super::flight::Lane;
use super::form::{Confirm, Deed, Entry, Form, Purpose, read_date, read_tags};
use super::keymap::Command;
use super::model::Model;
use super::msg::{Effect, Query};
use super::overlay::Overlay;

/// What a key of a form does.
pub(super) fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = model.overlays.last_mut() else { return Vec::new() };
    if form.saving.is_some() {
        return Vec::new();
    }
    match command {
        Command::NextField => form.go(1),
        Command::PreviousField => form.go(-1),
        // Enter goes on to the next field while what must be there is not all there; so a form can be filled by Enter alone.
        _ if form.purpose == Purpose::Principal => return super::principal::send(model),
        _ if must_go_on(form) => form.go(1),
        _ => return ask(model),
    }
    Vec::new()
}

fn must_go_on(form: &Form) -> bool {
    let empty = |at: usize| match &form.lines[at].entry {
        Entry::Text(open) => open.text().trim().is_empty() && form.lines[at].label == "name",
        Entry::Value(hidden) => hidden.bytes() == 0,
        Entry::Switch(_) => false,
    };
    !empty(form.at) && (form.at + 1..form.lines.len()).any(empty)
}

/// Checks the form, and asks first where it is for production.
fn ask(model: &mut Model) -> Vec<Effect> {
    let production = model.in_production();
    let (now, zone) = (model.now, model.start.zone.clone());
    let Some(Overlay::Form(form)) = model.overlays.last_mut() else { return Vec::new() };
    let name = match check(form, now, &zone) {
        Ok(name) => name,
        Err((label, why)) => {
            form.refuse(label, why);
            return Vec::new();
        }
    };
    if form.purpose == Purpose::OpenByName {
        return open_by_name(model, name);
    }
    if production {
        let words = vec!["This is PRODUCTION.".to_owned()];
        let confirm = Confirm::typed(Deed::Save { anyway: false }, format!("Save {name}?"), words, name.as_str());
        model.overlays.push(Overlay::Confirm(Box::new(confirm)));
        return Vec::new();
    }
    send(model, false)
}

fn open_by_name(model: &mut Model, name: SecretName) -> Vec<Effect> {
    model.overlays.pop();
    match model.secrets.vault.clone() {
        Some(vault) => model.ask(Lane::Reveal, Query::Reveal(vault, name, None)),
        None => Vec::new(),
    }
}

type Wrong = (&'static str, String);

/// The secret a form is about, if everything in it can be sent.
fn check(form: &Form, now: crate::domain::Moment, zone: &crate::domain::Zone) -> Result<SecretName, Wrong> {
    let name = match &form.purpose {
        Purpose::NewValue(name, _) | Purpose::Attributes(name, _) => name.clone(),
        Purpose::NewSecret | Purpose::OpenByName | Purpose::Principal => {
            SecretName::parse(form.text("name")).map_err(|bad| ("name", bad.to_string()))?
        }
    };
    for line in &form.lines {
        if let Entry::Value(hidden) = &line.entry
            && hidden.bytes() == 0
        {
            return Err((line.label, "a value is needed".to_owned()));
        }
    }
    read_tags(form.text("tags")).map_err(|why| ("tags", why))?;
    let expires = read_date(form.text("expires"), now, zone).map_err(|why| ("expires", why))?;
    if form.changed("expires") && expires.is_some_and(|at| at <= now) {
        return Err(("expires", "that is past; to end its use now, turn the secret off instead".to_owned()));
    }
    read_date(form.text("from"), now, zone).map_err(|why| ("from", why))?;
    for label in ["expires", "from"] {
        if form.emptied(label) {
            return Err((label, "Key Vault takes no date away; write another one".to_owned()));
        }
    }
    if form.text("type").chars().count() > 255 {
        return Err(("type", "Key Vault keeps at most 255 characters of it".to_owned()));
    }
    Ok(name)
}

/// Sends what the topmost form holds; the form stays until the answer is here. `anyway`: over whatever is there.
pub(super) fn send(model: &mut Model, anyway: bool) -> Vec<Effect> {
    let (now, zone) = (model.now, model.start.zone.clone());
    let Some(vault) = model.secrets.vault.clone() else { return Vec::new() };
    let Some(Overlay::Form(form)) = model.overlays.last() else { return Vec::new() };
    let Ok(name) = check(form, now, &zone) else { return Vec::new() };
    let some = |text: &str| (!text.is_empty()).then(|| Untrusted::from(text));
    let date = |label: &str| read_date(form.text(label), now, &zone).ok().flatten();
    let tags = read_tags(form.text("tags")).unwrap_or_default();
    let query = match &form.purpose {
        Purpose::OpenByName | Purpose::Principal => return Vec::new(),
        Purpose::Attributes(_, have) => {
            let enabled = form.lines.iter().find_map(|line| match line.entry {
                Entry::Switch(on) => Some(on),
                _ => None,
            });
            // Only what was changed: what stands there untouched was cleaned and rounded to be shown.
            let edited = |label: &'static str| form.changed(label).then_some(label);
            let changes = Changes {
                content_type: edited("type").map(|label| Untrusted::from(form.text(label))),
                tags: edited("tags").map(|_| tags),
                enabled: enabled.filter(|on| *on != have.enabled),
                not_before: edited("from").and_then(date),
                expires: edited("expires").and_then(date),
            };
            if changes == Changes::default() {
                model.overlays.pop();
                model.say("Nothing was changed.", Tone::Plain);
                return Vec::new();
            }
            Query::Update(vault, name.clone(), Box::new(changes))
        }
        Purpose::NewSecret | Purpose::NewValue(..) => {
            let Some(value) = form.lines.iter().find_map(|line| match &line.entry {
                Entry::Value(hidden) => Some(hidden.sealed()),
                _ => None,
            }) else {
                return Vec::new();
            };
            let (is_new, expect) = match &form.purpose {
                Purpose::NewValue(_, updated) => (false, updated.map_or(Expect::Anything, Expect::UpdatedAt)),
                _ => (true, Expect::Absent),
            };
            let new = NewSecret {
                name: name.clone(),
                value,
                content_type: some(form.text("type")),
                tags: (is_new && !tags.is_empty()).then_some(tags),
                not_before: None,
                expires: date("expires"),
                enabled: None,
            };
            Query::Set(vault, Box::new(new), if anyway { Expect::Anything } else { expect })
        }
    };
    let effects = model.write(format!("Saving {name}"), query);
    let ticket = model.writing.last().map(|writing| writing.ticket);
    if let Some(Overlay::Form(form)) = model.overlays.last_mut() {
        form.saving = ticket;
    }
    effects
}

/// A save failed: the form has everything still, and says why.
pub(super) fn failed(model: &mut Model, at: usize, failure: &Failure) {
    let (production, topmost) = (model.in_production(), at + 1 == model.overlays.len());
    let Some(Overlay::Form(form)) = model.overlays.get_mut(at) else { return };
    form.saving = None;
    let name = match &form.purpose {
        Purpose::NewSecret => form.text("name").to_owned(),
        Purpose::NewValue(name, _) | Purpose::Attributes(name, _) => name.to_string(),
        Purpose::OpenByName | Purpose::Principal => String::new(),
    };
    let covers = matches!(form.purpose, Purpose::NewSecret | Purpose::NewValue(..));
    // Another question that stands there must not be answered by a key meant for this one.
    if failure.kind == Kind::Conflict && covers && failure.azure.is_none() && topmost {
        // Our own look before the write found something else than the screen showed: nothing was sent.
        let words = vec![
            failure.cause.clone(),
            "Nothing was changed yet. Yes makes yours the newest; the others stay as versions.".to_owned(),
        ];
        let (deed, title) = (Deed::Save { anyway: true }, format!("Save {name} all the same?"));
        let confirm =
            if production { Confirm::typed(deed, title, words, name) } else { Confirm::plain(deed, title, words) };
        model.overlays.push(Overlay::Confirm(Box::new(confirm)));
    } else if is_held(failure) && covers && topmost && SecretName::parse(&name).is_ok() {
        let deed = Deed::Recover(SecretName::parse(&name).expect("checked"));
        let title = format!("A deleted secret still holds the name {name}. Bring it back?");
        let words = vec![
            "Yes recovers it with all its versions; what you typed stays here, to be saved over it.".to_owned(),
            "Nothing was changed yet.".to_owned(),
        ];
        let confirm =
            if production { Confirm::typed(deed, title, words, name) } else { Confirm::plain(deed, title, words) };
        model.overlays.push(Overlay::Confirm(Box::new(confirm)));
    } else {
        // It is about the whole, not about the field the cursor happens to be on.
        form.wrong = Some((form.lines.len(), failure.sentence()));
    }
}

/// Whether a deleted secret that can come back is in the way.
fn is_held(failure: &Failure) -> bool {
    let code = failure.azure.as_ref().map_or("", |azure| azure.code.raw());
    failure.kind == Kind::Conflict && code.eq_ignore_ascii_case("ObjectIsDeletedButRecoverable")
}

/// A save is done: the form goes.
pub(super) fn done(model: &mut Model, at: usize) {
    if at < model.overlays.len() {
        model.overlays.remove(at);
    }
}
