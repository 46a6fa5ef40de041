//! A browser on this machine: in real time, as its answer comes over a socket.

use std::sync::Arc;
use std::time::Duration;

use amlock::cloud::{SignIn, Told};
use amlock::domain::{Account, Failure, Kind, TenantId};
use aws_lc_rs::digest::{SHA256, digest};
use azure_core::http::headers::HeaderName;
use azure_core::http::{HttpClient as _, Method, Request};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use tokio::net::TcpListener;
use url::Url;

use super::{Stage, services::ask};

pub(crate) fn way(tenant: Option<TenantId>) -> SignIn {
    SignIn::Browser { tenant }
}

/// A stage that answers at once.
pub(crate) fn quick(world: &str) -> Stage {
    let stage = Stage::new(world);
    stage.demo.latency(Duration::ZERO);
    stage
}

/// The page as somebody on the way would have it.
fn with(page: &Url, name: &str, value: &str) -> Url {
    let mut changed = page.clone();
    let swapped = |(have, old): (String, String)| {
        let new = if have == name { value.to_owned() } else { old };
        (have, new)
    };
    let pairs: Vec<_> = page.query_pairs().into_owned().map(swapped).collect();
    changed.query_pairs_mut().clear().extend_pairs(pairs);
    changed
}

pub(crate) fn parameter(page: &Url, name: &str) -> String {
    page.query_pairs().find(|(have, _)| have == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Signs in, while somebody opens the pages that `pages` makes of the right one, each when the one before was answered.
async fn signing(
    stage: &Stage,
    tenant: Option<TenantId>,
    pages: impl Fn(Url) -> Vec<Url> + Sync,
) -> (Result<Account, Failure>, Vec<bool>) {
    let (heard, mut answers) = tokio::sync::mpsc::unbounded_channel();
    let demo = Arc::clone(&stage.demo);
    let mut told = |told: Told| {
        let Told::Page(page) = told else { panic!("a page") };
        let (demo, heard, pages) = (Arc::clone(&demo), heard.clone(), pages(page));
        tokio::spawn(async move {
            for page in pages {
                let _ = heard.send(Arc::clone(&demo).visit(page).await);
            }
        });
    };
    let signed = tokio::time::timeout(Duration::from_secs(20), stage.cloud.sign_in(way(tenant), &mut told)).await;
    drop(heard);
    let mut went = Vec::new();
    while let Some(answer) = answers.recv().await {
        went.push(answer);
    }
    (signed.expect("in time"), went)
}

#[tokio::test]
async fn a_form_or_a_query_signs_in_and_the_port_is_closed_after() {
    for mode in ["form_post", "query"] {
        let stage = quick("");
        let port = std::sync::Mutex::new(0);
        let (signed, went) = signing(&stage, Some(stage.tenant("contoso.com")), |page| {
            let back = Url::parse(&parameter(&page, "redirect_uri")).expect("an address");
            *port.lock().expect("unharmed") = back.port().expect("a port");
            vec![with(&page, "response_mode", mode)]
        })
        .await;
        let account = signed.expect(mode);
        assert_eq!((account.name.raw(), went), ("alex@contoso.com", vec![true]), "{mode}");
        stage.opens_everything(&account).await;
        let port = *port.lock().expect("unharmed");
        assert!(TcpListener::bind(("127.0.0.1", port)).await.is_ok(), "{mode}: the port is free again");
    }
}

#[tokio::test]
async fn the_page_that_is_opened_gives_nothing_away() {
    let stage = quick("");
    let (signed, _) = signing(&stage, None, |page| {
        let challenge = parameter(&page, "code_challenge");
        assert_eq!((challenge.len(), parameter(&page, "code_challenge_method").as_str()), (43, "S256"));
        assert!(parameter(&page, "redirect_uri").starts_with("http://localhost:"));
        assert!(parameter(&page, "state").len() == 43 && parameter(&page, "nonce").len() == 43);
        assert_eq!(parameter(&page, "code_verifier"), "");
        vec![page]
    })
    .await;
    signed.expect("signed in");
    let sent = stage.sent("/token");
    assert_eq!(sent[0].field("code_verifier").map(str::len), Some(43), "only Entra hears the verifier");
}

#[tokio::test]
async fn a_verifier_that_does_not_fit_its_challenge_gets_no_token() {
    let stage = quick("");
    stage.change(|request| super::with_field(request, "code_verifier", Some(&"A".repeat(43))));
    let (signed, _) = signing(&stage, None, |page| vec![page]).await;
    super::said(&signed.expect_err("refused"), "AADSTS501481", "does not match the code_challenge");
    assert!(stage.cloud.accounts().is_empty());
}

#[tokio::test]
async fn an_answer_to_another_question_is_sent_away_and_the_right_one_still_counts() {
    let stage = quick("");
    let (signed, went) =
        signing(&stage, None, |page| vec![with(&page, "state", "somebody-elses"), with(&page, "state", ""), page])
            .await;
    assert_eq!(signed.expect("the right one").name.raw(), "alex@fabrikam.com");
    assert_eq!(went, [false, false, true]);
}

#[tokio::test]
async fn a_token_for_another_nonce_is_not_used() {
    let stage = quick("");
    let (signed, _) = signing(&stage, None, |page| vec![with(&page, "nonce", "somebody-elses")]).await;
    let failure = signed.expect_err("refused");
    assert!(failure.cause.contains("belongs to another question"), "{failure:?}");
    assert!(stage.cloud.accounts().is_empty());
}

#[tokio::test]
async fn a_no_and_a_tenants_rules_are_told_in_their_own_words() {
    let stage = quick("declined");
    let failure = signing(&stage, None, |page| vec![page]).await.0.expect_err("declined");
    assert!(failure.cause.contains("declined") && failure.kind == Kind::SignedOut, "{failure:?}");
    let stage = quick("guest");
    for (domain, words) in [("litware.com", "consented"), ("proseware.com", "Conditional Access")] {
        let failure = signing(&stage, Some(stage.tenant(domain)), |page| vec![page]).await.0.expect_err(domain);
        assert!(failure.cause.contains(words) && failure.hint.is_some(), "{domain}: {failure:?}");
    }
    assert!(stage.cloud.accounts().is_empty());
    // Whoever sits before the browser proves what its page asks for.
    let adatum = stage.tenant("adatum.com");
    let account = signing(&stage, Some(adatum.clone()), |page| vec![page]).await.0.expect("with more proof");
    assert_eq!(account.tenant, adatum);
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_never_answers_is_waited_for_five_minutes() {
    let stage = Stage::new("away");
    let mut page = None;
    let began = tokio::time::Instant::now();
    let mut told = |told: Told| {
        if let Told::Page(one) = told {
            page = Some(one);
        }
    };
    let failure = stage.cloud.sign_in(way(None), &mut told).await.expect_err("nobody came");
    assert!(failure.cause.contains("5 minutes") && failure.hint.is_some(), "{failure:?}");
    assert_eq!(began.elapsed().as_secs(), 300);
    let back = Url::parse(&parameter(&page.expect("a page"), "redirect_uri")).expect("an address");
    assert!(TcpListener::bind(("127.0.0.1", back.port().expect("a port"))).await.is_ok(), "the port is free again");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_would_answer_elsewhere_is_not_shown() {
    let stage = Stage::new("");
    let page = |redirect: &str| {
        let pairs = [
            ("client_id", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
            ("response_type", "code"),
            ("redirect_uri", redirect),
            ("scope", "https://management.azure.com/.default"),
            ("code_challenge", &"A".repeat(43)),
            ("code_challenge_method", "S256"),
        ];
        Url::parse_with_params("https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize", pairs)
            .expect("an address")
    };
    for far in ["https://evil.example/", "http://localhost.evil.example:1/", "http://u@localhost:1/"] {
        let (status, ..) = ask(&stage.demo, Method::Get, page(far).as_str(), None, "").await;
        assert_eq!(status, 400, "{far}");
    }
    assert_eq!(ask(&stage.demo, Method::Get, page("http://localhost:1/").as_str(), None, "").await.0, 302);
}

/// What a page of the demo sends back to the client, when it is asked for a query.
async fn code(stage: &Stage, page: &Url) -> String {
    let answer = stage.demo.execute_request(&Request::new(page.clone(), Method::Get)).await.expect("a page");
    let location = answer.headers().get_optional_str(&HeaderName::from_static("location")).expect("a redirect");
    parameter(&Url::parse(location).expect("an address"), "code")
}

#[tokio::test(start_paused = true)]
async fn a_code_is_good_once_for_ten_minutes_and_for_whoever_asked() {
    let stage = Stage::new("");
    let (verifier, back) = ("v".repeat(43), "http://localhost:1/");
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let page = |client: &str| {
        let pairs = [
            ("client_id", client),
            ("response_type", "code"),
            ("redirect_uri", back),
            ("scope", "https://management.azure.com/.default"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let url = "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize";
        Url::parse_with_params(url, pairs).expect("an address")
    };
    let redeem = async |code: &str, client: &str, back: &str, verifier: &str| {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", verifier),
            ("scope", "https://management.azure.com/.default"),
        ];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let url = "https://login.microsoftonline.com/organizations/oauth2/v2.0/token";
        let (_, _, body) = ask(&stage.demo, Method::Post, url, None, &form).await;
        body["error_codes"][0].as_u64().unwrap_or_default()
    };
    let first = code(&stage, &page("one")).await;
    assert_eq!(redeem(&first, "another", back, &verifier).await, 9_002_313, "it was another client's");
    assert_eq!(redeem(&first, "one", "http://localhost:2/", &verifier).await, 50_011, "another port's");
    assert_eq!(redeem(&first, "one", back, "").await, 501_481, "without the verifier");
    assert_eq!(redeem(&first, "one", back, &verifier).await, 0, "a token");
    assert_eq!(redeem(&first, "one", back, &verifier).await, 54_005, "once");
    let late = code(&stage, &page("one")).await;
    stage.demo.jump(jiff::SignedDuration::from_mins(11));
    assert_eq!(redeem(&late, "one", back, &verifier).await, 70_008, "too late");
}
