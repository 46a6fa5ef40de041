//! The README's picture: what the demo draws, as an SVG. It is compared with the file, so that it always shows the program
//! as it is.

#[expect(dead_code, reason = "the journeys use the rest of it")]
#[path = "support/journey.rs"]
mod journey;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use amlock::app::{Colours, Ground, Msg, Start};
use journey::{Journey, start};
use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::style::{Color, Modifier};

/// A cell of the screen in the picture's own units.
const CELL: (u16, u16) = (10, 21);
/// Letters of this size are a cell wide in most fonts; `textLength` helps the others.
const LETTERS: &str = "16.6";
/// From a row's top to the line its letters stand on.
const BASELINE: u16 = 16;
const MARGIN: u16 = 16;
/// How wide the picture is shown.
const SHOWN: u16 = 960;
const GROUND: &str = "#14191f";
const TEXT: &str = "#d7dde4";

#[tokio::test(start_paused = true)]
async fn the_readmes_picture_shows_the_program_as_it_is() {
    let journey = Journey::with("", (120, 36), Start { colours: Colours::True, ..start() }, |_| {});
    journey.happens(Msg::Ground(Ground::Dark)).await.see("148").await.see("churn-online").await;
    journey.press("/ text:db").await.see("4 of 148").await.press("enter").await;
    while !journey.screen().lines().any(|line| line.contains("› db-password")) {
        journey.press("j").await;
    }
    journey.pass(Duration::from_secs(2)).await.see("get_secret").await;
    let picture = drawing(&journey.buffer());
    assert!(picture.len() < 100_000, "{} bytes", picture.len());
    assert_eq!(picture.matches("http").count(), 1, "the picture needs nothing from elsewhere");

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screen.svg");
    if std::env::var_os("AMLOCK_PICTURE").is_some_and(|value| value == "write") {
        std::fs::create_dir_all(file.parent().expect("assets")).expect("a folder");
        std::fs::write(&file, picture).expect("written");
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == picture,
        "assets/screen.svg is not what amlock draws; write it anew by `AMLOCK_PICTURE=write cargo test --test picture`. \
         The screen:\n{}",
        journey.screen()
    );
}

#[test]
fn a_picture_keeps_its_columns_and_its_looks() {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 2));
    buffer.set_string(1, 0, "a <&> b  비전x", Style::new());
    buffer.set_string(0, 1, "──", Style::new().fg(Color::Rgb(1, 2, 3)));
    buffer.set_string(4, 1, "on", Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD));
    let picture = drawing(&buffer);
    for piece in [
        ">a &lt;&amp;&gt; b</text>",
        "x=\"116\" y=\"32\" textLength=\"20\" lengthAdjust=\"spacingAndGlyphs\">비</text>",
        ">x</text>",
        "<path d=\"M16 47.5h20\" stroke=\"#010203\"/>",
        "<rect x=\"56\" y=\"37\" width=\"20\" height=\"21\" fill=\"#d7dde4\"/>",
        "fill=\"#14191f\" font-weight=\"bold\">on</text>",
    ] {
        assert!(picture.contains(piece), "{piece} is not in\n{picture}");
    }
}

/// The buffer as an SVG that needs no font, no style sheet and nothing else from outside.
fn drawing(buffer: &Buffer) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let (wide, high) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let shown = u32::from(SHOWN) * u32::from(high) / u32::from(wide);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{SHOWN}\" height=\"{shown}\" viewBox=\"0 0 {wide} {high}\" \
         role=\"img\" aria-labelledby=\"title\">\n\
         <title id=\"title\">amlock in a terminal: accounts and workspaces on the left, the secrets of ws-vision that match \
         “db”, its endpoints and the details of db-password on the right</title>\n\
         <rect x=\"1\" y=\"1\" width=\"{}\" height=\"{}\" rx=\"12\" fill=\"{GROUND}\" stroke=\"#39424d\" stroke-width=\"2\"/>\n\
         <g font-family=\"ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace\" \
         font-size=\"{LETTERS}\" fill=\"{TEXT}\" stroke-width=\"1.3\">\n",
        wide - 2,
        high - 2,
    );
    for y in 0..rows {
        let mut x = 0;
        while x < columns {
            let run = Run::at(buffer, x, y);
            run.draw(&mut svg);
            x += run.cells;
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Neighbours of one look and one kind.
struct Run<'a> {
    x: u16,
    y: u16,
    cells: u16,
    text: String,
    kind: Kind,
    looks: &'a Cell,
}

/// What may stand in one run: fonts agree about ASCII's width; every other sign is placed by itself, rules are lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Ascii,
    Rule,
    Bar,
    Other,
}

impl Kind {
    fn of(cell: &Cell) -> Self {
        match cell.symbol() {
            " " => Self::Blank,
            "─" => Self::Rule,
            "│" => Self::Bar,
            symbol if symbol.is_ascii() => Self::Ascii,
            _ => Self::Other,
        }
    }
}

impl<'a> Run<'a> {
    fn at(buffer: &'a Buffer, x: u16, y: u16) -> Self {
        let cell = |x: u16| buffer.cell((x, y)).filter(|_| x < buffer.area.width);
        let looks = &buffer[(x, y)];
        let (kind, own) = (Kind::of(looks), looks.symbol().cell_width().max(1));
        let mut run = Self { x, y, cells: own, text: looks.symbol().to_owned(), kind, looks };
        if matches!(kind, Kind::Other | Kind::Bar) {
            return run;
        }
        while let Some(next) = cell(x + run.cells).filter(|next| alike(looks, next)) {
            // One blank between words belongs to them; more of them are a column's end.
            let after = cell(x + run.cells + 1).filter(|after| alike(looks, after)).map(Kind::of);
            let between = kind == Kind::Ascii && Kind::of(next) == Kind::Blank && after == Some(Kind::Ascii);
            if Kind::of(next) != kind && !between {
                break;
            }
            run.text.push_str(next.symbol());
            run.cells += 1;
        }
        run
    }

    fn draw(&self, svg: &mut String) {
        let (left, top) = (MARGIN + self.x * CELL.0, MARGIN + self.y * CELL.1);
        let wide = self.cells * CELL.0;
        let reversed = self.looks.modifier.contains(Modifier::REVERSED);
        let (mut ink, mut paper) = (colour(self.looks.fg), colour(self.looks.bg));
        if reversed {
            (ink, paper) = (paper.or(Some(GROUND.to_owned())), ink.or(Some(TEXT.to_owned())));
        }
        if let Some(paper) = paper {
            let _ = writeln!(
                svg,
                "<rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{}\" fill=\"{paper}\"/>",
                CELL.1
            );
        }
        // Half a cell further on, where these lines are in a font.
        let line = |path: String, svg: &mut String| {
            let ink = ink.as_deref().unwrap_or(TEXT);
            let _ = writeln!(svg, "<path d=\"{path}\" stroke=\"{ink}\"/>");
        };
        match self.kind {
            Kind::Blank => {}
            Kind::Rule => line(format!("M{left} {}.5h{wide}", top + CELL.1 / 2), svg),
            Kind::Bar => line(format!("M{} {top}v{}", left + CELL.0 / 2, CELL.1), svg),
            Kind::Ascii | Kind::Other => {
                let _ = write!(
                    svg,
                    "<text x=\"{left}\" y=\"{}\" textLength=\"{wide}\" lengthAdjust=\"spacingAndGlyphs\"",
                    top + BASELINE
                );
                if let Some(ink) = ink {
                    let _ = write!(svg, " fill=\"{ink}\"");
                }
                if self.looks.modifier.contains(Modifier::BOLD) {
                    svg.push_str(" font-weight=\"bold\"");
                }
                if self.looks.modifier.contains(Modifier::DIM) {
                    svg.push_str(" opacity=\"0.6\"");
                }
                let _ = writeln!(svg, ">{}</text>", escaped(&self.text));
            }
        }
    }
}

fn alike(one: &Cell, other: &Cell) -> bool {
    (one.fg, one.bg, one.modifier) == (other.fg, other.bg, other.modifier)
}

/// None: the terminal's own.
fn colour(colour: Color) -> Option<String> {
    match colour {
        Color::Reset => None,
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        other => panic!("{other} on a terminal with all colours"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
