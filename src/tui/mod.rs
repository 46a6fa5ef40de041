//! tui

mod exit;
pub mod input;
mod line;
pub mod screen;
pub mod terminal;
