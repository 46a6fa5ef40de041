//! The shell around the app: the terminal with its input, its frames and every way out; the loop; the tasks; the clipboard.

pub mod browser;
pub mod clipboard;
pub mod copying;
mod exit;
pub mod input;
mod line;
pub mod recorder;
pub mod run;
pub mod runner;
pub mod screen;
mod scrub;
mod signing_in;
pub mod terminal;

use std::ffi::OsString;
use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app::{Ground, Model, Msg};
use crate::cloud::Cloud;
use crate::domain::Zone;
use crate::view::Memory;

pub use self::run::Outcome;
pub use crate::app::{AzureHosts, Colours, Start, Target};
pub use clipboard::Osc52;
pub use exit::die_of;
pub use terminal::{Refused, suitable};

use self::run::{Show, draw, drive};
use clipboard::Surroundings;
use copying::Copier;
use input::{TermAnswer, TermEvent};
use recorder::{Ancestors, Recorders};
use runner::Runner;

pub use runner::Remember;
use terminal::{Question, Terminal};

/// What the screen needs to start.
#[derive(Debug)]
pub struct Launch {
    /// How the app starts.
    pub start: Start,
    /// Whom it asks.
    pub cloud: Cloud,
    /// Whether logins are looked for on this machine; the demo has its own.
    pub finds_logins: bool,
    /// What the config says of copies through the terminal.
    pub osc52: Osc52,
    /// Remembers that they may go there, where there is a config.
    pub remember: Option<Remember>,
}

/// Why the screen ended other than by being left.
#[derive(Debug)]
pub enum Broken {
    /// There can be none here.
    Refused(Refused),
    /// The terminal stopped to work.
    Terminal(std::io::Error),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => refused.fmt(f),
            Self::Terminal(error) => write!(f, "the terminal cannot be written to any more ({error})"),
        }
    }
}

/// The screen with its first frame on it. What that frame does not need waits until it is there: the machine's time zone, who
/// started us, which clipboard there is, the runtime and its threads, the logins.
#[derive(Debug)]
pub struct Opened {
    terminal: Terminal,
    happens: UnboundedReceiver<TermEvent>,
    model: Model,
    cloud: Cloud,
    finds_logins: bool,
    osc52: Osc52,
    remember: Option<Remember>,
}

/// Opens the screen.
pub fn open(launch: Launch) -> Result<Opened, Broken> {
    let (happened, happens) = unbounded_channel();
    let mut terminal = Terminal::enter(happened).map_err(Broken::Refused)?;
    let Launch { start, cloud, finds_logins, osc52, remember } = launch;
    let mut model = Model::new(start);
    model.size = terminal.size();
    draw(&model, &mut Memory::default(), &mut Buffer::default(), &mut |show| match show {
        Show::Frame(buffer, cursor) => terminal.present(buffer, cursor),
        Show::Repaint | Show::Suspend => Ok(()),
    })
    .map_err(Broken::Terminal)?;
    Ok(Opened { terminal, happens, model, cloud, finds_logins, osc52, remember })
}

/// The zone of this machine. Looking one up by its name reads the names of all there are, and keeps them.
fn zone() -> Zone {
    let told = std::env::var_os("TZ").is_some();
    let read = || std::fs::read("/etc/localtime").ok();
    let here = (!told).then(read).flatten().and_then(|rules| Zone::tzif("this machine's", &rules).ok());
    here.unwrap_or_else(Zone::system)
}

/// Runs the screen until it is left.
pub async fn run(opened: Opened) -> Result<Outcome, Broken> {
    let Opened { mut terminal, mut happens, model, cloud, finds_logins, osc52, remember } = opened;
    let (out, events) = unbounded_channel();
    let _ = out.send(Msg::Zone(zone()));
    let ancestors = Ancestors::read();
    let environment = |name: &str| std::env::var_os(name);
    let pen = terminal.pen();
    let around = Surroundings::of(environment, &ancestors, osc52);
    let copier = Copier::new(around, Arc::new(move |bytes: &[u8]| pen.osc52(bytes)));
    let clock = cloud.clock();
    let recorders = Recorders::around(environment, &ancestors);
    let runner = Runner::new(cloud, finds_logins, copier.clone(), out.clone()).recorded_by(recorders);
    let runner = match remember {
        Some(remember) => runner.remembering(remember),
        None => runner,
    };
    let told = out.clone();
    let translating = tokio::spawn(async move { translate(&mut happens, &out, &copier).await });
    let mut asked = false;
    let show = |show: Show<'_>| match show {
        Show::Frame(buffer, cursor) => {
            terminal.present(buffer, cursor)?;
            if !std::mem::replace(&mut asked, true) {
                terminal.ask(&[Question::Background, Question::Name, Question::Attributes])?;
            }
            Ok(())
        }
        Show::Repaint => {
            terminal.forget();
            Ok(())
        }
        Show::Suspend => match terminal.suspend() {
            // Opened by ssh or a window of its own: stopping would be for good, so this is said and nothing is done.
            Err(nobody) if nobody.kind() == ErrorKind::Unsupported => {
                let _ = told.send(Msg::Told("There is no shell above amlock to go back to.".to_owned()));
                Ok(())
            }
            other => other,
        },
    };
    // The model is large, and a future holds it.
    let ended = Box::pin(drive(model, clock, runner, events, show)).await;
    translating.abort();
    terminal.leave();
    ended.map_err(Broken::Terminal)
}

/// What the terminal reports, in the app's words.
async fn translate(happens: &mut UnboundedReceiver<TermEvent>, out: &UnboundedSender<Msg>, copier: &Copier) {
    while let Some(event) = happens.recv().await {
        let msg = match event {
            TermEvent::Key(key) => Msg::Key(key),
            TermEvent::Paste(text) => Msg::Paste(text),
            TermEvent::PasteRefused => {
                Msg::Told("That paste was not taken: too long, without an end, or with two.".to_owned())
            }
            TermEvent::Resized(columns, rows) => Msg::Resized(columns, rows),
            TermEvent::Focus(focused) => Msg::Focus(focused),
            TermEvent::Resumed => Msg::Resumed,
            TermEvent::Answer(TermAnswer::Background(red, green, blue)) => Msg::Ground(ground(red, green, blue)),
            TermEvent::Answer(TermAnswer::Name(name)) => {
                copier.terminal_is(&name);
                continue;
            }
            TermEvent::Answer(TermAnswer::Attributes(_)) => continue,
            // The process ends by itself (tui/exit.rs).
            TermEvent::Gone => return,
        };
        if out.send(msg).is_err() {
            return;
        }
    }
}

/// Dark or light, by how bright the colour is to the eye (Rec. 709).
fn ground(red: u8, green: u8, blue: u8) -> Ground {
    let bright = 2126 * u32::from(red) + 7152 * u32::from(green) + 722 * u32::from(blue);
    if bright > 10_000 * 127 { Ground::Light } else { Ground::Dark }
}

/// How many colours the terminal has, by its environment (NO_COLOR, COLORTERM, TERM), as other programs read it.
pub fn colours(variable: impl Fn(&str) -> Option<OsString>) -> Colours {
    let text = |name: &str| variable(name).and_then(|value| value.into_string().ok()).unwrap_or_default();
    let (term, colorterm) = (text("TERM"), text("COLORTERM"));
    if !text("NO_COLOR").is_empty() || term.contains("mono") {
        Colours::Mono
    } else if matches!(colorterm.as_str(), "truecolor" | "24bit") || term.contains("direct") {
        Colours::True
    } else if term.contains("256color") || !colorterm.is_empty() {
        Colours::Indexed
    } else {
        Colours::Sixteen
    }
}
