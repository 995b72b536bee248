//! The workers behind `noti listen`: one asks CookiePay, one hands on. Each has connections of its own, so that
//! neither stands in the way of what comes in.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::super::context::Context;
use super::super::watch::token_store;
use super::choice;
use super::stored::composer;
use super::unrecorded;
use crate::api::Client;
use crate::cli::{NotiListenArgs, OnlyVerdict};
use crate::config::Profile;
use crate::delivery::{Inquiry, Recorded, Renewal, Verification};
use crate::error::Error;
use crate::ledger::{Account, Due, Ledger, NotificationStore};
use crate::noti::Unrecorded;
use crate::output::Scope;
use crate::receiver::{Bell, Event, HandingOver, Journal, Targets, Verifier};
use crate::secret::Secret;
use crate::world::Surroundings;

/// What wakes the workers.
#[derive(Default)]
pub(super) struct Bells {
    /// The one that checks.
    pub(super) verify: Arc<Bell>,
    /// The one that hands on.
    pub(super) hand_on: Arc<Bell>,
}

impl Bells {
    /// It is time to end.
    pub(super) fn end(&self) {
        self.verify.end();
        self.hand_on.end();
    }

    /// Whether some worker cannot go on.
    pub(super) fn have_failed(&self) -> bool {
        self.verify.has_failed() || self.hand_on.has_failed()
    }
}

/// What both workers need, fetched before anything is received.
pub(super) struct Workers {
    checker: Option<Checker>,
    messenger: Option<Messenger>,
    due: Due,
    concurrency: usize,
    interval: Duration,
    unrecorded: Unrecorded,
    account: Account,
    surroundings: Surroundings,
    journal: Journal,
}

/// The way to CookiePay.
struct Checker {
    store: NotificationStore,
    ledger: Ledger,
    links: Ledger,
    client: Client,
    pay2_key: Secret,
    data_directory: PathBuf,
}

/// Those who are to have what comes.
struct Messenger {
    store: NotificationStore,
    targets: Targets,
}

impl Workers {
    /// Fetches keys, looks at the targets and opens ledgers, as far as the arguments ask for them. `secrets` are the
    /// variables that no program is to find in its environment.
    pub(super) fn prepare(
        arguments: &NotiListenArgs,
        profile: &Profile,
        account: &Account,
        secrets: &[String],
        journal: Journal,
        context: &mut Context,
    ) -> Result<Self, Error> {
        let checker = if arguments.verify {
            Some(Checker {
                pay2_key: profile.pay2_key()?,
                client: context.connect(profile)?,
                store: context.notifications()?,
                ledger: context.ledger()?,
                links: context.ledger()?,
                data_directory: context.data_directory.clone(),
            })
        } else {
            None
        };
        let targets = choice::targets(&arguments.targets, secrets, context)?;
        let messenger = if targets.is_empty() {
            None
        } else {
            Some(Messenger { store: context.notifications()?, targets })
        };
        let due = match (arguments.only, arguments.verify) {
            (Some(OnlyVerdict::Confirmed), _) => Due::HandOnConfirmed,
            // What is to be checked is handed on with its verdict.
            (None, true) => Due::HandOnVerified,
            (None, false) => Due::HandOn,
        };
        let (concurrency, interval) = (arguments.concurrency.into(), arguments.verify_rate);
        let unrecorded = unrecorded(arguments.accept_unrecorded);
        let (account, surroundings) = (account.clone(), context.surroundings.clone());
        Ok(Self {
            checker,
            messenger,
            due,
            concurrency,
            interval,
            unrecorded,
            account,
            surroundings,
            journal,
        })
    }

    /// Whether somebody else is to have what comes.
    pub(super) fn hand_on(&self) -> bool {
        self.messenger.is_some()
    }

    /// Lets them work until the bells end them. The bell of one that panics fails at once; the panic itself is what
    /// is returned.
    pub(super) fn run(self, profile: &Profile, scope: &Scope, bells: &Bells) -> thread::Result<()> {
        let Self {
            checker,
            messenger,
            due,
            concurrency,
            interval,
            unrecorded,
            account,
            surroundings,
            journal,
        } = self;
        let (clock, random) = (&*surroundings.clock, &*surroundings.random);
        let (account, journal) = (&account, &journal);
        thread::scope(|threads| {
            // In here: the scope waits for its other thread before anything outside of it is dropped.
            let _watch = bells.hand_on.watch();
            let checking = checker.map(|checker| {
                let check = || {
                    let _watch = bells.verify.watch();
                    let Checker { mut store, mut ledger, links, client, pay2_key, data_directory } = checker;
                    let inquiry = Inquiry {
                        ledger: &mut ledger,
                        client: &client,
                        tokens: token_store(&client, profile, &pay2_key, &data_directory),
                        account,
                        operator: &surroundings.operator,
                        now: &|| clock.now(),
                        concurrency,
                        interval: None,
                        stop: &|| bells.verify.is_over(),
                        token: None,
                        recorded: Recorded::OfBills,
                    };
                    let verification = Verification {
                        inquiry,
                        store: &mut store,
                        unrecorded,
                        renewal: Renewal::WhereItHelps,
                    };
                    let judged = &bells.hand_on;
                    let mut verifier =
                        Verifier::new(verification, links, interval, random, judged, journal.clone());
                    verifier.run(&bells.verify);
                };
                thread::Builder::new().spawn_scoped(threads, check)
            });
            if let Some(Err(error)) = &checking {
                journal(Event::Trouble(format!("nothing can be checked: {error}")));
                bells.verify.fail();
            }
            if let Some(Messenger { store, targets }) = messenger {
                let handing_over = HandingOver {
                    store,
                    account: account.clone(),
                    targets,
                    compose: &composer(scope.clone()),
                    now: &|| clock.now(),
                    elapsed: &|| clock.elapsed(),
                    random,
                    due,
                    journal: journal.clone(),
                };
                handing_over.run(&bells.hand_on);
            }
            checking.and_then(Result::ok).map_or(Ok(()), thread::ScopedJoinHandle::join)
        })
    }
}
