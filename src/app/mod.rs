//! The app as a value: no I/O, no async, no screen. [`update`] is all that changes the [`Model`]; what must happen in the
//! world it returns as [`Effect`]s, and what comes of them arrives as [`Msg`]s.

pub mod field;
mod flight;
pub mod form;
pub mod keymap;
mod list;
mod model;
mod msg;
mod palette;
mod rules;

pub use flight::{Flights, Lane, Ticket};
pub use list::{List, Order, Row};
pub use model::{
    Clip, Colours, Credentials, DevicePrompt, KeySheet, Load, Model, Notice, Overlay, Pane, Reveal, Secrets, Shelf,
    SignInMenu, Start, Target, Versions, Workspaces,
};
pub use msg::{Answer, Effect, Ground, Msg, Query, Way};
pub use palette::{Entry as PaletteEntry, Palette};
pub use rules::{allowed, may_not_list};
