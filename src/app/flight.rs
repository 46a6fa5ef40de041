//! Which question each part of the screen waits on: a fresh question makes the answers to the older one stale.

use crate::domain::Moment;

/// A part of the model that one answer at a time may fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Who is signed in.
    Accounts,
    /// A sign-in under way.
    SignIn,
    /// The tenants of one account.
    Tenants,
    /// The workspaces of all accounts.
    Workspaces,
    /// The secrets of the open vault.
    Secrets,
    /// The deleted secrets of the open vault.
    Deleted,
    /// The versions of one secret.
    Versions,
    /// The endpoints of the open workspace.
    Endpoints,
    /// A value on its way to the screen.
    Reveal,
    /// A value on its way to the clipboard.
    Copy,
    /// The keys or the token of one endpoint.
    Keys,
    /// A change to something. Changes queue; none is ever dropped for another.
    Write,
}

/// How many lanes there are.
const LANES: usize = Lane::Write as usize + 1;

/// Names one question. A reply that carries an old ticket changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The part of the model it is for.
    pub lane: Lane,
    serial: u64,
}

/// Questions under way.
#[derive(Debug, Default)]
pub struct Flights {
    last: u64,
    reads: [Option<(u64, Moment)>; LANES],
    /// Until when Azure asked to wait before the question of a lane is put once more.
    waits: [Option<Moment>; LANES],
    /// Whether the question of a lane waits for the Azure CLI, which alone gets its own tokens.
    az: [bool; LANES],
    writes: Vec<(u64, Moment)>,
}

impl Flights {
    /// Takes a fresh ticket; an earlier one on this lane goes stale, except for writes.
    pub fn depart(&mut self, lane: Lane, now: Moment) -> Ticket {
        self.last += 1;
        self.waits[lane as usize] = None;
        self.az[lane as usize] = false;
        match lane {
            Lane::Write => self.writes.push((self.last, now)),
            _ => self.reads[lane as usize] = Some((self.last, now)),
        }
        Ticket { lane, serial: self.last }
    }

    /// Whether a reply with this ticket still counts.
    pub fn expects(&self, ticket: Ticket) -> bool {
        self.since_of(ticket).is_some()
    }

    fn since_of(&self, ticket: Ticket) -> Option<Moment> {
        let of = |&(serial, since): &(u64, Moment)| (serial == ticket.serial).then_some(since);
        match ticket.lane {
            Lane::Write => self.writes.iter().find_map(of),
            lane => self.reads[lane as usize].as_ref().and_then(of),
        }
    }

    /// The question is over.
    pub fn land(&mut self, ticket: Ticket) {
        if self.expects(ticket) {
            match ticket.lane {
                Lane::Write => self.writes.retain(|&(serial, _)| serial != ticket.serial),
                lane => self.reads[lane as usize] = None,
            }
        }
    }

    /// Nobody waits for this lane any more. Whether somebody did.
    pub fn drop_lane(&mut self, lane: Lane) -> bool {
        match lane {
            Lane::Write => !std::mem::take(&mut self.writes).is_empty(),
            _ => self.reads[lane as usize].take().is_some(),
        }
    }

    /// Since when this lane waits, if it does.
    pub fn since(&self, lane: Lane) -> Option<Moment> {
        match lane {
            Lane::Write => self.writes.first().map(|&(_, since)| since),
            _ => self.reads[lane as usize].map(|(_, since)| since),
        }
    }

    /// Azure asks to wait until then.
    pub fn waits(&mut self, lane: Lane, until: Moment) {
        self.waits[lane as usize] = Some(until);
    }

    /// Until when Azure asked this lane to wait, if that is not over.
    pub fn asked_to_wait(&self, lane: Lane, now: Moment) -> Option<Moment> {
        self.waits[lane as usize].filter(|until| self.busy(lane) && *until > now)
    }

    /// The Azure CLI is asked for a token that the question of a lane needs, or has answered.
    pub fn asks_az(&mut self, lane: Lane, asks: bool) {
        self.az[lane as usize] = asks;
    }

    /// Whether this lane waits for the Azure CLI.
    pub fn waits_for_az(&self, lane: Lane) -> bool {
        self.az[lane as usize] && self.busy(lane)
    }

    /// Whether this lane waits.
    pub fn busy(&self, lane: Lane) -> bool {
        self.since(lane).is_some()
    }

    /// Whether any lane waits.
    pub fn any(&self) -> bool {
        !self.writes.is_empty() || self.reads.iter().any(Option::is_some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_question_makes_the_older_one_stale() {
        let mut flights = Flights::default();
        let first = flights.depart(Lane::Secrets, Moment::UNIX_EPOCH);
        let second = flights.depart(Lane::Secrets, Moment::UNIX_EPOCH);
        assert!(!flights.expects(first) && flights.expects(second));
        flights.land(first);
        assert!(flights.busy(Lane::Secrets));
        flights.land(second);
        assert!(!flights.any());
    }

    #[test]
    fn writes_do_not_push_each_other_out() {
        let mut flights = Flights::default();
        let first = flights.depart(Lane::Write, Moment::UNIX_EPOCH);
        let second = flights.depart(Lane::Write, Moment::UNIX_EPOCH);
        assert!(flights.expects(first) && flights.expects(second));
    }
}
