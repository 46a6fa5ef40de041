//! Answers that are not what they should be: cut short, garbled, somebody else's. A failure names the place, never a value.

use amlock::domain::Kind;

use crate::server::{Step, http};
use crate::stage::{CANARY, Stage, VAULT, listed, one_page, told};

fn head(length: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    let half = format!(r#"{{"value":[{{"id":"https://{VAULT}/secrets/{CANARY}"}}"#).into_bytes();
    let chunked =
        b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"val\r\n"
            .to_vec();
    let ways = [
        (vec![Step::Send(head(50_000)), Step::Send(half.clone()), Step::Close], "fewer bytes than promised"),
        (vec![Step::Send(head(50_000)), Step::Send(half.clone()), Step::Reset], "a reset in the body"),
        (vec![Step::Send(chunked), Step::Close], "a chunk is missing"),
        (vec![Step::Send(b"HTTP/1.1 200 X\r\ncontent-le".to_vec()), Step::Reset], "a reset in the head"),
        (vec![Step::Reset], "a reset instead of an answer"),
        (vec![Step::Send(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), Step::Close], "no HTTP"),
    ];
    // Together: each waits between its tries.
    futures_util::future::join_all(ways.map(|(steps, what)| async move {
        let again = steps.clone();
        let stage = Stage::new(move |_, _| again.clone()).await;
        let (failure, _) = stage.failing().await;
        let told = told(&failure);
        assert_eq!(failure.kind, Kind::Offline, "{what}: {told}");
        let words = format!("no whole answer from {VAULT}: the connection broke before the whole answer came");
        assert!(told.contains(&words), "{what}: {told}");
        // Three times, or as often as there is time for on a busy machine; to the second it is tested where the clock stands still.
        assert!((2..=3).contains(&stage.server.heard().len()), "{what}: a question is asked again");
        // And where the next try is good, nobody hears of it.
        stage.server.then(move |n, _| if n < 1 { steps.clone() } else { vec![Step::Send(one_page())] });
        assert_eq!(stage.secrets().await.expect(what).len(), 1);
    }))
    .await;
}

#[tokio::test]
async fn bytes_after_the_answer_are_no_part_of_it_nor_of_the_next() {
    let mut more = one_page();
    more.extend(http(200, &[], listed(&["not-there"], None)));
    let stage = Stage::saying(more).await;
    for _ in 0..3 {
        let names: Vec<_> = stage.secrets().await.expect("a list").into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["db-password".into()]);
    }
    // A shorter length than the body's: what is left out was not sent.
    let body = listed(&["db-password"], None);
    let mut short = head(body.len() - 2);
    short.extend(body.bytes());
    let stage = Stage::saying(short).await;
    let told = told(&stage.failing().await.0);
    assert!(told.contains("the answer was cut short (line 1"), "{told}");
}

#[tokio::test]
async fn bad_json_is_named_by_its_place_and_never_quoted() {
    let deep = |open: &str, close: &str| format!(r#"{{"value":{}{}}}"#, open.repeat(100_000), close.repeat(100_000));
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let id = format!(r#""id":"https://{VAULT}/secrets/a""#);
    let corpus: Vec<(&str, Vec<u8>)> = vec![
        ("deep lists", deep("[", "]").into()),
        ("deep objects", deep("{\"a\":", "}").into()),
        ("open", "[".repeat(100_000).into()),
        (
            "deep where anything may be",
            format!(r#"{{"value":[{{{id},"tags":{{"a":{}1{}}}}}]}}"#, "[".repeat(100_000), "]".repeat(100_000)).into(),
        ),
        (
            "a number that no machine holds",
            format!(r#"{{"value":[{{{id},"attributes":{{"exp":{}}}}}]}}"#, "9".repeat(400)).into(),
        ),
        ("less deep", "[".repeat(50_000).into()),
        ("value is text", format!(r#"{{"value":"{CANARY}"}}"#).into()),
        ("value is a number", r#"{"value":1e99999}"#.into()),
        ("items are numbers", r#"{"value":[1,2,3]}"#.into()),
        ("an id is a number", r#"{"value":[{"id":17}]}"#.into()),
        ("no value", format!(r#"{{"values":[],"{CANARY}":1}}"#).into()),
        ("value twice", format!(r#"{{"value":[],"value":["{CANARY}"]}}"#).into()),
        ("an id twice", format!(r#"{{"value":[{{{id},"id":"{CANARY}"}}]}}"#).into()),
        ("cut short", format!(r#"{{"value":[{{"id":"{CANARY}"#).into()),
        ("nothing", Vec::new()),
        ("null", "null".into()),
        ("a word", CANARY.into()),
        ("two answers", format!(r#"{{"value":[]}}{{"{CANARY}":1}}"#).into()),
        ("UTF-16", utf16(r#"{"value":[]}"#)),
        ("UTF-16 with its mark", utf16("\u{feff}{\"value\":[]}")),
        ("not UTF-8", [b"{\"value\":[{\"id\":\"".as_slice(), &[0xff, 0xfe], CANARY.as_bytes(), b"\"}]}"].concat()),
        ("half a surrogate", r#"{"value":[{"id":"\ud800"}]}"#.into()),
        ("NaN", format!(r#"{{"value":[{{{id},"attributes":{{"exp":NaN}}}}]}}"#).into()),
    ];
    let stage = Stage::saying(Vec::new()).await;
    for (what, body) in corpus {
        stage.server.say(http(200, &[], body));
        let failure = stage.secrets().await.expect_err(what);
        let told = told(&failure);
        assert_eq!(failure.kind, Kind::Failed, "{what}: {told}");
        assert!(told.contains("could not list the secrets of kv-demo: the answer "), "{what}: {told}");
        // Whatever is as deep as that has too many parts to be looked at.
        let place = if what.starts_with("deep") { "has more parts than any good one" } else { "(line 1, column " };
        assert!(told.contains(place), "{what}: {told}");
        assert_eq!(stage.server.heard().len(), 1, "{what}: it would come again");
    }
}

#[tokio::test]
async fn odd_json_that_can_be_read_is_read() {
    let id = format!(r#""id":"https://{VAULT}/secrets/db-password""#);
    let stage = Stage::saying(Vec::new()).await;
    for body in [
        format!("\u{feff}{}", listed(&["db-password"], None)),
        // Deep, but where nobody looks.
        format!(r#"{{"value":[{{{id}}}],"new":{}1{}}}"#, "[".repeat(40_000), "]".repeat(40_000)),
        format!(r#"{{"value":[{{{id},"attributes":{{"exp":-1e308,"enabled":"true"}},"tags":null}}],"nextLink":""}}"#),
        format!(r#"{{"value":[{{{id},"tags":{{"a":1,"b":[true,null],"a":2}}}}]}}"#),
    ] {
        stage.server.say(http(200, &[], &body));
        let all = stage.secrets().await;
        assert_eq!(all.as_ref().map(Vec::len), Ok(1), "{body}: {all:?}");
    }
}

#[tokio::test]
async fn a_value_in_a_bad_answer_is_in_no_words() {
    let stage = Stage::saying(Vec::new()).await;
    for body in [
        format!(r#"{{"value":["{CANARY}"],"id":"https://{VAULT}/secrets/db-password/1"}}"#),
        format!(r#"{{"value":"{CANARY}","id":17}}"#),
        format!(r#"{{"value":"{CANARY}"#),
        format!(r#"{{"value":"{CANARY}"}}"#),
        format!(r#"{{"value":"{CANARY}","value":"{CANARY}","id":"x"}}"#),
    ] {
        stage.server.say(http(200, &[], &body));
        let failure = stage.reveal().await.expect_err("no bundle");
        let told = told(&failure);
        assert!(failure.kind == Kind::Failed && told.contains("reveal db-password in kv-demo"), "{told}");
    }
}

#[tokio::test]
async fn a_proxy_s_page_is_told_from_azure_s_answer() {
    let page = "\r\n<!DOCTYPE html><title>Hotel Wi-Fi</title>\x1b]52;c;aGk=\x07 Please accept our terms";
    let html = [("content-type", "text/html; charset=utf-8")];
    let stage = Stage::saying(Vec::new()).await;
    for status in [200, 403, 407, 511] {
        stage.server.say(http(status, &html, page));
        let (failure, _) = stage.failing().await;
        let told = told(&failure);
        assert_eq!((&failure.kind, failure.exit_code()), (&Kind::Offline, 7), "{told}");
        assert!(
            failure.cause.contains(&format!("a proxy answered instead of Azure (status {status}): <!DOCTYPE html>")),
            "{told}"
        );
        assert!(!failure.cause.contains('\x1b') && !failure.cause.contains('\x07'), "{told}");
        assert!(failure.cause.chars().count() < 160, "{told}");
        assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("sign in to the network")), "{told}");
        assert_eq!(stage.server.heard().len(), 1);
    }
}
