//! Who is meant, where somebody says it: the machine's own identity, one of az's accounts, the default of new terminals.

use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::azure::{Azure, CLIENT, TENANT, TOKEN, machine_service, machine_service_of};
use crate::home::Home;

const MULTI: &str = "alex@contoso.com";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_s_identity_is_used_by_its_word_where_nothing_marks_it() {
    let home = Home::new();
    let seen = home.alone(&["--demo", "login", "--identity"], &[]).await.done();
    assert!(seen.err.contains("It works; amlock keeps nothing of it: `--account identity`"), "{}", seen.err);
    assert!(!seen.err.contains("kept in"), "{}", seen.err);
    for set in [&[][..], &[("AMLOCK_ACCOUNT", "identity")]] {
        let seen = home.alone(&["--demo", "--account", "Identity", "account", "show", "--json"], set).await.done();
        assert_eq!(seen.json()["name"], "ci-alex");
    }
    // Without the demo it is known, too; nothing is asked for a list.
    let seen = home.alone(&["--account", "identity", "account", "list", "--json"], &[]).await.done();
    assert_eq!((&seen.json()[0]["kept"], &seen.json()[0]["isDefault"]), (&"this machine".into(), &true.into()));
    home.alone(&["account", "use", "identity"], &[]).await.done();
    let config = std::fs::read_to_string(home.at.join("config/amlock/config.toml")).expect("written");
    assert_eq!(config, "account = \"identity\"\n");
    let seen = home.alone(&["account", "list", "--json"], &[]).await.done();
    assert_eq!((&seen.json()[0]["kept"], &seen.json()[0]["isDefault"]), (&"this machine".into(), &true.into()));
    home.alone(&["--account", "identity:../x", "token"], &[]).await.fails(2, "use the managed identity");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_a_machine_s_identities_is_used_by_its_client_id() {
    let (home, azure, (msi, questions)) = (Home::new(), Azure::new().await, machine_service().await);
    let set = [("MSI_ENDPOINT", msi.as_str()), ("MSI_SECRET", "s")];
    let seen = home.run(&azure, &["login", "--identity", "--client-id", CLIENT], &set).await.done();
    assert!(seen.err.contains(&format!("`--account identity:{CLIENT}`")), "{}", seen.err);
    let seen = home.run(&azure, &["login", "--identity"], &set).await.done();
    assert!(seen.err.contains("kept in: this machine"), "a marked one is found by each command: {}", seen.err);
    questions.lock().expect("no panic").clear();
    home.run(&azure, &["--account", &format!("identity:{CLIENT}"), "account", "show"], &set).await.done();
    let asked = questions.lock().expect("no panic").join("");
    assert!(asked.contains(&format!("clientid={CLIENT}")), "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compute_instance_says_whether_its_token_is_the_user_s_or_the_identity_s() {
    let (home, azure) = (Home::new(), Azure::new().await);
    for (idtyp, word, az_type, said) in [
        (Some("user"), "user", "user", "Signed in as machine, with the user's token"),
        (Some("app"), "identity", "servicePrincipal", "Signed in as machine, with the identity's token"),
        (None, "machine", "servicePrincipal", "Signed in as 22222222-2222-4222-8222-222222222222;"),
    ] {
        let (msi, questions) = machine_service_of(idtyp).await;
        let set = [("MSI_ENDPOINT", msi.as_str()), ("MSI_SECRET", "s")];
        let table = home.run(&azure, &["account", "list", "-o", "table"], &set).await.done().out;
        assert!(table.lines().nth(1).is_some_and(|row| row.contains(&format!(" {word} "))), "{idtyp:?}: {table}");
        assert_eq!(questions.lock().expect("no panic").len(), 1, "one token for a list");
        let list = home.run(&azure, &["account", "list", "--json"], &set).await.done().json()[0].clone();
        let show = home.run(&azure, &["account", "show", "--json"], &set).await.done().json();
        for shown in [&list, &show] {
            let wanted = idtyp.map_or(serde_json::Value::Null, |_| word.into());
            assert_eq!((&shown["tokenOf"], &shown["type"]), (&wanted, &az_type.into()), "{idtyp:?}: {shown}");
        }
        let login = home.run(&azure, &["login", "--identity"], &set).await.done();
        assert!(login.err.contains(said), "{idtyp:?}: {}", login.err);
    }
    // A service that is not there delays no list, and nothing is claimed of it.
    let set = [("MSI_ENDPOINT", "http://127.0.0.1:9/MSI/auth"), ("MSI_SECRET", "s")];
    let list = home.alone(&["account", "list", "--json"], &set).await.done().json();
    assert_eq!((&list[0]["name"], &list[0]["tokenOf"]), (&"Azure ML compute".into(), &serde_json::Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn az_signs_in_as_whom_somebody_named_or_not_at_all() {
    let (home, azure) = (Home::new(), Azure::new().await);
    home.az(&[MULTI, "sam@fabrikam.com"]);
    let seen = home.run(&azure, &["login", "--azure-cli", "--account", "sam"], &[]).await.done();
    assert!(seen.err.contains("Signed in as sam@fabrikam.com"), "{}", seen.err);
    let seen = home.run(&azure, &["login", "--azure-cli"], &[("AMLOCK_ACCOUNT", "sam@fabrikam.com")]).await.done();
    assert!(seen.err.contains("Signed in as sam@fabrikam.com"), "{}", seen.err);
    let seen = home.run(&azure, &["login", "--azure-cli"], &[]).await.done();
    assert!(seen.err.contains("Signed in as alex@contoso.com"), "{}", seen.err);
    let starts = home.starts();
    let seen = home.run(&azure, &["login", "--azure-cli", "--account", "nobody"], &[]).await;
    seen.fails(3, "the Azure CLI has nobody of that name");
    assert_eq!(home.starts(), starts);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn az_s_token_says_who_acts() {
    let (home, azure) = (Home::new(), Azure::new().await);
    home.az(&[MULTI]);
    for (upn, named) in [
        ("sam@fabrikam.com", "sam@fabrikam.com"),
        ("Alex@Contoso.com", MULTI),
        ("live.com#alex@contoso.com", MULTI),
        ("alex_contoso.com#EXT#@fabrikam.onmicrosoft.com", MULTI),
    ] {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = serde_json::json!({"tid": TENANT, "oid": "o", "upn": upn, "exp": 4_000_000_000_u64});
        let token = format!("{}.{}.{TOKEN}", part(serde_json::json!({"alg": "RS256"})), part(claims));
        let script = format!("#!/bin/sh\necho '{{\"accessToken\":\"{token}\",\"expires_on\":4000000000}}'\n");
        let az = home.write("bin/az", script);
        std::fs::set_permissions(az, std::fs::Permissions::from_mode(0o755)).expect("to be run");
        let seen = home.run(&azure, &["login", "--azure-cli", "-o", "json"], &[]).await.done();
        assert_eq!(seen.json()["name"], named, "{upn}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_default_that_is_gone_is_named_with_the_config_that_names_it() {
    let home = Home::new();
    home.az(&[MULTI, "sam@fabrikam.com"]);
    home.alone(&["account", "use", "sam"], &[]).await.done();
    let table = home.alone(&["account", "list", "-o", "table"], &[]).await.done().out;
    let marked: Vec<&str> = table.lines().filter(|line| line.trim_end().ends_with("yes")).collect();
    assert!(marked.len() == 1 && marked[0].contains("sam@fabrikam.com"), "{table}");
    home.az(&[MULTI]);
    let seen = home.alone(&["account", "show"], &[]).await.fails(3, "nobody of that name is signed in");
    assert!(seen.err.contains("amlock/config.toml names it: `amlock account use NAME`"), "{}", seen.err);
}
