//! Tests that need variables of their own: each runs once more in a process of its own that has them, and no others that
//! steer a sign-in.

use std::process::Command;

/// Every variable that tells of an identity; what the machine that tests has of them is none of ours.
const MARKS: [&str; 12] = [
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "DEFAULT_IDENTITY_CLIENT_ID",
    "OBO_ENDPOINT",
    "AZURE_CLIENT_ID",
    "AZURE_TENANT_ID",
    "AZURE_CONFIG_DIR",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
];
/// Says to a test that it is in the process of its own.
const HERE: &str = "AMLOCK_TEST_ENVIRONMENT";

/// Whether this process is the one with `variables`; else starts it for the test `name` and says how it went.
pub(crate) fn is_here(name: &str, variables: &[(&str, String)]) -> bool {
    if std::env::var(HERE).is_ok_and(|here| here == name) {
        return true;
    }
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]);
    for mark in MARKS {
        command.env_remove(mark);
    }
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.env(HERE, name).output().expect("started");
    let told = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{name} in its own environment:\n{told}\n{said}");
    false
}

/// The same for a test that waits: `body` runs there.
pub(crate) fn run(name: &str, variables: &[(&str, String)], paused: bool, body: impl Future<Output = ()>) {
    if is_here(name, variables) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(paused).build();
        runtime.expect("a runtime").block_on(body);
    }
}
