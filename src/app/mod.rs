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
mod principal;
mod rows;
mod rules;
mod save;
mod secrets;
mod shelf;
mod sign_in;
mod signed_in;
mod start;
mod time;
mod update;
mod way;
mod workspaces;
mod written;

pub use flight::{Flights, Lane, Ticket};
pub use kept::Wanted;
pub use list::{List, Order, Row};
pub use listed::Listed;
pub use model::{Clip, Copying, Model, Notice, Pane, Secrets, Writing};
pub use msg::{Answer, CopyOf, Effect, Ground, Msg, Query};
pub use overlay::{Credentials, KeySheet, Overlay, Reveal, Versions, Words};
pub use palette::{Entry as PaletteEntry, Palette};
pub use rules::{allowed, may_not_list};
pub use shelf::{Load, Shelf};
pub use start::{AzureHosts, Colours, Start, Target};
pub use time::wakes_at;
pub use update::{begin, update};
pub use way::{DevicePrompt, Found, PagePrompt, SignInMenu, SignInWith, TypedPrincipal, TypedProof, Way};
pub use workspaces::{Named, Workspaces};
