//! Answers that never came: one effect, and what is true is said (N27). No write is ever sent twice.

use std::time::Duration;

use amlock::demo::Fault;
use amlock::domain::{Changes, Expect, Kind, Sealed, WhichKey};

use super::{Result, Stage, another, name, new, raw, stage};

fn writes(stage: &Stage, from: usize) -> Vec<String> {
    stage.asked(from).into_iter().filter(|line| !line.starts_with("GET") && !line.contains("listKeys")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_set_whose_answer_is_lost_is_found_done() -> Result {
    for fault in [Fault::Cut, Fault::Truncate] {
        let stage = stage("")?;
        let vault = stage.vault("kv-tiny")?;
        stage.demo.fail_next("PUT /secrets/api-key", fault);
        let before = stage.demo.log().len();
        let done = stage.cloud.set_secret(&vault, new("api-key", "next"), Expect::Anything).await?;
        assert!(done.looked && done.before.is_some() && done.overtaken.is_none());
        let newest = stage.cloud.reveal(&vault, &name("api-key"), None).await?;
        assert!(newest.value.same(&Sealed::new("next".to_owned())));
        assert_eq!(newest.secret.version, done.secret.version);
        assert_eq!(writes(&stage, before), ["PUT /secrets/api-key"], "{fault:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_set_that_never_arrived_is_found_not_done() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-tiny")?;
    for fault in [Fault::Html, Fault::Status(500)] {
        stage.demo.fail_next("PUT /secrets/api-key", fault);
        let before = stage.demo.log().len();
        let failure = stage.cloud.set_secret(&vault, new("api-key", "next"), Expect::Anything).await.expect_err("lost");
        assert_eq!((&failure.kind, failure.exit_code()), (&Kind::Offline, 7), "{failure:?}");
        assert!(failure.cause.contains("nothing was set"), "{}", failure.cause);
        assert_eq!(writes(&stage, before), ["PUT /secrets/api-key"]);
    }
    assert_eq!(stage.cloud.versions(&vault, &name("api-key")).await?.len(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lost_set_beside_somebody_else_s_is_told_apart_by_its_value() -> Result {
    let stage = stage("")?;
    let other = another(&stage)?;
    let vault = stage.vault("kv-tiny")?;
    stage.demo.latency(Duration::from_secs(1));
    stage.cloud.versions(&vault, &name("api-key")).await?;
    other.cloud.versions(&vault, &name("api-key")).await?;
    stage.demo.fail_next("PUT /secrets/api-key", Fault::Status(500));
    let ours = stage.cloud.set_secret(&vault, new("api-key", "ours"), Expect::Anything);
    let theirs = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        other.cloud.set_secret(&vault, new("api-key", "theirs"), Expect::Anything).await
    };
    let (ours, theirs) = tokio::join!(ours, theirs);
    let cause = ours.expect_err("not set").cause;
    assert!(cause.contains("nothing was set") && cause.contains(raw(theirs?.secret.version.as_ref())), "{cause}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lost_set_where_looking_is_forbidden_stays_unknown() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-prod")?;
    stage.demo.fail_next("PUT /secrets/db-password", Fault::Cut);
    let failure = stage.cloud.set_secret(&vault, new("db-password", "x"), Expect::Anything).await.expect_err("unknown");
    assert_eq!((&failure.kind, failure.exit_code()), (&Kind::Unknown, 8));
    assert!(failure.sentence().starts_with("it is not known whether amlock could set db-password in kv-prod"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lost_set_whose_version_may_not_be_read_stays_unknown() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-vision")?;
    // It was off and stays off: its value cannot be compared.
    stage.demo.fail_next("PUT /secrets/db-replica-url", Fault::Cut);
    let failure = stage.cloud.set_secret(&vault, new("db-replica-url", "x"), Expect::Anything).await.expect_err("off");
    assert_eq!(failure.kind, Kind::Unknown);
    assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("it may be this one")), "{:?}", failure.hint);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_is_lost_is_found_done() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-tiny")?;
    stage.demo.fail_next("PATCH /secrets/api-key", Fault::Cut);
    let changes = Changes { enabled: Some(false), content_type: Some("text/plain".into()), ..Changes::default() };
    let after = stage.cloud.update_secret(&vault, &name("api-key"), None, changes.clone()).await?;
    assert!(!after.attributes.enabled);
    stage.demo.fail_next("PATCH /secrets/db-password", Fault::Status(500));
    let failure = stage.cloud.update_secret(&vault, &name("db-password"), None, changes).await.expect_err("unknown");
    assert_eq!(failure.kind, Kind::Unknown);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_answer_is_lost_is_found_done_or_not() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-tiny")?;
    let before = stage.demo.log().len();
    stage.demo.fail_next("DELETE /secrets/api-key", Fault::Cut);
    let gone = stage.cloud.delete_secret(&vault, &name("api-key")).await?;
    assert!(gone.purged.is_some(), "{gone:?}");
    assert_eq!(writes(&stage, before), ["DELETE /secrets/api-key"]);
    stage.demo.fail_next("DELETE /secrets/db-password", Fault::Status(500));
    let failure = stage.cloud.delete_secret(&vault, &name("db-password")).await.expect_err("not deleted");
    assert_eq!(failure.kind, Kind::Offline);
    assert!(failure.cause.contains("it was not deleted"), "{}", failure.cause);

    stage.demo.fail_next("POST /deletedsecrets/api-key/recover", Fault::Cut);
    let back = stage.cloud.recover_secret(&vault, &name("api-key")).await?;
    assert_eq!(back.name.raw(), "api-key");

    stage.cloud.delete_secret(&vault, &name("api-key")).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    stage.demo.fail_next("DELETE /deletedsecrets/api-key", Fault::Status(500));
    let failure = stage.cloud.purge_secret(&vault, &name("api-key")).await.expect_err("not purged");
    assert!(failure.cause.contains("it was not purged"), "{}", failure.cause);
    stage.demo.fail_next("DELETE /deletedsecrets/api-key", Fault::Cut);
    stage.cloud.purge_secret(&vault, &name("api-key")).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_regeneration_whose_answer_is_lost_is_found_done_by_its_key() -> Result {
    let stage = stage("")?;
    let vision = stage.workspace("ws-vision").await?;
    let list = stage.cloud.endpoints(&stage.who, &vision.id).await?.endpoints;
    // An online endpoint's operation takes its time; a serverless one's key is another at once.
    for endpoint in ["churn-online", "llama-chat"] {
        let endpoint = list.iter().find(|one| one.name.raw() == endpoint).ok_or("no endpoint")?;
        let before = stage.demo.log().len();
        stage.demo.fail_next("regenerateKeys", Fault::Cut);
        let done = stage.cloud.regenerate_key(endpoint, WhichKey::Primary, true, &mut |_| {}).await?;
        assert_eq!((done.changed, writes(&stage, before).len()), (Some(true), 1));
        stage.demo.fail_next("regenerateKeys", Fault::Status(500));
        let failure =
            stage.cloud.regenerate_key(endpoint, WhichKey::Primary, true, &mut |_| {}).await.expect_err("500");
        assert_eq!(failure.kind, Kind::Unknown);
        assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("still the same")), "{:?}", failure.hint);
    }
    Ok(())
}
