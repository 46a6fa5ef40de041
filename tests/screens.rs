//! What the screen shows: each pane in each state, each overlay, at the sizes that count, and that nothing hostile gets there.

#[path = "support/models.rs"]
mod models;

use amlock::app::{Colours, Model, Overlay, Pane};
use amlock::domain::SafeText;
use amlock::view::{Memory, draw};
use models as world;
use ratatui::buffer::{Buffer, CellWidth as _};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};

fn drawn(model: &Model, (columns, rows): (u16, u16)) -> (Buffer, Option<Position>) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let cursor = draw(model, &mut Memory::default(), &mut buffer);
    (buffer, cursor)
}

/// The buffer as text, the terminal's cursor as a line below.
fn page(model: &Model, size: (u16, u16)) -> String {
    let (buffer, cursor) = drawn(model, size);
    let mut page = String::new();
    for y in 0..size.1 {
        let mut line = String::new();
        let mut x = 0;
        while x < size.0 {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += symbol.cell_width().max(1);
        }
        page.push_str(line.trim_end());
        page.push('\n');
    }
    if let Some(cursor) = cursor {
        page.push_str(&format!("[cursor {},{}]\n", cursor.x, cursor.y));
    }
    page
}

fn keep(name: &str, pages: &[String]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.to_owned(), pages.join("\n=====\n")));
}

const WIDE: (u16, u16) = (120, 36);
const USUAL: (u16, u16) = (80, 24);
const SMALL: (u16, u16) = (60, 16);

#[test]
fn each_pane_in_each_state() {
    for (name, mut model) in world::states() {
        keep(&format!("{name}-120x36"), &[page(&model, WIDE)]);
        for (size, label) in [(USUAL, "80x24"), (SMALL, "60x16")] {
            let pages = Pane::ALL.map(|pane| {
                model.pane = pane;
                page(&model, size)
            });
            keep(&format!("{name}-{label}"), &pages);
        }
    }
}

#[test]
fn each_pane_has_its_details() {
    let mut model = world::ready();
    let pages = Pane::ALL.map(|pane| {
        model.pane = pane;
        page(&model, WIDE)
    });
    keep("details-120x36", &pages);
    model.details = true;
    keep("details-60x16", &[page(&model, SMALL)]);
    model.rests_at = world::at(1);
    keep("details-moving-80x24", &[page(&model, USUAL)]);
}

#[test]
fn each_overlay() {
    for (name, model) in world::overlays() {
        keep(&format!("over-{name}"), &[page(&model, WIDE), page(&model, USUAL), page(&model, SMALL)]);
    }
}

#[test]
fn ascii_draws_nothing_else() {
    for (name, mut model) in world::states().into_iter().chain(world::overlays()) {
        (model.start.ascii, model.start.colours) = (true, Colours::Mono);
        for size in [WIDE, USUAL] {
            let (buffer, _) = drawn(&model, size);
            for cell in &buffer.content {
                assert!(cell.symbol().is_ascii(), "{name}: {:?}", cell.symbol());
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}");
            }
        }
        if name == "ready" {
            keep("ascii", &[page(&model, WIDE), page(&model, USUAL)]);
        }
    }
}

#[test]
fn no_size_is_too_small_to_say_so() {
    let models = world::states().into_iter().chain(world::overlays()).collect::<Vec<_>>();
    for columns in 0..=20 {
        for rows in 0..=5 {
            drawn(&models[0].1, (columns, rows));
        }
    }
    for (_, model) in &models {
        for size in [(20, 5), (59, 16), (60, 15), (60, 16), (61, 17), (80, 23), (110, 24), (109, 40), (200, 60), (300, 16)] {
            drawn(model, size);
        }
    }
    assert_eq!(page(&world::ready(), (40, 10)).lines().next(), Some("amlock needs 60x16; this is 40x10"));
    let shown = world::over(Overlay::Reveal(Box::new(world::reveal("hunter2"))));
    assert!(!page(&shown, (40, 10)).contains("hunter2"), "a screen too small shows no value");
}
