//! Refusals: who may not do what, and which roles or permissions would do, the smallest first.

use crate::domain::{Denied, Failure, Guard, Kind, RoleAdvice, Untrusted};

use super::{Context, Said};

const fn role(role: &'static str, gives: &'static str) -> RoleAdvice {
    RoleAdvice { role, gives }
}

const READER: RoleAdvice = role("Key Vault Reader", "names only");
const SECRETS_USER: RoleAdvice = role("Key Vault Secrets User", "names and values");
const SECRETS_OFFICER: RoleAdvice = role("Key Vault Secrets Officer", "everything with secrets");
const ML_READER: RoleAdvice = role("Reader", "sees the workspace and its endpoints, no keys");
const SCIENTIST: RoleAdvice = role("AzureML Data Scientist", "endpoints with their keys");
const CONTRIBUTOR: RoleAdvice = role("Contributor", "everything but granting access");
const VAULT_READER: RoleAdvice = role("Key Vault Reader", "sees the vault itself");

/// Which roles allow an action of Azure's; empty where amlock does not know.
pub(crate) fn advice(action: &str) -> Vec<RoleAdvice> {
    let action = action.to_ascii_lowercase();
    let tail = |head: &str| action.strip_prefix(head).map(str::to_owned);
    if let Some(verb) = tail("microsoft.keyvault/vaults/secrets/") {
        return match verb.as_str() {
            "readmetadata/action" => vec![READER, SECRETS_USER, SECRETS_OFFICER],
            "getsecret/action" => vec![SECRETS_USER, SECRETS_OFFICER],
            _ => vec![SECRETS_OFFICER],
        };
    }
    if tail("microsoft.keyvault/").is_some() {
        return if action.ends_with("/read") { vec![VAULT_READER, CONTRIBUTOR] } else { vec![CONTRIBUTOR] };
    }
    if tail("microsoft.machinelearningservices/").is_some() {
        return if action.ends_with("/read") { vec![ML_READER, SCIENTIST] } else { vec![SCIENTIST, CONTRIBUTOR] };
    }
    Vec::new()
}

/// Which permission of an access policy a refused operation lacks.
fn permission(word: &str) -> Option<RoleAdvice> {
    Some(match word {
        "get" => role("secret permission Get", "values"),
        "list" => role("secret permission List", "names only"),
        "set" => role("secret permission Set", "new values and attributes"),
        "delete" => role("secret permission Delete", "deleting"),
        "recover" => role("secret permission Recover", "bringing deleted ones back"),
        "purge" => role("secret permission Purge", "forgetting deleted ones for good"),
        "backup" => role("secret permission Backup", "taking a sealed copy"),
        "restore" => role("secret permission Restore", "putting a sealed copy back"),
        _ => return None,
    })
}

/// What stands after `head` up to one of `ends`.
fn after<'a>(text: &'a str, head: &str, ends: &[char]) -> Option<&'a str> {
    let rest = text.get(text.find(head)? + head.len()..)?;
    let found = rest.split(|c: char| ends.contains(&c)).next()?.trim();
    (!found.is_empty()).then_some(found)
}

/// A refusal of Key Vault.
pub(super) fn vault(context: &Context<'_>, said: &Said, guard: Guard) -> Failure {
    const ENDS: &[char] = &['\'', ';', '\r', '\n', ','];
    let message = said.message.as_str();
    let action = after(message, "Action: '", ENDS);
    let roles = match guard {
        Guard::Role => action.map_or_else(Vec::new, advice),
        Guard::Policy => after(message, "does not have secrets ", &[' ']).and_then(permission).into_iter().collect(),
        Guard::Firewall | Guard::PrivateLink => Vec::new(),
    };
    let denied = Denied {
        who: None,
        object_id: after(message, "oid=", ENDS).map(Untrusted::from),
        may_not: context.doing.to_owned(),
        action: action.map(Untrusted::from),
        resource: after(message, "Vault: ", ENDS)
            .or_else(|| after(message, "on key vault '", ENDS))
            .unwrap_or_default()
            .into(),
        resource_group: None,
        subscription: None,
        guard,
        roles,
    };
    let (cause, hint) = match guard {
        Guard::Role => ("no role of this account allows it".to_owned(), "ask for one of the roles that do"),
        Guard::Policy => {
            ("the vault's access policies do not allow it".to_owned(), "ask for the permission in an access policy")
        }
        Guard::Firewall => (
            match after(message, "Client address: ", ENDS) {
                Some(address) => format!("the vault's firewall does not let {address} in"),
                None => "the vault's firewall does not let this address in".to_owned(),
            },
            "connect from an allowed network, or ask to add the address",
        ),
        Guard::PrivateLink => {
            ("the vault is reached by private link only".to_owned(), "connect through the vault's private network")
        }
    };
    Failure::new(Kind::Forbidden(Box::new(denied)), context.doing.to_owned(), cause).hint(hint)
}

/// A refusal of Azure Resource Manager, which names action and scope in its message.
pub(super) fn general(context: &Context<'_>, said: &Said) -> Failure {
    let message = said.message.as_str();
    let action = after(message, "to perform action '", &['\'']).or_else(|| after(message, "action '", &['\'']));
    let denied = Denied {
        who: after(message, "The client '", &['\'']).map(Untrusted::from),
        object_id: after(message, "with object id '", &['\'']).map(Untrusted::from),
        may_not: context.doing.to_owned(),
        action: action.map(Untrusted::from),
        resource: after(message, "over scope '", &['\'']).unwrap_or_default().into(),
        resource_group: None,
        subscription: None,
        guard: Guard::Role,
        roles: action.map_or_else(Vec::new, advice),
    };
    Failure::new(Kind::Forbidden(Box::new(denied)), context.doing.to_owned(), "no role of this account allows it")
        .hint("ask for one of the roles that do; new roles take some minutes to work")
}
