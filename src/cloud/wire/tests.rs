//! Retries, lost answers, pages and refusals, under a paused clock.

use std::sync::Arc;
use std::time::Duration;

use azure_core::http::Method;
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::*;
use crate::cloud::gate::Why;
use crate::cloud::scripted::{Mint, Scripted, Shared, Step, TENANT, answer, clock, wire, wire_with};
use crate::domain::{Account, AccountKind, Guard, Untrusted};

fn call(who: &Who, url: &str) -> Call {
    Call {
        who: Some(who.clone()),
        audience: Audience::Vault,
        method: Method::Get,
        url: Url::parse(url).expect("an address"),
        body: None,
        doing: "list the secrets of kv-demo".into(),
        carries_value: false,
    }
}

const URL: &str = "https://kv-demo.vault.azure.net/secrets?api-version=7.4";

#[derive(Debug, Deserialize)]
struct Names {
    value: Vec<String>,
    #[serde(rename = "nextLink")]
    next: Option<String>,
}

impl Page for Names {
    type Item = String;
    fn split(self) -> (Vec<String>, Option<String>) {
        (self.value, self.next)
    }
}

async fn all(client: &Arc<Scripted>) -> Result<Vec<String>, Failure> {
    let (wire, who, _) = wire(client);
    let mut names = Vec::new();
    wire.pages::<Names>(call(&who, URL), &mut |page| names.extend(page)).await.map(|()| names)
}

#[tokio::test(start_paused = true)]
async fn a_read_is_tried_three_times_and_a_write_once() {
    for status in [408, 429, 500, 502, 503, 504] {
        let client = Scripted::steps(vec![answer(status, "{}"), answer(status, "{}"), answer(200, "{}")]);
        let (wire, who, _) = wire(&client);
        assert!(wire.read(call(&who, URL)).await.is_ok(), "{status}");
        assert_eq!(client.heard().len(), 3);
        let client = Scripted::steps(vec![answer(status, "{}")]);
        let (wire, who, _) = crate::cloud::scripted::wire(&client);
        assert!(matches!(wire.read(call(&who, URL)).await.expect_err("never").kind, Kind::TryLater(None)));
        assert_eq!(client.heard().len(), 3);
        let kind = wire.write(call(&who, URL)).await.expect_err("once").kind;
        assert_eq!(kind == Kind::Unknown, matches!(status, 500 | 502 | 504), "{status} {kind:?}");
        assert_eq!(client.heard().len(), 4);
    }
    for status in [400, 403, 404, 409, 412] {
        let client = Scripted::steps(vec![answer(status, "{}")]);
        let (wire, who, _) = wire(&client);
        assert!(wire.read(call(&who, URL)).await.is_err());
        assert_eq!(client.heard().len(), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_kept_where_it_fits_and_told_where_not() {
    let now = clock().now();
    let in_four = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now.checked_add(Duration::from_secs(4)).expect("a time"))
        .expect("a date");
    for (name, text, waits) in [
        ("retry-after", "4", Some(4)),
        ("retry-after", in_four.as_str(), Some(4)),
        ("retry-after", "0", Some(0)),
        ("retry-after", "-1", Some(0)),
        ("retry-after", "abc", Some(0)),
        ("x-ms-retry-after-ms", "2500", Some(2)),
        ("retry-after", "60", None),
        ("retry-after", "1000000000", None),
    ] {
        let asked = Step::Answer(429, vec![(name_of(name), text.to_owned())], "{}".to_owned());
        let client = Scripted::steps(vec![asked, answer(200, "{}")]);
        let (wire, who, _) = wire(&client);
        let began = Instant::now();
        let result = wire.read(call(&who, URL)).await;
        if let Some(seconds) = waits {
            assert!(result.is_ok(), "{text}");
            assert_eq!(began.elapsed().as_secs(), seconds, "{text}");
        } else {
            let kind = result.expect_err("too long").kind;
            assert!(matches!(kind, Kind::TryLater(Some(when)) if when > clock().now()), "{text} {kind:?}");
            assert_eq!((began.elapsed(), client.heard().len()), (Duration::ZERO, 1));
        }
    }
}

fn name_of(name: &str) -> &'static str {
    if name == "retry-after" { "retry-after" } else { "x-ms-retry-after-ms" }
}

#[tokio::test(start_paused = true)]
async fn it_is_known_whether_a_write_can_have_happened() {
    for (step, kind) in [
        (Step::Breaks, Kind::Unknown),
        (Step::Hangs, Kind::Unknown),
        (Step::Stalls, Kind::Unknown),
        (Step::Endless, Kind::Unknown),
        (Step::Refuses(Why::Dns), Kind::Offline),
        (Step::Refuses(Why::Refused), Kind::Offline),
        (Step::Refuses(Why::Tls("UnknownIssuer".to_owned())), Kind::Offline),
        (Step::Refuses(Why::Timeout), Kind::Offline),
        (answer(429, "{}"), Kind::TryLater(None)),
        (Step::Answer(307, vec![("location", "https://evil.com/".to_owned())], String::new()), Kind::Failed),
    ] {
        let client = Scripted::steps(vec![step.clone()]);
        let (wire, who, _) = wire(&client);
        let failure = wire.write(call(&who, URL)).await.expect_err("no success");
        assert_eq!(failure.kind, kind, "{step:?}");
        assert_eq!(client.heard().len(), 1, "{step:?}");
        assert!(!failure.cause.contains("token-"), "{}", failure.cause);
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_ends_within_ten_seconds_however_the_network_fails() {
    for (step, tries) in
        [(Step::Refuses(Why::Refused), 3), (Step::Hangs, 1), (Step::Refuses(Why::Tls(String::new())), 1)]
    {
        let client = Scripted::steps(vec![step]);
        let (wire, who, _) = wire(&client);
        let began = Instant::now();
        let failure = wire.read(call(&who, URL)).await.expect_err("no network");
        assert_eq!(failure.kind, Kind::Offline);
        assert!(failure.cause.contains("kv-demo.vault.azure.net") && failure.hint.is_some(), "{failure:?}");
        assert!(began.elapsed() <= Duration::from_secs(10), "{:?}", began.elapsed());
        assert_eq!(client.heard().len(), tries);
    }
}

#[tokio::test(start_paused = true)]
async fn what_trickles_in_is_given_up_after_ten_seconds_and_a_change_after_thirty() {
    let client = Scripted::steps(vec![Step::Trickles]);
    let (wire, who, _) = wire(&client);
    let began = Instant::now();
    assert_eq!(wire.read(call(&who, URL)).await.expect_err("no end").kind, Kind::Offline);
    assert_eq!(began.elapsed().as_secs(), 10);
    assert_eq!(wire.write(call(&who, URL)).await.expect_err("no end").kind, Kind::Unknown);
    assert_eq!((began.elapsed().as_secs(), client.heard().len()), (40, 2));
    let client = Scripted::steps(vec![Step::Late(Duration::from_secs(9))]);
    assert!(crate::cloud::scripted::wire(&client).0.read(call(&who, URL)).await.is_ok(), "late is not lost");
}

#[tokio::test(start_paused = true)]
async fn a_401_asks_once_for_another_token_also_for_a_write() {
    let client = Scripted::steps(vec![answer(401, "{}"), answer(200, "{}")]);
    let (wire, who, mint) = wire(&client);
    assert!(wire.write(call(&who, URL)).await.is_ok());
    let tokens: Vec<_> = client.heard().into_iter().filter_map(|heard| heard.authorization).collect();
    assert_eq!(tokens, ["Bearer token-1", "Bearer token-2"]);
    assert_eq!(mint.minted(), 2);

    let claims = r#"Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ==""#;
    let client = Scripted::steps(vec![Step::Answer(401, vec![("www-authenticate", claims.to_owned())], String::new())]);
    let (wire, who, mint) = crate::cloud::scripted::wire(&client);
    assert_eq!(wire.read(call(&who, URL)).await.expect_err("never enough").kind, Kind::SignedOut);
    assert_eq!((client.heard().len(), mint.minted()), (2, 2));
    assert_eq!(*mint.claims.lock().expect("no panic"), [r#"{"access_token":{}}"#]);
}

#[tokio::test(start_paused = true)]
async fn a_challenge_only_tells_that_the_tenant_is_the_wrong_one() {
    let challenge = |authority: &str| {
        let text = format!(r#"Bearer authorization="{authority}", resource="https://vault.azure.net""#);
        Step::Answer(401, vec![("www-authenticate", text)], String::new())
    };
    let other = "22222222-2222-2222-2222-222222222222";
    let client = Scripted::steps(vec![challenge(&format!("https://login.microsoftonline.com/{other}"))]);
    let (wire, who, mint) = wire(&client);
    for _ in 0..2 {
        let failure = wire.read(call(&who, URL)).await.expect_err("another tenant");
        assert!(failure.cause.contains(other) && failure.cause.contains(TENANT), "{}", failure.cause);
    }
    assert_eq!((client.heard().len(), mint.minted()), (2, 1));
    let vault = Url::parse("https://kv-demo.vault.azure.net/").expect("an address");
    let tenant = wire.tenant_of(&vault, "find".into()).await.expect("an answer");
    assert_eq!(tenant, Some(TenantId::parse(other).expect("a tenant")));
    assert_eq!(client.heard()[2].authorization, None);
    // Another's authority is not believed: the usual second try, to the same host, and no more.
    let client = Scripted::steps(vec![challenge(&format!("https://evil.com/{other}"))]);
    let (wire, who, _) = crate::cloud::scripted::wire(&client);
    let failure = wire.read(call(&who, URL)).await.expect_err("refused");
    assert!(!failure.cause.contains(other), "{}", failure.cause);
    assert!(client.heard().iter().all(|heard| heard.url.starts_with("https://kv-demo.vault.azure.net/")));
}

#[tokio::test(start_paused = true)]
async fn a_challenge_for_somewhere_else_or_out_of_shape_moves_no_token() {
    let home = format!("https://login.microsoftonline.com/{TENANT}");
    for challenge in [
        format!(r#"Bearer authorization="{home}", resource="https://management.azure.com""#),
        format!(r#"Bearer authorization="{home}", resource="https://evil.com""#),
        format!(r#"Bearer authorization="https://login.microsoftonline.com.evil.com/{TENANT}", resource="x""#),
        format!(r#"Bearer authorization="https://login.microsoftonline.com@evil.com/{TENANT}""#),
        format!(r#"Bearer authorization="http://login.microsoftonline.com/{TENANT}""#),
        r#"Bearer authorization="https://login.microsoftonline.com/", error="insufficient_claims", claims="%%%""#
            .to_owned(),
        r#"Bearer authorization=", , ="#.to_owned(),
        r#"Bearer claims="e30", error="insufficient_claims"#.to_owned(),
        "NTLM".to_owned(),
        "\"\"\"===,,,".to_owned(),
        String::new(),
    ] {
        let client =
            Scripted::steps(vec![Step::Answer(401, vec![("www-authenticate", challenge.clone())], String::new())]);
        let (wire, who, mint) = wire(&client);
        // Twice: what was believed once would show the second time.
        for _ in 0..2 {
            assert_eq!(wire.read(call(&who, URL)).await.expect_err("refused").kind, Kind::SignedOut, "{challenge}");
        }
        let heard = client.heard();
        assert!(heard.iter().all(|one| one.url == URL), "{challenge}: {heard:?}");
        let told = |one: &crate::cloud::scripted::Heard| one.authorization.clone().unwrap_or_default();
        assert!(heard.iter().all(|one| told(one).starts_with("Bearer token-")), "{challenge}");
        // Each read asks for one other token, and is sent once more with it.
        assert_eq!((heard.len(), mint.minted()), (4, 3), "{challenge}");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_follow_links_home_only() {
    for (link, works) in [
        ("https://kv-demo.vault.azure.net:443/secrets?$skiptoken=2", true),
        ("https://KV-demo.vault.azure.net/secrets?$skiptoken=2", true),
        ("https://other.vault.azure.net/secrets?$skiptoken=2", false),
        ("https://evil.com/secrets", false),
        ("http://kv-demo.vault.azure.net/secrets", false),
        ("https://kv-demo.vault.azure.net:8443/secrets", false),
        ("https://kv-demo.vault.azure.net@evil.com/secrets", false),
        ("https://kv-demo.vault.azure.net\\@evil.com/secrets", false),
        ("https://evil.com\\kv-demo.vault.azure.net/secrets", false),
        ("//evil.com/secrets", false),
        ("https://kv-demo.vault.azure.net/keys", false),
        ("https://kv-demo.vault.azure.net/secrets/../keys", false),
        (URL, false),
    ] {
        let first = serde_json::json!({"value": ["a"], "nextLink": link}).to_string();
        let client = Scripted::steps(vec![answer(200, &first), answer(200, r#"{"value":["b"],"nextLink":null}"#)]);
        let names = all(&client).await;
        assert_eq!(names.is_ok(), works, "{link} {names:?}");
        assert_eq!(client.heard().len(), 1 + usize::from(works), "{link}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_over_empty_pages_and_finds_circles() {
    let page = |n: usize, items: &str| {
        let link = format!("https://kv-demo.vault.azure.net:443/secrets?$skiptoken={n}");
        answer(200, &format!(r#"{{"value":[{items}],"nextLink":"{link}"}}"#))
    };
    let client = Scripted::steps(vec![page(1, "\"a\""), page(2, ""), answer(200, r#"{"value":["b"]}"#)]);
    assert_eq!(all(&client).await.expect("a list"), ["a", "b"]);
    let client = Scripted::new(move |n, _| page(n % 2, "\"a\""));
    let failure = all(&client).await.expect_err("a circle");
    assert!(failure.cause.contains("circles"), "{}", failure.cause);
    assert_eq!(client.heard().len(), 3);
    let client = Scripted::new(move |n, _| page(n, ""));
    assert!(all(&client).await.expect_err("endless").cause.contains("does not end"));
    assert_eq!(client.heard().len(), 10_000);
}

#[tokio::test(start_paused = true)]
async fn a_failure_never_quotes_the_answer() {
    for body in
        [r#"{"value":"s3cr3t"}"#, r#"{"value":["s3cr3t""#, r#"{"value":["a"], s3cr3t}"#, "s3cr3t", r#"{"s3cr3t":1}"#]
    {
        let client = Scripted::steps(vec![answer(200, body)]);
        let failure = all(&client).await.expect_err("no list");
        assert!(!format!("{failure:?}").contains("s3cr3t"), "{failure:?}");
        assert!(failure.cause.contains("line 1"), "{}", failure.cause);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let client = Scripted::steps(vec![answer(200, &deep)]);
    assert!(all(&client).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_proxy_is_not_taken_for_azure() {
    let html = |status| {
        Step::Answer(status, vec![("content-type", "text/html".to_owned())], "<html>\x1b[31mHotel Wi-Fi".to_owned())
    };
    for step in
        [html(200), html(403), answer(407, ""), answer(511, "<p>"), Step::Answer(200, vec![], "  <!doctype".to_owned())]
    {
        let client = Scripted::steps(vec![step]);
        let (wire, who, _) = wire(&client);
        let failure = wire.read(call(&who, URL)).await.expect_err("a proxy");
        assert_eq!(failure.kind, Kind::Offline);
        assert!(failure.cause.contains("a proxy answered instead of Azure") && !failure.cause.contains('\x1b'));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_who_what_and_which_role() {
    let message = "Caller is not authorized to perform action on resource.\r\nIf role assignments were changed recently, please wait.\r\nCaller: appid=04b0;oid=0a1b-2c;iss=https://sts.windows.net/t/\r\nAction: 'Microsoft.KeyVault/vaults/secrets/readMetadata/action'\r\nResource: '/subscriptions/s'\r\nVault: kv-demo;location=westeurope";
    let rbac = serde_json::json!({"error": {"code": "Forbidden", "message": message, "innererror": {"code": "ForbiddenByRbac"}}});
    let policy = serde_json::json!({"error": {"code": "Forbidden", "message": "The user, group or application 'appid=1;oid=0a1b-2c;numgroups=3;iss=x' does not have secrets list permission on key vault 'kv-demo;location=westeurope'.", "innererror": {"code": "ForbiddenByPolicy"}}});
    let firewall = serde_json::json!({"error": {"code": "Forbidden", "message": "Client address is not authorized and caller is not a trusted service.\r\nClient address: 1.2.3.4\r\nCaller: x", "innererror": {"code": "ForbiddenByFirewall"}}});
    let private = serde_json::json!({"error": {"code": "Forbidden", "message": "Public network access is disabled and request is not from a trusted service nor via an approved private link.", "innererror": {"code": "ForbiddenByConnection"}}});
    for (body, guard, role, cause) in [
        (rbac, Guard::Role, Some("Key Vault Reader"), "no role"),
        (policy, Guard::Policy, Some("secret permission List"), "access policies"),
        (firewall, Guard::Firewall, None, "1.2.3.4"),
        (private, Guard::PrivateLink, None, "private link"),
    ] {
        let client = Scripted::steps(vec![answer(403, &body.to_string())]);
        let (wire, who, _) = wire(&client);
        let failure = wire.read(call(&who, URL)).await.expect_err("refused");
        let Kind::Forbidden(denied) = &failure.kind else { panic!("{failure:?}") };
        assert_eq!((denied.guard, denied.roles.first().map(|one| one.role)), (guard, role));
        assert_eq!(denied.who.as_ref().map(Untrusted::raw), Some("alex@contoso.com"));
        assert!(failure.cause.contains(cause), "{}", failure.cause);
        if guard == Guard::Role {
            assert_eq!(denied.object_id.as_ref().map(Untrusted::raw), Some("0a1b-2c"));
            assert_eq!(denied.resource.raw(), "kv-demo");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_somebody_else_s_is_told_and_nothing_is_sent_with_it() {
    // {"oid":"a"}, then {"oid":"b","upn":"sam@fabrikam.com"}
    let reads = |n| {
        format!("e30.{}.x", if n < 2 { "eyJvaWQiOiJhIn0" } else { "eyJvaWQiOiJiIiwidXBuIjoic2FtQGZhYnJpa2FtLmNvbSJ9" })
    };
    let client = Scripted::steps(vec![answer(200, "{}"), answer(200, "{}")]);
    let (wire, who, mint) = wire_with(&client, Mint { reads, ..Mint::new(clock()) });
    let told: Arc<std::sync::Mutex<Vec<News>>> = Arc::default();
    let hears = Arc::clone(&told);
    let wire = wire.heard_by(Hearer::of(move |news| hears.lock().expect("unharmed").push(news)));
    wire.read(call(&who, URL)).await.expect("read");
    tokio::time::sleep(Duration::from_mins(61)).await;
    for _ in 0..3 {
        let failure = wire.read(call(&who, URL)).await.expect_err("somebody else's");
        assert!(failure.sentence().contains("belongs to somebody else"), "{failure}");
    }
    assert_eq!((client.heard().len(), mint.minted()), (1, 2), "it was not used, and no other one is asked for");
    let told = told.lock().expect("unharmed");
    let Some(News::Stranger(stranger)) = told.first() else { panic!("{told:?}") };
    assert_eq!((stranger.was.raw(), stranger.now.raw()), ("alex@contoso.com", "sam@fabrikam.com"));
}

#[tokio::test(start_paused = true)]
async fn a_question_that_waits_for_az_says_so_until_az_has_answered() {
    let (wire, who, mint) = wire(&Scripted::steps(vec![answer(200, "{}")]));
    let account = wire.accounts.get(&who.account).expect("there");
    wire.accounts.put(Account { kind: AccountKind::AzureCli, ..account }, Arc::new(Shared(mint)), clock());
    let told: Arc<std::sync::Mutex<Vec<News>>> = Arc::default();
    let hears = Arc::clone(&told);
    let wire = wire.heard_by(Hearer::of(move |news| hears.lock().expect("unharmed").push(news)));
    wire.read(call(&who, URL)).await.expect("read");
    wire.read(call(&who, URL)).await.expect("read with the same token");
    assert_eq!(*told.lock().expect("unharmed"), [News::AsksAz(true), News::AsksAz(false)]);
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_nobody_answers_for_may_be_deleted_and_a_proxy_or_a_certificate_says_nothing_of_that() {
    use crate::cloud::gate::Flaw;
    const GONE: &str = "a vault that was deleted";
    for (step, audience, gone) in [
        (Step::Refuses(Why::Dns), Audience::Vault, true),
        (Step::Refuses(Why::Refused), Audience::Vault, true),
        (Step::Refuses(Why::Closed), Audience::Vault, true),
        (Step::Refuses(Why::Timeout), Audience::Vault, true),
        (Step::Refuses(Why::Other), Audience::Vault, true),
        (Step::Refuses(Why::Proxy("its name proxy.contoso.com cannot be resolved".to_owned())), Audience::Vault, false),
        (Step::Refuses(Why::Distrust(Flaw::Issuer)), Audience::Vault, false),
        (Step::Refuses(Why::Setup("no certificates".to_owned())), Audience::Vault, false),
        (Step::Breaks, Audience::Vault, false),
        (Step::Refuses(Why::Dns), Audience::Arm, false),
    ] {
        let client = Scripted::steps(vec![step.clone()]);
        let (wire, who, _) = wire(&client);
        let url = if audience == Audience::Vault { URL } else { "https://management.azure.com/tenants" };
        for write in [false, true] {
            let call = Call { audience, ..call(&who, url) };
            let done = if write { wire.write(call).await } else { wire.read(call).await };
            let failure = done.expect_err("nobody there");
            let told = failure.hint.as_deref().is_some_and(|hint| hint.contains(GONE));
            assert_eq!(told, gone, "{step:?} {audience:?}: {failure:?}");
        }
    }
}
