//! The user's config: it is read whole or refused with a line that exists.

use amlock::cli::Config;

pub(crate) fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Config::parse(text) {
        Ok(config) => {
            assert!((5..=60).contains(&config.reveal.seconds));
            // Patterns of any shape end.
            config.production.counts("ws-prod");
            config.production.counts(text);
        }
        Err(cause) => {
            let line = cause.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
            let (line, cause) = line.unwrap_or_else(|| panic!("{cause:?} names no line"));
            let line: usize = line.parse().expect("a number");
            assert!((1..=text.matches('\n').count() + 1).contains(&line), "line {line} of {text:?}");
            assert!(!cause.is_empty() && !cause.contains('\n'));
        }
    }
}
