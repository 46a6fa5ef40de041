//! Refusals (N15), what is not there any more (N16), and names that a deleted secret holds (N17).

use std::time::Duration;

use amlock::demo::Fault;

use super::journey::{Journey, start};
use super::{SMALL, WIDE, asked, at, prose, tiny};

#[tokio::test(start_paused = true)]
async fn four_guards_say_no_in_four_ways_and_are_asked_once() {
    for size in [WIDE, SMALL] {
        let mut texts = Vec::new();
        for (workspace, words, help) in [
            ("ws-prod", "You may not list the secrets of kv-prod.", "Key Vault Secrets User"),
            ("ws-policy", "You may not list the secrets of kv-policy.", "secret permission List"),
            ("ws-firewall", "The firewall of kv-firewall does not let this machine", "connect from an allowed network"),
            ("ws-tiny", "kv-tiny answers only through its private link", "the vault's private network"),
        ] {
            let journey = Journey::with("", size, at(workspace), |demo| demo.close("kv-tiny"));
            journey.see("403").await.pass(Duration::from_secs(5)).await;
            let text = prose(&journey);
            let all = |part: &str| text.contains(&part.to_lowercase());
            assert!(all(words) && all(help), "{words}, {help}:\n{}", journey.screen());
            let lists = asked(&journey, "GET vault.azure.net/secrets").len();
            assert_eq!(lists, 1, "a refusal is not asked again");
            texts.push(text);
        }
        texts.dedup();
        assert_eq!(texts.len(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_reveal_or_change_says_who_may_not_do_what() {
    let journey = tiny(WIDE).await;
    journey.demo.close("kv-tiny");
    for keys in ["enter", "y", "d y", "t down text:type enter"] {
        journey.press(keys).await.see("private link only").await.press("esc esc").await;
    }
    assert!(asked(&journey, "DELETE /secrets").iter().all(|line| line.status == Some(403)));
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_somebody_deleted_is_not_there_and_leaves_the_list() {
    for keys in ["enter", "y", "d y", "v", "t down text:type enter"] {
        let journey = tiny(SMALL).await;
        let other = super::others::Other::new(&journey);
        other.deletes("api-key").await;
        journey.press(keys).await.pass(Duration::from_secs(9)).await;
        let screen = prose(&journey);
        assert!(screen.contains("there is no s"), "{keys}: {screen}");
        journey.press("esc esc esc").await.pass(Duration::from_secs(3)).await;
        assert!(!journey.screen().contains("api-key  "), "{keys}: the list is fetched anew:\n{}", journey.screen());
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_gone_is_told_apart_from_a_secret_that_is() {
    let journey = tiny(SMALL).await;
    journey.press("v").await.see("newest").await;
    journey.demo.fail_next("GET /secrets/api-key/", Fault::Status(404));
    journey.press("enter").await.see("there is no version").await.press("!").await.see("look at its versions").await;
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_is_gone_is_named_with_what_may_have_become_of_it() {
    let journey =
        Journey::with("", WIDE, super::Start { vault: Some("kv-nowhere".to_owned()), folder: None, ..start() }, |_| {});
    journey.see("kv-nowhere.vault.azure.net").await.see("a vault that was deleted").await;
}

#[tokio::test(start_paused = true)]
async fn a_name_that_a_deleted_secret_holds_offers_to_bring_it_back_and_nothing_typed_is_lost() {
    let journey = tiny(SMALL).await;
    journey.press("d y").await.see("Deleted api-key").await.press("n text:api-key enter").await.paste("typed").await;
    // It is still being deleted: that is waited for, and said.
    journey.press("enter").await.see("the vault is still busy").await.see("Bring it back?").await;
    assert!(asked(&journey, "PUT /secrets/api-key").iter().all(|line| line.status == Some(409)));
    journey.press("y").await.see("api-key is back in kv-tiny").await;
    journey.press("enter").await.see("all the same?").await.press("y").await.see("Saved api-key").await;
    journey.press("/ text:api enter enter").await.see("typed").await.press("esc v").await.see("newest").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_still_being_deleted_or_purged_is_waited_for() {
    let journey = tiny(SMALL).await;
    journey.press("d y").await.see("Deleted api-key").await.press("u").await.see("api-key").await;
    journey.press("enter").await.see("the vault is still busy").await.see("api-key is back").await;
    journey.press("esc / text:api enter d y").await.see("Deleted api-key").await.pass(Duration::from_secs(6)).await;
    journey.press("u").await.see("api-key").await.press("p text:api-key enter").await.see("is gone for good").await;
    journey.press("esc n text:api-key enter").await.paste("new").await.press("enter").await.see("Saved api-key").await;
}
