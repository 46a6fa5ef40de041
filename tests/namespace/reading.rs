//! A value is fetched when somebody wants it, once, and never to be ready: what the wire saw of it.

use super::pinned::Pinned;
use super::stage::Stage;

/// The requests that bring a secret's value, or an endpoint's keys or token.
fn fetches(pinned: &Pinned) -> Vec<String> {
    let brings = |line: &String| {
        let (method, url) = line.split_once(' ').expect("method and address");
        let path = url.split('?').next().expect("a path").trim_end_matches('/');
        let secret = path.split_once(".vault.azure.net/secrets/").is_some_and(|(_, name)| !name.ends_with("/versions"));
        method == "GET" && secret
            || path.to_lowercase().ends_with("/listkeys")
            || path.to_lowercase().ends_with("/token") && path.contains("onlineEndpoints")
    };
    pinned.asked().into_iter().filter(brings).collect()
}

#[test]
fn looking_at_everything_fetches_no_value_and_wanting_one_fetches_it_once() {
    let Some(pinned) = Pinned::start("") else { return };
    let home = pinned.home(0);
    home.config("[clipboard]\nosc52 = \"always\"\n");
    let mut stage = Stage::run(140, 40, pinned.on_a_terminal(&home, &["-w", "ws-vision"]));
    stage.wait_for(" 148 ");
    stage.wait_for("churn-online");
    // Over every secret, slowly enough that each may settle under the cursor, and over every other row there is.
    for _ in 0..148 {
        stage.type_keys("j");
    }
    for pane in ["1", "2", "4", "3"] {
        stage.type_keys(pane);
        stage.type_keys("gGkjiiss");
    }
    stage.type_keys("/dbpass");
    stage.wait_for("1 of 148");
    stage.type_keys("\r");
    stage.wait_for("⏎ reveal");
    // Details of the one the cursor rests on: also without its value.
    stage.type_keys("v");
    stage.wait_for("ersions of db-password");
    stage.type_keys("\x1b");
    stage.until("no versions", || !stage.screen().contents().contains("ersions of db-password"));
    stage.wait_for("⏎ reveal");
    assert_eq!(fetches(&pinned), [""; 0]);

    stage.type_keys("\r");
    stage.wait_for("Correct-Horse-Demo-Only-42");
    assert_eq!(fetches(&pinned).len(), 1, "a reveal: {:?}", fetches(&pinned));
    stage.type_keys("\x1b");
    stage.wait_for("⏎ reveal");

    pinned.forget_what_was_asked();
    stage.type_keys("y");
    stage.wait_for("Sent (not confirmed by the terminal)");
    assert_eq!(fetches(&pinned).len(), 1, "a copy: {:?}", fetches(&pinned));

    // Keys are fetched when their sheet is opened, and not again to be shown.
    stage.type_keys("4");
    stage.type_keys("gjj");
    stage.wait_for("› churn-online");
    pinned.forget_what_was_asked();
    stage.type_keys("\r");
    stage.wait_for("primary");
    stage.type_keys("\r");
    stage.wait_for("hides in");
    stage.type_keys("q");
    stage.type_keys("q");
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 0");
    assert_eq!(fetches(&pinned).len(), 1, "a sheet of keys: {:?}", fetches(&pinned));
}
