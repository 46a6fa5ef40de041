//! Forms to fill in and questions to answer before something is done.

use crossterm::event::{KeyCode, KeyEvent};

use crate::domain::{Attributes, Endpoint, Moment, Sealed, SecretName, Tags, Untrusted, WhichKey, Zone};

use super::field::{Hidden, Open};
use super::flight::Ticket;

/// What a form is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// A new secret.
    NewSecret,
    /// A new value for a secret that is there; what the screen showed of it.
    NewValue(SecretName, Option<Moment>),
    /// What is kept beside a value.
    Attributes(SecretName, Box<Attributes>),
    /// A secret opened by its name, where listing is not allowed.
    OpenByName,
    /// A service principal to sign in as.
    Principal,
}

/// What a field holds.
#[derive(Debug)]
pub enum Entry {
    /// Text that may be seen.
    Text(Open),
    /// A value.
    Value(Hidden),
    /// Yes or no.
    Switch(bool),
}

/// One line of a form.
#[derive(Debug)]
pub struct Line {
    /// Its label, at most 10 cells.
    pub label: &'static str,
    /// What it holds.
    pub entry: Entry,
    /// What is expected there, shown while it is empty.
    pub hint: &'static str,
    /// The text it began with: only what was changed is sent.
    pub was: String,
}

impl Line {
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        match &self.entry {
            Entry::Text(open) => open.text().trim().is_empty(),
            Entry::Value(hidden) => hidden.bytes() == 0,
            Entry::Switch(_) => false,
        }
    }
}

/// A form.
#[derive(Debug)]
pub struct Form {
    /// What it is for.
    pub purpose: Purpose,
    /// Its title.
    pub title: String,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The line that hears the keys.
    pub at: usize,
    /// What is wrong with it, and in which line.
    pub wrong: Option<(usize, String)>,
    /// The change that is under way with what is in it. Nothing typed is dropped before that is done.
    pub saving: Option<Ticket>,
}

impl Form {
    /// A form for a new secret.
    pub fn new_secret() -> Self {
        Self::with(
            Purpose::NewSecret,
            "New secret".to_owned(),
            vec![
                text("name", "", "letters, digits and dashes"),
                value("value"),
                text("type", "", "text/plain, application/json, ... (optional)"),
                text("tags", "", "team=vision, owner=alex (optional)"),
                text("expires", "", "2027-01-31, or 90d (optional)"),
            ],
        )
    }

    /// A form for a new value.
    pub fn new_value(name: SecretName, updated: Option<Moment>) -> Self {
        let title = format!("New value for {name}");
        Self::with(Purpose::NewValue(name, updated), title, vec![value("value")])
    }

    /// A form for attributes.
    pub fn attributes(
        name: SecretName,
        have: &Attributes,
        content_type: Option<&Untrusted>,
        tags: &Tags,
        zone: &Zone,
    ) -> Self {
        let day = |at: Option<Moment>| {
            at.map(|at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
        };
        let tags = tags.iter().map(|(key, value)| escaped(&format!("{}={}", key.show(), value.show())));
        let tags = tags.collect::<Vec<_>>().join(", ");
        let kind = content_type.map(|text| text.show().into_owned()).unwrap_or_default();
        let lines = vec![
            Line { label: "enabled", entry: Entry::Switch(have.enabled), hint: "", was: String::new() },
            text("type", kind, "text/plain, application/json, ..."),
            text("tags", tags, "team=vision, owner=alex"),
            text("expires", day(have.expires), "2027-01-31, 2027-01-31 18:00, or 90d"),
            text("from", day(have.not_before), "when its use begins"),
        ];
        let title = format!("Attributes of {name}");
        Self::with(Purpose::Attributes(name, Box::new(have.clone())), title, lines)
    }

    /// A prompt for a secret's name.
    pub fn open_by_name() -> Self {
        let lines = vec![text("name", "", "the secret's exact name")];
        Self::with(Purpose::OpenByName, "Open one secret by its name".to_owned(), lines)
    }

    pub(super) fn with(purpose: Purpose, title: String, lines: Vec<Line>) -> Self {
        Self { purpose, title, lines, at: 0, wrong: None, saving: None }
    }

    /// Goes to the next line (`1`) or the one before (`-1`), around the ends.
    pub fn go(&mut self, by: isize) {
        let lines = self.lines.len();
        self.at = (self.at + lines).saturating_add_signed(by) % lines;
    }

    /// A key for the current line.
    pub fn key(&mut self, key: KeyEvent) {
        self.wrong = None;
        match &mut self.lines[self.at].entry {
            Entry::Text(open) => {
                open.key(key);
            }
            Entry::Value(hidden) => hidden.key(key),
            Entry::Switch(on) => {
                if matches!(key.code, KeyCode::Char(' ') | KeyCode::Left | KeyCode::Right) {
                    *on = !*on;
                }
            }
        }
    }

    /// Pasted text for the current line.
    pub fn paste(&mut self, pasted: &Sealed) {
        self.wrong = None;
        match &mut self.lines[self.at].entry {
            Entry::Text(open) => open.paste(pasted),
            Entry::Value(hidden) => hidden.paste(pasted),
            Entry::Switch(_) => {}
        }
    }

    /// The text of the line with this label.
    pub fn text(&self, label: &str) -> &str {
        self.lines.iter().find(|line| line.label == label).map_or("", |line| match &line.entry {
            Entry::Text(open) => open.text().trim(),
            Entry::Value(_) | Entry::Switch(_) => "",
        })
    }

    /// Whether the line with this label reads otherwise than at the beginning.
    pub fn changed(&self, label: &str) -> bool {
        self.lines.iter().any(|line| line.label == label && self.text(label) != line.was.trim())
    }

    /// Whether the line with this label had something and was emptied.
    pub fn emptied(&self, label: &str) -> bool {
        self.changed(label) && self.text(label).is_empty()
    }

    /// Says what is wrong, and goes there.
    pub fn refuse(&mut self, label: &str, why: impl Into<String>) {
        self.at = self.lines.iter().position(|line| line.label == label).unwrap_or(0);
        self.wrong = Some((self.at, why.into()));
    }
}

pub(super) fn text(label: &'static str, with: impl Into<String>, hint: &'static str) -> Line {
    let was = with.into();
    Line { label, entry: Entry::Text(Open::with(was.clone())), hint, was }
}

pub(super) fn value(label: &'static str) -> Line {
    Line {
        label,
        entry: Entry::Value(Hidden::default()),
        hint: "type or paste it; it is not shown",
        was: String::new(),
    }
}

/// What would be done after a yes.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Delete a secret.
    Delete(SecretName),
    /// Bring a deleted secret back.
    Recover(SecretName),
    /// Forget a deleted secret for good.
    Purge(SecretName),
    /// Regenerate a key.
    Regenerate(Box<Endpoint>, WhichKey),
    /// Save the form below, in production or over somebody else's version.
    Save {
        /// Whether a version that nobody here has seen may be covered.
        anyway: bool,
    },
    /// Forget a login.
    SignOut(crate::domain::AccountId),
    /// Leave while a change is under way.
    Leave,
    /// Send a copied value through the terminal.
    SendCopy,
}

/// A question before something is done.
#[derive(Debug)]
pub struct Confirm {
    /// What would be done.
    pub deed: Deed,
    /// The question.
    pub title: String,
    /// What follows from it, line by line.
    pub words: Vec<String>,
    /// The name that must be typed, and what is typed so far.
    pub typed: Option<(String, Open)>,
}

impl Confirm {
    /// A question that a plain yes answers.
    pub fn plain(deed: Deed, title: impl Into<String>, words: Vec<String>) -> Self {
        Self { deed, title: title.into(), words, typed: None }
    }

    /// A question that only the typed name answers.
    pub fn typed(deed: Deed, title: impl Into<String>, words: Vec<String>, name: impl Into<String>) -> Self {
        Self { deed, title: title.into(), words, typed: Some((name.into(), Open::default())) }
    }

    /// Whether it may be done: nothing to type, or typed right.
    pub fn settled(&self) -> bool {
        self.typed.as_ref().is_none_or(|(name, field)| field.text() == name)
    }
}

/// A tag as it is typed: a comma in it is written `\,`.
fn escaped(tag: &str) -> String {
    tag.replace('\\', "\\\\").replace(',', "\\,")
}

/// The tags of a line, at its commas but for escaped ones.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        match (c, pieces.last_mut()) {
            (',', _) => pieces.push(String::new()),
            ('\\', Some(piece)) => piece.extend(letters.next()),
            (c, Some(piece)) => piece.push(c),
            (_, None) => {}
        }
    }
    pieces
}

/// Reads tags: `team=vision, owner=alex`; a comma in a value is written `\,`.
pub fn read_tags(text: &str) -> Result<Tags, String> {
    let mut tags = Tags::new();
    for piece in pieces(text).iter().map(|piece| piece.trim()).filter(|piece| !piece.is_empty()) {
        let Some((key, value)) = piece.split_once('=') else {
            return Err(format!("{piece}: a tag is written key=value"));
        };
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() {
            return Err("a tag needs a key before its =".to_owned());
        }
        if key.chars().count() > 256 || value.chars().count() > 256 {
            return Err("a tag's key and value are at most 256 characters each".to_owned());
        }
        tags.push((Untrusted::from(key), Untrusted::from(value)));
    }
    // Key Vault's service limits: 15 tags.
    if tags.len() > 15 { Err("Key Vault keeps at most 15 tags".to_owned()) } else { Ok(tags) }
}

/// Reads a date: `2027-01-31`, `2027-01-31 18:00`, an instant with its zone, or a length of time from now: `90d`, `2w`, `12h`.
pub fn read_date(text: &str, now: Moment, zone: &Zone) -> Result<Option<Moment>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let seconds_of = |unit: char| match unit {
        'h' => Some(3600),
        'd' => Some(86_400),
        'w' => Some(7 * 86_400),
        'y' => Some(365 * 86_400),
        _ => None,
    };
    let mut letters = text.chars();
    if let Some(unit) = letters.next_back().and_then(seconds_of)
        && let Ok(count) = letters.as_str().trim().parse::<u32>()
    {
        let later = std::time::Duration::from_secs(u64::from(count) * unit);
        return now.checked_add(later).map(Some).map_err(|_| format!("{text} lies too far ahead"));
    }
    let civil = |at: jiff::civil::DateTime| at.to_zoned(zone.clone()).map(|at| at.timestamp());
    text.parse::<Moment>()
        .or_else(|_| text.parse::<jiff::civil::DateTime>().and_then(civil))
        .map(Some)
        .map_err(|_| format!("{text}: write a date as 2027-01-31 or 2027-01-31 18:00, or a time from now as 90d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let now = "2026-11-21T12:00:00Z".parse::<Moment>().expect("an instant");
        let read = |text: &str| read_date(text, now, &Zone::UTC).map(|at| at.map(|at| at.to_string()));
        assert_eq!(read("2027-01-31"), Ok(Some("2027-01-31T00:00:00Z".to_owned())));
        assert_eq!(read("2027-01-31 18:00"), Ok(Some("2027-01-31T18:00:00Z".to_owned())));
        assert_eq!(read("90d"), Ok(Some("2027-02-19T12:00:00Z".to_owned())));
        assert_eq!(read(" "), Ok(None));
        assert!(read("31.1.2027").is_err() && read("soon").is_err());
    }

    #[test]
    fn tags_are_read_as_people_write_them() {
        assert_eq!(read_tags("team=비전, a=b=c").map(|tags| tags.len()), Ok(2));
        let comma = read_tags(r"note=a\, b=c, x=y").expect("two tags");
        assert_eq!((comma.len(), comma[0].1.raw()), (2, "a, b=c"));
        assert_eq!(pieces(&escaped(r"a,b\c")), [r"a,b\c"]);
        assert!(read_tags("team").is_err() && read_tags("=x").is_err());
        assert!(read_tags(&(0..16).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",")).is_err());
    }
}
