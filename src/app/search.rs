//! The filter of a list: in which names a word is found, and which of them comes first.

use frizbee::{Config, Match, Matcher, Matching, radix_sort_matches};

/// What was searched for last, and where it was found: a longer word is in no other rows than these.
#[derive(Debug, Default)]
pub(super) struct Search {
    word: String,
    /// The rows whose name has the word in one piece, in the list's order.
    whole: Vec<u32>,
    /// The rows whose name has all its letters in their order and others between, in the list's order.
    scattered: Vec<u32>,
}

impl Search {
    /// Looks for `word` in the names of the rows from 0 to `rows`. All of them fit an empty one.
    ///
    /// Returns the rows that fit, the best first: those with the word in one piece before all others. That is what one means
    /// who types a whole word, and what makes a letter quick: to rate scattered letters costs several times as much.
    pub(super) fn look_for<'a>(&mut self, word: &str, rows: u32, name: impl Fn(u32) -> &'a str) -> Vec<u32> {
        let before = std::mem::take(self);
        word.clone_into(&mut self.word);
        if word.is_empty() {
            (0..rows).collect()
        } else if !before.word.is_empty() && word.starts_with(&before.word) {
            self.look_in(before.whole.into_iter(), &before.scattered, name)
        } else {
            self.look_in(0..rows, &[], name)
        }
    }

    /// Looks for the same word in `new` rows, which follow all others.
    pub(super) fn look_on<'a>(&mut self, new: std::ops::Range<u32>, name: impl Fn(u32) -> &'a str) -> Vec<u32> {
        if self.word.is_empty() { new.collect() } else { self.look_in(new, &[], name) }
    }

    /// Looks in rows that may have the word in one piece, and in such as can have it scattered only.
    fn look_in<'a>(
        &mut self,
        maybe_whole: impl ExactSizeIterator<Item = u32>,
        scattered_only: &[u32],
        name: impl Fn(u32) -> &'a str,
    ) -> Vec<u32> {
        // Every letter typed must occur, in order: a list of secrets is no place for guesses at typing errors.
        let letters = Config { max_typos: Some(0), ..Config::default() };
        let mut in_one_piece = Matcher::new(self.word.as_str(), &letters.clone().matching(Matching::Substring));
        let mut in_order = Matcher::new(self.word.as_str(), &letters);
        // Nearly all names have a short word, and a vector that grows is copied and wiped each time.
        let mut whole: Vec<Match> = Vec::with_capacity(maybe_whole.len());
        let mut scattered: Vec<Match> = Vec::new();
        // One by one is quicker than a list: what matches a list is built here, for size, and wants a vector of names.
        for row in maybe_whole {
            match in_one_piece.match_one(name(row), row) {
                Some(hit) => whole.push(hit),
                None => scattered.extend(in_order.match_one(name(row), row)),
            }
        }
        scattered.extend(scattered_only.iter().filter_map(|&row| in_order.match_one(name(row), row)));
        // Two runs in order: one merge.
        scattered.sort_by_key(|hit| hit.index);
        self.whole.extend(whole.iter().map(|hit| hit.index));
        self.scattered.extend(scattered.iter().map(|hit| hit.index));
        radix_sort_matches(&mut whole);
        radix_sort_matches(&mut scattered);
        whole.iter().chain(&scattered).map(|hit| hit.index).collect()
    }
}
