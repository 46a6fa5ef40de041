//! What happens to a secret after it was deleted: it takes seconds to be seen there, it can come back, it can be
//! purged; and the sealed copies that a backup makes.

use serde_json::{Value, json};

use super::{
    clock::{Moment, SECOND},
    http::{Answer, Ask, Reply},
    seed,
    vault::{bundle, inner, not_found},
    vault_pages::deleted_body,
    vault_write::managed,
    world::{Deleted, Secret, Vault, Version},
};

/// How long a deletion, a recovery and a purge take to be seen everywhere.
const DELETION: Moment = 4 * SECOND;
const RECOVERY: Moment = SECOND;
const PURGE: Moment = 2 * SECOND;

/// Refuses a name that a deleted secret still holds, or that is on its way.
pub(crate) fn reserved(vault: &Vault, name: &str, now: Moment) -> Result<(), Reply> {
    let key = name.to_ascii_lowercase();
    if vault.purging.get(&key).is_some_and(|until| *until > now) {
        return Err(being(name, "deleted"));
    }
    if vault.get(name).is_some_and(|secret| secret.hidden_until > now) {
        return Err(being(name, "recovered"));
    }
    match vault.deleted.get(&key) {
        None => Ok(()),
        Some(deleted) if deleted.visible_from > now => Err(being(name, "deleted")),
        Some(_) => {
            let words = format!(
                "Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can \
                 only be recovered or purged."
            );
            Err(inner(409, "Conflict", &words, "ObjectIsDeletedButRecoverable"))
        }
    }
}

fn being(name: &str, what: &str) -> Reply {
    let code = if what == "deleted" { "ObjectIsBeingDeleted" } else { "ObjectIsBeingRecovered" };
    let words = format!("Secret {name} is currently being {what} and cannot be re-created; retry later.");
    inner(409, "Conflict", &words, code)
}

pub(crate) fn delete(vault: &mut Vault, name: &str, slow: bool, now: Moment) -> Answer {
    let Some(secret) = vault.get(name) else {
        return Err(match vault.deleted.get(&name.to_ascii_lowercase()) {
            Some(deleted) if deleted.visible_from > now => being(name, "deleted"),
            // A second deletion is told in other words than an unknown name.
            Some(_) => Reply::error(404, "SecretNotFound", &format!("Secret not found: {name}")),
            None => not_found(name),
        });
    };
    if secret.hidden_until > now {
        return Err(being(name, "recovered"));
    }
    if secret.managed {
        return Err(managed("delete"));
    }
    let deleted = vault.delete(secret, now, if slow { DELETION } else { 0 });
    Ok(Reply::ok(&deleted_body(vault, &deleted, true)))
}

fn seen(vault: &Vault, name: &str, now: Moment) -> Result<Deleted, Reply> {
    let found = vault.deleted.get(&name.to_ascii_lowercase()).filter(|deleted| deleted.visible_from <= now);
    found.cloned().ok_or_else(|| Reply::error(404, "SecretNotFound", &format!("Deleted Secret not found: {name}")))
}

pub(crate) fn get(vault: &Vault, name: &str, now: Moment) -> Answer {
    Ok(Reply::ok(&deleted_body(vault, &seen(vault, name, now)?, true)))
}

/// A deletion still on its way answers otherwise than a name that is not there.
fn settled(vault: &Vault, name: &str, now: Moment) -> Result<Deleted, Reply> {
    if vault.deleted.get(&name.to_ascii_lowercase()).is_some_and(|deleted| deleted.visible_from > now) {
        return Err(being(name, "deleted"));
    }
    seen(vault, name, now)
}

pub(crate) fn recover(vault: &mut Vault, name: &str, slow: bool, now: Moment) -> Answer {
    let mut secret = settled(vault, name, now)?.secret;
    vault.deleted.remove(&name.to_ascii_lowercase());
    secret.hidden_until = if slow { now + RECOVERY } else { 0 };
    let reply = secret.newest().map(|version| bundle(vault, &secret, version, true));
    vault.put(secret);
    Ok(Reply::ok(&reply.unwrap_or_default()))
}

pub(crate) fn purge(vault: &mut Vault, name: &str, slow: bool, now: Moment) -> Answer {
    settled(vault, name, now)?;
    vault.deleted.remove(&name.to_ascii_lowercase());
    if slow {
        vault.purging.insert(name.to_ascii_lowercase(), now + PURGE);
    }
    Ok(Reply::empty(204))
}

/// All versions in one blob that only this cloud opens.
pub(crate) fn backup(vault: &Vault, name: &str, now: Moment) -> Answer {
    let secret = vault.get(name).filter(|secret| secret.hidden_until <= now).ok_or_else(|| not_found(name))?;
    let versions: Vec<Value> = secret.versions.iter().map(version_out).collect();
    let plain = json!({"name": secret.name, "managed": secret.managed, "versions": versions}).to_string();
    let blob = [SEAL, &seed::hex32(&["backup", &plain]), &seed::base64url(scrambled(plain.as_bytes()))].join(".");
    Ok(Reply::ok(&json!({"value": seed::base64url(blob)})))
}

pub(crate) fn restore(vault: &mut Vault, ask: &Ask, now: Moment) -> Answer {
    let secret = ask.json()["value"].as_str().and_then(open);
    let mut secret = secret
        .ok_or_else(|| Reply::error(400, "BadParameter", "The backup blob is malformed or was made elsewhere."))?;
    reserved(vault, &secret.name, now)?;
    if vault.get(&secret.name).is_some() {
        let words = format!(
            "A secret named {} already exists in this key vault; a backup is never restored over it.",
            secret.name
        );
        return Err(inner(409, "Conflict", &words, "SecretAlreadyExists"));
    }
    for version in &mut secret.versions {
        version.updated = now;
    }
    let reply = secret.newest().map(|version| bundle(vault, &secret, version, true));
    vault.put(secret);
    Ok(Reply::ok(&reply.unwrap_or_default()))
}

const SEAL: &str = "DEMO";

fn open(blob: &str) -> Option<Secret> {
    let text = String::from_utf8(seed::from_base64url(blob)?).ok()?;
    let mut parts = text.split('.');
    let (seal, mark, body) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = String::from_utf8(scrambled(&seed::from_base64url(body)?)).ok()?;
    if seal != SEAL || mark != seed::hex32(&["backup", &plain]) {
        return None;
    }
    let body: Value = serde_json::from_str(&plain).ok()?;
    let versions = body["versions"].as_array()?.iter().map(version_in).collect::<Option<Vec<_>>>()?;
    Some(Secret {
        name: body["name"].as_str()?.to_owned(),
        versions,
        managed: body["managed"] == true,
        hidden_until: 0,
    })
}

/// Enough that a value cannot be read off a backup; done twice, it undoes itself.
fn scrambled(bytes: &[u8]) -> Vec<u8> {
    let keys = (0_u64..).flat_map(|block| seed::hash(&["scramble", &block.to_string()]).to_le_bytes());
    bytes.iter().zip(keys).map(|(byte, key)| byte ^ key).collect()
}

fn version_out(version: &Version) -> Value {
    json!({
        "id": version.id, "value": version.value, "contentType": version.content_type, "tags": super::workspaces::tags_json(&version.tags),
        "enabled": version.enabled, "nbf": version.not_before, "exp": version.expires, "created": version.created
    })
}

fn version_in(body: &Value) -> Option<Version> {
    let tags = body["tags"].as_object()?.iter();
    Some(Version {
        id: body["id"].as_str()?.to_owned(),
        value: body["value"].as_str()?.to_owned(),
        content_type: body["contentType"].as_str().map(str::to_owned),
        tags: tags.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect(),
        enabled: body["enabled"].as_bool()?,
        not_before: body["nbf"].as_i64(),
        expires: body["exp"].as_i64(),
        created: body["created"].as_i64()?,
        updated: body["created"].as_i64()?,
    })
}
