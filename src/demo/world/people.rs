//! Who can sign in to the demo, and how they prove it.

use super::places::{CONTOSO, FABRIKAM, tenant_id};
use crate::demo::{CLUSTER, seed};

/// The certificate that ml-auth registered. Its private half lies among the tests (`principal.pem`).
const CERTIFICATE: &[u8] = include_bytes!("../../../assets/demo-only.ml-auth.cer");

/// A user or a service principal.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// What one signs in with; a principal's display name.
    pub(crate) username: String,
    /// The display name.
    pub(crate) name: String,
    pub(crate) object_id: String,
    /// The tenant of the account.
    pub(crate) tenant: String,
    /// The other tenants that let them in; tokens for all others are refused.
    pub(crate) guest_in: Vec<String>,
    pub(crate) proof: Proof,
}

/// How somebody proves who they are.
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    /// In a browser, after a device code, or with a refresh token.
    Browser,
    /// As an application.
    Application(Application),
    /// By running on a machine of Azure's: a managed identity, the machine's own or one that was given to it.
    Machine { client_id: String, own: bool },
}

/// What Entra knows an application by.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// Whether the secret's time is over.
    pub(crate) expired: bool,
    /// DER.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// Whose tokens it takes for its own: issuers and subjects.
    pub(crate) trusted: Vec<(&'static str, &'static str)>,
}

impl Person {
    pub(crate) fn is_user(&self) -> bool {
        matches!(self.proof, Proof::Browser)
    }

    /// Whether a tenant lets them in at all.
    pub(crate) fn is_in(&self, tenant: &str) -> bool {
        self.tenant == tenant || self.guest_in.iter().any(|guest| guest == tenant)
    }

    /// A guest is somebody else's object in every tenant.
    pub(crate) fn object_id_in(&self, tenant: &str) -> String {
        if self.tenant == tenant {
            return self.object_id.clone();
        }
        seed::guid(&["guest", &self.object_id, tenant])
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
        guest_in: Vec::new(),
        proof: Proof::Browser,
    }
}

fn machine(name: &str, tenant: &str, own: bool) -> Person {
    Person {
        username: name.to_owned(),
        name: name.to_owned(),
        object_id: seed::guid(&["person", name]),
        tenant: tenant_id(tenant),
        guest_in: Vec::new(),
        proof: Proof::Machine { client_id: seed::guid(&["client", name]), own },
    }
}

fn principal(name: &str, tenant: &str, expired: bool) -> Person {
    Person {
        username: name.to_owned(),
        name: name.to_owned(),
        object_id: seed::guid(&["person", name]),
        tenant: tenant_id(tenant),
        guest_in: Vec::new(),
        proof: Proof::Application(Application {
            client_id: seed::guid(&["client", name]),
            // The characters that break clients which forget to percent-encode.
            client_secret: format!("demo-only~{name}+&=secret"),
            expired,
            certificates: if expired { Vec::new() } else { vec![CERTIFICATE.to_vec()] },
            trusted: if expired { Vec::new() } else { vec![(CLUSTER, "system:serviceaccount:ml:train")] },
        }),
    }
}
