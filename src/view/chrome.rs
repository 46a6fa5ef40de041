//! What frames the panes: the header, the tabs of the one-list layout, the notice and the footer.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::app::keymap::{Binding, Command, live};
use crate::app::{Lane, Load, Model, Overlay, Pane, allowed};
use crate::domain::{Account, Failure, Moment, Tone, count_down};

use super::canvas::{Canvas, Piece, joined, width_of};
use super::states;
use super::symbols::label;
use super::text::{cells, count, width};
use super::theme::Look;

/// Cells between two keys of the footer, and between two tabs.
const APART: u16 = 3;

/// The header: the workspace, never cut; who looks at it; what is special about this run.
pub(super) fn header(canvas: &mut Canvas<'_>, model: &Model, (x, y, room): (u16, u16, u16)) {
    let name = match (model.workspace(), &model.secrets.vault) {
        (Some(workspace), _) => workspace.name.show().into_owned(),
        (None, Some(vault)) => vault.name.clone(),
        (None, None) => "amlock".to_owned(),
    };
    let mut end = canvas.put(x, y, room, &name, Look::Title);
    if model.in_production() {
        end = canvas.put(end + 1, y, room, " ▲ PRODUCTION ", Look::Production);
    }
    let left = usize::from((x + room).saturating_sub(end + 2));
    let acting = model.acting();
    let mut facts = (0..4).rev().map(|detail| about(model, acting, detail));
    let fits = |facts: &Vec<Piece>| width_of(&joined(facts)) <= left;
    let mut facts = facts.find(fits).unwrap_or_else(|| about(model, acting, 0));
    while !fits(&facts) && !facts.is_empty() {
        facts.pop();
    }
    let pieces = joined(&facts);
    let wide = cells(width_of(&pieces));
    canvas.pieces((x + room).saturating_sub(wide), y, wide, &pieces);
}

/// Who looks, from which tenant, and what is special; `detail` says how much of it: 3 all, 2 the account cut at its @, 1 no
/// tenant, 0 no account. What is special is not left out for the account's sake.
fn about(model: &Model, acting: Option<&Account>, detail: usize) -> Vec<Piece> {
    let mut facts: Vec<Piece> = Vec::new();
    if let (Some(account), 1..) = (acting, detail) {
        let name = account.name.show().into_owned();
        let name = if detail >= 3 { name } else { name.split('@').next().unwrap_or_default().to_owned() };
        facts.push((Cow::Owned(name), Look::Plain));
        let tenants = model.tenants.len() > 1;
        if let (Some(tenant), true, 2..) = (model.acting_from(), tenants, detail) {
            facts.push((Cow::Owned(tenant.name.show().into_owned()), Look::Secondary));
        }
    }
    if model.start.demo {
        facts.push((Cow::Borrowed("demo"), Look::Secondary));
    }
    if model.start.read_only {
        facts.push((Cow::Borrowed("read-only"), Look::Warning));
    }
    if let Some(ends) = acting.and_then(|account| account.ends) {
        facts.push(if ends <= model.now {
            (Cow::Borrowed("login ended"), Look::Danger)
        } else {
            (Cow::Owned(format!("ends in {}", count_down(model.now, ends))), Look::Warning)
        });
    }
    facts
}

/// The tabs: `1 Accounts 3   2 Workspaces 31   ...`. Where they do not fit, the counts go.
pub(super) fn tabs(canvas: &mut Canvas<'_>, model: &Model, (x, y, room): (u16, u16, u16)) {
    let tab = |pane: Pane, counts: bool| -> Vec<Piece> {
        let look = if pane == model.pane { Look::Title } else { Look::Plain };
        let mut pieces = vec![(Cow::Owned(format!("{} {}", pane as usize + 1, pane.title())), look)];
        let (load, _, total) = model.pane_state(pane);
        let known = total > 0 || load.as_of().is_some();
        if model.flights.busy(Model::lane_of(pane)) && !known {
            pieces.push((Cow::Owned(format!(" {}", canvas.spinner)), Look::Accent));
        } else if counts && known {
            let more = if matches!(load, Load::Loading) { "…" } else { "" };
            pieces.push((Cow::Owned(format!(" {}{more}", count(total))), Look::Secondary));
        }
        pieces
    };
    let all = |counts| Pane::ALL.map(|pane| tab(pane, counts));
    let wide = |tabs: &[Vec<Piece>]| tabs.iter().map(|tab| width_of(tab) + usize::from(APART)).sum::<usize>();
    let with_counts = all(true);
    let tabs = if wide(&with_counts) <= usize::from(room + APART) { with_counts } else { all(false) };
    let end = x + room;
    let mut x = x;
    for tab in tabs {
        x = canvas.pieces(x, y, end.saturating_sub(x), &tab).saturating_add(APART);
    }
}

/// The line above the footer: what is being done, what was said, what is in the clipboard.
pub(super) fn notice(canvas: &mut Canvas<'_>, model: &Model, (x, y, room): (u16, u16, u16)) {
    let clip = model.clip.as_ref();
    let mut right = String::new();
    let mut pieces: Vec<Piece> = Vec::new();
    if let Some(work) = work(canvas, model) {
        pieces = work;
    } else if let Some(notice) = &model.notice {
        let look = if notice.tone == Tone::Secondary { Look::Plain } else { Look::from(notice.tone) };
        let text = notice.failure.as_ref().map_or_else(|| notice.text.clone(), Failure::as_sentence);
        pieces.push((Cow::Owned(text), look));
        if allowed(model, Command::Words) && !model.in_text() {
            right.push_str("! shows all of it");
        }
    } else if let Some(clip) = clip {
        let clears = format!("{} Clears in {}.  {}", clip.words, count_down(model.now, clip.clears), clip.what);
        pieces.push((Cow::Owned(clears), Look::Plain));
    }
    if right.is_empty()
        && let (Some(clip), false) = (clip, pieces.is_empty())
        && (model.notice.is_some() || model.flights.busy(Lane::Write))
    {
        right = format!("clipboard clears in {}", count_down(model.now, clip.clears));
    }
    let right_wide = cells(width(&right));
    let left = if right.is_empty() { room } else { room.saturating_sub(right_wide + APART) };
    if left < room / 2 || right.is_empty() {
        cut_pieces(canvas, (x, y, room), pieces);
        return;
    }
    cut_pieces(canvas, (x, y, left), pieces);
    canvas.put(x + room - right_wide, y, right_wide, &right, Look::Secondary);
}

/// Draws pieces, the last cut at its end where they do not fit.
fn cut_pieces(canvas: &mut Canvas<'_>, (x, y, room): (u16, u16, u16), pieces: Vec<Piece>) {
    let end = x + room;
    let mut x = x;
    for (text, look) in pieces {
        x = canvas.words(x, y, end.saturating_sub(x), &text, look);
    }
}

/// What is being waited for outside of the panes.
fn work(canvas: &Canvas<'_>, model: &Model) -> Option<Vec<Piece>> {
    let line = |words: String, since: Moment, after: &str| {
        let seconds = model.now.as_second() - since.as_second();
        let mut text = format!(" {words}");
        if seconds >= 1 {
            let _ = write!(text, " · {seconds} s");
        }
        text.push_str(after);
        Some(vec![(Cow::Borrowed(canvas.spinner), Look::Accent), (Cow::Owned(text), Look::Plain)])
    };
    if let Some(writing) = model.writing.last() {
        let progress = writing.progress.as_ref().map(|word| format!(" · {}", word.show())).unwrap_or_default();
        let others = match model.writing.len() {
            1 => String::new(),
            n => format!(" · {} more", n - 1),
        };
        return line(format!("{}{progress}{others}", writing.words), writing.since, "");
    }
    let slow = |since: Moment| model.now.as_second() - since.as_second() >= 2;
    if let Some(since) = model.flights.since(Lane::Reveal) {
        if slow(since) {
            let host = states::asked(model, Pane::Secrets, Lane::Reveal);
            return line(format!("No answer from {host}, still trying · esc stops it"), since, "");
        }
        return line("Fetching the value".to_owned(), since, "");
    }
    let in_sight = matches!(model.top(), Some(Overlay::Device(_) | Overlay::Page(_)));
    if let (Some(since), false) = (model.flights.since(Lane::SignIn), in_sight) {
        return line("Signing in".to_owned(), since, if slow(since) { " · esc stops it" } else { "" });
    }
    if let Some(since) = model.flights.since(Lane::Copy) {
        return line("Copying".to_owned(), since, if slow(since) { " · esc stops it" } else { "" });
    }
    None
}

/// The keys that work here and now, as many as fit; the filter's in the panes and the way back in
/// overlays are always among them, the help's stands at the right end.
pub(super) fn footer(canvas: &mut Canvas<'_>, model: &Model, (x, y, room): (u16, u16, u16)) {
    let all: Vec<&Binding> = live(model).collect();
    let mut end = x + room;
    if let Some(help) = all.iter().find(|binding| binding.command == Command::Help) {
        let pieces = key_and_word(canvas, help);
        let wide = cells(width_of(&pieces));
        let at = end.saturating_sub(wide).max(x);
        canvas.pieces(at, y, wide.min(room), &pieces);
        end = at.saturating_sub(APART);
    }
    let named = |nth: usize, binding: &Binding| {
        let heard_before = all[..nth].iter().any(|earlier| earlier.keys.contains(&binding.keys[0]));
        !binding.short.is_empty() && !heard_before && binding.command != Command::Help
    };
    let entries = all
        .iter()
        .enumerate()
        .filter(|(nth, binding)| named(*nth, binding))
        .map(|(_, binding)| (binding.command, key_and_word(canvas, binding)));
    // Nobody finds one of 148 rows without the filter, the endpoints without going there, or a way out without it; and folded
    // details only where their key is named, if that leaves room for what one mostly does here.
    let all: Vec<(Command, Vec<Piece>)> = entries.collect();
    let wide = |pieces: &[Piece]| cells(width_of(pieces)) + APART;
    let needs = |kept: &[Command], first: bool| -> u16 {
        let counts = |nth: usize, command: &Command| (first && nth == 0) || kept.contains(command);
        all.iter().enumerate().filter(|(nth, (command, _))| counts(*nth, command)).map(|(_, (_, it))| wide(it)).sum()
    };
    let most = [Command::Filter, Command::NextPane, Command::Back, Command::Details];
    let fits = needs(&most, true) <= end.saturating_sub(x) + APART;
    let kept = if fits { &most[..] } else { &most[..3] };
    let mut reserved = needs(kept, false);
    let mut at = x;
    let mut full = false;
    for (command, pieces) in all {
        if kept.contains(&command) {
            reserved = reserved.saturating_sub(wide(&pieces));
        } else if full {
            continue;
        }
        if at.saturating_add(wide(&pieces) + reserved) > end.saturating_add(APART) {
            // Only what room was kept for may still follow.
            full = true;
            continue;
        }
        at = canvas.pieces(at, y, wide(&pieces) - APART, &pieces).saturating_add(APART);
    }
}

fn key_and_word(canvas: &Canvas<'_>, binding: &Binding) -> Vec<Piece> {
    let key = binding.keys.first().map(|key| label(key, canvas.ascii)).unwrap_or_default();
    vec![(Cow::Owned(key), Look::Title), (Cow::Owned(format!(" {}", binding.short)), Look::Plain)]
}
