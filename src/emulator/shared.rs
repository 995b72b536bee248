//! What all connections of a server share: the state, the faults of replies, the journal, and the
//! notifications under way.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::clock::{Now, rfc3339};
use super::delivery::{self, Posting, Road, Step};
use super::error::EmulatorError;
use super::fault::{self, Endpoint, Fault, FaultKind, Strike};
use super::journal::{Journal, JournalEntry};
use super::state::{Notification, Offer, State};

/// What all connections share.
pub(super) struct Shared {
    state: Mutex<State>,
    /// Those of replies; the state has those of notifications.
    faults: Mutex<Vec<Fault>>,
    offer: Offer,
    /// What links begin with.
    pub(super) base: String,
    now: Now,
    journal: Mutex<Option<Journal>>,
    deliveries: Mutex<Vec<JoinHandle<()>>>,
    /// Whether late notifications are to be late no longer.
    closing: Mutex<bool>,
    closed: Condvar,
}

/// The lock's own poison says only that some other request panicked; the state is consistent
/// because every operation is a transaction.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Announces `offer` and the faults to the state.
    pub(super) fn announce(
        mut state: State,
        faults: Vec<Fault>,
        offer: Offer,
        base: String,
        now: Now,
        journal: Option<Journal>,
    ) -> Result<Self, EmulatorError> {
        let (of_notifications, of_replies) = partition(faults);
        state.announce(&offer, &of_notifications)?;
        Ok(Self {
            state: Mutex::new(state),
            faults: Mutex::new(of_replies),
            offer,
            base,
            now,
            journal: Mutex::new(journal),
            deliveries: Mutex::default(),
            closing: Mutex::default(),
            closed: Condvar::default(),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Now, as entries of the journal have it.
    pub(super) fn at(&self) -> String {
        rfc3339((self.now)())
    }

    pub(super) fn tell(&self, entry: &JournalEntry) {
        if let Some(journal) = lock(&self.journal).as_mut() {
            journal(entry);
        }
    }

    /// What strikes the next request of `endpoint`.
    pub(super) fn strike(&self, endpoint: Endpoint) -> Strike<FaultKind> {
        fault::strike_reply(&mut lock(&self.faults), endpoint)
    }

    /// Replaces all faults, from the next request and notification on.
    pub(super) fn set_faults(&self, faults: Vec<Fault>) {
        let (of_notifications, of_replies) = partition(faults);
        *lock(&self.faults) = of_replies;
        if let Some(url) = &self.offer.notify_url {
            let replaced = self.state().replace_faults(url, &of_notifications);
            if let Err(error) = replaced {
                self.report(&error);
            }
        }
    }

    /// Delivers a notification without making the customer wait for the merchant's server, nor
    /// for a fault.
    pub(super) fn deliver(self: &Arc<Self>, notification: Notification) {
        let shared = Arc::clone(self);
        let delivery = thread::Builder::new().spawn(move || {
            if let Err(error) = delivery::deliver(&mut &*shared, &notification) {
                shared.report(&error);
            }
        });
        let delivery = match delivery {
            Ok(delivery) => delivery,
            Err(source) => return self.report(&EmulatorError::Start { source }),
        };
        let mut deliveries = lock(&self.deliveries);
        deliveries.retain(|delivery| !delivery.is_finished());
        deliveries.push(delivery);
    }

    pub(super) fn report(&self, error: &EmulatorError) {
        let at = self.at();
        let error = match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        self.tell(&JournalEntry::Failure { at, error });
    }

    /// Waits for the notifications under way, of which the late ones go at once, takes back what
    /// the state says of this server, and posts what was kept back.
    pub(super) fn close(&self) {
        *lock(&self.closing) = true;
        self.closed.notify_all();
        for delivery in std::mem::take(&mut *lock(&self.deliveries)) {
            let _ = delivery.join();
        }
        if let Err(error) = self.withdraw() {
            self.report(&error);
        }
    }

    fn withdraw(&self) -> Result<(), EmulatorError> {
        let kept_back = self.state().withdraw(&self.offer)?;
        if let (Some(notification), Some(url)) = (kept_back, &self.offer.notify_url) {
            delivery::post(&mut &*self, url, &notification, Posting::Overtaken)?;
        }
        Ok(())
    }
}

/// Those of notifications, and those of replies.
fn partition(faults: Vec<Fault>) -> (Vec<Fault>, Vec<Fault>) {
    faults.into_iter().partition(Fault::is_of_notifications)
}

/// The road of the pay pages, whose lock nobody holds for long.
impl Road for &Shared {
    fn state<T>(&mut self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut Shared::state(self))
    }

    fn wait(&mut self, delay: Duration) {
        let closing = lock(&self.closing);
        // However the wait ended, the notification is posted now.
        let _ended = self.closed.wait_timeout_while(closing, delay, |closing| !*closing);
    }

    fn tell(&mut self, step: Step) {
        let at = self.at();
        Shared::tell(self, &JournalEntry::Notification { at, step });
    }
}
