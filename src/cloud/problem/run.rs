//! What the credential service and the run history say to a run's token, in words.

use crate::domain::{Failure, Kind};

use super::{Context, Said};

/// The words for an error that a run meets; `None` where it is told as everywhere.
pub(super) fn failure(context: &Context<'_>, _said: &Said, status: u16) -> Option<Failure> {
    let new = |kind, words: &str| Failure::new(kind, context.doing.to_owned(), words);
    Some(match status {
        401 => new(Kind::SignedOut, "the run's token is not accepted any more")
            .hint("it ends with its run; sign in another way"),
        404 => new(Kind::NotFound, "the run's workspace has no such secret")
            .hint("check its name; underscores are dashes there"),
        _ => return None,
    })
}
