//! The only holder of a secret value.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};

/// A value nobody should see by accident: a secret, a key, a token.
///
/// It has no `Display`, no `Serialize` and no `Clone`; `Debug` tells not even its length; it is wiped when dropped. There is
/// one way out, [`Sealed::unseal`], and `tests/architecture.rs` lists the files that may take it.
pub struct Sealed(SecretString);

impl Sealed {
    /// Seals `value`, without a copy when it fills its allocation; what is left of a larger one is wiped by the allocator.
    pub fn new(value: String) -> Self {
        Self(SecretString::from(value))
    }

    /// The value itself, for the few who send, show, copy or print it.
    pub fn unseal(&self) -> &str {
        self.0.expose_secret()
    }

    /// Length in bytes, for the limits Azure sets and for the reveal sheet.
    pub fn bytes(&self) -> usize {
        self.0.expose_secret().len()
    }

    /// How many lines it takes where a line has so many columns, about (wide characters count as one).
    pub fn folded_lines(&self, columns: usize) -> usize {
        let fold = |line: &str| line.chars().count().div_ceil(columns.max(1)).max(1);
        self.0.expose_secret().split('\n').map(fold).sum()
    }

    /// Whether two values are the same, without showing either.
    pub fn same(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::Sealed;

    #[test]
    fn debug_tells_nothing() {
        let sealed = Sealed::new("correct horse".to_owned());
        assert_eq!(format!("{sealed:?} {sealed:#?}"), "[sealed] [sealed]");
    }
}
