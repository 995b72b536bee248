//! Korean time, as the provider writes it.

use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::{Offset, offset};
use jiff::{Timestamp, ToSpan};

/// Where the emulator's time comes from.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where its randomness comes from: fills the whole slice.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// Korea has one offset and no summer time, so no time zone database is needed.
const KOREA: Offset = offset(9);

/// How long a virtual account waits for its deposit.
const DAYS_TO_DEPOSIT: i64 = 7;

fn korean(at: Timestamp) -> DateTime {
    KOREA.to_datetime(at)
}

/// `20261122093947`
pub(super) fn compact(at: Timestamp) -> String {
    korean(at).strftime("%Y%m%d%H%M%S").to_string()
}

/// `20261129`, the last day on which a virtual account issued at `at` takes a deposit.
pub(super) fn deposit_due(at: Timestamp) -> String {
    korean(at).saturating_add(DAYS_TO_DEPOSIT.days()).strftime("%Y%m%d").to_string()
}

/// `2026-11-22T09:39:47+09:00`
pub(super) fn rfc3339(at: Timestamp) -> String {
    korean(at).strftime("%Y-%m-%dT%H:%M:%S+09:00").to_string()
}

/// A number below `bound`.
pub(super) fn random_below(random: &Random, bound: u64) -> u64 {
    let mut bytes = [0_u8; 8];
    random(&mut bytes);
    u64::from_le_bytes(bytes).checked_rem(bound).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_korean() {
        let at: Timestamp = "2026-11-22T16:39:47Z".parse().unwrap();
        assert_eq!(compact(at), "20261123013947");
        assert_eq!(deposit_due(at), "20261130");
        assert_eq!(rfc3339(at), "2026-11-23T01:39:47+09:00");
    }
}
