//! A remembered login that became somebody else's, kept as theirs: what the next start finds in the keyring.

use std::sync::Arc;

use azure_core::http::HttpClient;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;
use crate::cloud::Transport;
use crate::cloud::scripted::{Scripted, Step, TENANT, answer, clock};
use crate::cloud::sign_in::keyring::Keyring;
use crate::cloud::sign_in::keyring::tests::{forgetful, in_memory};
use crate::domain::{TenantId, Untrusted, Who};

const VAULT: &str = "https://vault.azure.net";
const ML: &str = "https://ml.azure.com";

/// What sign-in answers for a refresh token: a token of Sam's in some tenant, and the refresh token that follows.
fn grant(tid: &str, next: &str) -> Step {
    let claims = json!({"tid": tid, "oid": "sam-oid", "upn": "sam@contoso.com", "idtyp": "user"});
    let token = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let grant = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": token, "refresh_token": next});
    answer(200, &grant.to_string())
}

/// A start of amlock that has this keyring.
fn start(keyring: &Keyring, steps: Vec<Step>) -> (Cloud, Arc<Scripted>) {
    let client = Scripted::steps(steps);
    let heard: Arc<dyn HttpClient> = Arc::clone(&client) as Arc<dyn HttpClient>;
    let cloud = Cloud { keyring: keyring.clone(), ..Cloud::new(Transport::of(&heard), clock(), false) };
    cloud.find_remembered();
    (cloud, client)
}

fn tenant() -> TenantId {
    TenantId::parse(TENANT).expect("a tenant")
}

fn alex() -> Remembered {
    Remembered {
        id: account_id("alex-oid", &tenant()).as_str().to_owned(),
        name: "alex@contoso.com".into(),
        object_id: "alex-oid".into(),
        tenant: tenant(),
        cloud: "AzureCloud".to_owned(),
        refresh_token: Sealed::new("r-1".to_owned()),
    }
}

fn only(cloud: &Cloud) -> (Account, Who) {
    let [account] = &cloud.accounts()[..] else { panic!("{:?}", cloud.accounts()) };
    (account.clone(), Who { account: account.id.clone(), tenant: account.tenant.clone() })
}

fn entry(keyring: &Keyring) -> (String, String, Sealed) {
    let login = keyring.all().pop().expect("remembered");
    (login.name.raw().to_owned(), login.object_id.raw().to_owned(), login.refresh_token)
}

#[tokio::test(start_paused = true)]
async fn a_login_kept_as_somebody_else_s_is_theirs_at_the_next_start_too() {
    let keyring = in_memory();
    assert!(keyring.remember(&alex()));
    let (cloud, _) = start(&keyring, vec![grant(TENANT, "r-2"), grant(TENANT, "r-3")]);
    let (_, who) = only(&cloud);
    cloud.token(&who, VAULT).await.expect_err("it is Sam's");
    let kept = cloud.keep_stranger(&who.account).expect("kept");
    assert_eq!((kept.name.raw(), kept.kept), ("sam@contoso.com", Kept::Keyring));
    let (name, object_id, token) = entry(&keyring);
    assert_eq!((name.as_str(), object_id.as_str()), ("sam@contoso.com", "sam-oid"));
    assert!(token.same(&Sealed::new("r-2".to_owned())), "the newest one, whoever brought it");

    // What follows is remembered as Sam's, too.
    cloud.token(&who, VAULT).await.expect("a token");
    let (name, object_id, token) = entry(&keyring);
    assert_eq!((name.as_str(), object_id.as_str()), ("sam@contoso.com", "sam-oid"));
    assert!(token.same(&Sealed::new("r-3".to_owned())));

    let (next, client) = start(&keyring, vec![grant(TENANT, "r-4")]);
    let (account, who) = only(&next);
    assert_eq!((account.name.raw(), account.kept), ("sam@contoso.com", Kept::Keyring));
    next.token(&who, VAULT).await.expect("nothing is asked again");
    assert_eq!(client.heard().len(), 1);
    assert!(keyring.forget(&who.account), "under the id it had");
}

#[tokio::test(start_paused = true)]
async fn what_another_tenant_calls_them_is_not_remembered_as_their_id_at_home() {
    let keyring = in_memory();
    assert!(keyring.remember(&Remembered { object_id: Untrusted::default(), ..alex() }));
    let elsewhere = TenantId::parse("22222222-0000-4000-8000-000000000001").expect("a tenant");
    let (cloud, _) = start(&keyring, vec![grant(elsewhere.as_str(), "r-2"), grant(TENANT, "r-3")]);
    let (account, home) = only(&cloud);
    assert_eq!(account.object_id, None, "an entry without one pins to nobody");
    let who = Who { account: home.account.clone(), tenant: elsewhere.clone() };
    let tokens = cloud.accounts.put(
        account,
        UserLogins::new(cloud.entra.clone(), Sealed::new("r-1".to_owned()), None),
        cloud.clock,
    );
    tokens.pin(&elsewhere, &Identity { oid: Some("alex-there".to_owned()), ..Identity::default() });
    cloud.token(&who, VAULT).await.expect_err("it is Sam's");
    cloud.keep_stranger(&who.account).expect("kept");
    assert_eq!(entry(&keyring).1, "", "the first token at home tells it");
    cloud.token(&home, ML).await.expect("a token");
    assert_eq!(only(&cloud).0.object_id.as_ref().map(Untrusted::raw), Some("sam-oid"));
}

#[tokio::test(start_paused = true)]
async fn where_the_keyring_does_not_take_it_the_login_lives_in_this_process() {
    let keyring = forgetful();
    let (cloud, _) = start(&keyring, vec![grant(TENANT, "r-2"), grant(TENANT, "r-3")]);
    let account = user(&alex(), AccountId::parse(&alex().id).expect("an id"), Kept::Keyring);
    cloud.put_user(account, Sealed::new("r-1".to_owned()));
    let (_, who) = only(&cloud);
    cloud.token(&who, VAULT).await.expect_err("it is Sam's");
    let kept = cloud.keep_stranger(&who.account).expect("kept");
    assert_eq!((kept.name.raw(), kept.kept), ("sam@contoso.com", Kept::Memory));
    assert_eq!(only(&cloud).0.kept, Kept::Memory);
    assert!(keyring.all().is_empty());
    cloud.token(&who, VAULT).await.expect("it goes on here");
}
