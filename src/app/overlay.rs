//! What lies over the panes.

use crate::domain::{
    AccountId, DeletedSecret, Endpoint, EndpointKeys, EndpointToken, Failure, Kind, Moment, SecretName, SecretValue,
    SecretVersion, Stranger, Tenant, Untrusted, Vault, WhichKey,
};

use super::form::{Confirm, Form};
use super::palette::Palette;
use super::shelf::Shelf;
use super::way::{DevicePrompt, PagePrompt, SignInMenu};

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

/// The tenants of one account.
#[derive(Debug)]
pub struct Tenants {
    /// The account.
    pub account: AccountId,
    /// Its tenants.
    pub shelf: Shelf<Tenant>,
}

/// The versions of one secret.
#[derive(Debug)]
pub struct Versions {
    /// The secret.
    pub name: SecretName,
    /// Its versions.
    pub shelf: Shelf<SecretVersion>,
}

/// A failure's whole text.
#[derive(Debug)]
pub struct Words {
    /// The failure.
    pub failure: Failure,
    /// Lines scrolled.
    pub scroll: usize,
}

impl Words {
    /// About how many lines it takes.
    pub(super) fn lines(&self, columns: usize) -> usize {
        let azure = self.failure.azure.as_ref().map_or(0, |words| folded(words.message.raw(), columns) + 4);
        let hint = self.failure.hint.as_deref().map_or(0, |hint| folded(hint, columns));
        let roles = match &self.failure.kind {
            Kind::Forbidden(denied) => denied.roles.len() + 6,
            _ => 0,
        };
        folded(&self.failure.sentence(), columns) + hint + roles + azure
    }
}

/// Lines of text in so many columns.
fn folded(text: &str, columns: usize) -> usize {
    text.split('\n').map(|line| line.chars().count().div_ceil(columns.max(1)).max(1)).sum()
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
    /// A page for a browser on this machine.
    Page(PagePrompt),
    /// A login that became somebody else's.
    Stranger(Box<Stranger>),
    /// A form to fill in.
    Form(Box<Form>),
    /// A question before something is done.
    Confirm(Box<Confirm>),
    /// An account's tenants.
    Tenants(Box<Tenants>),
    /// A secret's versions.
    Versions(Box<Versions>),
    /// The vault's deleted secrets.
    Deleted(Box<Shelf<DeletedSecret>>),
    /// An endpoint's keys or token.
    Keys(Box<KeySheet>),
    /// The shown value.
    Reveal(Box<Reveal>),
    /// A failure's whole text.
    Words(Box<Words>),
}

impl Overlay {
    /// Whether it is a way to sign in, which has the whole screen and shows nothing that would have to be hidden.
    pub fn is_way_in(&self) -> bool {
        matches!(self, Self::SignIn(_) | Self::Device(_) | Self::Page(_))
    }

    /// Whether it has the whole screen.
    pub fn covers_all(&self) -> bool {
        self.is_way_in() || matches!(self, Self::Stranger(_))
    }
}
