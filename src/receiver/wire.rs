//! The stream of a connection, which notes when something of a request comes, shows its head, and notes whether the
//! client takes what it is told.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::head::Heads;
use super::seats::Seat;

/// A TCP stream with the seat of its connection.
pub(super) struct Wire {
    pub(super) stream: TcpStream,
    seat: Arc<Seat>,
    heads: Heads,
    /// Whether part of an answer waits for a client that does not read.
    pub(super) is_stuck: bool,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, seat: Arc<Seat>, heads: Heads) -> Self {
        Self { stream, seat, heads, is_stuck: false }
    }

    /// Notes how a write went.
    fn noting<T>(&mut self, written: Poll<T>) -> Poll<T> {
        self.is_stuck = written.is_pending();
        written
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let come = buffer.filled().get(before..).unwrap_or_default();
        if !come.is_empty() {
            self.seat.heard(Instant::now());
            self.heads.pass(come);
        }
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, data);
        self.noting(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
