//! What the kernel tells of processes: its connector for process events (`cn_proc.h`).
//!
//! Decides how the connector is asked and what its datagrams say. Which processes matter is
//! decided by whoever listens. The connector is only there in the first network namespace, for
//! programs with `CAP_NET_ADMIN` (before Linux 6.6) in the first process namespace.

use std::io::{self, Read as _};
use std::os::fd::{AsRawFd as _, RawFd};

use nix::sys::socket::{NetlinkAddr, bind};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// `NETLINK_CONNECTOR`.
const CONNECTOR: i32 = 11;
/// `CN_IDX_PROC` and `CN_VAL_PROC`; the first is also the multicast group.
const PROCESSES: u32 = 1;
/// `NLMSG_DONE`: what messages to the connector are.
const DONE: u16 = 3;
/// `PROC_CN_MCAST_LISTEN`.
const LISTEN: u32 = 1;
/// `struct nlmsghdr`, then `struct cn_msg`.
const HEADERS: usize = 16 + 20;
/// Where the particulars of an event begin: after its kind, processor and time.
const PARTICULARS: usize = HEADERS + 16;
/// More than any event takes.
const DATAGRAM: usize = 256;
/// Events that are read at a time: others have to have their turn.
const BATCH: usize = 1024;

/// What happened to a process. Threads are processes to the kernel: a process is a *group*, and
/// its first thread has the number of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessEvent {
    /// The connector has heard that somebody listens.
    Confirmed,
    /// A process was made.
    Forked {
        /// The thread that made it.
        parent: Thread,
        /// Its first thread.
        child: u32,
    },
    /// A process runs another program.
    Executed(u32),
    /// A process has another name.
    Renamed(u32),
    /// A process ended.
    Ended(u32),
}

/// A thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its number.
    pub id: u32,
    /// The number of its process.
    pub group: u32,
}

impl Thread {
    /// Whether it is the one that stands for its process.
    #[must_use]
    pub const fn is_first(self) -> bool {
        self.id == self.group
    }
}

/// The connector, to be awaited inside a tokio runtime.
#[derive(Debug)]
pub struct ProcessEvents {
    socket: AsyncFd<Listener>,
}

#[derive(Debug)]
struct Listener(Socket);

impl std::os::fd::AsRawFd for Listener {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl ProcessEvents {
    /// Asks for events; [`ProcessEvent::Confirmed`] comes first.
    ///
    /// # Errors
    /// When the kernel has no connector, or not here or not for us. Panics outside a tokio
    /// runtime.
    pub fn listen() -> io::Result<Self> {
        let kind = Type::DGRAM.cloexec().nonblocking();
        let netlink = Domain::from(libc::AF_NETLINK);
        let socket = Socket::new_raw(netlink, kind, Some(Protocol::from(CONNECTOR)))?;
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, PROCESSES))?;
        socket.send(&request())?;
        let listener = Listener(socket);
        // SAFETY: the socket keeps its descriptor open until it is dropped, and never changes it.
        let socket = unsafe { AsyncFd::register_with_interest(listener, Interest::READABLE) }?;
        Ok(Self { socket })
    }

    /// Sets the size of the receive buffer in bytes; with `force` beyond the system's limit.
    ///
    /// # Errors
    /// With `force`, without `CAP_NET_ADMIN`.
    pub fn set_buffer(&self, bytes: usize, force: bool) -> io::Result<()> {
        if force {
            crate::socket::force_receive_buffer(&self.socket.get_ref().0, bytes)
        } else {
            self.socket.get_ref().0.set_recv_buffer_size(bytes)
        }
    }

    /// The size of the receive buffer in bytes, as it would have to be asked for.
    ///
    /// # Errors
    /// None in practice.
    pub fn buffer(&self) -> io::Result<usize> {
        // The kernel doubles what is asked for, to have room for its own.
        Ok(self.socket.get_ref().0.recv_buffer_size()? / 2)
    }

    /// The next events, at least one datagram's worth. Dropping the future loses nothing.
    ///
    /// # Errors
    /// `ENOBUFS` when so much happened that some of it was lost.
    pub async fn next(&self) -> io::Result<Vec<ProcessEvent>> {
        loop {
            let mut ready = self.socket.readable().await?;
            if let Ok(events) = ready.try_io(|listener| read_all(&listener.get_ref().0)) {
                return events;
            }
        }
    }
}

/// Everything that waits in the socket; would block when nothing does.
fn read_all(socket: &Socket) -> io::Result<Vec<ProcessEvent>> {
    let mut events = Vec::new();
    let mut datagram = [0; DATAGRAM];
    loop {
        let mut reader = socket;
        match reader.read(&mut datagram) {
            Ok(length) => {
                events.extend(parse(&datagram[..length]));
                if events.len() >= BATCH {
                    return Ok(events);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && !events.is_empty() => {
                return Ok(events);
            }
            Err(error) => return Err(error),
        }
    }
}

/// The message that begins to listen.
fn request() -> Vec<u8> {
    let length = HEADERS + size_of::<u32>();
    let mut message = Vec::with_capacity(length);
    let whole = u32::try_from(length).unwrap_or_default();
    message.extend(whole.to_ne_bytes());
    message.extend(DONE.to_ne_bytes());
    message.extend([0; 10]);
    message.extend(PROCESSES.to_ne_bytes());
    message.extend(PROCESSES.to_ne_bytes());
    message.extend([0; 8]);
    message.extend(4_u16.to_ne_bytes());
    message.extend([0; 2]);
    message.extend(LISTEN.to_ne_bytes());
    message
}

/// The event of a datagram; `None` for those of threads, and for what nobody asked about.
fn parse(datagram: &[u8]) -> Option<ProcessEvent> {
    let word = |at: usize| {
        let bytes = datagram.get(at..at + 4)?;
        bytes.try_into().ok().map(u32::from_ne_bytes)
    };
    let (about, kind) = (word(16)?, word(HEADERS)?);
    if about != PROCESSES {
        return None;
    }
    let thread = |index: usize| {
        let at = PARTICULARS + index * 8;
        Some(Thread { id: word(at)?, group: word(at + 4)? })
    };
    match kind {
        0 => Some(ProcessEvent::Confirmed),
        0x1 => {
            let (parent, child) = (thread(0)?, thread(1)?);
            child.is_first().then_some(ProcessEvent::Forked { parent, child: child.id })
        }
        0x2 => Some(ProcessEvent::Executed(thread(0)?.group)),
        0x200 => {
            let renamed = thread(0)?;
            renamed.is_first().then_some(ProcessEvent::Renamed(renamed.id))
        }
        0x8000_0000 => {
            let ended = thread(0)?;
            ended.is_first().then_some(ProcessEvent::Ended(ended.id))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(kind: u32, particulars: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0; PARTICULARS];
        bytes[16] = 1;
        bytes[HEADERS..HEADERS + 4].copy_from_slice(&kind.to_ne_bytes());
        bytes.extend(particulars.iter().flat_map(|word| word.to_ne_bytes()));
        bytes
    }

    #[test]
    fn threads_are_not_news_of_processes() {
        let parent = Thread { id: 7, group: 5 };
        let forked = ProcessEvent::Forked { parent, child: 9 };
        assert_eq!(parse(&datagram(1, &[7, 5, 9, 9])), Some(forked));
        assert_eq!(parse(&datagram(1, &[7, 5, 9, 5])), None);
        assert_eq!(parse(&datagram(2, &[7, 5])), Some(ProcessEvent::Executed(5)));
        assert_eq!(parse(&datagram(0x8000_0000, &[5, 5, 0, 17])), Some(ProcessEvent::Ended(5)));
        assert_eq!(parse(&datagram(0x8000_0000, &[7, 5, 0, 17])), None);
        assert_eq!(parse(&datagram(0x200, &[7, 5])), None);
        assert_eq!(parse(&datagram(0x200, &[5, 5])), Some(ProcessEvent::Renamed(5)));
    }

    #[test]
    fn broken_and_foreign_datagrams_are_nothing() {
        let whole = datagram(1, &[7, 5, 9, 9]);
        for length in 0..whole.len() {
            assert_eq!(parse(&whole[..length]), None);
        }
        assert_eq!(parse(&datagram(0x40, &[1, 1])), None);
        let mut foreign = whole;
        foreign[16] = 2;
        assert_eq!(parse(&foreign), None);
    }

    #[test]
    fn the_life_of_a_process_is_heard() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let events = ProcessEvents::listen().expect("this test needs the first namespaces");
            events.set_buffer(4 << 20, true).unwrap();
            let mut child = std::process::Command::new("/bin/true").spawn().unwrap();
            let id = child.id();
            child.wait().unwrap();
            let mut heard = Vec::new();
            let wait = async {
                while !heard.contains(&ProcessEvent::Ended(id)) {
                    heard.extend(events.next().await.unwrap());
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.unwrap();
            assert_eq!(heard[0], ProcessEvent::Confirmed);
            let at = |event: &ProcessEvent| heard.iter().position(|one| one == event).unwrap();
            let of_child = |event: &&ProcessEvent| {
                matches!(event, ProcessEvent::Forked { child, .. } if *child == id)
            };
            let forked = heard.iter().position(|event| of_child(&event)).unwrap();
            assert!(forked < at(&ProcessEvent::Executed(id)));
        });
    }
}
