//! Makes notifications durable: one thread, one store, and whatever has come meanwhile in one transaction.
//!
//! So many connections share one sync of the disk. The invariant: a notification is acknowledged only after the
//! transaction that holds it is durable. A store that fails refuses the notifications at hand and is tried again
//! with the next ones, since a full disk may be emptied. The ledger is only looked into, for whether it knows the
//! link that a notification names: that says what comes first, and what is taken when there is little room.

use std::sync::Arc;

use axum::body::Bytes;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::bell::Bell;
use super::event::{Event, Journal};
use crate::ledger::{Account, Arrival, Ledger, LedgerError, Named, NotificationStore, Rank, Stored};
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
    /// It is not in the store.
    Lost,
    /// There is no room for what nobody needs.
    NoRoom,
}

/// The thread's side.
pub(super) struct Intake {
    /// Where notifications are stored.
    pub(super) store: NotificationStore,
    /// What links there are.
    pub(super) ledger: Ledger,
    /// So many bytes of what is not confirmed are kept.
    pub(super) limit: u64,
    /// Whose they are.
    pub(super) account: Account,
    /// Whether they are to be checked.
    pub(super) is_verifying: bool,
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
        let mut is_full = false;
        while self.parcels.blocking_recv_many(&mut parcels, MOST) > 0 {
            match self.store(&parcels) {
                Ok(stored) => {
                    if std::mem::take(&mut is_in_trouble) {
                        (self.journal)(Event::Trouble("notifications can be stored again".to_owned()));
                    }
                    let was_full = std::mem::replace(&mut is_full, stored.contains(&Stored::Full));
                    if is_full && !was_full {
                        (self.journal)(Event::Trouble(
                            "there is no room for more that nothing confirms: only notifications of links that the ledger \
                             knows are taken, others are refused with 503; `--store-limit` makes room"
                                .to_owned(),
                        ));
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
        let links = self.links_of(parcels);
        let Self { store, account, is_verifying, handing_on, now, limit, .. } = self;
        let at = now();
        store.group(|group| {
            let stored = parcels.iter().zip(&links).map(|(parcel, link)| {
                let facts = &parcel.facts;
                let is_foreign = facts.api_id.as_ref().is_some_and(|named| *named != account.api_id);
                let rank = rank(facts, link.as_deref(), is_foreign);
                group.store(&Arrival {
                    account,
                    identity: parcel.identity,
                    kind: facts.kind.as_str(),
                    tid: facts.tid.as_deref(),
                    url_key: link.as_deref().or(facts.url_key.as_deref()),
                    rank,
                    // What can be confirmed by a link of ours, so that the limit for one link counts each of them.
                    is_needed: rank == Rank::Known,
                    limit: *limit,
                    body: &parcel.body,
                    at,
                    verify_at: is_verifying.then_some(at),
                    handing_on: *handing_on,
                })
            });
            stored.collect()
        })
    }

    /// The links of ours that they name. A ledger that cannot be read keeps none from being stored: the links are
    /// recognised later.
    fn links_of(&self, parcels: &[Parcel]) -> Vec<Option<String>> {
        let named: Vec<Named<'_>> = parcels
            .iter()
            .map(|parcel| Named {
                url_key: parcel.facts.url_key.as_deref(),
                tid: parcel.facts.tid.as_deref(),
            })
            .collect();
        self.ledger.links_of(&self.account, &named).unwrap_or_else(|_| vec![None; parcels.len()])
    }

    /// Tells the clients first, then the workers, then whoever watches.
    fn acknowledge(&self, parcels: &mut Vec<Parcel>, stored: Vec<Stored>) {
        let is_news = stored.iter().any(|stored| matches!(stored, Stored::New(_)));
        let events: Vec<Event> = parcels
            .drain(..)
            .zip(stored)
            .filter_map(|(parcel, stored)| {
                let kept = if stored == Stored::Full { Kept::NoRoom } else { Kept::Durable };
                let _client_has_left = parcel.acknowledge.send(kept);
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

/// What comes first: what no question can confirm never keeps CookiePay or a target busy.
fn rank(facts: &Facts, link: Option<&str>, is_foreign: bool) -> Rank {
    match (link, &facts.url_key) {
        _ if is_foreign => Rank::Hopeless,
        (Some(_), Some(_)) => Rank::Known,
        (Some(_), None) if facts.is_cancel() => Rank::Known,
        (None, Some(_)) => Rank::Other,
        (_, None) => Rank::Hopeless,
    }
}

/// Nothing is told of each that there is no room for.
fn event(facts: Facts, stored: Stored) -> Option<Event> {
    match stored {
        Stored::New(id) => {
            Some(Event::Stored { id, kind: facts.kind.as_str(), tid: facts.tid, amount: facts.amount })
        }
        Stored::Copy(id) => Some(Event::Copy { id }),
        Stored::Full => None,
    }
}
