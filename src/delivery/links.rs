//! Asking after bills rather than links: a bill that was sent again may have several links, and each can be paid.

use super::inquiry::{Answered, Inquiry, InquiryError};
use crate::payment::{Payment, PaymentState, UrlKey, telling_link};

impl Inquiry<'_> {
    /// Asks after every link of each of these bills, as [`Inquiry::payments`] does. The answers about a bill come in
    /// the order of its links; bills of which not every link was asked after, because of `stop`, are missing at the
    /// end.
    ///
    /// # Errors
    ///
    /// See [`InquiryError`].
    pub fn payments_of_bills(&mut self, bills: &[Vec<UrlKey>]) -> Result<Vec<Vec<Answered>>, InquiryError> {
        let mut answers = self.payments(&bills.concat())?.into_iter();
        let of_bill = |links: &Vec<UrlKey>| {
            let own: Vec<Answered> = answers.by_ref().take(links.len()).collect();
            (own.len() == links.len()).then_some(own)
        };
        Ok(bills.iter().map_while(of_bill).collect())
    }
}

/// The answer that tells the state of a bill for this amount of won, among those about its links, the newest first,
/// with its place there. Where no link is known to be paid, that is the failure of one which has no answer, since it
/// may be the paid one, or else that another amount was paid.
#[must_use]
pub fn telling_answer(answers: Vec<Answered>, billed: Option<u64>) -> Option<(usize, Answered)> {
    let state = |payment: &Payment| match billed {
        Some(billed) => payment.state_of_bill(billed),
        None => payment.state(),
    };
    let states: Vec<_> = answers.iter().map(|answer| answer.as_ref().ok().map(state)).collect();
    let is_paid = states.contains(&Some(PaymentState::Paid));
    let failed = answers.iter().position(Result::is_err).filter(|_| !is_paid);
    let is_other_amount = |answer: &Answered| {
        answer.as_ref().is_ok_and(|payment| payment.amount.is_some() && payment.amount != billed)
    };
    let other_amount = answers.iter().position(is_other_amount).filter(|_| !is_paid && billed.is_some());
    let place = failed.or(other_amount).or_else(|| telling_link(states))?;
    answers.into_iter().nth(place).map(|answer| (place, answer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ApiError;

    #[expect(clippy::unnecessary_wraps, reason = "it reads as the answer it is")]
    fn said(code: &str, amount: u64) -> Answered {
        Ok(Payment { result_code: code.to_owned(), amount: Some(amount), ..Payment::default() })
    }

    fn nothing() -> Answered {
        Err(ApiError::NotSent { host: "nobody".to_owned(), reason: "asked".to_owned() })
    }

    #[test]
    fn a_link_without_an_answer_tells_of_its_bill_unless_another_is_paid() {
        let place = |answers: Vec<Answered>| telling_answer(answers, Some(4500)).unwrap().0;
        assert_eq!(place(vec![said("EA01", 4500), nothing()]), 1);
        assert_eq!(place(vec![nothing(), said("0000", 4500)]), 1);
        assert_eq!(place(vec![said("EA01", 4500), said("0000", 4500)]), 1);
        // Another amount is no payment of the bill, but more than that it is unpaid.
        assert_eq!(place(vec![said("EA01", 4500), said("0000", 4400)]), 1);
        assert_eq!(place(vec![said("0000", 4400), said("0000", 4500)]), 1);
        assert!(telling_answer(Vec::new(), None).is_none());
    }
}
