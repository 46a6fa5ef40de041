//! The lists of a vault: short pages, empty ones that still lead on, and links that name the port, as Key Vault has
//! them.

use serde_json::{Value, json};

use super::{
    clock::{Moment, epoch},
    http::{Answer, Ask, Reply},
    seed,
    vault::bundle,
    world::{Deleted, Vault},
};

/// Where a list goes on: how many pages were given, and the last name.
#[derive(Default)]
struct Mark {
    page: u64,
    last: String,
}

impl Mark {
    fn read(ask: &Ask) -> Result<Self, Reply> {
        let Some(token) = ask.query("$skiptoken") else { return Ok(Self::default()) };
        let text = seed::from_base64url(token).and_then(|bytes| String::from_utf8(bytes).ok());
        let parts =
            text.as_deref().and_then(|text| text.strip_prefix("NextMarker:")).and_then(|text| text.split_once('!'));
        let mark = parts.and_then(|(page, last)| Some(Self { page: page.parse().ok()?, last: last.to_owned() }));
        mark.ok_or_else(|| Reply::error(400, "BadParameter", "The $skiptoken is invalid."))
    }

    fn link(&self, vault: &Vault, ask: &Ask) -> String {
        let token = seed::base64url(format!("NextMarker:{}!{}", self.page, self.last));
        let version = ask.query("api-version").unwrap_or_default();
        let host = vault.uri();
        let size = ask.query("maxresults").map(|size| format!("&maxresults={size}")).unwrap_or_default();
        format!("{host}:443/{}?api-version={version}&$skiptoken={token}{size}", ask.path.join("/"))
    }
}

/// The page size that was asked for, 25 if none.
fn size(ask: &Ask) -> Result<usize, Reply> {
    let Some(text) = ask.query("maxresults") else { return Ok(25) };
    text.parse()
        .ok()
        .filter(|size| (1..=25).contains(size))
        .ok_or_else(|| Reply::error(400, "BadParameter", "Invalid maxresults value: it must be between 1 and 25."))
}

/// How many items this page gets: every seventh page is empty, every fifth is short.
fn items(page: u64, size: usize) -> usize {
    match (page % 7, page % 5) {
        (2, _) => 0,
        (_, 3) if size > 1 => size - 1,
        _ => size,
    }
}

/// One page out of a way to get more items; the link behind the last item may lead to an empty page.
fn page(vault: &Vault, ask: &Ask, more: impl Fn(&str, usize) -> Vec<(String, Value)>) -> Answer {
    let size = size(ask)?;
    let mark = Mark::read(ask)?;
    let count = items(mark.page, size);
    let mut found = more(&mark.last, count + 1);
    let goes_on = found.len() > count;
    found.truncate(count);
    let last = found.last().map_or(mark.last.clone(), |(name, _)| name.clone());
    let leads_nowhere = !goes_on && mark.page > 0 && !found.is_empty();
    let link = (goes_on || leads_nowhere).then(|| Mark { page: mark.page + 1, last }.link(vault, ask));
    let value: Vec<Value> = found.into_iter().map(|(_, value)| value).collect();
    Ok(Reply::ok(&json!({"value": value, "nextLink": link})))
}

pub(crate) fn secrets(vault: &Vault, ask: &Ask, now: Moment) -> Answer {
    page(vault, ask, |last, count| {
        let found = vault.after(last, count, now).into_iter();
        found
            .filter_map(|secret| {
                let body = bundle(vault, &secret, secret.newest()?, false);
                Some((secret.name.to_ascii_lowercase(), body))
            })
            .collect()
    })
}

/// Versions come ordered by their ids, which are not ordered by time; an unknown name has none.
pub(crate) fn versions(vault: &Vault, name: &str, ask: &Ask, now: Moment) -> Answer {
    let secret = vault.get(name).filter(|secret| secret.hidden_until <= now);
    page(vault, ask, |last, count| {
        let Some(secret) = &secret else { return Vec::new() };
        let mut all: Vec<_> = secret.versions.iter().filter(|version| version.id.as_str() > last).collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all.into_iter().take(count).map(|version| (version.id.clone(), bundle(vault, secret, version, true))).collect()
    })
}

pub(crate) fn deleted(vault: &Vault, ask: &Ask, now: Moment) -> Answer {
    page(vault, ask, |last, count| {
        let after = vault.deleted.iter().filter(|(name, one)| name.as_str() > last && one.visible_from <= now);
        after.take(count).map(|(name, one)| (name.clone(), deleted_body(vault, one, false))).collect()
    })
}

/// A deleted secret: when it went, and when it will be gone.
pub(crate) fn deleted_body(vault: &Vault, deleted: &Deleted, whole_id: bool) -> Value {
    let mut body = json!({
        "recoveryId": format!("{}/deletedsecrets/{}", vault.uri(), deleted.secret.name),
        "deletedDate": epoch(deleted.at),
        "scheduledPurgeDate": epoch(deleted.purge_at)
    });
    if let Some(version) = deleted.secret.newest() {
        super::vault::merge(&mut body, bundle(vault, &deleted.secret, version, whole_id));
    }
    body
}
