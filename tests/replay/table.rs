//! The table: for each recording what is asked, what must come of it, and one mutation that must not go unnoticed.

mod arm;
mod vault;

use crate::ask::Ask;

/// All rows.
pub(crate) fn rows() -> impl Iterator<Item = &'static Case> {
    vault::ROWS.iter().chain(arm::ROWS)
}

/// A change to a recording, by JSON pointer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// A field by another name.
    Rename(&'static str, &'static str),
    /// No such field.
    Remove(&'static str),
    /// Something else there, as JSON.
    Put(&'static str, &'static str),
}

/// One row.
#[derive(Debug)]
pub(crate) struct Case {
    /// The recordings; the first is the one that is mutated.
    pub(crate) files: &'static [&'static str],
    /// What an example lacks or has too much of to be a whole answer: `nextLink: "string"`, ids of other examples.
    pub(crate) first: &'static [(usize, Change)],
    /// What is asked.
    pub(crate) ask: Ask,
    /// Rows, states, words, exit codes.
    pub(crate) expect: &'static [&'static str],
    /// What must make `expect` fail.
    pub(crate) mutation: Change,
}
