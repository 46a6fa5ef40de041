//! The loop: wait, take in all that has happened, carry out what follows, draw once.

use std::io;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::app::{Effect, Model, Msg, begin, update, wakes_at};
use crate::cloud::Clock;
use crate::view::{self, Memory};

use super::runner::Runner;
use super::screen::BLANK;
use super::scrub::scrub;

/// What the loop wants of the terminal.
#[derive(Debug)]
pub enum Show<'a> {
    /// This is how the screen looks now, and where the cursor stands.
    Frame(&'a Buffer, Option<Position>),
    /// Write everything anew with the next frame.
    Repaint,
    /// Lend the terminal to the shell.
    Suspend,
}

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody left.
    Left,
    /// Somebody wants the demo.
    OpenDemo,
}

/// Runs the app until it is left. `stage` is the terminal, or a test's.
pub async fn drive(
    model: Model,
    clock: Clock,
    runner: Runner,
    events: UnboundedReceiver<Msg>,
    stage: impl FnMut(Show<'_>) -> io::Result<()>,
) -> io::Result<Outcome> {
    drive_watched(model, clock, runner, events, stage, |_| {}).await
}

/// The same, and `watch` sees the model as each frame shows it.
pub async fn drive_watched(
    mut model: Model,
    clock: Clock,
    mut runner: Runner,
    mut events: UnboundedReceiver<Msg>,
    mut stage: impl FnMut(Show<'_>) -> io::Result<()>,
    mut watch: impl FnMut(&Model),
) -> io::Result<Outcome> {
    let (mut memory, mut buffer) = (Memory::default(), Buffer::default());
    update(&mut model, Msg::Clock(clock.now()));
    // A frame is on the screen before anything is asked of the network.
    draw(&model, &mut memory, &mut buffer, &mut stage)?;
    let mut effects = begin(&mut model);
    loop {
        watch(&model);
        for effect in effects.drain(..) {
            match effect {
                Effect::Quit => {
                    runner.leave().await;
                    return Ok(Outcome::Left);
                }
                Effect::OpenDemo => {
                    runner.leave().await;
                    return Ok(Outcome::OpenDemo);
                }
                Effect::Suspend => stage(Show::Suspend)?,
                Effect::Repaint => stage(Show::Repaint)?,
                effect => runner.perform(effect),
            }
        }
        draw(&model, &mut memory, &mut buffer, &mut stage)?;
        let wait = wakes_at(&model).map(|at| at.duration_since(clock.now()).try_into().unwrap_or(Duration::ZERO));
        let first = tokio::select! {
            msg = events.recv() => match msg {
                Some(msg) => Some(msg),
                // The runner holds a sender, too, so this comes only when everything is over.
                None => return Ok(Outcome::Left),
            },
            () = sleep(wait) => None,
        };
        effects.extend(update(&mut model, Msg::Clock(clock.now())));
        let mut next = first;
        // All that has arrived is taken in before the one frame that shows it; what it asks for is asked at once.
        while let Some(msg) = next {
            effects.extend(update(&mut model, msg));
            next = if effects.iter().any(stops) { None } else { events.try_recv().ok() };
        }
    }
}

/// Whether nothing may be taken in after this before it is done.
fn stops(effect: &Effect) -> bool {
    matches!(effect, Effect::Quit | Effect::OpenDemo | Effect::Suspend)
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

pub(super) fn draw(
    model: &Model,
    memory: &mut Memory,
    buffer: &mut Buffer,
    stage: &mut impl FnMut(Show<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    if buffer.area == area {
        // One by one: `fill` asks each cell for a clone of the blank.
        for cell in &mut buffer.content {
            *cell = BLANK;
        }
    } else {
        // A new one: what a smaller one leaves unused would keep what it showed.
        *buffer = Buffer::filled(area, BLANK);
    }
    let cursor = view::draw(model, memory, buffer);
    let shown = stage(Show::Frame(buffer, cursor));
    scrub();
    shown
}
