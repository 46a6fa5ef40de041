//! What is made from the grammar: completion scripts and the manual page.

use std::fmt::Write as _;

use clap::CommandFactory as _;

use super::args::Typed;

/// A completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Typed::command(), "amlock", &mut text);
    text
}

/// The manual page: clap's own, then every command with its usage and its flags.
pub(crate) fn man() -> Vec<u8> {
    let mut page = Vec::new();
    // Writing into memory does not fail.
    let _ = clap_mangen::Man::new(Typed::command()).render(&mut page);
    let mut more = String::from(".SH \"EVERY COMMAND\"\n");
    let mut root = Typed::command();
    root.build();
    for command in root.get_subcommands().filter(|command| !command.is_hide_set()) {
        describe("amlock", command, &mut more);
    }
    page.extend_from_slice(more.as_bytes());
    page
}

fn describe(before: &str, command: &clap::Command, page: &mut String) {
    let name = format!("{before} {}", command.get_name());
    let below = command.get_subcommands().filter(|below| !below.is_hide_set()).collect::<Vec<_>>();
    if !below.is_empty() {
        for command in below {
            describe(&name, command, page);
        }
        return;
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let usage = usage.strip_prefix(&name).unwrap_or(usage).trim();
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let _ = write!(page, ".SS \"{}\"\n\\fB{}\\fR {}\n.PP\n{}\n", roff(&name), roff(&name), roff(usage), roff(&about));
    for argument in command.get_arguments().filter(|argument| !argument.is_hide_set() && !argument.is_global_set()) {
        let Some(help) = argument.get_help().filter(|_| argument.get_id() != "help") else { continue };
        let _ = write!(page, ".TP\n\\fB{}\\fR\n{}\n", roff(&argument.to_string()), roff(&help.to_string()));
    }
}

/// Plain text for roff: dashes stay dashes, no line is taken for a request.
fn roff(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace("\n\n", "\n.PP\n").replace("\n'", "\n\\&'")
}
