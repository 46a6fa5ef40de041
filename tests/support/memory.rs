//! Looks into another process' memory, as root can, for what is left of a value: any 16 bytes of it in a row, in any
//! encoding, and any 16 of its characters at equal distances, as the cells of a screen or the slots of a queue hold them.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

use super::canary::Canary;

/// What counts as a part of a value.
pub(crate) const WINDOW: usize = 16;

/// How far a screen's cells are apart, whose symbols stand in them.
pub(crate) const CELL: usize = size_of::<ratatui::buffer::Cell>();

const PAGE: usize = 4096;
/// Any window has an aligned piece of this size in it, wherever it begins: only those are looked up.
const PIECE: usize = 8;

/// Where parts of it stand in the memory of `pid`, each place once, with the mapping's name: as text in any form and in cells.
pub(crate) fn find(pid: u32, canary: &Canary) -> Vec<String> {
    // A cell's text is aligned as a pointer is.
    look(pid, canary, &[(CELL, 8)])
}

/// The same at every distance at which a queue or a list of keys could hold its characters. It takes longer.
pub(crate) fn find_keys(pid: u32, canary: &Canary) -> Vec<String> {
    let strides: Vec<_> = (8..=512).step_by(8).map(|stride| (stride, 4)).collect();
    look(pid, canary, &strides)
}

fn look(pid: u32, canary: &Canary, strides: &[(usize, usize)]) -> Vec<String> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).expect("maps, as root");
    let memory = File::open(format!("/proc/{pid}/mem")).expect("memory, as root");
    let needles = Needles::of(canary);
    let mut found = Vec::new();
    let mut read = 0;
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().expect("a range"), words.next().expect("rights"));
        let name = words.nth(3).unwrap_or("");
        // A file's own bytes cannot hold what came later.
        if !rights.starts_with('r') || name.starts_with("[v") || (name.starts_with('/') && !rights.contains('w')) {
            continue;
        }
        let (start, end) = range.split_once('-').expect("two ends");
        let [start, end] = [start, end].map(|at| u64::from_str_radix(at, 16).expect("hexadecimal"));
        let mut bytes = vec![0; usize::try_from(end - start).expect("fits")];
        let mut at = 0;
        // A mapping may go while we look; what went is not there.
        while let Ok(count @ 1..) = memory.read_at(&mut bytes[at..], start + at as u64) {
            at += count;
        }
        read += at;
        let bytes = &bytes[..at];
        let mut report =
            |at: usize, what: String| found.push(format!("{what} at {:x} in {name:?} {rights}", start + at as u64));
        for page in (0..bytes.len()).step_by(PAGE) {
            let end = (page + PAGE).min(bytes.len());
            if bytes[page..end] == [0; PAGE][..end - page] {
                continue;
            }
            needles.in_a_row(bytes, page..end, &mut report);
            for &(stride, align) in strides {
                needles.apart(bytes, (page..end).step_by(align), stride, &mut report);
            }
        }
    }
    assert!(read > 1_000_000, "that was not its memory: {read} bytes");
    found
}

struct Needles {
    forms: Vec<(&'static str, Vec<u8>)>,
    /// In which forms a piece stands, and where.
    pieces: HashMap<[u8; PIECE], Vec<(usize, usize)>>,
    letters: HashMap<[u8; WINDOW], usize>,
    /// Which two bytes may follow each other, in a form and in the text: most of a memory is dismissed by this.
    pairs: [Vec<bool>; 2],
}

impl Needles {
    fn of(canary: &Canary) -> Self {
        let forms = canary.forms();
        let mut pieces: HashMap<_, Vec<_>> = HashMap::new();
        let mut letters = HashMap::new();
        let mut pairs = [vec![false; 1 << 16], vec![false; 1 << 16]];
        for (number, (_, form)) in forms.iter().enumerate() {
            for (at, piece) in form.windows(PIECE).enumerate() {
                pairs[0][pair(piece[0], piece[1])] = true;
                pieces.entry(piece.try_into().expect("a piece")).or_default().push((number, at));
            }
        }
        for (at, window) in canary.text.as_bytes().windows(WINDOW).enumerate() {
            pairs[1][pair(window[0], window[1])] = true;
            letters.insert(window.try_into().expect("a window"), at);
        }
        Self { forms, pieces, letters, pairs }
    }

    fn in_a_row(&self, bytes: &[u8], page: std::ops::Range<usize>, report: &mut impl FnMut(usize, String)) {
        let mut skip_to = 0;
        for at in page.step_by(PIECE) {
            let Some(piece) = bytes.get(at..at + PIECE) else { return };
            if at < skip_to || !self.pairs[0][pair(piece[0], piece[1])] {
                continue;
            }
            for &(form, place) in self.pieces.get(piece).into_iter().flatten() {
                let (name, form) = &self.forms[form];
                let earlier = bytes[..at].iter().rev().zip(form[..place].iter().rev());
                let before = earlier.take_while(|(here, there)| here == there).count();
                let later = bytes[at..].iter().zip(&form[place..]);
                let after = later.take_while(|(here, there)| here == there).count();
                if before + after >= WINDOW {
                    report(at - before, format!("{name}[{}..{}]", place - before, place + after));
                    skip_to = at + after;
                    break;
                }
            }
        }
    }

    fn apart(
        &self,
        bytes: &[u8],
        places: impl Iterator<Item = usize>,
        stride: usize,
        report: &mut impl FnMut(usize, String),
    ) {
        let (reach, pairs) = (stride * (WINDOW - 1), &self.pairs[1]);
        let mut skip_to = 0;
        for at in places {
            if at + reach >= bytes.len() {
                return;
            }
            if at >= skip_to && pairs[pair(bytes[at], bytes[at + stride])] {
                let here: [u8; WINDOW] = std::array::from_fn(|index| bytes[at + index * stride]);
                if let Some(place) = self.letters.get(&here) {
                    report(at, format!("letters[{place}..] every {stride}"));
                    skip_to = at + reach;
                }
            }
        }
    }
}

fn pair(one: u8, other: u8) -> usize {
    usize::from(one) << 8 | usize::from(other)
}
