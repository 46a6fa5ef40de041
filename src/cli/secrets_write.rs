//! `amlock secret set` and `update`.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use super::args::Values;
use super::args_secret::{Set, Update};
use super::ask::{self, Sure};
use super::context::Context;
use super::find::secret_name;
use super::output::{self, Valued};
use super::{files, shapes, tty};
use crate::domain::{Changes, Expect, Failure, Kind, NewSecret, Sealed, SetDone, Tags, Untrusted, VALUE_LIMIT, ago};

/// `amlock secret set`.
pub(crate) async fn set(context: &Context, wanted: Set) -> Result<(), Failure> {
    let name = secret_name(wanted.name())?;
    let doing = format!("set {name}");
    if wanted.value_typed() {
        return Err(Failure::misused(
            doing,
            "a value was typed as an argument, where the machine's process list and now your shell's history have it",
        )
        .hint("make it a new value. It is read from a hidden prompt, --file FILE, --file - or --from-env VAR."));
    }
    context.may_write(doing.clone())?;
    let values = Values { reveal: wanted.reveal, out: None };
    if wanted.reveal {
        context.out.may_show(1, &values)?;
    }
    let now = context.now();
    let tags = wanted.tags().next().is_some().then(|| wanted.tags().map(tag).collect());
    let expect = match (wanted.if_absent, &wanted.if_version) {
        (true, _) => Expect::Absent,
        (false, Some(version)) => Expect::Version(Untrusted::from(version.as_str())),
        (false, None) => Expect::Anything,
    };
    // First where it goes, and whether it may: nobody types a long value in vain.
    let place = context.place_to_write(&doing).await?;
    let into = format!("set {name} in {}", place.vault.name);
    ask::before(context, &into, name.as_str(), place.production.as_deref(), Sure::Plain).await?;
    let value = value(context, &wanted, &into).await?;
    let shown = if wanted.reveal { Some(output::copy(&value)) } else { None };
    let new = NewSecret {
        name: name.clone(),
        value,
        content_type: wanted.content_type.as_deref().map(Untrusted::from),
        tags,
        not_before: wanted.not_before.map(|time| time.at(now)),
        expires: wanted.expires.map(|time| time.at(now)),
        enabled: wanted.disabled.then_some(false),
    };
    context.out.progress(&format!("setting {name}"));
    let done = context.writing(context.cloud.set_secret(&place.vault, new, expect)).await?;
    context.out.erase();
    tell(context, &done);
    let shape = shapes::secret_bundle(&place.vault, &done.secret);
    match shown {
        Some(value) => {
            context.out.values(&[Valued { name: name.to_string(), shape, sealed: vec![("value", value)] }], &values)
        }
        None => context.out.data(shape),
    }
}

/// Says what else happened meanwhile, as far as one could look.
fn tell(context: &Context, done: &SetDone) {
    if let Some(other) = &done.overtaken {
        let when = other.created.map_or_else(String::new, |at| match ago(context.now(), at).as_str() {
            "now" => ", just now".to_owned(),
            length => format!(", {length} ago"),
        });
        context.out.insist(&format!(
            "Somebody else set it meanwhile (version {}{when}); yours is the newest now. {} has theirs.",
            other.version.show(),
            context.line("secret get --version")
        ));
    }
    match (&done.before, done.looked) {
        (Some(version), _) => context.out.explain(|| format!("the version before: {}", version.show())),
        (None, true) => context.out.explain(|| "there was none of that name before".to_owned()),
        (None, false) => {
            context.out.explain(|| "whether there was one before could not be seen: listing is not allowed".to_owned());
        }
    }
}

/// The value, from wherever it may come.
async fn value(context: &Context, wanted: &Set, doing: &str) -> Result<Sealed, Failure> {
    let value = if let Some(path) = &wanted.file {
        let (path, doing) = (path.clone(), doing.to_owned());
        let read = tokio::task::spawn_blocking(move || from_file(&path, &doing));
        read.await.unwrap_or_else(|_| Err(Failure::new(Kind::Failed, "read the value", "reading broke off")))?
    } else if let Some(name) = &wanted.from_env {
        from_env(name, doing)?
    } else if context.can_ask() {
        let question = format!("Value to {doing} (it stays hidden; Enter ends it):");
        let read = tokio::task::spawn_blocking(move || tty::hidden(&question));
        read.await.unwrap_or_else(|_| Err(Failure::new(Kind::Failed, "read the value", "the prompt broke off")))?
    } else {
        let hint = if io::stdin().is_terminal() {
            "--file FILE or --from-env VAR"
        } else {
            "--file - reads standard input; or --file FILE, --from-env VAR"
        };
        return Err(Failure::misused(doing.to_owned(), "there is no value, and nobody to ask for one").hint(hint));
    };
    if value.bytes() == 0 {
        return Err(Failure::misused(doing.to_owned(), "the value is empty"));
    }
    Ok(value)
}

fn from_file(path: &Path, doing: &str) -> Result<Sealed, Failure> {
    let from = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let bytes = files::read(path, VALUE_LIMIT).map_err(|wrong| match wrong.kind() {
        io::ErrorKind::FileTooLarge => Failure::misused(
            doing.to_owned(),
            format!("{from} holds more than the {VALUE_LIMIT} bytes Key Vault keeps"),
        ),
        _ => Failure::misused(doing.to_owned(), format!("{from} cannot be read: {}", files::why(&wrong))),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::misused(doing.to_owned(), format!("{from} is not UTF-8, which is all Key Vault keeps"))
            .hint("`base64 FILE | amlock secret set NAME --file -` keeps other bytes")
    })?;
    Ok(Sealed::new(text))
}

fn from_env(name: &str, doing: &str) -> Result<Sealed, Failure> {
    std::env::var(name).map(Sealed::new).map_err(|wrong| {
        let cause = match wrong {
            std::env::VarError::NotPresent => format!("there is no variable {name}"),
            std::env::VarError::NotUnicode(_) => format!("{name} is not UTF-8, which is all Key Vault keeps"),
        };
        Failure::misused(doing.to_owned(), cause)
    })
}

fn tag((key, value): &(String, String)) -> (Untrusted, Untrusted) {
    (Untrusted::from(key.as_str()), Untrusted::from(value.as_str()))
}

/// `amlock secret update`.
pub(crate) async fn update(context: &Context, wanted: Update) -> Result<(), Failure> {
    let name = secret_name(wanted.name.get())?;
    let doing = format!("change {name}");
    context.may_write(doing.clone())?;
    let now = context.now();
    let mut changes = Changes {
        content_type: wanted.content_type.as_deref().map(Untrusted::from),
        tags: None,
        enabled: wanted.enabled.or(wanted.disabled.then_some(false)),
        not_before: wanted.not_before.map(|time| time.at(now)),
        expires: wanted.expires.map(|time| time.at(now)),
    };
    let about_tags = wanted.tags().next().is_some() || !wanted.remove_tag.is_empty();
    if changes == Changes::default() && !about_tags {
        return Err(Failure::misused(doing, "nothing to change was named")
            .hint("--content-type, --tag, --remove-tag, --expires, --not-before, --enabled or --disabled"));
    }
    let place = context.place_to_write(&doing).await?;
    let there = format!("change {name} in {}", place.vault.name);
    ask::before(context, &there, name.as_str(), place.production.as_deref(), Sure::Plain).await?;
    let version = wanted.version.as_deref().map(Untrusted::from);
    if about_tags {
        // Key Vault replaces all tags at once, so that those that stay have to be known.
        let versions = context.cloud.versions(&place.vault, &name).await?;
        let fits = |of: &crate::domain::SecretVersion| match &version {
            Some(version) => of.secret.version.as_ref() == Some(version),
            None => of.current,
        };
        let old = versions
            .into_iter()
            .find(fits)
            .ok_or_else(|| Failure::new(Kind::NotFound, there.clone(), "there is no such version"))?;
        changes.tags = Some(merged(old.secret.tags, &wanted));
    }
    context.out.progress(&format!("changing {name}"));
    let change = context.cloud.update_secret(&place.vault, &name, version.as_ref(), changes);
    let done = match (context.writing(change).await, &version) {
        (Err(failure), Some(version)) => {
            return Err(context.no_such_version(&place.vault, &name, version, failure).await);
        }
        (done, _) => done?,
    };
    context.out.data(shapes::secret(&place.vault, &done))
}

fn merged(mut tags: Tags, wanted: &Update) -> Tags {
    tags.retain(|(key, _)| !wanted.remove_tag.iter().any(|gone| gone == key.raw()));
    for (key, value) in wanted.tags().map(tag) {
        match tags.iter_mut().find(|(have, _)| *have == key) {
            Some(there) => there.1 = value,
            None => tags.push((key, value)),
        }
    }
    tags
}
