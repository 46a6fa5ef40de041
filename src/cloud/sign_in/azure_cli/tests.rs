//! az as it may be met: missing, hanging, talking junk, talking without end, failing, and well.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Instant;

use super::*;

/// A directory of its own, gone with the test.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let place = std::env::temp_dir().join(format!("amlock-az-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&place).expect("a directory");
        Self(place)
    }

    fn az(&self, script: &str) -> AzureCli {
        let file = self.0.join("az");
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("to be run");
        self.cli()
    }

    fn cli(&self) -> AzureCli {
        AzureCli { path: self.0.clone().into(), config: self.0.clone(), limit: Duration::from_secs(5) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn token(cli: &AzureCli) -> Result<(Sealed, i64), Failure> {
    let tenant = TenantId::parse("t-1").expect("a tenant");
    let whose = ["--tenant".to_owned(), "t-1".to_owned()];
    cli.token(&whose, &tenant, "https://vault.azure.net/.default", Clock::system()).await
}

fn alive(pid: &str) -> bool {
    // A zombie is dead; it only waits to be noticed.
    fs::read_to_string(Path::new("/proc").join(pid).join("stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[tokio::test]
async fn az_gives_a_token() {
    let place = Place::new();
    let ends = Clock::system().now().as_second() + 3000;
    let cli = place.az(&format!(
        "echo \"$@\" > {0}/arguments; pwd > {0}/where; cat > {0}/input; echo '{{\"accessToken\":\"tok\",\"expires_on\":{ends}}}'",
        place.0.display()
    ));
    let (value, seconds) = token(&cli).await.expect("a token");
    assert!(value.same(&Sealed::new("tok".to_owned())) && (2990..=3000).contains(&seconds), "{seconds}");
    let read = |name: &str| fs::read_to_string(place.0.join(name)).expect("written");
    assert_eq!(
        read("arguments").trim(),
        "account get-access-token --output json --scope https://vault.azure.net/.default --tenant t-1"
    );
    assert_eq!((read("where").trim(), read("input").as_str()), ("/", ""));
    let old = place.az("echo '{\"accessToken\":\"tok\",\"expiresOn\":\"2099-01-01 12:00:00.000000\"}'");
    assert!(token(&old).await.expect("a token").1 > 0);
}

#[tokio::test]
async fn az_fails_in_words_that_are_ours() {
    let place = Place::new();
    let failure = token(&place.cli()).await.expect_err("missing");
    assert_eq!(
        (failure.kind.clone(), failure.cause.contains("not on the PATH")),
        (Kind::SignedOut, true),
        "{failure:?}"
    );
    for (script, kind, words) in [
        ("echo secret-junk", Kind::Failed, "no token"),
        ("echo '{}'", Kind::Failed, "no token"),
        ("echo '{\"accessToken\":\"secret-junk\"}'", Kind::Failed, "when its token ends"),
        ("yes secret-junk", Kind::Failed, "far more than a token"),
        ("yes secret-junk >&2", Kind::Failed, "far more than a token"),
        ("echo secret-junk >&2; exit 1", Kind::Failed, "exit code 1"),
        ("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1", Kind::SignedOut, "nobody is signed in"),
        ("echo 'az: error: unrecognized arguments: --scope secret-junk' >&2; exit 2", Kind::Failed, "too old"),
        ("echo 'ERROR: AADSTS70043: The refresh token has expired' >&2; exit 1", Kind::SignedOut, "has expired"),
    ] {
        let failure = token(&place.az(script)).await.expect_err(script);
        assert_eq!(failure.kind, kind, "{script}: {failure:?}");
        assert!(failure.cause.contains(words) && failure.hint.is_some(), "{script}: {failure:?}");
        assert!(!format!("{failure:?}").contains("secret-junk"), "{failure:?}");
    }
}

#[tokio::test]
async fn a_hanging_az_is_ended_with_all_its_children() {
    for dropped in [false, true] {
        let place = Place::new();
        let pids = place.0.join("pids");
        let mut cli = place.az(&format!("sleep 600 & echo $! $$ > {}; wait", pids.display()));
        cli.limit = Duration::from_millis(if dropped { 60_000 } else { 700 });
        let began = Instant::now();
        if dropped {
            let _ = tokio::time::timeout(Duration::from_millis(700), token(&cli)).await;
        } else {
            let failure = token(&cli).await.expect_err("it hangs");
            assert!(failure.cause.contains("did not answer"), "{failure:?}");
        }
        assert!(began.elapsed() < Duration::from_secs(5));
        let pids = fs::read_to_string(&pids).expect("it ran");
        for pid in pids.split_whitespace() {
            for _ in 0..100 {
                if !alive(pid) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert!(!alive(pid), "{pid} was left behind");
        }
    }
}

#[tokio::test]
async fn a_child_that_holds_the_pipe_does_not_hold_us() {
    let place = Place::new();
    let ends = Clock::system().now().as_second() + 3000;
    let cli = place.az(&format!("sleep 3 & echo '{{\"accessToken\":\"tok\",\"expires_on\":{ends}}}'"));
    let began = Instant::now();
    assert!(token(&cli).await.is_ok());
    assert!(began.elapsed() < Duration::from_secs(3));
}

fn write(place: &Place, text: &str) {
    fs::write(place.0.join("azureProfile.json"), text).expect("written");
}

const TWO: &str = r#"{"subscriptions":[
    {"id":"s1","tenantId":"t-1","environmentName":"AzureCloud","user":{"name":"a@b.c","type":"user"}},
    {"id":"s2","tenantId":"t-2","isDefault":true,"environmentName":"AzureCloud","user":{"name":"alex@contoso.com","type":"user"}},
    {"id":"s3","tenantId":"t-1","environmentName":"AzureCloud","user":{"name":"alex@contoso.com","type":"user"}},
    {"id":"s4","tenantId":"t-9","environmentName":"AzureUSGovernment","user":{"name":"alex@contoso.us","type":"user"}}]}"#;

#[test]
fn az_s_notes_name_its_accounts_by_cloud_the_current_one_first() {
    let place = Place::new();
    assert_eq!(place.cli().accounts("AzureCloud"), Err(Unread::Missing));
    write(&place, &format!("\u{feff}{TWO}"));
    let names = |cloud: &str| {
        let accounts = place.cli().accounts(cloud).expect("a profile");
        accounts
            .iter()
            .map(|one| format!("{} {} {}", one.name.raw(), one.tenant, one.subscriptions.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(names("AzureCloud"), ["alex@contoso.com t-2 2", "a@b.c t-1 1"]);
    assert_eq!(names("AzureUSGovernment"), ["alex@contoso.us t-9 1"]);
    for (bad, want) in [
        ("", None),
        ("[]", None),
        ("{\"subscriptions\":3}", None),
        ("{}", Some(0)),
        ("{\"subscriptions\":[{\"id\":\"s\",\"tenantId\":\"../x\",\"user\":{\"name\":\"x\"}}]}", Some(0)),
    ] {
        write(&place, bad);
        assert_eq!(place.cli().accounts("AzureCloud").map(|all| all.len()), want.ok_or(Unread::Strange), "{bad}");
    }
    let relative = AzureCli { path: "bin:.:".into(), config: PathBuf::from(".azure"), limit: LIMIT };
    assert!(relative.program().is_none() && relative.accounts("AzureCloud").is_err());
}

#[test]
fn az_is_told_whose_token_is_meant_also_after_it_chose_another_account() {
    let place = Place::new();
    write(&place, TWO);
    let cli = place.cli();
    let accounts = cli.accounts("AzureCloud").expect("a profile");
    let tenant = |text: &str| TenantId::parse(text).expect("a tenant");
    let whose =
        |account: &CliAccount, at: &str| cli.whose(account, &tenant(at), "AzureCloud").map(|words| words.join(" "));
    assert_eq!(whose(&accounts[0], "t-5").as_deref(), Ok("--tenant t-5"));
    assert_eq!(whose(&accounts[1], "t-1").as_deref(), Ok("--subscription s1"));
    assert_eq!(whose(&accounts[1], "t-5").map_err(|failure| failure.kind), Err(Kind::SignedOut));
    write(
        &place,
        &TWO.replace(
            r#""tenantId":"t-1","environmentName":"AzureCloud","user":{"name":"a@b.c""#,
            r#""tenantId":"t-1","isDefault":true,"environmentName":"AzureCloud","user":{"name":"a@b.c""#,
        )
        .replace(r#""t-2","isDefault":true"#, r#""t-2""#),
    );
    assert_eq!(whose(&accounts[0], "t-1").as_deref(), Ok("--subscription s3"), "not the new choice's token");
    assert_eq!(whose(&accounts[1], "t-5").as_deref(), Ok("--tenant t-5"));
    write(&place, "{}");
    assert!(whose(&accounts[0], "t-1").is_err_and(|failure| failure.cause.contains("not signed in")));
}

/// az that counts its starts in a file, with a token that lives so many seconds.
fn counting(place: &Place, seconds: i64) -> AzureCli {
    let ends = Clock::system().now().as_second() + seconds;
    let give =
        format!("echo x >> {}/starts; echo '{{\"accessToken\":\"tok\",\"expires_on\":{ends}}}'", place.0.display());
    place.az(&give)
}

#[tokio::test]
async fn a_thousand_calls_start_az_once_an_hour_for_each_service() {
    use std::sync::atomic::{AtomicI64, Ordering};
    let later: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(0)));
    let place = Place::new();
    write(&place, TWO);
    let starts = || fs::read_to_string(place.0.join("starts")).map_or(0, |text| text.lines().count());
    let cli = counting(&place, 3900);
    let account = cli.accounts("AzureCloud").expect("a profile").swap_remove(0);
    let clock = Clock::starting_at(Moment::now()).jumping(later);
    let tenant = account.tenant.clone();
    let cache =
        crate::cloud::tokens::CachedCredential::new(AzureCliLogin::new(cli, account, "AzureCloud", clock), clock);
    let scopes = ["https://management.azure.com/.default", "https://vault.azure.net/.default"];
    let ask = async || {
        for _ in 0..500 {
            for scope in scopes {
                cache.get(&tenant, scope).await.expect("a token");
            }
        }
        // Many at once are one question as well.
        futures_util::future::join_all((0..100).map(|n| cache.get(&tenant, scopes[n % 2]))).await
    };
    assert!(ask().await.into_iter().all(|token| token.is_ok()));
    assert_eq!(starts(), 2);
    later.store(3_000_000, Ordering::SeqCst);
    ask().await;
    assert_eq!(starts(), 2, "the token lives for more than five minutes");
    later.store(3_960_000, Ordering::SeqCst);
    counting(&place, 3900 + 3960);
    ask().await;
    assert_eq!(starts(), 4, "an hour later once more for each");
}

#[tokio::test]
async fn an_az_that_fails_is_not_asked_by_everybody_who_waits() {
    let place = Place::new();
    write(&place, TWO);
    let cli = place.az(&format!("echo x >> {}/starts; exit 1", place.0.display()));
    let account = cli.accounts("AzureCloud").expect("a profile").swap_remove(0);
    let (tenant, clock) = (account.tenant.clone(), Clock::system());
    let cache =
        crate::cloud::tokens::CachedCredential::new(AzureCliLogin::new(cli, account, "AzureCloud", clock), clock);
    let asked = (0..1000).map(|_| cache.get(&tenant, "https://vault.azure.net/.default"));
    assert!(futures_util::future::join_all(asked).await.into_iter().all(|token| token.is_err()));
    let starts = fs::read_to_string(place.0.join("starts")).expect("it ran").lines().count();
    assert_eq!(starts, 1, "they share its answer");
}

#[test]
fn az_s_notes_are_never_written_and_what_is_wrong_with_them_is_told() {
    let place = Place::new();
    let profile = place.0.join("azureProfile.json");
    assert!(Unread::Missing.words(&profile).contains("nobody is signed in"));
    write(&place, TWO);
    let before = fs::read(&profile).expect("there");
    for _ in 0..3 {
        place.cli().accounts("AzureCloud").expect("a profile");
    }
    assert_eq!(fs::read(&profile).expect("there"), before);
    fs::remove_file(&profile).expect("gone");
    fs::create_dir(&profile).expect("a folder in its place");
    assert_eq!(place.cli().accounts("AzureCloud"), Err(Unread::Strange));
    assert!(Unread::Strange.words(&profile).contains("azureProfile.json is not what az writes there"));
    assert!(Unread::Forbidden.words(&profile).contains("may not be read"));
}

#[test]
fn one_entry_that_cannot_be_read_hides_no_other() {
    let place = Place::new();
    let good = r#"{"id":"s1","tenantId":"t-1","environmentName":"AzureCloud","user":{"name":"alex@contoso.com"}}"#;
    for bad in [
        "7",
        "null",
        "[]",
        r#""text""#,
        "{}",
        r#"{"id":"s0","tenantId":7,"user":{"name":"a@b.c"}}"#,
        r#"{"id":"s0","tenantId":"../etc","user":{"name":"a@b.c"}}"#,
        r#"{"id":"s0","tenantId":"t-1","user":null}"#,
        r#"{"id":"s0","tenantId":"t-1","isDefault":"yes","user":{"name":"a@b.c"}}"#,
    ] {
        write(&place, &format!(r#"{{"subscriptions":[{bad},{good}]}}"#));
        let found = place.cli().accounts("AzureCloud").expect("a profile");
        assert_eq!(found.iter().map(|one| one.name.raw()).collect::<Vec<_>>(), ["alex@contoso.com"], "{bad}");
    }
}
