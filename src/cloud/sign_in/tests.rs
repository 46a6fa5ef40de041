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

fn fits(failure: &Failure, words: &str, hint: &str) {
    assert!(failure.cause.contains(words), "{words}: {failure:?}");
    assert!(failure.hint.as_deref().unwrap_or_default().contains(hint), "{hint}: {failure:?}");
    assert!(!format!("{failure:?}").contains("s3cr3t"));
}

/// Everything that may stand between us and sign-in, however one signs in: what it is, and the way out.
#[tokio::test(start_paused = true)]
async fn whatever_stands_before_sign_in_is_told_with_a_way_out_whichever_way_is_gone() {
    use crate::cloud::gate::{Flaw, Why};
    use crate::cloud::scripted::Step;
    use crate::cloud::{Cloud, SignIn, Transport};
    use crate::domain::Kind;

    let page = || Step::Answer(200, vec![("content-type", "text/html".to_owned())], "<html>Sign in to WiFi".to_owned());
    let troubles = [
        (page(), "a proxy answered instead of Azure", "HTTPS_PROXY"),
        (
            Step::Answer(302, vec![("location", "https://portal.hotel.example/".to_owned())], String::new()),
            "tried to send us to portal.hotel.example",
            "",
        ),
        (Step::Refuses(Why::Dns), "its name cannot be resolved", "check the name and the network"),
        (Step::Refuses(Why::Refused), "it refuses the connection", "HTTPS_PROXY"),
        (Step::Refuses(Why::Timeout), "it does not answer in time", "HTTPS_PROXY"),
        (Step::Refuses(Why::Proxy("407".to_owned())), "the proxy does not let us through", "NO_PROXY"),
        (Step::Refuses(Why::Distrust(Flaw::Issuer)), "no authority that this machine trusts", "--ca-bundle"),
        (Step::Refuses(Why::Distrust(Flaw::Outside)), "or the CA bundle holds", "is it the right CA bundle"),
        (Step::Refuses(Why::Distrust(Flaw::SelfSigned)), "signed by itself", "--ca-bundle"),
        (Step::Refuses(Why::Distrust(Flaw::Expired)), "its certificate has expired", "this machine's clock"),
        (Step::Refuses(Why::Distrust(Flaw::NotYet)), "its certificate is not valid yet", "this machine's clock"),
        (Step::Refuses(Why::Setup("none".to_owned())), "TLS cannot be set up here", "ca-certificates"),
        (answer(503, "{}"), "Azure is not available just now", "later"),
    ];
    let tenant = || TenantId::parse(TENANT).expect("a tenant");
    for (step, words, hint) in troubles {
        for way in 0..4 {
            let client = Scripted::steps(vec![step.clone()]);
            let client: Arc<dyn HttpClient> = Arc::clone(&client) as Arc<dyn HttpClient>;
            let cloud = Cloud::new(Transport::of(&client), clock(), false);
            let client_id = ClientId::parse("app").expect("an id");
            let principal = |proof| SignIn::Principal { tenant: tenant(), client_id: client_id.clone(), proof };
            let certificate = || {
                let pem = include_bytes!("../../../tests/fixtures/certificates/principal.pem");
                certificate::Certificate::read(pem, None, false).expect("PEM")
            };
            let way = match way {
                0 => SignIn::DeviceCode { tenant: None },
                1 => principal(Proof::Secret(Sealed::new("s3cr3t".to_owned()))),
                2 => principal(Proof::Certificate(Box::new(certificate()))),
                _ => {
                    let account = cloud.adopt_user("a".into(), "o".into(), tenant(), Sealed::new("s3cr3t".to_owned()));
                    let who = crate::domain::Who { account: account.id, tenant: tenant() };
                    let failure = cloud.token(&who, "https://vault.azure.net").await.map(drop).expect_err("trouble");
                    fits(&failure, words, hint);
                    continue;
                }
            };
            let failure = cloud.sign_in(way, &mut |_| ()).await.expect_err("trouble");
            fits(&failure, words, hint);
            assert!(matches!(failure.kind, Kind::Offline | Kind::TryLater(_) | Kind::Failed), "{failure:?}");
            assert!(cloud.accounts().is_empty(), "no half account");
        }
    }
}
