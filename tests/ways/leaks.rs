//! Nothing that lets somebody in is found where it should not be, whichever way was gone: not on the screen, in no error, in
//! no file.

use std::path::PathBuf;

use crate::azure::{Azure, CLIENT, FEDERATED, MSI, RUN, SECRET, TENANT, TOKEN, machine_service, refusal, token};
use crate::home::{Home, Seen};
use crate::server::{Step, http};

const CANARIES: [&str; 5] = [SECRET, TOKEN, RUN, MSI, FEDERATED];

/// Looks for what must not be there, also in other writings, and for any token at all.
#[track_caller]
fn clean(seen: &Seen, home: &Home, written: &[PathBuf], way: &str) {
    let said = seen.all();
    let files = home.files("").into_iter().filter(|(path, _)| !written.contains(path));
    let files = files.map(|(path, bytes)| (path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
    for (place, text) in std::iter::once(("what was said".to_owned(), said)).chain(files) {
        for canary in CANARIES {
            assert!(!text.contains(canary), "{way}: {canary} in {place}: {text}");
        }
        assert!(!text.contains("eyJ") && !text.contains("c4n4ry"), "{way}: a token in {place}: {text}");
    }
}

fn certificate(name: &str) -> String {
    format!("{}/tests/fixtures/certificates/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A way: what it is called, its variables, and the login's words where it has some.
type Way<'a> = (&'a str, Vec<(&'static str, String)>, Vec<String>);

fn ways(home: &Home, msi: &str, written: &mut Vec<PathBuf>) -> Vec<Way<'static>> {
    let own = |text: &str| text.to_owned();
    let family = |tenant, id, secret| vec![(tenant, own(TENANT)), (id, own(CLIENT)), (secret, own(SECRET))];
    let ids = || vec![("AZURE_TENANT_ID", own(TENANT)), ("AZURE_CLIENT_ID", own(CLIENT))];
    let with = |more: (&'static str, String)| [ids(), vec![more]].concat();
    let federated = home.write("federated", token(FEDERATED, "issuer"));
    let auth = home.write(
        "auth.json",
        serde_json::json!({
            "clientId": CLIENT, "clientSecret": SECRET, "tenantId": TENANT, "subscriptionId": TENANT,
            "activeDirectoryEndpointUrl": "https://login.microsoftonline.com",
        })
        .to_string(),
    );
    let (file, auth_file) = (federated.display().to_string(), auth.display().to_string());
    written.extend([federated, auth]);
    let run = crate::run::variables("").into_iter().map(|(name, value)| (name, own(value)));
    let run = run.filter(|(name, _)| *name != "AZUREML_RUN_TOKEN").chain([("AZUREML_RUN_TOKEN", token(RUN, "run"))]);
    let login = |words: &[&str]| words.iter().map(|&word| own(word)).collect::<Vec<_>>();
    let sp = ["login", "--service-principal", "--tenant", TENANT, "--client-id", CLIENT];
    vec![
        ("AZURE_*", family("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"), login(&sp)),
        (
            "the SDK's",
            family(
                "AZUREML_SERVICE_PRINCIPAL_TENANT_ID",
                "AZUREML_SERVICE_PRINCIPAL_ID",
                "AZUREML_SERVICE_PRINCIPAL_PASSWORD",
            ),
            Vec::new(),
        ),
        ("the documentation's", family("AML_TENANT_ID", "AML_PRINCIPAL_ID", "AML_PRINCIPAL_PASS"), Vec::new()),
        ("PEM", with(("AZURE_CLIENT_CERTIFICATE_PATH", certificate("principal.pem"))), {
            let file = certificate("principal.pem");
            login(&["login", "--certificate", &file, "--tenant", TENANT, "--client-id", CLIENT])
        }),
        (
            "PFX",
            [
                with(("AZURE_CLIENT_CERTIFICATE_PATH", certificate("principal.pfx"))),
                vec![("AZURE_CLIENT_CERTIFICATE_PASSWORD", own("demo-only"))],
            ]
            .concat(),
            Vec::new(),
        ),
        ("federated", with(("AZURE_FEDERATED_TOKEN_FILE", file.clone())), {
            login(&["login", "--federated-token", &file, "--tenant", TENANT, "--client-id", CLIENT])
        }),
        ("auth file", Vec::new(), login(&["login", "--auth-file", &auth_file])),
        (
            "machine",
            vec![("MSI_ENDPOINT", own(msi)), ("MSI_SECRET", own(MSI)), ("DEFAULT_IDENTITY_CLIENT_ID", own(CLIENT))],
            login(&["login", "--identity"]),
        ),
        ("run", run.collect(), Vec::new()),
        ("az", Vec::new(), login(&["login", "--azure-cli"])),
    ]
}

/// Goes every way with every word; `judge` is told what came of it.
async fn each(azure: &Azure, judge: impl Fn(&str, &str, &Seen)) {
    let (msi, _) = machine_service().await;
    for n in 0..10 {
        let (home, mut written) = (Home::new(), Vec::new());
        let (way, set, login) = ways(&home, &msi, &mut written).swap_remove(n);
        if way == "az" {
            home.az(&["alex@contoso.com"]);
            written.push(home.at.join("bin/az"));
        }
        let set: Vec<(&str, &str)> = set.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let commands = [
            &["account", "show"][..],
            &["account", "list", "-o", "table"],
            &["subscription", "list", "--json"],
            &["secret", "list", "--vault", "kv-vision"],
            &["doctor", "--online"],
        ];
        let login: Vec<&str> = login.iter().map(String::as_str).collect();
        for words in commands.into_iter().chain([login.as_slice()]) {
            // The auth file signs in for one command only.
            if words.is_empty() || (way == "auth file" && words[0] != "login") {
                continue;
            }
            let seen = home.run(azure, &[&["--verbose"], words].concat(), &set).await;
            clean(&seen, &home, &written, way);
            judge(way, words[0], &seen);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_way_in_leaves_anything_of_what_lets_it_in() {
    let azure = Azure::new().await;
    each(&azure, |way, command, seen| {
        if matches!(command, "account" | "login") {
            assert_eq!(seen.code, 0, "{way} {command}: {}", seen.all());
        }
    })
    .await;
    let all: String =
        azure.server.heard().iter().map(|one| one.head.clone() + &String::from_utf8_lossy(&one.body)).collect();
    for canary in [SECRET, TOKEN, FEDERATED, "client_assertion="] {
        assert!(all.contains(canary), "{canary} was never sent, so that its absence proves nothing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_a_refusal_that_repeats_all_it_was_sent() {
    let azure = Azure::answering(|heard| {
        let sent = format!("{} {}", heard.head, String::from_utf8_lossy(&heard.body)).replace(['\r', '\n'], " ");
        match heard.method.as_str() {
            "POST" => refusal(7_000_215, "Invalid client secret provided."),
            _ => vec![Step::Send(http(
                400,
                &[],
                serde_json::json!({"error": {"code": "Bad", "message": sent.len()}}).to_string(),
            ))],
        }
    })
    .await;
    each(&azure, |way, command, seen| {
        if matches!(way, "AZURE_*" | "the SDK's" | "the documentation's" | "auth file") && command == "login" {
            assert!(seen.err.contains("the client secret is wrong"), "{way}: {}", seen.all());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_printed_where_it_was_asked_for_and_nowhere_else() {
    let (home, azure) = (Home::new(), Azure::new().await);
    let set = [("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", CLIENT), ("AZURE_CLIENT_SECRET", SECRET)];
    for resource in ["arm", "ml", "vault", "graph", "https://storage.azure.com"] {
        let seen = home.run(&azure, &["--verbose", "token", "--resource", resource, "--json"], &set).await.done();
        let json = seen.json();
        assert_eq!((&json["accessToken"], &json["tokenType"]), (&token(TOKEN, "principal").into(), &"Bearer".into()));
        let fields: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
        // As `az account get-access-token` has them.
        assert_eq!(fields, ["accessToken", "expiresOn", "expires_on", "subscription", "tenant", "tokenType"]);
        assert!(!seen.err.contains(TOKEN) && !seen.err.contains(SECRET), "{}", seen.err);
    }
    let forms: Vec<String> =
        azure.server.heard().iter().map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect();
    for scope in ["management.azure.com", "ml.azure.com", "vault.azure.net", "graph.microsoft.com", "storage.azure.com"]
    {
        let scope = format!("https%3A%2F%2F{scope}%2F.default");
        assert!(forms.iter().any(|form| form.contains(&scope)), "{scope}");
    }
    for (path, bytes) in home.files("") {
        assert!(!String::from_utf8_lossy(&bytes).contains("c4n4ry"), "{}", path.display());
    }
}
