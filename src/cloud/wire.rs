//! One request and its answer: the token, the retries, the limits, and an error turned into a [`Failure`].

use std::borrow::Cow;

use azure_core::http::Method;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use url::Url;

use crate::domain::{Failure, Kind, Who};

use super::gate::Audience;

/// A request as a service describes it.
#[derive(Debug)]
pub(crate) struct Call {
    /// Whose token, and for which hosts. `None` asks without a token (service discovery).
    pub(crate) who: Option<Who>,
    /// Which service it is for; decides the token's audience and which hosts may be asked.
    pub(crate) audience: Audience,
    /// GET, PUT, ...
    pub(crate) method: Method,
    /// The whole address.
    pub(crate) url: Url,
    /// A JSON body. It may hold a value: it is never logged or shown, and freed memory is wiped.
    pub(crate) body: Option<Vec<u8>>,
    /// What is being done, for the failure: `list the secrets of kv-demo`.
    pub(crate) doing: Cow<'static, str>,
    /// Whether request or answer carries a value: then the connection is not kept (M4).
    pub(crate) carries_value: bool,
}

/// An answer with a status of success.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status, 200 to 299.
    pub(crate) status: u16,
    /// The whole body, within the gate's limits.
    pub(crate) body: Bytes,
    /// The headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// What was being done.
    pub(crate) doing: Cow<'static, str>,
}

impl Reply {
    /// The body as `T`; a failure says where it is wrong, never what stood there.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|_| Failure::new(Kind::Failed, self.doing.clone(), "stub"))
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

/// Where a page of a list keeps its items and its way to the next one.
pub(crate) trait Page: DeserializeOwned {
    /// What it lists.
    type Item;
    /// The items, and the address of the next page.
    fn split(self) -> (Vec<Self::Item>, Option<String>);
}

/// Sends calls. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Wire;

impl Wire {
    /// Asks something that changes nothing: up to 3 tries within 10 s (settled: reads).
    pub(crate) async fn read(&self, call: Call) -> Result<Reply, Failure> {
        Err(Failure::new(Kind::Failed, call.doing, "stub"))
    }

    /// Changes something: one try; a lost answer is [`Kind::Unknown`].
    pub(crate) async fn write(&self, call: Call) -> Result<Reply, Failure> {
        Err(Failure::new(Kind::Failed, call.doing, "stub"))
    }

    /// Reads page after page, handing on each as it comes; follows only links of the same origin and path, never twice the
    /// same, within the caps of M29.
    pub(crate) async fn pages<P: Page>(
        &self,
        call: Call,
        each: &mut (dyn FnMut(Vec<P::Item>) + Send),
    ) -> Result<(), Failure> {
        let _ = each;
        Err(Failure::new(Kind::Failed, call.doing, "stub"))
    }
}
