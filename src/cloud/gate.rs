//! The only way out: checks every request before a byte of it is sent, and every answer while it comes in.
//!
//! There is one gate per audience, as a client cannot see what a token was made for. A token enters a request only here, at
//! the last moment, and only if it was made for the gate's audience.

mod halt;
mod hosts;
mod machine;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{AUTHORIZATION, HeaderName};
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::domain::{Moment, Sealed, TokenOf};

pub(crate) use halt::{Broken, Flaw, Halt, Why};
pub use hosts::AzureCloud;
#[cfg(test)]
pub(crate) use hosts::PUBLIC;
pub(crate) use hosts::{Hosts, address, vault_name};
pub(crate) use machine::{MachineGate, is_local};

/// The longest wait for a connection; the real transport keeps it.
pub(crate) const CONNECT: Duration = Duration::from_secs(3);
/// The longest wait for the first byte of an answer.
const FIRST_BYTE: Duration = Duration::from_secs(10);
/// The longest wait for each further piece.
const READ: Duration = Duration::from_secs(10);
/// The longest wait for the whole answer to a change; what trickles in byte by byte passes every other limit. A question has less.
pub(crate) const WHOLE: Duration = Duration::from_secs(30);
/// The largest page of a list, decoded.
pub(crate) const PAGE_CAP: usize = 16 * 1024 * 1024;
/// The largest answer with a value: forty times what Key Vault stores.
pub(crate) const VALUE_CAP: usize = 1024 * 1024;
/// The most parts of an answer, as it costs memory to keep them apart; the longest page of Azure's has some 70,000 by our estimate.
const PARTS: usize = 100_000;

/// Headers that carry rights. Nobody but the gate sets them.
const RIGHTS: [HeaderName; 5] = [
    AUTHORIZATION,
    HeaderName::from_static("proxy-authorization"),
    HeaderName::from_static("x-ms-authorization-auxiliary"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("cookie"),
];

/// What a token is made for, and with it which hosts it may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Microsoft Entra ID: sign-in. No bearer token goes there.
    Login,
    /// Azure Resource Manager.
    Arm,
    /// Key Vault's data plane.
    Vault,
    /// Azure ML's data plane: discovery without a token, scoring.
    Ml,
    /// Microsoft Graph.
    Graph,
    /// What a submitted run's own token opens: Azure ML's credential service and the run's history.
    Run,
}

/// Whom a token speaks for, as far as it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The object id.
    pub(crate) oid: Option<String>,
    /// The tenant.
    pub(crate) tid: Option<String>,
    /// Whether it is a person.
    pub(crate) token_of: Option<TokenOf>,
}

/// A token, bound to the scope it was asked for: no gate of another audience attaches it.
#[derive(Debug)]
pub(crate) struct BearerToken {
    /// The scope.
    pub(crate) scope: Box<str>,
    /// The token.
    pub(crate) value: Sealed,
    /// When it ends.
    pub(crate) expires: Moment,
    /// Whom it speaks for.
    pub(crate) identity: Identity,
}

impl BearerToken {
    /// `answer` as it is, unless it repeats a part of the token.
    pub(crate) fn kept_out_of(&self, answer: Answer) -> Answer {
        super::wire::proof_discreet(answer, self.value.unseal())
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

/// The way to one audience's hosts.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    audience: Audience,
    hosts: &'static Hosts,
    client: Arc<dyn HttpClient>,
    cap: usize,
}

impl Gate {
    /// A gate to `audience` in front of `client`, which takes answers up to `cap` bytes.
    pub(crate) fn new(audience: Audience, hosts: &'static Hosts, client: Arc<dyn HttpClient>, cap: usize) -> Self {
        Self { audience, hosts, client, cap }
    }

    /// Sends `request` with `token`, if it may go where the request goes, and waits for the whole answer, up to `limit`.
    pub(crate) async fn send(
        &self,
        mut request: Request,
        token: Option<&BearerToken>,
        limit: Duration,
    ) -> Result<Answer, Halt> {
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let barred = |rule| Halt::Barred { host: host.clone(), rule };
        self.hosts.check(self.audience, request.url()).map_err(barred)?;
        if RIGHTS.iter().any(|name| request.headers().get_optional_str(name).is_some()) {
            return Err(barred("a token may only be attached by the gate"));
        }
        if let Some(token) = token {
            if self.hosts.scope(self.audience) != Some(&*token.scope) {
                return Err(barred("the token was made for another service"));
            }
            request.insert_header(AUTHORIZATION, format!("Bearer {}", token.value.unseal()));
        }
        exchange(&*self.client, &request, &host, limit, self.cap).await
    }
}

/// Sends what a gate let through, and takes the whole answer within its limits.
async fn exchange(
    client: &dyn HttpClient,
    request: &Request,
    host: &str,
    limit: Duration,
    cap: usize,
) -> Result<Answer, Halt> {
    let lost = |why| Halt::Lost { host: host.to_owned(), why };
    let whole = async {
        let response = timeout(FIRST_BYTE, client.execute_request(request))
            .await
            .map_err(|_| lost(Why::Timeout))?
            .map_err(|error| halt(&error, host))?;
        let (status, headers, mut body) = response.deconstruct();
        let status = u16::from(status);
        if (300..400).contains(&status) {
            let to = headers
                .get_optional_str(&HeaderName::from_static("location"))
                .and_then(|to| request.url().join(to).ok());
            let to = to.as_ref().and_then(|url| url.host_str()).unwrap_or("somewhere else").to_owned();
            return Err(Halt::Redirect { host: host.to_owned(), to });
        }
        let mut bytes = BytesMut::new();
        while let Some(piece) = timeout(READ, body.next()).await.map_err(|_| lost(Why::Timeout))? {
            let piece = piece.map_err(|error| lost(why(&error)))?;
            if bytes.len() + piece.len() > cap {
                return Err(Halt::TooLarge { host: host.to_owned(), cap });
            }
            bytes.extend_from_slice(&piece);
        }
        if parts(&bytes) > PARTS {
            return Err(Halt::TooMany { host: host.to_owned() });
        }
        let headers = headers
            .iter()
            .map(|(name, value)| (name.as_str().to_ascii_lowercase(), value.as_str().to_owned()))
            .collect();
        Ok(Answer { status, headers, body: bytes.freeze() })
    };
    timeout(limit, whole).await.unwrap_or_else(|_| Err(lost(Why::Timeout)))
}

/// How many parts a JSON text can have at most: what begins a list or a map, and what parts two of their members.
fn parts(bytes: &[u8]) -> usize {
    if bytes.len() <= PARTS { bytes.len() } else { bytes.iter().filter(|b| matches!(b, b'[' | b'{' | b',')).count() }
}

/// What azure_core's credentials and clients see of the gate: they pass the same checks, and never with a token of their own.
#[async_trait]
impl HttpClient for Gate {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let answer = self.send(request.clone(), None, WHOLE).await.map_err(|halt| {
            let kind = match &halt {
                Halt::Unreachable { .. } => ErrorKind::Connection,
                Halt::Lost { .. } => ErrorKind::Io,
                _ => ErrorKind::Other,
            };
            let words = halt.to_string();
            azure_core::Error::with_error(kind, halt, words)
        })?;
        let mut headers = azure_core::http::headers::Headers::new();
        for (name, value) in answer.headers {
            headers.insert(name, value);
        }
        Ok(AsyncRawResponse::from_bytes(answer.status.into(), headers, answer.body))
    }
}

fn why(error: &azure_core::Error) -> Why {
    error.downcast_ref::<Broken>().map_or(Why::Other, |broken| broken.why.clone())
}

/// azure_core's promise for its kinds: `Connection` means the request was never sent. Anything else may have been.
fn halt(error: &azure_core::Error, host: &str) -> Halt {
    let (host, why) = (host.to_owned(), why(error));
    if matches!(error.kind(), ErrorKind::Connection) {
        Halt::Unreachable { host, why }
    } else {
        Halt::Lost { host, why }
    }
}

#[cfg(test)]
mod tests;
