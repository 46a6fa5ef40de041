//! Two terminals, two accounts, one az: what one of them does is nothing to the other, nor to az's own files.

use crate::azure::Azure;
use crate::home::Home;

const ALEX: &str = "alex@contoso.com";
const KIM: &str = "kim@contoso.com";

async fn name(home: &Home, azure: &Azure, set: &[(&str, &str)]) -> String {
    let seen = home.run(azure, &["account", "show", "--json"], set).await.done().json();
    assert_eq!(seen["token"]["name"], seen["name"], "the token is that account's");
    seen["name"].as_str().expect("a name").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_terminals_with_two_accounts_run_side_by_side() {
    let (home, azure) = (Home::new(), Azure::new().await);
    home.az(&[ALEX, KIM]);
    let before = home.files(".azure");
    assert_eq!(before.len(), 3);
    let (alex, kim) = ([("AMLOCK_ACCOUNT", ALEX)], [("AMLOCK_ACCOUNT", KIM)]);
    for _ in 0..3 {
        let (one, other, neither) =
            tokio::join!(name(&home, &azure, &alex), name(&home, &azure, &kim), name(&home, &azure, &[]));
        assert_eq!((one.as_str(), other.as_str(), neither.as_str()), (ALEX, KIM, ALEX));
    }
    // The default of new terminals is none of those that have chosen.
    home.run(&azure, &["account", "use", KIM], &alex).await.done();
    let (one, new) = tokio::join!(name(&home, &azure, &alex), name(&home, &azure, &[]));
    assert_eq!((one.as_str(), new.as_str()), (ALEX, KIM));
    assert_eq!(home.files(".azure"), before, "az's files are as they were, byte for byte");
    let asked = std::fs::read_to_string(home.at.join("starts")).expect("az was asked");
    assert!(asked.lines().all(|line| line.starts_with("account get-access-token --output json --scope ")), "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_accounts_starts_no_az() {
    let (home, azure) = (Home::new(), Azure::new().await);
    home.az(&[ALEX, KIM]);
    let seen = home.run(&azure, &["account", "list", "--json"], &[]).await.done().json();
    let names: Vec<_> = seen.as_array().expect("a list").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, [ALEX, KIM]);
    assert_eq!(seen[0]["until"], "until az is signed out");
    home.run(&azure, &["doctor"], &[]).await;
    assert_eq!(home.starts(), 0);
    let tenant = "55555555-5555-4555-8555-555555555555";
    home.run(&azure, &["subscription", "list", "--tenant", tenant], &[]).await.done();
    let asked = std::fs::read_to_string(home.at.join("starts")).expect("az was asked");
    assert!(asked.lines().all(|line| line.ends_with(&format!("--tenant {tenant}"))), "{asked}");
}
