//! Looks into another process' memory, as root can, for what is left of a value: any 16 bytes of it in a row, in any
//! encoding, and any 16 of its characters at equal distances, as the cells of a screen or the slots of a queue hold them.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

use super::canary::Canary;

/// What counts as a part of a value.
pub(crate) const WINDOW: usize = 16;

const PAGE: usize = 4096;

/// How far a screen's cells are apart, whose symbols stand in them.
pub(crate) const CELL: usize = size_of::<ratatui::buffer::Cell>();

/// Where parts of it stand in the memory of `pid`, each place once, with the mapping's name: as text, UTF-16, UTF-32 and
/// cells.
pub(crate) fn find(pid: u32, canary: &Canary) -> Vec<String> {
    look(pid, canary, &[1, 2, 4, CELL])
}

/// The same at every distance at which a queue or a list of keys could hold its characters. It takes longer.
pub(crate) fn find_keys(pid: u32, canary: &Canary) -> Vec<String> {
    let strides: Vec<usize> = [1, 2, 4].into_iter().chain((8..=512).step_by(8)).collect();
    look(pid, canary, &strides)
}

fn look(pid: u32, canary: &Canary, strides: &[usize]) -> Vec<String> {
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
        needles.look(&bytes[..at], strides, &mut |offset, what| {
            found.push(format!("{what} at {:x} in {name:?} {rights}", start + offset as u64));
        });
    }
    assert!(read > 1_000_000, "that was not its memory: {read} bytes");
    found
}

struct Needles {
    contiguous: HashMap<[u8; WINDOW], String>,
    scattered: HashMap<[u8; WINDOW], String>,
    /// Which two characters may follow each other: most of a memory is dismissed by this.
    pairs: [Vec<bool>; 2],
}

impl Needles {
    fn of(canary: &Canary) -> Self {
        let windows = |bytes: &[u8], form: &str| -> Vec<([u8; WINDOW], String)> {
            let window = |(at, window): (usize, &[u8])| (window.try_into().expect("16"), format!("{form}[{at}..]"));
            bytes.windows(WINDOW).enumerate().map(window).collect()
        };
        let contiguous: HashMap<_, _> = canary.forms().iter().flat_map(|(form, bytes)| windows(bytes, form)).collect();
        let scattered: HashMap<_, _> = windows(canary.text.as_bytes(), "character").into_iter().collect();
        let pairs = [&contiguous, &scattered].map(|windows| {
            let mut pairs = vec![false; 1 << 16];
            for window in windows.keys() {
                pairs[pair(window[0], window[1])] = true;
            }
            pairs
        });
        Self { contiguous, scattered, pairs }
    }

    fn look(&self, bytes: &[u8], strides: &[usize], found: &mut impl FnMut(usize, String)) {
        for &stride in strides {
            let (windows, pairs) =
                if stride == 1 { (&self.contiguous, &self.pairs[0]) } else { (&self.scattered, &self.pairs[1]) };
            let reach = stride * (WINDOW - 1);
            let mut skip_to = 0;
            for (number, page) in bytes.chunks(PAGE).enumerate() {
                if page == &[0; PAGE][..page.len()] {
                    continue;
                }
                let start = number * PAGE;
                let second = &bytes[(start + stride).min(bytes.len())..];
                for (offset, (one, other)) in page.iter().zip(second).enumerate() {
                    let at = start + offset;
                    if !pairs[pair(*one, *other)] || at < skip_to || at + reach >= bytes.len() {
                        continue;
                    }
                    let here: [u8; WINDOW] = std::array::from_fn(|index| bytes[at + index * stride]);
                    if let Some(what) = windows.get(&here) {
                        found(at, if stride == 1 { what.clone() } else { format!("{what} every {stride}") });
                        skip_to = at + reach;
                    }
                }
            }
        }
    }
}

fn pair(one: u8, other: u8) -> usize {
    usize::from(one) << 8 | usize::from(other)
}
