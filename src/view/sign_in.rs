//! The way in: the ways there are on this machine, and a login that became somebody else's. Both have the whole screen.

use std::borrow::Cow;

use ratatui::layout::{Position, Rect};

use crate::app::{Lane, Model, SignInMenu, Way};
use crate::domain::Stranger;

use super::canvas::{Canvas, Piece};
use super::form::typed;
use super::prose::Prose;
use super::states;
use super::table::{MARK, Mark};
use super::text::{cells, width};
use super::theme::Look;
use super::trouble;

/// Where a screen of its own begins.
pub(super) const LEFT: u16 = 3;
/// Cells for the name of a way, its gap included; where room is dear, as many as the names need.
const NAME: u16 = 23;
const DEAR: u16 = 72;
/// The widest that text is set: beyond that the eye loses the line on its way back.
const WIDEST: u16 = 90;

/// The ways in, and where their tenant is typed.
pub(super) fn menu(canvas: &mut Canvas<'_>, model: &Model, menu: &SignInMenu, top: bool) -> Option<Position> {
    let area = canvas.area();
    let (x, room) = (area.x + LEFT, area.width.saturating_sub(LEFT + 1));
    let mut y = area.y + 1;
    let end = canvas.put(x, y, room, "Sign in to Azure", Look::Title);
    if let Some(cloud) = model.start.hosts.cloud {
        canvas.put(end + 3, y, (x + room).saturating_sub(end + 3), cloud, Look::Accent);
    }
    y += 2;
    if let Some(why) = &menu.why {
        let mut prose = Prose::new(room.min(WIDEST));
        prose.say(why, Look::Warning);
        prose.draw(canvas, Rect { x, y, width: room, height: prose.height() }, 0);
        y += prose.height() + 1;
    }
    let names = model.ways.iter().map(|way| cells(width(row(way).0))).max().unwrap_or(0).max(cells(17));
    let column = if area.width < DEAR { names + 2 } else { NAME };
    for (at, way) in model.ways.iter().enumerate() {
        let (name, words, look) = row(way);
        Mark::of(top && at == menu.cursor, false).draw(canvas, x - MARK, y);
        canvas.put(x, y, room, name, look);
        canvas.words(x + column, y, room.saturating_sub(column), &words, look);
        y += 1;
    }
    let mut prose = Prose::new(room.min(WIDEST));
    if model.ways.is_empty() {
        match model.flights.since(Lane::Accounts) {
            Some(since) => {
                let host = model.start.hosts.login;
                states::waiting(canvas, &mut prose, host, "looking for ways in", (since, model.now));
            }
            None => {
                prose.say("No way in was found here.", Look::Plain);
            }
        }
        prose.gap();
    }
    let cursor = if model.ways.is_empty() { None } else { tenant(canvas, menu, (x, y + 1, room), (column, top)) };
    if !model.ways.is_empty() {
        y += 2;
    }
    below(model, menu, column, &mut prose);
    let rest = Rect { x, y, width: room, height: area.bottom().saturating_sub(y + 2) };
    prose.squeeze(rest.height).draw(canvas, rest, 0);
    cursor
}

/// A way's name, whose it is or what it wants, and how it stands there.
fn row(way: &Way) -> (&str, Cow<'_, str>, Look) {
    match way {
        Way::DeviceCode => ("Device code", "a code here, a browser on any device".into(), Look::Plain),
        Way::Found(found) => (found.title, found.words.show().into_owned().into(), Look::Plain),
        Way::Principal => ("Service principal", "secret, certificate or auth JSON".into(), Look::Plain),
        Way::Browser(Ok(())) => ("Browser", "a page in the browser of this machine".into(), Look::Plain),
        Way::Browser(Err(why)) => ("Browser", format!("{why}; use the device code").into(), Look::Secondary),
        Way::Machine => ("Managed identity", "of this machine, if it has one; asked only now".into(), Look::Plain),
    }
}

/// The line of the tenant, and where it is typed.
fn tenant(
    canvas: &mut Canvas<'_>,
    menu: &SignInMenu,
    (x, y, room): (u16, u16, u16),
    (column, top): (u16, bool),
) -> Option<Position> {
    let typing = menu.typing.is_some();
    canvas.put(x, y, room, "Tenant", if typing { Look::Accent } else { Look::Secondary });
    let (text, field, left) = (menu.tenant.text(), x + column, room.saturating_sub(column));
    if text.is_empty() && typing {
        canvas.words(field, y, left, "contoso.com, or an id; empty: the account's own", Look::Secondary);
        return top.then(|| Position::new(field, y));
    }
    if typing {
        return Some(typed(canvas, (field, y, left), text, menu.tenant.cursor())).filter(|_| top);
    }
    let shown = if text.is_empty() { "the account's own" } else { text };
    canvas.name(field, y, left, shown, Look::Plain);
    None
}

/// What stands below the ways: why the last one did not lead in, or what is good to know before any is gone.
fn below(model: &Model, menu: &SignInMenu, column: u16, prose: &mut Prose) {
    let label = |label: &str| (Cow::Owned(format!("{label:<0$}", usize::from(column))), Look::Secondary);
    if let Some(folder) = &model.start.folder {
        let whole = format!("config.json names {}; opens after", folder.workspace);
        let fits = usize::from(column) + width(&whole) <= prose.room();
        let words = if fits { whole } else { format!("names {}; opens after", folder.workspace) };
        prose.line(vec![label("This folder"), (words.into(), Look::Plain)]);
    }
    prose.gap();
    if let Some(failure) = &menu.failed {
        trouble::failure(prose, failure);
        if let Some(azure) = &failure.azure {
            prose.gap();
            trouble::azure(prose, azure);
        }
        return;
    }
    if !model.start.demo {
        let words: [Piece; 2] = [("D".into(), Look::Title), (" opens the demo".into(), Look::Plain)];
        let mut line = vec![label("No Azure at hand?")];
        line.extend(words);
        prose.line(line).gap();
    }
    let sent = if model.accounts.list.total() == 0 { "Nothing has been sent. " } else { "" };
    prose.say(&format!("{sent}{}", stays(model)), Look::Secondary);
}

/// Where a login made now stays.
pub(super) fn stays(model: &Model) -> String {
    if model.keeps.remembered() {
        format!("A login stays in this machine's {}, never in a file.", model.keeps.words())
    } else if model.start.demo {
        "The demo keeps no login: it ends with amlock.".to_owned()
    } else {
        "This machine has no keyring: the login ends with amlock.".to_owned()
    }
}

/// A login that became somebody else's: nothing else is on the screen.
pub(super) fn stranger(canvas: &mut Canvas<'_>, stranger: &Stranger) {
    let area = canvas.area();
    let room = area.width.saturating_sub(LEFT + 1);
    let x = area.x + LEFT;
    canvas.put(x, area.y + 1, room, "This login is somebody else's now", Look::Title);
    let mut prose = Prose::new(room.min(WIDEST));
    prose.field("it was", stranger.was.show().as_str(), Look::Plain);
    prose.field("it is now", stranger.now.show().as_str(), Look::Warning).gap();
    let words = "amlock was given a new token for this login, and it speaks for another identity than before. The token was \
                 not used, and everything is hidden until you decide.";
    prose.say(words, Look::Plain).gap();
    prose.key("k", "goes on with it as whoever it is now");
    prose.key("d", "signs it out");
    prose.gap().say("If you did not expect this, sign it out and tell whoever runs this machine.", Look::Secondary);
    let text = Rect { x, y: area.y + 3, width: room, height: cells(usize::from(area.height.saturating_sub(5))) };
    prose.squeeze(text.height).draw(canvas, text, 0);
}
