//! The way to the services of this machine that give out tokens for its identity: the one gate that speaks plain http, and it
//! leads nowhere but to this machine and its link. Its transport knows no proxy.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use azure_core::http::{HttpClient, Request};
use url::{Host, Url};

use super::{Answer, Halt, exchange};

/// The largest answer: a token and some words about it.
const CAP: usize = 64 * 1024;

/// The way to this machine's own services.
#[derive(Clone)]
pub(crate) struct MachineGate(Arc<dyn HttpClient>);

impl fmt::Debug for MachineGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MachineGate")
    }
}

impl MachineGate {
    /// A gate in front of `client`.
    pub(crate) fn new(client: Arc<dyn HttpClient>) -> Self {
        Self(client)
    }

    /// Sends `request`, if it stays here, and waits for the whole answer.
    pub(crate) async fn send(&self, request: Request, first_byte: Duration) -> Result<Answer, Halt> {
        let host = request.url().host_str().unwrap_or_default().to_owned();
        if !is_local(request.url()) {
            return Err(Halt::Barred { host, rule: "it is not on this machine or its link" });
        }
        exchange(&*self.0, &request, &host, first_byte, CAP).await
    }
}

/// Whether `url` stays on this machine or its link: the only places that plain http may go to.
pub(crate) fn is_local(url: &Url) -> bool {
    let near = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_link_local(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback() || ip.is_unicast_link_local(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    near && url.scheme() == "http" && url.username().is_empty() && url.password().is_none()
}
