//! Clocks that are wrong, that jump, and machines that sleep (N34).

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use amlock::app::Msg;
use amlock::demo::Fault;

use super::journey::Journey;
use super::{SMALL, asked, at, prose};

const HOUR: i64 = 3_600_000;

/// A journey whose clock is wrong by so many milliseconds, and can be set.
async fn wrong_by(milliseconds: i64) -> (Journey, &'static AtomicI64) {
    let clock: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(milliseconds)));
    let journey = Journey::with_clock("", SMALL, at("ws-tiny"), clock);
    journey.see("openai-key").await;
    (journey, clock)
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_an_hour_wrong_keeps_nobody_from_working() {
    for skew in [HOUR, -HOUR] {
        let (journey, _) = wrong_by(skew).await;
        let tokens = asked(&journey, "POST /oauth2/v2.0/token").len();
        journey.press("enter").await.see("hides in").await.press("esc d y").await.see("Deleted api-key").await;
        assert_eq!(asked(&journey, "POST /oauth2/v2.0/token").len(), tokens, "no token is taken for an ended one");
        // The token's life counts from when it was given, so it is renewed before its end by either clock.
        journey.pass(Duration::from_mins(90)).await;
        journey.press("r").await.pass(Duration::from_secs(5)).await;
        assert!(!prose(&journey).contains("could not"), "{}", journey.screen());
        assert!(asked(&journey, "GET /secrets?").iter().all(|line| line.status == Some(200)), "no token came too late");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_refused_under_a_wrong_clock_is_told_with_how_wrong_it_is() {
    for (skew, words) in
        [(HOUR, Some("60 min ahead of azure's")), (-26 * HOUR, Some("26 h behind azure's")), (60_000, None)]
    {
        let (journey, _) = wrong_by(skew).await;
        for _ in 0..2 {
            journey.demo.fail_next("GET /secrets?", Fault::Status(401));
        }
        journey.press("r").await.see("as of").await.press("!").await;
        let screen = prose(&journey);
        match words {
            Some(words) => assert!(screen.contains(words), "{}", journey.screen()),
            None => assert!(!screen.contains("clock"), "{}", journey.screen()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_shows_no_value_for_longer() {
    for (jump, held) in [(-HOUR, ""), (-HOUR, "h"), (HOUR, ""), (HOUR, "h"), (-24 * HOUR, "")] {
        let (journey, clock) = wrong_by(0).await;
        journey.press("y").await.see("Clears in").await.press("enter").await.see("hides in").await.press(held).await;
        clock.fetch_add(jump, Ordering::Relaxed);
        journey.pass(Duration::from_millis(1_100)).await;
        let screen = journey.screen();
        assert!(!screen.contains("hides in") && !screen.contains("demo-only"), "{jump} {held}:\n{screen}");
        assert_eq!(journey.sent().last().map(String::as_str), Some(" "), "{jump}: the copy is taken back");
        // And everything still works, by the new clock.
        journey.press("enter").await.see("hides in").await.pass(Duration::from_secs(16)).await;
        assert!(!journey.screen().contains("hides in"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_for_an_hour_wakes_with_nothing_shown_and_a_login_that_works() {
    for told in [false, true] {
        let (journey, clock) = wrong_by(0).await;
        journey.press("enter").await.see("hides in").await.press("h").await.see("held").await;
        // Asleep, no timer of ours runs; awake again, the wall clock is an hour further, and so is the world's.
        clock.fetch_add(HOUR, Ordering::Relaxed);
        journey.demo.set_clock(HOUR);
        if told {
            journey.happens(Msg::Resumed).await;
        } else {
            journey.pass(Duration::from_millis(1_100)).await;
        }
        assert!(!journey.screen().contains("demo-only"), "{}", journey.screen());
        let before = asked(&journey, "POST /oauth2/v2.0/token").len();
        journey.pass(Duration::from_mins(25)).await;
        journey.press("enter").await.see("hides in").await;
        assert_eq!(asked(&journey, "POST /oauth2/v2.0/token").len(), before + 1, "its token had ended by the clock");
        assert!(asked(&journey, "GET /secrets/api-key").iter().all(|line| line.status == Some(200)));
    }
}
