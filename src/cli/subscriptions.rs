//! `amlock subscription`: what `az account list` and `show` print.

use serde_json::Value;

use super::args::SubscriptionCommand;
use super::context::Context;
use super::shapes;
use crate::domain::{Account, Failure, Kind, SafeText, Subscription, Tenant, Who};

/// `amlock subscription ...`.
pub(crate) async fn run(context: &Context, command: SubscriptionCommand) -> Result<(), Failure> {
    let mut account = context.account()?;
    account.tenant = context.tenant()?.unwrap_or(account.tenant);
    let all = list(context, &account).await?;
    account.tenant = context.cloud.tenant_of(&Who { account: account.id.clone(), tenant: account.tenant });
    let default = default_of(context, &all).map(|one| one.id.clone());
    let tenant = tenant(context, &account).await;
    let shape = |one: &Subscription| {
        shapes::subscription(one, &account, tenant.as_ref(), context.cloud.name(), default.as_ref() == Some(&one.id))
    };
    match command {
        SubscriptionCommand::List => {
            context.out.rows(&all, context.now(), "This account sees no subscriptions in its tenant.", shape)
        }
        SubscriptionCommand::Show { name } => {
            let one = match name.as_deref().or(context.typed.subscription.as_deref()) {
                Some(name) => named(&all, name)?,
                None => default_of(context, &all).ok_or_else(|| {
                    Failure::new(Kind::NotFound, "show the subscription", "this account sees none in its tenant")
                })?,
            };
            // `az account show` has another name for it than `az account list`.
            let shown = match shape(one) {
                Value::Object(fields) => {
                    let renamed = |key: String| if key == "cloudName" { "environmentName".to_owned() } else { key };
                    fields.into_iter().map(|(key, value)| (renamed(key), value)).collect()
                }
                other => other,
            };
            context.out.data(shown)
        }
    }
}

async fn list(context: &Context, account: &Account) -> Result<Vec<Subscription>, Failure> {
    context.out.progress("listing subscriptions");
    let who = Who { account: account.id.clone(), tenant: account.tenant.clone() };
    let all = context.cloud.subscriptions(&who).await?;
    context.out.erase();
    Ok(all)
}

/// The account's tenant in words. Not knowing them keeps nobody from seeing subscriptions.
async fn tenant(context: &Context, account: &Account) -> Option<Tenant> {
    let who = Who { account: account.id.clone(), tenant: account.tenant.clone() };
    let tenants = context.cloud.tenants(&who).await.ok()?;
    tenants.into_iter().find(|tenant| tenant.id == account.tenant)
}

fn named<'a>(all: &'a [Subscription], name: &str) -> Result<&'a Subscription, Failure> {
    let found = all
        .iter()
        .filter(|one| one.id.as_str().eq_ignore_ascii_case(name) || one.name.raw().eq_ignore_ascii_case(name))
        .collect::<Vec<_>>();
    let doing = || format!("show the subscription {}", SafeText::of(name));
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::new(Kind::NotFound, doing(), "this account sees none of that name in its tenant")
            .hint("`amlock subscription list` shows them")),
        _ => Err(Failure::misused(doing(), "several have that name").hint("take its id")),
    }
}

/// The one that is used here: named, this folder's, else the first that works, as az chooses at sign-in.
fn default_of<'a>(context: &Context, all: &'a [Subscription]) -> Option<&'a Subscription> {
    let folder = context.folder().ok().flatten().map(|found| found.id.subscription().to_owned());
    let wanted = context.typed.subscription.clone().or(folder);
    wanted
        .and_then(|wanted| named(all, &wanted).ok())
        .or_else(|| all.iter().find(|one| one.state.raw().eq_ignore_ascii_case("enabled")))
        .or_else(|| all.first())
}

/// The id of the subscription that is used here, for a token's description; none where it cannot be seen.
pub(crate) async fn default_id(context: &Context, account: &Account) -> Option<String> {
    let all = list(context, account).await.ok()?;
    default_of(context, &all).map(|one| one.id.to_string())
}
