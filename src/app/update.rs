//! The one function that changes the app: who hears a message, and what time brings.

use std::time::Duration;

use crossterm::event::KeyEvent;

use crate::domain::{SafeText, Sealed, Tone};

use super::field;
use super::flight::Lane;
use super::form::{Confirm, Deed};
use super::keymap::{Command, meant, resolve};
use super::latin::latin;
use super::model::{Model, Pane};
use super::msg::{Effect, Msg, Query};
use super::overlay::{Overlay, Words};
use super::rules::why_not;
use super::time::{clock, hide_all, hide_values};
use super::{endpoints, kept, learn, narrow, navigate, principal, secrets, sign_in};

/// The details follow the cursor when it has rested so long.
pub(super) const REST: Duration = Duration::from_millis(80);
/// What the app asks first.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    if let Some(remark) = model.start.remark.take() {
        model.say(SafeText::of(&remark).into_owned(), Tone::Warning);
    }
    model.accounts.begin();
    model.ask(Lane::Accounts, Query::Accounts)
}

/// Takes in what happened, and returns what must happen in the world.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Clock(now) => clock(model, now),
        Msg::Key(event) => key(model, *event),
        Msg::Paste(text) => paste(model, &text),
        Msg::Resized(columns, rows) => {
            model.size = (columns, rows);
            Vec::new()
        }
        Msg::Focus(focused) => {
            if focused {
                Vec::new()
            } else {
                hide_values(model, false)
            }
        }
        Msg::Resumed => {
            let mut effects = hide_values(model, true);
            effects.push(Effect::Repaint);
            effects
        }
        Msg::Ground(ground) => {
            model.ground = ground;
            Vec::new()
        }
        Msg::Zone(zone) => {
            model.start.zone = zone;
            Vec::new()
        }
        Msg::Told(words) => {
            model.say(words, Tone::Plain);
            Vec::new()
        }
        // The one door for answers: what nobody waits for any more changes nothing.
        Msg::Reply(ticket, answer) if model.flights.expects(ticket) => learn::reply(model, ticket, *answer),
        Msg::Landed(ticket, outcome) if model.flights.expects(ticket) => {
            model.flights.land(ticket);
            kept::over(model, ticket, &outcome);
            learn::landed(model, ticket, outcome)
        }
        Msg::Reply(..) | Msg::Landed(..) => Vec::new(),
    }
}

fn key(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    model.last_key = model.now;
    // Under a Korean or full-width input method a key in a list means what its place on the keyboard says.
    let event = if model.in_text() { event } else { latin(event) };
    let Some(command) = resolve(model, event) else {
        // A key that is one here, only not now, says why.
        if let Some(command) = meant(model, event) {
            model.say(why_not(model, command), Tone::Warning);
            return Vec::new();
        }
        return type_into(model, event);
    };
    // Whoever goes on has read it.
    if command != Command::Words {
        model.notice = None;
    }
    // A value on its way is for the one who waits for it and does nothing else.
    let mut effects =
        if matches!(command, Command::Back | Command::Repaint) { Vec::new() } else { forget_reveal(model) };
    effects.extend(obey(model, command));
    effects
}

/// Nobody waits for a value any more.
pub(super) fn forget_reveal(model: &mut Model) -> Vec<Effect> {
    if model.flights.drop_lane(Lane::Reveal) { vec![Effect::Cancel(Lane::Reveal)] } else { Vec::new() }
}

/// Does what a command means here.
pub(super) fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    use Command as C;
    match command {
        C::Quit if !model.overlays.is_empty() && !at_the_door(model) => back(model),
        C::Interrupt => {
            let asked = matches!(model.top(), Some(Overlay::Confirm(confirm)) if confirm.deed == Deed::Leave);
            leave(model, asked)
        }
        C::Quit => leave(model, false),
        C::Back => back(model),
        C::Suspend => {
            let mut effects = hide_values(model, true);
            effects.push(Effect::Suspend);
            effects
        }
        C::Repaint => vec![Effect::Repaint],
        C::HideAll => hide_all(model),
        C::Help => {
            if !matches!(model.top(), Some(Overlay::Help(_))) {
                model.overlays.push(Overlay::Help(0));
            }
            Vec::new()
        }
        C::Words => {
            let noticed = model.notice.take().and_then(|notice| notice.failure);
            let failure = noticed.or_else(|| model.pane_failure(model.pane).cloned());
            model.overlays.extend(failure.map(|failure| Overlay::Words(Box::new(Words { failure, scroll: 0 }))));
            Vec::new()
        }
        C::Yes => yes(model),
        C::Always => {
            let mut effects = yes(model);
            effects.push(Effect::RememberTerminalCopies);
            effects
        }
        C::No => {
            model.overlays.pop();
            Vec::new()
        }
        C::Narrow | C::Tenants | C::ChooseTenant => narrow::obey(model, command),
        C::SignIn
        | C::SignOut
        | C::ChooseWay
        | C::OpenDemo
        | C::CopyCode
        | C::CopyAddress
        | C::Tenant
        | C::KeepTenant
        | C::DropTenant
        | C::AskAgain
        | C::CodeInstead
        | C::KeepStranger => sign_in::obey(model, command),
        C::OpenKeys | C::CopyKey | C::RevealKey | C::Regenerate => endpoints::obey(model, command),
        C::Reveal
        | C::Copy
        | C::NewValue
        | C::Attributes
        | C::NewSecret
        | C::Versions
        | C::Delete
        | C::Deleted
        | C::OpenByName
        | C::Hold
        | C::Marks
        | C::Hide
        | C::RevealVersion
        | C::CopyVersion
        | C::Recover
        | C::Purge
        | C::Save
        | C::NextField
        | C::PreviousField => secrets::obey(model, command),
        _ => navigate::obey(model, command),
    }
}

/// A key that is no command: text for whatever field hears it.
fn type_into(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Form(form)) if form.saving.is_none() => form.key(event),
        Some(Overlay::Confirm(confirm)) => {
            if let Some((_, open)) = &mut confirm.typed {
                open.key(event);
            }
        }
        Some(Overlay::Palette(palette)) => palette.typed(|input| field::edit(input, event)),
        Some(Overlay::SignIn(menu)) if menu.typing.is_some() => _ = menu.tenant.key(event),
        None if model.filtering => return navigate::filter(model, |input| field::edit(input, event)),
        _ => {}
    }
    Vec::new()
}

/// Pasted text never becomes commands: it goes into the field that hears the keys, or nowhere.
fn paste(model: &mut Model, text: &Sealed) -> Vec<Effect> {
    model.last_key = model.now;
    match model.overlays.last_mut() {
        Some(Overlay::Form(form)) if form.saving.is_none() => form.paste(text),
        Some(Overlay::Confirm(confirm)) => {
            if let Some((_, open)) = &mut confirm.typed {
                open.paste(text);
            }
        }
        Some(Overlay::Palette(palette)) => palette.typed(|input| {
            field::paste(input, text);
            true
        }),
        Some(Overlay::SignIn(menu)) if menu.typing.is_some() => menu.tenant.paste(text),
        None if model.filtering => {
            return navigate::filter(model, |input| {
                field::paste(input, text);
                true
            });
        }
        _ => model.say("Pasted text is not taken here: n makes a new secret, / filters.", Tone::Warning),
    }
    Vec::new()
}

/// Whether nothing lies below that one may go back to: the ways in without an account, a login that became somebody else's.
fn at_the_door(model: &Model) -> bool {
    match model.top() {
        Some(Overlay::SignIn(_)) => model.accounts.list.total() == 0,
        top => matches!(top, Some(Overlay::Stranger(_))),
    }
}

/// Peels one layer: field, value, overlay, load, filter. Never leaves.
fn back(model: &mut Model) -> Vec<Effect> {
    match model.top() {
        Some(Overlay::Device(_) | Overlay::Page(_)) => return sign_in::stopped(model),
        Some(Overlay::Form(form)) if form.saving.is_some_and(|ticket| ticket.lane == Lane::SignIn) => {
            return principal::stopped(model);
        }
        // What lies over a question is closed alone; below it, the question goes on.
        Some(Overlay::Help(_) | Overlay::Words(_) | Overlay::Palette(_) | Overlay::Confirm(_)) => return close(model),
        _ => {}
    }
    let waits = [Lane::Reveal, Lane::Copy, Lane::SignIn];
    if let Some(lane) = waits.into_iter().find(|lane| model.flights.busy(*lane)) {
        return stop(model, lane);
    }
    match model.overlays.last() {
        Some(_) if at_the_door(model) => return Vec::new(),
        Some(_) => return close(model),
        None => {}
    }
    let loading =
        [Lane::Reveal, Lane::Copy, Model::lane_of(model.pane), Lane::Secrets, Lane::Endpoints, Lane::Workspaces];
    if let Some(lane) = loading.into_iter().find(|lane| model.flights.busy(*lane)) {
        return stop(model, lane);
    }
    if let Some(writing) = model.writing.pop() {
        model.say(format!("{} goes on unwatched.", writing.words), Tone::Warning);
        return Vec::new();
    }
    navigate::unfilter(model)
}

/// Closes the topmost overlay, and what it waited for.
fn close(model: &mut Model) -> Vec<Effect> {
    let lane = match model.overlays.pop() {
        Some(Overlay::SignIn(_)) => {
            model.wanted = None;
            return Vec::new();
        }
        Some(Overlay::Tenants(_)) => Lane::Tenants,
        Some(Overlay::Versions(_)) => Lane::Versions,
        Some(Overlay::Deleted(_)) => Lane::Deleted,
        Some(Overlay::Keys(_)) => Lane::Keys,
        Some(Overlay::Form(form)) => {
            if let Some(ticket) = form.saving {
                model.writing.retain(|writing| writing.ticket != ticket);
                model.say("It is being saved all the same; the answer will be shown here.", Tone::Warning);
            }
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    if model.flights.drop_lane(lane) { vec![Effect::Cancel(lane)] } else { Vec::new() }
}

/// Stops a load; what came so far stays.
fn stop(model: &mut Model, lane: Lane) -> Vec<Effect> {
    model.flights.drop_lane(lane);
    match lane {
        Lane::Workspaces => model.workspaces.shelf.stop(),
        Lane::Secrets => model.secrets.shelf.stop(),
        Lane::Endpoints => model.endpoints.stop(),
        Lane::Accounts => model.accounts.stop(),
        _ => {}
    }
    model.say("Stopped.", Tone::Plain);
    let mut effects = vec![Effect::Cancel(lane)];
    if lane == Lane::Copy {
        // It may have got as far as the clipboard.
        effects.push(Effect::ClearClipboard);
    }
    effects
}

/// Leaves, after asking where a change is under way.
fn leave(model: &mut Model, sure: bool) -> Vec<Effect> {
    if model.flights.busy(Lane::Write) && !sure {
        let words = vec![
            "A change was sent and its answer is not here yet.".to_owned(),
            "After leaving, nobody can say whether it was done.".to_owned(),
        ];
        model.overlays.push(Overlay::Confirm(Box::new(Confirm::plain(Deed::Leave, "Leave all the same?", words))));
        return Vec::new();
    }
    // Whoever leaves takes the value from the clipboard, and waits for that.
    vec![Effect::Quit]
}

fn yes(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Confirm(confirm)) = model.overlays.pop() else { return Vec::new() };
    match confirm.deed {
        Deed::Leave => leave(model, true),
        Deed::SignOut(account) => {
            let name = model.account(&account).map_or_else(String::new, |account| account.name.show().into_owned());
            model.write(format!("Signing out {name}"), Query::SignOut(account))
        }
        Deed::Regenerate(endpoint, which) => endpoints::regenerate(model, endpoint, which),
        Deed::SendCopy => {
            model.copying.through_terminal = true;
            match model.copying.of.take() {
                Some(of) => model.copy(of),
                None => Vec::new(),
            }
        }
        deed => secrets::confirmed(model, deed),
    }
}

impl Model {
    /// Puts a question; an earlier one on its lane goes stale.
    pub(super) fn ask(&mut self, lane: Lane, query: Query) -> Vec<Effect> {
        let ticket = self.flights.depart(lane, self.now);
        kept::note(self, ticket, &query);
        vec![Effect::Ask(ticket, Box::new(query))]
    }

    /// Fetches the list of a pane anew.
    pub(super) fn refresh(&mut self, pane: Pane) -> Vec<Effect> {
        match pane {
            Pane::Accounts => begin(self),
            Pane::Workspaces => {
                let whos = self.accounts.list.rows();
                let whos: Vec<_> = whos.iter().map(|account| super::sign_in::home(self, account)).collect();
                if whos.is_empty() {
                    return Vec::new();
                }
                let opens = self.workspaces.wanted.is_some();
                self.workspaces.begin(whos.iter().map(|who| who.account.clone()).collect());
                let everywhere = self.start.tenant.is_none();
                self.ask(Lane::Workspaces, Query::Workspaces { of: whos, everywhere, opens })
            }
            Pane::Secrets => match self.secrets.vault.clone() {
                Some(vault) => {
                    self.secrets.shelf.begin();
                    self.ask(Lane::Secrets, Query::Secrets(vault))
                }
                None => match self.workspace().cloned() {
                    Some(workspace) => {
                        self.secrets.shelf.begin();
                        self.ask(Lane::Secrets, Query::OpenVault(Box::new(workspace)))
                    }
                    None => Vec::new(),
                },
            },
            Pane::Endpoints => match self.workspace().map(|open| (open.who.clone(), open.id.clone())) {
                Some((who, id)) => {
                    self.endpoints.begin();
                    self.ask(Lane::Endpoints, Query::Endpoints(who, id))
                }
                None => Vec::new(),
            },
        }
    }
}
