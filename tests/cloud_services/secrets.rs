//! Reading, changing, deleting and bringing back secrets.

use std::collections::HashSet;
use std::time::Duration;

use amlock::domain::{Changes, Kind, Moment, Sealed, Untrusted};

use super::{Result, name, raw, stage};

#[tokio::test(start_paused = true)]
async fn secrets_stream_in_over_empty_pages_and_none_twice() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-vision")?;
    let mut pages = Vec::new();
    let mut names = HashSet::new();
    stage
        .cloud
        .secrets(&vault, &mut |page| {
            pages.push(page.len());
            names.extend(page.into_iter().map(|secret| secret.name.raw().to_owned()));
        })
        .await?;
    assert_eq!((names.len(), pages.iter().sum::<usize>()), (148, 148));
    let asked = stage.asked(0);
    assert!(asked.len() > pages.len(), "an empty page was passed: {pages:?}");
    assert!(asked.iter().all(|line| line == "GET /secrets"), "{asked:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_empty_vault_is_no_failure() -> Result {
    let stage = stage("")?;
    assert!(stage.secrets(&stage.vault("kv-empty")?).await?.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn twelve_thousand_secrets_arrive_whole() -> Result {
    let stage = stage("")?;
    assert_eq!(stage.secrets(&stage.vault("kv-archive")?).await?.len(), 12_000);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_throttled_vault_is_waited_for() -> Result {
    let stage = stage("")?;
    assert_eq!(stage.secrets(&stage.vault("kv-throttled")?).await?.len(), 60);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn browsing_fetches_no_value_and_a_reveal_is_one_request() -> Result {
    let stage = stage("")?;
    let vision = stage.workspace("ws-vision").await?;
    let vault = stage.cloud.vault(&vision).await?;
    let secrets = stage.secrets(&vault).await?;
    stage.cloud.versions(&vault, &name("db-password")).await?;
    stage.cloud.deleted_secrets(&vault, &mut |_| {}).await?;
    let list = stage.cloud.endpoints(&stage.who, &vision.id).await?;
    assert!(!secrets.is_empty() && !list.endpoints.is_empty());
    for line in stage.asked(0) {
        let value = line.starts_with("GET /secrets/") && !line.ends_with("/versions");
        assert!(!value && !line.to_lowercase().contains("keys") && !line.ends_with("/token"), "{line}");
    }
    let before = stage.demo.log().len();
    let found = stage.cloud.reveal(&vault, &name("db-password"), None).await?;
    assert_eq!(stage.asked(before), ["GET /secrets/db-password"]);
    assert!(found.value.same(&Sealed::new("Correct-Horse-Demo-Only-42".to_owned())));
    assert_eq!(raw(found.secret.content_type.as_ref()), "text/plain");
    assert_eq!(found.secret.tags, [("team".into(), "비전".into())]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_older_version_is_revealed_by_its_id_and_a_wrong_id_asks_nobody() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-vision")?;
    let secret = name("db-password");
    let versions = stage.cloud.versions(&vault, &secret).await?;
    let oldest = versions.last().and_then(|one| one.secret.version.clone()).ok_or("no version")?;
    let value = stage.cloud.reveal(&vault, &secret, Some(&oldest)).await?;
    assert_eq!(value.secret.version.as_ref(), Some(&oldest));
    let before = stage.demo.log().len();
    let failure = stage.cloud.reveal(&vault, &secret, Some(&"../db-user".into())).await.expect_err("no version");
    assert_eq!((failure.kind, stage.demo.log().len()), (Kind::Misused, before));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn versions_are_newest_first_and_a_tie_is_named() -> Result {
    let stage = stage("")?;
    let versions = stage.cloud.versions(&stage.vault("kv-vision")?, &name("db-password")).await?;
    let shown: Vec<_> = versions.iter().map(|one| (one.current, one.same_second)).collect();
    assert_eq!(shown, [(true, false), (false, true), (false, true), (false, false)]);
    let made: Vec<_> = versions.iter().map(|one| one.secret.attributes.created).collect();
    assert!(made.is_sorted_by(|one, next| one >= next));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_or_off_is_told_apart() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-vision")?;
    let failure = stage.cloud.versions(&vault, &name("no-such")).await.expect_err("no versions");
    assert_eq!((&failure.kind, failure.exit_code()), (&Kind::NotFound, 5));
    assert_eq!(
        failure.sentence(),
        "could not list the versions of no-such in kv-vision: there is no secret of that name"
    );
    let failure = stage.cloud.reveal(&vault, &name("no-such"), None).await.expect_err("not there");
    assert_eq!(failure.kind, Kind::NotFound);
    let failure = stage.cloud.reveal(&vault, &name("db-replica-url"), None).await.expect_err("off");
    assert_eq!((failure.cause.as_str(), failure.exit_code()), ("the secret is disabled", 1));
    let failure = stage.secrets(&stage.vault("kv-nowhere")?).await.expect_err("no such vault");
    assert_eq!(failure.kind, Kind::Offline);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn attributes_change_and_the_rest_stays() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-vision")?;
    let secret = name("db-password");
    let expires: Moment = "2027-03-01T00:00:00Z".parse()?;
    let changes = Changes { expires: Some(expires), enabled: Some(false), ..Changes::default() };
    let after = stage.cloud.update_secret(&vault, &secret, None, changes).await?;
    assert_eq!((after.attributes.expires, after.attributes.enabled), (Some(expires), false));
    assert_eq!(raw(after.content_type.as_ref()), "text/plain");
    let tags = vec![(Untrusted::from("owner"), Untrusted::from("platform"))];
    let oldest = stage.cloud.versions(&vault, &secret).await?.pop().and_then(|one| one.secret.version).ok_or("none")?;
    let changes = Changes { tags: Some(tags.clone()), ..Changes::default() };
    let after = stage.cloud.update_secret(&vault, &secret, Some(&oldest), changes).await?;
    assert_eq!((after.version, after.tags), (Some(oldest), tags));
    let before = stage.demo.log().len();
    let failure = stage.cloud.update_secret(&vault, &secret, None, Changes::default()).await.expect_err("nothing");
    assert_eq!((failure.kind, stage.demo.log().len()), (Kind::Misused, before));
    let changes = Changes { enabled: Some(false), ..Changes::default() };
    let failure = stage.cloud.update_secret(&vault, &name("cert-gateway"), None, changes).await.expect_err("managed");
    assert_eq!(failure.cause, "a certificate keeps it, and it changes with that certificate only");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_secret_goes_comes_back_and_goes_for_good() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-tiny")?;
    let secret = name("api-key");
    let gone = stage.cloud.delete_secret(&vault, &secret).await?;
    assert_eq!(gone.secret.name.raw(), "api-key");
    assert!(gone.purged > gone.deleted);
    assert_eq!(stage.secrets(&vault).await?.len(), 2);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut deleted = Vec::new();
    stage.cloud.deleted_secrets(&vault, &mut |page| deleted.extend(page)).await?;
    assert_eq!(deleted.iter().map(|one| one.secret.name.raw()).collect::<Vec<_>>(), ["api-key"]);

    let back = stage.cloud.recover_secret(&vault, &secret).await?;
    assert_eq!(back.name.raw(), "api-key");
    stage.cloud.reveal(&vault, &secret, None).await?;

    stage.cloud.delete_secret(&vault, &secret).await?;
    // It is still being deleted: that is waited for (N17), and each time the vault says that nothing was done.
    let (began, before) = (tokio::time::Instant::now(), stage.demo.log().len());
    let failure = stage.set(&vault, "api-key", "x").await.expect_err("the name is held").to_string();
    assert_eq!(failure, "could not set api-key in kv-tiny: a deleted secret still holds this name");
    assert!((4..8).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let puts = stage.demo.log().into_iter().skip(before).filter(|line| line.method == "PUT");
    assert!(puts.map(|line| line.status).collect::<Vec<_>>().iter().all(|status| *status == Some(409)));
    stage.cloud.purge_secret(&vault, &secret).await?;
    let failure = stage.cloud.recover_secret(&vault, &secret).await.expect_err("gone");
    assert_eq!(failure.kind, Kind::NotFound);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_backup_brings_all_versions_back() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-vision")?;
    let secret = name("db-password");
    let blob = stage.cloud.backup_secret(&vault, &secret).await?;
    let clash = Sealed::new(blob.unseal().to_owned());
    let failure = stage.cloud.restore_secret(&vault, clash).await.expect_err("it is there");
    assert_eq!(failure.kind, Kind::Conflict);
    stage.cloud.delete_secret(&vault, &secret).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    stage.cloud.purge_secret(&vault, &secret).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let back = stage.cloud.restore_secret(&vault, blob).await?;
    assert_eq!(back.name.raw(), "db-password");
    assert_eq!(stage.cloud.versions(&vault, &secret).await?.len(), 4);
    Ok(())
}
