//! Long-running operations: a key being made anew. They end at the third look, or by themselves after ten seconds.

use serde_json::json;

use super::{
    State,
    clock::{Moment, SECOND, offset_stamp},
    http::{Answer, Ask, Reply},
    seed,
    world::{Endpoint, Workspace},
};

/// How many looks say "not yet".
const LOOKS: u32 = 2;
/// When it is over though nobody looked.
const LONGEST: Moment = 10 * SECOND;

/// One key being made anew.
#[derive(Debug)]
pub(crate) struct Operation {
    id: String,
    workspace: String,
    endpoint: String,
    key: usize,
    wanted: Option<String>,
    started: Moment,
    looks: u32,
    done: bool,
}

/// Whether a key of this endpoint is being made.
pub(crate) fn is_running(state: &State, workspace: &Workspace, endpoint: &Endpoint) -> bool {
    let id = workspace.id();
    state.operations.iter().any(|one| !one.done && one.workspace == id && one.endpoint == endpoint.name)
}

/// Starts one, and gives the 202 with its two addresses.
pub(crate) fn start(
    state: &mut State,
    workspace: &Workspace,
    endpoint: &Endpoint,
    key: usize,
    wanted: Option<String>,
    ask: &Ask,
    now: Moment,
) -> Reply {
    let number = state.operations.len().to_string();
    let id = format!("oe:{}:{}", workspace.guid(), seed::guid(&["operation", &number]));
    let place = format!(
        "https://management.azure.com/subscriptions/{}/providers/Microsoft.MachineLearningServices/locations/{}",
        workspace.subscription, workspace.region
    );
    // The real addresses are signed, and over 3 KB long.
    let signature: String = (0..48).map(|part| seed::hex32(&["signature", &id, &part.to_string()])).collect();
    let query = format!(
        "api-version={}&t={}&c={signature}&s={}&h=demo-only",
        ask.query("api-version").unwrap_or_default(),
        now * 10_000,
        signature.chars().rev().collect::<String>()
    );
    let reply = Reply::empty(202)
        .header("azure-asyncoperation", format!("{place}/mfeOperationsStatus/{id}?{query}"))
        .header("location", format!("{place}/mfeOperationResults/{id}?{query}"))
        .header("retry-after", "2")
        .header("x-ms-async-operation-timeout", "PT30M");
    state.operations.push(Operation {
        id,
        workspace: workspace.id(),
        endpoint: endpoint.name.clone(),
        key,
        wanted,
        started: now,
        looks: 0,
        done: false,
    });
    reply
}

/// Ends what has taken long enough.
pub(crate) fn settle(state: &mut State, now: Moment) {
    let State { operations, world, .. } = state;
    for one in operations.iter_mut().filter(|one| !one.done) {
        if one.looks > LOOKS || now - one.started >= LONGEST {
            one.done = true;
            let workspace = world.workspace_mut(&one.workspace);
            let endpoint =
                workspace.and_then(|found| found.endpoints.iter_mut().find(|endpoint| endpoint.name == one.endpoint));
            if let Some(endpoint) = endpoint {
                endpoint.renew(one.key, one.wanted.take());
            }
        }
    }
}

/// A look at an operation, by either of its addresses.
pub(crate) fn answer(state: &mut State, kind: &str, ask: &Ask, now: Moment) -> Answer {
    let id = ask.path.last().cloned().unwrap_or_default();
    if let Some(found) = state.operations.iter_mut().find(|one| one.id == id) {
        found.looks += 1;
    }
    settle(state, now);
    let Some(found) = state.operations.iter().find(|one| one.id == id) else {
        return Err(Reply::error(404, "NotFound", "The operation was not found."));
    };
    let status = match found.looks {
        _ if found.done => "Succeeded",
        1 => "Updating",
        _ => "InProgress",
    };
    match kind {
        "mfeoperationsstatus" => {
            let mut body = json!({
                "id": ask.url.split('?').next().unwrap_or_default().trim_start_matches("https://management.azure.com"),
                "name": found.id,
                "startTime": offset_stamp(found.started),
                "percentComplete": if found.done { 100.0 } else { 0.0 },
                "status": status
            });
            if found.done {
                body["endTime"] = json!(offset_stamp(now));
            }
            let reply = Reply::ok(&body);
            Ok(if found.done { reply } else { reply.header("retry-after", "2") })
        }
        _ if found.done => Ok(Reply::empty(200)),
        _ => Ok(Reply::empty(202).header("location", ask.url.clone()).header("retry-after", "2")),
    }
}
