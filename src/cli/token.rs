//! `amlock token`: a token for an Azure service.

use serde_json::json;

use super::args::Token;
use super::context::Context;
use super::output::Valued;
use super::{subscriptions, times};
use crate::cloud::Audience;
use crate::domain::{Failure, SafeText, Who};

/// `amlock token`.
pub(crate) async fn run(context: &Context, wanted: Token) -> Result<(), Failure> {
    let resource = resource(context, &wanted.resource)?;
    context.out.may_show(1, &wanted.values)?;
    let account = context.account()?;
    let named = context.tenant()?;
    let tenant = named.clone().unwrap_or_else(|| account.tenant.clone());
    let who = Who { account: account.id.clone(), tenant };
    context.out.progress("getting a token");
    let token = context.cloud.token(&who, &resource).await?;
    // Only the whole description names a subscription; az leaves it out where a tenant was named.
    let subscription = match named {
        None if context.out.describes() => subscriptions::default_id(context, &account).await,
        _ => None,
    };
    let mut shape = json!({
        "expiresOn": times::local(token.expires),
        "expires_on": token.expires.as_second(),
        "tenant": context.cloud.tenant_of(&who),
        "tokenType": "Bearer",
    });
    if named.is_none() {
        shape["subscription"] = subscription.into();
    }
    let found = Valued { name: "accessToken".to_owned(), shape, sealed: vec![("accessToken", token.token)] };
    context.out.values(&[found], &wanted.values)
}

/// The service a short word stands for, in the cloud that is used.
fn resource(context: &Context, word: &str) -> Result<String, Failure> {
    let audience = match word {
        "arm" => Audience::Arm,
        "ml" => Audience::Ml,
        "vault" => Audience::Vault,
        "graph" => Audience::Graph,
        uri if uri.starts_with("https://") || uri.starts_with("api://") => return Ok(uri.to_owned()),
        other => {
            return Err(Failure::misused(format!("get a token for {}", SafeText::of(other)), "that is no service")
                .hint("--resource arm, ml, vault, graph, or a URI such as https://storage.azure.com"));
        }
    };
    Ok(context.cloud.resource(audience))
}
