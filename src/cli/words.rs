//! Failures in words and as data.

use serde_json::{Value, json};

use super::times::iso;
use crate::domain::{AzureWords, Denied, Failure, Kind, Untrusted};

/// Who may not do what, on what, and which roles would do: the lines under a refusal.
pub(crate) fn denied_lines(denied: &Denied) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |label: &str, words: String| {
        if !words.is_empty() {
            lines.push(format!("  {label:<8} {words}"));
        }
    };
    let id = denied.object_id.as_ref().map_or_else(String::new, |id| format!("object id {}", id.show()));
    match &denied.who {
        Some(who) => line("who", format!("{} {}", who.show(), if id.is_empty() { id } else { format!("({id})") })),
        None => line("who", id),
    }
    let action = denied.action.as_ref().map_or_else(String::new, |action| format!(" ({})", action.show()));
    line("may not", format!("{}{action}", denied.may_not));
    let places = [Some(&denied.resource), denied.resource_group.as_ref(), denied.subscription.as_ref()];
    let place = places.into_iter().flatten().map(|part| part.show().into_owned()).collect::<Vec<_>>().join(", ");
    line("on", format!("{place} ({})", denied.guard.words()));
    for (n, role) in denied.roles.iter().enumerate() {
        line(if n == 0 { "ask for" } else { "or" }, format!("{} ({})", role.role, role.gives));
    }
    lines
}

/// What Azure said, in a line.
pub(crate) fn azure_line(azure: &AzureWords, whole: bool) -> String {
    let mut words = vec![azure.code.show().into_owned()];
    if whole {
        words.push(azure.message.show().into_owned());
    }
    if let Some(id) = &azure.request_id {
        words.push(format!("request {}", id.show()));
    }
    words.retain(|word| !word.is_empty());
    format!("azure: {}", words.join(", "))
}

/// A failure whose hint stays in the world we are in: commands it names go to the demo where this is the demo.
pub(crate) fn here(failure: &Failure, world: Option<&str>) -> Failure {
    let (Some(world), Some(hint)) = (world, &failure.hint) else { return failure.clone() };
    let demo = if world.is_empty() { "--demo".to_owned() } else { format!("--demo={world}") };
    let mut pieces = hint.split("`amlock ");
    let mut here = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        here.push_str("`amlock ");
        if !piece.starts_with("--demo") {
            here.push_str(&demo);
            here.push(' ');
        }
        here.push_str(piece);
    }
    Failure { hint: Some(here), ..failure.clone() }
}

/// `-o env` where nothing has a value.
pub(crate) fn no_values() -> Failure {
    Failure::misused("print KEY='value' lines", "there are no values in this")
        .hint("-o env is for `secret get`, `endpoint keys`, `endpoint token` and `token`")
}

/// A failure as data.
pub(crate) fn failure_json(failure: &Failure) -> Value {
    let azure = failure.azure.as_deref();
    let code = azure.map(|azure| azure.code.raw()).filter(|code| !code.is_empty());
    let code = code.unwrap_or(match failure.kind {
        Kind::Failed => "Failed",
        Kind::Misused => "Misused",
        Kind::SignedOut => "SignedOut",
        Kind::Forbidden(_) => "Forbidden",
        Kind::NotFound => "NotFound",
        Kind::Conflict => "Conflict",
        Kind::TryLater(_) => "TryLater",
        Kind::Offline => "Offline",
        Kind::Unknown => "Unknown",
        Kind::Interrupted => "Interrupted",
    });
    let mut error = json!({
        "code": code,
        "message": failure.sentence(),
        "hint": failure.hint,
        "requestId": azure.and_then(|azure| azure.request_id.as_ref()).map(Untrusted::raw),
        "status": azure.map(|azure| azure.status).filter(|status| *status != 0),
        "azureMessage": azure.map(|azure| azure.message.raw()).filter(|words| !words.is_empty()),
        "exitCode": failure.exit_code(),
    });
    if let (Kind::TryLater(Some(at)), Some(fields)) = (&failure.kind, error.as_object_mut()) {
        fields.insert("retryAt".to_owned(), Value::from(iso(*at)));
    }
    if let (Kind::Forbidden(denied), Some(fields)) = (&failure.kind, error.as_object_mut()) {
        let roles = denied.roles.iter().map(|role| role.role).collect::<Vec<_>>();
        fields.insert("action".to_owned(), Value::from(denied.action.as_ref().map(Untrusted::raw)));
        fields.insert("resource".to_owned(), Value::from(denied.resource.raw()));
        fields.insert("roles".to_owned(), Value::from(roles));
    }
    json!({ "error": error })
}
