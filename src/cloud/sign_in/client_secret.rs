//! A service principal's secret, redeemed by azure_identity on our own transport.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::cloud::CloudConfiguration;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::request::Body;
use azure_core::http::{AsyncRawResponse, ClientOptions, HttpClient, Request, RetryOptions, Transport};
use azure_core::time::OffsetDateTime;
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
use url::form_urlencoded;

use crate::domain::{ClientId, Failure, Kind, Sealed, TenantId};

use super::entra::Entra;
use super::{azure_token, claims, wrapped};
use crate::cloud::gate::{Answer, Gate, Halt};
use crate::cloud::problem;
use crate::cloud::tokens::Login;
use crate::cloud::wire::Tries;

/// A service principal.
#[derive(Debug)]
pub(crate) struct Principal {
    entra: Entra,
    client_id: ClientId,
    secret: Arc<Sealed>,
}

impl Principal {
    /// A login as `client_id` with `secret`.
    pub(crate) fn new(entra: Entra, client_id: ClientId, secret: Sealed) -> Arc<Self> {
        Arc::new(Self { entra, client_id, secret: Arc::new(secret) })
    }
}

impl Login for Principal {
    fn credential(&self, tenant: &TenantId) -> Arc<dyn TokenCredential> {
        Arc::new(InTenant {
            entra: self.entra.clone(),
            tenant: tenant.clone(),
            client_id: self.client_id.clone(),
            secret: Arc::clone(&self.secret),
        })
    }
}

#[derive(Debug)]
struct InTenant {
    entra: Entra,
    tenant: TenantId,
    client_id: ClientId,
    secret: Arc<Sealed>,
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
            cloud: Some(Arc::new(CloudConfiguration::AzurePublic)),
            ..ClientOptions::default()
        };
        let credential = ClientSecretCredential::new(
            self.tenant.as_str(),
            self.client_id.as_str().to_owned(),
            Secret::new(self.secret.unseal().to_owned()),
            Some(ClientSecretCredentialOptions { client_options }),
        )?;
        credential.get_token(scopes, None).await
    }
}

#[async_trait]
impl TokenCredential for InTenant {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let doing = "sign in";
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
                    (self.entra.failure(&answer, doing), passing.then_some(wait))
                }
                None => (unsent(&error), None),
            };
            match again {
                Some(wait) if tries.again(wait).await => {}
                _ => return Err(wrapped(failure)),
            }
        }
    }
}

/// azure_identity refused before it asked: a tenant or client id it does not like.
fn unsent(_: &azure_core::Error) -> Failure {
    Failure::new(Kind::Misused, "sign in", "tenant, client id or secret cannot be right")
        .hint("check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET")
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
        let heard = self.gate.send(request, None, self.limit).await;
        let (result, heard) = match heard {
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
