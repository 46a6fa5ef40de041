//! Stands between the app's gate and the world, and judges for itself what may go where.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use amlock::demo::{DemoCloud, Logged};
use async_trait::async_trait;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::judge::{Wrongs, holds_a_value};

/// A client that looks at every request of the app and sends it on.
#[derive(Debug)]
pub(crate) struct Witness {
    world: Arc<DemoCloud>,
    wrongs: Wrongs,
    numbers: Mutex<HashSet<String>>,
}

impl Witness {
    pub(crate) fn new(world: Arc<DemoCloud>, wrongs: Wrongs) -> Arc<Self> {
        Arc::new(Self { world, wrongs, numbers: Mutex::default() })
    }

    /// Whether the app sent this request, and not somebody else.
    pub(crate) fn sent(&self, line: &Logged) -> bool {
        self.numbers.lock().expect("unharmed").contains(&line.number)
    }

    fn look(&self, request: &Request) {
        let url = request.url();
        let host = url.host_str().unwrap_or_default();
        let header = |wanted: &str| {
            let found = request.headers().iter().find(|(name, _)| name.as_str().eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.as_str().to_owned())
        };
        self.numbers.lock().expect("unharmed").extend(header("x-ms-client-request-id"));
        let wrong = |what: &str| self.wrongs.add(format!("{what}: {} {url}", request.method()));
        if url.scheme() != "https" || url.port().is_some() || !url.username().is_empty() {
            wrong("an address nobody should ask");
        }
        let vault = host.strip_suffix(".vault.azure.net").is_some_and(|name| !name.contains('.'));
        let audience = match host {
            "management.azure.com" => Some("https://management.azure.com"),
            _ if vault => Some("https://vault.azure.net"),
            _ => None,
        };
        if let Some(bearer) = header("authorization") {
            let aud = audience_of(&bearer).unwrap_or_default();
            if audience.is_none_or(|audience| aud.trim_end_matches('/') != audience) {
                wrong("a token where it does not belong");
            }
        }
        let Body::Bytes(body) = request.body() else { return wrong("a body nobody can look into") };
        let body = String::from_utf8_lossy(body);
        let login = host == "login.microsoftonline.com";
        if holds_a_value(url.as_str()) || (holds_a_value(&body) && !(vault || login)) {
            wrong("a value where it does not belong");
        }
        if ["refresh_token=", "client_secret="].iter().any(|field| body.contains(field)) && !login {
            wrong("a login where it does not belong");
        }
    }
}

/// What a bearer token was made for.
fn audience_of(bearer: &str) -> Option<String> {
    let payload = bearer.strip_prefix("Bearer ")?.split('.').nth(1)?;
    let claims: serde_json::Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    claims["aud"].as_str().map(str::to_owned)
}

#[async_trait]
impl HttpClient for Witness {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        self.look(request);
        self.world.execute_request(request).await
    }
}
