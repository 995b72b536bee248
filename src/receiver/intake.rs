//! Makes notifications durable: one thread, one ledger, and whatever has come meanwhile in one transaction.
//!
//! So many connections share one sync of the disk. The invariant: a notification is acknowledged only after the
//! transaction that holds it is durable. A ledger that fails refuses the notifications at hand and is tried again
//! with the next ones, since a full disk may be emptied.

use std::sync::Arc;

use axum::body::Bytes;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::bell::Bell;
use super::event::{Event, Journal};
use crate::ledger::{Account, Arrival, Ledger, LedgerError, Stored};
use crate::noti::{Facts, Identity};
use crate::payment::HandingOn;

/// So many notifications share a transaction at most, so that the first need not wait for a flood to end.
const MOST: usize = 256;

/// A notification to be stored.
pub(super) struct Parcel {
    /// What it claims.
    pub(super) facts: Facts,
    /// What makes it the same as another.
    pub(super) identity: Identity,
    /// As it came.
    pub(super) body: Bytes,
    /// Told what became of it.
    pub(super) acknowledge: oneshot::Sender<Kept>,
}

/// What became of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is durable.
    Durable,
    /// It is not in the ledger.
    Lost,
}

/// The thread's side.
pub(super) struct Intake {
    /// Where notifications are stored.
    pub(super) ledger: Ledger,
    /// Whose they are.
    pub(super) account: Account,
    /// Whether they are to be handed on.
    pub(super) handing_on: HandingOn,
    /// The clock.
    pub(super) now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Whoever watches.
    pub(super) journal: Journal,
    /// The workers that are woken when something new is stored.
    pub(super) bells: Vec<Arc<Bell>>,
    /// What comes.
    pub(super) parcels: mpsc::Receiver<Parcel>,
}

impl Intake {
    /// Stores what comes until nobody is left to send.
    pub(super) fn run(mut self) {
        let mut parcels = Vec::with_capacity(MOST);
        let mut is_in_trouble = false;
        while self.parcels.blocking_recv_many(&mut parcels, MOST) > 0 {
            match self.store(&parcels) {
                Ok(stored) => {
                    if std::mem::take(&mut is_in_trouble) {
                        (self.journal)(Event::Trouble("notifications can be stored again".to_owned()));
                    }
                    self.acknowledge(&mut parcels, stored);
                }
                Err(error) => {
                    if !std::mem::replace(&mut is_in_trouble, true) {
                        (self.journal)(Event::Trouble(format!(
                            "notifications are refused with 503 until they can be stored again: {error}"
                        )));
                    }
                    for parcel in parcels.drain(..) {
                        let _client_has_left = parcel.acknowledge.send(Kept::Lost);
                    }
                }
            }
        }
    }

    /// Makes all of them durable, or none.
    fn store(&mut self, parcels: &[Parcel]) -> Result<Vec<Stored>, LedgerError> {
        let Self { ledger, account, handing_on, now, .. } = self;
        let at = now();
        ledger.group(|group| {
            let stored = parcels.iter().map(|parcel| {
                group.store(&Arrival {
                    account,
                    identity: parcel.identity,
                    kind: parcel.facts.kind.as_str(),
                    tid: parcel.facts.tid.as_deref(),
                    url_key: parcel.facts.url_key.as_deref(),
                    body: &parcel.body,
                    at,
                    handing_on: *handing_on,
                })
            });
            stored.collect()
        })
    }

    /// Tells the clients first, then the workers, then whoever watches.
    fn acknowledge(&self, parcels: &mut Vec<Parcel>, stored: Vec<Stored>) {
        let is_news = stored.iter().any(|stored| matches!(stored, Stored::New(_)));
        let events: Vec<Event> = parcels
            .drain(..)
            .zip(stored)
            .map(|(parcel, stored)| {
                let _client_has_left = parcel.acknowledge.send(Kept::Durable);
                event(parcel.facts, stored)
            })
            .collect();
        if is_news {
            for bell in &self.bells {
                bell.ring();
            }
        }
        for event in events {
            (self.journal)(event);
        }
    }
}

fn event(facts: Facts, stored: Stored) -> Event {
    match stored {
        Stored::New(id) => {
            Event::Stored { id, kind: facts.kind.as_str(), tid: facts.tid, amount: facts.amount }
        }
        Stored::Copy(id) => Event::Copy { id },
    }
}
