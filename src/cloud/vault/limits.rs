//! What Key Vault would refuse anyway, said before anything is sent.

use crate::domain::{Failure, Sealed, Tags, Untrusted, VALUE_LIMIT};

/// Tags a secret may have.
const TAGS: usize = 15;

/// Characters of a tag's name, and of its value.
const TAG: usize = 256;

/// Characters of a content type.
const CONTENT_TYPE: usize = 255;

pub(super) fn value(value: &Sealed, doing: &str) -> Result<(), Failure> {
    match value.bytes() {
        0..=VALUE_LIMIT => Ok(()),
        over => {
            let cause = format!("the value has {over} bytes; a vault takes {VALUE_LIMIT}");
            Err(Failure::misused(doing.to_owned(), cause))
        }
    }
}

pub(super) fn content_type(text: Option<&Untrusted>, doing: &str) -> Result<(), Failure> {
    match text.map_or(0, |text| text.raw().chars().count()) {
        0..=CONTENT_TYPE => Ok(()),
        over => {
            let cause = format!("the type has {over} characters; a vault takes {CONTENT_TYPE}");
            Err(Failure::misused(doing.to_owned(), cause))
        }
    }
}

pub(super) fn tags(tags: Option<&Tags>, doing: &str) -> Result<(), Failure> {
    let Some(tags) = tags else { return Ok(()) };
    let bad = |cause: String| Err(Failure::misused(doing.to_owned(), cause));
    if tags.len() > TAGS {
        return bad(format!("it would have {} tags; a vault takes {TAGS}", tags.len()));
    }
    for (n, (key, value)) in tags.iter().enumerate() {
        if key.is_empty() {
            return bad("a tag has no name".to_owned());
        }
        if key.raw().chars().count() > TAG || value.raw().chars().count() > TAG {
            return bad(format!("the tag number {} is longer than {TAG} characters", n + 1));
        }
        if tags[..n].iter().any(|(other, _)| other == key) {
            return bad(format!("the tag {} is there twice", key.show()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_azure_s() {
        let sealed = |bytes: usize| Sealed::new("x".repeat(bytes));
        assert!(value(&sealed(25_600), "set it").is_ok());
        let failure = value(&sealed(25_601), "set it").expect_err("too long");
        assert_eq!(failure.cause, "the value has 25601 bytes; a vault takes 25600");
        let some = |count: usize| -> Tags {
            (0..count).map(|n| (Untrusted::new(format!("t{n}")), Untrusted::default())).collect()
        };
        assert!(tags(Some(&some(15)), "set it").is_ok());
        assert!(tags(Some(&some(16)), "set it").is_err());
        let long = |chars: usize| vec![(Untrusted::from("k"), Untrusted::new("é".repeat(chars)))];
        assert!(tags(Some(&long(256)), "set it").is_ok(), "characters are counted, not bytes");
        assert!(tags(Some(&long(257)), "set it").is_err());
        assert!(content_type(Some(&Untrusted::new("x".repeat(256))), "set it").is_err());
    }
}
