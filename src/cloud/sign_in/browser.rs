//! Signing in with a browser on this machine: an authorization code with PKCE (RFC 7636), which comes back to a port of ours
//! on the loopback (RFC 8252).

mod answer;

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::net::TcpListener;
use tokio::time::timeout;
use url::Url;

use crate::domain::{Failure, Kind, Sealed, TenantId};

use super::PUBLIC_CLIENT;
use super::entra::{Entra, Grant};
use super::signed_in::SignedIn;

const DOING: &str = "sign in";
/// How long somebody may take in the browser.
const PATIENCE: Duration = Duration::from_mins(5);

/// What is asked of the browser, and what its answer is checked against.
struct Question {
    redirect: String,
    state: String,
    nonce: String,
    verifier: Sealed,
}

impl Question {
    fn new(port: u16) -> Result<Self, Failure> {
        Ok(Self {
            redirect: format!("http://localhost:{port}"),
            state: random()?,
            nonce: random()?,
            verifier: Sealed::new(random()?),
        })
    }

    /// The page to open.
    fn page(&self, authorize: &str, scopes: &str) -> Result<Url, Failure> {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.unseal().as_bytes()));
        let parameters = [
            ("client_id", PUBLIC_CLIENT),
            ("response_type", "code"),
            ("redirect_uri", &self.redirect),
            // A form's fields stay out of the browser's history.
            ("response_mode", "form_post"),
            ("scope", scopes),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("client_info", "1"),
            ("prompt", "select_account"),
        ];
        Url::parse_with_params(authorize, parameters)
            .map_err(|_| Failure::misused(DOING, "this is neither a tenant id nor a domain"))
    }
}

/// 32 random bytes as 43 characters.
fn random() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Failure::new(Kind::Failed, DOING, "this machine has no randomness to spare"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Signs in; `open` shows the page to the user. Dropping the future closes the port.
pub(crate) async fn sign_in(
    entra: &Entra,
    tenant: Option<&TenantId>,
    scope: &str,
    open: &mut (dyn FnMut(Url) + Send),
) -> Result<SignedIn, Failure> {
    let no_port = |_| Failure::new(Kind::Failed, DOING, "no port of this machine is free for the browser's answer");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(no_port)?;
    let question = Question::new(listener.local_addr().map_err(no_port)?.port())?;
    let authority = tenant.map_or("organizations", TenantId::as_str);
    let scopes = format!("{scope} openid profile offline_access");
    open(question.page(&entra.address(authority, "authorize"), &scopes)?);
    let code = timeout(PATIENCE, answer::wait(&listener, &question.state)).await.map_err(|_| {
        Failure::new(Kind::SignedOut, DOING, "the browser did not answer within 5 minutes")
            .hint("sign in again, or with a device code")
    })??;
    drop(listener);
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", PUBLIC_CLIENT),
        ("code", code.unseal()),
        ("redirect_uri", question.redirect.as_str()),
        ("code_verifier", question.verifier.unseal()),
        ("scope", scopes.as_str()),
        ("client_info", "1"),
    ];
    let answer = entra.post(authority, "token", &form, DOING).await?;
    let grant: Grant = entra.read(&answer, DOING)?;
    SignedIn::of(grant, tenant, Some(&question.nonce))
}
