//! Logins that somebody began to set up, named where nobody is signed in.

use crate::azure::{RUN, token};
use crate::home::Home;
use crate::run::variables;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_is_only_begun_is_named_by_every_command_that_misses_it() {
    let home = Home::new();
    let token = token(RUN, "run");
    let run = variables(&token);
    let without = |name: &str| run.iter().copied().filter(|(have, _)| *have != name).collect::<Vec<_>>();
    let elsewhere =
        [without("AZUREML_SERVICE_ENDPOINT"), vec![("AZUREML_SERVICE_ENDPOINT", "https://evil.example")]].concat();
    for (set, words) in [
        (vec![("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")], "AZURE_CLIENT_SECRET is not"),
        (vec![("AML_TENANT_ID", "t"), ("AML_PRINCIPAL_ID", "c")], "AML_PRINCIPAL_PASS is not"),
        (
            vec![("MSI_ENDPOINT", "http://evil.example"), ("MSI_SECRET", "s")],
            "MSI_ENDPOINT is not an address of this machine",
        ),
        (without("AZUREML_SERVICE_ENDPOINT"), "AZUREML_SERVICE_ENDPOINT is not"),
        (elsewhere, "AZUREML_SERVICE_ENDPOINT is no address of Azure Machine Learning"),
    ] {
        for command in [&["secret", "list"][..], &["token"], &["account", "show"], &["workspace", "list"]] {
            let seen = home.alone(command, &set).await.fails(3, words);
            assert!(seen.err.contains("nobody is signed in"), "{}", seen.err);
        }
        let seen = home.alone(&["account", "list"], &set).await.done();
        assert!(seen.err.contains(words), "{}", seen.err);
        assert!(!seen.all().contains("eyJ"), "{}", seen.all());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn az_that_cannot_be_used_is_named_where_nobody_else_is_there() {
    let home = Home::new();
    home.az(&["alex@contoso.com"]);
    std::fs::remove_file(home.at.join("bin/az")).expect("there");
    let nowhere = [("PATH", "/nowhere")];
    home.alone(&["token"], &nowhere).await.fails(3, "az, which alone gets their tokens, is not on the PATH");
    let seen = home.alone(&["account", "list"], &nowhere).await.done();
    assert!(seen.err.contains("is not on the PATH"), "{}", seen.err);

    let home = Home::new();
    home.write(".azure/azureProfile.json", "[broken");
    home.alone(&["token"], &[]).await.fails(3, "azureProfile.json is not what az writes there");
    let seen = home.alone(&["account", "list"], &[]).await.done();
    assert!(seen.err.contains("azureProfile.json is not what az writes there"), "{}", seen.err);
    assert_eq!(home.starts(), 0);
}
