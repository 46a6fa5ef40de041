//! What az writes down about who is signed in to it (azureProfile.json): read, never written, and without starting az.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use crate::domain::{self, SubscriptionId, TenantId, Untrusted};

/// The largest profile that is read.
const CAP: u64 = 4 * 1024 * 1024;

/// Somebody who is signed in to az, with what az knows they see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CliAccount {
    /// The user's or principal's name.
    pub(crate) name: Untrusted,
    /// Whether az itself uses this account now.
    pub(crate) current: bool,
    /// A managed identity, whose tenant az takes no word about.
    pub(crate) managed: bool,
    /// The tenant of its current or first subscription.
    pub(crate) tenant: TenantId,
    /// Its subscriptions, each in its tenant.
    pub(crate) subscriptions: Vec<(SubscriptionId, TenantId)>,
    /// Their names, in the same order.
    pub(crate) names: Vec<Untrusted>,
}

impl CliAccount {
    /// Its subscriptions as Azure would list them, as far as az noted that.
    pub(crate) fn sees(&self) -> Vec<domain::Subscription> {
        let named = self.subscriptions.iter().zip(&self.names);
        named
            .map(|((id, tenant), name)| domain::Subscription {
                id: id.clone(),
                name: name.clone(),
                tenant: tenant.clone(),
                state: Untrusted::default(),
                managed_by: Vec::new(),
            })
            .collect()
    }
}

/// Why nobody can be read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// There is no such file: nobody ever signed in.
    Missing,
    /// It may not be read.
    Forbidden,
    /// It is no profile of az.
    Strange,
}

impl Unread {
    /// The words for it.
    pub(crate) fn words(self, profile: &Path) -> String {
        match self {
            Self::Missing => "nobody is signed in to the Azure CLI".to_owned(),
            Self::Forbidden => format!("{} may not be read", profile.display()),
            Self::Strange => format!("{} is not what az writes there", profile.display()),
        }
    }
}

#[derive(Deserialize)]
struct Profile {
    // Each is read by itself: one that az or somebody else wrote differently hides no other.
    #[serde(default)]
    subscriptions: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    is_default: bool,
    tenant_id: String,
    #[serde(default)]
    environment_name: Option<String>,
    user: User,
}

#[derive(Deserialize)]
struct User {
    name: String,
}

/// The accounts of one cloud in the profile below `folder`, the current one first.
pub(crate) fn read(folder: &Path, cloud: &str) -> Result<Vec<CliAccount>, Unread> {
    if !folder.is_absolute() {
        return Err(Unread::Missing); // it would depend on where we stand
    }
    let path = folder.join("azureProfile.json");
    // Opening anything but a file might wait for somebody.
    match path.metadata() {
        Ok(about) if about.is_file() => {}
        Ok(_) => return Err(Unread::Strange),
        Err(_) => return Err(Unread::Missing),
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(|_| Unread::Forbidden)?;
    file.take(CAP).read_to_end(&mut text).map_err(|_| Unread::Forbidden)?;
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    // A list in its place would pass for a profile without fields.
    if !text.trim_ascii_start().starts_with(b"{") {
        return Err(Unread::Strange);
    }
    let profile: Profile = serde_json::from_slice(text).map_err(|_| Unread::Strange)?;
    let mut accounts: Vec<CliAccount> = Vec::new();
    let of_cloud = |one: &Subscription| one.environment_name.as_deref().is_none_or(|name| name == cloud);
    let read = profile.subscriptions.into_iter().filter_map(|one| serde_json::from_value(one).ok());
    for one in read.filter(of_cloud) {
        let Ok(tenant) = TenantId::parse(&one.tenant_id) else { continue };
        let known = accounts.iter().position(|have| have.name.raw() == one.user.name);
        let at = known.unwrap_or_else(|| {
            accounts.push(CliAccount {
                current: false,
                managed: matches!(one.user.name.as_str(), "systemAssignedIdentity" | "userAssignedIdentity"),
                name: one.user.name.into(),
                tenant: tenant.clone(),
                subscriptions: Vec::new(),
                names: Vec::new(),
            });
            accounts.len() - 1
        });
        let account = &mut accounts[at];
        if one.is_default {
            (account.current, account.tenant) = (true, tenant.clone());
        }
        // An account without subscriptions stands there as its tenant's id.
        if let Ok(id) = SubscriptionId::parse(&one.id) {
            account.subscriptions.push((id, tenant));
            account.names.push(one.name.into());
        }
    }
    // az takes the first where it has written down no choice.
    if !accounts.iter().any(|account| account.current)
        && let Some(first) = accounts.first_mut()
    {
        first.current = true;
    }
    accounts.sort_by_key(|account| !account.current);
    Ok(accounts)
}
