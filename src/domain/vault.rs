//! A key vault, and with whose tokens it is opened.

use url::Url;

use super::{ResourceId, Untrusted, Who};

/// A key vault as amlock asks it: where it is, and who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    /// Its name, the first label of its host.
    pub name: String,
    /// `https://NAME.vault.azure.net/`; checked by the gate before every request.
    pub url: Url,
    /// Whose token opens it, in the tenant the vault belongs to.
    pub who: Who,
    /// Its ARM id, where a workspace told it.
    pub id: Option<ResourceId>,
    /// Whether roles (`true`) or access policies (`false`) rule it, where that is known.
    pub by_role: Option<bool>,
    /// The name of the subscription it is in, where known.
    pub subscription_name: Option<Untrusted>,
}
