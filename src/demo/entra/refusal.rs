//! How Entra says no: a code, a sentence, and the lines below it that help its own people find the request.

use serde_json::json;

use crate::demo::{
    clock::{Moment, entra_stamp},
    http::{Ask, Reply},
    seed,
};

/// A field of the form that must be there.
pub(crate) fn needed(ask: &Ask, now: Moment, name: &str) -> Result<String, Reply> {
    ask.form(name).filter(|value| !value.is_empty()).ok_or_else(|| {
        let words = format!("The request body must contain the following parameter: '{name}'.");
        refusal(ask, now, "invalid_request", 900_144, &words)
    })
}

pub(crate) fn refusal(ask: &Ask, now: Moment, error: &str, code: u32, words: &str) -> Reply {
    let (stamp, moment) = (entra_stamp(now), now.to_string());
    let (trace, correlation) = (seed::guid(&["trace", &ask.url, &moment]), seed::guid(&["correlation", &moment]));
    let status = if matches!(error, "invalid_client") { 401 } else { 400 };
    let mut body = json!({
        "error": error,
        "error_description": format!("AADSTS{code}: {words}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {stamp}"),
        "error_codes": [code],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}")
    });
    let more = match code {
        50_076 | 50_079 => Some("basic_action"),
        53_003 => Some("message_only"),
        65_001 => Some("consent_required"),
        _ => None,
    };
    if let Some(more) = more {
        body["suberror"] = json!(more);
    }
    no_store(Reply::json(status, &body)).header("x-ms-clitelem", format!("1,{code},0,,"))
}

/// Nothing that Entra answers may be kept.
pub(crate) fn no_store(reply: Reply) -> Reply {
    reply.header("cache-control", "no-store, no-cache").header("pragma", "no-cache")
}
