//! Points in time, and the words for them: relative in lists, with date and zone in details.

use jiff::Timestamp;

/// A point in time.
pub type Moment = Timestamp;

/// The zone dates are shown in.
pub type Zone = jiff::tz::TimeZone;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
const YEAR: i64 = 365 * DAY;

/// A length of time in its largest unit: `12 d`, `3 w`, `1 y`.
fn length(seconds: i64) -> String {
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        DAY..WEEK => format!("{} d", seconds / DAY),
        WEEK..YEAR => {
            // Whole weeks up to a year read better than days, except that two weeks are still counted in days.
            if seconds < 3 * WEEK { format!("{} d", seconds / DAY) } else { format!("{} w", seconds / WEEK) }
        }
        _ => format!("{} y", seconds / YEAR),
    }
}

/// How long ago `at` was: `now`, `5 min`, `3 w`; a time to come reads `in 2 h` (clocks differ).
pub fn ago(now: Moment, at: Moment) -> String {
    match now.as_second() - at.as_second() {
        ..-1 => format!("in {}", length(at.as_second() - now.as_second())),
        -1..=1 => "now".to_owned(),
        seconds => length(seconds),
    }
}

/// How long until `at`: `in 12 d`, or `expired 3 d`.
pub fn until(now: Moment, at: Moment) -> String {
    match at.as_second() - now.as_second() {
        seconds @ 1.. => format!("in {}", length(seconds)),
        0 => "now".to_owned(),
        seconds => format!("expired {}", length(-seconds)),
    }
}

/// A countdown that is read while it runs: `14 min`, `59 s`, `0 s`.
pub fn count_down(now: Moment, at: Moment) -> String {
    // Rounded up, so that "1 s" is shown until the very end.
    let left = (at.as_millisecond() - now.as_millisecond() + 999) / 1000;
    length(left.max(0))
}

/// A date with its zone: `2026-12-03 14:02 KST`.
pub fn date(at: Moment, zone: &Zone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_second(1_790_000_000 + seconds).expect("in range")
    }

    #[test]
    fn times_read_as_in_the_drawings() {
        assert_eq!(until(at(0), at(12 * DAY + 5)), "in 12 d");
        assert_eq!(until(at(0), at(-3 * DAY)), "expired 3 d");
        assert_eq!(ago(at(0), at(-3 * WEEK)), "3 w");
        assert_eq!(ago(at(0), at(-2 * DAY)), "2 d");
        assert_eq!(ago(at(0), at(-YEAR)), "1 y");
        assert_eq!(ago(at(0), at(0)), "now");
        assert_eq!(count_down(at(0), at(15)), "15 s");
        assert_eq!(count_down(at(0), at(-1)), "0 s");
    }

    #[test]
    fn dates_carry_their_zone() {
        let seoul = Zone::get("Asia/Seoul").expect("in the database");
        assert_eq!(date(Moment::from_second(1_796_274_120).expect("in range"), &seoul), "2026-12-03 14:02 KST");
    }
}
