//! A list that comes from elsewhere, with what is known of it.

use crate::domain::{Failure, Moment};

use super::list::{List, Row};

/// What is known of a list that comes from elsewhere. Whether it is being asked for is for the flights to say.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Load {
    /// Nobody asked.
    #[default]
    Unasked,
    /// Asked for the first time, and perhaps some rows are there.
    Loading,
    /// All there, as of then.
    Ready(Moment),
    /// It could not be fetched, and nothing is there.
    Failed(Failure),
    /// All there as of then, but fetching it anew failed.
    Stale(Moment, Failure),
    /// Somebody stopped it on the way.
    Stopped,
}

impl Load {
    /// When the rows on the screen were true.
    pub fn as_of(&self) -> Option<Moment> {
        match self {
            Self::Ready(at) | Self::Stale(at, _) => Some(*at),
            _ => None,
        }
    }

    /// A new question goes out: what is there stays there.
    pub fn begin(&mut self) {
        if self.as_of().is_none() {
            *self = Self::Loading;
        }
    }

    /// The question is over.
    pub fn end(&mut self, now: Moment, outcome: Result<(), Failure>) {
        *self = match (outcome, self.as_of()) {
            (Ok(()), _) => Self::Ready(now),
            (Err(failure), Some(at)) => Self::Stale(at, failure),
            (Err(failure), None) => Self::Failed(failure),
        };
    }
}

/// A list with what is known of it.
#[derive(Debug)]
pub struct Shelf<T> {
    /// The rows.
    pub list: List<T>,
    /// Where they are from.
    pub load: Load,
    /// Rows of a fetch that replaces the list when it is complete, so that nothing flickers; none on the first fetch.
    pub incoming: Option<Vec<T>>,
    /// Which order is chosen, of those the pane has.
    pub sorted: usize,
}

impl<T: Row> Default for Shelf<T> {
    fn default() -> Self {
        Self { list: List::default(), load: Load::Unasked, incoming: None, sorted: 0 }
    }
}

impl<T: Row> Shelf<T> {
    /// A question goes out.
    pub fn begin(&mut self) {
        self.incoming = self.load.as_of().map(|_| Vec::new());
        if self.incoming.is_none() {
            self.list.replace(Vec::new());
        }
        self.load.begin();
    }

    /// All rows arrived at once.
    pub fn fill(&mut self, rows: Vec<T>) {
        self.incoming = None;
        self.list.replace(rows);
    }

    /// Rows arrived.
    pub fn add(&mut self, rows: Vec<T>) {
        match &mut self.incoming {
            Some(incoming) => incoming.extend(rows),
            None => self.list.extend(rows),
        }
    }

    /// The question is over.
    pub fn end(&mut self, now: Moment, outcome: Result<(), Failure>) {
        if let Some(rows) = self.incoming.take()
            && outcome.is_ok()
        {
            self.list.replace(rows);
        }
        self.load.end(now, outcome);
    }

    /// Somebody stopped it.
    pub fn stop(&mut self) {
        self.incoming = None;
        if self.load == Load::Loading {
            self.load = Load::Stopped;
        }
    }
}
