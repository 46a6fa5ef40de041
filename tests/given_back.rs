//! The terminal is given back on every way out of the program itself, as `cargo test` built it or as `AMLOCK_BIN` names it:
//! killed, stopped, hung up, starved and panicking, in every place, and nothing of a value stays behind.

#![cfg(unix)]

#[path = "support/aloud.rs"]
mod aloud;
#[path = "support/app.rs"]
mod app;
#[path = "support/crowd.rs"]
mod crowd;
#[path = "given_back/deaths.rs"]
mod deaths;
#[path = "given_back/lent.rs"]
mod lent;
#[path = "given_back/lost.rs"]
mod lost;
#[path = "given_back/sizes.rs"]
mod sizes;
#[expect(dead_code, reason = "tests/terminal.rs uses the rest of it")]
#[path = "support/stage.rs"]
mod stage;
#[path = "given_back/storm.rs"]
mod storm;
#[path = "given_back/terminals.rs"]
mod terminals;
#[path = "given_back/tmux.rs"]
mod tmux;
#[path = "given_back/views.rs"]
mod views;
