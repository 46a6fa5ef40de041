//! The worlds of the demo in which a login is not enough, in the app.

use std::time::Duration;

use amlock::app::{Start, Target};

use super::journey::{Journey, start};
use super::{ARM, Stage, at_home, principal};
use amlock::cloud::SignIn;
use amlock::domain::{TenantId, Who};

const WIDE: (u16, u16) = (120, 36);

fn at(workspace: &str) -> Start {
    Start { open: Some(Target { workspace: workspace.to_owned(), ..Target::default() }), folder: None, ..start() }
}

#[tokio::test(start_paused = true)]
async fn a_guest_sees_the_workspaces_of_both_tenants_and_who_did_not_let_them_in() {
    let nowhere = Start { folder: None, ..start() };
    let journey = Journey::with("guest", WIDE, nowhere, |_| {});
    journey.see("ws-nlp").await.see("ws-archive").await.see("Could n").await;
    // In the other tenant's workspace everything goes as at home.
    let journey = Journey::with("guest", WIDE, at("ws-nlp"), |_| {});
    journey.see("wandb-key").await.press("enter").await.see("hides in").await;
}

#[tokio::test(start_paused = true)]
async fn an_account_s_tenants_are_a_list_and_one_is_gone_to_without_signing_in() {
    let nowhere = Start { folder: None, ..start() };
    for size in [WIDE, (80, 24)] {
        let journey = Journey::with("guest", size, nowhere.clone(), |_| {});
        journey.see(" 31").await.see("Could n").await;
        journey.press("1 t").await.see("Tenants of alex@contoso.com").await.see("home, 24 workspaces").await;
        journey.see("Fabrikam").await.see("7 workspaces").await.see("wants a sign-in").await;
        let sent = journey.demo.log().len();
        while !journey.screen().lines().any(|line| line.contains("› Fabrikam")) {
            journey.press("j").await;
        }
        journey.press("enter").await.see_no("fs-cu").await.see("ws-nlp").await;
        journey.see("Only those of alex@contoso.com in Fabrikam").await;
        assert_eq!(journey.demo.log().len(), sent, "the workspaces were there already");
        journey.press("1 t").await.see("› Fabrikam").await.see_no("▪ Contoso").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_found_says_who_it_is_as_soon_as_its_token_told() {
    let demo = amlock::demo::DemoCloud::new("signed-out", start().now).expect("a world");
    let cloud = super::journey::cloud_of(&demo);
    cloud.machine_identity(None).expect("one");
    let journey = Journey::of(demo, cloud, WIDE, Start { folder: None, ..start() });
    journey.see("fs-cu").await.see("Signed in as ci-alex. The token is the identity's.").await;
    journey
        .press("1")
        .await
        .see("token     the identity's")
        .await
        .see("tenant    Contoso")
        .await
        .see_no("unknown")
        .await;
    let asked = journey.demo.log().iter().filter(|line| line.url.contains("169.254.169.254")).count();
    assert!(asked <= 3, "a token for what it was called before, and one for what it is: {asked}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_wants_a_newer_login_gets_it_and_nobody_notices() {
    let journey = Journey::with("challenged", WIDE, at("ws-tiny"), |_| {});
    journey.see("openai-key").await.press("enter").await.see("hides in").await;
    assert!(!journey.screen().contains("Could n"), "{}", journey.screen());
    let refused = journey.demo.log().iter().filter(|line| line.status == Some(401)).count();
    assert!(refused > 0, "it was asked for");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_was_revoked_says_why_and_a_new_one_opens_all() {
    let journey = Journey::with("revoked", WIDE, start(), |_| {});
    journey.see("Could n").await;
    journey.press("1").await.see("login ended").await.see_no("renews itself").await;
    let signed = "1 a enter";
    journey.press(signed).await.see("DEMO-ONLY").await.see("Signed in as alex@contoso.com").await;
    journey.pass(Duration::from_secs(5)).await.see_no("Could n").await;
    journey.press("1").await.see("renews itself").await;
}

#[tokio::test(start_paused = true)]
async fn the_demo_says_that_it_is_the_demo_that_keeps_no_login() {
    let journey = Journey::with("signed-out", WIDE, start(), |_| {});
    journey.see("The demo keeps no login").await.see_no("This machine has no keyring").await;
}

#[tokio::test(start_paused = true)]
async fn what_the_demo_says_of_its_code_and_its_page_is_true_in_every_world() {
    let promised =
        |shown: &str| ["approve", "agree", "few seconds", "in a moment"].iter().any(|word| shown.contains(word));
    for (world, comes) in [
        ("signed-out", "Signed in as alex@contoso.com"),
        ("declined", "declined"),
        ("away", "waiting · good for 14 min"),
    ] {
        let journey = Journey::with(world, WIDE, Start { folder: None, ..start() }, |_| {});
        journey.see("Sign in to Azure").await.press("enter").await.see("whoever would type the code").await;
        assert!(!promised(&journey.screen()), "{world}: {}", journey.screen());
        journey.see(comes).await;
        let journey = Journey::with(world, WIDE, Start { folder: None, ..start() }, |_| {});
        journey.see("Sign in to Azure").await.press("j j enter").await.see("whoever answers there").await;
        assert!(!promised(&journey.screen()), "{world}: {}", journey.screen());
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_named_by_its_domain_is_listed_once() {
    let stage = Stage::new("");
    let SignIn::Principal { tenant, client_id, proof } = principal::secret(&stage, "ml-auth") else {
        panic!("a principal")
    };
    let domain = TenantId::parse("contoso.com").expect("a domain");
    let way = SignIn::Principal { tenant: domain.clone(), client_id: client_id.clone(), proof };
    let account = stage.sign_in(way).await.expect("signed in");
    assert_eq!(account.tenant, tenant, "its token told the id");
    let who = Who { account: account.id, tenant: domain };
    stage.cloud.token(&who, ARM).await.expect("a token");
    assert_eq!(stage.cloud.tenant_of(&who), tenant);

    let (_, _, secret) = stage.application("ml-auth");
    let journey = Journey::with("signed-out", WIDE, Start { folder: None, ..start() }, |_| {});
    journey.see("Sign in to Azure").await.press("j enter").await.see("client id").await;
    journey.press(&format!("text:contoso.com enter text:{client_id} enter text:{secret} enter")).await;
    journey.see("24").await.pass(Duration::from_secs(5)).await.see_no("48").await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_is_compared_with_azures_by_the_answers() {
    let stage = Stage::new("");
    assert_eq!(stage.cloud.clock_trouble(), None, "nobody was asked");
    let account = stage.alex();
    stage.cloud.token(&at_home(&account), ARM).await.expect("a token");
    assert_eq!(stage.cloud.clock_trouble(), Some(Ok(())));
    stage.demo.jump(jiff::SignedDuration::from_mins(40));
    stage.cloud.subscriptions(&at_home(&account)).await.expect("subscriptions");
    let words = "this machine's clock is 40 min behind Azure's";
    assert_eq!(stage.cloud.clock_trouble(), Some(Err(words.to_owned())));
}
