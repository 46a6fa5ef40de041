//! Changes beside a value, and deletion. Each is sent once; after a lost answer the vault is looked at and what is true is said.

use std::time::Duration;

use azure_core::http::Method;

use crate::domain::{Changes, DeletedSecret, Failure, Kind, Secret, SecretName, SecretVersion, Untrusted, Vault};

use crate::cloud::{Cloud, News};

use super::bundle::Bundle;
use super::{VERSION, body, call, doing, limits, piece};

/// How often and how long something is waited for that a vault does in its own time.
pub(super) const POLL: Duration = Duration::from_secs(2);

/// Polls until that is given up: 30 s.
pub(super) const POLLS: usize = 15;

/// Looks after a lost answer, two seconds apart.
const LOOKS: usize = 3;

impl Cloud {
    /// Changes what is kept beside a value, of the newest version unless one is named.
    pub async fn update_secret(
        &self,
        vault: &Vault,
        name: &SecretName,
        version: Option<&Untrusted>,
        changes: Changes,
    ) -> Result<Secret, Failure> {
        let doing = doing("change", name, vault);
        if changes == Changes::default() {
            return Err(Failure::misused(doing, "there is nothing to change"));
        }
        limits::content_type(changes.content_type.as_ref(), &doing)?;
        limits::tags(changes.tags.as_ref(), &doing)?;
        let mut patch =
            call(vault, Method::Patch, &["secrets", name.as_str(), piece(version, &doing)?], VERSION, &doing)?;
        patch.body = Some(body::update(&changes));
        let lost = match self.change(vault, "update/action", patch).await {
            Ok(reply) => match reply.json::<Bundle>() {
                Ok(bundle) => return Ok(bundle.secret()),
                Err(failure) => Failure { kind: Kind::Unknown, ..failure },
            },
            Err(failure) if failure.kind == Kind::Unknown => failure,
            Err(failure) => return Err(failure),
        };
        self.wire.tell(News::Lost);
        let is_it =
            |one: &SecretVersion| version.map_or(one.current, |version| one.secret.version.as_ref() == Some(version));
        for _ in 0..LOOKS {
            // Not at once: a list may be a moment behind.
            tokio::time::sleep(POLL).await;
            let Ok(versions) = self.look(vault, name, &doing).await else { continue };
            let found = versions.into_iter().find(is_it).map(|one| one.secret);
            if let Some(secret) = found.filter(|secret| body::holds(secret, &changes)) {
                return Ok(secret);
            }
        }
        Err(lost.hint("look at it, and change it again where it is not as wanted: doing it twice does no harm"))
    }

    /// Deletes a secret with all its versions; it can be recovered while the vault remembers it.
    pub async fn delete_secret(&self, vault: &Vault, name: &SecretName) -> Result<DeletedSecret, Failure> {
        let doing = doing("delete", name, vault);
        let delete = call(vault, Method::Delete, &["secrets", name.as_str()], VERSION, &doing)?;
        let (lost, said) = match self.change(vault, "delete", delete).await {
            Ok(reply) => match reply.json::<Bundle>() {
                Ok(bundle) => return Ok(bundle.deleted()),
                // It was said to be done, and not seen what.
                Err(failure) => (Failure { kind: Kind::Unknown, ..failure }, true),
            },
            Err(failure) if failure.kind == Kind::Unknown => (failure, false),
            Err(failure) => return Err(failure),
        };
        self.wire.tell(News::Lost);
        let mut there = None;
        for look in 0..POLLS {
            if look > 0 {
                tokio::time::sleep(POLL).await;
            }
            // It leaves the list at once and comes to the deleted ones seconds later.
            match self.deleted_secret(vault, name, &doing).await {
                Ok(deleted) => return Ok(deleted),
                Err(failure) if failure.kind == Kind::NotFound || matches!(failure.kind, Kind::Forbidden(_)) => {}
                Err(_) => continue,
            }
            there = self.look(vault, name, &doing).await.ok().map(|versions| !versions.is_empty()).or(there);
            if there == Some(true) && look >= LOOKS {
                break;
            }
        }
        match there {
            Some(true) if said => {
                Err(lost.hint("the secret is there: somebody may have brought it back; look before deleting it again"))
            }
            Some(true) => {
                let cause = "the answer was lost, and the secret is still there: it was not deleted";
                Err(Failure { azure: lost.azure, ..Failure::new(Kind::Offline, doing, cause).hint("delete it again") })
            }
            // Gone from the list; what the vault keeps of it may not be shown to us.
            Some(false) => Ok(DeletedSecret { secret: bare(name), deleted: None, purged: None, recovery_id: None }),
            None => Err(lost.hint("look whether it is still there before deleting it again")),
        }
    }

    /// Forgets a deleted secret for good.
    pub async fn purge_secret(&self, vault: &Vault, name: &SecretName) -> Result<(), Failure> {
        let doing = doing("purge", name, vault);
        let purge = call(vault, Method::Delete, &["deletedsecrets", name.as_str()], VERSION, &doing)?;
        let lost = match self.change(vault, "purge/action", purge).await {
            Ok(_) => return Ok(()),
            Err(failure) if failure.kind == Kind::Unknown => failure,
            Err(failure) => return Err(failure),
        };
        self.wire.tell(News::Lost);
        let mut there = false;
        for _ in 0..LOOKS {
            match self.deleted_secret(vault, name, &doing).await {
                Err(failure) if failure.kind == Kind::NotFound => return Ok(()),
                result => there = result.is_ok(),
            }
            tokio::time::sleep(POLL).await;
        }
        if there {
            let cause = "the answer was lost, and the secret is still among the deleted ones: it was not purged";
            return Err(Failure {
                azure: lost.azure,
                ..Failure::new(Kind::Offline, doing, cause).hint("purge it again")
            });
        }
        Err(lost.hint("look whether it is still among the deleted ones"))
    }

    /// One deleted secret.
    async fn deleted_secret(&self, vault: &Vault, name: &SecretName, doing: &str) -> Result<DeletedSecret, Failure> {
        let call = call(vault, Method::Get, &["deletedsecrets", name.as_str()], VERSION, doing)?;
        Ok(self.at_vault(vault, super::GET, self.wire.read(call).await)?.json::<Bundle>()?.deleted())
    }
}

/// A secret of which nothing is known but its name.
pub(super) fn bare(name: &SecretName) -> Secret {
    Secret {
        name: Untrusted::from(name.as_str()),
        version: None,
        attributes: crate::domain::Attributes { enabled: true, ..Default::default() },
        content_type: None,
        tags: Vec::new(),
        managed: false,
        key_id: None,
    }
}
