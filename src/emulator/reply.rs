//! The provider's JSON: replies of the three endpoints and the notifications of a payment, each
//! with the fields in the provider's order and an empty string where there is nothing to say.

use serde::Serialize;

use super::state::{Bill, BillState, Method, Payment};

/// What every virtual account is said to belong to.
const RECEIVER: &str = "(주)상점";
/// The bank of every virtual account, and its code.
const BANK: (&str, &str) = ("신한은행", "88");
/// The issuer of every card, and its code.
const CARD: (&str, &str) = ("국민카드", "06");
/// What the provider says of success.
const SUCCESS: &str = "성공";

/// A reply with another code than `0000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }

    /// The code that mixing accounts, environments and keys gives.
    pub(super) fn wrong_account() -> Self {
        Self::new("9999", "API_ID 값이 올바르지 않습니다")
    }

    pub(super) fn wrong_token_account() -> Self {
        Self::new("E003", "ID & KEY 불일치")
    }

    pub(super) fn wrong_token() -> Self {
        Self::new("E010", "TOKEN 값이 올바르지 않습니다")
    }

    pub(super) fn result(&self) -> ResultReply<'_> {
        ResultReply { code: &self.code, message: &self.message }
    }

    pub(super) fn return_code(&self) -> ReturnReply<'_> {
        ReturnReply { code: &self.code, message: &self.message }
    }
}

/// A refusal of `/urlpay/request` and `/api/urlcert`.
#[derive(Serialize)]
pub(super) struct ResultReply<'a> {
    #[serde(rename = "RESULTCODE")]
    code: &'a str,
    #[serde(rename = "RESULTMSG")]
    message: &'a str,
}

/// A refusal of `/payAuth/token`.
#[derive(Serialize)]
pub(super) struct ReturnReply<'a> {
    #[serde(rename = "RTN_CD")]
    code: &'a str,
    #[serde(rename = "RTN_MSG")]
    message: &'a str,
}

/// A token.
#[derive(Serialize)]
pub(super) struct TokenReply<'a> {
    #[serde(rename = "RTN_CD")]
    code: &'a str,
    #[serde(rename = "RTN_MSG")]
    message: &'a str,
    #[serde(rename = "TOKEN")]
    token: &'a str,
}

impl<'a> TokenReply<'a> {
    pub(super) fn new(token: &'a str) -> Self {
        Self { code: "0000", message: SUCCESS, token }
    }
}

/// A link, made now or before.
#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) struct SentReply<'a> {
    resultcode: &'a str,
    resultmsg: &'a str,
    urlkey: &'a str,
    payurl: &'a str,
    bill_no: &'a str,
    etc1: &'a str,
    etc2: &'a str,
}

impl<'a> SentReply<'a> {
    pub(super) fn new(bill: &'a Bill, pay_url: &'a str) -> Self {
        Self {
            resultcode: "0000",
            resultmsg: SUCCESS,
            urlkey: &bill.url_key,
            payurl: pay_url,
            bill_no: &bill.bill_no,
            etc1: &bill.etc1,
            etc2: &bill.etc2,
        }
    }
}

/// A payment as `/api/urlcert` tells it.
#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) struct UrlcertReply<'a> {
    resultcode: &'a str,
    resultmsg: &'a str,
    orderno: &'a str,
    amount: String,
    buyername: &'a str,
    buyeremail: &'a str,
    productname: &'a str,
    productcode: &'a str,
    paymethod: &'a str,
    buyerid: &'a str,
    tid: &'a str,
    acceptno: &'a str,
    acceptdate: &'a str,
    canceldate: &'a str,
    cancelmsg: &'a str,
    accountno: &'a str,
    receivername: &'a str,
    depositenddate: &'a str,
    cardname: &'a str,
    cardcode: &'a str,
}

impl<'a> UrlcertReply<'a> {
    pub(super) fn new(bill: &'a Bill, payment: &'a Payment) -> Self {
        let (receiver, (bank, bank_code)) = account_details(payment.method);
        // A partial cancel leaves the payment a payment until all of it is cancelled.
        let (cancelled_at, cancel_message) = if bill.state() == BillState::Cancelled {
            (payment.cancelled_at.as_str(), payment.cancel_message.as_str())
        } else {
            ("", "")
        };
        Self {
            resultcode: "0000",
            resultmsg: SUCCESS,
            orderno: &payment.order_no,
            amount: bill.amount.to_string(),
            buyername: &bill.buyer_name,
            buyeremail: &bill.buyer_email,
            productname: &bill.product,
            productcode: "",
            paymethod: payment.method.wire_name(),
            buyerid: "",
            tid: &payment.tid,
            acceptno: &payment.accept_no,
            acceptdate: &payment.accepted_at,
            canceldate: cancelled_at,
            cancelmsg: cancel_message,
            accountno: &payment.account_no,
            receivername: receiver,
            depositenddate: &payment.deposit_due,
            cardname: bank,
            cardcode: bank_code,
        }
    }
}

fn account_details(method: Method) -> (&'static str, (&'static str, &'static str)) {
    match method {
        Method::VirtualAccount => (RECEIVER, BANK),
        Method::Card | Method::Bank | Method::Mobile => ("", ("", "")),
    }
}

/// The notification of a payment or a deposit.
#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) struct PaidNotification<'a> {
    pay_method: &'a str,
    api_id: &'a str,
    orderno: &'a str,
    amount: String,
    tid: &'a str,
    buyeremail: &'a str,
    buyername: &'a str,
    userid: &'a str,
    productcode: &'a str,
    productname: &'a str,
    accept_date: &'a str,
    accept_no: &'a str,
    cardcode: &'a str,
    cardname: &'a str,
    cardno: &'a str,
    quota: &'a str,
    accountno: &'a str,
    receivername: &'a str,
    depositenddate: &'a str,
    depositname: &'a str,
    sms_input: &'a str,
    etc1: &'a str,
    etc2: &'a str,
    etc3: &'a str,
    etc4: &'a str,
    etc5: &'a str,
}

impl<'a> PaidNotification<'a> {
    pub(super) fn new(bill: &'a Bill, payment: &'a Payment) -> Self {
        let (receiver, bank) = account_details(payment.method);
        let ((name, code), number, quota) = match payment.method {
            Method::Card => (CARD, "**000111", "00"),
            Method::VirtualAccount => (bank, "", ""),
            Method::Bank | Method::Mobile => (("", ""), "", ""),
        };
        let depositor = match payment.method {
            Method::VirtualAccount => bill.buyer_name.as_str(),
            Method::Card | Method::Bank | Method::Mobile => "",
        };
        Self {
            pay_method: payment.method.wire_name(),
            api_id: &bill.api_id,
            orderno: &payment.order_no,
            amount: bill.amount.to_string(),
            tid: &payment.tid,
            buyeremail: &bill.buyer_email,
            buyername: &bill.buyer_name,
            userid: "",
            productcode: "",
            productname: &bill.product,
            accept_date: &payment.accepted_at,
            accept_no: &payment.accept_no,
            cardcode: code,
            cardname: name,
            cardno: number,
            quota,
            accountno: &payment.account_no,
            receivername: receiver,
            depositenddate: &payment.deposit_due,
            depositname: depositor,
            sms_input: &bill.url_key,
            etc1: &bill.etc1,
            etc2: &bill.etc2,
            etc3: "",
            etc4: "",
            etc5: "",
        }
    }
}

/// The notification of a cancel, in whole or in part.
#[derive(Serialize)]
pub(super) struct CancelNotification<'a> {
    paymethod: &'a str,
    noti_type: &'a str,
    orderno: &'a str,
    cancel_amount: String,
    tid: &'a str,
    cancel_date: &'a str,
}

impl<'a> CancelNotification<'a> {
    pub(super) fn new(payment: &'a Payment, kind: &'a str, amount: i64, date: &'a str) -> Self {
        Self {
            paymethod: payment.method.wire_name(),
            noti_type: kind,
            orderno: &payment.order_no,
            cancel_amount: amount.to_string(),
            tid: &payment.tid,
            cancel_date: date,
        }
    }
}

/// The bank and owner of a virtual account, as the pay page shows them.
pub(super) fn bank_and_receiver() -> (&'static str, &'static str) {
    (BANK.0, RECEIVER)
}
