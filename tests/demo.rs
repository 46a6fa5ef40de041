//! The demo cloud asked by hand, for what Azure's own crates do not touch: signing in by device code, Resource Graph,
//! workspaces, endpoints, faults, the other worlds. Shapes are compared with recorded answers.

mod disagreements;
mod wire;

use std::{sync::Arc, time::Duration};

use amlock::demo::{DemoCloud, Fault, SeededLogin};
use azure_core::{
    error::ErrorKind,
    http::{HttpClient as _, Method},
};
use serde_json::{Value, json};
use tokio::time::Instant;
use wire::{
    ARM, CLI, GRANT, Got, LOGIN, Result, arm, claims, demo, fabrikam, form, get, post, recorded, same_shape, send,
    token, vault,
};

const QUERY: &str = "resources
| where type =~ 'microsoft.machinelearningservices/workspaces'
| extend kvId = tolower(tostring(properties.keyVault)), hubId = tolower(tostring(properties.hubResourceId))
| join kind=leftouter (resources | where type =~ 'microsoft.keyvault/vaults'
    | project kvId = tolower(id), vaultUri = tostring(properties.vaultUri), kvTenant = tostring(properties.tenantId),
              rbac = tobool(properties.enableRbacAuthorization), kvPublic = tostring(properties.publicNetworkAccess)) on kvId
| join kind=leftouter (resourcecontainers | where type =~ 'microsoft.resources/subscriptions' | project subscriptionId, subscriptionName = name) on subscriptionId
| project id, name, kind, location, resourceGroup, subscriptionId, subscriptionName, tenantId, hubId, kvId, vaultUri, kvTenant, rbac, kvPublic,
          state = tostring(properties.provisioningState), discoveryUrl = tostring(properties.discoveryUrl), tags
| order by name asc, id asc";

async fn graph(cloud: &DemoCloud, bearer: &str, body: &Value) -> Result<Got> {
    let url = format!("{ARM}/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01");
    post(cloud, &url, bearer, &body.to_string()).await
}

/// The id of a workspace that Alex can see.
async fn workspace(cloud: &DemoCloud, bearer: &str, name: &str) -> Result<String> {
    let got = graph(cloud, bearer, &json!({"query": QUERY})).await?;
    let rows = got.body["data"].as_array().ok_or("no rows")?;
    let row = rows.iter().find(|row| row["name"] == name).ok_or("no such workspace")?;
    Ok(format!("{ARM}{}", row["id"].as_str().ok_or("no id")?))
}

fn names(got: &Got) -> Vec<String> {
    let value = got.body["value"].as_array();
    value.into_iter().flatten().filter_map(|item| item["name"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_device_code_is_approved_at_the_second_poll() -> Result {
    let cloud = demo("")?;
    let login = format!("{LOGIN}/organizations/oauth2/v2.0");
    let scope = "https://management.azure.com//.default offline_access openid profile";
    let code = form(&cloud, &format!("{login}/devicecode"), &[("client_id", CLI), ("scope", scope)]).await?;
    same_shape(&code.body, &recorded("entra_devicecode", 2)?, "");
    assert_eq!((code.text("/user_code"), code.body["interval"].as_i64()), ("DEMO-ONLY", Some(2)));
    let fields =
        [("grant_type", GRANT), ("client_id", CLI), ("device_code", code.text("/device_code")), ("client_info", "1")];
    let poll = || form(&cloud, "https://login.microsoftonline.com/organizations/oauth2/v2.0/token", &fields);
    let pending = poll().await?;
    assert_eq!((pending.status, pending.text("/error")), (400, "authorization_pending"));
    same_shape(&pending.body, &recorded("entra_devicecode", 3)?, "");
    assert!(
        pending.text("/error_description").starts_with("AADSTS70016: ") && pending.text.contains(r"\r\nTrace ID: ")
    );
    assert_eq!(poll().await?.text("/error"), "slow_down");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let granted = poll().await?;
    same_shape(&granted.body, &recorded("entra_devicecode", 4)?, "");
    let claims = claims(granted.text("/access_token"))?;
    assert_eq!(
        (claims["upn"].as_str(), claims["aud"].as_str()),
        (Some("alex@fabrikam.com"), Some("https://management.azure.com/"))
    );
    assert_eq!(
        claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(exp, iat)| exp - iat),
        granted.body["expires_in"].as_i64()
    );
    assert!(granted.text("/access_token").split('.').count() == 3);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(poll().await?.text("/error"), "bad_verification_code", "a code is good once");
    // One refresh token serves every audience, and rotates.
    let refresh = granted.text("/refresh_token").to_owned();
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", CLI),
        ("refresh_token", &refresh),
        ("scope", "https://vault.azure.net/.default"),
    ];
    let again = form(&cloud, &format!("{login}/token"), &fields).await?;
    assert_eq!(wire::claims(again.text("/access_token"))?["aud"], "https://vault.azure.net");
    assert_ne!(again.text("/refresh_token"), refresh);
    // The other tenant does not know this user; a revoked token is said to be expired.
    let (_, contoso) = wire::alex(&cloud)?;
    let foreign = form(&cloud, &format!("{LOGIN}/{contoso}/oauth2/v2.0/token"), &fields).await?;
    assert_eq!((foreign.text("/error"), foreign.body["error_codes"][0].as_i64()), ("invalid_grant", Some(50_020)));
    cloud.revoke("alex@fabrikam.com");
    let revoked = form(&cloud, &format!("{login}/token"), &fields).await?;
    assert_eq!(revoked.body["error_codes"][0], 700_082);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_device_code_ends_after_its_time_and_can_be_declined() -> Result {
    for declined in [false, true] {
        let cloud = demo("")?;
        let login = format!("{LOGIN}/organizations/oauth2/v2.0");
        let code = form(
            &cloud,
            &format!("{login}/devicecode"),
            &[("client_id", CLI), ("scope", "https://ml.azure.com/.default")],
        )
        .await?;
        let fields = [("grant_type", "device_code"), ("client_id", CLI), ("code", code.text("/device_code"))];
        form(&cloud, &format!("{login}/token"), &fields).await?;
        if declined {
            cloud.decline_device_codes();
        }
        tokio::time::sleep(Duration::from_secs(if declined { 3 } else { 901 })).await;
        let got = form(&cloud, &format!("{login}/token"), &fields).await?;
        assert_eq!(got.text("/error"), if declined { "authorization_declined" } else { "expired_token" });
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn entra_knows_its_tenants_and_no_others() -> Result {
    let cloud = demo("")?;
    let url = |tenant: &str| format!("{LOGIN}/{tenant}/v2.0/.well-known/openid-configuration");
    let any = send(&cloud, Method::Get, &url("organizations"), None, "").await?;
    same_shape(&any.body, &recorded("entra_devicecode", 1)?, "");
    assert!(any.text("/device_authorization_endpoint").ends_with("/organizations/oauth2/v2.0/devicecode"));
    let wrong = send(&cloud, Method::Get, &url("tenant"), None, "").await?;
    let azures = recorded("entra_invalid_tenant", 0)?;
    same_shape(&wrong.body, &azures, "");
    let line =
        |body: &Value| body["error_description"].as_str().and_then(|text| text.lines().next()).map(str::to_owned);
    assert_eq!((wrong.status, line(&wrong.body)), (400, line(&azures)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_machine_gets_tokens_for_its_own_identities_from_the_metadata_service() -> Result {
    async fn ask(cloud: &DemoCloud, query: &str, metadata: bool) -> Result<(u16, Value)> {
        let url = format!("http://{}/metadata/identity/oauth2/token?{query}", DemoCloud::METADATA);
        let mut request = azure_core::http::Request::new(url.parse()?, Method::Get);
        if metadata {
            request.insert_header("metadata", "true");
        }
        let (status, _, body) = cloud.execute_request(&request).await?.try_into_raw_response().await?.deconstruct();
        Ok((status.into(), serde_json::from_slice(&body)?))
    }
    let cloud = demo("")?;
    let usual = "api-version=2018-02-01&resource=https://management.azure.com/";
    let (status, own) = ask(&cloud, usual, true).await?;
    assert_eq!((status, &own["token_type"]), (200, &json!("Bearer")));
    let until: i64 = own["expires_on"].as_str().ok_or("expires_on is text")?.parse()?;
    assert_eq!(until, cloud.now().as_second() + 86_400);
    let token = own["access_token"].as_str().ok_or("a token")?;
    assert_eq!(claims(token)?["appidacr"], "2");
    let tenants = get(&cloud, &format!("{ARM}/tenants?api-version=2022-12-01"), token).await?;
    assert_eq!((tenants.status, tenants.body["value"].as_array().map(Vec::len)), (200, Some(1)), "the token is good");
    // Named by its id it is the same one.
    let client = own["client_id"].as_str().ok_or("an id")?;
    let (_, again) = ask(&cloud, &format!("{usual}&client_id={client}"), true).await?;
    assert_eq!(again["access_token"], own["access_token"]);
    let nobody = "00000000-0000-0000-0000-000000000000";
    let refused = [
        (format!("{usual}&client_id={nobody}"), true, "Identity not found"),
        (format!("{usual}&object_id={nobody}"), true, "Identity not found"),
        (usual.to_owned(), false, "Required metadata header not specified"),
        ("resource=https://management.azure.com/".to_owned(), true, "The requested API version is not supported"),
    ];
    for (query, metadata, words) in refused {
        let (status, body) = ask(&cloud, &query, metadata).await?;
        let said = body["error_description"].as_str().unwrap_or_default();
        assert!(status == 400 && body["error"] == "invalid_request" && said.starts_with(words), "{query}: {body}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_principal_is_refused_with_the_code_of_its_fault() -> Result {
    let cloud = demo("")?;
    let principal = cloud.seeded_logins().into_iter().find_map(|login| match login {
        SeededLogin::Principal { tenant, client_id, client_secret, .. } => Some((tenant, client_id, client_secret)),
        SeededLogin::User { .. } => None,
    });
    let (tenant, id, secret) = principal.ok_or("no principal")?;
    let ask = async |tenant: &str, id: &str, secret: &str| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
            ("scope", "https://management.core.windows.net//.default"),
        ];
        form(&cloud, &format!("{LOGIN}/{tenant}/oauth2/v2.0/token"), &fields).await
    };
    let good = ask(&tenant, &id, &secret).await?;
    let told = claims(good.text("/access_token"))?;
    assert_eq!(
        (told["appid"].as_str(), told["aud"].as_str()),
        (Some(id.as_str()), Some("https://management.core.windows.net/"))
    );
    assert!(good.body.get("refresh_token").is_none() && told.get("upn").is_none());
    assert_eq!(ask(&tenant, &id, "wrong").await?.body["error_codes"][0], 7_000_215);
    assert_eq!(ask(&tenant, CLI, &secret).await?.body["error_codes"][0], 700_016);
    assert_eq!(ask("fabrikam.com", &id, &secret).await?.body["error_codes"][0], 700_016);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
        ("resource", "https://management.azure.com/"),
    ];
    let old = form(&cloud, &format!("{LOGIN}/{tenant}/oauth2/token"), &fields).await?;
    assert_eq!(
        (old.text("/expires_in"), old.text("/resource")),
        ("3599", "https://management.azure.com/"),
        "{}",
        old.text
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn arm_lets_nobody_in_without_its_own_fresh_token() -> Result {
    let cloud = demo("")?;
    let url = format!("{ARM}/subscriptions?api-version=2022-12-01");
    let mine = arm(&cloud).await?;
    let nobody = send(&cloud, Method::Get, &url, None, "").await?;
    assert_eq!((nobody.status, nobody.text("/error/code")), (401, "AuthenticationFailed"));
    assert!(nobody.header("www-authenticate").starts_with("Bearer authorization_uri="));
    let mut forged = mine.clone();
    forged.insert(40, 'x');
    assert_eq!(get(&cloud, &url, &forged).await?.text("/error/code"), "InvalidAuthenticationToken");
    let vaults = get(&cloud, &url, &vault(&cloud).await?).await?;
    assert_eq!(vaults.text("/error/code"), "InvalidAuthenticationTokenAudience");
    let bare = get(&cloud, &format!("{ARM}/subscriptions"), &mine).await?;
    assert_eq!((bare.status, bare.text("/error/code")), (400, "MissingApiVersionParameter"));
    assert_eq!(get(&cloud, &url, &mine).await?.status, 200);
    tokio::time::sleep(Duration::from_secs(5_000)).await;
    assert_eq!(get(&cloud, &url, &mine).await?.text("/error/code"), "ExpiredAuthenticationToken");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn each_alex_sees_the_own_tenant() -> Result {
    let cloud = demo("")?;
    let contoso = arm(&cloud).await?;
    let fabrikam = fabrikam(&cloud, "https://management.azure.com/.default").await?;
    let mut workspaces = Vec::new();
    for (bearer, count, domain) in [(&contoso, 3, "contoso.com"), (&fabrikam, 1, "fabrikam.com")] {
        let tenants = get(&cloud, &format!("{ARM}/tenants?api-version=2022-12-01"), bearer).await?;
        same_shape(&tenants.body, &recorded("arm_tenant_list", 0)?, "");
        assert_eq!(tenants.text("/value/0/defaultDomain"), domain);
        let list = get(&cloud, &format!("{ARM}/subscriptions?api-version=2022-12-01"), bearer).await?;
        same_shape(&list.body["value"], &recorded("arm_subscription_list", 0)?["value"], "");
        assert_eq!(list.body["count"], json!({"type": "Total", "value": count}));
        for one in list.body["value"].as_array().into_iter().flatten() {
            let mut next = format!(
                "{ARM}{}/providers/Microsoft.MachineLearningServices/workspaces?api-version=2024-10-01",
                one["id"].as_str().ok_or("no id")?
            );
            loop {
                let page = get(&cloud, &next, bearer).await?;
                workspaces.extend(names(&page));
                match page.body["nextLink"].as_str() {
                    Some(link) => link.clone_into(&mut next),
                    None => break,
                }
            }
        }
    }
    assert_eq!(workspaces.len(), 31);
    assert_eq!(workspaces.iter().filter(|name| *name == "ws-tabular").count(), 2, "a name is unique in its group only");
    let foreign = get(&cloud, &workspace(&cloud, &contoso, "ws-vision").await?, &fabrikam).await?;
    assert_eq!(foreign.status, 400, "the version is asked for first");
    let foreign =
        get(&cloud, &format!("{}?api-version=2024-10-01", workspace(&cloud, &contoso, "ws-vision").await?), &fabrikam)
            .await?;
    assert_eq!((foreign.status, foreign.text("/error/code")), (401, "InvalidAuthenticationTokenTenant"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_workspace_has_the_recorded_shape() -> Result {
    let cloud = demo("")?;
    let bearer = arm(&cloud).await?;
    let mut azures = recorded("ml_workspace_get", 0)?;
    let production = recorded("aml_workspace_and_endpoint", 0)?;
    // The example knows newer fields, the recording those that no document tells of.
    for (name, value) in production["properties"].as_object().into_iter().flatten() {
        azures["properties"][name] = value.clone();
    }
    for name in ["tags", "etag", "sku", "systemData"] {
        azures[name] = production[name].clone();
    }
    // Both are older than kinds of workspaces.
    azures["kind"] = json!("Default");
    let shown = async |name: &str| {
        get(&cloud, &format!("{}?api-version=2024-10-01", workspace(&cloud, &bearer, name).await?), &bearer).await
    };
    let vision = shown("ws-vision").await?;
    same_shape(&vision.body, &azures, "");
    assert!(vision.text("/properties/keyVault").ends_with("/providers/Microsoft.Keyvault/vaults/kv-vision"));
    let (hub, project) = (shown("hub-shared").await?, shown("proj-churn").await?);
    assert_eq!(project.text("/properties/hubResourceId"), hub.text("/id"));
    assert_eq!(project.text("/properties/keyVault"), hub.text("/properties/keyVault"));
    assert_eq!(shown("ws-prod").await?.text("/tags/env"), "production");
    // The vault's id leads to its address, whatever its casing.
    let odd = shown("ws-odd").await?;
    let id = odd.text("/properties/keyVault");
    assert!(id.contains("/microsoft.keyvault/vaults/KV-Odd"));
    let found = get(&cloud, &format!("{ARM}{id}?api-version=2023-07-01"), &bearer).await?;
    // The example leaves out what the service always sends.
    let mut azures = recorded("kv_arm_vault_get", 0)?;
    for (name, value) in [
        ("enableSoftDelete", json!(true)),
        ("softDeleteRetentionInDays", json!(90)),
        ("enableRbacAuthorization", json!(true)),
        ("vaultUri", json!("")),
        ("provisioningState", json!("")),
        ("publicNetworkAccess", json!("")),
    ] {
        azures["properties"][name] = value;
    }
    same_shape(&found.body, &azures, "");
    assert_eq!(found.text("/properties/vaultUri"), "https://kv-odd.vault.azure.net/");
    let fraud = shown("ws-fraud").await?;
    let hidden =
        get(&cloud, &format!("{ARM}{}?api-version=2023-07-01", fraud.text("/properties/keyVault")), &bearer).await?;
    assert_eq!((hidden.status, hidden.text("/error/code")), (403, "AuthorizationFailed"));
    assert!(hidden.text("/error/message").starts_with("The client 'alex@contoso.com' with object id '"));
    let discovery = send(&cloud, Method::Get, vision.text("/properties/discoveryUrl"), None, "").await?;
    assert_eq!(discovery.text("/api"), "https://koreacentral.api.azureml.ms");
    let base = workspace(&cloud, &bearer, "ws-vision").await?;
    for (wrong, code) in [
        (base.replace("ws-vision", "ws-none"), "ResourceNotFound"),
        (base.replace("rg-vision", "rg-none"), "ResourceGroupNotFound"),
        (base.replace("/subscriptions/", "/subscriptions/0"), "SubscriptionNotFound"),
    ] {
        let got = get(&cloud, &format!("{wrong}?api-version=2024-10-01"), &bearer).await?;
        assert_eq!((got.status, got.text("/error/code")), (404, code));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn resource_graph_answers_what_is_projected_page_by_page() -> Result {
    let cloud = demo("")?;
    let bearer = arm(&cloud).await?;
    let whole =
        graph(&cloud, &bearer, &json!({"query": QUERY, "options": {"resultFormat": "objectArray", "$top": 1000}}))
            .await?;
    same_shape(&whole.body, &recorded("rg_first_page_query", 0)?, "");
    assert_eq!((whole.body["totalRecords"].as_i64(), whole.text("/resultTruncated")), (Some(24), "false"));
    let columns: Vec<_> =
        whole.body["data"][0].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        columns,
        [
            "id",
            "name",
            "kind",
            "location",
            "resourceGroup",
            "subscriptionId",
            "subscriptionName",
            "tenantId",
            "hubId",
            "kvId",
            "vaultUri",
            "kvTenant",
            "rbac",
            "kvPublic",
            "state",
            "discoveryUrl",
            "tags"
        ]
    );
    let rows = whole.body["data"].as_array().ok_or("no rows")?;
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).cloned().unwrap_or_default();
    let vision = row("ws-vision");
    assert_eq!(vision["vaultUri"], "https://kv-vision.vault.azure.net/");
    assert_eq!(
        (&vision["rbac"], &vision["state"], &vision["tags"]["team"]),
        (&json!(true), &json!("Succeeded"), &json!("비전"))
    );
    assert_eq!(
        (&row("ws-fraud")["vaultUri"], &row("ws-fraud")["rbac"]),
        (&json!(""), &Value::Null),
        "not readable, not joined"
    );
    assert!(row("proj-churn")["hubId"].as_str().is_some_and(|id| id.ends_with("/workspaces/hub-shared")));
    // Page by page it is the same.
    let (mut paged, mut skip) = (Vec::new(), None);
    loop {
        let mut options = json!({"$top": 10});
        if let Some(token) = skip {
            options["$skipToken"] = token;
        }
        let page = graph(&cloud, &bearer, &json!({"query": QUERY, "options": options})).await?;
        paged.extend(page.body["data"].as_array().cloned().unwrap_or_default());
        skip = page.body.get("$skipToken").cloned();
        if skip.is_none() {
            break;
        }
    }
    assert_eq!(&paged, rows);
    let one = vision["subscriptionId"].clone();
    let some = graph(&cloud, &bearer, &json!({"query": QUERY, "subscriptions": [one]})).await?;
    assert!(
        some.body["data"]
            .as_array()
            .is_some_and(|rows| rows.len() < 24 && rows.iter().all(|row| row["subscriptionId"] == one))
    );
    let other = graph(&cloud, &bearer, &json!({"query": "resources | take 1"})).await?;
    assert_eq!((other.status, other.text("/error/details/0/code")), (400, "InvalidQuery"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn resource_graph_counts_queries() -> Result {
    let cloud = demo("")?;
    cloud.latency(Duration::from_millis(1));
    let bearer = arm(&cloud).await?;
    let mut statuses = Vec::new();
    for _ in 0..16 {
        statuses.push(graph(&cloud, &bearer, &json!({"query": QUERY})).await?.status);
    }
    assert_eq!((statuses.iter().filter(|status| **status == 200).count(), statuses[15]), (15, 429));
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(graph(&cloud, &bearer, &json!({"query": QUERY})).await?.header("x-ms-user-quota-remaining"), "14");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_endpoints_of_the_picture_are_there() -> Result {
    let cloud = demo("")?;
    let bearer = arm(&cloud).await?;
    let base = workspace(&cloud, &bearer, "ws-vision").await?;
    let list = async |kind: &str| get(&cloud, &format!("{base}/{kind}?api-version=2024-10-01"), &bearer).await;
    let (online, batch, serverless) =
        (list("onlineEndpoints").await?, list("batchEndpoints").await?, list("serverlessEndpoints").await?);
    assert_eq!(names(&online), ["churn-online", "churn-token", "churn-new"]);
    assert_eq!((names(&batch), names(&serverless)), (vec!["churn-batch".to_owned()], vec!["llama-chat".to_owned()]));
    let mut azures = recorded("ml_online_endpoint_list", 0)?;
    azures["value"][0]["properties"] = recorded("aml_workspace_and_endpoint", 1)?["properties"].clone();
    same_shape(&online.body, &azures, "");
    let mut azures = recorded("ml_batch_endpoint_list", 0)?;
    azures["value"][0]["properties"]["provisioningState"] = json!("Succeeded");
    same_shape(&batch.body, &azures, "");
    same_shape(&serverless.body, &recorded("ml_serverless_endpoint_list", 0)?, "");
    assert_eq!(online.body["value"][0]["properties"]["traffic"], json!({"blue": 90, "green": 10}));
    assert_eq!(
        (online.text("/value/2/properties/provisioningState"), &online.body["value"][2]["properties"]["scoringUri"]),
        ("Creating", &Value::Null)
    );
    let deployments = list("onlineEndpoints/churn-online/deployments").await?;
    same_shape(&deployments.body, &recorded("ml_online_deployment_list", 0)?, "");
    assert_eq!(names(&deployments), ["blue", "green"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn keys_and_tokens_follow_the_way_an_endpoint_authenticates() -> Result {
    let cloud = demo("")?;
    let bearer = arm(&cloud).await?;
    let base = workspace(&cloud, &bearer, "ws-vision").await?;
    let act = async |path: &str| post(&cloud, &format!("{base}/{path}?api-version=2024-10-01"), &bearer, "").await;
    let keys = act("onlineEndpoints/churn-online/listKeys").await?;
    same_shape(&keys.body, &recorded("ml_online_endpoint_list_keys", 0)?, "");
    assert_ne!(keys.text("/primaryKey"), keys.text("/secondaryKey"));
    let made = act("onlineEndpoints/churn-token/token").await?;
    same_shape(&made.body, &recorded("ml_online_endpoint_get_token", 0)?, "");
    assert!(made.body["expiryTimeUtc"].as_i64() > made.body["refreshAfterTimeUtc"].as_i64());
    assert_eq!(act("serverlessEndpoints/llama-chat/listKeys").await?.status, 200);
    for refused in [
        "onlineEndpoints/churn-token/listKeys",
        "onlineEndpoints/churn-online/token",
        "batchEndpoints/churn-batch/listkeys",
    ] {
        assert_eq!(act(refused).await?.status, 400, "{refused}");
    }
    assert_eq!(act("onlineEndpoints/churn-new/listKeys").await?.status, 409);
    let show = async |path: &str| get(&cloud, &format!("{base}/{path}?api-version=2024-10-01"), &bearer).await;
    let (online, batch, other) =
        (show("onlineEndpoints/no").await?, show("batchEndpoints/no").await?, show("serverlessEndpoints/no").await?);
    assert_eq!((online.text("/error/code"), online.text("/error/details/0/code")), ("NotFound", "NoSuchEndpoint"));
    assert_eq!((batch.text("/error/code"), other.text("/error/code")), ("ResourceNotFound", "UserError"));
    assert_eq!([online.status, batch.status, other.status], [404; 3]);
    let read_only = workspace(&cloud, &bearer, "ws-readonly").await?;
    let refused =
        post(&cloud, &format!("{read_only}/onlineEndpoints/statements/listKeys?api-version=2024-10-01"), &bearer, "")
            .await?;
    assert_eq!((refused.status, refused.text("/error/code")), (403, "AuthorizationFailed"));
    assert!(
        refused
            .text("/error/message")
            .contains("'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action'")
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_new_key_takes_a_long_running_operation() -> Result {
    let cloud = demo("")?;
    let bearer = arm(&cloud).await?;
    let base = workspace(&cloud, &bearer, "ws-vision").await?;
    let endpoint = format!("{base}/onlineEndpoints/churn-online");
    let keys = async || post(&cloud, &format!("{endpoint}/listKeys?api-version=2024-10-01"), &bearer, "").await;
    let renew = async |body: Value| {
        post(&cloud, &format!("{endpoint}/regenerateKeys?api-version=2024-10-01"), &bearer, &body.to_string()).await
    };
    let before = keys().await?;
    let started = renew(json!({"keyType": "Secondary"})).await?;
    assert_eq!((started.status, started.text.as_str(), started.header("retry-after")), (202, "", "2"));
    let (status, result) = (started.header("azure-asyncoperation"), started.header("location"));
    assert!(status.starts_with(ARM) && status.len() > 3_000 && result.starts_with(ARM));
    assert_eq!(renew(json!({"keyType": "Primary"})).await?.status, 409, "one at a time");
    assert_eq!(
        get(&cloud, &format!("{endpoint}?api-version=2024-10-01"), &bearer)
            .await?
            .text("/properties/provisioningState"),
        "Updating"
    );
    let mut seen = Vec::new();
    for _ in 0..3 {
        let look = get(&cloud, status, &bearer).await?;
        seen.push(look.text("/status").to_owned());
        let mut azures = recorded("aml_workspace_and_endpoint", 2)?;
        azures["endTime"] = json!("");
        same_shape(&look.body, &azures, "");
    }
    assert_eq!(seen, ["Updating", "InProgress", "Succeeded"]);
    assert_eq!(get(&cloud, result, &bearer).await?.status, 200);
    let after = keys().await?;
    assert_eq!(after.text("/primaryKey"), before.text("/primaryKey"));
    assert_ne!(after.text("/secondaryKey"), before.text("/secondaryKey"));
    // It ends though nobody looks.
    renew(json!({"keyType": "Primary"})).await?;
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_ne!(keys().await?.text("/primaryKey"), before.text("/primaryKey"));
    let now = post(
        &cloud,
        &format!("{base}/serverlessEndpoints/llama-chat/regenerateKeys?api-version=2024-10-01"),
        &bearer,
        r#"{"keyType":"Primary"}"#,
    )
    .await?;
    assert_eq!(now.status, 200);
    same_shape(&now.body, &recorded("ml_serverless_endpoint_regenerate_keys", 0)?, "");
    Ok(())
}

/// All names of a vault, by following the links as they are.
async fn all_names(cloud: &DemoCloud, vault: &str, bearer: &str) -> Result<Vec<String>> {
    let mut next = format!("https://{vault}.vault.azure.net/secrets?api-version=7.4");
    let mut found = Vec::new();
    loop {
        let page = get(cloud, &next, bearer).await?;
        for item in page.body["value"].as_array().ok_or_else(|| page.text.clone())? {
            found.extend(item["id"].as_str().and_then(|id| id.rsplit('/').next()).map(str::to_owned));
        }
        match page.body["nextLink"].as_str() {
            Some(link) => link.clone_into(&mut next),
            None => return Ok(found),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_vaults_are_as_large_as_promised() -> Result {
    let cloud = demo("")?;
    cloud.latency(Duration::ZERO);
    let bearer = vault(&cloud).await?;
    let vision = all_names(&cloud, "kv-vision", &bearer).await?;
    let fuzzy =
        |name: &&String| name.to_lowercase().find('d').is_some_and(|place| name[place..].to_lowercase().contains('b'));
    let found: Vec<_> = vision.iter().filter(fuzzy).collect();
    assert_eq!(found, ["db-legacy", "db-password", "db-replica-url", "db-user"]);
    assert_eq!((vision.len(), vision.iter().map(String::len).max()), (148, Some(127)));
    for (name, count) in [("kv-archive", 12_000), ("kv-tiny", 3), ("kv-empty", 0)] {
        let names = all_names(&cloud, name, &bearer).await?;
        assert_eq!((names.len(), names.is_sorted()), (count, true), "{name}");
    }
    let deleted = get(&cloud, "https://kv-vision.vault.azure.net/deletedsecrets?api-version=7.4", &bearer).await?;
    let gone: Vec<_> =
        deleted.body["value"].as_array().into_iter().flatten().filter_map(|one| one["recoveryId"].as_str()).collect();
    assert_eq!(gone.len(), 2, "two can come back: {gone:?}");
    // Who is granted the role may list from then on.
    let refused = get(&cloud, "https://kv-prod.vault.azure.net/secrets?api-version=7.4", &bearer).await?;
    assert_eq!(refused.text("/error/innererror/code"), "ForbiddenByRbac");
    cloud.grant("kv-prod");
    assert_eq!(all_names(&cloud, "kv-prod", &bearer).await?.len(), 9);
    // A generated secret can be changed, deleted and does not grow back.
    let url = "https://kv-archive.vault.azure.net/secrets/archive-000100?api-version=7.4";
    let set = send(&cloud, Method::Put, url, Some(&bearer), r#"{"value":"mine"}"#).await?;
    assert_eq!((set.status, get(&cloud, url, &bearer).await?.text("/value")), (200, "mine"));
    send(&cloud, Method::Delete, url, Some(&bearer), "").await?;
    assert_eq!(
        (get(&cloud, url, &bearer).await?.status, all_names(&cloud, "kv-archive", &bearer).await?.len()),
        (404, 11_999)
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vault_challenges_before_it_reads_anything() -> Result {
    let cloud = demo("")?;
    let url = "https://kv-vision.vault.azure.net/secrets/a_b";
    let challenged = send(&cloud, Method::Put, url, None, "").await?;
    assert_eq!((challenged.status, &challenged.body), (401, &recorded("kv_list_73", 0)?));
    let header = challenged.header("www-authenticate");
    assert!(
        header.starts_with("Bearer authorization=\"https://login.")
            && header.ends_with("\", resource=\"https://vault.azure.net\"")
    );
    let bearer = vault(&cloud).await?;
    let wrong = get(&cloud, "https://kv-vision.vault.azure.net/secrets?api-version=1.0", &bearer).await?;
    assert_eq!((wrong.status, wrong.text("/error/code")), (400, "BadParameter"));
    assert_eq!(get(&cloud, "https://kv-vision.vault.azure.net/secrets", &bearer).await?.status, 400);
    let arms = get(&cloud, "https://kv-vision.vault.azure.net/secrets?api-version=7.4", &arm(&cloud).await?).await?;
    assert_eq!((arms.status, arms.text("/error/message").starts_with("AKV10022")), (401, true));
    let foreign = fabrikam(&cloud, "https://vault.azure.net/.default").await?;
    let foreign = get(&cloud, "https://kv-vision.vault.azure.net/secrets?api-version=7.4", &foreign).await?;
    assert!(foreign.status == 401 && foreign.text("/error/message").starts_with("AKV10032: Invalid issuer."));
    // A trailing slash, another order of parameters and an encoded dollar change nothing.
    let page =
        get(&cloud, "https://kv-vision.vault.azure.net/secrets/?maxresults=5&api-version=2026-04-01", &bearer).await?;
    let link = page.text("/nextLink").to_owned();
    assert!(
        link.starts_with("https://kv-vision.vault.azure.net:443/secrets?api-version=2026-04-01&$skiptoken="),
        "{link}"
    );
    let mark = link.split("$skiptoken=").nth(1).and_then(|rest| rest.split('&').next()).ok_or("no mark")?;
    let turned = format!("https://kv-vision.vault.azure.net/secrets?%24skiptoken={mark}&maxresults=5&api-version=7.4");
    assert_eq!(get(&cloud, &turned, &bearer).await?.body["value"], get(&cloud, &link, &bearer).await?.body["value"]);
    assert_eq!(
        get(&cloud, "https://kv-vision.vault.azure.net/secrets?maxresults=26&api-version=7.4", &bearer).await?.status,
        400
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vault_answers_in_the_recorded_shapes() -> Result {
    let cloud = demo("")?;
    cloud.settle_slowly(false);
    let bearer = vault(&cloud).await?;
    let at = |path: &str| format!("https://kv-tiny.vault.azure.net/{path}?api-version=7.4");
    let body = json!({"value": "x", "tags": {"file-encoding": "utf-8"}, "attributes": {}}).to_string();
    let set = send(&cloud, Method::Put, &at("secrets/secret1"), Some(&bearer), &body).await?;
    same_shape(&set.body, &recorded("kv_cli_soft_delete", 0)?, "");
    let list = get(&cloud, &at("secrets"), &bearer).await?;
    same_shape(&list.body, &recorded("kv_list_73", 2)?, "");
    assert!(list.body["nextLink"].is_null() && list.body.get("nextLink").is_some());
    let gone = send(&cloud, Method::Delete, &at("secrets/secret1"), Some(&bearer), "").await?;
    let mut azures = recorded("kv_disabled_secret", 3)?;
    azures["tags"] = json!({});
    same_shape(&gone.body, &azures, "");
    let deleted = get(&cloud, &at("deletedsecrets"), &bearer).await?;
    same_shape(&deleted.body, &recorded("kv_cli_soft_delete", 1)?, "");
    let missing = get(&cloud, &at("secrets/N"), &bearer).await?;
    assert_eq!((missing.status, &missing.body), (404, &recorded("kv_not_found", 0)?));
    let missing = get(&cloud, &at("deletedsecrets/N"), &bearer).await?;
    assert_eq!((missing.status, &missing.body), (404, &recorded("kv_disabled_secret", 4)?));
    let off = get(&cloud, "https://kv-vision.vault.azure.net/secrets/db-replica-url?api-version=7.4", &bearer).await?;
    assert_eq!((off.status, &off.body), (403, &recorded("kv_disabled_secret", 2)?));
    let bad = send(
        &cloud,
        Method::Put,
        "https://kv-vision.vault.azure.net/secrets/cert-gateway?api-version=7.4",
        Some(&bearer),
        &body,
    )
    .await?;
    assert_eq!((bad.status, bad.text("/error/innererror/code")), (403, "SecretManagedByKeyVault"));
    let tags: serde_json::Map<_, _> = (0..16).map(|number| (format!("t{number}"), json!("x"))).collect();
    let many =
        send(&cloud, Method::Put, &at("secrets/many"), Some(&bearer), &json!({"value": "x", "tags": tags}).to_string())
            .await?;
    assert_eq!((many.status, many.text("/error/code")), (400, "BadParameter"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn faults_happen_once_and_only_where_they_should() -> Result {
    let cloud = demo("")?;
    let bearer = vault(&cloud).await?;
    let url = "https://kv-tiny.vault.azure.net/secrets/api-key?api-version=7.4";
    let read = async || send(&cloud, Method::Get, url, Some(&bearer), "").await;
    cloud.fail_next("GET /secrets/", Fault::Status(503));
    cloud.fail_next("DELETE /secrets/", Fault::Refuse);
    let got = read().await?;
    assert_eq!((got.status, got.header("retry-after")), (503, "1"));
    assert_eq!(read().await?.status, 200, "once");
    cloud.fail_next("/secrets/", Fault::Html);
    assert!(read().await?.text.starts_with("<!DOCTYPE html>"));
    cloud.fail_next("", Fault::Truncate);
    let cut = read().await?;
    assert!(cut.status == 200 && cut.body.is_null() && !cut.text.is_empty());
    cloud.fail_next("", Fault::Hang);
    assert!(tokio::time::timeout(Duration::from_hours(1), read()).await.is_err());
    cloud.fail_next("PUT ", Fault::Cut);
    let lost = send(&cloud, Method::Put, url, Some(&bearer), r#"{"value":"arrived"}"#).await;
    assert!(matches!(lost.err().ok_or("answered?")?.kind(), ErrorKind::Io));
    let bearer = vault(&cloud).await?;
    assert_eq!(get(&cloud, url, &bearer).await?.text("/value"), "arrived", "applied, though nobody was told");
    let refused = send(&cloud, Method::Delete, url, Some(&bearer), "").await.err().ok_or("answered?")?;
    assert!(matches!(refused.kind(), ErrorKind::Connection));
    let log = cloud.log();
    assert!(log.iter().any(|line| line.method == "PUT" && line.had_body && line.status.is_none()));
    assert!(!format!("{log:?}{cloud:?}").contains("arrived"), "no value is in the log");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_unknown_host_has_no_address() -> Result {
    let cloud = demo("")?;
    for url in [
        "https://kv-nobody.vault.azure.net/secrets",
        "https://example.com/",
        "https://evil.management.azure.com.example.com/",
    ] {
        let error = send(&cloud, Method::Get, url, None, "").await.err().ok_or("answered?")?;
        assert!(matches!(error.kind(), ErrorKind::Connection) && error.to_string().contains("dns error"), "{error}");
    }
    Ok(())
}

async fn timed(cloud: &Arc<DemoCloud>, url: &str) -> Duration {
    let start = Instant::now();
    let _ = send(cloud, Method::Get, url, None, "").await;
    start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn answers_take_their_time() -> Result {
    let cloud = demo("")?;
    let url = format!("{ARM}/subscriptions?api-version=2022-12-01");
    let usual = timed(&cloud, &url).await;
    assert!((60..=122).contains(&usual.as_millis()), "{usual:?}");
    assert_eq!(timed(&cloud, &url).await, usual, "the same request takes as long again");
    let bearer = arm(&cloud).await?;
    let slow = workspace(&cloud, &bearer, "ws-slow").await?;
    let (start, before) = (Instant::now(), cloud.now());
    get(&cloud, &format!("{slow}/onlineEndpoints?api-version=2024-10-01"), &bearer).await?;
    assert!((2_400..2_600).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    assert_eq!(
        i128::from(cloud.now().as_millisecond() - before.as_millisecond()),
        i128::try_from(start.elapsed().as_millis())?,
        "one clock"
    );
    cloud.latency(Duration::from_millis(5));
    let start = Instant::now();
    get(&cloud, &format!("{slow}/onlineEndpoints?api-version=2024-10-01"), &bearer).await?;
    assert!(start.elapsed() < Duration::from_millis(10));
    assert!((1_500..1_504).contains(&timed(&demo("slow")?, &url).await.as_millis()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_other_worlds_are_what_they_say() -> Result {
    let unknown = DemoCloud::new("atlantis", "2026-11-21T05:02:00Z".parse()?).err().ok_or("found it?")?;
    assert!(unknown.to_string().contains("atlantis") && unknown.to_string().contains("signed-out"));
    for (name, help) in DemoCloud::worlds() {
        assert!(DemoCloud::new(name, "2026-11-21T05:02:00Z".parse()?).is_ok() && !help.is_empty());
    }
    let out = demo("signed-out")?;
    assert!(out.seeded_logins().is_empty());
    let told = claims(&fabrikam(&out, "https://management.azure.com/.default").await?)?;
    assert_eq!(told["upn"], "alex@contoso.com", "whoever signs in there is the one of the picture");
    let empty = demo("empty")?;
    let bearer = arm(&empty).await?;
    assert_eq!(
        get(&empty, &format!("{ARM}/subscriptions?api-version=2022-12-01"), &bearer).await?.body["count"]["value"],
        1
    );
    assert_eq!(graph(&empty, &bearer, &json!({"query": QUERY})).await?.body["data"], json!([]));
    let offline = demo("offline")?;
    let error = send(&offline, Method::Get, ARM, None, "").await.err().ok_or("answered?")?;
    assert!(matches!(error.kind(), ErrorKind::Connection));
    let throttled = demo("throttled")?;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(send(&throttled, Method::Get, ARM, None, "").await?.status);
    }
    assert_eq!(statuses, [401, 401, 429, 401, 401, 429]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_large_world_is_made_as_it_is_asked_for() -> Result {
    let cloud = demo("large")?;
    cloud.latency(Duration::ZERO);
    let bearer = arm(&cloud).await?;
    let page = graph(&cloud, &bearer, &json!({"query": QUERY, "options": {"$top": 1000}})).await?;
    assert_eq!((page.body["totalRecords"].as_i64(), page.body["count"].as_i64()), (Some(10_000), Some(1_000)));
    let next =
        graph(&cloud, &bearer, &json!({"query": QUERY, "options": {"$top": 1, "$skipToken": page.body["$skipToken"]}}))
            .await?;
    assert_eq!(next.text("/data/0/name"), "ws-01000");
    let shown = get(&cloud, &format!("{ARM}{}?api-version=2024-10-01", next.text("/data/0/id")), &bearer).await?;
    assert_eq!(shown.text("/name"), "ws-01000");
    let bearer = vault(&cloud).await?;
    let names = all_names(&cloud, "kv-large", &bearer).await?;
    assert_eq!(names.len(), 100_000);
    let last = get(&cloud, "https://kv-large.vault.azure.net/secrets/archive-099999?api-version=7.4", &bearer).await?;
    assert!(last.text("/value").starts_with("demo-only-"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_hostile_world_attacks_every_free_text() -> Result {
    let cloud = demo("hostile")?;
    let bearer = arm(&cloud).await?;
    let url = format!("{}?api-version=2024-10-01", workspace(&cloud, &bearer, "ws-vision").await?);
    let shown = get(&cloud, &url, &bearer).await?;
    assert_eq!(shown.text("/name"), "ws-vision", "names are checked by Azure");
    assert!(shown.text("/properties/description").len() > "ws-vision".len());
    let missing = get(&cloud, &url.replace("ws-vision", "ws-none"), &bearer).await?;
    assert!(missing.text("/error/message").contains("\u{1b}]52;c;"));
    let bearer = token(&cloud, "https://vault.azure.net/.default").await?;
    let list = get(&cloud, "https://kv-vision.vault.azure.net/secrets?api-version=7.4", &bearer).await?;
    let kinds = list.body["value"].as_array().into_iter().flatten().filter_map(|item| item["contentType"].as_str());
    assert!(
        kinds.clone().any(|kind| kind.chars().any(char::is_control)) && kinds.clone().any(|kind| kind.len() >= 10_000)
    );
    Ok(())
}
