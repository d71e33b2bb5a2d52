//! A connection to a real server, with the source, interface and mark that are configured.
//!
//! Decides which errors are the server's and which are this machine's (compat 21 §6). What an
//! outcome is called in a log line is not decided here.

use std::io;

use lvs::{Connect, Failure, Obstacle, Outcome};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::waits::{TooLong, Waits};

/// Connects, for `timeout` at the longest.
///
/// # Errors
/// With the outcome of an attempt that got no connection.
pub(crate) async fn connect(wish: &Connect) -> Result<TcpStream, Outcome> {
    let mut waits = Waits::begin(wish.timeout, wish.timeout);
    let socket = open(wish)?;
    begin(&socket, wish)?;
    let stream = TcpStream::from_std(socket.into()).map_err(|error| no_socket(&error))?;
    match waits.once(established(&stream)).await {
        Ok(Ok(())) => Ok(stream),
        Ok(Err(error)) => Err(Outcome::Failed(failed_later(&error))),
        Err(TooLong) => Err(Outcome::Failed(Failure::ConnectTimeout)),
    }
}

/// A socket that does not block and is not inherited, with its options set and bound.
fn open(wish: &Connect) -> Result<Socket, Outcome> {
    let kind = Type::STREAM.nonblocking().cloexec();
    let socket = Socket::new(Domain::for_address(wish.to), kind, Some(Protocol::TCP))
        .map_err(|error| no_socket(&error))?;
    if wish.mark != 0 {
        socket.set_mark(wish.mark).map_err(|error| not_set("fwmark", &wish.mark, &error))?;
    }
    if let Some(link) = &wish.link {
        let name = link.as_str().as_bytes();
        socket.bind_device(Some(name)).map_err(|error| not_set("bind_if", link, &error))?;
    }
    if let Some(from) = wish.from {
        socket.bind(&from.into()).map_err(|error| not_set("bindto", &from, &error))?;
    }
    Ok(socket)
}

/// Sends for the connection; that it is under way is success here.
fn begin(socket: &Socket, wish: &Connect) -> Result<(), Outcome> {
    match socket.connect(&SockAddr::from(wish.to)) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => {
            Err(refused_at_once(wish, &error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Waits until the connection is made or is known not to be.
async fn established(stream: &TcpStream) -> io::Result<()> {
    stream.async_io(Interest::WRITABLE, || settled(stream)).await
}

/// Whether the connection is made; `WouldBlock` as long as nothing is known.
fn settled(stream: &TcpStream) -> io::Result<()> {
    match stream.take_error()? {
        Some(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Some(error) => return Err(error),
        None => {}
    }
    match stream.peer_addr() {
        // A port of this machine that nobody listens on may meet itself when the kernel chooses
        // it for our end, too. That is no server.
        Ok(peer) if stream.local_addr()? == peer => Err(io::ErrorKind::ConnectionRefused.into()),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => {
            Err(io::ErrorKind::WouldBlock.into())
        }
        Err(error) => Err(error),
    }
}

/// `connect` failed before a packet was answered: either the network's fault, or this machine's,
/// of which having no port left (`EADDRNOTAVAIL`) and being forbidden to send are examples.
fn refused_at_once(wish: &Connect, error: &io::Error) -> Outcome {
    match error.raw_os_error() {
        Some(libc::ENETUNREACH) => Outcome::Failed(Failure::Unreachable),
        Some(libc::ETIMEDOUT) => Outcome::Failed(Failure::ConnectTimeout),
        Some(
            libc::EHOSTUNREACH
            | libc::ECONNREFUSED
            | libc::EHOSTDOWN
            | libc::ENETDOWN
            | libc::ECONNRESET
            | libc::ECONNABORTED,
        ) => Outcome::Failed(Failure::ConnectFailed),
        _ => not_set("connect", &wish.to, error),
    }
}

/// The attempt ended while it was under way: whatever the reason, it is the server's.
fn failed_later(error: &io::Error) -> Failure {
    match error.raw_os_error() {
        Some(libc::ETIMEDOUT) => Failure::ConnectTimeout,
        _ => Failure::ConnectFailed,
    }
}

fn no_socket(error: &io::Error) -> Outcome {
    Outcome::NotMade(Obstacle::Socket(error.to_string()))
}

fn not_set(what: &str, value: &dyn std::fmt::Display, error: &io::Error) -> Outcome {
    Outcome::NotMade(Obstacle::Bind(format!("{what} {value}: {error}")))
}
