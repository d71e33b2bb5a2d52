//! What the kernel tells about a received IPv6 packet beside its content, and the header that is
//! made of it: its addresses, hop limit and length are those of the packet, the rest is not known.

use std::net::Ipv6Addr;

use libc::{c_int, c_void};

/// Bytes of an IPv6 header.
pub(super) const HEADER: usize = 40;
const VERSION: u8 = 0x60;

/// Room for the notes about one packet, aligned as the kernel wants it.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(super) struct Notes([u8; 128]);

impl Notes {
    pub(super) const EMPTY: Self = Self([0; 128]);

    pub(super) fn as_mut_ptr(&mut self) -> *mut c_void {
        self.0.as_mut_ptr().cast()
    }
}

/// Where the packet was sent to and with which hop limit; zeros where the kernel does not say.
fn destination_and_hop_limit(message: &libc::msghdr) -> (Ipv6Addr, u8) {
    let (mut destination, mut hop_limit) = (Ipv6Addr::UNSPECIFIED, 0);
    // SAFETY: the kernel has filled in the notes that `message` points to and their length; the
    // macros stay inside of them. Each note is read unaligned, as its own type says.
    unsafe {
        let mut note = libc::CMSG_FIRSTHDR(message);
        while let Some(head) = note.as_ref() {
            let data = libc::CMSG_DATA(note);
            match (head.cmsg_level, head.cmsg_type) {
                (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                    let info = data.cast::<libc::in6_pktinfo>().read_unaligned();
                    destination = info.ipi6_addr.s6_addr.into();
                }
                (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT) => {
                    let limit = data.cast::<c_int>().read_unaligned();
                    hop_limit = u8::try_from(limit).unwrap_or(0);
                }
                _ => {}
            }
            note = libc::CMSG_NXTHDR(message, note);
        }
    }
    (destination, hop_limit)
}

/// The header of a packet with so many bytes behind it.
pub(super) fn header(
    message: &libc::msghdr,
    source: &libc::sockaddr_in6,
    protocol: u8,
    payload: usize,
) -> [u8; HEADER] {
    let (destination, hop_limit) = destination_and_hop_limit(message);
    let mut header = [0; HEADER];
    header[0] = VERSION;
    header[4..6].copy_from_slice(&u16::try_from(payload).unwrap_or(u16::MAX).to_be_bytes());
    header[6] = protocol;
    header[7] = hop_limit;
    header[8..24].copy_from_slice(&source.sin6_addr.s6_addr);
    header[24..].copy_from_slice(&destination.octets());
    header
}
