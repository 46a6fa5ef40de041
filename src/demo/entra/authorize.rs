//! Signing in with a browser (authorization code with PKCE, RFC 7636): the page that asks, and the code it sends back. The
//! demo's person agrees at once, where the tenant lets them in.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use super::{Authority, Manner, device_code, grant, refusal};
use crate::demo::{
    State,
    clock::{Moment, SECOND},
    http::{Answer, Ask, Reply},
    seed,
};

/// How long a code is good for, in seconds.
const CODE_LIFE: Moment = 600;

/// A code that was sent to a browser.
#[derive(Debug)]
pub(crate) struct Code {
    text: String,
    client: String,
    redirect: String,
    challenge: String,
    issued: Moment,
    used: bool,
    /// Who agreed, by object id.
    person: String,
    /// The question's, for the id token.
    nonce: Option<String>,
}

/// Somebody before a sign-in page.
struct Visit<'a> {
    ask: &'a Ask,
    /// The person who agrees, by object id; else what the client is told.
    person: Result<String, (&'static str, String)>,
    now: Moment,
}

/// The page: a form that sends itself to where the client listens, or a redirect where the client wants a query.
pub(super) fn page(state: &mut State, tenant: &Authority, ask: &Ask, now: Moment) -> Answer {
    let parameter = |name: &str| ask.query(name).map(str::to_owned).ok_or_else(|| missing(name));
    let (client, redirect, scope) = (parameter("client_id")?, parameter("redirect_uri")?, parameter("scope")?);
    if !is_loopback(&redirect) {
        return Err(wrong(
            50_011,
            &format!(
                "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application '{client}'."
            ),
        ));
    }
    let Some(person) = device_code::visitor(state, tenant).cloned() else {
        return Err(wrong(50_034, "The user account does not exist in the directory."));
    };
    let place = tenant.tenant_of(&person);
    let policy = state.world.tenant(&place).map(|tenant| tenant.policy).unwrap_or_default();
    let wants =
        grant::Grant { person: &person, tenant: &place, client: &client, scope: &scope, proven: true, nonce: None };
    let barred = wants.barred(policy).map(|(_, code, words)| ("access_denied", format!("AADSTS{code}: {words}")));
    let agrees = match (state.desk.manner, barred) {
        // Whoever never looks at the page never sends an answer.
        (Manner::Away, _) => {
            return Ok(Reply::html(200, "<html><head><title>Sign in to your account</title></head></html>"));
        }
        (Manner::Declines, _) => {
            let words = "AADSTS65004: User declined to consent to access the app.";
            Err(("access_denied", words.to_owned()))
        }
        (Manner::Agrees, Some(barred)) => Err(barred),
        (Manner::Agrees, None) => Ok(person.object_id.clone()),
    };
    let visit = Visit { ask, person: agrees, now };
    let fields = match visit.code(&mut state.desk.authorizations, &client, &redirect) {
        Ok(code) => {
            let info = json!({"uid": person.object_id, "utid": person.tenant});
            vec![("code", code), ("client_info", seed::base64url(info.to_string()))]
        }
        // What is wrong with the question is told to the client, once it is known where that is.
        Err((error, words)) => vec![("error", error.to_owned()), ("error_description", words)],
    };
    let echoed = ask.query("state").map(|state| ("state", state.to_owned()));
    let fields: Vec<(&str, String)> = fields.into_iter().chain(echoed).collect();
    Ok(match ask.query("response_mode") {
        Some("form_post") => form(&redirect, &fields),
        _ => redirected(&redirect, &fields),
    })
}

/// A code for tokens.
pub(super) fn token(state: &mut State, tenant: &Authority, client: &str, ask: &Ask, now: Moment) -> Answer {
    let redeemed = redeem(&mut state.desk.authorizations, client, ask, now);
    let (person, nonce) = match redeemed {
        Ok(code) => (code.person.clone(), code.nonce.clone()),
        Err((code, words)) => return Err(refusal(ask, now, "invalid_grant", code, words)),
    };
    let Some(person) = state.world.person(&person).cloned() else {
        return Err(refusal(ask, now, "invalid_grant", 50_034, "The user account does not exist in the directory."));
    };
    let scope = ask.form("scope").unwrap_or_default();
    let place = tenant.tenant_of(&person);
    grant::Grant { person: &person, tenant: &place, client, scope: &scope, proven: true, nonce: nonce.as_deref() }
        .tokens(state, ask, now)
}

impl Visit<'_> {
    fn code(&self, codes: &mut Vec<Code>, client: &str, redirect: &str) -> Result<String, (&'static str, String)> {
        let refuse = |code: u32, words: &str| ("invalid_request", format!("AADSTS{code}: {words}"));
        if self.ask.query("response_type") != Some("code") {
            return Err(refuse(900_144, "The request must contain the following parameter: 'response_type'."));
        }
        let challenge = self.ask.query("code_challenge").unwrap_or_default();
        if self.ask.query("code_challenge_method") != Some("S256") || challenge.len() != 43 {
            return Err(refuse(
                9_002_325,
                "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
            ));
        }
        let person = self.person.clone()?;
        let code =
            format!("1.DEMO.{}", seed::hex32(&["code", &self.now.to_string(), &codes.len().to_string(), challenge]));
        codes.push(Code {
            text: code.clone(),
            client: client.to_owned(),
            redirect: redirect.to_owned(),
            challenge: challenge.to_owned(),
            issued: self.now,
            used: false,
            person,
            nonce: self.ask.query("nonce").map(str::to_owned),
        });
        Ok(code)
    }
}

/// Takes a code in: once, in time, from the client it was made for, with the verifier of its question. Else the AADSTS code
/// and its words.
fn redeem<'a>(codes: &'a mut [Code], client: &str, ask: &Ask, now: Moment) -> Result<&'a Code, (u32, &'static str)> {
    let sent = ask.form("code").unwrap_or_default();
    let code = codes.iter_mut().find(|code| code.text == sent && code.client == client);
    let code = code.ok_or((9_002_313, "Invalid request. Request is malformed or invalid."))?;
    if code.used {
        return Err((
            54_005,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
        ));
    }
    if now - code.issued > CODE_LIFE * SECOND {
        return Err((
            70_008,
            "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
        ));
    }
    if ask.form("redirect_uri").as_deref() != Some(code.redirect.as_str()) {
        return Err((
            50_011,
            "The redirect URI specified in the request does not match the one used to obtain the authorization code.",
        ));
    }
    let verifier = ask.form("code_verifier").unwrap_or_default();
    if seed::base64url(digest(&SHA256, verifier.as_bytes())) != code.challenge {
        return Err((
            501_481,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        ));
    }
    code.used = true;
    Ok(code)
}

/// The Azure CLI's application listens on this machine only, on any port.
fn is_loopback(redirect: &str) -> bool {
    let url = azure_core::http::Url::parse(redirect).ok();
    url.is_some_and(|url| {
        url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1")) && url.username().is_empty()
    })
}

fn form(redirect: &str, fields: &[(&str, String)]) -> Reply {
    let mut inputs = String::new();
    for (name, value) in fields {
        let _ = write!(inputs, "<input type=\"hidden\" name=\"{name}\" value=\"{}\" />", escaped(value));
    }
    let body = format!(
        "<html><head><title>Working...</title></head><body><form method=\"POST\" name=\"hiddenform\" action=\"{}\">{inputs}\
         <noscript><p>Script is disabled. Click Submit to continue.</p><input type=\"submit\" value=\"Submit\" /></noscript></form>\
         <script language=\"javascript\">document.forms[0].submit();</script></body></html>",
        escaped(redirect)
    );
    Reply::html(200, &body)
}

fn redirected(redirect: &str, fields: &[(&str, String)]) -> Reply {
    let Ok(mut to) = azure_core::http::Url::parse(redirect) else { return Reply::empty(400) };
    to.query_pairs_mut().extend_pairs(fields);
    Reply::empty(302).header("location", to.to_string())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn missing(name: &str) -> Reply {
    wrong(900_144, &format!("The request must contain the following parameter: '{name}'."))
}

/// A page of Entra's own: the client's address is not known to be one.
fn wrong(code: u32, words: &str) -> Reply {
    let body = format!(
        "<html><head><title>Sign in to your account</title></head><body><p>AADSTS{code}: {}</p></body></html>",
        escaped(words)
    );
    Reply::html(400, &body)
}
