//! One connection: HTTP/1.1 with keep-alive until the client or the server has had enough, and
//! the abrupt ends that faults ask for, which a ready-made server would not allow.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::mischief::{Abort, or_abort};

/// How long a client may take to shake hands, or to send the head of a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the rest of a refused request is read and thrown away before the connection closes,
/// so that the refusal is not lost to a TCP reset.
const LINGER: Duration = Duration::from_millis(500);

/// Serves `stream` until it ends or `stop` turns true.
pub(super) async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: watch::Receiver<bool>,
) {
    // Replies are small and single: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    match tls {
        None => converse(stream, router, stop).await,
        Some(acceptor) => {
            if let Ok(Ok(stream)) = timeout(PATIENCE, acceptor.accept(stream)).await {
                converse(stream, router, stop).await;
            }
        }
    }
}

/// A stream that stands on a TCP connection.
trait Transport: AsyncRead + AsyncWrite + Unpin {
    fn tcp(&self) -> &TcpStream;
}

impl Transport for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Transport for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

async fn converse<Stream: Transport>(stream: Stream, router: Router, mut stop: watch::Receiver<bool>) {
    let ending = Arc::new(OnceLock::new());
    let noted = Arc::clone(&ending);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let reply = router.call(request);
        let noted = Arc::clone(&noted);
        Box::pin(async move {
            or_abort(reply.await).inspect_err(|how: &Abort| {
                let _ = noted.set(*how);
            })
        })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    let mut stopping = false;
    loop {
        tokio::select! {
            // How it ended does not matter: there is nobody left to tell.
            _ = poll_fn(|context| connection.poll_without_shutdown(context)) => break,
            _ = stop.wait_for(|stop| *stop), if !stopping => {
                stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
    let stream = connection.into_parts().io.into_inner();
    if ending.get() == Some(&Abort::Reset) {
        // With nothing to linger for, closing sends RST instead of FIN.
        let _ = stream.tcp().set_zero_linger();
    } else {
        let rest = if stopping { Rest::Leave } else { Rest::Read };
        let _ = timeout(LINGER, close(stream, rest)).await;
    }
}

/// What is done about that which the client still sends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// It is read, so that it does not turn the end of the connection into a reset.
    Read,
    /// It is left: a stop should not wait for clients that keep idle connections.
    Leave,
}

/// Says that nothing more will come, and hears the client out.
async fn close<Stream: Transport>(stream: Stream, rest: Rest) -> io::Result<()> {
    let mut stream = pin!(stream);
    poll_fn(|context| stream.as_mut().poll_shutdown(context)).await?;
    while rest == Rest::Read && poll_fn(|context| discard(stream.as_mut(), context)).await? > 0 {}
    Ok(())
}

fn discard<Stream: AsyncRead>(
    stream: Pin<&mut Stream>,
    context: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    let mut space = [0_u8; 4096];
    let mut buffer = ReadBuf::new(&mut space);
    stream.poll_read(context, &mut buffer).map_ok(|()| buffer.filled().len())
}
