//! Signing in and tokens, through the whole of `Cloud`, against the demo cloud and recorded answers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use amlock::cloud::{Clock, Cloud, Proof, SignIn, Told, Transport};
use amlock::demo::{DemoCloud, Fault, SeededLogin};
use amlock::domain::{Account, AccountKind, ClientId, DeviceCode, Kept, Kind, Moment, Sealed, TenantId, Who};
use async_trait::async_trait;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use serde_json::Value;

fn start() -> Moment {
    "2026-11-21T09:00:00Z".parse().expect("a time")
}

fn demo(world: &str) -> (Arc<DemoCloud>, Cloud) {
    let demo = DemoCloud::new(world, start()).expect("a world");
    let client: Arc<dyn HttpClient> = Arc::clone(&demo) as Arc<dyn HttpClient>;
    (demo, Cloud::new(Transport::of(&client), Clock::starting_at(start()), false))
}

/// Takes over what the demo starts with.
fn adopt(demo: &DemoCloud, cloud: &Cloud) -> Vec<Account> {
    let tenant = |text: &str| TenantId::parse(text).expect("a tenant");
    demo.seeded_logins()
        .into_iter()
        .map(|login| match login {
            SeededLogin::User { username, object_id, tenant: home, refresh_token } => {
                cloud.adopt_user(username.into(), object_id.into(), tenant(&home), Sealed::new(refresh_token))
            }
            SeededLogin::Principal { name, tenant: home, client_id, client_secret } => {
                let client_id = ClientId::parse(&client_id).expect("an id");
                cloud.adopt_principal(name.into(), tenant(&home), client_id, Sealed::new(client_secret))
            }
        })
        .collect()
}

fn at_home(account: &Account) -> Who {
    Who { account: account.id.clone(), tenant: account.tenant.clone() }
}

#[tokio::test(start_paused = true)]
async fn a_user_and_a_principal_get_tokens_for_every_service() {
    let (demo, cloud) = demo("");
    for account in adopt(&demo, &cloud) {
        for resource in
            ["https://management.azure.com", "https://management.azure.com/", "https://vault.azure.net/.default"]
        {
            let token = cloud.token(&at_home(&account), resource).await.expect("a token");
            assert!(token.expires > start() && token.token.bytes() > 100, "{resource}");
        }
    }
    assert_eq!(demo.log().iter().filter(|one| one.url.ends_with("/token")).count(), 4);
    let kinds: Vec<_> = cloud.accounts().iter().map(|account| account.kind).collect();
    assert_eq!(kinds, [AccountKind::User, AccountKind::Principal]);
    assert!(cloud.accounts().iter().all(|account| account.object_id.is_some() && account.kept == Kept::Memory));
    assert!(!format!("{cloud:?}").contains("eyJ"));
    for junk in ["", "/.default", "https://a b/.default", "x\noffline_access"] {
        let failure = cloud.token(&at_home(&cloud.accounts()[0]), junk).await.expect_err("no resource");
        assert_eq!(failure.kind, Kind::Misused, "{junk:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_outlives_a_lost_answer_and_a_slow_network() {
    for fault in [Fault::Refuse, Fault::Cut, Fault::Status(503), Fault::Status(429)] {
        let (demo, cloud) = demo("");
        for account in adopt(&demo, &cloud) {
            demo.fail_next("/token", fault);
            let token = cloud.token(&at_home(&account), "https://vault.azure.net").await;
            assert!(token.is_ok(), "{fault:?} {:?}", token.err());
        }
    }
    let (demo, cloud) = demo("");
    for account in adopt(&demo, &cloud) {
        demo.fail_next("/token", Fault::Html);
        let failure = cloud.token(&at_home(&account), "https://vault.azure.net").await.expect_err("a portal");
        assert!(failure.cause.contains("a proxy answered"), "{failure:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_on_this_screen_signs_in_from_another() {
    let (demo, cloud) = demo("");
    let mut told: Vec<DeviceCode> = Vec::new();
    let account = cloud
        .sign_in(SignIn::DeviceCode { tenant: None }, &mut |one| told.extend(one.code()))
        .await
        .expect("signed in");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].verification_uri.raw(), "https://microsoft.com/devicelogin");
    assert!(told[0].expires > start() && !told[0].user_code.is_empty());
    assert_eq!((account.kind, account.kept), (AccountKind::User, Kept::Memory));
    assert_eq!(cloud.accounts(), std::slice::from_ref(&account));
    let asked = demo.log().len();
    cloud.token(&at_home(&account), "https://management.azure.com").await.expect("it came with the sign-in");
    assert_eq!(demo.log().len(), asked);
    cloud.token(&at_home(&account), "https://vault.azure.net").await.expect("one more");
    assert_eq!(demo.log().len(), asked + 1);
    assert!(cloud.sign_out(&account.id).expect("signed out") && cloud.accounts().is_empty());
    assert!(!cloud.sign_out(&account.id).expect("nobody there"));
    let failure = cloud.token(&at_home(&account), "https://vault.azure.net").await.expect_err("signed out");
    assert_eq!(failure.exit_code(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_is_declined_or_dropped_leaves_nobody() {
    let (demo, cloud) = demo("");
    demo.decline_device_codes();
    let failure = cloud.sign_in(SignIn::DeviceCode { tenant: None }, &mut |_| ()).await.expect_err("declined");
    assert_eq!(failure.kind, Kind::SignedOut);
    assert!(failure.cause.contains("declined"), "{failure:?}");
    let mut never = |_: Told| ();
    let signing = cloud.sign_in(SignIn::DeviceCode { tenant: None }, &mut never);
    assert!(tokio::time::timeout(Duration::from_millis(100), signing).await.is_err());
    let asked = demo.log().len();
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(demo.log().len(), asked);
    assert!(cloud.accounts().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_revoked_login_and_a_wrong_secret_say_so() {
    let (demo, cloud) = demo("");
    let accounts = adopt(&demo, &cloud);
    demo.revoke("alex@contoso.com");
    let failure = cloud.token(&at_home(&accounts[0]), "https://vault.azure.net").await.expect_err("revoked");
    assert_eq!((failure.kind.clone(), failure.hint.is_some()), (Kind::SignedOut, true), "{failure:?}");
    assert!(failure.azure.as_ref().is_some_and(|azure| azure.code.raw().starts_with("AADSTS")), "{failure:?}");
    let way = SignIn::Principal {
        tenant: accounts[1].tenant.clone(),
        client_id: ClientId::parse(accounts[1].id.as_str().split('.').next().unwrap_or_default()).expect("an id"),
        proof: Proof::Secret(Sealed::new("wr0ng".to_owned())),
    };
    let before = cloud.accounts();
    let failure = cloud.sign_in(way, &mut |_| ()).await.expect_err("wrong");
    assert_eq!(failure.kind, Kind::SignedOut);
    assert_eq!(failure.azure.as_ref().map(|azure| azure.code.raw()), Some("AADSTS7000215"), "{failure:?}");
    assert!(!format!("{failure:?}").contains("wr0ng"));
    assert_eq!(cloud.accounts(), before);
}

/// Answers with what was recorded, one after the other.
#[derive(Debug)]
struct Recorded(Mutex<Vec<(u16, String)>>);

#[async_trait]
impl HttpClient for Recorded {
    async fn execute_request(&self, _: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut answers = self.0.lock().expect("no panic");
        let (status, body) = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Ok(AsyncRawResponse::from_bytes(status.into(), Headers::new(), body))
    }
}

fn recorded(answers: Vec<(u16, String)>) -> Cloud {
    let client: Arc<dyn HttpClient> = Arc::new(Recorded(Mutex::new(answers)));
    Cloud::new(Transport::of(&client), Clock::starting_at(start()), false)
}

/// The answers of a recording to POST, or to everything.
fn entries(text: &str, method: &str) -> Vec<(u16, String)> {
    let file: Value = serde_json::from_str(text).expect("a recording");
    let entries = file["entries"].as_array().expect("entries").iter().filter(|entry| entry["method"] == method);
    entries
        .map(|entry| {
            (u16::try_from(entry["status"].as_u64().expect("a status")).expect("small"), entry["body"].to_string())
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_recorded_device_code_signs_in() {
    let mut told = 0;
    let cloud = recorded(entries(include_str!("truth/entra_devicecode.json"), "POST"));
    let way = SignIn::DeviceCode { tenant: None };
    let account = cloud.sign_in(way, &mut |_| told += 1).await.expect("signed in");
    let id = "12345678-1234-1234-1234-123456789012";
    assert_eq!((told, account.id.as_str()), (1, format!("{id}.{id}").as_str()));
}

#[tokio::test(start_paused = true)]
async fn what_entra_says_becomes_words() {
    let tenant = || TenantId::parse("tenant").expect("a tenant");
    let principal = || SignIn::Principal {
        tenant: tenant(),
        client_id: ClientId::parse("app").expect("an id"),
        proof: Proof::Secret(Sealed::new("s".to_owned())),
    };
    let cloud = recorded(entries(include_str!("truth/entra_invalid_tenant.json"), "GET"));
    let failure = cloud.sign_in(principal(), &mut |_| ()).await.expect_err("no such tenant");
    assert_eq!(failure.cause, "there is no such tenant");
    assert_eq!(failure.azure.as_ref().map(|azure| azure.code.raw()), Some("AADSTS90002"));
    for (code, words) in [
        (7_000_215, "client secret is wrong"),
        (7_000_222, "client secret has expired"),
        (700_016, "no such application"),
        (53_003, "Conditional Access"),
        (50_076, "multi-factor"),
        (65_001, "consented"),
        (700_082, "not used for too long"),
        (70_043, "limits how long"),
        (50_173, "password has changed"),
        (50_020, "the user is not in tenant tenant"),
        (123_456, "Something new"),
    ] {
        // Line ends within the message, as Entra has them, and codes only in the message, as some answers have it.
        for listed in [true, false] {
            let codes: Vec<u32> = listed.then_some(code).into_iter().collect();
            let body = serde_json::json!({
                "error": "invalid_client",
                "error_description": format!("AADSTS{code}: Something new 'x'.\r\nTrace ID: 1\r\nTimestamp: 2"),
                "error_codes": codes,
            });
            let failure =
                recorded(vec![(401, body.to_string())]).sign_in(principal(), &mut |_| ()).await.expect_err("no");
            assert!(failure.cause.contains(words), "{code}: {failure:?}");
            assert!(!failure.cause.contains("Trace"), "{failure:?}");
            assert_eq!(failure.azure.as_ref().map(|azure| azure.code.raw().to_owned()), Some(format!("AADSTS{code}")));
            assert_eq!(failure.exit_code(), 3);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_typed_too_late_and_a_hostile_address_are_refused() {
    let offer = |place: &str| {
        serde_json::json!({"user_code": "C", "device_code": "D", "verification_uri": place, "expires_in": "900", "interval": "5"})
            .to_string()
    };
    let pending =
        r#"{"error":"authorization_pending","error_description":"AADSTS70016: pending\r\n","error_codes":[70016]}"#;
    let cloud = recorded(vec![(200, offer("https://microsoft.com/devicelogin")), (400, pending.to_owned())]);
    let began = tokio::time::Instant::now();
    let way = || SignIn::DeviceCode { tenant: None };
    let failure = cloud.sign_in(way(), &mut |_| ()).await.expect_err("too late");
    assert!(failure.cause.contains("code has expired"), "{failure:?}");
    assert!((900..=910).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    for place in [
        "https://microsoft.com.evil.com/devicelogin",
        "http://microsoft.com/devicelogin",
        "https://microsoft.com@evil.com/",
    ] {
        let mut told = 0;
        let cloud = recorded(vec![(200, offer(place))]);
        assert!(cloud.sign_in(way(), &mut |_| told += 1).await.is_err());
        assert_eq!(told, 0, "{place}");
    }
}
