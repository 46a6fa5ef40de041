//! Tenants, subscriptions and workspaces: 24 in Contoso, 7 in Fabrikam, and a numbered row of them for the large world.

use super::{Endpoint, endpoints};
use crate::demo::{
    clock::{DAY, Moment},
    seed,
};

/// The two organizations.
pub(crate) const CONTOSO: &str = "contoso.com";
pub(crate) const FABRIKAM: &str = "fabrikam.com";
/// Three more, which have nothing but rules for their guests: multi-factor authentication, consent, nobody at all.
pub(crate) const ADATUM: &str = "adatum.com";
pub(crate) const LITWARE: &str = "litware.com";
pub(crate) const PROSEWARE: &str = "proseware.com";

/// The four subscriptions.
pub(crate) const PRODUCTION: &str = "Contoso ML Production";
pub(crate) const RESEARCH: &str = "Contoso ML Research";
pub(crate) const SANDBOX: &str = "Contoso Sandbox";
pub(crate) const FABRIKAM_AI: &str = "Fabrikam AI";

/// How the names of generated workspaces begin.
pub(crate) const GENERATED: &str = "ws-";

/// The region whose Azure ML answers slowly.
pub(crate) const SLOW_REGION: &str = "brazilsouth";

/// An organization in Entra ID.
#[derive(Debug, Clone)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) policy: Policy,
}

/// What a tenant asks of its users before it gives them a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// Nothing more than to be one.
    #[default]
    Open,
    /// More than a password (AADSTS50076): a login from another tenant does not do, a new one in this tenant does.
    Mfa,
    /// An administrator's consent, which nobody gave (AADSTS65001).
    Consent,
    /// Conditional Access lets nobody in (AADSTS53003).
    Blocked,
}

/// A subscription, seen by everybody in its tenant.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) tenant: String,
}

/// An Azure ML workspace and what is in it.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    pub(crate) subscription: String,
    pub(crate) group: String,
    pub(crate) name: String,
    /// `Default`, `Hub`, `Project`, `FeatureStore`.
    pub(crate) kind: String,
    pub(crate) region: String,
    pub(crate) friendly_name: String,
    pub(crate) description: String,
    pub(crate) tags: Vec<(String, String)>,
    /// The vault's id, in the casing that Azure ML happens to have kept.
    pub(crate) vault_id: String,
    pub(crate) hub_id: Option<String>,
    /// The caller may look, and not take keys.
    pub(crate) read_only: bool,
    pub(crate) created: Moment,
    pub(crate) endpoints: Vec<Endpoint>,
}

impl Workspace {
    pub(crate) fn id(&self) -> String {
        workspace_id(&self.subscription, &self.group, &self.name)
    }

    /// The GUID that Azure ML knows the workspace by.
    pub(crate) fn guid(&self) -> String {
        seed::guid(&["workspace", &self.id()])
    }

    /// The last piece of the vault's id.
    pub(crate) fn vault_name(&self) -> &str {
        self.vault_id.rsplit('/').next().unwrap_or_default()
    }
}

pub(crate) fn tenant_id(domain: &str) -> String {
    seed::guid(&["tenant", domain])
}

pub(crate) fn subscription_id(name: &str) -> String {
    seed::guid(&["subscription", name])
}

pub(crate) fn tenants() -> Vec<Tenant> {
    [
        ("Contoso", CONTOSO, Policy::Open),
        ("Fabrikam", FABRIKAM, Policy::Open),
        ("Adatum", ADATUM, Policy::Mfa),
        ("Litware", LITWARE, Policy::Consent),
        ("Proseware", PROSEWARE, Policy::Blocked),
    ]
    .map(|(name, domain, policy)| Tenant {
        id: tenant_id(domain),
        name: name.to_owned(),
        domain: domain.to_owned(),
        policy,
    })
    .to_vec()
}

pub(crate) fn subscriptions() -> Vec<Subscription> {
    [(PRODUCTION, CONTOSO), (RESEARCH, CONTOSO), (SANDBOX, CONTOSO), (FABRIKAM_AI, FABRIKAM)]
        .map(|(name, domain)| Subscription {
            id: subscription_id(name),
            name: name.to_owned(),
            tenant: tenant_id(domain),
        })
        .to_vec()
}

/// One line of the table below: subscription, group, name, region, vault. `ws-tabular` is there twice: names are unique
/// in their group only.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const ROWS: [Row; 31] = [
    (RESEARCH, "rg-hub", "hub-shared", "koreacentral", "kv-shared"),
    (RESEARCH, "rg-hub", "proj-churn", "koreacentral", "kv-shared"),
    (RESEARCH, "rg-hub", "proj-forecast", "koreacentral", "kv-shared"),
    (PRODUCTION, "rg-prod", "ws-prod", "koreacentral", "kv-prod"),
    (RESEARCH, "rg-vision", "ws-vision", "koreacentral", "kv-vision"),
    (RESEARCH, "rg-archive", "ws-archive", "westeurope", "kv-archive"),
    (SANDBOX, "rg-sandbox", "ws-empty", "westeurope", "kv-empty"),
    (SANDBOX, "rg-sandbox", "ws-tiny", "westeurope", "kv-tiny"),
    (PRODUCTION, "rg-finance", "ws-policy", "eastus2", "kv-policy"),
    (PRODUCTION, "rg-finance", "ws-firewall", "eastus2", "kv-firewall"),
    (RESEARCH, "rg-speech", "ws-throttled", "eastus2", "kv-throttled"),
    (RESEARCH, "rg-speech", "ws-slow", SLOW_REGION, "kv-slow"),
    (RESEARCH, "RG-Odd", "ws-odd", "eastus2", "KV-Odd"),
    (PRODUCTION, "rg-prod", "ws-readonly", "koreacentral", "kv-readonly"),
    (PRODUCTION, "rg-prod", "fs-customers", "koreacentral", "kv-features"),
    (PRODUCTION, "rg-prod", "ws-fraud", "koreacentral", "kv-fraud"),
    (RESEARCH, "rg-vision", "ws-audio", "koreacentral", "kv-audio"),
    (RESEARCH, "rg-vision", "ws-geo", "koreacentral", "kv-geo"),
    (RESEARCH, "rg-tabular", "ws-pricing", "westeurope", "kv-pricing"),
    (RESEARCH, "rg-tabular", "ws-tabular", "westeurope", "kv-ranking"),
    (RESEARCH, "rg-tabular", "ws-search", "westeurope", "kv-search"),
    (SANDBOX, "rg-sandbox", "ws-support", "westeurope", "kv-support"),
    (SANDBOX, "rg-sandbox", "ws-tabular", "westeurope", "kv-tabular"),
    (SANDBOX, "rg-sandbox", "ws-with-a-name-as-long-as-azur", "westeurope", "kv-longname"),
    (FABRIKAM_AI, "rg-nlp", "ws-nlp", "swedencentral", "kv-fab-nlp"),
    (FABRIKAM_AI, "rg-nlp", "ws-chat", "swedencentral", "kv-fab-chat"),
    (FABRIKAM_AI, "rg-nlp", "ws-translate", "swedencentral", "kv-fab-translate"),
    (FABRIKAM_AI, "rg-plant", "ws-legal", "swedencentral", "kv-fab-legal"),
    (FABRIKAM_AI, "rg-plant", "ws-ocr", "swedencentral", "kv-fab-ocr"),
    (FABRIKAM_AI, "rg-plant", "ws-prod-line", "swedencentral", "kv-fab-line"),
    (FABRIKAM_AI, "rg-plant", "ws-robotics", "swedencentral", "kv-fab-robotics"),
];

/// Where a vault of the table lives: subscription, group, region. Projects share their hub's, so the first row counts.
pub(crate) fn vault_place(vault: &str) -> Option<(&'static str, &'static str, &'static str)> {
    ROWS.iter().find(|row| row.4.eq_ignore_ascii_case(vault)).map(|row| (row.0, row.1, row.3))
}

/// Every vault's name in the table, once.
pub(crate) fn vault_names() -> Vec<&'static str> {
    let mut names: Vec<_> = ROWS.iter().map(|row| row.4).collect();
    names.dedup();
    names
}

/// The domain of the tenant that owns a subscription of the table.
pub(crate) fn owner(subscription: &str) -> &'static str {
    if subscription == FABRIKAM_AI { FABRIKAM } else { CONTOSO }
}

pub(crate) fn workspaces(now: Moment) -> Vec<Workspace> {
    let mut all: Vec<_> = ROWS.iter().map(|row| workspace(*row, now)).collect();
    all.sort_by_key(|one| (one.name.clone(), one.id()));
    all
}

fn workspace((subscription, group, name, region, vault): Row, now: Moment) -> Workspace {
    let id = subscription_id(subscription);
    let kind = match name {
        "hub-shared" => "Hub",
        "proj-churn" | "proj-forecast" => "Project",
        "fs-customers" => "FeatureStore",
        _ => "Default",
    };
    let mut tags = vec![("team".to_owned(), team(name).to_owned())];
    match name {
        "ws-prod" => tags.insert(0, ("env".to_owned(), "production".to_owned())),
        "ws-fraud" => tags.insert(0, ("Environment".to_owned(), "Prod".to_owned())),
        "ws-tiny" | "ws-empty" => tags.clear(),
        "ws-geo" => tags.push(("설명".to_owned(), "지도와 위치 📍".to_owned())),
        "ws-search" => tags.push(("مالك".to_owned(), "فريق البحث".to_owned())),
        _ => {}
    }
    // Production recordings show all three casings for the same kind of resource.
    let vault_id = match vault {
        "KV-Odd" => format!(
            "/subscriptions/{}/resourcegroups/rg-odd/providers/microsoft.keyvault/vaults/KV-Odd",
            id.to_uppercase()
        ),
        _ => format!("/subscriptions/{id}/resourceGroups/{group}/providers/Microsoft.Keyvault/vaults/{vault}"),
    };
    Workspace {
        hub_id: (kind == "Project").then(|| workspace_id(&id, group, "hub-shared")),
        group: group.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        region: region.to_owned(),
        friendly_name: name.to_owned(),
        description: description(name).to_owned(),
        tags,
        vault_id,
        read_only: name == "ws-readonly",
        created: now - 400 * DAY + i64::try_from(seed::below(300, &["created", name])).unwrap_or_default() * DAY,
        endpoints: endpoints::of_workspace(name, region, now),
        subscription: id,
    }
}

/// A workspace of the large world. All of them share its one vault.
pub(crate) fn generated(number: usize) -> Workspace {
    let subscription = subscription_id(RESEARCH);
    let group = format!("rg-{:02}", number % 100);
    Workspace {
        vault_id: format!(
            "/subscriptions/{subscription}/resourceGroups/rg-large/providers/Microsoft.KeyVault/vaults/kv-large"
        ),
        subscription,
        group,
        name: format!("{GENERATED}{number:05}"),
        kind: "Default".to_owned(),
        region: "westeurope".to_owned(),
        friendly_name: String::new(),
        description: String::new(),
        tags: if number % 50 == 7 { vec![("env".to_owned(), "production".to_owned())] } else { Vec::new() },
        hub_id: None,
        read_only: false,
        created: 1_700_000_000_000,
        endpoints: Vec::new(),
    }
}

fn workspace_id(subscription: &str, group: &str, name: &str) -> String {
    format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{name}"
    )
}

fn team(name: &str) -> &'static str {
    match name {
        "ws-vision" | "ws-geo" => "비전",
        "ws-audio" | "ws-slow" | "ws-throttled" => "Sprache",
        "ws-nlp" | "ws-chat" | "ws-translate" => "språk",
        _ => "platform",
    }
}

fn description(name: &str) -> &'static str {
    match name {
        "ws-vision" => "Churn and image models of the vision team",
        "ws-prod" => "What customers see. Ask platform before changing anything.",
        "hub-shared" => "Storage, vault and registry of all projects",
        "ws-empty" => "Made yesterday, nothing in it",
        _ => "",
    }
}
