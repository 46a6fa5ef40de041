//! Key Vault's data plane: the challenge that comes before anything else, who may do what, reading. Lists, writes and
//! deletions have files of their own.

use serde_json::{Value, json};

use super::{
    State,
    clock::{Moment, SECOND, epoch},
    http::{Answer, Ask, Reply},
    seed,
    token::{Audience, Caller},
    vault_deleted, vault_pages, vault_write,
    workspaces::tags_json,
    world::{Secret, Vault, Version, store::Access},
};

/// The requests that the throttled vault has refused, and when it was last asked.
#[derive(Debug, Default)]
pub(crate) struct Burst {
    refused: u32,
    last: Option<Moment>,
}

/// A pause this long ends a burst.
const BURST_ENDS: Moment = 20 * SECOND;

/// Versions of the data plane that exist.
const VERSIONS: [&str; 13] = [
    "2016-10-01",
    "7.0",
    "7.1",
    "7.2",
    "7.3",
    "7.4",
    "7.5",
    "7.6",
    "7.6-preview.2",
    "2025-06-01-preview",
    "2025-07-01",
    "2026-03-01-preview",
    "2026-04-01",
];

/// `None` where there is no such vault: its name then has no address either.
pub(crate) fn answer(state: &mut State, name: &str, ask: &Ask, now: Moment) -> Option<Answer> {
    state.world.vault(name)?;
    Some(
        admitted(state, name, ask, now)
            .map(|reply| stamped(state, name, reply))
            .map_err(|refusal| stamped(state, name, refusal)),
    )
}

fn stamped(state: &State, name: &str, reply: Reply) -> Reply {
    let region = state.world.vault(name).map(|vault| vault.region.clone()).unwrap_or_default();
    reply
        .header("cache-control", "no-cache")
        .header("x-ms-keyvault-region", region)
        .header("x-ms-keyvault-service-version", "1.9.3000.1")
        .header("strict-transport-security", "max-age=31536000;includeSubDomains")
}

fn admitted(state: &mut State, name: &str, ask: &Ask, now: Moment) -> Answer {
    let Some(vault) = state.world.vault(name) else { return Err(Reply::empty(404)) };
    let caller = admit(vault, ask, now)?;
    let username = state.world.person(&caller.object_id).map(|person| person.username.as_str()).unwrap_or_default();
    if let Some(claims) = state.desk.wishes_of(&caller, username) {
        let words = "AKV10095: Continuous access evaluation resulted in a claims challenge.";
        let header =
            format!("{}, error=\"insufficient_claims\", claims=\"{}\"", challenge(vault), seed::base64(claims));
        return Err(Reply::error(401, "Unauthorized", words).header("www-authenticate", header));
    }
    if vault.name == "kv-throttled" {
        state.burst.count(now)?;
    }
    if vault.access == Access::Firewall {
        let words = format!(
            "Client address is not authorized and caller is not a trusted service.\r\nClient address: 198.51.100.7\r\nCaller: appid={};oid={};iss={}\r\n\
             Vault: {};location={}",
            caller.app_id,
            caller.object_id,
            caller.issuer(),
            vault.name,
            vault.region
        );
        return Err(inner(403, "Forbidden", &words, "ForbiddenByFirewall"));
    }
    if vault.access == Access::Private {
        let words = "Public network access is disabled and request is not from a trusted service nor via an approved private link.";
        return Err(inner(403, "Forbidden", words, "ForbiddenByConnection"));
    }
    match ask.query("api-version") {
        None => return Err(Reply::error(400, "BadParameter", "api-version must be specified")),
        Some(version) if !VERSIONS.contains(&version) => {
            let words = format!(
                "The specified version ({version}) is not recognized. Consider using the latest supported version (2026-04-01)."
            );
            return Err(Reply::error(400, "BadParameter", &words));
        }
        Some(_) => {}
    }
    route(state, name, ask, &caller, now)
}

fn route(state: &mut State, name: &str, ask: &Ask, caller: &Caller, now: Moment) -> Answer {
    let slow = state.settles;
    let user = state.world.person(&caller.object_id).is_some_and(super::world::Person::is_user);
    let Some(vault) = state.world.vault_mut(name) else { return Err(Reply::empty(404)) };
    vault.sweep(now);
    let pieces = ask.pieces();
    if let [_, named, ..] = pieces.as_slice()
        && !is_name(named)
    {
        return Err(Reply::error(400, "BadParameter", &format!("The request URI contains an invalid name: {named}")));
    }
    let may = |action: Action, vault: &Vault| permit(vault, caller, user, action, pieces.get(1).copied());
    match (ask.method, pieces.as_slice()) {
        ("GET", ["secrets"]) => may(Action::List, vault).and_then(|()| vault_pages::secrets(vault, ask, now)),
        ("POST", ["secrets", "restore"]) => {
            may(Action::Restore, vault).and_then(|()| vault_deleted::restore(vault, ask, now))
        }
        ("POST", ["secrets", secret, "backup"]) => {
            may(Action::Backup, vault).and_then(|()| vault_deleted::backup(vault, secret, now))
        }
        ("GET", ["secrets", secret, "versions"]) => {
            may(Action::List, vault).and_then(|()| vault_pages::versions(vault, secret, ask, now))
        }
        ("GET", ["secrets", secret]) => may(Action::Get, vault).and_then(|()| get(vault, secret, None, now)),
        ("GET", ["secrets", secret, version]) => {
            may(Action::Get, vault).and_then(|()| get(vault, secret, Some(version), now))
        }
        ("PUT", ["secrets", secret]) => {
            may(Action::Set, vault).and_then(|()| vault_write::set(vault, secret, ask, now))
        }
        ("PATCH", ["secrets", secret]) => {
            may(Action::Update, vault).and_then(|()| vault_write::update(vault, secret, None, ask, now))
        }
        ("PATCH", ["secrets", secret, version]) => {
            may(Action::Update, vault).and_then(|()| vault_write::update(vault, secret, Some(version), ask, now))
        }
        ("DELETE", ["secrets", secret]) => {
            may(Action::Delete, vault).and_then(|()| vault_deleted::delete(vault, secret, slow, now))
        }
        ("GET", ["deletedsecrets"]) => may(Action::List, vault).and_then(|()| vault_pages::deleted(vault, ask, now)),
        ("GET", ["deletedsecrets", secret]) => {
            may(Action::Get, vault).and_then(|()| vault_deleted::get(vault, secret, now))
        }
        ("DELETE", ["deletedsecrets", secret]) => {
            may(Action::Purge, vault).and_then(|()| vault_deleted::purge(vault, secret, slow, now))
        }
        ("POST", ["deletedsecrets", secret, "recover"]) => {
            may(Action::Recover, vault).and_then(|()| vault_deleted::recover(vault, secret, slow, now))
        }
        ("GET" | "POST" | "PUT" | "PATCH" | "DELETE", ["secrets" | "deletedsecrets", ..]) => {
            Err(Reply::error(405, "MethodNotAllowed", "Method is not allowed."))
        }
        _ => Err(Reply::error(404, "NotFound", "The requested resource was not found.")),
    }
}

/// Names are checked before anything is looked up.
fn is_name(name: &str) -> bool {
    (1..=127).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn challenge(vault: &Vault) -> String {
    let tenant = &vault.tenant;
    format!("Bearer authorization=\"https://login.microsoftonline.com/{tenant}\", resource=\"https://vault.azure.net\"")
}

fn admit(vault: &Vault, ask: &Ask, now: Moment) -> Result<Caller, Reply> {
    let refuse = |words: &str| Reply::error(401, "Unauthorized", words).header("www-authenticate", challenge(vault));
    let Some(bearer) = &ask.bearer else {
        return Err(refuse("AKV10000: Request is missing a Bearer or PoP token."));
    };
    let Some(caller) = Caller::read(bearer) else {
        return Err(refuse("AKV10013: Error validating token: the signature is invalid."));
    };
    if caller.audience != Audience::Vault {
        return Err(refuse(&format!(
            "AKV10022: Invalid audience. Expected https://vault.azure.net, found: {}.",
            caller.aud
        )));
    }
    if caller.tenant != vault.tenant {
        let words = format!(
            "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/{}/, found {}.",
            vault.tenant,
            caller.issuer()
        );
        return Err(refuse(&words));
    }
    if caller.expires <= epoch(now) {
        return Err(refuse("AKV10001: Error validating token: the token has expired."));
    }
    Ok(caller)
}

impl Burst {
    /// The first two requests of a burst are told to come back.
    fn count(&mut self, now: Moment) -> Result<(), Reply> {
        if self.last.replace(now).is_none_or(|last| now - last > BURST_ENDS) {
            self.refused = 0;
        }
        if self.refused < 2 {
            self.refused += 1;
            return Err(inner(429, "Throttled", "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached", "VaultRequestTypeLimitReached")
                .header("retry-after", "2"));
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    List,
    Get,
    Set,
    Update,
    Delete,
    Backup,
    Restore,
    Recover,
    Purge,
}

impl Action {
    /// What a role grants, and what an access policy calls the same.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::List => ("readMetadata/action", "list"),
            Self::Get => ("getSecret/action", "get"),
            Self::Set => ("setSecret/action", "set"),
            Self::Update => ("update/action", "set"),
            Self::Delete => ("delete", "delete"),
            Self::Backup => ("backup/action", "backup"),
            Self::Restore => ("restore/action", "restore"),
            Self::Recover => ("recover/action", "recover"),
            Self::Purge => ("purge/action", "purge"),
        }
    }
}

fn permit(vault: &Vault, caller: &Caller, user: bool, action: Action, secret: Option<&str>) -> Result<(), Reply> {
    let allowed = match vault.access {
        Access::NoPolicy | Access::Firewall | Access::Private => false,
        Access::NoListing => matches!(action, Action::Get | Action::Set | Action::Update),
        // The principal is a Key Vault Secrets Officer in the sandbox, and elsewhere a Secrets User: it reads.
        Access::Open => user || vault.group == "rg-sandbox" || matches!(action, Action::Get | Action::List),
    };
    if allowed {
        return Ok(());
    }
    let (role, policy) = action.words();
    let (app, oid, issuer) = (&caller.app_id, &caller.object_id, caller.issuer());
    let (name, region) = (&vault.name, &vault.region);
    if vault.access == Access::NoPolicy {
        let words = format!(
            "The user, group or application 'appid={app};oid={oid};numgroups=3;iss={issuer}' does not have secrets {policy} permission on \
             key vault '{name};location={region}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"
        );
        return Err(inner(403, "Forbidden", &words, "ForbiddenByPolicy"));
    }
    let mut resource = format!(
        "/subscriptions/{}/resourcegroups/{}/providers/microsoft.keyvault/vaults/{}",
        vault.subscription, vault.group, name
    )
    .to_ascii_lowercase();
    if let Some(secret) = secret {
        resource = format!("{resource}/secrets/{secret}");
    }
    let words = format!(
        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed \
         recently, please observe propagation time.\r\nCaller: appid={app};oid={oid};iss={issuer}\r\n\
         Action: 'Microsoft.KeyVault/vaults/secrets/{role}'\r\nResource: '{resource}'\r\nAssignment: (not found)\r\n\
         DenyAssignmentId: null\r\nDecisionReason: null \r\nVault: {name};location={region}\r\n"
    );
    Err(inner(403, "Forbidden", &words, "ForbiddenByRbac"))
}

/// An error with the code that says more.
pub(crate) fn inner(status: u16, code: &str, words: &str, inner: &str) -> Reply {
    Reply::json(status, &json!({"error": {"code": code, "message": words, "innererror": {"code": inner}}}))
}

/// What a name that is not there gets.
pub(crate) fn not_found(name: &str) -> Reply {
    let words = format!(
        "A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may be able to recover it \
         using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"
    );
    Reply::error(404, "SecretNotFound", &words)
}

fn get(vault: &Vault, name: &str, version: Option<&str>, now: Moment) -> Answer {
    let secret = vault.get(name).filter(|secret| secret.hidden_until <= now).ok_or_else(|| not_found(name))?;
    let found = pick(&secret, version).ok_or_else(|| not_found(&format!("{name}/{}", version.unwrap_or_default())))?;
    if !found.enabled {
        return Err(inner(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled"));
    }
    let mut body = json!({"value": found.value});
    merge(&mut body, bundle(vault, &secret, found, true));
    Ok(Reply::ok(&body))
}

/// A version by its id, or the newest.
pub(crate) fn pick<'a>(secret: &'a Secret, version: Option<&str>) -> Option<&'a Version> {
    match version {
        None => secret.newest(),
        Some(id) => secret.versions.iter().find(|one| one.id.eq_ignore_ascii_case(id)),
    }
}

/// Everything about a version but its value. Lists of secrets leave the version out of the id.
pub(crate) fn bundle(vault: &Vault, secret: &Secret, version: &Version, whole_id: bool) -> Value {
    let mut id = format!("{}/secrets/{}", vault.uri(), secret.name);
    if whole_id {
        id = format!("{id}/{}", version.id);
    }
    let mut body = json!({});
    if let Some(kind) = &version.content_type {
        body["contentType"] = json!(kind);
    }
    body["id"] = json!(id);
    if secret.managed {
        body["managed"] = json!(true);
        if whole_id {
            body["kid"] = json!(format!("{}/keys/{}/{}", vault.uri(), secret.name, version.id));
        }
    }
    let mut attributes = json!({"enabled": version.enabled});
    for (name, moment) in [("nbf", version.not_before), ("exp", version.expires)] {
        if let Some(moment) = moment {
            attributes[name] = json!(epoch(moment));
        }
    }
    attributes["created"] = json!(epoch(version.created));
    attributes["updated"] = json!(epoch(version.updated));
    attributes["recoveryLevel"] =
        json!(if vault.retention == 90 { "Recoverable+Purgeable" } else { "CustomizedRecoverable+Purgeable" });
    attributes["recoverableDays"] = json!(vault.retention);
    body["attributes"] = attributes;
    if !version.tags.is_empty() {
        body["tags"] = tags_json(&version.tags);
    }
    body
}

pub(crate) fn merge(body: &mut Value, more: Value) {
    if let (Value::Object(body), Value::Object(more)) = (body, more) {
        body.extend(more);
    }
}
