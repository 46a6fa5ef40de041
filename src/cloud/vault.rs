//! Key Vault: names in lists, one value when it is asked for. Lists never carry values; what carries one says so to the wire.

mod body;
mod bundle;
mod change;
mod come_back;
mod limits;
mod set;

use std::collections::HashSet;

use azure_core::http::Method;
use url::Url;

use crate::domain::{DeletedSecret, Failure, Kind, Secret, SecretName, SecretValue, SecretVersion, Untrusted, Vault};

use super::arm::{Place, shown};
use super::loose::Listed;
use super::wire::{Call, Reply};
use super::{Audience, Cloud, Each, News};

use bundle::Bundle;
use change::{POLL, POLLS};

/// The one version that works everywhere (azure-rest.md 6.2).
const VERSION: &str = "api-version=7.4";

/// Items of a page: the most Key Vault gives.
const PAGE: &str = "api-version=7.4&maxresults=25";

/// What Azure's roles call listing and reading.
const LIST: &str = "readMetadata/action";
const GET: &str = "getSecret/action";

/// What is being done to a secret: `reveal db-password in kv-demo`.
fn doing(verb: &str, name: &SecretName, vault: &Vault) -> String {
    format!("{verb} {name} in {}", shown(&vault.name))
}

/// A call below a vault's address. `pieces` are constants, checked names and checked versions.
fn call(vault: &Vault, method: Method, pieces: &[&str], query: &str, doing: &str) -> Result<Call, Failure> {
    let mut url: Url = vault.url.clone();
    let Ok(mut path) = url.path_segments_mut() else {
        return Err(Failure::misused(doing.to_owned(), "the vault has no usable address"));
    };
    path.clear().extend(pieces);
    drop(path);
    url.set_query(Some(query));
    Ok(Call {
        who: Some(vault.who.clone()),
        audience: Audience::Vault,
        method,
        url,
        body: None,
        doing: doing.to_owned().into(),
        carries_value: false,
    })
}

/// The last piece of a secret's address: a version, or nothing, with which Key Vault takes the newest.
fn piece<'a>(version: Option<&'a Untrusted>, doing: &str) -> Result<&'a str, Failure> {
    let Some(version) = version else { return Ok("") };
    let text = version.raw();
    let fits = (1..=127).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { Ok(text) } else { Err(Failure::misused(doing.to_owned(), "that is no version of a secret")) }
}

impl Cloud {
    /// All secrets of a vault, page by page; none twice, in the vault's order.
    pub async fn secrets(&self, vault: &Vault, each: Each<'_, Secret>) -> Result<(), Failure> {
        if let Some(run) = self.run_at(vault) {
            return self.secrets_of_run(run, vault, each).await;
        }
        let doing = format!("list the secrets of {}", shown(&vault.name));
        let call = call(vault, Method::Get, &["secrets"], PAGE, &doing)?;
        let mut seen = HashSet::new();
        let mut page = |items: Vec<Bundle>| {
            hand_on(items.into_iter().map(Bundle::secret).filter(|secret| seen.insert(folded(&secret.name))), each);
        };
        self.at_vault(vault, LIST, self.wire.pages::<Listed<Bundle>>(call, &mut page).await)
    }

    /// A secret with its value; the newest version unless one is named. Exactly one request.
    pub async fn reveal(
        &self,
        vault: &Vault,
        name: &SecretName,
        version: Option<&Untrusted>,
    ) -> Result<SecretValue, Failure> {
        if let Some(run) = self.run_at(vault) {
            return self.reveal_in_run(run, vault, name, version).await;
        }
        let doing = doing("reveal", name, vault);
        let mut call = call(vault, Method::Get, &["secrets", name.as_str(), piece(version, &doing)?], VERSION, &doing)?;
        call.carries_value = true;
        let answer = self.at_vault(vault, GET, self.wire.read(call).await);
        let mut bundle: Bundle = answer.map_err(|failure| no_such_version(failure, version))?.json()?;
        let value = bundle.value.take();
        let value = value.ok_or_else(|| Failure::new(Kind::Failed, doing, "the vault's answer has no value in it"))?;
        Ok(SecretValue { secret: bundle.secret(), value })
    }

    /// A secret's versions, newest first. An unknown name is [`Kind::NotFound`] (Key Vault itself says `200 []`).
    pub async fn versions(&self, vault: &Vault, name: &SecretName) -> Result<Vec<SecretVersion>, Failure> {
        let doing = doing("list the versions of", name, vault);
        let versions = self.look(vault, name, &doing).await?;
        if versions.is_empty() {
            let hint = "see whether it is among the deleted ones: those can be recovered";
            return Err(Failure::new(Kind::NotFound, doing, "there is no secret of that name").hint(hint));
        }
        Ok(versions)
    }

    /// Deleted secrets that can still come back; none twice.
    pub async fn deleted_secrets(&self, vault: &Vault, each: Each<'_, DeletedSecret>) -> Result<(), Failure> {
        let doing = format!("list the deleted secrets of {}", shown(&vault.name));
        let call = call(vault, Method::Get, &["deletedsecrets"], PAGE, &doing)?;
        let mut seen = HashSet::new();
        let mut page = |items: Vec<Bundle>| {
            hand_on(items.into_iter().map(Bundle::deleted).filter(|gone| seen.insert(folded(&gone.secret.name))), each);
        };
        self.at_vault(vault, LIST, self.wire.pages::<Listed<Bundle>>(call, &mut page).await)
    }

    /// A secret's versions, newest first; of an unknown name none. No value is fetched.
    async fn look(&self, vault: &Vault, name: &SecretName, doing: &str) -> Result<Vec<SecretVersion>, Failure> {
        let call = call(vault, Method::Get, &["secrets", name.as_str(), "versions"], PAGE, doing)?;
        let mut found: Vec<Secret> = Vec::new();
        let mut page = |items: Vec<Bundle>| found.extend(items.into_iter().map(Bundle::secret));
        self.at_vault(vault, LIST, self.wire.pages::<Listed<Bundle>>(call, &mut page).await)?;
        let mut seen = HashSet::new();
        found.retain(|secret| seen.insert(secret.version.clone()));
        Ok(in_order(found))
    }

    /// A call's result, with what is known of the vault added to a refusal.
    fn at_vault<T>(&self, vault: &Vault, action: &str, result: Result<T, Failure>) -> Result<T, Failure> {
        result.map_err(|failure| self.placed(failure, &Place::vault(vault, action)))
    }

    /// Sends a change to a vault, once.
    async fn send(&self, vault: &Vault, action: &str, call: Call) -> Result<Reply, Failure> {
        self.at_vault(vault, action, self.wire.write(call).await)
    }

    /// The same, after waiting for a deletion or recovery of the same secret that is on its way: the vault says then that
    /// nothing was done.
    async fn change(&self, vault: &Vault, action: &str, call: Call) -> Result<Reply, Failure> {
        for _ in 0..POLLS {
            match self.send(vault, action, call.clone()).await {
                Err(failure) if is_on_its_way(&failure) => self.wait_for_vault().await,
                other => return other,
            }
        }
        self.send(vault, action, call).await
    }

    /// Until the vault may have ended what it is busy with.
    async fn wait_for_vault(&self) {
        self.wire.tell(News::Busy);
        tokio::time::sleep(POLL).await;
    }
}

/// A version that is not there is told apart from a secret that is not: the vault has one answer for both.
fn no_such_version(failure: Failure, version: Option<&Untrusted>) -> Failure {
    match (&failure.kind, version) {
        (Kind::NotFound, Some(version)) => Failure {
            cause: format!("there is no version {} of it in this vault", version.show()),
            hint: Some("look at its versions anew: v".into()),
            ..failure
        },
        _ => failure,
    }
}

/// Whether the vault is still busy with an earlier change to the same secret.
fn is_on_its_way(failure: &Failure) -> bool {
    let code = failure.azure.as_ref().map_or("", |azure| azure.code.raw());
    ["ObjectIsBeingDeleted", "ObjectIsBeingRecovered"].iter().any(|busy| busy.eq_ignore_ascii_case(code))
}

/// Newest first. Key Vault gives versions in the order of their random ids and counts whole seconds: within one second their
/// order is as given, and said to be a guess.
fn in_order(mut found: Vec<Secret>) -> Vec<SecretVersion> {
    found.sort_by_key(|secret| std::cmp::Reverse(secret.attributes.created));
    let created: Vec<_> = found.iter().map(|secret| secret.attributes.created).collect();
    let twice = |n: usize| created.iter().filter(|at| **at == created[n]).count() > 1;
    let versions = found.into_iter().enumerate();
    versions.map(|(n, secret)| SecretVersion { secret, current: n == 0, same_second: twice(n) }).collect()
}

/// Key Vault's names differ in case only for the eye.
fn folded(name: &Untrusted) -> String {
    name.raw().to_ascii_lowercase()
}

fn hand_on<T>(found: impl Iterator<Item = T>, each: Each<'_, T>) {
    let fresh: Vec<T> = found.collect();
    if !fresh.is_empty() {
        each(fresh);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Attributes, Moment};

    fn version(id: &str, created: i64) -> Secret {
        let created = Moment::from_second(created).ok();
        Secret {
            name: Untrusted::from("s"),
            version: Some(Untrusted::from(id)),
            attributes: Attributes { enabled: true, created, ..Attributes::default() },
            content_type: None,
            tags: Vec::new(),
            managed: false,
            key_id: None,
        }
    }

    #[test]
    fn versions_are_ordered_by_time_and_a_tie_is_named() {
        let versions = in_order(vec![version("0a", 5), version("1b", 9), version("2c", 7), version("3d", 9)]);
        let shown: Vec<_> = versions
            .iter()
            .map(|v| (v.secret.version.as_ref().map_or("", Untrusted::raw), v.current, v.same_second))
            .collect();
        assert_eq!(shown, [("1b", true, true), ("3d", false, true), ("2c", false, false), ("0a", false, false)]);
    }

    #[test]
    fn a_version_cannot_leave_its_place() {
        for bad in ["", "..", "a/b", "a?b", "a b", "a%2f"] {
            assert!(piece(Some(&Untrusted::from(bad)), "reveal it").is_err(), "{bad}");
        }
        assert_eq!(piece(None, "reveal it").as_deref(), Ok(""));
    }
}
