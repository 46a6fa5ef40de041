//! The errors of Azure Resource Manager, Key Vault and sign-in: whatever their bodies and headers hold, they become clean
//! sentences, and a change that may have happened is never called a failure.

use amlock::cloud::{Audience, readers};
use amlock::domain::{Failure, Kind};

use super::clean;

/// The statuses that are read in their own way, and one that is not.
const STATUSES: [u16; 16] = [400, 401, 403, 404, 405, 407, 408, 409, 412, 418, 429, 500, 502, 503, 504, 511];
const AUDIENCES: [Audience; 5] = [Audience::Login, Audience::Arm, Audience::Vault, Audience::Ml, Audience::Graph];

/// The first byte says who answers what; the first line after it is the header that asks to wait; the rest is the body.
pub(crate) fn holds(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let status = STATUSES[usize::from(first) % STATUSES.len()];
    let audience = AUDIENCES[usize::from(first / 16) % AUDIENCES.len()];
    let writing = first / 16 / 5 % 2 == 1;
    let (line, body) = match rest.iter().position(|&b| b == b'\n') {
        Some(end) => (&rest[..end], &rest[end + 1..]),
        None => (&[][..], rest),
    };
    let line = String::from_utf8_lossy(line).into_owned();
    let headers = ["retry-after", "x-ms-retry-after-ms", "x-ms-request-id", "content-type"];
    let headers = headers.map(|name| (name.to_owned(), line.clone())).to_vec();
    let failure = readers::refusal((audience, writing), status, headers, body.to_vec());
    is_words(&failure);
    let azures_own = failure.azure.is_some();
    if writing && matches!(status, 500..=599) && status != 503 && azures_own && audience != Audience::Login {
        assert_eq!(failure.kind, Kind::Unknown, "{failure:?}");
    }
    if let Some(failure) = readers::aadsts(&String::from_utf8_lossy(body)) {
        is_words(&failure);
    }
}

fn is_words(failure: &Failure) {
    for words in [Some(failure.sentence()), failure.hint.clone()].into_iter().flatten() {
        assert_eq!(clean::intruder(&words), None, "{words:?}");
        assert!(!words.trim().is_empty());
    }
    assert!(failure.exit_code() > 0);
    if let Some(azure) = &failure.azure {
        for text in [Some(&azure.code), Some(&azure.message), azure.request_id.as_ref()].into_iter().flatten() {
            assert_eq!(clean::intruder(text.show().as_str()), None, "{text:?}");
        }
    }
}
