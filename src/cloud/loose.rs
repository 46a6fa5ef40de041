//! Azure's JSON as it really comes: lists that are null, numbers and truths written as text, tags in an order worth keeping.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::domain::{Moment, Tags, Untrusted};

use super::wire::Page;

/// A page of a list of Azure Resource Manager or Key Vault. A missing `value` is an error: taking it for an empty list would
/// tell somebody that there is nothing.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub(crate) struct Listed<T> {
    #[serde(deserialize_with = "list")]
    value: Vec<T>,
    #[serde(default, rename = "nextLink", deserialize_with = "text")]
    next: Option<Untrusted>,
}

impl<T: DeserializeOwned> Page for Listed<T> {
    type Item = T;

    fn split(self) -> (Vec<T>, Option<String>) {
        (self.value, self.next.map(|link| link.raw().to_owned()))
    }
}

/// A list; null is an empty one.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// An object; null is its default.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Text; null and the empty text (Resource Graph's `tostring(null)`) are none.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Untrusted>, D::Error> {
    Option::<Untrusted>::deserialize(deserializer).map(|text| text.filter(|text| !text.is_empty()))
}

/// A name-to-text map in its order; null is an empty one. What is not text is shown as its JSON.
pub(crate) fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tags, D::Error> {
    let map = Option::<Map<String, Value>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(map
        .into_iter()
        .map(|(key, value)| {
            let value = match value {
                Value::String(text) => text,
                Value::Null => String::new(),
                other => other.to_string(),
            };
            (Untrusted::new(key), Untrusted::new(value))
        })
        .collect())
}

/// A number that may be written as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Broken(f64),
    Text(String),
    Nothing(IgnoredAny),
}

/// A whole number, also as text; anything else is none.
pub(crate) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Number::deserialize(deserializer)? {
        Number::Whole(number) => Some(number),
        // Compared as text: casts between floats and integers cannot be exact, formatting is.
        Number::Broken(number) => format!("{:.0}", number.trunc()).parse().ok(),
        Number::Text(text) => text.trim().parse().ok(),
        Number::Nothing(_) => None,
    })
}

/// A point in time as seconds since 1970, also as text.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
    Ok(whole(deserializer)?.and_then(|seconds| Moment::from_second(seconds).ok()))
}

/// A point in time as ARM writes it: seven digits, `Z` or an offset. Unreadable ones are none: they are only shown.
pub(crate) fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.and_then(|text| text.parse().ok()))
}

/// A truth, also as the texts `"true"`, `"True"` and as 1.
pub(crate) fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(truth) => Some(truth),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Odd {
        #[serde(default, deserialize_with = "seconds")]
        at: Option<Moment>,
        #[serde(default, deserialize_with = "truth")]
        cut: Option<bool>,
        #[serde(default, deserialize_with = "tags")]
        tags: Tags,
        #[serde(default, deserialize_with = "instant")]
        made: Option<Moment>,
    }

    fn odd(json: &str) -> Odd {
        serde_json::from_str(json).expect("lenient")
    }

    #[test]
    fn numbers_and_truths_may_be_text() {
        for json in [r#"{"at":1588272425}"#, r#"{"at":"1588272425"}"#, r#"{"at":1588272425.0}"#] {
            assert_eq!(odd(json).at.map(Moment::as_second), Some(1_588_272_425), "{json}");
        }
        assert_eq!(odd(r#"{"at":null}"#).at, None);
        assert_eq!(odd(r#"{"at":"99999999999999999999"}"#).at, None);
        assert_eq!((odd(r#"{"cut":"true"}"#).cut, odd(r#"{"cut":false}"#).cut), (Some(true), Some(false)));
    }

    #[test]
    fn tags_keep_their_order_and_null_is_none() {
        let tags = odd(r#"{"tags":{"z":"1","a":null,"n":3}}"#).tags;
        let shown: Vec<_> = tags.iter().map(|(key, value)| format!("{}={}", key.raw(), value.raw())).collect();
        assert_eq!(shown, ["z=1", "a=", "n=3"]);
        assert!(odd(r#"{"tags":null}"#).tags.is_empty());
    }

    #[test]
    fn arm_s_seven_digits_and_both_zones_are_read() {
        let zulu = odd(r#"{"made":"2022-09-20T06:30:21.9315063Z"}"#).made;
        assert!(zulu.is_some());
        assert_eq!(odd(r#"{"made":"2022-09-20T06:30:21.9315063+00:00"}"#).made, zulu);
        assert_eq!(odd(r#"{"made":"yesterday"}"#).made, None);
    }

    #[test]
    fn a_list_without_its_value_is_no_empty_list() {
        assert!(serde_json::from_str::<Listed<String>>(r#"{"values":[]}"#).is_err());
        let (items, next) =
            serde_json::from_str::<Listed<String>>(r#"{"value":null,"nextLink":""}"#).expect("null").split();
        assert!(items.is_empty() && next.is_none());
    }
}
