//! Models made by hand, for drawing: the world of the product's drawings, with a fixed clock in Seoul.

use std::time::Duration;

use amlock::app::form::{Confirm, Deed, Form};
use amlock::app::{
    AzureHosts, Clip, Colours, Credentials, DevicePrompt, KeySheet, Lane, Listed, Load, Model, Overlay, Palette, Pane,
    Reveal, Row, Shelf, SignInMenu, Start, Target, Versions, Way, Words,
};
use amlock::domain::{
    Account, AccountId, AccountKind, Attributes, AuthMode, AzureWords, DeletedSecret, Denied, DeviceCode, Endpoint,
    EndpointKeys, EndpointKind, EndpointState, EndpointToken, Failure, Guard, Kept, Kind, Moment, ResourceId,
    RoleAdvice, Sealed, Secret, SecretName, SecretValue, SecretVersion, Tenant, TenantId, Untrusted, Vault, WhichKey,
    Who, Workspace, WorkspaceKind, Zone,
};

#[path = "entrances.rs"]
pub(crate) mod entrances;

pub(crate) const DAY: i64 = 86_400;

/// 14:02 in Seoul.
pub(crate) fn now() -> Moment {
    "2026-11-21T05:02:00Z".parse().expect("an instant")
}

pub(crate) fn at(seconds: i64) -> Moment {
    Moment::from_second(now().as_second() + seconds).expect("in range")
}

pub(crate) fn text(text: &str) -> Untrusted {
    Untrusted::from(text)
}

pub(crate) fn start() -> Start {
    Start {
        now: now(),
        zone: Zone::get("Asia/Seoul").expect("in the database"),
        demo: false,
        read_only: false,
        ascii: false,
        colours: Colours::Indexed,
        open: None,
        folder: Some(Target { workspace: "ws-vision".to_owned(), ..Target::default() }),
        remark: None,
        habit: None,
        vault: None,
        account: None,
        reveal_seconds: 15,
        production: Vec::new(),
        tenant: None,
        hosts: AzureHosts::PUBLIC,
    }
}

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).expect("a tenant")
}

pub(crate) fn account_id(name: &str) -> AccountId {
    AccountId::parse(name).expect("an account id")
}

pub(crate) fn who(account: &str, of: &str) -> Who {
    Who { account: account_id(account), tenant: tenant(of) }
}

pub(crate) fn account(id: &str, name: &str, kind: AccountKind, of: &str) -> Account {
    Account {
        id: account_id(id),
        name: text(name),
        kind,
        tenant: tenant(of),
        tenant_name: None,
        object_id: Some(text("6f1c9a52-0d3b-4a6e-9f57-2f0f8f1f7a11")),
        token_of: None,
        kept: if kind == AccountKind::Principal { Kept::Environment } else { Kept::Keyring },
        ends: None,
    }
}

pub(crate) fn workspace(name: &str, kind: WorkspaceKind, (account, of): (&str, &str)) -> Workspace {
    let id = |kind: &str, name: &str| {
        let id =
            format!("/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-ml/providers/{kind}/{name}");
        ResourceId::parse(&id).expect("a resource id")
    };
    Workspace {
        id: id("Microsoft.MachineLearningServices/workspaces", name),
        name: text(name),
        kind,
        location: text("koreacentral"),
        subscription_name: Some(text("Contoso ML")),
        who: who(account, of),
        vault_id: Some(id("Microsoft.KeyVault/vaults", &name.replacen("ws", "kv", 1))),
        vault_url: None,
        vault_tenant: None,
        vault_by_role: Some(true),
        hub: None,
        state: text("Succeeded"),
        friendly_name: None,
        description: Some(text("Defects on the line, camera 4 to 9")),
        tags: vec![(text("team"), text("비전"))],
        discovery_url: None,
        mlflow_uri: None,
    }
}

pub(crate) fn secret(name: &str) -> Secret {
    Secret {
        name: text(name),
        version: None,
        attributes: Attributes { enabled: true, updated: Some(at(-370 * DAY)), ..Attributes::default() },
        content_type: None,
        tags: Vec::new(),
        managed: false,
        key_id: None,
    }
}

fn secrets() -> Vec<Secret> {
    let mut password = secret("db-password");
    password.content_type = Some(text("text/plain"));
    password.attributes.expires = Some(at(12 * DAY));
    password.attributes.updated = Some(at(-21 * DAY));
    password.attributes.created = Some(at(-21 * DAY));
    password.tags = vec![(text("team"), text("비전"))];
    let mut legacy = secret("db-legacy");
    legacy.content_type = Some(text("application/json"));
    legacy.attributes.expires = Some(at(-3 * DAY));
    legacy.attributes.updated = Some(at(-2 * DAY));
    let mut replica = secret("db-replica-url");
    replica.attributes.enabled = false;
    let mut certificate = secret("tls-front");
    certificate.managed = true;
    certificate.content_type = Some(text("application/x-pkcs12"));
    let mut early = secret("api-next-year");
    early.attributes.not_before = Some(at(41 * DAY));
    let long = secret(&format!("long-{}-end", "x".repeat(118)));
    let mut rows = vec![password, legacy, replica, secret("db-user"), certificate, early, long];
    rows.extend((0..141).map(|n| secret(&format!("key-{n:03}"))));
    rows
}

pub(crate) fn endpoint(name: &str, kind: EndpointKind, auth: AuthMode) -> Endpoint {
    let id = format!(
        "/subscriptions/1/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/ws-vision/{}/{name}",
        kind.collection()
    );
    Endpoint {
        id: ResourceId::parse(&id).expect("a resource id"),
        name: text(name),
        kind,
        auth,
        state: EndpointState::Ready,
        scoring_uri: Some(text(&format!("https://{name}.koreacentral.inference.ml.azure.com/score"))),
        traffic: Vec::new(),
        target: None,
        description: None,
        location: text("koreacentral"),
        tags: Vec::new(),
        created: Some(at(-90 * DAY)),
        who: who("a.contoso", "contoso.com"),
    }
}

fn endpoints() -> Vec<Endpoint> {
    let mut online = endpoint("churn-online", EndpointKind::Online, AuthMode::Key);
    online.traffic = vec![(text("blue"), 90), (text("green"), 10)];
    let mut creating = endpoint("vision-next", EndpointKind::Online, AuthMode::AmlToken);
    creating.state = EndpointState::Creating;
    creating.scoring_uri = None;
    let mut failed = endpoint("vision-old", EndpointKind::Online, AuthMode::KeyOrEntra);
    failed.state = EndpointState::Failed;
    vec![
        online,
        endpoint("churn-batch", EndpointKind::Batch, AuthMode::Entra),
        endpoint("phi-4", EndpointKind::Serverless, AuthMode::Key),
        creating,
        failed,
    ]
}

pub(crate) fn vault() -> Vault {
    Vault {
        name: "kv-vision".to_owned(),
        url: "https://kv-vision.vault.azure.net/".parse().expect("an address"),
        who: who("a.contoso", "contoso.com"),
        id: None,
        by_role: Some(true),
        subscription_name: None,
    }
}

/// Fills a shelf.
pub(crate) fn fill<T: Row>(shelf: &mut Shelf<T>, rows: Vec<impl Into<T>>) {
    shelf.begin();
    shelf.add(rows.into_iter().map(Into::into).collect());
    shelf.end(now(), Ok(()));
}

/// The world of the drawings: signed in, ws-vision open, its secrets and endpoints there.
pub(crate) fn ready() -> Model {
    let mut model = Model::new(start());
    model.pane = Pane::Secrets;
    model.tenants = [("contoso.com", "contoso"), ("fabrikam.com", "fabrikam")]
        .map(|(id, name)| Tenant { id: tenant(id), name: text(name), domain: text(id) })
        .into();
    let accounts = vec![
        account("a.contoso", "alex@contoso.com", AccountKind::User, "contoso.com"),
        account("b.fabrikam", "alex@fabrikam.com", AccountKind::User, "fabrikam.com"),
        account("c.contoso", "ml-auth", AccountKind::Principal, "contoso.com"),
    ];
    fill(&mut model.accounts, accounts);
    let (contoso, fabrikam) = (("a.contoso", "contoso.com"), ("b.fabrikam", "fabrikam.com"));
    let mut production = workspace("ws-prod", WorkspaceKind::Default, contoso);
    production.tags.push((text("env"), text("production")));
    let mut rows = vec![
        workspace("hub-shared", WorkspaceKind::Hub, contoso),
        production,
        workspace("ws-vision", WorkspaceKind::Default, contoso),
        workspace("ws-with-a-rather-long-name-of-33", WorkspaceKind::Project, contoso),
    ];
    rows.push(workspace("ws-nlp", WorkspaceKind::Default, fabrikam));
    rows.extend((0..26).map(|n| workspace(&format!("ws-team-{n:02}"), WorkspaceKind::Default, fabrikam)));
    model.workspaces.all.clone_from(&rows);
    open(&mut model, 2);
    fill(&mut model.workspaces.shelf, rows);
    model.secrets.vault = Some(vault());
    fill(&mut model.secrets.shelf, secrets());
    fill(&mut model.endpoints, endpoints());
    model
}

/// Opens the workspace at this place.
pub(crate) fn open(model: &mut Model, at: usize) {
    let workspace = model.workspaces.all[at].clone();
    model.workspaces.open = Some(workspace.id.clone());
    model.workspaces.opened = Some(Box::new(workspace));
}

/// Empties all four panes and says of each what `load` says.
fn bare(load: &Load) -> Model {
    let mut model = ready();
    model.accounts = Shelf::in_state(load.clone());
    model.workspaces.shelf = Shelf::in_state(load.clone());
    model.secrets.shelf = Shelf::in_state(load.clone());
    model.endpoints = Shelf::in_state(load.clone());
    model
}

fn nothing_open(mut model: Model) -> Model {
    (model.workspaces.open, model.workspaces.opened) = (None, None);
    model.secrets.vault = None;
    model
}

/// Departs on the four lanes that fill the panes, so many seconds ago.
fn ask_all(mut model: Model, seconds: i64) -> Model {
    for pane in Pane::ALL {
        model.flights.depart(Model::lane_of(pane), at(-seconds));
    }
    model
}

/// Says the same of all four loads, the rows stay.
fn say_of_all(mut model: Model, load: &Load) -> Model {
    model.accounts.load = load.clone();
    model.workspaces.shelf.load = load.clone();
    model.secrets.shelf.load = load.clone();
    model.endpoints.load = load.clone();
    model
}

pub(crate) fn offline() -> Failure {
    Failure::new(Kind::Offline, "list the secrets of kv-vision", "kv-vision.vault.azure.net does not answer")
        .hint("Look at the network, then try again.")
        .azure(AzureWords {
            status: 503,
            code: text("ServiceUnavailable"),
            message: text("The service is unavailable now."),
            request_id: Some(text("8c0f3e1e-6a44-4b1f-9d0e-0d7a1c0b9a77")),
        })
}

pub(crate) fn refused() -> Failure {
    let denied = Denied {
        who: Some(text("alex@contoso.com")),
        object_id: Some(text("6f1c9a52-0d3b-4a6e-9f57-2f0f8f1f7a11")),
        may_not: "list the secrets of kv-prod".to_owned(),
        action: Some(text("Microsoft.KeyVault/vaults/secrets/readMetadata/action")),
        resource: text("kv-prod"),
        resource_group: Some(text("rg-ml")),
        subscription: Some(text("Contoso ML")),
        guard: Guard::Role,
        roles: vec![
            RoleAdvice { role: "Key Vault Secrets User", gives: "names and values" },
            RoleAdvice { role: "Key Vault Reader", gives: "names only" },
        ],
    };
    Failure::new(Kind::Forbidden(Box::new(denied)), "list the secrets of kv-prod", "no role allows it").azure(
        AzureWords {
            status: 403,
            code: text("ForbiddenByRbac"),
            message: text(
                "Caller is not authorized to perform action on resource. If role assignments, deny assignments or role \
             definitions were changed recently, please observe propagation time.",
            ),
            request_id: Some(text("8c0f3e1e-6a44-4b1f-9d0e-0d7a1c0b9a77")),
        },
    )
}

/// Types a filter into every pane.
fn filtered(mut model: Model, needle: &str) -> Model {
    fn into<T: Row>(shelf: &mut Shelf<T>, needle: &str) {
        shelf.list.filter = tui_input::Input::new(needle.to_owned());
        shelf.list.filtered();
    }
    into(&mut model.accounts, needle);
    into(&mut model.workspaces.shelf, needle);
    into(&mut model.secrets.shelf, needle);
    into(&mut model.endpoints, needle);
    model
}

/// Every state that the panes can be in, by name.
pub(crate) fn states() -> Vec<(&'static str, Model)> {
    let mut partial = ready();
    partial.workspaces.failed = vec![(who("c.contoso", "contoso.com"), {
        Failure::new(Kind::SignedOut, "list the workspaces of ml-auth", "its secret has ended")
    })];
    let mut typing = filtered(ready(), "db");
    typing.filtering = true;
    vec![
        ("unasked", nothing_open(bare(&Load::Unasked))),
        ("loading", ask_all(bare(&Load::Loading), 0)),
        ("loading-slow", ask_all(bare(&Load::Loading), 3)),
        ("loading-with-rows", ask_all(say_of_all(ready(), &Load::Loading), 1)),
        ("empty", bare(&Load::Ready(now()))),
        ("filtered", typing),
        ("no-match", filtered(ready(), "xyz")),
        ("ready", ready()),
        ("partial", partial),
        ("stale", say_of_all(ready(), &Load::Stale(at(-3600), offline()))),
        ("refreshing", ask_all(ready(), 1)),
        ("failed", bare(&Load::Failed(offline()))),
        ("forbidden", bare(&Load::Failed(refused()))),
        ("stopped", bare(&Load::Stopped)),
        ("stopped-with-rows", say_of_all(ready(), &Load::Stopped)),
    ]
}

pub(crate) fn over(overlay: Overlay) -> Model {
    let mut model = ready();
    model.overlays.push(overlay);
    model
}

pub(crate) fn name(text: &str) -> SecretName {
    SecretName::parse(text).expect("a name")
}

pub(crate) fn reveal(value: &str) -> Reveal {
    let mut secret = secret("db-password");
    secret.content_type = Some(text("text/plain"));
    Reveal {
        name: name("db-password"),
        vault: vault(),
        value: SecretValue { secret, value: Sealed::new(value.to_owned()) },
        version: None,
        hides: at(12),
        held: false,
        marks: false,
        scroll: 0,
    }
}

pub(crate) const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgVcB/UNPxalR9zDYAjQIf\n\
                              jojUDiQuGnSJrFEEzZPT/92hRANCAASc7UJtgnF/abqWM60T3XNJEzBv5ez9TdwK\n\
                              H0M6xpM2q+53wmsN/eYLdgtjgBd3DBmHtPilCkiFICXyaA8z9LkJ\n-----END PRIVATE KEY-----\n";

pub(crate) fn paste(form: &mut Form, label: &str, value: &str) {
    form.at = form.lines.iter().position(|line| line.label == label).expect("a line");
    form.paste(&Sealed::new(value.to_owned()));
}

pub(crate) fn key_sheet(credentials: Credentials) -> KeySheet {
    KeySheet {
        endpoint: endpoint("churn-online", EndpointKind::Online, AuthMode::Key),
        credentials,
        cursor: WhichKey::Primary,
        shown: None,
        progress: None,
    }
}

pub(crate) fn two_keys() -> Credentials {
    Credentials::Keys(EndpointKeys {
        primary: Sealed::new("demoKEYprimary0000000000000000000000000001".to_owned()),
        secondary: Sealed::new("demoKEYsecondary00000000000000000000000002".to_owned()),
    })
}

fn token() -> Credentials {
    Credentials::Token(EndpointToken {
        token: Sealed::new("eyJhbGciOi".repeat(40)),
        token_type: text("Bearer"),
        expires: at(3480),
        refresh_after: None,
    })
}

fn versions() -> Shelf<SecretVersion> {
    let mut shelf = Shelf::default();
    let version = |n: i64, current, same_second| {
        let mut secret = secret("db-password");
        secret.version = Some(text(&format!("{n:032x}")));
        secret.attributes.created = Some(at(-n * 9 * DAY));
        secret.attributes.enabled = n != 3;
        SecretVersion { secret, current, same_second }
    };
    fill(&mut shelf, vec![version(1, true, false), version(2, false, true), version(3, false, false)]);
    shelf
}

fn deleted() -> Shelf<DeletedSecret> {
    let mut shelf = Shelf::default();
    let row = |name: &str, days: i64| DeletedSecret {
        secret: secret(name),
        deleted: Some(at(-days * DAY)),
        purged: Some(at((90 - days) * DAY)),
        recovery_id: None,
    };
    fill(&mut shelf, vec![row("db-password-old", 3), row("smtp-key", 60)]);
    shelf
}

pub(crate) fn signing_in() -> Model {
    let mut model = Model::new(start());
    model.keeps = Kept::Keyring;
    model.ways = vec![
        Way::DeviceCode,
        entrances::found("Azure CLI", "alex@contoso.com, found in ~/.azure"),
        entrances::found("This compute instance", "ci-alex, in ws-vision"),
        entrances::found("Environment", "0f3c-99, a service principal, by AZURE_CLIENT_ID"),
        Way::Principal,
        Way::Browser(Err("not over SSH")),
    ];
    model.overlays.push(Overlay::SignIn(SignInMenu::default()));
    model
}

pub(crate) fn device(demo: bool) -> Model {
    let mut model = signing_in();
    model.start.demo = demo;
    model.overlays.push(Overlay::Device(DevicePrompt {
        code: Some(DeviceCode {
            user_code: text(if demo { "DEMO-ONLY" } else { "C7KQ9RFWD" }),
            verification_uri: text("https://microsoft.com/devicelogin"),
            expires: at(14 * 60),
        }),
        ..DevicePrompt::default()
    }));
    model
}

fn asking_for_a_code() -> Model {
    let mut model = signing_in();
    model.keeps = Kept::Memory;
    model.flights.depart(Lane::SignIn, at(-4));
    model.overlays.push(Overlay::Device(DevicePrompt::default()));
    model
}

/// Every overlay, by name.
pub(crate) fn overlays() -> Vec<(&'static str, Model)> {
    let mut typed = Form::new_secret();
    paste(&mut typed, "name", "db_password");
    paste(&mut typed, "value", PEM);
    typed.refuse("name", "a secret's name is 1 to 127 letters, digits and dashes (try db-password)");
    let mut marked = reveal("two  blanks\tand a tab\r\nzero\u{200b}width \u{202e}turned\n비전 λ\n");
    (marked.marks, marked.held, marked.hides) = (true, true, at(55));
    let mut shown = key_sheet(two_keys());
    (shown.shown, shown.cursor) = (Some(at(15)), WhichKey::Secondary);
    let mut long = key_sheet(token());
    long.shown = Some(at(15));
    let mut regenerating = key_sheet(two_keys());
    regenerating.progress = Some(text("InProgress"));
    let mut production = ready();
    open(&mut production, 1);
    let words = vec!["This is PRODUCTION.".to_owned(), "Its values are gone for good.".to_owned()];
    let mut confirm = Confirm::typed(Deed::Purge(name("db-password")), "Purge db-password?", words, "db-password");
    if let Some((_, field)) = &mut confirm.typed {
        *field = amlock::app::field::Open::with("db-pass");
    }
    production.overlays.push(Overlay::Confirm(Box::new(confirm)));
    let plain = Confirm::plain(
        Deed::Delete(name("db-password")),
        "Delete db-password from kv-vision?",
        vec!["All its versions go with it. It can be recovered for 90 days with u.".to_owned()],
    );
    let attributes = {
        let secret = &ready().secrets.shelf.list.rows()[0].secret();
        Form::attributes(
            name("db-password"),
            &secret.attributes,
            secret.content_type.as_ref(),
            &secret.tags,
            &start().zone,
        )
    };
    let mut all = vec![
        ("help", over(Overlay::Help(0))),
        ("palette", over(Overlay::Palette(Palette::of(|_| true)))),
        ("sign-in", signing_in()),
        ("device", device(false)),
        ("device-demo", device(true)),
        ("device-asking", asking_for_a_code()),
        ("form-new", over(Overlay::Form(Box::new(Form::new_secret())))),
        ("form-wrong", over(Overlay::Form(Box::new(typed)))),
        ("form-attributes", over(Overlay::Form(Box::new(attributes)))),
        ("confirm", over(Overlay::Confirm(Box::new(plain)))),
        ("confirm-typed", production),
        ("versions", over(Overlay::Versions(Box::new(Versions { name: name("db-password"), shelf: versions() })))),
        ("deleted", over(Overlay::Deleted(Box::new(deleted())))),
        ("keys", over(Overlay::Keys(Box::new(key_sheet(two_keys()))))),
        ("keys-shown", over(Overlay::Keys(Box::new(shown)))),
        ("keys-regenerating", over(Overlay::Keys(Box::new(regenerating)))),
        ("keys-failed", over(Overlay::Keys(Box::new(key_sheet(Credentials::Failed(refused())))))),
        ("token", over(Overlay::Keys(Box::new(key_sheet(token()))))),
        ("token-shown", over(Overlay::Keys(Box::new(long)))),
        ("reveal", over(Overlay::Reveal(Box::new(reveal(PEM))))),
        ("reveal-marked", over(Overlay::Reveal(Box::new(marked)))),
        ("words", over(Overlay::Words(Box::new(Words { failure: offline(), scroll: 0 })))),
    ];
    all.extend(entrances::entrances());
    all
}

/// Something of ours in the clipboard.
pub(crate) fn clip() -> Clip {
    Clip {
        what: "db-password".to_owned(),
        words: "Copied.".to_owned(),
        clears: now().checked_add(Duration::from_secs(28)).expect("in range"),
    }
}

/// What can stand above the footer, by name.
pub(crate) fn notices() -> Vec<(&'static str, Model)> {
    let mut said = ready();
    said.say("Saved db-password.", amlock::domain::Tone::Good);
    let mut copied = ready();
    copied.clip = Some(clip());
    let mut both = ready();
    both.say("Saved db-password.", amlock::domain::Tone::Good);
    both.clip = Some(clip());
    let mut complained = ready();
    complained.complain(offline());
    let mut writing = ready();
    let ticket = writing.flights.depart(Lane::Write, at(-7));
    writing.writing.push(amlock::app::Writing {
        ticket,
        words: "Regenerating the primary key of churn-online".to_owned(),
        progress: Some(text("InProgress")),
        since: at(-7),
    });
    let mut revealing = ready();
    revealing.flights.depart(Lane::Reveal, at(-3));
    vec![
        ("said", said),
        ("copied", copied),
        ("said and copied", both),
        ("complained", complained),
        ("writing", writing),
        ("revealing", revealing),
    ]
}

/// What nobody should ever write, wherever somebody else may write: it starts like a name, so that it is not cut away.
const HOSTILE: &str =
    "h\u{1b}[31m\u{7}\u{202e}x\u{200b}y\u{ad}\u{9b}2J\r\n\tz\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}";

/// Models with hostile text in every field that comes from outside.
pub(crate) fn hostile() -> Vec<(&'static str, Model)> {
    spoilt(HOSTILE)
}

/// Models with this text in every field that comes from outside.
#[expect(clippy::too_many_lines, reason = "one line a field, none forgotten")]
pub(crate) fn spoilt(hostile: &str) -> Vec<(&'static str, Model)> {
    let evil = || text(hostile);
    let tags = || vec![(evil(), evil()), (evil(), evil())];
    let mut base = ready();
    base.tenants.iter_mut().for_each(|tenant| tenant.name = evil());
    let mut accounts = base.accounts.list.rows().to_vec();
    for account in &mut accounts {
        (account.name, account.tenant_name, account.object_id) = (evil(), Some(evil()), Some(evil()));
    }
    fill(&mut base.accounts, accounts);
    let mut workspaces = base.workspaces.all.clone();
    for workspace in &mut workspaces {
        (workspace.name, workspace.location, workspace.state, workspace.tags) = (evil(), evil(), evil(), tags());
        workspace.subscription_name = Some(evil());
        (workspace.friendly_name, workspace.description) = (Some(text("h\u{1b}")), Some(evil()));
    }
    base.workspaces.all.clone_from(&workspaces);
    open(&mut base, 2);
    fill(&mut base.workspaces.shelf, workspaces);
    let mut secrets: Vec<Secret> = base.secrets.shelf.list.rows().iter().map(Listed::secret).collect();
    for secret in &mut secrets {
        (secret.name, secret.content_type, secret.tags) = (evil(), Some(evil()), tags());
    }
    fill(&mut base.secrets.shelf, secrets);
    let mut endpoints = base.endpoints.list.rows().to_vec();
    for endpoint in &mut endpoints {
        (endpoint.name, endpoint.location, endpoint.tags) = (evil(), evil(), tags());
        (endpoint.scoring_uri, endpoint.description) = (Some(evil()), Some(evil()));
        (endpoint.state, endpoint.auth) = (EndpointState::Other(evil()), AuthMode::Other(evil()));
        endpoint.traffic = vec![(evil(), 100)];
    }
    fill(&mut base.endpoints, endpoints);

    let azure = AzureWords { status: 500, code: evil(), message: evil(), request_id: Some(evil()) };
    let mut denied = refused();
    denied.azure = Some(Box::new(azure.clone()));
    if let Kind::Forbidden(what) = &mut denied.kind {
        (what.who, what.object_id, what.action) = (Some(evil()), Some(evil()), Some(evil()));
        (what.resource, what.resource_group, what.subscription) = (evil(), Some(evil()), Some(evil()));
    }
    let failed = Failure::new(Kind::Failed, "list things", hostile).hint(hostile).azure(azure);
    let mut sheet = key_sheet(two_keys());
    (sheet.endpoint.name, sheet.progress) = (evil(), Some(evil()));
    let mut shown = reveal(hostile);
    shown.version = Some(evil());
    shown.value.secret.content_type = Some(evil());
    let mut menu = signing_in();
    menu.ways = vec![entrances::found("Azure CLI", hostile)];
    let mut page = entrances::browser(|prompt| prompt.page = Some((evil(), true)));
    page.start.hosts.cloud = None;
    let mut turned = ready();
    let stranger = amlock::domain::Stranger { account: account_id("a"), was: evil(), now: evil() };
    turned.overlays.push(Overlay::Stranger(Box::new(stranger)));
    let mut prompt = device(false);
    if let Some(Overlay::Device(prompt)) = prompt.overlays.last_mut()
        && let Some(code) = &mut prompt.code
    {
        (code.user_code, code.verification_uri) = (evil(), evil());
    }
    let mut noticed = ready();
    noticed.complain(failed.clone());
    let mut told = ready();
    told.say(hostile, amlock::domain::Tone::Good);
    told.clip = Some(Clip { what: hostile.to_owned(), words: hostile.to_owned(), ..clip() });
    let ticket = told.flights.depart(Lane::Write, at(-7));
    told.writing.push(amlock::app::Writing {
        ticket,
        words: hostile.to_owned(),
        progress: Some(evil()),
        since: at(-7),
    });
    let mut old = Shelf::default();
    let mut gone = Shelf::default();
    let mut lost = base.secrets.shelf.list.rows()[0].secret();
    (lost.version, lost.attributes.recovery_level) = (Some(evil()), Some(evil()));
    fill(&mut old, vec![SecretVersion { secret: lost.clone(), current: true, same_second: true }]);
    fill(
        &mut gone,
        vec![DeletedSecret { secret: lost.clone(), deleted: None, purged: None, recovery_id: Some(evil()) }],
    );
    let attributes =
        Form::attributes(name("db"), &lost.attributes, lost.content_type.as_ref(), &lost.tags, &start().zone);
    let mut wrong = Form::new_secret();
    paste(&mut wrong, "name", hostile);
    wrong.refuse("name", hostile);
    let confirm = Confirm::plain(Deed::Delete(name("db")), hostile, vec![hostile.to_owned()]);
    let mut token = key_sheet(Credentials::Token(EndpointToken {
        token: Sealed::new(hostile.to_owned()),
        token_type: evil(),
        expires: at(60),
        refresh_after: None,
    }));
    (token.shown, token.endpoint.scoring_uri) = (Some(at(15)), Some(evil()));
    let mut marked = reveal(hostile);
    marked.marks = true;
    let mut filter = filtered(ready(), hostile);
    filter.filtering = true;
    vec![
        ("panes", base),
        ("failed", bare(&Load::Failed(failed.clone()))),
        ("forbidden", bare(&Load::Failed(denied))),
        ("stale", say_of_all(ready(), &Load::Stale(now(), failed.clone()))),
        ("words", over(Overlay::Words(Box::new(Words { failure: failed, scroll: 0 })))),
        ("keys", over(Overlay::Keys(Box::new(sheet)))),
        ("reveal", over(Overlay::Reveal(Box::new(shown)))),
        ("menu", menu),
        ("device", prompt),
        ("page", page),
        ("stranger", turned),
        ("notice", noticed),
        ("told", told),
        ("versions", over(Overlay::Versions(Box::new(Versions { name: name("db"), shelf: old })))),
        ("deleted", over(Overlay::Deleted(Box::new(gone)))),
        ("attributes", over(Overlay::Form(Box::new(attributes)))),
        ("form", over(Overlay::Form(Box::new(wrong)))),
        ("confirm", over(Overlay::Confirm(Box::new(confirm)))),
        ("token", over(Overlay::Keys(Box::new(token)))),
        ("marked", over(Overlay::Reveal(Box::new(marked)))),
        ("filter", filter),
    ]
}
