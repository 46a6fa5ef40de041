//! What steers amlock: every variable and file that decides where requests go and as whom. Names, never a secret's value.

use super::{Check, State, fact, set};
use crate::cli::context::Context;
use crate::cli::folder::FolderWorkspace;

/// The variables, by what they are about.
const VARIABLES: &[(&str, &[&str])] = &[
    (
        "amlock's own",
        &[
            "AMLOCK_ACCOUNT",
            "AMLOCK_TENANT",
            "AMLOCK_SUBSCRIPTION",
            "AMLOCK_RESOURCE_GROUP",
            "AMLOCK_WORKSPACE",
            "AMLOCK_CLOUD",
        ],
    ),
    (
        "a service principal",
        &[
            "AZURE_TENANT_ID",
            "AZURE_CLIENT_ID",
            "AZURE_CLIENT_SECRET",
            "AZURE_CLIENT_CERTIFICATE_PATH",
            "AZURE_CLIENT_CERTIFICATE_PASSWORD",
            "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
            "AZURE_FEDERATED_TOKEN_FILE",
        ],
    ),
    (
        "a service principal of Azure ML's SDK",
        &["AZUREML_SERVICE_PRINCIPAL_TENANT_ID", "AZUREML_SERVICE_PRINCIPAL_ID", "AZUREML_SERVICE_PRINCIPAL_PASSWORD"],
    ),
    ("a service principal of Azure ML's documentation", &["AML_TENANT_ID", "AML_PRINCIPAL_ID", "AML_PRINCIPAL_PASS"]),
    (
        "a managed identity",
        &[
            "IDENTITY_ENDPOINT",
            "IDENTITY_HEADER",
            "IDENTITY_SERVER_THUMBPRINT",
            "IMDS_ENDPOINT",
            "MSI_ENDPOINT",
            "MSI_SECRET",
            "DEFAULT_IDENTITY_CLIENT_ID",
            "OBO_ENDPOINT",
        ],
    ),
    (
        "a submitted run",
        &[
            "AZUREML_RUN_TOKEN",
            "AZUREML_RUN_TOKEN_EXPIRY",
            "AZUREML_RUN_ID",
            "AZUREML_ARM_SUBSCRIPTION",
            "AZUREML_ARM_RESOURCEGROUP",
            "AZUREML_ARM_WORKSPACE_NAME",
            "AZUREML_ARM_PROJECT_NAME",
            "AZUREML_EXPERIMENT_ID",
            "AZUREML_SERVICE_ENDPOINT",
            "AZUREML_IDENTITY_IN_USE",
        ],
    ),
    ("the cloud", &["AZURE_AUTHORITY_HOST", "AZURE_CLOUD_NAME"]),
    ("the Azure CLI", &["AZURE_CONFIG_DIR"]),
    (
        "the network",
        &[
            "HTTPS_PROXY",
            "https_proxy",
            "ALL_PROXY",
            "all_proxy",
            "NO_PROXY",
            "no_proxy",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
            "REQUESTS_CA_BUNDLE",
        ],
    ),
    ("this machine", &["BROWSER", "XDG_CONFIG_HOME"]),
];

/// Those whose value lets somebody in.
const SECRET: [&str; 6] = [
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZUREML_SERVICE_PRINCIPAL_PASSWORD",
    "AML_PRINCIPAL_PASS",
    "AZUREML_RUN_TOKEN",
    "MSI_SECRET",
];

/// All of it.
pub(super) fn all(context: &Context, checks: &mut Vec<Check>) {
    variables(checks);
    for failure in &context.problems {
        checks.push(Check { name: "start", state: State::Bad, words: format!("{}: {}", failure.doing, failure.cause) });
    }
    checks.push(fact("config", config(context)));
    checks.push(folder(context));
    checks.push(azure_cli(context));
    checks.push(proxy());
    checks.push(fact("certificates", certificates(context.ca_bundle.as_deref())));
}

fn variables(checks: &mut Vec<Check>) {
    let before = checks.len();
    for (about, names) in VARIABLES {
        let names = names.iter().copied().filter(|name| set(name).is_some()).collect::<Vec<_>>();
        if !names.is_empty() {
            checks.push(fact("variables", format!("of {about}: {}", names.join(", "))));
        }
    }
    if checks.len() == before {
        checks.push(fact("variables", "none that matter are set".to_owned()));
    }
    let secret = SECRET.into_iter().filter(|name| set(name).is_some()).collect::<Vec<_>>();
    if !secret.is_empty() {
        let (all, stay) = (secret.join(" and "), if secret.len() == 1 { "stays" } else { "stay" });
        let words = format!("{all} {stay} readable in /proc for you and root while a program runs with it");
        checks.push(Check { name: "variables", state: State::Warning, words });
    }
}

fn config(context: &Context) -> String {
    match (&context.around.config, context.demo) {
        (_, true) => "the demo reads none".to_owned(),
        (None, _) => "no place for one: neither XDG_CONFIG_HOME nor HOME is set".to_owned(),
        (Some(path), _) if path.exists() => path.display().to_string(),
        (Some(path), _) => format!("none; it would be {}", path.display()),
    }
}

fn folder(context: &Context) -> Check {
    match context.folder() {
        Ok(Some(FolderWorkspace { id, file, distrust: Some(distrust) })) => Check {
            name: "this folder",
            state: State::Warning,
            words: format!("workspace {} from {}, which steers no change: {distrust}", id.name(), file.display()),
        },
        Ok(Some(found)) => fact("this folder", format!("workspace {} from {}", found.id.name(), found.file.display())),
        Ok(None) => fact("this folder", "no .azureml/config.json here or above".to_owned()),
        Err(failure) => Check { name: "this folder", state: State::Warning, words: failure.sentence() },
    }
}

/// az and its notes; neither is started or written.
fn azure_cli(context: &Context) -> Check {
    if context.demo {
        return fact("az", "the demo has nothing to do with it".to_owned());
    }
    let found = context.cloud.azure_cli();
    let Some(program) = found.program else { return fact("az", "it is not on the PATH".to_owned()) };
    match found.trouble {
        None => fact("az", format!("{}, with the logins in {}", program.display(), found.profile.display())),
        Some(trouble) => Check {
            name: "az",
            state: if found.unread { State::Warning } else { State::Fact },
            words: format!("{}; {trouble}", program.display()),
        },
    }
}

/// The proxy, without the name and password that may stand in its address, and who is reached without it.
fn proxy() -> Check {
    let found =
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].into_iter().find_map(|name| Some((name, set(name)?)));
    let Some((name, address)) = found else { return fact("proxy", "none".to_owned()) };
    let parsed = url::Url::parse(&address).ok().filter(url::Url::has_host);
    let words = parsed.and_then(|url| {
        let port = url.port_or_known_default().map_or_else(String::new, |port| format!(":{port}"));
        Some(format!("{}{port} ({name})", url.host_str()?))
    });
    let without = ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| Some((name, set(name)?)));
    let without = without.map_or_else(String::new, |(name, hosts)| format!(", but for {hosts} ({name})"));
    match words {
        Some(words) => fact("proxy", format!("{words}{without}")),
        None => Check { name: "proxy", state: State::Warning, words: format!("{name} is not an address") },
    }
}

/// Whose certificates are trusted.
fn certificates(bundle: Option<&str>) -> String {
    let moved = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find_map(|name| Some((name, set(name)?)));
    let own = moved.map_or_else(
        || "the system's".to_owned(),
        |(name, path)| format!("{path} ({name}) in the place of the system's"),
    );
    bundle.map_or(own.clone(), |bundle| format!("{own}, and {bundle}"))
}
