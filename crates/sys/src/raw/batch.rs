//! The memory that received packets are put into, allocated once and used for every receive.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use libc::{c_int, c_uint, c_void};

use super::control::{self, HEADER, Notes};
use crate::message::{address_length, retry_if_interrupted};

/// Room for several packets, and after a receive the packets that came.
pub struct ReceiveBatch {
    storage: Box<[u8]>,
    size: usize,
    pieces: Box<[libc::iovec]>,
    headers: Box<[libc::mmsghdr]>,
    senders: Box<[libc::sockaddr_in6]>,
    notes: Box<[Notes]>,
    /// Bytes of the header that the kernel keeps, and that stands before each packet.
    kept: usize,
    filled: usize,
}

// SAFETY: the raw pointers in `pieces` and `headers` are written anew by `aim` before each use
// and only ever lead into the batch's own heap memory, which moves along with it.
unsafe impl Send for ReceiveBatch {}

/// One received packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What came, from the first byte of the IP header.
    pub bytes: &'a [u8],
    /// Whether the packet was longer than the room for it, so that its end is lost.
    pub truncated: bool,
}

impl Default for ReceiveBatch {
    /// 64 packets of at most 4,096 bytes each.
    fn default() -> Self {
        Self::new(64, 4096)
    }
}

impl ReceiveBatch {
    /// Room for `packets` packets of at most `size` bytes each; at least one of one byte.
    #[must_use]
    pub fn new(packets: usize, size: usize) -> Self {
        let (packets, size) = (packets.max(1), size.max(1));
        // SAFETY: all three are plain data for which all zeros are valid.
        let (piece, header, sender) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed(), std::mem::zeroed()) };
        Self {
            storage: vec![0; packets * (HEADER + size)].into_boxed_slice(),
            size: HEADER + size,
            pieces: vec![piece; packets].into_boxed_slice(),
            headers: vec![header; packets].into_boxed_slice(),
            senders: vec![sender; packets].into_boxed_slice(),
            notes: vec![Notes::EMPTY; packets].into_boxed_slice(),
            kept: 0,
            filled: 0,
        }
    }

    /// The packets of the latest receive, in the order in which they came.
    pub fn packets(&self) -> impl ExactSizeIterator<Item = Packet<'_>> {
        let filled = self.headers.iter().take(self.filled);
        filled.zip(self.storage.chunks(self.size)).map(|(header, room)| Packet {
            bytes: room.get(..self.kept + header.msg_len as usize).unwrap_or(room),
            truncated: header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0,
        })
    }

    /// Receives IPv4 packets that are there, as far as there is room, without waiting.
    pub(super) fn fill(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        self.kept = 0;
        self.take(socket)
    }

    /// Receives IPv6 packets of this protocol and puts a header before each.
    pub(super) fn fill_v6(&mut self, socket: BorrowedFd<'_>, protocol: u8) -> io::Result<usize> {
        self.kept = HEADER;
        let count = self.take(socket)?;
        let rooms = self.storage.chunks_mut(self.size);
        let received = self.headers.iter().zip(&self.senders).zip(rooms).take(count);
        for ((header, sender), room) in received {
            let payload = header.msg_len as usize;
            let header = control::header(&header.msg_hdr, sender, protocol, payload);
            room[..HEADER].copy_from_slice(&header);
        }
        Ok(count)
    }

    fn take(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        self.filled = 0;
        self.aim();
        let room = c_uint::try_from(self.headers.len()).unwrap_or(c_uint::MAX);
        loop {
            // SAFETY: `aim` has just pointed each of the `room` headers at its own piece of
            // `storage`; nothing else touches that memory during the call.
            let count = unsafe {
                libc::recvmmsg(
                    socket.as_raw_fd(),
                    self.headers.as_mut_ptr(),
                    room,
                    // The C libraries disagree about the sign of the flags.
                    libc::MSG_DONTWAIT as _,
                    std::ptr::null_mut(),
                )
            };
            match usize::try_from(count) {
                Ok(count) => {
                    self.filled = count;
                    return Ok(count);
                }
                Err(_) => retry_if_interrupted()?,
            }
        }
    }

    /// Points every header at its piece of the storage: the batch may have moved since. IPv4
    /// packets bring their header with them and fill the whole piece; what is known of an IPv6
    /// packet comes beside it.
    fn aim(&mut self) {
        let beside = self.senders.iter_mut().zip(&mut self.notes);
        let rooms = self.storage.chunks_mut(self.size).zip(beside);
        let all = self.headers.iter_mut().zip(&mut self.pieces).zip(rooms);
        for ((header, piece), (room, (sender, notes))) in all {
            let end = if self.kept == 0 { self.size - HEADER } else { self.size };
            let room = &mut room[self.kept..end];
            piece.iov_base = room.as_mut_ptr().cast::<c_void>();
            piece.iov_len = room.len();
            header.msg_hdr.msg_iov = piece;
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_name = std::ptr::from_mut(sender).cast::<c_void>();
            header.msg_hdr.msg_namelen = address_length::<libc::sockaddr_in6>();
            header.msg_hdr.msg_control = notes.as_mut_ptr();
            // The C libraries disagree about the type of this length.
            header.msg_hdr.msg_controllen = size_of::<Notes>() as _;
            header.msg_hdr.msg_flags = c_int::default();
            header.msg_len = 0;
        }
    }
}

impl std::fmt::Debug for ReceiveBatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.packets()).finish()
    }
}
