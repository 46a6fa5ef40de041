//! The services of other machines that give out tokens for an identity, each at an address of the machine itself and in a
//! protocol of its own: App Service, Azure ML compute, Azure Arc, and a job's user. `imds.rs` is the fifth, the virtual
//! machine's.

use serde_json::{Value, json};

use super::{
    DemoCloud, State,
    clock::{Moment, epoch},
    http::{Answer, Ask, Reply},
    imds::{LIFE, identity, token},
    seed,
    token::{Access, Audience},
};

/// What shows App Service and Azure ML that a process of the machine asks.
const KEY: &str = "demo-only-machine-key";

/// A machine with a service of its own for its identity's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// App Service, Functions, Container Apps.
    AppService,
    /// A compute instance or a node of Azure ML.
    AzureMl,
    /// A machine outside Azure that Azure Arc manages.
    Arc,
    /// A job of Azure ML that works as the user who submitted it.
    Job,
}

impl Machine {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::AppService, Self::AzureMl, Self::Arc, Self::Job];

    /// What the machine's host leaves in the environment of every process.
    pub fn environment(self) -> Vec<(&'static str, String)> {
        let here = || format!("http://127.0.0.1:{}/{}", self.port(), self.path());
        match self {
            Self::AppService => vec![("IDENTITY_ENDPOINT", here()), ("IDENTITY_HEADER", KEY.to_owned())],
            Self::AzureMl => vec![
                ("MSI_ENDPOINT", here()),
                ("MSI_SECRET", KEY.to_owned()),
                ("DEFAULT_IDENTITY_CLIENT_ID", seed::guid(&["client", "ci-alex"])),
            ],
            Self::Arc => {
                vec![("IDENTITY_ENDPOINT", here()), ("IMDS_ENDPOINT", format!("http://127.0.0.1:{}", self.port()))]
            }
            Self::Job => vec![("OBO_ENDPOINT", here())],
        }
    }

    /// Where on the machine itself its service listens.
    pub fn port(self) -> u16 {
        match self {
            Self::AppService => 41_001,
            Self::AzureMl => 46_808,
            Self::Arc => 40_342,
            Self::Job => 46_809,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::AppService => "msi/token",
            Self::AzureMl => "MSI/auth",
            Self::Arc => "metadata/identity/oauth2/token",
            Self::Job => "obo/token",
        }
    }
}

/// What the demo's machines are like.
#[derive(Debug)]
pub(crate) struct Machines {
    /// Whether an identity was assigned to them.
    pub(crate) has_identity: bool,
    /// The file that Azure Arc's agent names, and what it wants to hear from there.
    arc: (String, String),
}

impl Default for Machines {
    fn default() -> Self {
        let arc = ("/var/opt/azcmagent/tokens/demo-only.key".to_owned(), "demo-only-arc-key".to_owned());
        Self { has_identity: true, arc }
    }
}

impl DemoCloud {
    /// From now on no identity is assigned to any machine: their services answer, and have nothing to give.
    pub fn take_identities(&self) {
        self.state().machines.has_identity = false;
    }

    /// From now on Azure Arc's agent keeps its key in this file, and takes no other. Whoever calls this puts it there.
    pub fn keep_arc_key(&self, file: &str, key: &str) {
        self.state().machines.arc = (file.to_owned(), key.to_owned());
    }
}

/// `None` where nothing listens on that port.
pub(crate) fn answer(state: &State, ask: &Ask, now: Moment) -> Option<Answer> {
    let machine = Machine::ALL.into_iter().find(|machine| ask.url.contains(&format!(":{}/", machine.port())))?;
    if ask.path.join("/") != machine.path() {
        return Some(Err(Reply::empty(404)));
    }
    if ask.method != "GET" {
        return Some(Err(Reply::empty(405)));
    }
    Some(match machine {
        Machine::AppService => app_service(state, ask, now),
        Machine::AzureMl => azure_ml(state, ask, now),
        Machine::Arc => arc(state, ask, now),
        Machine::Job => job(state, ask, now),
    })
}

fn app_service(state: &State, ask: &Ask, now: Moment) -> Answer {
    let refuse = |status, words: &str| Reply::json(status, &json!({"statusCode": status, "message": words}));
    if ask.key.as_deref() != Some(KEY) {
        return Err(refuse(401, "The request does not carry the header that this site expects."));
    }
    if ask.query("api-version") != Some("2019-08-01") {
        return Err(refuse(400, "The specified API version is not supported."));
    }
    let none = "No Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
    let (person, client) = identity(state, ask, "client_id").ok_or_else(|| refuse(400, none))?;
    let aud = resource(ask).ok_or_else(|| refuse(400, "The resource is not known."))?;
    let mut body = grant(client, &aud, &token(person, client, &aud, now));
    body["expires_on"] = json!((epoch(now) + LIFE).to_string());
    Ok(Reply::ok(&body))
}

fn azure_ml(state: &State, ask: &Ask, now: Moment) -> Answer {
    let refuse = |status, words: &str| Reply::error(status, "UserError", words);
    if ask.key.as_deref() != Some(KEY) {
        return Err(refuse(401, "The secret header is missing or wrong."));
    }
    if ask.query("api-version") != Some("2017-09-01") {
        return Err(refuse(400, "The specified API version is not supported."));
    }
    // This version of the protocol spells the parameter without an underscore, and does not know any other.
    let (person, client) = identity(state, ask, "clientid").ok_or_else(|| refuse(400, "Identity not found"))?;
    let aud = resource(ask).ok_or_else(|| refuse(400, "The resource is not known."))?;
    let mut body = grant(client, &aud, &token(person, client, &aud, now));
    // A number, where App Service's same version has a date.
    body["expires_on"] = json!(epoch(now) + LIFE);
    Ok(Reply::ok(&body))
}

fn arc(state: &State, ask: &Ask, now: Moment) -> Answer {
    let refuse = |words: &str| Reply::json(400, &json!({"error": "invalid_request", "error_description": words}));
    if !ask.metadata {
        return Err(refuse("Required metadata header not specified"));
    }
    let (file, key) = &state.machines.arc;
    match &ask.key {
        None => return Err(Reply::empty(401).header("www-authenticate", format!("Basic realm={file}"))),
        Some(shown) if shown != key => {
            return Err(Reply::json(
                401,
                &json!({"error": "invalid_credentials", "error_description": "The key is wrong."}),
            ));
        }
        Some(_) => {}
    }
    let (person, client) =
        identity(state, ask, "client_id").ok_or_else(|| Reply::json(404, &json!({"error": "identity_not_found"})))?;
    let aud = resource(ask).ok_or_else(|| refuse("The resource is not known."))?;
    let mut body = grant(client, &aud, &token(person, client, &aud, now));
    body["expires_on"] = json!((epoch(now) + LIFE).to_string());
    body["expires_in"] = json!((LIFE - 1).to_string());
    Ok(Reply::ok(&body))
}

/// The token is the user's, not the machine's.
fn job(state: &State, ask: &Ask, now: Moment) -> Answer {
    let refuse = |words: &str| Reply::error(400, "UserError", words);
    let aud = resource(ask).ok_or_else(|| refuse("The resource is not known."))?;
    let user = state.world.people.iter().find(|person| person.is_user());
    let person = user.filter(|_| state.machines.has_identity).ok_or_else(|| refuse("The job runs as no user."))?;
    let client = seed::guid(&["client", "azure ml jobs"]);
    let access =
        Access { person, client: &client, aud: &aud, tenant: &person.tenant, contexts: Vec::new(), now, life: 3_600 };
    let mut body = grant(&client, &aud, &access.token());
    body["expires_on"] = json!(epoch(now) + 3_600);
    Ok(Reply::ok(&body))
}

fn resource(ask: &Ask) -> Option<String> {
    Audience::read(ask.query("resource").unwrap_or_default()).map(|(_, aud)| aud)
}

fn grant(client: &str, aud: &str, token: &str) -> Value {
    json!({"access_token": token, "client_id": client, "resource": aud, "token_type": "Bearer"})
}
