//! What the screen shows: each pane in each state, each overlay, at the sizes that count, and that nothing hostile gets there.

#[path = "support/models.rs"]
mod models;

use std::fmt::Write as _;

use amlock::app::{Colours, Model, Overlay, Pane};
use amlock::domain::SafeText;
use amlock::view::{Memory, draw};
use models as world;
use ratatui::buffer::{Buffer, CellWidth as _};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};

fn drawn(model: &mut Model, (columns, rows): (u16, u16)) -> (Buffer, Option<Position>) {
    model.size = (columns, rows);
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let cursor = draw(model, &mut Memory::default(), &mut buffer);
    (buffer, cursor)
}

/// The buffer as text, the terminal's cursor as a line below.
fn page(model: &mut Model, size: (u16, u16)) -> String {
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
        let _ = writeln!(page, "[cursor {},{}]", cursor.x, cursor.y);
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
        keep(&format!("{name}-120x36"), &[page(&mut model, WIDE)]);
        for (size, label) in [(USUAL, "80x24"), (SMALL, "60x16")] {
            let pages = Pane::ALL.map(|pane| {
                model.pane = pane;
                page(&mut model, size)
            });
            keep(&format!("{name}-{label}"), &pages);
        }
    }
}

#[test]
fn a_list_that_waits_for_az_blames_no_service_of_azure_s() {
    let (_, mut model) = world::states().into_iter().find(|(name, _)| *name == "loading-slow").expect("a state");
    model.flights.asks_az(amlock::app::Lane::Endpoints, true);
    let page = page(&mut model, WIDE);
    assert!(page.contains("no answer from az (the Azure CLI) for 3 s") && !page.contains("from management"), "{page}");
}

#[test]
fn other_sizes() {
    let pages = [(110, 24), (109, 30), (160, 45)].map(|size| page(&mut world::ready(), size));
    keep("other-sizes", &pages);
}

#[test]
fn each_pane_has_its_details() {
    let mut model = world::ready();
    let pages = Pane::ALL.map(|pane| {
        model.pane = pane;
        page(&mut model, WIDE)
    });
    keep("details-120x36", &pages);
    model.details = true;
    keep("details-60x16", &[page(&mut model, SMALL)]);
    model.rests_at = world::at(1);
    keep("details-moving-80x24", &[page(&mut model, USUAL)]);
}

#[test]
fn an_account_says_where_its_login_lives_what_it_reaches_and_what_a_tenant_wants_of_it() {
    let mut model = world::entrances::accounts();
    let pages = [WIDE, USUAL].map(|size| page(&mut model, size));
    for page in &pages {
        for words in ["Azure CLI", "2 subscriptions", "Contoso Prod", "a sign-in to", "with az's own login"] {
            assert!(page.contains(words), "{words} in\n{page}");
        }
    }
    model.pane = Pane::Workspaces;
    keep("accounts", &[pages[0].clone(), pages[1].clone(), page(&mut model, USUAL)]);
}

#[test]
fn a_machine_s_login_says_whose_its_token_is_and_nothing_before_it_has_one() {
    use amlock::domain::{AccountKind, TokenOf};
    let mut model = world::ready();
    model.pane = Pane::Accounts;
    for (token_of, listed, told) in [
        (None, "machine", "token     not told yet"),
        (Some(TokenOf::User), "user", "token     the user's"),
        (Some(TokenOf::Application), "identity", "token     the identity's"),
    ] {
        let mut machine = world::account("machine", "ci-alex", AccountKind::ManagedIdentity, "contoso.com");
        machine.token_of = token_of;
        world::fill(&mut model.accounts, vec![machine]);
        for size in [WIDE, USUAL] {
            let shown = page(&mut model, size);
            let row = shown.lines().find(|line| line.contains("ci-alex") && line.contains('›')).expect("its row");
            assert!(row.contains(&format!(" {listed} ")) && shown.contains(told), "{token_of:?} in\n{shown}");
        }
    }
}

#[test]
fn an_az_login_says_for_whom_its_token_speaks() {
    use amlock::domain::TokenOf;
    for (token_of, told) in [
        (None, "kind      az\n"),
        (Some(TokenOf::User), "kind      az: the user's token"),
        (Some(TokenOf::Application), "kind      az: the application's token"),
    ] {
        let mut model = world::entrances::accounts();
        let rows = model.accounts.list.rows().to_vec();
        let rows = rows.into_iter().map(|row| amlock::domain::Account { token_of, ..row }).collect();
        world::fill(&mut model.accounts, rows);
        model.accounts.list.end();
        model.details = true;
        let shown = page(&mut model, SMALL);
        assert!(shown.contains(told), "{token_of:?} in\n{shown}");
    }
}

#[test]
fn narrowed_to_a_tenant_that_refuses_the_refusal_stands_where_its_workspaces_would() {
    let mut model = world::entrances::accounts();
    model.pane = Pane::Workspaces;
    let account = world::account_id("azure-cli-alex");
    let tenant = model.tenants[1].clone();
    model.workspaces.narrow(Some(amlock::app::Narrowed { account, tenant: Some(tenant) }));
    let shown = page(&mut model, USUAL);
    assert!(shown.contains("only alex@contoso.com in fabrikam"), "{shown}");
    assert!(shown.contains("fabrikam asks for multi-factor authentication"), "{shown}");
    model.workspaces.failed.clear();
    let shown = page(&mut model, USUAL);
    assert!(shown.contains("No workspace is visible to alex@contoso.com in fabrikam."), "{shown}");
}

#[test]
fn each_overlay() {
    for (name, mut model) in world::overlays() {
        keep(&format!("over-{name}"), &[page(&mut model, WIDE), page(&mut model, USUAL), page(&mut model, SMALL)]);
    }
}

#[test]
fn ascii_draws_nothing_else() {
    for (name, mut model) in world::states().into_iter().chain(world::overlays()) {
        (model.start.ascii, model.start.colours) = (true, Colours::Mono);
        for size in [WIDE, USUAL] {
            let (buffer, _) = drawn(&mut model, size);
            for cell in &buffer.content {
                assert!(cell.symbol().is_ascii(), "{name}: {:?}", cell.symbol());
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}");
            }
        }
        if name == "ready" {
            keep("ascii", &[page(&mut model, WIDE), page(&mut model, USUAL)]);
        }
    }
}

#[test]
fn no_size_is_too_small_to_say_so() {
    let mut models = world::states().into_iter().chain(world::overlays()).collect::<Vec<_>>();
    for columns in 0..=20 {
        for rows in 0..=5 {
            drawn(&mut models[0].1, (columns, rows));
        }
    }
    for (_, model) in &mut models {
        for size in
            [(20, 5), (59, 16), (60, 15), (60, 16), (61, 17), (80, 23), (110, 24), (109, 40), (200, 60), (300, 16)]
        {
            drawn(model, size);
        }
    }
    assert_eq!(page(&mut world::ready(), (40, 10)).lines().next(), Some("amlock needs 60x16; this is 40x10"));
    let mut shown = world::over(Overlay::Reveal(Box::new(world::reveal("hunter2"))));
    assert!(!page(&mut shown, (40, 10)).contains("hunter2"), "a screen too small shows no value");
}

/// All states in all panes, all overlays, all notices.
fn places() -> Vec<(String, Model)> {
    let states = Pane::ALL.into_iter().flat_map(|pane| {
        world::states().into_iter().map(move |(name, mut model)| {
            model.pane = pane;
            (format!("{name} in {pane:?}"), model)
        })
    });
    let others = world::overlays().into_iter().chain(world::notices());
    states.chain(others.map(|(name, model)| (name.to_owned(), model))).collect()
}

#[test]
fn at_any_size_every_place_is_drawn_or_says_in_one_line_that_it_is_too_small() {
    for (name, mut model) in places() {
        for size in [(0, 0), (1, 1), (2, 1), (5, 20), (20, 5), (80, 24), (500, 200), (1000, 65)] {
            let shown = page(&mut model, size);
            if size.0 < 60 || size.1 < 16 {
                let line = format!("amlock needs 60x16; this is {}x{}", size.0, size.1);
                let cut = line.get(..usize::from(size.0)).unwrap_or(&line).trim_end();
                assert_eq!(shown.trim_end(), if size.1 == 0 { "" } else { cut }, "{name} at {size:?}");
            } else {
                assert!(shown.lines().filter(|line| !line.is_empty()).count() > 3, "{name} at {size:?}: {shown}");
            }
        }
    }
}

/// Text is all that `page` gives: what differs there differs without any colour or weight.
#[test]
fn every_state_has_a_sign_or_a_word_of_its_own() {
    let mut seen = Vec::<(String, String)>::new();
    for (name, mut model) in world::states().into_iter().chain(world::overlays()).chain(world::notices()) {
        model.start.colours = Colours::Mono;
        let mono = page(&mut model, WIDE);
        for colours in [Colours::Sixteen, Colours::Indexed, Colours::True] {
            model.start.colours = colours;
            assert!(page(&mut model, WIDE) == mono || name.starts_with("device"), "{name}: {colours:?} says more");
        }
        if let Some((other, _)) = seen.iter().find(|(_, page)| *page == mono) {
            panic!("{name} looks like {other}:\n{mono}");
        }
        seen.push((name.to_owned(), mono));
    }
}

#[test]
fn every_row_that_is_not_as_usual_says_so_in_a_word() {
    let row = |change: fn(&mut amlock::domain::Secret)| {
        let mut secret = world::secret("db-password");
        change(&mut secret);
        let mut model = world::ready();
        model.start.colours = Colours::Mono;
        world::fill(&mut model.secrets.shelf, vec![secret]);
        page(&mut model, USUAL).lines().find(|line| line.contains("db-password")).expect("its row").to_owned()
    };
    let rows = [
        row(|_| {}),
        row(|secret| secret.attributes.enabled = false),
        row(|secret| secret.attributes.expires = Some(world::at(-3 * world::DAY))),
        row(|secret| secret.attributes.expires = Some(world::at(3 * world::DAY))),
        row(|secret| secret.attributes.not_before = Some(world::at(3 * world::DAY))),
        row(|secret| secret.managed = true),
    ];
    for (at, one) in rows.iter().enumerate() {
        assert!(!rows[..at].contains(one), "two rows look alike: {one}");
    }
}

#[test]
fn the_line_above_the_footer() {
    let mut pages = Vec::new();
    for (name, mut model) in world::notices() {
        pages.push(format!("{name}\n{}", page(&mut model, WIDE).lines().rev().take(2).collect::<Vec<_>>().join("\n")));
        pages.push(page(&mut model, USUAL).lines().rev().take(2).collect::<Vec<_>>().join("\n"));
    }
    keep("notices", &pages);
}

#[test]
fn the_header_never_cuts_the_workspace() {
    let mut model = world::ready();
    (model.start.demo, model.start.read_only) = (true, true);
    world::open(&mut model, 1);
    let mut accounts = model.accounts.list.rows().to_vec();
    accounts[0].ends = Some(world::at(40 * 60));
    world::fill(&mut model.accounts, accounts);
    let headers = [120, 100, 80, 60].map(|columns| {
        let page = page(&mut model, (columns, 24));
        page.lines().next().unwrap_or_default().to_owned()
    });
    assert!(headers.iter().all(|header| header.starts_with(" ws-prod  ▲ PRODUCTION")));
    keep("headers", &headers);
    let (buffer, _) = drawn(&mut model, USUAL);
    assert!(buffer[(10, 0)].modifier.contains(Modifier::REVERSED | Modifier::BOLD));
}

#[test]
fn wide_letters_keep_their_columns() {
    let mut model = world::ready();
    let mut rows = vec![world::secret("a")];
    rows[0].tags = vec![(world::text("팀이름"), world::text("비전".repeat(40).as_str()))];
    rows[0].content_type = Some(world::text("암호/비밀번호"));
    rows.push(world::secret(&"비전".repeat(30)));
    rows.push(world::secret("👩\u{200d}💻 e\u{301} ｶﾞ"));
    world::fill(&mut model.secrets.shelf, rows);
    keep("wide-letters", &[page(&mut model, WIDE), page(&mut model, USUAL), page(&mut model, SMALL)]);
    let (buffer, _) = drawn(&mut model, USUAL);
    for y in 0..USUAL.1 {
        // Every row's symbols fill it exactly: nothing is pushed to the right, nothing covers a neighbour.
        let mut x = 0;
        while x < USUAL.0 {
            x += buffer[(x, y)].symbol().cell_width().max(1);
        }
        assert_eq!(x, USUAL.0, "row {y}");
    }
}

#[test]
fn nothing_hostile_reaches_a_cell() {
    for (name, mut model) in world::hostile() {
        model.details = true;
        for size in [WIDE, USUAL, SMALL] {
            for pane in Pane::ALL {
                model.pane = pane;
                for cell in &drawn(&mut model, size).0.content {
                    let symbol = cell.symbol();
                    assert!(!symbol.chars().any(amlock::domain::is_hostile), "{name} {pane:?}: {symbol:?}");
                    assert_eq!(SafeText::of(symbol).as_str(), symbol, "{name} {pane:?}");
                }
            }
        }
    }
}

#[test]
fn a_filter_is_whole_in_the_narrow_column_while_it_is_typed() {
    let mut model = world::ready();
    (model.pane, model.filtering) = (Pane::Workspaces, true);
    for (typed, whole) in
        [("db", "2 Workspaces"), ("vision", "/ vision"), ("ws-team-vision-korea", "/ ws-team-vision-korea")]
    {
        model.workspaces.shelf.list.unfilter();
        model.workspaces.shelf.list.filter = typed.into();
        model.workspaces.shelf.list.filtered();
        let shown = page(&mut model, WIDE);
        assert!(shown.contains(&format!("/ {typed}")) && shown.contains(whole), "{typed} in\n{shown}");
    }
}

#[test]
fn the_mark_of_the_cursor_and_that_of_a_look_alike_are_found_by_their_colours() {
    let mut model = world::ready();
    let mut rows = model.secrets.shelf.list.rows().to_vec();
    rows.insert(1, world::secret("db-p\u{430}ssword").into());
    world::fill(&mut model.secrets.shelf, rows);
    let (buffer, _) = drawn(&mut model, USUAL);
    assert!(buffer[(1, 5)].modifier.contains(Modifier::REVERSED), "one cell of coloured ground");
    let alike = (0..80).find(|&x| buffer[(x, 6)].symbol() == "≈").expect("its mark");
    assert_eq!((buffer[(alike, 6)].fg, buffer[(alike - 2, 6)].fg), (Color::Indexed(130), Color::Reset));
}

#[test]
fn the_smallest_screen_names_the_key_that_unfolds_the_details() {
    let mut model = world::ready();
    for pane in [Pane::Accounts, Pane::Workspaces, Pane::Secrets] {
        model.pane = pane;
        let shown = page(&mut model, SMALL);
        assert!(shown.contains("i details") && shown.contains("⏎ "), "{shown}");
    }
    model.overlays.push(Overlay::Help(0));
    assert!(page(&mut model, SMALL).contains("≈ look-alike"), "signs are on the first page");
}

#[test]
fn names_that_look_alike_have_their_mark() {
    let mut model = world::ready();
    let twin = "db-p\u{430}ssword";
    let mut rows = model.secrets.shelf.list.rows().to_vec();
    rows.insert(1, world::secret(twin).into());
    world::fill(&mut model.secrets.shelf, rows);
    let mut rows = model.workspaces.all.clone();
    rows.push(world::workspace("ws-team-0O", amlock::domain::WorkspaceKind::Default, ("b.fabrikam", "fabrikam.com")));
    world::fill(&mut model.workspaces.shelf, rows);
    let wide = page(&mut model, (120, 60));
    for marked in ["db-password ≈", "db-pаssword ≈", "ws-team-00 ≈", "ws-team-0O ≈", "name      ≈ looks like another"]
    {
        assert!(wide.contains(marked), "{marked} in\n{wide}");
    }
    assert_eq!(wide.matches('≈').count(), 5, "nothing else bears it:\n{wide}");
    model.secrets.shelf.list.step(1);
    assert!(page(&mut model, WIDE).contains("≈ mixes two alphabets"));
    model.start.ascii = true;
    assert!(page(&mut model, USUAL).contains("db-password ="));
    // The twin goes, and with it the mark.
    model.secrets.shelf.remove(twin);
    model.start.ascii = false;
    assert!(!page(&mut model, USUAL).contains('≈'));
}

#[test]
fn a_value_is_shown_exactly_from_the_first_column() {
    let value = format!("{}\n  indented, and a trailing blank \nlast", "0123456789".repeat(13));
    let mut model = world::over(Overlay::Reveal(Box::new(world::reveal(&value))));
    let page = page(&mut model, WIDE);
    let lines: Vec<&str> = page.lines().skip(5).take(4).collect();
    let long = "0123456789".repeat(13);
    assert_eq!(lines, [&long[..120], &long[120..], "  indented, and a trailing blank", "last"]);
}

#[test]
fn a_covered_value_is_hidden() {
    let mut model = world::over(Overlay::Reveal(Box::new(world::reveal("hunter2"))));
    assert!(page(&mut model, USUAL).contains("hunter2"));
    model.overlays.push(Overlay::Words(Box::new(amlock::app::Words { failure: world::offline(), scroll: 0 })));
    assert!(!page(&mut model, USUAL).contains("hunter2"));
}

#[test]
fn the_cursor_stays_in_view_whatever_the_list_holds() {
    let mut model = world::ready();
    let mut memory = Memory::default();
    for step in [0, 60, 147, 80, 0] {
        model.secrets.shelf.list.home();
        model.secrets.shelf.list.step(step);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
        draw(&model, &mut memory, &mut buffer);
        let marks = (5..15).filter(|&y| buffer[(1, y)].symbol() == "›").count();
        assert_eq!(marks, 1, "after {step}");
    }
}

#[test]
fn weight_alone_speaks_without_colours() {
    let mut model = world::ready();
    model.start.colours = Colours::Mono;
    let (buffer, _) = drawn(&mut model, USUAL);
    assert!(buffer[(1, 5)].modifier.contains(Modifier::BOLD), "the mark");
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    model.start.colours = Colours::Indexed;
    let (buffer, _) = drawn(&mut model, USUAL);
    assert_eq!(buffer[(1, 5)].fg, Color::Indexed(30));
}
