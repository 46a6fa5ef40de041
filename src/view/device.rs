//! Signing in with somebody's hands elsewhere: a device code to type on any device, a page in the browser of this machine.

use std::borrow::Cow;

use qrcode::{Color, EcLevel, QrCode};
use ratatui::layout::Rect;

use crate::app::{DevicePrompt, Lane, Model, PagePrompt};
use crate::domain::{DeviceCode, Failure, Polling, count_down};

use super::canvas::Canvas;
use super::letters;
use super::prose::Prose;
use super::sign_in::{LEFT, stays};
use super::states;
use super::symbols::STILL;
use super::text::cells;
use super::theme::Look;
use super::trouble;

/// Columns and rows from which on the QR code is drawn.
const ROOM_FOR_CODE: (u16, u16) = (72, 22);
/// Light squares around a QR code. Readers cope with two; four would push the words off the smallest screen.
const QUIET: usize = 2;
/// Said before anybody types a code or answers a page (the application is the Azure CLI's, whose id amlock uses).
const WARNING: &str = "The page will name \"Microsoft Azure CLI\": amlock signs in as it. Go on only if you started this \
                       yourself, just now.";
/// What the documentation warns of: the page's own error where the browser keeps no cookies.
pub(super) const COOKIES: &str = "If the page says \"we couldn't sign you in\", its browser blocks cookies: allow them, third-party ones \
                       too, or take another browser.";

/// A device code.
pub(super) fn code(canvas: &mut Canvas<'_>, model: &Model, prompt: &DevicePrompt) {
    let below = titled(canvas, "Sign in with a code");
    let mut prose = Prose::new(below.width.min(90));
    if let Some(failure) = &prompt.failed {
        return ended(canvas, failure, "asks for a new code", below);
    }
    let Some(code) = &prompt.code else {
        let since = model.flights.since(Lane::SignIn).unwrap_or(model.now);
        states::waiting(canvas, &mut prose, model.start.hosts.login, "asking for a code", (since, model.now));
        prose.draw(canvas, below, 0);
        return;
    };
    let area = canvas.area();
    let address = code.verification_uri.show().into_owned();
    let roomy = area.width >= ROOM_FOR_CODE.0 && area.height >= ROOM_FOR_CODE.1;
    let picture = if roomy && canvas.paints() && !canvas.ascii { squares(&address) } else { None };
    let used = picture.map_or(0, |picture| draw_code(canvas, &picture, below) + LEFT);
    let text = Rect { x: below.x + used, width: below.width.saturating_sub(used), ..below };
    let mut prose = Prose::new(text.width.min(60));
    instructions(model, (prompt, code), &address, (roomy, canvas.ascii), &mut prose);
    prose.squeeze(text.height).draw(canvas, text, 0);
}

/// The title of a screen of its own, and the place below it.
fn titled(canvas: &mut Canvas<'_>, title: &str) -> Rect {
    let area = canvas.area();
    canvas.put(area.x + LEFT, area.y + 1, area.width, title, Look::Title);
    let (y, width) = (area.y + 3, area.width.saturating_sub(LEFT + 1));
    Rect { x: area.x + LEFT, y, width, height: area.height.saturating_sub(5) }
}

/// Why nobody was signed in, and what the keys do about it.
fn ended(canvas: &mut Canvas<'_>, failure: &Failure, again: &str, below: Rect) {
    let mut prose = Prose::new(below.width.min(90));
    trouble::failure(&mut prose, failure);
    prose.gap().key("Enter", again).key("esc", "goes back to the ways in");
    if let Some(azure) = &failure.azure {
        prose.gap();
        trouble::azure(&mut prose, azure);
    }
    prose.squeeze(below.height).draw(canvas, below, 0);
}

fn instructions(
    model: &Model,
    (prompt, code): (&DevicePrompt, &DeviceCode),
    address: &str,
    (roomy, ascii): (bool, bool),
    prose: &mut Prose,
) {
    let short = address.strip_prefix("https://").unwrap_or(address);
    prose.say("Open in a browser, on any device:", Look::Secondary);
    prose.say(short.strip_prefix("www.").unwrap_or(short), Look::Title).gap();
    prose.say("and type the code", Look::Secondary);
    let user_code = code.user_code.show();
    // The demo's code is for nobody to read.
    let large = if roomy && !model.start.demo { letters::large(user_code.as_str()) } else { None };
    match large.filter(|_| !ascii && user_code.as_str().chars().count() * letters::WIDE <= prose.room()) {
        Some(rows) => {
            prose.gap();
            for row in rows {
                prose.line(vec![(Cow::Owned(row), Look::Title)]);
            }
            prose.gap().say(user_code.as_str(), Look::Plain);
        }
        None if roomy && !model.start.demo => {
            prose.line(vec![(Cow::Owned(spaced(user_code.as_str())), Look::Title)]);
        }
        None => _ = prose.say(user_code.as_str(), Look::Title),
    }
    prose.gap();
    if model.start.demo {
        prose.say(
            "This is the demo: nothing is to be typed anywhere. It plays whoever would type the code.",
            Look::Plain,
        );
    } else {
        if let Some(tenant) = &prompt.tenant {
            prose.say(&format!("It signs in to {}.", model.tenant_name(tenant)), Look::Plain).gap();
        }
        prose.say(&format!("{WARNING} Never type a code that somebody sent you."), Look::Plain).gap();
        prose.say(&stays(model), Look::Secondary);
        if roomy {
            prose.say(COOKIES, Look::Secondary);
        }
    }
    prose.gap();
    let (words, look) = waiting(model, prompt.polling, code);
    prose.line(vec![(Cow::Borrowed(STILL), Look::Accent), (Cow::Owned(format!(" {words}")), look)]);
    if prompt.polling == Polling::Unreachable {
        prose.say(&format!("no answer from {}, still trying", model.start.hosts.login), Look::Warning);
    }
}

/// Letters with a blank between each two, so that none is taken for its neighbour.
fn spaced(code: &str) -> String {
    let mut out = String::new();
    for letter in code.chars() {
        if !out.is_empty() {
            out.push_str("  ");
        }
        out.push(letter);
    }
    out
}

/// How the wait for somebody goes.
fn waiting(model: &Model, polling: Polling, code: &DeviceCode) -> (String, Look) {
    if code.expires <= model.now {
        return ("the code has ended".to_owned(), Look::Warning);
    }
    let left = count_down(model.now, code.expires);
    match polling {
        Polling::Pending | Polling::Unreachable => (format!("waiting · good for {left}"), Look::Plain),
        Polling::Slower => (format!("waiting, asking less often · good for {left}"), Look::Plain),
    }
}

/// A page in the browser of this machine.
pub(super) fn page(canvas: &mut Canvas<'_>, model: &Model, prompt: &PagePrompt) {
    let below = titled(canvas, "Sign in with a browser");
    if let Some(failure) = &prompt.failed {
        return ended(canvas, failure, "opens the page once more", below);
    }
    let mut prose = Prose::new(below.width.min(90));
    match &prompt.page {
        None => {
            let since = model.flights.since(Lane::SignIn).unwrap_or(model.now);
            states::waiting(canvas, &mut prose, model.start.hosts.login, "preparing the page", (since, model.now));
        }
        Some(_) if model.start.demo => {
            prose
                .say(
                    "This is the demo: its own browser opens the page, and it plays whoever answers there.",
                    Look::Plain,
                )
                .gap();
            let waits = " waiting for the demo's browser";
            prose.line(vec![(Cow::Borrowed(STILL), Look::Accent), (Cow::Borrowed(waits), Look::Plain)]);
        }
        Some((page, opened)) => {
            let waits = " waiting for your browser · at most 5 min";
            prose.line(vec![(Cow::Borrowed(STILL), Look::Accent), (Cow::Borrowed(waits), Look::Plain)]).gap();
            prose.say(WARNING, Look::Plain);
            prose.say(&stays(model), Look::Secondary).gap();
            let words = if *opened {
                "Your browser should have opened. If it did not, open this page in one on this machine:"
            } else {
                "No browser could be started. Open this page in one on this machine:"
            };
            prose.say(words, Look::Plain);
            prose.say(page.show().as_str(), Look::Accent).gap();
            prose.say(COOKIES, Look::Secondary);
        }
    }
    prose.squeeze(below.height).draw(canvas, below, 0);
}

/// A square picture: whether each square is dark, row by row, and how many there are in a row.
struct Picture {
    dark: Vec<bool>,
    side: usize,
}

/// The address as a QR code with its light border. Only an address of the web becomes one.
fn squares(address: &str) -> Option<Picture> {
    if !address.starts_with("https://") || address.len() > 100 {
        return None;
    }
    let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
    let (inner, side) = (code.width(), code.width() + 2 * QUIET);
    let colours = code.to_colors();
    let dark = |at: usize| {
        let (row, column) = ((at / side).checked_sub(QUIET)?, (at % side).checked_sub(QUIET)?);
        (row < inner && column < inner).then(|| colours[row * inner + column] == Color::Dark)
    };
    Some(Picture { dark: (0..side * side).map(|at| dark(at).unwrap_or(false)).collect(), side })
}

/// Draws two rows of squares in one of cells, and says how wide it became.
fn draw_code(canvas: &mut Canvas<'_>, picture: &Picture, area: Rect) -> u16 {
    let side = picture.side;
    for (pair, y) in (0..side).step_by(2).zip(area.top()..area.bottom()) {
        for (column, x) in (0..side).zip(area.left()..area.right()) {
            let upper = picture.dark[pair * side + column];
            let lower = picture.dark.get((pair + 1) * side + column).copied().unwrap_or(false);
            let block = match (upper, lower) {
                (true, true) => "█",
                (true, false) => "▀",
                (false, true) => "▄",
                (false, false) => " ",
            };
            canvas.put(x, y, 1, block, Look::Code);
        }
    }
    cells(side)
}
