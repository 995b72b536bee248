//! Asking whether links were paid, and remembering the answers.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use super::pace::Pace;
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
    /// Which answers the ledger records.
    pub recorded: Recorded,
}

/// Which answers the ledger records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// All of them: the operator named the links.
    All,
    /// Those about links of its bills: anybody may have named the others, and as many as he likes.
    OfBills,
}

/// A renewed token is renewed again after this time at the earliest.
const RENEWAL_PAUSE: Duration = Duration::from_mins(1);

/// A token in use, and whether a refusal of it is worth one renewal: of one from the cache, or one
/// that has been good for an answer; of one that is itself a renewal only after a while.
pub struct HeldToken {
    token: Token,
    origin: Origin,
    since: Timestamp,
    was_good: bool,
}

/// Whether a doubtful answer may cost the token a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Where a new token may bring another answer.
    WhereItHelps,
    /// Only of a token that was good for no answer yet: anybody can name a link that `CookiePay` does not know, and
    /// the renewal is for others to need.
    OfUnproved,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Cache,
    Fresh,
    Renewal,
}

impl HeldToken {
    fn is_worth_renewal(&self, renewal: Renewal, now: Timestamp) -> bool {
        if renewal == Renewal::OfUnproved {
            return self.is_unproved();
        }
        let age = Duration::try_from(now.duration_since(self.since)).unwrap_or_default();
        match self.origin {
            Origin::Cache => true,
            Origin::Fresh => self.was_good,
            Origin::Renewal => age > RENEWAL_PAUSE,
        }
    }

    /// Whether nothing shows yet that it has not expired.
    fn is_unproved(&self) -> bool {
        self.origin == Origin::Cache && !self.was_good
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
    /// the token is renewed once where that may help, and those questions are asked once more. Until then such an
    /// answer is not recorded, and a token from the cache is tried with one link before the others are asked after.
    ///
    /// # Errors
    ///
    /// See [`InquiryError`]. A code of `CookiePay` is no error but the state `error`.
    pub fn payments(&mut self, url_keys: &[UrlKey]) -> Result<Vec<Answered>, InquiryError> {
        self.payments_renewing(url_keys, Renewal::WhereItHelps)
    }

    /// As [`Inquiry::payments`], with the token renewed only so far.
    ///
    /// # Errors
    ///
    /// See [`InquiryError`].
    pub fn payments_renewing(
        &mut self,
        url_keys: &[UrlKey],
        renewal: Renewal,
    ) -> Result<Vec<Answered>, InquiryError> {
        if url_keys.is_empty() {
            return Ok(Vec::new());
        }
        let held = match self.token.take() {
            Some(held) if held.token.is_usable((self.now)()) => held,
            _ => self.fetch()?,
        };
        let tried = if held.is_unproved() { 1 } else { url_keys.len() };
        self.token = Some(held);
        let (first, others) = url_keys.split_at(tried.min(url_keys.len()));
        let mut answers = self.ask(first)?;
        if !others.is_empty() && !answers.iter().any(is_doubtful) && !(self.stop)() {
            answers.extend(self.ask(others)?);
        }
        let doubtful: Vec<usize> =
            (0..).zip(&answers).filter(|(_, answer)| is_doubtful(answer)).map(|(place, _)| place).collect();
        if doubtful.is_empty() {
            return Ok(answers);
        }
        let now = (self.now)();
        if !self.token.as_ref().is_some_and(|held| held.is_worth_renewal(renewal, now)) {
            // No other token would bring another answer.
            let certain: Vec<(usize, Answered)> =
                doubtful.iter().filter_map(|place| Some((*place, answers.get(*place)?.clone()))).collect();
            self.write(url_keys, &certain)?;
            return Ok(answers);
        }
        self.renew()?;
        // Those behind the first, if it was tried alone, were not asked after yet.
        let open = doubtful.into_iter().chain(answers.len()..url_keys.len());
        self.ask_again(url_keys, open.collect(), answers)
    }

    /// Asks after the links in these places with the renewed token, and puts the answers in their places.
    fn ask_again(
        &mut self,
        url_keys: &[UrlKey],
        places: Vec<usize>,
        mut answers: Vec<Answered>,
    ) -> Result<Vec<Answered>, InquiryError> {
        let again: Vec<UrlKey> = places.iter().filter_map(|place| url_keys.get(*place).cloned()).collect();
        let mut fresh = self.ask(&again)?.into_iter();
        for place in places {
            match (answers.get_mut(place), fresh.next()) {
                (Some(slot), Some(answer)) => *slot = answer,
                (Some(slot), None) => *slot = Err(not_asked_again()),
                (None, Some(answer)) => answers.push(answer),
                (None, None) => break,
            }
        }
        Ok(answers)
    }

    fn renew(&mut self) -> Result<(), TokenError> {
        let refused = self.token.take();
        let (token, _) = self.tokens.token((self.now)(), refused.as_ref().map(|held| &held.token.secret))?;
        let since = (self.now)();
        self.token = Some(HeldToken { token, origin: Origin::Renewal, since, was_good: false });
        Ok(())
    }

    fn fetch(&self) -> Result<HeldToken, TokenError> {
        let (token, from_cache) = self.tokens.token((self.now)(), None)?;
        let origin = if from_cache { Origin::Cache } else { Origin::Fresh };
        Ok(HeldToken { token, origin, since: (self.now)(), was_good: false })
    }

    /// Asks with the token in use, and notes whether it is good.
    fn ask(&mut self, url_keys: &[UrlKey]) -> Result<Vec<Answered>, LedgerError> {
        let Some(token) = self.token.as_ref().map(|held| held.token.secret.clone()) else {
            return Ok(Vec::new());
        };
        let answers = self.ask_with(url_keys, &token)?;
        if let Some(held) = &mut self.token {
            held.was_good |= answers.iter().any(|answer| answer.is_ok() && !is_doubtful(answer));
        }
        Ok(answers)
    }

    /// Asks with this token, several questions at a time, and records what comes in groups.
    fn ask_with(&mut self, url_keys: &[UrlKey], token: &Secret) -> Result<Vec<Answered>, LedgerError> {
        if let [url_key] = url_keys {
            let answer = self.client.payment(token, url_key);
            self.record(url_keys, &[(0, answer.clone())])?;
            return Ok(vec![answer]);
        }
        let (questions, queue) = mpsc::channel::<(usize, UrlKey)>();
        let (answers, answered) = mpsc::channel();
        let queue = Mutex::new(queue);
        let client = self.client;
        let ask = |url_key: &UrlKey| client.payment(token, url_key);
        thread::scope(|scope| {
            let workers = 0..self.concurrency.clamp(1, url_keys.len());
            let hired = workers.map_while(|_| {
                let (queue, answers, ask) = (&queue, answers.clone(), &ask);
                thread::Builder::new().spawn_scoped(scope, move || work(queue, &answers, ask)).ok()
            });
            let is_alone = hired.count() == 0;
            drop(answers);
            if is_alone {
                self.ask_in_turn(url_keys, &ask)
            } else {
                self.collect(url_keys, questions, &answered)
            }
        })
    }

    /// Asks on this thread, one question after the other: the system gives no other thread.
    fn ask_in_turn(
        &mut self,
        url_keys: &[UrlKey],
        ask: &(dyn Fn(&UrlKey) -> Answered + Sync),
    ) -> Result<Vec<Answered>, LedgerError> {
        let mut all = Vec::with_capacity(url_keys.len());
        let mut pace = Pace::new(self.interval);
        for (place, url_key) in url_keys.iter().enumerate() {
            while pace.allows(1) == 0 && !(self.stop)() {
                thread::sleep(pace.wait());
            }
            if (self.stop)() {
                break;
            }
            pace.start();
            let answer = ask(url_key);
            self.record(url_keys, &[(place, answer.clone())])?;
            all.push(answer);
        }
        Ok(all)
    }

    fn collect(
        &mut self,
        url_keys: &[UrlKey],
        questions: Sender<(usize, UrlKey)>,
        answered: &Receiver<News>,
    ) -> Result<Vec<Answered>, LedgerError> {
        let mut waiting = url_keys.iter().cloned().enumerate();
        let mut pace = Pace::new(self.interval);
        let (mut asked, mut is_over) = (0_usize, false);
        let mut all: Vec<(usize, Answered)> = Vec::with_capacity(url_keys.len());
        let mut failure = None;
        loop {
            is_over |= (self.stop)() || failure.is_some();
            let free = self.concurrency.max(1).saturating_sub(asked.saturating_sub(all.len()));
            for _ in 0..if is_over { 0 } else { pace.allows(free) } {
                let Some(question) = waiting.next() else {
                    is_over = true;
                    break;
                };
                pace.start();
                asked = asked.saturating_add(1);
                let _workers_wait = questions.send(question);
            }
            if asked == all.len() {
                if is_over {
                    break;
                }
                // Only the rate keeps the next question back.
                thread::sleep(pace.wait());
                continue;
            }
            let news = answered.recv_timeout(pace.wait()).into_iter().chain(answered.try_iter());
            let (mut fresh, mut is_complete) = (Vec::new(), true);
            for news in news {
                is_complete &= news.is_some();
                fresh.extend(news);
            }
            if !fresh.is_empty()
                && let Err(error) = self.record(url_keys, &fresh)
            {
                failure.get_or_insert(error);
            }
            all.extend(fresh);
            if !is_complete {
                // The answer that a worker took with it never comes.
                break;
            }
        }
        drop(questions);
        all.sort_by_key(|(place, _)| *place);
        failure.map_or_else(|| Ok(all.into_iter().map(|(_, answer)| answer).collect()), Err)
    }

    /// Records the answers, but not those that another token may change.
    fn record(&mut self, url_keys: &[UrlKey], answers: &[(usize, Answered)]) -> Result<(), LedgerError> {
        if self.token.as_ref().is_none_or(|held| held.origin == Origin::Renewal) {
            return self.write(url_keys, answers);
        }
        let certain: Vec<_> = answers.iter().filter(|(_, answer)| !is_doubtful(answer)).cloned().collect();
        self.write(url_keys, &certain)
    }

    fn write(&mut self, url_keys: &[UrlKey], answers: &[(usize, Answered)]) -> Result<(), LedgerError> {
        if answers.is_empty() {
            return Ok(());
        }
        let (account, operator, at, recorded) = (self.account, self.operator, (self.now)(), self.recorded);
        let written = self.ledger.group(|group| {
            for (place, answer) in answers {
                if let (Some(url_key), Ok(payment)) = (url_keys.get(*place), answer) {
                    let observation = Observation { account, url_key, payment, at, operator };
                    match recorded {
                        Recorded::All => group.observe(&observation)?,
                        Recorded::OfBills => group.observe_own(&observation)?,
                    }
                }
            }
            Ok(())
        });
        written.map_err(LedgerError::after_request)
    }
}

/// Whether a code was answered that an expired token may have brought.
fn is_doubtful(answer: &Answered) -> bool {
    answer.as_ref().is_ok_and(|payment| payment.state() == PaymentState::Error)
}

/// Of a link that was answered with an error, perhaps for its token's sake, and not asked after once more.
fn not_asked_again() -> ApiError {
    let reason = "it was stopped before it asked again with another token".to_owned();
    ApiError::Unknown { host: "CookiePay".to_owned(), reason }
}

/// What a worker has to say: the answer to the question in this place, or that it has panicked. Then its question
/// stays without an answer, and the scope of the threads raises the panic again.
type News = Option<(usize, Answered)>;

/// Says so if the worker that holds it panics: nobody is to wait for its answer.
struct LastWords<'a>(&'a Sender<News>);

impl Drop for LastWords<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _nobody_waits = self.0.send(None);
        }
    }
}

/// A worker: asks until there are no more questions.
fn work(
    queue: &Mutex<Receiver<(usize, UrlKey)>>,
    answers: &Sender<News>,
    ask: &(dyn Fn(&UrlKey) -> Answered + Sync),
) {
    let _last_words = LastWords(answers);
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((place, url_key)) = next else { return };
        if answers.send(Some((place, ask(&url_key)))).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tempfile::TempDir;

    use super::*;
    use crate::api::{Proxy, Timeouts, TrustPaths};

    fn url_keys(count: usize) -> Vec<UrlKey> {
        (0..count).map(|number| format!("KEY{number}").parse().unwrap()).collect()
    }

    fn not_sent() -> Answered {
        Err(ApiError::NotSent { host: "nobody".to_owned(), reason: "asked".to_owned() })
    }

    /// An inquiry that asks nobody, and stops after so many looks whether it should.
    fn while_asking<T>(looks: usize, story: impl FnOnce(&mut Inquiry<'_>) -> T) -> T {
        let home = TempDir::new().unwrap();
        let mut ledger = Ledger::open(home.path()).unwrap();
        let timeouts = Timeouts { connect: Duration::from_secs(1), total: Duration::from_secs(1) };
        let client =
            Client::new("http://127.0.0.1:1", timeouts, Proxy::default(), &TrustPaths::default()).unwrap();
        let secret = Secret::new("key".to_owned());
        let left = Cell::new(looks);
        story(&mut Inquiry {
            ledger: &mut ledger,
            client: &client,
            tokens: TokenStore::new(home.path(), "http://127.0.0.1:1", &client, "id", &secret),
            account: &Account { environment: "sandbox".to_owned(), api_id: "shop01".to_owned() },
            operator: "kim@till",
            now: &|| Timestamp::UNIX_EPOCH,
            concurrency: 4,
            interval: None,
            stop: &|| left.replace(left.get().saturating_sub(1)) == 0,
            token: None,
            recorded: Recorded::All,
        })
    }

    #[test]
    fn without_another_thread_it_asks_one_after_the_other_until_it_is_stopped() {
        let all = while_asking(9, |inquiry| inquiry.ask_in_turn(&url_keys(5), &|_| not_sent()));
        assert_eq!(all.unwrap().len(), 5);
        let some = while_asking(2, |inquiry| inquiry.ask_in_turn(&url_keys(5), &|_| not_sent()));
        assert_eq!(some.unwrap().len(), 2);
    }

    #[test]
    fn the_answer_of_a_worker_that_panics_is_not_waited_for() {
        let (questions, queue) = mpsc::channel();
        let (answers, answered) = mpsc::channel();
        let queue = Mutex::new(queue);
        let ask = |url_key: &UrlKey| if url_key.as_str() == "KEY1" { panic!("of this") } else { not_sent() };
        let (keys, ask) = (url_keys(2), &ask);
        let (all, panics) = thread::scope(|scope| {
            let workers: Vec<_> = (0..2)
                .map(|_| {
                    let (queue, answers) = (&queue, answers.clone());
                    scope.spawn(move || work(queue, &answers, ask))
                })
                .collect();
            let all = while_asking(9, |inquiry| inquiry.collect(&keys, questions, &answered)).unwrap();
            (all, workers.into_iter().filter_map(|worker| worker.join().err()).count())
        });
        assert!(all.len() <= 1, "{all:?}");
        assert_eq!(panics, 1);
    }

    #[test]
    fn an_answer_that_a_busy_ledger_does_not_take_is_no_matter_of_waiting() {
        let error = while_asking(9, |inquiry| {
            let home = TempDir::new().unwrap();
            *inquiry.ledger = Ledger::open(home.path()).unwrap().without_patience();
            let answers = [(0, Ok(Payment::default()))];
            inquiry.record(&url_keys(1), &answers).unwrap();
            let other = rusqlite::Connection::open(Ledger::path(home.path())).unwrap();
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            inquiry.record(&url_keys(1), &answers).unwrap_err()
        });
        assert!(matches!(error, LedgerError::BusyAfterRequest { .. }), "{error}");
    }
}
