//! The one table of bindings: which key is heard where, what it means, and the words for it.

use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::model::Pane;

/// Where a binding is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// In every place.
    Everywhere,
    /// In every pane.
    Panes,
    /// In every list, also in overlays.
    Lists,
    /// Pane 1.
    Accounts,
    /// Pane 2.
    Workspaces,
    /// Pane 3.
    Secrets,
    /// Pane 4.
    Endpoints,
    /// While a filter is typed.
    Filter,
    /// The shown value.
    Reveal,
    /// An endpoint's keys or token.
    Keys,
    /// An account's tenants.
    Tenants,
    /// A secret's versions.
    Versions,
    /// Deleted secrets.
    Deleted,
    /// A form.
    Form,
    /// The form for a service principal.
    Principal,
    /// A question.
    Confirm,
    /// A question that the typed name answers.
    TypedConfirm,
    /// The ways in.
    SignIn,
    /// A device code.
    Device,
    /// The tenant to sign in to, while it is typed.
    Tenant,
    /// A page for a browser on this machine.
    Page,
    /// A login that became somebody else's.
    Stranger,
    /// The help screen, and a failure's whole text.
    Reading,
    /// The palette.
    Palette,
}

/// How many scopes there are.
pub(super) const SCOPES: usize = Scope::Palette as usize + 1;

impl Scope {
    /// Its title in the help and the README.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Panes => "In the panes",
            Self::Lists => "In lists",
            Self::Accounts => "Accounts",
            Self::Workspaces => "Workspaces",
            Self::Secrets => "Secrets",
            Self::Endpoints => "Endpoints",
            Self::Filter => "While filtering",
            Self::Reveal => "A revealed value",
            Self::Keys => "An endpoint's keys and tokens",
            Self::Tenants => "Tenants of an account",
            Self::Versions => "Versions of a secret",
            Self::Deleted => "Deleted secrets",
            Self::Form => "Forms",
            Self::Principal => "Signing in as a service principal",
            Self::Confirm => "Questions",
            Self::TypedConfirm => "Questions that want a name typed",
            Self::SignIn => "Signing in",
            Self::Device => "Device code",
            Self::Tenant => "The tenant to sign in to",
            Self::Page => "Signing in with a browser",
            Self::Stranger => "A login that became somebody else's",
            Self::Reading => "Help and messages",
            Self::Palette => "Commands",
        }
    }
}

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is explained by its row in BINDINGS")]
pub enum Command {
    GoTo(Pane),
    NextPane,
    PreviousPane,
    Filter,
    Palette,
    Help,
    Refresh,
    Details,
    HideAll,
    Quit,
    Back,
    Interrupt,
    Suspend,
    Repaint,
    Down,
    Up,
    PageDown,
    PageUp,
    Home,
    End,
    Sort,
    Narrow,
    Tenants,
    ChooseTenant,
    SignIn,
    SignOut,
    OpenWorkspace,
    Reveal,
    Copy,
    NewValue,
    Attributes,
    NewSecret,
    Versions,
    Delete,
    Deleted,
    OpenByName,
    OpenKeys,
    CopyKey,
    Regenerate,
    CloseFilter,
    ClearFilter,
    Hold,
    Marks,
    Hide,
    RevealKey,
    CopyVersion,
    RevealVersion,
    Recover,
    Purge,
    Save,
    NextField,
    PreviousField,
    Yes,
    Always,
    No,
    ChooseWay,
    OpenDemo,
    CopyCode,
    CopyAddress,
    Tenant,
    KeepTenant,
    DropTenant,
    AskAgain,
    CodeInstead,
    KeepStranger,
    Run,
    Words,
}

/// A key as the table has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// With which modifiers; shift is in the letter.
    pub modifiers: KeyModifiers,
}

impl Key {
    /// Whether `event` is this key.
    pub(super) fn fits(&self, event: KeyEvent) -> bool {
        let shift_is_in_it = matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab);
        let modifiers = if shift_is_in_it { event.modifiers - KeyModifiers::SHIFT } else { event.modifiers };
        event.code == self.code && modifiers == self.modifiers
    }

    /// How it is written in the footer and the README.
    pub fn label(&self) -> String {
        let mut text = String::new();
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            text.push_str("ctrl-");
        }
        match self.code {
            KeyCode::Char(' ') => text.push_str("space"),
            KeyCode::Char(c) => text.push(c),
            KeyCode::Enter => text.push('⏎'),
            KeyCode::Esc => text.push_str("esc"),
            KeyCode::Tab => text.push_str("tab"),
            KeyCode::BackTab => text.push_str("shift-tab"),
            KeyCode::Up => text.push('↑'),
            KeyCode::Down => text.push('↓'),
            KeyCode::Home => text.push_str("home"),
            KeyCode::End => text.push_str("end"),
            KeyCode::PageUp => text.push_str("page up"),
            KeyCode::PageDown => text.push_str("page down"),
            other => {
                let _ = write!(text, "{other}");
            }
        }
        text
    }
}

const fn ch(c: char) -> Key {
    Key { code: KeyCode::Char(c), modifiers: KeyModifiers::NONE }
}

const fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), modifiers: KeyModifiers::CONTROL }
}

const fn key(code: KeyCode) -> Key {
    Key { code, modifiers: KeyModifiers::NONE }
}

/// One row of the table.
#[derive(Debug, PartialEq)]
pub struct Binding {
    /// Where it is heard.
    pub scope: Scope,
    /// Which keys.
    pub keys: &'static [Key],
    /// What they mean.
    pub command: Command,
    /// The word in the footer; empty rows do not stand there.
    pub short: &'static str,
    /// The line in the help and the palette.
    pub help: &'static str,
}

const fn bind(
    scope: Scope,
    keys: &'static [Key],
    command: Command,
    short: &'static str,
    help: &'static str,
) -> Binding {
    Binding { scope, keys, command, short, help }
}

use Command as C;
use KeyCode::{BackTab, Down, End, Enter, Esc, Home, PageDown, PageUp, Tab, Up};
use Scope as S;

/// Every binding. Within a scope the footer shows them in this order.
#[rustfmt::skip]
pub static BINDINGS: &[Binding] = &[
    bind(S::Accounts,   &[key(Enter)],              C::Narrow,        "narrow",     "Show only this account's workspaces, or all again"),
    bind(S::Accounts,   &[ch('a')],                 C::SignIn,        "sign in",    "Sign in"),
    bind(S::Accounts,   &[ch('d')],                 C::SignOut,       "sign out",   "Sign this account out"),
    bind(S::Accounts,   &[ch('t')],                 C::Tenants,       "tenants",    "Show this account's tenants, and the workspaces of one"),
    bind(S::Workspaces, &[key(Enter)],              C::OpenWorkspace, "open",       "Open the workspace: its secrets and endpoints"),
    bind(S::Secrets,    &[key(Enter)],              C::Reveal,        "reveal",     "Reveal the value for a few seconds"),
    bind(S::Secrets,    &[ch('y')],                 C::Copy,          "copy",       "Copy the value to the clipboard"),
    bind(S::Secrets,    &[ch('e')],                 C::NewValue,      "value",      "Set a new value"),
    bind(S::Secrets,    &[ch('n')],                 C::NewSecret,     "new",        "Make a new secret"),
    bind(S::Secrets,    &[ch('v')],                 C::Versions,      "versions",   "Show its versions"),
    bind(S::Secrets,    &[ch('t')],                 C::Attributes,    "attributes", "Change its type, tags, expiry, or turn it off"),
    bind(S::Secrets,    &[ch('d')],                 C::Delete,        "delete",     "Delete the secret (it can be recovered)"),
    bind(S::Secrets,    &[ch('u')],                 C::Deleted,       "deleted",    "Show deleted secrets: recover, purge"),
    bind(S::Secrets,    &[ch('o')],                 C::OpenByName,    "open by name", "Open one secret by its exact name"),
    bind(S::Endpoints,  &[key(Enter)],              C::OpenKeys,      "keys or token", "Show the endpoint's keys or token, masked"),
    bind(S::Endpoints,  &[ch('y')],                 C::CopyKey,       "copy",       "Copy the primary key, or the token"),
    bind(S::Endpoints,  &[ch('x')],                 C::Regenerate,    "regenerate", "Regenerate a key of the endpoint"),

    bind(S::Panes,      &[ch('/')],                 C::Filter,        "filter",     "Filter the list as you type"),
    bind(S::Panes,      &[ch('r')],                 C::Refresh,       "refresh",    "Fetch the list anew"),
    bind(S::Panes,      &[ch(':')],                 C::Palette,       "commands",   "Find a command by its name"),
    bind(S::Panes,      &[ch('s')],                 C::Sort,          "sort",       "Sort by the next column"),
    bind(S::Panes,      &[ch('i')],                 C::Details,       "details",    "Unfold or fold the details"),
    bind(S::Panes,      &[ch('1')],                 C::GoTo(Pane::Accounts),   "", "Go to the accounts"),
    bind(S::Panes,      &[ch('2')],                 C::GoTo(Pane::Workspaces), "", "Go to the workspaces"),
    bind(S::Panes,      &[ch('3')],                 C::GoTo(Pane::Secrets),    "", "Go to the secrets"),
    bind(S::Panes,      &[ch('4')],                 C::GoTo(Pane::Endpoints),  "", "Go to the endpoints"),
    bind(S::Panes,      &[key(Tab)],                C::NextPane,      "panes",      "Go to the next pane"),
    bind(S::Panes,      &[key(BackTab)],            C::PreviousPane,  "",           "Go to the pane before"),

    bind(S::Lists,      &[ch('j'), key(Down)],      C::Down,          "",           "Go down"),
    bind(S::Lists,      &[ch('k'), key(Up)],        C::Up,            "",           "Go up"),
    bind(S::Lists,      &[ctrl('d'), key(PageDown)], C::PageDown,     "",           "Go down half a page"),
    bind(S::Lists,      &[ctrl('u'), key(PageUp)],  C::PageUp,        "",           "Go up half a page"),
    bind(S::Lists,      &[ch('g'), key(Home)],      C::Home,          "",           "Go to the first row"),
    bind(S::Lists,      &[ch('G'), key(End)],       C::End,           "",           "Go to the last row"),

    bind(S::Filter,     &[key(Enter)],              C::CloseFilter,   "keep",       "Close the field and keep the filter"),
    bind(S::Filter,     &[key(Esc)],                C::ClearFilter,   "clear",      "Drop the filter"),
    bind(S::Filter,     &[key(Down)],               C::Down,          "",           "Go down"),
    bind(S::Filter,     &[key(Up)],                 C::Up,            "",           "Go up"),

    bind(S::Reveal,     &[key(Esc), key(Enter), ch('q')], C::Hide,    "hide",       "Hide the value"),
    bind(S::Reveal,     &[ch('h')],                 C::Hold,          "hold",       "Keep it for 60 seconds, also when the window loses the focus"),
    bind(S::Reveal,     &[ch('y')],                 C::Copy,          "copy",       "Copy the value to the clipboard"),
    bind(S::Reveal,     &[ch('m')],                 C::Marks,         "marks",      "Mark blanks, tabs and line ends"),

    bind(S::Keys,       &[key(Enter)],              C::RevealKey,     "show, hide", "Reveal the key for a few seconds, or hide it"),
    bind(S::Keys,       &[ch('y')],                 C::CopyKey,       "copy",       "Copy the key under the cursor"),
    bind(S::Keys,       &[ch('x')],                 C::Regenerate,    "regenerate", "Regenerate the key under the cursor"),
    bind(S::Keys,       &[ch('r')],                 C::Refresh,       "refresh",    "Fetch it anew"),
    bind(S::Tenants,    &[key(Enter)],              C::ChooseTenant,  "narrow",     "Show only this tenant's workspaces, or all again"),
    bind(S::Tenants,    &[ch('a')],                 C::SignIn,        "sign in there", "Sign in once more, to this tenant"),
    bind(S::Tenants,    &[ch('r')],                 C::Refresh,       "refresh",    "Fetch the list anew"),
    bind(S::Versions,   &[key(Enter)],              C::RevealVersion, "reveal",     "Reveal this version's value"),
    bind(S::Versions,   &[ch('y')],                 C::CopyVersion,   "copy",       "Copy this version's value"),
    bind(S::Deleted,    &[key(Enter), ch('u')],     C::Recover,       "recover",    "Bring the secret back with all its versions"),
    bind(S::Deleted,    &[ch('p')],                 C::Purge,         "purge",      "Forget the secret for good"),
    bind(S::Deleted,    &[ch('r')],                 C::Refresh,       "refresh",    "Fetch the list anew"),

    bind(S::Form,       &[key(Enter)],              C::Save,          "save",       "Save"),
    bind(S::Form,       &[key(Tab), key(Down)],     C::NextField,     "next field", "Go to the next field"),
    bind(S::Form,       &[key(BackTab), key(Up)],   C::PreviousField, "",           "Go to the field before"),
    bind(S::Form,       &[key(Esc)],                C::Back,          "cancel",     "Leave without saving"),
    bind(S::Principal,  &[key(Enter)],              C::Save,          "sign in",    "Sign in, or go on to what is missing"),
    bind(S::Principal,  &[key(Tab), key(Down)],     C::NextField,     "next field", "Go to the next field"),
    bind(S::Principal,  &[key(BackTab), key(Up)],   C::PreviousField, "",           "Go to the field before"),
    bind(S::Principal,  &[key(Esc)],                C::Back,          "cancel",     "Stop signing in, or leave the form"),
    bind(S::Confirm,    &[ch('y')],                 C::Yes,           "yes",        "Do it"),
    bind(S::Confirm,    &[ch('a')],                 C::Always,        "always",     "Do it from now on without asking, and remember that in the config"),
    bind(S::Confirm,    &[ch('n'), key(Esc)],       C::No,            "no",         "Do not do it"),
    bind(S::TypedConfirm, &[key(Enter)],            C::Yes,           "do it",      "Do it, once the name is typed"),
    bind(S::TypedConfirm, &[key(Esc)],              C::No,            "no",         "Do not do it"),

    bind(S::SignIn,     &[key(Enter)],              C::ChooseWay,     "sign in",    "Sign in this way"),
    bind(S::SignIn,     &[ch('t')],                 C::Tenant,        "tenant",     "Name the tenant to sign in to"),
    bind(S::SignIn,     &[ch('D')],                 C::OpenDemo,      "open the demo", "Leave and open the demo"),
    bind(S::Device,     &[key(Enter)],              C::AskAgain,      "new code",   "Ask for a new code, after the one before did not lead in"),
    bind(S::Device,     &[ch('y')],                 C::CopyCode,      "copy code",  "Copy the code"),
    bind(S::Device,     &[ch('u')],                 C::CopyAddress,   "copy address", "Copy the address"),
    bind(S::Tenant,     &[key(Enter)],              C::KeepTenant,    "keep",       "Close the field and keep the tenant; an empty one is the account's own"),
    bind(S::Tenant,     &[key(Esc)],                C::DropTenant,    "undo",       "Leave the tenant as it was"),
    bind(S::Page,       &[ch('d')],                 C::CodeInstead,   "device code instead", "Sign in with a code on any device instead"),
    bind(S::Page,       &[key(Enter)],              C::AskAgain,      "try again",  "Open the page once more, after it did not lead in"),
    bind(S::Page,       &[ch('u')],                 C::CopyAddress,   "copy address", "Copy the page's address"),
    bind(S::Stranger,   &[ch('k')],                 C::KeepStranger,  "keep it",    "Go on with the login as whoever it belongs to now"),
    bind(S::Stranger,   &[ch('d')],                 C::SignOut,       "sign out",   "Sign this account out"),
    bind(S::Palette,    &[key(Enter)],              C::Run,           "run",        "Run the command"),
    bind(S::Palette,    &[key(Down)],               C::Down,          "",           "Go down"),
    bind(S::Palette,    &[key(Up)],                 C::Up,            "",           "Go up"),
    bind(S::Palette,    &[key(Esc)],                C::Back,          "close",      "Close"),
    bind(S::Reading,    &[key(Enter)],              C::Back,          "close",      "Close"),

    bind(S::Everywhere, &[ch('!')],                 C::Words,         "",           "Show the whole of what went wrong"),
    bind(S::Everywhere, &[ch('L')],                 C::HideAll,       "",           "Hide everything now: values, prompts, what was copied"),
    bind(S::Everywhere, &[key(Esc)],                C::Back,          "back",       "Leave one layer: field, value, overlay, load, filter"),
    bind(S::Everywhere, &[ch('q')],                 C::Quit,          "quit",       "Close the overlay, or leave amlock"),
    bind(S::Everywhere, &[ctrl('c')],               C::Interrupt,     "",           "Leave amlock"),
    bind(S::Everywhere, &[ctrl('z')],               C::Suspend,       "",           "Stop amlock until it is called back"),
    bind(S::Everywhere, &[ctrl('l')],               C::Repaint,       "",           "Draw the screen anew"),
    bind(S::Everywhere, &[ch('?')],                 C::Help,          "keys",       "Show every key"),
];
