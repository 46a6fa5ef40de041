//! Everything that talks to Azure: one async method per question.

mod accounts;
mod arm;
mod clock;
mod endpoints;
mod gate;
mod loose;
mod open_vault;
mod problem;
mod regenerate;
mod sign_in;
mod tenants;
mod tokens;
mod transport;
mod vault;
mod wire;
mod workspaces;

use std::sync::Arc;

use crate::domain::{
    AccessToken, Account, AccountId, ClientId, DeviceCode, Failure, Kind, Sealed, TenantId, Untrusted, Who,
};

pub use clock::Clock;
pub use gate::Audience;
pub use transport::Transport;

use accounts::Accounts;
use gate::Hosts;
use sign_in::entra::Entra;
use wire::Wire;

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
    hosts: &'static Hosts,
    accounts: Accounts,
    entra: Entra,
    wire: Wire,
}

fn stub() -> Failure {
    Failure::new(Kind::Failed, "do this", "it is still being built")
}

impl Cloud {
    /// A cloud behind `transport`; `remember` says whether logins may be kept in the kernel's keyring.
    pub fn new(transport: Transport, clock: Clock, _remember: bool) -> Self {
        let (hosts, accounts) = (&gate::PUBLIC, Accounts::default());
        // Sign-in's answers hold tokens, which are values like any other.
        let entra = Entra::new(Arc::clone(&transport.unpooled), hosts, clock);
        let wire = Wire::new(transport, hosts, accounts.clone(), clock);
        Self { clock, hosts, accounts, entra, wire }
    }

    /// What time it is here.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    // --- accounts (cloud/sign_in) ---

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
}
