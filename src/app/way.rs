//! The ways to sign in, as they are offered, and what lies on the screen while one of them is gone.

use crate::domain::{AccountId, DeviceCode, Failure, Polling, Sealed, TenantId, Untrusted};

use super::field::Open;

/// A way to sign in, as it stands on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A code here, a browser on any device.
    DeviceCode,
    /// A login that is there already and was found without asking anybody: the Azure CLI's, the environment's, a machine's.
    Found(Found),
    /// A service principal that somebody fills in.
    Principal,
    /// A browser on this machine, or why there is none.
    Browser(Result<(), &'static str>),
    /// The identity of this machine, which only asking it shows.
    Machine,
}

/// A login that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its account.
    pub account: AccountId,
    /// What the way is called: `Azure CLI`.
    pub title: &'static str,
    /// Whose it is and where it was found.
    pub words: Untrusted,
}

/// What to sign in with.
#[derive(Debug)]
pub enum SignInWith {
    /// A device code, to a tenant or the account's own.
    Code(Option<TenantId>),
    /// A browser on this machine, to a tenant or the account's own.
    Page(Option<TenantId>),
    /// A login that is there already, in a tenant or its own.
    Found(AccountId, Option<TenantId>),
    /// A service principal.
    Principal(Box<TypedPrincipal>),
    /// The identity of this machine.
    Machine,
}

/// A service principal as somebody typed it.
#[derive(Debug)]
pub struct TypedPrincipal {
    /// Its tenant, where that was typed.
    pub tenant: Option<TenantId>,
    /// Its client id; empty only where a file has it.
    pub client_id: String,
    /// What proves it.
    pub proof: TypedProof,
}

/// What proves a service principal, as somebody typed it.
#[derive(Debug)]
pub enum TypedProof {
    /// Its secret.
    Secret(Sealed),
    /// A file with its certificate, and the password of that.
    Certificate(String, Option<Sealed>),
    /// A file of `az ad sp create-for-rbac`, with its ids in it.
    AuthFile(String),
}

/// The ways in.
#[derive(Debug, Default)]
pub struct SignInMenu {
    /// Which way the cursor is on.
    pub cursor: usize,
    /// The tenant to sign in to; empty means the account's own.
    pub tenant: Open,
    /// What the tenant was before somebody began to type into it; none while nobody does.
    pub typing: Option<String>,
    /// Why somebody is asked to sign in once more.
    pub why: Option<String>,
    /// Why the way that was tried last did not lead in.
    pub failed: Option<Failure>,
}

impl SignInMenu {
    /// The ways in to one tenant, and why.
    pub fn to(tenant: &TenantId, why: String) -> Self {
        Self { tenant: Open::with(tenant.as_str()), why: Some(why), ..Self::default() }
    }

    /// The tenant that was typed, if it is one.
    pub fn wanted(&self) -> Result<Option<TenantId>, String> {
        read_tenant(self.tenant.text())
    }
}

/// A tenant as it is typed; nothing means the account's own.
pub(super) fn read_tenant(text: &str) -> Result<Option<TenantId>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    TenantId::parse(text).map(Some).map_err(|bad| format!("{bad}: a tenant is a domain (contoso.com) or an id"))
}

/// A device code waiting for somebody to type it elsewhere.
#[derive(Debug, Default)]
pub struct DevicePrompt {
    /// The tenant it is for; none means the account's own.
    pub tenant: Option<TenantId>,
    /// The code, once it came.
    pub code: Option<DeviceCode>,
    /// How the wait goes.
    pub polling: Polling,
    /// Why nobody was signed in with it.
    pub failed: Option<Failure>,
}

/// A page that a browser on this machine should show.
#[derive(Debug, Default)]
pub struct PagePrompt {
    /// The tenant it is for; none means the account's own.
    pub tenant: Option<TenantId>,
    /// The page, once there is one, and whether a browser was started on it.
    pub page: Option<(Untrusted, bool)>,
    /// Why nobody was signed in with it.
    pub failed: Option<Failure>,
}
