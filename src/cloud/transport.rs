//! The network's far end: two reqwest clients, made when the first request needs them.

mod authorities;
mod names;
mod why;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{AUTHORIZATION, HeaderName, HeaderValue, Headers};
use azure_core::http::request::Body;
use azure_core::http::{AsyncRawResponse, HttpClient, Method, Request};
use futures_util::TryStreamExt as _;
use reqwest::Certificate;
use reqwest::dns::Resolve;

use crate::domain::Failure;

use super::gate::{Broken, CONNECT, Flaw, Why};

pub use authorities::authorities;
use authorities::{unnamed, usable};
use names::Names;
use why::{innermost, why};

/// The longest wait for a connection to a service of this machine or its link.
const CONNECT_HERE: Duration = Duration::from_millis(300);
/// The longest wait for the other side's system to acknowledge what was sent.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(4);

/// The network's far end. Calls that carry values use a client that keeps no connection (M4); this machine's own services are
/// reached without a proxy.
#[derive(Clone, Debug)]
pub struct Transport {
    /// For everything without values.
    pub pooled: Arc<dyn HttpClient>,
    /// For calls that carry values.
    pub unpooled: Arc<dyn HttpClient>,
    /// For the services of this machine that give out tokens for its identity.
    pub machine: Arc<dyn HttpClient>,
}

/// How the network is reached where the machine's own way will not do.
#[derive(Clone, Default)]
pub struct Network {
    /// Certificates of authorities to trust beside the machine's own, PEM.
    pub authorities: Vec<u8>,
    /// Who finds the addresses of names. It asks no proxy then, as a proxy finds addresses itself.
    pub names: Option<Arc<dyn Resolve>>,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

impl Transport {
    /// Real HTTPS. Reading the CA certificates takes milliseconds, so it waits for the first request.
    pub fn https() -> Result<Self, Failure> {
        Self::over(&Network::default())
    }

    /// Real HTTPS over `network`.
    pub fn over(network: &Network) -> Result<Self, Failure> {
        let authorities = usable(&network.authorities);
        if authorities.is_empty() && !network.authorities.is_empty() {
            return Err(
                Failure::misused("trust the CA certificates", "none of them can be read").hint("they are read as PEM")
            );
        }
        let https = |what| {
            let (authorities, names) = (authorities.clone(), network.names.clone());
            Arc::new(Https { what, authorities, names, client: OnceLock::new() })
        };
        Ok(Self { pooled: https(Use::Pooled), unpooled: https(Use::Unpooled), machine: https(Use::Machine) })
    }

    /// One client for everything: the demo cloud, or a test's.
    pub fn of(client: &Arc<dyn HttpClient>) -> Self {
        Self { pooled: Arc::clone(client), unpooled: Arc::clone(client), machine: Arc::clone(client) }
    }
}

/// What a client is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Pooled,
    Unpooled,
    Machine,
}

/// A reqwest client that follows no redirect and, but to this machine, speaks nothing but HTTPS.
struct Https {
    what: Use,
    authorities: Vec<Certificate>,
    names: Option<Arc<dyn Resolve>>,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl fmt::Debug for Https {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Https").field("use", &self.what).finish_non_exhaustive()
    }
}

impl Https {
    fn client(&self) -> Result<&reqwest::Client, Why> {
        let made = self.client.get_or_init(|| {
            let builder = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .https_only(self.what != Use::Machine)
                .connect_timeout(if self.what == Use::Machine { CONNECT_HERE } else { CONNECT })
                .dns_resolver(Names::new(self.names.clone()))
                .gzip(true);
            // After a suspend, or behind a gateway that forgot it, a kept connection is dead and nobody says so. What it does not
            // acknowledge for so long is given up, in time for another try.
            #[cfg(target_os = "linux")]
            let builder = builder.tcp_user_timeout(UNACKNOWLEDGED);
            let builder = if self.names.is_some() { builder.no_proxy() } else { builder };
            let builder = builder.tls_certs_merge(self.authorities.iter().cloned());
            let builder = builder.tls_certs_merge(unnamed(|name| std::env::var_os(name)));
            // Without a pool the connection's buffers go with the answer that held a value; HTTP/2 would keep them.
            let builder = match self.what {
                Use::Pooled => builder,
                Use::Unpooled => builder.pool_max_idle_per_host(0).http1_only(),
                Use::Machine => builder.pool_max_idle_per_host(0).no_proxy(),
            };
            builder.build().map_err(|error| innermost(&error))
        });
        made.as_ref().map_err(|words| Why::Setup(words.clone()))
    }
}

#[async_trait]
impl HttpClient for Https {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let client = self.client().map_err(|why| broken(ErrorKind::Connection, why))?;
        let method = request.method();
        let Ok(verb) = reqwest::Method::from_bytes(method.as_str().as_bytes()) else {
            return Err(broken(ErrorKind::Connection, Why::Setup("an unknown method".to_owned())));
        };
        let mut out = client.request(verb, request.url().clone());
        for (name, value) in request.headers().iter() {
            let Ok(mut value) = reqwest::header::HeaderValue::from_str(value.as_str()) else {
                return Err(broken(ErrorKind::Connection, Why::Setup("a header holds control characters".to_owned())));
            };
            value.set_sensitive(*name == AUTHORIZATION); // then neither Debug nor HTTP/2's tables keep it
            out = out.header(name.as_str(), value);
        }
        let out = match request.body().clone() {
            Body::Bytes(bytes) if bytes.is_empty() && method == Method::Get => out,
            Body::Bytes(bytes) => out.body(bytes),
            Body::SeekableStream(stream) => out.body(reqwest::Body::wrap_stream(stream)),
        };
        let answer = out.send().await.map_err(|error| {
            // A builder's error is one before any connection, as azure_core means it.
            let unsent = error.is_connect() || error.is_builder();
            let why = match why(&error) {
                Why::Distrust(Flaw::Issuer) if !self.authorities.is_empty() => Why::Distrust(Flaw::Outside),
                why => why,
            };
            broken(if unsent { ErrorKind::Connection } else { ErrorKind::Io }, why)
        })?;
        let status = answer.status().as_u16();
        let headers = headers(answer.headers());
        let body = Box::pin(answer.bytes_stream().map_err(|error| broken(ErrorKind::Io, why(&error))));
        Ok(AsyncRawResponse::new(status.into(), headers, body))
    }
}

/// A header that came twice is one with a comma between (RFC 9110), as a challenge per scheme may.
fn headers(map: &reqwest::header::HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for name in map.keys() {
        let values: Vec<&str> = map.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        headers.insert(HeaderName::from(name.as_str().to_owned()), HeaderValue::from(values.join(", ")));
    }
    headers
}

/// reqwest's own words are left out: they name the whole address with its query.
fn broken(kind: ErrorKind, why: Why) -> azure_core::Error {
    azure_core::Error::with_error(kind, Broken { why }, "no answer")
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    async fn ask(url: &str) -> (ErrorKind, Why) {
        let transport = Transport::https().expect("made lazily");
        let request = Request::new(Url::parse(url).expect("an address"), Method::Put);
        let error = transport.unpooled.execute_request(&request).await.map(|_| ()).expect_err("nobody there");
        (error.kind().clone(), error.downcast_ref::<Broken>().expect("ours").why.clone())
    }

    #[tokio::test]
    async fn a_connection_that_never_was_is_told_from_one_that_broke() {
        for (url, why) in [("https://localhost:1/", Why::Refused), ("https://nobody.invalid/", Why::Dns)] {
            let (kind, have) = ask(url).await;
            assert_eq!((matches!(kind, ErrorKind::Connection), &have), (true, &why), "{url}");
        }
        let (kind, _) = ask("http://localhost:1/").await;
        assert!(matches!(kind, ErrorKind::Connection), "plain http is not even tried: {kind:?}");
    }
}
