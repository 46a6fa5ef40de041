//! `amlock doctor`: how amlock stands here. Names of variables and files, never a secret's value.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use serde_json::{Value, json};

use super::config;
use super::context::Context;
use super::folder::FolderWorkspace;
use crate::cloud::SignIn;
use crate::domain::{Cell, Columns, Failure, Head, Kept, Kind, Moment, SafeText, Tone, Who};
use crate::tui::clipboard::{Clipboard, Osc52, Surroundings};
use crate::tui::recorder::Ancestors;

/// How long Azure's hosts may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// How one thing stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// Just so, neither good nor bad.
    Fact,
    Warning,
    Bad,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Fact => "-",
            Self::Warning => "look",
            Self::Bad => "failed",
        }
    }
}

struct Check {
    name: &'static str,
    state: State,
    words: String,
}

impl Columns for Check {
    const HEADS: &'static [Head] = &[Head::fixed("CHECK", 12), Head::fixed("STATE", 6), Head::grows("DETAIL")];

    fn cells(&self, _now: Moment) -> Vec<Cell> {
        let tone = match self.state {
            State::Good => Tone::Good,
            State::Fact => Tone::Secondary,
            State::Warning => Tone::Warning,
            State::Bad => Tone::Danger,
        };
        let words = SafeText::of(&self.words).into_owned();
        vec![Cell::text(self.name), Cell::toned(self.state.word(), tone), Cell::text(words)]
    }
}

/// `amlock doctor`.
pub(crate) async fn run(context: &Context, online: bool) -> Result<(), Failure> {
    let mut checks = vec![
        fact(
            "version",
            format!("{} for {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
        ),
        terminal(),
        dumps(),
        core_limit(),
        keyring(context),
    ];
    accounts(context, &mut checks);
    checks.push(fact("cloud", format!("{} ({})", context.cloud.name(), context.cloud_by)));
    steering(context, &mut checks);
    checks.push(proxy());
    checks.push(certificates());
    checks.push(clipboard(context));
    if online {
        hosts(context, &mut checks).await;
    } else {
        checks.push(fact("network", "not asked; --online does".to_owned()));
    }
    let bad = checks.iter().filter(|check| check.state == State::Bad).count();
    let shape =
        |check: &Check| -> Value { json!({ "check": check.name, "state": check.state.word(), "detail": check.words }) };
    context.out.rows(&checks, context.now(), "", shape)?;
    match bad {
        0 => Ok(()),
        1 => Err(Failure::new(Kind::Failed, "find everything in order", "one check failed")),
        _ => Err(Failure::new(Kind::Failed, "find everything in order", format!("{bad} checks failed"))),
    }
}

fn fact(name: &'static str, words: String) -> Check {
    Check { name, state: State::Fact, words }
}

fn judged(name: &'static str, good: bool, yes: &str, no: &str) -> Check {
    let (state, words) = if good { (State::Good, yes) } else { (State::Bad, no) };
    Check { name, state, words: words.to_owned() }
}

fn set(name: &str) -> Option<String> {
    std::env::var_os(name).filter(|set| !set.is_empty()).map(|set| set.to_string_lossy().into_owned())
}

fn terminal() -> Check {
    let is = |terminal: bool| if terminal { "yes" } else { "no" };
    let term = set("TERM").unwrap_or_else(|| "not set".to_owned());
    fact(
        "terminal",
        format!(
            "TERM {term}; a terminal on stdin {}, stdout {}, stderr {}",
            is(io::stdin().is_terminal()),
            is(io::stdout().is_terminal()),
            is(io::stderr().is_terminal())
        ),
    )
}

#[cfg(target_os = "linux")]
fn dumps() -> Check {
    use rustix::process::{DumpableBehavior, dumpable_behavior};
    let closed = matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    judged(
        "memory",
        closed,
        "not dumpable, not traceable by your other programs (read back)",
        "other programs of yours can read it",
    )
}

#[cfg(not(target_os = "linux"))]
fn dumps() -> Check {
    fact("memory", "this system cannot be asked".to_owned())
}

fn core_limit() -> Check {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
    judged(
        "core dumps",
        limit.current == Some(0),
        "size 0 (read back)",
        "they are on: a crash would write memory to disk",
    )
}

fn keyring(context: &Context) -> Check {
    match context.cloud.keeps_logins() {
        Kept::Keyring => Check {
            name: "keyring",
            state: State::Good,
            words: "logins are remembered in the kernel's keyring".to_owned(),
        },
        _ if context.demo => fact("keyring", "the demo remembers nothing".to_owned()),
        _ => Check {
            name: "keyring",
            state: State::Warning,
            words: "none here: a login ends with the program that made it".to_owned(),
        },
    }
}

fn accounts(context: &Context, checks: &mut Vec<Check>) {
    let all = context.cloud.accounts();
    if all.is_empty() {
        let words = "nobody is signed in: `amlock login`";
        checks.push(Check { name: "account", state: State::Warning, words: words.to_owned() });
    }
    let used = context.choice().ok().map(|(account, why)| (account.id, why));
    for account in all {
        let here = match &used {
            Some((id, why)) if *id == account.id => format!("; used here: {why}"),
            _ => String::new(),
        };
        let words =
            format!("{} in tenant {}, from: {}{here}", account.name.show(), account.tenant, account.kept.words());
        checks.push(Check { name: "account", state: State::Good, words });
    }
}

/// Variables and files that decide where requests go and as whom.
fn steering(context: &Context, checks: &mut Vec<Check>) {
    const NAMES: [&str; 37] = [
        "AMLOCK_ACCOUNT",
        "AMLOCK_WORKSPACE",
        "AMLOCK_SUBSCRIPTION",
        "AMLOCK_RESOURCE_GROUP",
        "AZURE_TENANT_ID",
        "AZURE_CLIENT_ID",
        "AZURE_CLIENT_SECRET",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD",
        "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZUREML_SERVICE_PRINCIPAL_TENANT_ID",
        "AZUREML_SERVICE_PRINCIPAL_ID",
        "AZUREML_SERVICE_PRINCIPAL_PASSWORD",
        "AML_TENANT_ID",
        "AML_PRINCIPAL_ID",
        "AML_PRINCIPAL_PASS",
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "IMDS_ENDPOINT",
        "MSI_ENDPOINT",
        "MSI_SECRET",
        "DEFAULT_IDENTITY_CLIENT_ID",
        "OBO_ENDPOINT",
        "AZUREML_RUN_TOKEN",
        "AZURE_AUTHORITY_HOST",
        "AZURE_CLOUD_NAME",
        "AZURE_CONFIG_DIR",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "NO_PROXY",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "BROWSER",
        "XDG_CONFIG_HOME",
    ];
    let names = NAMES.into_iter().filter(|name| set(name).is_some()).collect::<Vec<_>>();
    let words =
        if names.is_empty() { "none that matter are set".to_owned() } else { format!("set: {}", names.join(", ")) };
    checks.push(fact("variables", words));
    if set("AZURE_CLIENT_SECRET").is_some() {
        let words = "AZURE_CLIENT_SECRET stays readable in /proc for you and root while a program runs with it";
        checks.push(Check { name: "variables", state: State::Warning, words: words.to_owned() });
    }
    for failure in &context.problems {
        checks.push(Check { name: "start", state: State::Bad, words: format!("{}: {}", failure.doing, failure.cause) });
    }
    let words = match (&context.around.config, context.demo) {
        (_, true) => "the demo reads none".to_owned(),
        (None, _) => "no place for one: neither XDG_CONFIG_HOME nor HOME is set".to_owned(),
        (Some(path), _) if path.exists() => path.display().to_string(),
        (Some(path), _) => format!("none; it would be {}", path.display()),
    };
    checks.push(fact("config", words));
    checks.push(match context.folder() {
        Ok(Some(FolderWorkspace { id, file, distrust: Some(distrust) })) => Check {
            name: "this folder",
            state: State::Warning,
            words: format!("workspace {} from {}, which steers no change: {distrust}", id.name(), file.display()),
        },
        Ok(Some(found)) => fact("this folder", format!("workspace {} from {}", found.id.name(), found.file.display())),
        Ok(None) => fact("this folder", "no .azureml/config.json here or above".to_owned()),
        Err(failure) => Check { name: "this folder", state: State::Warning, words: failure.sentence() },
    });
}

/// The proxy, without the name and password that may stand in its address.
fn proxy() -> Check {
    let found =
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].into_iter().find_map(|name| Some((name, set(name)?)));
    let Some((name, address)) = found else { return fact("proxy", "none".to_owned()) };
    let parsed = url::Url::parse(&address).ok().filter(url::Url::has_host);
    let words = parsed.and_then(|url| {
        let port = url.port_or_known_default().map_or_else(String::new, |port| format!(":{port}"));
        Some(format!("{}{port} ({name})", url.host_str()?))
    });
    match words {
        Some(words) => fact("proxy", words),
        None => Check { name: "proxy", state: State::Warning, words: format!("{name} is not an address") },
    }
}

fn certificates() -> Check {
    let moved = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find_map(|name| Some((name, set(name)?)));
    fact(
        "certificates",
        match moved {
            Some((name, path)) => format!("{path} ({name})"),
            None => "the system's".to_owned(),
        },
    )
}

fn clipboard(context: &Context) -> Check {
    let osc52 = match context.config.clipboard.osc52 {
        config::Osc52::Ask => Osc52::Known,
        config::Osc52::Always => Osc52::Always,
        config::Osc52::Never => Osc52::Never,
    };
    let around = Surroundings::of(|name| std::env::var_os(name), &Ancestors::read(), osc52);
    let local = !(around.ssh || around.jupyter || around.mosh);
    let words = if local && (around.wayland || around.x11 || around.macos) {
        "this desktop's own, by wl-copy, xclip, xsel or pbcopy"
    } else if around.tmux {
        "through tmux to your terminal, which does not say whether it took it"
    } else if around.screen || around.jupyter || around.mosh {
        "none can be reached from here: reveal a value and select it"
    } else if Clipboard::detect(&around, None).must_ask() {
        "through your terminal (OSC 52); the screen asks before the first copy"
    } else if osc52 == Osc52::Never {
        "switched off in the config"
    } else {
        "through your terminal (OSC 52), which does not say whether it took it"
    };
    fact("clipboard", words.to_owned())
}

/// Whether sign-in answers who is nobody yet: a login is begun by a code that nobody is shown, and left at once.
async fn strangers(context: &Context) -> Check {
    let (tell, hear) = tokio::sync::oneshot::channel();
    let mut tell = Some(tell);
    let mut told = |_| {
        if let Some(tell) = tell.take() {
            let _ = tell.send(());
        }
    };
    let asked = async {
        tokio::select! {
            done = context.cloud.sign_in(SignIn::DeviceCode { tenant: None }, &mut told) => done.map(drop),
            Ok(()) = hear => Ok(()),
        }
    };
    answered("sign-in", context.cloud.login_host(), tokio::time::timeout(PATIENCE, asked).await)
}

/// Whether sign-in and Azure's management answer. Asked as the account where there is one.
async fn hosts(context: &Context, checks: &mut Vec<Check>) {
    let Ok(account) = context.account() else {
        if context.problems.is_empty() {
            checks.push(Box::pin(strangers(context)).await);
            checks.push(fact("management", "not asked: it needs somebody who is signed in".to_owned()));
        } else {
            checks.push(fact("network", "not asked while the start fails".to_owned()));
        }
        return;
    };
    let who = Who { account: account.id, tenant: account.tenant };
    let resource = format!("https://{}", context.cloud.arm_host());
    let token = tokio::time::timeout(PATIENCE, context.cloud.token(&who, &resource));
    let token = answered("sign-in", context.cloud.login_host(), token.await.map(|asked| asked.map(drop)));
    let go_on = token.state == State::Good;
    checks.push(token);
    if go_on {
        let tenants = tokio::time::timeout(PATIENCE, context.cloud.tenants(&who));
        checks.push(answered("management", context.cloud.arm_host(), tenants.await.map(|asked| asked.map(drop))));
    }
}

fn answered<E>(name: &'static str, host: &str, answer: Result<Result<(), Failure>, E>) -> Check {
    match answer {
        Ok(Ok(())) => Check { name, state: State::Good, words: format!("{host} answers") },
        Ok(Err(failure)) => Check { name, state: State::Bad, words: failure.sentence() },
        Err(_) => {
            Check { name, state: State::Bad, words: format!("{host} does not answer within {} s", PATIENCE.as_secs()) }
        }
    }
}
