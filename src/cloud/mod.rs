//! Everything that talks to Azure: one async method per question.

mod arm;
mod clock;
mod endpoints;
mod gate;
mod loose;
mod open_vault;
mod regenerate;
mod tenants;
mod vault;
mod wire;
mod workspaces;

use std::sync::Arc;

use azure_core::http::HttpClient;

use crate::domain::{
    AccessToken, Account, AccountId, ClientId, DeviceCode, Failure, Kind, Sealed, TenantId, Untrusted, Who,
};

pub use clock::Clock;
pub use gate::Audience;

/// The network's far end. Two clients: calls that carry values use one that keeps no connection (M4).
#[derive(Clone, Debug)]
pub struct Transport {
    /// For everything without values.
    pub pooled: Arc<dyn HttpClient>,
    /// For calls that carry values.
    pub unpooled: Arc<dyn HttpClient>,
}

impl Transport {
    /// Real HTTPS.
    pub fn https() -> Result<Self, Failure> {
        Err(stub())
    }

    /// One client for everything: the demo cloud, or a test's.
    pub fn of(client: &Arc<dyn HttpClient>) -> Self {
        Self { pooled: Arc::clone(client), unpooled: Arc::clone(client) }
    }
}

/// A way to sign in.
#[derive(Debug)]
pub enum SignIn {
    /// A code here, a browser on any device.
    DeviceCode {
        /// The tenant, where the account's own will not do.
        tenant: Option<TenantId>,
    },
    /// A service principal's secret.
    Principal {
        /// Its tenant.
        tenant: TenantId,
        /// Its client id.
        client_id: ClientId,
        /// Its secret.
        secret: Sealed,
    },
    /// An existing `az login`.
    AzureCli {
        /// The tenant, where az's current one will not do.
        tenant: Option<TenantId>,
    },
}

/// Receives pages as they come.
pub type Each<'a, T> = &'a mut (dyn FnMut(Vec<T>) + Send);

/// The services of Azure, for all accounts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Cloud {
    clock: Clock,
    wire: wire::Wire,
}

fn stub() -> Failure {
    Failure::new(Kind::Failed, "do this", "it is still being built")
}

impl Cloud {
    /// A cloud behind `transport`; `remember` says whether logins may be kept in the kernel's keyring.
    pub fn new(_transport: Transport, clock: Clock, _remember: bool) -> Self {
        Self { clock, wire: wire::Wire }
    }

    /// What time it is here.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    // --- accounts (cloud/sign_in) ---

    /// Accounts that can sign in without a question: remembered ones first, then the environment's principal, then az's. Asks no network.
    pub fn accounts(&self) -> Vec<Account> {
        Vec::new()
    }

    /// Takes over a user's refresh token that is known from elsewhere (the demo's seeded logins).
    pub fn adopt_user(
        &self,
        _name: Untrusted,
        _object_id: Untrusted,
        _tenant: TenantId,
        _refresh_token: Sealed,
    ) -> Account {
        unreachable!()
    }

    /// Looks for logins that are there already: the keyring's, AZURE_* in the environment, `az login`. Asks no network.
    pub fn find_logins(&self) -> Vec<Account> {
        Vec::new()
    }

    /// Signs in. `told` hears the device code as soon as there is one.
    pub async fn sign_in(&self, _way: SignIn, _told: &mut (dyn FnMut(DeviceCode) + Send)) -> Result<Account, Failure> {
        Err(stub())
    }

    /// Forgets a login, here and in the keyring. Whether there was one.
    pub fn sign_out(&self, _account: &AccountId) -> Result<bool, Failure> {
        Err(stub())
    }

    /// Whether a login made now would be remembered, and where.
    pub fn keeps_logins(&self) -> crate::domain::Kept {
        crate::domain::Kept::Memory
    }

    /// A token for `resource`: an [`Audience`]'s own or any other URI's `.default` scope.
    pub async fn token(&self, _who: &Who, _resource: &str) -> Result<AccessToken, Failure> {
        Err(stub())
    }
}
