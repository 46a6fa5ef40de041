//! Servers that do not prove to be who they should be: each is refused, and it is said what is wrong.

use std::sync::Arc;

use amlock::domain::Kind;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::authority::Authority;
use crate::server::{Found, Server, Step};
use crate::stage::{Stage, VAULT, authority, name, one_page, told};

/// A certificate that signed itself: as `openssl req -x509` makes one, that is as an authority, or as a mere server's.
fn self_signed(as_authority: bool) -> Arc<ServerConfig> {
    let mut params = CertificateParams::new([VAULT.to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, "printer");
    if as_authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate().expect("a key");
    let leaf = params.self_signed(&key).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider's versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .expect("a key of this certificate");
    Arc::new(config)
}

/// What a server says that knows TLS 1.0 at most: its hello, with the version and a cipher of its time.
fn tls_1_0() -> Vec<u8> {
    let mut hello = vec![0x03, 0x01]; // the version
    hello.extend([0x42; 32]); // its random bytes
    hello.extend([0, 0x00, 0x2f, 0]); // no session, AES-128 with SHA-1, no compression
    let mut message = vec![0x02, 0, 0, u8::try_from(hello.len()).expect("short")];
    message.extend(hello);
    let mut record = vec![0x16, 0x03, 0x01, 0, u8::try_from(message.len()).expect("short")];
    record.extend(message);
    record
}

#[tokio::test]
async fn a_server_that_does_not_prove_who_it_is_gets_nothing_and_it_is_said_what_is_wrong() {
    let date = rcgen::date_time_ymd;
    let expired = |params: &mut CertificateParams| {
        (params.not_before, params.not_after) = (date(2020, 1, 1), date(2020, 12, 31));
    };
    let early = |params: &mut CertificateParams| {
        (params.not_before, params.not_after) = (date(2090, 1, 1), date(2090, 12, 31));
    };
    let served = |config| Server::tls(config, |_, _| vec![Step::Send(one_page())]);
    let network = "sign in to the network";
    for (server, words, hint) in [
        (
            served(authority().server(&["kv-other.vault.azure.net"], |_| {})).await,
            "its certificate is another host's",
            network,
        ),
        (
            served(authority().server(&[VAULT], expired)).await,
            "its certificate has expired",
            "check this machine's clock",
        ),
        (served(authority().server(&[VAULT], early)).await, "is not valid yet", "check this machine's clock"),
        (served(self_signed(true)).await, "its certificate is signed by itself", "SSL_CERT_FILE"),
        (served(self_signed(false)).await, "no authority that this machine trusts", "SSL_CERT_FILE"),
        (
            served(Authority::new().server(&[VAULT], |_| {})).await,
            "no authority that this machine trusts",
            "SSL_CERT_FILE",
        ),
        (Server::blunt(tls_1_0()).await, "it speaks no TLS of version 1.2 or later", network),
        // Or it says so: the alert protocol_version.
        (Server::blunt(vec![0x15, 0x03, 0x01, 0, 2, 2, 70]).await, "it speaks no TLS of version 1.2 or later", network),
        (Server::blunt(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).await, "what it sent is no TLS", "SSL_CERT_FILE"),
    ] {
        let place = Found::At(vec![server.at]);
        let stage = Stage::before(server, place).await;
        let (failure, _) = stage.failing().await;
        let told = told(&failure);
        assert_eq!((&failure.kind, failure.exit_code()), (&Kind::Offline, 7), "{told}");
        assert!(told.contains(&format!("{VAULT} cannot be reached: no trusted TLS connection (")), "{told}");
        assert!(told.contains(words), "{told}");
        assert!(failure.hint.as_deref().is_some_and(|have| have.contains(hint)), "{told}");
        assert!(stage.server.heard().is_empty(), "no byte of a request went there");
        assert_eq!(stage.server.opened(), 1, "asking again proves nothing: {words}");
        // Nor does a second call, nor one with a value, nor a write.
        assert!(told.contains(&stage.secrets().await.expect_err("still").cause));
        assert!(stage.reveal().await.expect_err("still").cause.contains(words));
        let failure = stage.cloud.purge_secret(&stage.vault, &name("db-password")).await.expect_err("still");
        assert!(failure.kind == Kind::Offline && failure.cause.contains(words), "{failure:?}");
        assert!(stage.server.heard().is_empty());
    }
}

#[tokio::test]
async fn an_authority_that_is_named_is_trusted_and_one_that_cannot_be_read_is_said() {
    let stage = Stage::saying(one_page()).await;
    assert_eq!(stage.secrets().await.expect("trusted").len(), 1);
    let network = amlock::cloud::Network {
        authorities: b"-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n".to_vec(),
        names: None,
    };
    let failure = amlock::cloud::Transport::over(&network).map(|_| ()).expect_err("no certificate");
    assert_eq!(failure.kind, Kind::Misused);
}
