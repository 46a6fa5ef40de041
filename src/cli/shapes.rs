//! The nouns as data, without values: secrets, tokens and subscriptions in az's names, workspaces as Azure ML's SDK dumps
//! them, endpoints as Azure Resource Manager has them.

use serde_json::{Map, Value, json};

use super::context::user_type;
use super::times::iso;
use crate::domain::{
    Account, Attributes, AuthMode, DeletedSecret, Endpoint, EndpointKind, EndpointState, Moment, Sealed, Secret,
    Subscription, Tags, Tenant, TokenClaims, Untrusted, Vault, Workspace, WorkspaceKind,
};

/// Values with what is known of them besides: printed together or not at all.
#[derive(Debug)]
pub(crate) struct Valued {
    /// What it is called, for `-o env` of a single value.
    pub(crate) name: String,
    /// Everything but the values, in az's names.
    pub(crate) shape: Value,
    /// The values and their fields.
    pub(crate) sealed: Vec<(&'static str, Sealed)>,
}

fn text(text: &Untrusted) -> Value {
    Value::from(text.raw())
}

fn maybe(text: Option<&Untrusted>) -> Value {
    Value::from(text.map(Untrusted::raw))
}

fn time(at: Option<Moment>) -> Value {
    Value::from(at.map(iso))
}

fn tags(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| (key.raw().to_owned(), text(value))).collect::<Map<_, _>>().into()
}

/// An account; amlock's own shape, in az's words.
pub(crate) fn account(account: &Account, is_default: bool) -> Value {
    json!({
        "name": text(&account.name),
        "type": user_type(account),
        "tokenOf": account.speaks_for(),
        "tenantId": account.tenant,
        "tenantDisplayName": maybe(account.tenant_name.as_ref()),
        "objectId": maybe(account.object_id.as_ref()),
        "id": account.id,
        "kept": account.kept.words(),
        "until": account.until(),
        "expiresOn": time(account.ends),
        "isDefault": is_default,
    })
}

/// The account that is used, with what its token says about itself.
pub(crate) fn claimed(account: &Account, claims: &TokenClaims) -> Value {
    let mut shape = self::account(account, true);
    shape["token"] = json!(claims);
    for (name, at) in [("issued", claims.iat), ("expires", claims.exp)] {
        shape["token"][name] = json!(at.and_then(|at| Moment::from_second(at).ok()));
    }
    shape
}

/// A subscription as `az account list` prints it.
pub(crate) fn subscription(
    one: &Subscription,
    account: &Account,
    tenant: Option<&Tenant>,
    cloud: &str,
    is_default: bool,
) -> Value {
    let managers = one.managed_by.iter().map(|id| json!({ "tenantId": id })).collect::<Vec<_>>();
    json!({
        "name": text(&one.name),
        "id": one.id,
        "state": text(&one.state),
        "isDefault": is_default,
        "tenantId": account.tenant,
        "tenantDisplayName": tenant.map(|tenant| tenant.name.raw()),
        "tenantDefaultDomain": tenant.map(|tenant| tenant.domain.raw()),
        "homeTenantId": one.tenant,
        "managedByTenants": managers,
        "cloudName": cloud,
        "user": { "name": text(&account.name), "type": user_type(account) },
    })
}

/// A workspace as Azure ML's SDK dumps it.
pub(crate) fn workspace(one: &Workspace) -> Value {
    let kind = match one.kind {
        WorkspaceKind::Default => "default",
        WorkspaceKind::Hub => "hub",
        WorkspaceKind::Project => "project",
        WorkspaceKind::FeatureStore => "featurestore",
    };
    json!({
        "name": text(&one.name),
        "display_name": maybe(one.friendly_name.as_ref()),
        "description": maybe(one.description.as_ref()),
        "kind": kind,
        "location": text(&one.location),
        "resource_group": one.id.resource_group(),
        "subscription_id": one.id.subscription(),
        "provisioning_state": text(&one.state),
        "key_vault": one.vault_id,
        "hub_id": one.hub,
        "tags": tags(&one.tags),
        "discovery_url": maybe(one.discovery_url.as_ref()),
        "mlflow_tracking_uri": maybe(one.mlflow_uri.as_ref()),
        "id": one.id,
    })
}

fn attributes(of: &Attributes) -> Value {
    json!({
        "enabled": of.enabled,
        "created": time(of.created),
        "updated": time(of.updated),
        "notBefore": time(of.not_before),
        "expires": time(of.expires),
        "recoverableDays": of.recoverable_days,
        "recoveryLevel": maybe(of.recovery_level.as_ref()),
    })
}

fn secret_id(vault: &Vault, one: &Secret) -> String {
    let version = one.version.as_ref().map_or_else(String::new, |version| format!("/{}", version.raw()));
    format!("{}/secrets/{}{version}", vault.url.as_str().trim_end_matches('/'), one.name.raw())
}

/// A secret as `az keyvault secret list` prints it.
pub(crate) fn secret(vault: &Vault, one: &Secret) -> Value {
    json!({
        "name": text(&one.name),
        "attributes": attributes(&one.attributes),
        "contentType": maybe(one.content_type.as_ref()),
        "managed": one.managed.then_some(true),
        // Key Vault does not speak of tags where there are none, and az prints what it did not hear as null.
        "tags": (!one.tags.is_empty()).then(|| tags(&one.tags)),
        "id": secret_id(vault, one),
    })
}

/// A secret as `az keyvault secret show` prints it, but for the value.
pub(crate) fn secret_bundle(vault: &Vault, one: &Secret) -> Value {
    let mut shape = secret(vault, one);
    shape["kid"] = maybe(one.key_id.as_ref());
    shape
}

/// A deleted secret as `az keyvault secret list-deleted` prints it.
pub(crate) fn deleted(vault: &Vault, one: &DeletedSecret) -> Value {
    let mut shape = secret(vault, &one.secret);
    shape["deletedDate"] = time(one.deleted);
    shape["scheduledPurgeDate"] = time(one.purged);
    shape["recoveryId"] = maybe(one.recovery_id.as_ref());
    shape
}

/// An endpoint as Azure Resource Manager has it.
pub(crate) fn endpoint(one: &Endpoint) -> Value {
    let auth = match &one.auth {
        AuthMode::Key => "Key",
        AuthMode::AmlToken => "AMLToken",
        AuthMode::Entra if one.kind == EndpointKind::Serverless => "AAD",
        AuthMode::Entra => "AADToken",
        AuthMode::KeyOrEntra => "KeyAndAAD",
        AuthMode::Other(word) => word.raw(),
    };
    let state = match &one.state {
        EndpointState::Ready => "Succeeded",
        EndpointState::Creating => "Creating",
        EndpointState::Updating => "Updating",
        EndpointState::Deleting => "Deleting",
        EndpointState::Failed => "Failed",
        EndpointState::Other(word) => word.raw(),
    };
    let mut properties = json!({
        "authMode": auth,
        "provisioningState": state,
        "description": maybe(one.description.as_ref()),
    });
    match one.kind {
        EndpointKind::Online => {
            properties["scoringUri"] = maybe(one.scoring_uri.as_ref());
            let shares = one.traffic.iter().map(|(name, share)| (name.raw().to_owned(), Value::from(*share)));
            properties["traffic"] = shares.collect::<Map<_, _>>().into();
        }
        EndpointKind::Batch => {
            properties["scoringUri"] = maybe(one.scoring_uri.as_ref());
            properties["defaults"] = json!({ "deploymentName": maybe(one.target.as_ref()) });
        }
        EndpointKind::Serverless => {
            properties["inferenceEndpoint"] = json!({ "uri": maybe(one.scoring_uri.as_ref()) });
            properties["modelSettings"] = json!({ "modelId": maybe(one.target.as_ref()) });
        }
    }
    json!({
        "name": text(&one.name),
        "kind": one.kind.word(),
        "location": text(&one.location),
        "properties": properties,
        "tags": tags(&one.tags),
        "systemData": { "createdAt": time(one.created) },
        "type": format!("Microsoft.MachineLearningServices/workspaces/{}", one.kind.collection()),
        "id": one.id,
    })
}
