//! Copies for the whole app: where they go, and taking them back.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::{Failure, Kind, Sealed};

use super::clipboard::{Clipboard, CopyFailed, Osc52, Surroundings};

/// Writes to the terminal's own clipboard.
pub type Writer = Arc<dyn Fn(&[u8]) -> io::Result<()> + Send + Sync>;

/// Copies and clears. Cheap to clone.
#[derive(Clone)]
pub struct Copier(Arc<Inner>);

struct Inner {
    around: Surroundings,
    writer: Writer,
    state: Mutex<State>,
    /// Whoever clears holds it, so that leaving waits for a clearing under way.
    clearing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// What the terminal calls itself, once it said so.
    terminal: Option<String>,
    /// What of ours was copied last. The value is kept only where the clipboard can be compared with it before it is cleared.
    last: Option<Arc<Sealed>>,
}

impl fmt::Debug for Copier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Copier")
    }
}

impl Copier {
    /// A copier for these surroundings; `writer` sends OSC 52.
    pub fn new(around: Surroundings, writer: Writer) -> Self {
        Self(Arc::new(Inner { around, writer, state: Mutex::default(), clearing: tokio::sync::Mutex::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The terminal said what it is.
    pub fn terminal_is(&self, name: &str) {
        self.state().terminal = Some(name.to_owned());
    }

    /// Where copies go now; `allowed` says that the user let them go through the terminal.
    fn way(&self, allowed: bool) -> Clipboard {
        let terminal = self.state().terminal.clone();
        let found = Clipboard::detect(&self.0.around, terminal.as_deref());
        if allowed && found.must_ask() {
            let around = Surroundings { osc52: Osc52::Always, ..self.0.around.clone() };
            return Clipboard::detect(&around, terminal.as_deref());
        }
        found
    }

    /// Whether the user has to be asked first. A failure where there is no clipboard at all, so that nothing is fetched for it.
    pub fn must_ask(&self, allowed: bool) -> Result<bool, Failure> {
        let way = self.way(allowed);
        if way.reaches_nothing() { Err(failure(&CopyFailed::NoClipboard)) } else { Ok(way.must_ask()) }
    }

    /// Copies `value`, and says what is known of it; it is cleared later only when it `clears`.
    pub async fn put(&self, value: Sealed, clears: bool, allowed: bool) -> Result<String, Failure> {
        let (way, value) = (self.way(allowed), Arc::new(value));
        let kept = if way.can_compare() { Arc::clone(&value) } else { Arc::new(Sealed::new(String::new())) };
        // Noted before it is sent: whoever is stopped in between leaves something to clear.
        self.state().last = clears.then_some(kept);
        let sent = way.put(&value, |bytes| (self.0.writer)(bytes)).await.map_err(|failed| failure(&failed))?;
        Ok(sent.sentence(None))
    }

    /// Takes our value off the clipboard, and says what is known of that; nothing where nothing of ours was copied.
    pub async fn clear(&self) -> Option<String> {
        let _turn = self.0.clearing.lock().await;
        let value = self.state().last.take()?;
        let write = |bytes: &[u8]| (self.0.writer)(bytes);
        match self.way(true).clear(&value, write).await {
            Ok(cleared) => Some(cleared.sentence().to_owned()),
            Err(failed) => Some(format!("The clipboard could not be cleared: {failed}")),
        }
    }
}

fn failure(failed: &CopyFailed) -> Failure {
    let hint = match failed {
        CopyFailed::TooLong => "Reveal it and select it, or use `amlock secret get` in a pipe.",
        _ => "Reveal it (Enter) and select it with the mouse, or use `amlock secret get` in a pipe.",
    };
    let cause = match failed {
        CopyFailed::NoClipboard => "no clipboard can be reached from here".to_owned(),
        other => other.to_string(),
    };
    Failure::new(Kind::Failed, "copy it", cause).hint(hint)
}
