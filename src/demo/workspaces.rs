//! Azure ML's workspaces as ARM shows them, and the service discovery that needs no token.

use serde_json::{Map, Value, json};

use super::{
    arm,
    clock::arm_stamp,
    http::{Answer, Ask, Reply},
    seed,
    world::{Subscription, Workspace, World, places::SLOW_REGION},
};

/// Workspaces per page of a list. Azure takes more, but a world of 31 would never show a second page then.
const PAGE: usize = 10;
/// The same where there are thousands.
const LARGE_PAGE: usize = 1_000;

/// Whether this asks a region that is slow by itself.
pub(crate) fn is_slow(world: &World, ask: &Ask) -> bool {
    let pieces = ask.pieces();
    match pieces.as_slice() {
        [_, subscription, _, group, _, _, _, name, _, ..] if ask.host == arm::HOST => {
            world.workspace(subscription, group, name).is_some_and(|workspace| workspace.region == SLOW_REGION)
        }
        _ => false,
    }
}

pub(crate) fn find(world: &World, subscription: &Subscription, group: &str, name: &str) -> Result<Workspace, Reply> {
    let found = world.workspace(&subscription.id, group, name);
    found.ok_or_else(|| {
        let mut everywhere = (0..world.workspace_count()).filter_map(|place| world.workspace_at(place));
        let known = everywhere.any(|one| one.subscription == subscription.id && one.group.eq_ignore_ascii_case(group));
        if known {
            arm::not_found("Microsoft.MachineLearningServices/workspaces", name, group)
        } else {
            Reply::error(404, "ResourceGroupNotFound", &format!("Resource group '{group}' could not be found."))
                .header("x-ms-failure-cause", "gateway")
        }
    })
}

pub(crate) fn list(world: &World, subscription: &Subscription, group: Option<&str>, ask: &Ask) -> Answer {
    let start: usize = ask
        .query("$skip")
        .unwrap_or("0")
        .parse()
        .map_err(|_| Reply::error(400, "UserError", "The continuation token is not valid."))?;
    let all = (0..world.workspace_count()).filter_map(|place| world.workspace_at(place));
    let mut fitting = all
        .filter(|one| one.subscription == subscription.id)
        .filter(|one| group.is_none_or(|group| one.group.eq_ignore_ascii_case(group)))
        .skip(start);
    let size = if world.generated > 0 { LARGE_PAGE } else { PAGE };
    let value: Vec<Value> = fitting.by_ref().take(size).map(|one| body(world, &one)).collect();
    let mut page = json!({"value": value});
    if fitting.next().is_some() {
        page["nextLink"] = json!(next_link(ask, start + size));
    }
    Ok(Reply::ok(&page))
}

/// This address with another `$skip`.
pub(crate) fn next_link(ask: &Ask, skip: usize) -> String {
    let path = ask.url.split('?').next().unwrap_or_default();
    let version = ask.query("api-version").unwrap_or_default();
    format!("{path}?api-version={version}&$skip={skip}")
}

pub(crate) fn tags_json(tags: &[(String, String)]) -> Value {
    Value::Object(tags.iter().map(|(name, value)| (name.clone(), json!(value))).collect::<Map<_, _>>())
}

pub(crate) fn discovery_url(workspace: &Workspace) -> String {
    format!("https://{}.api.azureml.ms/discovery", workspace.region)
}

pub(crate) fn body(world: &World, workspace: &Workspace) -> Value {
    let group = format!("/subscriptions/{}/resourceGroups/{}", workspace.subscription, workspace.group);
    let tenant = world.subscription(&workspace.subscription).map(|one| one.tenant.clone()).unwrap_or_default();
    let guid = workspace.guid();
    let plain: String = workspace.name.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut properties = json!({
        "friendlyName": workspace.friendly_name,
        "description": workspace.description,
        "storageAccount": format!("{group}/providers/Microsoft.Storage/storageAccounts/st{plain}"),
        "keyVault": workspace.vault_id,
        "applicationInsights": format!("{group}/providers/Microsoft.insights/components/ai-{}", workspace.name),
        "hbiWorkspace": false,
        "tenantId": tenant,
        "imageBuildCompute": null,
        "provisioningState": "Succeeded",
        "v1LegacyMode": false,
        "softDeleteEnabled": false,
        "containerRegistry": format!("{group}/providers/Microsoft.ContainerRegistry/registries/cr{plain}"),
        "notebookInfo": {
            "resourceId": seed::hex32(&["notebook", &guid]), "fqdn": format!("ml-{plain}.{}.notebooks.azure.net", workspace.region),
            "isPrivateLinkEnabled": false, "notebookPreparationError": null
        },
        "storageHnsEnabled": false,
        "workspaceId": guid,
        "linkedModelInventoryArmId": null,
        "privateLinkCount": 0,
        "publicNetworkAccess": "Enabled",
        "discoveryUrl": discovery_url(workspace),
        "mlFlowTrackingUri": format!("azureml://{}.api.azureml.ms/mlflow/v1.0{}", workspace.region, workspace.id()),
        "sasGetterUri": ""
    });
    if let Some(hub) = &workspace.hub_id {
        properties["hubResourceId"] = json!(hub);
    }
    if workspace.kind == "Hub" {
        let projects = (0..world.workspace_count()).filter_map(|place| world.workspace_at(place));
        let projects = projects.filter(|one| one.hub_id.as_deref() == Some(&workspace.id()));
        properties["associatedWorkspaces"] = json!(projects.map(|one| one.id()).collect::<Vec<_>>());
    }
    json!({
        "id": workspace.id(),
        "name": workspace.name,
        "type": "Microsoft.MachineLearningServices/workspaces",
        "location": workspace.region,
        "tags": tags_json(&workspace.tags),
        "etag": null,
        "properties": properties,
        "kind": workspace.kind,
        "identity": {"type": "SystemAssigned", "principalId": seed::guid(&["identity", &workspace.id()]), "tenantId": tenant},
        "sku": {"name": "Basic", "tier": "Basic"},
        "systemData": {
            "createdAt": arm_stamp(workspace.created), "createdBy": "platform@contoso.com", "createdByType": "User",
            "lastModifiedAt": arm_stamp(workspace.created), "lastModifiedBy": "platform@contoso.com", "lastModifiedByType": "User"
        }
    })
}

/// `GET https://{region}.api.azureml.ms/discovery`, which needs no token.
pub(crate) fn discovery(world: &World, region: &str, ask: &Ask) -> Answer {
    let known = (0..world.workspace_count().min(64))
        .filter_map(|place| world.workspace_at(place))
        .any(|one| one.region == region);
    match (ask.method, ask.pieces().as_slice()) {
        ("GET", ["discovery", ..]) if known => {
            let host = format!("https://{region}.api.azureml.ms");
            Ok(Reply::ok(&json!({
                "api": host, "catalog": "https://catalog.cortanaanalytics.com", "experimentation": host, "history": host,
                "hyperdrive": host, "modelmanagement": host, "pipelines": host, "credential": host,
                "studiocoreservices": "https://ml.azure.com"
            })))
        }
        _ => Err(Reply::empty(404)),
    }
}
