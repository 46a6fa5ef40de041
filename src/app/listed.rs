//! A secret as the long list keeps it: vaults hold 100,000, so what many of them have in common is kept once.

use std::num::NonZeroU32;
use std::sync::Arc;

use crate::domain::{Cell, Columns, Head, Moment, Secret, Untrusted};

use super::list::Row;

/// How many rows above are looked at for one with the same tags, type and rights.
const NEAR: usize = 24;

/// A secret of the open vault, without its value as all of them.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub name: Untrusted,
    created: Option<NonZeroU32>,
    updated: Option<NonZeroU32>,
    expires: Option<NonZeroU32>,
    /// All the rest, and what of the dates does not fit into seconds of 32 bits.
    rest: Arc<Secret>,
}

impl Listed {
    fn near(mut secret: Secret, rows: &[Self]) -> Self {
        let name = std::mem::take(&mut secret.name);
        let times = &mut secret.attributes;
        let (created, updated) = (seconds(&mut times.created), seconds(&mut times.updated));
        let expires = seconds(&mut times.expires);
        let same = rows.iter().rev().take(NEAR).find(|row| *row.rest == secret).map(|row| Arc::clone(&row.rest));
        Self { name, created, updated, expires, rest: same.unwrap_or_else(|| Arc::new(secret)) }
    }

    /// `secrets` as rows that follow `rows`.
    pub(super) fn page(secrets: Vec<Secret>, rows: &[Self]) -> Vec<Self> {
        let mut page: Vec<Self> = Vec::with_capacity(secrets.len());
        for secret in secrets {
            let above = if page.is_empty() { rows } else { &page };
            page.push(Self::near(secret, above));
        }
        page
    }

    /// The secret as the vault told it.
    pub fn secret(&self) -> Secret {
        let mut secret = Secret { name: self.name.clone(), ..(*self.rest).clone() };
        let times = &mut secret.attributes;
        (times.created, times.updated) = (moment(self.created, times.created), self.updated());
        times.expires = self.expires();
        secret
    }

    pub(super) fn enabled(&self) -> bool {
        self.rest.attributes.enabled
    }

    pub(super) fn managed(&self) -> bool {
        self.rest.managed
    }

    pub(super) fn updated(&self) -> Option<Moment> {
        moment(self.updated, self.rest.attributes.updated)
    }

    pub(super) fn expires(&self) -> Option<Moment> {
        moment(self.expires, self.rest.attributes.expires)
    }

    pub(super) fn content_type(&self) -> Option<&Untrusted> {
        self.rest.content_type.as_ref()
    }
}

impl From<Secret> for Listed {
    fn from(secret: Secret) -> Self {
        Self::near(secret, &[])
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
            rows.extend(Listed::page(vec![secret.clone()], &rows));
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
        let page = Listed::page(vec![secret("a"), secret("b"), secret("c")], &[]);
        assert!(Arc::ptr_eq(&page[0].rest, &page[2].rest));
        let next = Listed::page(vec![secret("d")], &page);
        assert!(Arc::ptr_eq(&page[0].rest, &next[0].rest));
    }
}
