//! A submitted run's token, by the wire: it opens its workspace's secrets, is renewed before it ends, and opens nothing else.

use azure_core::http::Method;
use jiff::SignedDuration;
use serde_json::json;

use super::services::ask;
use super::{ARM, Stage};

/// A variable of a run.
fn variable<'a>(run: &'a [(&'static str, String)], name: &str) -> &'a str {
    run.iter().find(|(have, _)| *have == name).map_or("", |(_, value)| value.as_str())
}

fn workspace(run: &[(&'static str, String)]) -> String {
    format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
        variable(run, "AZUREML_ARM_SUBSCRIPTION"),
        variable(run, "AZUREML_ARM_RESOURCEGROUP"),
        variable(run, "AZUREML_ARM_WORKSPACE_NAME")
    )
}

/// Where a run lists the secrets of its workspace.
pub(crate) fn credential(run: &[(&'static str, String)]) -> String {
    format!("{}/credential/v2.0{}/secrets", variable(run, "AZUREML_SERVICE_ENDPOINT"), workspace(run))
}

#[tokio::test(start_paused = true)]
async fn a_runs_token_opens_the_secrets_of_its_workspace() {
    let stage = Stage::new("");
    let run = stage.demo.run("ws-vision").expect("a run");
    let (token, secrets) = (variable(&run, "AZUREML_RUN_TOKEN"), credential(&run));
    let (status, _, one) = ask(&stage.demo, Method::Get, &format!("{secrets}/db-password"), Some(token), "").await;
    assert_eq!((status, &one["name"]), (200, &json!("db-password")));
    assert!(one["value"].as_str().is_some_and(|value| !value.is_empty()) && one["contentType"].is_string());
    let wanted = json!({"secrets": [{"name": "db-password"}, {"name": "nobody"}]}).to_string();
    let (status, _, several) =
        ask(&stage.demo, Method::Post, &format!("{secrets}:getbatch"), Some(token), &wanted).await;
    assert_eq!((status, &several["notFoundSecrets"]), (200, &json!(["nobody"])));
    assert_eq!(several["secrets"][0]["value"], one["value"]);
    // It lists what was set through it, and nothing else.
    let (_, _, list) = ask(&stage.demo, Method::Get, &secrets, Some(token), "").await;
    assert_eq!(list["value"], json!([]));
    let new = json!({"name": "from-a-run", "value": "v", "contentType": "application/NotProvided"}).to_string();
    assert_eq!(ask(&stage.demo, Method::Put, &secrets, Some(token), &new).await.0, 200);
    let (_, _, list) = ask(&stage.demo, Method::Get, &secrets, Some(token), "").await;
    assert_eq!(list["value"], json!([{"name": "from-a-run"}]));
    let (status, _, missing) = ask(&stage.demo, Method::Get, &format!("{secrets}/nobody"), Some(token), "").await;
    assert_eq!((status, &missing["error"]["innerError"]["code"]), (404, &json!("NotFoundError")));
}

#[tokio::test(start_paused = true)]
async fn a_runs_token_is_renewed_while_it_lives_and_opens_no_other_workspace() {
    let stage = Stage::new("");
    let run = stage.demo.run("ws-vision").expect("a run");
    let token = variable(&run, "AZUREML_RUN_TOKEN").to_owned();
    let renewal = format!(
        "{}/history/v1.0{}/experiments/{}/runs/{}/token",
        variable(&run, "AZUREML_SERVICE_ENDPOINT"),
        workspace(&run),
        variable(&run, "AZUREML_ARM_PROJECT_NAME"),
        variable(&run, "AZUREML_RUN_ID")
    );
    stage.demo.jump(SignedDuration::from_mins(50));
    let (status, _, next) = ask(&stage.demo, Method::Get, &renewal, Some(&token), "").await;
    let next_token = next["token"].as_str().unwrap_or_default().to_owned();
    assert!(status == 200 && next_token != token && next["expiryTimeUtc"].is_string(), "{next}");
    stage.demo.jump(SignedDuration::from_mins(20));
    let secrets = credential(&run);
    assert_eq!(ask(&stage.demo, Method::Get, &secrets, Some(&token), "").await.0, 401, "the first has ended");
    assert_eq!(ask(&stage.demo, Method::Get, &secrets, Some(&next_token), "").await.0, 200);
    let other = credential(&stage.demo.run("ws-prod").expect("another"));
    assert_eq!(ask(&stage.demo, Method::Get, &other, Some(&next_token), "").await.0, 403);
    let arm = format!("{ARM}/subscriptions?api-version=2022-12-01");
    assert_eq!(ask(&stage.demo, Method::Get, &arm, Some(&next_token), "").await.0, 401);
}
