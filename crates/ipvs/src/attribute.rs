//! Reads the attributes of a message.
//!
//! Decides what a value of the wrong length is (an error) and what becomes of attributes that
//! nobody asks for (nothing). It knows no attribute's meaning.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use net::Family;
use netlink::Message;
use netlink_packet_core::{DecodeError, NLA_HEADER_SIZE, NlasIterator};

use crate::number::{INET, INET6};

/// The length of `struct genlmsghdr` in bytes.
const GENERIC_HEADER: usize = 4;
/// One more than the highest attribute that is read.
const KNOWN: usize = 16;

/// The attributes of one level by their number; of two with the same number, the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attributes<'a>([Option<&'a [u8]>; KNOWN]);

impl<'a> Attributes<'a> {
    /// The attributes of a message, behind its generic netlink header.
    pub(crate) fn of(message: &Message<'a>) -> Result<Self, DecodeError> {
        let rest = message.payload.get(GENERIC_HEADER..).ok_or_else(|| {
            DecodeError::invalid_buffer("genlmsghdr", message.payload.len(), GENERIC_HEADER)
        })?;
        Self::read(rest)
    }

    /// Reads one level. Those of numbers beyond ours are left out.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut found = [None; KNOWN];
        for attribute in NlasIterator::new(bytes) {
            let attribute = attribute?;
            if let Some(slot) = found.get_mut(usize::from(attribute.kind())) {
                let length = usize::from(attribute.length());
                *slot = attribute.into_inner().get(NLA_HEADER_SIZE..length);
            }
        }
        Ok(Self(found))
    }

    /// The value of an attribute, if there is one.
    pub(crate) fn find(&self, kind: u16) -> Option<&'a [u8]> {
        self.0.get(usize::from(kind)).copied().flatten()
    }

    /// The value of an attribute that has to be there.
    pub(crate) fn get(&self, kind: u16) -> Result<&'a [u8], DecodeError> {
        self.find(kind).ok_or_else(|| DecodeError::from(format!("attribute {kind} is missing")))
    }

    /// The attributes inside one.
    pub(crate) fn nested(&self, kind: u16) -> Result<Self, DecodeError> {
        Self::read(self.get(kind)?)
    }

    fn array<const N: usize>(&self, kind: u16) -> Result<[u8; N], DecodeError> {
        let value = self.get(kind)?;
        value.try_into().map_err(|_| DecodeError::invalid_number(N, value.len()))
    }

    /// One byte.
    pub(crate) fn u8(&self, kind: u16) -> Result<u8, DecodeError> {
        self.array(kind).map(u8::from_ne_bytes)
    }

    /// Two bytes in the host's order.
    pub(crate) fn u16(&self, kind: u16) -> Result<u16, DecodeError> {
        self.array(kind).map(u16::from_ne_bytes)
    }

    /// Four bytes in the host's order.
    pub(crate) fn u32(&self, kind: u16) -> Result<u32, DecodeError> {
        self.array(kind).map(u32::from_ne_bytes)
    }

    /// Eight bytes in the host's order.
    pub(crate) fn u64(&self, kind: u16) -> Result<u64, DecodeError> {
        self.array(kind).map(u64::from_ne_bytes)
    }

    /// A port, in the network's order.
    pub(crate) fn port(&self, kind: u16) -> Result<u16, DecodeError> {
        self.array(kind).map(u16::from_be_bytes)
    }

    /// Four bytes in the network's order, as they are.
    pub(crate) fn mask(&self, kind: u16) -> Result<Ipv4Addr, DecodeError> {
        self.array::<4>(kind).map(Ipv4Addr::from)
    }

    /// Text up to its NUL; `None` when it is no text.
    pub(crate) fn text(&self, kind: u16) -> Option<&'a str> {
        let value = self.find(kind)?;
        let end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
        str::from_utf8(&value[..end]).ok()
    }

    /// An address family, if it is one of ours.
    pub(crate) fn family(&self, kind: u16) -> Result<Option<Family>, DecodeError> {
        Ok(match self.u16(kind)? {
            INET => Some(Family::V4),
            INET6 => Some(Family::V6),
            _ => None,
        })
    }

    /// An address of this family, in a block of 16 bytes.
    pub(crate) fn ip(&self, kind: u16, family: Family) -> Result<IpAddr, DecodeError> {
        let block = self.array::<16>(kind)?;
        let [a, b, c, d, ..] = block;
        Ok(match family {
            Family::V4 => Ipv4Addr::new(a, b, c, d).into(),
            Family::V6 => Ipv6Addr::from(block).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_begin_behind_the_generic_header() {
        let message = |payload| Message { kind: 27, flags: 2, sequence: 5, port: 9, payload };
        assert!(Attributes::of(&message(&[1, 1, 0, 0, 77])).is_err(), "one byte is no attribute");
        assert!(Attributes::of(&message(&[])).is_err(), "no generic netlink header");
        let top = Attributes::of(&message(&[1, 1, 0, 0, 5, 0, 3, 0, 77, 0, 0, 0])).unwrap();
        assert_eq!(top.find(3), Some(&[77][..]));
    }

    #[test]
    fn the_last_of_a_number_counts_and_strange_ones_are_left_out() {
        let bytes = [5, 0, 2, 0, 7, 0, 0, 0, 5, 0, 2, 0x80, 8, 0, 0, 0, 4, 0, 200, 0];
        let found = Attributes::read(&bytes).unwrap();
        assert_eq!(found.u8(2).unwrap(), 8);
        assert!(found.find(200).is_none() && found.u8(3).is_err() && found.u16(2).is_err());
    }

    #[test]
    fn an_unpadded_end_is_read_and_a_cut_one_is_an_error() {
        let bytes = [7, 0, 6, 0, b'r', b'r', 0];
        assert_eq!(Attributes::read(&bytes).unwrap().text(6), Some("rr"));
        assert!(Attributes::read(&bytes[..6]).is_err());
        assert!(Attributes::read(&[3, 0, 1, 0]).is_err(), "shorter than its own header");
    }

    #[test]
    fn text_needs_no_closing_nul_but_has_to_be_text() {
        assert_eq!(Attributes::read(&[6, 0, 6, 0, b'r', b'r']).unwrap().text(6), Some("rr"));
        assert_eq!(Attributes::read(&[5, 0, 6, 0, 0xff]).unwrap().text(6), None);
    }
}
