//! Setting a value so that nobody is surprised (M39): look, write once, look again. Key Vault has no If-Match, so what was
//! looked at is checked before the write and not together with it; a lost answer is looked after and never sent again.

use std::time::Duration;

use azure_core::http::Method;

use crate::domain::{
    Expect, Failure, Kind, NewSecret, Overtaken, Secret, SecretVersion, SetDone, Untrusted, Vault, Zone, date,
};

use crate::cloud::{Cloud, News};

use super::bundle::Bundle;
use super::change::POLLS;
use super::{VERSION, body, call, doing, is_on_its_way, limits};

/// How long after a lost answer the versions are looked at: a vault may show a version a moment late.
const LOOKS: [Duration; 3] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(3)];

impl Cloud {
    /// Sets a value: looks, writes once, looks again (M39). Where looking is forbidden it writes all the same and says so
    /// ([`SetDone::looked`]), except with [`Expect::Version`]: a condition that cannot be checked is not met.
    pub async fn set_secret(&self, vault: &Vault, new: NewSecret, expect: Expect) -> Result<SetDone, Failure> {
        let doing = doing("set", &new.name, vault);
        limits::value(&new.value, &doing)?;
        limits::content_type(new.content_type.as_ref(), &doing)?;
        limits::tags(new.tags.as_ref(), &doing)?;
        for _ in 0..POLLS {
            match self.set_once(vault, &new, &expect, &doing).await {
                Err(failure) if is_on_its_way(&failure) => self.wait_for_vault().await,
                done => return done,
            }
        }
        self.set_once(vault, &new, &expect, &doing).await
    }

    async fn set_once(&self, vault: &Vault, new: &NewSecret, expect: &Expect, doing: &str) -> Result<SetDone, Failure> {
        let before = match self.look(vault, &new.name, doing).await {
            Ok(versions) => Some(versions),
            Err(failure) if matches!((&failure.kind, expect), (Kind::Forbidden(_), Expect::Version(_))) => {
                let hint = "the version can be checked only by who may list versions; without the check it may be set";
                return Err(failure.hint(hint));
            }
            Err(failure) if matches!(failure.kind, Kind::Forbidden(_)) => None,
            Err(failure) => return Err(failure),
        };
        if let Some(versions) = &before {
            check(versions, expect).map_err(|cause| Failure::new(Kind::Conflict, doing.to_owned(), cause))?;
        }

        let newest = before.as_ref().and_then(|versions| versions.first());
        if newest.is_some_and(|version| version.secret.managed) {
            let cause = "a certificate keeps it, and it changes with that certificate only";
            return Err(Failure::new(Kind::Failed, doing.to_owned(), cause));
        }
        let beside = body::beside(new, newest.map(|version| &version.secret), self.clock().now());
        let mut put = call(vault, Method::Put, &["secrets", new.name.as_str()], VERSION, doing)?;
        put.body = Some(body::set(&new.value, &beside, doing)?);
        put.carries_value = true;
        let sent = self.send(vault, "setSecret/action", put).await;
        let said = sent.is_ok();
        let written = match sent {
            // An answer of success that cannot be read is as good as lost: the version is there or it is not.
            Ok(reply) => reply.json::<Bundle>().map_err(|failure| Failure { kind: Kind::Unknown, ..failure }),
            Err(failure) => Err(failure),
        };
        match written {
            Ok(bundle) => Ok(self.look_again(vault, new, bundle.secret(), before.as_deref(), doing).await),
            Err(failure) if failure.kind == Kind::Unknown => {
                self.wire.tell(News::Lost);
                let settled = self.settle_set(vault, new, before.as_deref(), failure).await;
                // It was said to be done: what is not there then may have been, and somebody took it away.
                settled.map_err(|failure| match failure.kind {
                    Kind::Offline if said => Failure {
                        kind: Kind::Unknown,
                        cause: "Azure's answer could not be read, and the vault has no version with this value".into(),
                        hint: Some("look at its versions before setting it again".into()),
                        ..failure
                    },
                    _ => failure,
                })
            }
            Err(failure) => Err(failure),
        }
    }

    /// After the write: whether somebody else's version came between.
    async fn look_again(
        &self,
        vault: &Vault,
        new: &NewSecret,
        secret: Secret,
        before: Option<&[SecretVersion]>,
        doing: &str,
    ) -> SetDone {
        let newest = before.and_then(|versions| versions.first()).and_then(|version| version.secret.version.clone());
        let after = match before {
            Some(_) => self.look(vault, &new.name, doing).await.ok(),
            None => None,
        };
        let looked = after.is_some();
        let fresh = since(before.unwrap_or_default(), after.unwrap_or_default());
        let overtaken = fresh.into_iter().find(|version| version.version != secret.version).and_then(overtaken);
        SetDone { secret, before: newest, looked, overtaken }
    }

    /// After a lost answer: done, not done, or still unknown. The value is compared with ours where a new version is there,
    /// because only that tells our version from somebody else's of the same moment.
    async fn settle_set(
        &self,
        vault: &Vault,
        new: &NewSecret,
        before: Option<&[SecretVersion]>,
        lost: Failure,
    ) -> Result<SetDone, Failure> {
        let Some(before) = before else {
            return Err(lost
                .hint("whether there is a new version cannot be seen either: list its versions as somebody who may"));
        };
        let doing = lost.doing.clone().into_owned();
        let (mut saw, mut unsure, mut foreign) = (false, None, None);
        for pause in LOOKS {
            tokio::time::sleep(pause).await;
            let Ok(after) = self.look(vault, &new.name, &doing).await else { continue };
            saw = true;
            for secret in since(before, after) {
                match self.reveal(vault, &new.name, secret.version.as_ref()).await {
                    Ok(theirs) if theirs.value.same(&new.value) => {
                        return Ok(self.look_again(vault, new, secret, Some(before), &doing).await);
                    }
                    Ok(_) => foreign = Some(secret),
                    Err(_) => unsure = Some(secret),
                }
            }
            if unsure.is_some() {
                break;
            }
        }
        if !saw {
            return Err(lost.hint("look at its versions before setting it again"));
        }
        if let Some(version) = unsure {
            return Err(lost.hint(format!("{} is there now; it may be this one", told(&version))));
        }
        let foreign = foreign.map_or_else(String::new, |version| format!("; {} is somebody else's", told(&version)));
        let cause =
            format!("the answer was lost, and the vault has no version with this value: nothing was set{foreign}");
        Err(Failure { azure: lost.azure, ..Failure::new(Kind::Offline, doing, cause).hint("set it again") })
    }
}

/// Why a write would surprise somebody. Versions of the newest second are all taken for the newest: their order is a guess.
fn check(versions: &[SecretVersion], expect: &Expect) -> Result<(), String> {
    let newest = versions.first().map(|version| &version.secret);
    let created = newest.and_then(|secret| secret.attributes.created);
    let mut latest = versions.iter().map(|version| &version.secret).filter(|one| one.attributes.created == created);
    let fits = match expect {
        Expect::Anything => true,
        Expect::Absent => newest.is_none(),
        Expect::Version(version) => latest.any(|secret| secret.version.as_ref() == Some(version)),
        Expect::UpdatedAt(at) => {
            latest.any(|secret| secret.attributes.updated.is_some_and(|updated| updated.as_second() == at.as_second()))
        }
    };
    match (fits, newest) {
        (true, _) => Ok(()),
        (false, None) => Err("it is not there any more".to_owned()),
        (false, Some(secret)) if *expect == Expect::Absent => Err(format!("it exists: its newest is {}", told(secret))),
        (false, Some(secret)) => {
            let changed =
                secret.attributes.updated.filter(|at| secret.attributes.created.is_some_and(|made| made < *at));
            let changed = changed.map_or_else(String::new, |at| format!(", changed {}", date(at, &Zone::UTC)));
            Err(format!("its newest is now {}{changed}", told(secret)))
        }
    }
}

/// A version, and when it was made: `version 0a1b, made 2026-12-03 14:02 UTC`.
fn told(secret: &Secret) -> String {
    let version = secret.version.as_ref().map_or_else(String::new, |version| version.show().into_owned());
    let made = secret.attributes.created.map_or_else(String::new, |at| format!(", made {}", date(at, &Zone::UTC)));
    format!("version {version}{made}")
}

/// The versions that came since, newest first.
fn since(before: &[SecretVersion], after: Vec<SecretVersion>) -> Vec<Secret> {
    let known = |one: &SecretVersion| before.iter().any(|had| had.secret.version == one.secret.version);
    after.into_iter().filter(|one| !known(one)).map(|one| one.secret).collect()
}

fn overtaken(secret: Secret) -> Option<Overtaken> {
    let version: Untrusted = secret.version?;
    Some(Overtaken { version, created: secret.attributes.created })
}
