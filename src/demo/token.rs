//! Access tokens: what they were made for, who carries them, until when; signed, as Azure's are.

use serde_json::{Value, json};

use super::{
    clock::{Moment, epoch},
    seed, signer,
    world::{Person, Proof},
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
}

impl Caller {
    pub(crate) fn issuer(&self) -> String {
        issuer(&self.tenant)
    }

    /// Reads a token of this demo; anything else, also a changed one, is none.
    pub(crate) fn read(token: &str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        if !signer::verify(signed, signature) {
            return None;
        }
        let (_, payload) = signed.split_once('.')?;
        let claims: Value = serde_json::from_slice(&seed::from_base64url(payload)?).ok()?;
        let text = |name: &str| claims[name].as_str().map(str::to_owned);
        let (audience, aud) = Audience::read(claims["aud"].as_str()?)?;
        Some(Self {
            audience,
            aud,
            tenant: text("tid")?,
            object_id: text("oid")?,
            app_id: text("appid")?,
            shown: text("upn").or_else(|| text("appid"))?,
            expires: claims["exp"].as_i64()?,
        })
    }
}

/// The `iss` claim of a tenant's tokens.
pub(crate) fn issuer(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

/// An access token for one person, one audience, one tenant.
pub(crate) fn access(person: &Person, app_id: &str, aud: &str, tenant: &str, now: Moment, life: i64) -> String {
    let issued = epoch(now);
    let proof = match person.proof {
        Proof::Browser => "0",
        Proof::Secret { .. } => "1",
        Proof::Machine { .. } => "2",
    };
    let mut claims = json!({
        "aud": aud, "iss": issuer(tenant), "iat": issued, "nbf": issued, "exp": issued + life, "acr": "1",
        "appid": app_id, "appidacr": proof, "idtyp": if person.is_user() { "user" } else { "app" },
        "name": person.name, "oid": person.object_id, "sub": seed::hex32(&["sub", &person.object_id]), "tid": tenant,
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
    jwt(&claims)
}

/// The id token, which clients show and do not check.
pub(crate) fn id(person: &Person, app_id: &str, tenant: &str, nonce: Option<&str>, now: Moment) -> String {
    let issued = epoch(now);
    let mut claims = json!({
        "aud": app_id, "iss": format!("https://login.microsoftonline.com/{tenant}/v2.0"), "iat": issued, "nbf": issued,
        "exp": issued + 3_900, "name": person.name, "oid": person.object_id, "preferred_username": person.username,
        "sub": seed::hex32(&["sub", &person.object_id, app_id]), "tid": tenant, "ver": "2.0"
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    jwt(&claims)
}

/// A refresh token carries its owner, so that it is good in any process of the demo, like a real one on any machine.
pub(crate) fn refresh(person: &Person, turn: u64) -> String {
    let owner = seed::base64url(&person.object_id);
    format!("1.ADEMO.{owner}.{turn}.{}", sign(&format!("{owner}.{turn}")))
}

/// Whose refresh token this is, by object id.
pub(crate) fn refresh_owner(token: &str) -> Option<String> {
    let (signed, signature) = token.strip_prefix("1.ADEMO.")?.rsplit_once('.')?;
    let (owner, _) = signed.split_once('.')?;
    let owner = String::from_utf8(seed::from_base64url(owner)?).ok()?;
    (signature == sign(signed)).then_some(owner)
}

fn jwt(claims: &Value) -> String {
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
