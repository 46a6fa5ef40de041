//! The command line: words in, data out, for scripts and for people. `amlock` alone and `amlock open` start the screen.
//!
//! `args` says what may be typed, `context` and `find` what it means, a file per noun does it, and `output` alone prints.

mod accounts;
mod args;
mod args_endpoint;
mod args_secret;
mod ask;
mod authorities;
mod clouds;
mod config;
mod context;
mod doctor;
mod endpoints;
mod files;
mod find;
mod folder;
mod forms;
mod guard;
#[cfg(test)]
mod hostile_tests;
mod identity;
mod login;
mod output;
mod pages;
mod query;
mod screen;
mod secrets;
mod secrets_gone;
mod secrets_write;
mod shapes;
mod subscriptions;
mod tables;
mod times;
mod token;
mod tty;
mod usage;
mod words;
mod workspaces;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::domain::{Failure, Kind};
use args::{Command, Typed};
use context::Context;
use output::Out;

pub use config::{Clipboard, Config, Osc52, Production, Reveal};
pub use folder::FolderWorkspace;

/// Reads the command line, does what it says, and returns the exit code of README, "Exit codes".
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        tty::restore();
        crate::tui::die_of(panic);
    }));
    let code = run();
    tty::restore();
    ExitCode::from(code)
}

fn run() -> u8 {
    let at_once = Typed::at_once(&std::env::args_os().skip(1).collect::<Vec<_>>());
    let typed = match at_once.map_or_else(Typed::try_parse, Ok) {
        Ok(typed) => typed,
        Err(wrong) => return output::usage(&wrong, value_may_be_near(), usage::wants_json(words())),
    };
    let out = match Out::new(&typed.global) {
        Ok(out) => Arc::new(out),
        Err(failure) => {
            output::fail_early(&failure, typed.global.json || typed.global.output == Some(args::Format::Json));
            return failure.exit_code();
        }
    };
    // What describes the program needs nothing of the world.
    let described = match &typed.command {
        Some(Command::Completions { shell }) => Some(pages::completions(*shell)),
        Some(Command::Man) => Some(pages::man()),
        _ => None,
    };
    if let Some(text) = described {
        return finish(&out, out.text(&text));
    }
    match typed.command {
        None => screen::run(typed.global, &out, None),
        Some(Command::Open { place }) => screen::run(typed.global, &out, Some(&place)),
        Some(command) => {
            let runtime = match runtime() {
                Ok(runtime) => runtime,
                Err(failure) => return finish(&out, Err(failure)),
            };
            let lenient = matches!(command, Command::Doctor { .. });
            let context = match Context::new(typed.global, &out, lenient) {
                Ok(context) => context,
                Err(failure) => return finish(&out, Err(failure)),
            };
            let code = to_the_end(&runtime, &context, command);
            // A prompt that was left open must not keep the process.
            runtime.shutdown_background();
            code
        }
    }
}

fn runtime() -> Result<Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.map_err(|wrong| Failure::new(Kind::Failed, "start", wrong.kind().to_string()))
}

/// Whether the words after the command may be a value, so that clap's complaint about them must not repeat them.
fn value_may_be_near() -> bool {
    std::env::args_os().any(|word| word == "set" || word == "login")
}

fn words() -> impl Iterator<Item = String> {
    std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned())
}

fn finish(out: &Out, done: Result<(), Failure>) -> u8 {
    match done {
        Ok(()) => {
            out.close();
            0
        }
        Err(failure) => {
            out.fail(&failure);
            failure.exit_code()
        }
    }
}

/// Runs a command until it is over, somebody stops it, or its time is.
fn to_the_end(runtime: &Runtime, context: &Context, command: Command) -> u8 {
    let signal = first_signal();
    let limit = context.typed.timeout;
    let mut code = None;
    let done = runtime.block_on(async {
        tokio::select! {
            done = Box::pin(obey(context, command)) => done,
            Ok(signal) = signal => {
                code = u8::try_from(128 + signal).ok();
                Err(stopped(context))
            }
            () = sleep(limit) => Err(too_late(context)),
        }
    });
    let plain = finish(&context.out, done);
    code.unwrap_or(plain)
}

async fn obey(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Login(wanted) => login::run(context, wanted).await,
        Command::Logout(wanted) => accounts::logout(context, &wanted),
        Command::Account(command) => accounts::run(context, command).await,
        Command::Subscription(command) => subscriptions::run(context, command).await,
        Command::Token(wanted) => token::run(context, wanted).await,
        Command::Workspace(command) => workspaces::run(context, command).await,
        Command::Secret(command) => Box::pin(secrets::run(context, command)).await,
        Command::Endpoint(command) => Box::pin(endpoints::run(context, command)).await,
        Command::Doctor { online } => doctor::run(context, online).await,
        // Done before there was a context.
        Command::Open { .. } | Command::Completions { .. } | Command::Man => Ok(()),
    }
}

async fn sleep(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// The first signal that asks us to end.
fn first_signal() -> oneshot::Receiver<i32> {
    let (tell, hear) = oneshot::channel();
    if let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) {
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                let _ = tell.send(signal);
            }
        });
    }
    hear
}

const MAYBE: &str = "a change was on its way: it may have happened. Look before you repeat it.";

fn stopped(context: &Context) -> Failure {
    let failure = Failure::new(Kind::Interrupted, "finish", "it was interrupted");
    if context.was_sending() { failure.hint(MAYBE) } else { failure }
}

fn too_late(context: &Context) -> Failure {
    let seconds = context.typed.timeout.unwrap_or_default().as_secs_f64();
    let cause = format!("no answer within {seconds} s (--timeout)");
    if context.was_sending() {
        Failure::new(Kind::Unknown, "finish the change", cause).hint(MAYBE)
    } else {
        Failure::new(Kind::TryLater(None), "finish", cause)
    }
}
