//! Sign-in's errors as production words them: the bodies whole, with their line breaks, and their ids on the same line.

use serde_json::json;

use super::*;
use crate::cloud::gate::{Answer, Audience};
use crate::cloud::problem;
use crate::domain::Moment;

const IDS: [(&str, &str); 3] = [
    ("Trace ID", "0f0f0f0f-1111-4222-8333-444444444400"),
    ("Correlation ID", "5a5a5a5a-1111-4222-8333-444444444401"),
    ("Timestamp", "2026-11-21 09:00:00Z"),
];

/// A body as the token endpoint writes it; `between` parts the message from its ids: a line break, or a blank.
fn body(error: &str, code: u64, message: &str, between: &str) -> Vec<u8> {
    let ids = IDS.map(|(name, value)| format!("{between}{name}: {value}")).concat();
    json!({
        "error": error,
        "error_description": format!("AADSTS{code}: {message}{ids}"),
        "error_codes": [code],
        "timestamp": "2026-11-21 09:00:00Z",
        "trace_id": IDS[0].1,
        "correlation_id": IDS[1].1,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    })
    .to_string()
    .into_bytes()
}

fn told(status: u16, body: Vec<u8>) -> Failure {
    let context = Context { doing: "sign in", audience: Audience::Login, writing: false, now: Moment::UNIX_EPOCH };
    problem::failure(&context, &Answer { status, headers: Vec::new(), body: body.into() })
}

/// The OAuth error, the code, Entra's own words; then what must be told as the cause and as the next step.
const CASES: &[(&str, u64, &str, &str, &str)] = &[
    (
        "invalid_client",
        7_000_215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '22222222-2222-2222-2222-222222222222'.",
        "the client secret is wrong",
        "its id looks much like it",
    ),
    (
        "invalid_client",
        7_000_222,
        "The provided client secret keys for app '22222222-2222-2222-2222-222222222222' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
        "the client secret has expired",
        "make a new secret",
    ),
    (
        "unauthorized_client",
        700_016,
        "Application with identifier '22222222-2222-2222-2222-222222222222' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
        "there is no such application in tenant contoso.com",
        "check the client id",
    ),
    (
        "invalid_request",
        90_002,
        "Tenant 'contoso.example' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
        "there is no such tenant",
        "and the cloud",
    ),
    (
        "invalid_request",
        900_023,
        "Specified tenant identifier 'no_tenant' is neither a valid DNS name, nor a valid external domain.",
        "neither a tenant id nor a domain",
        "check the tenant id or domain",
    ),
    (
        "invalid_resource",
        500_011,
        "The resource principal named https://vault.azure.cn was not found in the tenant named Contoso. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.",
        "tenant contoso.com does not know the service asked for",
        "that the cloud is the right one",
    ),
    (
        "invalid_grant",
        50_076,
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '797f4846-ba00-4fd7-ba43-dac1f8f63013'.",
        "tenant contoso.com asks for multi-factor authentication",
        "sign in again, to tenant contoso.com",
    ),
    (
        "interaction_required",
        50_079,
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '797f4846-ba00-4fd7-ba43-dac1f8f63013'.",
        "asks to set up multi-factor authentication",
        "sign in again, to tenant contoso.com",
    ),
    (
        "invalid_grant",
        53_003,
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        "a Conditional Access rule of tenant contoso.com does not allow it",
        "ask the tenant's administrator",
    ),
    (
        "invalid_grant",
        53_000,
        "Device is not in required device state: compliant. Conditional Access policy requires a compliant device, and the device is not compliant. The user must enroll their device with an approved MDM provider like Intune.",
        "asks for a managed device",
        "from a device the tenant manages",
    ),
    (
        "invalid_grant",
        65_001,
        "The user or administrator has not consented to use the application with ID '04b07795-8ddb-461a-bbee-02f9e1bf7b46' named 'Microsoft Azure CLI'. Send an interactive authorization request for this user and resource.",
        "nobody has consented to this application",
        "ask the tenant's administrator to consent",
    ),
    (
        "invalid_grant",
        700_082,
        "The refresh token has expired due to inactivity. The token was issued on 2026-06-01T09:00:00.0000000Z and was inactive for 90.00:00:00.",
        "it was not used for too long",
        "sign in again",
    ),
    (
        "invalid_grant",
        70_043,
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on 2026-11-20T09:00:00.0000000Z and the maximum allowed lifetime for this request is 43200.",
        "the tenant limits how long it lasts",
        "sign in again",
    ),
    (
        "invalid_grant",
        50_173,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '2026-11-01T09:00:00.0000000Z' and the TokensValidFrom date (before which tokens are not valid) for this user is '2026-11-20T09:00:00.0000000Z'.",
        "the password has changed",
        "sign in again",
    ),
    (
        "invalid_grant",
        50_034,
        "The user account {EUII Hidden} does not exist in the contoso.com directory. To sign into this application, the account must be added to the directory.",
        "the user is not in tenant contoso.com",
        "choose another tenant",
    ),
    (
        "invalid_grant",
        50_020,
        "User account '{EUII Hidden}' from identity provider 'https://sts.windows.net/33333333-3333-3333-3333-333333333333/' does not exist in tenant 'Contoso' and cannot access the application '04b07795-8ddb-461a-bbee-02f9e1bf7b46'(Microsoft Azure CLI) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account.",
        "the user is not in tenant contoso.com",
        "as a guest",
    ),
    (
        "invalid_client",
        700_024,
        "Client assertion is not within its valid time range. Current time: 2026-11-21T09:00:00.0000000Z, assertion valid from 2026-11-21T10:00:00.0000000Z, expiry time of assertion 2026-11-21T10:10:00.0000000Z.",
        "not valid at this time",
        "clock",
    ),
    (
        "invalid_client",
        700_027,
        "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.]",
        "does not know this certificate",
        "add it to the application",
    ),
    (
        "invalid_client",
        700_213,
        "No matching federated identity record found for presented assertion subject 'repo:contoso/train:ref:refs/heads/main'.",
        "trusts no such subject",
        "federated credentials",
    ),
];

#[test]
fn every_code_of_production_has_its_own_words_and_next_step() {
    let mut heard = std::collections::BTreeSet::new();
    for (error, code, message, cause, hint) in CASES {
        for between in ["\r\n", " "] {
            let failure = told(400, body(error, *code, message, between));
            let shown = failure.to_string();
            assert!(!shown.contains("Trace") && !shown.contains("AADSTS") && !shown.contains('\n'), "{shown}");
            assert_eq!(failure.azure.as_ref().map(|azure| azure.code.raw()), Some(format!("AADSTS{code}").as_str()));
            let failure = in_tenant(failure, "contoso.com");
            assert!(failure.cause.contains(cause), "{code}: {failure}");
            assert!(failure.hint.as_deref().is_some_and(|have| have.contains(hint)), "{code}: {failure:?}");
            heard.insert((failure.cause, failure.hint));
        }
    }
    // Two codes say that a user is not in the tenant, and each has its own way on.
    assert_eq!(heard.len(), CASES.len(), "each in its own words");
}

#[test]
fn no_two_rows_of_the_table_are_of_one_code() {
    let codes: std::collections::BTreeSet<_> = TABLE.iter().map(|(code, ..)| code).collect();
    assert_eq!(codes.len(), TABLE.len());
    assert!(TABLE.iter().all(|(_, _, words, hint)| !words.is_empty() && !hint.is_empty()));
}

#[test]
fn a_code_nobody_knows_is_told_in_azure_s_first_sentence() {
    for between in ["\r\n", " "] {
        let failure = told(400, body("invalid_grant", 99_999_999, "Something new for 'x'.", between));
        assert_eq!(failure.cause, "AADSTS99999999: Something new for 'x'");
        assert_eq!(failure.kind, Kind::SignedOut);
    }
}

#[test]
fn a_wrong_clock_is_told_with_how_wrong_it_is_and_hides_no_other_cause() {
    let now: Moment = "2026-11-21T10:00:00Z".parse().expect("a time");
    let context = Context { doing: "sign in", audience: Audience::Login, writing: false, now };
    let headers = vec![("date".to_owned(), "Sat, 21 Nov 2026 09:00:00 GMT".to_owned())];
    let late = body("invalid_client", 700_024, "Client assertion is not within its valid time range.", "\r\n");
    let hint = |body: Vec<u8>| {
        let failure = problem::failure(&context, &Answer { status: 401, headers: headers.clone(), body: body.into() });
        in_tenant(failure, "contoso.com").hint.expect("a way out")
    };
    assert_eq!(hint(late), "this machine's clock is 60 min ahead of Azure's: set it right, then try again");
    let wrong = hint(body("invalid_client", 7_000_215, "Invalid client secret provided.", "\r\n"));
    assert!(wrong.starts_with("use the secret's value;") && wrong.contains("60 min ahead of Azure's"), "{wrong}");
    let more = hint(body("invalid_grant", 50_076, "You must use multi-factor authentication.", "\r\n"));
    assert!(more.starts_with("sign in again, to tenant contoso.com; besides, this machine's clock"), "{more}");
}

#[test]
fn a_page_of_a_proxy_is_no_refusal_of_azure() {
    for page in ["<!DOCTYPE html>\r\n<html><body>Sign in to the network</body></html>", "  <html>"] {
        let failure = told(200, page.as_bytes().to_vec());
        assert_eq!(failure.kind, Kind::Offline);
        assert!(failure.cause.starts_with("a proxy answered instead of Azure"), "{failure}");
    }
}

#[test]
fn what_was_cut_short_asks_for_a_new_sign_in_and_not_for_a_new_amlock() {
    let failure =
        told(400, body("invalid_grant", 9_002_313, "Invalid request. Request is malformed or invalid.", "\r\n"));
    assert_eq!(failure.kind, Kind::SignedOut);
    assert!(failure.hint.as_deref().is_some_and(|hint| hint.starts_with("sign in again")), "{failure:?}");
}
