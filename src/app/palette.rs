//! The palette: every command that works here, by name.

use tui_input::Input;

use crate::domain::Untrusted;

use super::keymap::{BINDINGS, Binding};
use super::list::{List, Row};

/// A command in the palette.
#[derive(Debug)]
pub struct Entry {
    /// Its row in the table of bindings.
    pub binding: &'static Binding,
    name: Untrusted,
}

impl Row for Entry {
    fn key(&self) -> String {
        self.name.raw().to_owned()
    }
    fn name(&self) -> &Untrusted {
        &self.name
    }
}

/// The palette, open.
#[derive(Debug)]
pub struct Palette {
    /// The commands, filtered by what is typed.
    pub list: List<Entry>,
}

impl Palette {
    /// A palette of those bindings that are `wanted`. A command with several keys or scopes stands there once.
    pub fn of(wanted: impl Fn(&Binding) -> bool) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        for binding in BINDINGS.iter().filter(|binding| wanted(binding) && !binding.help.is_empty()) {
            if entries.iter().all(|entry| entry.binding.help != binding.help) {
                // The word of the footer is what people look for first.
                let name = if binding.short.is_empty() {
                    binding.help.to_owned()
                } else {
                    format!("{}: {}", binding.short, binding.help)
                };
                entries.push(Entry { binding, name: Untrusted::from(name) });
            }
        }
        let mut list = List::default();
        list.replace(entries);
        Self { list }
    }

    /// Types into its field.
    pub(super) fn typed(&mut self, typed: impl FnOnce(&mut Input) -> bool) {
        if typed(&mut self.list.filter) {
            self.list.filtered();
        }
    }
}
