//! What a 401 says in its `WWW-Authenticate` header.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use url::Url;

use super::super::gate::address;

/// A parameter of a challenge: `name="value"`.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = header;
    loop {
        let at = rest.find(name)?;
        let (before, found) = (&rest[..at], &rest[at + name.len()..]);
        rest = found;
        // A whole word only: `authorization` is also the head of `authorization_uri`.
        let whole = before.ends_with([' ', ',']) || before.is_empty();
        if let Some(value) = found.trim_start().strip_prefix('=').filter(|_| whole) {
            let value = value.trim_start();
            return match value.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => value.split([',', ' ']).next(),
            };
        }
    }
}

/// Where the service wants us to sign in.
pub(crate) fn authority(header: &str) -> Option<Url> {
    let text = parameter(header, "authorization").or_else(|| parameter(header, "authorization_uri"))?;
    address(text).ok()
}

/// The claims the next token must carry, where the service says that this one's do not suffice.
pub(crate) fn claims(header: &str) -> Option<String> {
    if parameter(header, "error") != Some("insufficient_claims") {
        return None;
    }
    let text = parameter(header, "claims")?.trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()?;
    let claims = String::from_utf8(bytes).ok()?;
    // It goes into a form field as it is; what is no JSON object is none.
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&claims).ok().map(|_| claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_names_its_tenant() {
        let header =
            r#"Bearer authorization="https://login.microsoftonline.com/tenant-1", resource="https://vault.azure.net""#;
        assert_eq!(authority(header).expect("an address").path(), "/tenant-1");
        let other = r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/t2/oauth2/authorize""#;
        assert_eq!(authority(other).expect("an address").path(), "/t2/oauth2/authorize");
        assert!(authority(r#"Bearer authorization="http://login.microsoftonline.com/t""#).is_none());
        assert!(authority("Bearer").is_none());
    }

    #[test]
    fn claims_are_taken_only_where_the_service_lacks_some() {
        let header = r#"Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ==""#;
        assert_eq!(claims(header).as_deref(), Some(r#"{"access_token":{}}"#));
        assert_eq!(claims(r#"Bearer error="invalid_token", claims="e30=""#), None);
        assert_eq!(claims(r#"Bearer error="insufficient_claims", claims="%%%""#), None);
    }
}
