//! A list with a cursor, a filter and an order, shared by everything that lists: the cursor stays on its row whatever arrives.

use frizbee::{Config, Match, Matcher, radix_sort_matches};
use tui_input::Input;

use crate::domain::Untrusted;

/// Something a list can hold.
pub trait Row {
    /// What makes it itself: two rows with the same key are one.
    fn key(&self) -> String;
    /// Whether this is its key; long lists are asked row by row.
    fn is(&self, key: &str) -> bool {
        self.key() == key
    }
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
    /// What was searched for last, and the rows it was found in, in their own order: a longer word is in none but these.
    searched: (String, Vec<u32>),
    /// How many of the last visible rows are not yet in their place of the chosen order.
    unsorted: usize,
    cursor: usize,
    /// What is typed into the filter; empty filters nothing.
    pub filter: Input,
    order: Option<Order<T>>,
}

impl<T: Row> Default for List<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            visible: Vec::new(),
            searched: (String::new(), Vec::new()),
            unsorted: 0,
            cursor: 0,
            filter: Input::default(),
            order: None,
        }
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
        let at = self.visible.iter().position(|&row| self.rows[row as usize].is(key));
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

    /// Adds rows at the end; nothing already shown moves, except into its place in a chosen order. Looks only at the new rows,
    /// but for the order: a long list is put in order each time it has grown by a part of itself, and at its end
    /// ([`List::settle`]), so that many small pages cost no more than a few large ones.
    pub fn extend(&mut self, rows: Vec<T>) {
        let before = self.visible.len();
        let first = index(self.rows.len());
        self.rows.extend(rows);
        let mut new = self.fitting(first..index(self.rows.len()));
        self.searched.1.append(&mut new.0);
        self.visible.append(&mut new.1);
        self.unsorted += self.visible.len() - before;
        if self.order.is_some() && (self.visible.len() < SHORT || self.unsorted * 8 > self.visible.len()) {
            self.settle();
        }
    }

    /// Puts what was added last into its place of the chosen order.
    pub fn settle(&mut self) {
        if std::mem::take(&mut self.unsorted) > 0 && self.order.is_some() {
            let here = self.visible.get(self.cursor).copied();
            self.put_in_order();
            self.stay_on(here);
        }
    }

    fn put_in_order(&mut self) {
        if let Some(order) = self.order {
            let rows = &self.rows;
            // Nearly sorted already: this costs about one comparison a row.
            self.visible.sort_by(|&a, &b| order(&rows[a as usize], &rows[b as usize]));
        }
    }

    fn stay_on(&mut self, row: Option<u32>) {
        if let Some(at) = row.and_then(|row| self.visible.iter().position(|&have| have == row)) {
            self.cursor = at;
        }
        self.cursor = self.cursor.min(self.visible.len().saturating_sub(1));
    }

    /// Which of these rows pass the filter: in their own order, for a longer word to be looked for in, and the best match first.
    fn fitting(&self, rows: impl ExactSizeIterator<Item = u32>) -> (Vec<u32>, Vec<u32>) {
        let needle = self.filter.value();
        if needle.is_empty() {
            return (Vec::new(), rows.collect());
        }
        // Every letter typed must occur, in order: a list of secrets is no place for guesses at typing errors.
        let mut matcher = Matcher::new(needle, &Config { max_typos: Some(0), ..Config::default() });
        // Nearly all rows fit a short word, and a vector that grows is copied and wiped each time.
        let mut found: Vec<Match> = Vec::with_capacity(rows.len());
        // One by one is quicker than a list: what matches a list is built here, for size, and wants a vector of names.
        found.extend(rows.filter_map(|row| matcher.match_one(self.rows[row as usize].name().raw(), row)));
        let in_their_order = found.iter().map(|hit| hit.index).collect();
        radix_sort_matches(&mut found);
        (in_their_order, found.iter().map(|hit| hit.index).collect())
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
        let here = self.visible.get(self.cursor).copied();
        self.order = order;
        self.search();
        self.stay_on(here);
    }

    /// To be called after [`List::filter`] was typed into: the best match gets the cursor.
    pub fn filtered(&mut self) {
        let (before, rows) = std::mem::take(&mut self.searched);
        if before.is_empty() || !self.filter.value().starts_with(&before) {
            self.search();
        } else {
            self.search_in(rows.into_iter());
        }
        self.cursor = 0;
    }

    /// Drops the filter; the cursor stays on its row.
    pub fn unfilter(&mut self) {
        let here = self.visible.get(self.cursor).copied();
        self.filter.reset();
        self.search();
        self.stay_on(here);
    }

    /// Works out anew what is visible, and puts the cursor on `key`, or where it was.
    fn refresh(&mut self, key: Option<&str>) {
        self.search();
        if let Some(key) = key {
            self.go_to(key);
        }
        self.cursor = self.cursor.min(self.visible.len().saturating_sub(1));
    }

    /// Looks through all rows.
    fn search(&mut self) {
        self.search_in(0..index(self.rows.len()));
    }

    /// Looks through these rows, which are in their own order.
    fn search_in(&mut self, rows: impl ExactSizeIterator<Item = u32>) {
        let (found, visible) = self.fitting(rows);
        self.searched = (self.filter.value().to_owned(), found);
        self.visible = visible;
        self.unsorted = 0;
        self.put_in_order();
    }
}

/// Lists below this many rows are always in order.
const SHORT: usize = 2_000;

/// Rows are counted in 32 bits: the cap on a list's items (cloud/wire/pages.rs) lies far below.
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
    fn a_longer_word_finds_the_same_among_the_last_hits_as_among_all() {
        let parts = ["db", "DB", "-", "pass", "word", "ab", "비전", "é", "x1", "key"];
        let mut seed = 7_usize;
        let mut roll = |sides: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        };
        let rows: Vec<String> =
            (0..500).map(|_| (0..=roll(5)).map(|_| parts[roll(parts.len())]).collect::<String>()).collect();
        let mut typed = List::default();
        typed.replace(names(&rows.iter().map(String::as_str).collect::<Vec<_>>()));
        for _ in 0..200 {
            let word: String = (0..=roll(2)).map(|_| parts[roll(parts.len())]).collect();
            for (end, letter) in word.char_indices() {
                let word = &word[..end + letter.len_utf8()];
                typed.filter = Input::new(word.to_owned());
                typed.filtered();
                let mut whole = List { filter: Input::new(word.to_owned()), ..List::default() };
                whole.replace(names(&rows.iter().map(String::as_str).collect::<Vec<_>>()));
                assert_eq!(typed.visible, whole.visible, "{word}");
            }
        }
    }

    #[test]
    fn many_small_pages_end_in_the_chosen_order_and_with_the_cursor_on_its_row() {
        let mut list = List::default();
        list.sort(Some(|a: &Name, b: &Name| b.0.raw().cmp(a.0.raw())));
        list.extend(names(&["m"]));
        for page in 0..300 {
            let rows: Vec<String> = (0..25).map(|row| format!("{:05}", (page * 25 + row) * 7919 % 10_007)).collect();
            list.extend(names(&rows.iter().map(String::as_str).collect::<Vec<_>>()));
            assert_eq!(list.current().map(Row::key).as_deref(), Some("m"));
        }
        list.settle();
        assert_eq!(list.shown(), 7501);
        let shown: Vec<String> = list.window(0, 7501).map(|(_, row)| row.key()).collect();
        assert!(shown.is_sorted_by(|a, b| a >= b));
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
