//! What Entra remembers between requests: codes it gave out, logins that ended, what its tenants and services ask for.

use super::{authorize, device_code};
use crate::demo::{
    DemoCloud,
    clock::Moment,
    token::Caller,
    world::{Policy, Proof, Which},
};

/// What somebody does who is shown a page to sign in on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    #[default]
    Agrees,
    Declines,
    /// Never looks at it.
    Away,
}

/// Why a login does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nobody used it for 90 days (AADSTS700082).
    Unused,
    /// The user's password has changed (AADSTS50173).
    PasswordChanged,
    /// The tenant limits how long a login lasts (AADSTS70043).
    TooOld,
}

/// A service's wish for tokens of somebody that carry more than they do (continuous access evaluation).
#[derive(Debug)]
struct Wish {
    /// By user name, or by the name of an application.
    username: String,
    /// The authentication context that must be in the token.
    context: String,
}

/// What Entra remembers between requests.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) codes: Vec<device_code::Code>,
    pub(crate) authorizations: Vec<authorize::Code>,
    /// Whose refresh tokens are refused, and why.
    pub(crate) ended: Vec<(String, Ended)>,
    /// What whoever is shown a page or a code does.
    pub(crate) manner: Manner,
    /// Counts refresh tokens: each one says which it is.
    pub(crate) turn: u64,
    /// Of whom only the newest refresh token is taken, with its number.
    pub(crate) newest: Vec<(String, u64)>,
    /// Whether older refresh tokens than the newest are refused; Azure itself takes them.
    pub(crate) spends: bool,
    /// Whose refresh token is taken for whose.
    pub(crate) mistaken: Vec<(String, String)>,
    wishes: Vec<Wish>,
}

impl Desk {
    /// As it is in a world.
    pub(crate) fn of(which: Which) -> Self {
        let mut desk = Self::default();
        let alex = || "alex@contoso.com".to_owned();
        match which {
            Which::Declined => desk.manner = Manner::Declines,
            Which::Away => desk.manner = Manner::Away,
            Which::Revoked => desk.ended.push((alex(), Ended::PasswordChanged)),
            Which::Challenged => desk.wishes.push(Wish { username: alex(), context: "c1".to_owned() }),
            _ => {}
        }
        desk
    }

    /// Nothing goes wrong here any more.
    pub(crate) fn calm(&mut self) {
        self.ended.clear();
        self.wishes.clear();
        self.mistaken.clear();
        self.manner = Manner::Agrees;
        self.spends = false;
    }

    /// Why this login does not go on, if it does not.
    pub(crate) fn end_of(&self, username: &str) -> Option<Ended> {
        self.ended.iter().find(|(name, _)| name == username).map(|(_, why)| *why)
    }

    /// The claims that a service still wants of this caller, as a `WWW-Authenticate` header asks for them.
    pub(crate) fn wishes_of(&self, caller: &Caller, username: &str) -> Option<String> {
        let wish = self.wishes.iter().find(|wish| wish.username == username)?;
        let claims = serde_json::json!({"access_token": {"acrs": {"essential": true, "value": wish.context}}});
        (!caller.contexts.contains(&wish.context)).then(|| claims.to_string())
    }
}

impl DemoCloud {
    /// From now on this user's refresh tokens are refused: nobody used them for too long. Signing in anew helps.
    pub fn revoke(&self, username: &str) {
        self.end_login(username, Ended::Unused);
    }

    /// From now on this user's refresh tokens are refused for this reason. Signing in anew helps.
    pub fn end_login(&self, username: &str, why: Ended) {
        self.state().desk.ended.push((username.to_owned(), why));
    }

    /// From now on whoever is shown a device code or a sign-in page says no.
    pub fn decline_device_codes(&self) {
        self.state().desk.manner = Manner::Declines;
    }

    /// From now on nobody looks at a device code or a sign-in page: codes run out.
    pub fn leave_device_codes(&self) {
        self.state().desk.manner = Manner::Away;
    }

    /// From now on the refresh tokens from before the newest one of each user are refused, so that a client which did not keep
    /// the newest is found out. Azure takes older ones, too.
    pub fn spend_refresh_tokens(&self) {
        self.state().desk.spends = true;
    }

    /// From now on a user's refresh token brings tokens of another user, as after a mix-up on a shared machine.
    pub fn mistake(&self, username: &str, other: &str) {
        self.state().desk.mistaken.push((username.to_owned(), other.to_owned()));
    }

    /// From now on every service refuses this user's (or application's) tokens, unless they carry the authentication context
    /// `context`: its 401 asks for it in claims (continuous access evaluation).
    pub fn challenge(&self, username: &str, context: &str) {
        let wish = Wish { username: username.to_owned(), context: context.to_owned() };
        self.state().desk.wishes.push(wish);
    }

    /// What a tenant asks of its users from now on. An unknown domain changes nothing.
    pub fn set_policy(&self, domain: &str, policy: Policy) {
        let mut state = self.state();
        if let Some(tenant) = state.world.tenants.iter_mut().find(|tenant| tenant.domain == domain) {
            tenant.policy = policy;
        }
    }

    /// From now on this user is a guest in another tenant, too: one login opens both.
    pub fn invite(&self, username: &str, domain: &str) {
        let mut state = self.state();
        let Some(tenant) = state.world.tenant(domain).map(|tenant| tenant.id.clone()) else { return };
        if let Some(person) = state.world.people.iter_mut().find(|person| person.username == username) {
            person.guest_in.push(tenant);
        }
    }

    /// From now on this application's certificates are these (DER), and none else.
    pub fn register_certificates(&self, application: &str, certificates: &[&[u8]]) {
        let mut state = self.state();
        if let Some(person) = state.world.people.iter_mut().find(|person| person.username == application)
            && let Proof::Application(known) = &mut person.proof
        {
            known.certificates = certificates.iter().map(|der| der.to_vec()).collect();
        }
    }

    /// A token that the demo's Kubernetes cluster gives its job `subject`, for Entra to exchange (workload identity
    /// federation), good for an hour. Entra trusts `system:serviceaccount:ml:train` to be `ml-auth`.
    pub fn federated_token(&self, subject: &str) -> String {
        super::federated_token(subject, self.moment())
    }

    fn moment(&self) -> Moment {
        self.clock.now()
    }
}
