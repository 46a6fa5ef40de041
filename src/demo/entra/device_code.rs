//! Signing in with a code here and a browser elsewhere (RFC 8628).

use serde_json::json;

use super::{Authority, Manner, grant, needed, refusal};
use crate::demo::{
    State,
    clock::{Moment, SECOND},
    http::{Answer, Ask, Reply},
    seed,
    world::{Person, Which},
};

/// How often a client may ask whether a device code was approved.
const INTERVAL: Moment = 2;
/// How long a device code is good for, in seconds.
const LIFE: Moment = 900;

/// A code that was shown.
#[derive(Debug)]
pub(crate) struct Code {
    text: String,
    /// Who will approve it, by object id; nobody if the tenant has no user.
    approver: Option<String>,
    scope: String,
    issued: Moment,
    polled: Option<Moment>,
    polls: u32,
    used: bool,
}

/// Who looks at the page that `tenant` shows: somebody of the tenant, or a guest.
pub(super) fn visitor<'a>(state: &'a State, tenant: &Authority) -> Option<&'a Person> {
    let other = if matches!(state.world.which, Which::SignedOut | Which::Declined | Which::Away) {
        "alex@contoso.com"
    } else {
        "alex@fabrikam.com"
    };
    let first = state.desk.ended.first().map_or(other, |(name, _)| name.as_str());
    let users = || state.world.people.iter().filter(|person| person.is_user());
    match tenant {
        Authority::Any(_) => users().find(|person| person.username == first),
        Authority::Tenant(id) => {
            let own = users().find(|person| person.tenant == *id);
            own.or_else(|| users().find(|person| person.guest_in.contains(id)))
        }
    }
}

pub(super) fn offer(state: &mut State, tenant: &Authority, ask: &Ask, now: Moment) -> Answer {
    needed(ask, now, "client_id")?;
    let scope = needed(ask, now, "scope")?;
    let approver = visitor(state, tenant).map(|person| person.object_id.clone());
    let code = format!("DEMO-{}", seed::hex32(&["device", &now.to_string(), &state.desk.codes.len().to_string()]));
    state.desk.codes.push(Code {
        text: code.clone(),
        approver,
        scope,
        issued: now,
        polled: None,
        polls: 0,
        used: false,
    });
    Ok(Reply::ok(&json!({
        "user_code": "DEMO-ONLY",
        "device_code": code,
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": LIFE,
        "interval": INTERVAL,
        "message": "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code DEMO-ONLY to authenticate."
    })))
}

pub(super) fn token(state: &mut State, tenant: &Authority, client: &str, ask: &Ask, now: Moment) -> Answer {
    let code = ask.form("device_code").or_else(|| ask.form("code")).unwrap_or_default();
    let manner = state.desk.manner;
    let refuse = |error, number, words| Err(refusal(ask, now, error, number, words));
    let Some(device) = state.desk.codes.iter_mut().find(|device| device.text == code && !device.used) else {
        let words = "Invalid verification code due to user typing in wrong user code for device code flow.";
        return refuse("bad_verification_code", 70_018, words);
    };
    if now - device.issued > LIFE * SECOND {
        let words = "The provided value for the 'device_code' parameter is not valid. Device codes supplied by the token endpoint expire.";
        return refuse("expired_token", 70_020, words);
    }
    // A few milliseconds early is the timer's fault, not the client's.
    if device.polled.replace(now).is_some_and(|last| now - last < INTERVAL * SECOND - 50) {
        return refuse("slow_down", 70_032, "The client is polling too frequently and should slow down.");
    }
    device.polls += 1;
    if device.polls < 2 || manner == Manner::Away {
        let words = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
        return refuse("authorization_pending", 70_016, words);
    }
    device.used = true;
    if manner == Manner::Declines {
        return refuse("authorization_declined", 70_017, "End-user has declined the authorization request.");
    }
    let scope = ask.form("scope").unwrap_or_else(|| device.scope.clone());
    let approver = device.approver.clone();
    let Some(person) = approver.and_then(|id| state.world.person(&id).cloned()) else {
        return refuse("invalid_grant", 50_034, "The user account does not exist in the directory.");
    };
    grant::Grant {
        person: &person,
        tenant: &tenant.tenant_of(&person),
        client,
        scope: &scope,
        proven: true,
        nonce: None,
    }
    .tokens(state, ask, now)
}
