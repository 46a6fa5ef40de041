//! A list with a cursor, a filter and an order, shared by everything that lists: the cursor stays on its row whatever arrives.

use frizbee::{Config, Matcher};
use tui_input::Input;

use crate::domain::Untrusted;

/// Something a list can hold.
pub trait Row {
    /// What makes it itself: two rows with the same key are one.
    fn key(&self) -> String;
    /// What the filter looks at.
    fn name(&self) -> &Untrusted;
}

/// How to compare two rows.
pub type Order<T> = fn(&T, &T) -> std::cmp::Ordering;

/// Rows, which of them are visible in which order, and where the cursor is.
#[derive(Debug)]
pub struct List<T> {
    rows: Vec<T>,
    visible: Vec<u32>,
    cursor: usize,
    /// What is typed into the filter; empty filters nothing.
    pub filter: Input,
    order: Option<Order<T>>,
}

impl<T: Row> Default for List<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), visible: Vec::new(), cursor: 0, filter: Input::default(), order: None }
    }
}

impl<T: Row> List<T> {
    /// All rows, as they came.
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// How many rows there are in all.
    pub fn total(&self) -> usize {
        self.rows.len()
    }

    /// How many rows pass the filter.
    pub fn shown(&self) -> usize {
        self.visible.len()
    }

    /// The visible rows from `first` on, for a window of the list.
    pub fn window(&self, first: usize, height: usize) -> impl Iterator<Item = (usize, &T)> {
        (first..self.visible.len().min(first + height)).map(|at| (at, &self.rows[self.visible[at] as usize]))
    }

    /// The cursor's place among the visible rows.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&T> {
        self.visible.get(self.cursor).map(|&row| &self.rows[row as usize])
    }

    /// Moves the cursor by `rows`, stopping at both ends.
    pub fn step(&mut self, rows: isize) {
        self.cursor = self.cursor.saturating_add_signed(rows).min(self.visible.len().saturating_sub(1));
    }

    /// Puts the cursor on the first row.
    pub fn home(&mut self) {
        self.cursor = 0;
    }

    /// Puts the cursor on the last row.
    pub fn end(&mut self) {
        self.cursor = self.visible.len().saturating_sub(1);
    }

    /// Puts the cursor on the row with this key, if it is visible.
    pub fn go_to(&mut self, key: &str) -> bool {
        let at = self.visible.iter().position(|&row| self.rows[row as usize].key() == key);
        if let Some(at) = at {
            self.cursor = at;
        }
        at.is_some()
    }

    /// Replaces all rows. The cursor stays on its row where that is still there.
    pub fn replace(&mut self, rows: Vec<T>) {
        let key = self.current().map(Row::key);
        self.rows = rows;
        self.refresh(key.as_deref());
    }

    /// Replaces all rows but those with these keys, which are newer than what came.
    pub fn replace_but(&mut self, rows: Vec<T>, newer: &[String]) {
        let key = self.current().map(Row::key);
        let kept: Vec<T> =
            std::mem::take(&mut self.rows).into_iter().filter(|row| newer.contains(&row.key())).collect();
        self.rows = rows;
        self.rows.extend(kept);
        self.refresh(key.as_deref());
    }

    /// Adds rows at the end; nothing already shown moves, except into its place in a chosen order. Looks only at the new rows.
    pub fn extend(&mut self, rows: Vec<T>) {
        let first = self.rows.len();
        self.rows.extend(rows);
        let new = self.fitting(first);
        self.visible.extend(new);
        if let Some(order) = self.order {
            let here = self.visible.get(self.cursor).copied();
            let rows = &self.rows;
            // Nearly sorted already: this costs about one comparison a row.
            self.visible.sort_by(|&a, &b| order(&rows[a as usize], &rows[b as usize]));
            if let Some(at) = here.and_then(|row| self.visible.iter().position(|&have| have == row)) {
                self.cursor = at;
            }
        }
    }

    /// The rows from `first` on that pass the filter, the best match first.
    fn fitting(&self, first: usize) -> Vec<u32> {
        let needle = self.filter.value();
        let (from, to) = (index(first), index(self.rows.len()));
        if needle.is_empty() {
            return (from..to).collect();
        }
        // Every letter typed must occur, in order: a list of secrets is no place for guesses at typing errors.
        let config = Config { max_typos: Some(0), ..Config::default() };
        let names: Vec<&str> = self.rows[first..].iter().map(|row| row.name().raw()).collect();
        Matcher::new(needle, &config).match_list(&names).iter().map(|hit| from + hit.index).collect()
    }

    /// Changes or adds one row.
    pub fn put(&mut self, row: T) {
        let (key, here) = (row.key(), self.current().map(Row::key));
        if let Some(have) = self.rows.iter_mut().find(|have| have.key() == key) {
            *have = row;
        } else {
            // Where Azure would list it: by name.
            let at = self.rows.iter().position(|have| have.key() > key).unwrap_or(self.rows.len());
            self.rows.insert(at, row);
        }
        self.refresh(here.as_deref());
    }

    /// Takes one row out.
    pub fn remove(&mut self, key: &str) {
        let (here, at) = (self.current().map(Row::key), self.cursor);
        self.rows.retain(|row| row.key() != key);
        self.refresh(here.as_deref());
        if here.as_deref() == Some(key) {
            self.cursor = at.min(self.visible.len().saturating_sub(1));
        }
    }

    /// Sorts by `order`, or shows the rows as they came.
    pub fn sort(&mut self, order: Option<Order<T>>) {
        let key = self.current().map(Row::key);
        self.order = order;
        self.refresh(key.as_deref());
    }

    /// To be called after [`List::filter`] was typed into: the best match gets the cursor.
    pub fn filtered(&mut self) {
        self.refresh(None);
        self.cursor = 0;
    }

    /// Drops the filter; the cursor stays on its row.
    pub fn unfilter(&mut self) {
        let key = self.current().map(Row::key);
        self.filter.reset();
        self.refresh(key.as_deref());
    }

    /// Works out anew what is visible, and puts the cursor on `key`, or where it was.
    fn refresh(&mut self, key: Option<&str>) {
        self.visible = self.fitting(0);
        if let Some(order) = self.order {
            let rows = &self.rows;
            self.visible.sort_by(|&a, &b| order(&rows[a as usize], &rows[b as usize]));
        }
        if let Some(key) = key {
            self.go_to(key);
        }
        self.cursor = self.cursor.min(self.visible.len().saturating_sub(1));
    }
}

/// Rows are counted in 32 bits: the gate's cap on a list's items (a million) lies far below.
fn index(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Name(Untrusted);

    impl Row for Name {
        fn key(&self) -> String {
            self.0.raw().to_owned()
        }
        fn name(&self) -> &Untrusted {
            &self.0
        }
    }

    fn names(list: &[&str]) -> Vec<Name> {
        list.iter().map(|&name| Name(Untrusted::from(name))).collect()
    }

    fn list() -> List<Name> {
        let mut list = List::default();
        list.replace(names(&["api-key", "db-legacy", "db-password", "storage"]));
        list
    }

    #[test]
    fn the_cursor_stays_on_its_row_whatever_arrives() {
        let mut list = list();
        assert!(list.go_to("db-password"));
        list.replace(names(&["a-new-one", "api-key", "db-password", "storage"]));
        assert_eq!(list.current().map(Row::key).as_deref(), Some("db-password"));
        list.extend(names(&["zeta"]));
        assert_eq!(list.current().map(Row::key).as_deref(), Some("db-password"));
    }

    #[test]
    fn the_filter_is_fuzzy_and_its_best_match_comes_first() {
        let mut list = list();
        list.filter = Input::new("dbp".to_owned());
        list.filtered();
        assert_eq!(list.current().map(Row::key).as_deref(), Some("db-password"));
        assert_eq!((list.shown(), list.total()), (1, 4));
        list.unfilter();
        assert_eq!((list.shown(), list.current().map(Row::key).as_deref()), (4, Some("db-password")));
    }

    #[test]
    fn a_row_taken_out_leaves_the_cursor_at_its_place() {
        let mut list = list();
        list.go_to("db-legacy");
        list.remove("db-legacy");
        assert_eq!(list.current().map(Row::key).as_deref(), Some("db-password"));
        list.end();
        list.remove("storage");
        assert_eq!(list.current().map(Row::key).as_deref(), Some("db-password"));
    }
}
