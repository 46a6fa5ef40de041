//! Access tokens: what they were made for, who carries them, until when; signed, as Azure's are.

use serde_json::{Value, json};

use super::{
    clock::{Moment, epoch},
    seed, signer,
    world::{
        Person, Proof,
        places::{RESEARCH, subscription_id},
    },
};

/// What a token can be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Arm,
    Ml,
    Vault,
    Graph,
}

impl Audience {
    /// Reads every spelling of a scope or resource that clients send, and gives the `aud` claim for it. A double slash
    /// is real: the resource id itself ends in one, and the audience keeps it.
    pub(crate) fn read(scopes: &str) -> Option<(Self, String)> {
        scopes.split_whitespace().find_map(|scope| {
            let resource = scope.strip_suffix(".default").or_else(|| scope.strip_suffix("user_impersonation"));
            let resource = resource.map_or(scope, |cut| cut.strip_suffix('/').unwrap_or(cut));
            let audience = match resource.trim_end_matches('/') {
                "https://management.azure.com" | "https://management.core.windows.net" => Self::Arm,
                "https://ml.azure.com" => Self::Ml,
                "https://vault.azure.net" => Self::Vault,
                "https://graph.microsoft.com" => Self::Graph,
                _ => return None,
            };
            Some((audience, resource.to_owned()))
        })
    }

    /// The short name that the request log uses.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Arm => "arm",
            Self::Ml => "ml",
            Self::Vault => "vault",
            Self::Graph => "graph",
        }
    }
}

/// What a valid token says.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) audience: Audience,
    pub(crate) aud: String,
    pub(crate) tenant: String,
    pub(crate) object_id: String,
    pub(crate) app_id: String,
    /// How ARM names the caller in its refusals: the user's name, or the application's id.
    pub(crate) shown: String,
    /// Epoch seconds.
    pub(crate) expires: i64,
    /// The authentication contexts it was asked with (`acrs`).
    pub(crate) contexts: Vec<String>,
}

impl Caller {
    pub(crate) fn issuer(&self) -> String {
        issuer(&self.tenant)
    }

    /// Reads a token of this demo; anything else, also a changed one, is none.
    pub(crate) fn read(token: &str) -> Option<Self> {
        let claims = verified(token)?;
        let text = |name: &str| claims[name].as_str().map(str::to_owned);
        let (audience, aud) = Audience::read(claims["aud"].as_str()?)?;
        if text("iss")? != issuer(&text("tid")?) {
            return None;
        }
        let contexts = claims["acrs"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Some(Self {
            audience,
            aud,
            tenant: text("tid")?,
            object_id: text("oid")?,
            app_id: text("appid")?,
            shown: text("upn").or_else(|| text("appid"))?,
            expires: claims["exp"].as_i64()?,
            contexts: contexts.map(str::to_owned).collect(),
        })
    }
}

/// The `iss` claim of a tenant's tokens.
pub(crate) fn issuer(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

/// What a JWT says, if the demo signed it as it stands.
pub(crate) fn verified(token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (_, payload) = signed.split_once('.')?;
    let genuine = signer::verify(signed, signature);
    genuine.then(|| serde_json::from_slice(&seed::from_base64url(payload)?).ok())?
}

/// An access token to be: for one person, one service, one tenant.
pub(crate) struct Access<'a> {
    pub(crate) person: &'a Person,
    /// The application that asks.
    pub(crate) client: &'a str,
    pub(crate) aud: &'a str,
    pub(crate) tenant: &'a str,
    /// What the services' challenges asked for.
    pub(crate) contexts: Vec<String>,
    pub(crate) now: Moment,
    /// In seconds.
    pub(crate) life: i64,
}

impl Access<'_> {
    pub(crate) fn token(&self) -> String {
        let Self { person, client, aud, tenant, .. } = *self;
        let (issued, oid) = (epoch(self.now), person.object_id_in(tenant));
        let proof = match person.proof {
            Proof::Browser => "0",
            Proof::Application(_) => "1",
            Proof::Machine { .. } => "2",
        };
        let mut claims = json!({
            "aud": aud, "iss": issuer(tenant), "iat": issued, "nbf": issued, "exp": issued + self.life, "acr": "1",
            "appid": client, "appidacr": proof, "idtyp": if person.is_user() { "user" } else { "app" },
            "name": person.name, "oid": oid, "sub": seed::hex32(&["sub", &oid]), "tid": tenant,
            "uti": &seed::hex32(&["uti", aud, &issued.to_string()])[..22], "ver": "1.0"
        });
        if person.is_user() {
            claims["scp"] = json!("user_impersonation");
            claims["upn"] = json!(person.username);
            claims["unique_name"] = json!(person.username);
            claims["preferred_username"] = json!(person.username);
        } else {
            claims["roles"] = json!([]);
        }
        if let Proof::Machine { own, .. } = person.proof {
            claims["xms_mirid"] = json!(resource_id(&person.username, own));
        }
        if !self.contexts.is_empty() {
            claims["acrs"] = json!(self.contexts);
        }
        jwt(&claims)
    }
}

/// The identity as a resource of its own, or the machine that it belongs to.
fn resource_id(name: &str, own: bool) -> String {
    let group = format!("/subscriptions/{}/resourcegroups/rg-vision/providers", subscription_id(RESEARCH));
    if own {
        return format!("{group}/Microsoft.MachineLearningServices/workspaces/ws-vision/computes/{name}");
    }
    format!("{group}/Microsoft.ManagedIdentity/userAssignedIdentities/{name}")
}

/// The id token, which clients show and do not check.
pub(crate) fn id(person: &Person, app_id: &str, tenant: &str, nonce: Option<&str>, now: Moment) -> String {
    let issued = epoch(now);
    let mut claims = json!({
        "aud": app_id, "iss": format!("https://login.microsoftonline.com/{tenant}/v2.0"), "iat": issued, "nbf": issued,
        "exp": issued + 3_900, "name": person.name, "oid": person.object_id_in(tenant), "preferred_username": person.username,
        "sub": seed::hex32(&["sub", &person.object_id, app_id]), "tid": tenant, "ver": "2.0"
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    jwt(&claims)
}

/// A refresh token carries its owner, so that it is good in any process of the demo, like a real one on any machine; its
/// number; and whether its owner proved more than a password.
pub(crate) fn refresh(person: &Person, turn: u64, proven: bool) -> String {
    let (owner, proven) = (seed::base64url(&person.object_id), if proven { "p" } else { "" });
    let signed = format!("{owner}.{turn}{proven}");
    format!("1.ADEMO.{signed}.{}", sign(&signed))
}

/// What a refresh token says.
pub(crate) struct Refresh {
    /// By object id.
    pub(crate) owner: String,
    /// Which of all that were given out it is.
    pub(crate) turn: u64,
    pub(crate) proven: bool,
}

impl Refresh {
    /// Reads one that the demo made.
    pub(crate) fn read(token: &str) -> Option<Self> {
        let (signed, signature) = token.strip_prefix("1.ADEMO.")?.rsplit_once('.')?;
        let (owner, turn) = signed.split_once('.')?;
        let owner = String::from_utf8(seed::from_base64url(owner)?).ok()?;
        let (turn, proven) = turn.strip_suffix('p').map_or((turn, false), |turn| (turn, true));
        let turn = turn.parse().ok()?;
        (signature == sign(signed)).then_some(Self { owner, turn, proven })
    }
}

/// Claims, signed.
pub(crate) fn jwt(claims: &Value) -> String {
    let header = seed::base64url(
        json!({"typ": "JWT", "alg": "RS256", "x5t": signer::key_id(), "kid": signer::key_id()}).to_string(),
    );
    let signed = format!("{header}.{}", seed::base64url(claims.to_string()));
    let signature = signer::sign(&signed);
    format!("{signed}.{signature}")
}

/// The mark of a refresh token, which only Entra itself reads.
fn sign(text: &str) -> String {
    seed::base64url(seed::hex32(&["the demo signs", text]))
}
