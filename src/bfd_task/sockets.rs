//! The sockets of the BFD task: one to receive for each kind of session, one to send for each
//! session (compat 22 §4).
//!
//! Which are needed is decided by the core. A listening socket that a reload asks for and that
//! cannot be opened is tried again every [`AGAIN`]; when to try a sending one again is the core's
//! business.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::task::{Context, Poll};
use std::time::Duration;

use bfd::{Arrival, Outlet, SessionId};
use fastrand::Rng;
use sys::datagram::{Arrived, DatagramReceiver, DatagramSender};
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;

use crate::log::Log;

/// Where sessions over one hop are listened for (RFC 5881 §4).
const SINGLE_HOP: u16 = 3784;
/// Where sessions over several hops are (RFC 5883 §5).
const MULTIHOP: u16 = 4784;
/// The ports that packets may come from (RFC 5881 §4).
const SOURCES: RangeInclusive<u16> = 49_152..=65_535;
/// With fewer ports than these left, the system's range for ordinary programs does not count.
const ENOUGH: u16 = 1_024;
/// Longer datagrams are no packets of ours.
const LONGEST: usize = 32;
/// How long to wait before a listening socket is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// Packets read from one socket before the timers get their turn.
const PACKETS: usize = 1_024;

/// The sockets that hear, opened before there is a task.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    single_hop: Option<DatagramReceiver>,
    multihop: Option<DatagramReceiver>,
}

impl Listeners {
    /// Opens what these sessions need.
    ///
    /// # Errors
    /// When a port is taken; the text says which.
    pub(crate) fn open(wanted: bfd::config::Listeners) -> io::Result<Self> {
        let open = |wanted: bool, port| wanted.then(|| receiver(port)).transpose();
        Ok(Self {
            single_hop: open(wanted.single_hop, SINGLE_HOP)?,
            multihop: open(wanted.multihop, MULTIHOP)?,
        })
    }
}

fn receiver(port: u16) -> io::Result<DatagramReceiver> {
    let told = |error: io::Error| {
        let text = format!("Unable to open listening socket: UDP port {port}: {error}");
        io::Error::new(error.kind(), text)
    };
    DatagramReceiver::open(port).map_err(told)
}

pub(super) struct Sockets {
    /// By whether it is for several hops.
    listening: BTreeMap<bool, AsyncFd<DatagramReceiver>>,
    sending: BTreeMap<SessionId, DatagramSender>,
    retry_at: Option<Instant>,
    rng: Rng,
    log: Log,
}

impl Sockets {
    /// # Errors
    /// When no more sockets can be watched. Use inside a runtime.
    pub(super) fn new(listeners: Listeners, seed: u64, log: Log) -> io::Result<Self> {
        let Listeners { single_hop, multihop } = listeners;
        let mut listening = BTreeMap::new();
        for (kind, receiver) in [(false, single_hop), (true, multihop)] {
            if let Some(receiver) = receiver {
                listening.insert(kind, receiver.watch()?);
            }
        }
        let (sending, rng) = (BTreeMap::new(), Rng::with_seed(seed));
        Ok(Self { listening, sending, retry_at: None, rng, log })
    }

    /// Listens where it is wanted, and nowhere else.
    pub(super) fn listen(&mut self, wanted: bfd::config::Listeners) {
        let tried_before = self.retry_at.take().is_some();
        let kinds = [(false, SINGLE_HOP, wanted.single_hop), (true, MULTIHOP, wanted.multihop)];
        for (kind, port, wanted) in kinds {
            let there = self.listening.remove(&kind);
            if !wanted {
                continue;
            }
            let opened = match there {
                Some(receiver) => Ok(receiver),
                None => receiver(port).and_then(DatagramReceiver::watch),
            };
            match opened {
                Ok(receiver) => drop(self.listening.insert(kind, receiver)),
                Err(error) => {
                    self.retry_at = Some(Instant::now() + AGAIN);
                    if !tried_before {
                        self.log.error(format!("{error} - trying on"));
                    }
                }
            }
        }
    }

    /// Ends when [`Self::listen`] shall be tried again.
    pub(super) async fn retry(&self) {
        match self.retry_at {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Opens the socket of a session, in place of the one it had; says whether it could.
    pub(super) fn open(&mut self, outlet: &Outlet) -> bool {
        let to = SocketAddr::new(outlet.neighbor, outlet.port());
        let ports = sources();
        let first = self.rng.u16(ports.clone());
        match DatagramSender::open(outlet.source, to, outlet.ttl, ports, first) {
            Ok(sender) => {
                self.sending.insert(outlet.session, sender);
                true
            }
            Err(error) => {
                self.sending.remove(&outlet.session);
                self.log.detail(format!("({}) bind() error ({error})", outlet.name));
                false
            }
        }
    }

    pub(super) fn close(&mut self, session: SessionId) {
        self.sending.remove(&session);
    }

    /// Sends a packet of a session; says whether it could.
    pub(super) fn send(&self, session: SessionId, packet: &[u8]) -> bool {
        self.sending.get(&session).is_some_and(|sender| sender.send(packet).is_ok())
    }

    /// Waits until some socket holds a packet.
    pub(super) async fn readable(&self) {
        poll_fn(|context| self.poll_readable(context)).await;
    }

    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut ready = Poll::Pending;
        for receiver in self.listening.values() {
            // Both are polled: each has to know whom to wake.
            if receiver.poll_read_ready(context).is_ready() {
                ready = Poll::Ready(());
            }
        }
        ready
    }

    /// Hands over every packet that is there. Bounded: a flood cannot keep the timers waiting.
    pub(super) fn receive(&self, mut each: impl FnMut(Arrival<'_>)) {
        let mut room = [0; LONGEST];
        for (multihop, receiver) in &self.listening {
            for _ in 0..PACKETS {
                match try_receive(receiver, &mut room) {
                    Some(Ok(arrived)) if arrived.truncated => {
                        let from = arrived.source;
                        self.log.detail(format!("BFD packet from {from}: message truncated"));
                    }
                    Some(Ok(arrived)) => each(arrival(&arrived, *multihop, &room)),
                    Some(Err(error)) => {
                        self.log.detail(format!("BFD receive error: {error}"));
                        break;
                    }
                    None => break,
                }
            }
        }
    }
}

/// Looks into a socket whether or not the reactor knows of something there, and has it look again
/// once there is nothing left; `None` then.
fn try_receive(
    receiver: &AsyncFd<DatagramReceiver>,
    room: &mut [u8],
) -> Option<io::Result<Arrived>> {
    match receiver.get_ref().receive(room) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            // Only a failed attempt that the reactor sees makes it wait for the next packet.
            let read =
                receiver.try_io(tokio::io::Interest::READABLE, |receiver| receiver.receive(room));
            read.map_or_else(
                |error| (error.kind() != io::ErrorKind::WouldBlock).then_some(Err(error)),
                |arrived| Some(Ok(arrived)),
            )
        }
        result => Some(result),
    }
}

fn arrival<'a>(arrived: &Arrived, multihop: bool, room: &'a [u8]) -> Arrival<'a> {
    let Arrived { source, destination, ttl, length, .. } = *arrived;
    Arrival { source, destination, ttl, multihop, bytes: &room[..length] }
}

/// The ports to send from: those that the system gives to ordinary programs too, if these are
/// enough, so that what an administrator has reserved stays reserved.
fn sources() -> RangeInclusive<u16> {
    let text = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let range = text.ok().and_then(|text| {
        let mut numbers = text.split_whitespace().map(|word| word.parse::<u16>().ok());
        Some((numbers.next()??, numbers.next()??))
    });
    narrowed(range)
}

fn narrowed(range: Option<(u16, u16)>) -> RangeInclusive<u16> {
    let Some((low, high)) = range else { return SOURCES };
    let (low, high) = (low.max(*SOURCES.start()), high.min(*SOURCES.end()));
    if high.saturating_sub(low) < ENOUGH - 1 { SOURCES } else { low..=high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_range_counts_where_enough_of_it_is_allowed() {
        for (range, expected) in [
            (None, SOURCES),
            (Some((32_768, 60_999)), 49_152..=60_999),
            (Some((50_000, 51_023)), 50_000..=51_023),
            (Some((50_000, 51_022)), SOURCES),
            (Some((1_024, 40_000)), SOURCES),
        ] {
            assert_eq!(narrowed(range), expected, "{range:?}");
        }
    }
}
