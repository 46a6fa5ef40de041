//! A login goes on: a refresh token for tokens of any service, in any tenant that lets its owner in.

use super::{Authority, Ended, grant, needed, refusal};
use crate::demo::{
    State,
    clock::{DAY, Moment, entra_stamp},
    http::{Answer, Ask, Reply},
    token::Refresh,
    world::Person,
};

pub(super) fn token(state: &mut State, tenant: &Authority, client: &str, ask: &Ask, now: Moment) -> Answer {
    let refresh = needed(ask, now, "refresh_token")?;
    let refresh = Refresh::read(&refresh);
    let owner = refresh.and_then(|refresh| Some((state.world.person(&refresh.owner).cloned()?, refresh)));
    let Some((mut person, refresh)) = owner else {
        return Err(refusal(ask, now, "invalid_grant", 9_002_313, "Invalid request. Request is malformed or invalid."));
    };
    if let Some(why) = state.desk.end_of(&person.username) {
        return Err(ended(why, ask, now));
    }
    let newest = state.desk.newest.iter().find(|(name, _)| *name == person.username).map_or(0, |(_, turn)| *turn);
    if state.desk.spends && refresh.turn < newest {
        return Err(ended(Ended::Unused, ask, now));
    }
    let taken = state.desk.mistaken.iter().find(|(name, _)| *name == person.username).map(|(_, other)| other);
    if let Some(other) = taken.and_then(|name| state.world.people.iter().find(|one| one.username == *name)) {
        person = Person { tenant: person.tenant, ..other.clone() };
    }
    let scope = ask
        .form("scope")
        .or_else(|| ask.form("resource"))
        .unwrap_or_else(|| "https://management.azure.com/.default".to_owned());
    let tenant = tenant.tenant_of(&person);
    grant::Grant { person: &person, tenant: &tenant, client, scope: &scope, proven: refresh.proven, nonce: None }
        .tokens(state, ask, now)
}

fn ended(why: Ended, ask: &Ask, now: Moment) -> Reply {
    let (code, words) = match why {
        Ended::Unused => (
            700_082,
            format!(
                "The refresh token has expired due to inactivity. The token was issued on {} and was inactive for 90.00:00:00.",
                entra_stamp(now - 90 * DAY)
            ),
        ),
        Ended::PasswordChanged => (
            50_173,
            format!(
                "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or \
                 reset their password. The grant was issued on '{}' and the TokensValidFrom date (before which tokens are not valid) for \
                 this user is '{}'.",
                entra_stamp(now - 3 * DAY),
                entra_stamp(now)
            ),
        ),
        Ended::TooOld => (
            70_043,
            format!(
                "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued \
                 on {} and the maximum allowed lifetime for this request is 86400.",
                entra_stamp(now - 3 * DAY)
            ),
        ),
    };
    refusal(ask, now, "invalid_grant", code, &words)
}
