//! The app as a value: no I/O, no async, no screen. [`update`] is all that changes the [`Model`]; what must happen in the
//! world it returns as [`Effect`]s, and what comes of them arrives as [`Msg`]s.

mod endpoints;
pub mod field;
mod flight;
pub mod form;
pub mod keymap;
mod learn;
mod list;
mod model;
mod msg;
mod navigate;
mod palette;
mod rules;
mod save;
mod secrets;
mod sign_in;
mod update;

pub use flight::{Flights, Lane, Ticket};
pub use list::{List, Order, Row};
pub use model::{
    Clip, Colours, Copying, Credentials, DevicePrompt, KeySheet, Load, Model, Named, Notice, Overlay, Pane, Reveal,
    Secrets, Shelf, SignInMenu, Start, Target, Versions, Workspaces, Writing,
};
pub use msg::{Answer, CopyOf, Effect, Ground, Msg, Query, Way};
pub use palette::{Entry as PaletteEntry, Palette};
pub use rules::{allowed, may_not_list};
pub use update::{begin, update, wakes_at};
