//! Asking whether links were paid, and remembering the answers.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use crate::api::{ApiError, Client, Token, TokenError, TokenStore};
use crate::ledger::{Account, Ledger, LedgerError, Observation};
use crate::payment::{Payment, PaymentState, UrlKey};
use crate::secret::Secret;

/// Asks `urlcert`, with one token for all questions.
pub struct Inquiry<'a> {
    /// Where the answers are recorded.
    pub ledger: &'a mut Ledger,
    /// Where the questions go.
    pub client: &'a Client,
    /// Where tokens are kept.
    pub tokens: TokenStore<'a>,
    /// Whose links they are.
    pub account: &'a Account,
    /// Who asks: user@host.
    pub operator: &'a str,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Questions in flight at most.
    pub concurrency: usize,
    /// Time between two questions at least.
    pub interval: Option<Duration>,
    /// Whether no further question is to be asked.
    pub stop: &'a dyn Fn() -> bool,
    /// The token in use.
    pub token: Option<HeldToken>,
}

/// A token in use, and whether a refusal of it is worth one renewal: of one from the cache, or one
/// that has been good for an answer; never of one that is itself a renewal.
pub struct HeldToken {
    token: Token,
    origin: Origin,
    was_good: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Cache,
    Fresh,
    Renewal,
}

impl HeldToken {
    fn is_worth_renewal(&self) -> bool {
        match self.origin {
            Origin::Cache => true,
            Origin::Fresh => self.was_good,
            Origin::Renewal => false,
        }
    }
}

/// Why there are no answers.
#[derive(Debug, thiserror::Error)]
pub enum InquiryError {
    /// No token could be had.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The answers could not be recorded.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The answer to one question, recorded; or why there is none, and it may be asked again.
pub type Answered = Result<Payment, ApiError>;

impl Inquiry<'_> {
    /// Asks after every link. Each answer is recorded before it is returned; those of questions that
    /// were not asked because of `stop` are missing at the end.
    ///
    /// A code that is neither 0000 nor EA01 may mean an expired token (reference, "Was it paid"), so
    /// the token is renewed once where that may help, and those questions are asked once more.
    ///
    /// # Errors
    ///
    /// See [`InquiryError`]. A code of `CookiePay` is no error but the state `error`.
    pub fn payments(&mut self, url_keys: &[UrlKey]) -> Result<Vec<Answered>, InquiryError> {
        if url_keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut held = match self.token.take() {
            Some(held) if held.token.is_usable((self.now)()) => held,
            _ => self.fetch()?,
        };
        let mut answers = self.ask(url_keys, &held.token.secret)?;
        let doubtful =
            |answer: &Answered| answer.as_ref().is_ok_and(|payment| payment.state() == PaymentState::Error);
        held.was_good |= answers.iter().any(|answer| answer.is_ok() && !doubtful(answer));
        if !held.is_worth_renewal() || !answers.iter().any(doubtful) {
            self.token = Some(held);
            return Ok(answers);
        }
        let (token, _) = self.tokens.token((self.now)(), Some(&held.token.secret))?;
        let renewed = HeldToken { token, origin: Origin::Renewal, was_good: false };
        let places: Vec<usize> =
            (0..answers.len()).filter(|place| answers.get(*place).is_some_and(doubtful)).collect();
        let again: Vec<UrlKey> = places.iter().filter_map(|place| url_keys.get(*place).cloned()).collect();
        for (place, answer) in places.into_iter().zip(self.ask(&again, &renewed.token.secret)?) {
            if let Some(slot) = answers.get_mut(place) {
                *slot = answer;
            }
        }
        self.token = Some(renewed);
        Ok(answers)
    }

    fn fetch(&self) -> Result<HeldToken, TokenError> {
        let (token, from_cache) = self.tokens.token((self.now)(), None)?;
        let origin = if from_cache { Origin::Cache } else { Origin::Fresh };
        Ok(HeldToken { token, origin, was_good: false })
    }

    /// Asks with this token, several questions at a time, and records what comes in groups.
    fn ask(&mut self, url_keys: &[UrlKey], token: &Secret) -> Result<Vec<Answered>, LedgerError> {
        if let [url_key] = url_keys {
            let answer = self.client.payment(token, url_key);
            self.record(url_keys, &[(0, answer.clone())])?;
            return Ok(vec![answer]);
        }
        let (questions, queue) = mpsc::channel::<(usize, UrlKey)>();
        let (answers, answered) = mpsc::channel();
        let queue = Mutex::new(queue);
        let client = self.client;
        thread::scope(|scope| {
            for _ in 0..self.concurrency.clamp(1, url_keys.len()) {
                let (queue, answers) = (&queue, answers.clone());
                scope.spawn(move || work(queue, &answers, client, token));
            }
            drop(answers);
            self.collect(url_keys, questions, &answered)
        })
    }

    fn collect(
        &mut self,
        url_keys: &[UrlKey],
        questions: Sender<(usize, UrlKey)>,
        answered: &Receiver<(usize, Answered)>,
    ) -> Result<Vec<Answered>, LedgerError> {
        let mut waiting = url_keys.iter().cloned().enumerate();
        let interval = self.interval;
        // Asks so many more and says how many there were.
        let mut ask = |more: usize| {
            waiting.by_ref().take(more).fold(0_usize, |asked, question| {
                interval.into_iter().for_each(thread::sleep);
                let _workers_wait = questions.send(question);
                asked.saturating_add(1)
            })
        };
        let mut asked = ask(self.concurrency.max(1));
        let mut all: Vec<(usize, Answered)> = Vec::with_capacity(url_keys.len());
        let mut failure = None;
        while all.len() < asked {
            let Ok(first) = answered.recv() else { break };
            let mut fresh = vec![first];
            fresh.extend(answered.try_iter());
            if failure.is_none() && !(self.stop)() {
                asked = asked.saturating_add(ask(fresh.len()));
            }
            if let Err(error) = self.record(url_keys, &fresh) {
                failure.get_or_insert(error);
            }
            all.extend(fresh);
        }
        drop(questions);
        all.sort_by_key(|(place, _)| *place);
        failure.map_or_else(|| Ok(all.into_iter().map(|(_, answer)| answer).collect()), Err)
    }

    fn record(&mut self, url_keys: &[UrlKey], answers: &[(usize, Answered)]) -> Result<(), LedgerError> {
        let (account, operator, at) = (self.account, self.operator, (self.now)());
        self.ledger.group(|group| {
            for (place, answer) in answers {
                if let (Some(url_key), Ok(payment)) = (url_keys.get(*place), answer) {
                    group.observe(&Observation { account, url_key, payment, at, operator })?;
                }
            }
            Ok(())
        })
    }
}

/// A worker: asks until there are no more questions.
fn work(
    queue: &Mutex<Receiver<(usize, UrlKey)>>,
    answers: &Sender<(usize, Answered)>,
    client: &Client,
    token: &Secret,
) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((place, url_key)) = next else { return };
        if answers.send((place, client.payment(token, &url_key))).is_err() {
            return;
        }
    }
}
