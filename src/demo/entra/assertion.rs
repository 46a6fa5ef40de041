//! What a service principal shows instead of a secret: an assertion that its certificate signed (RFC 7523), or another issuer's
//! token. Each is taken apart and checked as Entra documents it, with the certificate the application registered. Entra takes
//! the same assertion again while it lives; so does this.

use aws_lc_rs::{
    digest::{Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest},
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey},
};
use serde_json::{Value, json};
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};

use crate::demo::{
    clock::{Moment, epoch},
    seed, signer, token,
    world::Application,
};

/// An assertion is taken for so long at most, in seconds.
const LIFE: i64 = 24 * 3600;
/// A client's clock may be off by this much, in seconds.
const SKEW: i64 = 300;

/// A refusal: the AADSTS code and its words.
pub(crate) type Refusal = (u32, String);

/// Whether `assertion` proves that `client` sent it, now, to the token endpoint of one of `tenants` names; signed by one of
/// `certificates` (DER).
pub(crate) fn check(
    assertion: &str,
    client: &str,
    tenants: &[&str],
    certificates: &[Vec<u8>],
    now: Moment,
) -> Result<(), Refusal> {
    let malformed = || (50_027, "JWT token is invalid or malformed.".to_owned());
    let (signed, signature) = assertion.rsplit_once('.').ok_or_else(malformed)?;
    let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
    let read = |part: &str| serde_json::from_slice::<Value>(&seed::from_base64url(part)?).ok();
    let (header, claims) = (read(header).ok_or_else(malformed)?, read(claims).ok_or_else(malformed)?);
    let signature = seed::from_base64url(signature).ok_or_else(malformed)?;
    let algorithm: &'static RsaParameters = match header["alg"].as_str() {
        Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
        Some("PS256") => &RSA_PSS_2048_8192_SHA256,
        _ => {
            return Err((5_002_738, "Invalid JWT token. Unsupported algorithm in the header of the token.".to_owned()));
        }
    };
    let certificate = certificates.iter().find(|der| is_named(&header, der)).ok_or_else(|| {
        let print = header["x5t"].as_str().unwrap_or("(none)");
        let words = format!("The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '{print}', Please visit the Azure Portal to view configured keys for application '{client}'.]");
        (700_027, words)
    })?;
    let proven = X509Certificate::from_der(certificate).is_ok_and(|(_, certificate)| {
        let key = &certificate.public_key().subject_public_key.data;
        UnparsedPublicKey::new(algorithm, key.as_ref()).verify(signed.as_bytes(), &signature).is_ok()
    });
    if !proven {
        let words = "Client assertion failed signature validation. [Reason - The key was found, but use of the key to verify the signature failed.]";
        return Err((700_027, words.to_owned()));
    }
    about(&claims, client, tenants, epoch(now))
}

fn about(claims: &Value, client: &str, tenants: &[&str], now: i64) -> Result<(), Refusal> {
    let hosts = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];
    let audience = claims["aud"].as_str().unwrap_or_default();
    let ours = hosts.iter().flat_map(|host| tenants.iter().map(move |tenant| format!("https://{host}/{tenant}"))).any(
        |base| {
            let rest = audience.strip_prefix(base.as_str());
            rest.is_some_and(|rest| matches!(rest, "/oauth2/v2.0/token" | "/oauth2/token" | "/v2.0" | "" | "/"))
        },
    );
    if !ours {
        return Err((
            700_023,
            format!("Client assertion audience claim does not match Realm issuer. Audience: '{audience}'."),
        ));
    }
    if claims["iss"] != claims["sub"] || claims["sub"].as_str().is_none_or(|sub| !sub.eq_ignore_ascii_case(client)) {
        return Err((
            700_021,
            "Client assertion application identifier does not match 'client_id' parameter.".to_owned(),
        ));
    }
    within(claims, now)
}

fn within(claims: &Value, now: i64) -> Result<(), Refusal> {
    // A date may have a fraction (RFC 7519): MSAL for Python sends its clock as it is.
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
    let time = |name: &str| claims[name].as_f64().map(|seconds| seconds as i64);
    let (Some(from), Some(to)) = (time("nbf").or(time("iat")), time("exp")) else {
        return Err((700_025, "Client assertion contains no valid time range.".to_owned()));
    };
    if from - SKEW > now || to + SKEW < now || to - from > LIFE {
        let words = format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {from}, expiry time of assertion {to}."
        );
        return Err((700_024, words));
    }
    Ok(())
}

/// Whether a header names this certificate, by either of its thumbprints; both must fit where both are there.
fn is_named(header: &Value, der: &[u8]) -> bool {
    let fits = |name: &str, print: Digest| {
        header[name].as_str().map(|named| named.trim_end_matches('=') == seed::base64url(print))
    };
    let prints = [fits("x5t", digest(&SHA1_FOR_LEGACY_USE_ONLY, der)), fits("x5t#S256", digest(&SHA256, der))];
    prints.contains(&Some(true)) && !prints.contains(&Some(false))
}

/// The issuer of the demo's Kubernetes cluster.
pub(crate) const CLUSTER: &str = "https://koreacentral.oic.prod-aks.azure.com/contoso/ml/";
/// What every token is made out to that is to be exchanged.
const EXCHANGE: &str = "api://AzureADTokenExchange";

/// Whether somebody else than the application itself made this token, by what it says.
pub(super) fn is_of_another_issuer(assertion: &str, client: &str) -> bool {
    claims_of(assertion).is_some_and(|claims| {
        claims["iss"]
            .as_str()
            .is_some_and(|issuer| issuer.starts_with("https://") && !issuer.eq_ignore_ascii_case(client))
    })
}

/// Whether a token of the demo's cluster proves, now, what the application trusts it to.
pub(super) fn check_federated(token: &str, application: &Application, now: Moment) -> Result<(), Refusal> {
    let claims = claims_of(token).ok_or_else(|| (50_027, "JWT token is invalid or malformed.".to_owned()))?;
    let text = |name: &str| claims[name].as_str().unwrap_or_default();
    let (issuer, subject) = (text("iss"), text("sub"));
    if !application.trusted.iter().any(|(trusted, _)| *trusted == issuer) {
        return Err((
            700_211,
            format!(
                "No matching federated identity record found for presented assertion issuer '{issuer}'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion."
            ),
        ));
    }
    if text("aud") != EXCHANGE {
        return Err((
            700_212,
            format!(
                "No matching federated identity record found for presented assertion audience '{}'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion.",
                text("aud")
            ),
        ));
    }
    if !application.trusted.iter().any(|(_, trusted)| *trusted == subject) {
        return Err((
            700_213,
            format!(
                "No matching federated identity record found for presented assertion subject '{subject}'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion."
            ),
        ));
    }
    let signed = token.trim().rsplit_once('.').is_some_and(|(signed, signature)| signer::verify(signed, signature));
    if !signed {
        return Err((50_013, "Assertion failed signature validation. [Reason - The provided signature value did not match the expected signature value.]".to_owned()));
    }
    within(&claims, epoch(now))
}

/// A token of the demo's cluster for its job `subject`. The cluster signs with the demo's one key.
pub(crate) fn federated_token(subject: &str, now: Moment) -> String {
    let now = epoch(now);
    token::jwt(&json!({"aud": [EXCHANGE], "iss": CLUSTER, "sub": subject, "iat": now, "nbf": now, "exp": now + 3_600}))
}

/// What a JWT says; an audience of one stands for itself.
fn claims_of(token: &str) -> Option<Value> {
    let mut claims: Value = serde_json::from_slice(&seed::from_base64url(token.trim().split('.').nth(1)?)?).ok()?;
    if let Some([Value::String(only)]) = claims["aud"].as_array().map(Vec::as_slice) {
        claims["aud"] = json!(only);
    }
    Some(claims)
}
