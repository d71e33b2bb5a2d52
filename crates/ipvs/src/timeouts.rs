//! How long IPVS keeps connections.

use netlink_packet_core::DecodeError;

use crate::attribute::Attributes;
use crate::number::top;
use crate::writer::Writer;

/// The three timeouts of the kernel, in seconds; one of 0 is left as it is when they are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Of an established TCP connection.
    pub tcp: u32,
    /// Of a TCP connection after a FIN.
    pub tcp_fin: u32,
    /// Of UDP.
    pub udp: u32,
}

pub(crate) fn write(writer: &mut Writer<'_>, timeouts: &Timeouts) {
    writer.u32(top::TIMEOUT_TCP, timeouts.tcp);
    writer.u32(top::TIMEOUT_TCP_FIN, timeouts.tcp_fin);
    writer.u32(top::TIMEOUT_UDP, timeouts.udp);
}

pub(crate) fn parse(top: &Attributes<'_>) -> Result<Option<Timeouts>, DecodeError> {
    Ok(Some(Timeouts {
        tcp: top.u32(top::TIMEOUT_TCP)?,
        tcp_fin: top.u32(top::TIMEOUT_TCP_FIN)?,
        udp: top.u32(top::TIMEOUT_UDP)?,
    }))
}
