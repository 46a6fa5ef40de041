//! The identity of the machine we run on, from each of its hosts; and that it is known within a second where there is none.

use std::time::Duration;

use amlock::cloud::SignIn;
use amlock::demo::{Fault, Machine};
use amlock::domain::{AccountKind, ClientId, Kept, Kind, Moment};
use tokio::time::Instant;

use super::{Stage, VAULT, at_home, environment};

pub(crate) fn way(client_id: Option<&str>) -> SignIn {
    SignIn::ManagedIdentity { client_id: client_id.map(|id| ClientId::parse(id).expect("an id")) }
}

/// The client id of one of the demo's machine identities.
pub(crate) fn identity(stage: &Stage, name: &str) -> String {
    let found = stage.demo.machine_identities().into_iter().find(|(one, _)| one == name);
    found.expect("an identity").1
}

/// Signs in and opens a vault's door and Resource Manager's.
async fn works(stage: &Stage, client_id: Option<&str>, kind: &str) -> String {
    let account = stage.sign_in(way(client_id)).await.unwrap_or_else(|failure| panic!("{kind}: {failure:?}"));
    assert_eq!((account.kind, account.kept), (AccountKind::ManagedIdentity, Kept::Machine), "{kind}");
    assert_eq!(account.tenant, stage.tenant("contoso.com"), "{kind}: the token tells whose it is");
    stage.cloud.token(&at_home(&account), VAULT).await.expect(kind);
    assert_eq!(stage.cloud.subscriptions(&at_home(&account)).await.expect(kind).len(), 3, "{kind}");
    stage.cloud.claims(&at_home(&account)).await.expect(kind).upn.or(account.name.raw().to_owned().into()).expect("one")
}

#[test]
fn a_virtual_machine_gives_its_own_identity_and_those_assigned_to_it() {
    environment::run("machine::a_virtual_machine_gives_its_own_identity_and_those_assigned_to_it", &[], true, async {
        let stage = Stage::new("");
        works(&stage, None, "its own").await;
        let other = identity(&stage, "id-ml-jobs");
        works(&stage, Some(&other), "assigned").await;
        let asked = stage.sent("169.254.169.254");
        assert!(asked.iter().any(|sent| sent.url.contains(&format!("client_id={other}"))));
        let stranger = "00000000-0000-0000-0000-000000000001";
        let failure = stage.sign_in(way(Some(stranger))).await.expect_err("nobody");
        assert!(failure.cause.contains(stranger) && failure.kind == Kind::SignedOut, "{failure:?}");
    });
}

#[test]
fn where_no_identity_is_assigned_it_says_so() {
    environment::run("machine::where_no_identity_is_assigned_it_says_so", &[], true, async {
        let stage = Stage::new("");
        stage.demo.take_identities();
        let failure = stage.sign_in(way(None)).await.expect_err("none");
        assert!(failure.cause.contains("no managed identity is assigned"), "{failure:?}");
        assert!(failure.hint.is_some() && stage.cloud.accounts().is_empty());
    });
}

#[test]
fn where_there_is_no_machine_of_azures_that_is_known_within_a_second() {
    environment::run("machine::where_there_is_no_machine_of_azures_that_is_known_within_a_second", &[], true, async {
        for fault in [Fault::Hang, Fault::Refuse, Fault::Html] {
            let stage = Stage::new("");
            stage.demo.fail_next("169.254.169.254", fault);
            let began = Instant::now();
            let failure = stage.sign_in(way(None)).await.expect_err("nobody there");
            assert!(began.elapsed() <= Duration::from_secs(1), "{fault:?}: {:?}", began.elapsed());
            assert!(failure.cause.contains("no managed identity service"), "{fault:?}: {failure:?}");
            assert!(stage.cloud.accounts().is_empty() && failure.hint.is_some());
        }
    });
}

#[test]
fn azure_ml_compute_gives_the_identity_it_was_given_and_another_by_name() {
    let name = "machine::azure_ml_compute_gives_the_identity_it_was_given_and_another_by_name";
    environment::run(name, &Machine::AzureMl.environment(), true, async {
        let stage = Stage::new("");
        let [found] = &stage.cloud.find_logins()[..] else { panic!("one") };
        assert_eq!((found.word(), found.whose_token()), ("machine", None), "before its token it claims nothing");
        assert_eq!(stage.cloud.introduced(&at_home(found)).await.expect("known").tenant, stage.tenant("contoso.com"));
        let [known] = &stage.cloud.accounts()[..] else { panic!("one") };
        assert_eq!((known.word(), known.whose_token().as_deref()), ("identity", Some("the identity's")));
        works(&stage, None, "the default").await;
        let (own, other) = (identity(&stage, "ci-alex"), identity(&stage, "id-ml-jobs"));
        let asked = stage.sent("127.0.0.1:46808");
        assert!(asked[0].url.contains(&format!("clientid={own}")), "{}", asked[0].url);
        works(&stage, Some(&other), "by name").await;
        // A day from now.
        let account = stage.sign_in(way(None)).await.expect("signed in");
        let token = stage.cloud.token(&at_home(&account), VAULT).await.expect("a token");
        let left = token.expires.duration_since(stage.cloud.clock().now()).as_secs();
        assert!((86_000..=86_400).contains(&left), "{left}");
    });
}

#[test]
fn azure_ml_compute_that_does_not_know_us_refuses() {
    let mut variables = Machine::AzureMl.environment();
    for (name, value) in &mut variables {
        if *name == "MSI_SECRET" {
            "not the one".clone_into(value);
        }
    }
    environment::run("machine::azure_ml_compute_that_does_not_know_us_refuses", &variables, true, async {
        let stage = Stage::new("");
        let failure = stage.sign_in(way(None)).await.expect_err("refused");
        assert!(failure.cause.contains("status 401"), "{failure:?}");
        assert!(!format!("{failure:?}").contains("not the one") && stage.cloud.accounts().is_empty());
    });
}

#[test]
fn app_service_gives_its_identity() {
    environment::run("machine::app_service_gives_its_identity", &Machine::AppService.environment(), false, async {
        // azure_identity asks here, and looks at the system's clock.
        let stage = Stage::at("", Moment::now());
        works(&stage, None, "its own").await;
        let other = identity(&stage, "id-ml-jobs");
        works(&stage, Some(&other), "assigned").await;
        let failure = stage.sign_in(way(Some("00000000-0000-0000-0000-000000000001"))).await.expect_err("nobody");
        assert!(failure.cause.contains("no managed identity with the client id"), "{failure:?}");
    });
}

#[test]
fn a_job_that_runs_as_its_user_opens_what_the_user_may() {
    let name = "machine::a_job_that_runs_as_its_user_opens_what_the_user_may";
    environment::run(name, &Machine::Job.environment(), true, async {
        let stage = Stage::new("");
        assert_eq!(works(&stage, None, "the user").await, "alex@contoso.com", "the token is the user's");
        let [account] = &stage.cloud.accounts()[..] else { panic!("one") };
        assert_eq!((account.word(), account.whose_token().as_deref()), ("user", Some("the user's")));
    });
}

#[test]
fn azure_arc_names_a_key_that_only_this_machine_can_read() {
    let name = "machine::azure_arc_names_a_key_that_only_this_machine_can_read";
    environment::run(name, &Machine::Arc.environment(), true, async {
        let stage = Stage::new("");
        let failure = stage.sign_in(way(None)).await.expect_err("no such key here");
        assert!(failure.cause.contains("key cannot be read"), "{failure:?}");
        assert!(failure.hint.as_ref().is_some_and(|hint| hint.contains("himds")), "{failure:?}");
        // A file elsewhere is never read, whatever the agent says.
        stage.demo.keep_arc_key("/etc/passwd.key", "x");
        let failure = stage.sign_in(way(None)).await.expect_err("elsewhere");
        assert!(failure.cause.contains("outside its own folder"), "{failure:?}");
    });
}

#[test]
fn a_machine_cannot_prove_more_than_it_is() {
    environment::run("machine::a_machine_cannot_prove_more_than_it_is", &[], true, async {
        let stage = Stage::new("");
        let account = stage.sign_in(way(None)).await.expect("signed in");
        stage.demo.challenge("ci-alex", "c1");
        let failure = stage.cloud.subscriptions(&at_home(&account)).await.expect_err("more");
        assert!(failure.cause.contains("more than a machine can prove"), "{failure:?}");
        assert_eq!(failure.exit_code(), 3);
    });
}
