//! Remembering a login in the operating system's keyring, and never in a file: in Linux the kernel's, which is gone at a reboot and
//! when it lies unused for some days,
//! or the desktop's; the Keychain; the Credential Manager.

#[cfg(target_os = "linux")]
mod kernel;
mod stores;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use keyring_core::api::CredentialStoreApi;
use serde::Deserialize;

use crate::domain::{AccountId, Kept, Sealed, TenantId, Untrusted};

/// The entry that lists the others, as a keyring cannot be asked what is in it.
const INDEX: &str = "logins";

/// A remembered login: a refresh token and whose it is.
#[derive(Debug, Deserialize)]
pub(crate) struct Remembered {
    /// The account's id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: Untrusted,
    /// Its object id.
    pub(crate) object_id: Untrusted,
    /// Its tenant.
    pub(crate) tenant: TenantId,
    /// The cloud that made it, as the Azure CLI calls it: the others get nothing of it.
    pub(crate) cloud: String,
    /// What tokens are asked with.
    pub(crate) refresh_token: Sealed,
}

/// The keyring, where there is one and it may be used.
#[derive(Clone)]
pub(crate) struct Keyring(Option<Arc<Inner>>);

/// What entries are written to.
type Store = Arc<dyn CredentialStoreApi + Send + Sync>;

/// A store this machine may have, and what it is called.
type Candidate = (Kept, fn() -> Option<Store>);

struct Inner {
    candidates: Vec<Candidate>,
    service: &'static str,
    /// The first that really keeps something: containers often have the calls and forbid them.
    found: OnceLock<Option<(Kept, Store)>>,
    /// The first that can be read, where nothing is to be kept: to find that out nothing is written.
    opened: OnceLock<Option<(Kept, Store)>>,
    /// Held while the index is read and written back.
    index: Mutex<()>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Keyring").field(&self.0.is_some()).finish()
    }
}

impl Keyring {
    /// No keyring.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// This system's, for entries of `service`. It is opened when it is first needed.
    pub(crate) fn of_system(service: &'static str) -> Self {
        Self::of(stores::all(), service)
    }

    fn of(candidates: Vec<Candidate>, service: &'static str) -> Self {
        Self(Some(Arc::new(Inner {
            candidates,
            service,
            found: OnceLock::new(),
            opened: OnceLock::new(),
            index: Mutex::new(()),
        })))
    }

    /// Which one keeps logins here, if one does.
    pub(crate) fn kept(&self) -> Option<Kept> {
        self.0.as_ref()?.found().map(|(kept, _)| *kept)
    }

    /// Whether one keeps logins here.
    pub(crate) fn works(&self) -> bool {
        self.kept().is_some()
    }

    /// Remembers a login; whether it did.
    pub(crate) fn remember(&self, login: &Remembered) -> bool {
        let Some(inner) = self.0.as_ref().filter(|_| self.works()) else { return false };
        let text = serde_json::json!({
            "id": login.id,
            "name": login.name,
            "object_id": login.object_id,
            "tenant": login.tenant,
            "cloud": login.cloud,
            "refresh_token": login.refresh_token.unseal(),
        })
        .to_string();
        let _held = inner.index.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.write(&login.id, text.as_bytes()) {
            inner.delete(&login.id); // a part of it may have been done
            return false;
        }
        let mut ids = inner.ids();
        if !ids.contains(&login.id) {
            ids.push(login.id.clone());
        }
        let listed = inner.write_ids(&ids);
        if !listed {
            inner.delete(&login.id); // what is not listed nobody finds to delete it
        }
        listed
    }

    /// Remembers the newer token of a login that is still remembered; one that was signed out meanwhile stays out.
    pub(crate) fn renew(&self, login: &Remembered) {
        if self.0.as_ref().is_some_and(|inner| inner.ids().contains(&login.id)) {
            self.remember(login);
        }
    }

    /// All remembered logins, oldest first.
    pub(crate) fn all(&self) -> Vec<Remembered> {
        let Some(inner) = self.0.as_ref() else { return Vec::new() };
        inner.ids().iter().filter_map(|id| serde_json::from_slice(&inner.read(id)?).ok()).collect()
    }

    /// Forgets a login; whether there was one.
    pub(crate) fn forget(&self, id: &AccountId) -> bool {
        let Some(inner) = self.0.as_ref() else { return false };
        let _held = inner.index.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ids = inner.ids();
        let before = ids.len();
        ids.retain(|have| have != id.as_str());
        if ids.len() < before {
            inner.write_ids(&ids);
        }
        inner.delete(id.as_str()) || ids.len() < before
    }
}

impl Inner {
    fn found(&self) -> Option<&(Kept, Store)> {
        self.found.get_or_init(|| self.first(stores::in_time)).as_ref()
    }

    /// The one that was found, or else the one that would be read.
    fn opened(&self) -> Option<&(Kept, Store)> {
        match self.found.get() {
            Some(found) => found.as_ref(),
            None => self.opened.get_or_init(|| self.first(stores::readable)).as_ref(),
        }
    }

    fn first(&self, fits: fn(Kept, &Store, &'static str) -> bool) -> Option<(Kept, Store)> {
        self.candidates.iter().find_map(|(kept, open)| {
            let store = open()?;
            fits(*kept, &store, self.service).then_some((*kept, store))
        })
    }

    fn entry(&self, name: &str) -> Option<keyring_core::Entry> {
        stores::entry(&self.opened()?.1, self.service, name)
    }

    fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.entry(name)?.get_secret().ok()
    }

    fn write(&self, name: &str, secret: &[u8]) -> bool {
        self.entry(name).is_some_and(|entry| entry.set_secret(secret).is_ok())
    }

    fn delete(&self, name: &str) -> bool {
        self.entry(name).is_some_and(|entry| entry.delete_credential().is_ok())
    }

    fn ids(&self) -> Vec<String> {
        self.read(INDEX).and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    fn write_ids(&self, ids: &[String]) -> bool {
        if ids.is_empty() {
            return self.delete(INDEX);
        }
        serde_json::to_vec(ids).is_ok_and(|text| self.write(INDEX, &text))
    }
}

#[cfg(test)]
pub(crate) mod tests;
