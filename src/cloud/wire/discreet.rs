//! A refusal that repeats what was sent does not bring a value to the screen: its words are withheld, its codes are kept.

use std::collections::HashSet;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

/// What stands in the place of words that would tell.
const WITHHELD: &str = "(its words repeat the value, so they are not shown)";
/// So many bytes of a value in a row are a part of it; a shorter one is looked for whole.
const PART: usize = 8;

#[derive(Deserialize)]
struct Sent {
    value: String,
}

/// `answer` as it is, unless it repeats a part of the value in `sent`: as it was, escaped or percent-encoded.
pub(super) fn discreet(answer: Bytes, sent: Option<&Bytes>) -> Bytes {
    let Some(Sent { value }) = sent.and_then(|sent| serde_json::from_slice(sent).ok()) else { return answer };
    let value = plain(value.as_bytes());
    let size = value.len().min(PART);
    if size == 0 {
        return answer;
    }
    let parts: HashSet<&[u8]> = value.windows(size).collect();
    let tells = |text: &[u8]| {
        let holds = |text: &[u8]| text.windows(size).any(|part| parts.contains(part));
        holds(&plain(text)) || holds(&plain(&percent_decoded(text)))
    };
    match serde_json::from_slice::<Value>(&answer) {
        Ok(mut body) => {
            if withhold(&mut body, &tells) {
                body.to_string().into()
            } else {
                answer
            }
        }
        Err(_) if tells(&answer) => Bytes::from_static(WITHHELD.as_bytes()),
        Err(_) => answer,
    }
}

/// Replaces each text in `body` that tells; whether there was one.
fn withhold(body: &mut Value, tells: &impl Fn(&[u8]) -> bool) -> bool {
    match body {
        Value::String(text) if tells(text.as_bytes()) => {
            WITHHELD.clone_into(text);
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
        String::from_utf8(discreet(Bytes::from(answer.to_owned()), Some(&sent)).to_vec()).expect("text")
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
        assert_eq!(discreet(Bytes::from_static(b"<html>"), None), "<html>");
    }
}
