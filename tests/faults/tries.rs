//! What is asked again, how often, and what a challenge is believed.

use std::time::{Duration, Instant};

use amlock::domain::{Kind, Moment};

use crate::server::{Server, Step, http, ok};
use crate::stage::{CANARY, EVIL, LOGIN, Stage, VAULT, listed, name, new, one_page, proven, told};

/// The tokens a server got, in order.
fn tokens(server: &Server) -> Vec<String> {
    server.heard().iter().map(|one| one.token().unwrap_or("none").to_owned()).collect()
}

#[tokio::test]
async fn an_error_of_the_service_s_own_is_asked_again() {
    let stage = Stage::saying(Vec::new()).await;
    for (status, bad) in [(408, 1), (500, 1), (502, 1), (503, 1), (504, 1), (503, 3)] {
        stage.server.then(move |n, _| {
            if n < bad { vec![Step::Send(http(status, &[], CANARY))] } else { vec![Step::Send(one_page())] }
        });
        match stage.secrets().await {
            Ok(list) => assert_eq!((list.len(), bad < 3, stage.server.heard().len()), (1, true, bad + 1)),
            Err(failure) => {
                assert_eq!((&failure.kind, bad), (&Kind::TryLater(None), 3));
                assert!((2..=3).contains(&stage.server.heard().len()), "as often as there is time for");
                told(&failure);
            }
        }
    }
    assert_eq!(stage.server.opened(), 0, "and all over the first connection");
}

#[tokio::test]
async fn every_way_to_ask_for_patience_is_understood() {
    let stage = Stage::saying(one_page()).await;
    stage.secrets().await.expect("signed in");
    let date = |seconds: i64| {
        let at = Moment::from_second(Moment::now().as_second() + seconds).expect("a time");
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).expect("a date")
    };
    for (header, text, seconds) in [
        ("retry-after", "1".to_owned(), 1),
        ("retry-after", "in 3".to_owned(), 1),
        ("retry-after", "0".to_owned(), 0),
        ("retry-after", "-1".to_owned(), 0),
        ("retry-after", "abc".to_owned(), 0),
        ("retry-after", "in -3600".to_owned(), 0),
        ("x-none", "1".to_owned(), 0),
        ("x-ms-retry-after-ms", "1100".to_owned(), 1),
    ] {
        // A date is made when it is its turn.
        let text = text.strip_prefix("in ").map_or(text.clone(), |seconds| date(seconds.parse().expect("seconds")));
        stage.server.then({
            let text = text.clone();
            move |n, _| {
                if n == 0 {
                    vec![Step::Send(http(429, &[(header, &text)], "{}"))]
                } else {
                    vec![Step::Send(one_page())]
                }
            }
        });
        let began = Instant::now();
        assert_eq!(stage.secrets().await.expect("after a while").len(), 1);
        let took = began.elapsed();
        let least = Duration::from_secs(seconds);
        assert!(took >= least && took < least + Duration::from_secs(8), "{header} {text}: {took:?}");
    }
    for text in ["60".to_owned(), "1000000000".to_owned(), "18446744073709551615".to_owned(), date(3600)] {
        stage.server.say(http(429, &[("retry-after", &text)], "{}"));
        let (failure, took) = stage.failing().await;
        assert!(
            took < Duration::from_secs(10) && stage.server.heard().len() == 1,
            "too long to wait here: {text} {took:?}"
        );
        let now = Moment::now();
        let when = matches!(&failure.kind, Kind::TryLater(Some(when)) if *when > now);
        // Beyond the end of time there is no moment to name.
        assert!(when || text.len() == 20 && failure.kind == Kind::TryLater(None), "{failure:?}");
    }
}

#[tokio::test]
async fn a_login_that_ended_is_renewed_once_for_reads_and_writes_alike() {
    let refused = || http(401, &[("www-authenticate", "Bearer error=\"invalid_token\"")], "{}");
    let stage = Stage::new(move |_, heard| match heard.token() {
        Some("token-0") => vec![Step::Send(refused())],
        _ => vec![Step::Send(one_page())],
    })
    .await;
    assert_eq!(stage.secrets().await.expect("renewed").len(), 1);
    assert_eq!(tokens(&stage.server), ["token-0", "token-1"]);
    stage.secrets().await.expect("remembered");
    assert_eq!(tokens(&stage.server).len(), 3);
    // Never enough: twice per call, and no more tokens than calls ask for.
    for claims in ["", r#", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ==""#] {
        let challenge =
            format!(r#"Bearer authorization="https://{LOGIN}/11111111-1111-1111-1111-111111111111"{claims}"#);
        stage.server.say(http(401, &[("www-authenticate", &challenge)], format!(r#"{{"error":"{CANARY}"}}"#)));
        let before = stage.login.heard().len();
        let (failure, _) = stage.failing().await;
        assert_eq!((&failure.kind, failure.exit_code()), (&Kind::SignedOut, 3));
        assert_eq!((stage.server.heard().len(), stage.login.heard().len() - before), (2, 1), "no loop");
        let asked = String::from_utf8_lossy(&stage.login.heard()[before].body).into_owned();
        assert_eq!(asked.contains("claims=%7B%22access_token%22"), !claims.is_empty(), "{asked}");
        let failure = stage.cloud.purge_secret(&stage.vault, &name("db-password")).await.expect_err("refused");
        assert_eq!((failure.kind, stage.server.heard().len()), (Kind::SignedOut, 4));
    }
}

#[tokio::test]
async fn a_challenge_is_never_a_reason_to_sign_in_elsewhere() {
    let other = "22222222-2222-2222-2222-222222222222";
    let stage = Stage::saying(Vec::new()).await;
    for challenge in [
        format!(r#"Bearer authorization="https://{EVIL}/{other}", resource="https://vault.azure.net""#),
        format!(r#"Bearer authorization="https://{LOGIN}@{EVIL}/{other}", resource="https://vault.azure.net""#),
        format!(r#"Bearer authorization="https://{LOGIN}.{EVIL}/{other}", resource="https://{EVIL}""#),
        format!(r#"Bearer authorization="http://{LOGIN}/{other}", resource="https://vault.azure.net""#),
        format!(r#"Bearer authorization="https://{EVIL}\@{LOGIN}/{other}""#),
        format!(r#"Bearer authorization="https://{LOGIN}", resource="https://management.azure.com""#),
        format!(r#"Bearer resource="https://{EVIL}", scope="https://{EVIL}/.default""#),
        format!(r#"Bearer authorization="https://{EVIL}/x", Bearer authorization="https://{EVIL}/y""#),
        "Bearer".to_owned(),
        "Bearer authorization=".to_owned(),
        "Bearer authorization=\"".to_owned(),
        "Basic realm=\"x\", Negotiate, Digest nonce=\"\"".to_owned(),
        ",,,===\"\"\"".to_owned(),
        "Bearer ".repeat(2_000),
        "é\u{ff}".to_owned(),
    ] {
        stage.server.say(http(401, &[("www-authenticate", &challenge)], "{}"));
        for call in 1..=2 {
            let failure = stage.secrets().await.expect_err("refused");
            assert_eq!(failure.kind, Kind::SignedOut, "{challenge}: {failure:?}");
            assert!(!told(&failure).contains(other), "{failure:?}");
            assert_eq!(stage.server.heard().len(), 2 * call, "{challenge}");
        }
        assert_eq!(stage.evil.opened(), 0);
        assert!(stage.names.asked().iter().all(|asked| asked == VAULT || asked == LOGIN), "{:?}", stage.names.asked());
    }
    for asked in stage.login.heard() {
        let form = String::from_utf8_lossy(&asked.body).into_owned();
        assert!(asked.path.contains("11111111-1111-1111-1111-111111111111"), "{}", asked.path);
        assert!(form.contains("scope=https%3A%2F%2Fvault.azure.net%2F.default+"), "{form}");
    }
}

#[tokio::test]
async fn a_sign_in_that_fails_says_so_and_sends_no_request() {
    for (answer, kind) in [
        (http(200, &[("content-type", "text/html")], "<html>Sign in to this network"), Kind::Offline),
        (http(200, &[], format!(r#"{{"access_token":17,"refresh_token":"{CANARY}"}}"#)), Kind::Failed),
        (http(200, &[], format!(r#"{{"access_token":"{CANARY}"#)), Kind::Failed),
        (
            http(
                400,
                &[],
                r#"{"error":"invalid_grant","error_description":"AADSTS700082: expired.","error_codes":[700082]}"#,
            ),
            Kind::SignedOut,
        ),
        (http(503, &[], "busy"), Kind::TryLater(None)),
    ] {
        let login = Server::tls(proven(LOGIN), move |_, _| vec![Step::Send(answer.clone())]);
        let stage = Stage::signing_in_at(login.await).await;
        let failure = stage.secrets().await.expect_err("nobody is signed in");
        assert_eq!(failure.kind, kind);
        assert!(told(&failure).contains("could not list the secrets of kv-demo"), "{failure:?}");
        let failure = stage.cloud.set_secret(&stage.vault, new(CANARY), amlock::domain::Expect::Anything).await;
        assert_eq!(failure.as_ref().map_err(|failure| &failure.kind).err(), Some(&kind));
        assert_eq!(stage.server.opened(), 0);
    }
}

#[tokio::test]
async fn a_list_goes_on_over_a_page_that_fails_once() {
    let next = format!("https://{VAULT}/secrets?$skiptoken=2");
    let (first, second) = (listed(&["a"], Some(&next)), listed(&["b"], None));
    let stage = Stage::new(move |n, _| match n {
        0 => ok(&first),
        1 => vec![Step::Reset],
        _ => ok(&second),
    })
    .await;
    assert_eq!(stage.secrets().await.expect("both").len(), 2);
}
