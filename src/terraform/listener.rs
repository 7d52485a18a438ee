//! Where we listen: a unix socket in a folder of our own, or a loopback port.

use std::convert::Infallible;
use std::io;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use crate::terraform::handshake::Host;

/// How long a peer may take to prove who it is.
const TLS_PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A bound listener. A unix socket and its folder are removed when it is dropped.
pub enum Listener {
    /// A socket that only its owner, and perhaps a group, can reach.
    #[cfg(unix)]
    Unix(tokio::net::UnixListener, tempfile::TempDir),
    /// A loopback port.
    Tcp(TcpListener),
}

#[cfg(unix)]
const SOCKET: &str = "s";

impl Listener {
    /// Binds where go-plugin would: a unix socket, in `folder` unless the host names another one, or on Windows a port.
    ///
    /// # Errors
    ///
    /// A folder that cannot be written, a path beyond 104 bytes, a group that does not exist, no
    /// free port.
    pub async fn bind(host: &Host, folder: &std::path::Path) -> io::Result<Self> {
        #[cfg(unix)]
        return Listener::unix(host.socket_folder.as_deref().unwrap_or(folder), host.socket_group.as_deref());
        #[cfg(not(unix))]
        return Listener::tcp(host.ports.clone()).await;
    }

    /// Binds a unix socket in a new folder that only we can enter, or also a group.
    ///
    /// # Errors
    ///
    /// See [`Listener::bind`].
    #[cfg(unix)]
    pub fn unix(parent: &std::path::Path, group: Option<&str>) -> io::Result<Self> {
        let explain = |error: io::Error| {
            let advice = "Set PLUGIN_UNIX_SOCKET_DIR or TMPDIR to a writable folder with a short path";
            io::Error::new(
                error.kind(),
                format!("no socket in {}: {error}. {advice}, e.g. /tmp.", parent.display()),
            )
        };
        let ours = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        let mut folder = tempfile::Builder::new();
        let folder = folder.prefix("plugin").permissions(ours).tempdir_in(parent).map_err(explain)?;
        let socket = folder.path().join(SOCKET);
        let listener = tokio::net::UnixListener::bind(&socket).map_err(explain)?;
        match group {
            Some(group) => share(folder.path(), &socket, group)?,
            None => restrict(&socket, 0o600)?,
        }
        Ok(Listener::Unix(listener, folder))
    }

    /// Binds the first free loopback port of a range.
    ///
    /// # Errors
    ///
    /// No port of the range is free.
    pub async fn tcp(ports: RangeInclusive<u16>) -> io::Result<Self> {
        for port in ports.clone() {
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
                return Ok(Listener::Tcp(listener));
            }
        }
        let problem = format!("no free port from {} to {} on 127.0.0.1", ports.start(), ports.end());
        Err(io::Error::new(io::ErrorKind::AddrInUse, problem))
    }

    /// Returns the network and the address, as the handshake line names them.
    ///
    /// # Errors
    ///
    /// The system no longer knows the address.
    pub fn address(&self) -> io::Result<(&'static str, String)> {
        match self {
            #[cfg(unix)]
            Listener::Unix(_, folder) => Ok(("unix", folder.path().join(SOCKET).display().to_string())),
            Listener::Tcp(listener) => Ok(("tcp", listener.local_addr()?.to_string())),
        }
    }

    async fn accept(&self) -> io::Result<Connection> {
        match self {
            #[cfg(unix)]
            Listener::Unix(listener, _) => Ok(Connection::new(listener.accept().await?.0)),
            Listener::Tcp(listener) => Ok(Connection::new(listener.accept().await?.0)),
        }
    }

    /// Sends the connections as they come, after TLS where that is wanted, and never returns.
    ///
    /// Each peer proves itself in a task of its own, so that a slow or false one keeps nobody
    /// waiting; it is never an error of the whole. The loop itself is no task: whoever stops
    /// polling it has the listener back, and can be sure that the socket is removed.
    pub async fn admit_all(&self, tls: Option<TlsAcceptor>, sender: Admitted) -> Infallible {
        loop {
            match self.accept().await {
                Ok(connection) => drop(tokio::spawn(admit(connection, tls.clone(), sender.clone()))),
                // Out of descriptors, mostly; trying at once would only spin.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// Where connections go that may speak.
pub type Admitted = mpsc::Sender<io::Result<Connection>>;

async fn admit(connection: Connection, tls: Option<TlsAcceptor>, sender: Admitted) {
    let admitted = match tls {
        Some(tls) => match tokio::time::timeout(TLS_PATIENCE, tls.accept(connection)).await {
            Ok(Ok(secured)) => Connection::new(secured),
            Ok(Err(error)) => return tracing::warn!(%error, "a connection was refused"),
            Err(_) => return tracing::warn!("a connection was refused: it took too long"),
        },
        None => connection,
    };
    // Nobody receives any more when we are shutting down.
    let _ = sender.send(Ok(admitted)).await;
}

#[cfg(unix)]
fn restrict(path: &std::path::Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(unix)]
fn share(folder: &std::path::Path, socket: &std::path::Path, group: &str) -> io::Result<()> {
    let id = group_id(group)?;
    std::os::unix::fs::chown(folder, None, Some(id))?;
    std::os::unix::fs::chown(socket, None, Some(id))?;
    restrict(folder, 0o750)?;
    restrict(socket, 0o660)
}

/// Returns the number of a group, from itself or from `/etc/group`.
#[cfg(unix)]
fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let groups = std::fs::read_to_string("/etc/group")?;
    let id = |line: &str| {
        let mut fields = line.split(':');
        (fields.next() == Some(group)).then(|| fields.nth(1)?.parse().ok()).flatten()
    };
    groups.lines().find_map(id).ok_or_else(|| {
        let problem = format!("PLUGIN_UNIX_SOCKET_GROUP names {group:?}, and there is no such group");
        io::Error::new(io::ErrorKind::NotFound, problem)
    })
}

/// What a connection can do, whatever it is made of.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection to the host: socket or port, with or without TLS.
///
/// One type for all four, so that the HTTP/2 machinery is compiled once.
pub struct Connection(Box<dyn Duplex>);

impl Connection {
    fn new(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Connection(Box::new(stream))
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}
