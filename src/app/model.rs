//! Everything the app knows.

use crate::domain::{
    Account, AccountId, DeletedSecret, DeviceCode, Endpoint, EndpointKeys, EndpointToken, Failure, Moment, ResourceId,
    Secret, SecretName, SecretValue, SecretVersion, Tenant, Tone, Untrusted, Vault, WhichKey, Who, Workspace, Zone,
};

use super::field::Open;
use super::flight::{Flights, Lane, Ticket};
use super::form::{Confirm, Form};
use super::list::{List, Row};
use super::msg::{CopyOf, Ground, Way};
use super::palette::Palette;

/// How the app was started: what the command line, the environment and the config said.
#[derive(Clone, Debug)]
pub struct Start {
    /// What time it is.
    pub now: Moment,
    /// The zone dates are shown in.
    pub zone: Zone,
    /// Whether this is the demo.
    pub demo: bool,
    /// Whether changes are refused.
    pub read_only: bool,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
    /// How many colours the terminal has.
    pub colours: Colours,
    /// The workspace to open, by name or id, and the secret to put the cursor on.
    pub open: Option<Target>,
    /// The workspace that this folder's config.json names.
    pub folder: Option<Target>,
    /// A vault to open without a workspace, by name.
    pub vault: Option<String>,
    /// Seconds a value is shown.
    pub reveal_seconds: u8,
    /// Names that mean production, `*` for any letters.
    pub production: Vec<String>,
}

/// A workspace as somebody named it, maybe with a secret in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its subscription's id, where given.
    pub subscription: Option<String>,
    /// Its resource group, where given.
    pub resource_group: Option<String>,
    /// Its name.
    pub workspace: String,
    /// A secret in it.
    pub secret: Option<String>,
}

impl Target {
    /// Whether `workspace` is the one meant.
    pub fn means(&self, workspace: &Workspace) -> bool {
        let same =
            |wanted: &Option<String>, have: &str| wanted.as_ref().is_none_or(|text| text.eq_ignore_ascii_case(have));
        self.workspace.eq_ignore_ascii_case(workspace.id.name())
            && same(&self.resource_group, workspace.id.resource_group())
            && same(&self.subscription, workspace.id.subscription())
    }
}

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// None, or none wanted (NO_COLOR): weight only.
    Mono,
    /// Sixteen: weight only too, so that themes cannot make text unreadable.
    Sixteen,
    /// 256.
    Indexed,
    /// All of them.
    True,
}

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

/// What is known of a list that comes from elsewhere. Whether it is being asked for is for the flights to say.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Load {
    /// Nobody asked.
    #[default]
    Unasked,
    /// Asked for the first time, and perhaps some rows are there.
    Loading,
    /// All there, as of then.
    Ready(Moment),
    /// It could not be fetched, and nothing is there.
    Failed(Failure),
    /// All there as of then, but fetching it anew failed.
    Stale(Moment, Failure),
    /// Somebody stopped it on the way.
    Stopped,
}

impl Load {
    /// When the rows on the screen were true.
    pub fn as_of(&self) -> Option<Moment> {
        match self {
            Self::Ready(at) | Self::Stale(at, _) => Some(*at),
            _ => None,
        }
    }

    /// A new question goes out: what is there stays there.
    pub fn begin(&mut self) {
        if self.as_of().is_none() {
            *self = Self::Loading;
        }
    }

    /// The question is over.
    pub fn end(&mut self, now: Moment, outcome: Result<(), Failure>) {
        *self = match (outcome, self.as_of()) {
            (Ok(()), _) => Self::Ready(now),
            (Err(failure), Some(at)) => Self::Stale(at, failure),
            (Err(failure), None) => Self::Failed(failure),
        };
    }
}

/// A list with what is known of it.
#[derive(Debug)]
pub struct Shelf<T> {
    /// The rows.
    pub list: List<T>,
    /// Where they are from.
    pub load: Load,
    /// Rows of a fetch that replaces the list when it is complete, so that nothing flickers; none on the first fetch.
    pub incoming: Option<Vec<T>>,
    /// Which order is chosen, of those the pane has.
    pub sorted: usize,
}

impl<T: Row> Default for Shelf<T> {
    fn default() -> Self {
        Self { list: List::default(), load: Load::Unasked, incoming: None, sorted: 0 }
    }
}

impl<T: Row> Shelf<T> {
    /// A question goes out.
    pub fn begin(&mut self) {
        self.incoming = self.load.as_of().map(|_| Vec::new());
        if self.incoming.is_none() {
            self.list.replace(Vec::new());
        }
        self.load.begin();
    }

    /// All rows arrived at once.
    pub fn fill(&mut self, rows: Vec<T>) {
        self.incoming = None;
        self.list.replace(rows);
    }

    /// Rows arrived.
    pub fn add(&mut self, rows: Vec<T>) {
        match &mut self.incoming {
            Some(incoming) => incoming.extend(rows),
            None => self.list.extend(rows),
        }
    }

    /// The question is over.
    pub fn end(&mut self, now: Moment, outcome: Result<(), Failure>) {
        if let Some(rows) = self.incoming.take()
            && outcome.is_ok()
        {
            self.list.replace(rows);
        }
        self.load.end(now, outcome);
    }

    /// Somebody stopped it.
    pub fn stop(&mut self) {
        self.incoming = None;
        if self.load == Load::Loading {
            self.load = Load::Stopped;
        }
    }
}

/// The workspaces pane.
#[derive(Debug, Default)]
pub struct Workspaces {
    /// The workspaces of all accounts, tenant by tenant.
    pub shelf: Shelf<Workspace>,
    /// The open one.
    pub open: Option<ResourceId>,
    /// Identities whose workspaces could not be listed.
    pub failed: Vec<(Who, Failure)>,
    /// Whom the list is narrowed to.
    pub narrowed: Option<AccountId>,
    /// All of them, also those the list is not narrowed to.
    pub all: Vec<Workspace>,
    /// The one to open when it comes by, and who named it.
    pub wanted: Option<(Target, Named)>,
}

/// Who named the workspace to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// The command line or the environment.
    Asked,
    /// This folder's config.json.
    Folder,
}

impl Workspaces {
    fn narrowed_rows(&self, rows: &[Workspace]) -> Vec<Workspace> {
        let fits = |row: &&Workspace| self.narrowed.as_ref().is_none_or(|account| row.who.account == *account);
        rows.iter().filter(fits).cloned().collect()
    }

    /// A question goes out.
    pub fn begin(&mut self) {
        self.shelf.begin();
        self.failed.clear();
        if self.shelf.incoming.is_none() {
            self.all.clear();
        }
    }

    /// Rows arrived.
    pub fn add(&mut self, rows: Vec<Workspace>) {
        if let Some(incoming) = &mut self.shelf.incoming {
            incoming.extend(rows);
            return;
        }
        let shown = self.narrowed_rows(&rows);
        self.shelf.list.extend(shown);
        self.all.extend(rows);
    }

    /// The question is over. What an identity showed before stays where it could not be asked this time.
    pub fn end(&mut self, now: Moment, outcome: Result<(), Failure>) {
        if let Some(mut rows) = self.shelf.incoming.take()
            && outcome.is_ok()
        {
            let missed = |row: &&Workspace| self.failed.iter().any(|(who, _)| *who == row.who);
            rows.extend(self.all.iter().filter(missed).cloned());
            self.all = rows;
            self.show();
        }
        self.shelf.load.end(now, outcome);
    }

    /// Narrows the list to an account, or shows all.
    pub fn narrow(&mut self, account: Option<AccountId>) {
        self.narrowed = account;
        self.show();
    }

    /// Forgets what an account showed.
    pub fn forget(&mut self, account: &AccountId) {
        self.all.retain(|row| row.who.account != *account);
        self.failed.retain(|(who, _)| who.account != *account);
        if self.narrowed.as_ref() == Some(account) {
            self.narrowed = None;
        }
        self.show();
    }

    fn show(&mut self) {
        let shown = self.narrowed_rows(&self.all);
        self.shelf.list.replace(shown);
    }
}

/// The secrets pane.
#[derive(Debug, Default)]
pub struct Secrets {
    /// The secrets of the open vault.
    pub shelf: Shelf<Secret>,
    /// The open vault.
    pub vault: Option<Vault>,
    /// A secret to put the cursor on when it comes by.
    pub wanted: Option<String>,
}

/// A value that is shown: at most one in the whole app.
#[derive(Debug)]
pub struct Reveal {
    /// Whose value.
    pub name: SecretName,
    /// The vault.
    pub vault: Vault,
    /// The value with what belongs to it.
    pub value: SecretValue,
    /// Whether a version was asked for, not the newest.
    pub version: Option<Untrusted>,
    /// When it hides.
    pub hides: Moment,
    /// Whether it is held: longer, and through a loss of focus.
    pub held: bool,
    /// Whether blanks, tabs and newlines are marked.
    pub marks: bool,
    /// Lines scrolled.
    pub scroll: usize,
}

/// What an endpoint's sheet holds.
#[derive(Debug)]
pub enum Credentials {
    /// Being fetched.
    Loading,
    /// Two keys.
    Keys(EndpointKeys),
    /// A token.
    Token(EndpointToken),
    /// Could not be fetched.
    Failed(Failure),
}

/// The sheet of an endpoint's keys or token.
#[derive(Debug)]
pub struct KeySheet {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// What was fetched.
    pub credentials: Credentials,
    /// Which key the cursor is on.
    pub cursor: WhichKey,
    /// Until when the one under the cursor is shown; masked otherwise.
    pub shown: Option<Moment>,
    /// How far a regeneration is.
    pub progress: Option<Untrusted>,
}

/// The versions of one secret.
#[derive(Debug)]
pub struct Versions {
    /// The secret.
    pub name: SecretName,
    /// Its versions.
    pub shelf: Shelf<SecretVersion>,
}

/// The way in.
#[derive(Debug, Default)]
pub struct SignInMenu {
    /// Which way the cursor is on.
    pub cursor: usize,
}

/// A device code waiting for somebody to type it elsewhere.
#[derive(Debug, Default)]
pub struct DevicePrompt {
    /// The code, once it came.
    pub code: Option<DeviceCode>,
}

/// What lies over the panes. The topmost hears the keys.
#[derive(Debug)]
pub enum Overlay {
    /// Every key, scrolled by so many lines.
    Help(usize),
    /// Every command by name.
    Palette(Palette),
    /// The ways in.
    SignIn(SignInMenu),
    /// A device code.
    Device(DevicePrompt),
    /// A form to fill in.
    Form(Box<Form>),
    /// A question before something is done.
    Confirm(Box<Confirm>),
    /// A secret's versions.
    Versions(Box<Versions>),
    /// The vault's deleted secrets.
    Deleted(Box<Shelf<DeletedSecret>>),
    /// An endpoint's keys or token.
    Keys(Box<KeySheet>),
    /// The shown value.
    Reveal(Box<Reveal>),
    /// A failure's whole text.
    Words(Box<Failure>),
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
    /// Whether a login made now is remembered.
    pub remembers: bool,
    /// The workspaces pane.
    pub workspaces: Workspaces,
    /// The secrets pane.
    pub secrets: Secrets,
    /// The endpoints pane.
    pub endpoints: Shelf<Endpoint>,
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
            remembers: false,
            workspaces: Workspaces::default(),
            secrets: Secrets::default(),
            endpoints: Shelf::default(),
            notice: None,
            clip: None,
            flights: Flights::default(),
            writing: Vec::new(),
            copying: Copying::default(),
            last_key: now,
        }
    }

    /// The topmost overlay.
    pub fn top(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// The open workspace.
    pub fn workspace(&self) -> Option<&Workspace> {
        let id = self.workspaces.open.as_ref()?;
        self.workspaces.all.iter().find(|workspace| workspace.id == *id)
    }

    /// Whether what is open is production: by its tags, or by the names the user's config says.
    pub fn in_production(&self) -> bool {
        self.workspace().is_some_and(|workspace| self.is_production(workspace))
    }

    /// Whether a workspace is production.
    pub fn is_production(&self, workspace: &Workspace) -> bool {
        workspace.is_production() || self.start.production.iter().any(|pattern| glob(pattern, workspace.name.raw()))
    }

    /// Whether a text field hears the keys, so that letters are letters.
    pub fn in_text(&self) -> bool {
        match self.top() {
            Some(Overlay::Form(_) | Overlay::Palette(_)) => true,
            Some(Overlay::Confirm(confirm)) => confirm.typed.is_some(),
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
        who.and_then(|who| self.account(&who.account)).or_else(|| self.accounts.list.rows().first())
    }

    /// The secret under the cursor, if its name is one that can be asked for.
    pub fn secret(&self) -> Option<(&Vault, &Secret, SecretName)> {
        let secret = self.secrets.shelf.list.current()?;
        Some((self.secrets.vault.as_ref()?, secret, SecretName::parse(secret.name.raw()).ok()?))
    }

    /// A name of an open field's text, for the few prompts that take one.
    pub fn name_in(field: &Open) -> Result<SecretName, String> {
        SecretName::parse(field.text().trim()).map_err(|bad| bad.to_string())
    }
}

/// Whether `name` fits a pattern in which `*` stands for any letters; case does not matter.
fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(head) else { return false };
    let (middle, last) = tail.rsplit_once('*').unwrap_or(("", tail));
    for piece in middle.split('*') {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

impl Row for Account {
    fn key(&self) -> String {
        self.id.to_string()
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}

impl Row for Workspace {
    fn key(&self) -> String {
        self.id.as_str().to_lowercase()
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}

impl Row for Secret {
    fn key(&self) -> String {
        self.name.raw().to_lowercase()
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}

impl Row for SecretVersion {
    fn key(&self) -> String {
        self.secret.version.as_ref().map(|version| version.raw().to_owned()).unwrap_or_default()
    }
    fn name(&self) -> &Untrusted {
        self.secret.version.as_ref().unwrap_or(&self.secret.name)
    }
}

impl Row for DeletedSecret {
    fn key(&self) -> String {
        self.secret.name.raw().to_lowercase()
    }
    fn name(&self) -> &Untrusted {
        &self.secret.name
    }
}

impl Row for Endpoint {
    fn key(&self) -> String {
        self.id.as_str().to_lowercase()
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn production_patterns_are_globs() {
        assert!(glob("*-prod", "ws-PROD") && glob("prod*", "production") && glob("ws-*-live", "ws-a-live-live"));
        assert!(glob("ws-prod", "ws-prod") && !glob("ws-prod", "ws-prod2") && !glob("*-prod", "ws-prod-old"));
    }
}
