//! What must hold, whatever happens: no value where nobody asked for one, and for every change one outcome that is true.

use std::sync::{Arc, Mutex};

use amlock::app::form::Entry;
use amlock::app::{Answer, Credentials, Lane, Load, Model, Msg, Overlay};
use amlock::demo::{DemoCloud, Logged};
use amlock::domain::{Failure, Kind};

use crate::witness::Witness;

/// Everything that was wrong in one sequence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wrongs(Arc<Mutex<Vec<String>>>);

impl Wrongs {
    pub(crate) fn add(&self, what: String) {
        self.0.lock().expect("unharmed").push(what);
    }

    pub(crate) fn first(&self) -> Option<String> {
        self.0.lock().expect("unharmed").first().cloned()
    }
}

/// Whether a text holds one of the values of this world: its own say of themselves that they are for the demo only, and what
/// is typed here is called a canary.
pub(crate) fn holds_a_value(text: &str) -> bool {
    ["demo-only-", "demo-only@", "canary-"].iter().any(|mark| text.contains(mark))
}

/// A row of a list of secrets: its name, whether it is on, when it was changed.
pub(crate) type Row = (String, bool, i64);

/// What the last frame was drawn from, as far as it is judged.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing to judge by, and all combinations come")]
pub(crate) struct Seen {
    /// Whether a value is shown because somebody asked for it.
    pub(crate) open: bool,
    /// Whether letters are letters.
    pub(crate) in_text: bool,
    /// Whether what is pasted now goes where it is seen.
    pub(crate) in_sight: bool,
    /// Whether any answer is waited for.
    pub(crate) busy: bool,
    /// Whether the ways in cover everything.
    pub(crate) signing_in: bool,
    /// What lies over the panes.
    pub(crate) overlays: usize,
    /// The name that a question wants typed.
    pub(crate) wanted: Option<String>,
    /// The open vault, what is known of its list, and its rows.
    pub(crate) vault: Option<(String, Load, Vec<Row>)>,
    /// The deleted secrets' list, where it is open.
    pub(crate) deleted: Option<(Load, Vec<String>)>,
}

impl Seen {
    pub(crate) fn of(model: &Model, wrongs: &Wrongs) -> Self {
        let mut open = false;
        let mut deleted = None;
        let mut wanted = None;
        let seconds = |until: amlock::domain::Moment| until.duration_since(model.now).as_secs();
        for overlay in &model.overlays {
            match overlay {
                Overlay::Reveal(reveal) => {
                    open = true;
                    if seconds(reveal.hides) > if reveal.held { 60 } else { 15 } {
                        wrongs.add(format!("a value would be shown for {} s", seconds(reveal.hides)));
                    }
                }
                Overlay::Keys(sheet) => {
                    open |= sheet.shown.is_some() && !matches!(sheet.credentials, Credentials::Loading);
                    if sheet.shown.is_some_and(|until| seconds(until) > 15) {
                        wrongs.add("a key would be shown for more than 15 s".to_owned());
                    }
                }
                Overlay::Deleted(shelf) => {
                    let names = shelf.list.rows().iter().map(|row| row.secret.name.raw().to_owned()).collect();
                    deleted = Some((shelf.load.clone(), names));
                }
                Overlay::Confirm(confirm) => wanted = confirm.typed.as_ref().map(|(name, _)| name.clone()),
                _ => {}
            }
        }
        if model.clip.as_ref().is_some_and(|clip| seconds(clip.clears) > 30) {
            wrongs.add("a copy would stay for more than 30 s".to_owned());
        }
        let rows = || {
            let row = |row: &amlock::domain::Secret| {
                let updated = row.attributes.updated.map_or(0, amlock::domain::Moment::as_second);
                (row.name.raw().to_owned(), row.attributes.enabled, updated)
            };
            model
                .secrets
                .shelf
                .list
                .rows()
                .iter()
                .map(amlock::app::Listed::secret)
                .map(|secret| row(&secret))
                .collect::<Vec<_>>()
        };
        Self {
            open,
            in_text: model.in_text(),
            in_sight: match model.top() {
                Some(Overlay::Form(form)) => matches!(form.lines[form.at].entry, Entry::Text(_)),
                _ => model.in_text(),
            },
            busy: model.flights.any(),
            signing_in: matches!(model.top(), Some(Overlay::SignIn(_) | Overlay::Device(_))),
            overlays: model.overlays.len(),
            wanted,
            vault: model
                .secrets
                .vault
                .as_ref()
                .map(|vault| (vault.name.clone(), model.secrets.shelf.load.clone(), rows())),
            deleted,
        }
    }
}

/// Compares what the app says of each change with what became of it.
#[derive(Debug)]
pub(crate) struct Judge {
    demo: Arc<DemoCloud>,
    witness: Arc<Witness>,
    wrongs: Wrongs,
    /// Lines of the log that were judged already.
    judged: usize,
    /// What the change that is being made said of itself.
    said: Option<Said>,
}

#[derive(Debug)]
enum Said {
    Set(String, String, Option<String>),
    Regenerated(bool),
    Other,
}

impl Judge {
    pub(crate) fn new(demo: Arc<DemoCloud>, witness: Arc<Witness>, wrongs: Wrongs) -> Self {
        Self { demo, witness, wrongs, judged: 0, said: None }
    }

    /// A message on its way to the app.
    pub(crate) fn hears(&mut self, msg: &Msg) {
        if holds_a_value(&format!("{msg:?}")) {
            self.wrongs.add("a message shows a value in its Debug".to_owned());
        }
        match msg {
            Msg::Reply(ticket, answer) if ticket.lane == Lane::Write => {
                self.said = match &**answer {
                    Answer::Progress(..) => return,
                    Answer::Set(vault, done) => Some(Said::Set(
                        vault.name.clone(),
                        done.secret.name.raw().to_owned(),
                        done.secret.version.as_ref().map(|version| version.raw().to_owned()),
                    )),
                    Answer::Regenerated(_, done) => Some(Said::Regenerated(done.changed == Some(true))),
                    _ => Some(Said::Other),
                };
            }
            Msg::Landed(ticket, outcome) if ticket.lane == Lane::Write => self.lands(outcome),
            _ => {}
        }
    }

    /// A change is over: one effect at most, and what is said of it is so.
    fn lands(&mut self, outcome: &Result<(), Failure>) {
        let log = self.demo.log();
        let changes = log[self.judged..].iter().filter(|line| self.witness.sent(line) && changes(line));
        let effects: Vec<String> = changes.map(|line| format!("{} {}", line.method, line.url)).collect();
        self.judged = log.len();
        let said = self.said.take();
        if effects.len() > 1 {
            self.wrongs.add(format!("one change was made twice: {effects:?}"));
        }
        match outcome {
            Ok(()) => match said {
                Some(Said::Set(vault, name, version)) => {
                    let kept = self.demo.kept(&vault).secrets;
                    let found = kept.iter().find(|one| one.name == name);
                    let there = found.is_some_and(|one| one.versions.iter().any(|have| Some(have) == version.as_ref()));
                    if effects.is_empty() || (found.is_some() && !there) {
                        self.wrongs.add(format!("said to be saved and is not: {name} {effects:?}"));
                    }
                }
                Some(Said::Regenerated(true)) if effects.is_empty() => {
                    self.wrongs.add("said to be regenerated and is not".to_owned());
                }
                None => self.wrongs.add("a change ended without a word".to_owned()),
                _ => {}
            },
            Err(failure) if failure.kind != Kind::Unknown && !effects.is_empty() => {
                // A recovery that takes its time says that it was taken.
                if !failure.cause.contains("took the request") {
                    self.wrongs.add(format!("said to have failed and was done: {failure} {effects:?}"));
                }
            }
            Err(failure) => {
                if holds_a_value(&failure.sentence()) {
                    self.wrongs.add("a failure quotes a value".to_owned());
                }
            }
        }
    }
}

/// Whether a request changed something in the world.
fn changes(line: &Logged) -> bool {
    let asks = line.method == "GET" || line.url.contains("listKeys") || line.url.contains("/token");
    let host = line.url.split('/').nth(2).unwrap_or_default();
    !asks
        && host != "login.microsoftonline.com"
        && !line.url.contains("Microsoft.ResourceGraph")
        && line.carried_out.is_some_and(|status| (200..300).contains(&status))
}
