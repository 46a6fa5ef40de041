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
    /// Returns the rows that fit, the best first: those with the word in one piece before all others. That is what one means
    /// who types a whole word, and what makes a letter quick: to rate scattered letters costs several times as much.
    pub(super) fn look_for<'n>(&mut self, word: &str, rows: u32, name: impl Fn(u32) -> &'n str + Sync) -> Vec<u32> {
        let before = std::mem::take(self);
        word.clone_into(&mut self.word);
        if word.is_empty() {
            return (0..rows).collect();
        }
        self.parts = if !before.word.is_empty() && word.starts_with(&before.word) {
            let few = before.parts.iter().map(Vec::len).sum::<usize>() < WORTH_A_THREAD as usize;
            let parts = if few { vec![before.parts.concat()] } else { before.parts };
            at_once(parts, |part| {
                let again = part.iter().map(|hit| (hit.row, hit.whole));
                rate(word, again, &name)
            })
        } else {
            at_once(portions(rows), |part| rate(word, part.map(|row| (row, true)), &name))
        };
        best_first(&self.parts)
    }

    /// Looks for the same word in `new` rows, which follow all others.
    pub(super) fn look_on<'n>(&mut self, new: Range<u32>, name: impl Fn(u32) -> &'n str) -> Vec<u32> {
        if self.word.is_empty() {
            return new.collect();
        }
        let found = [rate(&self.word, new.map(|row| (row, true)), name)];
        let rows = best_first(&found);
        let [found] = found;
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

/// Rates the rows of `candidates` that fit; with each stands whether it may have the word in one piece.
fn rate<'n>(word: &str, candidates: impl Iterator<Item = (u32, bool)>, name: impl Fn(u32) -> &'n str) -> Vec<Hit> {
    // Every letter typed must occur, in order: a list of secrets is no place for guesses at typing errors.
    let letters = Config { max_typos: Some(0), ..Config::default() };
    let mut in_one_piece = Matcher::new(word, &letters.clone().matching(Matching::Substring));
    let mut in_order = Matcher::new(word, &letters);
    // Nearly all names have a short word, and a vector that grows is copied and wiped each time.
    let mut hits = Vec::with_capacity(candidates.size_hint().0);
    // One by one is quicker than a list: what matches a list is built here, for size, and wants a vector of names.
    for (row, maybe_whole) in candidates {
        let name = name(row);
        if let Some(hit) = maybe_whole.then(|| in_one_piece.match_one(name, row)).flatten() {
            hits.push(Hit { row, score: hit.score, whole: true });
        } else if let Some(hit) = in_order.match_one(name, row) {
            hits.push(Hit { row, score: hit.score, whole: false });
        }
    }
    hits
}

/// The rows of the hits: the word in one piece first, then by score, then in the list's order.
fn best_first(parts: &[Vec<Hit>]) -> Vec<u32> {
    let hits = || parts.iter().flatten();
    // Few scores for many rows: each row is put into its place at once, with no comparing.
    let top = hits().map(|hit| usize::from(hit.score)).max().unwrap_or_default();
    let place = |hit: &Hit| top - usize::from(hit.score) + if hit.whole { 0 } else { top + 1 };
    let mut starts = vec![0_usize; 2 * top + 3];
    for hit in hits() {
        starts[place(hit) + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut rows = vec![0; hits().count()];
    for hit in hits() {
        let next = &mut starts[place(hit)];
        rows[*next] = hit.row;
        *next += 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_threads_find_what_one_finds() {
        let names: Vec<String> =
            (0..60_000).map(|row| format!("archive-{row:06}{}", ["", "-Rc7", "-key"][row % 3])).collect();
        let name = |row: u32| names[row as usize].as_str();
        let mut typed = Search::default();
        for word in ["r", "rc", "rc7", "rc70", "a", "9", "98-k"] {
            let found = typed.look_for(word, 60_000, name);
            let mut alone = Search { word: word.to_owned(), parts: Vec::new() };
            assert_eq!(found, alone.look_on(0..60_000, name), "{word}");
            assert!(!found.is_empty(), "{word}");
        }
        assert!(portions(60_000).len() >= available_parallelism().map_or(1, |cores| cores.get().min(THREADS)));
        assert!(portions(0).into_iter().eq(std::iter::once(0..0)));
        assert!(portions(3).into_iter().eq(std::iter::once(0..3)));
    }
}
