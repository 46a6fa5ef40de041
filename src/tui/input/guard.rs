//! Keys right behind a paste. Whoever wrote the pasted text may have put the mark of a paste's end into it, so that the rest
//! comes as keys. Nobody types that soon, and the terminal's own end mark, coming last, tells on it: then none of it is taken.

use std::time::Duration;

use super::TermEvent;

/// How long it must be still after a paste until that was all of it.
const QUIET: Duration = Duration::from_millis(40);
/// More keys than this behind a paste are no keys.
const MOST: usize = 256;

/// Holds a paste, and what comes with it, until nothing more comes.
#[derive(Default)]
pub(super) struct Guard {
    held: Vec<TermEvent>,
    /// Its end was not its end.
    spoilt: bool,
}

impl Guard {
    /// How long to wait before [`Guard::quiet`]; none when nothing is held.
    pub(super) fn patience(&self) -> Option<Duration> {
        (!self.held.is_empty()).then_some(QUIET)
    }

    /// Takes from `out` what must wait. `stray`: an end mark came where no paste was open.
    pub(super) fn pass(&mut self, out: &mut Vec<TermEvent>, stray: bool) {
        for event in std::mem::take(out) {
            let paste = matches!(event, TermEvent::Paste(_) | TermEvent::PasteRefused);
            if paste || matches!(event, TermEvent::Key(_)) && !self.held.is_empty() {
                self.held.push(event);
            } else {
                out.push(event);
            }
        }
        self.spoilt |= !self.held.is_empty() && (stray || self.held.len() > MOST);
        if self.spoilt {
            self.held.clear();
            self.held.push(TermEvent::PasteRefused);
        }
    }

    /// Nothing came for [`Guard::patience`]: what is held is what it seems.
    pub(super) fn quiet(&mut self, out: &mut Vec<TermEvent>) {
        self.spoilt = false;
        out.append(&mut self.held);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Machine;
    use super::*;

    /// What is delivered after all of it came at once, or in pieces right behind each other.
    fn told(pieces: &[&[u8]]) -> Vec<String> {
        let (mut machine, mut guard, mut all) = (Machine::default(), Guard::default(), Vec::new());
        for piece in pieces {
            let mut out = Vec::new();
            machine.feed(piece, &mut out);
            guard.pass(&mut out, machine.stray_end());
            all.append(&mut out);
        }
        guard.quiet(&mut all);
        assert!(guard.patience().is_none());
        all.iter().map(|event| format!("{event:?}")).collect()
    }

    #[test]
    fn a_paste_with_its_end_inside_is_refused_whole() {
        let paste: &[u8] = b"\x1b[200~one\x1b[201~dyq\x1b[201~";
        for cut in 0..paste.len() {
            assert_eq!(told(&[&paste[..cut], &paste[cut..]]), ["PasteRefused"], "cut at {cut}");
        }
        assert_eq!(told(&[b"j", paste, b"q"]), ["Key", "PasteRefused"]);
    }

    #[test]
    fn a_paste_without_it_is_taken_and_so_is_the_key_behind_it() {
        assert_eq!(told(&[b"j\x1b[200~one\x1b[201~\r"]), ["Key", "Paste", "Key"]);
        assert_eq!(
            told(&[b"\x1b[200~one\x1b[201~", b"\x1b[I", b"\x1b[200~two\x1b[201~"]),
            ["Focus(true)", "Paste", "Paste"]
        );
        assert_eq!(told(&[b"\x1b[201~q"]), ["Key"]);
    }

    #[test]
    fn an_endless_rest_is_not_kept() {
        assert_eq!(told(&[b"\x1b[200~one\x1b[201~", &[b'q'; 5000], &[b'q'; 5000]]), ["PasteRefused"]);
    }
}
