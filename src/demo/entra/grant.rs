//! What a good answer holds: the tokens of a person, once the tenant lets them in.

use serde_json::{Value, json};

use super::{refusal, refusal::no_store};
use crate::demo::{
    State,
    clock::Moment,
    http::{Answer, Ask, Reply},
    seed,
    token::{self, Access, Audience},
    world::{Person, Policy},
};

/// Somebody who proved who they are, and what they want.
pub(super) struct Grant<'a> {
    pub(super) person: &'a Person,
    /// The tenant they want in to.
    pub(super) tenant: &'a str,
    pub(super) client: &'a str,
    pub(super) scope: &'a str,
    /// Whether there was more than a password: somebody who sits before a page proves as much as the page asks for.
    pub(super) proven: bool,
    /// The browser's question, which its id token answers.
    pub(super) nonce: Option<&'a str>,
}

impl Grant<'_> {
    /// Access, id and refresh token, or why the tenant does not let them in.
    pub(super) fn tokens(&self, state: &mut State, ask: &Ask, now: Moment) -> Answer {
        let Self { person, tenant, client, .. } = *self;
        let policy = state.world.tenant(tenant).map(|tenant| tenant.policy).unwrap_or_default();
        if let Some((error, code, words)) = self.barred(policy) {
            return Err(refusal(ask, now, error, code, &words));
        }
        let (_, aud) = audience(self.scope, tenant, ask, now)?;
        state.desk.turn += 1;
        let turn = state.desk.turn;
        // Whoever signs in anew is let in again.
        state.desk.ended.retain(|(name, _)| *name != person.username);
        state.desk.newest.retain(|(name, _)| *name != person.username);
        state.desk.newest.push((person.username.clone(), turn));
        let life = 4_200 + i64::try_from(seed::below(600, &[&person.username, &aud])).unwrap_or_default();
        let info = json!({"uid": person.object_id, "utid": person.tenant});
        let access = Access { person, client, aud: &aud, tenant, contexts: contexts(ask), now, life };
        Ok(no_store(Reply::ok(&json!({
            "token_type": "Bearer",
            "scope": format!("{aud}/user_impersonation {aud}/.default"),
            "expires_in": life,
            "ext_expires_in": life,
            "access_token": access.token(),
            "refresh_token": token::refresh(person, turn, self.proven),
            "foci": "1",
            "id_token": token::id(person, client, tenant, self.nonce, now),
            "client_info": seed::base64url(info.to_string())
        }))))
    }

    /// Why the tenant does not let them in, if it does not: the OAuth error, the AADSTS code, its words.
    pub(super) fn barred(&self, policy: Policy) -> Option<(&'static str, u32, String)> {
        let Self { person, tenant, client, .. } = *self;
        if !person.is_in(tenant) {
            let words = format!(
                "User account '{}' from identity provider 'https://sts.windows.net/{}/' does not exist in tenant '{tenant}' and cannot access \
                 the application '{client}'(Microsoft Azure CLI) in that tenant. The account needs to be added as an external user in the tenant first.",
                person.username, person.tenant
            );
            return Some(("invalid_grant", 50_020, words));
        }
        match policy {
            Policy::Mfa if !self.proven => {
                let words = format!(
                    "Due to a configuration change made by your administrator, or because you moved to a new location, you must use \
                     multi-factor authentication to access '{}'.",
                    seed::guid(&["service", self.scope])
                );
                Some(("interaction_required", 50_076, words))
            }
            Policy::Open | Policy::Mfa => None,
            Policy::Consent => {
                let words = format!(
                    "The user or administrator has not consented to use the application with ID '{client}' named 'Microsoft Azure CLI'. Send \
                     an interactive authorization request for this user and resource."
                );
                Some(("invalid_grant", 65_001, words))
            }
            Policy::Blocked => Some(("access_denied", 53_003, BLOCKED.to_owned())),
        }
    }
}

/// What Conditional Access says.
pub(super) const BLOCKED: &str =
    "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.";

/// The service that a scope names, if the tenant knows it.
pub(super) fn audience(scope: &str, tenant: &str, ask: &Ask, now: Moment) -> Result<(Audience, String), Reply> {
    Audience::read(scope).ok_or_else(|| {
        let words = format!(
            "The resource principal named {scope} was not found in the tenant named {tenant}. This can happen if the application has not been \
             installed by the administrator of the tenant or consented to by any user in the tenant."
        );
        refusal(ask, now, "invalid_resource", 500_011, &words)
    })
}

/// The authentication contexts that a request's claims ask for: the answer to a service's challenge.
pub(super) fn contexts(ask: &Ask) -> Vec<String> {
    let claims: Option<Value> = ask.form("claims").and_then(|claims| serde_json::from_str(&claims).ok());
    let wanted = claims.as_ref().map(|claims| &claims["access_token"]["acrs"]);
    let one = wanted.and_then(|wanted| wanted["value"].as_str());
    let several = wanted.and_then(|wanted| wanted["values"].as_array()).into_iter().flatten();
    one.into_iter().chain(several.filter_map(Value::as_str)).map(str::to_owned).collect()
}

/// The first version of the token endpoint gives its numbers as strings and names the resource.
pub(super) fn as_version_one(mut reply: Reply) -> Reply {
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice(&reply.body) {
        for name in ["expires_in", "ext_expires_in"] {
            if let Some(number) = fields.get(name).and_then(Value::as_i64) {
                fields.insert(name.to_owned(), json!(number.to_string()));
            }
        }
        let caller = fields.get("access_token").and_then(Value::as_str).and_then(token::Caller::read);
        if let Some(caller) = caller {
            fields.insert("expires_on".to_owned(), json!(caller.expires.to_string()));
            fields.insert("resource".to_owned(), json!(caller.aud));
        }
        reply.body = Value::Object(fields).to_string().into_bytes();
    }
    reply
}
