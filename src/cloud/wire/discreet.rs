//! A refusal that repeats what was sent does not bring a value to the screen: its words are withheld, its codes are kept.

use std::collections::HashSet;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use crate::cloud::gate::Answer;

/// What stands in the place of words that would tell.
const WITHHELD: &str = "(its words repeat the value, so they are not shown)";
/// So many bytes of a value in a row are a part of it; a shorter one is looked for whole.
const PART: usize = 8;

/// A proof shorter than this is no proof anybody gives out, and its letters are in too many words.
const PROOF: usize = 6;
/// The fields of a form that prove who asks.
const PROOFS: [&str; 8] = [
    "client_secret",
    "client_assertion",
    "refresh_token",
    "device_code",
    "code",
    "code_verifier",
    "assertion",
    "password",
];

#[derive(Deserialize)]
struct Sent {
    value: String,
}

/// `answer` as it is, unless it repeats a part of the value in `sent`: as it was, escaped or percent-encoded.
pub(super) fn discreet(answer: Answer, sent: Option<&Bytes>) -> Answer {
    let sent = sent.and_then(|sent| serde_json::from_slice(sent).ok());
    match sent {
        Some(Sent { value }) => without(answer, &value),
        None => answer,
    }
}

/// `answer` as it is, unless it repeats a part of what the form in `sent` proves: a secret, a refresh token, a code.
pub(crate) fn form_discreet(answer: Answer, sent: &[u8]) -> Answer {
    let proofs = form_urlencoded::parse(sent).filter(|(name, _)| PROOFS.contains(&&**name));
    proofs.fold(answer, |answer, (_, proof)| proof_discreet(answer, &proof))
}

/// `answer` as it is, unless it repeats a part of `proof`: a token, say.
pub(crate) fn proof_discreet(answer: Answer, proof: &str) -> Answer {
    if proof.len() < PROOF { answer } else { without(answer, proof) }
}

fn without(mut answer: Answer, value: &str) -> Answer {
    let value = plain(value.as_bytes());
    let size = value.len().min(PART);
    if size == 0 {
        return answer;
    }
    let parts: HashSet<&[u8]> = value.windows(size).collect();
    let tells = |text: &[u8]| {
        let holds = |text: &[u8]| plain(text).windows(size).any(|part| parts.contains(part));
        let once = percent_decoded(text);
        // A form writes its spaces so; and who quotes an address encodes it once more.
        let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        holds(text) || holds(&percent_decoded(&spaced)) || holds(&percent_decoded(&once)) || holds(&once)
    };
    answer.headers.retain(|(name, value)| !(name.ends_with("request-id") && tells(value.as_bytes())));
    match serde_json::from_slice::<Value>(&answer.body) {
        Ok(mut body) => {
            if withhold(&mut body, &tells) {
                answer.body = body.to_string().into();
            }
        }
        Err(_) if tells(&answer.body) => answer.body = Bytes::from_static(WITHHELD.as_bytes()),
        Err(_) => {}
    }
    answer
}

/// Replaces each text in `body` that tells; whether there was one.
fn withhold(body: &mut Value, tells: &impl Fn(&[u8]) -> bool) -> bool {
    match body {
        Value::String(text) if tells(text.as_bytes()) => {
            WITHHELD.clone_into(text);
            true
        }
        Value::Number(number) if tells(number.to_string().as_bytes()) => {
            *body = WITHHELD.into();
            true
        }
        // All of them, not only the first that does.
        Value::Array(list) => list.iter_mut().filter_map(|one| withhold(one, tells).then_some(())).count() > 0,
        Value::Object(fields) => fields.values_mut().filter_map(|one| withhold(one, tells).then_some(())).count() > 0,
        _ => false,
    }
}

/// Without the marks of escaping, which come in as many layers as somebody quoted somebody.
fn plain(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte != b'\\').collect()
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| tail.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        if let (b'%', Some((high, low))) = (first, digit(0).zip(digit(1))) {
            out.extend(u8::try_from(high * 16 + low));
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(answer: &str, value: &str) -> String {
        let sent = Bytes::from(serde_json::json!({"value": value, "contentType": "text/plain"}).to_string());
        String::from_utf8(discreet(said(answer), Some(&sent)).body.to_vec()).expect("text")
    }

    fn said(body: &str) -> Answer {
        let headers = vec![("x-ms-request-id".to_owned(), "r-1".to_owned())];
        Answer { status: 400, headers, body: Bytes::from(body.to_owned()) }
    }

    #[test]
    fn words_that_repeat_a_value_are_withheld_in_whatever_form() {
        let value = "correct \"horse\" battery";
        for words in [
            "bad: correct \"horse\" battery",
            r#"bad: {"value":"correct \"horse\" battery"}"#,
            r#"bad: \\"correct \\\"horse\\\" battery"#,
            "only its end: horse\" battery",
            "correct%20%22horse%22%20battery",
        ] {
            let answer = serde_json::json!({"error": {"code": "BadParameter", "message": words}}).to_string();
            let shown = shown(&answer, value);
            assert!(shown.contains("BadParameter") && !shown.contains("horse"), "{words}: {shown}");
            assert!(!self::shown(&format!("<p>{words}"), value).contains("horse"), "{words}");
        }
        assert!(!shown("no JSON: hunter2!", "hunter2").contains("hunter2"), "a short one, whole");
    }

    #[test]
    fn other_words_stay_byte_for_byte() {
        let answer = r#"{"error": {"code":"Forbidden","message":"text/plain is not a type you may use"}}"#;
        assert_eq!(shown(answer, "correct horse"), answer);
        assert_eq!(shown(answer, ""), answer);
        assert_eq!(discreet(said("<html>"), None).body, "<html>");
    }

    #[test]
    fn words_that_repeat_what_a_form_proves_are_withheld() {
        let secret = "a b~8Q+x/y=very secret";
        for field in PROOFS {
            let form = form_urlencoded::Serializer::new(String::new())
                .append_pair("client_id", "c-0123456789")
                .append_pair(field, secret)
                .finish();
            let again = form_urlencoded::byte_serialize(form.as_bytes()).collect::<String>();
            for words in [form.as_str(), &again, secret, "a%20b~8Q%2Bx%2Fy%3Dvery%20secret"] {
                let body = serde_json::json!({"error": "invalid_client", "error_description": words}).to_string();
                let heard = form_discreet(said(&body), form.as_bytes());
                let shown = String::from_utf8_lossy(&heard.body).into_owned();
                assert!(shown.contains("invalid_client") && !shown.contains("8Q"), "{field}, {words}: {shown}");
                let page = form_discreet(said(&format!("<p>{words}")), form.as_bytes());
                assert!(!String::from_utf8_lossy(&page.body).contains("8Q"), "{field}, {words}");
            }
        }
        let form = b"client_id=c-0123456789&scope=https%3A%2F%2Fmanagement.azure.com&client_secret=s";
        let body = r#"{"error": "no application c-0123456789 for https://management.azure.com"}"#;
        assert_eq!(form_discreet(said(body), form).body, body, "what proves nothing may be told");
        let mut told = said("{}");
        told.headers[0].1 = format!("id-{secret}");
        assert!(proof_discreet(told, secret).headers.is_empty());
    }
}
