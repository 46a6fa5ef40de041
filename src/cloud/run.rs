//! Inside a submitted run: its workspace, and that workspace's secrets as Azure ML's credential service gives them to the
//! run's own token (azure-rest.md 3). A run reads them by name; the list has only those that Azure ML's SDK wrote.

use std::sync::Arc;

use azure_core::http::Method;
use serde::Deserialize;
use url::Url;

use crate::domain::{
    Account, AccountId, AccountKind, Attributes, Failure, Kept, Kind, ResourceId, Sealed, Secret, SecretName,
    SecretValue, Tenant, Untrusted, Vault, Who, Workspace, WorkspaceKind,
};

use super::accounts::account_id;
use super::arm::shown;
use super::loose::{list, text};
use super::sign_in::run_token::{Run, RunLogin};
use super::wire::Call;
use super::{Audience, Cloud, Each};

/// The most pages of a list.
const PAGES: usize = 1000;

/// The run we are in.
#[derive(Debug)]
pub(crate) struct Place {
    workspace: ResourceId,
    credentials: Url,
}

/// A secret as the credential service has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    name: Untrusted,
    #[serde(default)]
    value: Option<Sealed>,
    #[serde(default, deserialize_with = "text")]
    content_type: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    created_time: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    modified_time: Option<Untrusted>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(deserialize_with = "list")]
    value: Vec<Credential>,
    #[serde(default, deserialize_with = "text")]
    continuation_token: Option<Untrusted>,
}

impl Credential {
    /// Without its value, which is wiped here if there was one.
    fn secret(self) -> Secret {
        let at = |text: Option<Untrusted>| text.and_then(|text| text.raw().parse().ok());
        let (created, updated) = (at(self.created_time), at(self.modified_time));
        Secret {
            name: self.name,
            version: None,
            attributes: Attributes { enabled: true, created, updated, ..Attributes::default() },
            content_type: self.content_type,
            tags: Vec::new(),
            managed: false,
            key_id: None,
        }
    }
}

impl Cloud {
    /// Takes in the run we are in; nothing where its account is known already.
    pub(crate) fn put_run(&self, run: Run) {
        let (id, name, tenant) = (account_id("run", &run.tenant), run.name.clone(), run.tenant.clone());
        let Some(credentials) = run.credentials().filter(|_| self.accounts.get(&id).is_none()) else { return };
        let account = Account {
            id,
            name,
            kind: AccountKind::Run,
            tenant,
            tenant_name: None,
            object_id: None,
            token_of: None,
            kept: Kept::Run,
            ends: run.ends,
        };
        let _ = self.run.set(Place { workspace: run.workspace.clone(), credentials });
        let login = RunLogin::new(run, Arc::clone(&self.far), self.hosts, self.clock);
        self.accounts.put(account, login, self.clock);
    }

    /// The workspace of the run that an account is, if it is one.
    pub fn run_workspace(&self, account: &AccountId) -> Option<&ResourceId> {
        self.run_by(account).map(|run| &run.workspace)
    }

    fn run_of(&self, who: &Who) -> Option<&Place> {
        self.run_by(&who.account)
    }

    fn run_by(&self, account: &AccountId) -> Option<&Place> {
        let account = self.accounts.get(account)?;
        (account.kind == AccountKind::Run).then(|| self.run.get()).flatten()
    }

    /// The run that opens `vault`: its own workspace's only.
    pub(crate) fn run_at(&self, vault: &Vault) -> Option<&Place> {
        self.run_of(&vault.who).filter(|run| run.credentials == vault.url)
    }

    /// All that a run sees of its workspace: what its variables tell.
    pub(crate) fn workspace_of_run(&self, who: &Who) -> Option<Workspace> {
        let run = self.run_of(who)?;
        Some(Workspace {
            name: Untrusted::from(run.workspace.name()),
            kind: WorkspaceKind::Default,
            location: Untrusted::default(),
            subscription_name: None,
            who: who.clone(),
            vault_id: None,
            vault_url: None,
            vault_tenant: None,
            vault_by_role: None,
            hub: None,
            state: Untrusted::default(),
            friendly_name: None,
            description: None,
            tags: Vec::new(),
            discovery_url: None,
            mlflow_uri: None,
            id: run.workspace.clone(),
        })
    }

    /// The one tenant a run is in.
    pub(crate) fn tenant_of_run(&self, who: &Who) -> Option<Tenant> {
        self.run_of(who)?;
        let name = Untrusted::from(who.tenant.as_str());
        Some(Tenant { id: who.tenant.clone(), domain: name.clone(), name })
    }

    /// What opens the workspace's secrets in a run.
    pub(crate) fn vault_of_run(&self, workspace: &Workspace) -> Option<Vault> {
        let run = self.run_of(&workspace.who).filter(|run| run.workspace == workspace.id)?;
        Some(Vault {
            name: run.workspace.name().to_owned(),
            url: run.credentials.clone(),
            who: workspace.who.clone(),
            id: None,
            by_role: None,
            subscription_name: None,
        })
    }

    /// The secrets that Azure ML's SDK wrote, page by page.
    pub(crate) async fn secrets_of_run(
        &self,
        run: &Place,
        vault: &Vault,
        each: Each<'_, Secret>,
    ) -> Result<(), Failure> {
        let doing = format!("list the secrets of {}", shown(&vault.name));
        let mut before: Vec<Untrusted> = Vec::new();
        loop {
            let mut call = run.call(vault, None, &doing);
            if let Some(token) = before.last() {
                call.url.query_pairs_mut().append_pair("continuationToken", token.raw());
            }
            let page: Page = self.wire.read(call).await?.json()?;
            let found: Vec<Secret> = page.value.into_iter().map(Credential::secret).collect();
            if !found.is_empty() {
                each(found);
            }
            match page.continuation_token {
                None => return Ok(()),
                Some(token) if before.contains(&token) || before.len() >= PAGES => {
                    return Err(Failure::new(Kind::Failed, doing, "the list leads round in a circle"));
                }
                Some(token) => before.push(token),
            }
        }
    }

    /// A secret with its value.
    pub(crate) async fn reveal_in_run(
        &self,
        run: &Place,
        vault: &Vault,
        name: &SecretName,
        version: Option<&Untrusted>,
    ) -> Result<SecretValue, Failure> {
        let doing = format!("reveal {name} in {}", shown(&vault.name));
        if version.is_some() {
            return Err(Failure::misused(doing, "a run gets the newest version of a secret and no other")
                .hint("leave the version away, or sign in another way"));
        }
        let mut call = run.call(vault, Some(name), &doing);
        call.carries_value = true;
        let mut found: Credential = self.wire.read(call).await?.json()?;
        let value = found.value.take();
        let value = value.ok_or_else(|| Failure::new(Kind::Failed, doing, "the answer has no value in it"))?;
        Ok(SecretValue { secret: found.secret(), value })
    }
}

impl Place {
    fn call(&self, vault: &Vault, name: Option<&SecretName>, doing: &str) -> Call {
        let mut url = self.credentials.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push("secrets").extend(name.map(SecretName::as_str));
        }
        Call {
            who: Some(vault.who.clone()),
            audience: Audience::Run,
            method: Method::Get,
            url,
            body: None,
            doing: doing.to_owned().into(),
            carries_value: false,
        }
    }
}
