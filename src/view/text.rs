//! Measuring, cutting and wrapping text by the cells it takes on a terminal, a grapheme cluster at a time.

use std::borrow::Cow;

use ratatui::buffer::CellWidth as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// Cells `text` takes. Clusters are counted one by one, as they are put into cells: a ligature that a font would make of
/// two of them does not make our table narrower.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(cluster_width).sum() }
}

/// Cells one cluster takes, by the measure that the frames are compared with.
pub(super) fn cluster_width(cluster: &str) -> usize {
    if cluster.len() == 1 { 1 } else { usize::from(cluster.cell_width()) }
}

/// Keeps head and tail of what is too long: names often differ at both ends.
pub(super) fn cut(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    let Some(rest) = room.checked_sub(1) else { return Cow::Borrowed("") };
    let tail = rest / 2;
    Cow::Owned(format!("{}…{}", head_of(text, rest - tail), tail_of(text, tail)))
}

/// Keeps the head of what is too long.
pub(super) fn cut_end(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    let Some(rest) = room.checked_sub(1) else { return Cow::Borrowed("") };
    Cow::Owned(format!("{}…", head_of(text, rest)))
}

/// The longest head of `text` that fits.
pub(super) fn head_of(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        used += cluster_width(cluster);
        if used > room {
            return &text[..at];
        }
    }
    text
}

/// The longest tail of `text` that fits.
pub(super) fn tail_of(text: &str, room: usize) -> &str {
    let (mut used, mut from) = (0, text.len());
    for (at, cluster) in text.grapheme_indices(true).rev() {
        used += cluster_width(cluster);
        if used > room {
            break;
        }
        from = at;
    }
    &text[from..]
}

/// Breaks text into lines between words; a word longer than a line is broken hard.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= room {
            line.push_str(if gap == 1 { " " } else { "" });
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while width(rest) > room {
            let head = head_of(rest, room);
            // A cluster wider than the line would never fit: it goes alone and is cut where it is drawn.
            let head = if head.is_empty() { rest.graphemes(true).next().unwrap_or(rest) } else { head };
            lines.push(head.to_owned());
            rest = &rest[head.len()..];
        }
        line.push_str(rest);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A count as people read it: `12,000`.
pub(super) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 line`, `5 lines`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// Cells as the buffer counts them.
pub(super) fn cells(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_in_the_middle_by_their_width() {
        assert_eq!(cut("db-password", 11), "db-password");
        assert_eq!(cut("db-password", 8), "db-p…ord");
        assert_eq!(cut("비전비전", 5), "비…전");
        assert_eq!(cut("비전비전", 4), "비…");
        assert_eq!((cut("abc", 1), cut("abc", 0)), ("…".into(), "".into()));
    }

    #[test]
    fn lines_break_between_words_and_long_words_anywhere() {
        assert_eq!(wrap("go on only if you", 8), ["go on", "only if", "you"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("비전", 1), ["비", "전"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(
            (count(7), count(148), count(12_000), count(1_000_000)),
            ("7".into(), "148".into(), "12,000".into(), "1,000,000".into())
        );
    }
}
