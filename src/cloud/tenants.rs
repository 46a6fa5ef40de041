//! Which tenants and subscriptions an account sees.

use std::collections::HashSet;

use azure_core::http::Method;
use serde::Deserialize;

use crate::domain::{Failure, Subscription, SubscriptionId, Tenant, TenantId, Untrusted, Who};

use super::Cloud;
use super::arm::DIRECTORY;
use super::loose::{Listed, list, text};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TenantItem {
    tenant_id: String,
    #[serde(default, deserialize_with = "text")]
    display_name: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    default_domain: Option<Untrusted>,
    #[serde(default, deserialize_with = "list")]
    domains: Vec<Untrusted>,
}

impl TenantItem {
    fn tenant(self) -> Option<Tenant> {
        let id = TenantId::parse(&self.tenant_id).ok()?;
        let domain = self.default_domain.or_else(|| self.domains.into_iter().next());
        // A tenant may keep its name from its guests: then its domain or its id has to do.
        let name = self.display_name.or_else(|| domain.clone()).unwrap_or_else(|| Untrusted::from(id.as_str()));
        Some(Tenant { id, name, domain: domain.unwrap_or_default() })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubscriptionItem {
    subscription_id: String,
    #[serde(default)]
    tenant_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    display_name: Option<Untrusted>,
    #[serde(default, deserialize_with = "text")]
    state: Option<Untrusted>,
    #[serde(default, deserialize_with = "list")]
    managed_by_tenants: Vec<ManagedBy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManagedBy {
    tenant_id: String,
}

impl SubscriptionItem {
    fn subscription(self, asked: &TenantId) -> Option<Subscription> {
        let id = SubscriptionId::parse(&self.subscription_id).ok()?;
        let tenant = self.tenant_id.and_then(|tenant| TenantId::parse(&tenant).ok());
        Some(Subscription {
            name: self.display_name.unwrap_or_else(|| Untrusted::from(id.as_str())),
            id,
            tenant: tenant.unwrap_or_else(|| asked.clone()),
            state: self.state.unwrap_or_default(),
            managed_by: self.managed_by_tenants.iter().filter_map(|by| TenantId::parse(&by.tenant_id).ok()).collect(),
        })
    }
}

impl Cloud {
    /// The tenant that `who` is in by its id, once a token told that: before, it may be a domain or unknown.
    pub fn tenant_of(&self, who: &Who) -> TenantId {
        self.accounts.told(who).unwrap_or_else(|| who.tenant.clone())
    }

    /// Tenants the account is in; none twice.
    pub async fn tenants(&self, who: &Who) -> Result<Vec<Tenant>, Failure> {
        if let Some(tenant) = self.tenant_of_run(who) {
            return Ok(vec![tenant]);
        }
        let call = self.arm(who, Method::Get, "/tenants", DIRECTORY, "list your tenants")?;
        let (mut tenants, mut seen) = (Vec::new(), HashSet::new());
        let mut each = |page: Vec<TenantItem>| {
            let found = page.into_iter().filter_map(TenantItem::tenant);
            tenants.extend(found.filter(|tenant: &Tenant| seen.insert(tenant.id.clone())));
        };
        self.wire.pages::<Listed<TenantItem>>(call, &mut each).await?;
        Ok(tenants)
    }

    /// Subscriptions the account sees in its tenant; none twice.
    pub async fn subscriptions(&self, who: &Who) -> Result<Vec<Subscription>, Failure> {
        let doing = format!("list the subscriptions of {}", who.tenant);
        let call = self.arm(who, Method::Get, "/subscriptions", DIRECTORY, doing)?;
        let (mut subscriptions, mut seen) = (Vec::new(), HashSet::new());
        let mut each = |page: Vec<SubscriptionItem>| {
            let found = page.into_iter().filter_map(|item| item.subscription(&who.tenant));
            subscriptions.extend(found.filter(|one: &Subscription| seen.insert(one.id.clone())));
        };
        self.wire.pages::<Listed<SubscriptionItem>>(call, &mut each).await?;
        Ok(subscriptions)
    }
}
