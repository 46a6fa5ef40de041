//! Every way in that needs no screen, gone by the binary itself: through a proxy that leads Azure's names to a server here,
//! whose authority only a CA bundle makes known. Azure's side is a script, so that what arrives there can be read.

mod azure;
mod begun;
mod chosen;
mod home;
mod leaks;
mod run;
mod terminals;
mod trust;

#[path = "../support/authority.rs"]
mod authority;
#[expect(dead_code, reason = "the network's faults use the rest of it")]
#[path = "../faults/server.rs"]
mod server;
