//! What went wrong, in words for a person: what we were doing, why it failed, what to do next.

use std::borrow::Cow;
use std::fmt;

use super::{Moment, SafeText, Untrusted};

/// What sort of failure it is; the command line's exit code follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It failed, and asking again would fail the same way.
    Failed,
    /// What was asked for makes no sense; nothing was sent.
    Misused,
    /// Nobody is signed in, or the login has ended.
    SignedOut,
    /// Whoever is signed in may not do this.
    Forbidden(Box<Denied>),
    /// There is no such thing.
    NotFound,
    /// It clashes with something that is there.
    Conflict,
    /// The service asks to wait, until then where it said so.
    TryLater(Option<Moment>),
    /// The service cannot be reached.
    Offline,
    /// A change was sent and its answer was lost: it may have happened.
    Unknown,
    /// Somebody stopped it.
    Interrupted,
}

/// Who may not do what, on what, and which roles would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denied {
    /// The account's name, where known.
    pub who: Option<Untrusted>,
    /// Its object id, as the service saw it.
    pub object_id: Option<Untrusted>,
    /// What it may not do, in words: `list the secrets of kv-prod`.
    pub may_not: String,
    /// Azure's name of it: `Microsoft.KeyVault/vaults/secrets/readMetadata/action`.
    pub action: Option<Untrusted>,
    /// On what: the vault or workspace.
    pub resource: Untrusted,
    /// Its resource group, where known.
    pub resource_group: Option<Untrusted>,
    /// Its subscription, where known.
    pub subscription: Option<Untrusted>,
    /// What said no.
    pub guard: Guard,
    /// Which roles or permissions would do, the smallest first.
    pub roles: Vec<RoleAdvice>,
}

/// What can say no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guard {
    /// No role assignment allows it.
    #[default]
    Role,
    /// The vault's access policies do not allow it.
    Policy,
    /// The vault's firewall does not let this address in.
    Firewall,
    /// Only private links lead in.
    PrivateLink,
}

impl Guard {
    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Role => "by role",
            Self::Policy => "by access policy",
            Self::Firewall => "by firewall",
            Self::PrivateLink => "private link only",
        }
    }
}

/// A role that would do, and what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleAdvice {
    /// Azure's name of the role or permission.
    pub role: &'static str,
    /// What it gives: `names and values`.
    pub gives: &'static str,
}

/// What the service said, in its own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AzureWords {
    /// The HTTP status; 0 where no answer came.
    pub status: u16,
    /// Its code, the innermost that says something: `ForbiddenByRbac`, `AADSTS7000215`.
    pub code: Untrusted,
    /// Its message.
    pub message: Untrusted,
    /// What support asks for.
    pub request_id: Option<Untrusted>,
}

/// Something that did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What sort it is.
    pub kind: Kind,
    /// What was being done: `list the secrets of kv-demo`.
    pub doing: Cow<'static, str>,
    /// Why it failed. Clean, and never with a value in it.
    pub cause: String,
    /// What to do next.
    pub hint: Option<String>,
    /// What Azure said.
    pub azure: Option<Box<AzureWords>>,
}

impl Failure {
    /// A failure in our own words; parts of `cause` that came from outside are cleaned here.
    pub fn new(kind: Kind, doing: impl Into<Cow<'static, str>>, cause: impl AsRef<str>) -> Self {
        Self { kind, doing: doing.into(), cause: SafeText::of(cause.as_ref()).into_owned(), hint: None, azure: None }
    }

    /// What was asked for makes no sense.
    pub fn misused(doing: impl Into<Cow<'static, str>>, cause: impl AsRef<str>) -> Self {
        Self::new(Kind::Misused, doing, cause)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(SafeText::of(&hint.into()).into_owned());
        self
    }

    /// Adds what Azure said.
    #[must_use]
    pub fn azure(mut self, words: AzureWords) -> Self {
        self.azure = Some(Box::new(words));
        self
    }

    /// Whether one tenant wants more than the login has, multi-factor authentication first of all: signing in once more, to
    /// that tenant, helps.
    pub fn asks_for_more(&self) -> bool {
        const MORE: [&str; 5] = ["AADSTS50074", "AADSTS50076", "AADSTS50078", "AADSTS50079", "AADSTS50158"];
        self.azure.as_ref().is_some_and(|azure| MORE.contains(&azure.code.raw()))
    }

    /// What a tenant asks for that the login lacks: `asks for multi-factor authentication`.
    pub fn demand(&self) -> &str {
        self.cause.find("asks ").map_or("asks for more than this login has", |at| &self.cause[at..])
    }

    /// The command line's exit code (README, "Exit codes").
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::Misused => 2,
            Kind::SignedOut => 3,
            Kind::Forbidden(_) => 4,
            Kind::NotFound => 5,
            Kind::Conflict => 6,
            Kind::TryLater(_) | Kind::Offline => 7,
            Kind::Unknown => 8,
            Kind::Interrupted => 130,
        }
    }

    /// The sentence for it: `could not list the secrets of kv-demo: the answer was cut short`.
    pub fn sentence(&self) -> String {
        match self.kind {
            Kind::Unknown => format!("it is not known whether amlock could {}: {}", self.doing, self.cause),
            Kind::Interrupted => format!("stopped before it could {}: {}", self.doing, self.cause),
            _ => format!("could not {}: {}", self.doing, self.cause),
        }
    }

    /// [`Failure::sentence`] where it stands alone: with a capital letter and a full stop.
    pub fn as_sentence(&self) -> String {
        let text = self.sentence();
        let mut letters = text.chars();
        let mut out: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
        out.push_str(letters.as_str());
        if !out.ends_with(['.', '!', '?']) {
            out.push('.');
        }
        out
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl std::error::Error for Failure {}
