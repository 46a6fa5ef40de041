//! Everything that talks to Azure: one async method per question.

mod accounts;
mod clock;
mod gate;
mod logins;
mod problem;
#[cfg(test)]
mod scripted;
mod sign_in;
mod tokens;
mod transport;
mod wire;

use std::sync::Arc;

use crate::domain::{
    AccessToken, Account, AccountId, Changes, ClientId, DeletedSecret, DeviceCode, Endpoint, EndpointKeys,
    EndpointToken, Expect, Failure, Kind, NewSecret, Regenerated, ResourceId, Sealed, Secret, SecretName, SecretValue,
    SecretVersion, SetDone, Subscription, Tenant, TenantId, Untrusted, Vault, WhichKey, Who, Workspace,
};

pub use clock::Clock;
pub use gate::Audience;
pub use transport::Transport;

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

fn stub() -> Failure {
    Failure::new(Kind::Failed, "do this", "it is still being built")
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

    /// What time it is here.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    // --- Azure Resource Manager ---

    /// Tenants the account is in.
    pub async fn tenants(&self, _who: &Who) -> Result<Vec<Tenant>, Failure> {
        Err(stub())
    }

    /// Subscriptions the account sees in its tenant.
    pub async fn subscriptions(&self, _who: &Who) -> Result<Vec<Subscription>, Failure> {
        Err(stub())
    }

    /// All workspaces the account sees in its tenant (Resource Graph), by name.
    pub async fn workspaces(&self, _who: &Who, _each: Each<'_, Workspace>) -> Result<(), Failure> {
        Err(stub())
    }

    /// One workspace, fresh.
    pub async fn workspace(&self, _who: &Who, _id: &ResourceId) -> Result<Workspace, Failure> {
        Err(stub())
    }

    /// The vault of a workspace; a project's is its hub's.
    pub async fn vault(&self, _workspace: &Workspace) -> Result<Vault, Failure> {
        Err(stub())
    }

    /// A vault by its name, without a workspace.
    pub fn vault_by_name(&self, _who: &Who, _name: &str) -> Result<Vault, Failure> {
        Err(stub())
    }

    // --- secrets ---

    /// All secrets of a vault, page by page.
    pub async fn secrets(&self, _vault: &Vault, _each: Each<'_, Secret>) -> Result<(), Failure> {
        Err(stub())
    }

    /// A secret with its value; the newest version unless one is named. Exactly one request.
    pub async fn reveal(
        &self,
        _vault: &Vault,
        _name: &SecretName,
        _version: Option<&Untrusted>,
    ) -> Result<SecretValue, Failure> {
        Err(stub())
    }

    /// A secret's versions, newest first. An unknown name is [`Kind::NotFound`] (Key Vault itself says `200 []`).
    pub async fn versions(&self, _vault: &Vault, _name: &SecretName) -> Result<Vec<SecretVersion>, Failure> {
        Err(stub())
    }

    /// Sets a value: looks, writes once, looks again (M39).
    pub async fn set_secret(&self, _vault: &Vault, _new: NewSecret, _expect: Expect) -> Result<SetDone, Failure> {
        Err(stub())
    }

    /// Changes what is kept beside a value.
    pub async fn update_secret(
        &self,
        _vault: &Vault,
        _name: &SecretName,
        _version: Option<&Untrusted>,
        _changes: Changes,
    ) -> Result<Secret, Failure> {
        Err(stub())
    }

    /// Deletes a secret with all its versions; it can be recovered while the vault remembers it.
    pub async fn delete_secret(&self, _vault: &Vault, _name: &SecretName) -> Result<DeletedSecret, Failure> {
        Err(stub())
    }

    /// Deleted secrets that can still come back.
    pub async fn deleted_secrets(&self, _vault: &Vault, _each: Each<'_, DeletedSecret>) -> Result<(), Failure> {
        Err(stub())
    }

    /// Brings a deleted secret back, and waits until it is readable again.
    pub async fn recover_secret(&self, _vault: &Vault, _name: &SecretName) -> Result<Secret, Failure> {
        Err(stub())
    }

    /// Forgets a deleted secret for good.
    pub async fn purge_secret(&self, _vault: &Vault, _name: &SecretName) -> Result<(), Failure> {
        Err(stub())
    }

    /// A secret with all its versions as the vault's own sealed blob (base64url).
    pub async fn backup_secret(&self, _vault: &Vault, _name: &SecretName) -> Result<Sealed, Failure> {
        Err(stub())
    }

    /// Puts a backup back.
    pub async fn restore_secret(&self, _vault: &Vault, _blob: Sealed) -> Result<Secret, Failure> {
        Err(stub())
    }

    // --- endpoints ---

    /// Online, batch and serverless endpoints of a workspace, in one go, by name.
    pub async fn endpoints(&self, _who: &Who, _workspace: &ResourceId) -> Result<Vec<Endpoint>, Failure> {
        Err(stub())
    }

    /// An endpoint's keys.
    pub async fn endpoint_keys(&self, _endpoint: &Endpoint) -> Result<EndpointKeys, Failure> {
        Err(stub())
    }

    /// An endpoint's token (Azure ML's, or Entra's for endpoints that take those).
    pub async fn endpoint_token(&self, _endpoint: &Endpoint) -> Result<EndpointToken, Failure> {
        Err(stub())
    }

    /// Regenerates a key and follows the operation; `told` hears each state. Without `wait` it returns when Azure accepted it.
    pub async fn regenerate_key(
        &self,
        _endpoint: &Endpoint,
        _which: WhichKey,
        _wait: bool,
        _told: &mut (dyn FnMut(Untrusted) + Send),
    ) -> Result<Regenerated, Failure> {
        Err(stub())
    }
}
