//! `amlock account` and `logout`: who we are.

use std::time::Duration;

use super::args::{AccountCommand, Logout};
use super::context::Context;
use super::identity::MACHINE;
use super::{config, shapes, token};
use crate::domain::{Account, Cell, Columns, Failure, Head, Kept, Kind, Moment, Who};

/// How long a list waits for this machine to say who it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// An account in the list, and whether it is the one that is used here.
struct Listed {
    account: Account,
    default: bool,
}

impl Columns for Listed {
    const HEADS: &'static [Head] = {
        let [name, kind, tenant, kept, ends] = Account::HEADS else { panic!("an account has five columns") };
        &[*name, *kind, *tenant, *kept, *ends, Head::fixed("DEFAULT", 7)]
    };

    fn cells(&self, now: Moment) -> Vec<Cell> {
        let mut cells = self.account.cells(now);
        cells.push(Cell::text(if self.default { "yes" } else { "" }));
        cells
    }
}

/// `amlock account ...`.
pub(crate) async fn run(context: &Context, command: AccountCommand) -> Result<(), Failure> {
    match command {
        AccountCommand::List => {
            introduce_machine(context).await;
            let default = context.account().ok().map(|account| account.id);
            let shape = |listed: &Listed| shapes::account(&listed.account, listed.default);
            let none = if context.demo { "Nobody is signed in." } else { "Nobody is signed in: `amlock login`." };
            let is_default = |account: &Account| default.as_ref() == Some(&account.id);
            let listed = |account: Account| Listed { default: is_default(&account), account };
            let accounts: Vec<Listed> = context.cloud.accounts().into_iter().map(listed).collect();
            context.out.rows(&accounts, context.now(), none, shape)?;
            if accounts.is_empty()
                && !context.demo
                && let Some(why) = context.cloud.why_nobody()
            {
                context.out.remark(&why);
            }
            Ok(())
        }
        AccountCommand::Show => {
            let who = context.who()?;
            let claims = context.cloud.claims(&who).await?;
            // The first token may have told who it is.
            context.out.data(shapes::claimed(&context.account()?, &claims))
        }
        AccountCommand::Use { account: wanted } => {
            let account = context.named(&wanted)?;
            let shown = account.name.show();
            if context.demo {
                context.out.say(&format!("{shown} would be the default of new terminals; the demo keeps nothing."));
                return Ok(());
            }
            let path = context.around.config.as_deref().ok_or_else(|| {
                Failure::new(Kind::Failed, "keep the default account", "neither XDG_CONFIG_HOME nor HOME is set")
            })?;
            // Names are for people; the id stays right when two tenants use the same name. A machine's identity is found by
            // its word alone.
            let word = match (account.kept, wanted.trim().split(':').next()) {
                (Kept::Machine, Some(name)) if name.eq_ignore_ascii_case(MACHINE) => wanted.trim(),
                (Kept::Machine, _) => MACHINE,
                _ => account.id.as_str(),
            };
            config::set_account(path, word)?;
            context.out.say(&format!("{shown} is the default of new terminals ({}).", path.display()));
            Ok(())
        }
        AccountCommand::GetAccessToken(wanted) => token::run(context, wanted).await,
    }
}

/// Who this machine is, and whether it was given to a person, only its token tells. Where the environment marks a service on the
/// machine itself it is asked for one; nothing goes out for a list, and nobody waits for it.
async fn introduce_machine(context: &Context) {
    let accounts = context.cloud.accounts();
    let machine = accounts.into_iter().find(|account| account.kept == Kept::Machine && account.token_of.is_none());
    if let Some(account) = machine.filter(|_| !context.demo && context.cloud.marks_machine()) {
        let who = Who { account: account.id, tenant: account.tenant };
        let _ = tokio::time::timeout(PATIENCE, context.cloud.introduced(&who)).await;
    }
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
                Kept::Machine => failure.hint("it is this machine's own"),
                Kept::Run => failure.hint("it is this run's own, and ends with it"),
                _ => {
                    let named_by = context.cloud.principal_named_by().unwrap_or("AZURE_CLIENT_ID");
                    failure.hint(format!("it comes from the environment: unset {named_by} and what goes with it"))
                }
            });
        }
        vec![account]
    };
    // Asked before anybody goes: a name says nothing about who is gone.
    let default = context.config.account.as_deref().and_then(|wanted| context.named(wanted).ok());
    for account in accounts {
        context.cloud.sign_out(&account.id)?;
        context.out.say(&format!("{} is signed out.", account.name.show()));
        if let (Some(path), true) = (&context.around.config, default.as_ref().is_some_and(|had| had.id == account.id)) {
            config::forget_account(path)?;
            context.out.say(&format!("It was the default of new terminals; now there is none ({}).", path.display()));
        }
    }
    Ok(())
}

fn ours(account: &Account) -> bool {
    account.kept.remembered() || account.kept == Kept::Memory
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
