//! What happens to a bill after it was sent: payment, deposit, cancel, and the notification that
//! each of them leads to.

use rusqlite::{Connection, params};

use super::bill::{self, Bill, BillState, Method, Payment};
use super::{State, free_number};
use crate::emulator::clock::{compact, deposit_due, random_below, rfc3339};
use crate::emulator::error::EmulatorError;
use crate::emulator::json;
use crate::emulator::reply::{CancelNotification, PaidNotification};

/// Why a payment is cancelled, as `urlcert` will say.
const CANCEL_MESSAGE: &str = "고객 요청";

/// A notification as CookiePay posts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    pub(in crate::emulator) id: i64,
    /// `approval`, `cancel` or `deposit_cancel`.
    pub kind: &'static str,
    /// The JSON object, pure ASCII.
    pub body: String,
}

/// What a payment or cancel made of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The bill's number.
    pub bill_no: String,
    /// Its URLKEY, 20 characters.
    pub url_key: String,
    /// Its amount in won.
    pub amount: i64,
    /// Its state from now on.
    pub state: BillState,
    /// What the merchant is to be told; nothing where a virtual account was only issued.
    pub notification: Option<Notification>,
}

/// What the customer may do with a virtual account in one step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Choose a method; never a deposit, so that a form sent twice does not pay.
    Choose,
    /// Deposit to the account that was issued.
    Deposit,
    /// Whichever comes next.
    Next,
}

impl State {
    /// Pays the bill of a URLKEY (or of the link itself). A virtual account is issued the first
    /// time and deposited the second.
    ///
    /// # Errors
    ///
    /// When there is no such bill, it is paid or cancelled already, or it awaits a deposit and
    /// `method` is another; and when the state cannot be written.
    pub fn pay(&mut self, url_key: &str, method: Method) -> Result<Transition, EmulatorError> {
        self.advance(url_key, Some(method), Step::Next)
    }

    pub(in crate::emulator) fn choose(
        &mut self,
        url_key: &str,
        method: Method,
    ) -> Result<Transition, EmulatorError> {
        self.advance(url_key, Some(method), Step::Choose)
    }

    pub(in crate::emulator) fn deposit(&mut self, url_key: &str) -> Result<Transition, EmulatorError> {
        self.advance(url_key, None, Step::Deposit)
    }

    fn advance(
        &mut self,
        url_key: &str,
        method: Option<Method>,
        step: Step,
    ) -> Result<Transition, EmulatorError> {
        let at = (self.now)();
        let random = self.random.clone();
        let draw = |bound| random_below(&random, bound);
        let transaction = self.begin()?;
        let known = find(&transaction, url_key)?;
        let bill_no = known.bill_no.clone();
        match (known.state(), method) {
            (BillState::Unpaid, Some(method)) => {
                let numbers = Numbers {
                    order: draw(1_000_000),
                    transaction: draw(100_000),
                    accept: draw(90_000_000),
                    account: draw(10_000_000_000),
                };
                start_payment(&transaction, &known, method, &numbers, at)?;
            }
            (BillState::Unpaid, None) => return Err(EmulatorError::NotPaid { bill_no }),
            (BillState::AwaitingDeposit, Some(Method::VirtualAccount) | None) if step != Step::Choose => {
                transaction.execute(
                    "UPDATE payments SET accept_no = '00000000', accepted_at = ?2 WHERE bill = ?1",
                    params![known.id, compact(at)],
                )?;
            }
            (BillState::AwaitingDeposit, _) => {
                return Err(EmulatorError::AwaitingDeposit { bill_no });
            }
            (BillState::Paid | BillState::PartlyCancelled, _) => {
                return Err(EmulatorError::AlreadyPaid { bill_no });
            }
            (BillState::Cancelled, _) => return Err(EmulatorError::AlreadyCancelled { bill_no }),
        }
        let bill = find(&transaction, &known.url_key)?;
        let notification = match &bill.payment {
            Some(payment) if bill.state() == BillState::Paid => {
                let body = json::escaped(&PaidNotification::new(&bill, payment))?;
                Some(store(&transaction, &bill, "approval", body, &rfc3339(at))?)
            }
            _ => None,
        };
        transaction.commit()?;
        Ok(transition(bill, notification))
    }

    /// Cancels the payment of a URLKEY (or of the link itself), in full or by `amount` won. A
    /// virtual account without its deposit is cancelled as a whole.
    ///
    /// # Errors
    ///
    /// When there is no such bill, it is not paid, all of it is cancelled already, or `amount` is
    /// zero or more than is left; and when the state cannot be written.
    pub fn cancel(&mut self, url_key: &str, amount: Option<i64>) -> Result<Transition, EmulatorError> {
        let at = (self.now)();
        let transaction = self.begin()?;
        let bill = find(&transaction, url_key)?;
        let bill_no = bill.bill_no.clone();
        let Some(payment) = &bill.payment else {
            return Err(EmulatorError::NotPaid { bill_no });
        };
        let left = bill.amount.saturating_sub(payment.cancelled_amount);
        let asked = amount.unwrap_or(left);
        let kind = match bill.state() {
            BillState::Unpaid => return Err(EmulatorError::NotPaid { bill_no }),
            BillState::Cancelled => return Err(EmulatorError::AlreadyCancelled { bill_no }),
            BillState::AwaitingDeposit if asked != left => {
                return Err(EmulatorError::PartialBeforeDeposit { bill_no });
            }
            BillState::AwaitingDeposit => "deposit_cancel",
            BillState::Paid | BillState::PartlyCancelled => "cancel",
        };
        if !(1..=left).contains(&asked) {
            return Err(EmulatorError::CancelAmount { bill_no, asked, left });
        }
        transaction.execute(
            "UPDATE payments SET cancelled_amount = cancelled_amount + ?2, cancelled_at = ?3,
                 cancel_message = ?4 WHERE bill = ?1",
            params![bill.id, asked, compact(at), CANCEL_MESSAGE],
        )?;
        let date = compact(at);
        let body = json::escaped(&CancelNotification::new(payment, kind, asked, &date))?;
        let notification = store(&transaction, &bill, kind, body, &rfc3339(at))?;
        let bill = find(&transaction, &bill.url_key)?;
        transaction.commit()?;
        Ok(transition(bill, Some(notification)))
    }
}

/// What is drawn at random for a payment.
struct Numbers {
    order: u64,
    transaction: u64,
    accept: u64,
    account: u64,
}

fn find(connection: &Connection, key: &str) -> Result<Bill, EmulatorError> {
    bill::by_any_key(connection, key)?.ok_or_else(|| EmulatorError::UnknownBill { key: key.to_owned() })
}

fn transition(bill: Bill, notification: Option<Notification>) -> Transition {
    Transition {
        state: bill.state(),
        bill_no: bill.bill_no,
        url_key: bill.url_key,
        amount: bill.amount,
        notification,
    }
}

fn start_payment(
    connection: &Connection,
    bill: &Bill,
    method: Method,
    numbers: &Numbers,
    at: jiff::Timestamp,
) -> rusqlite::Result<()> {
    let stamp = compact(at);
    let short_stamp = stamp.get(2..).unwrap_or_default();
    let order_no = free_number(
        connection,
        "SELECT 1 FROM payments WHERE order_no = ?1",
        numbers.order,
        1_000_000,
        |number| format!("URL{stamp}{number:06}"),
    )?;
    let tid = free_number(
        connection,
        "SELECT 1 FROM payments WHERE tid = ?1",
        numbers.transaction,
        100_000,
        |number| format!("cTS{short_stamp}{number:05}"),
    )?;
    let mut payment = Payment {
        method,
        order_no,
        tid,
        accept_no: String::new(),
        accepted_at: stamp.clone(),
        account_no: String::new(),
        deposit_due: String::new(),
        cancelled_amount: 0,
        cancelled_at: String::new(),
        cancel_message: String::new(),
    };
    match method {
        Method::Card | Method::Mobile => {
            payment.accept_no = numbers.accept.saturating_add(10_000_000).to_string();
        }
        // The provider is seen to send eight zeros where there is no approval of a card.
        Method::Bank => "00000000".clone_into(&mut payment.accept_no),
        Method::VirtualAccount => {
            payment.accepted_at = String::new();
            payment.account_no = format!("5621{:010}", numbers.account);
            payment.deposit_due = deposit_due(at);
        }
    }
    connection.execute(
        "INSERT INTO payments (bill, method, order_no, tid, accept_no, accepted_at, account_no,
             deposit_due) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            bill.id,
            payment.method,
            payment.order_no,
            payment.tid,
            payment.accept_no,
            payment.accepted_at,
            payment.account_no,
            payment.deposit_due,
        ],
    )?;
    Ok(())
}

/// The kind that the state knows by this name.
pub(super) fn known_kind(name: &str) -> &'static str {
    match name {
        "approval" => "approval",
        "cancel" => "cancel",
        _ => "deposit_cancel",
    }
}

fn store(
    connection: &Connection,
    bill: &Bill,
    kind: &'static str,
    body: String,
    at: &str,
) -> rusqlite::Result<Notification> {
    connection.execute(
        "INSERT INTO notifications (bill, kind, body, made_at) VALUES (?1, ?2, ?3, ?4)",
        params![bill.id, kind, body, at],
    )?;
    Ok(Notification { id: connection.last_insert_rowid(), kind, body })
}
