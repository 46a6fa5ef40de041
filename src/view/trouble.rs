//! What went wrong, in the place of what is missing: what was being done, why it failed, what to do next, Azure's own words.

use crate::app::may_not_list;
use crate::app::{Model, Pane};
use crate::domain::{AzureWords, Denied, Failure, Guard, Kind};

use super::prose::{LABEL, Prose};
use super::text::width;
use super::theme::Look;

/// A failure, whole.
pub(super) fn failure(prose: &mut Prose, failure: &Failure) {
    if let Kind::Forbidden(denied) = &failure.kind {
        refusal(prose, denied);
        if denied.roles.is_empty()
            && let Some(hint) = &failure.hint
        {
            prose.gap().say(hint, Look::Plain);
        }
        return;
    }
    prose.say(&failure.as_sentence(), Look::Danger);
    if let Some(hint) = &failure.hint {
        prose.gap().say(hint, Look::Plain);
    }
}

/// Who may not do what, on what, and what would help.
fn refusal(prose: &mut Prose, denied: &Denied) {
    let resource = denied.resource.show();
    let title = match denied.guard {
        Guard::Role | Guard::Policy => format!("You may not {}.", denied.may_not),
        Guard::Firewall => format!("The firewall of {resource} does not let this machine {}.", denied.may_not),
        Guard::PrivateLink => {
            format!("{resource} answers only through its private link: no way to {}.", denied.may_not)
        }
    };
    prose.say(&title, Look::Danger).gap();
    if prose.slim() {
        for advice in &denied.roles {
            prose.say(&format!("Ask for {} ({})", advice.role, advice.gives), Look::Plain);
        }
        return;
    }
    let name = denied.who.as_ref().map(|who| who.show().into_owned());
    let id = denied.object_id.as_ref().map(|id| format!("object id {}", id.show()));
    let who = name.into_iter().chain(id).collect::<Vec<_>>().join(" · ");
    if !who.is_empty() {
        prose.field("who", &who, Look::Plain);
    }
    if let Some(action) = &denied.action {
        prose.field("may not", action.show().as_str(), Look::Plain);
    }
    let mut on = vec![resource.as_str().to_owned()];
    on.extend(denied.resource_group.iter().map(|group| format!("in {}", group.show())));
    on.extend(denied.subscription.iter().map(|subscription| subscription.show().into_owned()));
    prose.field("on", &format!("{} · guarded {}", on.join(" · "), guarded(denied.guard)), Look::Plain);
    for (at, advice) in denied.roles.iter().enumerate() {
        let label = if at == 0 { "ask for" } else { "" };
        prose.field(label, &format!("{} ({})", advice.role, advice.gives), Look::Plain);
    }
}

fn guarded(guard: Guard) -> &'static str {
    match guard {
        Guard::PrivateLink => "by a private link",
        _ => guard.words(),
    }
}

/// A failure where a pane's rows would be, with the keys that help there.
pub(super) fn in_pane(prose: &mut Prose, model: &Model, pane: Pane, what: &Failure) {
    failure(prose, what);
    prose.gap();
    if pane == Pane::Secrets && may_not_list(model) {
        prose.key("o", "opens one secret by its name: reading may be allowed where listing is not");
    }
    if matches!(what.kind, Kind::SignedOut) && pane != Pane::Accounts {
        prose.key("1 a", if what.asks_for_more() { "signs in once more, there" } else { "signs in" });
    }
    prose.key("r", "tries again");
    if let Some(words) = &what.azure
        && !prose.slim()
    {
        prose.gap();
        azure(prose, words);
    }
}

/// What Azure said, in its own words.
pub(super) fn azure(prose: &mut Prose, words: &AzureWords) {
    let mut head = String::new();
    if words.status > 0 {
        head.push_str(&words.status.to_string());
    }
    if !words.code.is_empty() {
        head.push_str(if head.is_empty() { "" } else { " " });
        head.push_str(words.code.show().as_str());
    }
    if !head.is_empty() {
        prose.field("Azure", &head, Look::Secondary);
    }
    // What support asks for comes before the prose, which may be long.
    if let Some(id) = &words.request_id {
        debug_assert!(width("request") <= LABEL, "labels are as wide as the column");
        prose.field("request", id.show().as_str(), Look::Secondary);
    }
    for (at, line) in words.message.lines().enumerate() {
        let label = if at == 0 { "says" } else { "" };
        prose.field(label, line.as_str(), Look::Secondary);
    }
}
