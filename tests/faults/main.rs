//! The network's faults over real sockets: the product's own transport, with real TLS, before a server on loopback that does
//! what no good one would. Names lead to loopback and the run's own authority is trusted; nothing else is other than in the world.

#[path = "../support/aloud.rs"]
mod aloud;
#[path = "../support/authority.rs"]
mod authority;
mod away;
mod bodies;
mod connect;
mod lost;
mod proxy;
mod server;
mod size;
mod stage;
mod tls;
mod tries;
mod values;
