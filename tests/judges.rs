//! The demo cloud before judges nobody here wrote: Azure's own crates for signing in and for secrets, with nothing
//! changed but the last hop. What they return is what counts.

use std::{collections::HashMap, sync::Arc, time::Duration};

use amlock::demo::{DemoCloud, SeededLogin};
use azure_core::{
    credentials::Secret,
    error::ErrorResponse,
    http::{ClientOptions, RequestContent, Transport},
    time::OffsetDateTime,
};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
use azure_security_keyvault_secrets::{
    ResourceExt as _, SecretClient, SecretClientOptions,
    models::{
        DeletionRecoveryLevel, RestoreSecretParameters, SecretAttributes, SecretClientGetSecretOptions,
        SecretClientListSecretPropertiesOptions, SecretClientUpdateSecretPropertiesOptions, SetSecretParameters,
        UpdateSecretPropertiesParameters,
    },
};
use futures_util::StreamExt as _;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn demo() -> Result<Arc<DemoCloud>> {
    Ok(DemoCloud::new("", "2026-11-21T05:02:00Z".parse()?)?)
}

fn options(cloud: &Arc<DemoCloud>) -> ClientOptions {
    ClientOptions { transport: Some(Transport::new(cloud.clone())), ..ClientOptions::default() }
}

fn credential(cloud: &Arc<DemoCloud>, secret: Option<&str>) -> Result<Arc<ClientSecretCredential>> {
    let principal = cloud.seeded_logins().into_iter().find_map(|login| match login {
        SeededLogin::Principal { tenant, client_id, client_secret, .. } => Some((tenant, client_id, client_secret)),
        SeededLogin::User { .. } => None,
    });
    let (tenant, client_id, client_secret) = principal.ok_or("no principal")?;
    let secret = Secret::new(secret.map_or(client_secret, str::to_owned));
    let options = ClientSecretCredentialOptions { client_options: options(cloud) };
    Ok(ClientSecretCredential::new(&tenant, client_id, secret, Some(options))?)
}

fn client(cloud: &Arc<DemoCloud>, vault: &str) -> Result<SecretClient> {
    let options = SecretClientOptions { client_options: options(cloud), ..SecretClientOptions::default() };
    Ok(SecretClient::new(&format!("https://{vault}.vault.azure.net/"), credential(cloud, None)?, Some(options))?)
}

/// The code, the inner code and the message of a refusal, as azure_core reads them.
fn refusal<T>(answer: azure_core::Result<T>) -> Result<(u16, String, Option<String>, String)> {
    let error = answer.err().ok_or("this should have been refused")?;
    let status = error.http_status().map(u16::from).ok_or_else(|| format!("no status: {error:?}"))?;
    let detail = ErrorResponse::try_from(error)?.error.ok_or("no error in the body")?;
    let inner = detail.inner_error.and_then(|inner| inner.code);
    Ok((status, detail.code.unwrap_or_default(), inner, detail.message.unwrap_or_default()))
}

fn setting(value: &str) -> Result<RequestContent<SetSecretParameters>> {
    Ok(SetSecretParameters { value: Some(value.to_owned()), ..SetSecretParameters::default() }.try_into()?)
}

async fn value(client: &SecretClient, name: &str) -> Result<String> {
    Ok(client.get_secret(name, None).await?.into_model()?.value.ok_or("no value")?)
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_over_empty_pages_and_is_sorted() -> Result {
    let cloud = demo()?;
    let client = client(&cloud, "kv-vision")?;
    let mut names = Vec::new();
    let mut pages = client.list_secret_properties(None)?.into_pages();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page?.into_model()?;
        sizes.push(page.value.len());
        for item in page.value {
            names.push(item.resource_id()?.name);
        }
    }
    assert_eq!(names.len(), 148);
    assert!(names.is_sorted_by_key(|name| name.to_ascii_lowercase()));
    assert!(sizes.contains(&0) && sizes.contains(&24), "{sizes:?}");
    // What the client sent: one challenge without a token, then everything with one for the vault.
    let log = cloud.log();
    let vault: Vec<_> = log.iter().filter(|line| line.url.contains("kv-vision")).collect();
    assert_eq!((vault[0].status, vault[0].authorized_audience.as_deref()), (Some(401), None));
    assert!(
        vault[1..].iter().all(|line| line.status == Some(200) && line.authorized_audience.as_deref() == Some("vault"))
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn small_pages_are_obeyed() -> Result {
    let cloud = demo()?;
    let client = client(&cloud, "kv-tiny")?;
    let options = SecretClientListSecretPropertiesOptions { maxresults: Some(2), ..Default::default() };
    let found: Vec<_> = client.list_secret_properties(Some(options))?.collect().await;
    let names = found.into_iter().map(|item| Ok(item?.resource_id()?.name)).collect::<Result<Vec<_>>>()?;
    assert_eq!(names, ["api-key", "db-password", "openai-key"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_secrets_of_the_picture_are_there() -> Result {
    let cloud = demo()?;
    let client = client(&cloud, "kv-vision")?;
    let secret = client.get_secret("db-password", None).await?.into_model()?;
    assert_eq!(secret.content_type.as_deref(), Some("text/plain"));
    assert_eq!(secret.tags.as_ref().and_then(|tags| tags.get("team")).map(String::as_str), Some("비전"));
    let attributes = secret.attributes.ok_or("no attributes")?;
    let expires = attributes.expires.ok_or("does not expire")?.unix_timestamp();
    assert_eq!(expires, cloud.now().as_second() / 60 * 60 + 12 * 86_400 + 45);
    assert_eq!(attributes.recovery_level, Some(DeletionRecoveryLevel::RecoverablePurgeable));
    assert_eq!(attributes.recoverable_days, Some(90));
    let pem = value(&client, "private-key").await?;
    assert_eq!((pem.lines().count(), pem.len(), pem.ends_with('\n')), (5, 241, true));
    let certificate = client.get_secret("cert-gateway", None).await?.into_model()?;
    assert_eq!((certificate.managed, certificate.content_type.as_deref()), (Some(true), Some("application/x-pkcs12")));
    assert!(certificate.kid.is_some_and(|kid| kid.starts_with("https://kv-vision.vault.azure.net/keys/cert-gateway/")));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn versions_can_be_listed_and_read() -> Result {
    let cloud = demo()?;
    let client = client(&cloud, "kv-vision")?;
    let found: Vec<_> = client.list_secret_properties_versions("db-password", None)?.collect().await;
    let mut versions = Vec::new();
    for item in found {
        let item = item?;
        let created = item.attributes.as_ref().and_then(|attributes| attributes.created).ok_or("no date")?;
        versions.push((item.resource_id()?.version.ok_or("no version")?, created));
    }
    assert_eq!(versions.len(), 4);
    assert!(versions.is_sorted_by_key(|(id, _)| id.clone()), "by id");
    assert!(!versions.is_sorted_by_key(|(_, created)| *created), "and so not by time");
    let oldest = versions.iter().min_by_key(|(_, created)| *created).ok_or("none")?;
    let options = SecretClientGetSecretOptions { secret_version: Some(oldest.0.clone()), ..Default::default() };
    let secret = client.get_secret("db-password", Some(options)).await?.into_model()?;
    assert_eq!(secret.resource_id()?.version.as_ref(), Some(&oldest.0));
    assert_ne!(secret.value, Some(value(&client, "db-password").await?));
    let unknown: Vec<_> = client.list_secret_properties_versions("nobody", None)?.collect().await;
    assert!(unknown.is_empty(), "versions of an unknown name are an empty list, not a 404");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn setting_makes_a_version_and_updating_changes_one() -> Result {
    let cloud = demo()?;
    let client = client(&cloud, "kv-empty")?;
    assert!(client.list_secret_properties(None)?.next().await.is_none());
    let parameters = SetSecretParameters {
        value: Some("첫 번째\n".to_owned()),
        content_type: Some("text/plain".to_owned()),
        tags: Some(HashMap::from([("owner".to_owned(), "alex".to_owned())])),
        secret_attributes: Some(SecretAttributes {
            expires: Some(OffsetDateTime::from_unix_timestamp(1_900_000_000)?),
            ..Default::default()
        }),
    };
    let first = client.set_secret("model-key", parameters.try_into()?, None).await?.into_model()?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let second = client.set_secret("model-key", setting("second")?, None).await?.into_model()?;
    let (first, second) = (first.resource_id()?, second.resource_id()?);
    assert_ne!(first.version, second.version);
    assert_eq!(value(&client, "MODEL-key").await?, "second", "names are compared without case");
    let options = SecretClientGetSecretOptions { secret_version: first.version.clone(), ..Default::default() };
    let old = client.get_secret("model-key", Some(options)).await?.into_model()?;
    assert_eq!((old.value.as_deref(), old.content_type.as_deref()), (Some("첫 번째\n"), Some("text/plain")));
    // An older version is changed by its id, the newest without one.
    let change = UpdateSecretPropertiesParameters {
        content_type: Some("application/json".to_owned()),
        tags: Some(HashMap::from([("used-by".to_owned(), "train.py".to_owned())])),
        secret_attributes: Some(SecretAttributes { enabled: Some(false), ..Default::default() }),
    };
    let options = SecretClientUpdateSecretPropertiesOptions { secret_version: first.version, ..Default::default() };
    let changed =
        client.update_secret_properties("model-key", change.try_into()?, Some(options)).await?.into_model()?;
    assert_eq!(changed.value, None, "a change never gives the value back");
    assert_eq!(changed.content_type.as_deref(), Some("application/json"));
    assert_eq!(changed.tags, Some(HashMap::from([("used-by".to_owned(), "train.py".to_owned())])), "tags are replaced");
    let attributes = changed.attributes.ok_or("no attributes")?;
    assert_eq!(
        (attributes.enabled, attributes.expires.map(OffsetDateTime::unix_timestamp)),
        (Some(false), Some(1_900_000_000))
    );
    assert_eq!(value(&client, "model-key").await?, "second", "the newest stayed on");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_deleted_secret_comes_back_with_all_its_versions() -> Result {
    let cloud = demo()?;
    let client = client(&cloud, "kv-tiny")?;
    client.set_secret("api-key", setting("newer")?, None).await?;
    let deleted = client.delete_secret("api-key", None).await?.into_model()?;
    assert!(deleted.recovery_id.is_some_and(|id| id == "https://kv-tiny.vault.azure.net/deletedsecrets/api-key"));
    let days = (deleted.scheduled_purge_date.ok_or("no date")? - deleted.deleted_date.ok_or("no date")?).whole_days();
    assert_eq!(days, 7);
    // Neither here nor there for some seconds.
    assert_eq!(refusal(client.get_secret("api-key", None).await)?.1, "SecretNotFound");
    let (status, code, _, message) = refusal(client.get_deleted_secret("api-key", None).await)?;
    assert_eq!((status, code.as_str(), message.as_str()), (404, "SecretNotFound", "Deleted Secret not found: api-key"));
    let (status, _, inner, _) = refusal(client.set_secret("api-key", setting("x")?, None).await)?;
    assert_eq!((status, inner.as_deref()), (409, Some("ObjectIsBeingDeleted")));
    let (status, _, inner, _) = refusal(client.recover_deleted_secret("api-key", None).await)?;
    assert_eq!((status, inner.as_deref()), (409, Some("ObjectIsBeingDeleted")));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let list: Vec<_> = client.list_deleted_secret_properties(None)?.collect().await;
    assert_eq!(list.len(), 1);
    assert!(client.get_deleted_secret("api-key", None).await?.into_model()?.attributes.is_some());
    let (status, code, inner, _) = refusal(client.set_secret("api-key", setting("x")?, None).await)?;
    assert_eq!((status, code.as_str(), inner.as_deref()), (409, "Conflict", Some("ObjectIsDeletedButRecoverable")));
    let again = refusal(client.delete_secret("api-key", None).await)?;
    assert_eq!((again.0, again.3.as_str()), (404, "Secret not found: api-key"));
    client.recover_deleted_secret("api-key", None).await?;
    assert_eq!(refusal(client.get_secret("api-key", None).await)?.0, 404, "on its way back");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(value(&client, "api-key").await?, "newer");
    let versions: Vec<_> = client.list_secret_properties_versions("api-key", None)?.collect().await;
    assert_eq!(versions.len(), 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_purged_is_gone_and_its_name_free_again() -> Result {
    let cloud = demo()?;
    let client = client(&cloud, "kv-tiny")?;
    client.delete_secret("openai-key", None).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(u16::from(client.purge_deleted_secret("openai-key", None).await?.status()), 204);
    assert_eq!(refusal(client.get_deleted_secret("openai-key", None).await)?.0, 404);
    tokio::time::sleep(Duration::from_secs(3)).await;
    client.set_secret("openai-key", setting("anew")?, None).await?;
    let versions: Vec<_> = client.list_secret_properties_versions("openai-key", None)?.collect().await;
    assert_eq!(versions.len(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_backup_restores_every_version_and_never_over_a_name() -> Result {
    let cloud = demo()?;
    cloud.settle_slowly(false);
    let client = client(&cloud, "kv-tiny")?;
    client.set_secret("db-password", setting("다음\r\n")?, None).await?;
    let blob = client.backup_secret("db-password", None).await?.into_model()?.value.ok_or("no blob")?;
    let restore = || -> Result<RequestContent<RestoreSecretParameters>> {
        Ok(RestoreSecretParameters { secret_backup: Some(blob.clone()) }.try_into()?)
    };
    assert_eq!(refusal(client.restore_secret(restore()?, None).await)?.0, 409);
    client.delete_secret("db-password", None).await?;
    assert_eq!(refusal(client.restore_secret(restore()?, None).await)?.0, 409, "the deleted one still holds the name");
    client.purge_deleted_secret("db-password", None).await?;
    let restored = client.restore_secret(restore()?, None).await?.into_model()?;
    assert_eq!(restored.value, None);
    assert_eq!(value(&client, "db-password").await?, "다음\r\n");
    let versions: Vec<_> = client.list_secret_properties_versions("db-password", None)?.collect().await;
    assert_eq!(versions.len(), 2);
    let junk = RestoreSecretParameters { secret_backup: Some(b"junk".to_vec()) };
    assert_eq!(refusal(client.restore_secret(junk.try_into()?, None).await)?.1, "BadParameter");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn refusals_read_as_azures_own() -> Result {
    let cloud = demo()?;
    let vision = client(&cloud, "kv-vision")?;
    let (status, code, inner, message) = refusal(vision.get_secret("db-replica-url", None).await)?;
    assert_eq!((status, code.as_str(), inner.as_deref()), (403, "Forbidden", Some("SecretDisabled")));
    assert_eq!(message, "Operation get is not allowed on a disabled secret.");
    let (status, code, _, message) = refusal(vision.get_secret("nobody", None).await)?;
    assert_eq!((status, code.as_str()), (404, "SecretNotFound"));
    assert!(message.starts_with("A secret with (name/id) nobody was not found in this key vault."));
    let (status, code, _, message) = refusal(vision.get_secret("a_b", None).await)?;
    assert_eq!(
        (status, code.as_str(), message.as_str()),
        (400, "BadParameter", "The request URI contains an invalid name: a_b")
    );
    let (status, _, inner, message) = refusal(vision.set_secret("db-user", setting("x")?, None).await)?;
    assert_eq!((status, inner.as_deref()), (403, Some("ForbiddenByRbac")));
    assert!(message.contains("\r\nAction: 'Microsoft.KeyVault/vaults/secrets/setSecret/action'\r\n"), "{message}");
    assert!(message.contains("appid=") && message.contains("oid=") && message.contains("iss=https://sts.windows.net/"));
    let listing = client(&cloud, "kv-prod")?.list_secret_properties(None)?.next().await.ok_or("nothing")?;
    assert_eq!(refusal(listing)?.2.as_deref(), Some("ForbiddenByRbac"));
    assert!(
        value(&client(&cloud, "kv-prod")?, "db-password").await?.starts_with("demo-only-"),
        "reading by name is allowed"
    );
    for (vault, inner) in [("kv-policy", "ForbiddenByPolicy"), ("kv-firewall", "ForbiddenByFirewall")] {
        let answer = client(&cloud, vault)?.get_secret("db-password", None).await;
        assert_eq!(refusal(answer)?.2.as_deref(), Some(inner), "{vault}");
    }
    let too_long = client(&cloud, "kv-tiny")?.set_secret("long", setting(&"x".repeat(25_601))?, None).await;
    assert_eq!(refusal(too_long)?.1, "BadParameter");
    client(&cloud, "kv-tiny")?.set_secret("long", setting(&"x".repeat(25_600))?, None).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_throttled_vault_answers_who_waits() -> Result {
    let cloud = demo()?;
    let client = client(&cloud, "kv-throttled")?;
    let found: Vec<_> = client.list_secret_properties(None)?.collect().await;
    assert_eq!(found.into_iter().flatten().count(), 60);
    let refused = cloud.log().iter().filter(|line| line.status == Some(429)).count();
    assert_eq!(refused, 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_wrong_client_secret_is_named() -> Result {
    use azure_core::credentials::TokenCredential as _;
    let cloud = demo()?;
    let credential = credential(&cloud, Some("not it"))?;
    let error = credential.get_token(&["https://vault.azure.net/.default"], None).await.err().ok_or("signed in?")?;
    // azure_identity cannot borrow a text with \r\n in it and loses the code: the log knows better.
    assert_eq!(error.kind().to_string(), "Credential");
    assert_eq!(cloud.log().last().and_then(|line| line.status), Some(401));
    let vault = client(&cloud, "kv-fab-nlp")?;
    let error = vault.get_secret("db-user", None).await.err().ok_or("another tenant's vault")?;
    assert_eq!(error.http_status().map(u16::from), Some(401), "the vault's tenant is not the token's");
    Ok(())
}
