//! A bill and its payment, as the state holds them.

use std::fmt;
use std::str::FromStr;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row};

/// How a customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// 카드
    Card,
    /// 계좌이체
    Bank,
    /// 가상계좌: an account is issued first, and paid by a deposit later.
    VirtualAccount,
    /// 휴대폰
    Mobile,
}

impl Method {
    /// All of them, in the order of the pay page.
    pub const ALL: [Self; 4] = [Self::Card, Self::Bank, Self::VirtualAccount, Self::Mobile];

    /// The name on the command line, in forms and in the state: `card`, `bank`, `vacct`, `mobile`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Bank => "bank",
            Self::VirtualAccount => "vacct",
            Self::Mobile => "mobile",
        }
    }

    /// The name in replies and notifications. The manual says `VACCT`, the samples `VACCOUNT`.
    pub(in crate::emulator) fn wire_name(self) -> &'static str {
        match self {
            Self::Card => "CARD",
            Self::Bank => "BANK",
            Self::VirtualAccount => "VACCOUNT",
            Self::Mobile => "MOBILE",
        }
    }

    pub(in crate::emulator) fn korean(self) -> &'static str {
        match self {
            Self::Card => "카드",
            Self::Bank => "계좌이체",
            Self::VirtualAccount => "가상계좌",
            Self::Mobile => "휴대폰",
        }
    }
}

/// The text is not the name of a method.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a payment method; the methods are card, bank, vacct, mobile")]
pub struct UnknownMethod(String);

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(text: &str) -> Result<Self, UnknownMethod> {
        Self::ALL
            .into_iter()
            .find(|method| method.name() == text)
            .ok_or_else(|| UnknownMethod(text.to_owned()))
    }
}

impl ToSql for Method {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.name()))
    }
}

impl FromSql for Method {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|error: UnknownMethod| FromSqlError::Other(Box::new(error)))
    }
}

/// Where a bill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillState {
    /// Nobody has paid.
    Unpaid,
    /// A virtual account was issued and has no deposit yet.
    AwaitingDeposit,
    /// Paid in full.
    Paid,
    /// Paid, and cancelled in part.
    PartlyCancelled,
    /// Cancelled in full.
    Cancelled,
}

impl BillState {
    /// `unpaid`, `awaiting_deposit`, `paid`, `partly_cancelled` or `cancelled`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::AwaitingDeposit => "awaiting_deposit",
            Self::Paid => "paid",
            Self::PartlyCancelled => "partly_cancelled",
            Self::Cancelled => "cancelled",
        }
    }

    pub(in crate::emulator) fn korean(self) -> &'static str {
        match self {
            Self::Unpaid => "결제 대기",
            Self::AwaitingDeposit => "입금 대기",
            Self::Paid => "결제 완료",
            Self::PartlyCancelled => "부분 취소",
            Self::Cancelled => "결제 취소",
        }
    }
}

impl fmt::Display for BillState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What was paid, or is to be deposited. Texts that do not apply are empty.
#[derive(Debug, Clone)]
pub(in crate::emulator) struct Payment {
    pub(in crate::emulator) method: Method,
    pub(in crate::emulator) order_no: String,
    pub(in crate::emulator) tid: String,
    pub(in crate::emulator) accept_no: String,
    pub(in crate::emulator) accepted_at: String,
    pub(in crate::emulator) account_no: String,
    pub(in crate::emulator) deposit_due: String,
    pub(in crate::emulator) cancelled_amount: i64,
    pub(in crate::emulator) cancelled_at: String,
    pub(in crate::emulator) cancel_message: String,
}

/// A bill, with its payment once there is one.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "`bill_no` is what the provider and its merchants call it")]
pub(in crate::emulator) struct Bill {
    pub(super) id: i64,
    pub(in crate::emulator) api_id: String,
    pub(in crate::emulator) bill_no: String,
    pub(in crate::emulator) url_key: String,
    pub(in crate::emulator) pay_key: String,
    pub(in crate::emulator) product: String,
    pub(in crate::emulator) amount: i64,
    pub(in crate::emulator) buyer_name: String,
    pub(in crate::emulator) buyer_phone: String,
    pub(in crate::emulator) buyer_email: String,
    pub(in crate::emulator) memo: String,
    pub(in crate::emulator) etc1: String,
    pub(in crate::emulator) etc2: String,
    pub(in crate::emulator) created_at: String,
    pub(in crate::emulator) payment: Option<Payment>,
}

impl Bill {
    pub(in crate::emulator) fn state(&self) -> BillState {
        match &self.payment {
            None => BillState::Unpaid,
            Some(payment) if payment.cancelled_amount >= self.amount => BillState::Cancelled,
            Some(payment) if payment.cancelled_amount > 0 => BillState::PartlyCancelled,
            Some(payment) if payment.accepted_at.is_empty() => BillState::AwaitingDeposit,
            Some(_) => BillState::Paid,
        }
    }
}

const SELECT: &str = "
    SELECT id, api_id, bill_no, url_key, pay_key, product, amount, buyer_name, buyer_phone,
           buyer_email, memo, etc1, etc2, created_at,
           method, order_no, tid, accept_no, accepted_at, account_no, deposit_due,
           cancelled_amount, cancelled_at, cancel_message
    FROM bills LEFT JOIN payments ON payments.bill = bills.id";

fn read(row: &Row<'_>) -> rusqlite::Result<Bill> {
    let method: Option<Method> = row.get("method")?;
    let payment = match method {
        None => None,
        Some(method) => Some(Payment {
            method,
            order_no: row.get("order_no")?,
            tid: row.get("tid")?,
            accept_no: row.get("accept_no")?,
            accepted_at: row.get("accepted_at")?,
            account_no: row.get("account_no")?,
            deposit_due: row.get("deposit_due")?,
            cancelled_amount: row.get("cancelled_amount")?,
            cancelled_at: row.get("cancelled_at")?,
            cancel_message: row.get("cancel_message")?,
        }),
    };
    Ok(Bill {
        id: row.get("id")?,
        api_id: row.get("api_id")?,
        bill_no: row.get("bill_no")?,
        url_key: row.get("url_key")?,
        pay_key: row.get("pay_key")?,
        product: row.get("product")?,
        amount: row.get("amount")?,
        buyer_name: row.get("buyer_name")?,
        buyer_phone: row.get("buyer_phone")?,
        buyer_email: row.get("buyer_email")?,
        memo: row.get("memo")?,
        etc1: row.get("etc1")?,
        etc2: row.get("etc2")?,
        created_at: row.get("created_at")?,
        payment,
    })
}

/// The bill of an account under its number.
pub(super) fn by_number(
    connection: &Connection,
    api_id: &str,
    bill_no: &str,
) -> rusqlite::Result<Option<Bill>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE api_id = ?1 AND bill_no = ?2"))?
        .query_row([api_id, bill_no], read)
        .optional()
}

/// The bill whose URLKEY this is, exactly.
pub(super) fn by_url_key(connection: &Connection, key: &str) -> rusqlite::Result<Option<Bill>> {
    connection.prepare_cached(&format!("{SELECT} WHERE url_key = ?1"))?.query_row([key], read).optional()
}

/// The bill that a person means by a URLKEY, by the short key of its link, or by the link itself.
pub(super) fn by_any_key(connection: &Connection, key: &str) -> rusqlite::Result<Option<Bill>> {
    let key = key.rsplit('/').next().unwrap_or(key);
    connection
        .prepare_cached(&format!("{SELECT} WHERE url_key = ?1 OR pay_key = ?1"))?
        .query_row([key], read)
        .optional()
}

/// The newest bills first.
pub(super) fn latest(connection: &Connection, count: u32) -> rusqlite::Result<Vec<Bill>> {
    connection
        .prepare_cached(&format!("{SELECT} ORDER BY id DESC LIMIT ?1"))?
        .query_map([count], read)?
        .collect()
}
