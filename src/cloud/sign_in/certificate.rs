//! A service principal's certificate: read from PEM or PFX, and the assertion that it signs (RFC 7523; the header as Entra
//! wants it: learn.microsoft.com/entra/identity-platform/certificate-credentials).

use std::fmt;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PSS_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls_pki_types::pem::{PemObject as _, SectionKind};
use serde_json::json;
use zeroize::Zeroizing;

use crate::domain::{ClientId, Failure, Moment, Sealed};

/// How long an assertion is good, in seconds; Entra takes ten minutes at most.
const LIFE: i64 = 600;
/// The largest file that is read as a certificate.
pub const CERTIFICATE_CAP: u64 = 256 * 1024;
const DOING: &str = "read the certificate";

/// A certificate with its private key.
pub struct Certificate {
    /// DER, the certificate itself first.
    chain: Vec<Vec<u8>>,
    key: KeyPair,
    /// Whether assertions carry the chain: where the application trusts a subject name and issuer.
    sends_chain: bool,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("chain", &self.chain.len()).finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads PEM (certificates and one unencrypted RSA key) or PFX (PKCS#12, with its password).
    pub fn read(bytes: &[u8], password: Option<&Sealed>, sends_chain: bool) -> Result<Self, Failure> {
        let pem = bytes.windows(11).any(|window| window == b"-----BEGIN ");
        let (chain, key) = if pem { from_pem(bytes)? } else { from_pfx(bytes, password)? };
        if chain.is_empty() {
            return Err(unreadable("there is no certificate in it, only a key"));
        }
        let key = KeyPair::from_pkcs8(&key)
            .or_else(|_| KeyPair::from_der(&key))
            .map_err(|_| unreadable("its private key is no RSA key of 2,048 bits or more"))?;
        Ok(Self { chain, key, sends_chain })
    }

    /// An assertion that this certificate speaks for `client`, for the token endpoint `audience` and nobody else.
    pub(crate) fn assertion(&self, audience: &str, client: &ClientId, now: Moment) -> Result<Sealed, Failure> {
        let leaf = self.chain.first().map(Vec::as_slice).unwrap_or_default();
        let print = |algorithm| URL_SAFE_NO_PAD.encode(digest(algorithm, leaf));
        let mut header = json!({
            "alg": "PS256", "typ": "JWT", "x5t": print(&SHA1_FOR_LEGACY_USE_ONLY), "x5t#S256": print(&SHA256),
        });
        if self.sends_chain {
            header["x5c"] = self.chain.iter().map(|der| STANDARD.encode(der)).collect();
        }
        let now = now.as_second();
        let claims = json!({
            "aud": audience, "iss": client.as_str(), "sub": client.as_str(), "jti": uuid::Uuid::new_v4().to_string(),
            "nbf": now, "iat": now, "exp": now + LIFE,
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| unreadable("its key would not sign"))?;
        Ok(Sealed::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

/// Certificates in DER, and a key.
type Parts = (Vec<Vec<u8>>, Zeroizing<Vec<u8>>);

fn from_pem(bytes: &[u8]) -> Result<Parts, Failure> {
    let (mut chain, mut key) = (Vec::new(), None);
    if bytes.windows(23).any(|window| window == b"BEGIN ENCRYPTED PRIVATE") {
        return Err(unreadable("its private key is encrypted").hint("amlock reads a key with a password from PFX only"));
    }
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
        match section.map_err(|_| unreadable("its PEM is broken"))? {
            (SectionKind::Certificate, der) => chain.push(der),
            (SectionKind::PrivateKey | SectionKind::RsaPrivateKey, der) => key = Some(Zeroizing::new(der)),
            (_, other) => drop(Zeroizing::new(other)),
        }
    }
    let key = key.ok_or_else(|| unreadable("there is no private key in it"))?;
    Ok((chain, key))
}

fn from_pfx(bytes: &[u8], password: Option<&Sealed>) -> Result<Parts, Failure> {
    let password = password.map_or("", |password| password.unseal());
    let store = KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Strict).map_err(|_| {
        unreadable("it is neither PEM nor a PFX that this password opens")
            .hint("AZURE_CLIENT_CERTIFICATE_PASSWORD or a prompt tells the password")
    })?;
    let (_, found) = store.private_key_chain().ok_or_else(|| unreadable("there is no private key in it"))?;
    let chain = found.certs().iter().map(|certificate| certificate.as_der().to_vec()).collect();
    Ok((chain, Zeroizing::new(found.key().as_der().to_vec())))
}

fn unreadable(why: &'static str) -> Failure {
    Failure::misused(DOING, why).hint("it needs an RSA key and its certificate, in one PEM or PFX file")
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    macro_rules! file {
        ($name:literal) => {
            &include_bytes!(concat!("../../../tests/fixtures/certificates/", $name))[..]
        };
    }

    fn password() -> Sealed {
        Sealed::new("demo-only".to_owned())
    }

    fn parts(assertion: &Sealed) -> (Value, Value, Vec<u8>, Vec<u8>) {
        let text = assertion.unseal();
        let (signed, signature) = text.rsplit_once('.').expect("three parts");
        let (header, claims) = signed.split_once('.').expect("three parts");
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("base64url");
        let read = |part: &str| serde_json::from_slice(&decoded(part)).expect("JSON");
        (read(header), read(claims), signed.as_bytes().to_vec(), decoded(signature))
    }

    #[test]
    fn pem_and_pfx_give_the_same_certificate() {
        let pem = Certificate::read(file!("principal.pem"), None, false).expect("PEM");
        assert_eq!(pem.chain.len(), 2);
        let older = Certificate::read(file!("pkcs1.pem"), None, false).expect("a key as openssl wrote it before");
        let pfx = Certificate::read(file!("principal.pfx"), Some(&password()), false).expect("PFX");
        let legacy = Certificate::read(file!("legacy.pfx"), Some(&password()), false).expect("older PFX");
        let open = Certificate::read(file!("empty-password.pfx"), None, false).expect("PFX without a password");
        for other in [older, pfx, legacy, open] {
            assert_eq!(other.chain[0], pem.chain[0]);
        }
    }

    #[test]
    fn an_assertion_is_signed_for_one_address_and_ten_minutes() {
        let certificate = Certificate::read(file!("principal.pem"), None, true).expect("PEM");
        let client = ClientId::parse("app-1").expect("an id");
        let now = Moment::from_second(1_700_000_000).expect("a moment");
        let (header, claims, signed, signature) =
            parts(&certificate.assertion("https://x/token", &client, now).expect("signed"));
        assert_eq!((&header["alg"], header["x5c"].as_array().map(Vec::len)), (&json!("PS256"), Some(2)));
        assert_eq!(header["x5t#S256"], URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate.chain[0])));
        assert_eq!(
            (&claims["aud"], &claims["iss"], &claims["sub"]),
            (&json!("https://x/token"), &json!("app-1"), &json!("app-1"))
        );
        assert_eq!(claims["exp"].as_i64().zip(claims["nbf"].as_i64()).map(|(to, from)| to - from), Some(600));
        let (_, leaf) = x509_parser::parse_x509_certificate(&certificate.chain[0]).expect("X.509");
        let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, leaf.public_key().subject_public_key.data.to_vec());
        assert!(key.verify(&signed, &signature).is_ok());
        let (other, ..) = parts(&certificate.assertion("https://x/token", &client, now).expect("signed"));
        assert_eq!(other["x5t"], header["x5t"]);
    }

    #[test]
    fn what_cannot_sign_says_why_and_nothing_of_itself() {
        let why = |bytes: &[u8], password: Option<&Sealed>| {
            Certificate::read(bytes, password, false).expect_err("refused").to_string()
        };
        assert!(why(file!("principal.pfx"), Some(&Sealed::new("wrong".to_owned()))).contains("password"));
        assert!(why(file!("encrypted.pem"), None).contains("encrypted"));
        assert!(why(file!("ec.pem"), None).contains("RSA"));
        assert!(why(b"", None).contains("neither PEM nor a PFX"));
        assert!(
            why(b"-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n", None)
                .contains("PEM is broken")
        );
        let pem = file!("principal.pem");
        let half = &pem[..pem.len() / 4];
        assert!(!why(half, None).contains("MII"));
    }
}
