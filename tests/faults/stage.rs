//! A user who is signed in, a vault, and the servers behind their names.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use amlock::cloud::{Clock, Cloud, Network, Transport};
use amlock::domain::{Failure, NewSecret, Sealed, Secret, SecretName, TenantId, Vault, Who};
use reqwest::dns::Resolve;
use tokio_rustls::rustls::ServerConfig;

use crate::authority::Authority;
use crate::server::{Found, Heard, Names, Server, Step, http, ok};

pub(crate) const VAULT: &str = "kv-demo.vault.azure.net";
pub(crate) const LOGIN: &str = "login.microsoftonline.com";
pub(crate) const ARM: &str = "management.azure.com";
/// A host that is not on any list.
pub(crate) const EVIL: &str = "evil.example";
/// What must not be in any failure's words.
pub(crate) const CANARY: &str = "s3cr3t-c4n4ry";
const TENANT: &str = "11111111-1111-1111-1111-111111111111";

/// The one authority of this run.
pub(crate) fn authority() -> &'static Authority {
    static ONE: OnceLock<Authority> = OnceLock::new();
    ONE.get_or_init(Authority::new)
}

/// A good certificate for `name`; one for all tests, as making one takes a while.
pub(crate) fn proven(name: &str) -> Arc<ServerConfig> {
    static MADE: Mutex<Option<HashMap<String, Arc<ServerConfig>>>> = Mutex::new(None);
    let mut made = MADE.lock().expect("no panic");
    let made = made.get_or_insert_default().entry(name.to_owned());
    Arc::clone(made.or_insert_with(|| authority().server(&[name], |_| {})))
}

/// Somebody at work.
pub(crate) struct Stage {
    pub(crate) cloud: Cloud,
    pub(crate) who: Who,
    pub(crate) vault: Vault,
    pub(crate) names: Names,
    /// Sign-in: each token it gives is another one.
    pub(crate) login: Server,
    /// The vault.
    pub(crate) server: Server,
    /// What answers for Azure Resource Manager.
    pub(crate) arm: Server,
    /// What answers for the host that is on no list.
    pub(crate) evil: Server,
}

/// A client of its own for servers that are somebody else's.
pub(crate) fn client(vault: SocketAddr, login: SocketAddr, ca: Vec<u8>) -> (Cloud, Who, Vault) {
    signed_in(Some(&Names::new([(VAULT, Found::At(vec![vault])), (LOGIN, Found::At(vec![login]))])), ca)
}

/// Somebody signed in; without names the machine's own are asked, or its proxy.
pub(crate) fn signed_in(names: Option<&Names>, ca: Vec<u8>) -> (Cloud, Who, Vault) {
    let names = names.cloned().map(|names| Arc::new(names) as Arc<dyn Resolve>);
    let network = Network { authorities: ca, names };
    let cloud = Cloud::new(Transport::over(&network).expect("a transport"), Clock::system(), false);
    let tenant = TenantId::parse(TENANT).expect("a tenant");
    let refresh_token = Sealed::new("refresh-token".to_owned());
    let account = cloud.adopt_user("alex@contoso.com".into(), "oid-1".into(), tenant.clone(), refresh_token);
    let who = Who { account: account.id, tenant };
    let vault = cloud.vault_by_name(&who, "kv-demo").expect("a vault");
    (cloud, who, vault)
}

/// Sign-in that gives a new token each time.
async fn login() -> Server {
    Server::tls(proven(LOGIN), |n, _| {
        ok(format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"token-{n}"}}"#))
    })
    .await
}

impl Stage {
    /// A vault that answers by `script`.
    pub(crate) async fn new(script: impl Fn(usize, &Heard) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let server = Server::tls(proven(VAULT), script).await;
        let place = Found::At(vec![server.at]);
        Self::before(server, place).await
    }

    /// A vault whose every answer is `answer`.
    pub(crate) async fn saying(answer: Vec<u8>) -> Self {
        Self::new(move |_, _| vec![Step::Send(answer.clone())]).await
    }

    /// The vault's name leads to `place`, whatever `server` is.
    pub(crate) async fn before(server: Server, place: Found) -> Self {
        let arm = Server::tls(proven(ARM), |_, _| ok("{}")).await;
        Self::with(server, place, arm).await
    }

    /// Azure Resource Manager answers by `script`, and so does the vault.
    pub(crate) async fn managed(script: impl Fn(usize, &Heard) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let server = Server::tls(proven(VAULT), |_, _| ok("{}")).await;
        let place = Found::At(vec![server.at]);
        Self::with(server, place, Server::tls(proven(ARM), script).await).await
    }

    async fn with(server: Server, place: Found, arm: Server) -> Self {
        Self::whole(server, place, arm, login().await).await
    }

    /// The same, but sign-in is `login`.
    pub(crate) async fn signing_in_at(login: Server) -> Self {
        let server = Server::deaf().await;
        let place = Found::At(vec![server.at]);
        Self::whole(server, place, Server::deaf().await, login).await
    }

    async fn whole(server: Server, place: Found, arm: Server, login: Server) -> Self {
        let evil = Server::tls(proven(EVIL), |_, _| ok("{}")).await;
        let at = |server: &Server| Found::At(vec![server.at]);
        let names = Names::new([(LOGIN, at(&login)), (VAULT, place), (ARM, at(&arm)), (EVIL, at(&evil))]);
        let (cloud, who, vault) = signed_in(Some(&names), authority().pem().into_bytes());
        Self { cloud, who, vault, names, login, server, arm, evil }
    }

    /// Signs in, before the time is taken.
    pub(crate) async fn ready(&self) {
        self.cloud.token(&self.who, "https://vault.azure.net").await.expect("signed in");
    }

    /// How often somebody looked for a name.
    pub(crate) fn asked_for(&self, name: &str) -> usize {
        self.names.asked().iter().filter(|asked| *asked == name).count()
    }

    /// All secrets of the vault.
    pub(crate) async fn secrets(&self) -> Result<Vec<Secret>, Failure> {
        let mut all = Vec::new();
        self.cloud.secrets(&self.vault, &mut |page| all.extend(page)).await?;
        Ok(all)
    }

    /// A value.
    pub(crate) async fn reveal(&self) -> Result<Sealed, Failure> {
        Ok(self.cloud.reveal(&self.vault, &name("db-password"), None).await?.value)
    }

    /// The list's failure, timed.
    pub(crate) async fn failing(&self) -> (Failure, Duration) {
        let began = Instant::now();
        let failure = self.secrets().await.expect_err("this cannot be listed");
        (failure, began.elapsed())
    }
}

pub(crate) fn name(text: &str) -> SecretName {
    SecretName::parse(text).expect("a name")
}

pub(crate) fn new(value: &str) -> NewSecret {
    NewSecret {
        name: name("db-password"),
        value: Sealed::new(value.to_owned()),
        content_type: None,
        tags: None,
        not_before: None,
        expires: None,
        enabled: None,
    }
}

/// A list with these names.
pub(crate) fn listed(names: &[&str], next: Option<&str>) -> String {
    let items: Vec<_> =
        names.iter().map(|name| serde_json::json!({"id": format!("https://{VAULT}/secrets/{name}")})).collect();
    serde_json::json!({"value": items, "nextLink": next}).to_string()
}

/// A good list, in one answer.
pub(crate) fn one_page() -> Vec<u8> {
    http(200, &[], listed(&["db-password"], None))
}

/// Everything a failure says, anywhere.
pub(crate) fn told(failure: &Failure) -> String {
    let all = format!("{failure} {failure:?}");
    assert!(!all.contains(CANARY) && !all.contains("token-") && !all.contains("refresh-token"), "{all}");
    all
}
