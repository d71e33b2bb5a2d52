//! The sockets of the VRRP task: one to receive and one to send for each gate, family and protocol.
//!
//! Which gates are needed is decided by the core. A socket that cannot be opened is tried again
//! every [`AGAIN`]; until then its instances neither hear nor speak.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd as _, RawFd};
use std::task::{Context, Poll};
use std::time::Duration;

use net::Family;
use sys::raw::{Bound, ReceiveBatch, VrrpReceiver, VrrpSender};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;
use vrrp::{Endpoint, Gate, Transmission};

use crate::log::Log;

/// How long to wait before a socket is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// What sending on a link that is down fails with.
const ENETDOWN: i32 = nix::errno::Errno::ENETDOWN as i32;
const ENETUNREACH: i32 = nix::errno::Errno::ENETUNREACH as i32;
/// Batches read from one socket before the timers get their turn.
const BATCHES: usize = 16;

/// The gate, the family, and whether packets come under an authentication header.
type Key = (Gate, Family, bool);

pub(super) struct Sockets {
    open: BTreeMap<Key, Pair>,
    wanted: Vec<Endpoint>,
    batch: ReceiveBatch,
    retry_at: Option<Instant>,
    /// Gates where a socket is wanted but cannot be opened.
    deaf: BTreeSet<Gate>,
    /// Nobody has asked for `deaf` since it changed.
    news: bool,
    log: Log,
}

/// When to look into a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// When the reactor knows of something.
    WhenReady,
    /// Even if it does not: this thread may have slept since it asked the kernel.
    Always,
}

struct Pair {
    endpoint: Endpoint,
    receiver: AsyncFd<VrrpReceiver>,
    sender: VrrpSender,
}

/// What can be seen of a pair of sockets.
#[derive(Clone, Debug)]
pub(crate) struct OpenSockets {
    /// What they are there for.
    pub(crate) endpoint: Endpoint,
    /// The descriptor of the one that receives.
    pub(crate) receiver: RawFd,
    /// The descriptor of the one that sends.
    pub(crate) sender: RawFd,
}

impl Sockets {
    pub(super) fn new(log: Log) -> Self {
        Self {
            open: BTreeMap::new(),
            wanted: Vec::new(),
            batch: ReceiveBatch::default(),
            retry_at: None,
            deaf: BTreeSet::new(),
            news: false,
            log,
        }
    }

    /// Opens what is missing. What is no longer wanted stays open until it is closed.
    pub(super) fn open_all(&mut self, wanted: Vec<Endpoint>) {
        self.wanted = wanted;
        self.reopen();
    }

    pub(super) fn close_unwanted(&mut self) {
        let Self { open, wanted, .. } = self;
        open.retain(|_, pair| wanted.contains(&pair.endpoint));
    }

    pub(super) fn reopen(&mut self) {
        self.retry_at = None;
        let mut deaf = BTreeSet::new();
        let Self { open, wanted, log, .. } = self;
        for endpoint in wanted.iter() {
            let key = (endpoint.gate.clone(), endpoint.family, endpoint.authenticated);
            if open.get(&key).is_some_and(|pair| pair.endpoint == *endpoint) {
                continue;
            }
            match Pair::open(endpoint.clone()) {
                Ok(pair) => {
                    pair.lines().for_each(|line| log.detail(line));
                    open.insert(key, pair);
                }
                Err(error) => {
                    let gate = &endpoint.gate;
                    if !self.deaf.contains(gate) {
                        log.error(format!("cant open raw socket on {gate}: {error} - trying on"));
                    }
                    deaf.insert(gate.clone());
                    self.retry_at = Some(Instant::now() + AGAIN);
                }
            }
        }
        self.news |= self.deaf != deaf;
        self.deaf = deaf;
    }

    /// What can be seen of those that are open.
    pub(super) fn views(&self) -> impl Iterator<Item = OpenSockets> {
        self.open.values().map(|pair| OpenSockets {
            endpoint: pair.endpoint.clone(),
            receiver: pair.receiver.as_raw_fd(),
            sender: pair.sender.as_raw_fd(),
        })
    }

    /// The gates without sockets, when they are others than at the last call.
    pub(super) fn newly_deaf(&mut self) -> Option<BTreeSet<Gate>> {
        std::mem::take(&mut self.news).then(|| self.deaf.clone())
    }

    pub(super) const fn wants_retry(&self) -> bool {
        self.retry_at.is_some()
    }

    pub(super) async fn retry(&self) {
        match self.retry_at {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Waits until some socket holds a packet.
    pub(super) async fn readable(&self) {
        poll_fn(|context| self.poll_readable(context)).await;
    }

    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut ready = Poll::Pending;
        for pair in self.open.values() {
            // All of them are polled: each has to know whom to wake.
            if pair.receiver.poll_read_ready(context).is_ready() {
                ready = Poll::Ready(());
            }
        }
        ready
    }

    /// Hands over every packet that is there, each with its gate, and says whether there were
    /// any. Bounded: a flood cannot keep the timers waiting.
    pub(super) fn receive(&mut self, reading: Reading, mut each: impl FnMut(&Gate, &[u8])) -> bool {
        let mut found = false;
        let Self { open, batch, log, .. } = self;
        for ((gate, ..), pair) in open {
            for _ in 0..BATCHES {
                let read = match reading {
                    Reading::WhenReady => {
                        pair.receiver.try_io(Interest::READABLE, |socket| socket.receive(batch))
                    }
                    Reading::Always => pair.receiver.get_ref().receive(batch),
                };
                match read {
                    Ok(_) => found = true,
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                    Err(error) => {
                        log.detail(format!("receive error on {gate}: {error}"));
                        break;
                    }
                }
                for packet in batch.packets().filter(|packet| !packet.truncated) {
                    each(gate, packet.bytes);
                }
            }
        }
        found
    }

    /// Sends everything, one system call for each gate.
    pub(super) fn send(&mut self, outgoing: &mut Vec<Transmission>) {
        for run in outgoing.chunk_by(|a, b| way(a) == way(b)) {
            let Some(pair) = self.pair(way(&run[0])) else {
                continue;
            };
            let packets = run.iter().map(|one| (one.destination, one.packet.as_slice()));
            for unsent in pair.sender.send(&packets.collect::<Vec<_>>()) {
                self.report(&run[unsent.index], &unsent.error);
            }
        }
        outgoing.clear();
    }

    fn pair(&self, (gate, family): (&Gate, Family)) -> Option<&Pair> {
        let key = |authenticated| (gate.clone(), family, authenticated);
        self.open.range(key(false)..=key(true)).next().map(|(_, pair)| pair)
    }

    fn report(&self, lost: &Transmission, error: &std::io::Error) {
        let number = error.raw_os_error().unwrap_or(0);
        let link_is_down = [ENETUNREACH, ENETDOWN].contains(&number);
        if lost.release && link_is_down {
            return;
        }
        let name = &lost.instance;
        if lost.destination.is_multicast() {
            self.log.info(format!("({name}): send advert error {number} ({error})"));
        } else {
            let peer = lost.destination;
            self.log.info(format!("({name}) Cant send advert to {peer} ({error})"));
        }
    }
}

/// What decides the socket to send through.
fn way(transmission: &Transmission) -> (&Gate, Family) {
    (&transmission.gate, Family::of(transmission.destination))
}

/// What its sockets are bound to.
fn bound(endpoint: &Endpoint) -> Bound<'_> {
    let address = match &endpoint.gate {
        Gate::Link(_) => None,
        Gate::Address { source, .. } => Some(*source),
    };
    Bound { device: endpoint.gate.device().zip(endpoint.index), address }
}

impl Pair {
    fn open(endpoint: Endpoint) -> std::io::Result<Self> {
        let bound = bound(&endpoint);
        let receiver = if endpoint.authenticated {
            VrrpReceiver::open_authenticated(bound)?
        } else {
            VrrpReceiver::open(bound, endpoint.family)?
        };
        if let Some(bytes) = endpoint.receive_buffer {
            receiver.set_receive_buffer(usize::try_from(bytes).unwrap_or(usize::MAX))?;
        }
        for group in &endpoint.groups {
            receiver.join(*group)?;
        }
        let sender = VrrpSender::open(bound, endpoint.family)?;
        Ok(Self { endpoint, receiver: receiver.watch()?, sender })
    }

    /// A line for each group that it hears; one that hears none is there for unicast, to the
    /// address that it is bound to or to any of its link.
    fn lines(&self) -> impl Iterator<Item = String> {
        let Endpoint { index, family, authenticated, groups, .. } = &self.endpoint;
        let family_name = if *family == Family::V4 { "IPv4" } else { "IPv6" };
        let protocol = if *authenticated { 51 } else { 112 };
        let (receiver, sender) = (self.receiver.as_raw_fd(), self.sender.as_raw_fd());
        let what = format!("family({family_name}), proto({protocol}), fd({receiver},{sender})");
        let index = index.map_or(0, |index| index.0);
        let place = format!("VRRP sockpool: [ifindex({index:>3}), {what}");
        let any = match family {
            Family::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            Family::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let own = bound(&self.endpoint).address.unwrap_or(any);
        let unicast = groups.is_empty().then(|| format!("{place} , unicast, address({own})]"));
        let heard = groups.iter().map(move |ip| format!("{place} multicast, address({ip})]"));
        heard.chain(unicast).collect::<Vec<_>>().into_iter()
    }
}
