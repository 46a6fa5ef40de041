//! `amlock endpoint`: endpoints, their keys and tokens.

use serde_json::{Value, json};

use super::args_endpoint::{EndpointCommand, Key, Which};
use super::ask::{self, Sure};
use super::context::Context;
use super::output::Valued;
use super::{args::Values, shapes};
use crate::domain::{Endpoint, EndpointKind, Failure, Kind, WhichKey};

/// `amlock endpoint ...`.
pub(crate) async fn run(context: &Context, command: EndpointCommand) -> Result<(), Failure> {
    match command {
        EndpointCommand::List { kind } => {
            let workspace = context.workspace(None).await?;
            context.out.progress(&format!("listing the endpoints of {}", workspace.name.show()));
            let all = context.cloud.endpoints(&workspace.who, &workspace.id).await?;
            let wanted = |one: EndpointKind| kind.is_none_or(|kind| kind.kind() == one);
            let (found, mut missing) = (all.endpoints, all.missing);
            let found = found.into_iter().filter(|one| wanted(one.kind)).collect::<Vec<_>>();
            missing.retain(|(kind, _)| wanted(*kind));
            let none = match missing.as_slice() {
                [] => format!("{} has no endpoints.", workspace.name.show()),
                _ => "Nothing could be listed.".to_owned(),
            };
            context.out.rows(&found, context.now(), &none, shapes::endpoint)?;
            // A short list never passes for a whole one, least of all in a script.
            let kinds = missing.iter().map(|(kind, _)| kind.word()).collect::<Vec<_>>().join(" and ");
            match missing.into_iter().next() {
                None => Ok(()),
                Some((_, failure)) => {
                    if !context.out.failures_are_data() {
                        context.out.insist(&format!("The {kinds} endpoints are missing in this list."));
                    }
                    Err(failure)
                }
            }
        }
        EndpointCommand::Show(which) => {
            let workspace = context.workspace(None).await?;
            context.out.data(shapes::endpoint(&context.endpoint(&workspace, &which).await?))
        }
        EndpointCommand::Keys { which, key, values } => {
            context.out.may_show(1, &values)?;
            let endpoint = find(context, &which).await?;
            has_keys(&endpoint, "get the keys of")?;
            keys(context, &endpoint, key, &values).await
        }
        EndpointCommand::Token { which, values } => {
            context.out.may_show(1, &values)?;
            token(context, &find(context, &which).await?, &values).await
        }
        EndpointCommand::GetCredentials { which, key, values } => {
            context.out.may_show(1, &values)?;
            let endpoint = find(context, &which).await?;
            // Whatever it has, as az does; who asks for one key wants no token.
            if key.is_none() && has_keys(&endpoint, "").is_err() {
                return token(context, &endpoint, &values).await;
            }
            has_keys(&endpoint, "get the keys of")?;
            keys(context, &endpoint, key, &values).await
        }
        EndpointCommand::Regenerate { which, key, no_wait } => regenerate(context, &which, key.which(), !no_wait).await,
    }
}

async fn find(context: &Context, which: &Which) -> Result<Endpoint, Failure> {
    let workspace = context.workspace(None).await?;
    context.endpoint(&workspace, which).await
}

async fn keys(context: &Context, endpoint: &Endpoint, key: Option<Key>, values: &Values) -> Result<(), Failure> {
    context.out.may_show(if key.is_some() { 1 } else { 2 }, values).map_err(|failure| match key {
        None if values.reveal || !context.out.on_terminal => {
            failure.hint("-o json or -o env keep them apart; --key primary takes one")
        }
        _ => failure,
    })?;
    context.out.progress(&format!("getting the keys of {}", endpoint.name.show()));
    let keys = context.cloud.endpoint_keys(endpoint).await?;
    let sealed = match key.map(Key::which) {
        Some(WhichKey::Primary) => vec![("primaryKey", keys.primary)],
        Some(WhichKey::Secondary) => vec![("secondaryKey", keys.secondary)],
        None => vec![("primaryKey", keys.primary), ("secondaryKey", keys.secondary)],
    };
    let name = sealed[0].0.to_owned();
    context.out.values(&[Valued { name, shape: json!({}), sealed }], values)
}

/// What Azure would refuse with words that help nobody.
fn has_keys(endpoint: &Endpoint, doing: &str) -> Result<(), Failure> {
    use crate::domain::AuthMode;
    if matches!(endpoint.auth, AuthMode::AmlToken | AuthMode::Entra) {
        let name = endpoint.name.show();
        let cause = match endpoint.auth {
            AuthMode::Entra => "it takes tokens of Microsoft Entra ID and has no keys",
            _ => "it is a token endpoint: it takes Azure ML's tokens and has no keys",
        };
        return Err(Failure::misused(format!("{doing} {name}"), cause).hint(format!("`amlock endpoint token {name}`")));
    }
    Ok(())
}

async fn token(context: &Context, endpoint: &Endpoint, values: &Values) -> Result<(), Failure> {
    context.out.progress(&format!("getting a token for {}", endpoint.name.show()));
    let token = context.cloud.endpoint_token(endpoint).await?;
    let shape = json!({
        "tokenType": token.token_type.raw(),
        "expiryTimeUtc": token.expires.as_second(),
        "refreshAfterTimeUtc": token.refresh_after.map(crate::domain::Moment::as_second),
    });
    let found = Valued { name: "accessToken".to_owned(), shape, sealed: vec![("accessToken", token.token)] };
    context.out.values(&[found], values)
}

async fn regenerate(context: &Context, which: &Which, key: WhichKey, wait: bool) -> Result<(), Failure> {
    let word = key.word();
    context.may_write(format!("regenerate the {word} key"))?;
    let (workspace, why) = context.workspace_to_write(&format!("regenerate the {word} key")).await?;
    if let Some(from) = why.from() {
        context.out.remark(&format!("workspace {} (from {from})", workspace.name.show()));
    }
    let endpoint = context.endpoint(&workspace, which).await?;
    let name = endpoint.name.show().into_owned();
    has_keys(&endpoint, &format!("regenerate the {word} key of"))?;
    let doing = format!("regenerate the {word} key of {name}");
    let production = context.production(&workspace);
    ask::before(context, &doing, &name, production.as_deref(), Sure::Typed(&name)).await?;
    context.out.progress(&format!("regenerating the {word} key of {name}"));
    let mut told = |state: crate::domain::Untrusted| {
        context.out.progress(&format!("regenerating the {word} key of {name}: {}", state.show()));
    };
    let done = context.writing(context.cloud.regenerate_key(&endpoint, key, wait, &mut told)).await?;
    let other = if key == WhichKey::Primary { "secondary" } else { "primary" };
    match (wait, done.changed) {
        (false, _) => context.out.say(&format!("Azure has accepted it; the {word} key of {name} changes soon.")),
        (true, Some(false)) => {
            return Err(Failure::new(Kind::Failed, doing, "Azure says it is done, and the key is the same as before")
                .hint("regenerate it once more"));
        }
        (true, _) => {
            context.out.say(&format!(
                "The {word} key of {name} is new: the old one has stopped working, the {other} one works on."
            ));
        }
    }
    let state = if wait { "Succeeded" } else { "InProgress" };
    let changed = done.changed.map_or(Value::Null, Value::from);
    context.out.data(json!({ "name": endpoint.name.raw(), "keyType": word, "status": state, "changed": changed }))
}
