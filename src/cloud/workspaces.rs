//! Which workspaces there are: one question to the Resource Graph, or each subscription asked where that is refused; and one of them, fresh.

use std::collections::HashSet;

use azure_core::http::Method;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde::Deserialize;
use serde_json::json;

use crate::domain::{
    Failure, Kind, ResourceId, Subscription, Tags, TenantId, Untrusted, Who, Workspace, WorkspaceKind,
};

use super::arm::{GRAPH, MACHINE_LEARNING, Place, shown};
use super::loose::{Listed, list, object, tags, text, truth};
use super::{Cloud, Each, gate};

/// Workspaces, each with its vault's address, tenant and rule, in one question. Paging needs `id` in it and an order.
const QUERY: &str = "\
resources
| where type =~ 'microsoft.machinelearningservices/workspaces'
| extend kvId = tolower(tostring(properties.keyVault)), hubId = tolower(tostring(properties.hubResourceId))
| join kind=leftouter (resources | where type =~ 'microsoft.keyvault/vaults'
    | project kvId = tolower(id), vaultUri = tostring(properties.vaultUri), kvTenant = tostring(properties.tenantId),
              rbac = tobool(properties.enableRbacAuthorization), kvPublic = tostring(properties.publicNetworkAccess)) on kvId
| join kind=leftouter (resourcecontainers | where type =~ 'microsoft.resources/subscriptions'
    | project subscriptionId, subscriptionName = name) on subscriptionId
| project id, name, kind, location, resourceGroup, subscriptionId, subscriptionName, tenantId, tags, hubId, kvId, vaultUri,
          kvTenant, rbac, kvPublic, state = tostring(properties.provisioningState),
          discoveryUrl = tostring(properties.discoveryUrl), mlFlowTrackingUri = tostring(properties.mlFlowTrackingUri),
          friendlyName = tostring(properties.friendlyName), description = tostring(properties.description)
| order by name asc, id asc";

/// Rows of one answer; Resource Graph gives no more.
const ROWS: u32 = 1000;

/// More answers than any directory has; one that goes on is not answering us.
const PAGES: usize = 1000;

/// Subscriptions asked at the same time.
const AT_ONCE: usize = 8;

const DOING: &str = "list the workspaces";

#[derive(Deserialize)]
struct Found {
    #[serde(deserialize_with = "list")]
    data: Vec<Row>,
    #[serde(default, rename = "$skipToken", deserialize_with = "text")]
    skip_token: Option<Untrusted>,
    #[serde(default, rename = "resultTruncated", deserialize_with = "truth")]
    truncated: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    #[serde(default, deserialize_with = "text")]
    name: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    kind: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    location: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    subscription_name: Option<Untrusted>,
    #[serde(default, deserialize_with = "tags")]
    tags: Tags,
    #[serde(default, deserialize_with = "text")]
    hub_id: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    kv_id: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    vault_uri: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    kv_tenant: Option<Untrusted>,
    #[serde(default, deserialize_with = "truth")]
    rbac: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    state: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    discovery_url: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    ml_flow_tracking_uri: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    friendly_name: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    description: Option<Untrusted>,
}

impl Row {
    /// None for an id that is no workspace's: nothing could be asked about such a row.
    fn workspace(self, who: &Who) -> Option<Workspace> {
        let id = ResourceId::parse(&self.id).ok().filter(ResourceId::is_workspace)?;
        let vault_url = self.vault_uri.and_then(|text| gate::address(text.raw()).ok());
        Some(Workspace {
            name: self.name.unwrap_or_else(|| Untrusted::from(id.name())),
            kind: kind(self.kind.as_ref()),
            location: self.location.unwrap_or_default(),
            subscription_name: self.subscription_name,
            who: who.clone(),
            vault_id: resource(self.kv_id.as_ref()),
            // Without an address nothing was found out about the vault: `rbac` is then no answer but a gap of the join.
            vault_by_role: vault_url.is_some().then(|| self.rbac.unwrap_or(false)),
            vault_url,
            vault_tenant: self.kv_tenant.and_then(|tenant| TenantId::parse(tenant.raw()).ok()),
            hub: resource(self.hub_id.as_ref()),
            state: self.state.unwrap_or_default(),
            friendly_name: self.friendly_name,
            description: self.description,
            tags: self.tags,
            discovery_url: self.discovery_url,
            mlflow_uri: self.ml_flow_tracking_uri,
            id,
        })
    }
}

#[derive(Deserialize)]
struct Item {
    id: String,
    #[serde(default, deserialize_with = "text")]
    name: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    kind: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    location: Option<Untrusted>,
    #[serde(default, deserialize_with = "tags")]
    tags: Tags,
    #[serde(default, deserialize_with = "object")]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default, deserialize_with = "text")]
    key_vault: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    hub_resource_id: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    provisioning_state: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    discovery_url: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    ml_flow_tracking_uri: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    friendly_name: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    description: Option<Untrusted>,
}

impl Item {
    fn workspace(self, who: &Who) -> Option<Workspace> {
        let id = ResourceId::parse(&self.id).ok().filter(ResourceId::is_workspace)?;
        let properties = self.properties;
        Some(Workspace {
            name: self.name.unwrap_or_else(|| Untrusted::from(id.name())),
            kind: kind(self.kind.as_ref()),
            location: self.location.unwrap_or_default(),
            subscription_name: None,
            who: who.clone(),
            vault_id: resource(properties.key_vault.as_ref()),
            vault_url: None,
            vault_tenant: None,
            vault_by_role: None,
            hub: resource(properties.hub_resource_id.as_ref()),
            state: properties.provisioning_state.unwrap_or_default(),
            friendly_name: properties.friendly_name,
            description: properties.description,
            tags: self.tags,
            discovery_url: properties.discovery_url,
            mlflow_uri: properties.ml_flow_tracking_uri,
            id,
        })
    }
}

fn kind(text: Option<&Untrusted>) -> WorkspaceKind {
    text.map_or(WorkspaceKind::Default, |kind| WorkspaceKind::parse(kind.raw()))
}

fn resource(text: Option<&Untrusted>) -> Option<ResourceId> {
    text.and_then(|id| ResourceId::parse(id.raw()).ok())
}

impl Cloud {
    /// All workspaces the account sees in its tenant, by name within each page; none twice. Where the Resource Graph is
    /// refused or cuts its answer short, each subscription is asked instead.
    pub async fn workspaces(&self, who: &Who, each: Each<'_, Workspace>) -> Result<(), Failure> {
        if let Some(workspace) = self.workspace_of_run(who) {
            each(vec![workspace]);
            return Ok(());
        }
        let mut seen = HashSet::new();
        let complete = match self.find_workspaces(who, &mut seen, each).await {
            // Only a refusal of the very first page can mean that this caller has no Resource Graph.
            Err(failure) if seen.is_empty() && matches!(failure.kind, Kind::Forbidden(_) | Kind::NotFound) => false,
            other => other?,
        };
        if complete { Ok(()) } else { self.gather_workspaces(who, &mut seen, each).await }
    }

    /// Asks the Resource Graph; whether it told everything.
    async fn find_workspaces(
        &self,
        who: &Who,
        seen: &mut HashSet<ResourceId>,
        each: Each<'_, Workspace>,
    ) -> Result<bool, Failure> {
        let mut tokens: Vec<Untrusted> = Vec::new();
        loop {
            let mut call = self.arm(who, Method::Post, "/providers/Microsoft.ResourceGraph/resources", GRAPH, DOING)?;
            let mut options = json!({"resultFormat": "objectArray", "$top": ROWS, "allowPartialScopes": true});
            if let Some(token) = tokens.last() {
                options["$skipToken"] = token.raw().into();
            }
            call.body = Some(json!({"query": QUERY, "options": options}).to_string().into_bytes());
            let found: Found = self.wire.read(call).await?.json()?;
            hand_on(found.data.into_iter().filter_map(|row| row.workspace(who)), seen, each);
            match found.skip_token {
                None => return Ok(found.truncated != Some(true)),
                Some(token) if tokens.contains(&token) || tokens.len() >= PAGES => {
                    return Err(Failure::new(Kind::Failed, DOING, "Azure's list leads round in a circle"));
                }
                Some(token) => tokens.push(token),
            }
        }
    }

    /// Asks each subscription. What one of them refuses is left out, unless all do.
    async fn gather_workspaces(
        &self,
        who: &Who,
        seen: &mut HashSet<ResourceId>,
        each: Each<'_, Workspace>,
    ) -> Result<(), Failure> {
        let mut left = self.subscriptions(who).await?.into_iter();
        let mut asked: FuturesUnordered<_> = left.by_ref().take(AT_ONCE).map(|one| self.of_one(who, one)).collect();
        let (mut answered, mut refused) = (false, None);
        while let Some(answer) = asked.next().await {
            match answer {
                Ok(found) => {
                    answered = true;
                    hand_on(found.into_iter(), seen, each);
                }
                Err(failure) if matches!(failure.kind, Kind::Forbidden(_) | Kind::NotFound) => refused = Some(failure),
                Err(failure) => return Err(failure),
            }
            asked.extend(left.next().map(|one| self.of_one(who, one)));
        }
        refused.filter(|_| !answered).map_or(Ok(()), Err)
    }

    async fn of_one(&self, who: &Who, subscription: Subscription) -> Result<Vec<Workspace>, Failure> {
        let path = format!("/subscriptions/{}/providers/Microsoft.MachineLearningServices/workspaces", subscription.id);
        let call = self.arm(who, Method::Get, &path, MACHINE_LEARNING, DOING)?;
        let mut found = Vec::new();
        let mut each = |page: Vec<Item>| {
            found.extend(page.into_iter().filter_map(|item| {
                let workspace = item.workspace(who)?;
                Some(Workspace { subscription_name: Some(subscription.name.clone()), ..workspace })
            }));
        };
        self.wire.pages::<Listed<Item>>(call, &mut each).await?;
        found.sort_by_cached_key(|workspace| workspace.name.raw().to_lowercase());
        Ok(found)
    }

    /// One workspace, fresh. Its vault's address and its subscription's name are only in the Resource Graph.
    pub async fn workspace(&self, who: &Who, id: &ResourceId) -> Result<Workspace, Failure> {
        let doing = format!("read the workspace {}", shown(id.name()));
        if !id.is_workspace() {
            return Err(Failure::misused(doing, "that id names no workspace"));
        }
        if let Some(workspace) = self.workspace_of_run(who).filter(|workspace| workspace.id == *id) {
            return Ok(workspace);
        }
        let call = self.arm(who, Method::Get, id.as_str(), MACHINE_LEARNING, doing.clone())?;
        let reply = self.wire.read(call).await.map_err(|failure| self.placed(failure, &Place::of(who, id)))?;
        let item: Item = reply.json()?;
        item.workspace(who).ok_or_else(|| Failure::new(Kind::Failed, doing, "the answer names no workspace"))
    }
}

/// Hands on what was not handed on before.
fn hand_on(found: impl Iterator<Item = Workspace>, seen: &mut HashSet<ResourceId>, each: Each<'_, Workspace>) {
    let fresh: Vec<_> = found.filter(|workspace| seen.insert(workspace.id.clone())).collect();
    if !fresh.is_empty() {
        each(fresh);
    }
}
