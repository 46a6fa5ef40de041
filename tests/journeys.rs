//! The whole app on the demo cloud under a paused clock: real keys through the loop, the runner, the cloud's client and the
//! demo's HTTP, and back to what a user would see.

#[path = "support/journey.rs"]
#[expect(dead_code, reason = "what only the troubles need is in it, too")]
mod journey;

use std::time::Duration;

use amlock::app::{Msg, Start, Target};
use amlock::demo::Fault;
use amlock::tui::run::Outcome;
use journey::{Journey, start};

const WIDE: (u16, u16) = (120, 36);
const SMALL: (u16, u16) = (80, 24);

fn at(workspace: &str) -> Start {
    Start { open: Some(Target { workspace: workspace.to_owned(), ..Target::default() }), folder: None, ..start() }
}

/// Requests to vaults that carried a value: reads of one secret.
fn value_reads(journey: &Journey) -> usize {
    let one_secret = |url: &str| {
        let path = url.split('?').next().unwrap_or("");
        path.contains(".vault.azure.net/secrets/") && !path.ends_with("/secrets/") && !path.contains("/versions")
    };
    journey
        .demo
        .log()
        .iter()
        .filter(|entry| entry.method == "GET" && entry.status == Some(200) && one_secret(&entry.url))
        .count()
}

#[tokio::test(start_paused = true)]
async fn the_first_frame_is_drawn_before_anything_is_asked() {
    let journey = Journey::new("slow", WIDE);
    journey.pass(Duration::from_millis(1)).await;
    assert!(journey.frames() > 0 && journey.demo.log().iter().all(|entry| entry.status.is_none()));
}

#[tokio::test(start_paused = true)]
async fn from_the_start_to_a_revealed_secret_and_back() {
    for size in [WIDE, SMALL] {
        let journey = Journey::new("", size);
        journey.see("148").await.press("/ text:dbpass enter").await;
        assert_eq!(value_reads(&journey), 0, "browsing reads no value");
        journey.press("enter").await.see("hides in").await;
        assert_eq!(value_reads(&journey), 1, "a reveal is one request");
        assert!(journey.screen().contains("db-password"));
        journey.pass(Duration::from_secs(16)).await;
        assert!(!journey.screen().contains("hides in"), "it hides by itself");
        journey.press("y").await.see("Clears in").await;
        assert_eq!((journey.sent().len(), value_reads(&journey)), (1, 2), "a copy is one request");
        journey.pass(Duration::from_secs(31)).await;
        assert_eq!(journey.sent().last().map(String::as_str), Some(" "), "and is taken back");
    }
}

#[tokio::test(start_paused = true)]
async fn a_held_value_shows_its_marks_and_stays() {
    let journey = Journey::new("", WIDE);
    journey
        .see("148")
        .await
        .press("/ text:private-key enter enter")
        .await
        .see("5 lines · 241 bytes · ends with a newline")
        .await;
    journey.press("m").await.see("⏎").await.press("h").await.see("held").await;
    journey.happens(Msg::Focus(false)).await.pass(Duration::from_secs(30)).await;
    assert!(journey.screen().contains("held"));
    journey.happens(Msg::Resumed).await;
    assert!(!journey.screen().contains("held"), "but not when amlock was stopped");
}

#[tokio::test(start_paused = true)]
async fn from_the_start_to_an_endpoints_key_and_a_new_one() {
    let journey = Journey::new("", SMALL);
    journey.see("148").await.press("4").await.see("churn-online").await.press("j j enter").await.see("primary").await;
    assert!(!journey.screen().contains("demo-only"), "masked at first");
    journey.press("enter").await.see("demo-only").await.press("j").await;
    assert!(!journey.screen().contains("demo-only"), "the other key is masked again");
    journey.press("x").await.see("churn-online").await.press("text:wrong enter").await;
    assert!(journey.demo.log().iter().all(|entry| !entry.url.contains("regenerateKeys")), "a wrong name does nothing");
    for _ in 0.."wrong".len() {
        journey.press("backspace").await;
    }
    journey.press("text:churn-online enter").await.see("is a new one").await;
    let posts = journey.demo.log().iter().filter(|entry| entry.url.contains("regenerateKeys")).count();
    assert_eq!(posts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_tokens_remaining_life_is_shown() {
    let journey = Journey::new("", WIDE);
    journey.see("churn-token").await.press("4 j j j enter").await.see("good for 11 h").await;
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_made_changed_deleted_and_brought_back() {
    let journey = Journey::with("", WIDE, at("ws-tiny"), |_| {});
    journey.see("kv-tiny").await.see("of").await;
    Box::pin(async {
        journey.press("n text:made-here enter").await.paste("first value").await.press("enter").await;
        journey.see("Saved made-here").await;
        journey.press("enter").await.see("first value").await;
        // Versions of one second have no order that Key Vault tells.
        journey.pass(Duration::from_secs(2)).await.press("esc e").await.paste("second value").await;
        journey.press("enter").await.see("Saved made-here").await.press("v").await.see("newest").await;
        journey.press("j enter").await.see("first value").await.press("esc esc").await;
        journey.press("t down text:text/plain enter").await.see("Saved the attributes").await.see("text/plain").await;
        journey.press("d").await.see("Delete made-here").await.press("y").await.see("Deleted made-here").await;
        journey.press("u").await.see("GONE FOR GOOD").await.see("made-here").await;
    })
    .await;
    // Key Vault recovers a secret only once it is wholly deleted.
    journey.pass(Duration::from_secs(6)).await.press("enter").await.see("is back in kv-tiny").await;
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_version_is_not_covered_unseen() {
    let journey = Journey::with("", WIDE, at("ws-tiny"), |_| {});
    journey.see("kv-tiny").await.pass(Duration::from_secs(5)).await;
    let name = journey.screen().lines().find(|line| line.contains('›')).map(str::to_owned).expect("a cursor");
    let name = name.rsplit('›').next().and_then(|rest| rest.split_whitespace().next()).expect("a name").to_owned();
    let other = journey::cloud_of(&journey.demo);
    let who = other.accounts()[0].clone();
    let who = amlock::domain::Who { account: who.id, tenant: who.tenant };
    let vault = other.vault_by_name(&who, "kv-tiny").expect("a vault");
    let new = amlock::domain::NewSecret {
        name: amlock::domain::SecretName::parse(&name).expect("a name"),
        value: amlock::domain::Sealed::new("theirs".to_owned()),
        content_type: None,
        tags: None,
        not_before: None,
        expires: None,
        enabled: None,
    };
    other.set_secret(&vault, new, amlock::domain::Expect::Anything).await.expect("set");
    journey.press("e").await.paste("mine").await.press("enter").await.see("all the same?").await;
    journey.press("n").await.see("New value for").await;
    journey.press("enter").await.see("all the same?").await.press("y").await.see("Saved").await;
    journey.press("enter").await.see("mine").await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_never_called_a_failure() {
    let journey = Journey::with("", WIDE, at("ws-tiny"), |_| {});
    journey.see("kv-tiny").await.press("n text:perhaps enter").await.paste("value").await;
    journey.demo.fail_next("PUT /secrets/perhaps", Fault::Cut);
    journey.press("enter").await.see("Saved perhaps").await;
    let puts = journey.demo.log().iter().filter(|entry| entry.method == "PUT" && entry.url.contains("perhaps")).count();
    assert!(puts <= 2, "the write went once (after the vault's challenge), then amlock looked");
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_may_not_be_listed_says_who_what_where_and_opens_one_by_name() {
    for size in [WIDE, SMALL] {
        let journey = Journey::with("", size, at("ws-prod"), |_| {});
        journey.see("You may not list the secrets of kv-prod").await;
        let screen = journey.screen();
        for words in ["alex@contoso.com", "Key Vault Secrets User", "Key Vault Reader", "PRODUCTION"] {
            assert!(screen.contains(words), "{words}:\n{screen}");
        }
        journey.press("o").await.see("Open one secret by its name").await.press("esc").await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_other_refusals_say_what_refused() {
    for (workspace, words) in [
        ("ws-policy", "secret permission list"),
        ("ws-firewall", "the firewall of kv-firewall does not let this machine"),
    ] {
        let journey = Journey::with("", WIDE, at(workspace), |_| {});
        journey.see("403").await;
        assert!(journey.screen().to_lowercase().contains(words), "{words}:\n{}", journey.screen());
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_vault_says_so_and_what_to_do() {
    let journey = Journey::with("", SMALL, at("ws-empty"), |_| {});
    journey.see("kv-empty").await.see("n ").await.pass(Duration::from_secs(5)).await;
    assert!(journey.screen().contains("No secrets") || journey.screen().contains("no secrets"), "{}", journey.screen());
}

#[tokio::test(start_paused = true)]
async fn nothing_reachable_is_said_while_it_is_tried_and_a_key_is_answered_meanwhile() {
    let journey = Journey::new("offline", WIDE);
    journey.pass(Duration::from_secs(1)).await.press("?").await;
    assert!(journey.screen().contains("Everywhere"), "help opens at once:\n{}", journey.screen());
    journey.press("esc").await.pass(Duration::from_secs(12)).await;
    journey.see("cannot be reached").await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_list_can_be_stopped_and_fetched_again() {
    let journey = Journey::with("slow", SMALL, at("ws-archive"), |_| {});
    journey.see("kv-archive").await.see("…").await.press("esc").await.see("Stopped").await;
    journey.press("r").await.see_no("Stopped.").await;
}

#[tokio::test(start_paused = true)]
async fn a_throttled_vault_is_waited_for() {
    let journey = Journey::with("", WIDE, at("ws-throttled"), |_| {});
    journey.see("kv-throttled").await.pass(Duration::from_secs(20)).await;
    assert!(!journey.screen().contains("could not"), "{}", journey.screen());
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_keeps_the_list_and_its_time() {
    let journey = Journey::with("", WIDE, at("ws-tiny"), |_| {});
    journey.see("kv-tiny").await.pass(Duration::from_secs(65)).await;
    for _ in 0..3 {
        journey.demo.fail_next("GET /secrets", Fault::Refuse);
    }
    journey.press("r").await.see("as of 12:0").await;
}

#[tokio::test(start_paused = true)]
async fn nobody_signed_in_signs_in_by_a_code_typed_elsewhere() {
    for size in [WIDE, SMALL] {
        let journey = Journey::with("signed-out", size, Start { folder: None, ..start() }, |_| {});
        journey.see("Sign in to Azure").await;
        assert!(journey.demo.log().is_empty(), "nothing was sent");
        journey.press("enter").await.see("DEMO-ONLY").await.see("devicelogin").await.see("alex@contoso.com").await;
        journey.see("24").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_declined_code_and_a_stopped_one_lead_back_to_the_ways_in() {
    let journey = Journey::with(
        "signed-out",
        SMALL,
        Start { folder: None, ..start() },
        amlock::demo::DemoCloud::decline_device_codes,
    );
    journey.see("Sign in to Azure").await.press("enter").await.see("declined").await;
    journey.see("new code").await.press("enter").await.see("DEMO-ONLY").await;
    journey.press("esc").await.see("Sign in to Azure").await.see("Sign-in stopped").await;
}

#[tokio::test(start_paused = true)]
async fn a_service_principal_signs_in_by_its_form_and_a_wrong_secret_is_said_in_it() {
    let seeded = amlock::demo::DemoCloud::without_log("", start().now).expect("a world").seeded_logins();
    let (tenant, client, secret) = seeded
        .into_iter()
        .find_map(|login| match login {
            amlock::demo::SeededLogin::Principal { tenant, client_id, client_secret, .. } => {
                Some((tenant, client_id, client_secret))
            }
            amlock::demo::SeededLogin::User { .. } => None,
        })
        .expect("the pipeline's principal");
    for size in [WIDE, SMALL] {
        let journey = Journey::with("signed-out", size, Start { folder: None, ..start() }, |_| {});
        journey.see("Sign in to Azure").await.press("j enter").await.see("client id").await;
        journey.press(&format!("text:{tenant} enter text:{client} enter text:wrong enter")).await;
        journey.see("the client secret is wrong").await;
        assert!(!journey.screen().contains("wrong\n") && journey.screen().contains(&client), "{}", journey.screen());
        journey.press("ctrl-u").await.paste(&secret).await.press("enter").await.see("Signed in as").await;
        assert!(!journey.screen().contains("demo-only~"), "{}", journey.screen());
        journey.see("workspace").await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_machine_s_identity_signs_in_when_it_is_chosen_and_only_then() {
    let journey = Journey::with("signed-out", SMALL, Start { folder: None, ..start() }, |_| {});
    journey.see("asked only now").await;
    assert!(journey.demo.log().is_empty(), "nobody was asked");
    journey.press("G enter").await.see("Signed in as").await.see("fs-customers").await;
}

#[tokio::test(start_paused = true)]
async fn a_second_account_brings_its_workspaces_and_can_be_signed_out() {
    let journey = Journey::new("", WIDE);
    journey.see("148").await.press("1 a enter").await.see("alex@fabrikam.com").await.see(" 31 ").await;
    journey.press("2 G").await.see("ws-nlp").await;
    journey.press("1 G d").await.see("Sign alex@fabrikam.com out?").await.press("y").await.see("is signed out").await;
    journey.press("2 G").await;
    assert!(!journey.screen().contains("ws-nlp"));
}

#[tokio::test(start_paused = true)]
async fn filter_sort_palette_and_help_do_what_they_say() {
    let journey = Journey::new("", WIDE);
    journey
        .see("148")
        .await
        .press("/ text:db")
        .await
        .see("4 of 148")
        .await
        .press("enter s")
        .await
        .see("by expiry")
        .await;
    journey.press("esc").await.see_no("4 of 148").await;
    journey
        .press(": text:versions enter")
        .await
        .see("newest")
        .await
        .press("esc ?")
        .await
        .see("Reveal the value for a few seconds")
        .await;
    journey.press("q / text:zzzz").await.see("zzzz").await.press("esc").await.see("148").await;
    assert_eq!(
        {
            journey.press("q").await;
            journey.ends().await
        },
        Outcome::Left
    );
}

#[tokio::test(start_paused = true)]
async fn hiding_everything_leaves_only_names() {
    let journey = Journey::new("", WIDE);
    journey
        .see("148")
        .await
        .press("y")
        .await
        .see("Clears in")
        .await
        .press("enter")
        .await
        .see("hides in")
        .await
        .press("L")
        .await;
    let screen = journey.screen();
    assert!(!screen.contains("hides in") && !screen.contains("Clears in"), "{screen}");
    journey.pass(Duration::from_secs(1)).await;
    assert_eq!(journey.sent().last().map(String::as_str), Some(" "));
}

#[tokio::test(start_paused = true)]
async fn ctrl_z_lends_the_terminal_to_the_shell() {
    let journey = Journey::new("", WIDE);
    journey.see("148").await.press("ctrl-z").await;
    assert_eq!(journey.suspended(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_idle_app_draws_nothing() {
    let journey = Journey::new("", WIDE);
    journey.see("148").await.see("churn-online").await.pass(Duration::from_secs(30)).await;
    let before = journey.frames();
    journey.pass(Duration::from_secs(200)).await;
    assert_eq!(journey.frames(), before);
}

#[tokio::test(start_paused = true)]
async fn two_hundred_keys_at_once_are_one_frame() {
    let journey = Journey::new("", WIDE);
    journey.see("148").await.see("churn-online").await.pass(Duration::from_secs(30)).await;
    let before = journey.frames();
    journey.burst("j", 100).await;
    assert_eq!(journey.frames() - before, 1);
}

#[tokio::test(start_paused = true)]
async fn every_world_of_the_demo_comes_up_and_is_left() {
    for (world, _) in amlock::demo::DemoCloud::worlds() {
        let journey = Journey::new(world, SMALL);
        journey.pass(Duration::from_secs(30)).await.press("? esc 1 2 3 4 r").await.press("q").await;
        assert_eq!(journey.ends().await, Outcome::Left, "{world}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_may_not_be_listed_is_opened_by_its_name_and_a_wrong_name_says_so() {
    let journey = Journey::with("", WIDE, at("ws-prod"), |_| {});
    journey.see("You may not list").await.press("o text:no_such enter").await.see("no-such").await;
    journey.press("ctrl-u text:no-such enter").await.see("no such secret").await;
    journey.press("o text:db-password enter").await.see("hides in").await;
}

#[tokio::test(start_paused = true)]
async fn purging_wants_the_name_typed_and_is_for_good() {
    let journey = Journey::with("", WIDE, at("ws-vision"), |_| {});
    journey
        .see("148")
        .await
        .press("u")
        .await
        .see("retired-token")
        .await
        .press("p")
        .await
        .see("Purge retired-token?")
        .await;
    journey.press("text:retired enter").await.pass(Duration::from_secs(3)).await;
    assert!(journey.screen().contains("Purge retired-token?"), "half a name does nothing");
    journey.press("text:-token enter").await.see("retired-token is gone for good").await.press("r").await;
    journey.pass(Duration::from_secs(5)).await;
    assert!(!journey.screen().contains("retired-token  "));
}

#[tokio::test(start_paused = true)]
async fn a_key_and_a_token_are_copied_and_taken_back() {
    let journey = Journey::new("", SMALL);
    journey
        .see("148")
        .await
        .press("4")
        .await
        .see("churn-online")
        .await
        .press("j j y")
        .await
        .see("primary key of")
        .await
        .see("Clears in")
        .await;
    journey.press("j y").await.see("token of").await.pass(Duration::from_secs(31)).await;
    let sent = journey.sent();
    assert!(sent[0].starts_with("demo-only") && sent[1].starts_with("demo."), "{sent:?}");
    assert_eq!(sent.last().map(String::as_str), Some(" "));
}

#[tokio::test(start_paused = true)]
async fn production_wants_the_name_typed_for_every_change() {
    let journey = Journey::with("", WIDE, at("ws-fraud"), |_| {});
    journey.see("PRODUCTION").await.see("kv-fraud").await.pass(Duration::from_secs(5)).await;
    journey
        .press("n text:in-production enter")
        .await
        .paste("value")
        .await
        .press("enter")
        .await
        .see("This is PRODUCTION")
        .await;
    journey.press("y enter").await.pass(Duration::from_secs(2)).await;
    let puts = |journey: &Journey| journey.demo.log().iter().filter(|entry| entry.method == "PUT").count();
    assert_eq!(puts(&journey), 0, "a y is a letter here, not a yes");
    journey.press("backspace text:in-production enter").await.see("Saved in-production").await;
    assert!(puts(&journey) > 0);
}

#[tokio::test(start_paused = true)]
async fn the_way_to_a_named_workspace_s_names_is_three_round_trips() {
    let journey = Journey::with("", WIDE, start(), |demo| demo.latency(Duration::from_secs(1)));
    // The account's token; the workspaces, and the vault's token meanwhile; the first page.
    journey.pass(Duration::from_millis(3_500)).await;
    let asked = journey.demo.log().into_iter().filter(|entry| entry.url.contains(".vault.azure.net/secrets")).count();
    assert!(asked > 0 && journey.screen().contains("camera-api-key"), "{}", journey.screen());
}
