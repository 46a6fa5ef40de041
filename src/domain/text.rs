//! Text that a server, a file or a neighbour wrote: it can be drawn or printed only after cleaning.

use std::borrow::Cow;
use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr};

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
        width(&self.0)
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

/// Cells a clean text takes on a terminal, one grapheme cluster after the other: terminals do not ligate two of them, and
/// draw a halfwidth voiced mark in a cell of its own.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let marks = text.chars().filter(|c| matches!(c, '\u{ff9e}' | '\u{ff9f}')).count();
    text.graphemes(true).map(UnicodeWidthStr::width).sum::<usize>() + marks
}

/// Whether `c` alone may not reach a terminal as it is: controls, what nobody sees, what turns the reading order round.
/// The list is Unicode's Cc, Cf, Bidi_Control and Default_Ignorable_Code_Point, and its line and paragraph separators.
pub fn is_hostile(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
        | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1345f}'
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
    let mut before = None;
    let mut rest = cluster.chars();
    while let Some(c) = rest.next() {
        let after = rest.clone().next();
        if joins(before, c, after) {
            out.push(c);
        } else if is_hostile(c) {
            show_hostile(c, out);
            (base, marks, before) = (false, 0, None); // what is shown as a sign joins nothing
            continue;
        } else if c.width() == Some(0) {
            // A lone mark is shown on a dotted circle, as Unicode's own charts do.
            if !base && !out.ends_with('\u{25cc}') {
                out.push('\u{25cc}');
            }
            base = true;
            if marks < MARKS_PER_BASE {
                out.push(c);
            }
            marks += 1;
        } else {
            out.push(c);
            base = true;
        }
        before = Some(c);
    }
}

/// Whether `c` is a joiner or a variation selector that makes an emoji what it is, and is seen by that. Beside anything else it
/// would be a difference that nobody sees.
fn joins(before: Option<char>, c: char, after: Option<char>) -> bool {
    let is = |other: Option<char>| other.is_some_and(pictograph);
    match c {
        '\u{200d}' => (is(before) || before == Some('\u{fe0f}')) && is(after),
        '\u{fe0f}' if after == Some('\u{20e3}') => matches!(before, Some('#' | '*' | '0'..='9')),
        '\u{fe0e}' | '\u{fe0f}' => is(before),
        _ => false,
    }
}

/// Unicode's Emoji without the digits, in a few ranges that hold a little more.
fn pictograph(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2194}'..='\u{2199}' | '\u{21a9}'..='\u{21aa}'
        | '\u{231a}'..='\u{231b}' | '\u{2328}' | '\u{23cf}' | '\u{23e9}'..='\u{23f3}' | '\u{23f8}'..='\u{23fa}' | '\u{24c2}'
        | '\u{25aa}'..='\u{25ab}' | '\u{25b6}' | '\u{25c0}' | '\u{25fb}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}'
        | '\u{2934}'..='\u{2935}' | '\u{2b05}'..='\u{2b07}' | '\u{2b1b}'..='\u{2b1c}' | '\u{2b50}' | '\u{2b55}' | '\u{3030}'
        | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
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
        assert_eq!(clean("\u{600}1"), "⟨U+0600⟩1");
    }

    #[test]
    fn nothing_that_belongs_to_emoji_hides_beside_anything_else() {
        assert_eq!(clean("key-1\u{200d}"), "key-1⟨U+200D⟩");
        assert_eq!(clean("key-1\u{fe0f}"), "key-1⟨U+FE0F⟩");
        assert_eq!(clean("👩\u{200d}x"), "👩⟨U+200D⟩x");
        assert_eq!(clean("❤\u{fe0f}\u{fe0f}"), "❤\u{fe0f}⟨U+FE0F⟩");
        assert_eq!(clean("❤\u{301}\u{fe0f}\u{200d}❤"), "❤\u{301}⟨U+FE0F⟩⟨U+200D⟩❤");
        assert_eq!(clean("、\u{fe0f}"), "、⟨U+FE0F⟩");
    }

    #[test]
    fn a_ligature_is_as_wide_as_its_letters() {
        assert_eq!((width("لا"), width("ｶﾞ"), width("비e\u{301}"), width("👩\u{200d}💻")), (2, 2, 3, 2));
    }

    #[test]
    fn marks_do_not_pile_up() {
        let storm = format!("e{}", "\u{301}".repeat(200));
        assert_eq!(clean(&storm).chars().count(), 1 + MARKS_PER_BASE);
        assert_eq!(clean("\u{301}x"), "\u{25cc}\u{301}x");
    }

    #[test]
    fn emoji_stay_whole() {
        for whole in
            ["👩\u{200d}💻", "❤\u{fe0f}", "🇰🇷", "1\u{fe0f}\u{20e3}", "👁\u{fe0f}\u{200d}🗨\u{fe0f}", "🧑🏽\u{200d}🚀"]
        {
            assert_eq!(clean(whole), whole);
        }
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        for text in ["a\x1bb\u{202e}c", "\u{301}\u{301}", "👩\u{200d}\u{200d}x", "\u{fe0f}", "a\u{200d}b", " \u{1161}"]
        {
            let once = clean(text).into_owned();
            assert_eq!(clean(&once), once);
        }
    }
}
