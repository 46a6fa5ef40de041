//! Azure Resource Manager's list of all that is in a subscription, of which the demo has vaults and workspaces.

use serde_json::{Value, json};

use super::{
    arm,
    http::{Answer, Ask, Reply},
    workspaces::tags_json,
    world::{Subscription, World},
};

const WORKSPACES: &str = "Microsoft.MachineLearningServices/workspaces";

/// `GET /subscriptions/{}/resources`. Of the filters that Azure knows it takes those that az sends.
pub(crate) fn list(world: &World, subscription: &Subscription, ask: &Ask) -> Answer {
    let wanted = ask.query("$filter").map(clauses).transpose()?.unwrap_or_default();
    let readable = world.vaults.iter().filter(|vault| !arm::is_unreadable(vault));
    let vaults = readable.filter(|vault| vault.subscription == subscription.id).map(|vault| {
        let group = format!("/subscriptions/{}/resourceGroups/{}", vault.subscription, vault.group);
        let id = format!("{group}/providers/{}/{}", arm::VAULTS, vault.name);
        resource(&id, &vault.name, arm::VAULTS, &vault.region, &json!({}))
    });
    let workspaces = (0..world.workspace_count()).filter_map(|place| world.workspace_at(place));
    let workspaces = workspaces
        .filter(|one| one.subscription == subscription.id)
        .map(|one| resource(&one.id(), &one.name, WORKSPACES, &one.region, &tags_json(&one.tags)));
    let fits = |one: &Value| {
        wanted.iter().all(|(field, value)| one[*field].as_str().is_some_and(|have| have.eq_ignore_ascii_case(value)))
    };
    let value: Vec<Value> = vaults.chain(workspaces).filter(fits).collect();
    Ok(Reply::ok(&json!({"value": value})))
}

/// The fields and values of `resourceType eq 'Microsoft.KeyVault/vaults' and name eq 'kv-vision'`.
fn clauses(filter: &str) -> Result<Vec<(&'static str, String)>, Reply> {
    let clause = |text: &str| {
        let (field, value) = text.trim().split_once(" eq ")?;
        let field = match field.to_ascii_lowercase().as_str() {
            "resourcetype" => "type",
            "name" => "name",
            _ => return None,
        };
        Some((field, value.trim().trim_matches('\'').to_owned()))
    };
    filter.split(" and ").map(clause).collect::<Option<_>>().ok_or_else(|| {
        let words = format!("Invalid $filter '{filter}' specified in the query string.");
        Reply::error(400, "InvalidFilterInQueryString", &words)
    })
}

fn resource(id: &str, name: &str, kind: &str, location: &str, tags: &Value) -> Value {
    json!({"id": id, "name": name, "type": kind, "location": location, "tags": tags})
}
