//! The program as it is in the world: no `--demo`, no endpoint setting, Azure's own names over real TLS, in a network from
//! which nothing leads out. What is claimed of memory, files and the wire is proved here.

#![cfg(target_os = "linux")]

#[path = "../support/aloud.rs"]
mod aloud;
#[path = "../support/canary.rs"]
mod canary;
mod main_job;
#[path = "../support/memory.rs"]
mod memory;
mod neighbours;
#[path = "../support/pinned.rs"]
mod pinned;
mod reading;
mod remains;
#[expect(dead_code, reason = "tests/terminal.rs uses the rest of it")]
#[path = "../support/stage.rs"]
mod stage;
mod values;
