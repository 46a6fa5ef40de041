//! The metadata service that every machine in Azure has at one fixed address: tokens for the machine's identities, in plain
//! http. Numbers are strings here.

use serde_json::json;

use super::{
    State,
    clock::{Moment, epoch},
    http::{Answer, Ask, Reply},
    token::{Access, Audience},
    world::{Person, Proof},
};

/// An address of the link itself: no name, no TLS.
pub(crate) const HOST: &str = "169.254.169.254";
/// How long a machine's tokens are good, in seconds.
pub(crate) const LIFE: i64 = 86_400;

pub(crate) fn answer(state: &State, ask: &Ask, now: Moment) -> Answer {
    if ask.pieces() != ["metadata", "identity", "oauth2", "token"] {
        return Err(Reply::empty(404));
    }
    if ask.method != "GET" {
        return Err(Reply::empty(405));
    }
    if !ask.metadata {
        return Err(refusal("invalid_request", "Required metadata header not specified"));
    }
    let version = ask.query("api-version");
    version.filter(|version| *version >= "2018-02-01").ok_or_else(|| {
        refusal("invalid_request", "The requested API version is not supported. Supported: 2018-02-01 and later")
    })?;
    let resource = ask.query("resource").unwrap_or_default();
    let (_, aud) = Audience::read(resource).ok_or_else(|| {
        let words = format!("AADSTS500011: The resource principal named {resource} was not found in the tenant.");
        refusal("invalid_resource", &words)
    })?;
    let (person, client) =
        identity(state, ask, "client_id").ok_or_else(|| refusal("invalid_request", "Identity not found"))?;
    Ok(Reply::ok(&json!({
        "access_token": token(person, client, &aud, now),
        "client_id": client,
        "expires_in": (LIFE - 1).to_string(),
        "expires_on": (epoch(now) + LIFE).to_string(),
        "ext_expires_in": (LIFE - 1).to_string(),
        "not_before": (epoch(now) - 300).to_string(),
        "resource": aud,
        "token_type": "Bearer"
    })))
}

/// A machine's token for one of its identities.
pub(crate) fn token(person: &Person, client: &str, aud: &str, now: Moment) -> String {
    Access { person, client, aud, tenant: &person.tenant, contexts: Vec::new(), now, life: LIFE }.token()
}

/// The identity that is asked for, its client id in the parameter `name`; the machine's own where none is named.
pub(crate) fn identity<'a>(state: &'a State, ask: &Ask, name: &str) -> Option<(&'a Person, &'a str)> {
    if !state.machines.has_identity {
        return None;
    }
    let (client, object) = (ask.query(name), ask.query("object_id").or_else(|| ask.query("principal_id")));
    if ask.query("msi_res_id").or_else(|| ask.query("mi_res_id")).is_some() {
        return None; // none here has a resource of its own
    }
    state.world.people.iter().find_map(|person| {
        let Proof::Machine { client_id, own } = &person.proof else { return None };
        let meant = match (client, object) {
            (Some(client), _) => client.eq_ignore_ascii_case(client_id),
            (None, Some(object)) => object.eq_ignore_ascii_case(&person.object_id),
            (None, None) => *own,
        };
        meant.then_some((person, client_id.as_str()))
    })
}

fn refusal(error: &str, words: &str) -> Reply {
    Reply::json(400, &json!({"error": error, "error_description": words}))
}
