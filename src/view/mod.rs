//! view
use crate::app::Model;
use ratatui::{buffer::Buffer, layout::Position};
/// Scroll offsets.
#[derive(Debug, Default)]
pub struct Memory;
/// Draws.
pub fn draw(_: &Model, _: &mut Memory, _: &mut Buffer) -> Option<Position> {
    None
}
