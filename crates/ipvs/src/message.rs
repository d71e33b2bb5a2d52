//! Takes a received datagram apart into generic netlink messages.
//!
//! The walk over a datagram is done here, as netlink-packet-core would copy each message.

use netlink_packet_core::{DecodeError, NLMSG_ALIGNTO, NetlinkBuffer};

use crate::attribute::Attributes;

/// The length of `struct nlmsghdr` in bytes.
pub(crate) const NETLINK_HEADER: usize = 16;
/// The length of `struct genlmsghdr` in bytes.
const GENERIC_HEADER: usize = 4;

/// One netlink message as it lies in the receive buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) kind: u16,
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
    pub(crate) payload: &'a [u8],
}

impl<'a> Message<'a> {
    /// The attributes behind the generic netlink header.
    pub(crate) fn attributes(&self) -> Result<Attributes<'a>, DecodeError> {
        let rest = self.payload.get(GENERIC_HEADER..).ok_or_else(|| {
            DecodeError::invalid_buffer("genlmsghdr", self.payload.len(), GENERIC_HEADER)
        })?;
        Attributes::read(rest)
    }
}

/// The messages of one datagram; a broken one ends the datagram.
pub(crate) fn messages(
    mut datagram: &[u8],
) -> impl Iterator<Item = Result<Message<'_>, DecodeError>> {
    std::iter::from_fn(move || {
        if datagram.is_empty() {
            return None;
        }
        let message = NetlinkBuffer::new_checked(datagram).map(|buffer| Message {
            kind: buffer.message_type(),
            flags: buffer.flags(),
            sequence: buffer.sequence_number(),
            payload: buffer.payload(),
        });
        let length = message.as_ref().map_or(datagram.len(), |message| {
            (NETLINK_HEADER + message.payload.len()).next_multiple_of(usize::from(NLMSG_ALIGNTO))
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
        let mut bytes = vec![21, 0, 0, 0, 27, 0, 2, 0, 5, 0, 0, 0, 9, 0, 0, 0, 1, 1, 0, 0, 77];
        bytes.extend([0, 0, 0]);
        bytes.extend([16, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
        let found: Vec<_> = messages(&bytes).map(Result::unwrap).collect();
        assert_eq!((found[0].kind, found[0].flags, found[0].sequence), (27, 2, 5));
        assert_eq!(found[0].payload, [1, 1, 0, 0, 77]);
        assert!(found[0].attributes().is_err(), "one byte is no attribute");
        assert_eq!((found[1].kind, found[1].payload.len(), found.len()), (3, 0, 2));
        assert!(found[1].attributes().is_err(), "no generic netlink header");
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
