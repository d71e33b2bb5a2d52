//! News of links, addresses, routes and rules, from whoever changes them.
//!
//! Decides what counts as news and when some of it was lost; what follows from it is decided by
//! whoever listens.

use std::io;
use std::net::IpAddr;
use std::task::Poll;

use net::{Held, Link, LinkIndex, LinkName};
use netlink::{Error, Message, messages};
use netlink_packet_core::{DecodeError, Parseable};
use netlink_packet_route::address::AddressMessage;
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{AsyncSocket, SocketAddr, TokioSocket};
use rtnetlink::MulticastGroup;
use sys::socket::ReceiveBuffer;
use tracing::warn;

use crate::address::held;
use crate::link;
use crate::message::{
    DELETE_ADDRESS, DELETE_LINK, DELETE_ROUTE, DELETE_RULE, NEW_ADDRESS, NEW_LINK,
};
use crate::route::RouteTrace;
use crate::rule::RuleTrace;

/// Bytes asked for the socket's receive buffer: some ten thousand changes at once.
const RECEIVE_BUFFER: usize = 16 << 20;
/// Room for one datagram; news of a link take a few kilobytes.
const DATAGRAM: usize = 64 << 10;
/// The most datagrams of one go, so that a flood does not keep the caller from its other work.
const AT_ONCE: usize = 256;

/// Something that happened to a link or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A link was made, or something about it changed; its addresses are not listed.
    LinkSeen(Link),
    /// A link went away, or moved to another network namespace.
    LinkGone {
        /// The number it had.
        index: LinkIndex,
        /// The name it had.
        name: LinkName,
    },
    /// An address was put on a link, or something about it changed.
    AddressSeen {
        /// The number of the link.
        index: LinkIndex,
        /// The address, and whether it can be used.
        held: Held,
        /// Its prefix length in bits.
        prefix: u8,
        /// The port of the netlink socket that did it (see [`crate::Socket::port`]); 0 when the
        /// kernel did, and always 0 for IPv6, where the kernel does not say.
        by: u32,
    },
    /// An address was taken off a link.
    AddressGone {
        /// The number of the link.
        index: LinkIndex,
        /// The address.
        ip: IpAddr,
        /// Its prefix length in bits.
        prefix: u8,
        /// As for [`Event::AddressSeen`].
        by: u32,
    },
    /// A route of keepalived left its table. When an interface goes down, the kernel removes
    /// routes of IPv4 without a word.
    RouteGone {
        /// What is known of it.
        route: RouteTrace,
        /// As for [`Event::AddressSeen`], and told for IPv6 too.
        by: u32,
    },
    /// A rule of keepalived was removed.
    RuleGone {
        /// What is known of it.
        rule: RuleTrace,
        /// As for [`Event::RouteGone`].
        by: u32,
    },
    /// News were lost: list everything anew.
    Overrun,
}

/// Listens to the kernel's news of links and addresses.
pub struct Monitor {
    socket: TokioSocket,
    buffer: Vec<u8>,
}

impl Monitor {
    /// Starts to listen in the network namespace of the calling thread. List links and addresses
    /// after this, not before, and no change is missed.
    ///
    /// # Errors
    /// When the kernel gives out no socket. Panics outside a tokio runtime.
    pub fn open() -> Result<Self, Error> {
        let socket = subscribe().map_err(Error::Open)?;
        let monitor = Self { socket, buffer: Vec::with_capacity(DATAGRAM) };
        let asked = sys::socket::force_receive_buffer(monitor.socket.socket_ref(), RECEIVE_BUFFER);
        asked.map_err(Error::Open)?;
        Ok(monitor)
    }

    /// Listens to news of routes and rules too; a second time changes nothing.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn watch_routing(&mut self) -> io::Result<()> {
        let groups = [
            MulticastGroup::Ipv4Route,
            MulticastGroup::Ipv6Route,
            MulticastGroup::Ipv4Rule,
            MulticastGroup::Ipv6Rule,
        ];
        let socket = self.socket.socket_mut();
        groups.into_iter().try_for_each(|group| socket.add_membership(group as u32))
    }

    /// Replaces its receive buffer of 16 MB.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn set_receive_buffer(&self, buffer: ReceiveBuffer) -> io::Result<()> {
        buffer.give_to(self.socket.socket_ref())
    }

    /// Waits for news and returns what there is by then, in order and never nothing. Dropping the
    /// future loses nothing.
    ///
    /// # Errors
    /// When the socket is broken; lost or unreadable news are an [`Event::Overrun`] instead.
    pub async fn next(&mut self) -> Result<Vec<Event>, Error> {
        loop {
            let mut events = Vec::new();
            let first = self.wait().await;
            self.take(first, &mut events)?;
            for _ in 1..AT_ONCE {
                self.buffer.clear();
                let flags = libc::MSG_DONTWAIT | libc::MSG_TRUNC;
                match self.socket.socket_ref().recv_from(&mut self.buffer, flags) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    received => self.take(received, &mut events)?,
                }
            }
            if !events.is_empty() {
                return Ok(events);
            }
        }
    }

    async fn wait(&mut self) -> io::Result<(usize, SocketAddr)> {
        let Self { socket, buffer } = self;
        std::future::poll_fn(|context| {
            buffer.clear();
            match socket.poll_recv_from(context, buffer) {
                Poll::Ready(Ok(sender)) => Poll::Ready(Ok((buffer.len(), sender))),
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// Turns the datagram in the buffer, or the failure to get one, into events.
    fn take(
        &self,
        received: io::Result<(usize, SocketAddr)>,
        events: &mut Vec<Event>,
    ) -> Result<(), Error> {
        match received {
            Ok((_, sender)) if sender.port_number() != 0 => {}
            Ok((length, _)) if length > self.buffer.len() => events.push(Event::Overrun),
            Ok(_) => events.extend(messages(&self.buffer).filter_map(news)),
            Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {
                events.push(Event::Overrun);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::Receive(error)),
        }
        Ok(())
    }
}

impl std::fmt::Debug for Monitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Monitor").field("socket", self.socket.socket_ref()).finish_non_exhaustive()
    }
}

fn subscribe() -> io::Result<TokioSocket> {
    let mut socket = TokioSocket::new(NETLINK_ROUTE)?;
    let inner = socket.socket_mut();
    inner.bind_auto()?;
    for group in [MulticastGroup::Link, MulticastGroup::Ipv4Ifaddr, MulticastGroup::Ipv6Ifaddr] {
        inner.add_membership(group as u32)?;
    }
    Ok(socket)
}

/// What a message is news of; a message that makes no sense may have been anything.
fn news(message: Result<Message<'_>, DecodeError>) -> Option<Event> {
    message.and_then(|message| event(&message)).unwrap_or_else(|error| {
        warn!(%error, "unreadable news from route netlink");
        Some(Event::Overrun)
    })
}

fn event(message: &Message<'_>) -> Result<Option<Event>, DecodeError> {
    let by = message.port;
    Ok(match message.kind {
        NEW_LINK => link::parse(message.payload)?.map(Event::LinkSeen),
        DELETE_LINK => link::parse(message.payload)?
            .map(|link| Event::LinkGone { index: link.index, name: link.name }),
        NEW_ADDRESS => address(message.payload)?.map(|(index, held, prefix)| Event::AddressSeen {
            index,
            held,
            prefix,
            by,
        }),
        DELETE_ADDRESS => address(message.payload)?
            .map(|(index, held, prefix)| Event::AddressGone { index, ip: held.ip, prefix, by }),
        DELETE_ROUTE => {
            RouteTrace::parse(message.payload)?.map(|route| Event::RouteGone { route, by })
        }
        DELETE_RULE => RuleTrace::parse(message.payload)?.map(|rule| Event::RuleGone { rule, by }),
        _ => None,
    })
}

fn address(payload: &[u8]) -> Result<Option<(LinkIndex, Held, u8)>, DecodeError> {
    let message = AddressMessage::parse(payload)?;
    let place = (LinkIndex(message.header.index), message.header.prefix_len);
    Ok(held(&message).map(|held| (place.0, held, place.1)))
}
