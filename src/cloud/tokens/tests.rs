//! The token cache under a paused clock: one request in flight, renewed ahead, and nobody waits who need not.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::cloud::scripted::{Mint, Shared, TENANT, clock};

const ARM: &str = "https://management.azure.com/.default";
const VAULT: &str = "https://vault.azure.net/.default";

fn tenant() -> TenantId {
    TenantId::parse(TENANT).expect("a tenant")
}

fn cache(change: impl FnOnce(&mut Mint)) -> (Arc<CachedCredential>, Arc<Mint>) {
    let clock = clock();
    let mut mint = Mint::new(clock);
    change(&mut mint);
    let mint = Arc::new(mint);
    (CachedCredential::new(Arc::new(Shared(Arc::clone(&mint))), clock), mint)
}

#[tokio::test(start_paused = true)]
async fn many_askers_are_one_request_and_other_keys_do_not_wait() {
    let (cache, mint) = cache(|mint| mint.takes = Duration::from_secs(2));
    let began = tokio::time::Instant::now();
    let tenant = tenant();
    let arm = (0..10).map(|_| cache.get(&tenant, ARM));
    let vault = (0..10).map(|_| cache.get(&tenant, VAULT));
    let tokens = futures_util::future::join_all(arm.chain(vault)).await;
    assert!(tokens.iter().all(Result::is_ok));
    assert_eq!((mint.minted(), began.elapsed().as_secs()), (2, 2));
    assert!(tokens.iter().flatten().all(|token| !format!("{token:?}").contains("token-")));
}

#[tokio::test(start_paused = true)]
async fn a_bad_answer_is_shared_and_not_kept() {
    let (cache, mint) = cache(|mint| (mint.takes, mint.fails_from) = (Duration::from_secs(3), 1));
    let tenant = tenant();
    let began = tokio::time::Instant::now();
    let tokens = futures_util::future::join_all((0..10).map(|_| cache.get(&tenant, ARM))).await;
    assert!(tokens.iter().all(Result::is_err));
    assert_eq!((mint.minted(), began.elapsed().as_secs()), (1, 3));
    assert!(cache.get(&tenant, ARM).await.is_err());
    assert_eq!(mint.minted(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_does_not_stop_the_others() {
    let (cache, mint) = cache(|mint| mint.takes = Duration::from_secs(5));
    let tenant = tenant();
    let first = tokio::time::timeout(Duration::from_secs(1), cache.get(&tenant, ARM));
    let (first, second) = tokio::join!(first, cache.get(&tenant, ARM));
    assert!(first.is_err() && second.is_ok());
    assert_eq!(mint.minted(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_ahead_and_serves_meanwhile() {
    let (cache, mint) = cache(|mint| mint.takes = Duration::from_secs(4));
    let tenant = tenant();
    let first = cache.get(&tenant, ARM).await.expect("a token");
    tokio::time::sleep(Duration::from_secs(3600 - 5 * 60 - 10)).await;
    assert!(Arc::ptr_eq(&first, &cache.get(&tenant, ARM).await.expect("a token")));
    tokio::time::sleep(Duration::from_secs(20)).await;
    let began = tokio::time::Instant::now();
    assert!(Arc::ptr_eq(&first, &cache.get(&tenant, ARM).await.expect("the old one, at once")));
    assert_eq!((began.elapsed(), mint.minted()), (Duration::ZERO, 1));
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!Arc::ptr_eq(&first, &cache.get(&tenant, ARM).await.expect("the new one")));
    assert_eq!(mint.minted(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_old_token_serves_while_it_lives_and_renewing_fails() {
    let (cache, mint) = cache(|mint| mint.fails_from = 2);
    let tenant = tenant();
    let first = cache.get(&tenant, ARM).await.expect("a token");
    tokio::time::sleep(Duration::from_mins(59)).await;
    for _ in 0..20 {
        assert!(Arc::ptr_eq(&first, &cache.get(&tenant, ARM).await.expect("the old one")));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(mint.minted(), 2); // one try, then a rest
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(cache.get(&tenant, ARM).await.expect_err("it has ended").kind, Kind::Offline);
}

#[tokio::test(start_paused = true)]
async fn one_refused_token_is_replaced_once_for_all() {
    let (cache, mint) = cache(|mint| mint.takes = Duration::from_secs(1));
    let tenant = tenant();
    let stale = cache.get(&tenant, ARM).await.expect("a token");
    let renewed = futures_util::future::join_all((0..5).map(|_| cache.renew(&tenant, ARM, &stale, None))).await;
    assert!(renewed.iter().all(|token| token.as_ref().is_ok_and(|token| !Arc::ptr_eq(token, &stale))));
    assert_eq!(mint.minted(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_login_does_not_become_somebody_elses() {
    // {"oid":"a"} and {"oid":"b"}
    let (cache, mint) =
        cache(|mint| mint.reads = |n| format!("e30.{}.x", if n < 3 { "eyJvaWQiOiJhIn0" } else { "eyJvaWQiOiJiIn0" }));
    let tenant = tenant();
    let first = cache.get(&tenant, ARM).await.expect("a token");
    assert_eq!(first.identity.oid.as_deref(), Some("a"));
    let second = cache.renew(&tenant, ARM, &first, None).await.expect("the same person");
    for _ in 0..2 {
        assert_eq!(cache.renew(&tenant, ARM, &second, None).await.expect_err("another one").kind, Kind::SignedOut);
    }
    assert_eq!(mint.minted(), 4);
}

#[tokio::test(start_paused = true)]
async fn whoever_a_login_became_is_used_for_no_service_before_that_was_accepted() {
    let (cache, mint) =
        cache(|mint| mint.reads = |n| format!("e30.{}.x", if n < 2 { "eyJvaWQiOiJhIn0" } else { "eyJvaWQiOiJiIn0" }));
    let tenant = tenant();
    cache.get(&tenant, ARM).await.expect("a token");
    assert!(cache.get(&tenant, VAULT).await.is_err(), "another service, the same person");
    assert!(cache.get(&tenant, ARM).await.is_err(), "and what was good before is not used beside it");
    assert_eq!(cache.stranger().and_then(|claims| claims.oid).as_deref(), Some("b"));
    cache.accept();
    let token = cache.get(&tenant, ARM).await.expect("a new one");
    assert_eq!((token.identity.oid.as_deref(), mint.minted()), (Some("b"), 3));
    assert!(cache.stranger().is_none());
}
