//! What time brings, and what hides values: countdowns, idle minutes, a loss of focus, `L`.

use std::time::Duration;

use crate::domain::{Moment, Tone};

use super::flight::Lane;
use super::model::Model;
use super::msg::Effect;
use super::overlay::{Credentials, Overlay};
use super::update::forget_reveal;

/// What is hidden after so long without a key.
const IDLE: Duration = Duration::from_mins(5);
/// How often something that spins is drawn.
const SPIN: Duration = Duration::from_millis(100);
/// Clocks are corrected by less than that all the time; by more, and somebody has set this one back.
const SET_BACK: Duration = Duration::from_secs(1);

/// What the coming of a moment brings.
pub(super) fn clock(model: &mut Model, now: Moment) -> Vec<Effect> {
    let set_back = now.checked_add(SET_BACK).is_ok_and(|later| later < model.now);
    let mut effects = if set_back { start_over(model, now) } else { Vec::new() };
    model.now = now;
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Reveal(reveal) if reveal.hides <= now));
    for overlay in &mut model.overlays {
        if let Overlay::Keys(sheet) = overlay
            && sheet.shown.is_some_and(|until| until <= now)
        {
            sheet.shown = None;
        }
    }
    if model.notice.as_ref().is_some_and(|notice| notice.until.is_some_and(|until| until <= now)) {
        model.notice = None;
    }
    if model.clip.as_ref().is_some_and(|clip| clip.clears <= now) {
        effects.extend(clear_clip(model));
    }
    if has_something_to_hide(model) && model.last_key.checked_add(IDLE).is_ok_and(|idle| idle <= now) {
        effects.extend(hide_all(model));
        model.say("Hidden after five minutes without a key.", Tone::Plain);
    }
    effects
}

/// The clock was set back: whatever was to end at some time of it would last for longer by as much, and so ends now.
fn start_over(model: &mut Model, now: Moment) -> Vec<Effect> {
    let mut effects = hide_values(model, true);
    effects.extend(clear_clip(model));
    if model.last_key == model.start.now {
        // No key was pressed yet, and that stays so.
        model.start.now = now;
    }
    (model.last_key, model.rests_at) = (now, now);
    if let Some(until) = model.notice.as_mut().and_then(|notice| notice.until.as_mut()) {
        *until = now;
    }
    effects
}

/// When the app next needs to hear the time: a countdown's next second, something that spins, the end of a rest. `None`
/// where nothing moves, so that an idle app sleeps.
pub fn wakes_at(model: &Model) -> Option<Moment> {
    let now = model.now;
    // A countdown is drawn anew when its last digit changes: a whole number of seconds before its end.
    let second_before = |end: Moment| {
        let into = end.as_millisecond().saturating_sub(now.as_millisecond()).rem_euclid(1000);
        let step = if into == 0 { 1000 } else { into };
        now.checked_add(Duration::from_millis(u64::try_from(step).unwrap_or(1000))).ok()
    };
    let mut times = Vec::new();
    // Whoever waits for a person needs no turning sign, and sleeps until the words change.
    if model.flights.any() && !model.waits_for_somebody() {
        times.extend(now.checked_add(SPIN).ok());
    }
    for overlay in &model.overlays {
        match overlay {
            Overlay::Reveal(reveal) => times.extend(second_before(reveal.hides)),
            Overlay::Device(prompt) => {
                let ends = prompt.code.as_ref().map(|code| code.expires).filter(|ends| *ends > now);
                times.extend(ends.and_then(|ends| words_change(now, ends)));
            }
            Overlay::Keys(sheet) => {
                times.extend(sheet.shown.and_then(second_before));
                if let Credentials::Token(token) = &sheet.credentials
                    && token.expires > now
                {
                    times.extend(second_before(token.expires));
                }
            }
            _ => {}
        }
    }
    times.extend(model.clip.as_ref().and_then(|clip| second_before(clip.clears)));
    times.extend(model.notice.as_ref().and_then(|notice| notice.until));
    times.extend(Some(model.rests_at).filter(|at| *at > now));
    if has_something_to_hide(model) {
        times.extend(model.last_key.checked_add(IDLE).ok());
    }
    times.into_iter().min().map(|at| at.max(now))
}

/// When a countdown to `end` reads otherwise: once a minute, and every second of the last one.
fn words_change(now: Moment, end: Moment) -> Option<Moment> {
    let left = u64::try_from(end.as_millisecond().saturating_sub(now.as_millisecond())).unwrap_or(0);
    let seconds = left.div_ceil(1000);
    let next = if seconds < 60 { seconds.saturating_sub(1) } else { seconds / 60 * 60 - 1 };
    now.checked_add(Duration::from_millis(left.saturating_sub(next * 1000).max(1))).ok()
}

/// Whether a value is on the screen, in a field or in the clipboard.
fn has_something_to_hide(model: &Model) -> bool {
    model.clip.is_some()
        || model
            .overlays
            .iter()
            .any(|overlay| matches!(overlay, Overlay::Reveal(_) | Overlay::Keys(_) | Overlay::Form(_)))
}

/// Masks what is shown, and what is on its way; a held value only when `held_too`.
pub(super) fn hide_values(model: &mut Model, held_too: bool) -> Vec<Effect> {
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Reveal(reveal) if held_too || !reveal.held));
    for overlay in &mut model.overlays {
        if let Overlay::Keys(sheet) = overlay {
            sheet.shown = None;
        }
    }
    forget_reveal(model)
}

/// Values, prompts and our clipboard are gone, and the screen shows only names.
pub(super) fn hide_all(model: &mut Model) -> Vec<Effect> {
    model.overlays.retain(Overlay::covers_all);
    let mut effects = Vec::new();
    for lane in [Lane::Reveal, Lane::Copy, Lane::Keys, Lane::Tenants, Lane::Versions, Lane::Deleted] {
        if model.flights.drop_lane(lane) {
            effects.push(Effect::Cancel(lane));
        }
    }
    model.clip = None;
    (model.copying.of, model.wanted) = (None, None);
    // Also when nothing is known to be there: a copy that was just stopped may have got that far.
    effects.push(Effect::ClearClipboard);
    effects.push(Effect::Repaint);
    model.say("Hidden: values, prompts and what was copied.", Tone::Plain);
    effects
}

pub(super) fn clear_clip(model: &mut Model) -> Vec<Effect> {
    model.copying.of = None;
    if model.clip.take().is_some() { vec![Effect::ClearClipboard] } else { Vec::new() }
}
