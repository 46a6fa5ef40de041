//! What Key Vault says of a secret: in lists, after changes, and with its value.

use serde::Deserialize;

use crate::domain::{Attributes, DeletedSecret, Moment, Sealed, Secret, Tags, Untrusted};

use crate::cloud::loose::{object, seconds, tags, text, truth, whole};

/// One shape for all of Key Vault's answers: which fields are there is what tells them apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bundle {
    id: String,
    #[serde(default)]
    pub(super) value: Option<Sealed>,
    #[serde(default, deserialize_with = "object")]
    attributes: Kept,
    #[serde(default, deserialize_with = "text")]
    content_type: Option<Untrusted>,
    #[serde(default, deserialize_with = "tags")]
    tags: Tags,
    #[serde(default, deserialize_with = "truth")]
    managed: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    kid: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    recovery_id: Option<Untrusted>,
    #[serde(default, deserialize_with = "seconds")]
    deleted_date: Option<Moment>,
    #[serde(default, deserialize_with = "seconds")]
    scheduled_purge_date: Option<Moment>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    #[serde(default, deserialize_with = "truth")]
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "seconds")]
    created: Option<Moment>,
    #[serde(default, deserialize_with = "seconds")]
    updated: Option<Moment>,
    #[serde(default, deserialize_with = "seconds")]
    nbf: Option<Moment>,
    #[serde(default, deserialize_with = "seconds")]
    exp: Option<Moment>,
    #[serde(default, deserialize_with = "text")]
    recovery_level: Option<Untrusted>,
    #[serde(default, deserialize_with = "whole")]
    recoverable_days: Option<i64>,
}

impl Bundle {
    /// Without its value, which is wiped here if there was one.
    pub(super) fn secret(self) -> Secret {
        let (name, version) = named(&self.id);
        let kept = self.attributes;
        Secret {
            name,
            version,
            attributes: Attributes {
                enabled: kept.enabled.unwrap_or(true),
                created: kept.created,
                updated: kept.updated,
                not_before: kept.nbf,
                expires: kept.exp,
                recovery_level: kept.recovery_level,
                recoverable_days: kept.recoverable_days.and_then(|days| u32::try_from(days).ok()),
            },
            content_type: self.content_type,
            tags: self.tags,
            managed: self.managed.unwrap_or(false),
            key_id: self.kid,
        }
    }

    pub(super) fn deleted(mut self) -> DeletedSecret {
        let (deleted, purged) = (self.deleted_date, self.scheduled_purge_date);
        let recovery_id = self.recovery_id.take();
        DeletedSecret { secret: self.secret(), deleted, purged, recovery_id }
    }
}

/// Name and version out of `https://VAULT/secrets/NAME[/VERSION]`. An id of another form is shown as it is: a row that
/// nothing can be done with, because it is no [`crate::domain::SecretName`], tells more than a row left out.
fn named(id: &str) -> (Untrusted, Option<Untrusted>) {
    let path = id.split_once("/secrets/").map_or(id, |(_, path)| path).trim_end_matches('/');
    match path.split_once('/') {
        Some((name, version)) if !id.starts_with(path) => (Untrusted::from(name), Some(Untrusted::from(version))),
        _ => (Untrusted::from(path), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_name_and_version() {
        let of = |id: &str| {
            let (name, version) = named(id);
            (name.raw().to_owned(), version.map(|version| version.raw().to_owned()))
        };
        assert_eq!(of("https://v.vault.azure.net/secrets/a"), ("a".into(), None));
        assert_eq!(of("https://v.vault.azure.net:443/secrets/a/"), ("a".into(), None));
        assert_eq!(of("https://v.vault.azure.net/secrets/a/0f"), ("a".into(), Some("0f".into())));
        assert_eq!(of("https://v.vault.azure.net/keys/a"), ("https://v.vault.azure.net/keys/a".into(), None));
    }

    #[test]
    fn a_bundle_with_nothing_but_its_id_is_enabled() {
        let bundle: Bundle =
            serde_json::from_str(r#"{"id":"https://v/secrets/a","attributes":null,"tags":null}"#).expect("id");
        let secret = bundle.secret();
        assert!(secret.attributes.enabled && secret.tags.is_empty() && !secret.managed);
    }
}
