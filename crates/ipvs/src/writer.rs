//! Writes generic netlink messages and their attributes to the end of one buffer.
//!
//! Decides lengths, padding and byte order. It knows no attribute's meaning and allocates
//! nothing but the growth of the buffer.

use std::net::IpAddr;

use net::Family;
use netlink_packet_core::{NLA_ALIGNTO, NLA_F_NESTED, NLM_F_REQUEST};

use crate::number::{INET, INET6, VERSION};

/// What stands in front of a message's attributes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    /// The number of the generic netlink family.
    pub(crate) family: u16,
    /// Flags beside `NLM_F_REQUEST`.
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
    pub(crate) command: u8,
}

/// The end of a message that is being written.
#[derive(Debug)]
pub(crate) struct Writer<'a>(&'a mut Vec<u8>);

impl<'a> Writer<'a> {
    /// Appends a message, its attributes being written by `body`.
    pub(crate) fn message(bytes: &'a mut Vec<u8>, header: Header, body: impl FnOnce(&mut Self)) {
        let start = bytes.len();
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&header.family.to_ne_bytes());
        bytes.extend_from_slice(&(NLM_F_REQUEST | header.flags).to_ne_bytes());
        bytes.extend_from_slice(&header.sequence.to_ne_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&[header.command, VERSION, 0, 0]);
        let mut writer = Self(bytes);
        body(&mut writer);
        let length = u32::try_from(writer.0.len() - start).unwrap_or(u32::MAX);
        writer.0[start..start + 4].copy_from_slice(&length.to_ne_bytes());
    }

    /// An attribute that holds others.
    pub(crate) fn nested(&mut self, kind: u16, inside: impl FnOnce(&mut Self)) {
        self.attribute(kind | NLA_F_NESTED, inside);
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&mut self, kind: u16, value: &[u8]) {
        self.attribute(kind, |writer| writer.0.extend_from_slice(value));
    }

    /// One byte.
    pub(crate) fn u8(&mut self, kind: u16, value: u8) {
        self.bytes(kind, &[value]);
    }

    /// Two bytes in the host's order.
    pub(crate) fn u16(&mut self, kind: u16, value: u16) {
        self.bytes(kind, &value.to_ne_bytes());
    }

    /// Four bytes in the host's order.
    pub(crate) fn u32(&mut self, kind: u16, value: u32) {
        self.bytes(kind, &value.to_ne_bytes());
    }

    /// A port, in the network's order.
    pub(crate) fn port(&mut self, kind: u16, value: u16) {
        self.bytes(kind, &value.to_be_bytes());
    }

    /// Text with the NUL that ends it.
    pub(crate) fn text(&mut self, kind: u16, value: &str) {
        self.attribute(kind, |writer| {
            writer.0.extend_from_slice(value.as_bytes());
            writer.0.push(0);
        });
    }

    /// An address family.
    pub(crate) fn family(&mut self, kind: u16, family: Family) {
        let number = match family {
            Family::V4 => INET,
            Family::V6 => INET6,
        };
        self.u16(kind, number);
    }

    /// An address, in a block of 16 bytes whatever its family (`union nf_inet_addr`).
    pub(crate) fn ip(&mut self, kind: u16, ip: IpAddr) {
        let mut block = [0; 16];
        match ip {
            IpAddr::V4(ip) => block[..4].copy_from_slice(&ip.octets()),
            IpAddr::V6(ip) => block = ip.octets(),
        }
        self.bytes(kind, &block);
    }

    fn attribute(&mut self, kind: u16, value: impl FnOnce(&mut Self)) {
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 2]);
        self.0.extend_from_slice(&kind.to_ne_bytes());
        value(self);
        let end = self.0.len();
        let length = u16::try_from(end - start).unwrap_or(u16::MAX);
        self.0[start..start + 2].copy_from_slice(&length.to_ne_bytes());
        self.0.resize(end.next_multiple_of(NLA_ALIGNTO), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_count_no_padding_except_inside() {
        let mut bytes = Vec::new();
        let header = Header { family: 27, flags: 4, sequence: 5, command: 9 };
        Writer::message(&mut bytes, header, |writer| {
            writer.nested(1, |writer| {
                writer.u8(2, 7);
                writer.text(3, "rr");
            });
            writer.port(4, 80);
        });
        let mut expected = vec![48, 0, 0, 0, 27, 0, 5, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0];
        expected.extend([20, 0, 1, 128, 5, 0, 2, 0, 7, 0, 0, 0, 7, 0, 3, 0, b'r', b'r', 0, 0]);
        expected.extend([6, 0, 4, 0, 0, 80, 0, 0]);
        assert_eq!(bytes, expected);
    }
}
