//! The filter of a list: in which names a word is found, and which of them comes first.

use std::ops::Range;
use std::thread::{available_parallelism, scope};

use frizbee::{Config, Matcher};

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
        if before.is_empty() || !word.starts_with(&before) {
            self.parts = at_once(portions(rows), |portion| rate(word, everybody(portion), &name));
        } else {
            let parts = std::mem::take(&mut self.parts);
            let few = parts.iter().map(Vec::len).sum::<usize>() < WORTH_A_THREAD as usize;
            let parts = if few { vec![parts.concat()] } else { parts };
            self.parts = at_once(parts, |part| rate(word, part, &name));
        }
        best_first(&self.parts, found);
    }

    /// Looks for the same word in `new` rows, which follow all others.
    pub(super) fn look_on<'n>(&mut self, new: Range<u32>, name: impl Fn(u32) -> &'n str) -> Vec<u32> {
        if self.word.is_empty() {
            return new.collect();
        }
        let found = rate(&self.word, everybody(new), name);
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

/// Does `work` on all portions at once, each but the last on a thread of its own.
fn at_once<P: Send, F: Send>(mut portions: Vec<P>, work: impl Fn(P) -> F + Sync) -> Vec<F> {
    let Some(last) = portions.pop() else { return Vec::new() };
    let work = &work;
    scope(|scope| {
        let others: Vec<_> = portions.into_iter().map(|portion| scope.spawn(move || work(portion))).collect();
        let last = work(last);
        let done =
            others.into_iter().map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        done.chain([last]).collect()
    })
}

/// Rates the rows that fit, and drops the others. A name that had not the beginning of the word in one piece has not the word.
fn rate<'n>(word: &str, mut rows: Vec<Hit>, name: impl Fn(u32) -> &'n str) -> Vec<Hit> {
    // Every letter typed must occur, in order: a list of secrets is no place for guesses at typing errors.
    let mut in_order = Matcher::new(word, &Config { max_typos: Some(0), ..Config::default() });
    // One letter is always in one piece.
    let may_be_scattered = word.len() > 1;
    // One by one is quicker than a list: what matches a list is built here, for size, and wants a vector of names.
    rows.retain_mut(|hit| {
        let name = name(hit.row);
        let whole = if hit.whole { in_one_piece(word, name) } else { None };
        hit.whole = whole.is_some();
        let score = whole.or_else(|| Some(may_be_scattered.then(|| in_order.match_one(name, hit.row))??.score));
        hit.score = score.unwrap_or_default();
        score.is_some()
    });
    rows
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
fn best_first(parts: &[Vec<Hit>], rows: &mut Vec<u32>) {
    // Few scores for many rows: each row is put into its place at once, with no comparing.
    let mut places = [Vec::new(), Vec::new()];
    for part in parts {
        for hit in part {
            let (counts, score) = (&mut places[usize::from(!hit.whole)], usize::from(hit.score));
            if score >= counts.len() {
                counts.resize(score + 1, 0);
            }
            counts[score] += 1;
        }
    }
    let mut before = 0;
    for count in places.iter_mut().flat_map(|counts| counts.iter_mut().rev()) {
        before += std::mem::replace(count, before);
    }
    rows.clear();
    rows.resize(before, 0);
    for part in parts {
        for hit in part {
            let place = &mut places[usize::from(!hit.whole)][usize::from(hit.score)];
            rows[*place] = hit.row;
            *place += 1;
        }
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
