//! Windows of every size, in every place.

use crate::app::{App, KEY, VALUE};
use crate::crowd::rounds;
use crate::deaths::SMALL;
use crate::views::{go_home, views};

/// The sizes that break programs; what does not know its size counts as 80 by 24.
const SIZES: [(u16, u16); 8] = [(0, 0), (1, 1), (2, 1), (5, 20), (20, 5), (80, 24), (500, 200), (1000, 65)];

#[test]
fn in_any_place_any_size_is_drawn_or_says_that_it_is_too_small() {
    rounds(SIZES.len(), |round| {
        let (width, height) = SIZES[round];
        let mut app = App::demo(SMALL);
        go_home(&mut app);
        for view in views() {
            view.enter(&mut app);
            app.stage.resize(width, height);
            if (1..60).contains(&width) {
                let words = format!("amlock needs 60x16; this is {width}x{height}");
                let cut = words.chars().take(usize::from(width)).collect::<String>();
                app.stage.until("a line saying so, alone", || app.shown().trim_end() == cut.trim_end());
                assert!(!app.shown().contains(VALUE) && !app.shown().contains(KEY), "{}", view.name);
            } else {
                view.is_drawn(&mut app);
            }
            app.stage.resize(SMALL.0, SMALL.1);
            view.is_drawn(&mut app);
            view.leave(&mut app);
        }
        app.leaves();
    });
}
