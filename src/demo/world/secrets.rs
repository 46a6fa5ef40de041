//! What stands in the vaults when the demo starts. Every value says of itself that it is fictional.

use super::places::{owner, subscription_id, tenant_id, vault_names, vault_place};
use super::store::{Access, Secret, Vault, Version};
use super::{places, vision};
use crate::demo::{
    clock::{DAY, HOUR, Moment},
    seed,
};

/// A secret being written down: its newest version, and how many came before.
pub(crate) struct Draft {
    name: String,
    value: String,
    content_type: Option<&'static str>,
    tags: Vec<(String, String)>,
    enabled: bool,
    not_before: Option<Moment>,
    expires: Option<Moment>,
    updated: Moment,
    older: Vec<Moment>,
    managed: bool,
}

impl Draft {
    pub(crate) fn new(name: impl Into<String>, value: impl Into<String>, updated: Moment) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            content_type: None,
            tags: Vec::new(),
            enabled: true,
            not_before: None,
            expires: None,
            updated,
            older: Vec::new(),
            managed: false,
        }
    }

    pub(crate) fn kind(mut self, content_type: &'static str) -> Self {
        self.content_type = Some(content_type);
        self
    }

    pub(crate) fn tag(mut self, name: &str, value: &str) -> Self {
        self.tags.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn off(mut self) -> Self {
        self.enabled = false;
        self
    }

    pub(crate) fn expires(mut self, at: Moment) -> Self {
        self.expires = Some(at);
        self
    }

    pub(crate) fn not_before(mut self, at: Moment) -> Self {
        self.not_before = Some(at);
        self
    }

    /// When the versions before the newest were made, oldest first.
    pub(crate) fn older(mut self, moments: &[Moment]) -> Self {
        self.older = moments.to_vec();
        self
    }

    pub(crate) fn managed(mut self) -> Self {
        self.managed = true;
        self
    }

    pub(crate) fn put_into(self, vault: &mut Vault) {
        let mut versions: Vec<Version> = Vec::new();
        for (number, created) in self.older.iter().chain([&self.updated]).enumerate() {
            let newest = number == self.older.len();
            let number = number.to_string();
            versions.push(Version {
                id: seed::hex32(&[&vault.name, &self.name, &number]),
                value: if newest { self.value.clone() } else { seed::fictional(&[&self.name, "version", &number]) },
                content_type: self.content_type.map(str::to_owned),
                tags: if newest { self.tags.clone() } else { Vec::new() },
                enabled: !newest || self.enabled,
                not_before: if newest { self.not_before } else { None },
                expires: if newest { self.expires } else { None },
                created: *created,
                updated: *created,
            });
        }
        vault.put(Secret { name: self.name, versions, managed: self.managed, hidden_until: 0 });
    }
}

/// Every vault of the default world.
pub(crate) fn vaults(now: Moment) -> Vec<Vault> {
    vault_names().into_iter().filter_map(|name| vault(name, now)).collect()
}

fn vault(name: &str, now: Moment) -> Option<Vault> {
    let (subscription, group, region) = vault_place(name)?;
    let tenant = tenant_id(owner(subscription));
    let mut vault = Vault::new(name, &subscription_id(subscription), group, region, &tenant, now - 500 * DAY);
    match name {
        "kv-vision" => vision::fill(&mut vault, now),
        "kv-archive" => vault.generated = 12_000,
        "kv-empty" => {}
        "kv-tiny" => {
            vault.retention = 7;
            for (days, name) in [(2, "api-key"), (40, "db-password"), (41, "openai-key")] {
                Draft::new(name, seed::fictional(&["kv-tiny", name]), now - days * DAY).put_into(&mut vault);
            }
        }
        _ => {
            vault.access = match name {
                "kv-prod" => Access::NoListing,
                "kv-policy" => Access::NoPolicy,
                "kv-firewall" => Access::Firewall,
                _ => Access::Open,
            };
            ordinary(&mut vault, now);
        }
    }
    Some(vault)
}

/// The vault of the large worlds.
pub(crate) fn large(secrets: usize, now: Moment) -> Vault {
    let subscription = subscription_id(places::RESEARCH);
    let tenant = tenant_id(places::CONTOSO);
    let mut vault = Vault::new("kv-large", &subscription, "rg-large", "westeurope", &tenant, now - 500 * DAY);
    vault.generated = secrets;
    vault
}

/// The secrets that most teams have.
const ORDINARY: [&str; 14] = [
    "db-password",
    "db-user",
    "openai-key",
    "storage-connection",
    "wandb-key",
    "huggingface-token",
    "redis-url",
    "smtp-password",
    "slack-webhook",
    "github-token",
    "mlflow-password",
    "registry-password",
    "service-bus-connection",
    "sentry-dsn",
];

fn ordinary(vault: &mut Vault, now: Moment) {
    let count = match vault.name.as_str() {
        "kv-throttled" => 60,
        "kv-prod" => 9,
        _ => 5 + seed::below(10, &["how many", &vault.name]),
    };
    for number in 0..count {
        let word = ORDINARY[usize::try_from(number).unwrap_or_default() % ORDINARY.len()];
        let round = number / ORDINARY.len() as u64;
        let name = if round == 0 { word.to_owned() } else { format!("{word}-{round}") };
        let age = i64::try_from(seed::below(400, &[&vault.name, &name])).unwrap_or_default();
        let updated = now - age * DAY - 3 * HOUR;
        let value = match word {
            "storage-connection" => format!(
                "DefaultEndpointsProtocol=https;AccountName=demoonly;AccountKey={};EndpointSuffix=core.windows.net",
                seed::fictional(&[&vault.name, &name])
            ),
            "redis-url" => "rediss://:demo-only@cache.example.invalid:6380/0".to_owned(),
            _ => seed::fictional(&[&vault.name, &name]),
        };
        let mut draft = Draft::new(name, value, updated);
        if number % 3 == 1 {
            draft = draft.kind("text/plain");
        }
        if number % 4 == 2 {
            draft = draft.older(&[updated - 90 * DAY]).expires(updated + 365 * DAY);
        }
        draft.put_into(vault);
    }
}
