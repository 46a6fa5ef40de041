//! The filter of a list: in which names a word is found, and which of them comes first.

use std::ops::Range;
use std::thread::{available_parallelism, scope};

use frizbee::{Config, Matcher, Matching};

/// What was searched for last, and where it was found: a longer word is in no other rows than these.
#[derive(Debug, Default)]
pub(super) struct Search {
    word: String,
    /// The hits in the list's order, each part by another thread.
    parts: Vec<Vec<Hit>>,
}

/// A row that fits.
#[derive(Clone, Copy, Debug)]
struct Hit {
    row: u32,
    score: u16,
    /// Whether its name has the word in one piece; else it has all letters in their order and others between.
    whole: bool,
}

/// So many rows are looked at in about the time that another thread takes to begin.
const WORTH_A_THREAD: u32 = 10_000;
/// Others have work on this machine, too.
const THREADS: usize = 4;

impl Search {
    /// Looks for `word` in the names of the rows from 0 to `rows`. All of them fit an empty one.
    ///
    /// Puts the rows that fit into `found`, the best first: those with the word in one piece before all others. That is what
    /// one means who types a whole word, and what makes a letter quick: to rate scattered letters costs several times as much.
    /// `found` comes with the memory that the letter before needed: fresh memory for 100,000 rows costs as much as a frame.
    pub(super) fn look_for<'n>(
        &mut self,
        word: &str,
        rows: u32,
        name: impl Fn(u32) -> &'n str + Sync,
        found: &mut Vec<u32>,
    ) {
        let before = std::mem::replace(&mut self.word, word.to_owned());
        if word.is_empty() {
            self.parts.clear();
            found.clear();
            found.extend(0..rows);
            return;
        }
        let longer = !before.is_empty() && word.starts_with(&before);
        if !longer {
            self.parts = portions(rows).into_iter().map(everybody).collect();
        } else if self.parts.iter().map(Vec::len).sum::<usize>() < WORTH_A_THREAD as usize {
            self.parts = vec![self.parts.concat()];
        }
        at_once(&mut self.parts, |part| rate(word, part, &name));
        best_first(&self.parts, found);
    }

    /// Looks for the same word in `new` rows, which follow all others.
    pub(super) fn look_on<'n>(&mut self, new: Range<u32>, name: impl Fn(u32) -> &'n str) -> Vec<u32> {
        if self.word.is_empty() {
            return new.collect();
        }
        let mut found = everybody(new);
        rate(&self.word, &mut found, name);
        let mut rows = Vec::new();
        best_first(std::slice::from_ref(&found), &mut rows);
        match self.parts.last_mut() {
            Some(last) => last.extend(found),
            None => self.parts.push(found),
        }
        rows
    }
}

/// Equal portions for as many threads as are worth it.
fn portions(rows: u32) -> Vec<Range<u32>> {
    let worth = usize::try_from(rows / WORTH_A_THREAD).unwrap_or(usize::MAX);
    let most = if worth > 1 { available_parallelism().map_or(1, std::num::NonZero::get) } else { 1 };
    let count = u32::try_from(worth.min(most).clamp(1, THREADS)).unwrap_or(1);
    let size = rows.div_ceil(count).max(1);
    (0..count).map(|part| (part * size).min(rows)..((part + 1) * size).min(rows)).collect()
}

/// Rows of which each may have the word in one piece.
fn everybody(rows: Range<u32>) -> Vec<Hit> {
    rows.map(|row| Hit { row, score: 0, whole: true }).collect()
}

/// Does `work` on all parts at once, each but the last on a thread of its own.
fn at_once(parts: &mut [Vec<Hit>], work: impl Fn(&mut Vec<Hit>) + Sync) {
    let Some((last, others)) = parts.split_last_mut() else { return };
    let work = &work;
    scope(|scope| {
        for other in others {
            scope.spawn(move || work(other));
        }
        work(last);
    });
}

/// Rates the rows that fit, and drops the others. A name that had not the beginning of the word in one piece has not the word.
fn rate<'n>(word: &str, rows: &mut Vec<Hit>, name: impl Fn(u32) -> &'n str) {
    // Every letter typed must occur, in order: a list of secrets is no place for guesses at typing errors.
    let letters = Config { max_typos: Some(0), ..Config::default() };
    let mut in_one_piece = Matcher::new(word, &letters.clone().matching(Matching::Substring));
    // One letter is always in one piece.
    let mut in_order = (word.chars().nth(1).is_some()).then(|| Matcher::new(word, &letters));
    // One by one is quicker than a list: what matches a list is built here, for size, and wants a vector of names.
    rows.retain_mut(|hit| {
        let name = name(hit.row);
        let whole = if hit.whole { in_one_piece.match_one(name, hit.row) } else { None };
        hit.whole = whole.is_some();
        let fits = whole.or_else(|| in_order.as_mut()?.match_one(name, hit.row));
        hit.score = fits.as_ref().map_or(0, |fits| fits.score);
        fits.is_some()
    });
}

/// Puts the rows of the hits into `rows`: the word in one piece first, then by score, then in the list's order.
fn best_first(parts: &[Vec<Hit>], rows: &mut Vec<u32>) {
    let top = parts.iter().flatten().map(|hit| usize::from(hit.score)).max().unwrap_or_default();
    let place = |hit: &Hit| top - usize::from(hit.score) + if hit.whole { 0 } else { top + 1 };
    // Few scores for many rows: each row is put into its place at once, with no comparing.
    let mut starts = vec![0_usize; 2 * top + 3];
    for hit in parts.iter().flatten() {
        starts[place(hit) + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    rows.clear();
    rows.resize(parts.iter().map(Vec::len).sum(), 0);
    for hit in parts.iter().flatten() {
        let next = &mut starts[place(hit)];
        rows[*next] = hit.row;
        *next += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_threads_find_what_one_finds() {
        let names: Vec<String> =
            (0..60_000).map(|row| format!("archive-{row:06}{}", ["", "-Rc7", "-key"][row % 3])).collect();
        let name = |row: u32| names[row as usize].as_str();
        let (mut typed, mut found) = (Search::default(), Vec::new());
        for word in ["r", "rc", "rc7", "rc70", "a", "9", "98-k"] {
            typed.look_for(word, 60_000, name, &mut found);
            let mut alone = Search { word: word.to_owned(), parts: Vec::new() };
            assert_eq!(found, alone.look_on(0..60_000, name), "{word}");
            assert!(!found.is_empty(), "{word}");
        }
        assert!(portions(60_000).len() >= available_parallelism().map_or(1, |cores| cores.get().min(THREADS)));
        assert!(portions(0).into_iter().eq(std::iter::once(0..0)));
        assert!(portions(3).into_iter().eq(std::iter::once(0..3)));
    }
}
