//! The cleaner: whatever comes in, what goes out can be drawn, in the cells it says.

use amlock::domain::{SafeText, Untrusted, width};
use unicode_segmentation::UnicodeSegmentation as _;

use super::clean;

pub(crate) fn holds(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let safe = SafeText::of(&text);
    let shown = safe.as_str();
    assert_eq!(clean::intruder(shown), None, "{shown:?}");
    assert_eq!(SafeText::of(shown).as_str(), shown, "cleaning twice changes nothing");
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        assert_eq!(shown, text, "plain text stays as it is");
    }
    // What is cut and put together again cluster by cluster is as wide as the whole.
    assert_eq!(shown.graphemes(true).map(width).sum::<usize>(), safe.width());
    for line in Untrusted::from(&*text).lines() {
        assert_eq!(clean::intruder(line.as_str()), None, "{line:?}");
        assert!(!line.as_str().is_empty());
    }
}
