//! Every way to sign in, through amlock's own client against the demo's Entra and machines: what works, what is refused and in
//! which words, and that a way left in the middle leaves nothing behind.

mod app;
mod browser;
mod command_line;
mod device_code;
mod dropped;
mod environment;
#[path = "../support/journey.rs"]
#[expect(dead_code, reason = "the journeys need more of it")]
mod journey;
mod judges;
mod machine;
mod principal;
mod refresh;
mod repeated;
mod run;
mod services;

use std::sync::{Arc, Mutex};

use amlock::cloud::{Clock, Cloud, SignIn, Told, Transport};
use amlock::demo::{DemoCloud, SeededLogin};
use amlock::domain::{Account, ClientId, Failure, Moment, Sealed, TenantId, Who};
use async_trait::async_trait;
use azure_core::http::request::Body;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};

pub(crate) const ARM: &str = "https://management.azure.com";
pub(crate) const VAULT: &str = "https://vault.azure.net";
pub(crate) const ML: &str = "https://ml.azure.com";

pub(crate) fn noon() -> Moment {
    "2026-11-21T09:00:00Z".parse().expect("a time")
}

/// What a client is to send or to hear instead.
type Change = Box<dyn Fn(&mut Request) + Send + Sync>;

/// One request as it left: its address and its form.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) url: String,
    pub(crate) form: Vec<(String, String)>,
}

impl Sent {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

/// The demo with a witness before it, who writes down what was sent and can change it on the way.
pub(crate) struct Witness {
    demo: Arc<DemoCloud>,
    sent: Mutex<Vec<Sent>>,
    change: Mutex<Option<Change>>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Witness {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        if let Some(change) = &*self.change.lock().expect("unharmed") {
            change(&mut request);
        }
        let form = form(&request);
        self.sent.lock().expect("unharmed").push(Sent { url: request.url().to_string(), form });
        self.demo.execute_request(&request).await
    }
}

/// The form that a request carries.
pub(crate) fn form(request: &Request) -> Vec<(String, String)> {
    let Body::Bytes(bytes) = request.body() else { return Vec::new() };
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

/// Sends another value in a field of the form.
pub(crate) fn with_field(request: &mut Request, name: &str, value: Option<&str>) {
    let mut fields = form(request);
    if !fields.iter().any(|(have, _)| have == name) {
        return;
    }
    fields.retain(|(have, _)| have != name);
    fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    request.set_body(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish());
}

/// A world, a client of it, and what the client sends.
pub(crate) struct Stage {
    pub(crate) demo: Arc<DemoCloud>,
    pub(crate) cloud: Cloud,
    witness: Arc<Witness>,
}

impl Stage {
    pub(crate) fn new(world: &str) -> Self {
        Self::at(world, noon())
    }

    pub(crate) fn at(world: &str, now: Moment) -> Self {
        let demo = DemoCloud::new(world, now).expect("a world");
        let witness = Arc::new(Witness { demo: Arc::clone(&demo), sent: Mutex::default(), change: Mutex::default() });
        let client: Arc<dyn HttpClient> = Arc::clone(&witness) as _;
        let cloud = Cloud::new(Transport::of(&client), Clock::starting_at(now), false);
        Self { demo, cloud, witness }
    }

    /// Changes everything that is sent from now on.
    pub(crate) fn change(&self, change: impl Fn(&mut Request) + Send + Sync + 'static) {
        *self.witness.change.lock().expect("unharmed") = Some(Box::new(change));
    }

    /// What was sent so far to addresses with `part` in them.
    pub(crate) fn sent(&self, part: &str) -> Vec<Sent> {
        self.witness.sent.lock().expect("unharmed").iter().filter(|sent| sent.url.contains(part)).cloned().collect()
    }

    /// Alex, as the world begins.
    pub(crate) fn alex(&self) -> Account {
        let alex = self.demo.logins().into_iter().find_map(|login| match login {
            SeededLogin::User { username, object_id, tenant, refresh_token } => {
                Some((username, object_id, tenant, refresh_token))
            }
            SeededLogin::Principal { .. } => None,
        });
        let (name, object_id, home, token) = alex.expect("alex");
        self.cloud.adopt_user(name.into(), object_id.into(), tenant(&home), Sealed::new(token))
    }

    /// An application: its tenant, its client id, its secret.
    pub(crate) fn application(&self, name: &str) -> (TenantId, ClientId, String) {
        let found = self.demo.logins().into_iter().find_map(|login| match login {
            SeededLogin::Principal { name: one, tenant, client_id, client_secret } if one == name => {
                Some((tenant, client_id, client_secret))
            }
            _ => None,
        });
        let (home, client_id, secret) = found.expect("an application");
        (tenant(&home), ClientId::parse(&client_id).expect("an id"), secret)
    }

    /// A tenant by its domain.
    pub(crate) fn tenant(&self, domain: &str) -> TenantId {
        tenant(&self.demo.tenant(domain).expect("a tenant"))
    }

    pub(crate) async fn sign_in(&self, way: SignIn) -> Result<Account, Failure> {
        self.cloud.sign_in(way, &mut |_: Told| ()).await
    }

    /// The account's token for every service, in its own tenant.
    pub(crate) async fn opens_everything(&self, account: &Account) {
        for resource in [ARM, VAULT, ML] {
            let token = self.cloud.token(&at_home(account), resource).await;
            assert!(token.is_ok_and(|token| token.expires > self.cloud.clock().now()), "{resource}");
        }
        assert_eq!(self.cloud.subscriptions(&at_home(account)).await.expect("subscriptions").len(), 3);
    }

    /// A sign-in that Azure refuses with this code, saying `theirs`, and that adds nobody.
    pub(crate) async fn denied(&self, way: SignIn, code: &str, theirs: &str) {
        let before = self.cloud.accounts();
        said(&self.sign_in(way).await.expect_err("refused"), code, theirs);
        assert_eq!(self.cloud.accounts(), before, "a sign-in that failed leaves nobody");
    }

    /// A sign-in that is refused in these words, with this code, and adds nobody.
    pub(crate) async fn refused(&self, way: SignIn, code: &str, words: &str) -> Failure {
        let before = self.cloud.accounts();
        let failure = self.sign_in(way).await.expect_err("refused");
        told(&failure, code, words);
        assert_eq!(self.cloud.accounts(), before, "a sign-in that failed leaves nobody");
        failure
    }
}

/// A failure of these words and this code, clean, with a next step, and exit code 3.
pub(crate) fn told(failure: &Failure, code: &str, words: &str) {
    assert!(failure.cause.contains(words), "{words:?} is not in {failure:?}");
    said(failure, code, "");
}

/// A failure of this code, clean, with a next step, of which Azure said `theirs`.
pub(crate) fn said(failure: &Failure, code: &str, theirs: &str) {
    let have = failure.azure.as_ref().map(|azure| azure.code.raw().to_owned()).unwrap_or_default();
    assert_eq!(have, code, "{failure:?}");
    let message = failure.azure.as_ref().map(|azure| azure.message.raw().to_owned()).unwrap_or_default();
    assert!(message.contains(theirs), "{theirs:?} is not in {failure:?}");
    assert!(!failure.sentence().contains("Trace ID") && !failure.sentence().contains('\n'), "{failure:?}");
    assert!(failure.hint.is_some(), "{failure:?}");
    assert_eq!(failure.exit_code(), 3, "{failure:?}");
}

pub(crate) fn tenant(text: &str) -> TenantId {
    TenantId::parse(text).expect("a tenant")
}

pub(crate) fn at_home(account: &Account) -> Who {
    Who { account: account.id.clone(), tenant: account.tenant.clone() }
}
