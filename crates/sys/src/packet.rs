//! Ready-made Ethernet frames out of any interface: gratuitous ARP and unsolicited NA.
//!
//! Decides how frames reach the kernel quickly; what is in them is built in `rtnl`.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use libc::c_int;
use net::LinkIndex;
use socket2::{Domain, Socket, Type};

use crate::message;

/// Bytes asked for the socket's send buffer: a burst of several thousand announcements.
const SEND_BUFFER: usize = 4 << 20;

/// `AF_PACKET` in the width of an address's field.
const FAMILY: libc::sa_family_t = 17;
const _: () = assert!(FAMILY as c_int == libc::AF_PACKET);

/// Sends frames; being bound to no protocol it receives nothing. It never blocks.
#[derive(Debug)]
pub struct PacketSender {
    socket: Socket,
}

impl PacketSender {
    /// Opens the socket; one serves all interfaces.
    ///
    /// # Errors
    /// Without `CAP_NET_RAW`.
    pub fn open() -> io::Result<Self> {
        // Protocol 0 instead of ETH_P_ALL: nothing is ever queued on the socket.
        let socket = Socket::new(Domain::PACKET, Type::RAW.cloexec().nonblocking(), None)?;
        crate::socket::force_send_buffer(&socket, SEND_BUFFER)?;
        Ok(Self { socket })
    }

    /// Sends the frames in order and returns how many went out. Fewer than all, down to none,
    /// means that a queue was full (`ENOBUFS`, `EAGAIN`) or that the next frame fails otherwise:
    /// call again with the rest, after a pause if nothing went out.
    ///
    /// # Errors
    /// Why the first frame could not be sent: `ENXIO` for a vanished interface, `ENETDOWN` for
    /// one that is down.
    pub fn send(&self, index: LinkIndex, frames: &[impl AsRef<[u8]>]) -> io::Result<usize> {
        let index = c_int::try_from(index.0).map_err(|_| io::ErrorKind::InvalidInput)?;
        let addressed: Vec<_> =
            frames.iter().map(AsRef::as_ref).map(|frame| (address(index, frame), frame)).collect();
        match message::send(self.socket.as_fd(), &addressed, 0) {
            Err(error) if queue_full(&error) => Ok(0),
            other => other,
        }
    }
}

fn queue_full(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock || error.raw_os_error() == Some(libc::ENOBUFS)
}

fn address(index: c_int, frame: &[u8]) -> libc::sockaddr_ll {
    // The frame's own type, so that packet filters and queues see what it is.
    let protocol = frame.get(12..14).map_or(0, |kind| u16::from_ne_bytes([kind[0], kind[1]]));
    libc::sockaddr_ll {
        sll_family: FAMILY,
        sll_protocol: protocol,
        sll_ifindex: index,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    }
}

impl AsFd for PacketSender {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for PacketSender {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}
