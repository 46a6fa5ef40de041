//! The app as a value: no I/O, no async, no screen. [`update()`] is all that changes the [`Model`]; what must happen in the
//! world it returns as [`Effect`]s, and what comes of them arrives as [`Msg`]s.

mod bindings;
mod endpoints;
pub mod field;
mod flight;
pub mod form;
mod kept;
pub mod keymap;
mod latin;
mod learn;
mod list;
mod listed;
mod model;
mod msg;
mod navigate;
mod overlay;
mod palette;
mod rows;
mod rules;
mod save;
mod search;
mod secrets;
mod shelf;
mod sign_in;
mod start;
mod time;
mod update;
mod workspaces;
mod written;

pub use flight::{Flights, Lane, Ticket};
pub use kept::Wanted;
pub use list::{List, Order, Row};
pub use listed::Listed;
pub use model::{Clip, Copying, Model, Notice, Pane, Secrets, Writing};
pub use msg::{Answer, CopyOf, Effect, Ground, Msg, Query, Way};
pub use overlay::{Credentials, DevicePrompt, KeySheet, Overlay, Reveal, SignInMenu, Versions, Words};
pub use palette::{Entry as PaletteEntry, Palette};
pub use rules::{allowed, may_not_list};
pub use shelf::{Load, Shelf};
pub use start::{Colours, Start, Target};
pub use time::wakes_at;
pub use update::{begin, update};
pub use workspaces::{Named, Workspaces};
