//! The identity of the machine we run on. Its tokens come from a service on the machine itself or its link, in plain http,
//! through no proxy; where there is none, that is known within a second.

mod source;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::cloud::CloudConfiguration;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::headers::HeaderName;
use azure_core::http::{
    AsyncRawResponse, ClientOptions, HttpClient, Method, Request, RetryOptions, Transport as AzureTransport,
};
use azure_identity::{ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId};
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::domain::{ClientId, Failure, Kind, Moment, Sealed, TenantId};

use super::{azure_token, claims, wrapped};
use crate::cloud::clock::Clock;
use crate::cloud::gate::{Answer, Halt, MachineGate};
use crate::cloud::problem;
use crate::cloud::tokens::Login;
use crate::cloud::wire::Tries;

pub(crate) use source::Source;

const DOING: &str = "use the managed identity";
/// After this long without a word from a virtual machine's service there is none.
const PROBE: Duration = Duration::from_secs(1);
/// Where Azure Arc's agent keeps the keys that only this machine can read, and how large they are at most
/// (learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication).
const ARC_KEYS: &str = "/var/opt/azcmagent/tokens";
const ARC_KEY_CAP: u64 = 4096;

/// This machine's identity, or one of those assigned to it.
#[derive(Debug)]
pub(crate) struct ManagedIdentity(Arc<Machine>);

#[derive(Debug)]
struct Machine {
    gate: MachineGate,
    source: Source,
    client_id: Option<ClientId>,
    clock: Clock,
    arc_keys: PathBuf,
    /// Whether the service answered before: only the first question may find nobody there.
    known: std::sync::atomic::AtomicBool,
}

impl ManagedIdentity {
    /// The identity behind `source`: the one with `client_id`, or the machine's own.
    pub(crate) fn new(gate: MachineGate, source: Source, client_id: Option<ClientId>, clock: Clock) -> Arc<Self> {
        let known = std::sync::atomic::AtomicBool::new(false);
        Arc::new(Self(Arc::new(Machine { gate, source, client_id, clock, arc_keys: ARC_KEYS.into(), known })))
    }
}

impl Login for ManagedIdentity {
    /// The machine's identity belongs to one tenant, and nobody can ask for another.
    fn credential(&self, _: &TenantId) -> Arc<dyn TokenCredential> {
        Arc::new(Credential(Arc::clone(&self.0)))
    }
}

#[derive(Debug)]
struct Credential(Arc<Machine>);

#[async_trait]
impl TokenCredential for Credential {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        if claims(options.as_ref()).is_some() {
            let failure = Failure::new(Kind::SignedOut, DOING, "the service asks for more than a machine can prove");
            return Err(wrapped(failure.hint("sign in as a person")));
        }
        let scope = scopes.first().copied().unwrap_or_default();
        let (token, seconds) = self.0.token(scope).await.map_err(wrapped)?;
        Ok(azure_token(&token, seconds, self.0.clock))
    }
}

/// What the services answer; numbers come as numbers and as text, and the end of a token also as a date.
#[derive(Deserialize)]
struct Grant {
    access_token: Sealed,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<i64>,
    #[serde(default, deserialize_with = "moment")]
    expires_on: Option<i64>,
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Text(String),
    }
    Ok(Option::<Either>::deserialize(deserializer)?.map(|either| match either {
        Either::Number(number) => number.to_string(),
        Either::Text(text) => text.trim().to_owned(),
    }))
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(words(deserializer)?.and_then(|text| text.parse().ok()))
}

/// `1700000000`, `06/20/2019 02:57:58 +00:00` (Linux) or `1/16/2020 5:24:12 AM +00:00` (Windows).
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(words(deserializer)?.and_then(|text| {
        let date = |format| jiff::Timestamp::strptime(format, &text).ok().map(jiff::Timestamp::as_second);
        text.parse().ok().or_else(|| date("%m/%d/%Y %H:%M:%S %:z")).or_else(|| date("%m/%d/%Y %I:%M:%S %p %:z"))
    }))
}

impl Machine {
    async fn token(&self, scope: &str) -> Result<(Sealed, i64), Failure> {
        if matches!(self.source, Source::AppService) {
            return self.by_azure_identity(scope).await;
        }
        let resource = scope.strip_suffix("/.default").unwrap_or(scope);
        let (url, mut headers) = self.source.question(resource, self.client_id.as_ref());
        self.probe(&url).await?;
        let mut tries = Tries::reading();
        loop {
            let answer = match self.ask(&url, &headers, tries.limit()).await {
                Ok(answer) => answer,
                Err(halt) if halt.passing() && tries.again(None).await => continue,
                Err(halt) => return Err(problem::halted(&halt, DOING, false)),
            };
            match answer.status {
                200 => return self.read(&answer),
                401 if matches!(self.source, Source::Arc(_)) && headers.len() == 1 => {
                    headers.push(("authorization", self.arc_key(&answer)?));
                }
                404 | 408 | 410 | 429 | 500..=599 if tries.again(problem::wait(&answer, self.clock.now())).await => {}
                _ => return Err(self.refused(&answer)),
            }
        }
    }

    /// A virtual machine's service refuses a question without its header at once; where nobody does, nobody is there.
    async fn probe(&self, url: &Url) -> Result<(), Failure> {
        use std::sync::atomic::Ordering::Relaxed;
        if !matches!(self.source, Source::Imds(_)) || self.known.load(Relaxed) {
            return Ok(());
        }
        let heard = tokio::time::timeout(PROBE, self.ask(url, &[], PROBE)).await;
        match heard {
            Ok(Ok(answer)) if problem::stranger(DOING, &answer, false).is_none() => {
                self.known.store(true, Relaxed);
                Ok(())
            }
            _ => Err(Failure::new(Kind::SignedOut, DOING, "this machine has no managed identity service")
                .hint("it is there on Azure's machines only; choose another way to sign in")),
        }
    }

    async fn ask(&self, url: &Url, headers: &[(&'static str, String)], wait: Duration) -> Result<Answer, Halt> {
        let mut request = Request::new(url.clone(), Method::Get);
        for (name, value) in headers {
            request.insert_header(HeaderName::from_static(name), value.clone());
        }
        self.gate.send(request, wait).await
    }

    /// A token, or what is wrong with what came in its place. Of that nothing is told: nobody knows what is in it.
    fn read(&self, answer: &Answer) -> Result<(Sealed, i64), Failure> {
        let strange = |words: String| {
            let hint = "something else may answer in its place; amlock doctor names the variables that lead there";
            Failure::new(Kind::Failed, DOING, words).hint(hint)
        };
        let named = self.source.words();
        if problem::stranger(DOING, answer, false).is_some() {
            return Err(strange(format!("the service of this machine ({named}) answered with a web page")));
        }
        let grant: Grant = serde_json::from_slice(&answer.body).map_err(|_| {
            strange(format!("the service of this machine ({named}) answered something that is no token"))
        })?;
        let now = self.clock.now().as_second();
        let left = grant.expires_in.or_else(|| Some(grant.expires_on?.saturating_sub(now)));
        let left = left.ok_or_else(|| {
            strange(format!("the service of this machine ({named}) does not say when its token ends"))
        })?;
        if left <= 0 {
            return Err(Failure::new(Kind::SignedOut, DOING, "the machine's service gave a token that has ended")
                .hint("check this machine's clock"));
        }
        Ok((grant.access_token, left))
    }

    /// What shows Azure Arc's agent that we may read its files: the key it names, from the one folder it may be in.
    fn arc_key(&self, answer: &Answer) -> Result<String, Failure> {
        let refused = |why: &str| Failure::new(Kind::Failed, DOING, why);
        let realm = answer.header("www-authenticate").and_then(|header| header.strip_prefix("Basic realm="));
        let path = Path::new(realm.unwrap_or_default().trim_matches('"'));
        let shaped = path.parent() == Some(&self.arc_keys) && path.extension().is_some_and(|end| end == "key");
        if !shaped {
            return Err(refused("Azure Arc's agent named a key outside its own folder; it was not read"));
        }
        let about = std::fs::symlink_metadata(path);
        if !about.is_ok_and(|about| about.is_file() && about.len() <= ARC_KEY_CAP) {
            return Err(refused("Azure Arc's key cannot be read").hint("join the group himds, or run with more rights"));
        }
        let key = std::fs::read_to_string(path).map_err(|_| {
            refused("Azure Arc's key cannot be read").hint("join the group himds, or run with more rights")
        })?;
        Ok(format!("Basic {}", key.trim_end()))
    }

    fn refused(&self, answer: &Answer) -> Failure {
        if problem::stranger(DOING, answer, false).is_some() {
            let words = format!("the machine's service refused it with a web page (status {})", answer.status);
            return Failure::new(Kind::Failed, DOING, words).hint("something else may answer in its place");
        }
        let which = self.client_id.as_ref().map(|id| format!(" with the client id {id}"));
        match (answer.status, which) {
            (400 | 404, Some(which)) => {
                Failure::new(Kind::SignedOut, DOING, format!("this machine has no managed identity{which}"))
                    .hint("check the client id, or assign the identity to this machine")
            }
            (400 | 404, None) => {
                Failure::new(Kind::SignedOut, DOING, "no managed identity is assigned to this machine")
                    .hint("assign one; where it has several, --client-id says which")
            }
            (status, _) => {
                Failure::new(Kind::Failed, DOING, format!("the machine's service refused it (status {status})"))
            }
        }
    }

    /// App Service's is one that azure_identity can be held to our limits for: our transport, no tries of its own.
    async fn by_azure_identity(&self, scope: &str) -> Result<(Sealed, i64), Failure> {
        let tap = Arc::new(Tap { gate: self.gate.clone(), heard: Mutex::default() });
        let client_options = ClientOptions {
            retry: RetryOptions::none(),
            transport: Some(AzureTransport::new(Arc::clone(&tap) as Arc<dyn HttpClient>)),
            cloud: Some(Arc::new(CloudConfiguration::AzurePublic)),
            ..ClientOptions::default()
        };
        let options = ManagedIdentityCredentialOptions {
            user_assigned_id: self.client_id.as_ref().map(|id| UserAssignedId::ClientId(id.as_str().to_owned())),
            client_options,
        };
        let token = match ManagedIdentityCredential::new(Some(options)) {
            Ok(credential) => credential.get_token(&[scope], None).await,
            Err(error) => Err(error),
        };
        match token {
            Ok(token) => {
                let left = token.expires_on.unix_timestamp() - Moment::now().as_second();
                Ok((Sealed::new(token.token.secret().to_owned()), left))
            }
            Err(_) => Err(match tap.heard.lock().unwrap_or_else(PoisonError::into_inner).take() {
                Some(Err(halt)) => problem::halted(&halt, DOING, false),
                // azure_identity reads an end in one form only.
                Some(Ok(answer)) if answer.status == 200 => return self.read(&answer),
                Some(Ok(answer)) => self.refused(&answer),
                None => Failure::misused(DOING, "IDENTITY_ENDPOINT is not an address that amlock asks"),
            }),
        }
    }
}

/// Listens on the way, as azure_identity's errors lose what was said.
#[derive(Debug)]
struct Tap {
    gate: MachineGate,
    heard: Mutex<Option<Result<Answer, Halt>>>,
}

#[async_trait]
impl HttpClient for Tap {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let heard = self.gate.send(request.clone(), Duration::from_secs(5)).await;
        let body = heard.as_ref().ok().filter(|answer| answer.status == 200).map(|answer| answer.body.clone());
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(heard);
        let headers = azure_core::http::headers::Headers::new();
        let refused = || azure_core::Error::with_message(ErrorKind::Other, "no token");
        Ok(AsyncRawResponse::from_bytes(200.into(), headers, body.ok_or_else(refused)?))
    }
}

#[cfg(test)]
mod tests;
