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
mod person;
mod problem;
#[doc(hidden)]
pub mod readers;
mod regenerate;
mod run;
#[cfg(test)]
mod scripted;
mod sign_in;
mod tenants;
mod tokens;
mod transport;
mod vault;
mod wire;
mod workspaces;

use std::sync::{Arc, OnceLock};

use azure_core::http::HttpClient;
use url::Url;

use crate::domain::{ClientId, DeviceCode, Polling, TenantId};

pub use clock::Clock;
pub use gate::{Audience, AzureCloud};
pub use logins::AzureCliFound;
pub use news::News;
pub use sign_in::auth_file::AuthFile;
pub use sign_in::certificate::{CERTIFICATE_CAP, Certificate};
pub(crate) use sign_in::environment::certificate as certificate_in;
pub use sign_in::principal::Proof;
pub use transport::{Network, Transport, authorities};

use accounts::Accounts;
use gate::{Hosts, MachineGate};
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
    /// A browser on this machine.
    Browser {
        /// The tenant, where the account's own will not do.
        tenant: Option<TenantId>,
    },
    /// A service principal.
    Principal {
        /// Its tenant.
        tenant: TenantId,
        /// Its client id.
        client_id: ClientId,
        /// What proves it.
        proof: Proof,
    },
    /// The identity of the machine we run on.
    ManagedIdentity {
        /// Which one, where it has several.
        client_id: Option<ClientId>,
    },
    /// An existing `az login`.
    AzureCli {
        /// The tenant, where az's current one will not do.
        tenant: Option<TenantId>,
    },
}

/// What a sign-in tells while it waits for somebody.
#[derive(Debug)]
pub enum Told {
    /// To be typed elsewhere.
    Code(DeviceCode),
    /// To be opened in a browser on this machine. It holds nothing that would let anybody else in, and is good once.
    Page(Url),
    /// How the wait for whoever types the code goes, each time that changes.
    Polling(Polling),
}

impl Told {
    /// The code, if it is one.
    pub fn code(self) -> Option<DeviceCode> {
        match self {
            Self::Code(code) => Some(code),
            Self::Page(_) | Self::Polling(_) => None,
        }
    }
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
    machine: MachineGate,
    /// For tokens that are no sign-in's; not pooled, as its answers hold them.
    far: Arc<dyn HttpClient>,
    run: Arc<OnceLock<run::Place>>,
    wire: Wire,
    visitor: Option<Visitor>,
}

/// Who opens a sign-in page where it is nobody's browser.
#[derive(Clone)]
struct Visitor(Arc<dyn Fn(Url) + Send + Sync>);

impl std::fmt::Debug for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Visitor")
    }
}

impl Cloud {
    /// Azure's public cloud behind `transport`; `remember` says whether logins may be kept in this system's keyring.
    pub fn new(transport: Transport, clock: Clock, remember: bool) -> Self {
        Self::of(AzureCloud::Public, transport, clock, remember)
    }

    /// One of Microsoft's clouds. Its hosts are the only ones that anything is sent to.
    pub fn of(azure: AzureCloud, transport: Transport, clock: Clock, remember: bool) -> Self {
        let (hosts, accounts) = (azure.hosts(), Accounts::default());
        // Sign-in's answers hold tokens, which are values like any other.
        let entra = Entra::new(Arc::clone(&transport.unpooled), hosts, clock);
        let machine = MachineGate::new(Arc::clone(&transport.machine));
        let (far, run) = (Arc::clone(&transport.unpooled), Arc::default());
        let wire = Wire::new(transport, hosts, accounts.clone(), clock);
        let keyring = if remember { Keyring::of_system("amlock") } else { Keyring::none() };
        Self { clock, hosts, accounts, entra, keyring, machine, far, run, wire, visitor: None }
    }

    /// Which cloud it is, as the Azure CLI calls it.
    pub fn name(&self) -> &'static str {
        self.hosts.name()
    }

    /// The host of Azure Resource Manager.
    pub fn arm_host(&self) -> &'static str {
        self.hosts.arm()
    }

    /// What stands behind a vault's name in its address, with its dot.
    pub fn vault_suffix(&self) -> &'static str {
        self.hosts.vault_suffix()
    }

    /// The host that signs in here.
    pub fn login_host(&self) -> &'static str {
        self.hosts.login()
    }

    /// The same cloud, and `hears` is told what is known before an answer is here.
    #[must_use]
    pub fn telling(&self, hears: impl Fn(News) + Send + Sync + 'static) -> Self {
        Self { wire: self.wire.heard_by(news::Hearer::of(hears)), ..self.clone() }
    }

    /// The same cloud, whose sign-in pages `visits` opens: the demo's have an address that only a browser of the demo can open.
    #[must_use]
    pub fn visited_by(self, visits: impl Fn(Url) + Send + Sync + 'static) -> Self {
        Self { visitor: Some(Visitor(Arc::new(visits))), ..self }
    }

    /// Whether sign-in pages are opened already when they are told, and no browser of this machine may be sent to them.
    pub fn opens_pages(&self) -> bool {
        self.visitor.is_some()
    }

    /// Whether this machine's clock is right by the answers so far, or how wrong it is; nothing where no answer told.
    pub fn clock_trouble(&self) -> Option<Result<(), String>> {
        self.wire.skew().or_else(|| self.entra.skew())
    }

    /// What time it is here.
    pub fn clock(&self) -> Clock {
        self.clock
    }
}
