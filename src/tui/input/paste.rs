//! A paste on its way in: one buffer that never grows, so that nothing of it is left in memory we gave back.

use zeroize::{Zeroize as _, Zeroizing};

use super::{PASTE_LIMIT, TermEvent};
use crate::domain::Sealed;

const END: &[u8] = b"\x1b[201~";

/// Collects the bytes between the two marks of a bracketed paste.
#[derive(Default)]
pub(super) struct Paste {
    bytes: Zeroizing<Vec<u8>>,
    /// How much of [`END`] the last bytes were.
    matched: usize,
    too_long: bool,
}

impl Paste {
    pub(super) fn begin(&mut self) {
        self.reset();
        self.bytes.reserve_exact(PASTE_LIMIT);
    }

    /// Takes one byte; gives what was pasted when it was the last one. Anything but the end mark is data, escapes too.
    pub(super) fn take(&mut self, byte: u8) -> Option<TermEvent> {
        if byte == END[self.matched] {
            self.matched += 1;
            return (self.matched == END.len()).then(|| self.finish());
        }
        for &held in &END[..self.matched] {
            self.push(held);
        }
        self.matched = usize::from(byte == END[0]);
        if self.matched == 0 {
            self.push(byte);
        }
        None
    }

    pub(super) fn reset(&mut self) {
        self.bytes.zeroize();
        self.bytes = Zeroizing::default();
        self.matched = 0;
        self.too_long = false;
    }

    fn push(&mut self, byte: u8) {
        if self.bytes.len() < PASTE_LIMIT {
            self.bytes.push(byte);
        } else {
            self.too_long = true;
        }
    }

    fn finish(&mut self) -> TermEvent {
        let event = if self.too_long { TermEvent::PasteRefused } else { TermEvent::Paste(seal(&mut self.bytes)) };
        self.reset();
        event
    }
}

/// Moves the text into an allocation of its exact size, which sealing does not copy again.
fn seal(bytes: &mut [u8]) -> Sealed {
    // Terminals send a pasted line's end as the Enter key would (CR); text that still has its LFs was not touched.
    if !bytes.contains(&b'\n') {
        for byte in bytes.iter_mut().filter(|byte| **byte == b'\r') {
            *byte = b'\n';
        }
    }
    let size = bytes.utf8_chunks().map(|part| part.valid().len() + 3 * usize::from(!part.invalid().is_empty())).sum();
    let mut text = String::with_capacity(size);
    for part in bytes.utf8_chunks() {
        text.push_str(part.valid());
        if !part.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Sealed::new(text)
}
