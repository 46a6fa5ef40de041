//! For tests: a far end that answers by script and writes down what it heard, and a login that mints tokens.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::headers::{AUTHORIZATION, Headers};
use azure_core::http::request::Body;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use azure_core::time::OffsetDateTime;
use bytes::Bytes;
use futures_util::StreamExt as _;

use crate::domain::{Account, AccountKind, Failure, Kept, Moment, TenantId, Who};

use super::accounts::{Accounts, account_id};
use super::clock::Clock;
use super::gate::{Broken, PUBLIC, Why};
use super::sign_in::Claims;
use super::tokens::Login;
use super::transport::Transport;
use super::wire::Wire;

/// The tenant everybody is in.
pub(crate) const TENANT: &str = "11111111-1111-1111-1111-111111111111";

/// What the far end does.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Answers.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Answers with a body that never ends.
    Endless,
    /// Answers, and then goes silent within the body.
    Stalls,
    /// Answers well, after so long.
    Late(Duration),
    /// Answers, and then sends a byte every nine seconds.
    Trickles,
    /// Says nothing.
    Hangs,
    /// Lets nobody in.
    Refuses(Why),
    /// Breaks after the request was sent.
    Breaks,
}

/// A plain answer.
pub(crate) fn answer(status: u16, body: &str) -> Step {
    Step::Answer(status, vec![("content-type", "application/json".to_owned())], body.to_owned())
}

/// What the far end heard.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) url: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

type Script = Box<dyn Fn(usize, &Heard) -> Step + Send + Sync>;

/// A far end.
pub(crate) struct Scripted {
    script: Script,
    heard: Mutex<Vec<Heard>>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scripted")
    }
}

impl Scripted {
    /// Answers the n-th request, from 0, by `script`.
    pub(crate) fn new(script: impl Fn(usize, &Heard) -> Step + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { script: Box::new(script), heard: Mutex::default() })
    }

    /// Does one thing after the other, the last one again and again.
    pub(crate) fn steps(steps: Vec<Step>) -> Arc<Self> {
        Self::new(move |n, _| steps[n.min(steps.len() - 1)].clone())
    }

    /// Everything it heard since it last forgot.
    pub(crate) fn forget(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything it heard.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl HttpClient for Scripted {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let Body::Bytes(body) = request.body() else { panic!("no streams here") };
        let heard = Heard {
            url: request.url().to_string(),
            authorization: request.headers().get_optional_str(&AUTHORIZATION).map(str::to_owned),
            body: String::from_utf8_lossy(body).into_owned(),
        };
        let step = {
            let mut all = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            let step = (self.script)(all.len(), &heard);
            all.push(heard);
            step
        };
        let stream = |body| AsyncRawResponse::new(200.into(), Headers::new(), body);
        match step {
            Step::Answer(status, given, body) => {
                let mut headers = Headers::new();
                for (name, value) in given {
                    headers.insert(name, value);
                }
                Ok(AsyncRawResponse::from_bytes(status.into(), headers, body))
            }
            Step::Endless => {
                let piece = Bytes::from(vec![b' '; 64 * 1024]);
                Ok(stream(Box::pin(futures_util::stream::repeat_with(move || Ok(piece.clone())))))
            }
            Step::Stalls => Ok(stream(Box::pin(futures_util::stream::pending()))),
            Step::Late(time) => {
                tokio::time::sleep(time).await;
                Ok(AsyncRawResponse::from_bytes(200.into(), Headers::new(), "{}"))
            }
            Step::Trickles => Ok(stream(Box::pin(futures_util::stream::repeat(()).then(|()| async {
                tokio::time::sleep(Duration::from_secs(9)).await;
                Ok(Bytes::from_static(b" "))
            })))),
            Step::Hangs => std::future::pending().await,
            Step::Refuses(why) => Err(azure_core::Error::with_error(ErrorKind::Connection, Broken { why }, "no")),
            Step::Breaks => Err(azure_core::Error::with_message(ErrorKind::Io, "reset")),
        }
    }
}

/// A login that mints `token-1`, `token-2`, ...
#[derive(Debug)]
pub(crate) struct Mint {
    pub(crate) clock: Clock,
    /// How long each takes to come.
    pub(crate) takes: Duration,
    /// How long each lives, in seconds.
    pub(crate) life: i64,
    /// What the n-th one reads.
    pub(crate) reads: fn(usize) -> String,
    /// From which one on it fails.
    pub(crate) fails_from: usize,
    pub(crate) minted: AtomicUsize,
    pub(crate) claims: Mutex<Vec<String>>,
}

impl Mint {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            takes: Duration::ZERO,
            life: 3600,
            reads: |n| format!("token-{n}"),
            fails_from: usize::MAX,
            minted: AtomicUsize::new(0),
            claims: Mutex::default(),
        }
    }

    pub(crate) fn minted(&self) -> usize {
        self.minted.load(Ordering::SeqCst)
    }
}

/// A mint that is shared with the test.
#[derive(Clone, Debug)]
pub(crate) struct Shared(pub(crate) Arc<Mint>);

impl Login for Shared {
    fn credential(&self, _tenant: &TenantId) -> Arc<dyn TokenCredential> {
        Arc::new(self.clone())
    }
}

#[async_trait]
impl TokenCredential for Shared {
    async fn get_token(
        &self,
        _scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let mint = &self.0;
        let n = mint.minted.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(claims) = options.and_then(|options| options.method_options.context.value::<Claims>().cloned()) {
            mint.claims.lock().unwrap_or_else(PoisonError::into_inner).push(claims.0);
        }
        tokio::time::sleep(mint.takes).await;
        if n >= mint.fails_from {
            let failure = Failure::new(crate::domain::Kind::Offline, "sign in", "no network");
            return Err(azure_core::Error::with_error(ErrorKind::Credential, failure, "no network"));
        }
        let ends = mint.clock.now().as_second() + mint.life;
        let ends = OffsetDateTime::from_unix_timestamp(ends).expect("a time");
        Ok(AccessToken::new((mint.reads)(n), ends))
    }
}

/// A clock that moves with tokio's.
pub(crate) fn clock() -> Clock {
    Clock::starting_at(Moment::from_second(1_790_000_000).expect("a time"))
}

/// A wire to `client`, with one account.
pub(crate) fn wire(client: &Arc<Scripted>) -> (Wire, Who, Arc<Mint>) {
    wire_with(client, Mint::new(clock()))
}

/// The same with a mint of the test's.
pub(crate) fn wire_with(client: &Arc<Scripted>, mint: Mint) -> (Wire, Who, Arc<Mint>) {
    let (clock, mint) = (mint.clock, Arc::new(mint));
    let tenant = TenantId::parse(TENANT).expect("a tenant");
    let account = Account {
        id: account_id("alex", &tenant),
        name: "alex@contoso.com".into(),
        kind: AccountKind::User,
        tenant: tenant.clone(),
        tenant_name: None,
        object_id: None,
        token_of: None,
        kept: Kept::Memory,
        ends: None,
    };
    let who = Who { account: account.id.clone(), tenant };
    let accounts = Accounts::default();
    accounts.put(account, Arc::new(Shared(Arc::clone(&mint))), clock);
    let client: Arc<dyn HttpClient> = Arc::clone(client) as Arc<dyn HttpClient>;
    (Wire::new(Transport::of(&client), &PUBLIC, accounts, clock), who, mint)
}
