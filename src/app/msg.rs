//! What can happen to the app, and what it may ask of the world: plain data that names its subject.

use std::fmt;

use crossterm::event::KeyEvent;

use crate::domain::{
    Account, AccountId, Changes, DeletedSecret, DeviceCode, Endpoint, EndpointKeys, EndpointList, EndpointToken,
    Expect, Failure, Kept, Moment, NewSecret, Polling, Regenerated, ResourceId, Sealed, Secret, SecretName,
    SecretValue, SecretVersion, SetDone, Stranger, Subscription, Tenant, Untrusted, Vault, WhichKey, Who, Workspace,
    Zone,
};

use super::flight::{Lane, Ticket};
use super::way::{SignInWith, Way};

/// Everything that can happen to the app.
pub enum Msg {
    /// What time it is. Comes before anything else that happened at that time.
    Clock(Moment),
    /// A key, in a box that is wiped when it is dropped: keys in a row may be a secret, and queues keep what went through.
    Key(Box<KeyEvent>),
    /// Pasted text.
    Paste(Sealed),
    /// The terminal's size in columns and rows.
    Resized(u16, u16),
    /// The terminal got (`true`) or lost the focus.
    Focus(bool),
    /// amlock was stopped and goes on.
    Resumed,
    /// What colour the terminal's ground is.
    Ground(Ground),
    /// Which zone dates are shown in.
    Zone(Zone),
    /// Something happened that a line on the screen should tell.
    Told(String),
    /// Part of an answer; more may follow.
    Reply(Ticket, Box<Answer>),
    /// The question is over: nothing more comes on this ticket.
    Landed(Ticket, Result<(), Failure>),
}

impl fmt::Debug for Msg {
    /// Never a key or a paste: each may be a letter of a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock(now) => write!(f, "Clock({now})"),
            Self::Key(_) => f.write_str("Key(_)"),
            Self::Paste(_) => f.write_str("Paste(_)"),
            Self::Resized(columns, rows) => write!(f, "Resized({columns}, {rows})"),
            Self::Focus(focused) => write!(f, "Focus({focused})"),
            Self::Resumed => f.write_str("Resumed"),
            Self::Ground(ground) => write!(f, "Ground({ground:?})"),
            Self::Zone(zone) => write!(f, "Zone({:?})", zone.iana_name()),
            Self::Told(words) => write!(f, "Told({words:?})"),
            Self::Reply(ticket, answer) => write!(f, "Reply({ticket:?}, {answer:?})"),
            Self::Landed(ticket, outcome) => write!(f, "Landed({ticket:?}, {outcome:?})"),
        }
    }
}

/// What the terminal writes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ground {
    /// Not known (yet).
    #[default]
    Unknown,
    /// A dark ground.
    Dark,
    /// A light ground.
    Light,
}

/// Everything the app may ask of the world.
#[derive(Debug)]
pub enum Effect {
    /// Put a question.
    Ask(Ticket, Box<Query>),
    /// Nobody waits for this lane any more.
    Cancel(Lane),
    /// Take our value from the clipboard, if it is still there.
    ClearClipboard,
    /// Remember in the user's config that copies may go through the terminal.
    RememberTerminalCopies,
    /// Stop, as ctrl-z does.
    Suspend,
    /// Write the whole screen anew.
    Repaint,
    /// Leave, and come back in the demo.
    OpenDemo,
    /// Leave.
    Quit,
}

/// What is to be copied.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum CopyOf {
    /// The value of a secret, of a version or the newest.
    Secret(Vault, SecretName, Option<Untrusted>),
    /// A key of an endpoint.
    Key(Box<Endpoint>, WhichKey),
    /// The token of an endpoint.
    Token(Box<Endpoint>),
    /// Something that is no secret, and what it is.
    Text(&'static str, Untrusted),
}

/// A question.
#[derive(Debug)]
pub enum Query {
    /// Who is signed in, and which ways in there are.
    Accounts,
    /// Sign in.
    SignIn(SignInWith),
    /// Take whoever a login's newest token speaks for as the one it is.
    KeepStranger(AccountId),
    /// Forget a login.
    SignOut(AccountId),
    /// The tenants of an account.
    Tenants(Who),
    /// Workspaces.
    Workspaces {
        /// Of these identities.
        of: Vec<Who>,
        /// Those in their other tenants, too.
        everywhere: bool,
        /// Whether one that somebody named is opened as soon as it is found: its vault will want a token.
        opens: bool,
    },
    /// The vault of a workspace and its secrets.
    OpenVault(Box<Workspace>),
    /// A vault by its name and its secrets.
    OpenVaultNamed(Who, String),
    /// The secrets of a vault.
    Secrets(Vault),
    /// The deleted secrets of a vault.
    Deleted(Vault),
    /// The versions of a secret.
    Versions(Vault, SecretName),
    /// A value, to be shown.
    Reveal(Vault, SecretName, Option<Untrusted>),
    /// Something from its service to the clipboard; it never enters the model. Through the terminal only where that was allowed.
    Copy(CopyOf, bool),
    /// Set a value.
    Set(Vault, Box<NewSecret>, Expect),
    /// Change what is kept beside a value.
    Update(Vault, SecretName, Box<Changes>),
    /// Delete a secret.
    Delete(Vault, SecretName),
    /// Bring a deleted secret back.
    Recover(Vault, SecretName),
    /// Forget a deleted secret for good.
    Purge(Vault, SecretName),
    /// The endpoints of a workspace.
    Endpoints(Who, ResourceId),
    /// The keys of an endpoint.
    Keys(Box<Endpoint>),
    /// The token of an endpoint.
    Token(Box<Endpoint>),
    /// Regenerate a key.
    Regenerate(Box<Endpoint>, WhichKey),
}

/// Part of an answer. It names its subject: by the time it comes the cursor may be elsewhere.
#[derive(Debug)]
pub enum Answer {
    /// Azure asks to wait until then; after that it is asked once more.
    Waits(Moment),
    /// The Azure CLI is asked for a token; or, with no, it has answered.
    AsksAz(bool),
    /// The vault is still busy with an earlier change to the same secret; it is asked again.
    StillBusy,
    /// A change was sent and its answer was lost: now it is looked whether it was done.
    Lost,
    /// Who is signed in, which ways in there are, and whether a login would be remembered.
    Accounts {
        /// The accounts.
        accounts: Vec<Account>,
        /// The ways in.
        ways: Vec<Way>,
        /// Where a login made now is kept.
        keeps: Kept,
        /// The subscriptions that the Azure CLI's accounts see, by az's own notes.
        seen: Vec<(AccountId, Vec<Subscription>)>,
    },
    /// The code to type in a browser.
    DeviceCode(DeviceCode),
    /// How the wait for whoever types it goes.
    Polling(Polling),
    /// The page for a browser on this machine, and whether one was started on it.
    Page(Untrusted, bool),
    /// A login's newest token is somebody else's.
    Stranger(Stranger),
    /// An account, of which its first token told more.
    Account(Account),
    /// Somebody signed in.
    SignedIn(Account),
    /// A login was forgotten.
    SignedOut(AccountId),
    /// The tenants an account is in.
    Tenants(AccountId, Vec<Tenant>),
    /// Some workspaces of an identity.
    Workspaces(Who, Vec<Workspace>),
    /// The workspaces of an identity could not be listed.
    NoWorkspaces(Who, Failure),
    /// The vault that was asked for.
    Vault(Vault),
    /// Some secrets of a vault.
    Secrets(String, Vec<Secret>),
    /// Some deleted secrets of a vault.
    Deleted(String, Vec<DeletedSecret>),
    /// The versions of a secret.
    Versions(SecretName, Vec<SecretVersion>),
    /// A value to show.
    Revealed {
        /// The vault.
        vault: Vault,
        /// The secret.
        name: SecretName,
        /// The version that was asked for; none: the newest.
        version: Option<Untrusted>,
        /// The value.
        value: SecretValue,
    },
    /// Something went to the clipboard.
    Copied {
        /// What: a secret's name, a key of an endpoint.
        what: String,
        /// What is known of it: `Copied.`, `Sent to your terminal through tmux (not confirmed).`
        words: String,
        /// Whether there is something to clear later.
        clears: bool,
    },
    /// A copy needs an answer first: may it be sent through the terminal?
    AskClipboard,
    /// A value was set.
    Set(Vault, SetDone),
    /// Attributes were changed.
    Updated(Vault, Secret),
    /// A secret was deleted.
    SecretDeleted(Vault, SecretName, DeletedSecret),
    /// A secret came back.
    Recovered(Vault, SecretName, Secret),
    /// A secret is gone for good.
    Purged(Vault, SecretName),
    /// The endpoints of a workspace.
    Endpoints(ResourceId, EndpointList),
    /// The keys of an endpoint.
    Keys(ResourceId, EndpointKeys),
    /// The token of an endpoint.
    Token(ResourceId, EndpointToken),
    /// How far a long operation on an endpoint is, in Azure's word.
    Progress(ResourceId, Untrusted),
    /// A key was regenerated.
    Regenerated(ResourceId, Regenerated),
}
