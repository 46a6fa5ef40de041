//! Calls to Azure Resource Manager: their addresses, made from checked ids, and what a refusal there leaves unsaid.

use std::borrow::Cow;

use azure_core::http::Method;
use url::Url;

use crate::domain::{Endpoint, Failure, Guard, ResourceId, SafeText, Untrusted, Vault, Who};

use super::problem::{advice, denied};
use super::{Audience, Cloud, wire::Call};

/// The version of tenants and subscriptions.
pub(crate) const DIRECTORY: &str = "2022-12-01";

/// The version of everything of Azure Machine Learning: one for all, and a stable one (azure-rest.md 5.2).
pub(crate) const MACHINE_LEARNING: &str = "2024-10-01";

/// The version of vaults as resources.
pub(crate) const VAULTS: &str = "2023-07-01";

/// The version of the Resource Graph.
pub(crate) const GRAPH: &str = "2021-03-01";

/// What a caller knows about the place of a refusal, and the service's answer may not say.
pub(crate) struct Place<'a> {
    /// Who asked.
    pub(crate) who: &'a Who,
    /// What it is called.
    pub(crate) name: &'a str,
    /// Where it lies in Azure Resource Manager.
    pub(crate) id: Option<&'a ResourceId>,
    /// What its subscription is called.
    pub(crate) subscription_name: Option<&'a Untrusted>,
    /// What Azure calls what was tried; an answer may leave it out.
    pub(crate) action: Option<String>,
}

impl<'a> Place<'a> {
    /// A resource.
    pub(crate) fn of(who: &'a Who, id: &'a ResourceId) -> Self {
        Self { who, name: id.name(), id: Some(id), subscription_name: None, action: None }
    }

    /// A vault, where `action` on its secrets was tried.
    pub(crate) fn vault(vault: &'a Vault, action: &str) -> Self {
        Self {
            who: &vault.who,
            name: &vault.name,
            id: vault.id.as_ref(),
            subscription_name: vault.subscription_name.as_ref(),
            action: Some(format!("Microsoft.KeyVault/vaults/secrets/{action}")),
        }
    }
}

/// Whether `url` leads to Azure Resource Manager itself at `host`: nothing that an answer names is asked anywhere else.
fn is_arm(url: &Url, host: &str) -> bool {
    let origin = url.origin().ascii_serialization();
    origin.strip_prefix("https://") == Some(host) && url.username().is_empty() && url.password().is_none()
}

/// A name as a sentence shows it.
pub(crate) fn shown(name: &str) -> String {
    SafeText::of(name).into_owned()
}

impl Cloud {
    /// A call to `path` (with its leading slash, from checked ids).
    pub(crate) fn arm(
        &self,
        who: &Who,
        method: Method,
        path: &str,
        version: &str,
        doing: impl Into<Cow<'static, str>>,
    ) -> Result<Call, Failure> {
        let doing = doing.into();
        match Url::parse(&format!("https://{}{path}?api-version={version}", self.arm_host())) {
            Ok(url) => Ok(Call {
                who: Some(who.clone()),
                audience: Audience::Arm,
                method,
                url,
                body: None,
                doing,
                carries_value: false,
            }),
            Err(_) => Err(Failure::misused(doing, "its id makes no address")),
        }
    }

    /// Whether `url` leads to this cloud's Azure Resource Manager.
    pub(crate) fn is_arm(&self, url: &Url) -> bool {
        is_arm(url, self.arm_host())
    }

    /// A POST of one of an endpoint's actions.
    pub(crate) fn action_of(&self, endpoint: &Endpoint, action: &str, doing: &str) -> Result<Call, Failure> {
        let path = format!("{}/{action}", endpoint.id);
        self.arm(&endpoint.who, Method::Post, &path, MACHINE_LEARNING, doing.to_owned())
    }

    /// Completes a refusal with what we know: who asked, for what, of what, where that is.
    pub(crate) fn placed(&self, failure: Failure, place: &Place<'_>) -> Failure {
        denied(failure, |denied| {
            if denied.who.is_none() {
                denied.who =
                    self.accounts().into_iter().find(|have| have.id == place.who.account).map(|have| have.name);
            }
            if let Some(action) =
                place.action.as_ref().filter(|_| denied.guard == Guard::Role && denied.action.is_none())
            {
                denied.roles = advice(action);
                denied.action = Some(Untrusted::from(action.as_str()));
            }
            // Azure Resource Manager names a whole scope; the group and the subscription have lines of their own.
            if denied.resource.is_empty() || denied.resource.raw().starts_with('/') {
                denied.resource = Untrusted::from(place.name);
            }
            if let Some(id) = place.id {
                denied.resource_group.get_or_insert_with(|| Untrusted::from(id.resource_group()));
                let known = || place.subscription_name.cloned().unwrap_or_else(|| Untrusted::from(id.subscription()));
                denied.subscription.get_or_insert_with(known);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_arm_s_own_origin_is_arm() {
        let is = |text: &str| is_arm(&Url::parse(text).expect("an address"), "management.azure.com");
        assert!(is("https://management.azure.com/subscriptions/1/x?t=2"));
        assert!(is("https://management.azure.com:443/x"));
        for other in [
            "http://management.azure.com/x",
            "https://management.azure.com.evil.example/x",
            "https://management.azure.com:8443/x",
            "https://a@management.azure.com/x",
            "https://evil.example/management.azure.com",
        ] {
            assert!(!is(other), "{other}");
        }
    }
}
