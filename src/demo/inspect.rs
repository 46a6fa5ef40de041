//! What a test may look at behind the services' backs, and how it ends the trouble that it made.

use super::{DemoCloud, clock::epoch, world::store::Access};

/// What a vault holds at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The secrets that can be seen.
    pub secrets: Vec<KeptSecret>,
    /// The names of the deleted ones that can be seen.
    pub deleted: Vec<String>,
}

/// A secret as a vault holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSecret {
    /// Its name.
    pub name: String,
    /// Whether its newest version is on.
    pub enabled: bool,
    /// When that was last changed, in epoch seconds.
    pub updated: i64,
    /// The ids of its versions, the newest last.
    pub versions: Vec<String>,
}

impl DemoCloud {
    /// What a vault holds, however the network is.
    pub fn kept(&self, vault: &str) -> Kept {
        let now = self.clock.now();
        let state = self.state();
        let Some(vault) = state.world.vault(vault) else { return Kept::default() };
        let secrets = vault.after("", usize::MAX, now).into_iter().map(|secret| {
            let (enabled, updated) =
                secret.newest().map_or((false, 0), |version| (version.enabled, epoch(version.updated)));
            let versions = secret.versions.iter().map(|version| version.id.clone()).collect();
            KeptSecret { name: secret.name, enabled, updated, versions }
        });
        let secrets = secrets.collect();
        let deleted = vault.deleted.values().filter(|one| one.visible_from <= now);
        Kept { secrets, deleted: deleted.map(|one| one.secret.name.clone()).collect() }
    }

    /// From now on only private links lead to this vault, and nobody here has one.
    pub fn close(&self, vault: &str) {
        if let Some(vault) = self.state().world.vault_mut(vault) {
            vault.access = Access::Private;
        }
    }

    /// So many milliseconds pass in this world at once, as for a machine that was asleep.
    pub fn set_clock(&self, milliseconds: i64) {
        self.clock.jump(milliseconds);
    }

    /// From now on nothing goes wrong any more: no fault waits, nobody is revoked, nobody says no,
    /// no service asks for more.
    pub fn calm(&self) {
        let mut state = self.state();
        state.controls.forget_faults();
        state.desk.calm();
    }
}
