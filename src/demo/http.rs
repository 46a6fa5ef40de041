//! A request as the services read it and an answer as they write it. It knows HTTP and JSON, no service.

use azure_core::{
    error::{Error, ErrorKind},
    http::{AsyncRawResponse, Body, Request, StatusCode, headers::Headers},
};
use serde_json::{Value, json};

/// One request, taken apart once.
pub(crate) struct Ask {
    /// Upper case.
    pub(crate) method: &'static str,
    pub(crate) host: String,
    /// The whole address, as it was asked.
    pub(crate) url: String,
    /// Decoded, without empty pieces: a trailing slash changes nothing in Azure either.
    pub(crate) path: Vec<String>,
    query: Vec<(String, String)>,
    /// The token behind `Authorization: Bearer`.
    pub(crate) bearer: Option<String>,
    /// The header `Metadata: true`, which no browser and no redirect sends by accident.
    pub(crate) metadata: bool,
    /// The caller's own number of the request.
    pub(crate) number: String,
    /// What shows a machine's own services who asks: `X-IDENTITY-HEADER`, `Secret` or `Authorization: Basic`.
    pub(crate) key: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Ask {
    pub(crate) fn read(request: &Request) -> azure_core::Result<Self> {
        let Body::Bytes(body) = request.body() else {
            return Err(Error::with_message(ErrorKind::Other, "the demo takes no streamed bodies"));
        };
        let url = request.url();
        let header = |wanted: &str| {
            let found = request.headers().iter().find(|(name, _)| name.as_str().eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.as_str().to_owned())
        };
        let bearer = header("authorization")
            .and_then(|value| value.strip_prefix("Bearer ").map(|token| token.trim().to_owned()))
            .filter(|token| !token.is_empty());
        let path = url.path_segments().into_iter().flatten().filter(|piece| !piece.is_empty());
        Ok(Self {
            method: request.method().as_str(),
            host: url.host_str().unwrap_or_default().to_ascii_lowercase(),
            url: url.to_string(),
            path: path.map(decoded).collect(),
            query: url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            bearer,
            metadata: header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            number: header("x-ms-client-request-id").unwrap_or_default(),
            key: header("x-identity-header")
                .or_else(|| header("secret"))
                .or_else(|| header("authorization").and_then(|value| value.strip_prefix("Basic ").map(str::to_owned))),
            body: body.to_vec(),
        })
    }

    /// A query parameter, its name in any case (`$skipToken`, `$skiptoken`).
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The path as pieces to match on.
    pub(crate) fn pieces(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// The body as JSON; an empty or broken one is `Null`, which no service mistakes for an object.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A field of a form body.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        form_fields(&self.body).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// `application/x-www-form-urlencoded`, read with the URL crate behind `Request`, which knows the rules.
fn form_fields(body: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let Ok(mut url) = azure_core::http::Url::parse("https://form.invalid/") else { return Vec::new() };
    url.set_query(Some(&text));
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn decoded(piece: &str) -> String {
    // A plus is a plus in a path, unlike in a form.
    let pair = format!("x={}", piece.replace('+', "%2B").replace('&', "%26"));
    form_fields(pair.as_bytes()).pop().map_or_else(|| piece.to_owned(), |(_, value)| value)
}

/// One answer. A handler returns a refusal as the error of its `Result`, so that `?` ends it.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// What a handler gives: an answer, or a refusal.
pub(crate) type Answer = Result<Reply, Reply>;

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json; charset=utf-8".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    pub(crate) fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    pub(crate) fn html(status: u16, page: &str) -> Self {
        let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
        Self { status, headers, body: page.as_bytes().to_vec() }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: vec![("content-length", "0".to_owned())], body: Vec::new() }
    }

    /// The error body that ARM and Key Vault share.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &json!({"error": {"code": code, "message": message}}))
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn into_response(self) -> AsyncRawResponse {
        let mut headers = Headers::new();
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        AsyncRawResponse::from_bytes(StatusCode::from(self.status), headers, self.body)
    }
}
