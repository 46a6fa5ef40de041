//! The demo's clock: the instant the world was made at, plus what tokio's clock has counted since, plus jumps. A test that
//! pauses tokio moves the world; nothing here reads the machine's date.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use tokio::time::Instant;

/// Milliseconds since 1970, the unit of every date in the world.
pub(crate) type Moment = i64;

/// One second, minute, hour and day in [`Moment`]s.
pub(crate) const SECOND: Moment = 1_000;
pub(crate) const MINUTE: Moment = 60 * SECOND;
pub(crate) const HOUR: Moment = 60 * MINUTE;
pub(crate) const DAY: Moment = 24 * HOUR;

/// Where the world's time starts, and when that was on tokio's clock.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Timestamp,
    since: Instant,
    jumped: AtomicI64,
}

impl Clock {
    pub(crate) fn new(start: Timestamp) -> Self {
        Self { start, since: Instant::now(), jumped: AtomicI64::new(0) }
    }

    pub(crate) fn now(&self) -> Moment {
        let elapsed = SignedDuration::try_from(self.since.elapsed()).unwrap_or(SignedDuration::MAX);
        let now = self.start.saturating_add(elapsed).map_or(Moment::MAX, Timestamp::as_millisecond);
        now.saturating_add(self.jumped.load(Ordering::Relaxed))
    }

    pub(crate) fn jump(&self, by: Moment) {
        self.jumped.fetch_add(by, Ordering::Relaxed);
    }
}

/// `2026-11-21 05:02:00Z`, as Entra stamps its refusals.
pub(crate) fn entra_stamp(moment: Moment) -> String {
    zoned(moment).strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// `2026-11-21T05:02:00.1230000Z`: Azure's seven digits, which no standard format knows.
pub(crate) fn arm_stamp(moment: Moment) -> String {
    format!("{}.{:03}0000Z", zoned(moment).strftime("%Y-%m-%dT%H:%M:%S"), moment.rem_euclid(SECOND))
}

/// The same instant with an offset, as the endpoints' side of Azure ML writes it.
pub(crate) fn offset_stamp(moment: Moment) -> String {
    arm_stamp(moment).replace('Z', "+00:00")
}

/// Whole seconds, as Key Vault and tokens count.
pub(crate) fn epoch(moment: Moment) -> i64 {
    moment.div_euclid(SECOND)
}

fn zoned(moment: Moment) -> jiff::Zoned {
    Timestamp::from_millisecond(moment).unwrap_or_default().to_zoned(TimeZone::UTC)
}
