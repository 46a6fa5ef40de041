//! Who we are: identities we can get tokens for, and what they may see.

use super::{AccountId, Cell, Columns, Head, Moment, Sealed, SubscriptionId, TenantId, Tone, Untrusted, until};

/// How an account signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// A person, by device code or browser.
    User,
    /// A service principal, by its secret.
    Principal,
    /// Whoever `az login` signed in.
    AzureCli,
    /// The identity of the machine we run on, or the person it was given to: only its token tells which.
    ManagedIdentity,
    /// A submitted run, by its own token: it reads its workspace's secrets and nothing else.
    Run,
}

/// Whom a token speaks for, by its own word (`idtyp`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOf {
    /// A person.
    User,
    /// An application, or a machine's identity.
    Application,
}

impl TokenOf {
    /// What the word in a token means; nothing where it is another one.
    pub fn read(idtyp: &str) -> Option<Self> {
        match idtyp {
            "user" => Some(Self::User),
            "app" => Some(Self::Application),
            _ => None,
        }
    }
}

/// Where a login lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In this machine's kernel keyring, until it is rebooted or the login is not used for some days: the kernel drops a user's
    /// persistent keyring after `/proc/sys/kernel/keys/persistent_keyring_expiry` seconds, usually three days.
    Keyring,
    /// In the keyring of the desktop: the Secret Service, the Keychain, the Credential Manager.
    Desktop,
    /// In this process only.
    Memory,
    /// In the Azure CLI's own files, which amlock never writes.
    AzureCli,
    /// In environment variables somebody set.
    Environment,
    /// On this machine, which has an identity of its own.
    Machine,
    /// In the variables of the submitted run we are in.
    Run,
}

impl Kept {
    /// What signing in with a login that was found there is called; none where amlock put it itself.
    pub fn way(self) -> Option<&'static str> {
        match self {
            Self::Keyring | Self::Desktop | Self::Memory => None,
            Self::AzureCli => Some("Azure CLI"),
            Self::Environment => Some("Environment"),
            Self::Machine => Some("Managed identity"),
            Self::Run => Some("This run"),
        }
    }

    /// Whether amlock put it where it outlives this process.
    pub fn remembered(self) -> bool {
        matches!(self, Self::Keyring | Self::Desktop)
    }

    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Keyring => "kernel keyring",
            Self::Desktop if cfg!(target_os = "macos") => "Keychain",
            Self::Desktop if cfg!(windows) => "Credential Manager",
            Self::Desktop => "Secret Service",
            Self::Memory => "this process only",
            Self::AzureCli => "Azure CLI",
            Self::Environment => "environment",
            Self::Machine => "this machine",
            Self::Run => "this run",
        }
    }
}

/// An identity we can get tokens for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What it is called among ourselves.
    pub id: AccountId,
    /// The user principal name, or the principal's name or client id.
    pub name: Untrusted,
    /// How it signs in.
    pub kind: AccountKind,
    /// The tenant it comes from.
    pub tenant: TenantId,
    /// That tenant's name, once it was looked up.
    pub tenant_name: Option<Untrusted>,
    /// Its object id, once a token told it.
    pub object_id: Option<Untrusted>,
    /// Whom its tokens speak for, once one told it.
    pub token_of: Option<TokenOf>,
    /// Where the login lives.
    pub kept: Kept,
    /// When it ends, where it cannot renew itself.
    pub ends: Option<Moment>,
}

impl Account {
    /// The word for what it is. A machine's login is called after its token, and before there was one it claims nothing.
    pub fn word(&self) -> &'static str {
        match (self.kind, self.token_of) {
            (AccountKind::User, _) => "user",
            (AccountKind::Principal, _) => "principal",
            (AccountKind::AzureCli, _) => "az",
            (AccountKind::ManagedIdentity, None) => "machine",
            (AccountKind::ManagedIdentity, Some(_)) => self.speaks_for().unwrap_or_default(),
            (AccountKind::Run, _) => "run",
        }
    }

    /// In one word, whom its tokens speak for, once one told it.
    pub fn speaks_for(&self) -> Option<&'static str> {
        Some(match (self.token_of?, self.kind) {
            (TokenOf::User, _) => "user",
            (TokenOf::Application, AccountKind::ManagedIdentity) => "identity",
            (TokenOf::Application, _) => "application",
        })
    }

    /// Whose its tokens are, once one told it, where how it signs in leaves that open.
    pub fn whose_token(&self) -> Option<String> {
        let open = matches!(self.kind, AccountKind::ManagedIdentity | AccountKind::AzureCli);
        self.speaks_for().filter(|_| open).map(|whom| format!("the {whom}'s"))
    }

    /// Until when the login lasts, as far as anybody tells: Azure says so of no refresh token and no client secret.
    pub fn until(&self) -> &'static str {
        match (self.kind, self.kept) {
            (AccountKind::User, Kept::Keyring) => {
                "until this machine is rebooted, or the kernel drops it because it is not used, usually after 3 days; logging out of the machine does not end it"
            }
            (AccountKind::User, Kept::Desktop) => {
                "until it is signed out; Azure ends it when it is not used for long, usually 90 days"
            }
            (AccountKind::User, _) => "until amlock ends",
            (AccountKind::Principal, _) => "until its secret or certificate ends, which Azure does not tell",
            (AccountKind::AzureCli, _) => "until az is signed out",
            (AccountKind::ManagedIdentity, _) => "as long as this machine has it",
            (AccountKind::Run, _) => "until the run ends",
        }
    }
}

/// A directory of identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its display name.
    pub name: Untrusted,
    /// Its default domain.
    pub domain: Untrusted,
}

impl Tenant {
    /// Whether this is its id, or the domain it is called by.
    pub fn is(&self, called: &TenantId) -> bool {
        self.id == *called || self.domain.raw().eq_ignore_ascii_case(called.as_str())
    }
}

/// A subscription an account can see in a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Its display name.
    pub name: Untrusted,
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// `Enabled`, `Disabled`, `Warned`, ...
    pub state: Untrusted,
    /// Tenants that manage it through Azure Lighthouse.
    pub managed_by: Vec<TenantId>,
}

/// What a token says about itself. It is shown and compared; nothing is granted for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct TokenClaims {
    /// The tenant that issued it.
    pub tid: Option<String>,
    /// The object id of whom it speaks for.
    pub oid: Option<String>,
    /// The application that asked for it.
    pub appid: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The user principal name, as it is now.
    pub upn: Option<String>,
    /// `user` or `app`.
    pub idtyp: Option<String>,
    /// What it was made for.
    pub aud: Option<String>,
    /// Who issued it.
    pub iss: Option<String>,
    /// Application roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// What the application may do in the user's name, words with blanks between.
    pub scp: Option<String>,
    /// The resource id of the managed identity.
    pub xms_mirid: Option<String>,
    /// When it was issued, in seconds since 1970.
    pub iat: Option<i64>,
    /// When it ends, in seconds since 1970.
    pub exp: Option<i64>,
}

/// Which identity asks, in which tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Who {
    /// The account.
    pub account: AccountId,
    /// The tenant its tokens are for.
    pub tenant: TenantId,
}

/// What a person types at microsoft.com/devicelogin to let us in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    /// The code.
    pub user_code: Untrusted,
    /// Where it is typed.
    pub verification_uri: Untrusted,
    /// Until when it is good.
    pub expires: Moment,
}

/// How the wait for somebody who types a device code goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Polling {
    /// Microsoft says that nobody has approved it yet.
    #[default]
    Pending,
    /// Microsoft wants to be asked less often.
    Slower,
    /// No answer came; it is asked again.
    Unreachable,
}

/// A login whose newest token speaks for somebody else than before. Nothing goes out with it until somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The account.
    pub account: AccountId,
    /// Who it was.
    pub was: Untrusted,
    /// Who its newest token speaks for: a name, or an object id.
    pub now: Untrusted,
}

/// A token for a service, and until when it is good.
#[derive(Debug)]
pub struct AccessToken {
    /// The token.
    pub token: Sealed,
    /// When it ends.
    pub expires: Moment,
}

impl Columns for Account {
    const HEADS: &'static [Head] = &[
        Head::grows("NAME"),
        Head::fixed("KIND", 10),
        Head::fixed("TENANT", 18),
        Head::fixed("KEPT", 18),
        Head::fixed("ENDS", 12),
    ];

    fn cells(&self, now: Moment) -> Vec<Cell> {
        vec![
            Cell::text(self.name.show().into_owned()),
            Cell::text(self.word()),
            Cell::text(
                self.tenant_name.as_ref().map_or_else(|| self.tenant.to_string(), |name| name.show().into_owned()),
            ),
            Cell::text(self.kept.words()),
            self.ends.map_or_else(
                || Cell::secondary(if self.kind == AccountKind::Principal { "not told" } else { "renews" }),
                |at| Cell::toned(until(now, at), if at <= now { Tone::Danger } else { Tone::Plain }),
            ),
        ]
    }
}

impl Columns for Tenant {
    const HEADS: &'static [Head] =
        &[Head::grows("NAME"), Head::fixed("DOMAIN", 28), Head::fixed("TENANT ID", 36), Head::fixed("", 22)];

    fn cells(&self, _now: Moment) -> Vec<Cell> {
        let name = self.name.show().into_owned();
        vec![
            Cell::text(name),
            Cell::secondary(self.domain.show().into_owned()),
            Cell::secondary(self.id.to_string()),
            Cell::default(),
        ]
    }
}

impl Columns for Subscription {
    const HEADS: &'static [Head] =
        &[Head::grows("NAME"), Head::fixed("SUBSCRIPTION ID", 36), Head::fixed("STATE", 10), Head::fixed("TENANT", 36)];

    fn cells(&self, _now: Moment) -> Vec<Cell> {
        vec![
            Cell::text(self.name.show().into_owned()),
            Cell::text(self.id.to_string()),
            Cell::text(self.state.show().into_owned()),
            Cell::text(self.tenant.to_string()),
        ]
    }
}
