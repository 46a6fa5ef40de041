//! The demo named `panic`: reading some values ends in a panic whose message quotes the value. It is there to show that the
//! terminal is given back, and that nothing of the message is told.

use super::http::{Ask, Reply};

/// Panics where `reply` is the value of one of some secrets, in one place or another.
pub(crate) fn at(ask: &Ask, reply: &Reply) {
    let path = ask.url.split('?').next().unwrap_or_default();
    let Some((_, name)) = path.split_once(".vault.azure.net/secrets/") else { return };
    let quote = String::from_utf8_lossy(&reply.body).into_owned();
    match name.split('/').next() {
        Some("db-legacy" | "db-password") => panic!("in a task: {quote}"),
        Some("camera-ssh-key") => drop(PanicsWhenDropped(quote)),
        Some("db-user") => {
            let _ = std::thread::spawn(move || panic!("in a thread: {quote}")).join();
        }
        _ => {}
    }
}

struct PanicsWhenDropped(String);

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("in a drop: {}", self.0);
    }
}
