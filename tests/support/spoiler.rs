//! Between amlock and the demo's Azure: answers come through with hostile text in their fields, none forgotten, since they
//! are found in the answers themselves.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, StatusCode};
use serde_json::{Map, Value, json};

/// Fields that lead somewhere: where one of these is not what it was, there is nothing more to see behind it.
const LEADING: &[&str] = &[
    "id",
    "nextLink",
    "access_token",
    "refresh_token",
    "id_token",
    "device_code",
    "verification_uri",
    "expires_on",
    "sid",
    "keyVault",
    "hubResourceId",
    "vaultUri",
    "tenantId",
    "homeTenantId",
    "subscriptionId",
    "value/*/tenantId",
    "kid",
    "recoveryId",
    "type",
    "kind",
    "status",
    "authMode",
    "provisioningState",
    "error",
];

/// Which fields are spoiled.
#[derive(Clone, Debug)]
pub(crate) enum Spoil {
    /// All that lead nowhere, at once.
    Free,
    /// One, wherever it stands, and wherever it leads.
    One(String),
    /// None, but vaults answer with this status and an error that is hostile in all its shapes.
    Refuse(u16),
    /// None, but every answer of a vault has this where its strings begin, as raw bytes.
    Raw(&'static [u8]),
}

/// The spoiling client.
pub(crate) struct Spoiler {
    inner: Arc<dyn HttpClient>,
    attacks: Vec<String>,
    spoil: Spoil,
    noted: Mutex<Noted>,
}

/// What went through.
#[derive(Clone, Default)]
pub(crate) struct Noted {
    /// Every field that held a text, by its place: `vault value/*/contentType`.
    pub(crate) fields: BTreeSet<String>,
    /// What stands in them now.
    pub(crate) given: BTreeSet<String>,
    next: usize,
}

impl fmt::Debug for Spoiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spoiler")
    }
}

impl Spoiler {
    /// Puts the `attacks` into the answers of `inner`, one after the other, from the `first` on.
    pub(crate) fn new(inner: Arc<dyn HttpClient>, attacks: Vec<String>, first: usize, spoil: Spoil) -> Arc<Self> {
        let noted = Mutex::new(Noted { next: first, ..Noted::default() });
        Arc::new(Self { inner, attacks, spoil, noted })
    }

    /// What went through until now.
    pub(crate) fn noted(&self) -> Noted {
        self.noted.lock().expect("not poisoned").clone()
    }

    fn spoils(&self, field: &str) -> bool {
        let place = field.split_once(' ').map_or(field, |(_, place)| place);
        let last = place.rsplit('/').next().unwrap_or(place);
        match &self.spoil {
            Spoil::Free => !LEADING.contains(&last) && !LEADING.contains(&place),
            Spoil::One(one) => one == field,
            Spoil::Refuse(_) | Spoil::Raw(_) => false,
        }
    }

    fn attack(&self) -> String {
        let mut noted = self.noted.lock().expect("not poisoned");
        noted.next += 1;
        let text = self.attacks[noted.next % self.attacks.len()].clone();
        noted.given.insert(text.clone());
        text
    }

    fn walk(&self, value: &mut Value, place: &str) {
        match value {
            Value::String(text) => {
                self.noted.lock().expect("not poisoned").fields.insert(place.to_owned());
                if self.spoils(place) {
                    *text = self.attack();
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.walk(item, &format!("{place}/*"));
                }
            }
            Value::Object(fields) => {
                // Names that somebody chose are texts, too.
                let chosen = ["tags", "traffic", "properties/properties"].iter().any(|end| place.ends_with(end));
                let names = format!("{place}/*name*");
                let mut out = Map::new();
                for (n, (name, mut item)) in std::mem::take(fields).into_iter().enumerate() {
                    self.walk(&mut item, &if chosen { format!("{place}/*") } else { format!("{place}/{name}") });
                    let spoilt = chosen && self.spoils(&names);
                    let name = if spoilt { format!("{n}{}", self.attack()) } else { name };
                    if spoilt {
                        self.noted.lock().expect("not poisoned").given.insert(name.clone());
                    }
                    out.insert(name, item);
                }
                if chosen && !out.is_empty() {
                    self.noted.lock().expect("not poisoned").fields.insert(names);
                }
                *fields = out;
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn refusal(&self) -> Value {
        let evil = || self.attack();
        json!({
            "error": {
                "code": evil(), "message": format!("{} Action: '{}' Vault: {};", evil(), evil(), evil()), "target": evil(),
                "innererror": { "code": evil(), "message": evil() },
                "details": [{ "code": evil(), "message": evil() }],
            },
        })
    }
}

#[async_trait]
impl HttpClient for Spoiler {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let vault = host.ends_with(".vault.azure.net");
        let answer = self.inner.execute_request(request).await?.try_into_raw_response().await?;
        let (status, headers, body) = answer.deconstruct();
        let asked = request.headers().iter().any(|(name, _)| name.as_str() == "authorization");
        if let (Spoil::Refuse(status), true, true) = (&self.spoil, vault, asked) {
            let mut headers = Headers::new();
            headers.insert("x-ms-request-id", self.attack());
            headers.insert("content-type", "application/json");
            let body = self.refusal().to_string();
            return Ok(AsyncRawResponse::from_bytes(StatusCode::from(*status), headers, body));
        }
        if let (Spoil::Raw(bytes), true, true) = (&self.spoil, vault, status.is_success()) {
            let mut out = Vec::new();
            for (n, piece) in body.as_ref().split(|&b| b == b'"').enumerate() {
                if n > 0 {
                    out.push(b'"');
                    out.extend_from_slice(if n % 2 == 1 { bytes } else { b"" });
                }
                out.extend_from_slice(piece);
            }
            return Ok(AsyncRawResponse::from_bytes(status, headers, out));
        }
        let service = match host.as_str() {
            "login.microsoftonline.com" => "login",
            "management.azure.com" => "arm",
            _ if vault => "vault",
            _ => "other",
        };
        let body = match serde_json::from_slice::<Value>(body.as_ref()) {
            Ok(mut value) => {
                if let Value::Object(fields) = &mut value {
                    for (name, item) in fields {
                        self.walk(item, &format!("{service} {name}"));
                    }
                } else {
                    self.walk(&mut value, &format!("{service} *"));
                }
                value.to_string().into_bytes()
            }
            Err(_) => body.as_ref().to_vec(),
        };
        let mut spoilt = Headers::new();
        for (name, value) in headers.iter() {
            let text = value.as_str().to_owned();
            let own = name.as_str() == "x-ms-request-id" && matches!(self.spoil, Spoil::Free);
            spoilt.insert(name.clone(), if own { self.attack() } else { text });
        }
        Ok(AsyncRawResponse::from_bytes(status, spoilt, body))
    }
}
