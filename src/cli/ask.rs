//! Questions before a change: a plain yes, or the name typed; without a terminal there are none, only `--yes`.

use std::io::{self, BufRead as _};

use super::context::Context;
use crate::domain::{Failure, Kind, SafeText};

/// How sure somebody has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sure<'a> {
    /// Nothing is asked, unless it is production.
    Plain,
    /// A yes.
    Yes,
    /// This name, typed.
    Typed(&'a str),
}

/// Asks before a change. `production` is the name of a production workspace that is changed: then `name` is typed.
pub(crate) async fn before(
    context: &Context,
    doing: &str,
    name: &str,
    production: Option<&str>,
    sure: Sure<'_>,
) -> Result<(), Failure> {
    context.may_write(doing)?;
    let sure = match (production, sure) {
        (Some(_), Sure::Plain | Sure::Yes) => Sure::Typed(name),
        (_, sure) => sure,
    };
    if context.typed.yes || matches!(sure, Sure::Plain) {
        return Ok(());
    }
    if !context.can_ask() {
        return Err(Failure::misused(doing.to_owned(), "it has to be confirmed, and there is nobody to ask")
            .hint("--yes confirms it"));
    }
    if let Some(workspace) = production {
        context.out.insist(&format!("{workspace} is PRODUCTION."));
    }
    let typed = if let Sure::Typed(name) = sure { Some(name) } else { None };
    match typed {
        Some(name) => context.out.ask(&format!("To {doing}, type {name}:")),
        None => context.out.ask(&format!("{}? [y/N]", capital(doing))),
    }
    let answer = line().await?;
    let agreed = match typed {
        Some(name) => answer == name,
        None => matches!(answer.to_lowercase().as_str(), "y" | "yes"),
    };
    if agreed {
        Ok(())
    } else {
        Err(Failure::new(Kind::Failed, doing.to_owned(), "it was not confirmed; nothing was changed"))
    }
}

/// A line from the terminal, without its blanks.
async fn line() -> Result<String, Failure> {
    let read = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).map(|_| answer.trim().to_owned())
    });
    match read.await {
        Ok(Ok(answer)) => Ok(answer),
        _ => Err(Failure::new(Kind::Interrupted, "read the answer", "the terminal went away")),
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `a`, `a and b`, `a, b and 3 more`.
pub(crate) fn some_of(names: &[&str]) -> String {
    let shown = names.iter().map(|name| SafeText::of(name).into_owned()).collect::<Vec<_>>();
    match shown.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
    }
}
