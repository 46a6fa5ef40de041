//! From a workspace, or a name, to the vault that holds its secrets.

use azure_core::http::Method;
use serde::Deserialize;
use url::Url;

use crate::domain::{Failure, Kind, ResourceId, TenantId, Untrusted, Vault, Who, Workspace};

use super::arm::{Place, VAULTS, shown};
use super::gate::{self, vault_name};
use super::loose::{object, text, truth};
use super::{Audience, Cloud};

#[derive(Deserialize)]
struct VaultItem {
    #[serde(default, deserialize_with = "object")]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default, deserialize_with = "text")]
    vault_uri: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    tenant_id: Option<Untrusted>,
    #[serde(default, deserialize_with = "truth")]
    enable_rbac_authorization: Option<bool>,
}

impl Cloud {
    /// The vault of a workspace; a project's is its hub's.
    pub async fn vault(&self, workspace: &Workspace) -> Result<Vault, Failure> {
        if let Some(vault) = self.vault_of_run(workspace) {
            return Ok(vault);
        }
        let doing = format!("find the vault of {}", workspace.name.show());
        let who = &workspace.who;
        if let Some(url) = &workspace.vault_url {
            let url = origin(url.as_str(), &doing)?;
            let who =
                Who { tenant: workspace.vault_tenant.clone().unwrap_or_else(|| who.tenant.clone()), ..who.clone() };
            let subscription_name = workspace.subscription_name.clone().filter(|_| shares_subscription(workspace));
            let (id, by_role) = (workspace.vault_id.clone(), workspace.vault_by_role);
            return Ok(Vault { name: label(&url), url, who, id, by_role, subscription_name });
        }
        let id = match &workspace.vault_id {
            Some(id) => id.clone(),
            None => self.vault_id(workspace, &doing).await?,
        };
        self.vault_by_id(who, id, &doing).await
    }

    /// The id of a vault that the list did not tell: the workspace asked again (lists lag), then its hub.
    async fn vault_id(&self, workspace: &Workspace, doing: &str) -> Result<ResourceId, Failure> {
        let mut hub = workspace.hub.clone();
        if hub.is_none() {
            let fresh = self.workspace(&workspace.who, &workspace.id).await.map_err(|failure| said(failure, doing))?;
            if let Some(id) = fresh.vault_id {
                return Ok(id);
            }
            hub = fresh.hub;
        }
        let Some(hub) = hub else {
            return Err(Failure::new(Kind::NotFound, doing.to_owned(), "it has no vault"));
        };
        let hub = self.workspace(&workspace.who, &hub).await.map_err(|failure| {
            let name = shown(hub.name());
            let hint = format!("it uses the vault of its hub {name}; where you know that vault, open it by its name");
            said(failure, doing).hint(hint)
        })?;
        let lacks =
            || Failure::new(Kind::NotFound, doing.to_owned(), format!("its hub {} has no vault", hub.name.show()));
        hub.vault_id.ok_or_else(lacks)
    }

    async fn vault_by_id(&self, who: &Who, id: ResourceId, doing: &str) -> Result<Vault, Failure> {
        let call = self.arm(who, Method::Get, id.as_str(), VAULTS, doing.to_owned())?;
        let properties = match self.wire.read(call).await {
            Ok(reply) => reply.json::<VaultItem>()?.properties,
            // Many may use a vault whose resource they may not read; its name is unique in the world and is its address.
            Err(failure) if matches!(failure.kind, Kind::Forbidden(_)) => Properties::default(),
            Err(failure) => return Err(self.placed(failure, &Place::of(who, &id))),
        };
        let told = properties.vault_uri.is_some();
        let url = match &properties.vault_uri {
            Some(text) => origin(text.raw(), doing)?,
            None => address(id.name(), self.vault_suffix(), doing)?,
        };
        let mut tenant = properties.tenant_id.and_then(|tenant| TenantId::parse(tenant.raw()).ok());
        if tenant.is_none() {
            // The vault itself tells strangers where they should sign in.
            tenant = self.wire.tenant_of(&url, doing.to_owned().into()).await.ok().flatten();
        }
        Ok(Vault {
            name: label(&url),
            url,
            who: Who { tenant: tenant.unwrap_or_else(|| who.tenant.clone()), ..who.clone() },
            id: Some(id),
            // Absent or null means access policies (azure-rest.md 2.4).
            by_role: told.then(|| properties.enable_rbac_authorization.unwrap_or(false)),
            subscription_name: None,
        })
    }

    /// Gets the token that opening a vault will want, while it is still being looked for. Why there is none is told then.
    pub async fn prepare_vault(&self, who: &Who) {
        if let Some(scope) = self.hosts.scope(Audience::Vault) {
            let _ = self.accounts.token(who, scope).await;
        }
    }

    /// A vault by its name, without a workspace; asked in the tenant of `who`.
    pub fn vault_by_name(&self, who: &Who, name: &str) -> Result<Vault, Failure> {
        let url = address(name, self.vault_suffix(), &format!("open the vault {}", shown(name)))?;
        let name = label(&url);
        Ok(Vault { name, url, who: who.clone(), id: None, by_role: None, subscription_name: None })
    }
}

/// Whether the vault lies in the workspace's own subscription, so that its name is the vault's too.
fn shares_subscription(workspace: &Workspace) -> bool {
    let own = workspace.id.subscription();
    workspace.vault_id.as_ref().is_some_and(|id| id.subscription().eq_ignore_ascii_case(own))
}

/// A step's failure, told as the failure of the whole.
fn said(failure: Failure, doing: &str) -> Failure {
    Failure { doing: doing.to_owned().into(), ..failure }
}

/// The address for a vault's name.
fn address(name: &str, suffix: &str, doing: &str) -> Result<Url, Failure> {
    let name = name.to_ascii_lowercase();
    let url = vault_name(&name).then(|| Url::parse(&format!("https://{name}{suffix}/")).ok()).flatten();
    let cause = "a vault's name is 3 to 24 letters, digits and dashes, and begins with a letter";
    url.ok_or_else(|| Failure::misused(doing.to_owned(), cause))
}

/// The origin of an address that Azure told, with its slash (real answers have one, examples have not). Whether a token may
/// go there is the gate's to say, at each request.
fn origin(text: &str, doing: &str) -> Result<Url, Failure> {
    let bad = || Failure::new(Kind::Failed, doing.to_owned(), "Azure's answer names no usable address of the vault");
    let mut url = gate::address(text).map_err(|_| bad())?;
    if url.domain().is_none() {
        return Err(bad());
    }
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn label(url: &Url) -> String {
    url.host_str().and_then(|host| host.split('.').next()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_s_name_becomes_one_label() {
        let at = |name: &str| address(name, ".vault.azure.net", "open it").map(String::from);
        assert_eq!(at("KV-Demo").as_deref(), Ok("https://kv-demo.vault.azure.net/"));
        for bad in ["", "kv", "1kv", "kv-", "kv.evil.example/x", "kv@evil", "kv_demo", &"k".repeat(25)] {
            assert_eq!(at(bad).map_err(|failure| failure.kind), Err(Kind::Misused), "{bad}");
        }
    }

    #[test]
    fn of_a_told_address_only_the_origin_is_taken() {
        let of = |text: &str| origin(text, "open it").map(String::from);
        assert_eq!(of("https://KV-Demo.vault.azure.net").as_deref(), Ok("https://kv-demo.vault.azure.net/"));
        assert_eq!(of("https://a.vault.azure.net/x/?y#z").as_deref(), Ok("https://a.vault.azure.net/"));
        for bad in ["", "kv-demo", "http://a.vault.azure.net/", "https://u:p@a.vault.azure.net/", "https://10.0.0.1/"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
