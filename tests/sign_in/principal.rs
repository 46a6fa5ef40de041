//! Service principals: a secret, a certificate, another issuer's token.

use std::path::PathBuf;

use amlock::cloud::{Certificate, Proof, SignIn};
use amlock::demo::{DemoCloud, Policy};
use amlock::domain::{AccountKind, ClientId, Kind, Sealed, TenantId};
use jiff::SignedDuration;

use super::{Stage, at_home, with_field};

macro_rules! file {
    ($name:literal) => {
        &include_bytes!(concat!("../fixtures/certificates/", $name))[..]
    };
}

/// The job that `ml-auth` trusts.
pub(crate) const JOB: &str = "system:serviceaccount:ml:train";

pub(crate) fn secret(stage: &Stage, name: &str) -> SignIn {
    let (tenant, client_id, secret) = stage.application(name);
    SignIn::Principal { tenant, client_id, proof: Proof::Secret(Sealed::new(secret)) }
}

pub(crate) fn certificate(stage: &Stage, bytes: &[u8], password: Option<&str>) -> SignIn {
    let (tenant, client_id, _) = stage.application("ml-auth");
    let password = password.map(|text| Sealed::new(text.to_owned()));
    let certificate = Certificate::read(bytes, password.as_ref(), false).expect("a certificate");
    SignIn::Principal { tenant, client_id, proof: Proof::Certificate(Box::new(certificate)) }
}

pub(crate) fn pem(stage: &Stage) -> SignIn {
    certificate(stage, file!("principal.pem"), None)
}

fn pem_in(stage: &Stage, tenant: TenantId) -> SignIn {
    let SignIn::Principal { client_id, proof, .. } = pem(stage) else { panic!("a principal") };
    SignIn::Principal { tenant, client_id, proof }
}

/// A file with a token in it, gone with the test.
pub(crate) struct TokenFile(pub(crate) PathBuf);

impl TokenFile {
    pub(crate) fn new(token: &str) -> Self {
        let file = std::env::temp_dir().join(format!("amlock-federated-{}", uuid::Uuid::new_v4()));
        std::fs::write(&file, token).expect("written");
        Self(file)
    }

    pub(crate) fn of(demo: &DemoCloud, subject: &str) -> Self {
        Self::new(&demo.federated_token(subject))
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

pub(crate) fn federated(stage: &Stage, file: &TokenFile) -> SignIn {
    let (tenant, client_id, _) = stage.application("ml-auth");
    SignIn::Principal { tenant, client_id, proof: Proof::FederatedToken(file.0.clone()) }
}

#[tokio::test(start_paused = true)]
async fn a_secret_a_certificate_and_a_federated_token_open_everything() {
    let stage = Stage::new("");
    let file = TokenFile::of(&stage.demo, JOB);
    let ways = [
        secret(&stage, "ml-auth"),
        pem(&stage),
        certificate(&stage, file!("principal.pfx"), Some("demo-only")),
        federated(&stage, &file),
    ];
    for way in ways {
        let named = format!("{way:?}");
        let account = stage.sign_in(way).await.unwrap_or_else(|failure| panic!("{named}: {failure:?}"));
        assert_eq!(account.kind, AccountKind::Principal, "{named}");
        assert!(account.object_id.is_some(), "{named}");
        stage.opens_everything(&account).await;
        assert!(stage.cloud.sign_out(&account.id).expect("signed out"));
    }
    // Nothing of what proves them is in an address, and only secrets travel as secrets.
    for sent in stage.sent("/token") {
        assert!(sent.field("client_secret").is_some() != sent.field("client_assertion").is_some(), "{}", sent.url);
        assert!(!sent.url.contains('?'), "{}", sent.url);
    }
}

#[tokio::test(start_paused = true)]
async fn an_assertion_is_of_its_own_moment_and_good_for_ten_minutes() {
    let stage = Stage::new("");
    let account = stage.sign_in(pem(&stage)).await.expect("signed in");
    stage.cloud.token(&at_home(&account), super::VAULT).await.expect("one more");
    let sent = stage.sent("/token");
    let assertions: Vec<_> = sent.iter().filter_map(|sent| sent.field("client_assertion")).collect();
    assert_eq!(assertions.len(), 2);
    assert_ne!(assertions[0], assertions[1], "each is made anew");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_prove_it_is_refused_each_in_its_own_words() {
    let stage = Stage::new("");
    let (tenant, client_id, _) = stage.application("ml-auth");
    let with = |tenant: &TenantId, client_id: &ClientId, secret: &str| SignIn::Principal {
        tenant: tenant.clone(),
        client_id: client_id.clone(),
        proof: Proof::Secret(Sealed::new(secret.to_owned())),
    };
    let failure = stage.refused(with(&tenant, &client_id, "wr0ng"), "AADSTS7000215", "client secret is wrong").await;
    assert!(!format!("{failure:?}").contains("wr0ng"));
    stage.refused(secret(&stage, "ml-auth-old"), "AADSTS7000222", "client secret has expired").await;
    let stranger = ClientId::parse("00000000-0000-0000-0000-000000000001").expect("an id");
    stage.refused(with(&tenant, &stranger, "s"), "AADSTS700016", "no such application").await;
    let fabrikam = stage.tenant("fabrikam.com");
    stage.refused(with(&fabrikam, &client_id, "s"), "AADSTS700016", "no such application").await;
    let nowhere = super::tenant("nobody.contoso.com");
    stage.refused(with(&nowhere, &client_id, "s"), "AADSTS90002", "no such tenant").await;
    stage.demo.set_policy("contoso.com", Policy::Blocked);
    stage.refused(secret(&stage, "ml-auth"), "AADSTS53003", "Conditional Access").await;
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_not_registered_or_whose_key_did_not_sign_is_refused() {
    let stage = Stage::new("");
    stage.demo.register_certificates("ml-auth", &[]);
    stage.denied(pem(&stage), "AADSTS700027", "not registered").await;
    // The certificate is known, the signature is another's: one letter of it is changed on the way.
    let stage = Stage::new("");
    stage.change(|request| {
        let form = super::form(request);
        let Some((_, assertion)) = form.into_iter().find(|(name, _)| name == "client_assertion") else { return };
        let (signed, signature) = assertion.rsplit_once('.').expect("signed");
        let other = if signature.starts_with('A') { 'B' } else { 'A' };
        with_field(request, "client_assertion", Some(&format!("{signed}.{other}{}", &signature[1..])));
    });
    stage.denied(pem(&stage), "AADSTS700027", "failed signature validation").await;
    // It was made for another tenant's endpoint.
    let stage = Stage::new("");
    let elsewhere = stage.demo.tenant("fabrikam.com").expect("a tenant");
    let here = stage.demo.tenant("contoso.com").expect("a tenant");
    stage.demo.register_certificates("ml-auth", &[&leaf()]);
    let way = pem_in(&stage, super::tenant("contoso.com"));
    assert!(stage.sign_in(way).await.is_ok(), "a tenant's domain names it as well as its id");
    stage.change(move |request| {
        let url = request.url().as_str().replace(&elsewhere, &here);
        *request.url_mut() = url.parse().expect("an address");
    });
    let way = pem_in(&stage, stage.tenant("fabrikam.com"));
    stage.denied(way, "AADSTS700023", "Audience").await;
}

/// The registered certificate, DER.
fn leaf() -> Vec<u8> {
    let pem = std::str::from_utf8(file!("principal.pem")).expect("text");
    let body = pem.split("-----BEGIN CERTIFICATE-----").nth(1).and_then(|rest| rest.split("-----END").next());
    let text: String = body.expect("a certificate").split_whitespace().collect();
    base64::Engine::decode(&base64::prelude::BASE64_STANDARD, text).expect("base64")
}

#[tokio::test(start_paused = true)]
async fn an_assertion_made_by_a_wrong_clock_is_refused() {
    for (minutes, fine) in [(0, true), (-4, true), (20, false), (-20, false)] {
        let stage = Stage::new("");
        stage.demo.jump(SignedDuration::from_mins(minutes));
        let signed = stage.sign_in(pem(&stage)).await;
        assert_eq!(signed.is_ok(), fine, "{minutes} min: {signed:?}");
        if let Err(failure) = signed {
            super::said(&failure, "AADSTS700024", "valid time range");
            // The answer's own date tells what is wrong.
            assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains("clock")), "{failure:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_federated_token_of_somebody_else_or_of_yesterday_is_refused() {
    let stage = Stage::new("");
    let other = TokenFile::of(&stage.demo, "system:serviceaccount:ml:serve");
    stage.denied(federated(&stage, &other), "AADSTS700213", "No matching federated identity").await;
    let good = stage.demo.federated_token(JOB);
    let forged = TokenFile::new(&format!("{good}A"));
    stage.denied(federated(&stage, &forged), "AADSTS50013", "failed signature validation").await;
    let old = TokenFile::new(&good);
    stage.demo.jump(SignedDuration::from_hours(2));
    stage.denied(federated(&stage, &old), "AADSTS700024", "valid time range").await;
    // The file is read anew each time: who writes a fresh one is let in.
    std::fs::write(&old.0, stage.demo.federated_token(JOB)).expect("written");
    assert!(stage.sign_in(federated(&stage, &old)).await.is_ok());
    let gone = TokenFile::new("");
    let failure = stage.sign_in(federated(&stage, &gone)).await.expect_err("empty");
    assert!(failure.cause.contains("no file with a token") && failure.kind == Kind::SignedOut, "{failure:?}");
    // A file named by mistake stays here.
    let sent = stage.sent("/token").len();
    for text in ["AccountKey=abcdef.ghi.jkl", "-----BEGIN PRIVATE KEY-----", "a.b", "eyJhbGciOiJSUzI1NiJ9..x"] {
        let failure = stage.sign_in(federated(&stage, &TokenFile::new(text))).await.expect_err(text);
        assert!(failure.cause.contains("no token of an issuer's") && !failure.cause.contains(text), "{failure:?}");
        assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("--federated-token")), "{failure:?}");
    }
    assert_eq!(stage.sent("/token").len(), sent);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_was_good_and_has_changed_says_so_at_the_next_token() {
    let stage = Stage::new("");
    let account = stage.sign_in(secret(&stage, "ml-auth")).await.expect("signed in");
    stage.change(|request| with_field(request, "client_secret", Some("not any more")));
    let failure = stage.cloud.token(&at_home(&account), super::VAULT).await.expect_err("changed");
    super::told(&failure, "AADSTS7000215", "client secret is wrong");
    assert_eq!(stage.cloud.accounts().len(), 1, "the account stays, to be signed in again");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_wants_more_of_an_application_is_answered_with_its_claims() {
    let stage = Stage::new("");
    for way in [secret(&stage, "ml-auth"), pem(&stage)] {
        let account = stage.sign_in(way).await.expect("signed in");
        let context = format!("c{}", stage.sent("").len());
        stage.demo.calm();
        stage.demo.challenge("ml-auth", &context);
        let before = stage.sent("/token").len();
        stage.cloud.subscriptions(&at_home(&account)).await.expect("answered");
        let asked = stage.sent("/token").split_off(before);
        assert_eq!(asked.len(), 1, "once");
        let claims = asked[0].field("claims").expect("the claims of the challenge");
        assert!(claims.contains("acrs") && claims.contains(&context), "{claims}");
    }
}
