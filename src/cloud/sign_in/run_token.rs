//! A submitted run's own token (AZUREML_RUN_TOKEN): it opens its workspace's secrets through Azure ML's credential service and
//! nothing else. The run history gives it a successor before it ends (azure-rest.md 1.9).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::headers::HeaderName;
use azure_core::http::{HttpClient, Method, Request};
use serde::Deserialize;
use url::Url;

use crate::domain::{Failure, Kind, Moment, ResourceId, Sealed, TenantId, Untrusted};

use super::{again, azure_token, token_claims, wrapped};
use crate::cloud::clock::Clock;
use crate::cloud::gate::{Answer, Audience, BearerToken, Gate, Hosts, Identity, VALUE_CAP, address};
use crate::cloud::problem;
use crate::cloud::tokens::Login;
use crate::cloud::wire::{Tries, proof_discreet};

const TOKEN: &str = "AZUREML_RUN_TOKEN";
const EXPIRY: &str = "AZUREML_RUN_TOKEN_EXPIRY";
const ENDPOINT: &str = "AZUREML_SERVICE_ENDPOINT";
const RUN: &str = "AZUREML_RUN_ID";
const DOING: &str = "use the run's token";
/// So long before its end the token is replaced; the cache in front asks no later.
const AHEAD: Duration = Duration::from_mins(5);
/// How long a token that does not tell its end is taken for good.
const UNTOLD: Duration = Duration::from_mins(15);

/// The run we are in, by its variables.
#[derive(Debug)]
pub(crate) struct Run {
    /// What it is called: its id, where that is told.
    pub(crate) name: Untrusted,
    /// The workspace it was submitted to.
    pub(crate) workspace: ResourceId,
    /// The host of that workspace's services.
    pub(crate) endpoint: Url,
    /// The tenant, as the token tells.
    pub(crate) tenant: TenantId,
    /// When the token ends, before it is replaced.
    pub(crate) ends: Option<Moment>,
    successor: Option<Url>,
    token: Sealed,
}

impl Run {
    /// The run that `variable` tells of; none outside of one.
    pub(crate) fn marked(
        variable: impl Fn(&str) -> Option<String>,
        hosts: &'static Hosts,
    ) -> Result<Option<Self>, Failure> {
        let set = |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let Some(token) = set(TOKEN).map(Sealed::new) else { return Ok(None) };
        let refused = |why: String| Failure::misused(DOING, why).hint(format!("unset {TOKEN}, or sign in another way"));
        let need = |name: &str| set(name).ok_or_else(|| refused(format!("{TOKEN} is set, but {name} is not")));
        if !token.unseal().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused(format!("{TOKEN} holds no token")));
        }
        let id = format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
            need("AZUREML_ARM_SUBSCRIPTION")?,
            need("AZUREML_ARM_RESOURCEGROUP")?,
            need("AZUREML_ARM_WORKSPACE_NAME")?
        );
        let workspace = ResourceId::parse(&id).ok().filter(ResourceId::is_workspace);
        let workspace = workspace.ok_or_else(|| refused("AZUREML_ARM_* name no workspace".to_owned()))?;
        let text = need(ENDPOINT)?;
        let endpoint = address(&text).and_then(|url| hosts.check(Audience::Run, &url).map(|()| url));
        let mut endpoint = endpoint.map_err(|why| {
            refused(format!("{ENDPOINT} is no address of Azure Machine Learning in this cloud ({why})"))
        })?;
        endpoint.set_path("/");
        endpoint.set_query(None);
        endpoint.set_fragment(None);
        let claims = token_claims(token.unseal());
        #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970, at times with a fraction")]
        let told = || Some(set(EXPIRY)?.parse::<f64>().ok()? as i64);
        let ends = claims.exp.or_else(told).and_then(|at| Moment::from_second(at).ok());
        let tenant = claims.tid.as_deref().and_then(|tid| TenantId::parse(tid).ok());
        let experiment = match (set("AZUREML_EXPERIMENT_ID"), set("AZUREML_ARM_PROJECT_NAME")) {
            (Some(id), _) => Some(("experimentids", id)),
            (None, name) => name.map(|name| ("experiments", name)),
        };
        let successor = set(RUN).zip(experiment).and_then(|(run, (kind, experiment))| {
            below(&endpoint, "history/v1.0", &workspace, &[kind, &experiment, "runs", &run, "token"])
        });
        let name = set(RUN).map_or_else(|| "this run".to_owned(), |run| format!("run {run}"));
        let tenant = tenant.unwrap_or_else(|| TenantId::parse("unknown").expect("a word"));
        Ok(Some(Self { name: name.into(), workspace, endpoint, tenant, ends, successor, token }))
    }

    /// Where the credential service keeps the workspace's secrets.
    pub(crate) fn credentials(&self) -> Option<Url> {
        below(&self.endpoint, "credential/v2.0", &self.workspace, &[])
    }
}

/// `ENDPOINT/SERVICE/subscriptions/.../workspaces/NAME/PIECES`; each piece is one segment, whatever is in it.
fn below(endpoint: &Url, service: &str, workspace: &ResourceId, pieces: &[&str]) -> Option<Url> {
    let mut url = endpoint.clone();
    url.path_segments_mut()
        .ok()?
        .clear()
        .extend(service.split('/'))
        .extend(workspace.as_str().trim_start_matches('/').split('/'))
        .extend(pieces);
    Some(url)
}

/// The login of a run.
#[derive(Debug)]
pub(crate) struct RunLogin(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    gate: Gate,
    scope: &'static str,
    clock: Clock,
    successor: Option<Url>,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    token: Arc<Sealed>,
    ends: Moment,
    /// Whether it was given out: whoever asks again has no use for it any more.
    given: bool,
}

impl RunLogin {
    /// The login of `run`, whose successor tokens come through `client`.
    pub(crate) fn new(run: Run, client: Arc<dyn HttpClient>, hosts: &'static Hosts, clock: Clock) -> Arc<Self> {
        let ends = run.ends.unwrap_or_else(|| clock.after(UNTOLD));
        let held = Mutex::new(Held { token: Arc::new(run.token), ends, given: false });
        let gate = Gate::new(Audience::Run, hosts, client, VALUE_CAP);
        let scope = hosts.scope(Audience::Run).unwrap_or_default();
        Arc::new(Self(Arc::new(Inner { gate, scope, clock, successor: run.successor, held })))
    }
}

impl Login for RunLogin {
    /// A run is in one tenant, and nobody can ask for another.
    fn credential(&self, _: &TenantId) -> Arc<dyn TokenCredential> {
        Arc::new(Credential(Arc::clone(&self.0)))
    }
}

#[derive(Debug)]
struct Credential(Arc<Inner>);

#[async_trait]
impl TokenCredential for Credential {
    async fn get_token(&self, scopes: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        let run = &*self.0;
        if scopes != [run.scope] {
            let failure =
                Failure::new(Kind::Failed, DOING, "a run's token reads the secrets of its workspace and nothing else");
            return Err(wrapped(failure.hint("sign in another way for that, or give the job a managed identity")));
        }
        let (token, ends) = run.token().await.map_err(wrapped)?;
        Ok(azure_token(&token, ends.as_second() - run.clock.now().as_second(), run.clock))
    }
}

/// What the run history answers.
#[derive(Deserialize)]
struct Successor {
    token: Sealed,
    #[serde(default, rename = "expiryTimeUtc")]
    ends: Option<String>,
}

impl Inner {
    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn token(&self) -> Result<(Arc<Sealed>, Moment), Failure> {
        let (now, fresh) = (self.clock.now(), self.clock.after(AHEAD));
        let (token, ends, given) = {
            let mut held = self.held();
            let given = std::mem::replace(&mut held.given, true);
            (Arc::clone(&held.token), held.ends, given)
        };
        if !given && ends > fresh {
            return Ok((token, ends));
        }
        match self.succeed(&token).await {
            Ok((token, ends)) => {
                let token = Arc::new(token);
                *self.held() = Held { token: Arc::clone(&token), ends, given: true };
                Ok((token, ends))
            }
            Err(_) if !given && ends > now => Ok((token, ends)),
            Err(failure) => Err(failure),
        }
    }

    /// The next token, asked for with the present one.
    async fn succeed(&self, present: &Sealed) -> Result<(Sealed, Moment), Failure> {
        let Some(url) = &self.successor else {
            let words = format!("the run's token has ended, and without {RUN} no other can be asked for");
            return Err(Failure::new(Kind::SignedOut, DOING, words).hint("sign in another way"));
        };
        let bearer = BearerToken {
            scope: self.scope.into(),
            value: again(present),
            expires: self.clock.now(),
            identity: Identity::default(),
        };
        let mut tries = Tries::reading();
        let answer = loop {
            let mut request = Request::new(url.clone(), Method::Get);
            request.insert_header(HeaderName::from_static("accept"), "application/json");
            request.insert_header(HeaderName::from_static("user-agent"), concat!("amlock/", env!("CARGO_PKG_VERSION")));
            match self.gate.send(request, Some(&bearer), tries.limit()).await {
                Ok(answer) => {
                    let passing = matches!(answer.status, 408 | 429 | 500 | 502 | 503 | 504);
                    if !passing || !tries.again(problem::wait(&answer, self.clock.now())).await {
                        break answer;
                    }
                }
                Err(halt) if halt.passing() && tries.again(None).await => {}
                Err(halt) => return Err(problem::halted(&halt, DOING, false)),
            }
        };
        self.read(&if answer.status == 200 { answer } else { proof_discreet(answer, present.unseal()) })
    }

    fn read(&self, answer: &Answer) -> Result<(Sealed, Moment), Failure> {
        let now = self.clock.now();
        if answer.status != 200 {
            let context = problem::Context { doing: DOING, audience: Audience::Run, writing: false, now };
            return Err(problem::failure(&context, answer));
        }
        if let Some(failure) = problem::stranger(DOING, answer, false) {
            return Err(failure);
        }
        let next: Option<Successor> = serde_json::from_slice(&answer.body).ok();
        let Some(Successor { token, ends }) = next else {
            return Err(Failure::new(Kind::Failed, DOING, "the run history's answer is no token"));
        };
        let told = || ends?.trim().trim_end_matches('Z').parse::<jiff::civil::DateTime>().ok();
        let told = || Some(told()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp());
        let ends = token_claims(token.unseal()).exp.and_then(|at| Moment::from_second(at).ok()).or_else(told);
        let ends = ends.unwrap_or_else(|| self.clock.after(UNTOLD));
        if ends <= now {
            return Err(Failure::new(Kind::SignedOut, DOING, "the run history gave a token that has ended")
                .hint("check this machine's clock; a run's token ends with its run"));
        }
        Ok((token, ends))
    }
}

#[cfg(test)]
mod tests;
