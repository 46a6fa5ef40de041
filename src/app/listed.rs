//! A secret as the long list keeps it: vaults hold 100,000, so what many of them have in common is kept once.

use std::collections::HashSet;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::domain::{Cell, Columns, Head, Moment, Secret, Tags, Untrusted};

use super::list::Row;

/// A secret of the open vault, without its value as all of them.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub name: Untrusted,
    created: Option<NonZeroU32>,
    updated: Option<NonZeroU32>,
    expires: Option<NonZeroU32>,
    rest: Arc<Rest>,
}

/// What else there is, as several rows may have it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Rest {
    tags: Tags,
    /// All but the tags, and what of the dates does not fit into seconds of 32 bits: nearly all rows have one of a few.
    kind: Arc<Secret>,
}

/// What rows of one fetch have in common.
#[derive(Debug, Default)]
pub(super) struct InCommon {
    kinds: HashSet<Arc<Secret>>,
    rests: HashSet<Arc<Rest>>,
}

impl InCommon {
    /// `secrets` as rows.
    pub(super) fn rows(&mut self, secrets: Vec<Secret>) -> Vec<Listed> {
        secrets.into_iter().map(|secret| self.row(secret)).collect()
    }

    fn row(&mut self, mut secret: Secret) -> Listed {
        let name = std::mem::take(&mut secret.name);
        let times = &mut secret.attributes;
        let (created, updated) = (seconds(&mut times.created), seconds(&mut times.updated));
        let expires = seconds(&mut times.expires);
        let tags = std::mem::take(&mut secret.tags);
        let rest = Rest { tags, kind: once(&mut self.kinds, secret) };
        let rest = once(&mut self.rests, rest);
        Listed { name, created, updated, expires, rest }
    }
}

/// `one`, or the same that was there before.
fn once<T: Eq + Hash>(known: &mut HashSet<Arc<T>>, one: T) -> Arc<T> {
    if let Some(same) = known.get(&one) {
        return Arc::clone(same);
    }
    let one = Arc::new(one);
    known.insert(Arc::clone(&one));
    one
}

impl Listed {
    /// The secret as the vault told it.
    pub fn secret(&self) -> Secret {
        let (name, tags) = (self.name.clone(), self.rest.tags.clone());
        let mut secret = Secret { name, tags, ..(*self.rest.kind).clone() };
        let times = &mut secret.attributes;
        (times.created, times.updated) = (moment(self.created, times.created), self.updated());
        times.expires = self.expires();
        secret
    }

    pub(super) fn enabled(&self) -> bool {
        self.rest.kind.attributes.enabled
    }

    pub(super) fn managed(&self) -> bool {
        self.rest.kind.managed
    }

    pub(super) fn updated(&self) -> Option<Moment> {
        moment(self.updated, self.rest.kind.attributes.updated)
    }

    pub(super) fn expires(&self) -> Option<Moment> {
        moment(self.expires, self.rest.kind.attributes.expires)
    }

    pub(super) fn content_type(&self) -> Option<&Untrusted> {
        self.rest.kind.content_type.as_ref()
    }
}

impl From<Secret> for Listed {
    fn from(secret: Secret) -> Self {
        InCommon::default().row(secret)
    }
}

impl Row for Listed {
    fn key(&self) -> String {
        self.name.raw().to_lowercase()
    }
    fn is(&self, key: &str) -> bool {
        let name = self.name.raw();
        if name.is_ascii() { name.eq_ignore_ascii_case(key) } else { self.key() == key }
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}

impl Columns for Listed {
    const HEADS: &'static [Head] = Secret::HEADS;

    fn cells(&self, now: Moment) -> Vec<Cell> {
        self.secret().cells(now)
    }
}

/// Takes a time out, where it is one that 32 bits can hold.
fn seconds(time: &mut Option<Moment>) -> Option<NonZeroU32> {
    let at = time.filter(|at| at.subsec_nanosecond() == 0)?;
    let seconds = NonZeroU32::new(u32::try_from(at.as_second()).ok()?)?;
    *time = None;
    Some(seconds)
}

fn moment(seconds: Option<NonZeroU32>, exact: Option<Moment>) -> Option<Moment> {
    seconds.and_then(|seconds| Moment::from_second(seconds.get().into()).ok()).or(exact)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Attributes;

    #[test]
    fn a_secret_comes_back_as_it_was_told() {
        let at = |second: i64| Some(Moment::from_second(second).expect("in range"));
        let odd = Some("2026-11-21T05:02:00.25Z".parse().expect("a time"));
        let times = [None, at(0), at(-1), at(1_790_000_000), at(i64::from(u32::MAX)), at(253_402_207_200), odd];
        let mut rows: Vec<Listed> = Vec::new();
        let mut common = InCommon::default();
        for (place, &time) in times.iter().cycle().take(70).enumerate() {
            let secret = Secret {
                name: Untrusted::from(format!("secret-{place}")),
                version: None,
                attributes: Attributes {
                    enabled: place % 2 == 0,
                    created: time,
                    updated: times[(place + 1) % times.len()],
                    expires: times[(place + 3) % times.len()],
                    not_before: times[(place + 5) % times.len()],
                    ..Attributes::default()
                },
                content_type: (place % 3 == 0).then(|| Untrusted::from("text/plain")),
                tags: vec![(Untrusted::from("batch"), Untrusted::from(format!("{}", place / 10)))],
                managed: false,
                key_id: None,
            };
            rows.extend(common.rows(vec![secret.clone()]));
            assert_eq!(rows[place].secret(), secret);
        }
    }

    #[test]
    fn a_row_is_small_and_what_rows_have_in_common_is_kept_once() {
        assert!(size_of::<Listed>() <= 48, "{} bytes", size_of::<Listed>());
        let secret = |name: &str| Secret {
            name: Untrusted::from(name),
            version: None,
            attributes: Attributes { enabled: true, ..Attributes::default() },
            content_type: None,
            tags: vec![(Untrusted::from("team"), Untrusted::from("vision"))],
            managed: false,
            key_id: None,
        };
        let mut common = InCommon::default();
        let page = common.rows(vec![secret("a"), secret("b"), secret("c")]);
        assert!(Arc::ptr_eq(&page[0].rest, &page[2].rest));
        let next = common.rows(vec![secret("d")]);
        assert!(Arc::ptr_eq(&page[0].rest, &next[0].rest));
    }
}
