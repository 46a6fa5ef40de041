//! The shortest way for the terminal's cursor from one cell to another.

use std::io::{Cursor, Result, Write as _};

/// The longest way there is: `ESC [ 65535 ; 65535 H`.
const LONGEST: usize = 14;

/// Bytes of one way, on the stack: a frame has hundreds of them.
#[derive(Clone, Copy)]
pub(super) struct Way {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Way {
    fn of(write: impl FnOnce(&mut Cursor<[u8; LONGEST]>) -> Result<()>) -> Self {
        let mut out = Cursor::new([0; LONGEST]);
        // What does not fit is no way.
        let fits = write(&mut out).is_ok();
        let length = if fits { usize::try_from(out.position()).unwrap_or(usize::MAX) } else { usize::MAX };
        Self { bytes: out.into_inner(), length }
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length.min(LONGEST)]
    }

    fn or(self, other: Self) -> Self {
        if other.length < self.length { other } else { self }
    }
}

/// The shortest way from `at`, where that is known, to `to` (column and row, from 0). Nothing here changes a cell or
/// scrolls: a step down is never made from the last row, and no newline is sent but after a carriage return.
pub(super) fn way(at: Option<(usize, usize)>, (x, y): (usize, usize)) -> Way {
    let absolute = Way::of(|out| match (x, y) {
        (0, 0) => out.write_all(b"\x1b[H"),
        (0, _) => write!(out, "\x1b[{}H", y + 1),
        _ => write!(out, "\x1b[{};{}H", y + 1, x + 1),
    });
    let Some((from, line)) = at else { return absolute };
    let relative = Way::of(|out| {
        up_or_down(line, y, out)?;
        along(from, x, out)
    });
    let from_the_left = Way::of(|out| {
        out.write_all(b"\r")?;
        if line + 1 == y {
            out.write_all(b"\n")?;
        } else {
            up_or_down(line, y, out)?;
        }
        along(0, x, out)
    });
    absolute.or(relative).or(from_the_left)
}

fn up_or_down(from: usize, to: usize, out: &mut Cursor<[u8; LONGEST]>) -> Result<()> {
    match (to.checked_sub(from), from.abs_diff(to)) {
        (_, 0) => Ok(()),
        (Some(_), 1) => out.write_all(b"\x1b[B"),
        (Some(_), rows) => write!(out, "\x1b[{rows}B"),
        (None, 1) => out.write_all(b"\x1b[A"),
        (None, rows) => write!(out, "\x1b[{rows}A"),
    }
}

fn along(from: usize, to: usize, out: &mut Cursor<[u8; LONGEST]>) -> Result<()> {
    match (to.checked_sub(from), from.abs_diff(to)) {
        (_, 0) => Ok(()),
        (None, cells @ 1..=4) => out.write_all(&[0x08; 4][..cells]),
        (Some(_), 1) => out.write_all(b"\x1b[C"),
        (Some(_), cells) => write!(out, "\x1b[{cells}C"),
        (None, cells) => write!(out, "\x1b[{cells}D"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(at: Option<(usize, usize)>, to: (usize, usize)) -> String {
        String::from_utf8_lossy(way(at, to).as_slice()).replace('\x1b', "^").replace('\x08', "<").replace('\r', "R")
    }

    #[test]
    fn the_shortest_way_is_taken() {
        assert_eq!(shown(None, (0, 0)), "^[H");
        assert_eq!(shown(None, (34, 7)), "^[8;35H");
        assert_eq!(shown(Some((35, 6)), (34, 7)), "^[B<");
        assert_eq!(shown(Some((35, 6)), (35, 5)), "^[A");
        assert_eq!(shown(Some((20, 6)), (0, 6)), "R");
        assert_eq!(shown(Some((20, 6)), (0, 7)), "R\n");
        assert_eq!(shown(Some((20, 6)), (1, 6)), "R^[C");
        assert_eq!(shown(Some((2, 6)), (90, 6)), "^[88C");
        assert_eq!(shown(Some((0, 0)), (65_534, 65_534)), "^[65535;65535H");
    }
}
