//! A small Azure inside this process: the last hop of the network, swapped for a world of its own. It knows only HTTP
//! (hosts, methods, paths, headers, bodies) and shares no type with the client, so that it cannot agree with the
//! client's mistakes. It must not name anything else of this crate.

mod arm;
mod clock;
mod controls;
mod endpoints;
mod entra;
mod graph;
mod http;
mod inspect;
mod operations;
mod seed;
mod token;
mod vault;
mod vault_deleted;
mod vault_pages;
mod vault_write;
mod workspaces;
mod world;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use azure_core::{
    error::{Error, ErrorKind},
    http::{AsyncRawResponse, HttpClient, Request},
};
use serde_json::Value;

pub use controls::{Fault, Logged, Matcher};
pub use inspect::{Kept, KeptSecret};

use clock::{Clock, Moment};
use controls::Controls;
use http::{Ask, Reply};
use world::{Proof, WORLDS, Which, World};

/// A small Azure inside this process. Clones of its `Arc` share one world.
pub struct DemoCloud {
    clock: Clock,
    state: Mutex<State>,
}

/// There is no world of this name; [`DemoCloud::worlds`] lists those there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWorld(
    /// The name that was asked for.
    pub String,
);

impl fmt::Display for UnknownWorld {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = WORLDS.iter().map(|world| world.1).filter(|name| !name.is_empty()).collect();
        write!(formatter, "there is no demo named {:?}; there are {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownWorld {}

/// A login that the demo starts with.
#[derive(Clone, PartialEq, Eq)]
pub enum SeededLogin {
    /// A user, signed in by a refresh token.
    User {
        /// `alex@contoso.com`.
        username: String,
        /// The user's object id.
        object_id: String,
        /// The user's tenant.
        tenant: String,
        /// Good for any audience in that tenant.
        refresh_token: String,
    },
    /// A service principal, signed in by its client secret.
    Principal {
        /// The application's display name.
        name: String,
        /// Its tenant.
        tenant: String,
        /// The application's id.
        client_id: String,
        /// Its secret.
        client_secret: String,
    },
}

impl fmt::Debug for SeededLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { username, .. } => {
                formatter.debug_struct("User").field("username", username).finish_non_exhaustive()
            }
            Self::Principal { name, .. } => {
                formatter.debug_struct("Principal").field("name", name).finish_non_exhaustive()
            }
        }
    }
}

/// What changes while the demo runs.
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) controls: Controls,
    pub(crate) desk: entra::Desk,
    pub(crate) operations: Vec<operations::Operation>,
    pub(crate) graph: graph::Quota,
    pub(crate) burst: vault::Burst,
    /// Whether deleted secrets take a few seconds to appear, as in Azure.
    pub(crate) settles: bool,
}

impl fmt::Debug for DemoCloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        formatter.debug_struct("DemoCloud").field("world", &state.world.which).finish_non_exhaustive()
    }
}

impl DemoCloud {
    /// Builds a world by name, its dates relative to `now`.
    pub fn new(world: &str, now: jiff::Timestamp) -> Result<Arc<Self>, UnknownWorld> {
        let which = WORLDS.iter().find(|one| one.1 == world).ok_or_else(|| UnknownWorld(world.to_owned()))?.0;
        let clock = Clock::new(now);
        let mut controls = Controls::default();
        if which == Which::Slow {
            controls.set_latency(Duration::from_millis(1_500));
        }
        let state = State {
            world: World::new(which, clock.now()),
            controls,
            desk: entra::Desk::default(),
            operations: Vec::new(),
            graph: graph::Quota::default(),
            burst: vault::Burst::default(),
            settles: true,
        };
        Ok(Arc::new(Self { clock, state: Mutex::new(state) }))
    }

    /// Every world's name with a line about it.
    pub fn worlds() -> Vec<(&'static str, &'static str)> {
        WORLDS.iter().map(|world| (world.1, world.2)).collect()
    }

    /// The logins that this world starts with; nobody is signed in without them.
    pub fn seeded_logins(&self) -> Vec<SeededLogin> {
        let state = self.state();
        if state.world.which == Which::SignedOut {
            return Vec::new();
        }
        let seeded = ["alex@contoso.com", "ml-auth"];
        let people = state.world.people.iter().filter(|person| seeded.contains(&person.username.as_str()));
        people
            .map(|person| match &person.proof {
                Proof::Browser => SeededLogin::User {
                    username: person.username.clone(),
                    object_id: person.object_id.clone(),
                    tenant: person.tenant.clone(),
                    refresh_token: token::refresh(person, 0),
                },
                Proof::Secret { client_id, client_secret, .. } => SeededLogin::Principal {
                    name: person.username.clone(),
                    tenant: person.tenant.clone(),
                    client_id: client_id.clone(),
                    client_secret: client_secret.clone(),
                },
            })
            .collect()
    }

    /// Answers every request after exactly this time, also in regions that are slow by themselves.
    pub fn latency(&self, latency: Duration) {
        self.state().controls.set_latency(latency);
    }

    /// Lets the next request that fits go wrong, once. Several wait in line.
    pub fn fail_next(&self, matcher: impl Into<Matcher>, fault: Fault) {
        self.state().controls.push_fault(matcher.into(), fault);
    }

    /// Everything that was asked so far, oldest first.
    pub fn log(&self) -> Vec<Logged> {
        self.state().controls.log()
    }

    /// The world's time.
    pub fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.clock.now()).unwrap_or_default()
    }

    /// Turns off (or on again) the seconds in which a deleted or recovered secret is neither here nor there.
    pub fn settle_slowly(&self, slowly: bool) {
        self.state().settles = slowly;
    }

    /// From now on everybody may do everything with this vault, as if the missing role had been granted.
    pub fn grant(&self, vault: &str) {
        if let Some(vault) = self.state().world.vault_mut(vault) {
            vault.access = world::store::Access::Open;
        }
    }

    /// From now on this user's refresh tokens are refused as revoked.
    pub fn revoke(&self, username: &str) {
        self.state().desk.revoked.push(username.to_owned());
    }

    /// From now on whoever is shown a device code says no.
    pub fn decline_device_codes(&self) {
        self.state().desk.declines = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the request and decides how it will go, before any time passes.
    fn plan(&self, ask: &Ask) -> Plan {
        let now = self.clock.now();
        let mut state = self.state();
        let caller = ask.bearer.as_deref().and_then(token::Caller::read);
        let audience = caller.filter(|caller| caller.expires > clock::epoch(now)).map(|caller| caller.audience);
        let number = state.controls.note(ask, audience.map(|audience| audience.name().to_owned()));
        let mut fault = state.controls.take_fault(ask);
        let mut wait = state.controls.wait(ask);
        match state.world.which {
            Which::Offline => {
                fault = fault.or(Some(Fault::Refuse));
                wait = wait.min(Duration::from_millis(300));
            }
            Which::Throttled if number.is_multiple_of(3) => fault = fault.or(Some(Fault::Status(429))),
            _ if !state.controls.latency_is_fixed() && workspaces::is_slow(&state.world, ask) => {
                wait += Duration::from_millis(2_400);
            }
            _ => {}
        }
        Plan { number, fault, wait }
    }

    /// Carries out a request. `None` where no machine has that name.
    fn answer(&self, ask: &Ask) -> Option<Reply> {
        let now = self.clock.now();
        let mut state = self.state();
        let host = ask.host.as_str();
        let answer = if host == "login.microsoftonline.com" {
            entra::answer(&mut state, ask, now)
        } else if host == "management.azure.com" {
            arm::answer(&mut state, ask, now)
        } else if let Some(region) = host.strip_suffix(".api.azureml.ms") {
            workspaces::discovery(&state.world, region, ask)
        } else if let Some(name) = host.strip_suffix(".vault.azure.net") {
            vault::answer(&mut state, name, ask, now)?
        } else {
            return None;
        };
        let reply = answer.unwrap_or_else(|refusal| refusal);
        let hostile = state.world.which == Which::Hostile && reply.status >= 400;
        Some(dated(if hostile { spoiled(reply) } else { reply }, ask, now))
    }
}

/// How one request will go.
struct Plan {
    number: u64,
    fault: Option<Fault>,
    wait: Duration,
}

#[async_trait::async_trait]
impl HttpClient for DemoCloud {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let ask = Ask::read(request)?;
        let plan = self.plan(&ask);
        // Half of the time passes before the effect and half after it: who gives up in between cannot know which it was.
        tokio::time::sleep(plan.wait / 2).await;
        let reply = match plan.fault {
            Some(Fault::Refuse) => return Err(refused(&ask)),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Status(status)) => Some(dated(failure(status), &ask, self.clock.now())),
            Some(Fault::After(seconds)) => Some(throttled(seconds)),
            Some(Fault::Html) => Some(web_page()),
            None | Some(Fault::Cut | Fault::Truncate) => self.answer(&ask),
        };
        if let Some(reply) = reply.as_ref().filter(|_| matches!(plan.fault, None | Some(Fault::Cut | Fault::Truncate)))
        {
            self.state().controls.note_carried_out(plan.number, reply.status);
        }
        tokio::time::sleep(plan.wait / 2).await;
        let Some(mut reply) = reply else { return Err(unknown_host(&ask)) };
        match plan.fault {
            Some(Fault::Cut) => return Err(Error::with_message(ErrorKind::Io, "connection reset by peer")),
            Some(Fault::Truncate) => reply.body.truncate(reply.body.len() / 2),
            _ => {}
        }
        self.state().controls.note_status(plan.number, reply.status);
        Ok(reply.into_response())
    }
}

fn refused(ask: &Ask) -> Error {
    Error::with_message(ErrorKind::Connection, format!("error trying to connect to {}: Connection refused", ask.host))
}

fn unknown_host(ask: &Ask) -> Error {
    let words = "dns error: failed to lookup address information: Name or service not known";
    Error::with_message(ErrorKind::Connection, format!("error trying to connect to {}: {words}", ask.host))
}

/// What a gateway says when the service behind it did not get to answer.
fn failure(status: u16) -> Reply {
    let (code, message) = match status {
        401 => ("Unauthorized", "The request was not authorized."),
        403 => ("Forbidden", "The request was refused."),
        404 => ("NotFound", "The resource was not found."),
        408 => ("RequestTimeout", "The request timed out."),
        409 => ("Conflict", "The request conflicts with another one."),
        429 => ("TooManyRequests", "The request is being throttled because there were too many of them."),
        503 => ("ServiceUnavailable", "The service is temporarily unavailable."),
        504 => ("GatewayTimeout", "The gateway did not receive a response in time."),
        _ => ("InternalServerError", "The server encountered an internal error. Please retry the request."),
    };
    let reply = Reply::error(status, code, message).header("x-ms-failure-cause", "gateway");
    if status == 429 || status == 503 { reply.header("retry-after", "1") } else { reply }
}

fn throttled(seconds: u32) -> Reply {
    Reply::error(429, "TooManyRequests", "The request is being throttled because there were too many of them.")
        .header("retry-after", seconds.to_string())
}

fn web_page() -> Reply {
    let page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please accept the terms of this network.</body></html>";
    Reply { status: 200, headers: vec![("content-type", "text/html".to_owned())], body: page.as_bytes().to_vec() }
}

/// The request id and the times that every answer of Azure carries.
fn dated(reply: Reply, ask: &Ask, now: Moment) -> Reply {
    let id = seed::guid(&["request", &ask.url, &now.to_string()]);
    let date = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap_or_default();
    reply
        .header("date", date)
        .header("x-ms-request-id", id)
        .header("x-ms-correlation-request-id", seed::guid(&["correlation", &ask.url]))
}

/// Puts hostile text into the message of an error, whichever shape the error has.
fn spoiled(mut reply: Reply) -> Reply {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) {
        for place in ["/error/message", "/error_description"] {
            if let Some(Value::String(message)) = body.pointer_mut(place) {
                *message = world::hostile::storm(message);
            }
        }
        reply.body = body.to_string().into_bytes();
    }
    reply
}
