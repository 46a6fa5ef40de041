//! `amlock login`: every way in that needs no screen.

use std::path::{Path, PathBuf};

use url::Url;
use zeroize::Zeroizing;

use super::args::Login;
use super::context::Context;
use super::identity::MACHINE;
use super::{files, shapes, tty};
use crate::cloud::{AuthFile, CERTIFICATE_CAP, Certificate, Proof, SignIn, Told};
use crate::domain::{Account, ClientId, DeviceCode, Failure, Kept, Kind, SafeText, Sealed, TenantId};
use crate::tui::browser::Browser;

const WARNING: &str = "The page will name \"Microsoft Azure CLI\": amlock signs in as it. Go on only if you started this yourself, \
                       just now. Never type a code that somebody sent you.";
const AS_PRINCIPAL: &str = "sign in as a service principal";
/// The largest auth file, and the longest client secret that is read.
const CAP: usize = 64 * 1024;

/// Signs in.
pub(crate) async fn run(context: &Context, wanted: Login) -> Result<(), Failure> {
    let doing = "sign in";
    if wanted.password.is_some() {
        return Err(Failure::misused(
            doing,
            "a secret was typed as an argument, where the machine's process list and now your shell's history have it",
        )
        .hint("make it a new one. It is read from AZURE_CLIENT_SECRET, from standard input or from a prompt."));
    }
    let way = way(context, &wanted).await?;
    // The demo never runs az, and a service principal is only tried out: nothing of it is kept.
    if context.demo && matches!(way, SignIn::AzureCli { .. }) {
        let words = "the demo has no Azure CLI";
        return Err(Failure::misused(doing, words).hint("--device-code works in it"));
    }
    let a_person = matches!(way, SignIn::DeviceCode { .. } | SignIn::Browser { .. });
    if a_person && !context.demo && !context.cloud.keeps_logins().remembered() {
        return Err(Failure::new(Kind::Failed, doing, "this machine has no keyring, so a login would end with this command")
            .hint("sign in on the screen (`amlock`), with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"));
    }
    let mut told = |told: Told| match told {
        Told::Code(code) => show_code(context, &code),
        Told::Page(page) => open_page(context, &page),
        Told::Polling(_) => {}
    };
    let machine = match &way {
        SignIn::ManagedIdentity { client_id } => named_again(context, client_id.as_ref()),
        _ => None,
    };
    let account = match chosen_of_az(context, &way)? {
        Some((account, tenant)) => context.cloud.go_on(&account.id, tenant).await?,
        None => context.cloud.sign_in(way, &mut told).await?,
    };
    context.out.erase();
    let name = account.name.show();
    let name = match account.whose_token() {
        Some(whose) => format!("{name}, with {whose} token"),
        None => name.into_owned(),
    };
    match &machine {
        Some(again) => context.out.say(&format!(
            "Signed in as {name}. It works; amlock keeps nothing of it: `--account {again}`, AMLOCK_ACCOUNT={again} or \
             `amlock account use {again}` brings it to other commands."
        )),
        None => context.out.say(&format!("Signed in as {name}; kept in: {}.", account.kept.words())),
    }
    if context.demo {
        context.out.say("Changes in the demo end with this command.");
    } else if account.kept == Kept::Memory {
        context.out.say(
            "It works. amlock keeps nothing of it: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, \
             AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE bring it to each command.",
        );
    }
    let is_default = context.account().is_ok_and(|default| default.id == account.id);
    context.out.data(shapes::account(&account, is_default))
}

/// What names a machine's identity to other commands, where they do not find it by themselves.
fn named_again(context: &Context, client_id: Option<&ClientId>) -> Option<String> {
    match client_id {
        Some(id) => Some(format!("{MACHINE}:{id}")),
        None => (!context.cloud.marks_machine()).then(|| MACHINE.to_owned()),
    }
}

/// Which of az's accounts somebody named; none is whoever az uses now.
fn chosen_of_az(context: &Context, way: &SignIn) -> Result<Option<(Account, Option<TenantId>)>, Failure> {
    let (SignIn::AzureCli { tenant }, Some(wanted)) = (way, context.typed.account.as_deref()) else { return Ok(None) };
    let theirs: Vec<Account> =
        context.cloud.accounts().into_iter().filter(|account| account.kept == Kept::AzureCli).collect();
    // Where az has nobody, signing in says why.
    if theirs.is_empty() {
        return Ok(None);
    }
    let names = theirs.iter().map(|account| account.name.show().into_owned()).collect::<Vec<_>>().join(", ");
    let nobody = || {
        Failure::new(
            Kind::SignedOut,
            format!("use the account {}", SafeText::of(wanted)),
            "the Azure CLI has nobody of that name",
        )
        .hint(format!("it has: {names}"))
    };
    match context.named_among(&theirs, wanted) {
        Ok(account) if account.kept == Kept::AzureCli => Ok(Some((account, tenant.clone()))),
        Err(failure) if failure.kind == Kind::Misused => Err(failure),
        _ => Err(nobody()),
    }
}

fn show_code(context: &Context, code: &DeviceCode) {
    let (uri, user_code) = (code.verification_uri.show(), code.user_code.show());
    context.out.insist(&format!("To sign in, open {uri} on any device and enter the code {user_code}"));
    context.out.insist(WARNING);
    if context.demo {
        context
            .out
            .insist("(This is the demo: nothing is to be typed anywhere. It plays whoever would type the code.)");
    }
    let left = crate::domain::count_down(context.now(), code.expires);
    context.out.progress(&format!("waiting; the code is good for {left}"));
}

fn open_page(context: &Context, page: &Url) {
    if context.cloud.opens_pages() {
        context.out.insist("The demo opens its sign-in page in a browser of its own, and plays whoever answers there.");
        return;
    }
    let opened = Browser::around(|name| std::env::var_os(name)).is_some_and(|browser| browser.open(page));
    let words = if opened {
        "A browser should have opened. If not, open this page in one on this machine:"
    } else {
        "Open this page in a browser on this machine:"
    };
    context.out.insist(words);
    context.out.insist(page.as_str());
    context.out.insist(WARNING);
    context.out.progress("waiting for the browser; ctrl-c stops it");
}

async fn way(context: &Context, wanted: &Login) -> Result<SignIn, Failure> {
    let tenant = context.tenant()?;
    if let Some(file) = &wanted.auth_file {
        let bytes = Zeroizing::new(read(file, CAP, "read the auth file")?);
        let AuthFile { tenant: its, client_id, secret } = AuthFile::read(&bytes, context.cloud.login_host())?;
        return Ok(SignIn::Principal { tenant: tenant.unwrap_or(its), client_id, proof: Proof::Secret(secret) });
    }
    if wanted.service_principal || wanted.certificate.is_some() || wanted.federated_token.is_some() {
        return principal(context, tenant, wanted).await;
    }
    if wanted.identity {
        let client_id = wanted.client_id.as_deref().filter(|text| !text.is_empty());
        let client_id = client_id.map(|text| self::client_id(text, "use the managed identity")).transpose()?;
        return Ok(SignIn::ManagedIdentity { client_id });
    }
    if wanted.azure_cli {
        return Ok(SignIn::AzureCli { tenant });
    }
    if wanted.browser {
        return Ok(SignIn::Browser { tenant });
    }
    if !wanted.device_code && !context.can_ask() {
        return Err(Failure::misused("sign in", "there is nobody here to ask how")
            .hint("--device-code, --browser, --service-principal, --identity or --azure-cli says it"));
    }
    Ok(SignIn::DeviceCode { tenant })
}

fn tenant(text: &str) -> Result<TenantId, Failure> {
    TenantId::parse(text)
        .map_err(|bad| Failure::misused("sign in", bad.to_string()).hint("--tenant contoso.com, or its id"))
}

fn client_id(text: &str, doing: &'static str) -> Result<ClientId, Failure> {
    ClientId::parse(text.trim()).map_err(|bad| Failure::misused(doing, bad.to_string()))
}

fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|set| !set.is_empty())
}

async fn principal(context: &Context, named: Option<TenantId>, wanted: &Login) -> Result<SignIn, Failure> {
    let tenant = match (named, set("AZURE_TENANT_ID")) {
        (Some(tenant), _) => tenant,
        (None, Some(text)) => tenant(&text)?,
        (None, None) => {
            return Err(Failure::misused(AS_PRINCIPAL, "its tenant is missing").hint("--tenant, or AZURE_TENANT_ID"));
        }
    };
    let id = wanted.client_id.clone().filter(|text| !text.is_empty()).or_else(|| set("AZURE_CLIENT_ID"));
    let client_id = id
        .ok_or_else(|| {
            Failure::misused(AS_PRINCIPAL, "its client id is missing").hint("--client-id, or AZURE_CLIENT_ID")
        })
        .and_then(|text| client_id(&text, AS_PRINCIPAL))?;
    let proof = if let Some(file) = &wanted.certificate {
        certificate(context, file.clone()).await?
    } else if let Some(file) = &wanted.federated_token {
        Proof::FederatedToken(file.clone())
    } else if let Some(secret) = set("AZURE_CLIENT_SECRET") {
        Proof::Secret(Sealed::new(secret))
    } else {
        Proof::Secret(secret_from_somebody().await?)
    };
    Ok(SignIn::Principal { tenant, client_id, proof })
}

/// The certificate in `file`; where it wants a password, the variable's, or the one that somebody types.
async fn certificate(context: &Context, file: PathBuf) -> Result<Proof, Failure> {
    let can_ask = context.can_ask();
    let found = tokio::task::spawn_blocking(move || {
        let cap = usize::try_from(CERTIFICATE_CAP).unwrap_or(usize::MAX);
        let bytes = Zeroizing::new(read(&file, cap, "read the certificate")?);
        let sends_chain =
            set("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN").is_some_and(|value| value != "false" && value != "0");
        let password = set("AZURE_CLIENT_CERTIFICATE_PASSWORD").map(Sealed::new);
        match Certificate::read(&bytes, password.as_ref(), sends_chain) {
            Err(_) if password.is_none() && can_ask && !bytes.starts_with(b"-----") => {
                let typed = tty::hidden("The certificate's password (it stays hidden):")?;
                Certificate::read(&bytes, Some(&typed), sends_chain)
            }
            read => read,
        }
    });
    let read =
        found.await.unwrap_or_else(|_| Err(Failure::new(Kind::Failed, "read the certificate", "reading broke off")));
    Ok(Proof::Certificate(Box::new(read?)))
}

fn read(file: &Path, cap: usize, doing: &'static str) -> Result<Vec<u8>, Failure> {
    files::read(file, cap).map_err(|wrong| {
        Failure::misused(format!("{doing} {}", file.display()), files::why(&wrong)).hint("check the file")
    })
}

/// The secret from standard input, or from a person where that is a terminal.
async fn secret_from_somebody() -> Result<Sealed, Failure> {
    use std::io::IsTerminal as _;
    let read = tokio::task::spawn_blocking(|| {
        if std::io::stdin().is_terminal() {
            return tty::hidden("Client secret (it stays hidden):");
        }
        let broken = || Failure::misused(AS_PRINCIPAL, "standard input holds no client secret");
        let bytes = files::read(Path::new("-"), CAP).map_err(|_| broken())?;
        let text = String::from_utf8(bytes).map_err(|_| broken())?;
        // `echo` ends its line; no client secret holds blanks at its ends.
        let secret = text.trim();
        if secret.is_empty() { Err(broken()) } else { Ok(Sealed::new(secret.to_owned())) }
    });
    read.await.unwrap_or_else(|_| Err(Failure::new(Kind::Failed, "read the client secret", "reading broke off")))
}
