//! Answers that never came, to every change there is (N27, M40): it is said that nobody knows, then looked, then said what is
//! true. No change is ever sent twice.

use std::time::Duration;

use amlock::demo::Fault;

use super::journey::Journey;
use super::{SMALL, WIDE, asked, at, prose, tiny, whole};

/// What is pressed before, the change, its request, and what is said when it was done and when it was not.
struct Change {
    before: &'static [&'static str],
    keys: &'static str,
    request: &'static str,
    done: &'static str,
    not_done: &'static str,
}

const CHANGES: [Change; 6] = [
    Change {
        before: &["n text:made-here enter"],
        keys: "enter",
        request: "PUT /secrets/made-here",
        done: "Saved made-here",
        not_done: "nothing was set",
    },
    Change {
        before: &["e"],
        keys: "enter",
        request: "PUT /secrets/api-key",
        done: "Saved api-key",
        not_done: "nothing was set",
    },
    Change {
        before: &["t down text:type"],
        keys: "enter",
        request: "PATCH /secrets/api-key",
        done: "Saved the attributes of api-key",
        not_done: "it is not known whether amlock could change api-key",
    },
    Change {
        before: &["d"],
        keys: "y",
        request: "DELETE /secrets/api-key",
        done: "Deleted api-key from kv-tiny",
        not_done: "it was not deleted",
    },
    Change {
        before: &["d y", "u"],
        keys: "enter",
        request: "POST /deletedsecrets/api-key/recover",
        done: "api-key is back in kv-tiny",
        not_done: "it is not known whether amlock could recover api-key",
    },
    Change {
        before: &["d y", "u", "p text:api-key"],
        keys: "enter",
        request: "DELETE /deletedsecrets/api-key",
        done: "api-key is gone for good",
        not_done: "it was not purged",
    },
];

async fn ready(change: &Change) -> Journey {
    let journey = tiny(SMALL).await;
    for keys in change.before {
        journey.press(keys).await;
        if change.request.starts_with("PUT") {
            journey.paste("value").await;
        }
        journey.pass(Duration::from_secs(6)).await;
    }
    journey
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_is_lost_is_looked_after_and_found_done() {
    for change in &CHANGES {
        for fault in [Fault::Cut, Fault::Truncate] {
            let journey = ready(change).await;
            journey.demo.fail_next(change.request, fault);
            // The looks are slow, so that what is said meanwhile can be read.
            journey.demo.latency(Duration::from_secs(1));
            journey.press(change.keys).await;
            // Of a recovery's or purge's answer the status is enough: what is cut short of it says nothing more.
            if fault == Fault::Cut || !change.request.contains("deletedsecrets") {
                journey.see("the answer was lost").await;
            }
            assert!(!prose(&journey).contains("could not"), "{}:\n{}", change.request, journey.screen());
            journey.see(change.done).await;
            let writes = asked(&journey, change.request);
            assert_eq!(writes.len(), 1, "{}: once", change.request);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_never_arrived_is_found_not_done_or_left_unknown_and_never_said_to_be_done() {
    for change in &CHANGES {
        for fault in [Fault::Status(500), Fault::Hang] {
            let journey = ready(change).await;
            journey.demo.fail_next(change.request, fault);
            journey.press(change.keys).await.pass(Duration::from_mins(1)).await;
            let screen = whole(&journey).await;
            assert!(screen.contains(change.not_done), "{} {fault:?}:\n{}", change.request, journey.screen());
            assert!(!screen.contains(&change.done.to_lowercase()), "{screen}");
            assert_eq!(asked(&journey, change.request).len(), 1, "{}: once", change.request);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_looked_after_also_when_nobody_watches() {
    for change in &CHANGES {
        let journey = ready(change).await;
        journey.demo.fail_next(change.request, Fault::Cut);
        journey.press(change.keys).await.press("esc esc esc 2 j enter").await;
        journey.see(change.done).await;
        assert_eq!(asked(&journey, change.request).len(), 1, "{}: once", change.request);
    }
}

#[tokio::test(start_paused = true)]
async fn a_regeneration_whose_answer_is_lost_is_found_done_by_its_key_and_else_left_unknown() {
    for (fault, words) in [
        (Fault::Cut, "is a new one"),
        (Fault::Status(500), "t is not known whether amlock could regenerate"),
        (Fault::Hang, "t is not known whether amlock could regenerate"),
    ] {
        let journey = Journey::with("", WIDE, at("ws-pricing"), |_| {});
        journey.see("pricing-api").await.press("4 enter").await.see("primary").await.press("x").await;
        journey.demo.fail_next("regenerateKeys", fault);
        journey.press("text:pricing-api enter").await.see("the answer was lost").await.see(words).await;
        assert_eq!(asked(&journey, "POST regenerateKeys").len(), 1, "once");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_looked_at_stays_unknown() {
    let journey = tiny(SMALL).await;
    journey.press("e").await.paste("value").await;
    journey.demo.fail_next("PUT /secrets/api-key", Fault::Cut);
    journey.press("enter").await.see("the answer was lost").await;
    for _ in 0..40 {
        journey.demo.fail_next("GET ", Fault::Refuse);
    }
    journey.see("is not known whether amlock could set api-key").await;
    assert!(journey.screen().contains("New value for api-key"), "what was typed is there still");
}
