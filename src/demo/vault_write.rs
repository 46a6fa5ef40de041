//! Setting and changing secrets: a new version each time, or the attributes of one.

use serde_json::{Value, json};

use super::{
    clock::{Moment, SECOND},
    http::{Answer, Ask, Reply},
    seed,
    vault::{bundle, inner, merge, not_found, pick},
    vault_deleted::reserved,
    world::{Secret, Vault, Version},
};

/// The longest value, in bytes.
const LONGEST: usize = 25_600;

pub(crate) fn set(vault: &mut Vault, name: &str, ask: &Ask, now: Moment) -> Answer {
    let body = ask.json();
    let Some(value) = body["value"].as_str() else {
        return Err(Reply::error(400, "BadParameter", "The parameter value is missing or is not a string."));
    };
    if value.len() > LONGEST {
        return Err(Reply::error(
            400,
            "BadParameter",
            &format!("The value of the secret exceeds the maximum size of {LONGEST} bytes."),
        ));
    }
    let wanted = Wanted::read(&body)?;
    reserved(vault, name, now)?;
    let found = vault.get(name);
    if found.as_ref().is_some_and(|secret| secret.managed) {
        return Err(managed("set"));
    }
    let mut secret = found.unwrap_or_else(|| Secret {
        name: name.to_owned(),
        versions: Vec::new(),
        managed: false,
        hidden_until: 0,
    });
    let number = secret.versions.len().to_string();
    let version = Version {
        id: seed::hex32(&[&vault.name, name, &number, &now.to_string()]),
        value: value.to_owned(),
        content_type: wanted.content_type,
        tags: wanted.tags.unwrap_or_default(),
        enabled: wanted.enabled.unwrap_or(true),
        not_before: wanted.not_before,
        expires: wanted.expires,
        created: now,
        updated: now,
    };
    let mut reply = json!({"value": value});
    merge(&mut reply, bundle(vault, &secret, &version, true));
    secret.versions.push(version);
    vault.put(secret);
    Ok(Reply::ok(&reply))
}

pub(crate) fn update(vault: &mut Vault, name: &str, version: Option<&str>, ask: &Ask, now: Moment) -> Answer {
    let wanted = Wanted::read(&ask.json())?;
    let mut secret = vault.get(name).filter(|secret| secret.hidden_until <= now).ok_or_else(|| not_found(name))?;
    if secret.managed {
        return Err(managed("update"));
    }
    let id = pick(&secret, version).map(|found| found.id.clone()).ok_or_else(|| not_found(name))?;
    for one in secret.versions.iter_mut().filter(|one| one.id == id) {
        one.updated = now;
        one.content_type = wanted.content_type.clone().or_else(|| one.content_type.take());
        one.enabled = wanted.enabled.unwrap_or(one.enabled);
        one.not_before = wanted.not_before.or(one.not_before);
        one.expires = wanted.expires.or(one.expires);
        // Tags are replaced as a whole, never merged.
        if let Some(tags) = &wanted.tags {
            one.tags.clone_from(tags);
        }
    }
    let reply = pick(&secret, Some(&id)).map(|found| bundle(vault, &secret, found, true));
    vault.put(secret);
    reply.map_or_else(|| Err(not_found(name)), |reply| Ok(Reply::ok(&reply)))
}

/// A certificate's secret changes with its certificate only.
pub(crate) fn managed(operation: &str) -> Reply {
    let words = format!("Operation \"{operation}\" is not allowed as this object's lifetime is managed by Key Vault.");
    inner(403, "Forbidden", &words, "SecretManagedByKeyVault")
}

/// What a body wants changed; `None` is "as it is".
struct Wanted {
    content_type: Option<String>,
    tags: Option<Vec<(String, String)>>,
    enabled: Option<bool>,
    not_before: Option<Moment>,
    expires: Option<Moment>,
}

impl Wanted {
    fn read(body: &Value) -> Result<Self, Reply> {
        let bad = |words: &str| Reply::error(400, "BadParameter", words);
        if !body.is_object() {
            return Err(bad("The request body is missing or is not valid JSON."));
        }
        let content_type = body["contentType"].as_str().map(str::to_owned);
        if content_type.as_ref().is_some_and(|kind| kind.chars().count() > 255) {
            return Err(bad("The contentType exceeds the maximum length of 255 characters."));
        }
        let tags = match &body["tags"] {
            Value::Object(tags) => {
                let tags: Vec<_> = tags
                    .iter()
                    .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                    .collect();
                if tags.len() > 15 {
                    return Err(bad("The number of tags exceeds the maximum of 15."));
                }
                if tags.iter().any(|(name, value)| name.chars().count() > 256 || value.chars().count() > 256) {
                    return Err(bad("A tag's name or value exceeds the maximum length of 256 characters."));
                }
                Some(tags)
            }
            _ => None,
        };
        let attributes = &body["attributes"];
        let moment = |name: &str| attributes[name].as_i64().map(|seconds| seconds.saturating_mul(SECOND));
        let (not_before, expires) = (moment("nbf"), moment("exp"));
        if not_before.zip(expires).is_some_and(|(start, end)| start >= end) {
            return Err(bad("The property \"nbf\" must be less than the property \"exp\"."));
        }
        Ok(Self { content_type, tags, enabled: attributes["enabled"].as_bool(), not_before, expires })
    }
}
