//! The nouns of Azure Machine Learning's keyring: no I/O, no async, no screen.

mod sealed;
mod text;

pub use sealed::Sealed;
pub use text::{SafeText, Untrusted};
