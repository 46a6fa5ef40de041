//! A judge of what was written to a terminal: our own few sequences, and nothing else that is not text.

use super::clean;

/// The first thing among `bytes` that is neither text nor one of the sequences that amlock's frames are made of.
pub(crate) fn foreign(bytes: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(wrong) => return Some(format!("no UTF-8 at {}", wrong.valid_up_to())),
    };
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(length) = sequence(rest) {
            rest = &rest[length..];
            words.push(' ');
            continue;
        }
        if c == '\x1b' {
            return Some(rest.chars().take(12).collect());
        }
        // Moves: to the next line, to the first column, back.
        words.push(if matches!(c, '\r' | '\n' | '\x08') { ' ' } else { c });
        rest = &rest[c.len_utf8()..];
    }
    clean::intruder(&words).map(|c| format!("U+{:04X} in {words:.200?}", c as u32))
}

/// The length of a sequence of ours at the beginning of `text`: no parameter of one is beyond 999.
fn sequence(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("\x1b[")?;
    let private = rest.starts_with('?');
    let rest = rest.trim_start_matches('?');
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    let (params, last) = (&rest[..end], rest[end..].chars().next()?);
    let small =
        params.split(';').all(|one| one.is_empty() || one.parse::<u16>().is_ok_and(|one| one <= 999 || private));
    let ours = if private {
        matches!(params, "25" | "2026") && matches!(last, 'h' | 'l')
    } else {
        // Looks, places, erasing, scrolling.
        matches!(last, 'm' | 'H' | 'A'..='D' | 'G' | 'd' | 'J' | 'K' | 'L' | 'M' | 'P' | '@' | 'S' | 'T' | 'X' | 'r')
    };
    (ours && small).then(|| text.len() - rest.len() + end + 1)
}
