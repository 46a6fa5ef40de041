//! Secrets: what a vault tells about them without their values, and what one may ask it to keep.

use std::fmt;

use super::{Cell, Columns, Head, Moment, Sealed, Tone, Untrusted, ago, until};

/// The largest value Key Vault takes, in bytes of UTF-8 (its service limits: 25 KB).
pub const VALUE_LIMIT: usize = 25_600;

/// Tags in the order they came.
pub type Tags = Vec<(Untrusted, Untrusted)>;

/// A name Key Vault would take: 1 to 127 ASCII letters, digits and dashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(Box<str>);

/// Why a name is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSecretName {
    /// What would be a name, when a small change makes one (`db_password` -> `db-password`).
    pub instead: Option<String>,
}

impl fmt::Display for BadSecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret's name is 1 to 127 letters, digits and dashes")?;
        match &self.instead {
            Some(name) => write!(f, " (try {name})"),
            None => Ok(()),
        }
    }
}

impl SecretName {
    /// Checks a name before it becomes part of an address (Key Vault: `^[0-9a-zA-Z-]{1,127}$`).
    pub fn parse(text: &str) -> Result<Self, BadSecretName> {
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if (1..=127).contains(&text.len()) && text.bytes().all(letter) {
            return Ok(Self(text.into()));
        }
        let folded: String = text.trim().chars().map(|c| if matches!(c, '_' | '.' | ' ') { '-' } else { c }).collect();
        let fits = (1..=127).contains(&folded.len()) && folded.bytes().all(letter);
        Err(BadSecretName { instead: fits.then_some(folded) })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a vault keeps beside a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// Whether its value may be read.
    pub enabled: bool,
    /// When this version was made.
    pub created: Option<Moment>,
    /// When this version or its attributes were last changed.
    pub updated: Option<Moment>,
    /// From when on it is meant to be used; Key Vault does not enforce it.
    pub not_before: Option<Moment>,
    /// Until when it is meant to be used; Key Vault does not enforce it.
    pub expires: Option<Moment>,
    /// `Recoverable+Purgeable`, ...
    pub recovery_level: Option<Untrusted>,
    /// Days a deleted one can be recovered.
    pub recoverable_days: Option<u32>,
}

/// A secret as a list shows it: never its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Secret {
    /// Its name.
    pub name: Untrusted,
    /// The version the vault spoke of; lists leave it out.
    pub version: Option<Untrusted>,
    /// Its attributes.
    pub attributes: Attributes,
    /// What somebody said it is.
    pub content_type: Option<Untrusted>,
    /// Its tags.
    pub tags: Tags,
    /// Whether a certificate keeps it; then it is changed through the certificate.
    pub managed: bool,
    /// The certificate's key, for a managed one.
    pub key_id: Option<Untrusted>,
}

/// A secret together with its value.
#[derive(Debug)]
pub struct SecretValue {
    /// What belongs to it.
    pub secret: Secret,
    /// The value.
    pub value: Sealed,
}

/// One version of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVersion {
    /// The secret, with this version's id, attributes and tags.
    pub secret: Secret,
    /// Whether it is the newest: what a reader without a version gets.
    pub current: bool,
    /// Whether another version was made in the same second, so that their order is a guess.
    pub same_second: bool,
}

/// A deleted secret that can still come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedSecret {
    /// What it was.
    pub secret: Secret,
    /// When it was deleted.
    pub deleted: Option<Moment>,
    /// When the vault forgets it.
    pub purged: Option<Moment>,
    /// What recovers it.
    pub recovery_id: Option<Untrusted>,
}

/// What is to be kept: a new secret or a new version. What is `None` stays as the newest version has it.
#[derive(Debug)]
pub struct NewSecret {
    /// The name.
    pub name: SecretName,
    /// The value.
    pub value: Sealed,
    /// What it is.
    pub content_type: Option<Untrusted>,
    /// Its tags, all of them.
    pub tags: Option<Tags>,
    /// From when on it is meant to be used.
    pub not_before: Option<Moment>,
    /// Until when it is meant to be used.
    pub expires: Option<Moment>,
    /// Whether its value may be read.
    pub enabled: Option<bool>,
}

/// What a writer believes is there; checked before the write, not together with it (Key Vault has no If-Match).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Whatever is there.
    Anything,
    /// Nothing of that name.
    Absent,
    /// This version is the newest.
    Version(Untrusted),
    /// The newest was last changed then: what the list on the screen showed.
    UpdatedAt(Moment),
}

/// What came of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetDone {
    /// The new version.
    pub secret: Secret,
    /// The version that was the newest before, if there was one and we could look.
    pub before: Option<Untrusted>,
    /// Whether we could look before and after (the right to list may be missing).
    pub looked: bool,
    /// Somebody else's version that came between.
    pub overtaken: Option<Overtaken>,
}

/// Changes to what a vault keeps beside a value. `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What it is.
    pub content_type: Option<Untrusted>,
    /// Its tags, all of them.
    pub tags: Option<Tags>,
    /// Whether its value may be read.
    pub enabled: Option<bool>,
    /// From when on it is meant to be used.
    pub not_before: Option<Moment>,
    /// Until when it is meant to be used.
    pub expires: Option<Moment>,
}

/// Somebody else's version that came between the one we looked at and ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overtaken {
    /// Their version.
    pub version: Untrusted,
    /// When it was made.
    pub created: Option<Moment>,
}

impl Secret {
    /// Its type as a list shows it: `application/` and the like add nothing.
    pub fn type_word(&self) -> Option<String> {
        let shown = self.content_type.as_ref().filter(|text| !text.is_empty())?.show().into_owned();
        Some(shown.strip_prefix("application/").map(str::to_owned).unwrap_or(shown))
    }
}

impl Columns for Secret {
    const HEADS: &'static [Head] = &[
        Head::grows("NAME"),
        Head::fixed("TYPE", 11),
        Head::fixed("EXPIRES", 12),
        Head::fixed("UPDATED", 8),
        Head::fixed("", 4),
    ];

    fn cells(&self, now: Moment) -> Vec<Cell> {
        let attributes = &self.attributes;
        let soon = |at: Moment| at.as_second() - now.as_second() < 30 * 24 * 3600;
        let state = if !attributes.enabled {
            Cell::toned("off", Tone::Warning)
        } else if attributes.not_before.is_some_and(|from| from > now) {
            Cell::toned("soon", Tone::Warning)
        } else if self.managed {
            Cell::secondary("cert")
        } else {
            Cell::default()
        };
        vec![
            Cell::text(self.name.show().into_owned()),
            self.type_word().map_or_else(Cell::none, Cell::text),
            attributes.expires.map_or_else(Cell::none, |at| {
                let tone = if at <= now {
                    Tone::Danger
                } else if soon(at) {
                    Tone::Warning
                } else {
                    Tone::Plain
                };
                Cell::toned(until(now, at), tone)
            }),
            attributes.updated.map_or_else(Cell::none, |at| Cell::secondary(ago(now, at))),
            state,
        ]
    }
}

impl Columns for SecretVersion {
    const HEADS: &'static [Head] =
        &[Head::grows("VERSION"), Head::fixed("CREATED", 10), Head::fixed("EXPIRES", 12), Head::fixed("", 12)];

    fn cells(&self, now: Moment) -> Vec<Cell> {
        let attributes = &self.secret.attributes;
        let state = match (self.current, attributes.enabled, self.same_second) {
            (true, true, _) => Cell::toned("newest", Tone::Good),
            (true, false, _) => Cell::toned("newest, off", Tone::Warning),
            (false, false, _) => Cell::toned("off", Tone::Warning),
            (false, true, true) => Cell::secondary("same second"),
            (false, true, false) => Cell::default(),
        };
        vec![
            self.secret.version.as_ref().map_or_else(Cell::none, |version| Cell::text(version.show().into_owned())),
            attributes.created.map_or_else(Cell::none, |at| Cell::text(ago(now, at))),
            attributes.expires.map_or_else(Cell::none, |at| Cell::text(until(now, at))),
            state,
        ]
    }
}

impl Columns for DeletedSecret {
    const HEADS: &'static [Head] = &[Head::grows("NAME"), Head::fixed("DELETED", 10), Head::fixed("GONE FOR GOOD", 14)];

    fn cells(&self, now: Moment) -> Vec<Cell> {
        vec![
            Cell::text(self.secret.name.show().into_owned()),
            self.deleted.map_or_else(Cell::none, |at| Cell::text(ago(now, at))),
            self.purged.map_or_else(Cell::none, |at| Cell::text(until(now, at))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_name_is_told_its_way_out() {
        assert!(SecretName::parse("db-password").is_ok());
        assert_eq!(SecretName::parse("DB_PASSWORD").expect_err("underscore").instead.as_deref(), Some("DB-PASSWORD"));
        assert_eq!(SecretName::parse("../keys/k").expect_err("path").instead, None);
        assert_eq!(SecretName::parse(&"x".repeat(128)).expect_err("long").instead, None);
        assert!(SecretName::parse("").is_err());
    }
}
