//! How a noun reads as a row of a table: said once, laid out by the screen and by the command line.

use super::Moment;

/// What a cell's colour would say; the words say it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Body text.
    #[default]
    Plain,
    /// Less important than its neighbours.
    Secondary,
    /// As it should be.
    Good,
    /// Look at this soon.
    Warning,
    /// Look at this now.
    Danger,
}

/// One cell of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What it says; clean.
    pub text: String,
    /// How it says it.
    pub tone: Tone,
}

impl Cell {
    /// Body text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    /// Less important text; an empty one is a dash.
    pub fn secondary(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Secondary }
    }

    /// Text with a tone.
    pub fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }

    /// What stands where there is nothing.
    pub fn none() -> Self {
        Self::secondary("–")
    }
}

/// A column's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its title, in capitals.
    pub title: &'static str,
    /// Cells it is wide; `None` takes what the others leave.
    pub width: Option<u16>,
}

impl Head {
    /// A column of a fixed width.
    pub const fn fixed(title: &'static str, width: u16) -> Self {
        Self { title, width: Some(width) }
    }

    /// The column that takes the rest.
    pub const fn grows(title: &'static str) -> Self {
        Self { title, width: None }
    }
}

/// A noun that reads as a row.
pub trait Columns {
    /// The heads, in order; the first is the name.
    const HEADS: &'static [Head];

    /// One cell for each head.
    fn cells(&self, now: Moment) -> Vec<Cell>;
}
