//! A list with a cursor, a filter and an order, shared by everything that lists: the cursor stays on its row whatever arrives.

use tui_input::Input;

use crate::domain::Untrusted;

use super::search::Search;

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
    /// The visible rows in their order; none where that is all of them as they came, which long lists need not spell out.
    chosen: Option<Vec<u32>>,
    search: Search,
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
            chosen: None,
            search: Search::default(),
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
        self.chosen.as_ref().map_or(self.rows.len(), Vec::len)
    }

    /// Which row stands at this place among the visible ones.
    fn row_at(&self, place: usize) -> Option<usize> {
        match &self.chosen {
            Some(chosen) => chosen.get(place).map(|&row| row as usize),
            None => (place < self.rows.len()).then_some(place),
        }
    }

    /// The visible rows from `first` on, for a window of the list.
    pub fn window(&self, first: usize, height: usize) -> impl Iterator<Item = (usize, &T)> {
        (first..first + height).map_while(|at| self.row_at(at).map(|row| (at, &self.rows[row])))
    }

    /// The cursor's place among the visible rows.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&T> {
        self.row_at(self.cursor).map(|row| &self.rows[row])
    }

    /// Moves the cursor by `rows`, stopping at both ends.
    pub fn step(&mut self, rows: isize) {
        self.cursor = self.cursor.saturating_add_signed(rows).min(self.last());
    }

    fn last(&self) -> usize {
        self.shown().saturating_sub(1)
    }

    /// Puts the cursor on the first row.
    pub fn home(&mut self) {
        self.cursor = 0;
    }

    /// Puts the cursor on the last row.
    pub fn end(&mut self) {
        self.cursor = self.last();
    }

    /// Puts the cursor on the row with this key, if it is visible.
    pub fn go_to(&mut self, key: &str) -> bool {
        let at = (0..self.shown()).find(|&at| self.row_at(at).is_some_and(|row| self.rows[row].is(key)));
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
        let first = index(self.rows.len());
        self.rows.extend(rows);
        let Some(chosen) = &mut self.chosen else { return };
        let new = self.search.look_on(first..index(self.rows.len()), |row| self.rows[row as usize].name().raw());
        self.unsorted += new.len();
        chosen.extend(new);
        if chosen.len() < SHORT || self.unsorted * 8 > chosen.len() {
            self.settle();
        }
    }

    /// Puts what was added last into its place of the chosen order.
    pub fn settle(&mut self) {
        if std::mem::take(&mut self.unsorted) > 0 {
            let here = self.row_at(self.cursor);
            self.put_in_order();
            self.stay_on(here);
        }
    }

    fn put_in_order(&mut self) {
        let Some(chosen) = &mut self.chosen else { return };
        if let Some(order) = self.order {
            let rows = &self.rows;
            // Nearly sorted already: this costs about one comparison a row.
            chosen.sort_by(|&a, &b| order(&rows[a as usize], &rows[b as usize]));
        } else {
            self.search.best_first(chosen);
        }
    }

    fn stay_on(&mut self, row: Option<usize>) {
        let at = match &self.chosen {
            Some(chosen) => row.and_then(|row| chosen.iter().position(|&have| have as usize == row)),
            None => row,
        };
        self.cursor = at.unwrap_or(self.cursor).min(self.last());
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
            self.cursor = at.min(self.last());
        }
    }

    /// Sorts by `order`, or shows the rows as they came.
    pub fn sort(&mut self, order: Option<Order<T>>) {
        let here = self.row_at(self.cursor);
        self.order = order;
        self.look();
        self.stay_on(here);
    }

    /// To be called after [`List::filter`] was typed into: the best match gets the cursor.
    pub fn filtered(&mut self) {
        self.look();
        self.cursor = 0;
    }

    /// Drops the filter; the cursor stays on its row.
    pub fn unfilter(&mut self) {
        let here = self.row_at(self.cursor);
        self.filter.reset();
        self.look();
        self.stay_on(here);
    }

    /// Works out anew what is visible, and puts the cursor on `key`, or where it was.
    fn refresh(&mut self, key: Option<&str>) {
        self.search = Search::default();
        self.look();
        if let Some(key) = key {
            self.go_to(key);
        }
        self.cursor = self.cursor.min(self.last());
    }

    /// Looks for what the filter says.
    fn look(&mut self) {
        let mut chosen = self.chosen.take().unwrap_or_default();
        let (word, rows) = (self.filter.value(), &self.rows);
        if !word.is_empty() || self.order.is_some() {
            let name = |row| rows[row as usize].name().raw();
            self.search.look_for(word, index(rows.len()), name, &mut chosen);
            self.chosen = Some(chosen);
        } else {
            self.search = Search::default();
        }
        self.unsorted = 0;
        if self.order.is_some() {
            self.put_in_order();
        }
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
    fn the_word_in_one_piece_comes_before_its_letters_with_others_between() {
        let mut list = List::default();
        list.replace(names(&["k-e-y", "a-k-e-y", "monkey", "api-Key", "kettle-yard"]));
        list.filter = Input::new("key".to_owned());
        list.filtered();
        let shown: Vec<String> = list.window(0, 9).map(|(_, row)| row.key()).collect();
        assert_eq!(shown[..2], ["api-Key", "monkey"]);
        assert_eq!(shown.len(), 5);
    }

    #[test]
    fn what_comes_later_takes_its_place_among_the_best() {
        let rows: Vec<String> =
            (0..6_000).map(|row| format!("x{row:04}-{}", if row == 5_990 { "key" } else { "monkey" })).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let mut list = List { filter: Input::new("key".to_owned()), ..List::default() };
        list.filtered();
        for page in rows.chunks(25) {
            list.extend(names(page));
        }
        list.settle();
        assert_eq!(list.window(0, 1).next().map(|(_, row)| row.key()).as_deref(), Some("x5990-key"));
        assert_eq!(list.shown(), 6_000);
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
                assert_eq!(typed.chosen, whole.chosen, "{word}");
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
