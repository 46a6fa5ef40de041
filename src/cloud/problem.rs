//! Turns what Azure answered, or the lack of an answer, into a [`Failure`] in words for a person.
//!
//! Bodies are read owned and leniently: the same error comes in half a dozen shapes, and a shape nobody knows must still say
//! its status.

mod clock;
mod denied;
mod entra;
mod run;
mod vault;

use std::time::Duration;

use serde_json::Value;

use crate::domain::{AzureWords, Denied, Failure, Kind, Moment, SafeText, TenantId, Untrusted, count_down};

use super::gate::{Answer, Audience, Flaw, Halt, Why};

pub(crate) use clock::Skew;
pub(crate) use denied::advice;

/// What an error is read against.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// What was being done.
    pub(crate) doing: &'a str,
    /// Who was asked.
    pub(crate) audience: Audience,
    /// Whether it would have changed something.
    pub(crate) writing: bool,
    /// The present moment, for waits.
    pub(crate) now: Moment,
}

/// What an error body said, whatever its shape.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// From the outermost code to the innermost.
    pub(crate) codes: Vec<String>,
    /// The message that says most.
    pub(crate) message: String,
}

impl Said {
    /// Whether one of the codes is `code`, in any case.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|have| have.eq_ignore_ascii_case(code))
    }

    /// Whether the message holds `part`.
    pub(crate) fn mentions(&self, part: &str) -> bool {
        self.message.contains(part)
    }

    /// The innermost code that says something.
    fn code(&self) -> &str {
        self.codes.last().map_or("", String::as_str)
    }

    /// Reads a body.
    pub(crate) fn read(body: &[u8]) -> Self {
        let mut said = Self::default();
        if let Ok(value) = serde_json::from_slice::<Value>(body) {
            match &value["error"] {
                Value::String(error) => {
                    said.codes.push(error.clone());
                    said.message = text(&value["error_description"]);
                    if let Some(code) = entra::code(&value, &said.message) {
                        said.codes.push(code);
                    }
                }
                Value::Object(_) => said.gather(&value["error"], 0),
                _ => said.gather(&value, 0),
            }
        }
        said
    }

    fn gather(&mut self, error: &Value, depth: usize) {
        if depth > 8 {
            return;
        }
        let field = |name: &str| {
            error.as_object().and_then(|map| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v))
        };
        if let Some(code) = field("code").map(text).filter(|code| !code.is_empty()) {
            self.codes.push(code);
        }
        let message = field("message").map(text).unwrap_or_default();
        // An inner message is the better one only where the outer says nothing: inner ones are often a bare code again.
        if self.message.is_empty() {
            self.message = message;
        }
        if let Some(inner) = field("innererror").filter(|inner| inner.is_object()) {
            self.gather(inner, depth + 1);
        }
        if let Some(first) = field("details").and_then(|list| list.get(0)) {
            self.gather(first, depth + 1);
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// The OAuth error of a sign-in answer: `authorization_pending`, `invalid_grant`, ...
pub(crate) fn oauth_error(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Value>(body).ok()?.get("error")?.as_str().map(str::to_owned)
}

/// The failure for the first AADSTS code in somebody's words.
pub(crate) fn aadsts(text: &str, doing: &str) -> Option<Failure> {
    entra::found(text, doing)
}

/// A failure of sign-in, where it is known which tenant it was asked of.
pub(crate) fn in_tenant(failure: Failure, tenant: &TenantId) -> Failure {
    entra::in_tenant(failure, tenant.as_str())
}

/// The first line of what Azure says, as a clause: its first sentences, without trace ids.
pub(crate) fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default().trim().trim_end_matches('.')
}

/// Why an answer is no success.
pub(crate) fn failure(context: &Context<'_>, answer: &Answer) -> Failure {
    if let Some(failure) = stranger(context.doing, answer, context.writing) {
        return failure;
    }
    let said = Said::read(&answer.body);
    let failure = match context.audience {
        Audience::Login => entra::failure(context, &said, answer.status),
        Audience::Vault => vault::failure(context, &said, answer.status),
        Audience::Run => run::failure(context, &said, answer.status),
        _ => None,
    };
    let mut failure = failure.unwrap_or_else(|| general(context, &said, answer));
    if failure.kind == Kind::SignedOut {
        failure.hint = clock::hint(context, &said, answer, failure.hint);
    }
    failure.azure(AzureWords {
        status: answer.status,
        code: said.code().into(),
        message: said.message.as_str().into(),
        request_id: ["x-ms-request-id", "x-ms-client-request-id", "x-ms-correlation-request-id"]
            .iter()
            .find_map(|name| answer.header(name))
            .map(Untrusted::from),
    })
}

fn general(context: &Context<'_>, said: &Said, answer: &Answer) -> Failure {
    let new = |kind, words: &str| {
        let line = first_line(&said.message);
        Failure::new(kind, context.doing.to_owned(), if line.is_empty() { words } else { line })
    };
    match answer.status {
        401 if said.has("InvalidAuthenticationTokenTenant") => {
            Failure::new(Kind::SignedOut, context.doing.to_owned(), "it belongs to another tenant than the login's")
                .hint("choose the tenant it belongs to")
        }
        401 => new(Kind::SignedOut, "the login was not accepted").hint("sign in again"),
        403 => denied::general(context, said),
        404 if said.has("SubscriptionNotFound") => {
            new(Kind::NotFound, "this subscription does not exist or is in another tenant")
                .hint("choose the tenant the subscription belongs to")
        }
        404 => new(Kind::NotFound, "there is no such thing, or it cannot be seen from here"),
        409 | 412 => new(Kind::Conflict, "it clashes with something that is there"),
        408 | 429 | 503 => {
            let when = wait(answer, context.now).and_then(|wait| context.now.checked_add(wait).ok());
            let words =
                if answer.status == 429 { "Azure asks to slow down" } else { "Azure is not available just now" };
            let new = |words: String| Failure::new(Kind::TryLater(when), context.doing.to_owned(), words);
            match when.filter(|when| *when > context.now).map(|when| count_down(context.now, when)) {
                Some(wait) => new(format!("{words}, and to come back in {wait}")).hint(format!("try again in {wait}")),
                None => new(words.to_owned()).hint("try again later"),
            }
        }
        500..=599 if context.writing => Failure::new(
            Kind::Unknown,
            context.doing.to_owned(),
            format!("Azure had an error of its own (status {}) after the change was sent", answer.status),
        )
        .hint("look whether it happened before you try again"),
        status @ 500..=599 => Failure::new(
            Kind::TryLater(None),
            context.doing.to_owned(),
            format!("Azure had an error of its own (status {status})"),
        )
        .hint("try again later"),
        status => new(Kind::Failed, &format!("Azure refused it (status {status})")),
    }
}

/// An answer that is not Azure's: a proxy's page, a captive portal's. `None` where it may be Azure's.
pub(crate) fn stranger(doing: &str, answer: &Answer, writing: bool) -> Option<Failure> {
    let html = answer.body.trim_ascii_start().starts_with(b"<")
        || answer.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("text/html"));
    // A gateway of Azure's own may send a page with its 5xx; those are told by their status.
    let theirs = matches!(answer.status, 407 | 511) || (html && answer.status < 500);
    if !theirs {
        return None;
    }
    let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(2048)]).into_owned();
    let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let head: String = SafeText::of(&body).as_str().chars().take(80).collect();
    let mut cause = format!("a proxy answered instead of Azure (status {})", answer.status);
    if !head.is_empty() {
        cause.push_str(": ");
        cause.push_str(&head);
    }
    // A request that only a proxy saw changed nothing, but who says that it did not pass it on first?
    let kind = if writing && answer.status < 300 { Kind::Unknown } else { Kind::Offline };
    Some(Failure::new(kind, doing.to_owned(), cause).hint("sign in to the network, or check HTTPS_PROXY"))
}

/// Why there is no answer of the service that was asked; of a vault's host more is known.
pub(crate) fn unanswered(context: &Context<'_>, halt: &Halt) -> Failure {
    let failure = halted(halt, context.doing, context.writing);
    if context.audience != Audience::Vault || !halt.nobody_there() {
        return failure;
    }
    let vault = "a vault that was deleted, or has only private links, cannot be reached either";
    let hint = failure.hint.as_ref().map_or_else(|| vault.to_owned(), |hint| format!("{hint}; {vault}"));
    failure.hint(hint)
}

/// Why there is no answer.
pub(crate) fn halted(halt: &Halt, doing: &str, writing: bool) -> Failure {
    let words = halt.to_string();
    if writing && halt.sent() {
        return Failure::new(Kind::Unknown, doing.to_owned(), words)
            .hint("look whether it happened before you try again");
    }
    match halt {
        Halt::Unreachable { why, .. } | Halt::Lost { why, .. } => {
            let failure = Failure::new(Kind::Offline, doing.to_owned(), words);
            match why {
                Why::Dns => failure.hint("check the name and the network; a private network has names of its own"),
                Why::Refused | Why::Timeout | Why::Closed | Why::Other => {
                    failure.hint("check the network, a VPN or HTTPS_PROXY")
                }
                Why::Proxy(_) => failure.hint("check HTTPS_PROXY and NO_PROXY"),
                Why::Distrust(Flaw::Expired | Flaw::NotYet) => {
                    failure.hint("check this machine's clock; if it is right, something else answers in Azure's place")
                }
                Why::Distrust(Flaw::Name | Flaw::Revoked | Flaw::Old) => {
                    failure.hint("something else answers in its place: sign in to the network, or check HTTPS_PROXY")
                }
                Why::Distrust(Flaw::Issuer | Flaw::SelfSigned) | Why::Tls(_) => failure.hint(
                    "if your company inspects TLS, add its CA certificate to this machine's store, or name its file: --ca-bundle FILE, or SSL_CERT_FILE",
                ),
                Why::Distrust(Flaw::Outside) => failure.hint(
                    "is it the right CA bundle? `amlock doctor` names it; --ca-bundle FILE and SSL_CERT_FILE choose another",
                ),
                Why::Setup(_) => failure.hint("install the package ca-certificates, or name a file with some: --ca-bundle FILE, or SSL_CERT_FILE"),
            }
        }
        _ => Failure::new(Kind::Failed, doing.to_owned(), words),
    }
}

/// How long an answer asks to wait: milliseconds, seconds or a date. What cannot be read asks nothing.
pub(crate) fn wait(answer: &Answer, now: Moment) -> Option<Duration> {
    let milliseconds = ["x-ms-retry-after-ms", "retry-after-ms"]
        .iter()
        .find_map(|name| answer.header(name)?.trim().parse::<u64>().ok().map(Duration::from_millis));
    milliseconds.or_else(|| {
        let text = answer.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
    })
}

/// Fills in what only the caller knows of a refusal: on what, in which group and subscription.
pub(crate) fn denied(mut failure: Failure, fill: impl FnOnce(&mut Denied)) -> Failure {
    if let Kind::Forbidden(denied) = &mut failure.kind {
        fill(denied);
    }
    failure
}
