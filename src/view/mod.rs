//! Draws the [`Model`] and nothing else: no state but scroll offsets, no clock, no I/O. What is drawn is clean text only; the
//! one value that may be shown is unsealed in `reveal`.

mod canvas;
mod chrome;
mod details;
mod device;
mod form;
mod help;
mod letters;
mod panes;
mod prose;
mod reveal;
mod sheets;
mod sign_in;
mod states;
mod symbols;
mod table;
mod text;
mod theme;
mod trouble;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::{Load, Model, Overlay, Pane};

use canvas::Canvas;
use theme::Look;

pub use theme::Theme;

/// Columns from which on the panes stand side by side.
const WIDE: u16 = 110;
/// The least columns and rows that amlock draws itself on.
const LEAST: (u16, u16) = (60, 16);
/// Columns and rows from which on the details are always there.
const ROOMY: (u16, u16) = (80, 24);
/// Where text begins and ends: one cell from the edge.
const MARGIN: u16 = 1;
/// The most rows that the endpoints have beside the secrets.
const ENDPOINTS: u16 = 8;
/// The most rows that the accounts have above the workspaces.
const ACCOUNTS: usize = 8;
/// The rows of details below their title.
const FACTS: u16 = 5;

/// What drawing remembers between two frames: how far each list is scrolled.
#[derive(Debug, Default)]
pub struct Memory {
    /// The panes' lists.
    panes: [usize; 4],
    /// The details that were drawn last.
    details: Option<details::Facts>,
    /// The list of the overlay on top, and how many overlays there were.
    overlay: (usize, usize),
}

/// Draws `model` on `buffer`, which is the whole screen. Where somebody types, says where the terminal's cursor belongs.
pub fn draw(model: &Model, memory: &mut Memory, buffer: &mut Buffer) -> Option<Position> {
    let mut canvas = Canvas::new(model, buffer);
    let area = canvas.area();
    canvas.clear(area);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let words = format!("amlock needs {}x{}; this is {}x{}", LEAST.0, LEAST.1, area.width, area.height);
        canvas.put(area.x, area.y, area.width, &words, Look::Plain);
        canvas.finish();
        return None;
    }
    if memory.overlay.1 != model.overlays.len() {
        memory.overlay = (0, model.overlays.len());
    }
    let mut cursor = None;
    // What covers the whole screen leaves nothing to draw below it.
    let first = model.overlays.iter().rposition(Overlay::covers_all);
    if first.is_none() {
        let line = (area.x + MARGIN, area.y, area.width - 2 * MARGIN);
        chrome::header(&mut canvas, model, line);
        cursor = if area.width >= WIDE && area.height >= ROOMY.1 {
            side_by_side(&mut canvas, model, memory, area)
        } else {
            one_list(&mut canvas, model, memory, area)
        };
    }
    let body = Rect { y: area.y + 2, height: area.height - 4, ..area };
    for (at, overlay) in model.overlays.iter().enumerate().skip(first.unwrap_or(0)) {
        let top = at + 1 == model.overlays.len();
        cursor = over(&mut canvas, model, memory, (overlay, top), body);
    }
    let line = |rows: u16| (area.x + MARGIN, area.bottom() - rows, area.width - 2 * MARGIN);
    chrome::notice(&mut canvas, model, line(2));
    chrome::footer(&mut canvas, model, line(1));
    canvas.finish();
    cursor
}

/// All four panes: accounts and workspaces on the left, secrets, endpoints and details on the right.
fn side_by_side(canvas: &mut Canvas<'_>, model: &Model, memory: &mut Memory, area: Rect) -> Option<Position> {
    let (top, bottom) = (area.y + 2, area.bottom() - 2);
    let left_width = (28 + area.width.saturating_sub(120) / 4).min(44);
    let left = Rect { x: area.x + MARGIN, y: top, width: left_width, height: bottom - top };
    canvas.bar(left.right() + 1, top, bottom);
    let right_x = left.right() + 3;
    let right = Rect { x: right_x, width: area.right() - MARGIN - right_x, ..left };

    let most = ACCOUNTS.min(usize::from(left.height / 3));
    let accounts = text::cells(model.accounts.list.total().clamp(1, most)).max(least_for_accounts(model));
    let upper = Rect { height: accounts + 1, ..left };
    let lower = Rect { y: upper.bottom() + 1, height: left.height - upper.height - 1, ..left };
    let endpoints_rows = (right.height / 5).clamp(3, ENDPOINTS);
    let facts = Rect { y: right.bottom() - (FACTS + 2), height: FACTS + 2, ..right };
    let endpoints = Rect { y: facts.y - (endpoints_rows + 2), height: endpoints_rows + 2, ..right };
    let secrets = Rect { height: endpoints.y - 1 - right.y, ..right };

    let mut cursor = None;
    let places = [(upper, true), (lower, true), (secrets, false), (endpoints, false)];
    for (pane, (place, slim)) in Pane::ALL.into_iter().zip(places) {
        let typed = panes::title(canvas, model, pane, (place.x, place.y, place.width));
        cursor = cursor.or(typed);
        let below = Rect { y: place.y + 1, height: place.height - 1, ..place };
        panes::body(canvas, model, memory, pane, slim, below);
    }
    details::draw(canvas, model, &mut memory.details, facts, 0);
    cursor
}

/// What stands where accounts would be needs a few more rows than one account.
fn least_for_accounts(model: &Model) -> u16 {
    match model.pane_state(Pane::Accounts) {
        (Load::Failed(_), _, 0) => 8,
        (_, _, 0) => 4,
        _ => 1,
    }
}

/// One list at a time, its details below it.
fn one_list(canvas: &mut Canvas<'_>, model: &Model, memory: &mut Memory, area: Rect) -> Option<Position> {
    let (x, room) = (area.x + MARGIN, area.width - 2 * MARGIN);
    chrome::tabs(canvas, model, (x, area.y + 1, room));
    canvas.rule(area.x, area.y + 2, area.width);
    let cursor = panes::filter_line(canvas, model, (x, area.y + 3, room));
    let roomy = area.width >= ROOMY.0 && area.height >= ROOMY.1;
    // A failure needs the room, and there is nothing to say about rows that are not there.
    let (load, _, total) = model.pane_state(model.pane);
    let failed = matches!(load, Load::Failed(_)) && (total == 0 || states::refused(load));
    let facts = if (roomy || model.details) && !failed { (FACTS + 2).min((area.height - 6) / 2 + 1) } else { 0 };
    let bottom = area.bottom() - 2;
    let list = Rect { x, y: area.y + 4, width: room, height: bottom - facts - (area.y + 4) };
    panes::body(canvas, model, memory, model.pane, false, list);
    if facts > 0 {
        details::draw(canvas, model, &mut memory.details, Rect { y: bottom - facts, height: facts, ..area }, MARGIN);
    }
    cursor
}

/// Draws an overlay. A shown value is drawn only on top: whatever covers it, even in part, hides it.
fn over(
    canvas: &mut Canvas<'_>,
    model: &Model,
    memory: &mut Memory,
    (overlay, top): (&Overlay, bool),
    body: Rect,
) -> Option<Position> {
    let offset = &mut memory.overlay.0;
    match overlay {
        Overlay::Help(scroll) => help::draw(canvas, model, *scroll, body),
        Overlay::Words(words) => sheets::words(canvas, words, body),
        Overlay::Palette(palette) => return Some(sheets::palette(canvas, palette, offset, body)),
        Overlay::Tenants(sheet) => sheets::tenants(canvas, model, sheet, (top, offset), body),
        Overlay::Versions(versions) => sheets::versions(canvas, model, versions, (top, offset), body),
        Overlay::Deleted(shelf) => sheets::deleted(canvas, model, shelf, (top, offset), body),
        Overlay::SignIn(menu) => return sign_in::menu(canvas, model, menu, top),
        Overlay::Device(prompt) => device::code(canvas, model, prompt),
        Overlay::Page(prompt) => device::page(canvas, model, prompt),
        Overlay::Stranger(stranger) => sign_in::stranger(canvas, stranger),
        Overlay::Form(form) => return form::form(canvas, form, top, body),
        Overlay::Confirm(confirm) => return form::confirm(canvas, confirm, body),
        Overlay::Keys(sheet) => reveal::keys(canvas, model, sheet, top, body),
        Overlay::Reveal(value) if top => reveal::value(canvas, model, value, body),
        Overlay::Reveal(_) => {}
    }
    None
}
