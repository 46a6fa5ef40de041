//! An existing `az login`: az itself is asked for tokens, and its files are read only to name the account.

mod profile;
mod runner;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use serde::Deserialize;

use crate::domain::{Failure, Kind, Moment, Sealed, TenantId};

use super::{azure_token, claims, wrapped};
use crate::cloud::clock::Clock;
use crate::cloud::problem;
use crate::cloud::tokens::Login;
pub(crate) use profile::{CliAccount, Unread};
use runner::{Ran, Stopped};

/// How long az may take; a cold start of its Python takes some seconds.
const LIMIT: Duration = Duration::from_secs(15);
/// Where az is looked for, and where it keeps its files.
#[derive(Clone, Debug)]
pub(crate) struct AzureCli {
    /// `PATH`.
    pub(crate) path: OsString,
    /// `AZURE_CONFIG_DIR`, or `.azure` at home.
    pub(crate) config: PathBuf,
    /// How long it may take.
    pub(crate) limit: Duration,
}

#[derive(Deserialize)]
struct Output {
    #[serde(rename = "accessToken")]
    token: Sealed,
    expires_on: Option<i64>,
    /// The same in local time, from before az 2.54.
    #[serde(rename = "expiresOn")]
    local: Option<String>,
}

impl AzureCli {
    /// As the environment says.
    pub(crate) fn of(variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| variable(name).filter(|text| !text.is_empty());
        let config = set("AZURE_CONFIG_DIR").map(PathBuf::from);
        let config = config.or_else(|| Some(PathBuf::from(set("HOME")?).join(".azure")));
        Self { path: set("PATH").unwrap_or_default(), config: config.unwrap_or_default(), limit: LIMIT }
    }

    /// Who is signed in to it in one cloud, by az's own notes, the current one first.
    pub(crate) fn accounts(&self, cloud: &str) -> Result<Vec<CliAccount>, Unread> {
        profile::read(&self.config, cloud)
    }

    /// az, if it is on the path. Relative pieces of the path are left out: they would depend on where we stand.
    pub(crate) fn program(&self) -> Option<PathBuf> {
        std::env::split_paths(&self.path)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join("az"))
            .find(|file| runner::executable(file))
    }

    /// What tells az whose token is meant. az's own choice may have changed since the account was seen, and a tenant alone
    /// means whoever is az's choice now; a subscription means the account that sees it.
    fn whose(&self, account: &CliAccount, tenant: &TenantId, cloud: &str) -> Result<Vec<String>, Failure> {
        let have = self.accounts(cloud).unwrap_or_default();
        let Some(now) = have.iter().find(|have| have.name == account.name) else {
            let words = format!("{} is not signed in to the Azure CLI any more", account.name.show());
            return Err(Failure::new(Kind::SignedOut, "sign in", words).hint(format!("run az login --tenant {tenant}")));
        };
        if now.current && now.managed {
            return Ok(Vec::new());
        }
        if now.current {
            return Ok(vec!["--tenant".to_owned(), tenant.to_string()]);
        }
        let seen = now.subscriptions.iter().find(|(_, of)| of == tenant || now.managed);
        seen.map(|(id, _)| vec!["--subscription".to_owned(), id.to_string()]).ok_or_else(|| {
            let words = format!("the Azure CLI knows no subscription of {} in {tenant}", account.name.show());
            Failure::new(Kind::SignedOut, "sign in", words).hint(format!("run az login --tenant {tenant}"))
        })
    }

    async fn token(
        &self,
        whose: &[String],
        tenant: &TenantId,
        scope: &str,
        clock: Clock,
    ) -> Result<(Sealed, i64), Failure> {
        let new = |kind, words: &str| Failure::new(kind, "sign in", words);
        let Some(program) = self.program() else {
            return Err(new(Kind::SignedOut, "the Azure CLI (az) is not on the PATH")
                .hint("install it, or sign in with a device code"));
        };
        let mut arguments = vec!["account", "get-access-token", "--output", "json", "--scope", scope];
        arguments.extend(whose.iter().map(String::as_str));
        let Ran { code, out, err } = match runner::run(&program, &arguments, self.limit).await {
            Ok(ran) => ran,
            Err(Stopped::NotStarted) => {
                return Err(
                    new(Kind::Failed, "the Azure CLI (az) could not be started").hint("run az version to see why")
                );
            }
            Err(Stopped::TooSlow) => {
                let words = format!("the Azure CLI (az) did not answer within {} s", self.limit.as_secs());
                return Err(new(Kind::TryLater(None), &words).hint("run az account show to see why"));
            }
            Err(Stopped::TooMuch) => {
                return Err(new(Kind::Failed, "the Azure CLI (az) answered far more than a token")
                    .hint("run az account get-access-token to see why"));
            }
        };
        if code != Some(0) {
            return Err(Self::refused(&err, code, tenant));
        }
        let output: Output = serde_json::from_slice(&out).map_err(|_| {
            new(Kind::Failed, "the Azure CLI (az) answered something that is no token")
                .hint("run az account get-access-token to see why")
        })?;
        let ends = output
            .expires_on
            .or_else(|| local(output.local.as_deref()?))
            .ok_or_else(|| new(Kind::Failed, "the Azure CLI (az) did not say when its token ends").hint("update az"))?;
        // What goes into a header must be one word that can be seen; anything else would be told as some other trouble.
        if output.token.bytes() == 0 || !output.token.unseal().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(new(Kind::Failed, "the Azure CLI (az) answered something that is no token")
                .hint("run az account get-access-token to see why"));
        }
        let left = ends.saturating_sub(clock.now().as_second());
        if left <= 0 {
            return Err(new(Kind::SignedOut, "the Azure CLI (az) gave a token that has ended")
                .hint("check this machine's clock, or run az login"));
        }
        Ok((output.token, left))
    }

    /// Why az failed. Its words are read for what they mean and never repeated: nobody knows what is in them.
    fn refused(err: &[u8], code: Option<i32>, tenant: &TenantId) -> Failure {
        let doing = "sign in";
        let err = String::from_utf8_lossy(err);
        let login = format!("run az login --tenant {tenant}");
        if let Some(failure) = problem::aadsts(&err, doing) {
            return failure.hint(login);
        }
        if err.contains("az login") {
            return Failure::new(Kind::SignedOut, doing, "nobody is signed in to the Azure CLI").hint("run az login");
        }
        if err.contains("unrecognized arguments") && err.contains("--scope") {
            return Failure::new(
                Kind::Failed,
                doing,
                "the Azure CLI (az) is too old: it cannot be asked for one service's token",
            )
            .hint("update az (2.30 and newer can, by --scope), or sign in another way");
        }
        let code = code.map_or_else(|| "it was killed".to_owned(), |code| format!("exit code {code}"));
        Failure::new(Kind::Failed, doing, format!("the Azure CLI (az) failed, {code}"))
            .hint("run az account get-access-token to see why")
    }
}

/// `2026-01-31 12:00:00.000000`, by the clock on the wall.
fn local(text: &str) -> Option<i64> {
    let civil: jiff::civil::DateTime = text.trim().parse().ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::system()).ok()?;
    Some(Moment::from(zoned).as_second())
}

/// The login of one of az's accounts.
#[derive(Debug)]
pub(crate) struct AzureCliLogin(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cli: AzureCli,
    account: CliAccount,
    cloud: &'static str,
    clock: Clock,
}

impl AzureCliLogin {
    /// `account`, which `cli` has signed in to `cloud`.
    pub(crate) fn new(cli: AzureCli, account: CliAccount, cloud: &'static str, clock: Clock) -> Arc<Self> {
        Arc::new(Self(Arc::new(Inner { cli, account, cloud, clock })))
    }
}

impl Login for AzureCliLogin {
    fn credential(&self, tenant: &TenantId) -> Arc<dyn TokenCredential> {
        Arc::new(InTenant { login: Arc::clone(&self.0), tenant: tenant.clone() })
    }
}

#[derive(Debug)]
struct InTenant {
    login: Arc<Inner>,
    tenant: TenantId,
}

#[async_trait]
impl TokenCredential for InTenant {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        if claims(options.as_ref()).is_some() {
            // az gives out tokens with claims only after a new login.
            let failure = Failure::new(Kind::SignedOut, "sign in", "the service asks for a new sign-in");
            return Err(wrapped(failure.hint(format!("run az login --tenant {}", self.tenant))));
        }
        let (login, scope) = (&*self.login, scopes.first().copied().unwrap_or_default());
        let whose = login.cli.whose(&login.account, &self.tenant, login.cloud).map_err(wrapped)?;
        let (token, seconds) = login.cli.token(&whose, &self.tenant, scope, login.clock).await.map_err(wrapped)?;
        Ok(azure_token(&token, seconds, login.clock))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
