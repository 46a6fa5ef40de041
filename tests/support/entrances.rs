//! The ways to sign in, in each of their states.

use amlock::app::form::Form;
use amlock::app::{
    AzureHosts, DevicePrompt, Found, Lane, Load, Model, Narrowed, Overlay, PagePrompt, Shelf, SignInMenu, Tenants, Way,
};
use amlock::domain::{
    Account, AccountKind, AzureWords, Failure, Kept, Kind, Polling, Stranger, Subscription, SubscriptionId, Tenant, Who,
};

use super::{account_id, at, device, over, paste, signing_in, tenant, text, who};

pub(crate) fn found(title: &'static str, words: &str) -> Way {
    Way::Found(Found { account: account_id("found"), title, words: text(words) })
}

/// The ways in with something more to say of them.
fn ways(change: impl FnOnce(&mut SignInMenu)) -> Model {
    let mut model = signing_in();
    if let Some(Overlay::SignIn(menu)) = model.overlays.last_mut() {
        change(menu);
    }
    model
}

fn abroad() -> Model {
    let mut model = ways(|_| {});
    model.start.hosts = AzureHosts {
        cloud: Some("AzureChinaCloud"),
        login: "login.chinacloudapi.cn",
        arm: "management.chinacloudapi.cn",
    };
    model.ways.truncate(1);
    model
}

/// What sign-in answered, in its own words.
fn refused(code: &str, cause: &str, hint: &str) -> Failure {
    let message = format!("{code}: {cause}\r\nTrace ID: 0f1e2d3c-0000\r\nTimestamp: 2026-11-21 05:00:00Z");
    let azure =
        AzureWords { status: 400, code: text(code), message: text(&message), request_id: Some(text("0f1e-11")) };
    Failure::new(Kind::SignedOut, "sign in", cause).hint(hint).azure(azure)
}

fn wants_more() -> Model {
    let why = "Fabrikam asks for multi-factor authentication. Sign in once more, to this tenant; everything else goes on as it is.";
    let mut model = over(Overlay::SignIn(SignInMenu::to(&tenant("fabrikam.com"), why.to_owned())));
    model.ways = signing_in().ways;
    model
}

fn prompt(change: impl FnOnce(&mut DevicePrompt)) -> Model {
    let mut model = device(false);
    if let Some(Overlay::Device(prompt)) = model.overlays.last_mut() {
        change(prompt);
    }
    model
}

pub(crate) fn browser(change: impl FnOnce(&mut PagePrompt)) -> Model {
    let mut model = signing_in();
    let page = "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize?client_id=04b07795-8ddb-461a-bbee-02f9e1bf7b46&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A41337&response_mode=form_post&scope=https%3A%2F%2Fmanagement.azure.com%2F.default+openid+profile+offline_access&state=Zk3v&nonce=9fQx&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw&code_challenge_method=S256&client_info=1&prompt=select_account";
    let mut prompt = PagePrompt { page: Some((text(page), true)), ..PagePrompt::default() };
    change(&mut prompt);
    model.flights.depart(Lane::SignIn, at(-4));
    model.overlays.push(Overlay::Page(prompt));
    model
}

fn principal(refused: bool) -> Model {
    let mut form = Form::principal(String::new());
    if refused {
        paste(&mut form, "tenant", "contoso.com");
        paste(&mut form, "client id", "1b2c3d4e-0000-4000-8000-00000000ac10");
        paste(&mut form, "secret", "hunter2");
        let words =
            "could not sign in: the client secret is wrong. Next: use the secret's value; its id looks much like it";
        form.wrong = Some((form.lines.len(), words.to_owned()));
    }
    let mut model = signing_in();
    model.overlays.push(Overlay::Form(Box::new(form)));
    model
}

fn stranger() -> Overlay {
    let account = who("alex.contoso", "contoso.com").account;
    let (was, now) = (text("alex@contoso.com"), text("sam@fabrikam.com"));
    Overlay::Stranger(Box::new(Stranger { account, was, now }))
}

/// Each state of signing in, by name.
pub(super) fn entrances() -> Vec<(&'static str, Model)> {
    let expired = Failure::new(Kind::SignedOut, "sign in", "the code has expired").hint("ask for a new code");
    let declined = || refused("AADSTS70018", "the sign-in was declined", "sign in again");
    let blocked = || {
        refused(
            "AADSTS53003",
            "a Conditional Access rule does not allow it",
            "sign in again, or ask the tenant's administrator",
        )
    };
    let failing = |prompt: &mut DevicePrompt, why| (prompt.code, prompt.failed) = (None, Some(why));
    let mut all = tenants();
    all.extend(vec![
        (
            "sign-in-failed",
            ways(|menu| {
                menu.failed = Some(refused(
                    "AADSTS7000215",
                    "the client secret is wrong",
                    "use the secret's value; its id looks much like it",
                ));
            }),
        ),
        (
            "sign-in-typing",
            ways(|menu| {
                (menu.tenant, menu.typing) = (amlock::app::field::Open::with("contoso.c"), Some(String::new()));
            }),
        ),
        ("sign-in-typing-nothing", ways(|menu| menu.typing = Some(String::new()))),
        ("sign-in-more", wants_more()),
        ("sign-in-china", abroad()),
        ("device-tenant", prompt(|prompt| prompt.tenant = Some(tenant("fabrikam.com")))),
        ("device-slower", prompt(|prompt| prompt.polling = Polling::Slower)),
        ("device-unreachable", prompt(|prompt| prompt.polling = Polling::Unreachable)),
        ("device-last-minute", prompt(|prompt| prompt.code.as_mut().expect("a code").expires = at(42))),
        ("device-expired", prompt(|prompt| failing(prompt, expired))),
        ("device-declined", prompt(|prompt| failing(prompt, declined()))),
        ("device-blocked", prompt(|prompt| failing(prompt, blocked()))),
        ("browser", browser(|_| {})),
        ("browser-demo", {
            let mut model = browser(|_| {});
            model.start.demo = true;
            model
        }),
        ("browser-preparing", browser(|prompt| prompt.page = None)),
        ("browser-not-started", browser(|prompt| prompt.page.as_mut().expect("a page").1 = false)),
        ("browser-declined", browser(|prompt| prompt.failed = Some(declined()))),
        ("principal", principal(false)),
        ("principal-wrong", principal(true)),
        ("stranger", over(stranger())),
    ]);
    all
}

/// The tenants of az's account, the cursor on the one that wants more.
fn tenants_sheet(change: impl FnOnce(&mut Model, &mut Tenants)) -> Model {
    let mut model = accounts();
    let account = account_id("azure-cli-alex");
    let mut sheet = Tenants { account, shelf: Shelf::default() };
    let (rows, model_tenants) = (model.tenants.clone(), &mut model.tenants);
    super::fill(&mut sheet.shelf, rows);
    let quiet = Tenant { id: tenant("quiet.example"), name: text("Quiet"), domain: text("quiet.example") };
    model_tenants.push(quiet.clone());
    sheet.shelf.put(quiet);
    sheet.shelf.list.step(1);
    change(&mut model, &mut sheet);
    model.overlays.push(Overlay::Tenants(Box::new(sheet)));
    model
}

/// An account's tenants in each of their states.
fn tenants() -> Vec<(&'static str, Model)> {
    let empty = |sheet: &mut Tenants, load| sheet.shelf = Shelf::in_state(load);
    let forbidden = || refused("AADSTS50105", "this user may not use it", "ask the tenant's administrator");
    vec![
        ("tenants", tenants_sheet(|_, _| {})),
        (
            "tenants-narrowed",
            tenants_sheet(|model, sheet| {
                let narrowed = Narrowed { account: sheet.account.clone(), tenant: sheet.shelf.list.current().cloned() };
                model.workspaces.narrow(Some(narrowed));
                sheet.shelf.list.home();
            }),
        ),
        (
            "tenants-loading",
            tenants_sheet(|model, sheet| {
                empty(sheet, Load::Loading);
                model.flights.depart(Lane::Tenants, at(-3));
            }),
        ),
        ("tenants-failed", tenants_sheet(|_, sheet| empty(sheet, Load::Failed(forbidden())))),
        ("tenants-none", tenants_sheet(|_, sheet| empty(sheet, Load::Ready(at(0))))),
    ]
}

/// Accounts of several kinds in several tenants, one of which wants more; the cursor on az's.
pub(crate) fn accounts() -> Model {
    let mut model = super::ready();
    model.pane = amlock::app::Pane::Accounts;
    let mut rows = model.accounts.list.rows().to_vec();
    let az = Account {
        id: account_id("azure-cli-alex"),
        name: text("alex@contoso.com"),
        kind: AccountKind::AzureCli,
        kept: Kept::AzureCli,
        object_id: None,
        ..rows[0].clone()
    };
    rows.push(az.clone());
    super::fill(&mut model.accounts, rows);
    let subscription = |id: &str, name: &str| Subscription {
        id: SubscriptionId::parse(id).expect("an id"),
        name: text(name),
        tenant: az.tenant.clone(),
        state: text(""),
        managed_by: Vec::new(),
    };
    let seen = ["Contoso Dev", "Contoso Prod"].map(|name| subscription("0f0f0f0f-0000-4000-8000-000000000001", name));
    model.seen = vec![(az.id.clone(), seen.into())];
    model.memberships = vec![(az.id.clone(), vec![az.tenant.clone(), tenant("fabrikam.com")])];
    let elsewhere = Who { account: az.id, tenant: tenant("fabrikam.com") };
    let wants =
        refused("AADSTS50076", "the tenant asks for multi-factor authentication", "sign in again, to this tenant");
    model.workspaces.failed = vec![(elsewhere, wants)];
    model.accounts.list.end();
    model
}
