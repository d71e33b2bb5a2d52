//! A socket to a real server, with the source, interface and mark that are configured.
//!
//! Decides which errors are the server's and which are this machine's (compat 21 §6). What an
//! outcome is called in a log line is not decided here.

use std::io;
use std::net::SocketAddr;

use lvs::{Connect, Failure, NotConnected, Obstacle, Outcome};
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use tokio::net::TcpStream;

use crate::waits::{TooLong, Waits};

/// Why there is no connection.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) fault: Fault,
    /// The number of the error; 0 when the kernel gave none.
    pub(crate) errno: i32,
}

/// Whose fault it is.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server's fault, or the network's.
    NotConnected(NotConnected),
    /// This machine's.
    NotMade(Obstacle),
}

impl Refusal {
    /// The server's fault, or the network's.
    fn not_connected(why: NotConnected, error: &io::Error) -> Self {
        let errno = error.raw_os_error().unwrap_or(0);
        Self { fault: Fault::NotConnected(why), errno }
    }

    /// The same, where whatever goes wrong is the server's.
    pub(crate) fn of_peer(self) -> Self {
        Self { fault: Fault::NotConnected(NotConnected::Failed), ..self }
    }

    fn not_made(obstacle: Obstacle, error: &io::Error) -> Self {
        let errno = error.raw_os_error().unwrap_or(0);
        Self { fault: Fault::NotMade(obstacle), errno }
    }

    /// The outcome, in the terms of a protocol.
    pub(crate) fn outcome(self, failure: impl FnOnce(NotConnected) -> Failure) -> Outcome {
        match self.fault {
            Fault::NotConnected(why) => Outcome::Failed(failure(why)),
            Fault::NotMade(obstacle) => Outcome::NotMade(obstacle),
        }
    }
}

/// Connects within the wait that is left.
///
/// # Errors
/// With the reason why there is no connection.
pub(crate) async fn connect(wish: &Connect, waits: &mut Waits) -> Result<TcpStream, Refusal> {
    let socket = open(wish, Type::STREAM, Protocol::TCP)?;
    begin(&socket, wish)?;
    let stream = TcpStream::from_std(socket.into()).map_err(|error| no_socket(&error))?;
    match waits.once(established(&stream, wish.to)).await {
        Ok(Ok(())) => Ok(stream),
        Ok(Err(error)) => Err(Refusal::not_connected(failed_later(&error), &error)),
        Err(TooLong) => {
            let late = io::ErrorKind::TimedOut.into();
            Err(Refusal::not_connected(NotConnected::Timeout, &late))
        }
    }
}

/// A socket that does not block and is not inherited, with its options set and bound.
///
/// # Errors
/// When it cannot be had.
pub(crate) fn open(wish: &Connect, kind: Type, protocol: Protocol) -> Result<Socket, Refusal> {
    let flags = kind.nonblocking().cloexec();
    let socket = Socket::new(Domain::for_address(wish.to), flags, Some(protocol))
        .map_err(|error| no_socket(&error))?;
    if wish.mark != 0 {
        let what = || format!("Checker can't set fwmark {}", wish.mark);
        socket.set_mark(wish.mark).map_err(|error| not_set(&what(), &error))?;
    }
    if let Some(link) = &wish.link {
        let name = link.as_str().as_bytes();
        let what = || format!("Checker can't bind to device {link}");
        socket.bind_device(Some(name)).map_err(|error| not_set(&what(), &error))?;
    }
    if let Some(from) = wish.from {
        if kind == Type::STREAM && from.port() == 0 {
            // Only with the destination it is known which ports are free: one leads to many servers.
            // Without the option, which every kernel since 4.2 has, each connection needs its own.
            let _ = setsockopt(&socket, sockopt::IpBindAddressNoPort, &true);
        }
        socket.bind(&from.into()).map_err(|error| not_set("Checker bind failed", &error))?;
    }
    Ok(socket)
}

/// Sends for the connection; that it is under way is success here.
///
/// # Errors
/// When there is no hope.
pub(crate) fn begin(socket: &Socket, wish: &Connect) -> Result<(), Refusal> {
    match socket.connect(&SockAddr::from(wish.to)) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => {
            Err(refused_at_once(&error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Waits until the connection to this address is made or is known not to be.
async fn established(stream: &TcpStream, to: SocketAddr) -> io::Result<()> {
    // The kernel calls a socket writable once its connection is made, or has failed.
    stream.writable().await?;
    if let Some(error) = stream.take_error()? {
        return Err(error);
    }
    // A port of this machine that nobody listens on may meet itself when the kernel chooses it for
    // our end, too. That is no server.
    let own = stream.local_addr()?;
    if (own.ip(), own.port()) == (to.ip(), to.port()) {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(())
}

/// `connect` failed before a packet was answered: either the network's fault, or this machine's,
/// of which having no port left (`EADDRNOTAVAIL`) and being forbidden to send are examples.
fn refused_at_once(error: &io::Error) -> Refusal {
    let why = match error.raw_os_error() {
        Some(libc::ENETUNREACH | libc::EHOSTUNREACH) => NotConnected::Unreachable,
        Some(libc::ETIMEDOUT) => NotConnected::Timeout,
        Some(
            libc::ECONNREFUSED
            | libc::EHOSTDOWN
            | libc::ENETDOWN
            | libc::ECONNRESET
            | libc::ECONNABORTED,
        ) => NotConnected::Failed,
        number => {
            let why = format!("socket connect error {} - {}", number.unwrap_or(0), text_of(error));
            return Refusal::not_made(Obstacle::Bind(why), error);
        }
    };
    Refusal::not_connected(why, error)
}

/// The attempt ended while it was under way: whatever the reason, it is the server's.
fn failed_later(error: &io::Error) -> NotConnected {
    match error.raw_os_error() {
        Some(libc::ETIMEDOUT) => NotConnected::Timeout,
        _ => NotConnected::Failed,
    }
}

pub(crate) fn no_socket(error: &io::Error) -> Refusal {
    Refusal::not_made(Obstacle::Socket(error.to_string()), error)
}

fn not_set(what: &str, error: &io::Error) -> Refusal {
    Refusal::not_made(Obstacle::Bind(format!("{what}: {}", text_of(error))), error)
}

/// What the system calls an error, without the number that the library puts behind it.
fn text_of(error: &io::Error) -> String {
    error.to_string().split(" (os error").next().unwrap_or_default().to_owned()
}
