//! `amlock secret`, the reading half: list, get, versions, deleted, backup.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::args_secret::{Get, SecretCommand};
use super::context::Context;
use super::files::to_file;
use super::find::secret_name;
use super::output::Valued;
use super::{secrets_gone, secrets_write, shapes};
use crate::domain::{Failure, Kind, Untrusted};

/// `amlock secret ...`.
pub(crate) async fn run(context: &Context, command: SecretCommand) -> Result<(), Failure> {
    match command {
        SecretCommand::List => list(context).await,
        SecretCommand::Get(wanted) => get(context, wanted).await,
        SecretCommand::Set(wanted) => secrets_write::set(context, wanted).await,
        SecretCommand::Update(wanted) => secrets_write::update(context, wanted).await,
        SecretCommand::Versions { name } => versions(context, name.get()).await,
        SecretCommand::Delete(wanted) => secrets_gone::delete(context, &wanted.names()).await,
        SecretCommand::Deleted => secrets_gone::deleted(context).await,
        SecretCommand::Recover { name } => secrets_gone::recover(context, name.get()).await,
        SecretCommand::Purge { name } => secrets_gone::purge(context, name.get()).await,
        SecretCommand::Backup { name, out } => backup(context, name.get(), out.as_deref()).await,
        SecretCommand::Restore { file, file_flag } => {
            let file = file.or(file_flag).unwrap_or_default();
            secrets_gone::restore(context, &file).await
        }
    }
}

async fn list(context: &Context) -> Result<(), Failure> {
    let place = context.place().await?;
    let mut all = Vec::new();
    let name = place.vault.name.clone();
    context.out.progress(&format!("listing the secrets of {name}"));
    context
        .cloud
        .secrets(&place.vault, &mut |page| {
            all.extend(page);
            context.out.progress(&format!("listing the secrets of {name}: {}", all.len()));
        })
        .await?;
    if context.cloud.run_workspace(&place.vault.who.account).is_some() {
        context
            .out
            .remark("In a run only secrets are listed that Azure ML's SDK wrote; `amlock secret get NAME` reads any.");
    }
    let none = format!("{name} holds no secrets.");
    context.out.rows(&all, context.now(), &none, |one| shapes::secret(&place.vault, one))
}

async fn get(context: &Context, wanted: Get) -> Result<(), Failure> {
    let names = wanted.names().into_iter().map(secret_name).collect::<Result<Vec<_>, _>>()?;
    if wanted.version.is_some() && names.len() > 1 {
        return Err(Failure::misused("get a version", "it belongs to one secret, and several were named"));
    }
    context.out.may_show(names.len(), &wanted.values)?;
    let place = context.place().await?;
    let version = wanted.version.as_deref().map(Untrusted::from);
    let mut found = Vec::with_capacity(names.len());
    for (n, name) in names.iter().enumerate() {
        context.out.progress(&format!("getting {name} ({} of {})", n + 1, names.len()));
        let got = match (context.cloud.reveal(&place.vault, name, version.as_ref()).await, &version) {
            (Err(failure), Some(version)) => {
                return Err(context.no_such_version(&place.vault, name, version, failure).await);
            }
            (got, _) => got?,
        };
        found.push(Valued {
            name: name.to_string(),
            shape: shapes::secret_bundle(&place.vault, &got.secret),
            sealed: vec![("value", got.value)],
        });
    }
    context.out.values(&found, &wanted.values)
}

async fn versions(context: &Context, name: &str) -> Result<(), Failure> {
    let name = secret_name(name)?;
    let place = context.place().await?;
    context.out.progress(&format!("listing the versions of {name}"));
    let all = context.cloud.versions(&place.vault, &name).await?;
    context.out.rows(&all, context.now(), "It has no versions.", |one| shapes::secret(&place.vault, &one.secret))
}

async fn backup(context: &Context, name: &str, out: Option<&Path>) -> Result<(), Failure> {
    let name = secret_name(name)?;
    let out = to_file(out);
    if out.is_none() && context.out.on_terminal {
        return Err(Failure::misused(format!("back {name} up"), "a backup is no text for a terminal")
            .hint("--out FILE keeps it; a pipe gets its bytes"));
    }
    let place = context.place().await?;
    context.out.progress(&format!("backing {name} up"));
    let blob = context.cloud.backup_secret(&place.vault, &name).await?;
    // az keeps the bytes behind the base64, and restores them; so both can read what the other wrote.
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
    if context.out.decoded(&blob, decode, out)? {
        Ok(())
    } else {
        Err(Failure::new(Kind::Failed, format!("back {name} up"), "the vault's answer is no backup"))
    }
}
