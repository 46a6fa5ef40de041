//! Times as people type them, and as az prints them.

use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::domain::Moment;

/// A moment, or a span from now; which moment that is, only the clock knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// A moment.
    At(Moment),
    /// Seconds from now.
    In(i64),
}

impl Time {
    /// The moment it means.
    pub(crate) fn at(self, now: Moment) -> Moment {
        match self {
            Self::At(at) => at,
            Self::In(seconds) => now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Moment::MAX),
        }
    }
}

impl FromStr for Time {
    type Err = String;

    /// `30d`, `12h`, `2w`, `1y`; `2027-01-31` (midnight where you are); `2027-01-31T12:00` with or without an offset.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(seconds) = span(text) {
            return Ok(Self::In(seconds));
        }
        if let Ok(at) = text.parse::<Moment>() {
            return Ok(Self::At(at));
        }
        let civil = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(DateTime::from));
        civil
            .ok()
            .and_then(|civil| civil.to_zoned(TimeZone::system()).ok())
            .map(|zoned| Self::At(zoned.timestamp()))
            .ok_or_else(|| "a time is 2027-01-31, 2027-01-31T12:00Z, or from now 30d, 12h, 2w".to_owned())
    }
}

fn span(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let unit = match &text[digits..] {
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        "w" => 7 * 24 * 3600,
        "y" => 365 * 24 * 3600,
        _ => return None,
    };
    text[..digits].parse::<i64>().ok()?.checked_mul(unit).filter(|seconds| *seconds > 0)
}

/// `2026-10-31T00:15:00+00:00`, as az prints times.
pub(crate) fn iso(at: Moment) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// `2026-10-31 09:15:00.000000` in the local zone, as `az account get-access-token` prints a token's end.
pub(crate) fn local(at: Moment) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S.000000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates_or_spans() {
        assert_eq!("30d".parse(), Ok(Time::In(30 * 24 * 3600)));
        assert_eq!("12h".parse(), Ok(Time::In(12 * 3600)));
        assert!(matches!("2027-01-31".parse::<Time>(), Ok(Time::At(_))));
        assert!(matches!("2027-01-31T12:00".parse::<Time>(), Ok(Time::At(_))));
        assert_eq!("1970-01-01T01:00:00+01:00".parse(), Ok(Time::At(Moment::UNIX_EPOCH)));
        for bad in ["", "soon", "0d", "d", "99999999999999999999d", "-3d", "2027-13-01"] {
            assert!(bad.parse::<Time>().is_err(), "{bad}");
        }
    }

    #[test]
    fn printed_as_az_prints_them() {
        assert_eq!(iso(Moment::UNIX_EPOCH), "1970-01-01T00:00:00+00:00");
    }
}
