//! A recording played back as an `HttpClient`: it answers what was recorded, hands out a token to whoever signs in, and knows
//! nothing else.

use std::sync::{Arc, Mutex};

use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, StatusCode};
use serde_json::{Value, json};
use url::Url;

/// The tenant that the recordings were cleaned to.
pub(crate) const TENANT: &str = "00000000-0000-0000-0000-000000000000";

#[derive(Debug)]
pub(crate) struct Tape {
    entries: Vec<Value>,
    played: Mutex<Vec<bool>>,
    asked: Mutex<Vec<String>>,
}

impl Tape {
    pub(crate) fn new(recordings: &[Value]) -> Arc<Self> {
        let entries: Vec<Value> =
            recordings.iter().filter_map(|one| one["entries"].as_array()).flatten().cloned().collect();
        let played = Mutex::new(vec![false; entries.len()]);
        Arc::new(Self { entries, played, asked: Mutex::default() })
    }

    /// What was asked: method, path, and the body where it had one.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panics here").clone()
    }

    /// The first entry that fits and was not played yet, else the last that fits: polls repeat.
    fn find(&self, method: &str, url: &Url) -> Option<&Value> {
        let fitting = |(_, entry): &(usize, &Value)| {
            entry["method"] == *method && entry["url"].as_str().is_some_and(|recorded| fits(recorded, url))
        };
        let mut played = self.played.lock().expect("no test panics here");
        let mut last = None;
        for (place, entry) in self.entries.iter().enumerate().filter(fitting) {
            last = Some(entry);
            if !std::mem::replace(&mut played[place], true) {
                break;
            }
        }
        last
    }

    fn answer(&self, method: &str, url: &Url, body: &str) -> (u16, Vec<(String, String)>, Vec<u8>) {
        let json = |status: u16, body: &Value| (status, Vec::new(), body.to_string().into_bytes());
        if url.host_str() == Some("login.microsoftonline.com") {
            return json(200, &json!({"token_type": "Bearer", "expires_in": 3599, "access_token": token()}));
        }
        let shown = if body.is_empty() { String::new() } else { format!(" {body}") };
        self.asked.lock().expect("no test panics here").push(format!("{method} {}{shown}", url.path()));
        let Some(entry) = self.find(method, url) else {
            // What was not recorded tells nothing: versions may not be listed, and how a deletion ended nobody knows.
            let status = match method {
                "GET" if url.path().ends_with("/versions") => 403,
                "DELETE" => 500,
                _ => 404,
            };
            return json(status, &json!({"error": {"code": "NotRecorded", "message": "This was not recorded."}}));
        };
        let headers = entry["headers"].as_object().into_iter().flatten();
        let headers = headers
            .filter(|(name, _)| !["content-encoding", "transfer-encoding"].contains(&name.to_lowercase().as_str()))
            .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        let body = if entry["body"].is_null() { Vec::new() } else { entry["body"].to_string().into_bytes() };
        (u16::try_from(entry["status"].as_u64().unwrap_or(500)).unwrap_or(500), headers, body)
    }
}

/// Same host and path, in any case, with or without a slash at the end; a page is told by its token. Some recordings keep
/// only the end of a path.
fn fits(recorded: &str, asked: &Url) -> bool {
    let token =
        |url: &Url| url.query_pairs().find(|(name, _)| name == "$skiptoken").map(|(_, token)| token.into_owned());
    let path = |url: &Url| url.path().trim_end_matches('/').to_lowercase();
    if let Some(end) = recorded.strip_prefix('…') {
        let end = end.split('?').next().unwrap_or_default().to_lowercase();
        return path(asked).ends_with(&end);
    }
    Url::parse(recorded).is_ok_and(|url| {
        url.host() == asked.host()
            && path(&url) == path(asked)
            && (token(asked).is_none() || token(&url) == token(asked))
    })
}

/// A token as a client may read it: who it is for, signed by nobody.
fn token() -> String {
    use base64::Engine as _;
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.unsigned",
        part(&json!({"alg": "none"})),
        part(&json!({"tid": TENANT, "oid": "oid-of-the-recorder"}))
    )
}

#[async_trait::async_trait]
impl HttpClient for Tape {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let body = azure_core::Bytes::from(request.body());
        let method = format!("{:?}", request.method()).to_uppercase();
        let (status, headers, body) = self.answer(&method, request.url(), &String::from_utf8_lossy(&body));
        let mut all = Headers::new();
        for (name, value) in headers {
            all.insert(name, value);
        }
        Ok(AsyncRawResponse::from_bytes(StatusCode::from(status), all, body))
    }
}
