//! The ways to sign in: each a `TokenCredential` of azure_core's, one file each. Refresh tokens, secrets and what proves them
//! are unsealed only in here and in the gate.

pub(crate) mod auth_file;
pub(crate) mod azure_cli;
pub(crate) mod browser;
pub(crate) mod certificate;
pub(crate) mod challenge;
pub(crate) mod device_code;
pub(crate) mod entra;
pub(crate) mod environment;
pub(crate) mod keyring;
pub(crate) mod managed_identity;
pub(crate) mod principal;
pub(crate) mod refresh;
pub(crate) mod run_token;
pub(crate) mod signed_in;

use azure_core::credentials::{AccessToken as AzureToken, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::time::OffsetDateTime;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;

use crate::domain::{AccessToken, Failure, Moment, Sealed, TokenClaims, TokenOf};

use super::clock::Clock;
use super::gate::{BearerToken, Identity};

/// The Azure CLI's public application, which every tenant knows and which is let to ask for any of Azure's services.
pub(crate) const PUBLIC_CLIENT: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// What a service wants to see in the next token (its `claims` challenge); rides in the request's context, as azure_core has
/// no other place for it.
#[derive(Clone, Debug)]
pub(crate) struct Claims(pub(crate) String);

/// The claims that ride in `options`.
fn claims(options: Option<&TokenRequestOptions<'_>>) -> Option<String> {
    options?.method_options.context.value::<Claims>().map(|claims| claims.0.clone())
}

/// A failure as azure_core's trait wants it; the token cache takes it out again.
fn wrapped(failure: Failure) -> azure_core::Error {
    let words = failure.to_string();
    azure_core::Error::with_error(ErrorKind::Credential, failure, words)
}

/// A token as azure_core's trait wants it, good for `seconds` by our clock.
fn azure_token(token: &Sealed, seconds: i64, clock: Clock) -> AzureToken {
    let ends = clock.now().as_second().saturating_add(seconds);
    let ends = OffsetDateTime::from_unix_timestamp(ends).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    AzureToken::new(token.unseal().to_owned(), ends)
}

/// A token of azure_core's as the gate takes it.
pub(crate) fn bearer(scope: &str, token: &AzureToken) -> BearerToken {
    let claims = token_claims(token.token.secret());
    BearerToken {
        scope: scope.into(),
        value: Sealed::new(token.token.secret().to_owned()),
        expires: Moment::from_second(token.expires_on.unix_timestamp()).unwrap_or(Moment::MIN),
        identity: Identity {
            oid: claims.oid,
            tid: claims.tid,
            token_of: claims.idtyp.as_deref().and_then(TokenOf::read),
        },
    }
}

/// A copy of a token, for whoever asked for the token itself.
pub(crate) fn copy(token: &BearerToken) -> AccessToken {
    AccessToken { token: Sealed::new(token.value.unseal().to_owned()), expires: token.expires }
}

/// A second copy of a refresh token, for the keyring.
pub(crate) fn again(token: &Sealed) -> Sealed {
    Sealed::new(token.unseal().to_owned())
}

/// What a token in the cache says about itself.
pub(crate) fn claims_of(token: &BearerToken) -> TokenClaims {
    token_claims(token.value.unseal())
}

/// What a token says about itself; nothing where it is no JWT (a guest of a personal account's is not).
pub(crate) fn token_claims(token: &str) -> TokenClaims {
    let Some(mut claims) = jwt::<serde_json::Map<String, serde_json::Value>>(token) else {
        return TokenClaims::default();
    };
    // Tokens of the first and the second version name these two differently, and a user's token has several of the names.
    for (name, others) in [("upn", &["preferred_username", "unique_name"][..]), ("appid", &["azp"])] {
        for other in others {
            if let Some(value) = claims.remove(*other) {
                claims.entry(name).or_insert(value);
            }
        }
    }
    serde_json::from_value(claims.into()).unwrap_or_default()
}

/// The claims of a JWT, unchecked: they are shown and compared, nothing is granted for them.
fn jwt<T: DeserializeOwned>(token: &str) -> Option<T> {
    base64_json(token.split('.').nth(1)?)
}

/// JSON in base64url, with or without padding.
fn base64_json<T: DeserializeOwned>(text: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests;
