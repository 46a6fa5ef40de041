//! Applications that sign in as themselves: with a secret, with an assertion that a certificate of theirs signed, or with
//! the token of another issuer they trust.

use serde_json::json;

use super::{
    Authority, assertion,
    grant::{BLOCKED, audience, contexts},
    refusal,
    refusal::no_store,
};
use crate::demo::{
    State,
    clock::Moment,
    http::{Answer, Ask, Reply},
    token::Access,
    world::{Application, Person, Policy, Proof},
};

/// The one type of assertion there is (RFC 7523).
const JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long a principal's token is good, in seconds.
const LIFE: i64 = 3_599;

pub(super) fn token(state: &mut State, tenant: &Authority, client: &str, ask: &Ask, now: Moment) -> Answer {
    let scope = ask.form("scope").or_else(|| ask.form("resource")).unwrap_or_default();
    let known = state.world.people.iter().find_map(|person| match &person.proof {
        Proof::Application(application)
            if application.client_id.eq_ignore_ascii_case(client) && person.tenant == tenant.name() =>
        {
            Some((person, application))
        }
        _ => None,
    });
    let Some((person, application)) = known else {
        let words = format!(
            "Application with identifier '{client}' was not found in the directory '{}'. This can happen if the application has not been \
             installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication \
             request to the wrong tenant.",
            tenant.name()
        );
        return Err(refusal(ask, now, "unauthorized_client", 700_016, &words));
    };
    proven(state, person, application, ask, now)?;
    let policy = state.world.tenant(&person.tenant).map(|tenant| tenant.policy).unwrap_or_default();
    if policy == Policy::Blocked {
        return Err(refusal(ask, now, "access_denied", 53_003, BLOCKED));
    }
    let (_, aud) = audience(&scope, tenant.name(), ask, now)?;
    let access = Access { person, client, aud: &aud, tenant: &person.tenant, contexts: contexts(ask), now, life: LIFE };
    Ok(no_store(Reply::ok(&json!({
        "token_type": "Bearer",
        "expires_in": LIFE,
        "ext_expires_in": LIFE,
        "access_token": access.token()
    }))))
}

/// Whether the request proves that the application sent it.
fn proven(state: &State, person: &Person, application: &Application, ask: &Ask, now: Moment) -> Result<(), Reply> {
    let client = &application.client_id;
    let refuse = |code, words: &str| refusal(ask, now, "invalid_client", code, words);
    if let Some(sent) = ask.form("client_assertion") {
        if ask.form("client_assertion_type").as_deref() != Some(JWT) {
            let words = "The request body must contain the following parameter: 'client_assertion_type'.";
            return Err(refusal(ask, now, "invalid_request", 900_144, words));
        }
        let domain = state.world.tenant(&person.tenant).map(|tenant| tenant.domain.as_str()).unwrap_or_default();
        let checked = if assertion::is_of_another_issuer(&sent, client) {
            assertion::check_federated(&sent, application, now)
        } else {
            assertion::check(&sent, client, &[&person.tenant, domain], &application.certificates, now)
        };
        return checked.map_err(|(code, words)| refuse(code, &words));
    }
    let Some(offered) = ask.form("client_secret").filter(|offered| !offered.is_empty()) else {
        let words = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(refuse(7_000_218, words));
    };
    if application.expired {
        let words = format!(
            "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds."
        );
        return Err(refuse(7_000_222, &words));
    }
    if offered != application.client_secret {
        let words = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
        );
        return Err(refuse(7_000_215, &words));
    }
    Ok(())
}
