//! Times as people and programs read them: Korean time.

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp, civil};

/// What [`parse`] reads.
pub(super) const RULE: &str =
    "a date such as 2026-11-22, a time such as 2026-11-22T09:00, or an age such as 24h or 7d";

/// Korea has one time zone and no summer time.
fn korea() -> TimeZone {
    Offset::from_hours(9).map_or(TimeZone::UTC, TimeZone::fixed)
}

/// RFC 3339 with `+09:00`, to the second.
pub(super) fn rfc3339(time: Timestamp) -> String {
    time.to_zoned(korea()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The time of day, for lines that follow one another.
pub(super) fn of_day(time: Timestamp) -> String {
    time.to_zoned(korea()).strftime("%H:%M:%S").to_string()
}

/// Today in Korea.
pub(super) fn today(now: Timestamp) -> civil::Date {
    now.to_zoned(korea()).date()
}

/// Reads a date, a date with time (both Korean), an RFC 3339 time, or an age such as `24h` or `7d`.
pub(super) fn parse(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(time) = text.parse::<civil::DateTime>() {
        return time.to_zoned(korea()).ok().map(|zoned| zoned.timestamp());
    }
    let span: Span = text.parse().ok()?;
    let age: SignedDuration = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    now.checked_sub(age).ok().filter(|_| age.is_positive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_korean() {
        let time = Timestamp::from_second(1_795_314_000).unwrap();
        assert_eq!(rfc3339(time), "2026-11-22T11:20:00+09:00");
        assert_eq!(of_day(time), "11:20:00");
        assert_eq!(today(time), civil::date(2026, 11, 22));
    }

    #[test]
    fn dates_times_and_ages_are_read() {
        let now = Timestamp::from_second(1_795_314_000).unwrap();
        let read = |text| parse(text, now).map(rfc3339);
        assert_eq!(read("2026-11-01").as_deref(), Some("2026-11-01T00:00:00+09:00"));
        assert_eq!(read("2026-11-01T09:30").as_deref(), Some("2026-11-01T09:30:00+09:00"));
        assert_eq!(read("2026-11-01T00:00:00Z").as_deref(), Some("2026-11-01T09:00:00+09:00"));
        assert_eq!(read("7d").as_deref(), Some("2026-11-15T11:20:00+09:00"));
        assert_eq!(read("90m").as_deref(), Some("2026-11-22T09:50:00+09:00"));
        for wrong in ["", "yesterday", "2026-13-01", "-1h"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
