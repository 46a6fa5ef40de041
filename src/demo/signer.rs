//! The demo's Entra signs its tokens as the real one does (RS256), and its services look at the signature before they believe
//! a word. The key lies in the repository: it protects nothing but the demo from our own mistakes.

use std::sync::LazyLock;

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use serde_json::{Value, json};

use super::seed;

static KEY: LazyLock<KeyPair> = LazyLock::new(|| {
    KeyPair::from_pkcs8(include_bytes!("../../assets/demo-only.key.der")).expect("the key in the repository")
});

/// The name of the key, as a token's header and the list of keys have it.
pub(crate) fn key_id() -> String {
    seed::base64url(&digest(&SHA256, KEY.public_key().as_ref()).as_ref()[..20])
}

/// The signature of `text`, as a JWT carries it.
pub(crate) fn sign(text: &str) -> String {
    let mut signature = vec![0; KEY.public_modulus_len()];
    let signed = KEY.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
    signed.expect("a key of the right size");
    seed::base64url(signature)
}

/// Whether `signature` is ours, of `text`.
pub(crate) fn verify(text: &str, signature: &str) -> bool {
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, KEY.public_key().as_ref());
    seed::from_base64url(signature).is_some_and(|signature| key.verify(text.as_bytes(), &signature).is_ok())
}

/// The public half, as `discovery/v2.0/keys` lists it.
pub(crate) fn keys() -> Value {
    let (key, id) = (KEY.public_key(), key_id());
    let number =
        |number: &[u8]| seed::base64url(number.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>());
    json!({"keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "x5t": id,
        "n": number(key.modulus().big_endian_without_leading_zero()),
        "e": number(key.exponent().big_endian_without_leading_zero()),
        "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"
    }]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_word_is_seen() {
        let signature = sign("header.claims");
        assert!(verify("header.claims", &signature));
        assert!(
            !verify("header.claimz", &signature) && !verify("header.claims", "AAAA") && !verify("header.claims", "*")
        );
        assert_eq!(keys()["keys"][0]["kid"], key_id());
        assert_eq!(keys()["keys"][0]["e"], "AQAB");
    }
}
