//! Everything the app knows.

use crate::domain::{
    Account, AccountId, DeletedSecret, Endpoint, EndpointKind, Failure, Kept, Moment, SecretName, Subscription, Tenant,
    TenantId, Tone, Untrusted, Vault, Workspace, name_fits,
};

use super::flight::{Flights, Lane, Ticket};
use super::kept::Wanted;
use super::list::Row;
use super::listed::{InCommon, Listed};
use super::msg::{CopyOf, Ground, Query};
use super::overlay::Overlay;
use super::shelf::{Load, Shelf};
use super::start::Start;
use super::way::Way;
use super::workspaces::Workspaces;

/// The four panes, numbered as on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pane {
    /// Who is signed in.
    Accounts,
    /// What they can reach.
    Workspaces,
    /// The open vault.
    Secrets,
    /// The open workspace's endpoints.
    Endpoints,
}

impl Pane {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Accounts, Self::Workspaces, Self::Secrets, Self::Endpoints];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Accounts => "Accounts",
            Self::Workspaces => "Workspaces",
            Self::Secrets => "Secrets",
            Self::Endpoints => "Endpoints",
        }
    }

    /// What its rows are called.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Accounts => "account",
            Self::Workspaces => "workspace",
            Self::Secrets => "secret",
            Self::Endpoints => "endpoint",
        }
    }
}

/// The secrets pane.
#[derive(Debug, Default)]
pub struct Secrets {
    /// The secrets of the open vault.
    pub shelf: Shelf<Listed>,
    /// What those of the fetch under way have in common.
    pub(super) in_common: InCommon,
    /// The open vault.
    pub vault: Option<Vault>,
    /// A secret to put the cursor on when it comes by.
    pub wanted: Option<String>,
    /// Deleted here a moment ago, and when: Key Vault lists them only after some seconds.
    pub just_deleted: Vec<(Moment, DeletedSecret)>,
}

/// A line above the footer.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What it says; clean.
    pub text: String,
    /// How it says it.
    pub tone: Tone,
    /// When it goes by itself.
    pub until: Option<Moment>,
    /// The whole story, where there is one.
    pub failure: Option<Failure>,
}

/// Something of ours in the clipboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// What it is: a secret's name, a key of an endpoint.
    pub what: String,
    /// What is known of how it got there.
    pub words: String,
    /// When it is cleared.
    pub clears: Moment,
}

/// A copy on its way to the clipboard.
#[derive(Debug, Default)]
pub struct Copying {
    /// What is being copied, to be asked for again once the terminal may take it.
    pub of: Option<CopyOf>,
    /// Whether the user allowed copies through the terminal in this session.
    pub through_terminal: bool,
}

/// A change under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Writing {
    /// Its question.
    pub ticket: Ticket,
    /// What it does: `Deleting db-password`.
    pub words: String,
    /// How far it is, in Azure's word.
    pub progress: Option<Untrusted>,
    /// Since when.
    pub since: Moment,
}

/// Everything the app knows.
#[derive(Debug)]
pub struct Model {
    /// How it was started.
    pub start: Start,
    /// What time it is.
    pub now: Moment,
    /// The terminal's columns and rows.
    pub size: (u16, u16),
    /// What the terminal writes on.
    pub ground: Ground,
    /// The pane that hears the keys.
    pub pane: Pane,
    /// Whether the details are unfolded where they are folded away.
    pub details: bool,
    /// Whether the current pane's filter is being typed.
    pub filtering: bool,
    /// The details follow the cursor when it rests: since then it does, or from then on it will.
    pub rests_at: Moment,
    /// What lies over the panes, the topmost last.
    pub overlays: Vec<Overlay>,
    /// The accounts pane.
    pub accounts: Shelf<Account>,
    /// The tenants of the accounts, for their names.
    pub tenants: Vec<Tenant>,
    /// The ways in that were found.
    pub ways: Vec<Way>,
    /// The subscriptions that the Azure CLI's accounts see, by az's own notes.
    pub seen: Vec<(AccountId, Vec<Subscription>)>,
    /// Which tenants each account is in.
    pub memberships: Vec<(AccountId, Vec<TenantId>)>,
    /// Where a login made now is kept.
    pub keeps: Kept,
    /// The workspaces pane.
    pub workspaces: Workspaces,
    /// The secrets pane.
    pub secrets: Secrets,
    /// The endpoints pane.
    pub endpoints: Shelf<Endpoint>,
    /// Kinds of endpoints that could not be listed, and why.
    pub missing_endpoints: Vec<(EndpointKind, Failure)>,
    /// The line above the footer.
    pub notice: Option<Notice>,
    /// What of ours is in the clipboard.
    pub clip: Option<Clip>,
    /// Questions under way.
    pub flights: Flights,
    /// Changes under way that somebody watches.
    pub writing: Vec<Writing>,
    /// A copy on its way.
    pub copying: Copying,
    /// Questions under way that could be put again.
    pub asked: Vec<(Ticket, Query)>,
    /// What waits for somebody to sign in again.
    pub wanted: Option<Wanted>,
    /// When the last key came.
    pub last_key: Moment,
}

impl Model {
    /// The app as it starts: nothing known, nothing asked.
    pub fn new(start: Start) -> Self {
        let now = start.now;
        Self {
            start,
            now,
            size: (80, 24),
            ground: Ground::Unknown,
            pane: Pane::Workspaces,
            details: false,
            filtering: false,
            rests_at: now,
            overlays: Vec::new(),
            accounts: Shelf::default(),
            tenants: Vec::new(),
            ways: Vec::new(),
            seen: Vec::new(),
            memberships: Vec::new(),
            keeps: Kept::Memory,
            workspaces: Workspaces::default(),
            secrets: Secrets::default(),
            endpoints: Shelf::default(),
            missing_endpoints: Vec::new(),
            notice: None,
            clip: None,
            flights: Flights::default(),
            writing: Vec::new(),
            copying: Copying::default(),
            asked: Vec::new(),
            wanted: None,
            last_key: now,
        }
    }

    /// The topmost overlay.
    pub fn top(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// The open workspace.
    pub fn workspace(&self) -> Option<&Workspace> {
        self.workspaces.opened.as_deref()
    }

    /// Whether what is open is production: its workspace, or, for a vault opened by its name, one of the workspaces it serves.
    pub fn in_production(&self) -> bool {
        let Some(vault) = &self.secrets.vault else {
            return self.workspace().is_some_and(|workspace| self.is_production(workspace));
        };
        let serves = |workspace: &&Workspace| {
            workspace.vault_id.as_ref().is_some_and(|id| id.name().eq_ignore_ascii_case(&vault.name))
        };
        self.is_named_production(&vault.name)
            || match self.workspace() {
                Some(workspace) => self.is_production(workspace),
                None => self.workspaces.all.iter().filter(serves).any(|workspace| self.is_production(workspace)),
            }
    }

    /// Whether a workspace is production: by its tags, or by the names the user's config says.
    pub fn is_production(&self, workspace: &Workspace) -> bool {
        workspace.is_production() || self.is_named_production(workspace.name.raw())
    }

    fn is_named_production(&self, name: &str) -> bool {
        self.start.production.iter().any(|pattern| name_fits(pattern, name))
    }

    /// Whether a text field hears the keys, so that letters are letters.
    pub fn in_text(&self) -> bool {
        match self.top() {
            Some(Overlay::Form(_) | Overlay::Palette(_)) => true,
            Some(Overlay::Confirm(confirm)) => confirm.typed.is_some(),
            Some(Overlay::SignIn(menu)) => menu.typing.is_some(),
            Some(_) => false,
            None => self.filtering,
        }
    }

    /// The filter of the pane that hears the keys.
    pub fn filter(&self) -> &str {
        match self.pane {
            Pane::Accounts => self.accounts.list.filter.value(),
            Pane::Workspaces => self.workspaces.shelf.list.filter.value(),
            Pane::Secrets => self.secrets.shelf.list.filter.value(),
            Pane::Endpoints => self.endpoints.list.filter.value(),
        }
    }

    /// What is known of a pane's list, how many rows pass its filter, and how many there are.
    pub fn pane_state(&self, pane: Pane) -> (&Load, usize, usize) {
        fn of<T: Row>(shelf: &Shelf<T>) -> (&Load, usize, usize) {
            (&shelf.load, shelf.list.shown(), shelf.list.total())
        }
        match pane {
            Pane::Accounts => of(&self.accounts),
            Pane::Workspaces => of(&self.workspaces.shelf),
            Pane::Secrets => of(&self.secrets.shelf),
            Pane::Endpoints => of(&self.endpoints),
        }
    }

    /// What the chosen order of a pane is called; nothing for the usual one.
    pub fn order_of(&self, pane: Pane) -> &'static str {
        match pane {
            Pane::Accounts => "",
            Pane::Workspaces => self.workspaces.shelf.order,
            Pane::Secrets => self.secrets.shelf.order,
            Pane::Endpoints => self.endpoints.order,
        }
    }

    /// What went wrong with a pane's list, if anything did.
    pub fn pane_failure(&self, pane: Pane) -> Option<&Failure> {
        match self.pane_state(pane).0 {
            Load::Failed(failure) | Load::Stale(_, failure) => Some(failure),
            _ => None,
        }
    }

    /// The lane that fills a pane.
    pub fn lane_of(pane: Pane) -> Lane {
        match pane {
            Pane::Accounts => Lane::Accounts,
            Pane::Workspaces => Lane::Workspaces,
            Pane::Secrets => Lane::Secrets,
            Pane::Endpoints => Lane::Endpoints,
        }
    }

    /// Says something above the footer for a while.
    pub fn say(&mut self, text: impl Into<String>, tone: Tone) {
        let until = self.now.checked_add(std::time::Duration::from_secs(8)).ok();
        self.notice = Some(Notice { text: text.into(), tone, until, failure: None });
    }

    /// Says what went wrong above the footer, until the next key after it was read.
    pub fn complain(&mut self, failure: Failure) {
        self.notice =
            Some(Notice { text: failure.sentence(), tone: Tone::Danger, until: None, failure: Some(failure) });
    }

    /// The account with this id.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.list.rows().iter().find(|account| account.id == *id)
    }

    /// Whose eyes we look through: the open workspace's or vault's account, else the first.
    pub fn acting(&self) -> Option<&Account> {
        let who =
            self.workspace().map(|workspace| &workspace.who).or(self.secrets.vault.as_ref().map(|vault| &vault.who));
        let narrowed = self.workspaces.narrowed.as_ref();
        let id = who.map(|who| &who.account).or(narrowed.map(|narrowed| &narrowed.account));
        id.and_then(|id| self.account(id)).or_else(|| self.accounts.list.rows().first())
    }

    /// From which tenant we look: that of what is open, else of what the workspaces are narrowed to, else the account's own.
    pub fn acting_from(&self) -> Option<&Tenant> {
        let open =
            self.workspace().map(|workspace| &workspace.who).or(self.secrets.vault.as_ref().map(|vault| &vault.who));
        let narrowed = self.workspaces.narrowed.as_ref().and_then(|narrowed| narrowed.tenant.as_ref());
        let called = match (open, narrowed) {
            (Some(who), _) => &who.tenant,
            (None, Some(tenant)) => &tenant.id,
            (None, None) => &self.acting()?.tenant,
        };
        self.tenants.iter().find(|tenant| tenant.is(called))
    }

    /// Whether workspaces are looked for in this tenant: in all, unless one was named at the start.
    pub fn looks_in(&self, tenant: &Tenant) -> bool {
        self.start.tenant.as_ref().is_none_or(|named| tenant.is(named))
    }

    /// The secret under the cursor, if its name is one that can be asked for.
    pub fn secret(&self) -> Option<(&Vault, &Listed, SecretName)> {
        let secret = self.secrets.shelf.list.current()?;
        Some((self.secrets.vault.as_ref()?, secret, SecretName::parse(secret.name.raw()).ok()?))
    }
}
