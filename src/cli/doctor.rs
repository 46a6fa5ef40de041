//! `amlock doctor`: how amlock stands here. Names of variables and files, never a secret's value.

mod steering;

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use serde_json::{Value, json};

use super::config;
use super::context::Context;
use crate::cloud::SignIn;
use crate::domain::{Cell, Columns, Failure, Head, Kind, Moment, SafeText, Tone, Who};
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
    steering::all(context, &mut checks);
    checks.push(clipboard(context));
    if online {
        hosts(context, &mut checks).await;
        checks.extend(clock(context));
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
        kept if kept.remembered() => Check {
            name: "keyring",
            state: State::Good,
            words: format!("logins are remembered in the {}", kept.words()),
        },
        _ if context.demo => fact("keyring", "the demo remembers nothing".to_owned()),
        _ => Check {
            name: "keyring",
            state: State::Warning,
            words: "none here: a login ends with the program that made it".to_owned(),
        },
    }
}

/// Every login that was found, which of them is used and why, and what is wrong with one that was only begun.
fn accounts(context: &Context, checks: &mut Vec<Check>) {
    let all = context.cloud.accounts();
    if all.is_empty() {
        let words = "nobody is signed in: `amlock login`";
        checks.push(Check { name: "account", state: State::Warning, words: words.to_owned() });
    }
    let used = context.choice();
    for account in all {
        let here = match &used {
            Ok((used, why)) if used.id == account.id => format!("; used here: {why}"),
            _ => String::new(),
        };
        let words = format!(
            "{} in tenant {}, from: {} ({}){here}",
            account.name.show(),
            account.tenant,
            account.kept.words(),
            account.until()
        );
        checks.push(Check { name: "account", state: State::Good, words });
    }
    if let Err(failure) = used.as_ref().map_err(Failure::sentence)
        && context.typed.account.is_some()
    {
        checks.push(Check { name: "account", state: State::Warning, words: failure });
    }
    if let Some(words) = context.cloud.login_trouble().filter(|_| !context.demo) {
        checks.push(Check { name: "account", state: State::Warning, words });
    }
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

/// This machine's clock against Azure's, as the answers to the other questions told.
fn clock(context: &Context) -> Option<Check> {
    Some(match context.cloud.clock_trouble()? {
        Err(words) => Check { name: "clock", state: State::Warning, words: format!("{words}: set it right") },
        Ok(()) => Check { name: "clock", state: State::Good, words: "it agrees with Azure's".to_owned() },
    })
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
    if context.cloud.run_workspace(&account.id).is_some() {
        checks.push(fact("network", "not asked: a run's token goes to its workspace's services only".to_owned()));
        return;
    }
    let who = Who { account: account.id.clone(), tenant: account.tenant };
    let resource = format!("https://{}", context.cloud.arm_host());
    let token = tokio::time::timeout(PATIENCE, context.cloud.token(&who, &resource));
    let token = answered("sign-in", context.cloud.login_host(), token.await.map(|asked| asked.map(drop)));
    let go_on = token.state == State::Good;
    checks.push(token);
    if let Some(whose) = context.cloud.account(&account.id).and_then(|account| account.whose_token()) {
        checks.push(fact("token", format!("it is {whose}")));
    }
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
