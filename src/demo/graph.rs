//! Azure Resource Graph for one question: all workspaces that the caller's tenant shows them, with the columns that the
//! query projects. It reads the shape of the query, it does not run one.

use serde_json::{Map, Value, json};

use super::{
    State, arm,
    clock::{Moment, SECOND},
    http::{Answer, Ask, Reply},
    seed,
    token::Caller,
    workspaces,
    world::{Workspace, World, store::Access},
};

/// Queries of the last five seconds: each user has fifteen.
#[derive(Debug, Default)]
pub(crate) struct Quota {
    asked: Vec<(String, Moment)>,
}

const WINDOW: Moment = 5 * SECOND;
const QUERIES: usize = 15;

pub(crate) fn answer(state: &mut State, ask: &Ask, caller: &Caller, now: Moment) -> Answer {
    let left = state.graph.take(&caller.object_id, now)?;
    let body = ask.json();
    let query = body["query"].as_str().unwrap_or_default();
    let invalid = |code: &str, words: &str| {
        Reply::json(
            400,
            &json!({"error": {
                "code": "BadRequest", "message": "Please provide below info when asking for support: timestamp, correlationId.",
                "details": [{"code": code, "message": words}]
            }}),
        )
    };
    if query.is_empty() {
        return Err(invalid("InvalidQuery", "The query must not be empty."));
    }
    if !query.to_ascii_lowercase().contains("microsoft.machinelearningservices/workspaces") {
        return Err(invalid(
            "InvalidQuery",
            "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.",
        ));
    }
    let options = &body["options"];
    let top = options["$top"].as_u64().unwrap_or(1_000);
    if !(1..=1_000).contains(&top) {
        return Err(invalid("InvalidTop", "The value of $top must be between 1 and 1000."));
    }
    let top = usize::try_from(top).unwrap_or(1_000);
    let start = match options["$skipToken"].as_str() {
        Some(token) => read_token(token, query)
            .ok_or_else(|| invalid("InvalidSkipToken", "The skip token is not valid for this query."))?,
        None => usize::try_from(options["$skip"].as_u64().unwrap_or(0)).unwrap_or(0),
    };
    let wanted: Option<Vec<String>> = body["subscriptions"]
        .as_array()
        .map(|list| list.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase).collect());
    let columns = columns(query);
    let (total, page) = rows(&state.world, caller, wanted.as_deref(), start, top);
    let data: Vec<Value> = page.iter().map(|one| row(&state.world, one, &columns)).collect();
    let more = start + data.len() < total;
    // Paging needs an id to go by; without one Azure says that it cut the answer, and gives no way on.
    let pages = columns.iter().any(|column| column.name == "id");
    let mut reply = json!({
        "totalRecords": total,
        "count": data.len(),
        "data": data,
        "facets": [],
        "resultTruncated": if more && !pages { "true" } else { "false" }
    });
    if more && pages {
        reply["$skipToken"] = json!(skip_token(start + page.len(), query));
    }
    Ok(Reply::ok(&reply)
        .header("x-ms-user-quota-remaining", left.to_string())
        .header("x-ms-user-quota-resets-after", "00:00:05"))
}

impl Quota {
    fn take(&mut self, caller: &str, now: Moment) -> Result<usize, Reply> {
        self.asked.retain(|(_, at)| now - at < WINDOW);
        let used = self.asked.iter().filter(|(who, _)| who == caller).count();
        if used >= QUERIES {
            let words = "Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.";
            return Err(Reply::error(429, "RateLimiting", words)
                .header("retry-after", "5")
                .header("x-ms-user-quota-remaining", "0")
                .header("x-ms-user-quota-resets-after", "00:00:05"));
        }
        self.asked.push((caller.to_owned(), now));
        Ok(QUERIES - used - 1)
    }
}

/// How many there are, and this page of them.
fn rows(
    world: &World,
    caller: &Caller,
    wanted: Option<&[String]>,
    start: usize,
    top: usize,
) -> (usize, Vec<Workspace>) {
    let shown = |one: &Workspace| {
        let mine =
            world.subscription(&one.subscription).is_some_and(|subscription| subscription.tenant == caller.tenant);
        mine && wanted.is_none_or(|wanted| wanted.contains(&one.subscription.to_ascii_lowercase()))
    };
    if world.workspaces.is_empty() {
        // Generated workspaces share one subscription: all are shown or none, and only one page is ever made.
        let total = if world.workspace_at(0).is_some_and(|one| shown(&one)) { world.generated } else { 0 };
        let page = (start..total.min(start + top)).filter_map(|place| world.workspace_at(place)).collect();
        return (total, page);
    }
    let all: Vec<&Workspace> = world.workspaces.iter().filter(|one| shown(one)).collect();
    (all.len(), all.iter().skip(start).take(top).map(|one| (*one).clone()).collect())
}

/// One column of the answer: its name, and what it is made of.
struct Column {
    name: String,
    source: String,
}

/// The columns of the last `project`: joins have theirs before it.
fn columns(query: &str) -> Vec<Column> {
    let Some(start) = query.rfind("| project ") else {
        return [
            "id",
            "name",
            "type",
            "kind",
            "location",
            "resourceGroup",
            "subscriptionId",
            "tenantId",
            "tags",
            "properties",
        ]
        .map(|name| Column { name: name.to_owned(), source: name.to_owned() })
        .into();
    };
    let rest = &query[start + "| project ".len()..];
    let rest = rest.split('|').next().unwrap_or_default();
    rest.split(',')
        .map(|part| {
            let (name, source) = part.split_once('=').unwrap_or((part, part));
            let source =
                source.trim().trim_start_matches("tostring(").trim_start_matches("tobool(").trim_end_matches(')');
            Column { name: name.trim().to_owned(), source: source.to_owned() }
        })
        .filter(|column| !column.name.is_empty())
        .collect()
}

fn row(world: &World, workspace: &Workspace, columns: &[Column]) -> Value {
    let subscription = world.subscription(&workspace.subscription);
    // A left join leaves empty text where the other side cannot be read.
    let vault = world.vault(workspace.vault_name()).filter(|vault| !arm::is_unreadable(vault));
    let body = workspaces::body(world, workspace);
    let mut fields = Map::new();
    for column in columns {
        let value = match column.name.as_str() {
            "type" => json!("microsoft.machinelearningservices/workspaces"),
            "resourceGroup" => json!(workspace.group.to_ascii_lowercase()),
            "subscriptionId" => json!(workspace.subscription),
            "subscriptionName" => json!(subscription.map(|one| one.name.clone()).unwrap_or_default()),
            "tenantId" => json!(subscription.map(|one| one.tenant.clone()).unwrap_or_default()),
            "hubId" => json!(workspace.hub_id.clone().unwrap_or_default().to_ascii_lowercase()),
            "kvId" => json!(workspace.vault_id.to_ascii_lowercase()),
            "vaultUri" => json!(vault.map(|vault| format!("{}/", vault.uri())).unwrap_or_default()),
            "kvTenant" => json!(vault.map(|vault| vault.tenant.clone()).unwrap_or_default()),
            "rbac" => json!(vault.map(|vault| vault.access != Access::NoPolicy)),
            "kvPublic" => json!(vault.map_or("", |_| "Enabled")),
            _ => match column.source.strip_prefix("properties.") {
                Some(property) => body["properties"][property].clone(),
                None => match column.source.as_str() {
                    "state" => body["properties"]["provisioningState"].clone(),
                    "discoveryUrl" => body["properties"]["discoveryUrl"].clone(),
                    source => body[source].clone(),
                },
            },
        };
        fields.insert(column.name.clone(), value);
    }
    Value::Object(fields)
}

/// A token is good for its query only.
fn skip_token(start: usize, query: &str) -> String {
    seed::base64url(format!("{start}:{}", seed::hex32(&["skip", query])))
}

fn read_token(token: &str, query: &str) -> Option<usize> {
    let text = String::from_utf8(seed::from_base64url(token)?).ok()?;
    let (start, mark) = text.split_once(':')?;
    (mark == seed::hex32(&["skip", query])).then(|| start.parse().ok())?
}
