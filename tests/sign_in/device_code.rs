//! A code here, a browser elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use amlock::cloud::{SignIn, Told};
use amlock::demo::Policy;
use amlock::domain::{AccountKind, DeviceCode, Kind, TenantId};
use azure_core::http::HttpClient as _;
use tokio::time::Instant;

use super::{Stage, at_home};

pub(crate) fn way(tenant: Option<TenantId>) -> SignIn {
    SignIn::DeviceCode { tenant }
}

#[tokio::test(start_paused = true)]
async fn a_code_signs_in_and_one_login_opens_everything() {
    let stage = Stage::new("");
    let mut codes: Vec<DeviceCode> = Vec::new();
    let tenant = stage.tenant("contoso.com");
    let signed = stage.cloud.sign_in(way(Some(tenant)), &mut |told: Told| codes.extend(told.code())).await;
    let account = signed.expect("signed in");
    assert_eq!((account.kind, account.name.raw(), codes.len()), (AccountKind::User, "alex@contoso.com", 1));
    stage.opens_everything(&account).await;
    // Asked of Entra by the Azure CLI's public application, and by the address alone: no code travels in one.
    let asked = stage.sent("/devicecode");
    assert_eq!(asked[0].field("client_id"), Some("04b07795-8ddb-461a-bbee-02f9e1bf7b46"));
    assert!(stage.sent("").iter().all(|sent| !sent.url.contains("DEMO-")), "nothing secret in an address");
}

#[tokio::test(start_paused = true)]
async fn a_poll_too_early_is_slowed_down_and_still_signs_in() {
    let stage = Stage::new("");
    // Somebody else asks with the same code a second after the first time, so that the next time is too early.
    let demo = Arc::clone(&stage.demo);
    let meddled = AtomicBool::new(false);
    stage.change(move |request| {
        let polls = super::form(request).iter().any(|(name, _)| name == "device_code");
        if polls && !meddled.swap(true, Ordering::Relaxed) {
            let (demo, early) = (Arc::clone(&demo), request.clone());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let _ = demo.execute_request(&early).await;
            });
        }
    });
    let began = Instant::now();
    stage.sign_in(way(None)).await.expect("signed in");
    assert!(began.elapsed() >= Duration::from_secs(2 + 2 + 7), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_no_says_that_it_was_declined() {
    let stage = Stage::new("declined");
    stage.refused(way(None), "AADSTS70017", "declined").await;
    assert!(stage.cloud.accounts().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_code_that_nobody_types_runs_out() {
    let stage = Stage::new("away");
    let began = Instant::now();
    let failure = stage.sign_in(way(None)).await.expect_err("too late");
    assert!(failure.cause.contains("expired") && failure.kind == Kind::SignedOut, "{failure:?}");
    assert!((895..=905).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let asked = stage.sent("").len();
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(stage.sent("").len(), asked, "nobody asks any more");
}

#[tokio::test(start_paused = true)]
async fn a_tenants_rules_are_told_each_in_its_own_words() {
    let stage = Stage::new("guest");
    stage.refused(way(Some(stage.tenant("litware.com"))), "AADSTS65001", "consented").await;
    stage.refused(way(Some(stage.tenant("proseware.com"))), "AADSTS53003", "Conditional Access").await;
    // Whoever sits before the page proves what it asks for.
    let adatum = stage.tenant("adatum.com");
    let account = stage.sign_in(way(Some(adatum.clone()))).await.expect("with more proof");
    assert_eq!((account.name.raw(), &account.tenant), ("alex@contoso.com", &adatum));
    assert!(stage.cloud.token(&at_home(&account), super::VAULT).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_not_there_is_told_before_any_code_is_shown() {
    let stage = Stage::new("");
    let mut told = 0;
    let failure = stage.cloud.sign_in(way(Some(super::tenant("nobody.contoso.com"))), &mut |_| told += 1).await;
    super::told(&failure.expect_err("no such tenant"), "AADSTS90002", "no such tenant");
    assert_eq!(told, 0);
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_comes_while_the_code_is_typed_counts() {
    let stage = Stage::new("");
    let demo = Arc::clone(&stage.demo);
    let signing = stage.cloud.sign_in(way(None), &mut |_| demo.set_policy("fabrikam.com", Policy::Blocked)).await;
    super::told(&signing.expect_err("blocked"), "AADSTS53003", "Conditional Access");
}
