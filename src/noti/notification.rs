//! A notification in the words of the contract (CONTRACT section 8, object `noti`).

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// What a notification tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A payment was approved.
    Approval,
    /// A payment was cancelled, in whole or in part.
    Cancel,
    /// A deposit into a virtual account was cancelled.
    DepositCancel,
    /// `RESULTCODE` is present and not `0000`: nothing was paid or cancelled.
    Failure,
}

impl Kind {
    /// The spelling of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Cancel => "cancel",
            Self::DepositCancel => "deposit_cancel",
            Self::Failure => "failure",
        }
    }
}

/// A notification, normalised. Serialises to the fields of the contract in their order; what is
/// absent or empty in the document is `None` and `null`. Texts are as received, not stripped of
/// control characters.
#[derive(Debug, Clone, Serialize)]
pub struct Notification<'a> {
    /// What it tells of.
    pub kind: Kind,
    /// `API_ID`.
    pub api_id: Option<Cow<'a, str>>,
    /// `ORDERNO`.
    pub order_no: Option<Cow<'a, str>>,
    /// `AMOUNT` in won; of a cancel `cancel_amount`.
    pub amount: Option<u64>,
    /// `TID`.
    pub tid: Option<Cow<'a, str>>,
    /// `SMS_INPUT`: the `URLKEY` of the bill.
    pub url_key: Option<Cow<'a, str>>,
    /// `PAY_METHOD` or `PAYMETHOD`.
    pub pay_method: Option<Cow<'a, str>>,
    /// `BUYERNAME`.
    pub buyer_name: Option<Cow<'a, str>>,
    /// `BUYEREMAIL`.
    pub buyer_email: Option<Cow<'a, str>>,
    /// `USERID` or `BUYERID`.
    pub user_id: Option<Cow<'a, str>>,
    /// `PRODUCTCODE`.
    pub product_code: Option<Cow<'a, str>>,
    /// `PRODUCTNAME`.
    pub product_name: Option<Cow<'a, str>>,
    /// `ACCEPT_DATE` or `ACCEPTDATE`, of a cancel `cancel_date`: RFC 3339 with `+09:00`, or a
    /// full-date where no time is given.
    pub accepted_at: Option<String>,
    /// `ACCEPT_NO` or `ACCEPTNO`.
    pub accept_no: Option<Cow<'a, str>>,
    /// `CARDCODE`, of a virtual account the bank's code.
    pub card_code: Option<Cow<'a, str>>,
    /// `CARDNAME`, of a virtual account the bank.
    pub card_name: Option<Cow<'a, str>>,
    /// `CARDNO`, as received.
    pub card_no: Option<Cow<'a, str>>,
    /// `QUOTA`: `00` in full, `01` one month.
    pub quota: Option<Cow<'a, str>>,
    /// `ACCOUNTNO` of a virtual account.
    pub account_no: Option<Cow<'a, str>>,
    /// `RECEIVERNAME` of a virtual account.
    pub receiver_name: Option<Cow<'a, str>>,
    /// `DEPOSITENDDATE` of a virtual account: a full-date, or RFC 3339 where a time is given.
    pub deposit_due: Option<String>,
    /// `DEPOSITNAME`.
    pub deposit_name: Option<Cow<'a, str>>,
    /// `ETC1`, as given at the request.
    pub etc1: Option<Cow<'a, str>>,
    /// `ETC2`, as given at the request.
    pub etc2: Option<Cow<'a, str>>,
    /// `ETC3`.
    pub etc3: Option<Cow<'a, str>>,
    /// `ETC4`.
    pub etc4: Option<Cow<'a, str>>,
    /// `ETC5`.
    pub etc5: Option<Cow<'a, str>>,
    /// All other fields, and the known ones whose value could not be read.
    pub extra: Extra<'a>,
    /// Departures from the reference.
    pub problems: Vec<Problem<'a>>,
    /// The file it was read from; `-` for standard input.
    pub source: Cow<'a, str>,
    /// The line on which its document begins, counted from 1.
    pub line: u64,
}

impl Notification<'_> {
    /// The same, free of the document it was read from.
    #[must_use]
    pub fn into_owned(self) -> Notification<'static> {
        let text = |text: Option<Cow<'_, str>>| text.map(owned);
        Notification {
            kind: self.kind,
            api_id: text(self.api_id),
            order_no: text(self.order_no),
            amount: self.amount,
            tid: text(self.tid),
            url_key: text(self.url_key),
            pay_method: text(self.pay_method),
            buyer_name: text(self.buyer_name),
            buyer_email: text(self.buyer_email),
            user_id: text(self.user_id),
            product_code: text(self.product_code),
            product_name: text(self.product_name),
            accepted_at: self.accepted_at,
            accept_no: text(self.accept_no),
            card_code: text(self.card_code),
            card_name: text(self.card_name),
            card_no: text(self.card_no),
            quota: text(self.quota),
            account_no: text(self.account_no),
            receiver_name: text(self.receiver_name),
            deposit_due: self.deposit_due,
            deposit_name: text(self.deposit_name),
            etc1: text(self.etc1),
            etc2: text(self.etc2),
            etc3: text(self.etc3),
            etc4: text(self.etc4),
            etc5: text(self.etc5),
            extra: self.extra.into_owned(),
            problems: self.problems.into_iter().map(Problem::into_owned).collect(),
            source: owned(self.source),
            line: self.line,
        }
    }

    /// Appends the notification to `out` as a JSON object without line feeds, with `prefix` as
    /// its first fields: empty, or fields as JSON with commas between and none at the end, such as
    /// `"schema":1,"profile":"shop"`. Several times faster than flattening into another struct.
    ///
    /// # Errors
    /// None are known; `serde_json` reserves them.
    pub fn write_json(&self, prefix: &[u8], out: &mut Vec<u8>) -> serde_json::Result<()> {
        if prefix.is_empty() {
            return serde_json::to_writer(out, self);
        }
        out.push(b'{');
        out.extend_from_slice(prefix);
        let brace = out.len();
        serde_json::to_writer(&mut *out, self)?;
        // A notification always has fields: its own brace becomes the comma before them.
        if let Some(brace) = out.get_mut(brace) {
            *brace = b',';
        }
        Ok(())
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// A departure from the reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem<'a> {
    /// The key: as spelt in the document, or as in the reference where it is missing.
    pub field: Cow<'a, str>,
    /// What is wrong with it; short, without control characters.
    pub problem: String,
}

impl Problem<'_> {
    fn into_owned(self) -> Problem<'static> {
        Problem { field: owned(self.field), problem: self.problem }
    }
}

/// The fields that have no place of their own, keys as spelt, in their order.
#[derive(Debug, Clone, Default)]
pub struct Extra<'a>(pub(super) Vec<(Cow<'a, str>, ExtraValue<'a>)>);

/// A value that is kept as it came.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum ExtraValue<'a> {
    /// The decoded text of a form body.
    Text(Cow<'a, str>),
    /// JSON, to the letter but for blanks within objects and arrays.
    Json(Cow<'a, RawValue>),
}

impl ExtraValue<'_> {
    fn into_owned(self) -> ExtraValue<'static> {
        match self {
            Self::Text(text) => ExtraValue::Text(owned(text)),
            Self::Json(json) => ExtraValue::Json(Cow::Owned(json.into_owned())),
        }
    }
}

impl<'a> Extra<'a> {
    fn into_owned(self) -> Extra<'static> {
        Extra(self.0.into_iter().map(|(key, value)| (owned(key), value.into_owned())).collect())
    }

    /// The fields, keys as spelt.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ExtraValue<'a>)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Extra<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
