//! `amlock secret delete`, `deleted`, `recover`, `purge` and `restore`: what goes, and what comes back.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::ask::{self, Sure};
use super::context::Context;
use super::find::secret_name;
use super::{files, shapes};
use crate::domain::{DeletedSecret, Failure, Kind, Sealed};

/// The largest backup: a secret with its 500 versions of 25 KB, in base64, and room.
const BACKUP_LIMIT: usize = 32 * 1024 * 1024;

/// `amlock secret delete`.
pub(crate) async fn delete(context: &Context, names: &[&str]) -> Result<(), Failure> {
    let checked = names.iter().map(|name| secret_name(name)).collect::<Result<Vec<_>, _>>()?;
    context.may_write(format!("delete {}", ask::some_of(names)))?;
    let place = context.place_to_write(&format!("delete {}", ask::some_of(names))).await?;
    let doing = format!("delete {} from {}", ask::some_of(names), place.vault.name);
    let typed = if let [one] = names { *one } else { place.production.as_deref().unwrap_or(&place.vault.name) };
    ask::before(context, &doing, typed, place.production.as_deref(), Sure::Yes).await?;
    let mut gone = Vec::new();
    let mut failed = None;
    for (n, name) in checked.iter().enumerate() {
        context.out.progress(&format!("deleting {name} ({} of {})", n + 1, checked.len()));
        match context.writing(context.cloud.delete_secret(&place.vault, name)).await {
            Ok(one) => gone.push(one),
            Err(failure) => {
                failed = Some(failure);
                break;
            }
        }
    }
    context.out.erase();
    // What is gone is told also where the next one failed.
    let shape = |one: &DeletedSecret| shapes::deleted(&place.vault, one);
    if checked.len() == 1 {
        gone.iter().try_for_each(|one| context.out.data(shape(one)))?;
    } else if !gone.is_empty() {
        context.out.say(&format!("{} of {} deleted.", gone.len(), checked.len()));
        context.out.rows(&gone, context.now(), "", shape)?;
    }
    failed.map_or(Ok(()), Err)
}

/// `amlock secret deleted`.
pub(crate) async fn deleted(context: &Context) -> Result<(), Failure> {
    let place = context.place().await?;
    let mut all = Vec::new();
    context.out.progress("listing deleted secrets");
    context
        .cloud
        .deleted_secrets(&place.vault, &mut |page| {
            all.extend(page);
            context.out.progress(&format!("listing deleted secrets: {}", all.len()));
        })
        .await?;
    let none = format!("Nothing deleted can come back in {}.", place.vault.name);
    context.out.rows(&all, context.now(), &none, |one| shapes::deleted(&place.vault, one))
}

/// `amlock secret recover`.
pub(crate) async fn recover(context: &Context, name: &str) -> Result<(), Failure> {
    let name = secret_name(name)?;
    context.may_write(format!("recover {name}"))?;
    let place = context.place_to_write(&format!("recover {name}")).await?;
    let doing = format!("recover {name} in {}", place.vault.name);
    ask::before(context, &doing, name.as_str(), place.production.as_deref(), Sure::Plain).await?;
    context.out.progress(&format!("recovering {name}, until it can be read again"));
    let back = context.writing(context.cloud.recover_secret(&place.vault, &name)).await?;
    context.out.data(shapes::secret(&place.vault, &back))
}

/// `amlock secret purge`.
pub(crate) async fn purge(context: &Context, name: &str) -> Result<(), Failure> {
    let name = secret_name(name)?;
    context.may_write(format!("purge {name}"))?;
    let place = context.place_to_write(&format!("purge {name}")).await?;
    let doing = format!("purge {name} from {} for good", place.vault.name);
    ask::before(context, &doing, name.as_str(), place.production.as_deref(), Sure::Typed(name.as_str())).await?;
    context.out.progress(&format!("purging {name}"));
    context.writing(context.cloud.purge_secret(&place.vault, &name)).await?;
    context.out.say(&format!("{name} is gone for good."));
    Ok(())
}

/// `amlock secret restore`.
pub(crate) async fn restore(context: &Context, file: &Path) -> Result<(), Failure> {
    let doing = "restore a backup";
    context.may_write(doing)?;
    let shown = file.display().to_string();
    let path = file.to_owned();
    let bytes = tokio::task::spawn_blocking(move || files::read(&path, BACKUP_LIMIT))
        .await
        .map_err(|_| Failure::new(Kind::Failed, doing, "reading broke off"))?
        .map_err(|wrong| Failure::misused(doing, format!("{shown} cannot be read: {}", files::why(&wrong))))?;
    if bytes.is_empty() {
        return Err(Failure::misused(doing, format!("{shown} is empty")));
    }
    let place = context.place_to_write(doing).await?;
    let into = format!("restore {shown} into {}", place.vault.name);
    ask::before(context, &into, &place.vault.name, place.production.as_deref(), Sure::Plain).await?;
    let blob = Sealed::new(URL_SAFE_NO_PAD.encode(bytes));
    context.out.progress("restoring");
    let back = context.writing(context.cloud.restore_secret(&place.vault, blob)).await?;
    context.out.data(shapes::secret(&place.vault, &back))
}
