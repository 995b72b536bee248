//! A bill as the ledger knows it.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;

use crate::bill::{Amount, Bill, Tax};
use crate::payment::{Link, Outcome, PaymentState, UrlKey};

/// Whose bills: a merchant in an environment. The base URL does not count, since a merchant behind
/// another address is still the merchant whose customers must not be billed twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `live`, `sandbox` or `local`.
    pub environment: String,
    /// `API_ID`.
    pub api_id: String,
}

/// What is known of the request for a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has an outcome.
    Settled(Outcome),
    /// A process that lives awaits the answer right now.
    InFlight,
    /// It was in flight when its process died: nobody knows.
    Lost,
}

impl Standing {
    /// The outcome to show: what nobody knows, or not yet, is unknown.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Settled(outcome) => outcome,
            Self::InFlight | Self::Lost => Outcome::Unknown,
        }
    }
}

/// A bill with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was to be sent.
    pub bill: Bill,
    /// What became of it.
    pub standing: Standing,
    /// The link, once CookiePay gave one; the newest, if a later request brought another.
    pub link: Option<Link>,
    /// The links it had before, in any order: each may still be paid.
    pub earlier_links: Vec<UrlKey>,
    /// The last `RESULTCODE` of a request.
    pub result_code: Option<String>,
    /// Its `RESULTMSG`.
    pub result_message: Option<String>,
    /// The last payment state seen.
    pub state: Option<PaymentState>,
    /// When it was paid, RFC 3339.
    pub paid_at: Option<String>,
    /// The batch it belongs to.
    pub batch: Option<String>,
    /// Its row in that batch.
    pub row: Option<u64>,
    /// When the last request was about to leave.
    pub requested_at: Timestamp,
    /// When the bill was first recorded.
    pub created_at: Timestamp,
    /// When anything was last learnt.
    pub updated_at: Timestamp,
    /// Who sent it: user@host.
    pub operator: String,
    /// Whether `CookiePay` refused the repeated request for the bill while its outcome was unknown: it has the
    /// bill, most likely paid, and is not asked for it again.
    pub repeat_refused: bool,
    /// When the customer was last messaged, as far as it is proved.
    pub messaged_at: Option<Timestamp>,
}

impl Entry {
    /// Whether nobody knows what became of the last request that was to message the customer.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self.standing, Standing::Lost | Standing::Settled(Outcome::Unknown))
    }

    /// Whether the link of this unknown bill may be asked for: a request that messages nobody.
    #[must_use]
    pub const fn may_be_asked_for(&self) -> bool {
        self.is_unknown() && self.link.is_none() && !self.repeat_refused
    }

    /// The keys of all its links, the newest first.
    pub fn url_keys(&self) -> impl Iterator<Item = &UrlKey> {
        self.link.iter().map(|link| &link.url_key).chain(&self.earlier_links)
    }

    /// When the customer was last messaged, if that is less than the window before now.
    #[must_use]
    pub fn messaged_within(&self, now: Timestamp, window: Option<Duration>) -> Option<Timestamp> {
        let messaged_at = self.messaged_at?;
        let age = now.duration_since(messaged_at);
        let window = jiff::SignedDuration::try_from(window.filter(|window| !window.is_zero())?)
            .unwrap_or(jiff::SignedDuration::MAX);
        (age < window).then_some(messaged_at)
    }

    /// Whether the bill may be sent under its number once more: only where it is proved that no link
    /// was made, by a clear refusal or a request that never left.
    #[must_use]
    pub const fn may_be_sent_again(&self) -> bool {
        matches!(self.standing, Standing::Settled(Outcome::Refused | Outcome::NotSent))
    }
}

/// The columns that [`read`] wants, in its order, with `id` and `run`.
pub(super) const COLUMNS: &str = "bill_no, channel, product, amount, buyer, phone, email, memo, tax, etc1, etc2, \
     payment_type, outcome, url_key, pay_url, result_code, result_message, state, paid_at, batch, batch_row, \
     requested_at, created_at, updated_at, operator, id, run, repeat_refused_at IS NOT NULL, messaged_at, \
     (SELECT group_concat(links.url_key, ' ') FROM links WHERE bill_id = bills.id AND links.url_key <> bills.url_key)";

/// Where `created_at` and `id` stand among them.
pub(super) const CREATED_AT: usize = 22;
pub(super) const ID: usize = 25;

/// The word in the `outcome` column while an answer is awaited.
pub(super) const IN_FLIGHT: &str = "in_flight";

/// Reads a row of [`COLUMNS`]. `is_alive` tells whether a run lives.
pub(super) fn read(row: &Row<'_>, is_alive: impl FnOnce(&str) -> bool) -> rusqlite::Result<Entry> {
    let bill = Bill {
        bill_no: parsed(row, 0)?,
        channel: parsed(row, 1)?,
        product: parsed(row, 2)?,
        amount: Amount::try_from(row.get::<_, u64>(3)?).map_err(|rule| wrong(3, rule))?,
        buyer: parsed(row, 4)?,
        phone: parsed(row, 5)?,
        email: maybe(row, 6)?,
        memo: maybe(row, 7)?,
        tax: maybe::<Tax>(row, 8)?,
        etc1: maybe(row, 9)?,
        etc2: maybe(row, 10)?,
        payment_type: maybe(row, 11)?,
    };
    let outcome: String = row.get(12)?;
    let standing = if outcome != IN_FLIGHT {
        Standing::Settled(outcome.parse().map_err(|error: String| wrong(12, &error))?)
    } else if is_alive(&row.get::<_, String>(26)?) {
        Standing::InFlight
    } else {
        Standing::Lost
    };
    let link = match maybe(row, 13)? {
        Some(url_key) => Some(Link { url_key, pay_url: row.get(14)? }),
        None => None,
    };
    // No key has a space in it.
    let earlier_links = match row.get_ref(29)?.as_str_or_null()? {
        None => Vec::new(),
        Some(keys) => {
            keys.split(' ').map(str::parse).collect::<Result<_, _>>().map_err(|rule| wrong(29, rule))?
        }
    };
    Ok(Entry {
        bill,
        standing,
        link,
        earlier_links,
        result_code: row.get(15)?,
        result_message: row.get(16)?,
        state: maybe(row, 17)?,
        paid_at: row.get(18)?,
        batch: row.get(19)?,
        row: row.get(20)?,
        requested_at: time(row, 21)?,
        created_at: time(row, CREATED_AT)?,
        updated_at: time(row, 23)?,
        operator: row.get(24)?,
        repeat_refused: row.get(27)?,
        messaged_at: maybe_time(row, 28)?,
    })
}

pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|error| wrong(column, &error.to_string()))
}

fn maybe_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let is_there = row.get::<_, Option<i64>>(column)?.is_some();
    if is_there { time(row, column).map(Some) } else { Ok(None) }
}

pub(super) fn maybe<T: FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>>
where
    T::Err: ToString,
{
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|error: T::Err| wrong(column, &error.to_string()))).transpose()
}

fn parsed<T: FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T::Err: ToString,
{
    maybe(row, column)?.ok_or_else(|| wrong(column, "it is empty"))
}

/// A stored value that breaks its own rule: somebody else wrote it.
pub(super) fn wrong(column: usize, rule: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, rule.to_owned().into())
}
