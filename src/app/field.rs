//! Text fields: open ones, and sealed ones whose text is shown to nobody and wiped.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};
use zeroize::Zeroizing;

use crate::domain::{Sealed, VALUE_LIMIT};

/// What an open field holds at most, in characters: more than any name, tag or date that Azure takes.
const OPEN_LIMIT: usize = 1024;

/// One line of text that may be seen.
#[derive(Default)]
pub struct Open(Input);

impl Open {
    /// A field with `text` in it, the cursor at its end.
    pub fn with(text: impl Into<String>) -> Self {
        Self(Input::new(text.into()))
    }

    /// What is in it.
    pub fn text(&self) -> &str {
        self.0.value()
    }

    /// Cells before the cursor.
    pub fn cursor(&self) -> usize {
        self.0.visual_cursor()
    }

    /// Takes a key. Whether the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        edit(&mut self.0, key)
    }

    /// Takes pasted text, its line breaks as blanks.
    pub fn paste(&mut self, text: &Sealed) {
        paste(&mut self.0, text);
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Open(..)")
    }
}

/// A key into an open line, with the habits of a shell's. Whether the text changed.
pub fn edit(input: &mut Input, key: KeyEvent) -> bool {
    let word = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let request = match key.code {
        KeyCode::Char('a') if control => InputRequest::GoToStart,
        KeyCode::Char('e') if control => InputRequest::GoToEnd,
        KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
        KeyCode::Char('u') if control => InputRequest::DeleteLine,
        KeyCode::Char('k') if control => InputRequest::DeleteTillEnd,
        KeyCode::Char(c) if !word && !c.is_control() && input.value().chars().count() < OPEN_LIMIT => {
            InputRequest::InsertChar(c)
        }
        KeyCode::Backspace if word => InputRequest::DeletePrevWord,
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left if word => InputRequest::GoToPrevWord,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right if word => InputRequest::GoToNextWord,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return false,
    };
    input.handle(request).is_some_and(|changed| changed.value)
}

/// Pasted text into an open line, its line breaks as blanks, other controls left out.
pub fn paste(input: &mut Input, text: &Sealed) {
    let room = OPEN_LIMIT.saturating_sub(input.value().chars().count());
    for c in text.unseal().trim_end_matches(['\r', '\n']).chars().take(room) {
        let c = if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
        if !c.is_control() {
            input.handle(InputRequest::InsertChar(c));
        }
    }
}

/// A value being typed or pasted. Its buffer has its full size from the start, so that growing leaves no copies behind.
pub struct Hidden {
    text: Zeroizing<String>,
    /// Whether the last paste did not fit and was not taken.
    pub refused: bool,
}

impl Default for Hidden {
    fn default() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(VALUE_LIMIT)), refused: false }
    }
}

impl Hidden {
    /// Bytes typed so far.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Lines typed so far, as a person counts them.
    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// Whether it ends with a line break, which a paste often brings along unseen.
    pub fn ends_with_newline(&self) -> bool {
        self.text.ends_with('\n')
    }

    /// Takes a key: a value is typed at its end only.
    pub fn key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.clear(),
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) || c == 'j' => {
                // Enter saves, so a line break is typed as ctrl-j.
                let c = if control { '\n' } else { c };
                if self.text.len() + c.len_utf8() <= VALUE_LIMIT {
                    self.text.push(c);
                } else {
                    self.refused = true;
                }
            }
            KeyCode::Backspace => {
                self.text.pop();
                self.refused = false;
            }
            _ => {}
        }
    }

    /// Takes pasted text byte for byte, or not at all.
    pub fn paste(&mut self, text: &Sealed) {
        self.refused = self.text.len() + text.bytes() > VALUE_LIMIT;
        if !self.refused {
            self.text.push_str(text.unseal());
        }
    }

    /// Empties and wipes it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// A sealed copy of the value. The field keeps its own until the change it is for is known to be done.
    pub fn sealed(&self) -> Sealed {
        Sealed::new(self.text.as_str().to_owned())
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(..)")
    }
}
