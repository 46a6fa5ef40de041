//! The screen's beginning: everything it needs to know, in one struct.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::args::Global;
use super::config::Config;
use super::context::Context;
use super::folder::FolderWorkspace;
use super::output::Out;
use crate::cloud::Cloud;
use crate::demo::DemoCloud;
use crate::domain::{AccountId, Failure, Kind};

/// Where the screen starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// A workspace: its name or its resource id.
    pub workspace: String,
    /// A secret in it.
    pub secret: Option<String>,
}

/// What the screen is started with.
#[derive(Debug)]
pub struct Start {
    /// Azure, or the demo's; its logins are found already. `cloud.clock()` is the time.
    pub cloud: Cloud,
    /// The demo's world, where this is one; the usual one has an empty name.
    pub demo: Option<String>,
    /// Every world of the demo, with a line about it.
    pub worlds: Vec<(&'static str, &'static str)>,
    /// Whether changes are refused.
    pub read_only: bool,
    /// Whether to keep to ASCII.
    pub ascii: bool,
    /// The workspace this folder's config names.
    pub folder: Option<FolderWorkspace>,
    /// Where to start: `amlock open`, else `-w`.
    pub open: Option<Open>,
    /// The account somebody named, by flag, variable or config; none: the first that is found.
    pub account: Option<AccountId>,
    /// Only this subscription: id or name.
    pub subscription: Option<String>,
    /// Only this resource group.
    pub resource_group: Option<String>,
    /// A vault to open without a workspace.
    pub vault: Option<String>,
    /// The user's config; the default one in the demo.
    pub config: Config,
    /// Where it lies, to remember an answer in it; none in the demo.
    pub config_path: Option<PathBuf>,
}

/// Opens the screen; the exit code.
pub(crate) fn run(typed: Global, out: &Arc<Out>, place: Option<&str>, runtime: Runtime) -> u8 {
    let begun = fit().and_then(|()| Context::new(typed, out, false)).and_then(|context| start(&context, place));
    super::finish(out, begun.and_then(|start| screen(start, runtime)))
}

/// Whether this is a terminal a screen can be drawn on.
fn fit() -> Result<(), Failure> {
    let doing = "open the screen";
    let hint = "`amlock --help` lists the commands, which need no terminal.";
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::misused(doing, "standard input and output have to be a terminal").hint(hint));
    }
    match std::env::var("TERM").as_deref() {
        Ok("dumb" | "") | Err(_) => Err(Failure::misused(doing, "TERM says that this terminal cannot draw").hint(hint)),
        Ok(_) => Ok(()),
    }
}

fn start(context: &Context, place: Option<&str>) -> Result<Start, Failure> {
    let named = context.typed.account.as_ref().or(context.config.account.as_ref());
    let account = named.map(|name| context.named(name)).transpose()?.map(|account| account.id);
    let workspace = context.typed.workspace.clone();
    Ok(Start {
        cloud: context.cloud.clone(),
        demo: context.typed.demo.clone(),
        worlds: DemoCloud::worlds(),
        read_only: context.typed.read_only,
        ascii: context.out.ascii(),
        folder: context.folder()?,
        open: place.map(parse).or_else(|| workspace.map(|workspace| Open { workspace, secret: None })),
        account,
        subscription: context.typed.subscription.clone(),
        resource_group: context.typed.resource_group.clone(),
        vault: context.typed.vault.clone(),
        config: context.config.clone(),
        config_path: context.around.config.clone().filter(|_| !context.demo),
    })
}

/// `ws-vision/db-password`, or a workspace alone; a resource id has slashes of its own.
fn parse(place: &str) -> Open {
    let workspace_end =
        if place.starts_with('/') { place.match_indices('/').nth(8).map(|(at, _)| at) } else { place.find('/') };
    match workspace_end {
        Some(at) => {
            let secret = Some(place[at + 1..].to_owned()).filter(|secret| !secret.is_empty());
            Open { workspace: place[..at].to_owned(), secret }
        }
        None => Open { workspace: place.to_owned(), secret: None },
    }
}

fn screen(_start: Start, _runtime: Runtime) -> Result<(), Failure> {
    Err(Failure::new(Kind::Failed, "open the screen", "this build has none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_workspace_and_perhaps_a_secret() {
        let open = |place: &str| {
            let open = parse(place);
            (open.workspace, open.secret)
        };
        assert_eq!(open("ws-vision"), ("ws-vision".to_owned(), None));
        assert_eq!(open("ws-vision/db-password"), ("ws-vision".to_owned(), Some("db-password".to_owned())));
        assert_eq!(open("ws-vision/"), ("ws-vision".to_owned(), None));
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";
        assert_eq!(open(id), (id.to_owned(), None));
        assert_eq!(open(&format!("{id}/db")), (id.to_owned(), Some("db".to_owned())));
    }
}
