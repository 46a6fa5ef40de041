//! A run's token, through the whole of `Cloud`, against recorded answers of Azure ML's services.

use std::ffi::OsString;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;
use crate::cloud::scripted::{Heard, Scripted, Step, TENANT, answer, clock};
use crate::cloud::{AzureCloud, Cloud, Transport};
use crate::domain::{AccountKind, Kept, SecretName, Vault, Who};

const WS: &str =
    "/subscriptions/s-1/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/ws-vision";
const HOST: &str = "https://westeurope.api.azureml.ms";

/// A token of a run, which ends so many seconds from now.
fn token(name: &str, seconds: i64) -> String {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let ends = clock().now().as_second() + seconds;
    let claims = json!({"iss": "azureml", "aud": "azureml", "tid": TENANT, "oid": "o-1", "exp": ends});
    format!("{}.{}.{name}", part(json!({"alg": "RS256"})), part(claims))
}

/// A run's variables, but for those that are left out.
fn variables(token: &str, without: &[&str]) -> Vec<(String, String)> {
    [
        (TOKEN, token),
        ("AZUREML_ARM_SUBSCRIPTION", "s-1"),
        ("AZUREML_ARM_RESOURCEGROUP", "rg-ml"),
        ("AZUREML_ARM_WORKSPACE_NAME", "ws-vision"),
        ("AZUREML_ARM_PROJECT_NAME", "train vision"),
        (RUN, "sincere_cup_1"),
        (ENDPOINT, HOST),
    ]
    .into_iter()
    .filter(|(name, _)| !without.contains(name))
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

fn get(variables: &[(String, String)], name: &str) -> Option<String> {
    variables.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone())
}

/// Somebody inside a run.
fn inside(client: &Arc<Scripted>, variables: &[(String, String)]) -> (Cloud, Who) {
    let client: Arc<dyn HttpClient> = Arc::clone(client) as Arc<dyn HttpClient>;
    let cloud = Cloud::of(AzureCloud::Public, Transport::of(&client), clock(), false);
    let account = cloud.find_logins_by(&|name| get(variables, name).map(OsString::from)).remove(0);
    assert_eq!((account.kind, account.kept), (AccountKind::Run, Kept::Run));
    assert_eq!(cloud.find_logins_by(&|name| get(variables, name).map(OsString::from)).len(), 1, "found once");
    (cloud, Who { account: account.id, tenant: account.tenant })
}

async fn vault(cloud: &Cloud, who: &Who) -> Vault {
    let mut all = Vec::new();
    cloud.workspaces(who, &mut |page| all.extend(page)).await.expect("its own");
    assert_eq!(all.iter().map(|one| one.id.as_str().to_lowercase()).collect::<Vec<_>>(), [WS.to_lowercase()]);
    cloud.vault(&all[0]).await.expect("its own")
}

async fn reveal(cloud: &Cloud, vault: &Vault) -> Result<Sealed, Failure> {
    let name = SecretName::parse("db-password").expect("a name");
    Ok(cloud.reveal(vault, &name, None).await?.value)
}

fn value(heard: &Heard) -> Step {
    assert!(heard.url.ends_with("/secrets/db-password"), "{}", heard.url);
    answer(200, r#"{"name":"db-password","value":"hunter2","contentType":"application/NotProvided"}"#)
}

#[tokio::test(start_paused = true)]
async fn a_run_reads_its_workspace_s_secrets_with_its_own_token() {
    let client = Scripted::new(|n, heard| match n {
        0 => answer(200, r#"{"value":[{"name":"db-password"}],"continuationToken":"more&"}"#),
        1 => answer(200, r#"{"value":[{"name":"api-key"}],"continuationToken":null}"#),
        2 => value(heard),
        _ => answer(
            404,
            r#"{"error":{"code":"UserError","message":"Secret not found","innerError":{"code":"NotFoundError"}}}"#,
        ),
    });
    let token = token("first", 7200);
    let (cloud, who) = inside(&client, &variables(&token, &[]));
    let vault = vault(&cloud, &who).await;
    let mut names = Vec::new();
    let mut each =
        |page: Vec<crate::domain::Secret>| names.extend(page.into_iter().map(|one| one.name.raw().to_owned()));
    cloud.secrets(&vault, &mut each).await.expect("a list");
    assert_eq!(names, ["db-password", "api-key"]);
    assert!(reveal(&cloud, &vault).await.expect("a value").same(&Sealed::new("hunter2".to_owned())));
    let failure = reveal(&cloud, &vault).await.expect_err("gone");
    assert_eq!((failure.kind, failure.cause.as_str()), (Kind::NotFound, "the run's workspace has no such secret"));
    let heard = client.heard();
    let base = format!("{HOST}/credential/v2.0{WS}/secrets");
    let urls: Vec<&str> = heard.iter().map(|one| one.url.as_str()).collect();
    assert_eq!(urls[..2], [base.as_str(), &format!("{base}?continuationToken=more%26")]);
    assert_eq!(urls[2], format!("{base}/db-password"));
    let bearer = format!("Bearer {token}");
    assert!(heard.iter().all(|one| one.authorization.as_ref() == Some(&bearer)), "its own token and no other");
}

#[tokio::test(start_paused = true)]
async fn a_run_s_token_is_for_nothing_else_and_one_sentence_says_so() {
    let client = Scripted::steps(vec![answer(200, "{}")]);
    let (cloud, who) = inside(&client, &variables(&token("first", 7200), &[]));
    let vault = vault(&cloud, &who).await;
    let name = SecretName::parse("db-password").expect("a name");
    let other = cloud.vault_by_name(&who, "kv-other").expect("a vault");
    let id = ResourceId::parse(WS).expect("an id");
    let elsewhere = ResourceId::parse(&WS.replace("ws-vision", "ws-other")).expect("an id");
    for failure in [
        cloud.token(&who, "https://management.azure.com").await.map(drop).expect_err("a token for Azure"),
        cloud.subscriptions(&who).await.map(drop).expect_err("subscriptions"),
        cloud.endpoints(&who, &id).await.map(drop).expect_err("endpoints"),
        cloud.workspace(&who, &elsewhere).await.map(drop).expect_err("another workspace"),
        cloud.reveal(&other, &name, None).await.map(drop).expect_err("another vault"),
        cloud.versions(&vault, &name).await.map(drop).expect_err("versions"),
        cloud.purge_secret(&vault, &name).await.map(drop).expect_err("a change"),
    ] {
        assert_eq!(failure.cause, "a run's token reads the secrets of its workspace and nothing else", "{failure:?}");
        assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("managed identity")));
    }
    assert!(client.heard().is_empty(), "and nothing was sent");
    let claims = cloud.claims(&who).await.expect("its own");
    assert_eq!((claims.tid.as_deref(), claims.aud.as_deref()), (Some(TENANT), Some("azureml")));
}

#[tokio::test(start_paused = true)]
async fn a_run_s_token_is_replaced_before_it_ends() {
    let client = Scripted::new(|_, heard| match heard.url.strip_suffix("/token") {
        Some(_) => {
            answer(200, &json!({"token": token("second", 7200), "expiryTimeUtc": "2026-09-22T00:00:00Z"}).to_string())
        }
        None => value(heard),
    });
    let first = token("first", 600);
    let (cloud, who) = inside(&client, &variables(&first, &[]));
    let vault = vault(&cloud, &who).await;
    reveal(&cloud, &vault).await.expect("with the first");
    assert_eq!(client.forget().len(), 1);
    tokio::time::sleep(Duration::from_secs(400)).await;
    reveal(&cloud, &vault).await.expect("with the first, which still lives");
    tokio::time::sleep(Duration::from_secs(1)).await;
    reveal(&cloud, &vault).await.expect("with the second");
    let heard = client.heard();
    let asked: Vec<_> = heard.iter().filter(|one| one.url.ends_with("/token")).collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].url, format!("{HOST}/history/v1.0{WS}/experiments/train%20vision/runs/sincere_cup_1/token"));
    assert_eq!(asked[0].authorization.as_deref(), Some(format!("Bearer {first}").as_str()));
    assert!(
        heard
            .last()
            .and_then(|one| one.authorization.as_deref())
            .is_some_and(|sent| sent.rsplit('.').next() == Some("second"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_taken_any_more_is_replaced_once() {
    for (next, kind, words) in [
        (answer(200, &json!({"token": token("second", 7200)}).to_string()), None, ""),
        (answer(401, "{}"), Some(Kind::SignedOut), "the run's token is not accepted any more"),
        (answer(200, "{}"), Some(Kind::Failed), "no token"),
        (answer(200, &json!({"token": token("second", -60)}).to_string()), Some(Kind::SignedOut), "has ended"),
        (
            Step::Answer(200, vec![("content-type", "text/html".to_owned())], "<html>".into()),
            Some(Kind::Offline),
            "a proxy",
        ),
    ] {
        let client = Scripted::new(move |_, heard| match (heard.url.ends_with("/token"), &heard.authorization) {
            (true, _) => next.clone(),
            (false, Some(sent)) if sent.rsplit('.').next() == Some("first") => answer(401, "{}"),
            _ => value(heard),
        });
        let (cloud, who) = inside(&client, &variables(&token("first", 7200), &[]));
        let vault = vault(&cloud, &who).await;
        let done = reveal(&cloud, &vault).await;
        let failure = done.err();
        assert_eq!(failure.as_ref().map(|failure| failure.kind.clone()), kind, "{failure:?}");
        assert!(failure.is_none_or(|failure| failure.cause.contains(words) && !format!("{failure:?}").contains("eyJ")));
        assert_eq!(client.heard().iter().filter(|one| one.url.ends_with("/token")).count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_near_its_end_still_serves_where_no_other_is_given() {
    let client = Scripted::new(|_, heard| if heard.url.ends_with("/token") { answer(403, "{}") } else { value(heard) });
    let (cloud, who) = inside(&client, &variables(&token("first", 120), &[]));
    let vault = vault(&cloud, &who).await;
    reveal(&cloud, &vault).await.expect("it lives for two minutes");
    let (cloud, who) = inside(&client, &variables(&token("first", 120), &[RUN]));
    reveal(&cloud, &vault).await.expect("also without a name for the run");
    tokio::time::sleep(Duration::from_mins(3)).await;
    let failure = cloud.claims(&who).await.expect_err("ended");
    assert!(failure.cause.contains("without AZUREML_RUN_ID no other can be asked for"), "{failure:?}");
}

#[test]
fn what_is_missing_of_a_run_is_told() {
    let marked =
        |variables: Vec<(String, String)>| Run::marked(|name| get(&variables, name), AzureCloud::Public.hosts());
    let whole = token("first", 60);
    assert!(marked(variables(&whole, &[TOKEN])).expect("outside of a run").is_none());
    for name in ["AZUREML_ARM_SUBSCRIPTION", "AZUREML_ARM_RESOURCEGROUP", "AZUREML_ARM_WORKSPACE_NAME", ENDPOINT] {
        let failure = marked(variables(&whole, &[name])).expect_err(name);
        assert_eq!(failure.cause, format!("AZUREML_RUN_TOKEN is set, but {name} is not"));
        assert!(failure.hint.is_some());
    }
    for far in [
        "http://westeurope.api.azureml.ms",
        "https://evil.example",
        "https://westeurope.api.azureml.ms.evil.example",
        "https://westeurope.api.azureml.ms:8443",
        "https://westeurope.api.ml.azure.us",
        "https://westeurope.api.azureml.ms@evil.example",
    ] {
        let mut set = variables(&whole, &[ENDPOINT]);
        set.push((ENDPOINT.to_owned(), far.to_owned()));
        assert!(marked(set).expect_err(far).cause.contains("is no address of Azure Machine Learning"), "{far}");
    }
    for near in ["https://westeurope.api.azureml.ms/", "https://0f.workspace.westeurope.api.azureml.ms/x?y"] {
        let mut set = variables(&whole, &[ENDPOINT]);
        set.push((ENDPOINT.to_owned(), near.to_owned()));
        assert_eq!(marked(set).expect(near).expect("a run").endpoint.path(), "/");
    }
    assert!(marked(variables("two words", &[])).expect_err("no token").cause.contains("holds no token"));
}

#[test]
fn the_end_of_a_run_s_token_is_its_own_word_or_the_variable_s() {
    let hosts = AzureCloud::Public.hosts();
    let ends = |token: &str, told: &str| {
        let mut set = variables(token, &[]);
        set.push((EXPIRY.to_owned(), told.to_owned()));
        let run = Run::marked(|name| get(&set, name), hosts).expect("whole").expect("a run");
        run.ends.map(Moment::as_second)
    };
    assert_eq!(ends("opaque", "1790000123"), Some(1_790_000_123));
    assert_eq!(ends("opaque", "1790000123.75"), Some(1_790_000_123));
    assert_eq!(ends("opaque", "soon"), None);
    assert_eq!(ends(&token("first", 60), "1"), Some(clock().now().as_second() + 60));
}

#[test]
fn nothing_of_the_token_is_in_anybody_s_debug() {
    let client = Scripted::steps(vec![answer(200, "{}")]);
    let whole = token("first", 60);
    let run = Run::marked(|name| get(&variables(&whole, &[]), name), AzureCloud::Public.hosts()).expect("whole");
    let (cloud, _) = inside(&client, &variables(&whole, &[]));
    for words in [format!("{run:?}"), format!("{cloud:?}")] {
        assert!(!words.contains("eyJ") && !words.contains(".first"), "{words}");
    }
}
