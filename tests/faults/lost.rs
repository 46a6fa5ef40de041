//! Connections that end around an answer. A question is asked again without a word; a change is sent once, and what became
//! of it is looked up or said to be unknown.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use amlock::domain::{EndpointKind, Expect, Failure, Kind, ResourceId, WhichKey};

use crate::server::{Heard, Step, http, ok};
use crate::stage::{Stage, VAULT, listed, name, new, one_page, told};

/// How an answer is lost.
const WAYS: [fn() -> Vec<Step>; 3] = [
    || vec![Step::Reset],
    || vec![Step::Close],
    || vec![Step::Send(b"HTTP/1.1 200 X\r\ncontent-length: 900\r\n\r\n{\"id\":".to_vec()), Step::Reset],
];

fn refused(status: u16) -> Vec<Step> {
    vec![Step::Send(http(status, &[], r#"{"error":{"code":"Forbidden","message":"no"}}"#))]
}

/// A vault with one secret, where changes happen and their answers are lost; `sees` says whether one may look.
fn vault(
    lost: fn() -> Vec<Step>,
    effects: Arc<AtomicUsize>,
    happens: bool,
    sees: bool,
) -> impl Fn(usize, &Heard) -> Vec<Step> {
    let bundle = |version: usize| {
        serde_json::json!({"id": format!("https://{VAULT}/secrets/db-password/{version}"), "value": format!("v{version}"),
            "attributes": {"created": 1_700_000_000 + version}})
    };
    move |_, heard| {
        let done = effects.load(Ordering::SeqCst);
        let path = heard.path.split('?').next().unwrap_or_default();
        match (heard.method.as_str(), path) {
            ("PUT" | "DELETE", _) => {
                effects.fetch_add(usize::from(happens), Ordering::SeqCst);
                lost()
            }
            _ if !sees => refused(403),
            ("GET", "/secrets/db-password/versions") => {
                ok(serde_json::json!({"value": (0..=done).map(bundle).collect::<Vec<_>>()}).to_string())
            }
            ("GET", "/deletedsecrets/db-password") if done > 0 => ok(bundle(0).to_string()),
            ("GET", "/deletedsecrets/db-password") => refused(404),
            ("GET", _) => ok(bundle(done).to_string()),
            _ => refused(400),
        }
    }
}

fn changes(stage: &Stage) -> Vec<String> {
    stage.server.asked().into_iter().filter(|line| !line.starts_with("GET")).collect()
}

async fn set(stage: &Stage) -> Result<bool, Failure> {
    stage.cloud.set_secret(&stage.vault, new("v1"), Expect::Anything).await.map(|done| done.looked)
}

#[tokio::test]
async fn a_lost_answer_is_never_called_a_failure_and_the_change_is_sent_once() {
    let stage = Stage::saying(one_page()).await;
    for lost in WAYS {
        // It happened: looked up, and said to be done.
        let effects = Arc::new(AtomicUsize::new(0));
        stage.server.then(vault(lost, Arc::clone(&effects), true, true));
        assert!(set(&stage).await.expect("found done"));
        assert_eq!((changes(&stage), effects.load(Ordering::SeqCst)), (vec!["PUT /secrets/db-password".to_owned()], 1));
        // Nobody may look: said to be unknown, and what to do.
        for happens in [true, false] {
            let effects = Arc::new(AtomicUsize::new(0));
            stage.server.then(vault(lost, Arc::clone(&effects), happens, false));
            let failure = set(&stage).await.expect_err("nobody knows");
            assert_eq!((&failure.kind, failure.exit_code()), (&Kind::Unknown, 8));
            assert!(
                told(&failure).contains("it is not known whether amlock could set db-password in kv-demo"),
                "{failure:?}"
            );
            assert!(failure.hint.is_some());
            assert_eq!((changes(&stage).len(), effects.load(Ordering::SeqCst)), (1, usize::from(happens)));
        }
        // A deletion that happened is found among the deleted ones.
        let effects = Arc::new(AtomicUsize::new(0));
        stage.server.then(vault(lost, Arc::clone(&effects), true, true));
        stage.cloud.delete_secret(&stage.vault, &name("db-password")).await.expect("found done");
        assert_eq!(
            (changes(&stage), effects.load(Ordering::SeqCst)),
            (vec!["DELETE /secrets/db-password".to_owned()], 1)
        );
    }
}

#[tokio::test]
async fn a_lost_regeneration_is_sent_once_and_told_by_the_key() {
    let place = "/subscriptions/00000000-0000-1111-2222-333344445555/resourceGroups/rg/providers/\
                 Microsoft.MachineLearningServices/workspaces/ws-vision";
    let keys = |n: usize| format!(r#"{{"primaryKey":"key-{n}","secondaryKey":"two"}}"#);
    let stage = Stage::managed(|_, _| Vec::new()).await;
    for lost in WAYS {
        let effects = Arc::new(AtomicUsize::new(0));
        let done = Arc::clone(&effects);
        stage.arm.then(move |_, heard| match heard.path.split('?').next().unwrap_or_default() {
            path if path.ends_with("/serverlessEndpoints") => ok(serde_json::json!({"value": [
                {"id": format!("{place}/serverlessEndpoints/llama"), "name": "llama", "properties": {"authMode": "Key"}},
            ]})
            .to_string()),
            path if path.ends_with("/listKeys") => ok(keys(done.load(Ordering::SeqCst))),
            path if path.ends_with("/regenerateKeys") => {
                done.fetch_add(1, Ordering::SeqCst);
                lost()
            }
            _ => ok(r#"{"value":[]}"#),
        });
        let list = stage.cloud.endpoints(&stage.who, &ResourceId::parse(place).expect("an id")).await.expect("a list");
        assert_eq!(list.endpoints[0].kind, EndpointKind::Serverless);
        let done = stage.cloud.regenerate_key(&list.endpoints[0], WhichKey::Primary, true, &mut |_| {}).await;
        assert_eq!(done.expect("found done").changed, Some(true));
        assert_eq!(effects.load(Ordering::SeqCst), 1);
        assert_eq!(stage.arm.asked().iter().filter(|line| line.ends_with("/regenerateKeys")).count(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_died_while_idle_is_nobody_s_trouble() {
    for end in [Step::Close, Step::Reset] {
        let last = end.clone();
        let stage = Stage::new(move |_, heard| match heard.method.as_str() {
            "GET" if heard.path.starts_with("/secrets/") => ok(r#"{"value":[]}"#),
            _ => vec![Step::Send(one_page()), last.clone()],
        })
        .await;
        for n in 0..5 {
            assert_eq!(stage.secrets().await.expect("a list").len(), 1);
            // Sometimes the end is seen before the next question, sometimes not.
            tokio::time::sleep(Duration::from_millis(n * 5)).await;
        }
        assert_eq!(stage.server.heard().len() - stage.server.opened(), 0, "each on a connection of its own");
        assert!(stage.server.opened() >= 5);
    }
}

#[tokio::test]
async fn a_kept_connection_that_dies_under_a_request_is_asked_again_only_by_a_question() {
    // The first request is answered; whatever comes next over the same connection is lost.
    let died = Arc::new(AtomicBool::new(false));
    let second = |heard: &Heard, died: &AtomicBool| heard.connection == 0 && died.swap(true, Ordering::SeqCst);
    let once = Arc::clone(&died);
    let stage =
        Stage::new(move |_, heard| if second(heard, &once) { vec![Step::Reset] } else { vec![Step::Send(one_page())] })
            .await;
    stage.secrets().await.expect("a list");
    assert_eq!(stage.secrets().await.expect("silently again").len(), 1);
    let over: Vec<_> = stage.server.heard().iter().map(|one| one.connection).collect();
    assert_eq!(over, [0, 0, 1], "the kept one, and then another");
    // A deletion over a kept connection that dies: once, and then it is looked after.
    let effects = Arc::new(AtomicUsize::new(0));
    stage.server.then(vault(WAYS[0], Arc::clone(&effects), true, true));
    stage.cloud.delete_secret(&stage.vault, &name("db-password")).await.expect("found done");
    assert_eq!(stage.server.heard()[0].connection, 1, "over the kept one");
    assert_eq!((effects.load(Ordering::SeqCst), changes(&stage).len()), (1, 1));
}

#[tokio::test]
async fn what_carries_a_value_keeps_no_connection() {
    let bundle = serde_json::json!({"id": format!("https://{VAULT}/secrets/db-password/1"), "value": "v"}).to_string();
    let stage = Stage::new(move |_, heard| match heard.path.split('?').next() {
        Some("/secrets") => ok(listed(&["db-password"], None)),
        _ => ok(&bundle),
    })
    .await;
    for _ in 0..3 {
        stage.secrets().await.expect("a list");
    }
    assert_eq!(stage.server.opened(), 1, "names share one");
    for _ in 0..3 {
        stage.reveal().await.expect("a value");
    }
    assert_eq!(stage.server.opened(), 4, "values do not");
}
