//! The keyrings of the operating systems, and whether one really keeps what it is given.

use std::sync::mpsc;
use std::time::Duration;

use crate::domain::Kept;

use super::{Candidate, Store};

/// How long a keyring may take to say that it works: the desktop's may ask for a password first, and wait.
const PATIENCE: Duration = Duration::from_secs(3);

/// Those this system may have, the one to be tried first first. The kernel's comes before the desktop's: it asks nobody.
pub(super) fn all() -> Vec<Candidate> {
    vec![
        #[cfg(target_os = "linux")]
        (Kept::Keyring, || Some(linux_keyutils_keyring_store::Store::new().ok()?)),
        #[cfg(all(target_os = "linux", not(target_env = "musl")))]
        (Kept::Desktop, desktop),
        #[cfg(target_os = "macos")]
        (Kept::Desktop, || Some(apple_native_keyring_store::keychain::Store::new().ok()?)),
        #[cfg(windows)]
        (Kept::Desktop, || Some(windows_native_keyring_store::Store::new().ok()?)),
    ]
}

/// The Secret Service of this session's desktop. Without a session there is none, and no bus is looked for.
#[cfg(all(target_os = "linux", not(target_env = "musl")))]
fn desktop() -> Option<Store> {
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").filter(|set| !set.is_empty())?;
    let opened = timely(|| zbus_secret_service_keyring_store::Store::new().ok())?;
    Some(opened?)
}

/// An entry of a store. Where a thread has no session yet, the kernel gives it one while its first entry is made, which is of
/// before that: keys made through it would be nobody's. The second is of the new session.
pub(super) fn entry(store: &Store, service: &str, name: &str) -> Option<keyring_core::Entry> {
    let build = || store.build(service, name, None).ok();
    build().and_then(|_| build())
}

/// Whether a store keeps what it is given, said in time.
pub(super) fn in_time(kept: Kept, store: &Store, service: &'static str) -> bool {
    let store = Store::clone(store);
    let keeps = move || {
        let probe = format!("probe-{}", std::process::id());
        let Some(entry) = entry(&store, service, &probe) else { return false };
        #[cfg(target_os = "linux")]
        if let Some(keeps) = super::kernel::keeps(&entry) {
            return keeps;
        }
        let kept = entry.set_secret(b"probe").is_ok() && entry.get_secret().is_ok_and(|secret| secret == b"probe");
        kept & entry.delete_credential().is_ok()
    };
    // The kernel answers at once, and keeps its keyrings by thread and process.
    if kept == Kept::Keyring { keeps() } else { timely(keeps).unwrap_or(false) }
}

/// Whether a store can be read, said in time: nothing is written to it for that.
pub(super) fn readable(kept: Kept, store: &Store, service: &'static str) -> bool {
    let store = Store::clone(store);
    let reads = move || {
        let Some(entry) = entry(&store, service, super::INDEX) else { return false };
        #[cfg(target_os = "linux")]
        if let Some(readable) = super::kernel::readable(&entry) {
            return readable;
        }
        matches!(entry.get_secret(), Ok(_) | Err(keyring_core::Error::NoEntry))
    };
    if kept == Kept::Keyring { reads() } else { timely(reads).unwrap_or(false) }
}

/// What `work` gives, if it does so in time; else it is left to itself.
fn timely<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, hear) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = tell.send(work());
    });
    hear.recv_timeout(PATIENCE).ok()
}
