//! How the app starts: what the command line, the environment and the config said.

use crate::domain::{AccountId, Moment, TenantId, Workspace, Zone};

/// How the app was started: what the command line, the environment and the config said.
#[derive(Clone, Debug)]
pub struct Start {
    /// What time it is.
    pub now: Moment,
    /// The zone dates are shown in.
    pub zone: Zone,
    /// Whether this is the demo.
    pub demo: bool,
    /// Whether changes are refused.
    pub read_only: bool,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
    /// How many colours the terminal has.
    pub colours: Colours,
    /// The account somebody named: it comes first, and the workspaces are narrowed to it.
    pub account: Option<AccountId>,
    /// The tenant somebody named: workspaces are listed in it and in no other, and a sign-in is to it.
    pub tenant: Option<TenantId>,
    /// The workspace to open, by name or id, and the secret to put the cursor on.
    pub open: Option<Target>,
    /// The workspace that this folder's config.json names.
    pub folder: Option<Target>,
    /// Something to say at the start.
    pub remark: Option<String>,
    /// The workspace of somebody's habit: the defaults of `az configure`, or the user's config.
    pub habit: Option<Target>,
    /// A vault to open without a workspace, by name.
    pub vault: Option<String>,
    /// Seconds a value is shown.
    pub reveal_seconds: u8,
    /// Names that mean production, `*` for any letters.
    pub production: Vec<String>,
    /// Whom everything is asked of.
    pub hosts: AzureHosts,
}

/// The hosts of one of Microsoft's clouds, as far as the screen names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AzureHosts {
    /// The cloud's name, where it is not the public one.
    pub cloud: Option<&'static str>,
    /// The host that signs in.
    pub login: &'static str,
    /// The host of Azure Resource Manager.
    pub arm: &'static str,
}

impl AzureHosts {
    /// The public cloud's.
    pub const PUBLIC: Self = Self { cloud: None, login: "login.microsoftonline.com", arm: "management.azure.com" };
}

/// A workspace as somebody named it, maybe with a secret in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its subscription's id or name, where given.
    pub subscription: Option<String>,
    /// Its resource group, where given.
    pub resource_group: Option<String>,
    /// Its name.
    pub workspace: String,
    /// A secret in it.
    pub secret: Option<String>,
}

impl Target {
    /// Whether `workspace` is the one meant.
    pub fn means(&self, workspace: &Workspace) -> bool {
        let same =
            |wanted: &Option<String>, have: &str| wanted.as_ref().is_none_or(|text| text.eq_ignore_ascii_case(have));
        self.workspace.eq_ignore_ascii_case(workspace.id.name())
            && same(&self.resource_group, workspace.id.resource_group())
            && (same(&self.subscription, workspace.id.subscription())
                || workspace.subscription_name.as_ref().is_some_and(|name| same(&self.subscription, name.raw())))
    }
}

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// None, or none wanted (NO_COLOR): weight only.
    Mono,
    /// Sixteen: weight only too, so that themes cannot make text unreadable.
    Sixteen,
    /// 256.
    Indexed,
    /// All of them.
    True,
}
