//! The endpoints pane: keys, tokens, and changing a key.

use std::time::Duration;

use crate::domain::{Endpoint, Tone, WhichKey};

use super::flight::Lane;
use super::form::{Confirm, Deed};
use super::keymap::Command;
use super::model::Model;
use super::msg::{CopyOf, Effect, Query};
use super::overlay::{Credentials, KeySheet, Overlay};

/// What a command about endpoints does.
pub(super) fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::OpenKeys => match model.endpoints.list.current().cloned() {
            Some(endpoint) => open(model, endpoint),
            None => Vec::new(),
        },
        Command::CopyKey => match copied(model) {
            Some(of) => model.copy(of),
            None => Vec::new(),
        },
        Command::RevealKey => {
            let seconds = Duration::from_secs(u64::from(model.start.reveal_seconds));
            let until = model.now.checked_add(seconds).ok();
            if let Some(Overlay::Keys(sheet)) = model.overlays.last_mut() {
                sheet.shown = if sheet.shown.is_some() { None } else { until };
            }
            Vec::new()
        }
        Command::Regenerate => choose_key(model),
        _ => Vec::new(),
    }
}

/// Opens the sheet of an endpoint and fetches its keys or token.
pub(super) fn open(model: &mut Model, endpoint: Endpoint) -> Vec<Effect> {
    let query = if endpoint.auth.has_keys() {
        Query::Keys(Box::new(endpoint.clone()))
    } else {
        Query::Token(Box::new(endpoint.clone()))
    };
    let cursor = match model.overlays.last() {
        Some(Overlay::Keys(sheet)) => sheet.cursor,
        _ => WhichKey::Primary,
    };
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Keys(_)));
    let sheet = KeySheet { endpoint, credentials: Credentials::Loading, cursor, shown: None, progress: None };
    model.overlays.push(Overlay::Keys(Box::new(sheet)));
    model.ask(Lane::Keys, query)
}

fn copied(model: &Model) -> Option<CopyOf> {
    let (endpoint, which) = match model.top() {
        Some(Overlay::Keys(sheet)) => (&sheet.endpoint, sheet.cursor),
        _ => (model.endpoints.list.current()?, WhichKey::Primary),
    };
    let endpoint = Box::new(endpoint.clone());
    Some(if endpoint.auth.has_keys() { CopyOf::Key(endpoint, which) } else { CopyOf::Token(endpoint) })
}

/// From the pane the sheet opens first: which of the two keys it is must be seen and chosen.
fn choose_key(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Keys(sheet)) = model.top() else {
        let Some(endpoint) = model.endpoints.list.current().cloned() else { return Vec::new() };
        model.say("Choose the key with j and k; x regenerates it.", Tone::Plain);
        return open(model, endpoint);
    };
    let (which, name) = (sheet.cursor, sheet.endpoint.name.raw().to_owned());
    let other = if which == WhichKey::Primary { WhichKey::Secondary } else { WhichKey::Primary };
    let shown = sheet.endpoint.name.show();
    let words = vec![
        format!("Whoever calls {shown} with the {} key is refused from then on.", which.word()),
        format!("The {} key goes on working.", other.word()),
    ];
    let title = format!("Regenerate the {} key of {shown}?", which.word());
    let confirm = Confirm::typed(Deed::Regenerate(Box::new(sheet.endpoint.clone()), which), title, words, name);
    model.overlays.push(Overlay::Confirm(Box::new(confirm)));
    Vec::new()
}

/// Regenerates a key, after the yes.
pub(super) fn regenerate(model: &mut Model, endpoint: Box<Endpoint>, which: WhichKey) -> Vec<Effect> {
    let words = format!("Regenerating the {} key of {}", which.word(), endpoint.name.show());
    model.write(words, Query::Regenerate(endpoint, which))
}
