//! One vault's contents: stored secrets laid over generated ones, versions, deleted secrets with the time from which
//! each state can be seen. It knows dates, not who asks.

use std::collections::BTreeMap;

use crate::demo::clock::{DAY, Moment};
use crate::demo::seed;

/// One version of a secret.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) value: String,
    pub(crate) content_type: Option<String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) enabled: bool,
    pub(crate) not_before: Option<Moment>,
    pub(crate) expires: Option<Moment>,
    pub(crate) created: Moment,
    pub(crate) updated: Moment,
}

/// A secret with all its versions, the newest last.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    /// As first spelled; names are compared without case.
    pub(crate) name: String,
    pub(crate) versions: Vec<Version>,
    /// Made by a certificate, so that nobody may write it directly.
    pub(crate) managed: bool,
    /// Until then it is being recovered, and cannot be seen.
    pub(crate) hidden_until: Moment,
}

impl Secret {
    pub(crate) fn newest(&self) -> Option<&Version> {
        self.versions.last()
    }
}

/// A secret that was deleted and can come back.
#[derive(Debug, Clone)]
pub(crate) struct Deleted {
    pub(crate) secret: Secret,
    pub(crate) at: Moment,
    /// Until then it is being deleted: neither here nor there.
    pub(crate) visible_from: Moment,
    /// Azure removes it then.
    pub(crate) purge_at: Moment,
}

/// How a vault answers those who ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The tenant's users may do everything.
    Open,
    /// Get and set by role, nothing else: listing is refused.
    NoListing,
    /// Access policies, and none for anybody who asks.
    NoPolicy,
    /// The network is closed.
    Firewall,
    /// Only private links lead in.
    Private,
}

/// A key vault.
#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) name: String,
    pub(crate) subscription: String,
    pub(crate) group: String,
    pub(crate) region: String,
    pub(crate) tenant: String,
    pub(crate) access: Access,
    /// The days a deleted secret stays.
    pub(crate) retention: i64,
    /// How many secrets exist by number until somebody changes them.
    pub(crate) generated: usize,
    pub(crate) born: Moment,
    /// By lower-case name; `None` hides a generated one that was deleted.
    stored: BTreeMap<String, Option<Secret>>,
    pub(crate) deleted: BTreeMap<String, Deleted>,
    /// Names that were purged a moment ago, and until when they stay taken.
    pub(crate) purging: BTreeMap<String, Moment>,
}

impl Vault {
    pub(crate) fn new(name: &str, subscription: &str, group: &str, region: &str, tenant: &str, born: Moment) -> Self {
        Self {
            name: name.to_owned(),
            subscription: subscription.to_owned(),
            group: group.to_owned(),
            region: region.to_owned(),
            tenant: tenant.to_owned(),
            access: Access::Open,
            retention: 90,
            generated: 0,
            born,
            stored: BTreeMap::new(),
            deleted: BTreeMap::new(),
            purging: BTreeMap::new(),
        }
    }

    /// `https://kv-vision.vault.azure.net`: hosts are lower case whatever the vault's id says.
    pub(crate) fn uri(&self) -> String {
        format!("https://{}.vault.azure.net", self.name.to_ascii_lowercase())
    }

    pub(crate) fn get(&self, name: &str) -> Option<Secret> {
        let key = name.to_ascii_lowercase();
        match self.stored.get(&key) {
            Some(stored) => stored.clone(),
            None => self.number_of(&key).map(|number| self.make(number)),
        }
    }

    pub(crate) fn put(&mut self, secret: Secret) {
        self.stored.insert(secret.name.to_ascii_lowercase(), Some(secret));
    }

    /// Takes a secret away. A generated one leaves a gap behind, so that it does not grow back.
    pub(crate) fn remove(&mut self, name: &str) {
        let key = name.to_ascii_lowercase();
        if self.number_of(&key).is_some() {
            self.stored.insert(key, None);
        } else {
            self.stored.remove(&key);
        }
    }

    /// Up to `count` visible secrets that come after `last`, by name.
    pub(crate) fn after(&self, last: &str, count: usize, now: Moment) -> Vec<Secret> {
        let key = last.to_ascii_lowercase();
        let mut stored = self.stored.range(key.clone()..).filter(|(name, _)| **name > key).peekable();
        let mut number = self.first_number_after(&key);
        let mut found = Vec::new();
        while found.len() < count {
            let made = (number < self.generated).then(|| generated_name(number));
            let next = match (stored.peek(), made) {
                (None, None) => break,
                (Some((name, _)), Some(made)) if **name > made => None,
                (None, Some(_)) => None,
                (Some((name, _)), made) => {
                    if made.as_ref() == Some(*name) {
                        number += 1;
                    }
                    stored.next().map(|(_, secret)| secret.clone())
                }
            };
            if let Some(secret) = next {
                found.extend(secret.filter(|secret| secret.hidden_until <= now));
            } else {
                found.push(self.make(number));
                number += 1;
            }
        }
        found
    }

    /// A secret without versions of its own yet is as old as the vault.
    fn make(&self, number: usize) -> Secret {
        let name = generated_name(number);
        let age = i64::try_from(seed::below(300, &[&self.name, &name])).unwrap_or_default();
        let created = self.born + age * DAY;
        let version = Version {
            id: seed::hex32(&[&self.name, &name, "0"]),
            value: seed::fictional(&[&self.name, &name]),
            content_type: number.is_multiple_of(3).then(|| "text/plain".to_owned()),
            tags: if number.is_multiple_of(7) {
                vec![("batch".to_owned(), format!("{:03}", number / 100))]
            } else {
                Vec::new()
            },
            enabled: number % 11 != 5,
            not_before: None,
            expires: number.is_multiple_of(13).then_some(created + 330 * DAY),
            created,
            updated: created,
        };
        Secret { name, versions: vec![version], managed: false, hidden_until: 0 }
    }

    fn number_of(&self, name: &str) -> Option<usize> {
        let number = name.strip_prefix(GENERATED)?.parse().ok()?;
        (number < self.generated && generated_name(number) == name).then_some(number)
    }

    fn first_number_after(&self, key: &str) -> usize {
        // Numbers of one width sort like their names, so a halving search finds the place.
        let (mut low, mut high) = (0, self.generated);
        while low < high {
            let middle = low.midpoint(high);
            if generated_name(middle).as_str() <= key { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Changes every stored version, once, before the world starts.
    pub(crate) fn spoil(&mut self, change: impl Fn(&mut Version)) {
        for secret in self.stored.values_mut().flatten() {
            secret.versions.iter_mut().for_each(&change);
        }
    }

    /// Forgets the deleted secrets whose time has come.
    pub(crate) fn sweep(&mut self, now: Moment) {
        self.deleted.retain(|_, deleted| deleted.purge_at > now);
        self.purging.retain(|_, until| *until > now);
    }

    /// Moves a secret to the deleted ones; `settles_after` is how long neither side shows it.
    pub(crate) fn delete(&mut self, secret: Secret, now: Moment, settles_after: Moment) -> Deleted {
        self.remove(&secret.name);
        let deleted =
            Deleted { at: now, visible_from: now + settles_after, purge_at: now + self.retention * DAY, secret };
        self.deleted.insert(deleted.secret.name.to_ascii_lowercase(), deleted.clone());
        deleted
    }
}

const GENERATED: &str = "archive-";

fn generated_name(number: usize) -> String {
    format!("{GENERATED}{number:06}")
}
