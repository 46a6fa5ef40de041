//! `amlock token`: a token for an Azure service.

use serde_json::json;

use super::args::Token;
use super::context::Context;
use super::output::Valued;
use super::{subscriptions, times};
use crate::domain::{Failure, SafeText, TenantId, Who};

/// `amlock token`.
pub(crate) async fn run(context: &Context, wanted: Token) -> Result<(), Failure> {
    let resource = resource(&wanted.resource)?;
    context.out.may_show(1, &wanted.values)?;
    let account = context.account()?;
    let tenant = match &wanted.tenant {
        Some(text) => TenantId::parse(text).map_err(|bad| Failure::misused("get a token", bad.to_string()))?,
        None => account.tenant.clone(),
    };
    let who = Who { account: account.id.clone(), tenant: tenant.clone() };
    context.out.progress("getting a token");
    let token = context.cloud.token(&who, resource).await?;
    // Only the whole description names a subscription; az leaves it out where a tenant was named.
    let subscription = match &wanted.tenant {
        None if context.out.describes() => subscriptions::default_id(context, &account).await,
        _ => None,
    };
    let mut shape = json!({
        "expiresOn": times::local(token.expires),
        "expires_on": token.expires.as_second(),
        "tenant": tenant,
        "tokenType": "Bearer",
    });
    if wanted.tenant.is_none() {
        shape["subscription"] = subscription.into();
    }
    let found = Valued { name: "accessToken".to_owned(), shape, sealed: vec![("accessToken", token.token)] };
    context.out.values(&[found], &wanted.values)
}

/// The service a short word stands for.
fn resource(word: &str) -> Result<&str, Failure> {
    Ok(match word {
        "arm" => "https://management.azure.com",
        "ml" => "https://ml.azure.com",
        "vault" => "https://vault.azure.net",
        "graph" => "https://graph.microsoft.com",
        uri if uri.starts_with("https://") || uri.starts_with("api://") => uri,
        other => {
            return Err(Failure::misused(format!("get a token for {}", SafeText::of(other)), "that is no service")
                .hint("--resource arm, ml, vault, graph, or a URI such as https://storage.azure.com"));
        }
    })
}
