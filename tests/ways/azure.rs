//! Azure, as far as these tests ask it: one server for all names, and the proxy that leads there.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::authority::Authority;
use crate::server::{Heard, Server, Step, http, ok};

pub(crate) const TENANT: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const CLIENT: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const SUBSCRIPTION: &str = "33333333-3333-4333-8333-333333333333";
/// What must be seen nowhere: each stands in one of the secrets that somebody signs in with, or in a token.
pub(crate) const SECRET: &str = "c4n4ry-client-secret";
pub(crate) const TOKEN: &str = "c4n4ry-access-token";
pub(crate) const RUN: &str = "c4n4ry-run-token";
pub(crate) const MSI: &str = "c4n4ry-msi-secret";
pub(crate) const FEDERATED: &str = "c4n4ry-federated-token";
pub(crate) const VALUE: &str = "Correct-Horse-Demo-Only-42";

const NAMES: [&str; 4] =
    ["login.microsoftonline.com", "management.azure.com", "westeurope.api.azureml.ms", "kv-vision.vault.azure.net"];

/// A token with claims, whose last part is `canary`.
pub(crate) fn token(canary: &str, name: &str) -> String {
    token_of(canary, name, None)
}

/// The same, that says whom it speaks for.
fn token_of(canary: &str, name: &str, idtyp: Option<&str>) -> String {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut claims = json!({
        "tid": TENANT, "oid": format!("oid-{name}"), "appid": CLIENT, "name": name, "roles": ["Reader"],
        "aud": "https://management.azure.com", "iat": 1_790_000_000, "exp": 4_000_000_000_u64,
    });
    if let Some(idtyp) = idtyp {
        claims["idtyp"] = idtyp.into();
        claims["upn"] = name.into();
    }
    format!("{}.{}.{canary}", part(json!({"alg": "RS256"})), part(claims))
}

/// The server and the proxy. Dropping it ends both.
pub(crate) struct Azure {
    authority: Authority,
    pub(crate) server: Server,
    pub(crate) proxy: String,
    task: JoinHandle<()>,
}

impl Drop for Azure {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Azure {
    /// Azure as it answers everybody well.
    pub(crate) async fn new() -> Self {
        Self::answering(fine).await
    }

    /// Azure that answers by `script`.
    pub(crate) async fn answering(script: impl Fn(&Heard) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let authority = Authority::new();
        let server = Server::tls(authority.server(&NAMES, |_| {}), move |_, heard| script(heard)).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy = format!("http://{}", listener.local_addr().expect("its address"));
        let at = server.at;
        let task = tokio::spawn(async move {
            let mut tunnels = tokio::task::JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                tunnels.spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let Ok(byte) = client.read_u8().await else { return };
                        head.push(byte);
                    }
                    let _ = client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                    let Ok(mut server) = TcpStream::connect(at).await else { return };
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Self { authority, server, proxy, task }
    }

    /// The authority's certificate.
    pub(crate) fn pem(&self) -> String {
        self.authority.pem()
    }

    /// What was asked: method, host and path.
    pub(crate) fn asked(&self) -> Vec<String> {
        let path = |one: &Heard| one.path.split('?').next().unwrap_or_default().to_owned();
        self.server.heard().iter().map(|one| format!("{} {}{}", one.method, host(one), path(one))).collect()
    }
}

pub(crate) fn host(heard: &Heard) -> String {
    let line = heard.head.lines().find_map(|line| line.strip_prefix("host: "));
    line.unwrap_or_default().to_owned()
}

/// A refusal of sign-in, as production words it.
pub(crate) fn refusal(code: u64, message: &str) -> Vec<Step> {
    let description =
        format!("AADSTS{code}: {message}\r\nTrace ID: 0f\r\nCorrelation ID: 5a\r\nTimestamp: 2026-11-21 09:00:00Z");
    let body = json!({"error": "invalid_client", "error_description": description, "error_codes": [code]});
    vec![Step::Send(http(401, &[], body.to_string()))]
}

/// Whoever brings what belongs to a way gets its token; the rest of Azure takes it.
pub(crate) fn fine(heard: &Heard) -> Vec<Step> {
    let form = String::from_utf8_lossy(&heard.body).into_owned();
    let given = |canary: &str| heard.head.contains(canary);
    match host(heard).as_str() {
        "login.microsoftonline.com" if form.contains("client_secret=") && !form.contains(SECRET) => {
            refusal(7_000_215, "Invalid client secret provided.")
        }
        "login.microsoftonline.com" => {
            ok(json!({"token_type": "Bearer", "expires_in": 3599, "access_token": token(TOKEN, "principal")})
                .to_string())
        }
        "westeurope.api.azureml.ms" if given(RUN) && heard.path.ends_with("/secrets") => {
            ok(r#"{"value":[{"name":"db-password"}],"continuationToken":null}"#)
        }
        "westeurope.api.azureml.ms" if given(RUN) => ok(json!({"name": "db-password", "value": VALUE}).to_string()),
        "management.azure.com" if given(TOKEN) && heard.path.starts_with("/tenants") => {
            ok(json!({"value": [{"tenantId": TENANT, "displayName": "Contoso", "defaultDomain": "contoso.com"}]})
                .to_string())
        }
        "management.azure.com" if given(TOKEN) => ok(r#"{"value":[]}"#),
        _ => vec![Step::Send(http(401, &[], r#"{"error":{"code":"InvalidAuthenticationToken"}}"#))],
    }
}

/// A service of this machine that gives out tokens, in plain http; it says so often as it is asked. Ends with the runtime.
pub(crate) async fn machine_service() -> (String, Arc<std::sync::Mutex<Vec<String>>>) {
    machine_service_of(None).await
}

/// The same, whose tokens say whom they speak for.
pub(crate) async fn machine_service_of(idtyp: Option<&'static str>) -> (String, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("its address");
    let questions: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let lines = Arc::clone(&questions);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = client.read_u8().await else { break };
                head.push(byte);
            }
            lines.lock().expect("no panic").push(String::from_utf8_lossy(&head).into_owned());
            let body =
                json!({"access_token": token_of(TOKEN, "machine", idtyp), "expires_on": "4000000000"}).to_string();
            let _ = client.write_all(&http(200, &[("connection", "close")], body)).await;
            let _ = client.shutdown().await;
        }
    });
    (format!("http://{at}/MSI/auth"), questions)
}
