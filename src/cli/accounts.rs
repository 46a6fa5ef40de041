//! `amlock login`, `logout` and `account`: who we are.

use super::args::{AccountCommand, Login, Logout};
use super::context::Context;
use super::{config, shapes, token, tty};
use crate::cloud::SignIn;
use crate::domain::{Account, ClientId, DeviceCode, Failure, Kept, Kind, Sealed, TenantId};

const WARNING: &str = "The page will name \"Microsoft Azure CLI\": amlock signs in as it. Go on only if you started this yourself, \
                       just now. Never type a code that somebody sent you.";

/// `amlock account ...`.
pub(crate) async fn run(context: &Context, command: AccountCommand) -> Result<(), Failure> {
    match command {
        AccountCommand::List => {
            let default = context.account().ok().map(|account| account.id);
            let shape = |account: &Account| shapes::account(account, default.as_ref() == Some(&account.id));
            let none = if context.demo { "Nobody is signed in." } else { "Nobody is signed in: `amlock login`." };
            context.out.rows(&context.cloud.accounts(), context.now(), none, shape)
        }
        AccountCommand::Show => context.out.data(shapes::account(&context.account()?, true)),
        AccountCommand::Use { account } => {
            let account = context.named(&account)?;
            let shown = account.name.show();
            if context.demo {
                context.out.say(&format!("{shown} would be the default of new terminals; the demo keeps nothing."));
                return Ok(());
            }
            let path = context.around.config.as_deref().ok_or_else(|| {
                Failure::new(Kind::Failed, "keep the default account", "neither XDG_CONFIG_HOME nor HOME is set")
            })?;
            // Names are for people; the id stays right when two tenants use the same name.
            config::set_account(path, account.id.as_str())?;
            context.out.say(&format!("{shown} is the default of new terminals ({}).", path.display()));
            Ok(())
        }
        AccountCommand::GetAccessToken(wanted) => token::run(context, wanted).await,
    }
}

/// `amlock login`.
pub(crate) async fn login(context: &Context, wanted: Login) -> Result<(), Failure> {
    let doing = "sign in";
    if wanted.password.is_some() {
        return Err(Failure::misused(
            doing,
            "a secret was typed as an argument, where the machine's process list and now your shell's history have it",
        )
        .hint("make it a new one. It is read from AZURE_CLIENT_SECRET, from standard input or from a prompt."));
    }
    let tenant = wanted.tenant.as_deref().map(tenant).transpose()?;
    let way = if wanted.service_principal {
        principal(tenant, wanted.client_id.as_deref()).await?
    } else if wanted.azure_cli {
        SignIn::AzureCli { tenant }
    } else {
        if !wanted.device_code && !context.can_ask() {
            return Err(Failure::misused(doing, "there is nobody here to ask how")
                .hint("--device-code, --service-principal or --azure-cli says it"));
        }
        SignIn::DeviceCode { tenant }
    };
    // The demo never runs az, and a service principal is only tried out: its secret is not kept anywhere.
    if context.demo && matches!(way, SignIn::AzureCli { .. }) {
        return Err(Failure::misused(doing, "the demo has no Azure CLI").hint("--device-code works in it"));
    }
    let by_code = matches!(way, SignIn::DeviceCode { .. });
    if by_code && !context.demo && context.cloud.keeps_logins() != Kept::Keyring {
        return Err(Failure::new(Kind::Failed, doing, "this machine has no keyring, so a login would end with this command")
            .hint("sign in on the screen (`amlock`), with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"));
    }
    let mut told = |code: DeviceCode| {
        let (uri, user_code) = (code.verification_uri.show(), code.user_code.show());
        context.out.insist(&format!("To sign in, open {uri} on any device and enter the code {user_code}"));
        context.out.insist(WARNING);
        if context.demo {
            context.out.insist("(This is the demo: it approves itself in a few seconds.)");
        }
        let left = crate::domain::count_down(context.now(), code.expires);
        context.out.progress(&format!("waiting; the code is good for {left}"));
    };
    let account = context.cloud.sign_in(way, &mut told).await?;
    context.out.erase();
    context.out.say(&format!("Signed in as {}; kept in: {}.", account.name.show(), account.kept.words()));
    if context.demo {
        context.out.say("Changes in the demo end with this command.");
    } else if account.kept == Kept::Memory {
        context.out.say("It works. amlock does not keep the secret: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET bring it to each command.");
    }
    context.out.data(shapes::account(&account, false))
}

fn tenant(text: &str) -> Result<TenantId, Failure> {
    TenantId::parse(text)
        .map_err(|bad| Failure::misused("sign in", bad.to_string()).hint("--tenant contoso.com, or its id"))
}

async fn principal(named: Option<TenantId>, client_id: Option<&str>) -> Result<SignIn, Failure> {
    let doing = "sign in as a service principal";
    let set = |name: &str| std::env::var(name).ok().filter(|set| !set.is_empty());
    let tenant = match (named, set("AZURE_TENANT_ID")) {
        (Some(tenant), _) => tenant,
        (None, Some(text)) => tenant(&text)?,
        (None, None) => {
            return Err(Failure::misused(doing, "its tenant is missing").hint("--tenant, or AZURE_TENANT_ID"));
        }
    };
    let client_id = client_id
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Failure::misused(doing, "its client id is missing").hint("--client-id, or AZURE_CLIENT_ID"))
        .and_then(|text| ClientId::parse(text).map_err(|bad| Failure::misused(doing, bad.to_string())))?;
    let secret = match set("AZURE_CLIENT_SECRET") {
        Some(secret) => Sealed::new(secret),
        None => secret_from_somebody().await?,
    };
    Ok(SignIn::Principal { tenant, client_id, secret })
}

/// The secret from standard input, or from a person where that is a terminal.
async fn secret_from_somebody() -> Result<Sealed, Failure> {
    use std::io::IsTerminal as _;
    let read = tokio::task::spawn_blocking(|| {
        if std::io::stdin().is_terminal() {
            return tty::hidden("Client secret (it stays hidden):");
        }
        let broken = || Failure::misused("sign in as a service principal", "standard input holds no client secret");
        let bytes = super::files::read(std::path::Path::new("-"), 16 * 1024).map_err(|_| broken())?;
        let text = String::from_utf8(bytes).map_err(|_| broken())?;
        // `echo` ends its line; no client secret holds blanks at its ends.
        let secret = text.trim();
        if secret.is_empty() { Err(broken()) } else { Ok(Sealed::new(secret.to_owned())) }
    });
    read.await.unwrap_or_else(|_| Err(Failure::new(Kind::Failed, "read the client secret", "reading broke off")))
}

/// `amlock logout`.
pub(crate) fn logout(context: &Context, wanted: &Logout) -> Result<(), Failure> {
    let accounts = if wanted.all {
        context.cloud.accounts().into_iter().filter(ours).collect()
    } else {
        let account = match wanted.account.as_deref().or(context.typed.account.as_deref()) {
            Some(name) => context.named(name)?,
            None => only(context)?,
        };
        if !ours(&account) {
            let failure =
                Failure::misused(format!("sign {} out", account.name.show()), "amlock does not keep that login");
            return Err(match account.kept {
                Kept::AzureCli => failure.hint("it belongs to the Azure CLI: `az logout`"),
                _ => failure.hint("it comes from the environment: unset AZURE_CLIENT_SECRET"),
            });
        }
        vec![account]
    };
    for account in accounts {
        context.cloud.sign_out(&account.id)?;
        context.out.say(&format!("{} is signed out.", account.name.show()));
    }
    Ok(())
}

fn ours(account: &Account) -> bool {
    matches!(account.kept, Kept::Keyring | Kept::Memory)
}

fn only(context: &Context) -> Result<Account, Failure> {
    let mut accounts = context.cloud.accounts().into_iter().filter(ours).collect::<Vec<_>>();
    match (accounts.pop(), accounts.len()) {
        (Some(one), 0) => Ok(one),
        (None, _) => Err(Failure::new(Kind::SignedOut, "sign out", "amlock keeps no login")),
        (Some(last), _) => {
            accounts.push(last);
            let names = accounts.iter().map(|account| account.name.show().into_owned()).collect::<Vec<_>>();
            Err(Failure::misused("sign out", "several are signed in")
                .hint(format!("name one, or --all: {}", names.join(", "))))
        }
    }
}
