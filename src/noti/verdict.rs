//! Whether a notification is true, as far as CookiePay's answer and the ledger tell (CONTRACT section 7,
//! `noti verify`). Pure: asking and remembering are for others.
//!
//! The rule: a notification proves nothing by itself. What it claims is confirmed only where `urlcert` says
//! the same of its link; whatever cannot be compared is not confirmed.

use super::facts::Facts;
use super::notification::Kind;
use crate::payment::{Payment, PaymentState, Verdict};

/// What a check says, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What it says.
    pub verdict: Verdict,
    /// Why: each a field of the reference and what differs, or a sentence. None where all is as it should be.
    pub reasons: Vec<String>,
}

impl Judgement {
    /// A judgement with one reason.
    #[must_use]
    pub fn because(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reasons: vec![reason.into()] }
    }
}

/// What the ledger's bill of a link asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Billed {
    /// Won.
    pub amount: u64,
    /// `ETC1`.
    pub etc1: Option<String>,
    /// `ETC2`.
    pub etc2: Option<String>,
}

/// Whether a notification is of another merchant than `api_id`. A cancel names none.
#[must_use]
pub fn judge_merchant(facts: &Facts, api_id: &str) -> Option<Judgement> {
    let foreign = facts.api_id.as_deref().filter(|named| *named != api_id)?;
    let reason = format!("API_ID: `{foreign}` is not `{api_id}`, the profile's own");
    Some(Judgement::because(Verdict::Foreign, reason))
}

/// Judges a notification of a link by what `urlcert` answers of that link, and by the ledger's bill, where the
/// ledger knows the link. A confirmed one may have reasons, too: what is odd about it and proves nothing.
#[must_use]
pub fn judge(facts: &Facts, answer: &Payment, billed: Option<&Billed>) -> Judgement {
    match (facts.kind, answer.state()) {
        (_, PaymentState::Error) => {
            let message = answer.result_message.as_deref().map(|text| format!(" ({text})"));
            let code = &answer.result_code;
            let reason = format!("CookiePay answers {code}{} for this link", message.unwrap_or_default());
            Judgement::because(Verdict::Unconfirmed, reason)
        }
        (Kind::Failure, state) => {
            let reason = format!("it tells of a payment that failed; CookiePay says {state}");
            Judgement::because(Verdict::Unconfirmed, reason)
        }
        (_, PaymentState::Unpaid) => Judgement::because(Verdict::Unconfirmed, "CookiePay says unpaid"),
        (Kind::Approval, state) => judge_approval(facts, answer, state, billed),
        (Kind::Cancel | Kind::DepositCancel, _) => judge_cancel(facts, answer, billed),
    }
}

fn judge_approval(
    facts: &Facts,
    answer: &Payment,
    state: PaymentState,
    billed: Option<&Billed>,
) -> Judgement {
    let mut reasons = Vec::new();
    if facts.api_id.is_none() {
        reasons.push("API_ID: missing".to_owned());
    }
    reasons.extend(differs("AMOUNT", won(facts.amount), won(answer.amount)));
    reasons.extend(of_bill(answer, billed));
    reasons.extend(of_own_texts(facts, billed));
    reasons.extend(of_transaction(facts, answer));
    if let (PaymentState::Cancelled, Some(time)) = (state, &answer.cancelled_at) {
        reasons.push(format!("CookiePay says cancelled at {time}"));
    }
    if !reasons.is_empty() {
        return Judgement { verdict: Verdict::Mismatch, reasons };
    }
    if state == PaymentState::AwaitingDeposit {
        return Judgement::because(Verdict::Unconfirmed, "CookiePay still awaits the deposit");
    }
    Judgement { verdict: Verdict::Confirmed, reasons: oddities(facts, answer, billed) }
}

/// A cancel is confirmed by its CANCELDATE. How much was cancelled, `urlcert` does not tell: so a part is
/// never confirmed, and never taken for the whole.
fn judge_cancel(facts: &Facts, answer: &Payment, billed: Option<&Billed>) -> Judgement {
    let mut reasons: Vec<String> =
        of_bill(answer, billed).into_iter().chain(of_transaction(facts, answer)).collect();
    let mut partial = None;
    match (facts.amount, answer.amount) {
        (Some(cancelled), Some(paid)) if (1..paid).contains(&cancelled) => {
            partial = Some(format!("partial cancel: {cancelled} of {paid} won"));
        }
        (cancelled, paid) => reasons.extend(differs("cancel_amount", won(cancelled), won(paid))),
    }
    // The CANCELDATE of a part may be that of a later part.
    if let (Some(time), None) = (&answer.cancelled_at, &partial) {
        let notified = facts.at.as_deref();
        if !notified.is_some_and(|notified| same_time(notified, time)) {
            reasons.extend(differs("cancel_date", notified.map(str::to_owned), Some(time.clone())));
        }
    }
    let verdict = match (&partial, reasons.is_empty()) {
        (_, false) => Verdict::Mismatch,
        (Some(_), true) => Verdict::Unconfirmed,
        (None, true) if answer.cancelled_at.is_some() => {
            reasons = oddities(facts, answer, billed);
            Verdict::Confirmed
        }
        (None, true) => {
            reasons.push("CookiePay names no CANCELDATE: not cancelled".to_owned());
            Verdict::Unconfirmed
        }
    };
    if let Some(partial) = partial {
        let known = match &answer.cancelled_at {
            Some(time) => format!("CookiePay names a CANCELDATE, {time}, but no amount"),
            None => "CookiePay shows it as paid and names no CANCELDATE".to_owned(),
        };
        reasons.push(format!("{partial}; {known}"));
    }
    Judgement { verdict, reasons }
}

/// That the link was paid with another amount than its bill asked.
fn of_bill(answer: &Payment, billed: Option<&Billed>) -> Option<String> {
    let (paid, billed) = answer.amount.zip(billed)?;
    let asked = billed.amount;
    (paid != asked).then(|| format!("AMOUNT: CookiePay says {paid}, the ledger's bill asks {asked}"))
}

/// The merchant's own texts come back as the bill gave them (reference, "Notification"); shops know their orders by
/// them.
fn of_own_texts(facts: &Facts, billed: Option<&Billed>) -> impl Iterator<Item = String> {
    let texts = billed.map(|billed| {
        [("ETC1", &facts.etc1, &billed.etc1), ("ETC2", &facts.etc2, &billed.etc2)].map(
            |(field, notified, given)| {
                let notified = notified.as_deref()?;
                let given = given.as_deref().unwrap_or_default();
                (notified.trim() != given.trim())
                    .then(|| format!("{field}: notified `{notified}`, the ledger's bill gave `{given}`"))
            },
        )
    });
    texts.into_iter().flatten().flatten()
}

/// What a customer, or whoever forges, may have changed without any harm to the money.
fn oddities(facts: &Facts, answer: &Payment, billed: Option<&Billed>) -> Vec<String> {
    let mut oddities = Vec::new();
    if billed.is_none() {
        oddities.push("the ledger knows no bill of this link".to_owned());
    }
    for (field, notified, answered) in [
        ("BUYERNAME", &facts.buyer_name, &answer.buyer_name),
        ("PRODUCTNAME", &facts.product_name, &answer.product_name),
    ] {
        if let (Some(notified), Some(answered)) = (notified, answered)
            && notified != answered
        {
            oddities.push(format!("{field}: notified `{notified}`, CookiePay says `{answered}`"));
        }
    }
    oddities
}

/// What differs in the numbers of the transaction.
fn of_transaction(facts: &Facts, answer: &Payment) -> impl Iterator<Item = String> {
    let tid = differs("TID", facts.tid.clone(), answer.tid.clone());
    tid.into_iter().chain(differs("ORDERNO", facts.order_no.clone(), answer.order_no.clone()))
}

/// A reason where both sides do not name the same.
fn differs(field: &str, notified: Option<String>, answered: Option<String>) -> Option<String> {
    match (notified, answered) {
        (Some(notified), Some(answered)) if notified == answered => None,
        (Some(notified), Some(answered)) => {
            Some(format!("{field}: notified {notified}, CookiePay says {answered}"))
        }
        (None, _) => Some(format!("{field}: missing")),
        (Some(notified), None) => Some(format!("{field}: notified {notified}, CookiePay names none")),
    }
}

fn won(amount: Option<u64>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

/// Whether two RFC 3339 texts name the same time, to the day where one of them is a full-date.
fn same_time(one: &str, other: &str) -> bool {
    const DATE: usize = "2026-11-23".len();
    if one.len() == DATE || other.len() == DATE { one.get(..DATE) == other.get(..DATE) } else { one == other }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2026-11-23T10:15:00+09:00";

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    fn approval() -> Facts {
        Facts {
            kind: Kind::Approval,
            api_id: text("shop01"),
            order_no: text("O1"),
            amount: Some(4500),
            tid: text("T1"),
            url_key: text("K1"),
            at: text("2026-11-22T09:39:47+09:00"),
            buyer_name: text("홍길동"),
            product_name: text("아메리카노"),
            etc1: text("order-7"),
            etc2: None,
        }
    }

    fn cancel(amount: u64) -> Facts {
        Facts {
            kind: Kind::Cancel,
            api_id: None,
            amount: Some(amount),
            url_key: None,
            at: text(AT),
            buyer_name: None,
            product_name: None,
            etc1: None,
            ..approval()
        }
    }

    fn paid() -> Payment {
        Payment {
            result_code: "0000".to_owned(),
            order_no: text("O1"),
            amount: Some(4500),
            tid: text("T1"),
            accept_no: text("30071234"),
            buyer_name: text("홍길동"),
            product_name: text("아메리카노"),
            ..Payment::default()
        }
    }

    fn cancelled() -> Payment {
        Payment { cancelled_at: text(AT), ..paid() }
    }

    fn unpaid() -> Payment {
        Payment { result_code: "EA01".to_owned(), ..Payment::default() }
    }

    fn billed(amount: u64) -> Billed {
        Billed { amount, etc1: text("order-7"), etc2: None }
    }

    #[track_caller]
    fn check(facts: &Facts, answer: &Payment, verdict: Verdict, reasons: &[&str]) {
        assert_eq!(
            judge(facts, answer, Some(&billed(4500))),
            Judgement { verdict, reasons: reasons.iter().map(|&reason| reason.to_owned()).collect() }
        );
    }

    #[test]
    fn a_payment_is_confirmed_by_the_same_amount_transaction_and_order() {
        check(&approval(), &paid(), Verdict::Confirmed, &[]);
        let elsewhere = judge(&approval(), &paid(), None);
        assert_eq!(elsewhere.verdict, Verdict::Confirmed);
        assert_eq!(elsewhere.reasons, ["the ledger knows no bill of this link"]);
    }

    #[test]
    fn other_names_are_named_and_other_texts_of_the_shop_are_a_mismatch() {
        let forged = Facts { buyer_name: text("Evil"), product_name: text("Ferrari"), ..approval() };
        check(
            &forged,
            &paid(),
            Verdict::Confirmed,
            &[
                "BUYERNAME: notified `Evil`, CookiePay says `홍길동`",
                "PRODUCTNAME: notified `Ferrari`, CookiePay says `아메리카노`",
            ],
        );
        let forged = Facts { etc1: text("order-8"), etc2: text("x"), ..approval() };
        check(
            &forged,
            &paid(),
            Verdict::Mismatch,
            &[
                "ETC1: notified `order-8`, the ledger's bill gave `order-7`",
                "ETC2: notified `x`, the ledger's bill gave ``",
            ],
        );
        check(&Facts { etc1: None, ..approval() }, &paid(), Verdict::Confirmed, &[]);
    }

    #[test]
    fn whatever_differs_is_a_mismatch_and_all_of_it_is_named() {
        let forged =
            Facts { amount: Some(45_000), tid: text("T9"), order_no: text("O9"), api_id: None, ..approval() };
        check(
            &forged,
            &paid(),
            Verdict::Mismatch,
            &[
                "API_ID: missing",
                "AMOUNT: notified 45000, CookiePay says 4500",
                "TID: notified T9, CookiePay says T1",
                "ORDERNO: notified O9, CookiePay says O1",
            ],
        );
    }

    #[test]
    fn what_cannot_be_compared_is_not_confirmed() {
        let bare = Facts { amount: None, tid: None, order_no: None, ..approval() };
        check(&bare, &paid(), Verdict::Mismatch, &["AMOUNT: missing", "TID: missing", "ORDERNO: missing"]);
        let answer = Payment { amount: None, tid: None, order_no: None, ..paid() };
        check(
            &approval(),
            &answer,
            Verdict::Mismatch,
            &[
                "AMOUNT: notified 4500, CookiePay names none",
                "TID: notified T1, CookiePay names none",
                "ORDERNO: notified O1, CookiePay names none",
            ],
        );
        let neither = Payment { tid: None, ..paid() };
        let facts = Facts { tid: None, ..approval() };
        check(&facts, &neither, Verdict::Mismatch, &["TID: missing"]);
    }

    #[test]
    fn the_bill_must_have_asked_that_amount() {
        let judged = judge(&approval(), &paid(), Some(&billed(9000)));
        assert_eq!(judged.verdict, Verdict::Mismatch);
        assert_eq!(judged.reasons, ["AMOUNT: CookiePay says 4500, the ledger's bill asks 9000"]);
        assert_eq!(judge(&cancel(4500), &cancelled(), Some(&billed(9000))), judged);
    }

    #[test]
    fn what_is_not_paid_is_unconfirmed() {
        check(&approval(), &unpaid(), Verdict::Unconfirmed, &["CookiePay says unpaid"]);
        let awaiting = Payment { pay_method: text("VACCT"), accept_no: None, ..paid() };
        check(&approval(), &awaiting, Verdict::Unconfirmed, &["CookiePay still awaits the deposit"]);
        let error = Payment {
            result_code: "E012".to_owned(),
            result_message: text("없는 URLKEY"),
            ..Payment::default()
        };
        let reason = ["CookiePay answers E012 (없는 URLKEY) for this link"];
        check(&approval(), &error, Verdict::Unconfirmed, &reason);
        check(&cancel(4500), &error, Verdict::Unconfirmed, &reason);
    }

    #[test]
    fn a_payment_that_was_cancelled_since_is_none_any_more() {
        let reason = ["CookiePay says cancelled at 2026-11-23T10:15:00+09:00"];
        check(&approval(), &cancelled(), Verdict::Mismatch, &reason);
    }

    #[test]
    fn a_failure_confirms_nothing() {
        let failure = Facts { kind: Kind::Failure, ..approval() };
        for (answer, state) in [(unpaid(), "unpaid"), (paid(), "paid")] {
            let reason = format!("it tells of a payment that failed; CookiePay says {state}");
            check(&failure, &answer, Verdict::Unconfirmed, &[&reason]);
        }
    }

    #[test]
    fn a_cancel_is_confirmed_by_its_date() {
        check(&cancel(4500), &cancelled(), Verdict::Confirmed, &[]);
        let to_the_day = Payment { cancelled_at: text("2026-11-23"), ..paid() };
        check(&cancel(4500), &to_the_day, Verdict::Confirmed, &[]);
        let other = Payment { cancelled_at: text("2026-11-23T10:16:00+09:00"), ..paid() };
        check(
            &cancel(4500),
            &other,
            Verdict::Mismatch,
            &["cancel_date: notified 2026-11-23T10:15:00+09:00, CookiePay says 2026-11-23T10:16:00+09:00"],
        );
        check(
            &cancel(4500),
            &paid(),
            Verdict::Unconfirmed,
            &["CookiePay names no CANCELDATE: not cancelled"],
        );
        check(&cancel(4500), &unpaid(), Verdict::Unconfirmed, &["CookiePay says unpaid"]);
        let undated = Facts { at: None, ..cancel(4500) };
        check(&undated, &cancelled(), Verdict::Mismatch, &["cancel_date: missing"]);
        let deposit = Facts { kind: Kind::DepositCancel, ..cancel(4500) };
        check(&deposit, &cancelled(), Verdict::Confirmed, &[]);
    }

    #[test]
    fn a_forged_cancel_is_a_mismatch() {
        let forged = Facts { tid: text("T9"), ..cancel(9000) };
        check(
            &forged,
            &cancelled(),
            Verdict::Mismatch,
            &["TID: notified T9, CookiePay says T1", "cancel_amount: notified 9000, CookiePay says 4500"],
        );
        let nothing = cancel(0);
        check(&nothing, &cancelled(), Verdict::Mismatch, &["cancel_amount: notified 0, CookiePay says 4500"]);
    }

    #[test]
    fn a_partial_cancel_is_named_and_never_taken_for_a_full_one() {
        check(
            &cancel(1000),
            &paid(),
            Verdict::Unconfirmed,
            &["partial cancel: 1000 of 4500 won; CookiePay shows it as paid and names no CANCELDATE"],
        );
        check(
            &cancel(1000),
            &cancelled(),
            Verdict::Unconfirmed,
            &[
                "partial cancel: 1000 of 4500 won; CookiePay names a CANCELDATE, 2026-11-23T10:15:00+09:00, but no amount",
            ],
        );
        let forged = Facts { tid: text("T9"), ..cancel(1000) };
        let judged = judge(&forged, &paid(), None);
        assert_eq!((judged.verdict, judged.reasons.len()), (Verdict::Mismatch, 2));
    }

    #[test]
    fn another_merchant_is_foreign() {
        assert_eq!(judge_merchant(&approval(), "shop01"), None);
        assert_eq!(judge_merchant(&cancel(4500), "shop01"), None);
        let foreign = judge_merchant(&approval(), "shop02").unwrap();
        assert_eq!(foreign.verdict, Verdict::Foreign);
        assert_eq!(foreign.reasons, ["API_ID: `shop01` is not `shop02`, the profile's own"]);
    }
}
