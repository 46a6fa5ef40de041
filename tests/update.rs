//! The app without a loop, a screen or a cloud: keys and answers in, effects and the model out.

#[expect(dead_code, reason = "journeys use the rest")]
#[path = "support/journey.rs"]
mod journey;

use std::time::Duration;

use amlock::app::keymap::{Command, live};
use amlock::app::{
    Answer, CopyOf, Effect, Lane, Load, Model, Msg, Overlay, Pane, Query, Ticket, Way, begin, update, wakes_at,
};
use amlock::domain::{
    Account, AccountId, AccountKind, Attributes, Expect, Failure, Kept, Kind, Sealed, Secret, SecretName, SecretValue,
    SetDone, TenantId, Untrusted, Vault, Who,
};
use journey::{keys, start};

fn who() -> Who {
    let tenant = TenantId::parse("contoso.com").expect("a tenant");
    Who { account: AccountId::parse("alex.contoso.com").expect("an id"), tenant }
}

fn account() -> Account {
    Account {
        id: who().account,
        name: Untrusted::from("alex@contoso.com"),
        kind: AccountKind::User,
        tenant: who().tenant,
        tenant_name: None,
        object_id: None,
        token_of: None,
        kept: Kept::Memory,
        ends: None,
    }
}

fn vault() -> Vault {
    Vault {
        name: "kv-vision".to_owned(),
        url: "https://kv-vision.vault.azure.net/".parse().expect("an address"),
        who: who(),
        id: None,
        by_role: Some(true),
        subscription_name: None,
    }
}

fn secret(name: &str) -> Secret {
    Secret {
        name: Untrusted::from(name),
        version: None,
        attributes: Attributes { enabled: true, ..Attributes::default() },
        content_type: None,
        tags: Vec::new(),
        managed: false,
        key_id: None,
    }
}

fn value(name: &str) -> SecretValue {
    SecretValue { secret: secret(name), value: Sealed::new("opensesame".to_owned()) }
}

fn workspace() -> amlock::domain::Workspace {
    let below = |what: &str| {
        let id = format!("/subscriptions/s/resourceGroups/g/providers/{what}");
        amlock::domain::ResourceId::parse(&id).expect("an id")
    };
    amlock::domain::Workspace {
        id: below("Microsoft.MachineLearningServices/workspaces/ws-vision"),
        name: Untrusted::from("ws-vision"),
        kind: amlock::domain::WorkspaceKind::Default,
        location: Untrusted::from("koreacentral"),
        subscription_name: None,
        who: who(),
        vault_id: Some(below("Microsoft.KeyVault/vaults/KV-Vision")),
        vault_url: None,
        vault_tenant: None,
        vault_by_role: None,
        hub: None,
        state: Untrusted::from("Succeeded"),
        friendly_name: None,
        description: None,
        tags: Vec::new(),
        discovery_url: None,
        mlflow_uri: None,
    }
}

fn api_key_revealed() -> Answer {
    let name = SecretName::parse("api-key").expect("a name");
    Answer::Revealed { vault: vault(), name, version: None, value: value("api-key") }
}

fn press(model: &mut Model, words: &str) -> Vec<Effect> {
    keys(words).into_iter().flat_map(|key| update(model, Msg::Key(key.into()))).collect()
}

fn asked(effects: &[Effect]) -> (Ticket, &Query) {
    effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Ask(ticket, query) => Some((*ticket, &**query)),
            _ => None,
        })
        .expect("a question")
}

fn reply(model: &mut Model, ticket: Ticket, answer: Answer) -> Vec<Effect> {
    update(model, Msg::Reply(ticket, Box::new(answer)))
}

fn land(model: &mut Model, ticket: Ticket) {
    update(model, Msg::Landed(ticket, Ok(())));
}

/// An app with an account, an open vault and three secrets, the cursor on the first.
fn with_secrets() -> Model {
    let mut model = Model::new(amlock::app::Start { vault: Some("kv-vision".to_owned()), folder: None, ..start() });
    let effects = begin(&mut model);
    let (accounts, _) = asked(&effects);
    let effects = reply(
        &mut model,
        accounts,
        Answer::Accounts { accounts: vec![account()], ways: Vec::new(), keeps: Kept::Memory, seen: Vec::new() },
    );
    land(&mut model, accounts);
    let secrets = effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Ask(ticket, query) if matches!(**query, Query::OpenVaultNamed(..)) => Some(*ticket),
            _ => None,
        })
        .expect("the vault is opened");
    let workspaces = effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Ask(ticket, query) if matches!(**query, Query::Workspaces { .. }) => Some(*ticket),
            _ => None,
        })
        .expect("the workspaces are listed");
    land(&mut model, workspaces);
    reply(&mut model, secrets, Answer::Vault(vault()));
    let rows = ["api-key", "db-password", "storage"].map(secret).to_vec();
    reply(&mut model, secrets, Answer::Secrets("kv-vision".to_owned(), rows));
    land(&mut model, secrets);
    model
}

fn shown(model: &Model) -> Option<&str> {
    model.overlays.iter().find_map(|overlay| match overlay {
        Overlay::Reveal(reveal) => Some(reveal.value.value.unseal()),
        _ => None,
    })
}

#[test]
fn enter_on_a_secret_asks_for_its_value_and_for_nothing_else() {
    let mut model = with_secrets();
    let effects = press(&mut model, "j enter");
    let asks = effects.iter().filter(|effect| matches!(effect, Effect::Ask(..))).count();
    assert_eq!(asks, 1);
    assert!(matches!(asked(&effects).1, Query::Reveal(_, name, None) if name.as_str() == "db-password"));
}

#[test]
fn a_late_answer_changes_nothing() {
    let mut model = with_secrets();
    let first = asked(&press(&mut model, "enter")).0;
    let second = asked(&press(&mut model, "enter")).0;
    reply(&mut model, first, api_key_revealed());
    assert_eq!(shown(&model), None);
    reply(&mut model, second, api_key_revealed());
    assert_eq!(shown(&model), Some("opensesame"));
}

#[test]
fn a_value_on_its_way_is_not_shown_after_the_cursor_went_on() {
    let mut model = with_secrets();
    let ticket = asked(&press(&mut model, "enter")).0;
    let effects = press(&mut model, "j");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(Lane::Reveal))));
    reply(&mut model, ticket, api_key_revealed());
    assert_eq!(shown(&model), None);
}

fn revealed() -> Model {
    let mut model = with_secrets();
    let ticket = asked(&press(&mut model, "enter")).0;
    reply(&mut model, ticket, api_key_revealed());
    land(&mut model, ticket);
    assert!(shown(&model).is_some());
    model
}

fn later(model: &mut Model, seconds: u64) -> Vec<Effect> {
    let now = model.now.checked_add(Duration::from_secs(seconds)).expect("in range");
    update(model, Msg::Clock(now))
}

#[test]
fn a_value_hides_by_time_by_keys_by_loss_of_focus_and_by_suspend() {
    let mut model = revealed();
    later(&mut model, 14);
    assert!(shown(&model).is_some());
    later(&mut model, 1);
    assert!(shown(&model).is_none());
    for way in ["esc", "enter", "q", "L", "ctrl-z"] {
        let mut model = revealed();
        press(&mut model, way);
        assert!(shown(&model).is_none(), "{way}");
    }
    let mut model = revealed();
    update(&mut model, Msg::Focus(false));
    assert!(shown(&model).is_none());
}

#[test]
fn a_held_value_stays_a_minute_and_through_a_loss_of_focus_but_not_through_a_stop() {
    let mut model = revealed();
    press(&mut model, "h");
    update(&mut model, Msg::Focus(false));
    later(&mut model, 59);
    assert!(shown(&model).is_some());
    update(&mut model, Msg::Resumed);
    assert!(shown(&model).is_none());
}

#[test]
fn five_idle_minutes_hide_what_is_in_a_form() {
    let mut model = with_secrets();
    press(&mut model, "n text:new-one enter text:hunter2");
    assert!(matches!(model.top(), Some(Overlay::Form(_))));
    later(&mut model, 299);
    assert!(matches!(model.top(), Some(Overlay::Form(_))));
    later(&mut model, 1);
    assert!(model.top().is_none());
}

#[test]
fn an_idle_app_asks_for_no_time() {
    let mut model = with_secrets();
    later(&mut model, 20);
    assert_eq!(wakes_at(&model), None);
    press(&mut model, "j");
    assert_eq!(wakes_at(&model), Some(model.rests_at), "the details follow once the cursor rests");
    later(&mut model, 1);
    assert_eq!(wakes_at(&model), None);
}

#[test]
fn a_countdown_wakes_once_a_second() {
    let model = revealed();
    let wait = wakes_at(&model).expect("it counts down").duration_since(model.now);
    assert_eq!(wait.as_millis(), 1000);
}

#[test]
fn esc_peels_one_layer_and_never_leaves() {
    let mut model = with_secrets();
    press(&mut model, "/ text:db enter");
    assert_eq!((model.filter(), model.filtering), ("db", false));
    press(&mut model, "?");
    assert!(matches!(model.top(), Some(Overlay::Help(_))));
    press(&mut model, "esc");
    assert_eq!((model.top().is_none(), model.filter()), (true, "db"));
    press(&mut model, "esc");
    assert_eq!(model.filter(), "");
    let effects = press(&mut model, "esc esc esc");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Quit)));
    assert!(press(&mut model, "q").iter().any(|effect| matches!(effect, Effect::Quit)));
}

#[test]
fn help_over_a_sign_in_closes_alone_and_the_sign_in_goes_on() {
    let empty = || Answer::Accounts {
        accounts: Vec::new(),
        ways: vec![Way::DeviceCode, Way::Browser(Ok(()))],
        keeps: Kept::Memory,
        seen: Vec::new(),
    };
    for (way, help, key) in
        [("enter", "?", "esc"), ("enter", "?", "enter"), ("enter", "?", "q"), ("j enter", "?", "esc")]
    {
        let mut model = Model::new(start());
        let effects = begin(&mut model);
        let (accounts, _) = asked(&effects);
        reply(&mut model, accounts, empty());
        land(&mut model, accounts);
        let effects = press(&mut model, way);
        let (ticket, query) = asked(&effects);
        assert!(matches!(query, Query::SignIn(_)), "{query:?}");
        press(&mut model, help);
        assert!(matches!(model.top(), Some(Overlay::Help(_))), "{way}");
        let effects = press(&mut model, key);
        assert!(effects.is_empty(), "{way} {key}: {effects:?}");
        assert!(matches!(model.top(), Some(Overlay::Device(_) | Overlay::Page(_))), "{way} {key}: {:?}", model.top());
        assert!(model.flights.expects(ticket) && model.notice.is_none(), "{way} {key}: it is waited for still");
        let effects = press(&mut model, "esc");
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(Lane::SignIn))), "{way} {key}");
        assert!(!model.flights.expects(ticket));
    }
}

#[test]
fn a_list_that_waits_for_az_says_so() {
    let mut model = with_secrets();
    let (ticket, _) = asked(&press(&mut model, "r"));
    reply(&mut model, ticket, Answer::AsksAz(true));
    assert!(model.flights.waits_for_az(Lane::Secrets));
    reply(&mut model, ticket, Answer::AsksAz(false));
    assert!(!model.flights.waits_for_az(Lane::Secrets));
    reply(&mut model, ticket, Answer::AsksAz(true));
    land(&mut model, ticket);
    assert!(!model.flights.waits_for_az(Lane::Secrets));
    press(&mut model, "r");
    assert!(!model.flights.waits_for_az(Lane::Secrets), "a fresh question waits for nobody yet");
}

#[test]
fn enter_in_the_filter_never_reveals() {
    let mut model = with_secrets();
    let effects = press(&mut model, "/ text:db enter");
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Ask(..))));
    assert_eq!(model.secrets.shelf.list.current().map(|row| row.name.raw().to_owned()).as_deref(), Some("db-password"));
}

#[test]
fn a_paste_is_never_a_command() {
    let mut model = with_secrets();
    let effects = update(&mut model, Msg::Paste(Sealed::new("d\ny\nq".to_owned())));
    assert!(effects.is_empty() && model.overlays.is_empty());
    assert!(model.notice.is_some(), "and it says where a paste would go");
}

#[test]
fn a_new_value_looks_at_what_the_screen_showed_and_keeps_what_was_typed_when_it_fails() {
    let mut model = with_secrets();
    press(&mut model, "j e");
    update(&mut model, Msg::Paste(Sealed::new("line 1\nline 2\n".to_owned())));
    let effects = press(&mut model, "enter");
    let (ticket, query) = asked(&effects);
    let Query::Set(_, new, expect) = query else { panic!("{query:?}") };
    assert_eq!(new.value.unseal(), "line 1\nline 2\n", "byte for byte");
    assert_eq!(*expect, Expect::Anything, "the list told no time");
    let failure = Failure::new(Kind::TryLater(None), "set db-password", "the vault is throttled");
    update(&mut model, Msg::Landed(ticket, Err(failure)));
    let Some(Overlay::Form(form)) = model.top() else { panic!("the form stays") };
    assert!(form.saving.is_none() && form.wrong.is_some());
    let again = press(&mut model, "enter");
    assert!(matches!(asked(&again).1, Query::Set(_, new, _) if new.value.unseal() == "line 1\nline 2\n"));
}

#[test]
fn somebody_elses_version_is_asked_about_before_it_is_covered() {
    let mut model = with_secrets();
    press(&mut model, "e text:mine");
    let (ticket, _) = asked(&press(&mut model, "enter"));
    let conflict = Failure::new(Kind::Conflict, "set api-key", "version 7f3a was set 3 min ago by somebody else");
    update(&mut model, Msg::Landed(ticket, Err(conflict)));
    assert!(matches!(model.top(), Some(Overlay::Confirm(_))));
    let effects = press(&mut model, "y");
    let (ticket, query) = asked(&effects);
    assert!(matches!(query, Query::Set(_, _, Expect::Anything)));
    let done = SetDone { secret: secret("api-key"), before: None, looked: true, overtaken: None };
    reply(&mut model, ticket, Answer::Set(vault(), done));
    land(&mut model, ticket);
    assert!(model.overlays.is_empty());
}

#[test]
fn a_name_that_is_none_is_told_in_its_field_and_nothing_is_sent() {
    let mut model = with_secrets();
    let effects = press(&mut model, "n text:db_password tab text:x enter");
    assert!(effects.is_empty());
    let Some(Overlay::Form(form)) = model.top() else { panic!("the form stays") };
    assert!(form.wrong.as_ref().is_some_and(|(at, why)| *at == 0 && why.contains("db-password")));
}

#[test]
fn deleting_asks_and_takes_the_row_away_only_when_it_is_done() {
    let mut model = with_secrets();
    assert!(press(&mut model, "d").is_empty());
    assert!(press(&mut model, "n").is_empty());
    let effects = press(&mut model, "d y");
    let (ticket, query) = asked(&effects);
    assert!(matches!(query, Query::Delete(_, name) if name.as_str() == "api-key"));
    assert_eq!(model.secrets.shelf.list.total(), 3);
    update(&mut model, Msg::Landed(ticket, Err(Failure::new(Kind::Unknown, "delete api-key", "the answer was lost"))));
    assert_eq!(model.secrets.shelf.list.total(), 3);
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.contains("not known")));
}

#[test]
fn leaving_while_a_change_is_under_way_asks_first() {
    let mut model = with_secrets();
    press(&mut model, "d y");
    assert!(press(&mut model, "q").is_empty());
    assert!(matches!(model.top(), Some(Overlay::Confirm(_))));
    assert!(press(&mut model, "y").iter().any(|effect| matches!(effect, Effect::Quit)));
}

#[test]
fn a_failed_refresh_keeps_the_rows_and_says_how_old_they_are() {
    let mut model = with_secrets();
    let was = model.now;
    later(&mut model, 60);
    let (ticket, _) = asked(&press(&mut model, "r"));
    update(&mut model, Msg::Landed(ticket, Err(Failure::new(Kind::Offline, "list", "no route"))));
    assert_eq!(model.secrets.shelf.list.total(), 3);
    assert!(matches!(&model.secrets.shelf.load, Load::Stale(at, _) if *at == was));
}

#[test]
fn esc_stops_a_load_and_keeps_what_came() {
    let mut model = with_secrets();
    later(&mut model, 60);
    press(&mut model, "r");
    let effects = press(&mut model, "esc");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(Lane::Secrets))));
    assert_eq!(model.secrets.shelf.list.total(), 3);
}

#[test]
fn read_only_offers_no_change() {
    let mut model = with_secrets();
    model.start.read_only = true;
    let offered: Vec<Command> = live(&model).map(|binding| binding.command).collect();
    for command in [Command::NewSecret, Command::NewValue, Command::Attributes, Command::Delete] {
        assert!(!offered.contains(&command), "{command:?}");
    }
    assert!(press(&mut model, "n e t d").is_empty() && model.overlays.is_empty());
}

#[test]
fn a_copy_never_brings_the_value_into_the_model() {
    let mut model = with_secrets();
    let effects = press(&mut model, "y");
    let (ticket, query) = asked(&effects);
    assert!(matches!(query, Query::Copy(CopyOf::Secret(..), false)));
    let words = "Sent (not confirmed by the terminal).".to_owned();
    reply(&mut model, ticket, Answer::Copied { what: "api-key".to_owned(), words, clears: true });
    land(&mut model, ticket);
    let effects = later(&mut model, 30);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ClearClipboard)));
    assert!(model.clip.is_none());
}

#[test]
fn debug_output_shows_no_key_no_paste_and_no_value() {
    let mut model = revealed();
    press(&mut model, "esc e text:hunter2");
    let all =
        format!("{model:?} {:?} {:?}", Msg::Key(keys("x")[0].into()), Msg::Paste(Sealed::new("hunter3".to_owned())));
    for secret in ["opensesame", "hunter2", "hunter3", "Char('x')"] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[test]
fn nobody_signed_in_is_met_by_the_ways_in() {
    let mut model = Model::new(start());
    let (ticket, _) = asked(&begin(&mut model));
    reply(
        &mut model,
        ticket,
        Answer::Accounts { accounts: Vec::new(), ways: Vec::new(), keeps: Kept::Memory, seen: Vec::new() },
    );
    land(&mut model, ticket);
    assert!(matches!(model.top(), Some(Overlay::SignIn(_))));
    let effects = press(&mut model, "enter");
    assert!(matches!(asked(&effects).1, Query::SignIn(_)));
    let effects = press(&mut model, "esc");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(Lane::SignIn))));
    assert!(matches!(model.top(), Some(Overlay::SignIn(_))), "and back to them");
}

#[test]
fn what_the_footer_shows_works_and_a_jamo_is_its_key() {
    let mut model = with_secrets();
    press(&mut model, "ㅓ");
    assert_eq!(model.secrets.shelf.list.cursor(), 1);
    press(&mut model, "4");
    assert_eq!(model.pane, Pane::Endpoints);
    let offered: Vec<Command> = live(&model).map(|binding| binding.command).collect();
    assert!(!offered.contains(&Command::OpenKeys), "there is no endpoint to open");
}

fn other_vault() -> Vault {
    Vault {
        name: "kv-other".to_owned(),
        url: "https://kv-other.vault.azure.net/".parse().expect("an address"),
        ..vault()
    }
}

#[test]
fn a_change_in_a_vault_that_was_left_touches_nothing_of_the_open_one() {
    let mut model = with_secrets();
    let (ticket, _) = asked(&press(&mut model, "d y"));
    model.secrets.vault = Some(other_vault());
    let name = SecretName::parse("api-key").expect("a name");
    let deleted =
        amlock::domain::DeletedSecret { secret: secret("api-key"), deleted: None, purged: None, recovery_id: None };
    reply(&mut model, ticket, Answer::SecretDeleted(vault(), name, deleted));
    land(&mut model, ticket);
    assert_eq!(model.secrets.shelf.list.total(), 3);
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.contains("kv-vision")), "and the vault is named");
}

#[test]
fn a_value_on_its_way_is_not_shown_to_a_window_that_lost_the_focus_or_over_a_field() {
    for press_or_leave in ["focus", "n", "?", "/"] {
        let mut model = with_secrets();
        let ticket = asked(&press(&mut model, "enter")).0;
        let effects = if press_or_leave == "focus" {
            update(&mut model, Msg::Focus(false))
        } else {
            press(&mut model, press_or_leave)
        };
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(Lane::Reveal))), "{press_or_leave}");
        reply(&mut model, ticket, api_key_revealed());
        assert_eq!(shown(&model), None, "{press_or_leave}");
    }
}

#[test]
fn a_value_hides_in_time_also_below_another_overlay() {
    let mut model = revealed();
    press(&mut model, "?");
    later(&mut model, 15);
    assert!(shown(&model).is_none() && matches!(model.top(), Some(Overlay::Help(_))));
}

#[test]
fn a_question_that_stands_there_is_not_answered_for_another() {
    let mut model = with_secrets();
    press(&mut model, "e text:mine");
    let (ticket, _) = asked(&press(&mut model, "enter"));
    press(&mut model, "ctrl-c");
    let conflict = Failure::new(Kind::Conflict, "set api-key", "somebody else set it");
    update(&mut model, Msg::Landed(ticket, Err(conflict)));
    let effects = press(&mut model, "y");
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Ask(..))), "nothing is overwritten");
}

#[test]
fn attributes_send_only_what_was_changed() {
    let mut model = with_secrets();
    let mut tagged = secret("api-key");
    tagged.tags = vec![(Untrusted::from("note"), Untrusted::from("a, b=c"))];
    tagged.content_type = Some(Untrusted::from("odd\u{202e}type"));
    model.secrets.shelf.list.put(tagged.into());
    model.secrets.shelf.list.home();
    let effects = press(&mut model, "t space enter");
    let Query::Update(_, _, changes) = asked(&effects).1 else { panic!("an update") };
    assert_eq!(changes.enabled, Some(false));
    assert!(changes.tags.is_none() && changes.content_type.is_none() && changes.expires.is_none());
    let mut model = with_secrets();
    assert!(press(&mut model, "t enter").is_empty(), "nothing changed, nothing sent");
}

#[test]
fn hiding_everything_clears_a_copy_that_was_just_being_made() {
    let mut model = with_secrets();
    press(&mut model, "y");
    let effects = press(&mut model, "L");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ClearClipboard)));
}

#[test]
fn a_refresh_does_not_undo_a_change_that_was_made_meanwhile() {
    let mut model = with_secrets();
    let (refresh, _) = asked(&press(&mut model, "r"));
    let (ticket, _) = asked(&press(&mut model, "d y"));
    let rows = ["api-key", "db-password", "storage"].map(secret).to_vec();
    let name = SecretName::parse("api-key").expect("a name");
    let deleted =
        amlock::domain::DeletedSecret { secret: secret("api-key"), deleted: None, purged: None, recovery_id: None };
    reply(&mut model, ticket, Answer::SecretDeleted(vault(), name, deleted));
    land(&mut model, ticket);
    reply(&mut model, refresh, Answer::Secrets("kv-vision".to_owned(), rows));
    land(&mut model, refresh);
    let names: Vec<&str> = model.secrets.shelf.list.rows().iter().map(|row| row.name.raw()).collect();
    assert_eq!(names, ["db-password", "storage"]);
}

#[test]
fn the_first_sign_in_opens_what_was_asked_for() {
    let mut model = Model::new(amlock::app::Start { vault: Some("kv-vision".to_owned()), folder: None, ..start() });
    let (ticket, _) = asked(&begin(&mut model));
    reply(
        &mut model,
        ticket,
        Answer::Accounts { accounts: Vec::new(), ways: Vec::new(), keeps: Kept::Memory, seen: Vec::new() },
    );
    land(&mut model, ticket);
    let (ticket, _) = asked(&press(&mut model, "enter"));
    let effects = reply(&mut model, ticket, Answer::SignedIn(account()));
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Ask(_, query) if matches!(**query, Query::OpenVaultNamed(..))))
    );
}

#[test]
fn a_key_that_can_do_nothing_now_says_why() {
    let mut model = with_secrets();
    let mut off = secret("api-key");
    off.attributes.enabled = false;
    model.secrets.shelf.list.put(off.into());
    model.secrets.shelf.list.home();
    assert!(press(&mut model, "enter").is_empty());
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.contains("off")));
}

#[test]
fn any_secret_of_an_open_vault_can_be_opened_by_its_name() {
    let mut model = with_secrets();
    let effects = press(&mut model, "o text:not-listed enter");
    assert!(matches!(asked(&effects).1, Query::Reveal(_, name, None) if name.as_str() == "not-listed"));
}

#[test]
fn whoever_pressed_a_key_already_keeps_the_pane() {
    for (pressed, pane) in [(false, Pane::Secrets), (true, Pane::Accounts)] {
        let mut model = Model::new(start());
        let (ticket, _) = asked(&begin(&mut model));
        let effects = reply(
            &mut model,
            ticket,
            Answer::Accounts { accounts: vec![account()], ways: Vec::new(), keeps: Kept::Memory, seen: Vec::new() },
        );
        let (workspaces, _) = asked(&effects);
        if pressed {
            later(&mut model, 1);
            press(&mut model, "1");
        }
        let workspace = workspace();
        reply(&mut model, workspaces, Answer::Workspaces(who(), vec![workspace]));
        assert_eq!((model.workspaces.open.is_some(), model.pane), (true, pane));
    }
}

#[test]
fn a_vault_opened_by_its_name_is_production_when_it_serves_production() {
    let mut model = with_secrets();
    let mut served = workspace();
    served.tags = vec![(Untrusted::from("env"), Untrusted::from("production"))];
    model.workspaces.all = vec![served];
    press(&mut model, "d");
    let Some(Overlay::Confirm(confirm)) = model.top() else { panic!("a question") };
    assert!(confirm.typed.is_some(), "the name must be typed");
    assert!(press(&mut model, "y enter").is_empty());
}

#[test]
fn a_tenant_that_was_named_is_the_only_one_that_is_listed_and_the_one_to_sign_in_to() {
    let mut model = with_secrets();
    let named = TenantId::parse("fabrikam.com").expect("a tenant");
    model.start.tenant = Some(named.clone());
    let effects = press(&mut model, "2 r");
    let (_, Query::Workspaces { of: whos, everywhere, opens }) = asked(&effects) else { panic!("{effects:?}") };
    assert!(whos.iter().all(|who| who.tenant == named) && !whos.is_empty() && !everywhere && !opens, "{whos:?}");
    press(&mut model, "1 a");
    let Some(Overlay::SignIn(menu)) = model.overlays.last() else { panic!("{:?}", model.overlays) };
    assert_eq!(menu.tenant.text(), "fabrikam.com");
}
