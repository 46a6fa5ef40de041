//! Clap's complaints as failures of our own: one line, one tip, and no word that may have been a value.

use std::error::Error as _;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::Typed;
use crate::domain::Failure;

const DOING: &str = "understand the command line";

/// What az's login has and ours has not: names that are certainly no values.
const AZ_LOGIN: [&str; 6] = [
    "--allow-no-subscriptions",
    "--scope",
    "--use-cert-sn-issuer",
    "--claims-challenge",
    "--only-show-errors",
    "--debug",
];

/// A complaint as a failure. `careful`: what was typed may be a value and is not repeated.
pub(crate) fn failure(wrong: &clap::Error, careful: bool) -> Failure {
    if wrong.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::misused(DOING, "a command is missing").hint("--help shows them");
    }
    if careful { guarded(wrong) } else { spoken(wrong) }
}

/// Clap's own words on one line; its tip, the words it knows, or the usage as the hint.
fn spoken(wrong: &clap::Error) -> Failure {
    let text = wrong.render().to_string();
    let (mut cause, mut tips, mut usage) = (String::new(), Vec::new(), None);
    for (n, paragraph) in text.split("\n\n").enumerate() {
        let lines = paragraph.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
        let (known, lines): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.starts_with("[possible values"));
        let words = lines.join(" ");
        if n == 0 {
            words.strip_prefix("error: ").unwrap_or(&words).clone_into(&mut cause);
        } else if let Some(tip) = words.strip_prefix("tip: ") {
            tips.push(tip.replace(" tip: ", "; "));
        } else if let Some(line) = words.strip_prefix("Usage: ") {
            usage = Some(format!("usage: {line}"));
        }
        tips.extend(known.into_iter().map(|known| known.trim_matches(['[', ']']).to_owned()));
    }
    let hint = if tips.is_empty() { usage } else { Some(tips.join("; ")) };
    Failure::misused(DOING, cause).hint(hint.unwrap_or_else(|| "--help shows what it takes".to_owned()))
}

/// In our words alone, with names that stand in the grammar.
fn guarded(wrong: &clap::Error) -> Failure {
    let named = |kind: ContextKind| match wrong.get(kind) {
        Some(ContextValue::String(name)) => Some(flag(name)),
        Some(ContextValue::Strings(names)) => {
            Some(names.iter().map(|name| flag(name)).collect::<Vec<_>>().join(" and ")).filter(|all| !all.is_empty())
        }
        _ => None,
    };
    let hint = "--help shows what it takes";
    let cause = match (wrong.kind(), named(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(name)) if known(&name) => format!("{name} does not belong here"),
        (ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand, _) | (_, None) => {
            "an argument does not belong here (it is not repeated: it may be a value)".to_owned()
        }
        (ErrorKind::ArgumentConflict, Some(name)) => match named(ContextKind::PriorArg) {
            Some(other) if other != name => format!("{name} and {other} exclude each other"),
            _ => format!("{name} was given twice"),
        },
        (ErrorKind::MissingRequiredArgument, Some(name)) => format!("{name} is missing"),
        (ErrorKind::InvalidValue, Some(name)) if given(wrong).is_empty() => format!("{name} needs a value"),
        (ErrorKind::ValueValidation | ErrorKind::InvalidValue, Some(name)) => {
            let why = wrong.source().map(ToString::to_string).filter(|why| {
                let given = given(wrong);
                given.is_empty() || !why.contains(&given)
            });
            let why = why.or_else(|| possible(wrong)).unwrap_or_else(|| "that is none it takes".to_owned());
            format!("the value of {name} does not fit: {why}")
        }
        (_, Some(name)) => format!("{name} is not used rightly"),
    };
    Failure::misused(DOING, cause).hint(hint)
}

fn given(wrong: &clap::Error) -> String {
    match wrong.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => value.clone(),
        _ => String::new(),
    }
}

fn possible(wrong: &clap::Error) -> Option<String> {
    match wrong.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => {
            Some(format!("it is one of {}", values.join(", ")))
        }
        _ => None,
    }
}

/// `--expires <TIME>` -> `--expires`; what has no dashes (`<NAME>`) stays.
fn flag(shown: &str) -> String {
    shown.split([' ', '=']).next().filter(|_| shown.starts_with('-')).unwrap_or(shown).to_owned()
}

/// Whether a flag is one of ours, anywhere, or one of az's.
fn known(name: &str) -> bool {
    fn within(command: &clap::Command, name: &str) -> bool {
        let has =
            |argument: &clap::Arg| argument.get_long_and_visible_aliases().is_some_and(|longs| longs.contains(&name));
        command.get_arguments().any(has) || command.get_subcommands().any(|below| within(below, name))
    }
    let Some(long) = name.strip_prefix("--") else { return false };
    AZ_LOGIN.contains(&name) || within(&Typed::command(), long)
}

/// Whether failures are to be data, as far as that can be seen in words clap did not take.
pub(crate) fn wants_json(words: impl Iterator<Item = String>) -> bool {
    let mut after_output = false;
    for word in words.take_while(|word| word != "--") {
        let json = |value: &str| matches!(value, "json" | "jsonc");
        if word == "--json" || (after_output && json(&word)) {
            return true;
        }
        let glued = word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o"));
        if glued.is_some_and(|value| json(value.trim_start_matches('='))) {
            return true;
        }
        after_output = matches!(word.as_str(), "-o" | "--output");
    }
    false
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn said(words: &[&str], careful: bool) -> (String, String) {
        let words = std::iter::once("amlock").chain(words.iter().copied());
        let failure = failure(&Typed::try_parse_from(words).expect_err("misused"), careful);
        (failure.cause, failure.hint.unwrap_or_default())
    }

    #[test]
    fn flags_are_named_and_values_never() {
        for (words, cause) in [
            (
                ["secret", "set", "N", "--expires", "yesterday"].as_slice(),
                "the value of --expires does not fit: a time is",
            ),
            (&["secret", "set", "N", "--tag", "novalue"], "the value of --tag does not fit: a tag is KEY=VALUE"),
            (&["secret", "set", "N", "--if-absent", "--if-version", "x"], "--if-absent and --if-version exclude"),
            (&["secret", "set", "N", "--file", "novalue", "--from-env", "x"], "--file and --from-env exclude"),
            (&["login", "--allow-no-subscriptions"], "--allow-no-subscriptions does not belong here"),
            (&["login", "novalue"], "an argument does not belong here"),
            (&["login", "--novalue"], "an argument does not belong here"),
        ] {
            let (said, _) = said(words, true);
            assert!(said.starts_with(cause), "{words:?}: {said}");
            assert!(!said.contains("novalue") && !said.contains("yesterday"), "{said}");
        }
    }

    #[test]
    fn a_complaint_is_one_line_and_a_tip() {
        let (cause, hint) = said(&["account", "lst"], false);
        assert_eq!(cause, "unrecognized subcommand 'lst'");
        assert!(hint.contains("'list'"), "{hint}");
        let (cause, hint) = said(&["secret", "versions"], false);
        assert!(cause.ends_with("were not provided: <NAME>"), "{cause}");
        assert!(hint.starts_with("usage: amlock secret versions"), "{hint}");
        let (cause, hint) = said(&["account", "list", "-o", "xml"], false);
        assert_eq!(cause, "invalid value 'xml' for '--output <FORMAT>'");
        assert!(hint.starts_with("possible values: json"), "{hint}");
    }

    #[test]
    fn json_is_wanted_in_all_its_spellings() {
        let wants = |words: &str| wants_json(words.split(' ').map(str::to_owned));
        for words in ["x --json", "x -o json", "-ojson x", "x -o=json", "x --output json", "x --output=jsonc"] {
            assert!(wants(words), "{words}");
        }
        for words in ["x", "x -o table", "x json", "x -- --json"] {
            assert!(!wants(words), "{words}");
        }
    }
}
