//! Workspaces: what holds a vault and endpoints.

use url::Url;

use super::{Cell, Columns, Head, Moment, ResourceId, SafeText, Tags, TenantId, Tone, Untrusted, Who};

/// What sort of workspace it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkspaceKind {
    /// A workspace of its own.
    Default,
    /// Shares its vault with its projects.
    Hub,
    /// Lives in a hub and uses the hub's vault.
    Project,
    /// A feature store.
    FeatureStore,
}

impl WorkspaceKind {
    /// Reads Azure's spelling, whose case varies.
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "hub" => Self::Hub,
            "project" => Self::Project,
            "featurestore" => Self::FeatureStore,
            _ => Self::Default,
        }
    }

    /// The word for it in lists; the usual kind needs none.
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "",
            Self::Hub => "hub",
            Self::Project => "project",
            Self::FeatureStore => "feature store",
        }
    }
}

/// An Azure Machine Learning workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its ARM id.
    pub id: ResourceId,
    /// Its name.
    pub name: Untrusted,
    /// Its sort.
    pub kind: WorkspaceKind,
    /// Its region.
    pub location: Untrusted,
    /// The name of its subscription, where known.
    pub subscription_name: Option<Untrusted>,
    /// Whose token reaches it, in which tenant.
    pub who: Who,
    /// Its vault's ARM id; a project's may be missing here and is then its hub's.
    pub vault_id: Option<ResourceId>,
    /// Its vault's address, where Resource Graph told it.
    pub vault_url: Option<Url>,
    /// The tenant whose tokens the vault takes.
    pub vault_tenant: Option<TenantId>,
    /// Whether roles rule the vault.
    pub vault_by_role: Option<bool>,
    /// The hub of a project.
    pub hub: Option<ResourceId>,
    /// `Succeeded`, `Creating`, ...
    pub state: Untrusted,
    /// What it is called in the studio.
    pub friendly_name: Option<Untrusted>,
    /// What somebody wrote about it.
    pub description: Option<Untrusted>,
    /// Its tags.
    pub tags: Tags,
    /// Where its services are found.
    pub discovery_url: Option<Untrusted>,
    /// Its MLflow address.
    pub mlflow_uri: Option<Untrusted>,
}

impl Workspace {
    /// Production: a tag env, environment or stage that begins with `prod`.
    pub fn is_production(&self) -> bool {
        self.tags.iter().any(|(key, value)| {
            let key = key.raw();
            ["env", "environment", "stage"].iter().any(|word| key.eq_ignore_ascii_case(word))
                && value.raw().get(..4).is_some_and(|head| head.eq_ignore_ascii_case("prod"))
        })
    }
}

impl Columns for Workspace {
    const HEADS: &'static [Head] = &[
        Head::grows("NAME"),
        Head::fixed("KIND", 13),
        Head::fixed("RESOURCE GROUP", 20),
        Head::fixed("SUBSCRIPTION", 22),
        Head::fixed("LOCATION", 14),
        Head::fixed("", 12),
    ];

    fn cells(&self, _now: Moment) -> Vec<Cell> {
        vec![
            Cell::text(self.name.show().into_owned()),
            Cell::text(self.kind.word()),
            // Azure takes any letter in it, also those that nobody sees.
            Cell::text(SafeText::of(self.id.resource_group()).into_owned()),
            Cell::text(
                self.subscription_name
                    .as_ref()
                    .map_or_else(|| self.id.subscription().to_owned(), |name| name.show().into_owned()),
            ),
            Cell::text(self.location.show().into_owned()),
            if self.is_production() { Cell::toned("▲ production", Tone::Danger) } else { Cell::default() },
        ]
    }
}

/// Whether `name` fits a pattern in which each `*` stands for any letters, also none; case does not matter.
pub fn name_fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(head) else { return false };
    let (middle, last) = tail.rsplit_once('*').unwrap_or(("", tail));
    for piece in middle.split('*') {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::name_fits;

    #[test]
    fn production_patterns_are_globs() {
        assert!(
            name_fits("*-prod", "ws-PROD")
                && name_fits("prod*", "production")
                && name_fits("ws-*-live", "ws-a-live-live")
        );
        assert!(
            name_fits("ws-prod", "ws-prod") && !name_fits("ws-prod", "ws-prod2") && !name_fits("*-prod", "ws-prod-old")
        );
    }
}
