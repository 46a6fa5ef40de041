//! The grammar of `amlock secret`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::args::{Name, Refused, Values, refuse};
use super::times::Time;

/// `amlock secret ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Names and attributes of all secrets; never a value
    List,
    /// A value: its exact bytes into a pipe, with --reveal onto this terminal
    #[command(visible_alias = "show")]
    Get(Get),
    /// Keep a value: a new secret, or a new version of one
    ///
    /// The value comes from a hidden prompt, a file, standard input or an environment variable, never from an argument.
    /// What is not given (type, tags, times) stays as the newest version has it.
    Set(Set),
    /// Change what is kept beside a value: type, tags, times, on or off
    #[command(visible_alias = "set-attributes")]
    Update(Update),
    /// The versions of a secret, newest first
    #[command(visible_alias = "list-versions")]
    Versions {
        #[command(flatten)]
        name: Name,
    },
    /// Delete secrets with all their versions; they can be recovered while the vault remembers them
    Delete(Delete),
    /// Deleted secrets that can still come back
    #[command(visible_alias = "list-deleted")]
    Deleted,
    /// Bring a deleted secret back
    Recover {
        #[command(flatten)]
        name: Name,
    },
    /// Forget a deleted secret for good
    Purge {
        #[command(flatten)]
        name: Name,
    },
    /// Save a secret with all its versions as a blob only its vault's region can read
    Backup {
        #[command(flatten)]
        name: Name,
        /// Write to a new file that only you can read; without it the blob goes into a pipe
        #[arg(long, short = 'f', value_name = "FILE", alias = "file")]
        out: Option<PathBuf>,
    },
    /// Put a backup back
    Restore {
        /// The file, or - for standard input
        #[arg(value_name = "FILE", required_unless_present = "file_flag")]
        file: Option<PathBuf>,
        /// As in az
        #[arg(long = "file", short = 'f', hide = true, conflicts_with = "file", id = "file_flag")]
        file_flag: Option<PathBuf>,
    },
}

/// `amlock secret get`.
#[derive(Args, Debug)]
pub(crate) struct Get {
    /// The names; several need -o json or -o env
    #[arg(value_name = "NAME", required_unless_present = "name_flag")]
    names: Vec<String>,
    /// As in az
    #[arg(short = 'n', long = "name", hide = true, conflicts_with = "names", id = "name_flag")]
    name_flag: Option<String>,
    /// This version, not the newest
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    #[command(flatten)]
    pub(crate) values: Values,
}

impl Get {
    /// The names, wherever they were typed.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.names.iter().chain(&self.name_flag).map(String::as_str).collect()
    }
}

/// `amlock secret set`.
#[derive(Args, Debug)]
pub(crate) struct Set {
    /// The name
    #[arg(value_name = "NAME", required_unless_present = "name_flag")]
    name: Option<String>,
    /// As in az
    #[arg(short = 'n', long = "name", hide = true, id = "name_flag")]
    name_flag: Option<String>,
    /// Refused: a value as an argument.
    #[arg(hide = true, num_args = 0.., allow_hyphen_values = true, value_parser = refuse)]
    pub(crate) value: Vec<Refused>,
    /// Refused: az's way.
    #[arg(long = "value", hide = true, num_args = 0..=1, allow_hyphen_values = true, value_parser = refuse)]
    pub(crate) value_flag: Option<Refused>,
    /// Read the value from a file, byte for byte; - is standard input
    #[arg(long, short = 'f', value_name = "FILE|-", conflicts_with = "from_env")]
    pub(crate) file: Option<PathBuf>,
    /// Read the value from an environment variable
    #[arg(long, value_name = "VAR")]
    pub(crate) from_env: Option<String>,
    /// What the value is, e.g. text/plain
    #[arg(long, value_name = "TYPE", alias = "description")]
    pub(crate) content_type: Option<String>,
    /// A tag; repeat it for more. Those given are then all it has
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag)]
    tag: Vec<(String, String)>,
    /// As in az: several at once
    #[arg(long, hide = true, num_args = 1.., value_name = "KEY=VALUE", value_parser = tag)]
    tags: Vec<(String, String)>,
    /// When it ends: a date, a date with time, or a span from now such as 30d, 12h
    #[arg(long, value_name = "TIME")]
    pub(crate) expires: Option<Time>,
    /// From when on it is meant to be used
    #[arg(long, value_name = "TIME")]
    pub(crate) not_before: Option<Time>,
    /// Only where there is none of that name yet
    #[arg(long, conflicts_with = "if_version")]
    pub(crate) if_absent: bool,
    /// Only where this version is the newest (checked before the write, not together with it)
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_version: Option<String>,
    /// Keep it switched off
    #[arg(long)]
    pub(crate) disabled: bool,
    /// Print the value, too
    #[arg(long)]
    pub(crate) reveal: bool,
}

impl Set {
    /// The name, wherever it was typed. With `--name` a word beside it was meant as the value.
    pub(crate) fn name(&self) -> &str {
        self.name_flag.as_deref().or(self.name.as_deref()).unwrap_or_default()
    }

    /// The tags, however they were typed.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &(String, String)> {
        self.tag.iter().chain(&self.tags)
    }

    /// Whether a value was typed as an argument.
    pub(crate) fn value_typed(&self) -> bool {
        !self.value.is_empty() || self.value_flag.is_some() || (self.name.is_some() && self.name_flag.is_some())
    }
}

/// `amlock secret update`.
#[derive(Args, Debug)]
pub(crate) struct Update {
    #[command(flatten)]
    pub(crate) name: Name,
    /// This version, not the newest
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// What the value is
    #[arg(long, value_name = "TYPE")]
    pub(crate) content_type: Option<String>,
    /// Add or change a tag; the others stay
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag)]
    tag: Vec<(String, String)>,
    /// As in az: several at once
    #[arg(long, hide = true, num_args = 1.., value_name = "KEY=VALUE", value_parser = tag)]
    tags: Vec<(String, String)>,
    /// Take a tag away
    #[arg(long, value_name = "KEY")]
    pub(crate) remove_tag: Vec<String>,
    /// When it ends
    #[arg(long, value_name = "TIME")]
    pub(crate) expires: Option<Time>,
    /// From when on it is meant to be used
    #[arg(long, value_name = "TIME")]
    pub(crate) not_before: Option<Time>,
    /// Switch it on (or, with =false, off)
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true", conflicts_with = "disabled")]
    pub(crate) enabled: Option<bool>,
    /// Switch it off: its value cannot be read then
    #[arg(long)]
    pub(crate) disabled: bool,
}

impl Update {
    /// The tags, however they were typed.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &(String, String)> {
        self.tag.iter().chain(&self.tags)
    }
}

/// `amlock secret delete`.
#[derive(Args, Debug)]
pub(crate) struct Delete {
    /// The names
    #[arg(value_name = "NAME", required_unless_present = "name_flag")]
    names: Vec<String>,
    /// As in az
    #[arg(short = 'n', long = "name", hide = true, conflicts_with = "names", id = "name_flag")]
    name_flag: Option<String>,
}

impl Delete {
    /// The names, wherever they were typed.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.names.iter().chain(&self.name_flag).map(String::as_str).collect()
    }
}

/// `KEY=VALUE`, within Key Vault's limits (256 characters each).
fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a tag is KEY=VALUE")?;
    if key.is_empty() || key.chars().count() > 256 || value.chars().count() > 256 {
        return Err("a tag's key has 1 to 256 characters, its value at most 256".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}
