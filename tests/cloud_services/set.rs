//! Setting a value: looking before and after, conflicts, limits.

use std::time::Duration;

use amlock::demo::Fault;
use amlock::domain::{Expect, Kind, NewSecret, Sealed, Untrusted};

use super::{Result, another, denied, name, new, raw, stage};

#[tokio::test(start_paused = true)]
async fn a_new_secret_and_a_new_value() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-empty")?;
    let done = stage.cloud.set_secret(&vault, new("wandb-key", "one"), Expect::Absent).await?;
    assert_eq!((done.before, done.looked, done.overtaken), (None, true, None));
    let first = done.secret.version.ok_or("no version")?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let done = stage.cloud.set_secret(&vault, new("wandb-key", "two"), Expect::Version(first.clone())).await?;
    assert_eq!((done.before, done.looked, done.overtaken), (Some(first), true, None));
    let value = stage.cloud.reveal(&vault, &name("wandb-key"), None).await?.value;
    assert!(value.same(&Sealed::new("two".to_owned())));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_left_open_stays_but_an_expiry_that_is_past() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-vision")?;
    let done = stage.cloud.set_secret(&vault, new("db-password", "next"), Expect::Anything).await?;
    assert_eq!(raw(done.secret.content_type.as_ref()), "text/plain");
    assert_eq!(done.secret.tags, [("team".into(), "비전".into())]);
    assert!(done.secret.attributes.expires.is_some());
    let done = stage.cloud.set_secret(&vault, new("db-legacy", "next"), Expect::Anything).await?;
    assert_eq!((raw(done.secret.content_type.as_ref()), done.secret.attributes.expires), ("json", None));
    let done = stage.cloud.set_secret(&vault, new("db-replica-url", "next"), Expect::Anything).await?;
    assert!(!done.secret.attributes.enabled, "what was off stays off");
    let on = NewSecret { enabled: Some(true), tags: Some(Vec::new()), ..new("db-password", "third") };
    let done = stage.cloud.set_secret(&vault, on, Expect::Anything).await?;
    assert!(done.secret.attributes.enabled && done.secret.tags.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn somebody_faster_is_named_and_nothing_is_written() -> Result {
    let stage = stage("")?;
    let other = another(&stage)?;
    let vault = stage.vault("kv-tiny")?;
    let listed = stage.secrets(&vault).await?;
    let seen = listed.iter().find(|one| one.name.raw() == "api-key").ok_or("no api-key")?;
    let updated = seen.attributes.updated.ok_or("no date")?;
    let version = stage.cloud.versions(&vault, &name("api-key")).await?.remove(0).secret.version.ok_or("none")?;

    let theirs = other.cloud.set_secret(&vault, new("api-key", "theirs"), Expect::UpdatedAt(updated)).await?.secret;
    let before = stage.demo.log().len();
    for expect in [Expect::UpdatedAt(updated), Expect::Version(version), Expect::Absent] {
        let failure = stage.cloud.set_secret(&vault, new("api-key", "ours"), expect).await.expect_err("a conflict");
        assert_eq!((&failure.kind, failure.exit_code()), (&Kind::Conflict, 6));
        assert!(failure.cause.contains(raw(theirs.version.as_ref())), "{}", failure.cause);
        assert!(failure.cause.contains("made 2026-11-21 05:02 UTC"), "{}", failure.cause);
    }
    assert!(stage.asked(before).iter().all(|line| line.starts_with("GET")));
    let gone = stage.cloud.set_secret(&vault, new("no-such", "x"), Expect::Version("0a".into())).await;
    assert_eq!(gone.expect_err("not there").cause, "it is not there any more");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_writes_between_our_look_and_our_write_is_told() -> Result {
    let stage = stage("")?;
    let other = another(&stage)?;
    let vault = stage.vault("kv-tiny")?;
    // Both look before either writes: each answer takes a second, and the second one sets out a little later.
    stage.demo.latency(Duration::from_secs(1));
    stage.cloud.versions(&vault, &name("api-key")).await?;
    other.cloud.versions(&vault, &name("api-key")).await?;
    let ours = stage.cloud.set_secret(&vault, new("api-key", "ours"), Expect::Anything);
    let theirs = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        other.cloud.set_secret(&vault, new("api-key", "theirs"), Expect::Anything).await
    };
    let (ours, theirs) = tokio::join!(ours, theirs);
    let (ours, theirs) = (ours?, theirs?);
    assert_eq!(ours.before, theirs.before);
    let overtaken = ours.overtaken.ok_or("we were overtaken")?;
    assert_eq!(Some(overtaken.version), theirs.secret.version);
    assert!(overtaken.created.is_some());
    assert_eq!(theirs.overtaken.map(|by| by.version), ours.secret.version);
    assert_eq!(stage.cloud.versions(&vault, &name("api-key")).await?.len(), 3, "nothing is lost");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_may_not_look_writes_and_is_told_so() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-prod")?;
    let before = stage.demo.log().len();
    let done = stage.cloud.set_secret(&vault, new("db-password", "next"), Expect::Anything).await?;
    assert!(!done.looked && done.before.is_none() && done.overtaken.is_none());
    assert_eq!(stage.asked(before), ["GET /secrets/db-password/versions", "PUT /secrets/db-password"]);
    let expect = Expect::Version("0a".into());
    let failure = stage.cloud.set_secret(&vault, new("db-password", "x"), expect).await.expect_err("unchecked");
    assert_eq!(denied(&failure).may_not, "set db-password in kv-prod");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn limits_are_said_before_anything_is_sent() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-empty")?;
    let tags = |count: usize| Some((0..count).map(|n| (Untrusted::from(n.to_string()), "v".into())).collect());
    let long = NewSecret { value: Sealed::new("x".repeat(25_601)), ..new("a", "") };
    let many = NewSecret { tags: tags(16), ..new("a", "x") };
    let wide = NewSecret { content_type: Some("x".repeat(256).into()), ..new("a", "x") };
    for (bad, cause) in [
        (long, "the value has 25601 bytes; a vault takes 25600"),
        (many, "it would have 16 tags; a vault takes 15"),
        (wide, "the type has 256 characters; a vault takes 255"),
    ] {
        let failure = stage.cloud.set_secret(&vault, bad, Expect::Anything).await.expect_err(cause);
        assert_eq!((failure.kind, failure.cause.as_str()), (Kind::Misused, cause));
    }
    assert!(stage.demo.log().is_empty());
    let most = NewSecret { value: Sealed::new("x".repeat(25_600)), tags: tags(15), ..new("a", "") };
    stage.cloud.set_secret(&vault, most, Expect::Absent).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_certificate_s_secret_is_not_set() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-vision")?;
    let before = stage.demo.log().len();
    let failure =
        stage.cloud.set_secret(&vault, new("cert-gateway", "x"), Expect::Anything).await.expect_err("managed");
    assert_eq!(failure.cause, "a certificate keeps it, and it changes with that certificate only");
    assert!(stage.asked(before).iter().all(|line| line.starts_with("GET")));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_refused_write_is_no_write() -> Result {
    let stage = stage("")?;
    let vault = stage.vault("kv-tiny")?;
    stage.demo.fail_next("PUT /secrets", Fault::Status(403));
    let failure = stage.cloud.set_secret(&vault, new("api-key", "x"), Expect::Anything).await.expect_err("refused");
    assert_eq!(raw(denied(&failure).action.as_ref()), "Microsoft.KeyVault/vaults/secrets/setSecret/action");
    stage.demo.fail_next("PUT /secrets", Fault::Status(429));
    let failure = stage.cloud.set_secret(&vault, new("api-key", "x"), Expect::Anything).await.expect_err("throttled");
    assert!(matches!(failure.kind, Kind::TryLater(_)), "{failure:?}");
    assert_eq!(stage.cloud.versions(&vault, &name("api-key")).await?.len(), 1);
    Ok(())
}
