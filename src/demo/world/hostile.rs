//! Text that attacks whoever prints it, for every place where Azure takes free text. It must not spoil names and ids,
//! which Azure checks.

use super::World;
use crate::demo::seed;

/// A control sequence that writes the clipboard, one that clears the screen, text direction, zero width, marks that
/// pile up, line ends, a lone carriage return, a bell, C1 codes.
const ATTACKS: [&str; 10] = [
    "\u{1b}]52;c;aG9zdGlsZQ==\u{7}",
    "\u{1b}[2J\u{1b}[H\u{1b}[31mred",
    "\u{202e}gnp.tnetnoc\u{202c}",
    "zero\u{200b}\u{200d}\u{feff}\u{2060}width",
    "Z\u{334}\u{317}\u{335}\u{318}\u{336}\u{319}\u{337}\u{31a}\u{338}\u{31b}\u{321}\u{322}\u{323}\u{324}\u{325}\u{326}",
    "first\r\nsecond\nthird\rback",
    "\u{1b}]0;title\u{7}\u{1b}]8;;https://evil.example.invalid\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{9b}31m\u{90}q\u{9c}\u{85}",
    "tab\tbell\u{7}back\u{8}\u{8}delete\u{7f}null\u{0}",
    "\u{2066}\u{2067}\u{2068}isolates without an end \u{e0041}\u{e0042}",
];

/// One attack, chosen by the text it replaces, or ten thousand characters.
pub(crate) fn attack(text: &str) -> String {
    let choice = seed::below(ATTACKS.len() as u64 + 1, &["attack", text]);
    let found = usize::try_from(choice).ok().and_then(|place| ATTACKS.get(place));
    found.map_or_else(|| "long ".repeat(2_000), |attack| format!("{text}{attack}{text}"))
}

/// All of them at once, for the message of every error.
pub(crate) fn storm(text: &str) -> String {
    format!("{text} {}", ATTACKS.concat())
}

/// Puts attacks into every free text of a world.
pub(crate) fn spoil(world: &mut World) {
    for tenant in &mut world.tenants {
        tenant.name = attack(&tenant.name);
    }
    for person in &mut world.people {
        person.name = attack(&person.name);
    }
    for subscription in &mut world.subscriptions {
        subscription.name = attack(&subscription.name);
    }
    for workspace in &mut world.workspaces {
        workspace.description = attack(&workspace.name);
        workspace.friendly_name = attack(&workspace.friendly_name);
        spoil_tags(&mut workspace.tags);
        for endpoint in &mut workspace.endpoints {
            endpoint.description = attack(&endpoint.name);
            endpoint.state = attack(&endpoint.state);
            spoil_tags(&mut endpoint.tags);
        }
    }
    for vault in &mut world.vaults {
        vault.spoil(|version| {
            let kind = version.content_type.clone().unwrap_or_else(|| version.id.clone());
            version.content_type = Some(attack(&kind));
            spoil_tags(&mut version.tags);
            version.value = attack(&version.value);
        });
    }
}

fn spoil_tags(tags: &mut Vec<(String, String)>) {
    if tags.is_empty() {
        tags.push(("note".to_owned(), String::new()));
    }
    for (name, value) in tags {
        *value = attack(&format!("{name}{value}"));
        *name = attack(name);
    }
}
