//! A submitted run's side of Azure ML: the token it carries, the service that makes the next one, and the credential service,
//! which reads and writes the workspace's vault as the workspace itself. It opens one workspace and nothing else.

use serde_json::{Value, json};

use super::{
    DemoCloud, State,
    clock::{Moment, SECOND, arm_stamp, epoch},
    http::{Answer, Ask, Reply},
    seed,
    token::{self, Audience, Caller},
    workspaces,
    world::{Secret, Version, Workspace, store::Access},
};

/// How long a run's token is good, in seconds.
const LIFE: i64 = 3_600;
/// What the service marks its own secrets with: it lists no others.
const MARK: &str = "application/NotProvided";

impl DemoCloud {
    /// The variables that Azure ML puts into the environment of a run in this workspace of Contoso's, a fresh token among
    /// them. None where there is no such workspace.
    pub fn run(&self, workspace: &str) -> Option<Vec<(&'static str, String)>> {
        let now = self.clock.now();
        let state = self.state();
        let workspace = state.world.workspaces.iter().find(|one| one.name == workspace)?.clone();
        let host = format!("https://{}.api.azureml.ms", workspace.region);
        let variables = [
            ("AZUREML_RUN_TOKEN", run_token(&workspace, now)),
            ("AZUREML_RUN_TOKEN_EXPIRY", (epoch(now) + LIFE).to_string()),
            ("AZUREML_RUN_ID", RUN.to_owned()),
            ("AZUREML_EXPERIMENT_ID", seed::guid(&["experiment", &workspace.name])),
            ("AZUREML_ARM_PROJECT_NAME", EXPERIMENT.to_owned()),
            ("AZUREML_ARM_SUBSCRIPTION", workspace.subscription.clone()),
            ("AZUREML_ARM_RESOURCEGROUP", workspace.group.clone()),
            ("AZUREML_ARM_WORKSPACE_NAME", workspace.name.clone()),
            ("AZUREML_WORKSPACE_ID", workspace.guid()),
            ("AZUREML_SERVICE_ENDPOINT", host.clone()),
            ("AZUREML_DISCOVERY_SERVICE_ENDPOINT", format!("{host}/discovery")),
        ];
        Some(variables.to_vec())
    }
}

/// The one run of the demo, and its experiment.
const RUN: &str = "train-churn_1763690520_demo";
const EXPERIMENT: &str = "train-churn";

fn run_token(workspace: &Workspace, now: Moment) -> String {
    let issued = epoch(now);
    token::jwt(&json!({
        "role": "Contributor", "scope": workspace.id(), "workspaceId": workspace.guid(), "runid": RUN,
        "nbf": issued, "iat": issued, "exp": issued + LIFE, "iss": "azureml", "aud": "azureml"
    }))
}

/// What is asked of a region's Azure ML beside its discovery.
pub(crate) fn answer(state: &mut State, ask: &Ask, now: Moment) -> Answer {
    let pieces = ask.pieces();
    // {service}/{version}/subscriptions/{}/resourceGroups/{}/providers/{}/workspaces/{}/...
    let [service, version, "subscriptions", subscription, groups, group, "providers", _, "workspaces", name, rest @ ..] =
        pieces.as_slice()
    else {
        return Err(Reply::empty(404));
    };
    if !groups.eq_ignore_ascii_case("resourceGroups") {
        return Err(Reply::empty(404));
    }
    let found = state.world.workspace(subscription, group, name);
    let workspace = found.ok_or_else(|| error(404, "NotFoundError", "Workspace not found.", ask, now))?;
    admit(state, &workspace, ask, now)?;
    match (ask.method, *service, *version, rest) {
        ("GET", "history", "v1.0", ["experiments" | "experimentids", _, "runs", run, "token"]) => {
            if *run != RUN {
                return Err(error(404, "NotFoundError", &format!("Run {run} not found."), ask, now));
            }
            Ok(Reply::ok(&json!({
                "token": run_token(&workspace, now), "expiryTimeUtc": arm_stamp(now + LIFE * SECOND)
            })))
        }
        ("GET", "rp", "workspaces", []) => Ok(Reply::ok(&workspaces::body(&state.world, &workspace))),
        (_, "credential", "v1.0" | "v2.0", rest) => credential(state, &workspace, rest, ask, now),
        _ => Err(Reply::empty(404)),
    }
}

/// A run's token opens its own workspace; Resource Manager's, a workspace of the caller's tenant.
fn admit(state: &State, workspace: &Workspace, ask: &Ask, now: Moment) -> Result<(), Reply> {
    let refuse = |words: &str| {
        error(401, "Unauthorized", words, ask, now).header("www-authenticate", "Bearer error=\"invalid_token\"")
    };
    let bearer = ask.bearer.as_deref().ok_or_else(|| refuse("Bearer token not provided."))?;
    let claims = token::verified(bearer).ok_or_else(|| refuse("IDX10511: Signature validation failed."))?;
    if claims["exp"].as_i64().is_none_or(|end| end <= epoch(now)) {
        return Err(refuse("IDX10223: Lifetime validation failed. The token is expired."));
    }
    if claims["iss"] == "azureml" {
        let own = claims["scope"].as_str().is_some_and(|scope| scope.eq_ignore_ascii_case(&workspace.id()));
        let words = "The run token was made for another workspace.";
        return if own { Ok(()) } else { Err(error(403, "AuthorizationError", words, ask, now)) };
    }
    let tenant = state.world.subscription(&workspace.subscription).map(|one| one.tenant.clone()).unwrap_or_default();
    match Caller::read(bearer) {
        Some(caller) if caller.audience != Audience::Arm => {
            let words = format!("IDX10214: Audience validation failed. Audiences: '{}'.", caller.aud);
            Err(refuse(&words))
        }
        Some(caller) if caller.tenant == tenant => Ok(()),
        Some(_) => Err(refuse("The token is from another tenant than the workspace's.")),
        None => Err(refuse("IDX10205: Issuer validation failed.")),
    }
}

fn credential(state: &mut State, workspace: &Workspace, rest: &[&str], ask: &Ask, now: Moment) -> Answer {
    let missing = |name: &str| {
        error(404, "NotFoundError", &format!("Secret {name} was not found in the workspace's key vault."), ask, now)
    };
    let Some(vault) = state.world.vault_mut(workspace.vault_name()) else {
        return Err(error(404, "NotFoundError", "The workspace has no key vault.", ask, now));
    };
    vault.sweep(now);
    if vault.access == Access::Private {
        let words = "The workspace's identity cannot reach the key vault (ForbiddenByConnection).";
        return Err(error(403, "AuthorizationError", words, ask, now));
    }
    let read = |name: &str| vault.get(name).filter(|secret| secret.hidden_until <= now);
    match (ask.method, rest) {
        ("GET", ["secrets"]) => {
            let all = vault.after("", usize::MAX, now);
            let ours = all
                .iter()
                .filter(|secret| secret.newest().is_some_and(|version| version.content_type.as_deref() == Some(MARK)));
            let value: Vec<Value> = ours.map(|secret| json!({"name": secret.name})).collect();
            Ok(Reply::ok(&json!({"value": value, "continuationToken": null})))
        }
        ("GET", ["secrets", name]) => {
            let body = read(name).as_ref().and_then(shown).ok_or_else(|| missing(name))?;
            Ok(Reply::ok(&body))
        }
        ("POST", ["secrets:getbatch"]) => {
            let names = named(ask);
            let (mut found, mut lacking) = (Vec::new(), Vec::new());
            for name in names {
                match read(&name).as_ref().and_then(shown) {
                    Some(body) => found.push(body),
                    None => lacking.push(name),
                }
            }
            Ok(Reply::ok(&json!({"secrets": found, "notFoundSecrets": lacking})))
        }
        ("PUT", ["secrets"]) => {
            let body = ask.json();
            let secret = written(vault.name.as_str(), &body, read(body["name"].as_str().unwrap_or_default()), now)
                .ok_or_else(|| error(400, "BadArgument", "A secret needs a name and a value.", ask, now))?;
            let answer = shown(&secret).unwrap_or_default();
            vault.put(secret);
            Ok(Reply::ok(&answer))
        }
        ("PUT", ["secrets:putbatch"]) => {
            let body = ask.json();
            let wanted = body["secrets"].as_array().cloned().unwrap_or_default();
            let made = wanted
                .iter()
                .map(|one| written(vault.name.as_str(), one, read(one["name"].as_str().unwrap_or_default()), now));
            let made: Option<Vec<Secret>> = made.collect();
            let made = made.ok_or_else(|| error(400, "BadArgument", "A secret needs a name and a value.", ask, now))?;
            for secret in made {
                vault.put(secret);
            }
            Ok(Reply::ok(&json!({})))
        }
        ("DELETE", ["secrets", name]) => {
            read(name).ok_or_else(|| missing(name))?;
            super::vault_deleted::delete(vault, name, false, now).map(|_| Reply::ok(&json!({})))
        }
        _ => Err(Reply::empty(405)),
    }
}

/// The names in a body's list of secrets.
fn named(ask: &Ask) -> Vec<String> {
    let body = ask.json();
    let list = body["secrets"].as_array().into_iter().flatten();
    list.filter_map(|one| one["name"].as_str().map(str::to_owned)).collect()
}

/// A secret as the service shows it; one that is switched off cannot be read.
fn shown(secret: &Secret) -> Option<Value> {
    let newest = secret.newest().filter(|version| version.enabled)?;
    let created = secret.versions.first().map_or(newest.created, |first| first.created);
    Some(json!({
        "name": secret.name, "value": newest.value, "createdTime": arm_stamp(created), "modifiedTime": arm_stamp(newest.updated),
        "contentType": newest.content_type.as_deref().unwrap_or(MARK)
    }))
}

/// A secret with one more version, as a body wants it.
fn written(vault: &str, body: &Value, found: Option<Secret>, now: Moment) -> Option<Secret> {
    let (name, value) = (body["name"].as_str()?, body["value"].as_str()?);
    let shaped = (1..=127).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let fresh = || Secret { name: name.to_owned(), versions: Vec::new(), managed: false, hidden_until: 0 };
    let mut secret = found.unwrap_or_else(fresh);
    secret.versions.push(Version {
        id: seed::hex32(&[vault, name, &secret.versions.len().to_string(), &now.to_string()]),
        value: value.to_owned(),
        content_type: Some(body["contentType"].as_str().unwrap_or(MARK).to_owned()),
        tags: Vec::new(),
        enabled: true,
        not_before: None,
        expires: None,
        created: now,
        updated: now,
    });
    shaped.then_some(secret)
}

/// The envelope of Azure ML's own services.
fn error(status: u16, inner: &str, words: &str, ask: &Ask, now: Moment) -> Reply {
    let region = ask.host.split('.').next().unwrap_or_default();
    Reply::json(
        status,
        &json!({
            "error": {
                "code": "UserError", "severity": null, "message": words, "messageFormat": words, "messageParameters": {},
                "referenceCode": null, "detailsUri": null, "target": null, "details": [],
                "innerError": {"code": inner, "innerError": null}, "debugInfo": null, "additionalInfo": null
            },
            "correlation": {"operation": seed::hex32(&["operation", &ask.url]), "request": seed::hex32(&["request", &now.to_string()])},
            "environment": region, "location": region, "time": arm_stamp(now), "componentName": "credential"
        }),
    )
}
