//! What a change needs besides a place: that nobody else chose it, that it is said, and whether it is production.

use super::context::Context;
use super::find::{Why, bare_vault};
use crate::domain::{Failure, Kind, SafeText, SecretName, Untrusted, Vault, Workspace};

/// Where secrets are.
#[derive(Debug)]
pub(crate) struct Place {
    /// The vault.
    pub(crate) vault: Vault,
    /// The name of the workspace, where it counts as production.
    pub(crate) production: Option<String>,
}

impl Context {
    /// The vault that is used here: `--vault`, or the workspace's.
    pub(crate) async fn place(&self) -> Result<Place, Failure> {
        if let Some(vault) = self.vault_named()? {
            let production = self.config.production.counts(&vault.name).then(|| vault.name.clone());
            return Ok(Place { vault, production });
        }
        let workspace = self.workspace(None).await?;
        self.place_of(&workspace).await
    }

    /// The vault that is changed here: found as in [`Context::place`], but only by words of one's own, and said aloud.
    pub(crate) async fn place_to_write(&self, doing: &str) -> Result<Place, Failure> {
        if let Some(vault) = self.vault_named()? {
            let production = self.production_behind(&vault).await;
            return Ok(Place { vault, production });
        }
        let (workspace, why) = self.workspace_to_write(doing).await?;
        let place = self.place_of(&workspace).await?;
        if let Some(from) = why.from() {
            self.out.remark(&format!("{} of {} (from {from})", place.vault.name, workspace.name.show()));
        }
        Ok(place)
    }

    /// The workspace that is changed here, and why this one. A file that others may write chooses none.
    pub(crate) async fn workspace_to_write(&self, doing: &str) -> Result<(Workspace, Why), Failure> {
        let (wanted, why) = self.wanted(None)?;
        if let Why::Folder { file, distrust: Some(distrust) } = &why {
            let cause = format!("{file} says where, and {distrust}");
            return Err(Failure::misused(doing.to_owned(), cause)
                .hint("-w NAME says it instead; or take the file as your own, and `chmod go-w` it and its folder"));
        }
        Ok((self.look_up(wanted).await?, why))
    }

    fn vault_named(&self) -> Result<Option<Vault>, Failure> {
        let Some(name) = &self.typed.vault else { return Ok(None) };
        self.cloud.vault_by_name(&self.who()?, bare_vault(name)).map(Some)
    }

    async fn place_of(&self, workspace: &Workspace) -> Result<Place, Failure> {
        let vault = self.cloud.vault(workspace).await?;
        self.out.explain(|| format!("vault {}", vault.url));
        let named = || self.config.production.counts(&vault.name).then(|| vault.name.clone());
        let production = self.production(workspace).or_else(named);
        Ok(Place { vault, production })
    }

    /// The workspace's name, where it counts as production.
    pub(crate) fn production(&self, workspace: &Workspace) -> Option<String> {
        let counts = workspace.is_production() || self.config.production.counts(workspace.name.raw());
        counts.then(|| workspace.name.show().into_owned())
    }

    /// What counts as production behind a vault that was named without a workspace. Not knowing it keeps nobody from
    /// writing, but is said.
    async fn production_behind(&self, vault: &Vault) -> Option<String> {
        if self.config.production.counts(&vault.name) {
            return Some(vault.name.clone());
        }
        let found = self.workspaces_of(&vault.who).await;
        self.out.erase();
        let all = match found {
            Ok(all) => all,
            Err(failure) => {
                self.out.remark(&format!("Whether {} belongs to production is not known: {failure}", vault.name));
                return None;
            }
        };
        let mut uses = users(&all, vault);
        let others;
        if uses.is_empty() {
            others = self.workspaces_elsewhere(&vault.who).await;
            uses = users(&others, vault);
        }
        uses.into_iter().find_map(|workspace| self.production(workspace))
    }

    /// A vault's word for an unknown version and for an unknown secret is the same: looks which of them it was.
    pub(crate) async fn no_such_version(
        &self,
        vault: &Vault,
        name: &SecretName,
        version: &Untrusted,
        failure: Failure,
    ) -> Failure {
        if failure.kind != Kind::NotFound || self.cloud.versions(vault, name).await.is_err() {
            return failure;
        }
        let words = format!("{name} has no version {}", version.show());
        let hint = format!("{} shows those it has", self.line(&format!("secret versions {name}")));
        Failure { cause: words, ..failure }.hint(hint)
    }
}

/// The workspaces that keep their secrets in `vault`; a project's are in its hub's.
fn users<'a>(all: &'a [Workspace], vault: &Vault) -> Vec<&'a Workspace> {
    let own = |one: &Workspace| {
        one.vault_id.as_ref().is_some_and(|id| id.name().eq_ignore_ascii_case(&vault.name))
            || one.vault_url.as_ref().is_some_and(|url| url.host_str() == vault.url.host_str())
    };
    let through_hub = |one: &Workspace| {
        let hub = one.hub.as_ref();
        hub.is_some_and(|hub| all.iter().any(|other| other.id == *hub && own(other)))
    };
    all.iter().filter(|one| own(one) || through_hub(one)).collect()
}

/// Why a workspace was not found by its name: it is there, but not where `-g` and `-s` look.
pub(crate) fn elsewhere<'a>(
    context: &Context,
    name: &str,
    group: Option<&str>,
    all: impl Iterator<Item = &'a Workspace>,
) -> Option<Failure> {
    let there = all.filter(|one| one.name.raw().eq_ignore_ascii_case(name)).collect::<Vec<_>>();
    let first = there.first()?;
    let in_group = |one: &Workspace| group.is_none_or(|group| one.id.resource_group().eq_ignore_ascii_case(group));
    let asked = match (group, context.typed.subscription.as_deref()) {
        (Some(group), Some(subscription)) if !there.iter().any(|one| in_group(one) || context.in_subscription(one)) => {
            format!("the resource group {group} of the subscription {subscription}")
        }
        (Some(group), _) if !there.iter().any(|one| in_group(one)) => format!("the resource group {group}"),
        (_, Some(subscription)) => format!("the subscription {subscription}"),
        (Some(group), None) => format!("the resource group {group}"),
        (None, None) => return None,
    };
    let place = |one: &&Workspace| {
        let subscription = one
            .subscription_name
            .as_ref()
            .map_or_else(|| one.id.subscription().to_owned(), |name| name.show().into_owned());
        format!("the group {} of {subscription}", one.id.resource_group())
    };
    let places = there.iter().map(place).collect::<Vec<_>>().join(", and in ");
    let doing = format!("find the workspace {}", SafeText::of(name));
    let shown = first.name.show();
    Some(
        Failure::new(Kind::NotFound, doing, format!("{asked} does not hold it"))
            .hint(format!("{shown} is in {places}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ResourceId;

    #[test]
    fn a_vault_belongs_to_all_who_use_it() {
        let context = |name: &str| crate::domain::Who {
            account: crate::domain::AccountId::parse("a").expect(name),
            tenant: crate::domain::TenantId::parse("t").expect(name),
        };
        let id = |kind: &str, name: &str| {
            ResourceId::parse(&format!("/subscriptions/s/resourceGroups/g/providers/{kind}/{name}")).expect("an id")
        };
        let of = |name: &str, vault: Option<&str>, hub: Option<&str>| Workspace {
            id: id("Microsoft.MachineLearningServices/workspaces", name),
            name: Untrusted::from(name),
            kind: crate::domain::WorkspaceKind::Default,
            location: Untrusted::default(),
            subscription_name: None,
            who: context(name),
            vault_id: vault.map(|vault| id("Microsoft.KeyVault/vaults", vault)),
            vault_url: None,
            vault_tenant: None,
            vault_by_role: None,
            hub: hub.map(|hub| id("Microsoft.MachineLearningServices/workspaces", hub)),
            state: Untrusted::default(),
            friendly_name: None,
            description: None,
            tags: Vec::new(),
            discovery_url: None,
            mlflow_uri: None,
        };
        let all = [
            of("one", Some("kv-a"), None),
            of("hub", Some("KV-B"), None),
            of("project", None, Some("hub")),
            of("loose", None, None),
        ];
        let vault = Vault {
            name: "kv-b".to_owned(),
            url: "https://kv-b.vault.azure.net/".parse().expect("an address"),
            who: context("kv-b"),
            id: None,
            by_role: None,
            subscription_name: None,
        };
        let names = users(&all, &vault).into_iter().map(|one| one.name.raw()).collect::<Vec<_>>();
        assert_eq!(names, ["hub", "project"]);
    }
}
