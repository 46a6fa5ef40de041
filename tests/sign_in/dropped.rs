//! A sign-in that is left at any of its awaits leaves nothing: no account, no request later on, no port, no process; and the
//! next one works.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use amlock::cloud::{SignIn, Told};
use amlock::demo::Machine;
use amlock::domain::{Account, Failure, Moment};
use tokio::net::TcpListener;

use super::principal::{JOB, TokenFile, federated, pem, secret};
use super::{Stage, VAULT, at_home, browser, device_code, environment, machine};

/// More awaits than any way has.
const MANY: usize = 400;

/// A future that is left after so many polls.
struct Left<F> {
    inner: F,
    polls: usize,
}

impl<F: Future + Unpin> Future for Left<F> {
    /// What came of it, if it was not left before.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        match Pin::new(&mut self.inner).poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if self.polls == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// What a sign-in came to, if it was not left after so many polls.
async fn left<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    Left { inner: pin!(future), polls }.await
}

/// Leaves a way at its first await, at its second, and so on until it comes through.
async fn at_every_await(stage: impl Fn() -> Stage, way: impl Fn(&Stage) -> SignIn) {
    for polls in 0..MANY {
        let stage = stage();
        let mut told = |_: Told| ();
        let done: Option<Result<Account, Failure>> = left(stage.cloud.sign_in(way(&stage), &mut told), polls).await;
        if let Some(signed) = done {
            signed.expect("signed in");
            assert!(polls > 2, "it waits somewhere");
            return;
        }
        assert!(stage.cloud.accounts().is_empty(), "half an account after {polls} polls");
        let asked = stage.sent("").len();
        tokio::time::sleep(Duration::from_mins(20)).await;
        assert_eq!(stage.sent("").len(), asked, "somebody went on asking after {polls} polls");
        let account = stage.sign_in(way(&stage)).await.expect("the next one works");
        assert_eq!(stage.cloud.accounts(), [account], "after {polls} polls");
    }
    panic!("it never came through");
}

#[tokio::test(start_paused = true)]
async fn a_device_code_may_be_left_anywhere() {
    at_every_await(|| Stage::new(""), |_| device_code::way(None)).await;
}

#[tokio::test(start_paused = true)]
async fn a_service_principal_may_be_left_anywhere() {
    at_every_await(|| Stage::new(""), |stage| secret(stage, "ml-auth")).await;
    at_every_await(|| Stage::new(""), pem).await;
    let file = Mutex::new(Vec::new());
    let way = |stage: &Stage| {
        let mut files = file.lock().expect("unharmed");
        files.push(TokenFile::of(&stage.demo, JOB));
        federated(stage, files.last().expect("one"))
    };
    at_every_await(|| Stage::new(""), way).await;
}

#[tokio::test(start_paused = true)]
async fn a_renewal_may_be_left_anywhere_and_the_login_goes_on() {
    for polls in 0..MANY {
        let stage = Stage::new("");
        let alex = stage.alex();
        let done = left(stage.cloud.token(&at_home(&alex), VAULT), polls).await;
        let asked = stage.sent("").len();
        tokio::time::sleep(Duration::from_mins(20)).await;
        assert_eq!(stage.sent("").len(), asked, "somebody went on asking after {polls} polls");
        stage.opens_everything(&alex).await;
        if done.is_some() {
            assert!(polls > 2, "it waits somewhere");
            return;
        }
    }
    panic!("it never came through");
}

#[test]
fn a_managed_identity_may_be_left_anywhere() {
    let name = "dropped::a_managed_identity_may_be_left_anywhere";
    environment::run(name, &[], true, at_every_await(|| Stage::new(""), |_| machine::way(None)));
}

#[test]
fn azure_ml_compute_may_be_left_anywhere() {
    let name = "dropped::azure_ml_compute_may_be_left_anywhere";
    let way = at_every_await(|| Stage::new(""), |_| machine::way(None));
    environment::run(name, &Machine::AzureMl.environment(), true, way);
}

#[test]
fn app_service_may_be_left_anywhere() {
    let name = "dropped::app_service_may_be_left_anywhere";
    // Its token's end is an instant of the system's clock.
    let way = at_every_await(|| Stage::at("", Moment::now()), |_| machine::way(None));
    environment::run(name, &Machine::AppService.environment(), true, way);
}

#[tokio::test]
async fn a_browser_may_be_left_anywhere_and_its_port_is_free() {
    for polls in 0..MANY {
        let stage = browser::quick("");
        let (pages, demo) = (Mutex::new(Vec::new()), Arc::clone(&stage.demo));
        let mut told = |told: Told| {
            let Told::Page(page) = told else { return };
            pages.lock().expect("unharmed").push(page.clone());
            tokio::spawn(Arc::clone(&demo).visit(page));
        };
        let signing = left(stage.cloud.sign_in(browser::way(None), &mut told), polls);
        let done = tokio::time::timeout(Duration::from_secs(20), signing).await.expect("in time");
        let shown: Vec<_> = pages.lock().expect("unharmed").drain(..).collect();
        for page in shown {
            let back = url::Url::parse(&browser::parameter(&page, "redirect_uri")).expect("an address");
            let free = TcpListener::bind(("127.0.0.1", back.port().expect("a port"))).await;
            assert!(free.is_ok(), "the port is held after {polls} polls");
        }
        if let Some(signed) = done {
            signed.expect("signed in");
            assert!(polls > 2, "it waits somewhere");
            return;
        }
        assert!(stage.cloud.accounts().is_empty(), "half an account after {polls} polls");
        let asked = stage.sent("/token").len();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(stage.sent("/token").len(), asked, "somebody went on asking after {polls} polls");
    }
    panic!("it never came through");
}

/// az, as a script that notes its process and takes its time, and what it wrote down of who is signed in.
#[cfg(target_os = "linux")]
mod az {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};

    use super::*;

    const PROFILE: &str = r#"{"subscriptions":[{"id":"s1","tenantId":"t-1","isDefault":true,
        "environmentName":"AzureCloud","user":{"name":"alex@contoso.com","type":"user"}}]}"#;

    struct Place(PathBuf);

    impl Place {
        fn new() -> Self {
            let place = std::env::temp_dir().join(format!("amlock-left-{}", uuid::Uuid::new_v4()));
            fs::create_dir(&place).expect("a folder");
            let script = format!(
                "#!/bin/sh\necho $$ >> {0}/started\nsleep 0.2\nprintf '{{\"accessToken\":\"tok\",\"expires_on\":4102444800}}'\n",
                place.display()
            );
            fs::write(place.join("az"), script).expect("written");
            fs::set_permissions(place.join("az"), fs::Permissions::from_mode(0o755)).expect("to be run");
            fs::write(place.join("azureProfile.json"), PROFILE).expect("written");
            Self(place)
        }

        fn variables(&self) -> [(&'static str, String); 2] {
            let path = std::env::var("PATH").unwrap_or_default();
            let here = self.0.display().to_string();
            [("PATH", format!("{here}:{path}")), ("AZURE_CONFIG_DIR", here)]
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// Whether anything of az still runs: the script, by its folder, or what it started, by its group.
    fn runs(folder: &Path) -> bool {
        let started = fs::read_to_string(folder.join("started")).unwrap_or_default();
        let processes = fs::read_dir("/proc").expect("processes").filter_map(Result::ok);
        processes.into_iter().any(|process| {
            let read = |name: &str| fs::read_to_string(process.path().join(name)).unwrap_or_default();
            let stat = read("stat");
            let Some((_, stat)) = stat.rsplit_once(") ") else { return false };
            let fields: Vec<_> = stat.split(' ').collect();
            let ours = read("cmdline").contains(&folder.join("az").display().to_string());
            fields[0] != "Z" && (ours || started.lines().any(|pid| pid == fields[2]))
        })
    }

    async fn gone(folder: &Path) {
        for _ in 0..100 {
            if !runs(folder) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("az still runs");
    }

    #[test]
    fn az_may_be_left_anywhere_and_no_process_stays() {
        let place = Place::new();
        let variables = place.variables();
        environment::run("dropped::az::az_may_be_left_anywhere_and_no_process_stays", &variables, false, async {
            let folder = std::env::var("AZURE_CONFIG_DIR").expect("set");
            let folder = Path::new(&folder);
            // In the middle of its work it does run, and is gone when it is left.
            let stage = Stage::at("", Moment::now());
            let mut told = |_: Told| ();
            let signing = stage.cloud.sign_in(SignIn::AzureCli { tenant: None }, &mut told);
            let seen = async {
                while !runs(folder) || !folder.join("started").exists() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::select! {
                _ = signing => panic!("az is slower than that"),
                () = seen => {}
            }
            gone(folder).await;
            assert!(stage.cloud.accounts().is_empty());
            for polls in 0..MANY {
                let stage = Stage::at("", Moment::now());
                let mut told = |_: Told| ();
                let way = SignIn::AzureCli { tenant: None };
                let done = left(stage.cloud.sign_in(way, &mut told), polls).await;
                gone(folder).await;
                if let Some(signed) = done {
                    assert_eq!(signed.expect("signed in").name.raw(), "alex@contoso.com");
                    assert!(polls > 0, "it waits somewhere");
                    return;
                }
                assert!(stage.cloud.accounts().is_empty(), "half an account after {polls} polls");
                tokio::time::sleep(Duration::from_millis(50)).await;
                gone(folder).await;
            }
            panic!("it never came through");
        });
    }
}
