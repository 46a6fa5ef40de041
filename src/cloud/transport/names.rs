//! Names into addresses: the machine's own way, with a limit of its own, so that a name that cannot be found is never taken
//! for a host that does not answer.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::timeout;

/// The longest wait for a name's addresses: shorter than the one for a connection, of which it is a part.
const FIND: Duration = Duration::from_millis(2500);

/// A name, the host's or its proxy's, whose addresses were not found.
#[derive(Debug)]
pub(super) struct Unfound {
    name: String,
}

impl fmt::Display for Unfound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its name {} cannot be resolved", self.name)
    }
}

impl std::error::Error for Unfound {}

/// Finds addresses in time, or says which name has none.
pub(super) struct Names(Arc<dyn Resolve>);

impl Names {
    /// Asks `given`, or the machine.
    pub(super) fn new(given: Option<Arc<dyn Resolve>>) -> Self {
        Self(given.unwrap_or_else(|| Arc::new(Machine)))
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let unfound = Unfound { name: name.as_str().to_owned() };
        let found = self.0.resolve(name);
        Box::pin(async move {
            match timeout(FIND, found).await {
                Ok(Ok(found)) => Ok(found),
                _ => Err(unfound.into()),
            }
        })
    }
}

/// The machine's own resolver.
struct Machine;

impl Resolve for Machine {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // Port 0: whoever connects puts the right one in.
            let found: io::Result<Vec<_>> = tokio::net::lookup_host((name.as_str(), 0)).await.map(Iterator::collect);
            Ok(Box::new(found?.into_iter()) as Addrs)
        })
    }
}
