//! What the demo's services let in: a token that Entra signed, for them, of their tenant, in its time. Nothing else.

use amlock::demo::DemoCloud;
use azure_core::http::{HttpClient as _, Method, Request};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use serde_json::Value;

use super::{ARM, ML, Stage, VAULT, at_home};

/// A status, the challenge and the body of an answer.
type Answer = (u16, String, Value);

pub(crate) async fn ask(demo: &DemoCloud, method: Method, url: &str, token: Option<&str>, body: &str) -> Answer {
    let mut request = Request::new(url.parse().expect("an address"), method);
    if let Some(token) = token {
        request.insert_header("authorization", format!("Bearer {token}"));
    }
    request.set_body(body.to_owned());
    let answer = demo.execute_request(&request).await.expect("an answer");
    let (status, headers, body) = answer.try_into_raw_response().await.expect("a body").deconstruct();
    let challenge = headers.iter().find(|(name, _)| name.as_str() == "www-authenticate");
    let challenge = challenge.map(|(_, value)| value.as_str().to_owned()).unwrap_or_default();
    (status.into(), challenge, serde_json::from_slice(body.as_ref()).unwrap_or(Value::Null))
}

/// Alex's token for a service, as it is sent.
pub(crate) async fn token(stage: &Stage, resource: &str) -> String {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("client_id", "04b07795-8ddb-461a-bbee-02f9e1bf7b46")
        .append_pair("refresh_token", &refresh_token(stage))
        .append_pair("scope", &format!("{resource}/.default"))
        .finish();
    let url = "https://login.microsoftonline.com/organizations/oauth2/v2.0/token";
    let (_, _, body) = ask(&stage.demo, Method::Post, url, None, &form).await;
    body["access_token"].as_str().expect("a token").to_owned()
}

fn refresh_token(stage: &Stage) -> String {
    let found = stage.demo.logins().into_iter().find_map(|login| match login {
        amlock::demo::SeededLogin::User { refresh_token, .. } => Some(refresh_token),
        amlock::demo::SeededLogin::Principal { .. } => None,
    });
    found.expect("alex")
}

/// The same token with a claim changed: its signature fits no more.
fn forged(token: &str, claim: &str, value: &str) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let mut claims: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).expect("base64")).expect("claims");
    claims[claim] = value.into();
    format!("{}.{}.{}", parts[0], BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2])
}

#[tokio::test(start_paused = true)]
async fn a_token_for_another_service_is_refused_by_each_as_in_azure() {
    let stage = Stage::new("");
    let arm = format!("{ARM}/subscriptions?api-version=2022-12-01");
    let vault = "https://kv-vision.vault.azure.net/secrets?api-version=7.4";
    let run = stage.demo.run("ws-vision").expect("a run");
    let own = run.iter().find(|(name, _)| *name == "AZUREML_RUN_TOKEN").map(|(_, value)| value.clone()).expect("one");
    let ml = super::run::credential(&run);
    for (url, right) in [(arm.as_str(), ARM), (vault, VAULT), (ml.as_str(), ARM)] {
        for resource in [ARM, VAULT, ML] {
            let token = token(&stage, resource).await;
            let (status, challenge, body) = ask(&stage.demo, Method::Get, url, Some(&token), "").await;
            let fine = resource == right;
            assert_eq!(status, if fine { 200 } else { 401 }, "{url} with a token for {resource}: {body}");
            assert!(fine || challenge.starts_with("Bearer"), "{url}: {challenge}");
        }
        let (status, ..) = ask(&stage.demo, Method::Get, url, None, "").await;
        assert_eq!(status, 401, "{url} without a token");
        let (status, ..) = ask(&stage.demo, Method::Get, url, Some(&own), "").await;
        assert_eq!(status, if url == ml { 200 } else { 401 }, "{url} with a run's token");
    }
    let (_, challenge, body) = ask(&stage.demo, Method::Get, vault, Some(&token(&stage, ARM).await), "").await;
    assert!(challenge.contains("authorization=\"https://login.microsoftonline.com/"), "{challenge}");
    assert!(body["error"]["message"].as_str().is_some_and(|words| words.starts_with("AKV10022: Invalid audience")));
    let (_, challenge, body) = ask(&stage.demo, Method::Get, &arm, Some(&token(&stage, VAULT).await), "").await;
    assert!(challenge.contains("authorization_uri=\"https://login.windows.net/"), "{challenge}");
    assert_eq!(body["error"]["code"], "InvalidAuthenticationTokenAudience");
}

#[tokio::test(start_paused = true)]
async fn a_changed_claim_and_an_old_token_open_nothing() {
    let stage = Stage::new("");
    let genuine = [token(&stage, ARM).await, token(&stage, VAULT).await];
    let urls = [
        format!("{ARM}/subscriptions?api-version=2022-12-01"),
        "https://kv-vision.vault.azure.net/secrets?api-version=7.4".to_owned(),
    ];
    for (url, token) in urls.iter().zip(&genuine) {
        for (claim, value) in [("exp", "9999999999"), ("tid", "x"), ("oid", "x"), ("iss", "https://evil.example/")] {
            let (status, ..) = ask(&stage.demo, Method::Get, url, Some(&forged(token, claim, value)), "").await;
            assert_eq!(status, 401, "{url}: {claim}");
        }
        let unsigned = format!("{}.", token.rsplit_once('.').expect("signed").0);
        assert_eq!(ask(&stage.demo, Method::Get, url, Some(&unsigned), "").await.0, 401, "{url}");
    }
    stage.demo.jump(SignedDuration::from_hours(2));
    for (url, token) in urls.iter().zip(&genuine) {
        assert_eq!(ask(&stage.demo, Method::Get, url, Some(token), "").await.0, 401, "{url}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_lost_its_way_is_told_in_words_and_not_tried_for_ever() {
    let stage = Stage::new("");
    let alex = stage.alex();
    // Every token that comes is for another service than was asked.
    stage.change(|request| {
        super::with_field(request, "scope", Some("https://vault.azure.net/.default offline_access"));
    });
    let failure = stage.cloud.subscriptions(&at_home(&alex)).await.expect_err("refused");
    assert_eq!(failure.exit_code(), 3, "{failure:?}");
    assert!(failure.cause.contains("wrong audience"), "{failure:?}");
    assert!(!failure.sentence().contains("eyJ"));
    assert_eq!(stage.sent("management.azure.com").len(), 2, "once more with a new token, and no more");
}
