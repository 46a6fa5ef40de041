//! Every kind of hostile text in every field of every model that a view draws: cells and bytes hold none of it.

#[path = "support/attacks.rs"]
mod attacks;
#[path = "support/clean.rs"]
mod clean;
#[path = "support/emitted.rs"]
mod emitted;
#[expect(dead_code, reason = "tests/screens.rs uses the rest of it")]
#[path = "support/models.rs"]
mod models;

use amlock::app::Pane;
use amlock::tui::screen::Screen;
use amlock::view::{Memory, draw};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

#[test]
fn no_view_draws_what_a_terminal_would_obey() {
    for (n, attack) in attacks::attacks().iter().enumerate() {
        for (name, mut model) in models::spoilt(attack) {
            // The panes lie under every overlay: they need to be seen once.
            let panes: &[Pane] = if name == "panes" { &Pane::ALL } else { &[Pane::Secrets] };
            for &pane in panes {
                (model.pane, model.details) = (pane, true);
                let (columns, rows) = if n % 2 == 0 { (120, 36) } else { (80, 24) };
                model.size = (columns, rows);
                let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
                let cursor = draw(&model, &mut Memory::default(), &mut buffer);
                for cell in buffer.content.iter().filter(|cell| !matches!(cell.symbol().as_bytes(), [b' '..=b'~'])) {
                    assert_eq!(
                        clean::intruder(cell.symbol()),
                        None,
                        "{name}, {pane:?}, {attack:.40?}: {:?}",
                        cell.symbol()
                    );
                }
                let mut bytes = Vec::new();
                Screen::default().show(&buffer, cursor, &mut bytes);
                assert_eq!(emitted::foreign(&bytes), None, "{name}, {pane:?}, {attack:.40?}");
            }
        }
    }
}

#[test]
fn the_judge_finds_what_it_is_there_to_find() {
    for wrong in [
        "\x1b[7753m",
        "\x1b]52;c;eA==\x07",
        "\x1bc",
        "a\u{9b}31m",
        "\u{202e}x",
        "key-1\u{200d}",
        "\x1b[?1049h",
        "\x07",
        "\t",
    ] {
        assert!(emitted::foreign(wrong.as_bytes()).is_some(), "{wrong:?}");
    }
    assert!(emitted::foreign(b"\xff").is_some());
    let ours = "\x1b[?2026h\x1b[m\x1b[999;999H\x1b[1J\x1b[H\x1b[1;38;5;30mname\r\n\x08\x1b[3Cx👩\u{200d}💻\x1b[K\x1b[?25l\x1b[?2026l";
    assert_eq!(emitted::foreign(ours.as_bytes()), None);
}
