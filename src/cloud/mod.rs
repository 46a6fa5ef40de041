//! Everything that talks to Azure: one async method per question.

mod accounts;
mod arm;
mod clock;
mod endpoints;
mod gate;
mod logins;
mod loose;
mod news;
mod open_vault;
mod problem;
#[doc(hidden)]
pub mod readers;
mod regenerate;
#[cfg(test)]
mod scripted;
mod sign_in;
mod tenants;
mod tokens;
mod transport;
mod vault;
mod wire;
mod workspaces;

use std::sync::Arc;

use crate::domain::{ClientId, Sealed, TenantId};

pub use clock::Clock;
pub use gate::Audience;
pub use news::News;
pub use transport::{Network, Transport};

use accounts::Accounts;
use gate::Hosts;
use sign_in::entra::Entra;
use sign_in::keyring::Keyring;
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
    keyring: Keyring,
    wire: Wire,
}

impl Cloud {
    /// A cloud behind `transport`; `remember` says whether logins may be kept in the kernel's keyring.
    pub fn new(transport: Transport, clock: Clock, remember: bool) -> Self {
        let (hosts, accounts) = (&gate::PUBLIC, Accounts::default());
        // Sign-in's answers hold tokens, which are values like any other.
        let entra = Entra::new(Arc::clone(&transport.unpooled), hosts, clock);
        let wire = Wire::new(transport, hosts, accounts.clone(), clock);
        let keyring = if remember { Keyring::kernel("amlock") } else { Keyring::none() };
        Self { clock, hosts, accounts, entra, keyring, wire }
    }

    /// The same cloud, and `hears` is told what is known before an answer is here.
    #[must_use]
    pub fn telling(&self, hears: impl Fn(News) + Send + Sync + 'static) -> Self {
        Self { wire: self.wire.heard_by(news::Hearer::of(hears)), ..self.clone() }
    }

    /// What time it is here.
    pub fn clock(&self) -> Clock {
        self.clock
    }
}
