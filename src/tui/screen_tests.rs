//! Frames judged by a terminal nobody here wrote.

use std::num::NonZeroU16;

use ratatui::buffer::CellWidth as _;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::*;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }

    fn style(&mut self) -> Style {
        let colours = [Color::Reset, Color::Reset, Color::Indexed(80), Color::Red, Color::White, Color::Rgb(1, 2, 255)];
        let weights = [
            Modifier::empty(),
            Modifier::empty(),
            Modifier::BOLD,
            Modifier::DIM,
            Modifier::REVERSED,
            Modifier::UNDERLINED | Modifier::ITALIC,
        ];
        Style::new()
            .fg(*self.pick(&colours))
            .bg(*self.pick(&[Color::Reset, Color::Reset, Color::Blue]))
            .add_modifier(*self.pick(&weights))
    }

    fn scribble(&mut self, buffer: &mut Buffer) {
        const WORDS: [&str; 15] = [
            "db-password",
            " ",
            "            ",
            "비전",
            "────────",
            "x",
            "日本語 text",
            "é",
            "▪",
            "⟨U+202E⟩",
            "ab  cd",
            "한a글b",
            "e\u{301}\u{302}x",
            "日\u{301}本",
            "n\u{303}o\u{308}",
        ];
        let (width, height) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
        for _ in 0..self.roll(6) {
            let x = u16::try_from(self.roll(width)).expect("small");
            let y = u16::try_from(self.roll(height)).expect("small");
            let (word, style) = (*self.pick(&WORDS), self.style());
            buffer.set_string(x, y, word, style);
        }
        if self.roll(9) == 0 {
            buffer.reset();
        }
    }

    /// Moves a page of rows up or down, as scrolling does; what comes in is blank or stays there twice.
    fn scroll(&mut self, buffer: &mut Buffer) {
        let (width, height) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
        let top = self.roll(height);
        let last = top + self.roll(height - top);
        let by = 1 + self.roll(last - top + 1);
        let region = &mut buffer.content[top * width..(last + 1) * width];
        let by = (by * width).min(region.len());
        if self.roll(2) == 0 {
            region.rotate_left(by);
        } else {
            region.rotate_right(by);
        }
        if self.roll(3) == 0 {
            region[..by].fill(Cell::EMPTY);
        }
    }

    /// Fills most rows, so that there is something to scroll.
    fn fill(&mut self, buffer: &mut Buffer) {
        for y in 0..buffer.area.height {
            if self.roll(5) > 0 {
                let (name, style) = (format!("row-{} 비전 é", self.roll(1000)), self.style());
                let room = usize::from(buffer.area.width);
                buffer.set_stringn(0, y, name, room, style);
            }
        }
    }
}

fn terminal(width: u16, height: u16) -> vt100::Parser {
    vt100::Parser::new(NonZeroU16::new(height).expect("rows"), NonZeroU16::new(width).expect("columns"), 0)
}

fn colour(colour: Color) -> vt100::Color {
    match colour {
        Color::Red => vt100::Color::Idx(1),
        Color::Blue => vt100::Color::Idx(4),
        Color::White => vt100::Color::Idx(15),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        _ => vt100::Color::Default,
    }
}

/// The terminal shows exactly `buffer`.
fn judge(shown: &vt100::Screen, buffer: &Buffer, when: &str) {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let (cell, there) = (&buffer[(x, y)], shown.cell(y, x).expect("a cell"));
            let width = cell.symbol().cell_width().max(1);
            let fits = x + width <= buffer.area.width;
            let symbol = if fits { cell.symbol() } else { " " };
            let contents = if there.has_contents() { there.contents() } else { " " };
            assert_eq!(contents, symbol, "{when}, column {x} of row {y}");
            let weight = |one: Modifier| cell.modifier.contains(one);
            let blank = symbol == " ";
            assert_eq!(there.bgcolor(), colour(cell.bg), "{when}, ground of {x},{y}");
            assert_eq!(there.inverse(), weight(Modifier::REVERSED), "{when}, reverse of {x},{y}");
            assert_eq!(there.underline(), weight(Modifier::UNDERLINED), "{when}, line under {x},{y}");
            if !blank || there.inverse() {
                assert_eq!(there.fgcolor(), colour(cell.fg), "{when}, colour of {x},{y}");
            }
            if !blank {
                // This judge keeps only the last of bold and dim.
                let both = weight(Modifier::BOLD) && weight(Modifier::DIM);
                let weights = (there.bold() || both, there.dim() || both);
                assert_eq!(weights, (weight(Modifier::BOLD), weight(Modifier::DIM)), "{when}, weight of {x},{y}");
                assert_eq!(there.italic(), weight(Modifier::ITALIC), "{when}, slant of {x},{y}");
            }
            x += if fits { width } else { 1 };
        }
    }
}

#[test]
fn a_terminal_shows_what_was_drawn_whatever_was_there() {
    let rounds = std::env::var("AMLOCK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10_000);
    let mut dice = Dice(7);
    let mut shifts = 0;
    for round in 0..rounds / 10 {
        let mut width = u16::try_from(1 + dice.roll(40)).expect("small");
        let mut height = u16::try_from(1 + dice.roll(16)).expect("small");
        let (mut screen, mut tty) = (Screen::default(), terminal(width, height));
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        for step in 0..10 {
            match dice.roll(8) {
                _ if step == 0 => dice.fill(&mut buffer),
                0 => dice.fill(&mut buffer),
                1..=4 => dice.scroll(&mut buffer),
                _ => {}
            }
            dice.scribble(&mut buffer);
            if dice.roll(8) == 0 {
                (width, height) = (u16::try_from(1 + dice.roll(40)).expect("small"), height.max(2) - 1);
                buffer.resize(Rect::new(0, 0, width, height));
                tty.set_size(NonZeroU16::new(height).expect("rows"), NonZeroU16::new(width).expect("columns"));
            }
            let at = |most: usize| u16::try_from(most).expect("small");
            let (x, y) = (at(dice.roll(usize::from(width))), at(dice.roll(usize::from(height))));
            let cursor = (dice.roll(3) > 0).then_some(Position::new(x, y));
            let mut out = Vec::new();
            screen.show(&buffer, cursor, &mut out);
            tty.process(&out);
            shifts += usize::from(moves_lines(&out));
            let when = format!("round {round}, step {step}, after {:?}", String::from_utf8_lossy(&out));
            judge(tty.screen(), &buffer, &when);
            assert_eq!(tty.screen().hide_cursor(), cursor.is_none(), "{when}");
            if let Some(cursor) = cursor {
                assert_eq!(tty.screen().cursor_position(), (cursor.y, cursor.x), "{when}");
            }
            out.clear();
            screen.show(&buffer, cursor, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), "", "nothing changed in {when}");
        }
    }
    assert!(shifts > rounds / 40, "only {shifts} frames were scrolled");
}

/// Whether lines were deleted or inserted.
fn moves_lines(out: &[u8]) -> bool {
    String::from_utf8_lossy(out).split('\x1b').any(|code| {
        code.strip_prefix('[')
            .is_some_and(|code| code.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['L', 'M']))
    })
}

fn list() -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
    for y in 2..20 {
        buffer.set_string(3, y, format!("secret-{y:02}   text/plain   in 12 d"), Style::new());
    }
    buffer
}

fn mark(buffer: &mut Buffer, y: u16, mark: &str) {
    buffer.set_string(1, y, mark, Style::new().fg(Color::Indexed(30)).add_modifier(Modifier::BOLD));
}

fn bytes(screen: &mut Screen, buffer: &Buffer) -> usize {
    let mut out = Vec::new();
    screen.show(buffer, None, &mut out);
    out.len()
}

#[test]
fn a_moved_mark_costs_few_bytes() {
    let (mut screen, mut buffer) = (Screen::default(), list());
    mark(&mut buffer, 5, "›");
    bytes(&mut screen, &buffer);
    mark(&mut buffer, 5, " ");
    mark(&mut buffer, 6, "›");
    let cost = bytes(&mut screen, &buffer);
    assert!(cost <= 40, "{cost} bytes");
}

#[test]
fn a_scrolled_list_is_moved_by_the_terminal_and_leaves_no_region_behind() {
    for (by, region) in [
        (1, "\x1b[3;20r\x1b[3H\x1b[M\x1b[r"),
        (-1, "\x1b[3;20r\x1b[3H\x1b[L\x1b[r"),
        (4, "\x1b[3;20r\x1b[3H\x1b[4M\x1b[r"),
    ] {
        let list = |first: i32| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
            for y in 2..20_u16 {
                let name = format!(
                    "{:04x}-{:04x}",
                    (first + i32::from(y)) * 7919 % 65_536,
                    (first + i32::from(y)) * 104_729 % 65_536
                );
                buffer.set_string(3, y, name, Style::new());
            }
            buffer.set_string(3, 22, "the footer stays", Style::new());
            mark(&mut buffer, if by > 0 { 19 } else { 2 }, "›");
            buffer
        };
        let (mut screen, mut tty, mut out) = (Screen::default(), terminal(80, 24), Vec::new());
        screen.show(&list(100), None, &mut out);
        tty.process(&out);
        out.clear();
        screen.show(&list(100 + by), None, &mut out);
        tty.process(&out);
        judge(tty.screen(), &list(100 + by), "after scrolling");
        let text = String::from_utf8_lossy(&out).into_owned();
        assert!(text.contains(region), "{text:?}");
        assert!(out.len() < 60 + 25 * usize::try_from(by.abs()).expect("small"), "{} bytes: {text:?}", out.len());
    }
}

#[test]
fn a_shortened_line_is_erased_not_overwritten() {
    let (mut screen, mut buffer) = (Screen::default(), list());
    bytes(&mut screen, &buffer);
    buffer.set_string(3, 7, " ".repeat(70), Style::new());
    let cost = bytes(&mut screen, &buffer);
    assert!(cost <= 10, "{cost} bytes");
}

#[test]
fn large_frames_are_synchronised_and_small_ones_are_not() {
    let (mut screen, mut buffer) = (Screen::default(), list());
    let mut out = Vec::new();
    screen.show(&buffer, None, &mut out);
    assert!(out.starts_with(SYNC_BEGIN) && out.ends_with(SYNC_END));
    out.clear();
    buffer.set_string(3, 3, "x", Style::new());
    screen.show(&buffer, None, &mut out);
    assert!(!out.starts_with(SYNC_BEGIN) && !out.is_empty());
}

#[test]
fn no_control_character_reaches_the_terminal_by_a_cell() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
    buffer[(0, 0)].set_symbol("\x1b]52;c;eA==\x07");
    buffer[(1, 0)].set_symbol("\u{9b}31m");
    buffer[(2, 0)].set_symbol("\u{200b}");
    buffer[(3, 0)].set_symbol("\u{7f}");
    let mut out = Vec::new();
    Screen::default().show(&buffer, None, &mut out);
    assert_eq!(String::from_utf8_lossy(&out), "\x1b[m\x1b[999;999H\x1b[1J\x1b[H?? ?\x1b[?25l");
}

#[test]
fn a_cursor_inside_a_wide_character_does_not_cost_its_half() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
    buffer.set_string(0, 0, "한 x", Style::new());
    let (mut screen, mut tty, mut out) = (Screen::default(), terminal(10, 1), Vec::new());
    screen.show(&buffer, Some(Position::new(1, 0)), &mut out);
    buffer.set_string(3, 0, "y", Style::new());
    screen.show(&buffer, Some(Position::new(1, 0)), &mut out);
    tty.process(&out);
    judge(tty.screen(), &buffer, "after the second frame");
}

#[test]
fn what_is_forgotten_is_painted_again() {
    let (mut screen, buffer) = (Screen::default(), list());
    let first = bytes(&mut screen, &buffer);
    assert_eq!(bytes(&mut screen, &buffer), 0);
    screen.forget();
    assert_eq!(bytes(&mut screen, &buffer), first);
}

#[test]
fn after_a_character_of_unsure_width_the_next_is_addressed() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
    buffer.set_string(0, 0, "a±b──c한글d", Style::new());
    let mut out = Vec::new();
    Screen::default().show(&buffer, None, &mut out);
    let text = String::from_utf8_lossy(&out).into_owned();
    assert_eq!(text, "\x1b[m\x1b[999;999H\x1b[1J\x1b[Ha±\x1b[1;3Hb──\x1b[1;6Hc한글\x1b[1;11Hd\x1b[?25l");
}

#[test]
fn a_window_of_no_size_is_no_trouble() {
    let mut screen = Screen::default();
    for (width, height) in [(0, 0), (1, 1), (0, 5), (5, 0), (2, 1)] {
        let buffer = Buffer::filled(Rect::new(0, 0, width, height), Cell::new("日"));
        screen.show(&buffer, Some(Position::new(9, 9)), &mut Vec::new());
    }
}
