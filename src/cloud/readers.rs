//! The readers of what a server writes, bare: without the network around them, for the fuzz targets in `tests/fuzz`.

use url::Url;

use super::gate::{Answer, Audience};
use super::problem;
use super::sign_in::challenge;
use crate::domain::{Failure, Moment};

/// Where a `WWW-Authenticate` header wants us to sign in, and which claims it asks for.
pub fn challenge(header: &str) -> (Option<Url>, Option<String>) {
    (challenge::authority(header), challenge::claims(header))
}

/// What an answer that is no success is told as.
pub fn refusal(
    (audience, writing): (Audience, bool),
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Failure {
    let context = problem::Context { doing: "list the secrets of kv-demo", audience, writing, now: Moment::UNIX_EPOCH };
    problem::failure(&context, &Answer { status, headers, body: body.into() })
}

/// The failure behind an AADSTS code in somebody's words.
pub fn aadsts(words: &str) -> Option<Failure> {
    problem::aadsts(words, "sign in")
}
