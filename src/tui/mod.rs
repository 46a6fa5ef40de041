//! tui

pub mod clipboard;
mod exit;
pub mod input;
mod line;
pub mod recorder;
pub mod screen;
pub mod terminal;
