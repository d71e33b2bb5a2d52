//! Takes a received datagram apart into messages.
//!
//! netlink-packet-core would copy each message and parse all of its attributes; links have some
//! sixty, of which three matter here.

use netlink_packet_core::{DecodeError, NLMSG_ALIGNTO, NetlinkBuffer};

/// The length of `struct nlmsghdr` in bytes.
pub const HEADER: usize = 16;

/// One netlink message as it lies in the receive buffer.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Its type: `NLMSG_*`, or the number of what it is about.
    pub kind: u16,
    /// `NLM_F_*`.
    pub flags: u16,
    /// The sequence number of the request that it answers.
    pub sequence: u32,
    /// The port of the socket whose request led to this message; 0 is the kernel's own doing.
    pub port: u32,
    /// What comes after its header.
    pub payload: &'a [u8],
}

/// The messages of one datagram; a broken one ends the datagram.
///
/// Each is an error if it is longer than what is left, or shorter than a header.
pub fn messages(mut datagram: &[u8]) -> impl Iterator<Item = Result<Message<'_>, DecodeError>> {
    std::iter::from_fn(move || {
        if datagram.is_empty() {
            return None;
        }
        let message = NetlinkBuffer::new_checked(datagram).map(|buffer| Message {
            kind: buffer.message_type(),
            flags: buffer.flags(),
            sequence: buffer.sequence_number(),
            port: buffer.port_number(),
            payload: buffer.payload(),
        });
        let length = message.as_ref().map_or(datagram.len(), |message| {
            (HEADER + message.payload.len()).next_multiple_of(usize::from(NLMSG_ALIGNTO))
        });
        datagram = datagram.get(length..).unwrap_or_default();
        Some(message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_taken_apart_at_the_padding() {
        let mut bytes = vec![17, 0, 0, 0, 20, 0, 2, 0, 5, 0, 0, 0, 9, 0, 0, 0, 77, 0, 0, 0];
        bytes.extend([16, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
        let found: Vec<_> = messages(&bytes).map(Result::unwrap).collect();
        assert_eq!((found[0].kind, found[0].sequence, found[0].port), (20, 5, 9));
        assert_eq!(found[0].payload, [77]);
        assert_eq!((found[1].kind, found[1].payload.len()), (3, 0));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_broken_message_ends_the_datagram() {
        let bytes = [200, 0, 0, 0, 20, 0, 2, 0, 5, 0, 0, 0, 9, 0, 0, 0];
        let found: Vec<_> = messages(&bytes).collect();
        assert_eq!(found.len(), 1);
        assert!(found[0].is_err());
        assert_eq!(messages(&bytes[..7]).filter(Result::is_err).count(), 1);
    }
}
