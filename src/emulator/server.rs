//! The server: a thread with a runtime of its own, from the first connection to the last.

use std::fmt;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::error::EmulatorError;
use super::fault::Fault;
use super::routes;
use super::shared::Shared;
use super::state::{Counts, Offer, State};
use super::{DEFAULT_ADDRESS, Options, PayBase, connection, notify, tls};

/// `/p/` and at least ten characters of the key behind it; a PAYURL has fifty at most.
const LONGEST_BASE: usize = 50 - 3 - 10;

/// How long requests in flight may take after a stop was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(50);

/// A running emulator. Dropping it stops it, as [`Emulator::stop`] does.
pub struct Emulator {
    address: SocketAddr,
    url: String,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Emulator").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Emulator {
    /// Starts a server. When this returns, the port is bound and connections are taken.
    ///
    /// # Errors
    ///
    /// When the address is not a loopback address or not free, the state cannot be opened, the
    /// notify URL is not plain `http://`, links would be too long, or certificate and key do not
    /// serve.
    pub fn start(options: Options) -> Result<Self, EmulatorError> {
        let wanted = loopback(&options.listen)?;
        if let Some(url) = &options.notify_url {
            notify::check_url(url)?;
        }
        let acceptor = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let state = State::open(&options.state_file, options.now.clone(), options.random)?;
        let listener = bind(wanted, &options.listen)?;
        let address = listener.local_addr().map_err(|source| EmulatorError::Start { source })?;
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{address}");
        let base = match options.pay_base {
            PayBase::OwnAddress => url.clone(),
            PayBase::Served => state.served_at()?.unwrap_or_else(|| format!("http://{DEFAULT_ADDRESS}")),
            PayBase::Given(base) => base,
        };
        if base.len() > LONGEST_BASE {
            return Err(EmulatorError::PayBase { base });
        }
        // A server on a port of the system's choice is gone with its command: no link of another
        // process should name it.
        let served_at = (wanted.port() != 0).then(|| url.clone());
        let offer = Offer { served_at, notify_url: options.notify_url };
        let shared = Shared::announce(state, options.faults, offer, base, options.now, options.journal)?;
        let shared = Arc::new(shared);
        let (stop, stopped) = watch::channel(false);
        let work = Work { listener, acceptor, router: routes::router(Arc::clone(&shared)), stopped };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|source| EmulatorError::Start { source })?;
        let farewell = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("emulator".to_owned())
            .spawn(move || {
                runtime.block_on(work.run());
                farewell.close();
            })
            .map_err(|source| EmulatorError::Start { source })?;
        Ok(Self { address, url, shared, stop, thread: Some(thread) })
    }

    /// The address and port it is bound to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What requests begin with, without a `/` at its end, such as `http://127.0.0.1:7400`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// What has happened to the state since its last reset, by whatever process.
    ///
    /// # Errors
    ///
    /// When the state cannot be read.
    pub fn counts(&self) -> Result<Counts, EmulatorError> {
        self.shared.state().counts()
    }

    /// How many messages were sent of the bill with this number.
    ///
    /// # Errors
    ///
    /// When the state cannot be read.
    pub fn message_count(&self, bill_no: &str) -> Result<u64, EmulatorError> {
        self.shared.state().message_count(bill_no)
    }

    /// Replaces all faults, from the next request and notification on. A state that fails is told
    /// to the journal.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.shared.set_faults(faults);
    }

    /// Stops: takes no more connections, finishes the requests in flight and the notifications
    /// under way, posts the one that a fault kept back, and returns when all is closed.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread has been reported by the panic hook already.
            let _ = thread.join();
        }
    }
}

/// The first address of `listen`, if it is open to this machine only.
fn loopback(listen: &str) -> Result<SocketAddr, EmulatorError> {
    let address = listen
        .to_socket_addrs()
        .ok()
        .and_then(|mut addresses| addresses.next())
        .ok_or_else(|| EmulatorError::Address { address: listen.to_owned() })?;
    if !address.ip().is_loopback() {
        return Err(EmulatorError::NotLoopback { address: listen.to_owned() });
    }
    Ok(address)
}

fn bind(address: SocketAddr, listen: &str) -> Result<TcpListener, EmulatorError> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|source| EmulatorError::Listen { address: listen.to_owned(), source })
}

/// What the server's thread does.
struct Work {
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    stopped: watch::Receiver<bool>,
}

impl Work {
    async fn run(mut self) {
        let Ok(listener) = tokio::net::TcpListener::from_std(self.listener) else {
            return;
        };
        let mut conversations = JoinSet::new();
        let stopped = self.stopped.clone();
        loop {
            tokio::select! {
                _ = self.stopped.wait_for(|stopped| *stopped) => break,
                Some(_) = conversations.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        conversations.spawn(connection::serve(
                            stream,
                            self.acceptor.clone(),
                            self.router.clone(),
                            stopped.clone(),
                        ));
                    }
                    Err(_) => sleep(PAUSE).await,
                },
            }
        }
        drop(listener);
        let _ = timeout(GRACE, async { while conversations.join_next().await.is_some() {} }).await;
    }
}
