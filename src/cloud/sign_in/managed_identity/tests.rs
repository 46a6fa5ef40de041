//! What the services of a machine answer, in the forms they have been seen in.

use std::fs;

use super::*;
use crate::demo::{DemoCloud, Machine as Host};

fn grant(json: &str) -> Grant {
    serde_json::from_str(json).expect("a grant")
}

#[test]
fn the_end_of_a_token_comes_in_many_forms() {
    for (json, want) in [
        (r#"{"access_token":"t","expires_on":1700000000}"#, Some(1_700_000_000)),
        (r#"{"access_token":"t","expires_on":"1700000000"}"#, Some(1_700_000_000)),
        (r#"{"access_token":"t","expires_on":"06/20/2019 02:57:58 +00:00"}"#, Some(1_560_999_478)),
        (r#"{"access_token":"t","expires_on":"1/16/2020 5:24:12 AM +00:00"}"#, Some(1_579_152_252)),
        (r#"{"access_token":"t","expires_on":"soon"}"#, None),
        (r#"{"access_token":"t"}"#, None),
    ] {
        assert_eq!(grant(json).expires_on, want, "{json}");
    }
    assert_eq!(grant(r#"{"access_token":"t","expires_in":"86399"}"#).expires_in, Some(86_399));
}

/// Azure Arc's agent of the demo, its keys in a folder of the test's own, gone with it.
struct Agent {
    demo: Arc<DemoCloud>,
    folder: PathBuf,
    login: Arc<ManagedIdentity>,
}

impl Agent {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("amlock-arc-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).expect("a folder");
        let now = "2026-11-21T09:00:00Z".parse().expect("a time");
        let demo = DemoCloud::new("", now).expect("a world");
        let marks = Host::Arc.environment();
        let variable = |name: &str| marks.iter().find(|(have, _)| *have == name).map(|(_, value)| value.clone());
        let source = Source::marked(variable).expect("near").expect("marked");
        let machine = Machine {
            gate: MachineGate::new(Arc::clone(&demo) as _),
            source,
            client_id: None,
            clock: Clock::starting_at(now),
            arc_keys: folder.clone(),
            known: std::sync::atomic::AtomicBool::new(false),
        };
        Self { demo, folder, login: Arc::new(ManagedIdentity(Arc::new(machine))) }
    }

    /// The agent keeps `agents` in a file of this name, where there is `ours`.
    fn keep(&self, name: &str, ours: &str, agents: &str) {
        let file = self.folder.join(name);
        fs::write(&file, ours).expect("written");
        self.demo.keep_arc_key(&file.display().to_string(), agents);
    }

    async fn token(&self) -> Result<AccessToken, String> {
        let tenant = TenantId::parse("unknown").expect("a word");
        let token = self.login.credential(&tenant).get_token(&["https://vault.azure.net/.default"], None).await;
        token.map_err(|error| error.into_downcast::<Failure>().expect("ours").cause)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test(start_paused = true)]
async fn azure_arc_gives_a_token_to_whoever_can_read_its_key() {
    let agent = Agent::new();
    agent.keep("one.key", "the key\n", "the key");
    assert!(agent.token().await.expect("a token").token.secret().starts_with("eyJ"));
    assert_eq!(agent.demo.log().iter().map(|line| line.status).collect::<Vec<_>>(), [Some(401), Some(200)]);
    // Another key is refused once, and not tried again.
    agent.keep("two.key", "an old key", "the key");
    let asked = agent.demo.log().len();
    assert!(agent.token().await.expect_err("refused").contains("status 401"));
    assert_eq!(agent.demo.log().len(), asked + 2);
    agent.demo.take_identities();
    agent.keep("one.key", "the key", "the key");
    assert!(agent.token().await.expect_err("none").contains("no managed identity is assigned"));
}

#[tokio::test(start_paused = true)]
async fn azure_arc_s_agent_cannot_have_other_files_sent_to_it() {
    let agent = Agent::new();
    for name in ["key.txt", "key", "below/../one.key", "../one.key"] {
        fs::create_dir_all(agent.folder.join("below")).expect("a folder");
        agent.keep(name, "the key", "the key");
        let why = agent.token().await.expect_err(name);
        let _ = fs::remove_file(agent.folder.join(name));
        assert!(why.contains("outside its own folder"), "{name}: {why}");
    }
    agent.keep("large.key", &"k".repeat(5_000), "the key");
    assert!(agent.token().await.expect_err("too large").contains("cannot be read"));
    #[cfg(unix)]
    {
        let elsewhere = agent.folder.join("below").join("secret");
        fs::write(&elsewhere, "the key").expect("written");
        std::os::unix::fs::symlink(&elsewhere, agent.folder.join("link.key")).expect("a link");
        agent.demo.keep_arc_key(&agent.folder.join("link.key").display().to_string(), "the key");
        assert!(agent.token().await.expect_err("a link").contains("cannot be read"));
    }
}

/// A service of this machine's that answers so.
fn answering(source: Source, body: &str) -> Result<(Sealed, i64), Failure> {
    let now: Moment = "2026-11-21T09:00:00Z".parse().expect("a time");
    let demo = DemoCloud::new("", now).expect("a world");
    let machine = Machine {
        gate: MachineGate::new(demo as _),
        source,
        client_id: None,
        clock: Clock::starting_at(now),
        arc_keys: PathBuf::new(),
        known: std::sync::atomic::AtomicBool::new(false),
    };
    machine.read(&Answer { status: 200, headers: Vec::new(), body: body.to_owned().into() })
}

#[tokio::test]
async fn what_is_no_token_is_told_in_words_of_its_own_and_never_repeated() {
    for (body, words) in [
        ("<html>eyJhbGciOi.eyJ.secret</html>", "(App Service) answered with a web page"),
        ("eyJhbGciOi.eyJ.secret", "(App Service) answered something that is no token"),
        (r#"{"access_token":"eyJhbGciOi.eyJ.secret","expires_on":"soon"}"#, "does not say when its token ends"),
    ] {
        let failure = answering(Source::AppService, body).expect_err("no token");
        let told = format!("{failure:?}");
        assert!(failure.cause.contains(words), "{told}");
        assert!(!told.contains("eyJ") && !told.contains("proxy") && !told.contains("IDENTITY_ENDPOINT"), "{told}");
    }
    for end in ["1795257600", "\"1795257600\"", "\"11/21/2026 10:00:00 AM +00:00\""] {
        let body = format!(r#"{{"access_token":"t","expires_on":{end}}}"#);
        assert!(answering(Source::AppService, &body).is_ok_and(|(_, left)| left > 0), "{end}");
    }
}

#[test]
fn a_limit_below_a_mebibyte_is_told_as_what_it_is() {
    let told = Halt::TooLarge { host: "127.0.0.1".to_owned(), cap: 64 * 1024 }.to_string();
    assert_eq!(told, "the answer of 127.0.0.1 is larger than 64 KiB");
}
