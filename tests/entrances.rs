//! Signing in on the screen, without a screen or a cloud: each way with its progress, its end, and the way back.

#[expect(dead_code, reason = "journeys use the rest")]
#[path = "support/journey.rs"]
mod journey;

use std::time::Duration;

use amlock::app::form::Entry;
use amlock::app::{
    Answer, Effect, Found, Lane, Model, Msg, Overlay, Pane, Query, SignInMenu, SignInWith, Start, Ticket, TypedProof,
    Way, begin, update, wakes_at,
};
use amlock::domain::{
    Account, AccountId, AccountKind, AzureWords, DeviceCode, Failure, Kept, Kind, Moment, Polling, Sealed, Stranger,
    Tenant, TenantId, TokenOf, Untrusted, Vault, Who,
};
use journey::{keys, start};

fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).expect("a tenant")
}

fn account() -> Account {
    Account {
        id: AccountId::parse("alex.contoso.com").expect("an id"),
        name: Untrusted::from("alex@contoso.com"),
        kind: AccountKind::User,
        tenant: tenant("contoso.com"),
        tenant_name: None,
        object_id: None,
        token_of: None,
        kept: Kept::Memory,
        ends: None,
    }
}

fn found() -> Way {
    let words = Untrusted::from("alex@contoso.com, found in ~/.azure");
    Way::Found(Found { account: AccountId::parse("azure-cli-alex").expect("an id"), title: "Azure CLI", words })
}

fn press(model: &mut Model, words: &str) -> Vec<Effect> {
    keys(words).into_iter().flat_map(|key| update(model, Msg::Key(key.into()))).collect()
}

fn asked(effects: &[Effect]) -> (Ticket, &Query) {
    let question = effects.iter().find_map(|effect| match effect {
        Effect::Ask(ticket, query) => Some((*ticket, &**query)),
        _ => None,
    });
    question.expect("a question")
}

fn with(effects: &[Effect]) -> (Ticket, &SignInWith) {
    match asked(effects) {
        (ticket, Query::SignIn(with)) => (ticket, with),
        (_, other) => panic!("not a sign-in: {other:?}"),
    }
}

fn reply(model: &mut Model, ticket: Ticket, answer: Answer) -> Vec<Effect> {
    update(model, Msg::Reply(ticket, Box::new(answer)))
}

fn fail(model: &mut Model, ticket: Ticket, failure: Failure) -> Vec<Effect> {
    update(model, Msg::Landed(ticket, Err(failure)))
}

fn there(accounts: Vec<Account>) -> Model {
    let mut model = Model::new(Start { demo: false, folder: None, ..start() });
    let (ticket, _) = asked(&begin(&mut model));
    let ways = vec![Way::DeviceCode, found(), Way::Principal, Way::Browser(Ok(())), Way::Machine];
    reply(&mut model, ticket, Answer::Accounts { accounts, ways, keeps: Kept::Keyring, seen: Vec::new() });
    update(&mut model, Msg::Landed(ticket, Ok(())));
    model
}

/// Nobody is signed in.
fn at_the_door() -> Model {
    there(Vec::new())
}

fn menu(model: &Model) -> &SignInMenu {
    match model.top() {
        Some(Overlay::SignIn(menu)) => menu,
        other => panic!("not the ways in: {other:?}"),
    }
}

fn refused(code: &str, cause: &str) -> Failure {
    let azure = AzureWords { status: 400, code: code.into(), message: code.into(), request_id: None };
    Failure::new(Kind::SignedOut, "sign in", cause).hint("sign in again").azure(azure)
}

fn code(model: &Model) -> Answer {
    Answer::DeviceCode(DeviceCode {
        user_code: "C7KQ9RFWD".into(),
        verification_uri: "https://microsoft.com/devicelogin".into(),
        expires: later(model, 14 * 60),
    })
}

fn later(model: &Model, seconds: u64) -> Moment {
    model.now.checked_add(Duration::from_secs(seconds)).expect("in range")
}

#[test]
fn enter_goes_the_way_that_the_cursor_is_on() {
    let tried = |steps: &str| {
        let mut model = at_the_door();
        let effects = press(&mut model, &format!("{steps} enter"));
        (format!("{:?}", effects.first()), model)
    };
    assert!(tried("").0.contains("Code(None)"));
    assert!(tried("j").0.contains("azure-cli-alex"));
    let (nothing_yet, model) = tried("j j");
    assert_eq!(nothing_yet, "None");
    assert!(matches!(model.top(), Some(Overlay::Form(_))));
    assert!(tried("j j j").0.contains("Page(None)"));
    assert!(tried("j j j j").0.contains("Machine"));
}

#[test]
fn a_browser_that_cannot_be_opened_says_why_and_asks_nobody() {
    let mut model = at_the_door();
    model.ways[3] = Way::Browser(Err("not over SSH"));
    assert!(press(&mut model, "j j j enter").is_empty());
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.contains("not over SSH")));
}

#[test]
fn the_tenant_is_typed_once_and_goes_with_every_way() {
    let mut model = at_the_door();
    press(&mut model, "t text:fabrikam.com enter");
    let effects = press(&mut model, "enter");
    assert!(matches!(with(&effects).1, SignInWith::Code(Some(of)) if of.as_str() == "fabrikam.com"));
    press(&mut model, "esc");
    assert_eq!(menu(&model).tenant.text(), "fabrikam.com", "and is there still");
    press(&mut model, "t text:.evil esc");
    assert_eq!(menu(&model).tenant.text(), "fabrikam.com", "esc leaves it as it was");
    press(&mut model, "j j enter");
    assert!(matches!(model.top(), Some(Overlay::Form(form)) if form.text("tenant") == "fabrikam.com"));
    press(&mut model, "esc t text:/.. enter");
    assert!(menu(&model).typing.is_some(), "what cannot be a tenant is not kept");
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.contains("a domain (contoso.com) or an id")));
}

#[test]
fn a_code_that_ended_says_why_in_its_place_and_enter_asks_for_a_new_one() {
    let ends = [
        ("AADSTS70018", "the sign-in was declined"),
        ("AADSTS70020", "the code has expired"),
        ("AADSTS53003", "a Conditional Access rule does not allow it"),
    ];
    for (number, cause) in ends {
        let mut model = at_the_door();
        let effects = press(&mut model, "t text:fabrikam.com enter enter");
        let (ticket, _) = with(&effects);
        let answer = code(&model);
        reply(&mut model, ticket, answer);
        fail(&mut model, ticket, refused(number, cause));
        let Some(Overlay::Device(prompt)) = model.top() else { panic!("{:?}", model.top()) };
        assert!(prompt.code.is_none(), "nobody types a code that has ended");
        assert_eq!(prompt.failed.as_ref().map(|failure| failure.cause.as_str()), Some(cause));
        let effects = press(&mut model, "enter");
        assert!(matches!(with(&effects).1, SignInWith::Code(Some(_))), "to the same tenant");
        press(&mut model, "esc");
        assert_eq!(menu(&model).cursor, 0);
    }
}

#[test]
fn esc_stops_whatever_waits_and_leads_back_to_the_ways() {
    for way in ["", "j", "j j j", "j j j j"] {
        let mut model = at_the_door();
        let effects = press(&mut model, &format!("{way} enter"));
        let (ticket, _) = with(&effects);
        let effects = press(&mut model, "esc");
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(Lane::SignIn))), "{way}");
        menu(&model);
        // An answer that is late signs nobody in.
        reply(&mut model, ticket, Answer::SignedIn(account()));
        assert_eq!(model.accounts.list.total(), 0, "{way}");
    }
}

#[test]
fn a_login_that_was_found_and_does_not_work_says_why_beside_the_ways() {
    let mut model = at_the_door();
    let effects = press(&mut model, "j enter");
    let (ticket, _) = with(&effects);
    fail(&mut model, ticket, Failure::new(Kind::SignedOut, "sign in", "nobody is signed in to the Azure CLI"));
    assert!(menu(&model).failed.as_ref().is_some_and(|failure| failure.cause.contains("Azure CLI")));
    press(&mut model, "k enter");
    press(&mut model, "esc");
    assert!(menu(&model).failed.is_none(), "it is about the way before");
}

#[test]
fn a_code_may_take_the_browser_s_place() {
    let mut model = at_the_door();
    let effects = press(&mut model, "t text:fabrikam.com enter j j j enter");
    let (browser, _) = with(&effects);
    reply(&mut model, browser, Answer::Page("https://login.microsoftonline.com/x".into(), true));
    assert!(wakes_at(&model).is_none(), "nothing turns while somebody is waited for");
    let effects = press(&mut model, "d");
    let (code, way) = with(&effects);
    assert!(matches!(way, SignInWith::Code(Some(of)) if of.as_str() == "fabrikam.com"));
    assert!(matches!(model.top(), Some(Overlay::Device(_))));
    fail(&mut model, browser, refused("x", "the browser was slow"));
    assert!(matches!(model.top(), Some(Overlay::Device(prompt)) if prompt.failed.is_none()), "that was left");
    reply(&mut model, code, Answer::SignedIn(account()));
    assert!(model.overlays.is_empty() && model.accounts.list.total() == 1);
}

#[test]
fn a_service_principal_is_filled_in_by_enter_alone() {
    let mut model = at_the_door();
    press(&mut model, "j j enter");
    let client = "1b2c3d4e-0000-4000-8000-00000000ac10";
    press(&mut model, &format!("text:contoso.com enter text:{client} enter"));
    update(&mut model, Msg::Paste(Sealed::new("hunter2".to_owned())));
    let effects = press(&mut model, "enter");
    let (ticket, SignInWith::Principal(typed)) = with(&effects) else { panic!("{effects:?}") };
    assert_eq!((typed.client_id.as_str(), typed.tenant.as_ref().map(TenantId::as_str)), (client, Some("contoso.com")));
    assert!(matches!(&typed.proof, TypedProof::Secret(secret) if secret.bytes() == 7));
    assert!(!format!("{effects:?}").contains("hunter2"));
    // It was the wrong one: what was typed is all there, the secret among it.
    fail(&mut model, ticket, refused("AADSTS7000215", "the client secret is wrong"));
    let Some(Overlay::Form(form)) = model.top() else { panic!("the form stays") };
    assert!(form.wrong.as_ref().is_some_and(|(_, why)| why.contains("the client secret is wrong")));
    assert_eq!(form.text("client id"), client);
    assert!(form.lines.iter().any(|line| matches!(&line.entry, Entry::Value(secret) if secret.bytes() == 7)));
    // The same while somebody gives up waiting.
    press(&mut model, "enter esc");
    let Some(Overlay::Form(form)) = model.top() else { panic!("the form stays") };
    assert!(form.saving.is_none() && form.text("tenant") == "contoso.com");
    let effects = press(&mut model, "enter");
    let (ticket, _) = with(&effects);
    reply(&mut model, ticket, Answer::SignedIn(account()));
    assert!(model.overlays.is_empty(), "nothing secret is left in a field");
}

#[test]
fn one_thing_proves_a_service_principal() {
    let form = |typed: &str| {
        let mut model = at_the_door();
        press(&mut model, "j j enter");
        let effects = press(&mut model, typed);
        let sent = effects.iter().any(|effect| matches!(effect, Effect::Ask(..)));
        let Some(Overlay::Form(form)) = model.top() else { panic!("a form") };
        let wrong = form.wrong.as_ref().map(|(at, why)| format!("{}: {why}", form.lines[*at].label));
        (sent, wrong.unwrap_or_default())
    };
    assert_eq!(form("tab tab tab tab tab text:~/auth.json enter"), (true, String::new()), "a file has all of it");
    assert!(form("tab tab text:s tab tab tab text:~/auth.json enter").1.starts_with("or JSON: one proof is enough"));
    assert!(form("tab text:c-1 tab text:s enter").1.starts_with("tenant: a service principal needs its tenant"));
    assert!(form("text:contoso.com tab text:c-1 tab tab tab tab enter").1.starts_with("secret: a secret, a cert"));
    let certificate = "text:contoso.com tab text:c-1 tab tab text:~/sp.pem enter";
    assert_eq!(form(certificate), (true, String::new()));
}

#[test]
fn whoever_waits_for_a_code_to_be_typed_wakes_once_a_minute_and_each_second_of_the_last() {
    let mut model = at_the_door();
    let effects = press(&mut model, "enter");
    let (ticket, _) = with(&effects);
    let answer = code(&model);
    reply(&mut model, ticket, answer);
    model.notice = None;
    let mut wakes = 0;
    let end = later(&model, 14 * 60);
    while let Some(at) = wakes_at(&model) {
        assert!(at > model.now, "time goes on");
        update(&mut model, Msg::Clock(at));
        wakes += 1;
    }
    assert!(model.now >= end);
    assert!((13 + 60..=13 + 62).contains(&wakes), "{wakes} times");
    reply(&mut model, ticket, Answer::Polling(Polling::Slower));
    assert!(matches!(model.top(), Some(Overlay::Device(prompt)) if prompt.polling == Polling::Slower));
}

fn fabrikam() -> Who {
    Who { account: account().id, tenant: tenant("fabrikam.com") }
}

fn wants_more() -> Failure {
    refused("AADSTS50076", "the tenant asks for multi-factor authentication")
}

fn signed_in() -> Model {
    let mut model = there(vec![account()]);
    let tenants = [("contoso.com", "Contoso"), ("fabrikam.com", "Fabrikam")].map(|(id, name)| Tenant {
        id: tenant(id),
        name: name.into(),
        domain: id.into(),
    });
    let effects = press(&mut model, "2 r");
    let (ticket, _) = asked(&effects);
    reply(&mut model, ticket, Answer::Tenants(account().id, tenants.into()));
    model
}

#[test]
fn a_tenant_that_wants_more_is_named_and_only_that_one_is_signed_in_to_again() {
    let mut model = signed_in();
    let effects = press(&mut model, "2 r");
    let (ticket, _) = asked(&effects);
    reply(&mut model, ticket, Answer::NoWorkspaces(fabrikam(), wants_more()));
    update(&mut model, Msg::Landed(ticket, Ok(())));
    assert!(model.overlays.is_empty(), "nobody is asked before they want something there");
    press(&mut model, "1 a");
    assert_eq!(menu(&model).tenant.text(), "fabrikam.com");
    assert!(menu(&model).why.as_ref().is_some_and(|why| why.starts_with("Fabrikam asks for multi-factor")));
    let effects = press(&mut model, "enter");
    assert!(matches!(with(&effects).1, SignInWith::Code(Some(of)) if of.as_str() == "fabrikam.com"));
}

#[test]
fn what_a_tenant_that_wants_more_kept_from_being_done_is_done_after_it_got_that() {
    let mut model = signed_in();
    model.secrets.vault = Some(Vault {
        name: "kv-fabrikam".to_owned(),
        url: "https://kv-fabrikam.vault.azure.net/".parse().expect("an address"),
        who: fabrikam(),
        id: None,
        by_role: None,
        subscription_name: None,
    });
    let effects = press(&mut model, "3 u");
    let (ticket, _) = asked(&effects);
    fail(&mut model, ticket, wants_more());
    assert_eq!(menu(&model).tenant.text(), "fabrikam.com");
    let effects = press(&mut model, "enter");
    let (ticket, _) = with(&effects);
    let effects = reply(&mut model, ticket, Answer::SignedIn(account()));
    let again = |effect: &Effect| matches!(effect, Effect::Ask(_, query) if matches!(**query, Query::Deleted(_)));
    assert!(effects.iter().any(again), "{effects:?}");
    assert_eq!(model.accounts.list.total(), 1, "it is the same account");
}

fn turned() -> Stranger {
    Stranger { account: account().id, was: "alex@contoso.com".into(), now: "sam@fabrikam.com".into() }
}

/// A login that became somebody else's while a list was fetched and a form was open.
fn locked() -> (Model, Vec<Effect>) {
    let mut model = signed_in();
    let effects = press(&mut model, "2 r");
    let (ticket, _) = asked(&effects);
    model.overlays.push(Overlay::Help(0));
    let mut effects = reply(&mut model, ticket, Answer::Stranger(turned()));
    effects.extend(fail(&mut model, ticket, refused("", "this login now belongs to somebody else")));
    (model, effects)
}

#[test]
fn a_login_that_became_somebody_else_s_locks_the_screen_until_somebody_decides() {
    let (mut model, effects) = locked();
    assert!(matches!(&model.overlays[..], [Overlay::Stranger(_)]), "{:?}", model.overlays);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ClearClipboard)));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(Lane::Workspaces))), "nothing more is asked");
    for key in ["esc", "enter", "1", "a", "r", "L", "/", "tab", "y"] {
        let effects = press(&mut model, key);
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Ask(..))), "{key}: {effects:?}");
        assert!(matches!(model.top(), Some(Overlay::Stranger(_))), "{key}");
    }
    assert!(press(&mut model, "q").iter().any(|effect| matches!(effect, Effect::Quit)));
}

#[test]
fn whoever_it_is_now_may_be_kept_and_nothing_of_before_is_left() {
    let (mut model, _) = locked();
    let effects = press(&mut model, "k");
    let (ticket, query) = asked(&effects);
    assert!(matches!(query, Query::KeepStranger(id) if *id == account().id));
    let effects = reply(&mut model, ticket, Answer::SignedIn(Account { name: turned().now, ..account() }));
    assert!(model.overlays.is_empty());
    assert_eq!(model.accounts.list.rows()[0].name.raw(), "sam@fabrikam.com");
    assert!(model.workspaces.all.is_empty() && model.secrets.vault.is_none());
    assert!(matches!(asked(&effects).1, Query::Workspaces { .. }), "and its own workspaces are fetched");
}

#[test]
fn or_it_is_signed_out() {
    let (mut model, _) = locked();
    let effects = press(&mut model, "d");
    let (ticket, query) = asked(&effects);
    assert!(matches!(query, Query::SignOut(id) if *id == account().id));
    reply(&mut model, ticket, Answer::SignedOut(account().id));
    menu(&model);
    assert_eq!(model.accounts.list.total(), 0);
    assert_eq!(model.pane, Pane::Workspaces);
}

#[test]
fn the_one_login_that_was_found_is_used_and_named() {
    let model = there(vec![Account { kept: Kept::AzureCli, kind: AccountKind::AzureCli, ..account() }]);
    assert!(model.overlays.is_empty());
    let said = model.notice.as_ref().map(|notice| notice.text.clone());
    assert_eq!(said.as_deref(), Some("Signed in as alex@contoso.com (found: Azure CLI)."));
}

#[test]
fn a_machine_says_whose_its_token_is_once_its_first_one_told_it() {
    let machine = || Account { kept: Kept::Machine, kind: AccountKind::ManagedIdentity, ..account() };
    let mut model = there(vec![machine()]);
    let said = |model: &Model| model.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
    assert_eq!(said(&model), "Signed in as alex@contoso.com (found: this machine).");
    let (ticket, _) = asked(&press(&mut model, "2 r"));
    let told = Account { name: "ci-alex".into(), token_of: Some(TokenOf::Application), ..machine() };
    reply(&mut model, ticket, Answer::Account(told.clone()));
    assert_eq!(said(&model), "Signed in as ci-alex. The token is the identity's.");
    assert_eq!(model.accounts.list.rows()[0].name.raw(), "ci-alex");
    // It is told once, and what went wrong since is not covered by it.
    press(&mut model, "1");
    reply(&mut model, ticket, Answer::Account(told));
    assert!(model.notice.is_none());

    let mut model = there(vec![machine()]);
    let (ticket, _) = asked(&press(&mut model, "2 r"));
    model.complain(Failure::new(Kind::Failed, "reveal it", "no"));
    let user = Account { token_of: Some(TokenOf::User), ..machine() };
    reply(&mut model, ticket, Answer::Account(user.clone()));
    assert!(said(&model).contains("reveal it"));
    let effects = press(&mut model, "1 a j enter");
    let (ticket, _) = with(&effects);
    reply(&mut model, ticket, Answer::SignedIn(user));
    assert_eq!(said(&model), "Signed in as alex@contoso.com. The token is the user's.");
}

#[test]
fn a_keyring_that_does_not_take_the_one_it_is_now_is_said() {
    let mut model = signed_in();
    model.accounts.list.put(Account { kept: Kept::Keyring, ..account() });
    let effects = press(&mut model, "2 r");
    let (ticket, _) = asked(&effects);
    reply(&mut model, ticket, Answer::Stranger(turned()));
    let effects = press(&mut model, "k");
    let (ticket, _) = asked(&effects);
    reply(&mut model, ticket, Answer::SignedIn(Account { name: turned().now, kept: Kept::Memory, ..account() }));
    let said = model.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
    let words = "Signed in as sam@fabrikam.com. The kernel keyring did not take it: the login ends with amlock.";
    assert_eq!(said, words);
}

fn tenants() -> Vec<Tenant> {
    [("contoso.com", "Contoso"), ("fabrikam.com", "Fabrikam")]
        .map(|(id, name)| Tenant { id: tenant(id), name: name.into(), domain: id.into() })
        .into()
}

/// The sheet of an account's tenants, once they came.
fn with_tenants(model: &mut Model) {
    let effects = press(model, "1 t");
    let (ticket, query) = asked(&effects);
    assert!(matches!(query, Query::Tenants(who) if who.account == account().id));
    reply(model, ticket, Answer::Tenants(account().id, tenants()));
    update(model, Msg::Landed(ticket, Ok(())));
}

#[test]
fn one_of_an_account_s_tenants_is_chosen_without_a_question_and_chosen_again_shows_all() {
    let mut model = signed_in();
    with_tenants(&mut model);
    let effects = press(&mut model, "j enter");
    assert!(effects.is_empty(), "what is there already is asked for by nobody: {effects:?}");
    assert!(model.overlays.is_empty() && model.pane == Pane::Workspaces);
    let narrowed = model.workspaces.narrowed.clone().expect("narrowed");
    assert!(narrowed.holds(&fabrikam()));
    assert!(!narrowed.holds(&Who { account: account().id, tenant: tenant("contoso.com") }));
    assert!(!narrowed.holds(&Who { account: AccountId::parse("sam").expect("an id"), ..fabrikam() }));
    assert_eq!(model.acting_from().map(|tenant| tenant.name.raw()), Some("Fabrikam"), "the header's, too");
    with_tenants(&mut model);
    press(&mut model, "enter");
    assert!(model.workspaces.narrowed.is_none(), "the cursor stands on the chosen one");
    // From one tenant Enter on the account goes to all of its own.
    with_tenants(&mut model);
    press(&mut model, "enter 1 enter");
    assert!(model.workspaces.narrowed.as_ref().is_some_and(|to| to.tenant.is_none() && to.holds(&fabrikam())));
}

#[test]
fn another_tenant_than_the_one_named_at_the_start_is_looked_into_once_it_is_chosen() {
    let mut model = signed_in();
    model.start.tenant = Some(tenant("contoso.com"));
    with_tenants(&mut model);
    assert!(press(&mut model, "enter").is_empty(), "that one was looked into");
    model.start.tenant = Some(tenant("fabrikam.com"));
    let effects = press(&mut model, "1 t");
    let own = |query: &Query| matches!(query, Query::Tenants(who) if who.tenant == account().tenant);
    assert!(own(asked(&effects).1), "a tenant that was named may refuse: {effects:?}");
    press(&mut model, "esc");
    model.start.tenant = Some(tenant("contoso.com"));
    with_tenants(&mut model);
    let effects = press(&mut model, "j enter");
    assert!(matches!(asked(&effects).1, Query::Workspaces { everywhere: true, .. }));
}

#[test]
fn esc_leaves_the_tenants_and_what_they_were_asked_for_changes_nothing_any_more() {
    let mut model = signed_in();
    let effects = press(&mut model, "1 t");
    let (ticket, _) = asked(&effects);
    let effects = press(&mut model, "esc");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(Lane::Tenants))), "{effects:?}");
    assert!(model.overlays.is_empty() && !model.flights.expects(ticket) && model.pane == Pane::Accounts);
    // Enter and a mean nothing in a list that is not there yet.
    press(&mut model, "t enter a");
    assert!(matches!(&model.overlays[..], [Overlay::Tenants(_)]), "{:?}", model.overlays);
}

#[test]
fn tenants_that_cannot_be_listed_say_why_and_those_that_want_a_login_ask_again_after_it() {
    let mut model = signed_in();
    let effects = press(&mut model, "1 t");
    let (ticket, _) = asked(&effects);
    fail(&mut model, ticket, Failure::new(Kind::Offline, "list your tenants", "nobody answers"));
    let Some(Overlay::Tenants(sheet)) = model.top() else { panic!("{:?}", model.overlays) };
    assert!(matches!(sheet.shelf.load, amlock::app::Load::Failed(_)));
    let effects = press(&mut model, "r");
    let (ticket, _) = asked(&effects);
    fail(&mut model, ticket, refused("AADSTS700082", "the login has expired"));
    let why = menu(&model).why.clone();
    assert!(why.as_deref().is_some_and(|why| why.contains("the login has expired")), "{why:?}");
    // Left, it is offered again by a.
    press(&mut model, "esc a");
    menu(&model);
    let effects = press(&mut model, "enter");
    let (ticket, _) = with(&effects);
    let effects = reply(&mut model, ticket, Answer::SignedIn(account()));
    let again = |effect: &Effect| matches!(effect, Effect::Ask(_, query) if matches!(**query, Query::Tenants(_)));
    assert!(effects.iter().any(again), "{effects:?}");
}

#[test]
fn from_the_tenants_one_signs_in_to_the_one_that_wants_more_and_comes_back_to_them() {
    let mut model = signed_in();
    let (ticket, _) = asked(&press(&mut model, "2 r"));
    reply(&mut model, ticket, Answer::NoWorkspaces(fabrikam(), wants_more()));
    update(&mut model, Msg::Landed(ticket, Ok(())));
    with_tenants(&mut model);
    press(&mut model, "a");
    assert_eq!(menu(&model).tenant.text(), "contoso.com", "the one under the cursor, whatever another wants");
    assert!(menu(&model).why.as_ref().is_some_and(|why| why.starts_with("Sign in once more, to Contoso")));
    press(&mut model, "esc j a");
    assert!(menu(&model).why.as_ref().is_some_and(|why| why.starts_with("Fabrikam asks for multi-factor")));
    let effects = press(&mut model, "enter");
    let (ticket, way) = with(&effects);
    assert!(matches!(way, SignInWith::Code(Some(of)) if of.as_str() == "fabrikam.com"));
    reply(&mut model, ticket, Answer::SignedIn(account()));
    assert!(matches!(&model.overlays[..], [Overlay::Tenants(_)]), "{:?}", model.overlays);
}
