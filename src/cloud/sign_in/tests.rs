//! What goes out to sign-in, read at its far end.

use std::sync::{Arc, Mutex};

use azure_core::http::HttpClient;
use url::form_urlencoded;

use super::entra::Entra;
use super::principal::{Principal, Proof};
use super::refresh::UserLogins;
use super::*;
use crate::cloud::gate::PUBLIC;
use crate::cloud::scripted::{Scripted, TENANT, answer, clock};
use crate::cloud::tokens::{CachedCredential, Login};
use crate::domain::{ClientId, TenantId};

const GRANT: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"one","refresh_token":"r-2"}"#;
const VAULT: &str = "https://vault.azure.net/.default";

fn field(body: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(body.as_bytes()).find(|(have, _)| have == name).map(|(_, value)| value.into_owned())
}

/// Asks twice, the second time with claims; gives the two forms.
async fn forms(client: &Arc<Scripted>, login: Arc<dyn Login>) -> Vec<String> {
    let tenant = TenantId::parse(TENANT).expect("a tenant");
    let cache = CachedCredential::new(login, clock());
    let token = cache.get(&tenant, VAULT).await.expect("a token");
    assert_eq!(token.expires, clock().now().checked_add(std::time::Duration::from_secs(3599)).expect("a time"));
    cache.renew(&tenant, VAULT, &token, Some(r#"{"a":"b&c"}"#.to_owned())).await.expect("another");
    let heard = client.heard();
    let url = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
    assert!(heard.iter().all(|one| one.url == url && one.authorization.is_none()), "{heard:?}");
    heard.into_iter().map(|one| one.body).collect()
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_goes_on_with_its_successor() {
    let client = Scripted::steps(vec![answer(200, GRANT)]);
    let entra = Entra::new(Arc::clone(&client) as Arc<dyn HttpClient>, &PUBLIC, clock());
    let kept = Arc::new(Mutex::new(0));
    let count = Arc::clone(&kept);
    let keep = Box::new(move |_: &Sealed| *count.lock().expect("no panic") += 1);
    let forms = forms(&client, UserLogins::new(entra, Sealed::new("r-1".to_owned()), Some(keep))).await;
    assert_eq!(field(&forms[0], "refresh_token").as_deref(), Some("r-1"));
    assert_eq!(field(&forms[1], "refresh_token").as_deref(), Some("r-2"));
    assert_eq!(field(&forms[0], "scope"), Some(format!("{VAULT} openid profile offline_access")));
    assert_eq!((field(&forms[0], "claims"), field(&forms[1], "claims")), (None, Some(r#"{"a":"b&c"}"#.to_owned())));
    assert_eq!(*kept.lock().expect("no panic"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_client_secret_arrives_as_it_is() {
    let client = Scripted::steps(vec![answer(200, GRANT)]);
    let entra = Entra::new(Arc::clone(&client) as Arc<dyn HttpClient>, &PUBLIC, clock());
    let secret = Sealed::new("s~+&= %ü".to_owned());
    let forms =
        forms(&client, Principal::new(entra, ClientId::parse("app").expect("an id"), Proof::Secret(secret))).await;
    assert_eq!(field(&forms[0], "client_secret").as_deref(), Some("s~+&= %ü"));
    assert_eq!(field(&forms[0], "scope").as_deref(), Some(VAULT));
    assert_eq!((field(&forms[0], "claims"), field(&forms[1], "claims")), (None, Some(r#"{"a":"b&c"}"#.to_owned())));
}
