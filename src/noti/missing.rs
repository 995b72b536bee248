//! Which fields of the reference a notification lacks. A field that is present but empty is not
//! missing: real samples have such. Lengths are never judged: those of the manual contradict each
//! other and limit what is sent.

use super::fields::Known;
use super::normalise::Shape;
use super::notification::{Kind, Notification};

/// What a payment was made with, as far as it decides which fields are required.
#[derive(PartialEq, Eq)]
enum Means {
    Card,
    VirtualAccount,
    Other,
}

/// The required keys that are missing, as the reference spells them.
pub(super) fn missing(
    known: &Known<'_>,
    notification: &Notification<'_>,
    shape: Shape,
) -> impl Iterator<Item = &'static str> {
    let means = means(notification);
    let approved = notification.kind == Kind::Approval;
    let card = approved && means == Means::Card;
    let account = approved && means == Means::VirtualAccount;
    let approval = shape == Shape::Approval;
    let cancel = shape == Shape::Cancel;
    let accept_date = known.accept_date.is_some() || known.accept_date_joined.is_some();
    let accept_no = known.accept_no.is_some() || known.accept_no_joined.is_some();
    let pay_method = known.pay_method.is_some() || known.pay_method_joined.is_some();
    [
        ("API_ID", approval, known.api_id.is_some()),
        ("ORDERNO", approval, known.order_no.is_some()),
        ("AMOUNT", approval, known.amount.is_some()),
        ("TID", approved, known.tid.is_some()),
        ("BUYERNAME", approved, known.buyer_name.is_some()),
        ("PRODUCTCODE", approved, known.product_code.is_some()),
        ("PRODUCTNAME", approved, known.product_name.is_some()),
        ("ACCEPT_DATE", approved, accept_date),
        ("ACCEPT_NO", approved, accept_no),
        ("CARDCODE", card || account, known.card_code.is_some()),
        ("CARDNAME", card || account, known.card_name.is_some()),
        ("CARDNO", card, known.card_no.is_some()),
        ("QUOTA", card, known.quota.is_some()),
        ("ACCOUNTNO", account, known.account_no.is_some()),
        ("RECEIVERNAME", account, known.receiver_name.is_some()),
        ("DEPOSITENDDATE", account, known.deposit_due.is_some()),
        ("paymethod", cancel, pay_method),
        ("orderno", cancel, known.order_no.is_some()),
        ("cancel_amount", cancel, known.cancel_amount.is_some()),
        ("tid", cancel, known.tid.is_some()),
        ("cancel_date", cancel, known.cancel_date.is_some()),
    ]
    .into_iter()
    .filter_map(|(key, required, present)| (required && !present).then_some(key))
}

/// The means of payment: by its name, or where none is given by the fields that are filled.
fn means(notification: &Notification<'_>) -> Means {
    let is = |method: &str, names: &[&str]| names.iter().any(|name| method.eq_ignore_ascii_case(name));
    match notification.pay_method.as_deref() {
        Some(method) if is(method, &["CARD", "CARD_SUGI"]) => Means::Card,
        Some(method) if is(method, &["VACCT", "VACCOUNT"]) => Means::VirtualAccount,
        None if notification.account_no.is_some() => Means::VirtualAccount,
        None if notification.card_no.is_some() => Means::Card,
        _ => Means::Other,
    }
}
