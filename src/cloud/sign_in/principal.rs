//! A service principal and what proves it is one (a secret, a certificate, another issuer's token), redeemed by
//! azure_identity on our own transport.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::request::Body;
use azure_core::http::{
    AsyncRawResponse, ClientMethodOptions, ClientOptions, HttpClient, Request, RetryOptions, Transport,
};
use azure_core::time::OffsetDateTime;
use azure_identity::{
    ClientAssertion, ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use bytes::Bytes;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::domain::{ClientId, Failure, Kind, Sealed, TenantId};

use super::certificate::Certificate;
use super::entra::{Entra, heard};
use super::{azure_token, claims, jwt, wrapped};
use crate::cloud::clock::Clock;
use crate::cloud::gate::{Answer, Gate, Halt};
use crate::cloud::problem;
use crate::cloud::tokens::Login;
use crate::cloud::wire::Tries;

/// The largest federated token that is read.
const TOKEN_CAP: u64 = 64 * 1024;

/// What proves that somebody speaks for a service principal.
#[derive(Debug)]
pub enum Proof {
    /// Its client secret.
    Secret(Sealed),
    /// A certificate it knows.
    Certificate(Box<Certificate>),
    /// A file with a token of an issuer it trusts (workload identity federation); read anew for every token.
    FederatedToken(PathBuf),
}

/// A service principal.
#[derive(Debug)]
pub(crate) struct Principal {
    entra: Entra,
    client_id: ClientId,
    proof: Arc<Proof>,
}

impl Principal {
    /// A login as `client_id`, proven by `proof`.
    pub(crate) fn new(entra: Entra, client_id: ClientId, proof: Proof) -> Arc<Self> {
        Arc::new(Self { entra, client_id, proof: Arc::new(proof) })
    }
}

impl Login for Principal {
    fn credential(&self, tenant: &TenantId) -> Arc<dyn TokenCredential> {
        Arc::new(InTenant {
            entra: self.entra.clone(),
            tenant: tenant.clone(),
            client_id: self.client_id.clone(),
            proof: Arc::clone(&self.proof),
        })
    }
}

#[derive(Debug)]
struct InTenant {
    entra: Entra,
    tenant: TenantId,
    client_id: ClientId,
    proof: Arc<Proof>,
}

impl InTenant {
    /// One request. azure_identity keeps a cache by the system's clock in each credential and cannot be told to renew, so it
    /// gets a new one each time; ours is in front of it.
    async fn once(&self, scopes: &[&str], tap: &Arc<Tap>) -> azure_core::Result<AccessToken> {
        let client: Arc<dyn HttpClient> = Arc::clone(tap) as Arc<dyn HttpClient>;
        let client_options = ClientOptions {
            retry: RetryOptions::none(),
            transport: Some(Transport::new(client)),
            // Named, so that no environment variable chooses where the secret goes.
            cloud: Some(Arc::new(self.entra.azure())),
            ..ClientOptions::default()
        };
        let (tenant, client_id) = (self.tenant.as_str(), self.client_id.as_str().to_owned());
        let credential: Arc<dyn TokenCredential> = match &*self.proof {
            Proof::Secret(secret) => {
                let options = ClientSecretCredentialOptions { client_options };
                ClientSecretCredential::new(tenant, client_id, Secret::new(secret.unseal().to_owned()), Some(options))?
            }
            Proof::Certificate(_) => {
                let signer = Signer {
                    audience: self.entra.address(tenant, "token"),
                    client_id: self.client_id.clone(),
                    proof: Arc::clone(&self.proof),
                    clock: self.entra.clock(),
                };
                let options = ClientAssertionCredentialOptions { client_options };
                ClientAssertionCredential::new(tenant.to_owned(), client_id, signer, Some(options))?
            }
            Proof::FederatedToken(file) => {
                let mut options = WorkloadIdentityCredentialOptions {
                    client_id: Some(client_id),
                    tenant_id: Some(tenant.to_owned()),
                    token_file_path: Some(file.clone()),
                    ..WorkloadIdentityCredentialOptions::default()
                };
                options.credential_options.client_options = client_options;
                WorkloadIdentityCredential::new(Some(options))?
            }
        };
        credential.get_token(scopes, None).await
    }
}

/// Signs assertions for azure_identity.
#[derive(Debug)]
struct Signer {
    audience: String,
    client_id: ClientId,
    proof: Arc<Proof>,
    clock: Clock,
}

#[async_trait]
impl ClientAssertion for Signer {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let Proof::Certificate(certificate) = &*self.proof else {
            return Err(azure_core::Error::with_message(ErrorKind::Credential, "no certificate"));
        };
        let signed = certificate.assertion(&self.audience, &self.client_id, self.clock.now()).map_err(wrapped)?;
        Ok(signed.unseal().to_owned())
    }
}

/// Whether a federated token's file can be read and holds one: azure_identity would wait for a pipe, send whatever else somebody
/// named by mistake, and names no way out.
fn readable(file: &Path) -> Result<(), Failure> {
    let named = std::env::var_os("AZURE_FEDERATED_TOKEN_FILE").is_some_and(|named| Path::new(&named) == file);
    let by = if named { "AZURE_FEDERATED_TOKEN_FILE" } else { "--federated-token" };
    let refused = |what: &str| {
        let words = format!("{} {what}", file.display());
        Failure::new(Kind::SignedOut, "sign in", words).hint(format!("check the file that {by} names"))
    };
    let nothing = || refused("is no file with a token in it");
    let about = std::fs::metadata(file);
    if !about.is_ok_and(|about| about.is_file() && (1..=TOKEN_CAP).contains(&about.len())) {
        return Err(nothing());
    }
    let text = Zeroizing::new(std::fs::read_to_string(file).map_err(|_| nothing())?);
    let parts = text.trim().split('.').map(str::len).collect::<Vec<_>>();
    let signed =
        parts.len() == 3 && parts.iter().all(|len| *len > 0) && jwt::<serde_json::Value>(text.trim()).is_some();
    if signed { Ok(()) } else { Err(refused("holds no token of an issuer's (a signed JWT); nothing was sent")) }
}

#[async_trait]
impl TokenCredential for InTenant {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let doing = "sign in";
        if let Proof::FederatedToken(file) = &*self.proof {
            readable(file).map_err(wrapped)?;
        }
        let claims = claims(options.as_ref());
        let mut tries = Tries::reading();
        loop {
            let (gate, limit) = (self.entra.gate().clone(), tries.limit());
            let tap = Arc::new(Tap { gate, limit, claims: claims.clone(), heard: Mutex::default() });
            let error = match self.once(scopes, &tap).await {
                Ok(token) => {
                    // Its end is by the system's clock; what counts is how long it lives, by ours.
                    let seconds = (token.expires_on - OffsetDateTime::now_utc()).as_seconds_f64().round();
                    let seconds = Duration::from_secs_f64(seconds.clamp(0.0, 1e6)).as_secs().cast_signed();
                    let value = Sealed::new(token.token.secret().to_owned());
                    return Ok(azure_token(&value, seconds, self.entra.clock()));
                }
                Err(error) => error,
            };
            let heard = tap.heard.lock().unwrap_or_else(PoisonError::into_inner).take();
            let (failure, again) = match heard {
                Some(Err(halt)) => (problem::halted(&halt, doing, false), halt.passing().then_some(None)),
                Some(Ok(answer)) => {
                    let passing = matches!(answer.status, 408 | 429 | 500 | 502 | 503 | 504);
                    let wait = problem::wait(&answer, self.entra.clock().now());
                    (problem::in_tenant(self.entra.failure(&answer, doing), &self.tenant), passing.then_some(wait))
                }
                None => (unsent(error), None),
            };
            match again {
                Some(wait) if tries.again(wait).await => {}
                _ => return Err(wrapped(failure)),
            }
        }
    }
}

/// azure_identity refused before it asked: a tenant or client id it does not like, or a certificate that would not sign.
fn unsent(error: azure_core::Error) -> Failure {
    error.into_downcast::<Failure>().unwrap_or_else(|_| {
        Failure::misused("sign in", "tenant, client id or what proves them cannot be right")
            .hint("check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET")
    })
}

/// Listens on the way: azure_identity's errors lose what Entra said, so what went wrong is kept here as it came.
#[derive(Debug)]
struct Tap {
    gate: Gate,
    limit: Duration,
    claims: Option<String>,
    heard: Mutex<Option<Result<Answer, Halt>>>,
}

#[async_trait]
impl HttpClient for Tap {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        if let (Some(claims), Body::Bytes(form)) = (&self.claims, request.body().clone()) {
            // azure_identity cannot be told of claims; its form can.
            let form = String::from_utf8_lossy(&form).into_owned();
            request.set_body(form_urlencoded::Serializer::new(form).append_pair("claims", claims).finish());
        }
        let form = match request.body() {
            Body::Bytes(form) => form.clone(),
            Body::SeekableStream(_) => Bytes::new(),
        };
        let answer = self.gate.send(request, None, self.limit).await.map(|answer| heard(answer, &form));
        let (result, heard) = match answer {
            Ok(answer) if (200..300).contains(&answer.status) => {
                let response = AsyncRawResponse::from_bytes(
                    answer.status.into(),
                    azure_core::http::headers::Headers::new(),
                    answer.body.clone(),
                );
                // A page of a proxy is a success, too, until somebody reads it; a token is not kept here.
                let theirs = problem::stranger("sign in", &answer, false).is_some();
                (Ok(response), theirs.then_some(Ok(answer)))
            }
            heard => (Err(azure_core::Error::with_message(ErrorKind::Other, "no token")), Some(heard)),
        };
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = heard;
        result
    }
}
