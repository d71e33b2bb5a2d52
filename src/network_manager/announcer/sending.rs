//! The thread that sends: between small pieces it looks for newer requests.

use std::net::IpAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use net::LinkName;
use sys::packet::PacketSender;

use super::Request;
use super::queue::{Queue, Target, Turn};
use crate::log::{Level, Log, Text};

/// How long to wait when the interface cannot take more packets.
const BREATH: Duration = Duration::from_millis(1);
/// With nothing to send there is time to wait.
const LONG: Duration = Duration::from_secs(3600);

pub(super) struct BurstSender {
    socket: PacketSender,
    queue: Queue,
    log: Log,
}

impl BurstSender {
    pub(super) fn open(log: Log) -> std::io::Result<Self> {
        let socket = PacketSender::open()?;
        // One socket for both.
        log.detail("Registering gratuitous ARP shared channel");
        log.detail("Registering gratuitous NDISC shared channel");
        Ok(Self { socket, queue: Queue::default(), log })
    }

    /// Ends when nobody can ask any more.
    pub(super) fn run(mut self, requests: &Receiver<Request>) {
        let mut wait = LONG;
        loop {
            match requests.recv_timeout(wait) {
                Ok(request) => {
                    self.take(request);
                    wait = Duration::ZERO;
                }
                Err(RecvTimeoutError::Timeout) => wait = self.work(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn take(&mut self, request: Request) {
        match request {
            Request::Burst(burst) => self.queue.push(burst),
            Request::Cancel(owner) => self.queue.cancel(owner),
            Request::Paces(paces) => self.queue.set_paces(paces),
        }
    }

    /// Sends a piece; returns how long there is nothing else to do.
    fn work(&mut self) -> Duration {
        let now = Instant::now();
        match self.queue.turn(now) {
            Turn::Idle => LONG,
            Turn::Wait(until) => until.saturating_duration_since(now),
            Turn::Send(burst) => {
                let piece = burst.piece();
                let (asked, sent) = (piece.len(), self.send(piece));
                self.queue.sent(burst, sent, now);
                if sent < asked { BREATH } else { Duration::ZERO }
            }
        }
    }

    /// Returns how many are done with: fewer than asked when an interface is full.
    fn send(&self, targets: &[Target]) -> usize {
        let mut done = 0;
        for run in targets.chunk_by(|a, b| a.index == b.index) {
            let sent = self.send_on(run);
            done += sent;
            if sent < run.len() {
                break;
            }
        }
        done
    }

    fn send_on(&self, run: &[Target]) -> usize {
        let forwards = run.iter().any(|target| target.ip.is_ipv6()) && forwards_v6(&run[0].link);
        let frames: Vec<_> = run.iter().map(|target| frame(target, forwards)).collect();
        let all = frames.len();
        match self.socket.send(run[0].index, &frames) {
            Ok(sent) if sent == all => {
                self.log_sent(run);
                run.len()
            }
            Ok(sent) => {
                self.log_sent(&run[..sent]);
                sent
            }
            Err(error) => {
                // Nothing to wait for: a link that is down takes no packets.
                let number = error.raw_os_error().unwrap_or(0);
                let (link, ip) = (&run[0].link, run[0].ip);
                self.log.info(match ip {
                    IpAddr::V4(_) => format!(
                        "Error {number} ({error}) sending gratuitous ARP on {link} for {ip}"
                    ),
                    IpAddr::V6(_) => format!(
                        "Error {number} sending ndisc unsolicited neighbour advert on {link} for \
                         {ip} ({error})"
                    ),
                });
                run.len()
            }
        }
    }

    fn log_sent(&self, run: &[Target]) {
        if self.log.is_detailed() {
            for target in run {
                let (link, ip) = (target.link.clone(), target.ip);
                self.log.put(Level::Info, Text::Announced { link, ip });
            }
        }
    }
}

fn frame(target: &Target, forwards: bool) -> Vec<u8> {
    match target.ip {
        IpAddr::V4(ip) => rtnl::gratuitous_arp(target.mac, ip).to_vec(),
        IpAddr::V6(ip) => rtnl::neighbour_advert(target.mac, ip, forwards).to_vec(),
    }
}

/// Whether the kernel forwards IPv6 packets that come in there: neighbours take who does for a
/// router.
fn forwards_v6(link: &LinkName) -> bool {
    let path = format!("/proc/sys/net/ipv6/conf/{link}/forwarding");
    std::fs::read_to_string(path).is_ok_and(|value| value.trim() != "0")
}
