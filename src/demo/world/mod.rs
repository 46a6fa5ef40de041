//! The world the demo starts from: people, subscriptions, workspaces, vaults, endpoints. Plain data; what a service
//! answers about it, and in which words, is not said here.

pub(crate) mod endpoints;
pub(crate) mod hostile;
pub(crate) mod people;
pub(crate) mod places;
pub(crate) mod secrets;
pub(crate) mod store;
pub(crate) mod vision;

pub(crate) use endpoints::{Deployment, Endpoint, Kind};
pub(crate) use people::{Application, Person, Proof};
pub use places::Policy;
pub(crate) use places::{Subscription, Tenant, Workspace};
pub(crate) use store::{Deleted, Secret, Vault, Version};

use super::clock::Moment;

/// Which world was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Default,
    SignedOut,
    Guest,
    Declined,
    Away,
    Revoked,
    Challenged,
    Empty,
    Offline,
    Slow,
    Throttled,
    Large,
    Huge,
    Line,
    Hostile,
    Panic,
}

/// Every world with its name and a line of help, in the order they are listed in.
pub(crate) const WORLDS: [(Which, &str, &str); 16] = [
    (Which::Default, "", "two tenants, awkward and lively; you are signed in as alex@contoso.com"),
    (Which::SignedOut, "signed-out", "the same world, nobody signed in"),
    (
        Which::Guest,
        "guest",
        "you are a guest in four more tenants: one wants more proof (MFA), one consent, one lets nobody in",
    ),
    (Which::Declined, "declined", "nobody signed in, and whoever is shown a sign-in page says no"),
    (Which::Away, "away", "nobody signed in, and nobody looks at a sign-in page: codes run out"),
    (Which::Revoked, "revoked", "your login was revoked: the password has changed"),
    (Which::Challenged, "challenged", "every service asks for a newer login than you have (CAE), and takes it"),
    (Which::Empty, "empty", "an account with a subscription and no workspaces"),
    (Which::Offline, "offline", "nothing can be reached"),
    (Which::Slow, "slow", "every answer takes 1.5 seconds"),
    (Which::Throttled, "throttled", "every third request is told to come back later"),
    (Which::Large, "large", "10,000 workspaces and a vault with 100,000 secrets"),
    (Which::Huge, "huge", "one workspace with 100,000 secrets, and every answer at once"),
    (Which::Line, "line", "one workspace with 1,000 secrets at the end of a line of 50 ms"),
    (Which::Hostile, "hostile", "control characters and worse in every free text"),
    (Which::Panic, "panic", "reading db-password, db-user, db-legacy or camera-ssh-key ends in a panic"),
];

/// All that exists, at this moment.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) which: Which,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) people: Vec<Person>,
    pub(crate) subscriptions: Vec<Subscription>,
    /// Ordered by name, then id: the order Resource Graph is asked for.
    pub(crate) workspaces: Vec<Workspace>,
    /// This many more workspaces exist that are made when somebody looks at them.
    pub(crate) generated: usize,
    pub(crate) vaults: Vec<Vault>,
}

impl World {
    pub(crate) fn new(which: Which, now: Moment) -> Self {
        let mut world = Self {
            which,
            tenants: places::tenants(),
            people: people::people(),
            subscriptions: places::subscriptions(),
            workspaces: Vec::new(),
            generated: 0,
            vaults: Vec::new(),
        };
        match which {
            Which::Guest => {
                let guest = [places::FABRIKAM, places::ADATUM, places::LITWARE, places::PROSEWARE];
                for person in world.people.iter_mut().filter(|person| person.username == "alex@contoso.com") {
                    person.guest_in = guest.map(places::tenant_id).to_vec();
                }
                world.furnish(now);
            }
            Which::Empty => world.subscriptions.retain(|one| one.name == places::SANDBOX),
            Which::Large => {
                world.generated = 10_000;
                world.vaults.push(secrets::large(100_000, now));
            }
            Which::Huge | Which::Line => {
                world.generated = 1;
                world.vaults.push(secrets::large(if which == Which::Huge { 100_000 } else { 1_000 }, now));
            }
            _ => world.furnish(now),
        }
        if which == Which::Hostile {
            hostile::spoil(&mut world);
        }
        world
    }

    fn furnish(&mut self, now: Moment) {
        self.workspaces = places::workspaces(now);
        self.vaults = secrets::vaults(now);
    }

    pub(crate) fn tenant(&self, id: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| tenant.id.eq_ignore_ascii_case(id) || tenant.domain.eq_ignore_ascii_case(id))
    }

    /// Somebody by object id, their own or a guest's.
    pub(crate) fn person(&self, object_id: &str) -> Option<&Person> {
        let guest = |person: &Person| person.guest_in.iter().any(|tenant| person.object_id_in(tenant) == object_id);
        self.people.iter().find(|person| person.object_id == object_id || guest(person))
    }

    pub(crate) fn subscription(&self, id: &str) -> Option<&Subscription> {
        self.subscriptions.iter().find(|one| one.id.eq_ignore_ascii_case(id))
    }

    /// A vault by the first label of its host, in any case.
    pub(crate) fn vault(&self, name: &str) -> Option<&Vault> {
        self.vaults.iter().find(|vault| vault.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn vault_mut(&mut self, name: &str) -> Option<&mut Vault> {
        self.vaults.iter_mut().find(|vault| vault.name.eq_ignore_ascii_case(name))
    }

    /// How many workspaces there are, stored and generated.
    pub(crate) fn workspace_count(&self) -> usize {
        self.workspaces.len() + self.generated
    }

    /// The workspace at a place of the whole order.
    pub(crate) fn workspace_at(&self, place: usize) -> Option<Workspace> {
        match self.workspaces.get(place) {
            Some(workspace) => Some(workspace.clone()),
            None => (place < self.workspace_count()).then(|| places::generated(place - self.workspaces.len())),
        }
    }

    pub(crate) fn workspace(&self, subscription: &str, group: &str, name: &str) -> Option<Workspace> {
        let fits = |one: &Workspace| {
            one.name.eq_ignore_ascii_case(name)
                && one.group.eq_ignore_ascii_case(group)
                && one.subscription.eq_ignore_ascii_case(subscription)
        };
        if let Some(stored) = self.workspaces.iter().find(|one| fits(one)) {
            return Some(stored.clone());
        }
        let number: usize = name.to_ascii_lowercase().strip_prefix(places::GENERATED)?.parse().ok()?;
        Some(places::generated(number)).filter(|one| number < self.generated && fits(one))
    }

    pub(crate) fn workspace_mut(&mut self, id: &str) -> Option<&mut Workspace> {
        self.workspaces.iter_mut().find(|one| one.id() == id)
    }
}
