//! Signing in for the screen: which ways there are on this machine, and going one of them.

use std::path::PathBuf;

use crate::app::{Answer, Found, SignInWith, TypedPrincipal, TypedProof, Way};
use crate::cloud::{AuthFile, Cloud, Proof, SignIn, Told, certificate_in};
use crate::domain::{Account, ClientId, Failure, Kept, Kind, Untrusted};

use super::browser::Browser;

/// The accounts that are there, and the ways in. With `finds` this machine is searched for logins; what is wrong with one that
/// somebody began to set up goes to `says`.
pub(super) fn accounts(cloud: &Cloud, finds: bool, says: &mut dyn FnMut(String)) -> Answer {
    let (mut ways, mut seen) = (vec![Way::DeviceCode], Vec::new());
    if finds {
        if let Some(words) = cloud.login_trouble() {
            says(words);
        }
        ways.extend(cloud.find_logins().iter().filter_map(|account| found(cloud, account)).map(Way::Found));
        seen = cloud.seen_by_az();
    }
    ways.push(Way::Principal);
    // The demo opens its pages by itself: no browser is sent to Microsoft's from it.
    ways.push(Way::Browser(if finds { browser().map(drop) } else { Ok(()) }));
    if !cloud.accounts().iter().any(|account| account.kept == Kept::Machine) {
        ways.push(Way::Machine);
    }
    Answer::Accounts { accounts: cloud.accounts(), ways, keeps: cloud.keeps_logins(), seen }
}

fn found(cloud: &Cloud, account: &Account) -> Option<Found> {
    let mut title = account.kept.way()?;
    let mut words = format!("{}, {}", account.name.show(), cloud.found_in(account));
    // Azure ML names its compute instances in their environment.
    if let (Kept::Machine, Ok(name)) = (account.kept, std::env::var("CI_NAME")) {
        title = "This compute instance";
        words = match std::env::var("CI_WORKSPACE") {
            Ok(workspace) => format!("{name}, in {workspace}"),
            Err(_) => name,
        };
    }
    Some(Found { account: account.id.clone(), title, words: Untrusted::from(words) })
}

/// The browser of this machine, or why there is none to open.
fn browser() -> Result<Browser, &'static str> {
    let variable = |name: &str| std::env::var_os(name);
    let far = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].iter().any(|name| variable(name).is_some());
    Browser::around(variable).ok_or(if far { "not over SSH" } else { "none here" })
}

/// Signs in. `tells` hears what somebody must do meanwhile. Only where logins are looked for is a browser opened.
pub(super) async fn sign_in(
    cloud: &Cloud,
    finds: bool,
    with: SignInWith,
    tells: &mut (dyn FnMut(Answer) + Send),
) -> Result<Account, Failure> {
    let mut told = |told: Told| match told {
        Told::Code(code) => tells(Answer::DeviceCode(code)),
        Told::Polling(polling) => tells(Answer::Polling(polling)),
        Told::Page(page) => {
            let opened = !finds || browser().is_ok_and(|browser| browser.open(&page));
            tells(Answer::Page(Untrusted::from(page.as_str()), opened));
        }
    };
    let way = match with {
        SignInWith::Found(account, tenant) => return cloud.go_on(&account, tenant).await,
        SignInWith::Code(tenant) => SignIn::DeviceCode { tenant },
        SignInWith::Page(tenant) => SignIn::Browser { tenant },
        SignInWith::Machine => SignIn::ManagedIdentity { client_id: None },
        SignInWith::Principal(typed) => {
            let login = cloud.login_host();
            // A file may lie on a disk that is slow, or gone.
            let read = tokio::task::spawn_blocking(move || principal(*typed, login)).await;
            read.unwrap_or_else(|_| Err(Failure::new(Kind::Failed, DOING, "reading broke off")))?
        }
    };
    cloud.sign_in(way, &mut told).await
}

const DOING: &str = "sign in as a service principal";

/// A service principal with what proves it, read from where it was said to be.
fn principal(typed: TypedPrincipal, login: &str) -> Result<SignIn, Failure> {
    let TypedPrincipal { tenant, client_id, proof } = typed;
    let proof = match proof {
        TypedProof::AuthFile(file) => {
            let AuthFile { tenant: its, client_id, secret } = AuthFile::open(&at_home(&file), login)?;
            let tenant = tenant.unwrap_or(its);
            return Ok(SignIn::Principal { tenant, client_id, proof: Proof::Secret(secret) });
        }
        TypedProof::Secret(secret) => Proof::Secret(secret),
        TypedProof::Certificate(file, password) => {
            Proof::Certificate(Box::new(certificate_in(&at_home(&file), password.as_ref(), false)?))
        }
    };
    let tenant = tenant.ok_or_else(|| Failure::misused(DOING, "its tenant is missing"))?;
    let client_id = ClientId::parse(&client_id).map_err(|bad| Failure::misused(DOING, bad.to_string()))?;
    Ok(SignIn::Principal { tenant, client_id, proof })
}

/// A path as it is typed: `~/` is the home, as in a shell.
fn at_home(path: &str) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}
