//! Text that a server, a file or a neighbour wrote: it can be drawn or printed only after cleaning.

use std::borrow::Cow;
use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Combining marks drawn on one base character; what comes after is dropped, so that no pile of them covers its neighbours.
const MARKS_PER_BASE: usize = 4;

/// Text from outside. [`Untrusted::show`] is the only way to a screen or a terminal; [`Untrusted::raw`] is for comparing,
/// for building a request and for exact output formats.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Untrusted(CompactString);

impl Untrusted {
    /// Takes text as it came.
    pub fn new(text: impl Into<CompactString>) -> Self {
        Self(text.into())
    }

    /// The exact text, unclean.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lines of a longer text as they may be drawn; empty ones are left out.
    pub fn lines(&self) -> impl Iterator<Item = SafeText<'_>> {
        self.0.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(SafeText::of)
    }

    /// The text as it may be drawn: one line, no control, no invisible, no reordering characters.
    pub fn show(&self) -> SafeText<'_> {
        SafeText(clean(&self.0))
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*clean(&self.0), f)
    }
}

/// Text that is safe to draw: what it says is what the terminal shows, and its width is [`SafeText::width`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeText<'a>(Cow<'a, str>);

impl<'a> SafeText<'a> {
    /// Cleans `text`, which may be our own with somebody else's parts in it.
    pub fn of(text: &'a str) -> Self {
        Self(clean(text))
    }

    /// The clean text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Cells it takes on a terminal.
    pub fn width(&self) -> usize {
        self.0.width()
    }

    /// The clean text, owned.
    pub fn into_owned(self) -> String {
        self.0.into_owned()
    }
}

impl fmt::Display for SafeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether `c` alone may not reach a terminal as it is: controls, what nobody sees, what turns the reading order round.
/// The list is Unicode's Bidi_Control and Default_Ignorable_Code_Point, and what terminals take as commands.
pub fn is_hostile(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// One line of harmless text; idempotent; borrows when there was nothing to do (nearly always).
fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for cluster in text.graphemes(true) {
        clean_cluster(cluster, &mut out);
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

fn clean_cluster(cluster: &str, out: &mut String) {
    let (mut base, mut marks) = (false, 0);
    for c in cluster.chars() {
        let invisible_joiner = matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}');
        if invisible_joiner && base && emoji(cluster) {
            out.push(c);
        } else if is_hostile(c) {
            show_hostile(c, out);
            (base, marks) = (false, 0);
        } else if c.width() == Some(0) {
            if !base {
                out.push('\u{25cc}'); // a lone mark is shown on a dotted circle, as Unicode's own charts do
                base = true;
            }
            if marks < MARKS_PER_BASE {
                out.push(c);
            }
            marks += 1;
        } else {
            out.push(c);
            base = true;
        }
    }
}

/// Whether a cluster is one of the emoji that need joiners and variation selectors to be what they are.
fn emoji(cluster: &str) -> bool {
    cluster.chars().any(|c| matches!(c, '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}' | '#' | '*' | '0'..='9' | '\u{a9}' | '\u{ae}'))
}

fn show_hostile(c: char, out: &mut String) {
    use std::fmt::Write as _;
    match c {
        '\0'..='\x1f' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
        '\x7f' => out.push('\u{2421}'),
        _ => {
            let _ = write!(out, "⟨U+{:04X}⟩", c as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(clean("db-password"), Cow::Borrowed(_)));
        assert!(matches!(clean("비전 λ"), Cow::Borrowed(_)));
    }

    #[test]
    fn controls_are_shown_and_not_obeyed() {
        assert_eq!(clean("a\x1b]52;c;eA==\x07b"), "a␛]52;c;eA==␇b");
        assert_eq!(clean("one\r\ntwo\u{9b}31m\x7f"), "one␍␊two⟨U+009B⟩31m␡");
    }

    #[test]
    fn nothing_invisible_and_nothing_reordered_stays() {
        assert_eq!(clean("prod\u{200b}db"), "prod⟨U+200B⟩db");
        assert_eq!(clean("\u{202e}gnp.exe"), "⟨U+202E⟩gnp.exe");
        assert_eq!(clean("tag\u{e0041}"), "tag⟨U+E0041⟩");
    }

    #[test]
    fn marks_do_not_pile_up() {
        let storm = format!("e{}", "\u{301}".repeat(200));
        assert_eq!(clean(&storm).chars().count(), 1 + MARKS_PER_BASE);
        assert_eq!(clean("\u{301}x"), "\u{25cc}\u{301}x");
    }

    #[test]
    fn emoji_stay_whole() {
        for whole in ["👩\u{200d}💻", "❤\u{fe0f}", "🇰🇷", "1\u{fe0f}\u{20e3}"] {
            assert_eq!(clean(whole), whole);
        }
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        for text in ["a\x1bb\u{202e}c", "\u{301}\u{301}", "👩\u{200d}\u{200d}x", "\u{fe0f}", "a\u{200d}b"] {
            let once = clean(text).into_owned();
            assert_eq!(clean(&once), once);
        }
    }
}
