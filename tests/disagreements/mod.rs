//! Where clients nobody here wrote disagreed with the demo cloud (tests/peers), and were right.

use amlock::demo::{DemoCloud, Machine};
use azure_core::http::{HttpClient as _, Method, Request};
use serde_json::{Value, json};

use super::wire::{ARM, Result, arm, demo, get, post};
use super::{names, workspace};

#[tokio::test(start_paused = true)]
async fn a_subscriptions_resources_can_be_listed_by_type_and_name() -> Result {
    // az lists vaults this way (`az keyvault list`), and finds the group of one it knows by name.
    let cloud = demo("")?;
    let bearer = arm(&cloud).await?;
    let subscriptions = get(&cloud, &format!("{ARM}/subscriptions?api-version=2022-12-01"), &bearer).await?;
    let all = subscriptions.body["value"].as_array().ok_or("no subscriptions")?;
    let research = all.iter().find(|one| one["displayName"] == "Contoso ML Research").ok_or("no research")?;
    let here = format!("{ARM}{}", research["id"].as_str().ok_or("no id")?);
    let list = async |filter: &str| {
        get(&cloud, &format!("{here}/resources?$filter={filter}&api-version=2015-11-01"), &bearer).await
    };
    let vaults = list("resourceType eq 'Microsoft.KeyVault/vaults'").await?;
    assert!(names(&vaults).contains(&"kv-vision".to_owned()) && !names(&vaults).contains(&"ws-vision".to_owned()));
    assert!(!names(&vaults).contains(&"kv-fraud".to_owned()), "nobody may read that one");
    let one = list("resourceType eq 'microsoft.keyvault/vaults' and name eq 'KV-VISION'").await?;
    assert_eq!(names(&one), ["kv-vision"]);
    assert!(one.text("/value/0/id").contains("/resourceGroups/rg-vision/"), "{}", one.text);
    assert_eq!(list("location eq 'moon'").await?.text("/error/code"), "InvalidFilterInQueryString");
    let everything = get(&cloud, &format!("{here}/resources?api-version=2015-11-01"), &bearer).await?;
    assert!(names(&everything).contains(&"ws-vision".to_owned()));
    let modules = format!("{here}/providers/Microsoft.KeyVault/managedHSMs?api-version=2026-02-01");
    assert_eq!(get(&cloud, &modules, &bearer).await?.body, json!({"value": []}));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_deployment_says_how_it_scales() -> Result {
    // azure-ai-ml reads no endpoint whose deployments do not.
    let cloud = demo("")?;
    let bearer = arm(&cloud).await?;
    let vision = workspace(&cloud, &bearer, "ws-vision").await?;
    let list = format!("{vision}/onlineEndpoints/churn-online/deployments?api-version=2024-10-01");
    let all = get(&cloud, &list, &bearer).await?;
    assert_eq!(all.text("/value/0/properties/scaleSettings/scaleType"), "Default");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_azure_ml_computes_token_ends_at_a_number() -> Result {
    // App Service's same version has a date there; azure-identity counts on a number from Azure ML.
    let cloud = demo("")?;
    let environment = Machine::AzureMl.environment();
    let set = |name: &str| environment.iter().find(|(have, _)| *have == name).map(|(_, value)| value.clone());
    let (endpoint, secret) = set("MSI_ENDPOINT").zip(set("MSI_SECRET")).ok_or("not set")?;
    let url = format!("{endpoint}?api-version=2017-09-01&resource=https://vault.azure.net");
    let mut request = Request::new(url.parse()?, Method::Get);
    request.insert_header("secret", secret);
    let (_, _, body) = cloud.execute_request(&request).await?.try_into_raw_response().await?.deconstruct();
    let answer: Value = serde_json::from_slice(&body)?;
    assert_eq!(answer["expires_on"].as_i64(), Some(cloud.now().as_second() + 86_400));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_key_regenerated_is_a_new_one_whatever_was_sent_along() -> Result {
    // azure-ai-ml sends the key that stands as the one to set, and its own tests count on another.
    let cloud = demo("")?;
    let bearer = arm(&cloud).await?;
    let endpoint = format!("{}/onlineEndpoints/churn-online", workspace(&cloud, &bearer, "ws-vision").await?);
    let before = keys(&cloud, &endpoint, &bearer).await?;
    for wanted in [before.clone(), "chosen".to_owned()] {
        let body = json!({"keyType": "Primary", "keyValue": wanted}).to_string();
        post(&cloud, &format!("{endpoint}/regenerateKeys?api-version=2024-10-01"), &bearer, &body).await?;
        tokio::time::sleep(std::time::Duration::from_secs(11)).await;
        let now = keys(&cloud, &endpoint, &bearer).await?;
        assert_ne!(now, before);
        assert_eq!(now == "chosen", wanted == "chosen", "a value of somebody's own is taken");
    }
    Ok(())
}

/// The primary key.
async fn keys(cloud: &DemoCloud, endpoint: &str, bearer: &str) -> Result<String> {
    let found = post(cloud, &format!("{endpoint}/listKeys?api-version=2024-10-01"), bearer, "").await?;
    Ok(found.text("/primaryKey").to_owned())
}
