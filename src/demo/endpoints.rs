//! Online, batch and serverless endpoints of a workspace: lists, keys, tokens, new keys.

use serde_json::{Value, json};

use super::{
    State, arm,
    clock::{Moment, epoch, offset_stamp},
    http::{Answer, Ask, Reply},
    operations, seed,
    token::Caller,
    workspaces::tags_json,
    world::{Deployment, Endpoint, Kind, Workspace},
};

/// Endpoints per page, unless `count` says less.
const PAGE: usize = 20;

/// How long an endpoint's own token is good for, in seconds, and after which time one should ask again.
const TOKEN_LIFE: i64 = 12 * 3_600;
const TOKEN_FRESH: i64 = 8 * 3_600;

/// `inside` is the address behind the workspace: `onlineEndpoints/churn-online/listKeys`.
pub(crate) fn answer(
    state: &mut State,
    workspace: &Workspace,
    inside: &[&str],
    ask: &Ask,
    caller: &Caller,
    now: Moment,
) -> Answer {
    operations::settle(state, now);
    let kind = match inside.first().map(|piece| piece.to_ascii_lowercase()).as_deref() {
        Some("onlineendpoints") => Kind::Online,
        Some("batchendpoints") => Kind::Batch,
        Some("serverlessendpoints") => Kind::Serverless,
        _ => {
            let words = "The resource type could not be found in the namespace 'Microsoft.MachineLearningServices'.";
            return Err(Reply::error(404, "InvalidResourceType", words).header("x-ms-failure-cause", "gateway"));
        }
    };
    // The copy that came along is older than what just settled.
    let workspace = &state
        .world
        .workspace(&workspace.subscription, &workspace.group, &workspace.name)
        .unwrap_or_else(|| workspace.clone());
    let word = inside.get(2).map(|piece| piece.to_ascii_lowercase());
    match (ask.method, &inside[1..], word.as_deref()) {
        ("GET", [], _) => Ok(list(state, workspace, kind, ask)),
        ("GET", [name], _) => Ok(Reply::ok(&body(state, workspace, &find(workspace, kind, name)?))),
        ("GET", [name, _], Some("deployments")) if kind != Kind::Serverless => {
            let endpoint = find(workspace, kind, name)?;
            let value: Vec<Value> =
                endpoint.deployments.iter().map(|one| deployment(workspace, &endpoint, one)).collect();
            Ok(Reply::ok(&json!({"value": value})))
        }
        ("GET", [name, _, wanted], Some("deployments")) if kind != Kind::Serverless => {
            let endpoint = find(workspace, kind, name)?;
            let found = endpoint.deployments.iter().find(|one| one.name.eq_ignore_ascii_case(wanted));
            let found =
                found.ok_or_else(|| missing("NoSuchDeployment", &format!("Deployment {wanted} was not found")))?;
            Ok(Reply::ok(&deployment(workspace, &endpoint, found)))
        }
        ("POST", [name, _], Some(verb)) => act(state, workspace, kind, name, verb, ask, caller, now),
        _ => Err(Reply::error(405, "MethodNotAllowed", "The requested resource does not support this method.")),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a request, who sends it, what it is about and when: a struct would only rename them"
)]
fn act(
    state: &mut State,
    workspace: &Workspace,
    kind: Kind,
    name: &str,
    verb: &str,
    ask: &Ask,
    caller: &Caller,
    now: Moment,
) -> Answer {
    let endpoint = find(workspace, kind, name)?;
    let action = match verb {
        "listkeys" => "listKeys",
        "regeneratekeys" if kind != Kind::Batch => "regenerateKeys",
        "token" if kind == Kind::Online => "token",
        _ => {
            return Err(Reply::error(
                404,
                "InvalidResourceType",
                &format!("There is no operation '{verb}' on this resource."),
            ));
        }
    };
    if workspace.read_only {
        let scope = format!("{}/{}/{}", workspace.id(), segment(kind), endpoint.name);
        let action = format!("Microsoft.MachineLearningServices/workspaces/{}/{action}/action", segment(kind));
        return Err(arm::forbid(caller, &action, &scope));
    }
    let keyed = endpoint.auth == "Key";
    match action {
        _ if endpoint.state == "Creating" => {
            let words =
                format!("Endpoint {} is being created. Wait until its provisioning state is Succeeded.", endpoint.name);
            Err(user_error(409, "Conflict", &words))
        }
        "token" if endpoint.auth == "AMLToken" => {
            let seconds = epoch(now);
            let made = seed::fictional(&["token", &workspace.id(), &endpoint.name, &seconds.to_string()]);
            Ok(Reply::ok(&json!({
                "accessToken": format!("demo.{made}"), "tokenType": "Bearer",
                "expiryTimeUtc": seconds + TOKEN_LIFE, "refreshAfterTimeUtc": seconds + TOKEN_FRESH
            })))
        }
        "token" => Err(wrong_auth(&endpoint, "Getting a token", "AMLToken")),
        _ if !keyed => Err(wrong_auth(&endpoint, "Listing or regenerating keys", "Key")),
        "listKeys" => Ok(Reply::ok(&keys(&endpoint))),
        _ => regenerate(state, workspace, &endpoint, ask, now),
    }
}

fn regenerate(state: &mut State, workspace: &Workspace, endpoint: &Endpoint, ask: &Ask, now: Moment) -> Answer {
    let body = ask.json();
    let key = match body["keyType"].as_str() {
        Some("Primary") => 0,
        Some("Secondary") => 1,
        _ => return Err(user_error(400, "BadArgument", "The keyType must be Primary or Secondary.")),
    };
    if operations::is_running(state, workspace, endpoint) {
        let words = format!(
            "There is already an operation running on endpoint {}. Try again when it has completed.",
            endpoint.name
        );
        return Err(user_error(409, "Conflict", &words));
    }
    // Azure sets the key to keyValue where one is sent, but for the one that stands.
    let wanted = body["keyValue"].as_str().map(str::to_owned);
    if endpoint.kind == Kind::Online {
        return Ok(operations::start(state, workspace, endpoint, key, wanted, ask, now));
    }
    let found = state.world.workspace_mut(&workspace.id()).and_then(|stored| {
        stored.endpoints.iter_mut().find(|one| one.kind == endpoint.kind && one.name == endpoint.name)
    });
    found.map_or_else(
        || Err(Reply::empty(404)),
        |found| {
            found.renew(key, wanted);
            Ok(Reply::ok(&keys(found)))
        },
    )
}

fn keys(endpoint: &Endpoint) -> Value {
    json!({"primaryKey": endpoint.keys[0], "secondaryKey": endpoint.keys[1]})
}

fn list(state: &State, workspace: &Workspace, kind: Kind, ask: &Ask) -> Reply {
    let number = |name: &str| ask.query(name).and_then(|text| text.parse::<usize>().ok());
    let (start, count) = (number("$skip").unwrap_or(0), number("count").unwrap_or(PAGE).clamp(1, PAGE));
    let wanted = ask.query("name");
    let fitting = workspace.endpoints.iter().filter(|one| one.kind == kind);
    let mut fitting = fitting.filter(|one| wanted.is_none_or(|name| one.name == name)).skip(start);
    let value: Vec<Value> = fitting.by_ref().take(count).map(|one| body(state, workspace, one)).collect();
    let mut page = json!({"value": value});
    if fitting.next().is_some() {
        page["nextLink"] = json!(format!("{}&count={count}", super::workspaces::next_link(ask, start + count)));
    }
    Reply::ok(&page)
}

fn find(workspace: &Workspace, kind: Kind, name: &str) -> Result<Endpoint, Reply> {
    let found = workspace.endpoints.iter().find(|one| one.kind == kind && one.name.eq_ignore_ascii_case(name));
    found.cloned().ok_or_else(|| match kind {
        Kind::Online => missing("NoSuchEndpoint", &format!("Endpoint {name} was not found")),
        Kind::Batch => arm::not_found(
            "Microsoft.MachineLearningServices/workspaces/batchEndpoints",
            &format!("{}/{name}", workspace.name),
            &workspace.group,
        ),
        Kind::Serverless => {
            user_error(404, "NotFoundError", &format!("Serverless endpoint {name} could not be found."))
        }
    })
}

/// Azure ML's own 404, with the true code inside.
fn missing(code: &str, words: &str) -> Reply {
    Reply::json(
        404,
        &json!({"error": {
            "code": "NotFound", "message": words, "details": [{"code": code, "message": words, "details": [], "additionalInfo": []}],
            "additionalInfo": [{"type": "ComponentName", "info": {"value": "managementfrontend"}}]
        }}),
    )
}

/// Azure ML's other shape, which its older services use.
fn user_error(status: u16, inner: &str, words: &str) -> Reply {
    Reply::json(
        status,
        &json!({"error": {
            "code": "UserError", "severity": null, "message": words, "messageFormat": null, "messageParameters": null, "referenceCode": null,
            "detailsUri": null, "target": null, "details": [], "innerError": {"code": inner, "innerError": null}, "debugInfo": null,
            "additionalInfo": null
        }}),
    )
}

fn wrong_auth(endpoint: &Endpoint, what: &str, needed: &str) -> Reply {
    let words = format!("{what} needs auth mode {needed}, but endpoint {} uses {}.", endpoint.name, endpoint.auth);
    user_error(400, "BadArgument", &words)
}

fn segment(kind: Kind) -> &'static str {
    match kind {
        Kind::Online => "onlineEndpoints",
        Kind::Batch => "batchEndpoints",
        Kind::Serverless => "serverlessEndpoints",
    }
}

fn body(state: &State, workspace: &Workspace, endpoint: &Endpoint) -> Value {
    let id = format!("{}/{}/{}", workspace.id(), segment(endpoint.kind), endpoint.name);
    let running = operations::is_running(state, workspace, endpoint);
    let provisioning = if running { "Updating" } else { endpoint.state.as_str() };
    let uri = endpoint.scoring_uri();
    let description = (!endpoint.description.is_empty()).then_some(&endpoint.description);
    let swagger = uri.as_ref().map(|uri| uri.replace("/score", "/swagger.json"));
    let properties = match endpoint.kind {
        Kind::Online => json!({
            "description": description,
            "properties": {"azureml.onlineendpointid": id.to_ascii_lowercase()},
            "scoringUri": uri, "swaggerUri": swagger, "authMode": endpoint.auth, "provisioningState": provisioning,
            "compute": null, "traffic": endpoint.traffic.iter().map(|(name, percent)| (name.clone(), json!(percent))).collect::<serde_json::Map<_, _>>(),
            "mirrorTraffic": {}, "publicNetworkAccess": "Enabled"
        }),
        Kind::Batch => json!({
            "description": description, "properties": {}, "scoringUri": uri, "swaggerUri": null, "authMode": endpoint.auth,
            "provisioningState": provisioning,
            "defaults": {"deploymentName": endpoint.deployments.first().map(|one| one.name.clone())}
        }),
        Kind::Serverless => json!({
            "authMode": endpoint.auth, "contentSafety": {"contentSafetyStatus": "Enabled"}, "endpointState": "Online",
            "inferenceEndpoint": {"uri": uri, "headers": {}}, "marketplaceSubscriptionId": null,
            "modelSettings": {"modelId": format!("azureml://registries/azureml-demo/models/{}", endpoint.name)},
            "provisioningState": provisioning
        }),
    };
    let mut whole = json!({
        "id": id,
        "name": endpoint.name,
        "type": format!("Microsoft.MachineLearningServices/workspaces/{}", segment(endpoint.kind)),
        "properties": properties,
        "systemData": {
            "createdAt": offset_stamp(endpoint.created), "createdBy": "Alex Kim",
            "lastModifiedAt": offset_stamp(endpoint.created)
        },
        "tags": tags_json(&endpoint.tags),
        "location": workspace.region
    });
    if endpoint.kind == Kind::Serverless {
        whole["sku"] = json!({"name": "Consumption"});
    } else {
        whole["kind"] = json!("Managed");
        whole["identity"] = json!({"type": "SystemAssigned", "principalId": seed::guid(&["identity", &endpoint.name])});
    }
    whole
}

fn deployment(workspace: &Workspace, endpoint: &Endpoint, deployment: &Deployment) -> Value {
    let group = segment(endpoint.kind);
    json!({
        "id": format!("{}/{group}/{}/deployments/{}", workspace.id(), endpoint.name, deployment.name),
        "name": deployment.name,
        "type": format!("Microsoft.MachineLearningServices/workspaces/{group}/deployments"),
        "location": workspace.region,
        "tags": {},
        "kind": "Managed",
        "sku": {"name": "Default", "capacity": deployment.instances},
        "properties": {
            "endpointComputeType": "Managed", "description": null, "provisioningState": "Succeeded", "instanceType": "Standard_DS3_v2",
            "model": format!("{}/models/{}/versions/3", workspace.id(), deployment.model),
            "environmentVariables": {}, "appInsightsEnabled": false, "scaleSettings": {"scaleType": "Default"},
            "requestSettings": {"maxConcurrentRequestsPerInstance": 1, "maxQueueWait": "PT0.5S", "requestTimeout": "PT5S"}
        },
        "systemData": {"createdAt": offset_stamp(endpoint.created), "createdBy": "Alex Kim", "lastModifiedAt": offset_stamp(endpoint.created)}
    })
}
