//! That this machine's clock is wrong, by the date that every answer carries: tokens are good for a time, and somebody must know
//! what time it is.

use std::sync::{Arc, Mutex, PoisonError};

use crate::cloud::gate::{Answer, Audience};
use crate::domain::Moment;

use super::{Context, Said};

/// Minutes that a clock may be wrong by before that is worth words: services allow for five.
const ALLOWED: u64 = 5;
/// What sign-in says of an assertion that is signed for another time than its own.
const OF_TIME: [&str; 3] = ["AADSTS700024", "AADSTS500133", "AADSTS50013"];

/// What to do about a refused login. A wrong clock comes first where it is the cause, and after everything else where it is only
/// wrong, too.
pub(super) fn hint(context: &Context<'_>, said: &Said, answer: &Answer, hint: Option<String>) -> Option<String> {
    let Some(words) = wrong(answer, context.now).map(|wrong| format!("{wrong}: set it right, then try again")) else {
        return hint;
    };
    let its_fault = match context.audience {
        Audience::Login => OF_TIME.iter().any(|code| said.has(code)),
        // A token is good for a time; what else a service dislikes about one has a code of its own.
        _ => !said.has("InvalidAuthenticationTokenTenant"),
    };
    Some(match hint {
        Some(hint) if !its_fault => format!("{hint}; besides, {words}"),
        _ => words,
    })
}

/// How wrong this machine's clock is, if it is; nothing where the answer has no date.
fn wrong(answer: &Answer, now: Moment) -> Option<String> {
    let theirs = date(answer)?;
    let (ahead, by) = (now > theirs, now.duration_since(theirs).unsigned_abs());
    // Its date counts whole seconds, and is older by its way here.
    let minutes = (by.as_secs() + 30) / 60;
    let by = if minutes < 120 { format!("{minutes} min") } else { format!("{} h", (minutes + 30) / 60) };
    let way = if ahead { "ahead of" } else { "behind" };
    (minutes > ALLOWED).then(|| format!("this machine's clock is {by} {way} Azure's"))
}

fn date(answer: &Answer) -> Option<Moment> {
    Some(jiff::fmt::rfc2822::parse(answer.header("date")?.trim()).ok()?.timestamp())
}

/// What the newest answer with a date tells of this machine's clock. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Skew(Arc<Mutex<Option<Result<(), String>>>>);

impl Skew {
    /// Hears an answer that came now.
    pub(crate) fn hear(&self, answer: &Answer, now: Moment) {
        if date(answer).is_some() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(wrong(answer, now).map_or(Ok(()), Err));
        }
    }

    /// Whether the clock is right, or how wrong it is; nothing where nobody told.
    pub(crate) fn told(&self) -> Option<Result<(), String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
