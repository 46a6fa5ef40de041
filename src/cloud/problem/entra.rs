//! Sign-in's errors: what an AADSTS code means for a person.

use serde_json::Value;

use crate::domain::{AzureWords, Failure, Kind, Untrusted};

use super::{Context, Said, first_line};

/// The AADSTS code of an error body: from its list of codes, or from the head of its description.
pub(super) fn code(body: &Value, description: &str) -> Option<String> {
    let listed = body["error_codes"].get(0).and_then(Value::as_u64).map(|code| code.to_string());
    let told = || {
        let digits: String = description.strip_prefix("AADSTS")?.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    };
    listed.or_else(told).map(|digits| format!("AADSTS{digits}"))
}

/// Code, whether signing in again helps, what it means, what to do.
const TABLE: &[(&str, bool, &str, &str)] = &[
    ("7000215", true, "the client secret is wrong", "use the secret's value; its id looks much like it"),
    ("7000222", true, "the client secret has expired", "make a new secret for the application"),
    ("700016", true, "there is no such application in this tenant", "check the client id and the tenant"),
    ("7000112", true, "the application is disabled in this tenant", "ask its administrator to enable it"),
    ("90002", true, "there is no such tenant", "check the tenant id or domain"),
    ("900023", true, "this is neither a tenant id nor a domain", "check the tenant id or domain"),
    (
        "500011",
        false,
        "the tenant does not know the service asked for",
        "check the resource, and that the cloud is the right one",
    ),
    ("50076", true, "the tenant asks for multi-factor authentication", "sign in again, to this tenant"),
    ("50079", true, "the tenant asks to set up multi-factor authentication", "sign in again, to this tenant"),
    ("50078", true, "the multi-factor authentication has expired", "sign in again"),
    ("53003", true, "a Conditional Access rule does not allow it", "sign in again, or ask the tenant's administrator"),
    ("53000", true, "a Conditional Access rule asks for a managed device", "sign in from a device the tenant manages"),
    (
        "53001",
        true,
        "a Conditional Access rule asks for a domain-joined device",
        "sign in from a device the tenant manages",
    ),
    ("65001", true, "nobody has consented to this application", "ask the tenant's administrator to consent"),
    ("700082", true, "the login has expired, it was not used for too long", "sign in again"),
    ("70043", true, "the login has expired, the tenant limits how long it lasts", "sign in again"),
    ("50173", true, "the login was revoked, the password has changed", "sign in again"),
    ("50132", true, "the login was revoked", "sign in again"),
    ("50034", true, "the user is not in this tenant", "choose another tenant, or ask to be invited"),
    ("50020", true, "the user is not in this tenant", "choose another tenant, or ask to be invited as a guest"),
    ("50057", true, "the user's account is disabled", "ask the tenant's administrator"),
    ("70016", true, "the sign-in is not finished yet", "enter the code"),
    ("70020", true, "the code has expired", "sign in again"),
    ("70008", true, "the login has expired", "sign in again"),
    ("9002313", false, "the request was malformed", "update amlock"),
];

fn known(digits: &str, doing: &str) -> Option<Failure> {
    let (_, ours, words, hint) = TABLE.iter().find(|(code, ..)| *code == digits)?;
    let kind = if *ours { Kind::SignedOut } else { Kind::Failed };
    Some(Failure::new(kind, doing.to_owned(), *words).hint(*hint))
}

/// The failure for the first code in a text that amlock knows, with that code.
pub(super) fn found(text: &str, doing: &str) -> Option<Failure> {
    text.split("AADSTS").skip(1).find_map(|rest| {
        let digits = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
        let code = Untrusted::from(format!("AADSTS{digits}"));
        Some(known(digits, doing)?.azure(AzureWords { code, ..AzureWords::default() }))
    })
}

/// The words for an error of sign-in; statuses that ask to wait are nobody's fault and told as everywhere.
pub(super) fn failure(context: &Context<'_>, said: &Said, status: u16) -> Option<Failure> {
    if matches!(status, 408 | 429 | 500..) {
        return None;
    }
    let digits = said.codes.last().and_then(|code| code.strip_prefix("AADSTS")).unwrap_or_default();
    if let Some(failure) = known(digits, context.doing) {
        return Some(failure);
    }
    let words = match said.codes.first().map(String::as_str) {
        Some("authorization_declined" | "access_denied") => "the sign-in was declined",
        Some("expired_token" | "code_expired") => "the code has expired",
        Some("bad_verification_code") => "the code is not known any more",
        Some("interaction_required") => "the tenant asks for a new sign-in",
        _ => match first_line(&said.message) {
            "" => "sign-in refused it",
            line => line,
        },
    };
    Some(Failure::new(Kind::SignedOut, context.doing.to_owned(), words).hint("sign in again"))
}
