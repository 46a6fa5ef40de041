//! A small Azure inside this process: the last hop of the network, swapped for a world of its own. It knows only HTTP
//! (hosts, methods, paths, headers, bodies) and shares no type with the client, so that it cannot agree with the
//! client's mistakes. It must not name anything else of this crate.

mod arm;
mod clock;
mod controls;
mod endpoints;
mod entra;
mod gateway;
mod graph;
mod http;
mod imds;
mod inspect;
mod logins;
mod machine;
mod operations;
mod panics;
mod resources;
mod run;
mod seed;
mod signer;
mod token;
mod vault;
mod vault_deleted;
mod vault_pages;
mod vault_write;
mod visitor;
mod workspaces;
mod world;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use azure_core::{
    error::{Error, ErrorKind},
    http::{AsyncRawResponse, HttpClient, Request},
};
use serde_json::Value;

pub use controls::{Fault, Logged, Matcher};
pub use entra::Ended;
pub use inspect::{Kept, KeptSecret};
pub use logins::SeededLogin;
pub use machine::Machine;

use clock::{Clock, Moment};
use controls::Controls;
use http::{Ask, Reply};
pub use world::Policy;

use entra::CLUSTER;
use world::{WORLDS, Which, World};

/// A small Azure inside this process. Clones of its `Arc` share one world.
pub struct DemoCloud {
    clock: Clock,
    which: Which,
    /// What the world's dates are relative to.
    born: Moment,
    /// Whether what is asked is written down.
    logs: bool,
    /// Built when the first request comes: the screen's first frame does not wait for it.
    state: OnceLock<Mutex<State>>,
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

/// What changes while the demo runs.
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) controls: Controls,
    pub(crate) desk: entra::Desk,
    pub(crate) machines: machine::Machines,
    pub(crate) operations: Vec<operations::Operation>,
    pub(crate) graph: graph::Quota,
    pub(crate) burst: vault::Burst,
    /// Whether deleted secrets take a few seconds to appear, as in Azure.
    pub(crate) settles: bool,
}

impl State {
    fn new(which: Which, now: Moment, logs: bool) -> Self {
        let mut controls = Controls::new(logs);
        match which {
            Which::Slow => controls.set_latency(Duration::from_millis(1_500)),
            Which::Huge => controls.set_latency(Duration::ZERO),
            Which::Line => controls.set_latency(Duration::from_millis(50)),
            _ => {}
        }
        Self {
            world: World::new(which, now),
            controls,
            desk: entra::Desk::of(which),
            machines: machine::Machines::default(),
            operations: Vec::new(),
            graph: graph::Quota::default(),
            burst: vault::Burst::default(),
            settles: true,
        }
    }
}

impl fmt::Debug for DemoCloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DemoCloud").field("world", &self.which).finish_non_exhaustive()
    }
}

impl DemoCloud {
    /// A world by name, its dates relative to `now`.
    pub fn new(world: &str, now: jiff::Timestamp) -> Result<Arc<Self>, UnknownWorld> {
        Self::made(world, now, true)
    }

    fn made(world: &str, now: jiff::Timestamp, logs: bool) -> Result<Arc<Self>, UnknownWorld> {
        let which = WORLDS.iter().find(|one| one.1 == world).ok_or_else(|| UnknownWorld(world.to_owned()))?.0;
        let clock = Clock::new(now);
        let born = clock.now();
        Ok(Arc::new(Self { clock, which, born, logs, state: OnceLock::new() }))
    }

    /// Every world's name with a line about it.
    pub fn worlds() -> Vec<(&'static str, &'static str)> {
        WORLDS.iter().map(|world| (world.1, world.2)).collect()
    }

    /// Answers every request after exactly this time, also in regions that are slow by themselves.
    pub fn latency(&self, latency: Duration) {
        self.state().controls.set_latency(latency);
    }

    /// Lets the next request that fits go wrong, once. Several wait in line.
    pub fn fail_next(&self, matcher: impl Into<Matcher>, fault: Fault) {
        self.state().controls.push_fault(matcher.into(), fault);
    }

    /// Lets nothing go wrong any more.
    pub fn forget_faults(&self) {
        self.state().controls.forget_faults();
    }

    /// Every name that something answers to here, over https on port 443. The metadata service is not among them: it has an
    /// address of its own, [`Self::METADATA`].
    pub fn hosts(&self) -> Vec<String> {
        let world = &self.state().world;
        let workspaces = (0..world.workspace_count()).filter_map(|place| world.workspace_at(place));
        let regions: BTreeSet<_> = workspaces.map(|one| format!("{}.api.azureml.ms", one.region)).collect();
        let vaults = world.vaults.iter().map(|vault| format!("{}.vault.azure.net", vault.name.to_ascii_lowercase()));
        [entra::HOST, arm::HOST].map(str::to_owned).into_iter().chain(regions).chain(vaults).collect()
    }

    /// Where a machine in Azure asks for tokens, in plain http.
    pub const METADATA: &str = imds::HOST;

    /// Moves the world's time, forwards or backwards.
    pub fn jump(&self, by: jiff::SignedDuration) {
        self.clock.jump(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
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

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.state.get_or_init(|| Mutex::new(State::new(self.which, self.born, self.logs)));
        state.lock().unwrap_or_else(PoisonError::into_inner)
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
        Plan { number, fault, wait, panics: state.world.which == Which::Panic }
    }

    /// Carries out a request. `None` where no machine has that name.
    fn answer(&self, ask: &Ask) -> Option<Reply> {
        let now = self.clock.now();
        let mut state = self.state();
        let host = ask.host.as_str();
        let answer = if host == entra::HOST {
            entra::answer(&mut state, ask, now)
        } else if host == arm::HOST {
            arm::answer(&mut state, ask, now)
        } else if host == imds::HOST {
            imds::answer(&state, ask, now)
        } else if matches!(host, "127.0.0.1" | "localhost") {
            machine::answer(&state, ask, now)?
        } else if let Some(region) = host.strip_suffix(".api.azureml.ms") {
            match ask.path.first().map(String::as_str) {
                Some("discovery") => workspaces::discovery(&state.world, region, ask),
                _ => run::answer(&mut state, ask, now),
            }
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
    panics: bool,
}

#[async_trait::async_trait]
impl HttpClient for DemoCloud {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let ask = Ask::read(request)?;
        let plan = self.plan(&ask);
        // Half of the time passes before the effect and half after it: who gives up in between cannot know which it was.
        pass(plan.wait / 2).await;
        let reply = match plan.fault {
            Some(Fault::Refuse) => return Err(refused(&ask)),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Status(status)) => Some(dated(gateway::failure(status), &ask, self.clock.now())),
            Some(Fault::After(seconds)) => Some(gateway::throttled(seconds)),
            Some(Fault::Html) => Some(gateway::web_page()),
            Some(Fault::Echo) => Some(gateway::echo(&ask)),
            None | Some(Fault::Cut | Fault::Truncate) => self.answer(&ask),
        };
        if let Some(reply) = reply.as_ref().filter(|_| matches!(plan.fault, None | Some(Fault::Cut | Fault::Truncate)))
        {
            self.state().controls.note_carried_out(plan.number, reply.status);
        }
        pass(plan.wait / 2).await;
        let Some(mut reply) = reply else { return Err(unknown_host(&ask)) };
        match plan.fault {
            Some(Fault::Cut) => return Err(Error::with_message(ErrorKind::Io, "connection reset by peer")),
            Some(Fault::Truncate) => {
                // The head went out before the line broke, and says how much was to come.
                let whole = reply.body.len();
                reply.body.truncate(whole / 2);
                reply = reply.header("content-length", whole.to_string());
            }
            _ => {}
        }
        self.state().controls.note_status(plan.number, reply.status);
        if plan.panics {
            panics::at(&ask, &reply);
        }
        Ok(reply.into_response())
    }
}

/// A wait of nothing is none: a timer would round it up.
async fn pass(wait: Duration) {
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
}

fn refused(ask: &Ask) -> Error {
    Error::with_message(ErrorKind::Connection, format!("error trying to connect to {}: Connection refused", ask.host))
}

fn unknown_host(ask: &Ask) -> Error {
    let words = "dns error: failed to lookup address information: Name or service not known";
    Error::with_message(ErrorKind::Connection, format!("error trying to connect to {}: {words}", ask.host))
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
