//! Which workspace, vault, endpoint: from a name, an id, a folder, or a habit.

use super::args_endpoint::Which;
use super::context::Context;
use super::folder::{self, FolderWorkspace, workspace_id};
use super::guard;
use crate::domain::{Endpoint, Failure, Kind, ResourceId, SafeText, SecretName, Who, Workspace};

/// A workspace as it was named.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// By its id.
    Id(ResourceId),
    /// By a name and perhaps a group, which together with a subscription may make up the id.
    Name { name: String, group: Option<String>, whole: Option<ResourceId> },
}

/// Who named the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The command line.
    Flag,
    /// AMLOCK_WORKSPACE.
    Variable,
    /// This folder's config, and why it may be somebody else's word.
    Folder { file: String, distrust: Option<String> },
    /// The defaults of az.
    Az,
    /// The user's config.
    Config,
    /// The submitted run we are in.
    Run,
}

impl Why {
    /// What to say of it; what was just typed needs no words.
    pub(crate) fn from(&self) -> Option<&str> {
        match self {
            Self::Flag => None,
            Self::Variable => Some("AMLOCK_WORKSPACE"),
            Self::Folder { file, .. } => Some(file),
            Self::Az => Some("`az configure`"),
            Self::Config => Some("the config"),
            Self::Run => Some("this run"),
        }
    }
}

impl Context {
    /// What this folder says.
    pub(crate) fn folder(&self) -> Result<Option<FolderWorkspace>, Failure> {
        folder::find(&self.around.here, self.around.home.as_deref())
    }

    /// The workspace that the defaults of `az configure` or the user's config name: a name or an id.
    pub(crate) fn habit(&self) -> Option<String> {
        let az = folder::az_defaults(self.around.azure_config_dir.as_deref(), self.around.home.as_deref());
        az.workspace.or_else(|| self.config.workspace.clone())
    }

    /// The workspace that is used here, or the one `named`.
    pub(crate) async fn workspace(&self, named: Option<&str>) -> Result<Workspace, Failure> {
        let (wanted, why) = self.wanted(named)?;
        if let Why::Folder { file, distrust: Some(distrust) } = &why {
            self.out.remark(&format!("{file} is not to be trusted: {distrust}."));
        }
        let name = match &wanted {
            Wanted::Id(id) => id.name(),
            Wanted::Name { name, .. } => name,
        };
        if let Some(from) = why.from().filter(|_| why != Why::Variable) {
            self.out.say(&format!("workspace {} from {from}", SafeText::of(name)));
        }
        self.look_up(wanted).await
    }

    /// The workspace that was named so.
    pub(crate) async fn look_up(&self, wanted: Wanted) -> Result<Workspace, Failure> {
        let who = self.who()?;
        match wanted {
            Wanted::Id(id) => self.workspace_by_id(&who, &id).await,
            Wanted::Name { name, group, whole: None } => self.workspace_by_name(&who, &name, group.as_deref()).await,
            Wanted::Name { name, group, whole: Some(id) } => match self.workspace_by_id(&who, &id).await {
                // One of its parts is wrong: the list may know which.
                Err(failure) if failure.kind == Kind::NotFound => {
                    let all = self.workspaces_of(&who).await.unwrap_or_default();
                    Err(guard::elsewhere(self, &name, group.as_deref(), all.iter()).unwrap_or(failure))
                }
                done => done,
            },
        }
    }

    /// What names the workspace here, the nearest first.
    pub(crate) fn wanted(&self, named: Option<&str>) -> Result<(Wanted, Why), Failure> {
        let group = || self.typed.resource_group.clone();
        if let Some(named) = named.or(self.typed.workspace.as_deref()) {
            let why = if self.from_variable && named == self.typed.workspace.as_deref().unwrap_or_default() {
                Why::Variable
            } else {
                Why::Flag
            };
            return Ok((self.read_name(named, group())?, why));
        }
        if let Some(id) = self.choice().ok().and_then(|(account, _)| self.cloud.run_workspace(&account.id).cloned()) {
            return Ok((Wanted::Id(id), Why::Run));
        }
        if let Some(found) = self.folder()? {
            let file = found.file.display().to_string();
            return Ok((Wanted::Id(found.id), Why::Folder { file, distrust: found.distrust }));
        }
        if !self.demo {
            let az = folder::az_defaults(self.around.azure_config_dir.as_deref(), self.around.home.as_deref());
            if let Some(name) = az.workspace {
                return Ok((self.read_name(&name, group().or(az.group))?, Why::Az));
            }
            if let Some(name) = &self.config.workspace {
                return Ok((self.read_name(name, group())?, Why::Config));
            }
        }
        let trouble = self.cloud.login_trouble().filter(|_| !self.demo);
        if trouble.is_some() {
            // A run whose token cannot be used names no workspace either; that is what to tell.
            self.choice()?;
        }
        let list = self.line("workspace list");
        let also = trouble.map_or_else(String::new, |trouble| format!(". {trouble}"));
        Err(Failure::misused("find the workspace", "none was named, and this folder has no .azureml/config.json")
            .hint(format!("-w NAME; {list} shows them all{also}")))
    }

    fn read_name(&self, named: &str, group: Option<String>) -> Result<Wanted, Failure> {
        if named.starts_with('/') {
            return match ResourceId::parse(named) {
                Ok(id) if id.is_workspace() => Ok(Wanted::Id(id)),
                _ => Err(Failure::misused(
                    "find the workspace",
                    format!("{} is not a workspace's id", SafeText::of(named)),
                )
                .hint("/subscriptions/S/resourceGroups/G/providers/Microsoft.MachineLearningServices/workspaces/W")),
            };
        }
        // All three parts make the id, and the id needs no search.
        let whole = match (&self.typed.subscription, &group) {
            (Some(subscription), Some(group)) => workspace_id(subscription, group, named),
            _ => None,
        };
        Ok(Wanted::Name { name: named.to_owned(), group, whole })
    }

    async fn workspace_by_id(&self, who: &Who, id: &ResourceId) -> Result<Workspace, Failure> {
        self.out.progress(&format!("looking at {}", id.name()));
        let found = self.cloud.workspace(who, id).await;
        self.out.erase();
        found.map_err(|failure| match failure.kind {
            Kind::NotFound if self.demo && failure.hint.is_none() => failure
                .hint("this is the demo: it has workspaces of its own. `amlock --demo workspace list` shows them."),
            _ => failure,
        })
    }

    async fn workspace_by_name(&self, who: &Who, name: &str, group: Option<&str>) -> Result<Workspace, Failure> {
        let all = self.workspaces_of(who).await?;
        let mut found = self.pick(&all, name, group);
        let mut others = Vec::new();
        if found.is_empty() {
            // A guest in another tenant sees nothing of it from home.
            others = self.workspaces_elsewhere(who).await;
            found = self.pick(&others, name, group);
        }
        match found.as_slice() {
            [one] => {
                self.out.explain(|| format!("workspace {}", one.id));
                Ok((*one).clone())
            }
            [] => {
                if let Some(failure) = guard::elsewhere(self, name, group, all.iter().chain(&others)) {
                    return Err(failure);
                }
                let shown = SafeText::of(name);
                let near = nearest(name, all.iter().map(|workspace| workspace.name.raw()));
                let hint = near.map_or_else(
                    || format!("{} shows those this account sees.", self.line("workspace list")),
                    |near| {
                        format!("did you mean {}? {} shows them all.", SafeText::of(near), self.line("workspace list"))
                    },
                );
                Err(Failure::new(
                    Kind::NotFound,
                    format!("find the workspace {shown}"),
                    "this account sees none of that name",
                )
                .hint(hint))
            }
            several => {
                let ids = several.iter().map(|one| one.id.to_string()).collect::<Vec<_>>().join(" and ");
                Err(Failure::misused(
                    format!("choose the workspace {}", SafeText::of(name)),
                    format!("there are several: {ids}"),
                )
                .hint("-g GROUP (and -s SUBSCRIPTION) tell them apart, or -w with the whole id"))
            }
        }
    }

    fn pick<'a>(&self, all: &'a [Workspace], name: &str, group: Option<&str>) -> Vec<&'a Workspace> {
        all.iter()
            .filter(|one| one.name.raw().eq_ignore_ascii_case(name))
            .filter(|one| group.is_none_or(|group| one.id.resource_group().eq_ignore_ascii_case(group)))
            .filter(|one| self.in_subscription(one))
            .collect()
    }

    /// Whether a workspace lies in the subscription that was asked for.
    pub(crate) fn in_subscription(&self, workspace: &Workspace) -> bool {
        self.typed.subscription.as_deref().is_none_or(|wanted| {
            workspace.id.subscription().eq_ignore_ascii_case(wanted)
                || workspace.subscription_name.as_ref().is_some_and(|name| name.raw().eq_ignore_ascii_case(wanted))
        })
    }

    /// All workspaces the account sees in one tenant.
    pub(crate) async fn workspaces_of(&self, who: &Who) -> Result<Vec<Workspace>, Failure> {
        let mut all = Vec::new();
        self.out.progress("listing workspaces");
        self.cloud
            .workspaces(who, &mut |page| {
                all.extend(page);
                self.out.progress(&format!("listing workspaces: {}", all.len()));
            })
            .await?;
        self.out.erase();
        Ok(all)
    }

    /// Workspaces in the other tenants the account is in. A tenant that does not let it in now is passed over, aloud.
    pub(crate) async fn workspaces_elsewhere(&self, who: &Who) -> Vec<Workspace> {
        let tenants = match self.cloud.tenants(who).await {
            Ok(tenants) => tenants,
            Err(failure) => {
                self.out.explain(|| format!("other tenants: {failure}"));
                return Vec::new();
            }
        };
        let (mut all, home) = (Vec::new(), self.cloud.tenant_of(who));
        for tenant in tenants.into_iter().filter(|tenant| tenant.id != home) {
            let there = Who { account: who.account.clone(), tenant: tenant.id };
            match self.workspaces_of(&there).await {
                Ok(found) => all.extend(found),
                // A short list never passes for a whole one.
                Err(failure) => self.out.say(&format!("Tenant {} is left out: {failure}", tenant.name.show())),
            }
        }
        all
    }

    /// One endpoint of a workspace.
    pub(crate) async fn endpoint(&self, workspace: &Workspace, which: &Which) -> Result<Endpoint, Failure> {
        let name = which.name.get();
        self.out.progress("listing endpoints");
        let mut all = self.cloud.endpoints(&workspace.who, &workspace.id).await?;
        self.out.erase();
        let kind = which.kind.map(super::args_endpoint::Sort::kind);
        let mut found = all
            .endpoints
            .iter()
            .filter(|one| one.name.raw().eq_ignore_ascii_case(name))
            .filter(|one| kind.is_none_or(|kind| one.kind == kind))
            .collect::<Vec<_>>();
        let doing = || format!("find the endpoint {} in {}", SafeText::of(name), workspace.name.show());
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one.clone()),
            (Some(_), false) => Err(Failure::misused(doing(), "endpoints of several sorts have that name")
                .hint("--kind online, batch or serverless tells them apart")),
            // It may be among those that could not be listed.
            (None, _) if all.missing.iter().any(|(missing, _)| kind.is_none_or(|kind| kind == *missing)) => {
                let at = all.missing.iter().position(|(missing, _)| kind.is_none_or(|kind| kind == *missing));
                Err(all.missing.swap_remove(at.unwrap_or(0)).1)
            }
            (None, _) => {
                let near = nearest(name, all.endpoints.iter().map(|one| one.name.raw()));
                let hint = near.map_or_else(
                    || format!("{} shows them.", self.line("endpoint list")),
                    |near| format!("did you mean {}?", SafeText::of(near)),
                );
                Err(Failure::new(Kind::NotFound, doing(), "there is none of that name").hint(hint))
            }
        }
    }
}

/// A vault's name, also where its whole address or its resource id was given.
pub(crate) fn bare_vault(name: &str) -> &str {
    if let Ok(id) = ResourceId::parse(name)
        && id.resource_type().eq_ignore_ascii_case("Microsoft.KeyVault/vaults")
    {
        return name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
    }
    let bare = name.strip_prefix("https://").unwrap_or(name).trim_end_matches('/');
    let suffixes = [".vault.azure.net", ".vault.usgovcloudapi.net", ".vault.azure.cn"];
    suffixes.iter().find_map(|suffix| bare.strip_suffix(suffix)).unwrap_or(bare)
}

/// A secret's name, or why it is none.
pub(crate) fn secret_name(text: &str) -> Result<SecretName, Failure> {
    SecretName::parse(text).map_err(|bad| {
        let failure = Failure::misused(
            format!("use the name {}", SafeText::of(text)),
            "a secret's name is 1 to 127 letters, digits and dashes",
        );
        match bad.instead {
            Some(instead) => failure.hint(format!("try {instead}")),
            None => failure,
        }
    })
}

/// The name that was probably meant: the one a few slips away, or the only one that begins so.
pub(crate) fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    names
        .map(|name| {
            let lower = name.to_lowercase();
            let away = if lower.starts_with(&typed) && typed.len() > 2 { 1 } else { slips(&typed, &lower) };
            (away, name)
        })
        .min_by_key(|(away, _)| *away)
        .filter(|(away, _)| *away <= (typed.chars().count() / 3).clamp(1, 3))
        .map(|(_, name)| name)
}

/// How many letters to add, drop or change between two words (Levenshtein's distance).
fn slips(one: &str, other: &str) -> usize {
    let other = other.chars().collect::<Vec<_>>();
    let mut row = (0..=other.len()).collect::<Vec<_>>();
    for (n, a) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = n + 1;
        for (m, b) in other.iter().enumerate() {
            let change = corner + usize::from(a != *b);
            corner = row[m + 1];
            row[m + 1] = change.min(row[m] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name() {
        let names = ["ws-vision", "ws-prod", "hub-shared"];
        assert_eq!(nearest("ws-visoin", names.into_iter()), Some("ws-vision"));
        assert_eq!(nearest("hub", names.into_iter()), Some("hub-shared"));
        assert_eq!(nearest("nothing-like-it", names.into_iter()), None);
    }

    #[test]
    fn a_vault_is_named_or_addressed() {
        assert_eq!(bare_vault("https://kv-vision.vault.azure.net/"), "kv-vision");
        assert_eq!(bare_vault("kv-vision"), "kv-vision");
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-vision";
        assert_eq!(bare_vault(id), "kv-vision");
        assert_eq!(secret_name("DB_PASSWORD").expect_err("underscore").hint.as_deref(), Some("try DB-PASSWORD"));
    }
}
