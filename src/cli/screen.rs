//! The screen's beginning: what the command line, the environment and the config say, in the screen's own terms.

use std::sync::Arc;

use tokio::runtime::Runtime;

use super::args::Global;
use super::config::{self, Osc52};
use super::context::Context;
use super::output::Out;
use crate::cloud::{AzureCloud, Cloud};
use crate::domain::{Failure, Kind, ResourceId, Zone};
use crate::tui::{self, AzureHosts, Broken, Launch, Outcome, Remember, Start, Target};

const DOING: &str = "open the screen";

/// Where the screen starts.
struct Open {
    /// A workspace: its name or its resource id.
    workspace: String,
    /// A secret in it.
    secret: Option<String>,
}

/// Opens the screen; the exit code.
pub(crate) fn run(typed: Global, out: &Arc<Out>, place: Option<&str>) -> u8 {
    let (mut typed, mut place) = (typed, place);
    let mut runtime = None;
    loop {
        let context = match fit().and_then(|()| Context::for_screen(typed, out)) {
            Ok(context) => context,
            Err(failure) => return super::finish(out, Err(failure)),
        };
        let ended = launch(&context, place).and_then(|launch| show(launch, &mut runtime));
        typed = context.typed;
        match ended {
            Ok(Outcome::OpenDemo) => {
                // Nothing of the real world is meant there.
                (typed.demo, place) = (Some(String::new()), None);
                (typed.account, typed.workspace, typed.vault) = (None, None, None);
                (typed.subscription, typed.resource_group) = (None, None);
            }
            ended => {
                // A tool that still runs (az, a clipboard's) does not keep anybody here.
                if let Some(runtime) = runtime {
                    runtime.shutdown_background();
                }
                return super::finish(out, ended.map(drop));
            }
        }
    }
}

/// Opens the screen and runs it until it is left. The runtime's threads start when the first frame is there.
fn show(launch: Launch, runtime: &mut Option<Runtime>) -> Result<Outcome, Failure> {
    let failed = |broken: Broken| match broken {
        Broken::Refused(why) => Failure::misused(DOING, why.to_string()),
        Broken::Terminal(_) => Failure::new(Kind::Failed, DOING, broken.to_string()),
    };
    let opened = tui::open(launch).map_err(failed)?;
    let runtime = match runtime {
        Some(runtime) => runtime,
        None => runtime.insert(super::runtime()?),
    };
    runtime.block_on(tui::run(opened)).map_err(failed)
}

/// Whether this is a terminal a screen can be drawn on; said before anything else is looked at.
fn fit() -> Result<(), Failure> {
    tui::suitable().map_err(|why| Failure::misused(DOING, why.to_string()))
}

fn launch(context: &Context, place: Option<&str>) -> Result<Launch, Failure> {
    let (typed, config) = (&context.typed, &context.config);
    let named = typed.account.as_ref().or(config.account.as_ref());
    if named.is_some() && !context.demo {
        context.cloud.find_logins();
    }
    let account = match named.map(|name| context.named(name)) {
        // The config's account may be signed out since: the screen is where somebody signs in.
        Some(Err(failure)) if typed.account.is_none() && failure.kind == Kind::SignedOut => None,
        found => found.transpose()?.map(|account| account.id),
    };
    let open = place.map(parse).or_else(|| {
        let workspace = typed.workspace.clone()?;
        Some(Open { workspace, secret: None })
    });
    let found = if context.demo { None } else { context.folder()? };
    let remark = found.as_ref().and_then(|found| {
        let why = found.distrust.as_ref()?;
        Some(format!("{} is not followed: {why}.", found.file.display()))
    });
    // What may be somebody else's word opens nothing: a value might be written where it leads.
    let trusted = found.filter(|found| found.distrust.is_none()).map(|found| of_id(&found.id));
    let folder = if context.demo { demo_folder(typed) } else { trusted };
    let habit = if context.demo { None } else { context.habit() };
    let start = Start {
        now: context.cloud.clock().now(),
        // The machine's own follows the first frame: finding it takes longer than drawing one.
        zone: Zone::UTC,
        demo: context.demo,
        read_only: typed.read_only,
        ascii: context.out.ascii(),
        colours: tui::colours(|name| std::env::var_os(name)),
        account,
        tenant: context.tenant()?,
        open: open.map(|open| target(open, typed)),
        folder,
        remark,
        habit: habit.map(|workspace| target(Open { workspace, secret: None }, typed)),
        vault: typed.vault.clone(),
        reveal_seconds: config.reveal.seconds,
        production: config.production.names.clone(),
        hosts: hosts(&context.cloud),
    };
    let remember = context.around.config.clone().filter(|_| !context.demo).map(|path| {
        Remember(Box::new(move || config::allow_terminal_copies(&path).map_err(|failure| failure.sentence())))
    });
    let osc52 = match config.clipboard.osc52 {
        Osc52::Ask => tui::Osc52::Known,
        Osc52::Always => tui::Osc52::Always,
        Osc52::Never => tui::Osc52::Never,
    };
    Ok(Launch { start, cloud: context.cloud.clone(), finds_logins: !context.demo, osc52, remember })
}

/// The hosts that the screen names. The public cloud needs no name.
fn hosts(cloud: &Cloud) -> AzureHosts {
    let name = cloud.name();
    let named = (name != AzureCloud::Public.name()).then_some(name);
    AzureHosts { cloud: named, login: cloud.login_host(), arm: cloud.arm_host() }
}

/// The demo's usual world has a folder, too, whose config names its workspace.
fn demo_folder(typed: &Global) -> Option<Target> {
    let usual = typed.demo.as_deref().is_some_and(str::is_empty);
    usual.then(|| Target { workspace: "ws-vision".to_owned(), ..Target::default() })
}

fn of_id(id: &ResourceId) -> Target {
    Target {
        subscription: Some(id.subscription().to_owned()),
        resource_group: Some(id.resource_group().to_owned()),
        workspace: id.name().to_owned(),
        secret: None,
    }
}

fn target(open: Open, typed: &Global) -> Target {
    let named = match ResourceId::parse(&open.workspace) {
        Ok(id) => of_id(&id),
        Err(_) => Target {
            subscription: typed.subscription.clone(),
            resource_group: typed.resource_group.clone(),
            workspace: open.workspace,
            secret: None,
        },
    };
    Target { secret: open.secret, ..named }
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
