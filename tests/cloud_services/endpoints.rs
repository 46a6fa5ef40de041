//! Endpoints: lists, keys, tokens, new keys.

use amlock::demo::Fault;
use amlock::domain::{AuthMode, Endpoint, EndpointKind, Kind, Sealed, Untrusted, WhichKey};

use super::{Result, Stage, denied, raw, stage};

async fn endpoint(stage: &Stage, workspace: &str, name: &str, kind: EndpointKind) -> Result<Endpoint> {
    let workspace = stage.workspace(workspace).await?;
    let list = stage.cloud.endpoints(&stage.who, &workspace.id).await?;
    let found = list.endpoints.into_iter().find(|one| one.name.raw() == name && one.kind == kind);
    Ok(found.ok_or_else(|| format!("no endpoint {name}"))?)
}

#[tokio::test(start_paused = true)]
async fn all_kinds_come_together_by_name() -> Result {
    let stage = stage("")?;
    let vision = stage.workspace("ws-vision").await?;
    let list = stage.cloud.endpoints(&stage.who, &vision.id).await?;
    assert!(list.missing.is_empty());
    let rows: Vec<_> = list
        .endpoints
        .iter()
        .map(|one| (one.name.raw(), one.kind.word(), one.auth.word(), one.state.word(), one.traffic_words()))
        .collect();
    let row = |name, kind, auth: &str, state: &str, traffic: &str| {
        (name, kind, auth.to_owned(), state.to_owned(), traffic.to_owned())
    };
    assert_eq!(
        rows,
        [
            row("churn-batch", "batch", "Entra", "ready", "default"),
            row("churn-new", "online", "key", "creating", ""),
            row("churn-online", "online", "key", "ready", "blue 90, green 10"),
            row("churn-token", "online", "token", "ready", "blue 100"),
            row("llama-chat", "serverless", "key", "ready", "azureml://registries/azureml-demo/models/llama-chat"),
        ]
    );
    assert_eq!(list.endpoints[1].scoring_uri, None);
    assert!(list.endpoints[2].created.is_some());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_cannot_be_listed_is_named_and_one_that_is_unknown_is_not() -> Result {
    let stage = stage("")?;
    let vision = stage.workspace("ws-vision").await?;
    stage.demo.fail_next("batchEndpoints", Fault::Status(403));
    stage.demo.fail_next("serverlessEndpoints", Fault::Status(404));
    let list = stage.cloud.endpoints(&stage.who, &vision.id).await?;
    assert_eq!((list.endpoints.len(), list.missing.len()), (3, 1));
    let (kind, failure) = &list.missing[0];
    assert_eq!((*kind, denied(failure).resource.raw()), (EndpointKind::Batch, "ws-vision"));
    assert_eq!(denied(failure).may_not, "list the batch endpoints of ws-vision");
    for kind in ["onlineEndpoints", "batchEndpoints", "serverlessEndpoints"] {
        stage.demo.fail_next(kind, Fault::Status(403));
    }
    let failure = stage.cloud.endpoints(&stage.who, &vision.id).await.expect_err("all refused");
    assert_eq!(denied(&failure).may_not, "list the endpoints of ws-vision");
    assert_eq!(raw(denied(&failure).resource_group.as_ref()), "rg-vision");
    for kind in ["onlineEndpoints", "batchEndpoints", "serverlessEndpoints"] {
        stage.demo.fail_next(kind, Fault::Status(404));
    }
    let failure = stage.cloud.endpoints(&stage.who, &vision.id).await.expect_err("no workspace");
    assert_eq!(failure.kind, Kind::NotFound);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn keys_are_read_where_there_are_keys() -> Result {
    let stage = stage("")?;
    let online = endpoint(&stage, "ws-vision", "churn-online", EndpointKind::Online).await?;
    let keys = stage.cloud.endpoint_keys(&online).await?;
    assert!(!keys.primary.same(&keys.secondary) && keys.primary.bytes() > 0);
    let before = stage.demo.log().len();
    let token = endpoint(&stage, "ws-vision", "churn-token", EndpointKind::Online).await?;
    let asked = stage.demo.log().len();
    let failure = stage.cloud.endpoint_keys(&token).await.expect_err("no keys");
    assert_eq!((&failure.kind, stage.demo.log().len()), (&Kind::Misused, asked));
    assert!(asked > before);
    let readonly = endpoint(&stage, "ws-readonly", "statements", EndpointKind::Online).await?;
    let failure = stage.cloud.endpoint_keys(&readonly).await.expect_err("may not");
    let denied = denied(&failure);
    assert_eq!(denied.may_not, "read the keys of statements");
    assert_eq!((denied.resource.raw(), raw(denied.who.as_ref())), ("statements", "alex@contoso.com"));
    assert_eq!(denied.roles[0].role, "AzureML Data Scientist");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_token_is_azure_ml_s_or_entra_s() -> Result {
    let stage = stage("")?;
    let own = endpoint(&stage, "ws-vision", "churn-token", EndpointKind::Online).await?;
    let token = stage.cloud.endpoint_token(&own).await?;
    let now = stage.demo.now();
    assert_eq!(token.token_type.raw(), "Bearer");
    assert!(token.refresh_after.is_some_and(|at| now < at && at < token.expires));
    let before = stage.demo.log().len();
    let batch = endpoint(&stage, "ws-vision", "churn-batch", EndpointKind::Batch).await?;
    let token = stage.cloud.endpoint_token(&batch).await?;
    assert!(token.refresh_after.is_none() && token.expires > now);
    assert!(stage.asked(before).iter().all(|line| !line.ends_with("/token")), "Entra's own");
    let keyed = endpoint(&stage, "ws-vision", "churn-online", EndpointKind::Online).await?;
    assert_eq!(stage.cloud.endpoint_token(&keyed).await.expect_err("keys").kind, Kind::Misused);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_key_is_regenerated_and_is_another_one() -> Result {
    let stage = stage("")?;
    let online = endpoint(&stage, "ws-vision", "churn-online", EndpointKind::Online).await?;
    let before = stage.cloud.endpoint_keys(&online).await?;
    let mut told: Vec<Untrusted> = Vec::new();
    let done = stage.cloud.regenerate_key(&online, WhichKey::Secondary, true, &mut |word| told.push(word)).await?;
    assert_eq!((done.which, done.changed), (WhichKey::Secondary, Some(true)));
    let keys = done.keys.ok_or("no keys")?;
    assert!(keys.primary.same(&before.primary) && !keys.secondary.same(&before.secondary));
    assert_eq!(told.iter().map(Untrusted::raw).collect::<Vec<_>>(), ["Updating", "InProgress", "Succeeded"]);
    let serverless = endpoint(&stage, "ws-vision", "llama-chat", EndpointKind::Serverless).await?;
    let done = stage.cloud.regenerate_key(&serverless, WhichKey::Primary, true, &mut |_| {}).await?;
    assert_eq!((done.changed, done.keys.is_some()), (Some(true), true));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_does_not_wait_gets_no_keys() -> Result {
    let stage = stage("")?;
    let online = endpoint(&stage, "ws-vision", "churn-online", EndpointKind::Online).await?;
    let done = stage.cloud.regenerate_key(&online, WhichKey::Primary, false, &mut |_| {}).await?;
    assert!(done.keys.is_none() && done.changed.is_none());
    let failure = stage.cloud.regenerate_key(&online, WhichKey::Primary, true, &mut |_| {}).await.expect_err("running");
    assert_eq!(failure.kind, Kind::Conflict);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_regenerated_is_refused_with_a_sentence() -> Result {
    let stage = stage("")?;
    let batch = endpoint(&stage, "ws-vision", "churn-batch", EndpointKind::Batch).await?;
    let token = endpoint(&stage, "ws-vision", "churn-token", EndpointKind::Online).await?;
    let asked = stage.demo.log().len();
    let failure = stage.cloud.regenerate_key(&batch, WhichKey::Primary, true, &mut |_| {}).await.expect_err("batch");
    let sentence =
        "could not regenerate the primary key of churn-batch: Azure ML offers no regeneration for batch endpoints";
    assert_eq!((failure.sentence().as_str(), failure.exit_code()), (sentence, 2));
    assert_eq!(token.auth, AuthMode::AmlToken);
    stage.cloud.regenerate_key(&token, WhichKey::Primary, true, &mut |_| {}).await.expect_err("no keys");
    assert_eq!(stage.demo.log().len(), asked);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_operation_is_told_by_its_key() -> Result {
    let stage = stage("")?;
    let online = endpoint(&stage, "ws-vision", "churn-online", EndpointKind::Online).await?;
    stage.demo.fail_next("mfeOperationsStatus", Fault::Status(404));
    let done = stage.cloud.regenerate_key(&online, WhichKey::Primary, true, &mut |_| {}).await?;
    assert!(done.keys.is_some());
    assert!(done.keys.is_some_and(|keys| !keys.primary.same(&Sealed::new(String::new()))));
    Ok(())
}
