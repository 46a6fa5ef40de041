//! Inside a submitted run.

use crate::azure::{Azure, RUN, SUBSCRIPTION, VALUE, token};
use crate::home::Home;

/// A run's variables, with the token `canary` stands in.
pub(crate) fn variables(token: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("AZUREML_RUN_TOKEN", token),
        ("AZUREML_RUN_ID", "sincere_cup_1"),
        ("AZUREML_ARM_SUBSCRIPTION", SUBSCRIPTION),
        ("AZUREML_ARM_RESOURCEGROUP", "rg-ml"),
        ("AZUREML_ARM_WORKSPACE_NAME", "ws-vision"),
        ("AZUREML_ARM_PROJECT_NAME", "train-vision"),
        ("AZUREML_SERVICE_ENDPOINT", "https://westeurope.api.azureml.ms"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_in_a_run_reads_secrets_and_says_what_it_cannot_do() {
    let (home, azure, token) = (Home::new(), Azure::new().await, token(RUN, "run"));
    let set = variables(&token);
    let seen = home.run(&azure, &["secret", "get", "db-password"], &set).await.done();
    assert_eq!(seen.out, VALUE);
    assert!(seen.err.contains("workspace ws-vision from this run"), "{}", seen.err);
    let place = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/ws-vision"
    );
    assert_eq!(azure.asked(), [format!("GET westeurope.api.azureml.ms/credential/v2.0{place}/secrets/db-password")]);

    let seen = home.run(&azure, &["secret", "list", "--json"], &set).await.done();
    assert_eq!(seen.json()[0]["name"], "db-password");
    assert!(seen.err.contains("only secrets are listed that Azure ML's SDK wrote"), "{}", seen.err);
    let seen = home.run(&azure, &["account", "list", "--json"], &set).await.done();
    let account = &seen.json()[0];
    assert_eq!((&account["name"], &account["kept"]), (&"run sincere_cup_1".into(), &"this run".into()));
    assert_eq!((&account["until"], &account["isDefault"]), (&"until the run ends".into(), &true.into()));
    let seen = home.run(&azure, &["account", "show", "--json"], &set).await.done();
    assert_eq!(seen.json()["token"]["oid"], "oid-run");

    let asked = azure.asked().len();
    for words in [
        &["endpoint", "list"][..],
        &["subscription", "list"],
        &["token"],
        &["secret", "versions", "db-password"],
        &["secret", "delete", "db-password", "--yes"],
    ] {
        let seen = home.run(&azure, words, &set).await;
        seen.fails(1, "a run's token reads the secrets of its workspace and nothing else");
    }
    assert_eq!(azure.asked().len(), asked, "nothing was sent for what it cannot do");
    let seen = home.run(&azure, &["doctor", "--online"], &set).await;
    assert!(seen.out.contains("a run's token goes to its workspace's services only"), "{}", seen.out);
    assert_eq!(azure.asked().len(), asked);
    home.run(&azure, &["logout", "run"], &set).await.fails(2, "it is this run's own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_only_begun_is_told_by_the_doctor() {
    let (home, token) = (Home::new(), token(RUN, "run"));
    let set: Vec<_> = variables(&token).into_iter().filter(|(name, _)| *name != "AZUREML_SERVICE_ENDPOINT").collect();
    let seen = home.alone(&["doctor"], &set).await;
    assert!(seen.out.contains("AZUREML_RUN_TOKEN is set, but AZUREML_SERVICE_ENDPOINT is not"), "{}", seen.out);
    home.alone(&["account", "show"], &set).await.fails(3, "nobody is signed in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_job_s_own_identity_comes_before_its_token() {
    let (home, azure, token) = (Home::new(), Azure::new().await, token(RUN, "run"));
    let (msi, _) = crate::azure::machine_service().await;
    let machine = [("MSI_ENDPOINT", msi.as_str()), ("MSI_SECRET", "s")];
    let default = async |more: &[(&str, &str)]| {
        let set = [&variables(&token)[..], &machine, more].concat();
        let seen = home.run(&azure, &["account", "list", "--json"], &set).await.done().json();
        let list = seen.as_array().expect("a list").clone();
        list.iter().find(|one| one["isDefault"] == true).expect("one")["kept"].as_str().map(str::to_owned)
    };
    assert_eq!(default(&[]).await.as_deref(), Some("this run"));
    assert_eq!(default(&[("AZUREML_IDENTITY_IN_USE", "Managed")]).await.as_deref(), Some("this machine"));
    let account = [("AMLOCK_ACCOUNT", "run"), ("AZUREML_IDENTITY_IN_USE", "Managed")];
    assert_eq!(default(&account).await.as_deref(), Some("this run"));
}
