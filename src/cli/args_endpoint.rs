//! The grammar of `amlock endpoint`.

use clap::{Args, Subcommand, ValueEnum};

use super::args::{Name, Values};
use crate::domain::{EndpointKind, WhichKey};

/// `amlock endpoint ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum EndpointCommand {
    /// Online, batch and serverless endpoints
    List {
        /// Only this sort
        #[arg(long, value_enum)]
        kind: Option<Sort>,
    },
    /// One of them
    Show(Which),
    /// Its keys
    Keys {
        #[command(flatten)]
        which: Which,
        /// Only this one, so that a pipe gets its exact bytes
        #[arg(long, value_enum, ignore_case = true)]
        key: Option<Key>,
        #[command(flatten)]
        values: Values,
    },
    /// A token for it
    Token {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        values: Values,
    },
    /// Its keys or a token, whichever it takes, as az has it
    GetCredentials {
        #[command(flatten)]
        which: Which,
        /// Only this key
        #[arg(long, value_enum, ignore_case = true)]
        key: Option<Key>,
        #[command(flatten)]
        values: Values,
    },
    /// Make a new key; the old one stops working at once
    #[command(visible_alias = "regenerate-keys")]
    Regenerate {
        #[command(flatten)]
        which: Which,
        /// Which of its two keys
        #[arg(long, value_enum, ignore_case = true, visible_alias = "key-type")]
        key: Key,
        /// Return as soon as Azure has accepted it
        #[arg(long)]
        no_wait: bool,
    },
}

/// One endpoint.
#[derive(Args, Clone, Debug)]
pub(crate) struct Which {
    #[command(flatten)]
    pub(crate) name: Name,
    /// Its sort, where several endpoints have that name
    #[arg(long, value_enum)]
    pub(crate) kind: Option<Sort>,
}

/// A sort of endpoint.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Sort {
    /// Answers at once
    Online,
    /// Starts jobs
    Batch,
    /// A model paid by the call
    Serverless,
}

impl Sort {
    /// As the domain has it.
    pub(crate) fn kind(self) -> EndpointKind {
        match self {
            Self::Online => EndpointKind::Online,
            Self::Batch => EndpointKind::Batch,
            Self::Serverless => EndpointKind::Serverless,
        }
    }
}

/// One of two keys.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Key {
    /// The first
    Primary,
    /// The second
    Secondary,
}

impl Key {
    /// As the domain has it.
    pub(crate) fn which(self) -> WhichKey {
        match self {
            Self::Primary => WhichKey::Primary,
            Self::Secondary => WhichKey::Secondary,
        }
    }
}
