//! What was typed, nothing resolved: the grammar of the command line. What it means is found in `context`.
//!
//! The help texts here are the manual; `completions` and `man` are made from them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::args_endpoint::EndpointCommand;
use super::args_secret::SecretCommand;
use crate::cloud::AzureCloud;

const AFTER: &str = "\
Defaults come from flags, then AMLOCK_ACCOUNT, AMLOCK_TENANT, AMLOCK_WORKSPACE, AMLOCK_SUBSCRIPTION,
AMLOCK_RESOURCE_GROUP, AMLOCK_CLOUD and AZURE_*, then this folder's config.json, then `az configure` defaults, then the user's config. An empty variable is
as good as none. The demo ignores all of these variables, az and the user's config.

Exit codes: 0 done, 1 failed, 2 misused, 3 signed out, 4 forbidden, 5 not found, 6 conflict,
            7 try again later, 8 outcome unknown, 130 interrupted

No Azure at hand? `amlock --demo`";

/// The Azure Machine Learning keyring for the terminal: accounts, workspaces, the secrets in their vaults, and the keys
/// and tokens of their endpoints.
///
/// Without a command the screen opens.
#[derive(Debug, Parser)]
#[command(name = "amlock", version, after_help = AFTER, max_term_width = 110, disable_help_subcommand = true)]
pub(crate) struct Typed {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Typed {
    /// What most people type, understood without the grammar, which takes as long to build as the screen's first frame to draw:
    /// nothing at all, or the demo. Anything else is the grammar's.
    pub(crate) fn at_once(words: &[OsString]) -> Option<Self> {
        let demo = match words {
            [] => None,
            [demo] if demo == "--demo" => Some(String::new()),
            [demo] => Some(demo.to_str()?.strip_prefix("--demo=").filter(|world| !world.is_empty())?.to_owned()),
            _ => return None,
        };
        Some(Self { global: Global { demo, ..Global::default() }, command: None })
    }
}

/// Flags every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Where and who")]
#[expect(clippy::struct_excessive_bools, reason = "flags are what a command line has")]
pub(crate) struct Global {
    /// Use the Azure inside amlock: nothing real is touched. WORLD picks another one, e.g. `signed-out`
    #[arg(long, global = true, value_name = "WORLD", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) demo: Option<String>,
    /// The account to use: its name, the first letters of it, or its id; `managed-identity` is this machine's own [env:
    /// AMLOCK_ACCOUNT]
    #[arg(long, global = true, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Another tenant than the account's own: its id or a domain of it [env: AMLOCK_TENANT]
    #[arg(short, long, global = true, value_name = "TENANT")]
    pub(crate) tenant: Option<String>,
    /// The workspace: its name or its whole resource id [env: AMLOCK_WORKSPACE]
    #[arg(short, long, global = true, value_name = "NAME|ID")]
    #[arg(alias = "workspace-name")]
    pub(crate) workspace: Option<String>,
    /// A key vault by its name or resource id, without a workspace
    #[arg(long, global = true, value_name = "NAME|ID", visible_alias = "vault-name")]
    pub(crate) vault: Option<String>,
    /// The subscription: its id or its name [env: AMLOCK_SUBSCRIPTION]
    #[arg(short, long, global = true, value_name = "ID|NAME")]
    pub(crate) subscription: Option<String>,
    /// The resource group [env: AMLOCK_RESOURCE_GROUP]
    #[arg(short = 'g', long, global = true, value_name = "GROUP")]
    pub(crate) resource_group: Option<String>,
    /// Which Azure [env: AMLOCK_CLOUD]
    #[arg(long, global = true, value_enum, hide_possible_values = true)]
    #[arg(value_name = "public|usgov|china")]
    pub(crate) cloud: Option<Microsoft>,
    /// Trust the authorities in this PEM file, too [env: REQUESTS_CA_BUNDLE]. SSL_CERT_FILE replaces the machine's own instead
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_bundle: Option<PathBuf>,

    /// How to print: json and tsv as az prints them, env as KEY='value' lines, none nothing at all
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) output: Option<Format>,
    /// The same as -o json
    #[arg(long, global = true, conflicts_with = "output", help_heading = "Output")]
    pub(crate) json: bool,
    /// Print only what this JMESPath expression picks, as az does
    #[arg(long, global = true, value_name = "JMESPATH", help_heading = "Output")]
    pub(crate) query: Option<String>,
    /// Say nothing but errors on stderr
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Say on stderr which account and workspace are used and why, and repeat Azure's own words in errors
    #[arg(long, global = true, conflicts_with = "quiet", help_heading = "Output")]
    pub(crate) verbose: bool,
    /// Keep to ASCII where amlock draws
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) ascii: bool,

    /// Refuse whatever would change something in Azure
    #[arg(long, global = true, help_heading = "Behaviour")]
    pub(crate) read_only: bool,
    /// Answer every question with yes
    #[arg(short, long, global = true, help_heading = "Behaviour")]
    pub(crate) yes: bool,
    /// Ask nothing: fail with a hint instead, as without a terminal
    #[arg(long, global = true, help_heading = "Behaviour")]
    pub(crate) no_input: bool,
    /// Give up after so many seconds, e.g. 30 or 0.5
    #[arg(long, global = true, value_name = "SECONDS", value_parser = patience, help_heading = "Behaviour")]
    pub(crate) timeout: Option<Duration>,
}

/// One of Microsoft's clouds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Microsoft {
    Public,
    Usgov,
    China,
}

impl From<Microsoft> for AzureCloud {
    fn from(typed: Microsoft) -> Self {
        match typed {
            Microsoft::Public => Self::Public,
            Microsoft::Usgov => Self::UsGov,
            Microsoft::China => Self::China,
        }
    }
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Two spaces deep, keys sorted, as az
    #[value(alias = "jsonc")]
    Json,
    /// Values between tabs, no header, as az
    Tsv,
    /// For people
    Table,
    /// KEY='value' lines for a shell
    Env,
    /// Nothing
    None,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in; the login is kept in this machine's keyring, never in a file
    Login(Login),
    /// Forget a login, here and in the keyring
    Logout(Logout),
    /// Identities: whom amlock can be
    #[command(subcommand, arg_required_else_help = true)]
    Account(AccountCommand),
    /// Subscriptions the account sees, as `az account list` prints them
    #[command(subcommand, arg_required_else_help = true)]
    Subscription(SubscriptionCommand),
    /// A token for an Azure service, as `az account get-access-token` prints it
    Token(Token),
    /// Azure Machine Learning workspaces
    #[command(subcommand, arg_required_else_help = true)]
    Workspace(WorkspaceCommand),
    /// Secrets in a workspace's vault (or, with --vault, in any)
    #[command(subcommand, arg_required_else_help = true)]
    Secret(SecretCommand),
    /// Endpoints of a workspace, their keys and tokens
    #[command(subcommand, arg_required_else_help = true)]
    Endpoint(EndpointCommand),
    /// Open the screen at a workspace or a secret
    Open {
        /// Where to start
        #[arg(value_name = "WORKSPACE[/SECRET]")]
        place: String,
    },
    /// Say how amlock stands here: safety, logins, what steers it, the network
    Doctor {
        /// Ask Azure's hosts whether they answer, 3 s at most
        #[arg(long)]
        online: bool,
    },
    /// Print a completion script for a shell, e.g. `amlock completions bash > ~/.local/share/bash-completion/completions/amlock`
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, e.g. `amlock man | man -l -`
    Man,
}

/// `amlock login`.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("way"))]
#[expect(clippy::struct_excessive_bools, reason = "flags are what a command line has")]
pub(crate) struct Login {
    /// With a code here and a browser on any device (the default)
    #[arg(long, group = "way", alias = "use-device-code")]
    pub(crate) device_code: bool,
    /// With a browser on this machine (not over SSH)
    #[arg(long, group = "way")]
    pub(crate) browser: bool,
    /// As a service principal; its secret comes from AZURE_CLIENT_SECRET, standard input or a prompt
    #[arg(long, group = "way")]
    pub(crate) service_principal: bool,
    /// As a service principal, proven by a certificate with its RSA key (PEM, or PFX with AZURE_CLIENT_CERTIFICATE_PASSWORD or a prompt)
    #[arg(long, group = "way", value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// As a service principal, proven by another issuer's token in a file (workload identity federation)
    #[arg(long, group = "way", value_name = "FILE")]
    pub(crate) federated_token: Option<PathBuf>,
    /// As the service principal in the JSON that `az ad sp create-for-rbac` printed
    #[arg(long, group = "way", value_name = "FILE")]
    pub(crate) auth_file: Option<PathBuf>,
    /// As this machine's managed identity; --client-id says which, where it has several
    #[arg(long, group = "way")]
    pub(crate) identity: bool,
    /// With what `az login` has signed in
    #[arg(long, group = "way")]
    pub(crate) azure_cli: bool,
    /// The client id of the service principal (else AZURE_CLIENT_ID's) or of the managed identity
    #[arg(long, value_name = "ID", visible_short_alias = 'u', alias = "username")]
    pub(crate) client_id: Option<String>,
    /// Refused: arguments are seen by everybody on the machine.
    #[arg(short = 'p', long, hide = true, num_args = 0..=1, allow_hyphen_values = true, value_parser = refuse)]
    #[arg(alias = "client-secret")]
    pub(crate) password: Option<Refused>,
}

/// `amlock logout`.
#[derive(Args, Debug)]
pub(crate) struct Logout {
    /// The account, when there are several
    #[arg(conflicts_with = "all")]
    pub(crate) account: Option<String>,
    /// Every login amlock keeps
    #[arg(long)]
    pub(crate) all: bool,
}

/// `amlock account ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Whom amlock can be, and where each login lives
    List,
    /// The account that is used here
    Show,
    /// Make an account the default of new terminals
    #[command(visible_alias = "set")]
    Use {
        /// Its name, the first letters of it, or its id
        account: String,
    },
    /// The same as `amlock token`
    #[command(hide = true)]
    GetAccessToken(Token),
}

/// `amlock subscription ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum SubscriptionCommand {
    /// All of them
    List,
    /// The one that is used here, or the one named
    Show {
        /// Its id or its name
        name: Option<String>,
    },
}

/// `amlock token`.
#[derive(Args, Debug)]
pub(crate) struct Token {
    /// What it is for: arm, ml, vault, graph, or the URI of any other service
    #[arg(long, value_name = "arm|ml|vault|graph|URI", default_value = "arm")]
    pub(crate) resource: String,
    #[command(flatten)]
    pub(crate) values: Values,
}

/// `amlock workspace ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// All the account sees, in every tenant it is in
    List,
    /// One of them
    Show {
        /// Its name or resource id; the one of this folder without it
        #[arg(value_name = "NAME|ID")]
        name: Option<String>,
        /// As in az
        #[arg(short = 'n', long = "name", hide = true, conflicts_with = "name")]
        name_flag: Option<String>,
    },
}

/// Where values may go.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Values")]
pub(crate) struct Values {
    /// Show values on this terminal; without it they go only into a pipe or a file
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Write to a new file that only you can read; - is standard output
    #[arg(long, value_name = "FILE|-")]
    pub(crate) out: Option<PathBuf>,
}

/// The name of one thing, as a word or as az has it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Name {
    /// Its name
    #[arg(value_name = "NAME", required_unless_present = "name_flag")]
    name: Option<String>,
    /// As in az
    #[arg(short = 'n', long = "name", hide = true, conflicts_with = "name", id = "name_flag")]
    name_flag: Option<String>,
}

impl Name {
    /// The name, wherever it was typed.
    pub(crate) fn get(&self) -> &str {
        self.name.as_deref().or(self.name_flag.as_deref()).unwrap_or_default()
    }
}

/// Seconds, also parts of one.
fn patience(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| (0.001..=86_400.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "seconds are 0.001 to 86400".to_owned())
}

/// A value where none may be typed. It remembers nothing of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused;

/// Takes a value and forgets it.
#[expect(clippy::unnecessary_wraps, reason = "the shape clap wants")]
pub(crate) fn refuse(_: &str) -> Result<Refused, String> {
    Ok(Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_understood_without_the_grammar_is_what_the_grammar_says() {
        let understood = |words: &[&str]| Typed::at_once(&words.iter().map(OsString::from).collect::<Vec<_>>());
        for words in [[].as_slice(), &["--demo"], &["--demo=large"], &["--demo=no such world"]] {
            let whole = Typed::try_parse_from(std::iter::once(&"amlock").chain(words)).expect("in the grammar");
            let at_once = understood(words).expect("at once");
            assert_eq!(format!("{at_once:?}"), format!("{whole:?}"), "{words:?}");
        }
        for words in
            [["--demo="].as_slice(), &["--demo", "open"], &["--ascii"], &["-h"], &["doctor"], &["--demonstrate"]]
        {
            assert!(understood(words).is_none(), "{words:?}");
        }
    }
}
