//! `amlock workspace`.

use super::args::WorkspaceCommand;
use super::context::Context;
use super::shapes;
use crate::domain::Failure;

/// `amlock workspace ...`.
pub(crate) async fn run(context: &Context, command: WorkspaceCommand) -> Result<(), Failure> {
    match command {
        WorkspaceCommand::List => {
            let who = context.who()?;
            let mut all = context.workspaces_of(&who).await?;
            all.extend(context.workspaces_elsewhere(&who).await);
            all.retain(|one| context.in_subscription(one));
            if let Some(group) = &context.typed.resource_group {
                all.retain(|one| one.id.resource_group().eq_ignore_ascii_case(group));
            }
            let none = "This account sees no workspaces here. `az ml workspace create -n NAME -g GROUP` makes one.";
            context.out.rows(&all, context.now(), none, shapes::workspace)
        }
        WorkspaceCommand::Show { name, name_flag } => {
            let found = context.workspace(name.as_deref().or(name_flag.as_deref())).await?;
            // The search's answer may be minutes old and leaves things out; this one is fresh.
            let fresh = context.cloud.workspace(&found.who, &found.id).await?;
            context.out.data(shapes::workspace(&fresh))
        }
    }
}
