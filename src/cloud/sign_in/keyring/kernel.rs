//! Whether the kernel gives back what it is to keep. Where a thread has no session of its own a key can be made that nobody may
//! read or find again, and it counts against its user's quota until the next boot: whatever is made to ask is taken out again by
//! its keyring, which lets go of a key whoever may do what with that.

use keyring_core::Entry;
use linux_keyutils::{KeyError, KeyRing};
use linux_keyutils_keyring_store::Cred;

/// The key that is made to ask, and whose it is: two who ask at once do not take out each other's.
const ASKED: &str = "keyring:amlock:asked";
/// What stands for a session where there is none.
const NO_SESSION: &str = "_uid_ses.";

/// Whether `entry`'s keyrings keep keys; nothing where `entry` is none of the kernel's.
pub(super) fn keeps(entry: &Entry) -> Option<bool> {
    Some(returns(entry.as_any().downcast_ref::<Cred>()?))
}

/// The same, where nothing is to be kept: in a session of its own that is told without a key.
pub(super) fn readable(entry: &Entry) -> Option<bool> {
    let cred = entry.as_any().downcast_ref::<Cred>()?;
    let own = cred.session.metadata().is_ok_and(|about| !about.get_description().starts_with(NO_SESSION));
    Some(if own && cred.persistent.is_some() { searched(cred.session) } else { returns(cred) })
}

fn searched(keyring: KeyRing) -> bool {
    matches!(keyring.search(ASKED), Ok(_) | Err(KeyError::KeyDoesNotExist))
}

fn returns(cred: &Cred) -> bool {
    let Ok(key) = cred.session.add_key(&format!("{ASKED}-{}", std::process::id()), b"asked") else { return false };
    let kept = key.read_to_vec().is_ok_and(|text| text == b"asked");
    let linked = cred.persistent.is_none_or(|persistent| {
        let linked = persistent.link_key(key).is_ok();
        linked & (persistent.unlink_key(key).is_ok() || !linked)
    });
    kept & linked & cred.session.unlink_key(key).is_ok()
}
