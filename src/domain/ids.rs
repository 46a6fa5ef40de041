//! Identifiers, checked once where they come in.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text that is not the identifier it was meant to be; says which kind was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadId(pub &'static str);

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a valid {}", self.0)
    }
}

/// One path piece of an address: what a tenant id, domain, subscription id or account id may consist of.
fn piece(text: &str, what: &'static str) -> Result<Box<str>, BadId> {
    let fits = !text.is_empty()
        && text.len() <= 128
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        && text != "."
        && text != "..";
    if fits { Ok(text.to_ascii_lowercase().into()) } else { Err(BadId(what)) }
}

macro_rules! id {
    ($name:ident, $what:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks `text`; case is folded, as Azure compares these without it.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                piece(text, $what).map(Self)
            }

            /// The identifier in lower case.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // The text itself is not repeated in the error: it may be anything.
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(TenantId, "tenant id or domain", "A tenant: its id (a GUID) or one of its domain names.");
id!(SubscriptionId, "subscription id", "A subscription's id (a GUID).");
id!(ClientId, "client id", "An application's (a service principal's) client id (a GUID).");
id!(AccountId, "account id", "An account: `{object or client id}.{tenant id}`, as MSAL names home accounts.");

/// The ARM id of a resource below a resource group, kept as it came and compared without case, as ARM does.
#[derive(Clone)]
pub struct ResourceId {
    text: Box<str>,
    /// Where subscription, resource group and name lie in `text`.
    subscription: (u16, u16),
    group: (u16, u16),
    name: u16,
}

impl ResourceId {
    /// Parses `/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME[/TYPE/NAME...]`.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        const BAD: BadId = BadId("resource id");
        let text = text.trim_end_matches('/');
        if text.len() > 2048 || !text.starts_with('/') {
            return Err(BAD);
        }
        let pieces: Vec<&str> = text[1..].split('/').collect();
        let shaped = pieces.len() >= 8
            && pieces.len().is_multiple_of(2)
            && pieces[0].eq_ignore_ascii_case("subscriptions")
            && pieces[2].eq_ignore_ascii_case("resourcegroups")
            && pieces[4].eq_ignore_ascii_case("providers");
        // Group names may hold Unicode letters, parentheses and dots (Azure's naming rules); nothing may leave its piece.
        let clean = pieces.iter().all(|piece| {
            !piece.is_empty()
                && *piece != "."
                && *piece != ".."
                && piece.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '(' | ')'))
        });
        if !shaped || !clean {
            return Err(BAD);
        }
        let at = |n: usize| {
            let start = 1 + pieces[..n].iter().map(|piece| piece.len() + 1).sum::<usize>();
            Ok::<_, BadId>((
                u16::try_from(start).map_err(|_| BAD)?,
                u16::try_from(start + pieces[n].len()).map_err(|_| BAD)?,
            ))
        };
        Ok(Self { text: text.into(), subscription: at(1)?, group: at(3)?, name: at(pieces.len() - 1)?.0 })
    }

    fn slice(&self, (from, to): (u16, u16)) -> &str {
        &self.text[usize::from(from)..usize::from(to)]
    }

    /// The whole id, as it came.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The subscription's id.
    pub fn subscription(&self) -> &str {
        self.slice(self.subscription)
    }

    /// The resource group's name.
    pub fn resource_group(&self) -> &str {
        self.slice(self.group)
    }

    /// The resource's own name: the last piece.
    pub fn name(&self) -> &str {
        &self.text[usize::from(self.name)..]
    }

    /// Namespace and type, e.g. `Microsoft.MachineLearningServices/workspaces`.
    pub fn resource_type(&self) -> String {
        let pieces: Vec<&str> = self.text[1..].split('/').collect();
        let types = pieces[6..].iter().step_by(2).copied().collect::<Vec<_>>().join("/");
        format!("{}/{types}", pieces[5])
    }

    /// Whether it names an Azure Machine Learning workspace.
    pub fn is_workspace(&self) -> bool {
        self.resource_type().eq_ignore_ascii_case("Microsoft.MachineLearningServices/workspaces")
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.text.to_lowercase() == other.text.to_lowercase()
    }
}

impl Eq for ResourceId {}

impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.to_lowercase().hash(state);
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for ResourceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for ResourceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str =
        "/subscriptions/1111/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/ws-vision";

    #[test]
    fn a_resource_id_names_its_parts() {
        let id = ResourceId::parse(ID).expect("well formed");
        assert_eq!((id.subscription(), id.resource_group(), id.name()), ("1111", "rg-ml", "ws-vision"));
        assert!(id.is_workspace());
        assert_eq!(id, ResourceId::parse(&ID.to_uppercase()).expect("case does not matter"));
    }

    #[test]
    fn what_could_leave_its_path_is_refused() {
        for bad in [
            "",
            "ws-vision",
            "/subscriptions/1/resourceGroups/g/providers/n/t",
            "/subscriptions/1/resourceGroups/../providers/n/t/x",
            "/subscriptions/1/resourceGroups/g/providers/n/t/x?y=1",
            "/subscriptions/1/resourceGroups/g/providers/n/t/x#y",
            "/subscriptions/1/resourceGroups//providers/n/t/x",
            "https://evil/subscriptions/1/resourceGroups/g/providers/n/t/x",
        ] {
            assert!(ResourceId::parse(bad).is_err(), "{bad}");
        }
        assert!(TenantId::parse("contoso.com/../common").is_err());
    }
}
