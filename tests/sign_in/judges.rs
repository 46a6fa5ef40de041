//! The demo's Entra and machines before judges nobody here wrote: azure_identity's own credentials, with nothing changed but
//! the last hop.

use std::sync::Arc;

use amlock::demo::{DemoCloud, Machine, SeededLogin};
use amlock::domain::Moment;
use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientMethodOptions, ClientOptions, Method, Transport};
use azure_identity::{
    ClientAssertion, ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use super::principal::{JOB, TokenFile};
use super::services::ask;
use super::{ARM, environment};

/// The demo now: azure_identity reads the system's clock.
fn demo() -> Arc<DemoCloud> {
    DemoCloud::new("", Moment::now()).expect("a world")
}

fn options(cloud: &Arc<DemoCloud>) -> ClientOptions {
    ClientOptions { transport: Some(Transport::new(Arc::clone(cloud) as _)), ..ClientOptions::default() }
}

/// An application's tenant, client id and secret.
fn application(cloud: &DemoCloud, name: &str) -> (String, String, String) {
    let found = cloud.logins().into_iter().find_map(|login| match login {
        SeededLogin::Principal { name: one, tenant, client_id, client_secret } if one == name => {
            Some((tenant, client_id, client_secret))
        }
        _ => None,
    });
    found.expect("an application")
}

/// Whether the credential's token opens Resource Manager; else what it said.
async fn opens(cloud: &DemoCloud, credential: &dyn TokenCredential) -> Result<(), String> {
    let token = credential.get_token(&["https://management.azure.com/.default"], None).await;
    let token = token.map_err(|error| format!("{error:?}"))?;
    let url = format!("{ARM}/subscriptions?api-version=2022-12-01");
    let (status, _, body) = ask(cloud, Method::Get, &url, Some(token.token.secret()), "").await;
    if status == 200 { Ok(()) } else { Err(body.to_string()) }
}

#[tokio::test(start_paused = true)]
async fn a_client_secret_credential_is_let_in_with_the_right_secret_only() {
    let cloud = demo();
    let with = |(tenant, client, secret): (String, String, String)| {
        let options = ClientSecretCredentialOptions { client_options: options(&cloud) };
        ClientSecretCredential::new(&tenant, client, Secret::new(secret), Some(options)).expect("a credential")
    };
    let (tenant, client, secret) = application(&cloud, "ml-auth");
    opens(&cloud, &*with((tenant.clone(), client.clone(), secret))).await.expect("let in");
    let wrong = opens(&cloud, &*with((tenant, client, "wrong".to_owned()))).await.expect_err("refused");
    assert!(wrong.contains("AADSTS7000215"), "{wrong}");
    let expired = opens(&cloud, &*with(application(&cloud, "ml-auth-old"))).await.expect_err("refused");
    assert!(expired.contains("AADSTS7000222"), "{expired}");
}

/// An application that signs its own assertions, RS256, as an older library does.
#[derive(Debug)]
struct Signer {
    key: Vec<u8>,
    certificate: Vec<u8>,
    client: String,
    audience: String,
}

#[async_trait]
impl ClientAssertion for Signer {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let part = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let print = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, &self.certificate));
        // As MSAL for Python sends them: with a fraction (RFC 7519), and without nbf.
        let now = Moment::now().as_duration().as_secs_f64();
        let header = json!({"alg": "RS256", "typ": "JWT", "x5t#S256": print});
        let claims = json!({
            "aud": self.audience, "iss": self.client, "sub": self.client, "jti": "1", "iat": now, "exp": now + 300.0
        });
        let signed = format!("{}.{}", part(header), part(claims));
        let key = KeyPair::from_pkcs8(&self.key).expect("a key");
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).expect("signed");
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_assertion_credential_is_let_in_with_the_registered_key_only() {
    let cloud = demo();
    let (tenant, client, _) = application(&cloud, "ml-auth");
    let made = || {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key");
        let certificate = rcgen::CertificateParams::default().self_signed(&key).expect("a certificate");
        (key.serialize_der(), certificate.der().to_vec())
    };
    let ((key, certificate), (other_key, _)) = (made(), made());
    let credential = |key: &[u8], audience: &str| {
        let signer = Signer {
            key: key.to_vec(),
            certificate: certificate.clone(),
            client: client.clone(),
            audience: audience.to_owned(),
        };
        let options = ClientAssertionCredentialOptions { client_options: options(&cloud) };
        ClientAssertionCredential::new(tenant.clone(), client.clone(), signer, Some(options)).expect("a credential")
    };
    let here = format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token");
    let unknown = opens(&cloud, &*credential(&key, &here)).await.expect_err("nobody registered it");
    assert!(unknown.contains("AADSTS700027") && unknown.contains("not registered"), "{unknown}");
    cloud.register_certificates("ml-auth", &[&certificate]);
    opens(&cloud, &*credential(&key, &here)).await.expect("let in");
    let forged = opens(&cloud, &*credential(&other_key, &here)).await.expect_err("another key signed");
    assert!(forged.contains("AADSTS700027") && forged.contains("failed signature validation"), "{forged}");
    let elsewhere = here.replace(&tenant, "fabrikam.com");
    let astray = opens(&cloud, &*credential(&key, &elsewhere)).await.expect_err("for another tenant");
    assert!(astray.contains("AADSTS700023"), "{astray}");
}

#[tokio::test(start_paused = true)]
async fn a_workload_identity_credential_is_let_in_with_a_trusted_token_only() {
    let cloud = demo();
    let (tenant, client, _) = application(&cloud, "ml-auth");
    let credential = |file: &TokenFile| {
        let options = WorkloadIdentityCredentialOptions {
            client_id: Some(client.clone()),
            tenant_id: Some(tenant.clone()),
            token_file_path: Some(file.0.clone()),
            credential_options: ClientAssertionCredentialOptions { client_options: options(&cloud) },
        };
        WorkloadIdentityCredential::new(Some(options)).expect("a credential")
    };
    let (trusted, other) = (TokenFile::of(&cloud, JOB), TokenFile::of(&cloud, "system:serviceaccount:ml:serve"));
    opens(&cloud, &*credential(&trusted)).await.expect("let in");
    let refused = opens(&cloud, &*credential(&other)).await.expect_err("refused");
    assert!(refused.contains("AADSTS700213"), "{refused}");
}

fn managed(cloud: &Arc<DemoCloud>, client: Option<&str>) -> Arc<ManagedIdentityCredential> {
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: client.map(|client| UserAssignedId::ClientId(client.to_owned())),
        client_options: options(cloud),
    };
    ManagedIdentityCredential::new(Some(options)).expect("a credential")
}

async fn machine_is_let_in() {
    let cloud = demo();
    let identities = cloud.machine_identities();
    opens(&cloud, &*managed(&cloud, None)).await.expect("its own");
    for (name, client) in &identities {
        opens(&cloud, &*managed(&cloud, Some(client))).await.expect(name);
    }
    let nobody = managed(&cloud, Some("00000000-0000-0000-0000-000000000001"));
    opens(&cloud, &*nobody).await.expect_err("no such identity");
    cloud.take_identities();
    opens(&cloud, &*managed(&cloud, None)).await.expect_err("none assigned");
}

#[test]
fn a_managed_identity_credential_is_let_in_on_a_virtual_machine() {
    let name = "judges::a_managed_identity_credential_is_let_in_on_a_virtual_machine";
    environment::run(name, &[], true, machine_is_let_in());
}

#[test]
fn a_managed_identity_credential_is_let_in_at_app_service() {
    let name = "judges::a_managed_identity_credential_is_let_in_at_app_service";
    environment::run(name, &Machine::AppService.environment(), true, machine_is_let_in());
}
