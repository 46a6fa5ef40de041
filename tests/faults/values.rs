//! Values of every kind go there and come back, byte for byte.

use std::sync::{Arc, Mutex};

use amlock::domain::{Expect, Kind, Sealed, VALUE_LIMIT};

use crate::server::{Step, http, ok};
use crate::stage::{Stage, VAULT, listed, new};

#[tokio::test]
async fn a_value_comes_back_byte_for_byte() {
    let kept: Arc<Mutex<Option<String>>> = Arc::default();
    let shelf = Arc::clone(&kept);
    let stage = Stage::new(move |_, heard| {
        let bundle = |value: &str| {
            serde_json::json!({"id": format!("https://{VAULT}/secrets/db-password/1"), "value": value}).to_string()
        };
        match heard.method.as_str() {
            "PUT" => {
                // Read by a parser that is not ours to write; sent back as it would send it.
                let body: serde_json::Value = serde_json::from_slice(&heard.body).expect("JSON");
                let value = body["value"].as_str().expect("a value").to_owned();
                *shelf.lock().expect("no panic") = Some(value.clone());
                ok(bundle(&value))
            }
            _ if heard.path.contains("/versions") => ok(listed(&[], None)),
            _ => match &*shelf.lock().expect("no panic") {
                Some(value) => ok(bundle(value)),
                None => vec![Step::Send(http(404, &[], "{}"))],
            },
        }
    })
    .await;
    let key = rcgen::KeyPair::generate().expect("a key").serialize_pem();
    let pfx: String = (0..3_200u32)
        .map(|n| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[(n * 7 % 64) as usize]))
        .collect();
    for value in [
        String::new(),
        "x".repeat(VALUE_LIMIT),
        "é".repeat(VALUE_LIMIT / 2),
        "\0".to_owned(),
        "a\0b\0".to_owned(),
        "\x1b]52;c;aGk=\x07\x1b[2J".to_owned(),
        "\u{202e}txt.exe\u{2066}\u{200b}\u{feff}".to_owned(),
        "line\r\nline\rline\n\n".to_owned(),
        " \t spaces around \t ".to_owned(),
        "\"quoted\\\" \\u0041 {\"json\": [1]} </script> %41 $HOME".to_owned(),
        "👩‍💻🏳️‍🌈e\u{301}\u{1f469}\u{10ffff}\u{fffd}".to_owned(),
        (0..=0x9f_u8).map(char::from).collect(),
        key,
        pfx,
    ] {
        stage.cloud.set_secret(&stage.vault, new(&value), Expect::Anything).await.expect("set");
        assert_eq!(kept.lock().expect("no panic").as_deref(), Some(value.as_str()), "as it arrived");
        assert!(stage.reveal().await.expect("revealed").same(&Sealed::new(value)), "as it came back");
    }
}

#[tokio::test]
async fn a_value_too_long_for_a_vault_is_not_sent() {
    let stage = Stage::saying(http(200, &[], listed(&[], None))).await;
    for value in ["x".repeat(VALUE_LIMIT + 1), "é".repeat(VALUE_LIMIT / 2 + 1), "x".repeat(5_000_000)] {
        let failure = stage.cloud.set_secret(&stage.vault, new(&value), Expect::Anything).await.expect_err("too long");
        assert_eq!((&failure.kind, failure.exit_code()), (&Kind::Misused, 2));
        assert!(failure.cause.contains("a vault takes 25600"), "{failure:?}");
    }
    assert_eq!((stage.server.opened(), stage.login.opened()), (0, 0), "not a byte");
}
