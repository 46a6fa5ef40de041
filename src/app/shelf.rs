//! A list that comes from elsewhere, with what is known of it.

use std::collections::HashSet;

use crate::domain::{Failure, Moment, Untrusted, alike};

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
    /// What that order is called; nothing for the usual one.
    pub order: &'static str,
    /// Names among the rows that look like another one; found when the rows are all there, so that drawing only looks them up.
    alike: HashSet<Box<str>>,
    /// Rows that a change put or took away while a fetch was under way: what that fetch says of them is older.
    newer: Vec<String>,
}

impl<T: Row> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            list: List::default(),
            load: Load::Unasked,
            incoming: None,
            sorted: 0,
            order: "",
            alike: HashSet::new(),
            newer: Vec::new(),
        }
    }
}

impl<T: Row> Shelf<T> {
    /// An empty one in this state.
    pub fn in_state(load: Load) -> Self {
        Self { load, ..Self::default() }
    }

    /// Whether this name looks like another one of the list.
    pub fn is_alike(&self, name: &Untrusted) -> bool {
        !self.alike.is_empty() && self.alike.contains(name.raw())
    }

    fn compare(&mut self) {
        self.alike = alike(self.list.rows().iter().map(|row| row.name().raw()));
    }

    /// A question goes out.
    pub fn begin(&mut self) {
        self.newer.clear();
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
        self.compare();
    }

    /// A change made this row what it is.
    pub fn put(&mut self, row: T) {
        self.newer.push(row.key());
        if let Some(incoming) = &mut self.incoming {
            incoming.retain(|have| have.key() != row.key());
        }
        self.list.put(row);
        self.compare();
    }

    /// A change took this row away.
    pub fn remove(&mut self, key: &str) {
        self.newer.push(key.to_owned());
        if let Some(incoming) = &mut self.incoming {
            incoming.retain(|have| have.key() != key);
        }
        self.list.remove(key);
        self.compare();
    }

    /// Rows arrived.
    pub fn add(&mut self, mut rows: Vec<T>) {
        if !self.newer.is_empty() {
            rows.retain(|row| !self.newer.contains(&row.key()));
        }
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
            self.list.replace_but(rows, &self.newer);
        }
        self.newer.clear();
        self.list.settle();
        self.compare();
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
