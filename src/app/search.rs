//! The filter of a list: in which names a word is found, and which of them comes first.

use std::ops::Range;

use frizbee::{Config, Matcher};

/// What was searched for last, and where it was found: a longer word is in no other rows than these.
#[derive(Debug, Default)]
pub(super) struct Search {
    word: String,
    /// In the list's order.
    hits: Vec<Hit>,
}

/// A row that fits.
#[derive(Clone, Copy, Debug)]
struct Hit {
    row: u32,
    score: u16,
    /// Whether its name has the word in one piece; else it has all letters in their order and others between.
    whole: bool,
}

/// Of so many names with scattered letters the best come first. Where there are more, nobody looks for one among them, and to rate
/// 100,000 costs several frames: they stay in the list's order until another letter is typed.
const RATED: usize = 10_000;

impl Search {
    /// Looks for `word` in the names of the rows from 0 to `rows`. All of them fit an empty one.
    ///
    /// Puts the rows that fit into `found`, the best first: those with the word in one piece before all others, which is what one
    /// means who types a word. `found` comes with the memory that the letter before needed: fresh memory for 100,000 rows costs as
    /// much as a frame.
    pub(super) fn look_for<'n>(&mut self, word: &str, rows: u32, name: impl Fn(u32) -> &'n str, found: &mut Vec<u32>) {
        let before = std::mem::replace(&mut self.word, word.to_owned());
        if word.is_empty() {
            self.hits.clear();
            found.clear();
            found.extend(0..rows);
            return;
        }
        if before.is_empty() || !word.starts_with(&before) {
            self.hits.clear();
            self.hits.extend(everybody(0..rows));
        }
        rate(word, &mut self.hits, name);
        self.best_first(found);
    }

    /// Puts all rows that were found into `rows`, the best first.
    pub(super) fn best_first(&self, rows: &mut Vec<u32>) {
        best_first(&self.hits, rows);
    }

    /// Looks for the same word in `new` rows, which follow all others.
    pub(super) fn look_on<'n>(&mut self, new: Range<u32>, name: impl Fn(u32) -> &'n str) -> Vec<u32> {
        if self.word.is_empty() {
            return new.collect();
        }
        let mut hits: Vec<Hit> = everybody(new).collect();
        rate(&self.word, &mut hits, name);
        let mut rows = Vec::new();
        best_first(&hits, &mut rows);
        self.hits.extend(hits);
        rows
    }
}

/// Rows of which each may have the word in one piece.
fn everybody(rows: Range<u32>) -> impl Iterator<Item = Hit> {
    rows.map(|row| Hit { row, score: 0, whole: true })
}

/// Rates the rows that fit, and drops the others. A name that had not the beginning of the word in one piece has not the word.
fn rate<'n>(word: &str, rows: &mut Vec<Hit>, name: impl Fn(u32) -> &'n str) {
    // Every letter typed must occur, in order: a list of secrets is no place for guesses at typing errors.
    let mut letters = Matcher::new(word, &Config { max_typos: Some(0), ..Config::default() });
    let mut scattered = 0;
    rows.retain_mut(|hit| {
        let name = name(hit.row);
        let whole = if hit.whole { in_one_piece(word, name) } else { None };
        *hit = Hit { row: hit.row, score: whole.unwrap_or_default(), whole: whole.is_some() };
        let fits =
            hit.whole || if word.is_ascii() { in_order(word, name) } else { letters.match_one(name, 0).is_some() };
        scattered += usize::from(fits && !hit.whole);
        fits
    });
    if scattered <= RATED {
        for hit in rows.iter_mut().filter(|hit| !hit.whole) {
            hit.score = letters.match_one(name(hit.row), hit.row).map_or(0, |fits| fits.score);
        }
    }
}

/// Whether a name has all letters of the word in their order, no matter of upper and lower case: what [`Matcher`] finds, without
/// rating it.
fn in_order(word: &str, name: &str) -> bool {
    let mut name = name.bytes();
    word.bytes().all(|letter| name.any(|have| have.eq_ignore_ascii_case(&letter)))
}

/// Where a name has the word in one piece: the whole name is 3, its beginning 2, the beginning of a part of it 1. No matter of
/// upper and lower case, as in Azure's names, which are ASCII; other letters are found as they are typed, or by [`Matcher`].
fn in_one_piece(word: &str, name: &str) -> Option<u16> {
    let (word, name) = (word.as_bytes(), name.as_bytes());
    let mut inside = None;
    for (at, piece) in name.windows(word.len()).enumerate() {
        if !piece.eq_ignore_ascii_case(word) {
            continue;
        }
        let Some(before) = at.checked_sub(1).map(|before| name[before]) else {
            return Some(if name.len() == word.len() { 3 } else { 2 });
        };
        let begins = (before.is_ascii() && !before.is_ascii_alphanumeric())
            || (before.is_ascii_lowercase() && piece[0].is_ascii_uppercase());
        if begins {
            return Some(1);
        }
        inside = Some(0);
    }
    inside
}

/// Puts the rows of the hits into `rows`: the word in one piece first, then by score, then in the list's order.
fn best_first(hits: &[Hit], rows: &mut Vec<u32>) {
    // Few scores for many rows: each row is put into its place at once, with no comparing.
    let mut places = [Vec::new(), Vec::new()];
    for hit in hits {
        let (counts, score) = (&mut places[usize::from(!hit.whole)], usize::from(hit.score));
        if score >= counts.len() {
            counts.resize(score + 1, 0);
        }
        counts[score] += 1;
    }
    let mut before = 0;
    for count in places.iter_mut().flat_map(|counts| counts.iter_mut().rev()) {
        before += std::mem::replace(count, before);
    }
    rows.clear();
    rows.resize(before, 0);
    for hit in hits {
        let place = &mut places[usize::from(!hit.whole)][usize::from(hit.score)];
        rows[*place] = hit.row;
        *place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_name_comes_before_that_of_a_part_and_what_is_inside() {
        let names = ["xkey", "signing-Key", "my-monkey-key", "DbKey", "KEY-vault", "key", "k-e-y", "öKey", "kex"];
        let mut found = Vec::new();
        Search::default().look_for("key", 9, |row| names[row as usize], &mut found);
        let found: Vec<&str> = found.iter().map(|&row| names[row as usize]).collect();
        let expected = ["key", "KEY-vault", "signing-Key", "my-monkey-key", "DbKey", "xkey", "öKey", "k-e-y"];
        assert_eq!(found, expected);
        assert_eq!(in_one_piece("Ö", "ö"), None);
        assert_eq!(in_one_piece("long", "lo"), None);
    }

    #[test]
    fn one_letter_is_found_in_either_case() {
        let names = ["alpha", "BETA", "Öl", "öl", "x"];
        let find = |word: &str| {
            let mut found = Vec::new();
            Search::default().look_for(word, 5, |row| names[row as usize], &mut found);
            found
        };
        assert_eq!(find("B"), [1]);
        assert_eq!(find("a"), [0, 1]);
        let mut both = find("ö");
        both.sort_unstable();
        assert_eq!(both, [2, 3]);
    }

    #[test]
    fn what_has_the_letters_in_their_order_is_what_the_rating_finds() {
        let names: Vec<String> = (0..3_000_u32).map(|row| format!("{:b}-Ab{row}-{:o}éX", row % 37, row * 7)).collect();
        for word in ["a", "1-", "0a7", "b1x", "é", "ab-5x", "zz", "x", "1234567"] {
            let mut rated = Matcher::new(word, &Config { max_typos: Some(0), ..Config::default() });
            for name in &names {
                let fits = word.is_ascii() && in_order(word, name);
                assert_eq!(fits, word.is_ascii() && rated.match_one(name, 0).is_some(), "{word} in {name}");
            }
        }
    }

    #[test]
    fn many_scattered_letters_keep_the_order_of_the_list_and_few_have_the_best_first() {
        let names: Vec<String> =
            (0..20_000).map(|row| format!("a{row:05}-k-{}", if row == 9_000 { "b" } else { "-b" })).collect();
        let name = |row: u32| names[row as usize].as_str();
        let mut found = Vec::new();
        Search::default().look_for("akb", 20_000, name, &mut found);
        assert!(found.iter().copied().eq(0..20_000));
        Search::default().look_for("akb", 10_000, name, &mut found);
        assert_eq!((found.len(), found[0]), (10_000, 9_000));
    }

    #[test]
    fn rows_that_come_later_are_found_as_if_they_had_been_there() {
        let names: Vec<String> =
            (0..60_000).map(|row| format!("archive-{row:06}{}", ["", "-Rc7", "-key"][row % 3])).collect();
        let name = |row: u32| names[row as usize].as_str();
        let (mut typed, mut found) = (Search::default(), Vec::new());
        for word in ["r", "rc", "rc7", "rc70", "a", "9", "98-k"] {
            typed.look_for(word, 60_000, name, &mut found);
            let mut alone = Search { word: word.to_owned(), hits: Vec::new() };
            assert_eq!(found, alone.look_on(0..60_000, name), "{word}");
            assert!(!found.is_empty(), "{word}");
        }
    }
}
