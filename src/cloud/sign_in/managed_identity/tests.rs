//! What the services of a machine answer, in the forms they have been seen in.

use super::*;

fn grant(json: &str) -> Grant {
    serde_json::from_str(json).expect("a grant")
}

#[test]
fn the_end_of_a_token_comes_in_many_forms() {
    for (json, want) in [
        (r#"{"access_token":"t","expires_on":1700000000}"#, Some(1_700_000_000)),
        (r#"{"access_token":"t","expires_on":"1700000000"}"#, Some(1_700_000_000)),
        (r#"{"access_token":"t","expires_on":"06/20/2019 02:57:58 +00:00"}"#, Some(1_560_999_478)),
        (r#"{"access_token":"t","expires_on":"1/16/2020 5:24:12 AM +00:00"}"#, Some(1_579_152_252)),
        (r#"{"access_token":"t","expires_on":"soon"}"#, None),
        (r#"{"access_token":"t"}"#, None),
    ] {
        assert_eq!(grant(json).expires_on, want, "{json}");
    }
    assert_eq!(grant(r#"{"access_token":"t","expires_in":"86399"}"#).expires_in, Some(86_399));
}
