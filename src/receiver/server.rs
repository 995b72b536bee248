//! The server: a thread that takes connections and reads requests, and a thread that stores.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout};

use super::bell::Bell;
use super::connection::{self, Rules};
use super::error::ReceiverError;
use super::event::{Event, Journal};
use super::gate::Gate;
use super::intake::Intake;
use super::post::{self, Post};
use super::seats::{SEATS, Seat, Seats};
use crate::ledger::{Account, Ledger, NotificationStore};
use crate::payment::HandingOn;
use crate::secret::Secret;

/// How long requests in flight may take after a stop was asked for.
const GRACE: Duration = Duration::from_secs(10);

/// More patience than this nobody means; a moment that far away still exists.
const MOST_PATIENCE: Duration = Duration::from_hours(24);

/// How long to wait when the system has no room for another connection, or nobody can go for a new one.
const PAUSE: Duration = Duration::from_millis(10);

/// The same trouble is told again after this time.
const SPELL: Duration = Duration::from_secs(10);

/// Connections that the system keeps until they are taken.
const BACKLOG: u32 = 1024;

/// What a receiver needs.
pub struct Options {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// The path that is posted to.
    pub path: String,
    /// The secret that must follow the path.
    pub token: Option<Secret>,
    /// How long a request may take to come, and a connection may be idle.
    pub read_timeout: Duration,
    /// Where notifications are stored.
    pub store: NotificationStore,
    /// So many bytes of what is not confirmed are kept; beyond, only what may be of a link in the ledger.
    pub limit: u64,
    /// What links there are.
    pub ledger: Ledger,
    /// Whose they are.
    pub account: Account,
    /// Whether they are to be checked.
    pub is_verifying: bool,
    /// Whether they are to be handed on.
    pub handing_on: HandingOn,
    /// The clock.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Whoever watches.
    pub journal: Journal,
    /// The workers that are woken when something new is stored.
    pub bells: Vec<Arc<Bell>>,
    /// Whether the disk takes anything: asked by the health check, and may block.
    pub can_store: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// A running receiver. Dropping it stops it, as [`Receiver::stop`] does.
pub struct Receiver {
    address: SocketAddr,
    shown_path: String,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Receiver").field("url", &self.shown_url()).finish_non_exhaustive()
    }
}

impl Receiver {
    /// Starts a receiver. When this returns, the port is bound and connections are taken.
    ///
    /// # Errors
    ///
    /// When address, path or secret break their rules, the port is in use or not ours to take, or the system gives
    /// no threads.
    pub fn start(options: Options) -> Result<Self, ReceiverError> {
        let gate = Gate::new(&options.path, options.token.as_ref())?;
        let shown_path = gate.shown().to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|source| ReceiverError::Start { source })?;
        let listener = listen(&options.listen, &runtime)?;
        let address = listener.local_addr().map_err(|source| ReceiverError::Start { source })?;
        // A connection has one request under way at most, so nobody ever waits to hand one over.
        let (intake, parcels) = mpsc::channel(SEATS.saturating_add(1));
        let Options { store, limit, ledger, account, is_verifying, handing_on, now, .. } = options;
        let Options { journal, bells, read_timeout, can_store, .. } = options;
        let post = Post {
            gate,
            account: account.clone(),
            journal: Arc::clone(&journal),
            intake,
            can_store,
            has_lost: AtomicBool::new(false),
        };
        let router = Router::new().fallback(post::answer).with_state(Arc::new(post));
        let rules =
            Rules { router, patience: read_timeout.min(MOST_PATIENCE), journal: Arc::clone(&journal) };
        let intake =
            Intake { store, ledger, limit, account, is_verifying, handing_on, now, journal, bells, parcels };
        let (stop, stopped) = watch::channel(false);
        let door = Door { listener, rules: Arc::new(rules), stopped };
        // Each ends by itself once the one before it has: with the last connection nobody is left to send.
        let threads = vec![
            spawn("receiver", move || runtime.block_on(door.run()))?,
            spawn("intake", move || intake.run())?,
        ];
        Ok(Self { address, shown_path, stop, threads })
    }

    /// The address and port it is bound to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it is to be posted to, the secret masked: `http://127.0.0.1:7500/noti/****`.
    #[must_use]
    pub fn shown_url(&self) -> String {
        format!("http://{}{}", self.address, self.shown_path)
    }

    /// Whether it still receives: a defect may have ended one of its threads.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.threads.iter().any(JoinHandle::is_finished)
    }

    /// Stops: takes no more connections, answers the requests in flight once they are stored, and returns when all
    /// is closed.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        for thread in self.threads.drain(..) {
            // A panic of a thread has been reported by the panic hook already.
            let _ = thread.join();
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, ReceiverError> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned.map_err(|source| ReceiverError::Start { source })
}

/// Binds the first address of this text.
fn listen(text: &str, runtime: &Runtime) -> Result<TcpListener, ReceiverError> {
    let address = text
        .to_socket_addrs()
        .ok()
        .and_then(|mut addresses| addresses.next())
        .ok_or_else(|| ReceiverError::Address { address: text.to_owned() })?;
    let _for_registration = runtime.enter();
    bind(address).map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => ReceiverError::InUse { address: text.to_owned() },
        _ => ReceiverError::Listen { address: text.to_owned(), source },
    })
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Connections that a receiver before this one had do not keep its port; on Windows this would mean that the
    // port of one that runs can be taken from it.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Where connections come in.
struct Door {
    listener: TcpListener,
    rules: Arc<Rules>,
    stopped: watch::Receiver<bool>,
}

impl Door {
    /// Takes connections until it is told to stop, then waits for those that have a request under way.
    async fn run(self) {
        let Self { listener, rules, mut stopped } = self;
        let mut conversations = JoinSet::new();
        let mut seats = Seats::default();
        let mut system_is_full = false;
        let mut told = None;
        let for_all = stopped.clone();
        loop {
            let is_full = seats.are_too_few();
            if is_full || system_is_full {
                seats.ask_longest_waiting(Instant::now());
            }
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => break,
                Some(ended) = conversations.join_next_with_id() => seats.leave(task_of(&ended)),
                accepted = listener.accept(), if !is_full && !system_is_full => match accepted {
                    Ok((stream, _)) => {
                        let seat = Arc::new(Seat::new(Instant::now()));
                        let conversation = converse(stream, &seat, &rules, &for_all);
                        seats.take(conversations.spawn(conversation).id(), seat);
                    }
                    Err(error) => {
                        system_is_full = is_full_system(&error);
                        if system_is_full && told.is_none_or(|told: Instant| told.elapsed() > SPELL) {
                            told = Some(Instant::now());
                            let what = format!("no more connections can be taken for now: {error}");
                            (rules.journal)(Event::Trouble(what));
                        }
                    }
                },
                () = sleep(PAUSE), if is_full || system_is_full => system_is_full = false,
            }
        }
        drop(listener);
        let _ = timeout(GRACE, async { while conversations.join_next().await.is_some() {} }).await;
    }
}

fn converse(
    stream: TcpStream,
    seat: &Arc<Seat>,
    rules: &Arc<Rules>,
    stop: &watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + 'static {
    connection::serve(stream, Arc::clone(seat), Arc::clone(rules), stop.clone())
}

/// A conversation that panicked has ended, too.
fn task_of(ended: &Result<(Id, ()), JoinError>) -> Id {
    match ended {
        Ok((task, ())) => *task,
        Err(error) => error.id(),
    }
}

/// Whether it is the system that has no room, rather than a client that has left while it waited to be taken.
fn is_full_system(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::Interrupted
            | ErrorKind::WouldBlock
    )
}
