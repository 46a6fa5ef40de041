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

/// Code, whether it is told as signed out, what it means, what to do. `{tenant}` is the tenant's name where that is known.
const TABLE: &[(&str, bool, &str, &str)] = &[
    ("7000215", true, "the client secret is wrong", "use the secret's value; its id looks much like it"),
    ("7000222", true, "the client secret has expired", "make a new secret for the application"),
    ("7000218", true, "the application must prove itself", "give it a secret, a certificate or a federated token"),
    ("700016", true, "there is no such application in {tenant}", "check the client id and the tenant"),
    ("7000112", true, "the application is disabled in {tenant}", "ask its administrator to enable it"),
    ("700024", true, "what the certificate signed is not valid at this time", "check this machine's clock"),
    ("700027", true, "the application does not know this certificate", "add it to the application, or use another one"),
    ("700211", true, "the application trusts no such issuer of tokens", "check its federated credentials"),
    (
        "700212",
        true,
        "the federated token was made for somebody else",
        "check its audience, and the federated credentials",
    ),
    ("700213", true, "the application trusts no such subject", "check its federated credentials"),
    ("70021", true, "the application trusts no such federated token", "check its federated credentials"),
    ("90002", true, "there is no such tenant", "check the tenant id or domain, and the cloud"),
    ("900023", true, "this is neither a tenant id nor a domain", "check the tenant id or domain"),
    (
        "500011",
        false,
        "{tenant} does not know the service asked for",
        "check the resource, and that the cloud is the right one",
    ),
    (
        "50001",
        false,
        "{tenant} does not know the service asked for",
        "check the resource, and that the cloud is the right one",
    ),
    ("50076", true, "{tenant} asks for multi-factor authentication", "sign in again, to {tenant}"),
    ("50079", true, "{tenant} asks to set up multi-factor authentication", "sign in again, to {tenant}"),
    ("50072", true, "{tenant} asks to set up multi-factor authentication", "sign in again, to {tenant}"),
    ("50074", true, "{tenant} asks for multi-factor authentication", "sign in again, to {tenant}"),
    ("50078", true, "the multi-factor authentication for {tenant} has expired", "sign in again, to {tenant}"),
    ("50158", true, "{tenant} asks for one more proof", "sign in again, to {tenant}"),
    (
        "53003",
        true,
        "a Conditional Access rule of {tenant} does not allow it",
        "sign in again, or ask the tenant's administrator; such rules often forbid device codes",
    ),
    (
        "53000",
        true,
        "a Conditional Access rule of {tenant} asks for a managed device",
        "sign in from a device the tenant manages",
    ),
    (
        "53001",
        true,
        "a Conditional Access rule of {tenant} asks for a domain-joined device",
        "sign in from a device the tenant manages",
    ),
    (
        "530003",
        true,
        "a Conditional Access rule of {tenant} asks for a managed device",
        "sign in from a device the tenant manages",
    ),
    ("50097", true, "{tenant} asks for a device it knows", "sign in from a device the tenant manages"),
    ("50105", true, "nobody assigned this user to the application", "ask the tenant's administrator to assign it"),
    (
        "65001",
        true,
        "nobody has consented to this application in {tenant}",
        "ask the tenant's administrator to consent",
    ),
    ("65004", true, "the consent was declined", "sign in again, and consent"),
    ("700082", true, "the login has expired, it was not used for too long", "sign in again"),
    ("70043", true, "the login has expired, the tenant limits how long it lasts", "sign in again"),
    ("50173", true, "the login was revoked, the password has changed", "sign in again"),
    ("50132", true, "the login was revoked", "sign in again"),
    ("50034", true, "the user is not in {tenant}", "choose another tenant, or ask to be invited"),
    ("50020", true, "the user is not in {tenant}", "choose another tenant, or ask to be invited as a guest"),
    ("90072", true, "the user is not in {tenant}", "choose another tenant, or ask to be invited as a guest"),
    ("50057", true, "the user's account is disabled", "ask the tenant's administrator"),
    ("50055", true, "the user's password has expired", "change it in a browser, then sign in again"),
    ("50053", true, "the user's account is locked", "wait a while, or ask the tenant's administrator"),
    ("70016", true, "the sign-in is not finished yet", "enter the code"),
    ("70020", true, "the code has expired", "sign in again"),
    ("70008", true, "the login has expired", "sign in again"),
    ("54005", true, "the code was used already", "sign in again"),
    (
        "9002313",
        true,
        "what was sent to prove the login is malformed",
        "sign in again; a secret, code or token that was cut short while it was copied reads like that",
    ),
];

fn known(digits: &str, doing: &str, tenant: Option<&str>) -> Option<Failure> {
    let (_, ours, words, hint) = TABLE.iter().find(|(code, ..)| *code == digits)?;
    let kind = if *ours { Kind::SignedOut } else { Kind::Failed };
    let named = tenant.map_or_else(|| "the tenant".to_owned(), |tenant| format!("tenant {tenant}"));
    let filled = |text: &str| text.replace("{tenant}", &named);
    Some(Failure::new(kind, doing.to_owned(), filled(words)).hint(filled(hint)))
}

/// A failure of sign-in, where it is known which tenant it was asked of: what that one demands is told with its name.
pub(super) fn in_tenant(failure: Failure, tenant: &str) -> Failure {
    let code = failure.azure.as_ref().map(|azure| azure.code.raw().to_owned()).unwrap_or_default();
    let Some(digits) = code.strip_prefix("AADSTS") else { return failure };
    let (plain, named) = (known(digits, &failure.doing, None), known(digits, &failure.doing, Some(tenant)));
    let (Some(plain), Some(named)) = (plain, named) else { return failure };
    // A wrong clock's hint stays, alone or behind the other.
    let rest = failure.hint.as_deref().zip(plain.hint.as_deref()).and_then(|(hint, plain)| hint.strip_prefix(plain));
    let hint = match (rest, named.hint) {
        (Some(rest), Some(named)) => Some(format!("{named}{rest}")),
        _ => failure.hint,
    };
    Failure { cause: named.cause, hint, ..failure }
}

/// The failure for the first code in a text that amlock knows, with that code.
pub(super) fn found(text: &str, doing: &str) -> Option<Failure> {
    text.split("AADSTS").skip(1).find_map(|rest| {
        let digits = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
        let code = Untrusted::from(format!("AADSTS{digits}"));
        Some(known(digits, doing, None)?.azure(AzureWords { code, ..AzureWords::default() }))
    })
}

/// The words for an error of sign-in; statuses that ask to wait are nobody's fault and told as everywhere.
pub(super) fn failure(context: &Context<'_>, said: &Said, status: u16) -> Option<Failure> {
    if matches!(status, 408 | 429 | 500..) {
        return None;
    }
    let digits = said.codes.last().and_then(|code| code.strip_prefix("AADSTS")).unwrap_or_default();
    if let Some(failure) = known(digits, context.doing, None) {
        return Some(failure);
    }
    let words = match said.codes.first().map(String::as_str) {
        Some("authorization_declined" | "access_denied") => "the sign-in was declined",
        Some("expired_token" | "code_expired") => "the code has expired",
        Some("bad_verification_code") => "the code is not known any more",
        Some("interaction_required") => "the tenant asks for a new sign-in",
        _ => match unknown(&said.message) {
            "" => "sign-in refused it",
            line => line,
        },
    };
    Some(Failure::new(Kind::SignedOut, context.doing.to_owned(), words).hint("sign in again"))
}

/// What Entra says of itself, without the ids that follow it: on lines of their own, or since 2022 on the same.
fn unknown(message: &str) -> &str {
    let line = first_line(message);
    line.split(" Trace ID:").next().unwrap_or_default().trim_end_matches('.')
}

#[cfg(test)]
mod tests;
