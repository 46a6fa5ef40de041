//! A token that is not taken any more: another one is asked for once, and where there is none somebody must sign in again (N12).

use std::time::Duration;

use amlock::demo::Fault;

use super::{SMALL, WIDE, asked, prose, tiny};

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_renewed_once_and_nobody_notices() {
    let journey = tiny(SMALL).await;
    let tokens = asked(&journey, "POST /oauth2/v2.0/token").len();
    journey.demo.fail_next("GET /secrets/api-key", Fault::Status(401));
    journey.press("enter").await.see("hides in").await;
    assert_eq!(asked(&journey, "POST /oauth2/v2.0/token").len(), tokens + 1);
    assert_eq!(asked(&journey, "GET /secrets/api-key").len(), 2);
    // A 401 means that nothing was done: a write goes once more, too, and no third time.
    journey.demo.fail_next("PUT /secrets/api-key", Fault::Status(401));
    journey.press("esc e").await.paste("next").await.press("enter").await.see("Saved api-key").await;
    assert_eq!(asked(&journey, "PUT /secrets/api-key").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_never_taken_is_tried_twice_and_no_more() {
    let journey = tiny(WIDE).await;
    for _ in 0..9 {
        journey.demo.fail_next("GET /secrets/api-key", Fault::Status(401));
    }
    journey.press("enter").await.see("The request was not authorized").await.see("Sign in to Azure").await;
    journey.pass(Duration::from_secs(30)).await;
    assert_eq!(asked(&journey, "GET /secrets/api-key").len(), 2);
}

/// Everything that one may want of a vault or an endpoint, and what is seen when it is done.
const WANTED: [(&str, &str, &str); 7] = [
    ("", "enter", "hides in"),
    ("", "y", "Clears in"),
    ("", "v", "newest"),
    ("", "d y", "Deleted api-key"),
    ("d y", "u enter", "is back in kv-tiny"),
    ("d y", "u p text:api-key enter", "is gone for good"),
    ("", "t down text:type enter", "Saved the attributes"),
];

#[tokio::test(start_paused = true)]
async fn what_a_login_that_ended_kept_from_being_done_is_done_after_the_sign_in() {
    for (before, keys, done) in WANTED {
        let journey = tiny(SMALL).await;
        journey.press(before).await.pass(Duration::from_secs(10)).await;
        journey.demo.revoke("alex@contoso.com");
        let (lists, last) = keys.split_at(usize::from(keys.starts_with('u')));
        journey.press(lists).await.pass(Duration::from_secs(3)).await;
        for verb in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
            journey.demo.fail_next(format!("{verb} kv-tiny").as_str(), Fault::Status(401));
        }
        journey.press(last).await.see("Sign in to Azure").await;
        let writes = asked(&journey, "DELETE kv-tiny").iter().filter(|line| line.status == Some(200)).count();
        journey.demo.calm();
        journey.demo.revoke("alex@contoso.com");
        journey.press("enter").await.see("DEMO-ONLY").await.see(done).await;
        assert!(!journey.screen().contains("Sign in to Azure"), "{}", journey.screen());
        let after =
            asked(&journey, "DELETE kv-tiny").iter().filter(|line| line.carried_out.is_some_and(|s| s < 300)).count();
        assert!(after <= writes + 1, "once: {keys}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_typed_is_saved_after_the_sign_in() {
    let journey = tiny(SMALL).await;
    journey.demo.revoke("alex@contoso.com");
    journey.press("n text:made-here enter").await.paste("typed once").await;
    journey.demo.fail_next("GET /secrets/made-here/versions", Fault::Status(401));
    journey.press("enter").await.see("Sign in to Azure").await;
    journey.press("enter").await.see("DEMO-ONLY").await.see("Saved made-here").await;
    assert_eq!(asked(&journey, "PUT /secrets/made-here").len(), 1);
    journey.press("/ text:made enter enter").await.see("typed once").await;
}

#[tokio::test(start_paused = true)]
async fn whoever_closes_the_ways_in_wants_it_no_more_and_another_account_does_not_do_it() {
    let journey = tiny(SMALL).await;
    journey.demo.revoke("alex@contoso.com");
    journey.demo.fail_next("GET /secrets/api-key", Fault::Status(401));
    journey.press("enter").await.see("Sign in to Azure").await.press("esc").await.see_no("Sign in to Azure").await;
    journey.press("1 a enter").await.see("Signed in as alex@contoso.com").await.pass(Duration::from_secs(10)).await;
    assert!(!journey.screen().contains("hides in"), "{}", journey.screen());

    let journey = tiny(SMALL).await;
    for _ in 0..2 {
        journey.demo.fail_next("GET /secrets/api-key", Fault::Status(401));
    }
    // Nobody is revoked, so the code signs the second account in.
    journey.press("enter").await.see("Sign in to Azure").await.press("enter").await;
    journey.see("Signed in as alex@fabrikam.com").await.pass(Duration::from_secs(10)).await;
    assert!(!journey.screen().contains("hides in"), "{}", journey.screen());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_wants_a_login_says_so_in_its_place_and_comes_after_the_sign_in() {
    let journey = tiny(WIDE).await;
    journey.demo.revoke("alex@contoso.com");
    journey.demo.fail_next("GET /secrets", Fault::Status(401));
    journey.press("r").await.see("as of 12:0").await;
    assert!(prose(&journey).contains("the login has expired"), "{}", journey.screen());
    assert!(journey.screen().contains("openai-key"), "the rows from before stay");
    journey.press("1 a enter").await.see("Signed in as alex@contoso.com").await.see_no("as of").await;
    assert!(journey.screen().contains("openai-key"));
}
