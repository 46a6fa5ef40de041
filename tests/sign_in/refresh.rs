//! A login that goes on: rotation, revocation, other tenants with rules of their own, services that want more (CAE).

use std::time::Duration;

use amlock::demo::Ended;
use amlock::domain::{Kind, Untrusted, Who};

use super::device_code::way;
use super::{ARM, ML, Stage, VAULT, at_home, told};

#[tokio::test(start_paused = true)]
async fn the_newest_refresh_token_is_kept_and_the_others_are_never_used_again() {
    let stage = Stage::new("");
    let account = stage.sign_in(way(None)).await.expect("signed in");
    for resource in [VAULT, ML, "https://graph.microsoft.com"] {
        stage.demo.spend_refresh_tokens();
        stage.cloud.token(&at_home(&account), resource).await.expect(resource);
    }
    let sent = stage.sent("/token");
    let used: Vec<_> = sent.iter().filter_map(|sent| sent.field("refresh_token")).collect();
    assert_eq!(used.len(), 3);
    assert!(used[0] != used[1] && used[1] != used[2] && used[0] != used[2], "each is used once");
    // The demo would have refused an older one.
    let first = used[0].to_owned();
    stage.change(move |request| super::with_field(request, "refresh_token", Some(&first)));
    let failure = stage.cloud.token(&at_home(&account), "https://storage.azure.com").await.expect_err("spent");
    told(&failure, "AADSTS700082", "not used for too long");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_ended_says_why_and_a_new_one_goes_on() {
    for (why, code, words) in [
        (Ended::Unused, "AADSTS700082", "not used for too long"),
        (Ended::PasswordChanged, "AADSTS50173", "password has changed"),
        (Ended::TooOld, "AADSTS70043", "limits how long"),
    ] {
        let stage = Stage::new("");
        let alex = stage.alex();
        stage.demo.end_login("alex@contoso.com", why);
        let failure = stage.cloud.subscriptions(&at_home(&alex)).await.expect_err("ended");
        told(&failure, code, words);
        assert_eq!(failure.kind, Kind::SignedOut);
        assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains("sign in")), "{failure:?}");
        let account = stage.sign_in(way(None)).await.expect("anew");
        assert_eq!(account.name.raw(), "alex@contoso.com");
        stage.opens_everything(&account).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_lives_goes_on_serving_after_its_login_was_revoked() {
    let stage = Stage::new("");
    let alex = stage.alex();
    stage.cloud.token(&at_home(&alex), ARM).await.expect("a token");
    stage.demo.revoke("alex@contoso.com");
    stage.cloud.subscriptions(&at_home(&alex)).await.expect("the old one lives");
    let failure = stage.cloud.token(&at_home(&alex), VAULT).await.expect_err("no new one");
    told(&failure, "AADSTS700082", "not used for too long");
}

#[tokio::test(start_paused = true)]
async fn one_login_opens_the_tenants_that_let_a_guest_in_and_names_the_one_that_wants_more() {
    let stage = Stage::new("guest");
    let alex = stage.alex();
    let at = |domain: &str| Who { account: alex.id.clone(), tenant: stage.tenant(domain) };
    let tenants = stage.cloud.tenants(&at_home(&alex)).await.expect("tenants");
    assert_eq!(tenants.len(), 5);
    // No new sign-in: the same refresh token, the other tenant's address.
    let theirs = stage.cloud.subscriptions(&at("fabrikam.com")).await.expect("as a guest");
    assert_eq!(theirs.iter().map(|one| one.name.raw()).collect::<Vec<_>>(), ["Fabrikam AI"]);
    let failure = stage.cloud.subscriptions(&at("adatum.com")).await.expect_err("more proof");
    told(&failure, "AADSTS50076", "multi-factor");
    let adatum = stage.tenant("adatum.com");
    assert!(failure.cause.contains(adatum.as_str()), "the tenant is named: {failure:?}");
    assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains(adatum.as_str())), "{failure:?}");
    let failure = stage.cloud.subscriptions(&at("litware.com")).await.expect_err("consent");
    told(&failure, "AADSTS65001", "consented");
    let failure = stage.cloud.subscriptions(&at("proseware.com")).await.expect_err("blocked");
    told(&failure, "AADSTS53003", "Conditional Access");
    // What one tenant wants is nothing to the others, and one sign-in to it is enough.
    stage.cloud.subscriptions(&at_home(&alex)).await.expect("at home all goes on");
    let again = stage.sign_in(way(Some(adatum))).await.expect("with more proof");
    assert_eq!(again.id, alex.id, "it is the same account");
    assert_eq!(stage.cloud.accounts().len(), 1);
    for domain in ["adatum.com", "contoso.com", "fabrikam.com"] {
        assert!(stage.cloud.token(&at(domain), VAULT).await.is_ok(), "{domain}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_does_not_know_the_user_says_so() {
    let stage = Stage::new("");
    let alex = stage.alex();
    let who = Who { account: alex.id.clone(), tenant: stage.tenant("fabrikam.com") };
    let failure = stage.cloud.subscriptions(&who).await.expect_err("no guest");
    told(&failure, "AADSTS50020", "the user is not in");
    stage.demo.invite("alex@contoso.com", "fabrikam.com");
    assert_eq!(stage.cloud.subscriptions(&who).await.expect("invited").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_wants_more_is_answered_once_with_its_own_claims() {
    let stage = Stage::new("challenged");
    let alex = stage.alex();
    let found = stage.cloud.subscriptions(&at_home(&alex)).await.expect("answered");
    assert_eq!(found.len(), 3);
    let asked = stage.sent("/token");
    assert_eq!(asked.len(), 2, "one token, and one more with the claims");
    assert_eq!(asked[0].field("claims"), None);
    assert_eq!(asked[1].field("claims"), Some(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#));
    // The new token serves from now on, here.
    stage.cloud.subscriptions(&at_home(&alex)).await.expect("again");
    assert_eq!(stage.sent("/token").len(), 2);
    // A vault asks for itself.
    let vault = stage.cloud.vault_by_name(&at_home(&alex), "kv-vision").expect("a vault");
    stage.cloud.secrets(&vault, &mut |_| ()).await.expect("answered");
    let asked = stage.sent("/token").split_off(2);
    assert_eq!(asked.len(), 2);
    assert!(asked[1].field("claims").is_some_and(|claims| claims.contains("acrs")));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_no_token_satisfies_is_not_asked_for_ever() {
    let stage = Stage::new("challenged");
    let alex = stage.alex();
    // Somebody on the way loses the claims, so that every new token is as poor as the one before.
    stage.change(|request| super::with_field(request, "claims", None));
    let failure = stage.cloud.subscriptions(&at_home(&alex)).await.expect_err("never enough");
    assert_eq!((failure.kind.clone(), failure.exit_code()), (Kind::SignedOut, 3), "{failure:?}");
    assert!(failure.hint.is_some(), "{failure:?}");
    assert_eq!((stage.sent("/token").len(), stage.sent("management.azure.com").len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_wish_that_the_login_cannot_fulfil_ends_in_words() {
    let stage = Stage::new("challenged");
    let alex = stage.alex();
    stage.cloud.token(&at_home(&alex), ARM).await.expect("a token, a poor one");
    stage.demo.end_login("alex@contoso.com", Ended::PasswordChanged);
    let failure = stage.cloud.subscriptions(&at_home(&alex)).await.expect_err("revoked meanwhile");
    told(&failure, "AADSTS50173", "password has changed");
}

#[tokio::test(start_paused = true)]
async fn what_a_token_says_of_itself_is_read() {
    let stage = Stage::new("");
    let alex = stage.alex();
    let claims = stage.cloud.claims(&at_home(&alex)).await.expect("claims");
    assert_eq!(claims.upn.as_deref(), Some("alex@contoso.com"));
    assert_eq!(claims.tid.as_deref(), Some(alex.tenant.as_str()));
    assert_eq!(claims.oid.as_deref(), alex.object_id.as_ref().map(Untrusted::raw));
    assert_eq!(claims.scp.as_deref(), Some("user_impersonation"));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_turns_out_to_be_somebody_elses_is_not_used() {
    let stage = Stage::new("");
    let alex = stage.alex();
    stage.cloud.token(&at_home(&alex), ARM).await.expect("alex's own");
    stage.demo.mistake("alex@contoso.com", "alex@fabrikam.com");
    tokio::time::sleep(Duration::from_hours(2)).await;
    let asked = stage.sent("management.azure.com").len();
    let failure = stage.cloud.subscriptions(&at_home(&alex)).await.expect_err("somebody else's");
    assert_eq!((failure.kind.clone(), failure.exit_code()), (Kind::SignedOut, 3), "{failure:?}");
    assert!(failure.cause.contains("somebody else"), "{failure:?}");
    assert_eq!(stage.sent("management.azure.com").len(), asked, "nothing was asked in their name");
}
