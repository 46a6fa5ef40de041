//! Microsoft Entra ID as far as a client needs it: metadata, and tokens for every grant. Refusals carry the codes and the line
//! ends that the real one sends. One file a grant.

mod assertion;
mod authorize;
mod desk;
mod device_code;
mod grant;
mod metadata;
mod principal;
mod refresh;
mod refusal;

use super::{
    State,
    clock::Moment,
    http::{Answer, Ask, Reply},
    signer,
    world::{Person, World},
};

pub(crate) use assertion::CLUSTER;
use assertion::federated_token;
pub(crate) use desk::Desk;
pub use desk::Ended;
use desk::Manner;
use refusal::{needed, refusal};

/// Where one signs in.
pub(crate) const HOST: &str = "login.microsoftonline.com";

pub(crate) fn answer(state: &mut State, ask: &Ask, now: Moment) -> Answer {
    let pieces = ask.pieces();
    match (ask.method, pieces.as_slice()) {
        ("GET", [_, "discovery", "instance"]) => Ok(metadata::instance()),
        ("GET", [_, "discovery", "v2.0", "keys"]) => Ok(Reply::ok(&signer::keys())),
        (method, [tenant, rest @ ..]) => {
            let tenant = Authority::read(&state.world, tenant).ok_or_else(|| {
                let words = format!(
                    "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct \
                     cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
                );
                refusal(ask, now, "invalid_tenant", 90_002, &words)
            })?;
            match (method, rest) {
                ("GET", ["v2.0", ".well-known", "openid-configuration"]) => Ok(metadata::configuration(&tenant)),
                ("GET", ["oauth2", "v2.0", "authorize"]) => authorize::page(state, &tenant, ask, now),
                ("POST", ["oauth2", "v2.0", "devicecode"]) => device_code::offer(state, &tenant, ask, now),
                ("POST", ["oauth2", "v2.0", "token"]) => token(state, &tenant, ask, now),
                ("POST", ["oauth2", "token"]) => token(state, &tenant, ask, now).map(grant::as_version_one),
                _ => Err(Reply::empty(404)),
            }
        }
        _ => Err(Reply::empty(404)),
    }
}

fn token(state: &mut State, tenant: &Authority, ask: &Ask, now: Moment) -> Answer {
    let grant = needed(ask, now, "grant_type")?;
    let client = needed(ask, now, "client_id")?;
    match grant.as_str() {
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            device_code::token(state, tenant, &client, ask, now)
        }
        "authorization_code" => authorize::token(state, tenant, &client, ask, now),
        "refresh_token" => refresh::token(state, tenant, &client, ask, now),
        "client_credentials" => principal::token(state, tenant, &client, ask, now),
        other => {
            let words = format!("The app requested an unsupported grant type '{other}'.");
            Err(refusal(ask, now, "unsupported_grant_type", 70_003, &words))
        }
    }
}

/// The tenant piece of the address.
enum Authority {
    /// `organizations` or `common`: the account's own.
    Any(String),
    Tenant(String),
}

impl Authority {
    fn read(world: &World, piece: &str) -> Option<Self> {
        match piece {
            "organizations" | "common" => Some(Self::Any(piece.to_owned())),
            _ => world.tenant(piece).map(|tenant| Self::Tenant(tenant.id.clone())),
        }
    }

    fn name(&self) -> &str {
        let (Self::Any(name) | Self::Tenant(name)) = self;
        name
    }

    /// The tenant that a person signs in to here.
    fn tenant_of(&self, person: &Person) -> String {
        match self {
            Self::Any(_) => person.tenant.clone(),
            Self::Tenant(id) => id.clone(),
        }
    }
}
