//! What goes into the core and what comes out of it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::config::{Config, Told};
use crate::event::Event;
use crate::packet::LENGTH;
use crate::units::SessionId;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Packets may be due. Nobody is called dead: that waits for [`Input::Timeout`], so that a
    /// driver which was held up can read its sockets before.
    Tick,
    /// A deadline may have passed.
    Timeout,
    /// A datagram came in.
    Packet(Arrival<'a>),
    /// The socket that [`Effect::Open`] asked for is there.
    Opened(SessionId),
    /// It could not be opened.
    NotOpened(SessionId),
    /// A packet was sent, or could not be. Only changes matter.
    Sending {
        /// The session of the packet.
        session: SessionId,
        /// Whether it was sent.
        works: bool,
    },
    /// A new configuration, loaded and checked.
    Reconfigure(Arc<Config>),
}

/// A datagram that came in, with what the kernel says about it.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Its sender; an IPv4 address may be written as an IPv6 one.
    pub source: SocketAddr,
    /// Where it was sent to, if known.
    pub destination: Option<IpAddr>,
    /// Its TTL or hop limit, if known.
    pub ttl: Option<u8>,
    /// Whether it came to port 4784, not 3784.
    pub multihop: bool,
    /// The payload. A truncated one is refused like any other wrong length.
    pub bytes: &'a [u8],
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open the socket that a session sends from; it replaces the one before. The answer is
    /// [`Input::Opened`] or [`Input::NotOpened`].
    Open(Outlet),
    /// Close the socket of a session that is gone.
    Close(SessionId),
    /// Tell those who track it that a session is up or down.
    Tell(Notice),
    /// Tell the operator, in the log.
    Report(Event),
}

/// Where a session sends its packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlet {
    /// The session.
    pub session: SessionId,
    /// Its name, for log lines.
    pub name: Arc<str>,
    /// Where to.
    pub neighbor: IpAddr,
    /// Where from, with a port of 49152 to 65535; without one the kernel chooses.
    pub source: Option<IpAddr>,
    /// The TTL or hop limit.
    pub ttl: u8,
    /// Whether to port 4784, not 3784.
    pub multihop: bool,
}

impl Outlet {
    /// The port to send to (RFC 5881 §4, RFC 5883 §5).
    #[must_use]
    pub const fn port(&self) -> u16 {
        if self.multihop { 4784 } else { 3784 }
    }
}

/// What those who track a session are told; the same may be said twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The session's name.
    pub name: Arc<str>,
    /// Whether it is up.
    pub up: bool,
    /// Whom to tell.
    pub told: Told,
}

/// A packet to send, before anything else is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmission {
    /// The session that sends it, from its own socket.
    pub session: SessionId,
    /// The payload.
    pub packet: [u8; LENGTH],
}
