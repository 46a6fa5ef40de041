//! Key Vault's errors in words.

use crate::domain::{Failure, Guard, Kind};

use super::{Context, Said, denied, first_line};

/// The words for an error of Key Vault's data plane; `None` where it says nothing of its own.
pub(super) fn failure(context: &Context<'_>, said: &Said, status: u16) -> Option<Failure> {
    let new = |kind, words: &str| Failure::new(kind, context.doing.to_owned(), words);
    Some(match status {
        401 if said.mentions("AKV10032") || said.mentions("Invalid issuer") => {
            new(Kind::SignedOut, "the vault belongs to another tenant").hint("choose the tenant of the vault")
        }
        403 if said.has("SecretDisabled") || said.mentions("disabled secret") => {
            new(Kind::Failed, "the secret is disabled").hint("enable it to read its value")
        }
        403 if said.has("SecretManagedByKeyVault") || said.mentions("lifetime is managed by Key Vault") => {
            new(Kind::Failed, "a certificate keeps it, and it changes with that certificate only")
        }
        403 if said.mentions("not yet valid") || said.mentions("has expired") => new(Kind::Failed, line(said)),
        403 => denied::vault(context, said, guard(said)),
        404 if said.has("SecretNotFound") || said.codes.is_empty() => {
            new(Kind::NotFound, "there is no such secret in this vault")
                .hint("if it was deleted lately, it is among the deleted secrets")
        }
        404 => new(Kind::NotFound, line(said)),
        409 if said.has("ObjectIsDeletedButRecoverable") || said.mentions("deleted but recoverable") => {
            new(Kind::Conflict, "a deleted secret still holds this name").hint("recover or purge the deleted one first")
        }
        409 if said.has("ObjectIsBeingDeleted") || said.mentions("currently being deleted") => {
            new(Kind::Conflict, "the secret is still being deleted").hint("try again in a few seconds")
        }
        409 if said.has("ObjectIsBeingRecovered") || said.mentions("currently being recovered") => {
            new(Kind::Conflict, "the secret is still being recovered").hint("try again in a few seconds")
        }
        400 if said.mentions("invalid name") => new(Kind::Misused, "Key Vault does not take this name")
            .hint("a secret's name is 1 to 127 letters, digits and dashes"),
        _ => return None,
    })
}

fn line(said: &Said) -> &str {
    match first_line(&said.message) {
        "" => "Key Vault refused it",
        line => line,
    }
}

/// What says no: told by the inner code, and by the message where an older vault leaves that out.
fn guard(said: &Said) -> Guard {
    if said.has("ForbiddenByFirewall") || said.mentions("Client address") {
        Guard::Firewall
    } else if said.has("ForbiddenByConnection") || said.mentions("private link") {
        Guard::PrivateLink
    } else if said.has("ForbiddenByPolicy") || said.has("AccessDenied") || said.mentions("permission on key vault") {
        Guard::Policy
    } else {
        Guard::Role
    }
}
