//! Requests written by hand, sent straight to the demo cloud, and a judge of shapes: recorded answers of Azure.

use std::sync::Arc;

use amlock::demo::{DemoCloud, SeededLogin};
use azure_core::http::{HttpClient as _, Method, Request, Url};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The Azure CLI's application.
pub(crate) const CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
pub(crate) const LOGIN: &str = "https://login.microsoftonline.com";
pub(crate) const ARM: &str = "https://management.azure.com";
pub(crate) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// One answer.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

pub(crate) fn demo(world: &str) -> Result<Arc<DemoCloud>> {
    Ok(DemoCloud::new(world, "2026-11-21T05:02:00Z".parse()?)?)
}

pub(crate) async fn send(
    cloud: &DemoCloud,
    method: Method,
    url: &str,
    bearer: Option<&str>,
    body: &str,
) -> azure_core::Result<Got> {
    let mut request = Request::new(Url::parse(url)?, method);
    if let Some(token) = bearer {
        request.insert_header("authorization", format!("Bearer {token}"));
    }
    request.set_body(body.to_owned());
    let answer = cloud.execute_request(&request).await?.try_into_raw_response().await?;
    let (status, headers, body) = answer.deconstruct();
    let text = String::from_utf8_lossy(body.as_ref()).into_owned();
    let headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned())).collect();
    Ok(Got { status: status.into(), headers, body: serde_json::from_str(&text).unwrap_or(Value::Null), text })
}

pub(crate) async fn get(cloud: &DemoCloud, url: &str, bearer: &str) -> Result<Got> {
    Ok(send(cloud, Method::Get, url, Some(bearer), "").await?)
}

pub(crate) async fn post(cloud: &DemoCloud, url: &str, bearer: &str, body: &str) -> Result<Got> {
    Ok(send(cloud, Method::Post, url, Some(bearer), body).await?)
}

/// A form, percent-encoded by the URL crate.
pub(crate) async fn form(cloud: &DemoCloud, url: &str, fields: &[(&str, &str)]) -> Result<Got> {
    let mut encoded = Url::parse("https://form.invalid/")?;
    encoded.query_pairs_mut().extend_pairs(fields);
    Ok(send(cloud, Method::Post, url, None, encoded.query().unwrap_or_default()).await?)
}

/// Alex's refresh token and tenant.
pub(crate) fn alex(cloud: &DemoCloud) -> Result<(String, String)> {
    let found = cloud.seeded_logins().into_iter().find_map(|login| match login {
        SeededLogin::User { tenant, refresh_token, .. } => Some((refresh_token, tenant)),
        SeededLogin::Principal { .. } => None,
    });
    Ok(found.ok_or("nobody is signed in")?)
}

/// An access token of Alex at Contoso.
pub(crate) async fn token(cloud: &DemoCloud, scope: &str) -> Result<String> {
    let (refresh, tenant) = alex(cloud)?;
    let fields = [("grant_type", "refresh_token"), ("client_id", CLI), ("refresh_token", &refresh), ("scope", scope)];
    let got = form(cloud, &format!("{LOGIN}/{tenant}/oauth2/v2.0/token"), &fields).await?;
    Ok(got.body["access_token"].as_str().ok_or_else(|| got.text.clone())?.to_owned())
}

pub(crate) async fn arm(cloud: &DemoCloud) -> Result<String> {
    token(cloud, "https://management.azure.com/.default openid profile offline_access").await
}

pub(crate) async fn vault(cloud: &DemoCloud) -> Result<String> {
    token(cloud, "https://vault.azure.net/.default").await
}

/// An access token of Alex at Fabrikam, by device code.
pub(crate) async fn fabrikam(cloud: &DemoCloud, scope: &str) -> Result<String> {
    let login = format!("{LOGIN}/organizations/oauth2/v2.0");
    let code = form(cloud, &format!("{login}/devicecode"), &[("client_id", CLI), ("scope", scope)]).await?;
    let fields = [("grant_type", GRANT), ("client_id", CLI), ("device_code", code.text("/device_code"))];
    form(cloud, &format!("{login}/token"), &fields).await?;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let got = form(cloud, &format!("{login}/token"), &fields).await?;
    Ok(got.body["access_token"].as_str().ok_or_else(|| got.text.clone())?.to_owned())
}

/// The claims inside a token.
pub(crate) fn claims(token: &str) -> Result<Value> {
    let payload = token.split('.').nth(1).ok_or("no payload")?;
    Ok(serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload)?)?)
}

/// One answer out of a recording.
pub(crate) fn recorded(name: &str, entry: usize) -> Result<Value> {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    Ok(file["entries"][entry]["body"].clone())
}

/// Every field of ours must be one that Azure has in that place, and of its type; maps named by users are left alone.
pub(crate) fn same_shape(ours: &Value, azures: &Value, place: &str) {
    const FREE: [&str; 7] =
        ["tags", "traffic", "mirrorTraffic", "environmentVariables", "headers", "networkAcls", "data"];
    match (ours, azures) {
        (Value::Object(ours), Value::Object(azures)) => {
            for (name, value) in ours {
                let here = format!("{place}/{name}");
                let theirs = azures.get(name).unwrap_or_else(|| panic!("Azure has no {here}"));
                if !FREE.contains(&name.as_str()) && here != "/value/0/properties/properties" {
                    same_shape(value, theirs, &here);
                }
            }
        }
        (Value::Array(ours), Value::Array(azures)) => {
            if let (Some(one), Some(other)) = (ours.first(), azures.first()) {
                same_shape(one, other, &format!("{place}/0"));
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        _ => assert_eq!(std::mem::discriminant(ours), std::mem::discriminant(azures), "{place}: {ours} and {azures}"),
    }
}
