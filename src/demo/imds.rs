//! The metadata service that every machine in Azure has at one fixed address: tokens for the machine's identities, in plain
//! http. Numbers are strings here.

use serde_json::json;

use super::{
    clock::{Moment, epoch},
    http::{Answer, Ask, Reply},
    token::{self, Audience},
    world::{Person, Proof, World},
};

/// An address of the link itself: no name, no TLS.
pub(crate) const HOST: &str = "169.254.169.254";
/// How long its tokens are good, in seconds.
const LIFE: i64 = 86_400;

pub(crate) fn answer(world: &World, ask: &Ask, now: Moment) -> Answer {
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
    let (person, client) = identity(world, ask).ok_or_else(|| refusal("invalid_request", "Identity not found"))?;
    Ok(Reply::ok(&json!({
        "access_token": token::access(person, client, &aud, &person.tenant, now, LIFE),
        "client_id": client,
        "expires_in": (LIFE - 1).to_string(),
        "expires_on": (epoch(now) + LIFE).to_string(),
        "ext_expires_in": (LIFE - 1).to_string(),
        "not_before": (epoch(now) - 300).to_string(),
        "resource": aud,
        "token_type": "Bearer"
    })))
}

/// The identity that is asked for; the machine's own where none is named.
fn identity<'a>(world: &'a World, ask: &Ask) -> Option<(&'a Person, &'a str)> {
    let (client, object) = (ask.query("client_id"), ask.query("object_id").or_else(|| ask.query("principal_id")));
    if ask.query("msi_res_id").or_else(|| ask.query("mi_res_id")).is_some() {
        return None; // none here has a resource of its own
    }
    world.people.iter().find_map(|person| {
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
