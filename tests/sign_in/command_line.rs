//! Each way in on the command line, in the demo.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Stage;

/// Where a command runs: a home of its own, gone with the test.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        let home = std::env::temp_dir().join(format!("amlock-login-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&home).expect("a folder");
        Self(home)
    }

    /// The code it ends with, and all it says.
    fn amlock(&self, words: &[&str], variables: &[(&str, &str)], input: &str) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amlock"));
        command.args(words).env_clear().env("HOME", &self.0).env("PATH", &self.0).current_dir(&self.0);
        command.envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        // Whoever does not read its input may have ended already.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8(said).expect("UTF-8"))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/certificates/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_person_signs_in_with_a_code_or_a_browser_and_is_told_what_came_in_between() {
    let home = Home::new();
    for (world, way, tenant, code, words) in [
        ("", "--device-code", "contoso.com", 0, "Signed in as alex@contoso.com"),
        ("", "--browser", "contoso.com", 0, "Signed in as alex@contoso.com"),
        ("declined", "--device-code", "contoso.com", 3, "declined"),
        ("declined", "--browser", "contoso.com", 3, "declined"),
        ("guest", "--device-code", "litware.com", 3, "consented"),
        ("guest", "--browser", "litware.com", 3, "consented"),
        ("guest", "--device-code", "proseware.com", 3, "Conditional Access"),
        ("guest", "--browser", "adatum.com", 0, "Signed in as alex@contoso.com"),
        ("", "--device-code", "nobody.contoso.com", 3, "no such tenant"),
    ] {
        let demo = if world.is_empty() { "--demo".to_owned() } else { format!("--demo={world}") };
        let (have, said) = home.amlock(&[&demo, "login", way, "--tenant", tenant], &[], "");
        assert_eq!(have, code, "{demo} {way} {tenant}: {said}");
        assert!(said.contains(words), "{demo} {way} {tenant}: {said}");
        assert!(!said.contains("eyJ") && !said.contains("1.ADEMO."), "{said}");
    }
}

#[test]
fn an_application_signs_in_with_what_it_has_and_nothing_of_that_is_said() {
    let home = Home::new();
    let stage = Stage::new("");
    let (_, client, secret) = stage.application("ml-auth");
    let (_, old, old_secret) = stage.application("ml-auth-old");
    let (pem, pfx) = (fixture("principal.pem"), fixture("principal.pfx"));
    let login = ["--demo", "login", "--tenant", "contoso.com", "--client-id"];
    let with = |client: &str, more: &[&str], variables: &[(&str, &str)], input: &str| {
        home.amlock(&[&login[..], &[client], more].concat(), variables, input)
    };
    let mine = client.as_str();
    let password = [("AZURE_CLIENT_CERTIFICATE_PASSWORD", "demo-only")];
    for (seen, code, words) in [
        (with(mine, &["--service-principal"], &[], &format!("{secret}\n")), 0, "Signed in as"),
        (with(mine, &["--service-principal"], &[("AZURE_CLIENT_SECRET", &secret)], ""), 0, "Signed in as"),
        (with(mine, &["--certificate", &pem], &[], ""), 0, "Signed in as"),
        (with(mine, &["--certificate", &pfx], &password, ""), 0, "Signed in as"),
        (with(mine, &["--service-principal"], &[], "wr0ng\n"), 3, "client secret is wrong"),
        (with(old.as_str(), &["--service-principal"], &[], &old_secret), 3, "client secret has expired"),
        (with(old.as_str(), &["--certificate", &pem], &[], ""), 3, "AADSTS700027"),
    ] {
        let (have, said) = seen;
        assert_eq!(have, code, "{said}");
        assert!(said.contains(words), "{words}: {said}");
        assert!(!said.contains("eyJ") && !said.contains(&secret) && !said.contains("wr0ng"), "{said}");
    }
}

#[test]
fn a_machine_signs_in_as_itself() {
    let home = Home::new();
    let (code, said) = home.amlock(&["--demo", "login", "--identity"], &[], "");
    assert!(code == 0 && said.contains("Signed in as ci-alex"), "{said}");
    let nobody = ["--demo", "login", "--identity", "--client-id", "00000000-0000-0000-0000-000000000001"];
    let (code, said) = home.amlock(&nobody, &[], "");
    assert!(code == 3 && said.contains("no managed identity with the client id"), "{said}");
}
