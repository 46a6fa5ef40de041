//! Every place in the program where it can be killed, stopped or resized: how one gets there by keys, how one sees that one
//! is there, and how one gets back.

use crate::app::{App, KEY, VALUE};

/// Keys, and what is seen after them.
type Step = (&'static str, &'static str);

/// One place.
pub(crate) struct View {
    pub(crate) name: &'static str,
    way: &'static [Step],
    /// The last step leads home.
    back: &'static [Step],
}

const fn view(name: &'static str, way: &'static [Step], back: &'static [Step]) -> View {
    View { name, way, back }
}

/// Where every way begins: the cursor is on `db-password`, alone in the filtered secrets.
const HOME: &str = "";
const ESC: &str = "\x1b";

/// Places in which a value stands on the screen.
pub(crate) const OPEN: &[View] = &[
    view("a revealed value", &[("\r", VALUE)], &[(ESC, HOME)]),
    view("a value that is held", &[("\r", VALUE), ("h", "held")], &[(ESC, HOME)]),
    view("a version's value", &[("v", "newest"), ("\r", VALUE)], &[(ESC, "newest"), (ESC, HOME)]),
    view(
        "a shown key",
        &[("4", "keys or token"), ("gjj", "› churn-online"), ("\r", "secondary"), ("\r", KEY)],
        &[(ESC, "keys or token"), ("3", HOME)],
    ),
    view(
        "a shown token",
        &[("4", "keys or token"), ("gjjj", "› churn-token"), ("\r", "good for"), ("\r", KEY)],
        &[(ESC, "keys or token"), ("3", HOME)],
    ),
];

/// Places in which none does; some cover one.
pub(crate) const CLOSED: &[View] = &[
    view("a question over a value", &[("\r", VALUE), ("y", "Send it")], &[("n", VALUE), (ESC, HOME)]),
    view("help over a value", &[("\r", VALUE), ("?", "Hide the value")], &[(ESC, VALUE), (ESC, HOME)]),
    view("the secrets", &[], &[("", HOME)]),
    view("the accounts", &[("1", "narrow")], &[("3", HOME)]),
    view("the workspaces", &[("2", "open")], &[("3", HOME)]),
    view("the endpoints", &[("4", "keys or token")], &[("3", HOME)]),
    view(
        "masked keys",
        &[("4", "keys or token"), ("gjj", "› churn-online"), ("\r", "secondary")],
        &[(ESC, "keys or token"), ("3", HOME)],
    ),
    view("a filter being typed", &[("/", "keep")], &[("\r", HOME)]),
    view("the palette", &[(":", "run")], &[(ESC, HOME)]),
    view("the versions", &[("v", "newest")], &[(ESC, HOME)]),
    view("the deleted secrets", &[("u", "retired-token")], &[(ESC, HOME)]),
    view("a new secret", &[("n", "save"), ("\t", "› value"), ("\x1b[200~Horse\x1b[201~", "5 bytes")], &[(ESC, HOME)]),
    view("a new value", &[("e", "type or paste"), ("\x1b[200~Horse\x1b[201~", "5 bytes")], &[(ESC, HOME)]),
    view("the attributes", &[("t", "save")], &[(ESC, HOME)]),
    view("a question", &[("d", "yes")], &[("n", HOME)]),
    view(
        "a question for a name",
        &[("4", "keys or token"), ("gjj", "› churn-online"), ("\r", "secondary"), ("x", "do it")],
        &[(ESC, "secondary"), (ESC, "keys or token"), ("3", HOME)],
    ),
    view("the ways in", &[("1", "narrow"), ("a", "Device code")], &[(ESC, "narrow"), ("3", HOME)]),
    view(
        "a device code",
        &[("1", "narrow"), ("a", "Device code"), ("\r", "DEMO-ONLY")],
        &[(ESC, "Device code"), (ESC, "narrow"), ("3", HOME)],
    ),
];

/// All of them.
pub(crate) fn views() -> impl Iterator<Item = &'static View> {
    OPEN.iter().chain(CLOSED)
}

impl View {
    /// From home to this place.
    pub(crate) fn enter(&self, app: &mut App) {
        take(self.way, app);
    }

    pub(crate) fn leave(&self, app: &mut App) {
        take(self.back, app);
    }

    /// What is seen there.
    pub(crate) fn sign(&self) -> &'static str {
        self.way.last().map_or("db-password", |step| step.1)
    }

    /// Waits until it is drawn.
    pub(crate) fn is_drawn(&self, app: &mut App) {
        app.see(self.sign());
    }
}

fn take(steps: &[Step], app: &mut App) {
    for (keys, seen) in steps {
        app.press(keys);
        if *seen == HOME {
            arrive(app);
        } else {
            app.see(seen);
        }
    }
}

/// From the start to where every way begins.
pub(crate) fn go_home(app: &mut App) {
    app.see(" 148 ").press("/").press("dbpass").see("1 of 148").press("\r");
    arrive(app);
}

fn arrive(app: &mut App) {
    app.stage.until("the secrets' own keys", || {
        let footer = app.footer();
        footer.starts_with("⏎ reveal") && footer.contains("tab panes")
    });
}
