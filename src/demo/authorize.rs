//! Signing in with a browser (authorization code with PKCE, RFC 7636): the page that asks, and the code it sends back. The
//! demo's person agrees at once.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use super::{
    clock::{Moment, SECOND},
    http::{Answer, Ask, Reply},
    seed,
};

/// How long a code is good for, in seconds.
const CODE_LIFE: Moment = 600;

/// A code that was sent to a browser.
#[derive(Debug)]
pub(crate) struct Code {
    code: String,
    client: String,
    redirect: String,
    challenge: String,
    issued: Moment,
    used: bool,
    /// Who agreed, by object id.
    pub(crate) person: String,
    /// The question's, for the id token.
    pub(crate) nonce: Option<String>,
}

/// Somebody's sign-in page: its person, and where the answer goes.
pub(crate) struct Visit<'a> {
    pub(crate) ask: &'a Ask,
    /// The person who agrees: object id and home tenant.
    pub(crate) person: (&'a str, &'a str),
    pub(crate) now: Moment,
}

impl Visit<'_> {
    /// The page: a form that sends itself to where the client listens, or a redirect where the client wants a query.
    pub(crate) fn page(&self, codes: &mut Vec<Code>) -> Answer {
        let ask = self.ask;
        let parameter = |name: &str| ask.query(name).map(str::to_owned).ok_or_else(|| missing(name));
        let (client, redirect) = (parameter("client_id")?, parameter("redirect_uri")?);
        if !is_loopback(&redirect) {
            return Err(wrong(
                50_011,
                &format!("The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application '{client}'."),
            ));
        }
        let fields = match self.code(codes, &client, &redirect) {
            Ok(code) => {
                let (uid, utid) = self.person;
                let info = seed::base64url(json!({"uid": uid, "utid": utid}).to_string());
                vec![("code", code), ("client_info", info)]
            }
            // What is wrong with the question is told to the client, once it is known where that is.
            Err((error, words)) => vec![("error", error.to_owned()), ("error_description", words)],
        };
        let state = ask.query("state").map(|state| ("state", state.to_owned()));
        let fields: Vec<(&str, String)> = fields.into_iter().chain(state).collect();
        Ok(match ask.query("response_mode") {
            Some("form_post") => form(&redirect, &fields),
            _ => redirected(&redirect, &fields),
        })
    }

    fn code(&self, codes: &mut Vec<Code>, client: &str, redirect: &str) -> Result<String, (&'static str, String)> {
        let refuse = |code: u32, words: &str| ("invalid_request", format!("AADSTS{code}: {words}"));
        if self.ask.query("response_type") != Some("code") {
            return Err(refuse(900_144, "The request must contain the following parameter: 'response_type'."));
        }
        let challenge = self.ask.query("code_challenge").unwrap_or_default();
        if self.ask.query("code_challenge_method") != Some("S256") || challenge.len() != 43 {
            return Err(refuse(9_002_325, "Proof Key for Code Exchange is required for cross-origin authorization code redemption."));
        }
        let code = format!("1.DEMO.{}", seed::hex32(&["code", &self.now.to_string(), &codes.len().to_string(), challenge]));
        codes.push(Code {
            code: code.clone(),
            client: client.to_owned(),
            redirect: redirect.to_owned(),
            challenge: challenge.to_owned(),
            issued: self.now,
            used: false,
            person: self.person.0.to_owned(),
            nonce: self.ask.query("nonce").map(str::to_owned),
        });
        Ok(code)
    }
}

/// Takes a code in: once, in time, from the client it was made for, with the verifier of its question. Else the AADSTS code
/// and its words.
pub(crate) fn redeem<'a>(codes: &'a mut [Code], client: &str, ask: &Ask, now: Moment) -> Result<&'a Code, (u32, &'static str)> {
    let sent = ask.form("code").unwrap_or_default();
    let code = codes.iter_mut().find(|code| code.code == sent && code.client == client);
    let code = code.ok_or((9_002_313, "Invalid request. Request is malformed or invalid."))?;
    if code.used {
        return Err((54_005, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."));
    }
    if now - code.issued > CODE_LIFE * SECOND {
        return Err((70_008, "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource."));
    }
    if ask.form("redirect_uri").as_deref() != Some(code.redirect.as_str()) {
        return Err((50_011, "The redirect URI specified in the request does not match the one used to obtain the authorization code."));
    }
    let verifier = ask.form("code_verifier").unwrap_or_default();
    if seed::base64url(digest(&SHA256, verifier.as_bytes())) != code.challenge {
        return Err((501_481, "The Code_Verifier does not match the code_challenge supplied in the authorization request."));
    }
    code.used = true;
    Ok(code)
}

/// The Azure CLI's application listens on this machine only, on any port.
fn is_loopback(redirect: &str) -> bool {
    let url = azure_core::http::Url::parse(redirect).ok();
    url.is_some_and(|url| url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1")) && url.username().is_empty())
}

fn form(redirect: &str, fields: &[(&str, String)]) -> Reply {
    let inputs: String = fields
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\" />", escaped(value)))
        .collect();
    let body = format!(
        "<html><head><title>Working...</title></head><body><form method=\"POST\" name=\"hiddenform\" action=\"{}\">{inputs}\
         <noscript><p>Script is disabled. Click Submit to continue.</p><input type=\"submit\" value=\"Submit\" /></noscript></form>\
         <script language=\"javascript\">document.forms[0].submit();</script></body></html>",
        escaped(redirect)
    );
    Reply { status: 200, headers: vec![("content-type", "text/html; charset=utf-8".to_owned())], body: body.into_bytes() }
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
    let body = format!("<html><head><title>Sign in to your account</title></head><body><p>AADSTS{code}: {}</p></body></html>", escaped(words));
    Reply { status: 400, headers: vec![("content-type", "text/html; charset=utf-8".to_owned())], body: body.into_bytes() }
}
