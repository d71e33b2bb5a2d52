//! Records adverts and announcements as they come into the switch, each once and with its sender.
//! A thread of this process listens in the switch's namespace; the buffer is large enough for the
//! announcements of thousands of addresses while the thread waits for a processor.

use std::fs::File;
use std::io::IoSliceMut;
use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use nix::sched::{CloneFlags, setns};
use nix::sys::socket::{
    ControlMessageOwned, LinkAddr, MsgFlags, RecvMsg, recvmsg, setsockopt, sockopt,
};
use socket2::{Domain, Protocol, Socket, Type};

use super::frame::{self, Origin, Seen};
use super::run::must;
use super::switch::Switch;
use super::{Advert, Announcement, filter, locked, names};

const BUFFER: usize = 64 << 20;
const ALL_PROTOCOLS: u16 = 0x0003;
/// The kind of a packet that the switch sends rather than gets.
const OUTGOING: u8 = 4;
const LARGEST_FRAME: usize = 9216;
const STOP_CHECK: Duration = Duration::from_millis(50);

/// A running capture; it ends when dropped.
pub struct Capture {
    seen: Arc<Mutex<Records>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Everything seen so far.
#[derive(Default)]
pub(super) struct Records {
    pub(super) adverts: Vec<Advert>,
    pub(super) announcements: Vec<Announcement>,
}

impl Capture {
    /// Starts it, with or without adverts, and returns when it listens.
    pub(super) fn start(switch: &Arc<Switch>, adverts: bool) -> Self {
        let (seen, stop) = (Arc::new(Mutex::default()), Arc::new(AtomicBool::new(false)));
        let (ready, listening) = mpsc::sync_channel(1);
        let thread = {
            let (switch, seen, stop) = (Arc::clone(switch), Arc::clone(&seen), Arc::clone(&stop));
            thread::spawn(move || {
                let socket = open_in_switch(&switch, adverts);
                must("say that the capture listens", ready.send(()));
                listen(&socket, &switch, &seen, &stop);
            })
        };
        must("listen on the segment", listening.recv());
        Self { seen, stop, thread: Some(thread) }
    }

    /// All adverts so far, in the order in which they came into the switch.
    pub fn adverts(&self) -> Vec<Advert> {
        locked(&self.seen).adverts.clone()
    }

    /// The adverts of one host.
    pub fn adverts_from(&self, host: &str) -> Vec<Advert> {
        let seen = locked(&self.seen);
        seen.adverts.iter().filter(|advert| advert.origin.host == host).cloned().collect()
    }

    /// All gratuitous ARPs and unsolicited neighbour advertisements so far.
    pub fn announcements(&self) -> Vec<Announcement> {
        locked(&self.seen).announcements.clone()
    }

    /// The announcements of one address.
    pub fn announcements_of(&self, ip: &str) -> Vec<Announcement> {
        let ip: IpAddr = must("read an address", ip.parse());
        let seen = locked(&self.seen);
        seen.announcements.iter().filter(|seen| seen.ip == ip).cloned().collect()
    }

    /// How many adverts and announcements there are, without copying them.
    pub fn counts(&self) -> (usize, usize) {
        let seen = locked(&self.seen);
        (seen.adverts.len(), seen.announcements.len())
    }

    /// Looks at the records without copying them; the capture waits meanwhile.
    pub(super) fn look<T>(&self, with: impl FnOnce(&Records) -> T) -> T {
        with(&locked(&self.seen))
    }

    /// Forgets everything so far.
    pub fn clear(&self) {
        *locked(&self.seen) = Records::default();
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // That it panicked has already been said by the panic itself.
            let _ = thread.join();
        }
    }
}

fn listen(socket: &Socket, switch: &Switch, seen: &Mutex<Records>, stop: &AtomicBool) {
    let mut frame = vec![0; LARGEST_FRAME];
    while !stop.load(Ordering::Relaxed) {
        if let Some((length, origin)) = receive(socket, &mut frame, switch) {
            keep(&frame[..length], origin, seen);
        }
    }
}

fn keep(frame: &[u8], origin: Origin, seen: &Mutex<Records>) {
    match frame::read(frame, origin) {
        Some(Seen::Advert(advert)) => locked(seen).adverts.push(advert),
        Some(Seen::Announcement(announcement)) => locked(seen).announcements.push(announcement),
        None => {}
    }
}

/// A packet socket on all links of the switch, whose namespace the calling thread stays in.
/// What it hears before it has its filter is told by [`receive`].
fn open_in_switch(switch: &Switch, adverts: bool) -> Socket {
    let file = names::namespace_file(switch.namespace());
    let namespace = must("open the switch's namespace", File::open(file));
    must("enter the switch's namespace", setns(namespace, CloneFlags::CLONE_NEWNET));
    let all = Some(Protocol::from(i32::from(ALL_PROTOCOLS.to_be())));
    let socket = must("open a packet socket", Socket::new(Domain::PACKET, Type::RAW, all));
    let filter = filter::program(switch.bridge(), adverts);
    must("filter what is captured", socket.attach_filter(&filter));
    must("enlarge the buffer", setsockopt(&socket, sockopt::RcvBufForce, &BUFFER));
    must("ask for time stamps", setsockopt(&socket, sockopt::ReceiveTimestampns, &true));
    must("limit the waiting", socket.set_read_timeout(Some(STOP_CHECK)));
    socket
}

/// The next frame from a host; `None` after a while without one.
fn receive(socket: &Socket, frame: &mut [u8], switch: &Switch) -> Option<(usize, Origin)> {
    let mut control = nix::cmsg_space!(nix::sys::time::TimeSpec);
    let mut parts = [IoSliceMut::new(frame)];
    let got: RecvMsg<'_, '_, LinkAddr> =
        recvmsg(socket.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::empty()).ok()?;
    let from = got.address.filter(|from| from.pkttype() != OUTGOING)?;
    let host = switch.host_behind(u32::try_from(from.ifindex()).ok()?)?;
    let origin = Origin { host, at: stamp(&got), read_at: Instant::now() };
    Some((got.bytes, origin))
}

fn stamp(message: &RecvMsg<'_, '_, LinkAddr>) -> SystemTime {
    let stamps = message.cmsgs().into_iter().flatten().filter_map(|part| {
        let ControlMessageOwned::ScmTimestampns(at) = part else {
            return None;
        };
        Some(SystemTime::UNIX_EPOCH + Duration::from(at))
    });
    stamps.last().unwrap_or_else(SystemTime::now)
}
