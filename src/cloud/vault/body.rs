//! What is sent to Key Vault. The one file of the vault that unseals: a value goes from here into the request's body.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::domain::{Attributes, Changes, Failure, Kind, Moment, NewSecret, Sealed, Secret, Tags, Untrusted};

#[derive(Serialize)]
struct WithValue<'a> {
    value: &'a str,
    #[serde(flatten)]
    beside: Map<String, Value>,
}

fn bytes(value: &Sealed, beside: Map<String, Value>, doing: &str) -> Result<Vec<u8>, Failure> {
    // The error is not shown: it could quote the value.
    serde_json::to_vec(&WithValue { value: value.unseal(), beside })
        .map_err(|_| Failure::new(Kind::Failed, doing.to_owned(), "the value cannot be written as JSON"))
}

/// What a new version is to keep. What `new` leaves open stays as `newest` has it, but for an expiry that is past: a value
/// fresh today did not expire yesterday.
pub(super) fn beside(new: &NewSecret, newest: Option<&Secret>, now: Moment) -> Changes {
    let had = newest.map(|secret| &secret.attributes);
    Changes {
        content_type: new.content_type.clone().or_else(|| newest.and_then(|secret| secret.content_type.clone())),
        tags: new.tags.clone().or_else(|| newest.map(|secret| secret.tags.clone()).filter(|tags| !tags.is_empty())),
        enabled: new.enabled.or_else(|| had.map(|had| had.enabled)),
        not_before: new.not_before.or_else(|| had.and_then(|had| had.not_before)),
        expires: new.expires.or_else(|| had.and_then(|had| had.expires).filter(|at| *at > now)),
    }
}

/// The body of a set.
pub(super) fn set(value: &Sealed, beside: &Changes, doing: &str) -> Result<Vec<u8>, Failure> {
    bytes(value, fields(beside), doing)
}

/// The body of a restore.
pub(super) fn restore(blob: &Sealed, doing: &str) -> Result<Vec<u8>, Failure> {
    bytes(blob, Map::new(), doing)
}

/// The body of an update.
pub(super) fn update(changes: &Changes) -> Vec<u8> {
    Value::Object(fields(changes)).to_string().into_bytes()
}

/// Whether a secret is as `changes` want it.
pub(super) fn holds(secret: &Secret, changes: &Changes) -> bool {
    let Attributes { enabled, not_before, expires, .. } = &secret.attributes;
    let second = |at: &Moment| at.as_second(); // Key Vault counts whole seconds
    changes.content_type.as_ref().is_none_or(|text| secret.content_type.as_ref().is_some_and(|have| have == text))
        && changes.tags.as_ref().is_none_or(|tags| sorted(tags) == sorted(&secret.tags))
        && changes.enabled.is_none_or(|on| on == *enabled)
        && changes.not_before.as_ref().is_none_or(|at| not_before.as_ref().map(second) == Some(second(at)))
        && changes.expires.as_ref().is_none_or(|at| expires.as_ref().map(second) == Some(second(at)))
}

fn sorted(tags: &Tags) -> Vec<&(Untrusted, Untrusted)> {
    let mut tags: Vec<_> = tags.iter().collect();
    tags.sort();
    tags
}

fn fields(changes: &Changes) -> Map<String, Value> {
    let mut fields = Map::new();
    if let Some(text) = &changes.content_type {
        fields.insert("contentType".to_owned(), text.raw().into());
    }
    let mut attributes = Map::new();
    if let Some(enabled) = changes.enabled {
        attributes.insert("enabled".to_owned(), enabled.into());
    }
    if let Some(at) = changes.not_before {
        attributes.insert("nbf".to_owned(), at.as_second().into());
    }
    if let Some(at) = changes.expires {
        attributes.insert("exp".to_owned(), at.as_second().into());
    }
    if !attributes.is_empty() {
        fields.insert("attributes".to_owned(), attributes.into());
    }
    if let Some(tags) = &changes.tags {
        let mut map = json!({});
        for (key, value) in tags {
            map[key.raw()] = value.raw().into();
        }
        fields.insert("tags".to_owned(), map);
    }
    fields
}
