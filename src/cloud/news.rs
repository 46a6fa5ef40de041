//! What a question has to tell before its answer is here: that Azure asks to wait, that an answer was lost.

use std::fmt;
use std::sync::Arc;

use crate::domain::{Moment, Stranger};

/// Something that is known before the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Azure asks to wait until then; after that it is asked once more.
    Waits(Moment),
    /// The Azure CLI is asked for a token; or, with no, it has answered.
    AsksAz(bool),
    /// The vault is still busy with what was done before to the same secret; it is asked again.
    Busy,
    /// A change was sent and its answer was lost: now it is looked whether it was done.
    Lost,
    /// The login's newest token speaks for somebody else than before (M37): it is used for nothing until somebody decided.
    Stranger(Stranger),
}

/// Who hears of it.
#[derive(Clone, Default)]
pub(crate) struct Hearer(Option<Arc<dyn Fn(News) + Send + Sync>>);

impl Hearer {
    /// Somebody who hears.
    pub(crate) fn of(hears: impl Fn(News) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hears)))
    }

    /// Tells it, if anybody hears.
    pub(crate) fn tell(&self, news: News) {
        if let Some(hears) = &self.0 {
            hears(news);
        }
    }
}

impl fmt::Debug for Hearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hearer")
    }
}
