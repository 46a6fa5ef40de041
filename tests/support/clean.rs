//! A judge of text on its way to a terminal. Its lists are Unicode's own (17.0), written here once more, so that it cannot
//! agree with a mistake of the cleaner's.

/// Cc, Cf, Zl, Zp and Default_Ignorable_Code_Point.
const NEVER: &[(u32, u32)] = &[
    (0x00, 0x1f),
    (0x7f, 0x9f),
    (0xad, 0xad),
    (0x34f, 0x34f),
    (0x600, 0x605),
    (0x61c, 0x61c),
    (0x6dd, 0x6dd),
    (0x70f, 0x70f),
    (0x890, 0x891),
    (0x8e2, 0x8e2),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x2028, 0x202e),
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffb),
    (0x110bd, 0x110bd),
    (0x110cd, 0x110cd),
    (0x13430, 0x1343f),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0xe0000, 0xe0fff),
];

/// The first character of `text` that has no place on a terminal. A joiner and emoji's variation selectors have one only
/// inside of emoji.
pub(crate) fn intruder(text: &str) -> Option<char> {
    let chars: Vec<char> = text.chars().collect();
    let mut marks = 0;
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1).copied();
        let never = NEVER.iter().any(|&(from, to)| (from..=to).contains(&(c as u32)));
        let in_emoji = match c {
            '\u{200d}' => before.is_some_and(|c| emoji(c) || c == '\u{fe0f}') && after.is_some_and(emoji),
            '\u{fe0e}' | '\u{fe0f}' => before.is_some_and(|c| emoji(c) || (c.is_ascii() && after == Some('\u{20e3}'))),
            _ => false,
        };
        if never && !in_emoji {
            return Some(c);
        }
        marks = if (0x300..0x370).contains(&(c as u32)) { marks + 1 } else { 0 };
        if marks > 4 {
            return Some(c);
        }
    }
    None
}

/// The blocks where emoji live, and the few that live alone.
fn emoji(c: char) -> bool {
    matches!(c as u32,
        0xa9 | 0xae | 0x203c | 0x2049 | 0x2122 | 0x2139 | 0x24c2 | 0x3030 | 0x303d | 0x3297 | 0x3299
        | 0x2190..=0x21ff | 0x2300..=0x23ff | 0x25a0..=0x27bf | 0x2900..=0x297f | 0x2b00..=0x2bff | 0x1f000..=0x1faff)
}
