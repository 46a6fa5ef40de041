//! What was typed becomes what it means: which cloud, which account, which workspace, and whether one may write.

use std::future::Future;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use azure_core::http::HttpClient;

use super::args::Global;
use super::authorities::Bundle;
use super::clouds;
use super::config::{self, Config};
use super::identity;
use super::output::Out;
use crate::cloud::{AzureCloud, Clock, Cloud, Network, Transport};
use crate::demo::{DemoCloud, SeededLogin};
use crate::domain::{
    Account, AccountKind, ClientId, Failure, Kind, Moment, SafeText, Sealed, TenantId, TokenOf, Untrusted,
};

/// What surrounds this process, read once.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// Where we are.
    pub(crate) here: PathBuf,
    /// The user's home.
    pub(crate) home: Option<PathBuf>,
    /// Where az keeps its files, where that was moved.
    pub(crate) azure_config_dir: Option<PathBuf>,
    /// The user's config.
    pub(crate) config: Option<PathBuf>,
    /// Whether the job we are in was given an identity of its own.
    pub(crate) job_identity: bool,
}

impl Surroundings {
    fn look() -> Self {
        let path = |name: &str| std::env::var_os(name).filter(|set| !set.is_empty()).map(PathBuf::from);
        let home = path("HOME");
        Self {
            here: std::env::current_dir().unwrap_or_default(),
            config: config::path(path("XDG_CONFIG_HOME").as_deref(), home.as_deref()),
            azure_config_dir: path("AZURE_CONFIG_DIR"),
            job_identity: identity::given_to_job(|name| std::env::var(name).ok()),
            home,
        }
    }
}

/// Everything a command needs.
pub(crate) struct Context {
    /// Azure, or the demo's.
    pub(crate) cloud: Cloud,
    /// Where words and data go.
    pub(crate) out: Arc<Out>,
    /// The flags.
    pub(crate) typed: Global,
    /// What the user wants by default. The demo has no part in it.
    pub(crate) config: Config,
    /// What surrounds us.
    pub(crate) around: Surroundings,
    /// Whether this is the demo.
    pub(crate) demo: bool,
    /// What was wrong at the start; only `doctor` lives with that.
    pub(crate) problems: Vec<Failure>,
    /// What chose the cloud.
    pub(crate) cloud_by: String,
    /// The certificate authorities that are trusted beside the machine's own, and who named them.
    pub(crate) ca_bundle: Option<String>,
    /// Whether the workspace was named by AMLOCK_WORKSPACE.
    pub(crate) from_variable: bool,
    /// Whether a change is on its way right now.
    sending: AtomicBool,
    /// Whether the demo's end was told.
    told: AtomicBool,
}

impl Context {
    /// Reads what there is to read and finds the logins. Asks no network and starts nothing.
    /// `lenient` keeps what is wrong with the surroundings in `problems`, for `doctor` to tell.
    pub(crate) fn new(typed: Global, out: &Arc<Out>, lenient: bool) -> Result<Self, Failure> {
        Self::begin(typed, out, lenient, true)
    }

    /// The same without the logins: the screen looks for them itself, after its first frame.
    pub(crate) fn for_screen(typed: Global, out: &Arc<Out>) -> Result<Self, Failure> {
        Self::begin(typed, out, false, false)
    }

    fn begin(typed: Global, out: &Arc<Out>, lenient: bool, logins: bool) -> Result<Self, Failure> {
        let mut typed = typed;
        let from_variable = surround(&mut typed);
        let around = Surroundings::look();
        let mut problems = Vec::new();
        let Begun { cloud, config, cloud_by, ca_bundle } = begin(&typed, &around, &mut problems)?;
        if !lenient && !problems.is_empty() {
            return Err(problems.swap_remove(0));
        }
        // Where sign-in would go to another place than meant, no login is looked for either.
        if logins && problems.is_empty() && typed.demo.is_none() {
            cloud.find_logins();
        }
        let (demo, out) = (typed.demo.is_some(), Arc::clone(out));
        let (sending, told) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Self {
            cloud,
            out,
            typed,
            config,
            around,
            demo,
            problems,
            cloud_by,
            ca_bundle,
            from_variable,
            sending,
            told,
        })
    }

    /// A context of a test's: its own cloud, nothing around.
    #[cfg(test)]
    pub(crate) fn of(cloud: Cloud, typed: Global, out: &Arc<Out>) -> Self {
        let around = Surroundings {
            here: PathBuf::from("/"),
            home: None,
            azure_config_dir: None,
            config: None,
            job_identity: false,
        };
        let (sending, told) = (AtomicBool::new(false), AtomicBool::new(false));
        let (out, config, problems) = (Arc::clone(out), Config::default(), Vec::new());
        let (cloud_by, ca_bundle, from_variable) = (String::new(), None, false);
        Self {
            cloud,
            out,
            typed,
            config,
            around,
            demo: false,
            problems,
            cloud_by,
            ca_bundle,
            from_variable,
            sending,
            told,
        }
    }

    /// Now.
    pub(crate) fn now(&self) -> Moment {
        self.cloud.clock().now()
    }

    /// A command line to type next, in the same world as this one.
    pub(crate) fn line(&self, words: &str) -> String {
        match self.typed.demo.as_deref() {
            None => format!("`amlock {words}`"),
            Some("") => format!("`amlock --demo {words}`"),
            Some(world) => format!("`amlock --demo={world} {words}`"),
        }
    }

    /// Whether somebody is there to answer a question.
    pub(crate) fn can_ask(&self) -> bool {
        !self.typed.no_input && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Refuses to change anything under `--read-only`.
    pub(crate) fn may_write(&self, doing: impl Into<String>) -> Result<(), Failure> {
        if self.typed.read_only {
            return Err(Failure::misused(doing.into(), "amlock was started read-only").hint("leave --read-only away"));
        }
        Ok(())
    }

    /// Carries out a change, and knows meanwhile that one is on its way.
    pub(crate) async fn writing<T>(&self, change: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.sending.store(true, Ordering::Relaxed);
        let done = Box::pin(change).await;
        self.sending.store(false, Ordering::Relaxed);
        if done.is_ok() && self.demo && !self.told.swap(true, Ordering::Relaxed) {
            self.out.say("Changes in the demo end with this command.");
        }
        done
    }

    /// Whether a change was on its way when somebody lost patience: then it may have happened.
    pub(crate) fn was_sending(&self) -> bool {
        self.sending.load(Ordering::Relaxed)
    }
}

/// What the environment says where no flag does; whether the workspace is its word. Not through clap: an empty variable says
/// nothing, and the demo knows nothing of what is meant for Azure.
fn surround(typed: &mut Global) -> bool {
    if typed.demo.is_some() {
        return false;
    }
    let set = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    typed.tenant = typed.tenant.take().or_else(|| set("AMLOCK_TENANT"));
    typed.account = typed.account.take().or_else(|| set("AMLOCK_ACCOUNT"));
    typed.subscription = typed.subscription.take().or_else(|| set("AMLOCK_SUBSCRIPTION"));
    typed.resource_group = typed.resource_group.take().or_else(|| set("AMLOCK_RESOURCE_GROUP"));
    let named = typed.workspace.is_some();
    typed.workspace = typed.workspace.take().or_else(|| set("AMLOCK_WORKSPACE"));
    !named && typed.workspace.is_some()
}

/// What a process begins with.
struct Begun {
    cloud: Cloud,
    config: Config,
    cloud_by: String,
    ca_bundle: Option<String>,
}

/// The cloud, the config and what chose them; what is wrong with the surroundings goes into `problems`.
fn begin(typed: &Global, around: &Surroundings, problems: &mut Vec<Failure>) -> Result<Begun, Failure> {
    let flag = typed.cloud.map(AzureCloud::from);
    if let Some(world) = &typed.demo {
        if flag.is_some_and(|azure| azure != AzureCloud::Public) {
            return Err(Failure::misused("open the demo", "it plays the public cloud only").hint("leave --cloud away"));
        }
        let (cloud, config) = (demo(world)?, Config::default());
        return Ok(Begun { cloud, config, cloud_by: "--demo".to_owned(), ca_bundle: None });
    }
    let chosen = clouds::choose(flag, around);
    let (azure, by) = match chosen {
        Ok(chosen) => (chosen.azure, chosen.by),
        Err(failure) => {
            problems.push(failure);
            (AzureCloud::Public, String::new())
        }
    };
    let config = match around.config.as_deref().map(config::load).transpose() {
        Ok(config) => config.unwrap_or_default(),
        Err(failure) => {
            problems.push(failure);
            Config::default()
        }
    };
    let file = |name: &str| std::env::var_os(name).filter(|set| !set.is_empty()).map(PathBuf::from);
    let bundle = match Bundle::find(typed.ca_bundle.as_deref(), file, config.ca_bundle.as_deref()) {
        Ok(bundle) => bundle,
        Err(failure) => {
            problems.push(failure);
            Bundle::default()
        }
    };
    let transport = Transport::over(&Network { authorities: bundle.pem, names: None })?;
    let cloud = Cloud::of(azure, transport, Clock::system(), true);
    Ok(Begun { cloud, config, cloud_by: by, ca_bundle: bundle.words })
}

/// The demo's Azure with the logins it starts with; the environment's and az's identities have no part in it.
fn demo(world: &str) -> Result<Cloud, Failure> {
    let now = Moment::now();
    let demo = DemoCloud::without_log(world, now).map_err(|none| {
        let worlds = DemoCloud::worlds().into_iter().filter(|(name, _)| !name.is_empty());
        let names = worlds.map(|(name, about)| format!("{name} ({about})")).collect::<Vec<_>>().join(", ");
        Failure::misused("open the demo", format!("there is no world {}", SafeText::of(&none.0)))
            .hint(format!("--demo alone, or --demo=NAME with one of: {names}"))
    })?;
    let client: Arc<dyn HttpClient> = demo.clone();
    let visited = demo.clone();
    let cloud = Cloud::new(Transport::of(&client), Clock::starting_at(now), false).visited_by(move |page| {
        drop(tokio::spawn(visited.clone().visit(page)));
    });
    for login in demo.seeded_logins() {
        adopt(&cloud, login)?;
    }
    Ok(cloud)
}

pub(crate) fn adopt(cloud: &Cloud, login: SeededLogin) -> Result<(), Failure> {
    let bad = |bad: crate::domain::BadId| Failure::new(Kind::Failed, "open the demo", bad.to_string());
    match login {
        SeededLogin::User { username, object_id, tenant, refresh_token } => {
            let tenant = TenantId::parse(&tenant).map_err(bad)?;
            let name = Untrusted::from(username);
            cloud.adopt_user(name, Untrusted::from(object_id), tenant, Sealed::new(refresh_token));
        }
        SeededLogin::Principal { name, tenant, client_id, client_secret } => {
            let tenant = TenantId::parse(&tenant).map_err(bad)?;
            let client_id = ClientId::parse(&client_id).map_err(bad)?;
            cloud.adopt_principal(Untrusted::from(name), tenant, client_id, Sealed::new(client_secret));
        }
    }
    Ok(())
}

/// `user` or `servicePrincipal`, as az calls what signs in.
pub(crate) fn user_type(account: &Account) -> &'static str {
    match (account.kind, account.token_of) {
        (AccountKind::AzureCli, Some(TokenOf::Application)) => "servicePrincipal",
        (AccountKind::User | AccountKind::AzureCli, _) | (AccountKind::ManagedIdentity, Some(TokenOf::User)) => "user",
        (AccountKind::Principal | AccountKind::ManagedIdentity | AccountKind::Run, _) => "servicePrincipal",
    }
}
