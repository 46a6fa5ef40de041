//! amlock, the Azure Machine Learning keyring for the terminal. This page is the map.
//!
//! The app is a value. [`app::update`](fn@app::update) changes it, [`view::draw`] shows it, and whatever must happen in the
//! world is returned as plain data. One thin shell waits, spawns and prints. One seam touches the network.
//!
//! ```text
//! main ──► cli ─┬─► tui ─┬─► view ──► app ──► domain
//!               │        └─► cloud ─────────► domain
//!               ├─► cloud
//!               └─► demo          (stands alone: it knows only HTTP)
//! ```
//!
//! # The rooms
//!
//! | room | what lives there | what it must not know |
//! | --- | --- | --- |
//! | [`domain`] | the nouns: accounts, workspaces, vaults, secrets, endpoints, failures; sealed values; untrusted text | any I/O, async, screen |
//! | [`cloud`] | everything that talks to Azure: one async method a question, behind the gate | the screen |
//! | [`demo`] | a small Azure in one process, an `HttpClient` | anything of ours, so that it cannot agree with our mistakes |
//! | [`app`] | the app as a value: model, messages, the table of key bindings, what each command does | clocks, files, tasks, the screen |
//! | [`view`] | draws a model into a buffer | everything but the model |
//! | [`tui`] | the shell around it: the terminal and every way out of it, the loop, the tasks, the clipboard | Azure's types |
//! | [`cli`] | words in, words out; which cloud; which command, or the screen | the app and its drawing |
//!
//! # Where to start reading
//!
//! - A key press: `tui/input` makes it an event, [`mod@tui::run`] hands it to `app/update.rs`, `app/keymap.rs` and `app/bindings.rs` say what it means
//!   here, a file named after the pane does it and may return an [`app::Effect`]; [`tui::runner`] makes that a task; the answer
//!   comes back as an [`app::Msg`] and `app/learn.rs` finds its place.
//! - A request: a method of [`cloud::Cloud`] describes a `Call`; `cloud/wire.rs` gets its token (`cloud/tokens.rs`), retries
//!   reads and never writes, and turns a refusal into a [`domain::Failure`] (`cloud/problem`); `cloud/gate.rs` lets it out, or not.
//! - A command: `cli/args.rs` is the grammar, `cli/context.rs` what it means, one file a noun does it, `cli/output.rs` prints.
//!
//! # What holds
//!
//! Each of these is a type or a test; `tests/architecture.rs` keeps the shape of the house.
//!
//! 1. Only `update` changes the model, only `draw` shows it. `app` never waits and reads no clock: what it needs arrives in a `Msg`.
//! 2. Imports run down the picture above.
//! 3. Every question carries a ticket; a newer question on its lane makes it stale, and a stale answer is dropped at one door.
//!    Changes queue and are never dropped.
//! 4. One row per binding; dispatch, footer, help, palette and README read it. What is shown works; what works is shown.
//! 5. Nothing leaves but through the gate: a token goes only to the hosts it was made for, over https, and no redirect or link
//!    leads anywhere else.
//! 6. A value is [`domain::Sealed`] from the first byte we own to the last; few files may unseal, and the test names them.
//!    Freed memory is wiped (`main.rs`), and so is what a frame leaves on the stack (`tui/scrub.rs`).
//! 7. Text from outside is [`domain::Untrusted`]: it can be drawn or printed only cleaned.
//! 8. A write is sent once. When its answer is lost amlock looks, and says what is true or that it does not know.
//! 9. Every failure says what was being done, why it failed and what to do next, where the missing thing would be.
//! 10. The terminal is given back on every way out (`tui/exit.rs`).

pub mod app;
pub mod cli;
pub mod cloud;
pub mod demo;
pub mod domain;
pub mod tui;
pub mod view;
