//! Who is signed in when the demo begins, and who could be: what a test or a user has to know to sign in.

use std::fmt;

use super::{
    DemoCloud, token,
    world::{self, Person, Proof, Which},
};

/// A login that the demo starts with.
#[derive(Clone, PartialEq, Eq)]
pub enum SeededLogin {
    /// A user, signed in by a refresh token.
    User {
        /// `alex@contoso.com`.
        username: String,
        /// The user's object id.
        object_id: String,
        /// The user's tenant.
        tenant: String,
        /// Good for any audience in that tenant.
        refresh_token: String,
    },
    /// A service principal, signed in by its client secret.
    Principal {
        /// The application's display name.
        name: String,
        /// Its tenant.
        tenant: String,
        /// The application's id.
        client_id: String,
        /// Its secret.
        client_secret: String,
    },
}

impl fmt::Debug for SeededLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { username, .. } => {
                formatter.debug_struct("User").field("username", username).finish_non_exhaustive()
            }
            Self::Principal { name, .. } => {
                formatter.debug_struct("Principal").field("name", name).finish_non_exhaustive()
            }
        }
    }
}

impl SeededLogin {
    fn of(person: &Person) -> Option<Self> {
        match &person.proof {
            Proof::Browser => Some(Self::User {
                username: person.username.clone(),
                object_id: person.object_id.clone(),
                tenant: person.tenant.clone(),
                refresh_token: token::refresh(person, 0, false),
            }),
            Proof::Application(known) => Some(Self::Principal {
                name: person.username.clone(),
                tenant: person.tenant.clone(),
                client_id: known.client_id.clone(),
                client_secret: known.client_secret.clone(),
            }),
            Proof::Machine { .. } => None,
        }
    }
}

impl DemoCloud {
    /// The logins that this world starts with; nobody is signed in without them.
    pub fn seeded_logins(&self) -> Vec<SeededLogin> {
        if matches!(self.which, Which::SignedOut | Which::Declined | Which::Away) {
            return Vec::new();
        }
        let seeded = ["alex@contoso.com", "ml-auth"];
        let people = world::people::people().into_iter();
        people
            .filter(|person| seeded.contains(&person.username.as_str()))
            .filter_map(|person| SeededLogin::of(&person))
            .collect()
    }

    /// Everybody who could sign in with something they know: the users, `ml-auth`, and `ml-auth-old`, whose secret has
    /// expired.
    pub fn logins(&self) -> Vec<SeededLogin> {
        world::people::people().iter().filter_map(SeededLogin::of).collect()
    }

    /// The machines' identities by name and client id, their own first.
    pub fn machine_identities(&self) -> Vec<(String, String)> {
        let people = world::people::people().into_iter();
        let named = people.filter_map(|person| match person.proof {
            Proof::Machine { client_id, .. } => Some((person.username, client_id)),
            Proof::Browser | Proof::Application(_) => None,
        });
        named.collect()
    }

    /// A tenant's id by its domain: `contoso.com` and `fabrikam.com`; `adatum.com`, which wants multi-factor authentication,
    /// `litware.com`, where nobody consented, and `proseware.com`, which lets nobody in.
    pub fn tenant(&self, domain: &str) -> Option<String> {
        self.state().world.tenant(domain).map(|tenant| tenant.id.clone())
    }
}
