//! Connections, plain or under TLS, that can be cut.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

/// A listener whose connections can be cut.
pub(super) enum Connections {
    Plain(TcpListener),
    /// Connections whose handshake is done; a slow one holds nobody else up.
    Secure(SocketAddr, mpsc::Receiver<(Stream, SocketAddr)>),
}

/// A connection that can be cut.
pub(super) struct Connection {
    stream: Stream,
    cut: Cut,
}

type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// The scissors of one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Cut(Arc<AtomicBool>);

impl Cut {
    /// Cuts: nothing more is sent.
    pub(super) fn cut(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), Error> {
        if self.0.load(Ordering::SeqCst) { Err(ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl Connections {
    /// Speaks TLS on a listener; needs a tokio runtime.
    pub(super) fn secure(listener: TcpListener, acceptor: TlsAcceptor) -> std::io::Result<Self> {
        let addr = listener.local_addr()?;
        let (done, next) = mpsc::channel(16);
        tokio::spawn(shake_hands(listener, acceptor, done));
        Ok(Connections::Secure(addr, next))
    }
}

async fn shake_hands(
    mut listener: TcpListener,
    acceptor: TlsAcceptor,
    done: mpsc::Sender<(Stream, SocketAddr)>,
) {
    loop {
        let (stream, addr) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = done.closed() => return,
        };
        let (acceptor, done) = (acceptor.clone(), done.clone());
        tokio::spawn(async move {
            // A client that does not trust us hangs up: its own error tells it more than ours would.
            if let Ok(stream) = acceptor.accept(stream).await {
                let _ = done.send((Either::Right(Box::new(stream)), addr)).await;
            }
        });
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, addr) = match self {
            Connections::Plain(listener) => {
                let (stream, addr) = Listener::accept(listener).await;
                (Either::Left(stream), addr)
            }
            Connections::Secure(_, next) => match next.recv().await {
                Some(accepted) => accepted,
                None => std::future::pending().await,
            },
        };
        (Connection { stream, cut: Cut::default() }, addr)
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        match self {
            Connections::Plain(listener) => listener.local_addr(),
            Connections::Secure(addr, _) => Ok(*addr),
        }
    }
}

impl Connected<IncomingStream<'_, Connections>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        stream.io().cut.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.cut.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
