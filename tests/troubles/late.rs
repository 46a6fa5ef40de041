//! Answers that are late, asked to be waited for, or thousands (N19, N20, N24, G18).

use std::time::Duration;

use amlock::demo::Fault;
use tokio::time::Instant;

use super::journey::Journey;
use super::{SMALL, WIDE, asked, at, prose, tiny};

#[tokio::test(start_paused = true)]
async fn a_wait_that_azure_asks_for_is_shown_and_kept() {
    let journey = tiny(SMALL).await;
    journey.demo.fail_next("GET /secrets", Fault::After(4));
    journey.press("r").await.see("Azure asks to wait: asked once more in 4 s").await.see("once more in 2 s").await;
    assert!(journey.screen().contains("openai-key"), "the rows from before stay");
    journey.see_no("Azure asks to wait").await;
    assert!(!prose(&journey).contains("could not"), "{}", journey.screen());
    assert_eq!(asked(&journey, "GET /secrets?").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_told_at_once_with_its_length_and_not_kept() {
    let journey = tiny(WIDE).await;
    for (seconds, told) in [(60, "1 min"), (7_200, "2 h"), (1_000_000_000, "31 y")] {
        let (before, began) = (asked(&journey, "GET /secrets/api-key").len(), Instant::now());
        journey.demo.fail_next("GET /secrets/api-key", Fault::After(seconds));
        journey.press("enter").await.see(&format!("to come back in {told}")).await;
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
        assert_eq!(asked(&journey, "GET /secrets/api-key").len(), before + 1);
        // The user may still ask by hand.
        journey.press("enter").await.see("hides in").await.press("esc").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_write_is_not_sent_again_by_itself_and_changed_nothing() {
    let journey = tiny(SMALL).await;
    journey.press("e").await.paste("next").await;
    journey.demo.fail_next("PUT /secrets/api-key", Fault::After(2));
    journey.press("enter").await.see("could not set api-key").await.pass(Duration::from_secs(20)).await;
    assert_eq!(asked(&journey, "PUT /secrets/api-key").len(), 1);
    journey.press("enter").await.see("Saved api-key").await;
}

#[tokio::test(start_paused = true)]
async fn a_service_that_stumbles_is_asked_again_and_a_broken_one_is_given_up() {
    for status in [500, 502, 503, 504] {
        let journey = tiny(SMALL).await;
        for _ in 0..2 {
            journey.demo.fail_next("GET /secrets/api-key", Fault::Status(status));
        }
        journey.press("enter").await.see("hides in").await;
        assert_eq!(asked(&journey, "GET /secrets/api-key").len(), 3, "{status}");
        journey.press("esc").await;
        for _ in 0..9 {
            journey.demo.fail_next("GET /secrets/api-key", Fault::Status(status));
        }
        journey.press("enter").await.see("Could not reveal api-key").await.pass(Duration::from_secs(20)).await;
        assert_eq!(asked(&journey, "GET /secrets/api-key").len(), 6, "{status}: three tries");
    }
}

#[tokio::test(start_paused = true)]
async fn offline_says_so_within_two_seconds_and_a_key_is_answered_meanwhile() {
    for size in [WIDE, SMALL] {
        let journey = Journey::new("offline", size);
        let began = Instant::now();
        while !["cannot be reached", "no answer from"].iter().any(|words| prose(&journey).contains(words)) {
            assert!(began.elapsed() <= Duration::from_secs(2), "nothing is said yet:\n{}", journey.screen());
            let (frames, now) = (journey.frames(), Instant::now());
            journey.press("?").await;
            assert!(journey.frames() > frames && now.elapsed() == Duration::ZERO, "a key waits for the network");
            journey.press("esc").await.pass(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_network_that_went_away_leaves_the_list_with_its_time_and_says_so_within_two_seconds() {
    for fault in [Fault::Hang, Fault::Refuse] {
        for size in [WIDE, SMALL] {
            let journey = tiny(size).await;
            journey.pass(Duration::from_mins(5)).await;
            for _ in 0..9 {
                journey.demo.fail_next("GET /secrets", fault);
            }
            journey.press("r").await.pass(Duration::from_millis(2_050)).await;
            let screen = prose(&journey);
            assert!(screen.contains("openai-key") && screen.contains("as of 12:0"), "{fault:?}:\n{}", journey.screen());
            assert!(
                screen.contains("no answer from kv-tiny.vault.azure.net")
                    || screen.contains("could not list the secrets"),
                "{fault:?}:\n{}",
                journey.screen()
            );
            journey.pass(Duration::from_secs(12)).await;
            let screen = prose(&journey);
            assert!(screen.contains("openai-key") && screen.contains("as of 12:0"), "{fault:?}:\n{}", journey.screen());
            assert!(screen.contains("could not list the secrets of kv-tiny"), "{fault:?}:\n{}", journey.screen());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_secrets_show_their_first_at_once_hear_keys_and_can_be_stopped() {
    let journey = Journey::with("large", SMALL, at("ws-00000"), |demo| demo.latency(Duration::from_millis(80)));
    journey.see("ws-00000").await;
    let began = Instant::now();
    journey.see("archive-000000").await;
    assert!(began.elapsed() <= Duration::from_millis(500), "{:?}", began.elapsed());
    // While thousands of pages come, a key is in the next frame, and what it moved stays where it is.
    for page in 0..20 {
        let (frames, now) = (journey.frames(), Instant::now());
        journey.press(if page % 2 == 0 { "j" } else { "k" }).await;
        assert!(journey.frames() > frames && now.elapsed() == Duration::ZERO);
        let cursor = if page % 2 == 0 { "› archive-000001" } else { "› archive-000000" };
        assert!(journey.screen().contains(cursor), "{}", journey.screen());
        journey.pass(Duration::from_millis(100)).await;
    }
    let now = Instant::now();
    journey.press("esc").await;
    assert!(journey.screen().contains("topped") && now.elapsed() == Duration::ZERO, "{}", journey.screen());
    journey.pass(Duration::from_millis(100)).await;
    let pages = asked(&journey, "GET /secrets?").len();
    journey.pass(Duration::from_mins(1)).await;
    assert_eq!(asked(&journey, "GET /secrets?").len(), pages, "nothing is asked any more");
    assert!((15..50).contains(&pages), "{pages}");
    assert!(journey.screen().contains("Stopped: not all are here"), "{}", journey.screen());
}
