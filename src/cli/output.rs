//! The only place that prints: data to stdout, words to stderr, and values only where they may go.

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use super::args::{Format, Global, Values};
use super::files::{self, to_file};
use super::query::Query;
pub(crate) use super::shapes::Valued;
use super::tables::{self, Look};
use super::words::{azure_line, denied_lines, failure_json, here, no_values};
use super::{forms, usage};
use crate::domain::{Columns, Failure, Kind, Moment, SafeText, Sealed};

/// Where everything goes.
pub(crate) struct Out {
    stdout: Mutex<Box<dyn Write + Send>>,
    stderr: Mutex<Box<dyn Write + Send>>,
    /// Whether stdout is a terminal.
    pub(crate) on_terminal: bool,
    /// Whether stderr is one: only then is there progress.
    words_on_terminal: bool,
    format: Option<Format>,
    query: Option<Query>,
    look: Look,
    wordy: Wordy,
    progress: AtomicBool,
    /// Whether stderr holds at most one thing: a failure as data.
    failures_are_data: bool,
    /// Remarks that wait until it is sure that there is no failure.
    kept: Mutex<Vec<String>>,
    /// The demo's world, for the hints.
    world: Option<String>,
}

/// How many words there are on stderr.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wordy {
    Quiet,
    Usual,
    Verbose,
}

impl Out {
    /// The process's own streams.
    pub(crate) fn new(typed: &Global) -> Result<Self, Failure> {
        let (on_terminal, words) = (io::stdout().is_terminal(), io::stderr().is_terminal() && tables::able());
        let look = Look::here(&io::stdout(), on_terminal, typed.ascii);
        Self::to(typed, [(Box::new(io::stdout()), on_terminal), (Box::new(io::stderr()), words)], look)
    }

    /// Any two streams, and whether each is a terminal.
    pub(crate) fn to(
        typed: &Global,
        [out, err]: [(Box<dyn Write + Send>, bool); 2],
        look: Look,
    ) -> Result<Self, Failure> {
        let query = typed.query.as_deref().map(Query::parse).transpose()?;
        let format = if typed.json { Some(Format::Json) } else { typed.output };
        Ok(Self {
            stdout: Mutex::new(out.0),
            stderr: Mutex::new(err.0),
            on_terminal: out.1,
            words_on_terminal: err.1,
            failures_are_data: format == Some(Format::Json),
            kept: Mutex::default(),
            world: typed.demo.clone(),
            // As in az, what a query picks has no columns of its own.
            format: format.or(query.is_some().then_some(Format::Json)),
            query,
            look,
            wordy: match (typed.quiet, typed.verbose) {
                (true, _) => Wordy::Quiet,
                (_, true) => Wordy::Verbose,
                _ => Wordy::Usual,
            },
            progress: AtomicBool::new(false),
        })
    }

    /// A list.
    pub(crate) fn rows<T: Columns>(
        &self,
        items: &[T],
        now: Moment,
        none: &str,
        shape: impl Fn(&T) -> Value,
    ) -> Result<(), Failure> {
        if !matches!(self.format, None | Some(Format::Table)) || self.query.is_some() {
            return self.data(items.iter().map(shape).collect());
        }
        self.erase();
        if items.is_empty() {
            self.say(none);
            return Ok(());
        }
        let heads = T::HEADS.iter().map(|head| head.title.to_owned()).collect::<Vec<_>>();
        let rows = items.iter().map(|item| tables::plain(item.cells(now), self.look)).collect::<Vec<_>>();
        let twins = tables::twins(&rows);
        self.write(tables::table(&heads, rows.into_iter(), self.look).as_bytes())?;
        if let Some(words) = twins {
            self.say(&words);
        }
        Ok(())
    }

    /// One thing, or anything else that holds no value.
    pub(crate) fn data(&self, data: Value) -> Result<(), Failure> {
        self.erase();
        self.render(data, false, self.look)?.map_or(Ok(()), |text| self.write(text.as_bytes()))
    }

    /// Data as the chosen format has it. `exact`: strings stay as they are in tab-separated values.
    fn render(&self, data: Value, exact: bool, look: Look) -> Result<Option<String>, Failure> {
        let (data, order) = match &self.query {
            Some(query) => {
                let picked = query.pick(&data)?;
                (picked.value, picked.order)
            }
            None => (data, None),
        };
        let order = order.as_deref();
        Ok(match self.format {
            Some(Format::None) => None,
            // az prints nothing for what a query does not find.
            _ if data.is_null() && self.query.is_some() => None,
            Some(Format::Json) => Some(forms::json(&data)),
            Some(Format::Tsv) => Some(forms::tsv(&data, order, exact)),
            Some(Format::Env) => return Err(no_values()),
            Some(Format::Table) if self.query.is_some() || data.is_array() => {
                Some(tables::any_table(&data, order, look))
            }
            None | Some(Format::Table) => Some(tables::fields(&data)),
        })
    }

    /// Whether values may be printed at all, asked before they are fetched: fetching leaves a trace in the vault's log.
    pub(crate) fn may_show(&self, count: usize, flags: &Values) -> Result<(), Failure> {
        let out = to_file(flags.out.as_deref());
        if self.format == Some(Format::None) && out.is_none() {
            return Ok(());
        }
        if self.on_terminal && !flags.reveal && out.is_none() {
            return Err(Failure::misused(
                "show a value",
                "this is a terminal, where others may look and logs may keep it",
            )
            .hint(
                "--reveal shows it here; a pipe gets its exact bytes; --out FILE keeps it in a file only you can read",
            ));
        }
        if matches!(self.format, None | Some(Format::None)) && count > 1 {
            return Err(Failure::misused("print several values", "their bytes would run into each other")
                .hint("-o json or -o env keep them apart"));
        }
        Ok(())
    }

    /// Values, where [`Out::may_show`] let them through.
    pub(crate) fn values(&self, items: &[Valued], flags: &Values) -> Result<(), Failure> {
        self.erase();
        let out = to_file(flags.out.as_deref());
        let to_terminal = self.on_terminal && out.is_none();
        let bytes = match self.format {
            Some(Format::None) if out.is_none() => return Ok(()),
            None | Some(Format::None) => match items {
                [Valued { sealed, .. }] if sealed.len() == 1 => sealed[0].1.unseal().to_owned(),
                _ => return self.may_show(2, &Values { reveal: true, out: flags.out.clone() }),
            },
            Some(Format::Env) => {
                if self.query.is_some() {
                    return Err(Failure::misused("run --query", "-o env prints whole values"));
                }
                let mut text = String::new();
                for item in items {
                    for (field, value) in &item.sealed {
                        let name = if item.sealed.len() == 1 { &item.name } else { *field };
                        text.push_str(&forms::env_line(name, value.unseal())?);
                    }
                }
                text
            }
            Some(_) => {
                let mut shapes = items.iter().map(exposed).collect::<Vec<_>>();
                let data = if shapes.len() == 1 { shapes.remove(0) } else { Value::Array(shapes) };
                let look = Look { bold: self.look.bold && to_terminal, ..self.look };
                match self.render(data, !to_terminal, look)? {
                    Some(text) => text,
                    None => return Ok(()),
                }
            }
        };
        if let Some(path) = out {
            return self.keep(path, bytes.as_bytes());
        }
        if !to_terminal {
            return self.write(bytes.as_bytes());
        }
        let own_lines = self.format.is_some();
        // Tables are clean, and their heads are bold.
        let table = self.format == Some(Format::Table);
        let shown = if table { bytes.clone() } else { forms::on_terminal(&bytes) };
        if shown != bytes {
            self.say("What cannot be seen is shown as signs; a pipe gets the exact bytes.");
        }
        self.write(if own_lines { shown } else { format!("{shown}\n") }.as_bytes())
    }

    /// A sealed text (a backup) as the bytes `decode` makes of it: to a pipe or a new file. `false`: it made none.
    pub(crate) fn decoded(
        &self,
        sealed: &Sealed,
        decode: impl Fn(&str) -> Option<Vec<u8>>,
        out: Option<&Path>,
    ) -> Result<bool, Failure> {
        match decode(sealed.unseal()) {
            Some(bytes) => self.bytes(&bytes, out).map(|()| true),
            None => Ok(false),
        }
    }

    /// Whether what is printed describes a thing rather than being its bare value.
    pub(crate) fn describes(&self) -> bool {
        matches!(self.format, Some(Format::Json | Format::Tsv | Format::Table))
    }

    /// Whether to keep to ASCII.
    pub(crate) fn ascii(&self) -> bool {
        self.look.ascii
    }

    fn bytes(&self, bytes: &[u8], out: Option<&Path>) -> Result<(), Failure> {
        self.erase();
        match out {
            Some(path) => self.keep(path, bytes),
            None if self.format == Some(Format::None) => Ok(()),
            None => self.write(bytes),
        }
    }

    fn keep(&self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        files::write_new(path, bytes)?;
        self.say(&format!("Written to {}, which only you can read.", path.display()));
        Ok(())
    }

    /// Text made for people who asked for it: help, completions, the manual.
    pub(crate) fn text(&self, text: &[u8]) -> Result<(), Failure> {
        self.write(text)
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            // Whoever read us has seen enough.
            Err(broken) if broken.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(other) => Err(Failure::new(Kind::Failed, "write the output", other.kind().to_string())),
            Ok(()) => Ok(()),
        }
    }

    /// A line of words, for people; part of it may come from outside.
    pub(crate) fn say(&self, words: &str) {
        if self.wordy != Wordy::Quiet && !self.failures_are_data {
            self.line(words);
        }
    }

    /// A line that also programs' people should find: where stderr is data, it comes last and not beside a failure.
    pub(crate) fn remark(&self, words: &str) {
        if self.failures_are_data && self.wordy != Wordy::Quiet {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(words.to_owned());
        } else {
            self.say(words);
        }
    }

    /// The end, where all went well.
    pub(crate) fn close(&self) {
        for words in self.kept.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            self.line(&words);
        }
    }

    /// Whether a failure is all that stderr may hold.
    pub(crate) fn failures_are_data(&self) -> bool {
        self.failures_are_data
    }

    /// A line of words that `--quiet` does not hush.
    pub(crate) fn insist(&self, words: &str) {
        self.line(words);
    }

    /// A line for who wants to know more.
    pub(crate) fn explain(&self, words: impl FnOnce() -> String) {
        if self.wordy == Wordy::Verbose {
            self.remark(&words());
        }
    }

    /// A question; the answer is typed behind it.
    pub(crate) fn ask(&self, words: &str) {
        self.erase();
        self.error_bytes(SafeText::of(words).as_str().as_bytes());
        self.error_bytes(b" ");
    }

    fn line(&self, words: &str) {
        self.erase();
        self.error_bytes(format!("{}\n", SafeText::of(words)).as_bytes());
    }

    fn error_bytes(&self, bytes: &[u8]) {
        let mut stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        // Where stderr is gone there is nobody left to tell.
        let _ = stderr.write_all(bytes).and_then(|()| stderr.flush());
    }

    /// What is being done, on a line that goes away again; only on a terminal.
    pub(crate) fn progress(&self, words: &str) {
        if self.words_on_terminal && self.wordy != Wordy::Quiet {
            self.progress.store(true, Ordering::Relaxed);
            // One row, or erasing it would leave the rest.
            let words = tables::cut(SafeText::of(words).as_str(), 76, self.look.ascii);
            self.error_bytes(format!("\r\x1b[2K{words}").as_bytes());
        }
    }

    /// Takes the progress away.
    pub(crate) fn erase(&self) {
        if self.progress.swap(false, Ordering::Relaxed) {
            self.error_bytes(b"\r\x1b[2K");
        }
    }

    /// A failure: a sentence and what to do next, or under `-o json` an object.
    pub(crate) fn fail(&self, failure: &Failure) {
        self.erase();
        let failure = &here(failure, self.world.as_deref());
        if self.failures_are_data {
            self.error_bytes(forms::json(&failure_json(failure)).as_bytes());
            return;
        }
        self.line(&format!("amlock: {}", failure.sentence()));
        if let Kind::Forbidden(denied) = &failure.kind {
            for line in denied_lines(denied) {
                self.line(&line);
            }
        }
        if let Some(hint) = &failure.hint {
            self.line(&format!("hint: {hint}"));
        }
        if let Some(azure) = &failure.azure {
            self.line(&azure_line(azure, self.wordy == Wordy::Verbose));
        }
    }
}

/// The same value once more, to be printed after it was sent.
pub(crate) fn copy(sealed: &Sealed) -> Sealed {
    Sealed::new(sealed.unseal().to_owned())
}

/// Clap's own words: help and version are data, the rest is a failure. Returns the exit code.
pub(crate) fn usage(wrong: &clap::Error, careful: bool, json: bool) -> u8 {
    if !wrong.use_stderr() {
        let _ = io::stdout().write_all(wrong.render().to_string().as_bytes());
        return 0;
    }
    if !json && wrong.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = io::stderr().write_all(wrong.render().to_string().as_bytes());
    } else {
        fail_early(&usage::failure(wrong, careful), json);
    }
    2
}

/// A failure before there is anything to print with.
pub(crate) fn fail_early(failure: &Failure, json: bool) {
    let hint = failure.hint.as_ref().map_or_else(String::new, |hint| format!("hint: {hint}\n"));
    let words = format!("amlock: {}\n{hint}", failure.sentence());
    let text = if json { forms::json(&failure_json(failure)) } else { forms::on_terminal(&words) };
    let _ = io::stderr().write_all(text.as_bytes());
}

fn exposed(item: &Valued) -> Value {
    let mut fields = match &item.shape {
        Value::Object(fields) => fields.clone(),
        _ => Map::new(),
    };
    for (field, value) in &item.sealed {
        fields.insert((*field).to_owned(), Value::from(value.unseal()));
    }
    Value::Object(fields)
}
