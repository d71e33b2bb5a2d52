//! The sockets of the VRRP task: one to receive and one to send for each link.
//!
//! Which links are needed is decided by the core. A socket that cannot be opened is tried again
//! every [`AGAIN`]; until then its instances neither hear nor speak.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr};
use std::task::{Context, Poll};
use std::time::Duration;

use net::LinkName;
use sys::raw::{ReceiveBatch, VrrpReceiver, VrrpSender};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;
use vrrp::{Endpoint, Transmission};

use crate::log::Log;

/// How long to wait before a socket is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// What sending on a link that is down fails with.
const ENETDOWN: i32 = nix::errno::Errno::ENETDOWN as i32;
const ENETUNREACH: i32 = nix::errno::Errno::ENETUNREACH as i32;
/// Batches read from one socket before the timers get their turn.
const BATCHES: usize = 16;

pub(super) struct Sockets {
    open: BTreeMap<LinkName, Pair>,
    wanted: Vec<Endpoint>,
    batch: ReceiveBatch,
    retry_at: Option<Instant>,
    log: Log,
}

struct Pair {
    endpoint: Endpoint,
    receiver: AsyncFd<VrrpReceiver>,
    sender: VrrpSender,
}

impl Sockets {
    pub(super) fn new(log: Log) -> Self {
        let batch = ReceiveBatch::default();
        Self { open: BTreeMap::new(), wanted: Vec::new(), batch, retry_at: None, log }
    }

    /// Opens what is missing, closes what is no longer wanted, leaves the rest alone.
    pub(super) fn listen(&mut self, wanted: Vec<Endpoint>) {
        self.wanted = wanted;
        self.reopen();
    }

    pub(super) fn reopen(&mut self) {
        let Self { open, wanted, log, .. } = self;
        open.retain(|_, pair| wanted.contains(&pair.endpoint));
        let first_try = self.retry_at.take().is_none();
        for endpoint in wanted.iter().filter(|endpoint| endpoint.family == net::Family::V4) {
            if open.contains_key(&endpoint.link) {
                continue;
            }
            match Pair::open(endpoint.clone()) {
                Ok(pair) => drop(open.insert(endpoint.link.clone(), pair)),
                Err(error) => {
                    if first_try {
                        let link = &endpoint.link;
                        log.error(format!("cant open raw socket on {link}: {error} - trying on"));
                    }
                    self.retry_at = Some(Instant::now() + AGAIN);
                }
            }
        }
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

    /// Hands over every packet that is there, each with its link. Bounded: a flood cannot keep
    /// the timers waiting.
    pub(super) fn receive(&mut self, mut each: impl FnMut(&LinkName, &[u8])) {
        let Self { open, batch, log, .. } = self;
        for (link, pair) in open {
            for _ in 0..BATCHES {
                let read = pair.receiver.try_io(Interest::READABLE, |socket| socket.receive(batch));
                match read {
                    Ok(_) => {}
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                    Err(error) => {
                        log.detail(format!("receive error on {link}: {error}"));
                        break;
                    }
                }
                for packet in batch.packets().filter(|packet| !packet.truncated) {
                    each(link, packet.bytes);
                }
            }
        }
    }

    /// Sends everything, one system call for each link.
    pub(super) fn send(&mut self, outgoing: &mut Vec<Transmission>) {
        for run in outgoing.chunk_by(|a, b| a.link == b.link) {
            let Some(pair) = self.open.get(&run[0].link) else {
                continue;
            };
            let packets: Vec<(Ipv4Addr, &[u8])> = run.iter().filter_map(to_v4).collect();
            for unsent in pair.sender.send(&packets) {
                self.report(&run[unsent.index], &unsent.error);
            }
        }
        outgoing.clear();
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

fn to_v4(transmission: &Transmission) -> Option<(Ipv4Addr, &[u8])> {
    match transmission.destination {
        IpAddr::V4(to) => Some((to, &transmission.packet)),
        IpAddr::V6(_) => None,
    }
}

impl Pair {
    fn open(endpoint: Endpoint) -> std::io::Result<Self> {
        let receiver = VrrpReceiver::open(&endpoint.link, endpoint.index)?;
        for group in &endpoint.groups {
            if let IpAddr::V4(group) = group {
                receiver.join(*group)?;
            }
        }
        let sender = VrrpSender::open(&endpoint.link, endpoint.index)?;
        Ok(Self { endpoint, receiver: receiver.watch()?, sender })
    }
}
