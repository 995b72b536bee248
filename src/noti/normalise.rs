//! Decides what the fields of a document mean: whether it is a notification, of which kind, and
//! where it departs from the reference.
//!
//! What makes a document a notification:
//! - a `NOTI_TYPE` that is known; or
//! - an `ORDERNO` or a `TID`, together with the key `AMOUNT`, or with a `CANCEL_AMOUNT`,
//!   `CANCEL_DATE` or `SMS_INPUT` that is not empty; unless it has `RESULTCODE` and none of `API_ID`,
//!   `SMS_INPUT` and a cancel: so looks the answer of urlcert.
//!
//! Nothing that tells of a cancel is ever taken for an approval, and nothing that was given is
//! lost: a value that cannot be read is `None`, a problem, and kept in `extra`.

use super::error::{DocumentError, excerpt};
use super::extra;
use super::fields::{Fields, Known, Slot};
use super::findings::{Findings, REPEATED};
use super::missing::missing;
use super::notification::{Extra, Kind, Notification};

/// Whose fields a notification has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Approval,
    Cancel,
}

/// Makes a notification of `fields`.
pub(super) fn notification<'a>(
    fields: &mut Fields<'a>,
    source: &'a str,
    line: u64,
) -> Result<Notification<'a>, DocumentError> {
    let known = &fields.known;
    let mut findings = Findings::default();
    for key in std::mem::take(&mut fields.repeated) {
        findings.problem(key, REPEATED);
    }
    let (kind, shape) = recognise(known, &mut findings)?;
    let mut notification = normalised(known, kind, shape, source, line, &mut findings);
    for field in missing(known, &notification, shape) {
        findings.problem(field, "missing");
    }
    if let Some(error) = findings.error {
        return Err(error);
    }
    let mut others = std::mem::take(&mut fields.others);
    others.append(&mut findings.kept);
    notification.extra = extra::collect(others, &mut findings.problems)?;
    notification.problems = findings.problems;
    Ok(notification)
}

/// Decides the kind, by the rule of the module.
fn recognise<'a>(known: &Known<'a>, findings: &mut Findings<'a>) -> Result<(Kind, Shape), DocumentError> {
    let result_code = findings.text(known.result_code.as_ref());
    let noti_type = findings.text(known.noti_type.as_ref());
    findings.keep(known.result_code.as_ref());
    let failed = match (result_code, &known.result_code) {
        (Some(code), _) => code != "0000",
        (None, slot) => slot.as_ref().is_some_and(Slot::is_nested),
    };
    if failed {
        // Of a failed cancel the kind does not say that it was one.
        findings.keep(known.noti_type.as_ref());
    }
    let told = match noti_type.as_deref().map(str::trim) {
        None if !failed && known.noti_type.as_ref().is_some_and(Slot::is_nested) => {
            return Err(DocumentError::UnknownType { noti_type: "an object or an array".to_owned() });
        }
        None => None,
        Some(cancel) if cancel.eq_ignore_ascii_case("cancel") => Some(Kind::Cancel),
        Some(cancel) if cancel.eq_ignore_ascii_case("deposit_cancel") => Some(Kind::DepositCancel),
        Some(_) if failed => None,
        Some(unknown) => return Err(DocumentError::UnknownType { noti_type: excerpt(unknown) }),
    };
    let mentions_cancel = mentions_cancel(known);
    if told.is_none() {
        check_identity(known, mentions_cancel)?;
        if mentions_cancel {
            findings.problem("noti_type", if known.noti_type.is_some() { "empty" } else { "missing" });
        }
    }
    let (kind, shape) = match told {
        Some(kind) => (kind, Shape::Cancel),
        None if mentions_cancel => (Kind::Cancel, Shape::Cancel),
        None => (Kind::Approval, Shape::Approval),
    };
    Ok((if failed { Kind::Failure } else { kind }, shape))
}

/// Whether a document without `NOTI_TYPE` tells of a cancel all the same, if only by a field that
/// cannot be read.
fn mentions_cancel(known: &Known<'_>) -> bool {
    let mut glance = Findings::default();
    let amount = glance.text(known.cancel_amount.as_ref());
    let date = glance.text(known.cancel_date.as_ref());
    let nested = [&known.cancel_amount, &known.cancel_date].into_iter().flatten().any(Slot::is_nested);
    nested || date.is_some() || amount.is_some_and(|amount| amount.bytes().any(|byte| byte != b'0'))
}

/// Whether a document without `NOTI_TYPE` has what makes it a notification.
fn check_identity(known: &Known<'_>, mentions_cancel: bool) -> Result<(), DocumentError> {
    // What is wrong with these fields is reported when they are read for good.
    let mut glance = Findings::default();
    let order = glance.text(known.order_no.as_ref());
    let identified = order.is_some() || glance.text(known.tid.as_ref()).is_some();
    let linked = glance.text(known.url_key.as_ref()).is_some();
    if !identified || !(mentions_cancel || linked || known.amount.is_some()) {
        return Err(DocumentError::NotANotification);
    }
    if known.result_code.is_some() && known.api_id.is_none() && !linked && !mentions_cancel {
        return Err(DocumentError::UrlcertAnswer);
    }
    Ok(())
}

/// Reads every field that has a place of its own.
fn normalised<'a>(
    known: &Known<'a>,
    kind: Kind,
    shape: Shape,
    source: &'a str,
    line: u64,
    findings: &mut Findings<'a>,
) -> Notification<'a> {
    let (amount, other_amount) = match shape {
        Shape::Approval => (&known.amount, &known.cancel_amount),
        Shape::Cancel => (&known.cancel_amount, &known.amount),
    };
    let accept_date = findings.either(known.accept_date.as_ref(), known.accept_date_joined.as_ref());
    let cancel_date = findings.either(known.cancel_date.as_ref(), None);
    let (date, other_date) = match shape {
        Shape::Approval => (accept_date, cancel_date),
        Shape::Cancel => (cancel_date, accept_date),
    };
    if findings.text(other_amount.as_ref()).is_some() {
        findings.keep(other_amount.as_ref());
    }
    findings.keep(other_date.map(|(slot, _)| slot));
    let deposit_due = findings.either(known.deposit_due.as_ref(), None);
    let text = |findings: &mut Findings<'a>, slot: &Option<Slot<'a>>| findings.text(slot.as_ref());
    let either = |findings: &mut Findings<'a>, first: &Option<Slot<'a>>, second: &Option<Slot<'a>>| {
        findings.either(first.as_ref(), second.as_ref()).map(|(_, text)| text)
    };
    Notification {
        kind,
        api_id: text(findings, &known.api_id),
        order_no: text(findings, &known.order_no),
        amount: findings.amount(amount.as_ref()),
        tid: text(findings, &known.tid),
        url_key: text(findings, &known.url_key),
        pay_method: either(findings, &known.pay_method, &known.pay_method_joined),
        buyer_name: text(findings, &known.buyer_name),
        buyer_email: text(findings, &known.buyer_email),
        user_id: either(findings, &known.user_id, &known.buyer_id),
        product_code: text(findings, &known.product_code),
        product_name: text(findings, &known.product_name),
        accepted_at: findings.time(date),
        accept_no: either(findings, &known.accept_no, &known.accept_no_joined),
        card_code: text(findings, &known.card_code),
        card_name: text(findings, &known.card_name),
        card_no: text(findings, &known.card_no),
        quota: text(findings, &known.quota),
        account_no: text(findings, &known.account_no),
        receiver_name: text(findings, &known.receiver_name),
        deposit_due: findings.time(deposit_due),
        deposit_name: text(findings, &known.deposit_name),
        etc1: text(findings, &known.etc1),
        etc2: text(findings, &known.etc2),
        etc3: text(findings, &known.etc3),
        etc4: text(findings, &known.etc4),
        etc5: text(findings, &known.etc5),
        extra: Extra::default(),
        problems: Vec::new(),
        source: source.into(),
        line,
    }
}
