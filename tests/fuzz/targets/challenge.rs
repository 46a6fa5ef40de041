//! The challenge of a 401: it leads to an https address or nowhere, and asks for claims that are a JSON object or for none.

use amlock::cloud::readers;

pub(crate) fn holds(data: &[u8]) {
    let header = String::from_utf8_lossy(data);
    let (authority, claims) = readers::challenge(&header);
    if let Some(url) = authority {
        assert_eq!(url.scheme(), "https");
        assert!(url.host_str().is_some_and(|host| !host.is_empty()), "{url}");
        assert!(url.username().is_empty() && url.password().is_none(), "{url}");
    }
    if let Some(claims) = claims {
        assert!(header.contains("insufficient_claims"));
        assert!(serde_json::from_str::<serde_json::Value>(&claims).is_ok_and(|claims| claims.is_object()));
    }
}
