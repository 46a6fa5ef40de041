//! Who can sign in to the demo, and how they prove it.

use super::places::{CONTOSO, FABRIKAM, tenant_id};
use crate::demo::seed;

/// A user or a service principal.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// What one signs in with; a principal's display name.
    pub(crate) username: String,
    /// The display name.
    pub(crate) name: String,
    pub(crate) object_id: String,
    /// The tenant of the account; tokens for other tenants are refused.
    pub(crate) tenant: String,
    pub(crate) proof: Proof,
}

/// How somebody proves who they are.
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    /// In a browser, after a device code, or with a refresh token.
    Browser,
    /// With a client secret.
    Secret { client_id: String, client_secret: String, expired: bool },
    /// By running on a machine of Azure's: a managed identity, the machine's own or one that was given to it.
    Machine { client_id: String, own: bool },
}

impl Person {
    pub(crate) fn is_user(&self) -> bool {
        matches!(self.proof, Proof::Browser)
    }
}

/// Two users of one name in two tenants, the pipeline's principal, one whose secret has expired, and the two managed
/// identities of Alex's compute.
pub(crate) fn people() -> Vec<Person> {
    vec![
        user("alex@contoso.com", "Alex Kim", CONTOSO),
        user("alex@fabrikam.com", "Alex Kim (Fabrikam)", FABRIKAM),
        principal("ml-auth", CONTOSO, false),
        principal("ml-auth-old", CONTOSO, true),
        machine("ci-alex", CONTOSO, true),
        machine("id-ml-jobs", CONTOSO, false),
    ]
}

fn user(username: &str, name: &str, tenant: &str) -> Person {
    Person {
        username: username.to_owned(),
        name: name.to_owned(),
        object_id: seed::guid(&["person", username]),
        tenant: tenant_id(tenant),
        proof: Proof::Browser,
    }
}

fn machine(name: &str, tenant: &str, own: bool) -> Person {
    Person {
        username: name.to_owned(),
        name: name.to_owned(),
        object_id: seed::guid(&["person", name]),
        tenant: tenant_id(tenant),
        proof: Proof::Machine { client_id: seed::guid(&["client", name]), own },
    }
}

fn principal(name: &str, tenant: &str, expired: bool) -> Person {
    Person {
        username: name.to_owned(),
        name: name.to_owned(),
        object_id: seed::guid(&["person", name]),
        tenant: tenant_id(tenant),
        proof: Proof::Secret {
            client_id: seed::guid(&["client", name]),
            // The characters that break clients which forget to percent-encode.
            client_secret: format!("demo-only~{name}+&=secret"),
            expired,
        },
    }
}
