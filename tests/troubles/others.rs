//! Somebody else at the same vault (N28).

use std::time::Duration;

use amlock::cloud::Cloud;
use amlock::demo::Fault;
use amlock::domain::{Expect, NewSecret, Sealed, SecretName, SetDone, Untrusted, Vault, Who};

use super::journey::{Journey, cloud_of};
use super::{SMALL, asked, prose, tiny};

/// Another client of the same world.
pub(crate) struct Other {
    cloud: Cloud,
    vault: Vault,
}

impl Other {
    pub(crate) fn new(journey: &Journey) -> Self {
        let cloud = cloud_of(&journey.demo);
        let account = cloud.accounts()[0].clone();
        let who = Who { account: account.id, tenant: account.tenant };
        let vault = cloud.vault_by_name(&who, "kv-tiny").expect("a vault");
        Self { cloud, vault }
    }

    pub(crate) async fn deletes(&self, name: &str) {
        self.cloud.delete_secret(&self.vault, &SecretName::parse(name).expect("a name")).await.expect("deleted");
    }

    pub(crate) async fn sets(&self, name: &str, value: &str) -> SetDone {
        let new = NewSecret {
            name: SecretName::parse(name).expect("a name"),
            value: Sealed::new(value.to_owned()),
            content_type: None,
            tags: None,
            not_before: None,
            expires: None,
            enabled: None,
        };
        self.cloud.set_secret(&self.vault, new, Expect::Anything).await.expect("set")
    }

    async fn recovers(&self, name: &str) {
        self.cloud.recover_secret(&self.vault, &SecretName::parse(name).expect("a name")).await.expect("recovered");
    }

    async fn looks(&self, name: &str) -> Vec<String> {
        let versions = self.cloud.versions(&self.vault, &SecretName::parse(name).expect("a name")).await.expect("some");
        versions.iter().filter_map(|one| one.secret.version.as_ref().map(Untrusted::raw)).map(str::to_owned).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_sets_between_our_look_and_our_write_is_named_beside_us() {
    // Theirs a little later than ours or a little earlier, but both after both looked.
    for (before, newest) in [(200, "is the newest (v)"), (1_100, "both are kept (v)")] {
        let journey = tiny(SMALL).await;
        let other = Other::new(&journey);
        other.looks("api-key").await;
        journey.press("e").await.paste("ours").await;
        journey.demo.latency(Duration::from_secs(4));
        let (ours_later, theirs_later) = if before > 1_000 { (1_200, 0) } else { (0, 1_200) };
        let theirs = async {
            tokio::time::sleep(Duration::from_millis(theirs_later)).await;
            other.sets("api-key", "theirs").await
        };
        let ours = async {
            tokio::time::sleep(Duration::from_millis(ours_later)).await;
            journey.press("enter").await.see("somebody else's").await;
        };
        let (theirs, ()) = tokio::join!(theirs, ours);
        let screen = prose(&journey);
        let theirs = theirs.secret.version.expect("a version").raw().to_owned();
        let all = other.looks("api-key").await;
        let ours = all.iter().find(|id| **id != theirs && screen.contains(&id[..8])).expect("ours is named");
        assert!(screen.contains(&theirs[..8]) && screen.contains(newest), "{newest}:\n{}", journey.screen());
        assert_eq!(asked(&journey, "PUT /secrets/api-key").len(), 2, "each once, and ours is {ours}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_brought_back_is_not_among_the_deleted_ones() {
    let journey = tiny(SMALL).await;
    journey.press("d y").await.see("Deleted api-key").await.press("u").await.see("api-key  ").await;
    // The vault itself lists it a little later; nobody brings it back before that.
    journey.press("esc").await.pass(Duration::from_secs(6)).await;
    Other::new(&journey).recovers("api-key").await;
    journey.pass(Duration::from_mins(1)).await.press("u").await.see("Deleted secrets of kv-tiny").await;
    journey.pass(Duration::from_secs(3)).await;
    assert!(!journey.screen().contains("api-key  "), "{}", journey.screen());
    journey.press("esc r").await.see("api-key  ").await;
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_answer_cannot_be_read_is_not_called_a_failure_when_somebody_brings_it_back() {
    let journey = tiny(SMALL).await;
    journey.demo.settle_slowly(false);
    let other = Other::new(&journey);
    other.looks("db-password").await;
    // Theirs comes before our first look, which is slow.
    journey.demo.fail_next("DELETE /secrets/api-key", Fault::Truncate);
    journey.demo.fail_next("GET /deletedsecrets/api-key", Fault::After(3));
    journey.press("d y").await.see("the answer was lost").await;
    other.recovers("api-key").await;
    journey.see("t is not known whether amlock could delete api-key").await;
    assert!(!prose(&journey).contains("was not deleted"), "{}", journey.screen());
    journey.press("r").await.pass(Duration::from_secs(3)).await;
    assert!(journey.screen().contains("api-key  "), "{}", journey.screen());
}
