//! The far end: Azure where it should be, with one answer that leads astray; and a judge of every request that arrives.

use std::fmt::Write as _;
use std::sync::Mutex;

use async_trait::async_trait;
use azure_core::http::headers::Headers;
use azure_core::http::request::Body;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use serde_json::{Value, json};

use crate::addresses::{is_vault, reached};
use crate::doors::Door;

pub(crate) const PLACE: &str = "/subscriptions/00000000-0000-1111-2222-333344445555/resourceGroups/rg/providers/\
                                Microsoft.MachineLearningServices/workspaces/ws-vision";
const VAULT_ID: &str =
    "/subscriptions/00000000-0000-1111-2222-333344445555/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-demo";

/// Everything that must not get out, and the one host each of them may go to.
const CANARIES: [(&str, &str); 6] = [
    ("canary-refresh", "login"),
    ("canary-code", "login"),
    ("canary-arm", "arm"),
    ("canary-vault", "vault"),
    ("canary-value", "vault"),
    ("canary-other", "nobody"),
];

#[derive(Debug)]
pub(crate) struct Far {
    offer: Mutex<(Door, String)>,
    wrong: Mutex<Vec<String>>,
}

type Answer = (u16, Vec<(&'static str, String)>, String);

fn good(body: &Value) -> Answer {
    (200, Vec::new(), body.to_string())
}

impl Far {
    pub(crate) fn new() -> Self {
        Self { offer: Mutex::new((Door::Secrets, String::new())), wrong: Mutex::default() }
    }

    /// From now on `address` is what the answer behind `door` leads to.
    pub(crate) fn offer(&self, door: Door, address: &str) {
        *self.offer.lock().expect("no panic") = (door, address.to_owned());
    }

    /// What arrived where it should not.
    pub(crate) fn wrong(&self) -> Vec<String> {
        std::mem::take(&mut *self.wrong.lock().expect("no panic"))
    }

    /// Who somebody is, by the address alone: the exact hosts, written down here once more.
    fn judge(&self, address: &str, text: &str) -> Option<&'static str> {
        let who = match reached(address) {
            Some("login.microsoftonline.com") => Some("login"),
            Some("management.azure.com") => Some("arm"),
            Some(host) if is_vault(host) => Some("vault"),
            _ => None,
        };
        let carried = CANARIES.iter().filter(|(canary, _)| text.contains(canary) || address.contains(canary));
        let strays: Vec<_> = carried.filter(|(_, home)| who != Some(home)).map(|(canary, _)| *canary).collect();
        if who.is_none() || !strays.is_empty() {
            self.wrong.lock().expect("no panic").push(format!("{address} got {strays:?}"));
        }
        who
    }
}

#[async_trait]
impl HttpClient for Far {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let Body::Bytes(body) = request.body() else { panic!("no streams here") };
        let mut text = String::from_utf8_lossy(body).into_owned();
        for (name, value) in request.headers().iter() {
            let _ = write!(text, "\n{}: {}", name.as_str(), value.as_str());
        }
        let who = self.judge(request.url().as_str(), &text);
        let (door, address) = self.offer.lock().expect("no panic").clone();
        let method = request.method().as_str().to_owned();
        let path = request.url().path().to_owned();
        let (status, given, body) = match who {
            Some("login") => login(door, &address, &path, &text),
            Some("arm") => arm(door, &address, &method, &path),
            Some("vault") => vault(door, &address, &method, &path, text.contains("authorization: Bearer")),
            _ => good(&json!({})),
        };
        let mut headers = Headers::new();
        for (name, value) in given {
            headers.insert(name, value);
        }
        Ok(AsyncRawResponse::from_bytes(status.into(), headers, body))
    }
}

fn away(address: &str) -> Answer {
    // Another status each time: every one of them, over the cases.
    let status = [301, 302, 303, 307, 308, 300, 304, 399][address.len() % 8];
    (status, vec![("location", address.to_owned())], String::new())
}

fn challenge(address: &str) -> Answer {
    let other = "22222222-2222-2222-2222-222222222222";
    let text = match address.len() % 4 {
        0 => format!(r#"Bearer authorization="{address}", resource="https://vault.azure.net""#),
        1 => format!(r#"Bearer authorization="{address}/{other}", resource="{address}", scope="{address}/.default""#),
        2 => format!(r#"Bearer realm="", authorization_uri="{address}", error="insufficient_claims", claims="e30=""#),
        _ => format!(r#"Bearer resource="{address}", authorization="https://login.microsoftonline.com/{other}""#),
    };
    (401, vec![("www-authenticate", text)], "{}".to_owned())
}

fn login(door: Door, address: &str, path: &str, form: &str) -> Answer {
    match door {
        Door::RedirectedLogin => away(address),
        Door::RedirectedCode if path.ends_with("/devicecode") => away(address),
        _ if path.ends_with("/devicecode") => good(&json!({
            "user_code": "ABC", "device_code": "canary-code", "verification_uri": address, "expires_in": 900, "interval": 1,
        })),
        Door::DeviceCode if form.contains("device_code") => {
            (400, Vec::new(), r#"{"error":"expired_token"}"#.to_owned())
        }
        _ => {
            let whose = match () {
                () if form.contains("management.azure.com") => "canary-arm",
                () if form.contains("vault.azure.net") => "canary-vault",
                () => "canary-other",
            };
            good(
                &json!({"token_type": "Bearer", "expires_in": 3599, "access_token": whose, "refresh_token": "canary-refresh"}),
            )
        }
    }
}

fn page(door: Door, here: Door, address: &str, item: &Value) -> Answer {
    let next = (door == here).then_some(address);
    good(&json!({"value": [item], "nextLink": next}))
}

fn vault(door: Door, address: &str, method: &str, path: &str, known: bool) -> Answer {
    let item = json!({"id": "https://kv-demo.vault.azure.net/secrets/db-password/1", "attributes": {"enabled": true}});
    let value =
        || good(&json!({"id": "https://kv-demo.vault.azure.net/secrets/db-password/1", "value": "canary-value"}));
    match (door, method) {
        (Door::StrangersChallenge, _) if !known => challenge(address),
        (Door::Challenged, "GET") | (Door::ChallengedSet, "PUT") => challenge(address),
        (Door::RedirectedList | Door::RedirectedReveal, "GET")
        | (Door::RedirectedSet, "PUT")
        | (Door::RedirectedDelete, "DELETE") => away(address),
        _ if !known => challenge("https://login.microsoftonline.com"),
        _ if path.ends_with("/versions") => page(door, Door::Versions, address, &item),
        _ if path == "/deletedsecrets" => page(door, Door::Deleted, address, &item),
        _ if path == "/secrets" => page(door, Door::Secrets, address, &item),
        _ => value(),
    }
}

fn arm(door: Door, address: &str, method: &str, path: &str) -> Answer {
    let subscription = json!({"subscriptionId": "00000000-0000-1111-2222-333344445555", "displayName": "main"});
    let mut workspace = json!({"id": PLACE, "name": "ws-vision", "type": "x", "properties": {"keyVault": VAULT_ID}});
    match door {
        Door::RedirectedArm => return away(address),
        Door::ChallengedArm => return challenge(address),
        Door::VaultId => workspace["properties"]["keyVault"] = format!("{address}{VAULT_ID}").into(),
        Door::Hub => {
            workspace["properties"] = json!({"hubResourceId": format!("{address}{PLACE}")});
        }
        _ => {}
    }
    match path {
        "/tenants" => page(door, Door::Tenants, address, &json!({"tenantId": "11111111-1111-1111-1111-111111111111"})),
        "/subscriptions" => page(door, Door::Subscriptions, address, &subscription),
        "/providers/Microsoft.ResourceGraph/resources" => graph(door, address),
        _ if path.ends_with("/regenerateKeys") => match door {
            Door::RedirectedRegenerate => away(address),
            Door::Operation => (202, vec![("azure-asyncoperation", address.to_owned())], String::new()),
            Door::Location => (202, vec![("location", address.to_owned())], String::new()),
            _ => good(&json!({})),
        },
        _ if path.ends_with("/listKeys") => {
            good(&json!({"primaryKey": "canary-value", "secondaryKey": "canary-value"}))
        }
        _ if path.ends_with("/onlineEndpoints") => {
            let uri = if door == Door::ScoringUri { address } else { "" };
            let id =
                if door == Door::ScoringUri { address.to_owned() } else { format!("{PLACE}/onlineEndpoints/churn") };
            let item = json!({"id": id, "name": "churn", "properties": {"authMode": "Key", "scoringUri": uri}});
            page(door, Door::Endpoints, address, &item)
        }
        _ if path.ends_with("Endpoints") => good(&json!({"value": []})),
        _ if path.ends_with("/workspaces") => page(door, Door::EachSubscription, address, &workspace),
        _ if path.contains("/vaults/") => {
            let uri = if door == Door::ArmsVault { address } else { "https://kv-demo.vault.azure.net/" };
            good(&json!({"id": VAULT_ID, "properties": {"vaultUri": uri}}))
        }
        // An operation that was followed home ends there.
        _ if method == "GET" && !path.contains("/workspaces/") => good(&json!({"status": "Succeeded"})),
        _ => good(&workspace),
    }
}

fn graph(door: Door, address: &str) -> Answer {
    let mut row = json!({"id": PLACE, "name": "ws-vision", "kind": "default", "kvId": VAULT_ID});
    match door {
        // Who may not ask the graph asks each subscription.
        Door::EachSubscription => return (403, Vec::new(), "{}".to_owned()),
        Door::GraphsVault => row["vaultUri"] = address.into(),
        Door::VaultId => row["kvId"] = format!("{address}{VAULT_ID}").into(),
        Door::Hub => {
            row["kvId"] = Value::Null;
            row["hubId"] = format!("{address}{PLACE}").into();
        }
        _ => {}
    }
    let token = (door == Door::SkipToken).then_some(address);
    good(&json!({"data": [row], "$skipToken": token, "resultTruncated": "false"}))
}
