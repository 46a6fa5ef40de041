//! The way in: the ways that were found, and a device code to type elsewhere. Both have the whole screen.

use std::borrow::Cow;

use qrcode::{Color, EcLevel, QrCode};
use ratatui::layout::Rect;

use crate::app::{DevicePrompt, Lane, Model, SignInMenu, Way};
use crate::domain::{DeviceCode, count_down};

use super::canvas::Canvas;
use super::prose::Prose;
use super::states;
use super::table::{MARK, Mark};
use super::text::cells;
use super::theme::Look;

/// Where a screen of its own begins.
const LEFT: u16 = 3;
/// Cells for the name of a way, its gap included.
const NAME: u16 = 23;
/// Columns and rows from which on the QR code is drawn.
const ROOM_FOR_CODE: (u16, u16) = (72, 22);
/// Light squares around a QR code. Readers cope with two; four would push the words off the smallest screen.
const QUIET: usize = 2;

/// The ways in.
pub(super) fn menu(canvas: &mut Canvas<'_>, model: &Model, menu: &SignInMenu) {
    let area = canvas.area();
    let (x, room) = (area.x + LEFT, area.width.saturating_sub(LEFT + 1));
    let mut y = area.y + 1;
    canvas.put(x, y, room, "Sign in to Azure", Look::Title);
    y += 2;
    for (at, way) in model.ways.iter().enumerate() {
        let (name, words) = match way {
            Way::DeviceCode => ("Device code", "a code here, a browser on any device".to_owned()),
            Way::AzureCli(account) => ("Azure CLI", format!("{}, found in ~/.azure", account.show())),
            Way::Machine(words) => ("Managed identity", format!("{}, of this machine", words.show())),
            Way::Environment(id) => {
                ("Service principal", format!("AZURE_CLIENT_ID {} from the environment", id.show()))
            }
        };
        Mark::of(at == menu.cursor, false).draw(canvas, x - MARK, y);
        canvas.put(x, y, room, name, Look::Plain);
        canvas.words(x + NAME, y, room.saturating_sub(NAME), &words, Look::Plain);
        y += 1;
    }
    if model.ways.is_empty() {
        let mut prose = Prose::new(room);
        match model.flights.since(Lane::Accounts) {
            Some(since) => {
                let host = "login.microsoftonline.com";
                states::waiting(canvas, &mut prose, host, "looking for ways in", (since, model.now));
            }
            None => {
                prose.say("No way in was found here.", Look::Plain);
            }
        }
        prose.draw(canvas, Rect { x, y, width: room, height: prose.height() }, 0);
        y += prose.height();
    }
    y += 1;
    if let Some(folder) = &model.start.folder {
        canvas.put(x, y, room, "This folder", Look::Secondary);
        let words = format!("config.json names {}; it opens after", folder.workspace);
        canvas.words(x + NAME, y, room.saturating_sub(NAME), &words, Look::Plain);
        y += 2;
    }
    if !model.start.demo {
        canvas.put(x, y, room, "No Azure at hand?", Look::Secondary);
        let after = canvas.put(x + NAME, y, room, "D", Look::Title);
        canvas.put(after, y, room, " opens the demo", Look::Plain);
        y += 2;
    }
    let mut prose = Prose::new(room.min(90));
    prose.say(kept(model), Look::Secondary);
    prose.draw(canvas, Rect { x, y, width: room, height: area.bottom().saturating_sub(y + 2) }, 0);
}

/// Where a login made now stays.
fn kept(model: &Model) -> &'static str {
    if model.remembers {
        "Nothing has been sent. A login stays in this machine's kernel keyring, never in a file."
    } else {
        "Nothing has been sent. This machine has no keyring: the login ends with amlock."
    }
}

/// A device code.
pub(super) fn device(canvas: &mut Canvas<'_>, model: &Model, prompt: &DevicePrompt) {
    let area = canvas.area();
    let top = area.y + 1;
    canvas.put(area.x + LEFT, top, area.width, "Sign in with a code", Look::Title);
    let below = Rect {
        x: area.x + LEFT,
        y: top + 2,
        width: area.width.saturating_sub(LEFT + 1),
        height: area.height.saturating_sub(5),
    };
    let Some(code) = &prompt.code else {
        let mut prose = Prose::new(below.width);
        let since = model.flights.since(Lane::SignIn).unwrap_or(model.now);
        let host = "login.microsoftonline.com";
        states::waiting(canvas, &mut prose, host, "asking for a code", (since, model.now));
        prose.draw(canvas, below, 0);
        return;
    };
    let address = code.verification_uri.show().into_owned();
    let roomy = area.width >= ROOM_FOR_CODE.0 && area.height >= ROOM_FOR_CODE.1;
    let picture = if roomy && canvas.paints() && !canvas.ascii { squares(&address) } else { None };
    let used = picture.map_or(0, |picture| draw_code(canvas, &picture, below) + LEFT);
    let text = Rect { x: below.x + used, width: below.width.saturating_sub(used), ..below };
    let mut prose = Prose::new(text.width.min(60));
    instructions(canvas, model, code, &address, &mut prose);
    prose.draw(canvas, text, 0);
}

fn instructions(canvas: &Canvas<'_>, model: &Model, code: &DeviceCode, address: &str, prose: &mut Prose) {
    let short = address.strip_prefix("https://").unwrap_or(address);
    prose.say("Open in a browser, on any device:", Look::Secondary);
    prose.say(short.strip_prefix("www.").unwrap_or(short), Look::Title).gap();
    prose.say("and type the code", Look::Secondary);
    prose.say(code.user_code.show().as_str(), Look::Title).gap();
    if model.start.demo {
        prose.say(
            "This is the demo: nothing is to be typed anywhere. It approves itself in a few seconds.",
            Look::Plain,
        );
    } else {
        let warning = "The page will name \"Microsoft Azure CLI\": amlock signs in as it. Go on only if you started this \
                       yourself, just now. Never type a code that somebody sent you.";
        prose.say(warning, Look::Plain).gap();
        let stays = if model.remembers {
            "The login stays in this machine's kernel keyring, never in a file."
        } else {
            "This machine has no keyring: the login ends with amlock."
        };
        prose.say(stays, Look::Secondary);
    }
    prose.gap();
    let left = if code.expires <= model.now {
        " the code has ended".to_owned()
    } else {
        format!(" waiting · good for {}", count_down(model.now, code.expires))
    };
    prose.line(vec![(Cow::Borrowed(canvas.spinner), Look::Accent), (Cow::Owned(left), Look::Plain)]);
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
