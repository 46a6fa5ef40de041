//! Azure Resource Manager's front door: who may come in, tenants, subscriptions, vaults as resources. What Azure ML
//! answers behind it stands in its own files.

use serde_json::{Value, json};

use super::{
    State,
    clock::{Moment, entra_stamp, epoch},
    endpoints, graph,
    http::{Answer, Ask, Reply},
    operations, resources, seed,
    token::{Audience, Caller},
    workspaces,
    world::{Subscription, Vault, World, store::Access},
};

/// Where everything in Azure is managed.
pub(crate) const HOST: &str = "management.azure.com";
/// The type of a key vault.
pub(crate) const VAULTS: &str = "Microsoft.KeyVault/vaults";

pub(crate) fn answer(state: &mut State, ask: &Ask, now: Moment) -> Answer {
    let caller = admit(ask, now)?;
    satisfied(state, &caller)?;
    if ask.query("api-version").is_none() {
        let words = "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(Reply::error(400, "MissingApiVersionParameter", words));
    }
    let pieces = ask.pieces();
    let lower: Vec<String> = pieces.iter().map(|piece| piece.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let reply = match (ask.method, lower.as_slice()) {
        ("GET", ["tenants"]) => tenants(&state.world, &caller),
        ("GET", ["subscriptions"]) => subscriptions(&state.world, &caller),
        ("POST", ["providers", "microsoft.resourcegraph", "resources"]) => graph::answer(state, ask, &caller, now)?,
        (method, ["subscriptions", _, rest @ ..]) => {
            let subscription = visible(&state.world, &caller, pieces[1])?;
            match (method, rest) {
                ("GET", []) => Reply::ok(&subscription_json(&subscription)),
                ("GET", ["resources"]) => resources::list(&state.world, &subscription, ask)?,
                // az asks for these wherever it lists vaults.
                ("GET", ["providers", "microsoft.keyvault", "managedhsms"]) => Reply::ok(&json!({"value": []})),
                ("GET", ["providers", "microsoft.machinelearningservices", "workspaces"]) => {
                    workspaces::list(&state.world, &subscription, None, ask)?
                }
                ("GET", ["resourcegroups", _, "providers", "microsoft.machinelearningservices", "workspaces"]) => {
                    workspaces::list(&state.world, &subscription, Some(pieces[3]), ask)?
                }
                ("GET", ["resourcegroups", _, "providers", "microsoft.keyvault", "vaults", _]) => {
                    vault(&state.world, &caller, &subscription, pieces[3], pieces[7])?
                }
                ("GET", ["providers", "microsoft.machinelearningservices", "locations", _, kind, _]) => {
                    operations::answer(state, kind, ask, now)?
                }
                (
                    _,
                    [
                        "resourcegroups",
                        _,
                        "providers",
                        "microsoft.machinelearningservices",
                        "workspaces",
                        _,
                        inside @ ..,
                    ],
                ) => {
                    let workspace = workspaces::find(&state.world, &subscription, pieces[3], pieces[7])?;
                    match (method, inside) {
                        ("GET", []) => Reply::ok(&workspaces::body(&state.world, &workspace)),
                        _ => endpoints::answer(state, &workspace, &pieces[8..], ask, &caller, now)?,
                    }
                }
                _ => return Err(unknown(ask)),
            }
        }
        _ => return Err(unknown(ask)),
    };
    Ok(reply.header("x-ms-ratelimit-remaining-subscription-reads", "249"))
}

fn unknown(ask: &Ask) -> Reply {
    let words = format!("No HTTP resource was found that matches the request URI '{}'.", ask.url);
    Reply::error(404, "InvalidResourceType", &words).header("x-ms-failure-cause", "gateway")
}

fn admit(ask: &Ask, now: Moment) -> Result<Caller, Reply> {
    let refuse = |code: &str, words: &str, because: &str| {
        let challenge = format!(
            "Bearer authorization_uri=\"https://login.windows.net/\", error=\"invalid_token\", error_description=\"{because}\""
        );
        Reply::error(401, code, words).header("www-authenticate", challenge).header("x-ms-failure-cause", "gateway")
    };
    let Some(bearer) = &ask.bearer else {
        return Err(refuse(
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
            "The authentication failed because of missing 'Authorization' header.",
        ));
    };
    let Some(caller) = Caller::read(bearer) else {
        return Err(refuse(
            "InvalidAuthenticationToken",
            "The access token is invalid.",
            "Could not validate the access token.",
        ));
    };
    if caller.audience != Audience::Arm {
        let words = format!(
            "The access token has been obtained for wrong audience or resource '{}'. It should exactly match with one of the allowed \
             audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/',\
             'https://management.azure.com'.",
            caller.aud
        );
        return Err(refuse("InvalidAuthenticationTokenAudience", &words, "The audience is wrong."));
    }
    if caller.expires <= epoch(now) {
        let words = format!(
            "The access token expiry UTC time '{}' is earlier than current UTC time '{}'.",
            entra_stamp(caller.expires * 1_000),
            entra_stamp(now)
        );
        return Err(refuse("ExpiredAuthenticationToken", &words, "The access token expired."));
    }
    Ok(caller)
}

/// Whether the token carries all that is asked of its owner, whose rights have changed since it was made (CAE).
fn satisfied(state: &State, caller: &Caller) -> Result<(), Reply> {
    let username = state.world.person(&caller.object_id).map(|person| person.username.as_str()).unwrap_or_default();
    let Some(claims) = state.desk.wishes_of(caller, username) else { return Ok(()) };
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
         error=\"insufficient_claims\", claims=\"{}\"",
        seed::base64(claims)
    );
    let words = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp";
    Err(Reply::error(401, "TokenIssuedBeforeRevocationTimestamp", words)
        .header("www-authenticate", challenge)
        .header("x-ms-failure-cause", "gateway"))
}

/// The subscription, if the caller's tenant has it.
fn visible(world: &World, caller: &Caller, id: &str) -> Result<Subscription, Reply> {
    let Some(subscription) = world.subscription(id) else {
        return Err(Reply::error(404, "SubscriptionNotFound", &format!("The subscription '{id}' could not be found.")));
    };
    if subscription.tenant == caller.tenant {
        return Ok(subscription.clone());
    }
    let (theirs, needed) = (caller.issuer(), format!("https://sts.windows.net/{}/", subscription.tenant));
    let words = format!(
        "The access token is from the wrong issuer '{theirs}'. It must match the tenant '{needed}' associated with this subscription. \
         Please use the authority (URL) 'https://login.windows.net/{}' to get the token. Note, if the subscription is transferred to \
         another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). \
         If you just transferred your subscription and see this error message, please try back later.",
        subscription.tenant
    );
    let challenge = format!(
        "Bearer authorization_uri=\"https://login.windows.net/{}\", error=\"invalid_token\"",
        subscription.tenant
    );
    Err(Reply::error(401, "InvalidAuthenticationTokenTenant", &words).header("www-authenticate", challenge))
}

/// Refuses what the caller has no role for, in ARM's words.
pub(crate) fn forbid(caller: &Caller, action: &str, scope: &str) -> Reply {
    let words = format!(
        "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope '{scope}' or the scope is \
         invalid. If access was recently granted, please refresh your credentials.",
        caller.shown, caller.object_id
    );
    Reply::error(403, "AuthorizationFailed", &words).header("x-ms-failure-cause", "gateway")
}

/// Where something with an ARM id is not.
pub(crate) fn not_found(kind: &str, name: &str, group: &str) -> Reply {
    let words = format!(
        "The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please go to \
         https://aka.ms/ARMResourceNotFoundFix"
    );
    Reply::error(404, "ResourceNotFound", &words).header("x-ms-failure-cause", "gateway")
}

fn tenants(world: &World, caller: &Caller) -> Reply {
    let person = world.person(&caller.object_id);
    let lets_in = |id: &str| id == caller.tenant || person.is_some_and(|person| person.is_in(id));
    let own = world.tenants.iter().filter(|tenant| lets_in(&tenant.id));
    let value: Vec<Value> = own
        .map(|tenant| {
            json!({
                "id": format!("/tenants/{}", tenant.id), "tenantId": tenant.id, "countryCode": "KR", "displayName": tenant.name,
                "domains": [tenant.domain], "tenantCategory": "Home", "defaultDomain": tenant.domain, "tenantType": "AAD"
            })
        })
        .collect();
    Reply::ok(&json!({"value": value}))
}

fn subscriptions(world: &World, caller: &Caller) -> Reply {
    let own = world.subscriptions.iter().filter(|one| one.tenant == caller.tenant);
    let value: Vec<Value> = own.map(subscription_json).collect();
    let count = value.len();
    Reply::ok(&json!({"value": value, "count": {"type": "Total", "value": count}}))
}

fn subscription_json(subscription: &Subscription) -> Value {
    json!({
        "id": format!("/subscriptions/{}", subscription.id),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription.id,
        "tenantId": subscription.tenant,
        "displayName": subscription.name,
        "state": "Enabled",
        "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"}
    })
}

/// One vault whose ARM side the caller may not read, though its secrets they may: clients then guess the address.
pub(crate) fn is_unreadable(vault: &Vault) -> bool {
    vault.name == "kv-fraud"
}

fn vault(world: &World, caller: &Caller, subscription: &Subscription, group: &str, name: &str) -> Answer {
    let found = world
        .vault(name)
        .filter(|vault| vault.subscription == subscription.id && vault.group.eq_ignore_ascii_case(group));
    let vault = found.ok_or_else(|| not_found(VAULTS, name, group))?;
    let id = format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.KeyVault/vaults/{}",
        vault.subscription, vault.group, vault.name
    );
    if is_unreadable(vault) {
        return Err(forbid(caller, "Microsoft.KeyVault/vaults/read", &id));
    }
    let mut properties = json!({
        "sku": {"family": "A", "name": "standard"},
        "tenantId": vault.tenant,
        "accessPolicies": [],
        "enabledForDeployment": false,
        "enableSoftDelete": true,
        "softDeleteRetentionInDays": vault.retention,
        "enableRbacAuthorization": vault.access != Access::NoPolicy,
        "vaultUri": format!("{}/", vault.uri()),
        "provisioningState": "Succeeded",
        "publicNetworkAccess": "Enabled"
    });
    if vault.access == Access::NoPolicy {
        properties["accessPolicies"] = json!([{
            "tenantId": vault.tenant, "objectId": seed::guid(&["person", "finance"]),
            "permissions": {"keys": [], "secrets": ["get", "list", "set"], "certificates": []}
        }]);
    }
    if vault.access == Access::Firewall {
        properties["networkAcls"] = json!({
            "bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}], "virtualNetworkRules": []
        });
    }
    Ok(Reply::ok(&json!({
        "id": id, "name": vault.name, "type": VAULTS, "location": vault.region, "tags": {}, "properties": properties
    })))
}
