//! What a test can turn: how slow the demo is, what goes wrong next, and the log of what was asked. It must not know
//! what any service means.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::{DemoCloud, UnknownWorld, http::Ask, seed};

/// Something that goes wrong once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This status, with the service's usual error body. Nothing was done.
    Status(u16),
    /// Too many requests: come back after so many seconds. Nothing was done.
    After(u32),
    /// No connection. Nothing was done.
    Refuse,
    /// The request was carried out, then the answer was lost on the way: an I/O error.
    Cut,
    /// The request was carried out; of the answer's body only the first half arrives.
    Truncate,
    /// A web page instead of an answer, as hotel networks send it, with status 200. Nothing was done.
    Html,
    /// No answer, ever.
    Hang,
    /// A refusal (400) that quotes the whole body it was sent. Nothing was done.
    Echo,
}

/// Which request a fault waits for: `"PUT /secrets/"` (method and a part of the address), `"/secrets/"` (any method),
/// `""` (whatever comes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    method: Option<String>,
    part: String,
}

impl From<&str> for Matcher {
    fn from(text: &str) -> Self {
        match text.split_once(' ') {
            Some((method, part)) => Self { method: Some(method.to_owned()), part: part.to_owned() },
            None => Self { method: None, part: text.to_owned() },
        }
    }
}

impl Matcher {
    fn fits(&self, ask: &Ask) -> bool {
        self.method.as_ref().is_none_or(|method| method == ask.method) && ask.url.contains(&self.part)
    }
}

/// One request that reached the demo, without any value in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// `GET`, `PUT`...
    pub method: String,
    /// The whole address.
    pub url: String,
    /// The answer's status; none where no answer was given.
    pub status: Option<u16>,
    /// What the service did with it: the status it came to, also where the answer was lost on the way. None where the
    /// request did not get that far.
    pub carried_out: Option<u16>,
    /// The caller's own number of it (`x-ms-client-request-id`), so that two clients can be told apart.
    pub number: String,
    /// What the token that came along was made for: `arm`, `ml`, `vault`, `graph`; none without a valid token.
    pub authorized_audience: Option<String>,
    /// Whether the request had a body.
    pub had_body: bool,
}

/// Enough for the largest world to be listed several times; older lines go first.
const LOG_LINES: usize = 50_000;

/// Everything a test can turn, and what it can look at.
#[derive(Debug)]
pub(crate) struct Controls {
    latency: Option<Duration>,
    faults: VecDeque<(Matcher, Fault)>,
    logs: bool,
    log: VecDeque<Logged>,
    pub(crate) requests: u64,
}

impl DemoCloud {
    /// As [`DemoCloud::new`], but nothing asked is written down: where nobody reads it, a large world's log is a fifth of the
    /// whole program's memory, what lies scattered among its lines included.
    pub fn without_log(world: &str, now: jiff::Timestamp) -> Result<Arc<Self>, UnknownWorld> {
        Self::made(world, now, false)
    }

    /// Everything that was asked so far, oldest first.
    pub fn log(&self) -> Vec<Logged> {
        self.state().controls.log()
    }

    /// Forgets what was asked so far.
    pub fn forget_log(&self) {
        self.state().controls.forget_log();
    }
}

impl Controls {
    pub(crate) fn new(logs: bool) -> Self {
        Self { latency: None, faults: VecDeque::new(), logs, log: VecDeque::new(), requests: 0 }
    }

    pub(crate) fn set_latency(&mut self, latency: Duration) {
        self.latency = Some(latency);
    }

    /// The wait before this request is answered: what a test set, or 60 to 120 ms, the same for the same request.
    pub(crate) fn wait(&self, ask: &Ask) -> Duration {
        self.latency.unwrap_or_else(|| Duration::from_millis(60 + seed::below(61, &[ask.method, &ask.url])))
    }

    /// Whether a test has fixed the latency, so that no region is slow by itself.
    pub(crate) fn latency_is_fixed(&self) -> bool {
        self.latency.is_some()
    }

    pub(crate) fn push_fault(&mut self, matcher: Matcher, fault: Fault) {
        self.faults.push_back((matcher, fault));
    }

    pub(crate) fn forget_faults(&mut self) {
        self.faults.clear();
    }

    /// The oldest fault that waits for this request.
    pub(crate) fn take_fault(&mut self, ask: &Ask) -> Option<Fault> {
        let found = self.faults.iter().position(|(matcher, _)| matcher.fits(ask))?;
        self.faults.remove(found).map(|(_, fault)| fault)
    }

    /// Notes a request and gives the line's place, for its status to be filled in.
    pub(crate) fn note(&mut self, ask: &Ask, audience: Option<String>) -> u64 {
        self.requests += 1;
        if !self.logs {
            return self.requests;
        }
        if self.log.len() == LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back(Logged {
            method: ask.method.to_owned(),
            url: ask.url.clone(),
            status: None,
            carried_out: None,
            number: ask.number.clone(),
            authorized_audience: audience,
            had_body: !ask.body.is_empty(),
        });
        self.requests
    }

    pub(crate) fn note_status(&mut self, number: u64, status: u16) {
        if let Some(line) = self.line(number) {
            line.status = Some(status);
        }
    }

    /// Lines of requests that are still under way are gone, too.
    pub(crate) fn forget_log(&mut self) {
        self.log.clear();
    }

    pub(crate) fn note_carried_out(&mut self, number: u64, status: u16) {
        if let Some(line) = self.line(number) {
            line.carried_out = Some(status);
        }
    }

    /// The log's line of a request, if it is still there.
    fn line(&mut self, number: u64) -> Option<&mut Logged> {
        let age = usize::try_from(self.requests - number).ok()?;
        let place = self.log.len().checked_sub(age + 1)?;
        self.log.get_mut(place)
    }

    pub(crate) fn log(&self) -> Vec<Logged> {
        self.log.iter().cloned().collect()
    }
}
