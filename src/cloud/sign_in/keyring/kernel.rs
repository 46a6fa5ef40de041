//! Whether the kernel would give back what it is to keep. To ask that, it is given nothing where that can be told otherwise: a key
//! that may be made and not be found again is counted against its user until the next boot, and nobody can take it out.

use keyring_core::Entry;
use linux_keyutils::{KeyError, KeyRing};
use linux_keyutils_keyring_store::Cred;

/// A description that no key has.
const NOBODY: &str = "keyring:amlock:nobody";

/// Whether `entry`'s keyrings keep keys; nothing where `entry` is none of the kernel's.
pub(super) fn keeps(entry: &Entry) -> Option<bool> {
    let cred = entry.as_any().downcast_ref::<Cred>()?;
    Some(match cred.persistent {
        // It may be searched by nobody but who possesses it, that is, who reaches it through a session of their own.
        Some(persistent) => searched(persistent),
        // A kernel without it. What is made in the session is taken out of it again, whatever came of it.
        None => searched(cred.session) && returns(cred.session),
    })
}

fn searched(keyring: KeyRing) -> bool {
    matches!(keyring.search(NOBODY), Ok(_) | Err(KeyError::KeyDoesNotExist))
}

fn returns(session: KeyRing) -> bool {
    let Ok(key) = session.add_key(NOBODY, b"nobody") else { return false };
    let kept = key.read_to_vec().is_ok_and(|text| text == b"nobody");
    // A keyring lets go of a key whoever may do what with that.
    kept & session.unlink_key(key).is_ok()
}
