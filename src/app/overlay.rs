//! What lies over the panes.

use crate::domain::{
    DeletedSecret, DeviceCode, Endpoint, EndpointKeys, EndpointToken, Failure, Moment, SecretName, SecretValue,
    SecretVersion, Untrusted, Vault, WhichKey,
};

use super::form::{Confirm, Form};
use super::palette::Palette;
use super::shelf::Shelf;

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
