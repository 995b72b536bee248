//! Whether a notification is true, as far as CookiePay's answer and the ledger tell (CONTRACT section 7,
//! `noti verify`). Pure: asking and remembering are for others.
//!
//! The rule: a notification proves nothing by itself. What it claims is confirmed only where `urlcert` says
//! the same of its link, whatever both of them name, and the ledger's bill of that link asked for it. A link that the
//! ledger does not know may be another merchant's.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::confirmed::Confirmed;
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
    /// Of a confirmed one what takes the place of what it says.
    pub confirmed: Option<Box<Confirmed>>,
}

impl Judgement {
    /// A judgement with one reason.
    #[must_use]
    pub fn because(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self::with_reasons(verdict, vec![reason.into()])
    }

    fn with_reasons(verdict: Verdict, reasons: Vec<String>) -> Self {
        Self { verdict, reasons, confirmed: None }
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

/// What to make of a payment whose link the ledger does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unrecorded {
    /// It may be another merchant's.
    Doubted,
    /// Links are made elsewhere, too.
    Accepted,
}

/// What both sides of a comparison are of.
struct Case<'a> {
    facts: &'a Facts,
    url_key: &'a str,
    answer: &'a Payment,
    billed: Option<&'a Billed>,
    unrecorded: Unrecorded,
}

/// Whether a notification is of another merchant than `api_id`. A cancel names none.
#[must_use]
pub fn judge_merchant(facts: &Facts, api_id: &str) -> Option<Judgement> {
    let foreign = facts.api_id.as_deref().filter(|named| *named != api_id)?;
    let reason = format!("API_ID: `{foreign}` is not `{api_id}`, the profile's own");
    Some(Judgement::because(Verdict::Foreign, reason))
}

/// Judges a notification by what `urlcert` answers of its link, and by the ledger's bill, where the
/// ledger knows the link. A confirmed one may have reasons, too: what is odd about it and proves nothing.
#[must_use]
pub fn judge(
    facts: &Facts,
    url_key: &str,
    answer: &Payment,
    billed: Option<&Billed>,
    unrecorded: Unrecorded,
) -> Judgement {
    let case = Case { facts, url_key, answer, billed, unrecorded };
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
        (Kind::Approval, state) => case.judge_approval(state),
        (Kind::Cancel | Kind::DepositCancel, _) => case.judge_cancel(),
    }
}

impl Case<'_> {
    fn judge_approval(&self, state: PaymentState) -> Judgement {
        let Self { facts, answer, .. } = self;
        let mut reasons = Vec::new();
        if facts.api_id.is_none() {
            reasons.push("API_ID: missing".to_owned());
        }
        reasons.extend(differs("AMOUNT", won(facts.amount), won(answer.amount)));
        reasons.extend(self.of_bill());
        reasons.extend(self.of_transaction());
        reasons.extend(self.of_details());
        reasons.extend(of_time(facts.at.as_deref(), answer.accepted_at.as_deref()));
        if let (PaymentState::Cancelled, Some(time)) = (state, &answer.cancelled_at) {
            reasons.push(format!("CookiePay says cancelled at {time}"));
        }
        if !reasons.is_empty() {
            return Judgement::with_reasons(Verdict::Mismatch, reasons);
        }
        if state == PaymentState::AwaitingDeposit {
            return Judgement::because(Verdict::Unconfirmed, "CookiePay still awaits the deposit");
        }
        self.confirm()
    }

    /// A cancel is confirmed by its CANCELDATE. How much was cancelled, `urlcert` does not tell: so a part is
    /// never confirmed, and never taken for the whole.
    fn judge_cancel(&self) -> Judgement {
        let Self { facts, answer, .. } = self;
        let mut reasons: Vec<String> = self.of_bill().into_iter().collect();
        reasons.extend(self.of_transaction());
        reasons.extend(self.of_details());
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
        let judged = match (&partial, reasons.is_empty()) {
            (_, false) => Judgement::with_reasons(Verdict::Mismatch, reasons),
            (Some(_), true) => Judgement::with_reasons(Verdict::Unconfirmed, reasons),
            (None, true) if answer.cancelled_at.is_some() => self.confirm(),
            (None, true) => {
                Judgement::because(Verdict::Unconfirmed, "CookiePay names no CANCELDATE: not cancelled")
            }
        };
        let Some(partial) = partial else { return judged };
        let known = match &answer.cancelled_at {
            Some(time) => format!("CookiePay names a CANCELDATE, {time}, but no amount"),
            None => "CookiePay shows it as paid and names no CANCELDATE".to_owned(),
        };
        let mut reasons = judged.reasons;
        reasons.push(format!("{partial}; {known}"));
        Judgement { reasons, ..judged }
    }

    /// CookiePay says the same; whether it is a payment to this merchant only the ledger can tell.
    fn confirm(&self) -> Judgement {
        let reasons = match (self.billed, self.unrecorded) {
            (Some(_), _) => Vec::new(),
            (None, Unrecorded::Accepted) => vec!["the ledger knows no bill of this link".to_owned()],
            (None, Unrecorded::Doubted) => {
                let reason = "CookiePay says the same, but the ledger knows no bill of this link: it may be another merchant's";
                return Judgement::because(Verdict::Unrecorded, reason);
            }
        };
        let confirmed = Confirmed::new(self.facts, self.url_key, self.answer, self.billed);
        Judgement { verdict: Verdict::Confirmed, reasons, confirmed: Some(Box::new(confirmed)) }
    }

    /// What the link's bill asked for and is not so: its amount, and the merchant's own texts, which come back as the
    /// bill gave them (reference, "Notification"); shops know their orders by them.
    fn of_bill(&self) -> Vec<String> {
        let Some(billed) = self.billed else { return Vec::new() };
        let mut reasons = Vec::new();
        if let Some(paid) = self.answer.amount.filter(|paid| *paid != billed.amount) {
            let asked = billed.amount;
            reasons.push(format!("AMOUNT: CookiePay says {paid}, the ledger's bill asks {asked}"));
        }
        for (field, notified, given) in
            [("ETC1", &self.facts.etc1, &billed.etc1), ("ETC2", &self.facts.etc2, &billed.etc2)]
        {
            let given = given.as_deref().unwrap_or_default();
            if let Some(notified) = notified.as_deref().filter(|notified| !same_text(notified, given)) {
                reasons.push(format!("{field}: notified `{notified}`, the ledger's bill gave `{given}`"));
            }
        }
        reasons
    }

    /// What differs in the numbers of the transaction, which both sides have to name.
    fn of_transaction(&self) -> impl Iterator<Item = String> {
        let Self { facts, answer, .. } = self;
        let tid = differs("TID", facts.tid.clone(), answer.tid.clone());
        tid.into_iter().chain(differs("ORDERNO", facts.order_no.clone(), answer.order_no.clone()))
    }

    /// What differs in what both sides may name.
    fn of_details(&self) -> impl Iterator<Item = String> {
        let Self { facts, answer, .. } = self;
        let same_email = |one: &str, other: &str| same_text(one, other) || one.eq_ignore_ascii_case(other);
        let fields: [Detail<'_>; 7] = [
            ("PAYMETHOD", &facts.pay_method, &answer.pay_method, same_method),
            ("BUYERNAME", &facts.buyer_name, &answer.buyer_name, same_text),
            ("BUYEREMAIL", &facts.buyer_email, &answer.buyer_email, same_email),
            ("BUYERID", &facts.user_id, &answer.buyer_id, same_text),
            ("PRODUCTNAME", &facts.product_name, &answer.product_name, same_text),
            ("PRODUCTCODE", &facts.product_code, &answer.product_code, same_text),
            ("ACCEPTNO", &facts.accept_no, &answer.accept_no, same_number),
        ];
        fields.into_iter().filter_map(|(field, notified, answered, is_same)| {
            let (notified, answered) = (notified.as_deref()?, answered.as_deref()?);
            let is_named = |text: &str| !text.trim().is_empty();
            (is_named(notified) && is_named(answered) && !is_same(notified, answered))
                .then(|| format!("{field}: notified `{notified}`, CookiePay says `{answered}`"))
        })
    }
}

/// A field that both sides may name: its name, what each says, and when both say the same.
type Detail<'a> = (&'static str, &'a Option<String>, &'a Option<String>, fn(&str, &str) -> bool);

/// A reason where both sides do not name the same.
fn differs(field: &str, notified: Option<String>, answered: Option<String>) -> Option<String> {
    match (notified, answered) {
        (Some(notified), Some(answered)) if same_text(&notified, &answered) => None,
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

/// Whether two texts say the same: in NFC, whatever the space around them.
fn same_text(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    one == other || nfc.normalize(one) == nfc.normalize(other)
}

/// Whether two names are of one way to pay. The manual's four have other names in samples of the provider (reference,
/// "Was it paid"), and a simple payment is one by card.
fn same_method(one: &str, other: &str) -> bool {
    let family = |name: &str| match name.trim().to_ascii_uppercase().as_str() {
        "VACCOUNT" => "VACCT".to_owned(),
        "CARD_SUGI" | "KAKAOPAY" | "NAVERPAY" => "CARD".to_owned(),
        other => other.to_owned(),
    };
    family(one) == family(other)
}

/// Whether two approval numbers are the same; zeros say that there is none.
fn same_number(one: &str, other: &str) -> bool {
    let is_none = |number: &str| number.trim().bytes().all(|byte| byte == b'0');
    same_text(one, other) || is_none(one) || is_none(other)
}

/// A reason where both sides name a time of approval, and not the same. What cannot be read as a time is none.
fn of_time(notified: Option<&str>, answered: Option<&str>) -> Option<String> {
    let is_time = |time: &&str| time.len() >= DATE && time.as_bytes().get(4) == Some(&b'-');
    let (notified, answered) = (notified.filter(is_time)?, answered.filter(is_time)?);
    (!same_time(notified, answered))
        .then(|| format!("ACCEPTDATE: notified {notified}, CookiePay says {answered}"))
}

/// The length of a full-date.
const DATE: usize = "2026-11-23".len();

/// Whether two RFC 3339 texts name the same time, to the day where one of them is a full-date.
fn same_time(one: &str, other: &str) -> bool {
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
            pay_method: text("CARD"),
            buyer_name: text("홍길동"),
            buyer_email: text("hong@example.com"),
            user_id: None,
            product_name: text("아메리카노"),
            product_code: None,
            accept_no: text("30071234"),
            etc1: text("order-7"),
            etc2: None,
        }
    }

    fn cancel(amount: u64) -> Facts {
        Facts {
            order_no: text("O1"),
            amount: Some(amount),
            tid: text("T1"),
            at: text(AT),
            pay_method: text("CARD"),
            ..Facts::none(Kind::Cancel)
        }
    }

    fn paid() -> Payment {
        Payment {
            result_code: "0000".to_owned(),
            order_no: text("O1"),
            amount: Some(4500),
            tid: text("T1"),
            accept_no: text("30071234"),
            accepted_at: text("2026-11-22T09:39:47+09:00"),
            pay_method: text("CARD"),
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
        let judged = judge(facts, "K1", answer, Some(&billed(4500)), Unrecorded::Doubted);
        assert_eq!(judged.verdict, verdict, "{judged:?}");
        assert_eq!(judged.reasons, reasons);
        assert_eq!(judged.confirmed.is_some(), verdict == Verdict::Confirmed);
    }

    #[test]
    fn a_payment_is_confirmed_by_the_same_amount_transaction_and_order() {
        check(&approval(), &paid(), Verdict::Confirmed, &[]);
    }

    #[test]
    fn a_link_that_the_ledger_does_not_know_is_unrecorded_unless_such_are_accepted() {
        let elsewhere = judge(&approval(), "K1", &paid(), None, Unrecorded::Doubted);
        assert_eq!((elsewhere.verdict, elsewhere.confirmed), (Verdict::Unrecorded, None));
        assert!(elsewhere.reasons[0].contains("another merchant"), "{:?}", elsewhere.reasons);
        let cancelled = judge(&cancel(4500), "K1", &cancelled(), None, Unrecorded::Doubted);
        assert_eq!(cancelled.verdict, Verdict::Unrecorded);
        let accepted = judge(&approval(), "K1", &paid(), None, Unrecorded::Accepted);
        assert_eq!(accepted.verdict, Verdict::Confirmed);
        assert_eq!(accepted.reasons, ["the ledger knows no bill of this link"]);
        let forged = Facts { buyer_name: text("Evil"), ..approval() };
        assert_eq!(judge(&forged, "K1", &paid(), None, Unrecorded::Accepted).verdict, Verdict::Mismatch);
    }

    #[test]
    fn whatever_both_sides_name_has_to_be_the_same() {
        let named = Payment {
            buyer_email: text("hong@example.com"),
            buyer_id: text("hong"),
            product_code: text("P1"),
            ..paid()
        };
        let own = Facts { user_id: text("hong"), product_code: text("P1"), ..approval() };
        check(&own, &named, Verdict::Confirmed, &[]);
        for (forged, reason) in [
            (
                Facts { pay_method: text("BANK"), ..own.clone() },
                "PAYMETHOD: notified `BANK`, CookiePay says `CARD`",
            ),
            (
                Facts { buyer_name: text("Evil"), ..own.clone() },
                "BUYERNAME: notified `Evil`, CookiePay says `홍길동`",
            ),
            (
                Facts { buyer_email: text("e@vil.kr"), ..own.clone() },
                "BUYEREMAIL: notified `e@vil.kr`, CookiePay says `hong@example.com`",
            ),
            (
                Facts { user_id: text("evil"), ..own.clone() },
                "BUYERID: notified `evil`, CookiePay says `hong`",
            ),
            (
                Facts { product_name: text("Ferrari"), ..own.clone() },
                "PRODUCTNAME: notified `Ferrari`, CookiePay says `아메리카노`",
            ),
            (
                Facts { product_code: text("P2"), ..own.clone() },
                "PRODUCTCODE: notified `P2`, CookiePay says `P1`",
            ),
            (
                Facts { accept_no: text("30071235"), ..own.clone() },
                "ACCEPTNO: notified `30071235`, CookiePay says `30071234`",
            ),
            (
                Facts { at: text("2026-11-22T09:39:48+09:00"), ..own.clone() },
                "ACCEPTDATE: notified 2026-11-22T09:39:48+09:00, CookiePay says 2026-11-22T09:39:47+09:00",
            ),
        ] {
            check(&forged, &named, Verdict::Mismatch, &[reason]);
        }
    }

    #[test]
    fn another_spelling_of_the_same_is_no_difference() {
        // Decomposed, as some keyboards write it.
        let buyer_name = text("\u{1112}\u{1169}\u{11bc}길동 ");
        for facts in [
            Facts { buyer_name, ..approval() },
            Facts { buyer_email: text("Hong@Example.com"), ..approval() },
            Facts { pay_method: text("kakaopay"), ..approval() },
            Facts { accept_no: text("00000000"), ..approval() },
            Facts { at: text("2026-11-22"), ..approval() },
            Facts { buyer_name: None, accept_no: None, at: None, ..approval() },
        ] {
            let answer = Payment { buyer_email: text("hong@example.com"), ..paid() };
            check(&facts, &answer, Verdict::Confirmed, &[]);
        }
        let unread = Payment { accepted_at: text("yesterday"), ..paid() };
        check(&approval(), &unread, Verdict::Confirmed, &[]);
        let deposit = Facts { pay_method: text("VACCOUNT"), ..approval() };
        check(&deposit, &Payment { pay_method: text("VACCT"), ..paid() }, Verdict::Confirmed, &[]);
    }

    #[test]
    fn other_texts_of_the_shop_than_the_bills_are_a_mismatch() {
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
        for (facts, answer) in [(approval(), paid()), (cancel(4500), cancelled())] {
            let judged = judge(&facts, "K1", &answer, Some(&billed(9000)), Unrecorded::Accepted);
            assert_eq!(judged.verdict, Verdict::Mismatch);
            assert_eq!(judged.reasons, ["AMOUNT: CookiePay says 4500, the ledger's bill asks 9000"]);
        }
    }

    #[test]
    fn what_is_not_paid_is_unconfirmed() {
        check(&approval(), &unpaid(), Verdict::Unconfirmed, &["CookiePay says unpaid"]);
        let awaiting = Payment { pay_method: text("VACCT"), accept_no: None, accepted_at: None, ..paid() };
        let deposit = Facts { pay_method: text("VACCT"), ..approval() };
        check(&deposit, &awaiting, Verdict::Unconfirmed, &["CookiePay still awaits the deposit"]);
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
        let judged = judge(&forged, "K1", &paid(), None, Unrecorded::Doubted);
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
