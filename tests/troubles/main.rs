//! The network's faults as a user meets them: the whole app on the demo cloud under a paused clock. What is refused, lost, late,
//! throttled or gone is said as it is, nothing is done twice, and the keys answer all the while.

#[path = "../support/journey.rs"]
#[expect(dead_code, reason = "the journeys need more of it")]
mod journey;
mod late;
mod login;
mod lost;
mod others;
mod refused;
mod time;

use amlock::app::{Start, Target};
use amlock::demo::Logged;
use journey::{Journey, start};

pub(crate) const WIDE: (u16, u16) = (120, 36);
pub(crate) const SMALL: (u16, u16) = (80, 24);

pub(crate) fn at(workspace: &str) -> Start {
    Start { open: Some(Target { workspace: workspace.to_owned(), ..Target::default() }), folder: None, ..start() }
}

/// kv-tiny, open: api-key under the cursor, then db-password and openai-key.
pub(crate) async fn tiny(size: (u16, u16)) -> Journey {
    let journey = Journey::with("", size, at("ws-tiny"), |_| {});
    journey.see("openai-key").await;
    journey
}

/// The requests whose method and address fit, `PUT /secrets/api-key`.
pub(crate) fn asked(journey: &Journey, what: &str) -> Vec<Logged> {
    let (method, part) = what.split_once(' ').expect("a method and a part of the address");
    let log = journey.demo.log().into_iter();
    log.filter(|line| line.method == method && line.url.contains(part)).collect()
}

/// The rows of the screen as one text in small letters, its blanks and line ends one blank each: sentences may be folded.
pub(crate) fn prose(journey: &Journey) -> String {
    journey.screen().split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The whole of what went wrong, where a line is too short for it.
pub(crate) async fn whole(journey: &Journey) -> String {
    if journey.screen().contains("! shows all of it") {
        journey.press("!").await;
    }
    prose(journey)
}
