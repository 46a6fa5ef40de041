//! Recovering what was deleted, and backups: the vault's own sealed blobs.

use azure_core::http::Method;
use serde::Deserialize;

use crate::domain::{Failure, Kind, Sealed, Secret, SecretName, Vault};

use crate::cloud::{Cloud, News, arm::shown};

use super::bundle::Bundle;
use super::change::{POLL, POLLS, bare};
use super::{VERSION, body, call, doing};

#[derive(Deserialize)]
struct Blob {
    value: Sealed,
}

impl Cloud {
    /// Brings a deleted secret back, and waits until it is readable again.
    pub async fn recover_secret(&self, vault: &Vault, name: &SecretName) -> Result<Secret, Failure> {
        let doing = doing("recover", name, vault);
        let recover = call(vault, Method::Post, &["deletedsecrets", name.as_str(), "recover"], VERSION, &doing)?;
        let (told, lost) = match self.change(vault, "recover/action", recover).await {
            Ok(reply) => (reply.json::<Bundle>().ok().map(Bundle::secret), None),
            Err(failure) if failure.kind == Kind::Unknown => (None, Some(failure)),
            Err(failure) => return Err(failure),
        };
        if lost.is_some() {
            self.wire.tell(News::Lost);
        }
        for poll in 0..=POLLS {
            if poll > 0 {
                tokio::time::sleep(POLL).await;
            }
            match self.look(vault, name, &doing).await {
                Ok(versions) => {
                    if let Some(version) = versions.into_iter().next() {
                        return Ok(version.secret);
                    }
                }
                // Who may recover but not look cannot wait for it: Azure's own clients take that for done, too.
                Err(failure) if matches!(failure.kind, Kind::Forbidden(_)) && lost.is_none() => {
                    return Ok(told.unwrap_or_else(|| bare(name)));
                }
                Err(_) => {}
            }
        }
        Err(lost.map_or_else(
            || {
                let cause = "the vault took the request, but the secret is not readable after 30 s";
                Failure::new(Kind::TryLater(None), doing, cause)
                    .hint("look again in a minute; there is nothing more to do")
            },
            |lost| lost.hint("look whether it is back; recovering it twice does no harm"),
        ))
    }

    /// A secret with all its versions as the vault's own sealed blob (base64url).
    pub async fn backup_secret(&self, vault: &Vault, name: &SecretName) -> Result<Sealed, Failure> {
        let doing = doing("back up", name, vault);
        let mut call = call(vault, Method::Post, &["secrets", name.as_str(), "backup"], VERSION, &doing)?;
        call.carries_value = true;
        Ok(self.at_vault(vault, "backup/action", self.wire.read(call).await)?.json::<Blob>()?.value)
    }

    /// Puts a backup back.
    pub async fn restore_secret(&self, vault: &Vault, blob: Sealed) -> Result<Secret, Failure> {
        let doing = format!("restore a secret to {}", shown(&vault.name));
        let mut call = call(vault, Method::Post, &["secrets", "restore"], VERSION, &doing)?;
        call.body = Some(body::restore(&blob, &doing)?);
        call.carries_value = true;
        let written = match self.change(vault, "restore/action", call).await {
            Ok(reply) => reply.json::<Bundle>().map_err(|failure| Failure { kind: Kind::Unknown, ..failure }),
            Err(failure) => Err(failure),
        };
        written.map(Bundle::secret).map_err(|failure| match failure.kind {
            // The blob does not tell its name to anybody but the vault: there is nothing we could look for.
            Kind::Unknown => failure.hint("look whether it is there; restoring it again is refused where it is"),
            _ => failure,
        })
    }
}
