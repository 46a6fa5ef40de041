//! Microsoft Entra ID as far as a client needs it: metadata, device codes, tokens. Refusals carry the codes and the
//! line ends that the real one sends.

use serde_json::{Value, json};

use super::{
    State,
    clock::{Moment, SECOND, entra_stamp},
    http::{Answer, Ask, Reply},
    seed, signer,
    token::{self, Audience},
    world::{Person, Proof, Which, World},
};

/// Where one signs in.
pub(crate) const HOST: &str = "login.microsoftonline.com";

/// How often a client may ask whether a device code was approved.
const INTERVAL: Moment = 2;
/// How long a device code is good for, in seconds.
const CODE_LIFE: Moment = 900;

/// What Entra remembers between requests.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    codes: Vec<DeviceCode>,
    /// Whose refresh tokens are refused.
    pub(crate) revoked: Vec<String>,
    /// Whether whoever is shown a code says no.
    pub(crate) declines: bool,
    turn: u64,
}

#[derive(Debug)]
struct DeviceCode {
    code: String,
    /// Who will approve it, by object id; nobody if the tenant has no user.
    approver: Option<String>,
    scope: String,
    issued: Moment,
    polled: Option<Moment>,
    polls: u32,
    used: bool,
}

pub(crate) fn answer(state: &mut State, ask: &Ask, now: Moment) -> Answer {
    let pieces = ask.pieces();
    match (ask.method, pieces.as_slice()) {
        ("GET", [_, "discovery", "instance"]) => Ok(instance()),
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
                ("GET", ["v2.0", ".well-known", "openid-configuration"]) => Ok(configuration(&tenant)),
                ("POST", ["oauth2", "v2.0", "devicecode"]) => device_code(state, &tenant, ask, now),
                ("POST", ["oauth2", "v2.0", "token"]) => token(state, &tenant, ask, now),
                ("POST", ["oauth2", "token"]) => token(state, &tenant, ask, now).map(as_version_one),
                _ => Err(Reply::empty(404)),
            }
        }
        _ => Err(Reply::empty(404)),
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

fn configuration(tenant: &Authority) -> Reply {
    let name = tenant.name();
    let login = format!("https://login.microsoftonline.com/{name}");
    let issuer = match tenant {
        Authority::Any(_) => "{tenantid}",
        Authority::Tenant(id) => id,
    };
    Reply::ok(&json!({
        "token_endpoint": format!("{login}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{login}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("https://login.microsoftonline.com/{issuer}/v2.0"),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": format!("{login}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{login}/oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{login}/oauth2/v2.0/logout"),
        "kerberos_endpoint": format!("{login}/kerberos"),
        "tenant_region_scope": null,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net"
    }))
}

fn instance() -> Reply {
    let names = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];
    Reply::ok(&json!({
        "tenant_discovery_endpoint": "https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": names[0], "preferred_cache": names[1], "aliases": names}]
    }))
}

fn device_code(state: &mut State, tenant: &Authority, ask: &Ask, now: Moment) -> Answer {
    needed(ask, now, "client_id")?;
    let scope = needed(ask, now, "scope")?;
    let other = if state.world.which == Which::SignedOut { "alex@contoso.com" } else { "alex@fabrikam.com" };
    let first = state.desk.revoked.first().map_or(other, String::as_str);
    let approver = state.world.people.iter().find(|person| match tenant {
        Authority::Any(_) => person.username == first,
        Authority::Tenant(id) => person.is_user() && person.tenant == *id,
    });
    let code = format!("DEMO-{}", seed::hex32(&["device", &now.to_string(), &state.desk.codes.len().to_string()]));
    state.desk.codes.push(DeviceCode {
        code: code.clone(),
        approver: approver.map(|person| person.object_id.clone()),
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
        "expires_in": CODE_LIFE,
        "interval": INTERVAL,
        "message": "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code DEMO-ONLY to authenticate."
    })))
}

fn token(state: &mut State, tenant: &Authority, ask: &Ask, now: Moment) -> Answer {
    let grant = needed(ask, now, "grant_type")?;
    let client = needed(ask, now, "client_id")?;
    match grant.as_str() {
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            device_token(state, tenant, &client, ask, now)
        }
        "refresh_token" => refreshed(state, tenant, &client, ask, now),
        "client_credentials" => principal_token(state, tenant, &client, ask, now),
        other => {
            let words = format!("The app requested an unsupported grant type '{other}'.");
            Err(refusal(ask, now, "unsupported_grant_type", 70_003, &words))
        }
    }
}

fn device_token(state: &mut State, tenant: &Authority, client: &str, ask: &Ask, now: Moment) -> Answer {
    let code = ask.form("device_code").or_else(|| ask.form("code")).unwrap_or_default();
    let declines = state.desk.declines;
    let Some(device) = state.desk.codes.iter_mut().find(|device| device.code == code && !device.used) else {
        return Err(refusal(
            ask,
            now,
            "bad_verification_code",
            70_018,
            "Invalid verification code due to user typing in wrong user code for device code flow.",
        ));
    };
    if now - device.issued > CODE_LIFE * SECOND {
        return Err(refusal(
            ask,
            now,
            "expired_token",
            70_020,
            "The provided value for the 'device_code' parameter is not valid. Device codes supplied by the token endpoint expire.",
        ));
    }
    // A few milliseconds early is the timer's fault, not the client's.
    if device.polled.replace(now).is_some_and(|last| now - last < INTERVAL * SECOND - 50) {
        return Err(refusal(
            ask,
            now,
            "slow_down",
            70_032,
            "The client is polling too frequently and should slow down.",
        ));
    }
    device.polls += 1;
    if device.polls < 2 {
        return Err(refusal(
            ask,
            now,
            "authorization_pending",
            70_016,
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        ));
    }
    device.used = true;
    if declines {
        return Err(refusal(
            ask,
            now,
            "authorization_declined",
            70_017,
            "End-user has declined the authorization request.",
        ));
    }
    let scope = ask.form("scope").unwrap_or_else(|| device.scope.clone());
    let approver = device.approver.clone();
    let Some(person) = approver.and_then(|id| state.world.person(&id).cloned()) else {
        return Err(refusal(ask, now, "invalid_grant", 50_034, "The user account does not exist in the directory."));
    };
    user_tokens(state, &person, &tenant.tenant_of(&person), client, &scope, ask, now)
}

fn refreshed(state: &mut State, tenant: &Authority, client: &str, ask: &Ask, now: Moment) -> Answer {
    let refresh = needed(ask, now, "refresh_token")?;
    let owner = token::refresh_owner(&refresh).and_then(|id| state.world.person(&id).cloned());
    let Some(person) = owner else {
        return Err(refusal(ask, now, "invalid_grant", 9_002_313, "Invalid request. Request is malformed or invalid."));
    };
    if state.desk.revoked.contains(&person.username) {
        let words = format!(
            "The refresh token has expired due to inactivity. The token was issued on {} and was inactive for 90.00:00:00.",
            entra_stamp(now - 90 * 86_400 * SECOND)
        );
        return Err(refusal(ask, now, "invalid_grant", 700_082, &words));
    }
    let tenant = tenant.tenant_of(&person);
    if tenant != person.tenant {
        let words = format!(
            "User account '{}' from identity provider 'https://sts.windows.net/{}/' does not exist in tenant '{tenant}' and cannot access \
             the application '{client}'(Microsoft Azure CLI) in that tenant. The account needs to be added as an external user in the tenant first.",
            person.username, person.tenant
        );
        return Err(refusal(ask, now, "invalid_grant", 50_020, &words));
    }
    let scope = ask
        .form("scope")
        .or_else(|| ask.form("resource"))
        .unwrap_or_else(|| "https://management.azure.com/.default".to_owned());
    user_tokens(state, &person, &tenant, client, &scope, ask, now)
}

fn principal_token(state: &mut State, tenant: &Authority, client: &str, ask: &Ask, now: Moment) -> Answer {
    let offered = needed(ask, now, "client_secret")?;
    let scope = ask.form("scope").or_else(|| ask.form("resource")).unwrap_or_default();
    let person = state.world.people.iter().find(|person| match &person.proof {
        Proof::Secret { client_id, .. } => client_id == client && person.tenant == tenant.name(),
        Proof::Browser | Proof::Machine { .. } => false,
    });
    let Some((person, Proof::Secret { client_secret, expired, .. })) = person.map(|person| (person, &person.proof))
    else {
        let words = format!(
            "Application with identifier '{client}' was not found in the directory '{}'. This can happen if the application has not been \
             installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication \
             request to the wrong tenant.",
            tenant.name()
        );
        return Err(refusal(ask, now, "unauthorized_client", 700_016, &words));
    };
    if *expired {
        let words = format!(
            "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds."
        );
        return Err(refusal(ask, now, "invalid_client", 7_000_222, &words));
    }
    if offered != *client_secret {
        let words = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
        );
        return Err(refusal(ask, now, "invalid_client", 7_000_215, &words));
    }
    let (_, aud) = audience(&scope, tenant, ask, now)?;
    Ok(no_store(Reply::ok(&json!({
        "token_type": "Bearer",
        "expires_in": 3_599,
        "ext_expires_in": 3_599,
        "access_token": token::access(person, client, &aud, &person.tenant, now, 3_599)
    }))))
}

fn user_tokens(
    state: &mut State,
    person: &Person,
    tenant: &str,
    client: &str,
    scope: &str,
    ask: &Ask,
    now: Moment,
) -> Answer {
    let (_, aud) = audience(scope, &Authority::Tenant(tenant.to_owned()), ask, now)?;
    state.desk.turn += 1;
    // Whoever signs in anew is let in again.
    state.desk.revoked.retain(|name| *name != person.username);
    let life = 4_200 + i64::try_from(seed::below(600, &[&person.username, &aud])).unwrap_or_default();
    let info = json!({"uid": person.object_id, "utid": person.tenant});
    Ok(no_store(Reply::ok(&json!({
        "token_type": "Bearer",
        "scope": format!("{aud}/user_impersonation {aud}/.default"),
        "expires_in": life,
        "ext_expires_in": life,
        "access_token": token::access(person, client, &aud, tenant, now, life),
        "refresh_token": token::refresh(person, state.desk.turn),
        "foci": "1",
        "id_token": token::id(person, client, tenant, ask.form("nonce").as_deref(), now),
        "client_info": seed::base64url(info.to_string())
    }))))
}

fn audience(scope: &str, tenant: &Authority, ask: &Ask, now: Moment) -> Result<(Audience, String), Reply> {
    Audience::read(scope).ok_or_else(|| {
        let words = format!(
            "The resource principal named {scope} was not found in the tenant named {}. This can happen if the application has not been \
             installed by the administrator of the tenant or consented to by any user in the tenant.",
            tenant.name()
        );
        refusal(ask, now, "invalid_resource", 500_011, &words)
    })
}

fn needed(ask: &Ask, now: Moment, name: &str) -> Result<String, Reply> {
    ask.form(name).filter(|value| !value.is_empty()).ok_or_else(|| {
        let words = format!("The request body must contain the following parameter: '{name}'.");
        refusal(ask, now, "invalid_request", 900_144, &words)
    })
}

fn refusal(ask: &Ask, now: Moment, error: &str, code: u32, words: &str) -> Reply {
    let (stamp, moment) = (entra_stamp(now), now.to_string());
    let (trace, correlation) = (seed::guid(&["trace", &ask.url, &moment]), seed::guid(&["correlation", &moment]));
    let status = if matches!(error, "invalid_client") { 401 } else { 400 };
    no_store(Reply::json(status, &json!({
        "error": error,
        "error_description": format!("AADSTS{code}: {words}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {stamp}"),
        "error_codes": [code],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}")
    })))
    .header("x-ms-clitelem", format!("1,{code},0,,"))
}

fn no_store(reply: Reply) -> Reply {
    reply.header("cache-control", "no-store, no-cache").header("pragma", "no-cache")
}

/// The first version of the token endpoint gives its numbers as strings and names the resource.
fn as_version_one(mut reply: Reply) -> Reply {
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
