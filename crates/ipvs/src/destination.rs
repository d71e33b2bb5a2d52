//! Destinations as the kernel's attributes say them.
//!
//! Decides which of the kernel's destinations our values can express. A local node counts as
//! direct routing, which is how kernels that still tell them apart are asked for one; a cache
//! bypass, an encapsulation that is unknown here and another address family are left out.

use net::{Checksum, Destination, DestinationKey, Encapsulation, Forwarding};
use netlink_packet_core::DecodeError;

use crate::attribute::Attributes;
use crate::number::{destination as of, forwarding, top, tunnel};
use crate::statistics::{self, Counted, Load};
use crate::writer::Writer;

/// Writes the block that tells a destination from the others of its service.
pub(crate) fn write_key(writer: &mut Writer<'_>, key: DestinationKey) {
    writer.nested(top::DEST, |writer| identify(writer, key));
}

/// Writes the block of a whole destination.
pub(crate) fn write(writer: &mut Writer<'_>, destination: &Destination) {
    writer.nested(top::DEST, |writer| {
        identify(writer, destination.key);
        forward(writer, destination.forwarding);
        // The kernel reads a signed number.
        writer.u32(of::WEIGHT, destination.weight.min(i32::MAX.unsigned_abs()));
        writer.u32(of::U_THRESH, destination.upper_threshold);
        writer.u32(of::L_THRESH, destination.lower_threshold);
    });
}

fn identify(writer: &mut Writer<'_>, key: DestinationKey) {
    writer.family(of::ADDR_FAMILY, net::Family::of(key.ip));
    writer.ip(of::ADDR, key.ip);
    writer.port(of::PORT, key.port);
}

fn forward(writer: &mut Writer<'_>, how: Forwarding) {
    match how {
        Forwarding::Nat => writer.u32(of::FWD_METHOD, forwarding::MASQ),
        Forwarding::Direct => writer.u32(of::FWD_METHOD, forwarding::DROUTE),
        Forwarding::Tunnel(encapsulation) => {
            writer.u32(of::FWD_METHOD, forwarding::TUNNEL);
            encapsulate(writer, encapsulation);
        }
    }
}

fn encapsulate(writer: &mut Writer<'_>, encapsulation: Encapsulation) {
    match encapsulation {
        Encapsulation::Ipip => writer.u8(of::TUN_TYPE, tunnel::IPIP),
        Encapsulation::Gue { port, checksum } => {
            writer.u8(of::TUN_TYPE, tunnel::GUE);
            writer.port(of::TUN_PORT, port);
            writer.u16(of::TUN_FLAGS, tunnel_flags(checksum));
        }
        Encapsulation::Gre { checksum } => {
            writer.u8(of::TUN_TYPE, tunnel::GRE);
            writer.u16(of::TUN_FLAGS, tunnel_flags(checksum));
        }
    }
}

const fn tunnel_flags(checksum: Checksum) -> u16 {
    match checksum {
        Checksum::None => tunnel::NOCSUM,
        Checksum::Full => tunnel::CSUM,
        Checksum::Remote => tunnel::REMCSUM,
    }
}

/// Reads a destination out of the attributes of a message; `None` if our values cannot express
/// it.
pub(crate) fn parse(top: &Attributes<'_>) -> Result<Option<Destination>, DecodeError> {
    let found = top.nested(top::DEST)?;
    let Some(family) = found.family(of::ADDR_FAMILY)? else { return Ok(None) };
    let Some(forwarding) = forwarding(&found)? else { return Ok(None) };
    Ok(Some(Destination {
        key: DestinationKey { ip: found.ip(of::ADDR, family)?, port: found.port(of::PORT)? },
        forwarding,
        weight: found.u32(of::WEIGHT)?.min(i32::MAX.unsigned_abs()),
        upper_threshold: found.u32(of::U_THRESH)?,
        lower_threshold: found.u32(of::L_THRESH)?,
    }))
}

/// Reads what the kernel has counted, too.
pub(crate) fn parse_counted(
    top: &Attributes<'_>,
) -> Result<Option<Counted<Destination>>, DecodeError> {
    let Some(destination) = parse(top)? else { return Ok(None) };
    let found = top.nested(top::DEST)?;
    let load = Load {
        active: found.u32(of::ACTIVE_CONNS)?,
        inactive: found.u32(of::INACT_CONNS)?,
        persistent: found.u32(of::PERSIST_CONNS)?,
    };
    let traffic = statistics::parse(&found, (of::STATS, of::STATS64))?;
    Ok(Some(Counted { of: destination, traffic, load }))
}

fn forwarding(found: &Attributes<'_>) -> Result<Option<Forwarding>, DecodeError> {
    Ok(match found.u32(of::FWD_METHOD)? & forwarding::MASK {
        forwarding::MASQ => Some(Forwarding::Nat),
        forwarding::LOCALNODE | forwarding::DROUTE => Some(Forwarding::Direct),
        forwarding::TUNNEL => encapsulation(found)?.map(Forwarding::Tunnel),
        _ => None,
    })
}

/// Kernels before 5.2 know only IP in IP and do not say so.
fn encapsulation(found: &Attributes<'_>) -> Result<Option<Encapsulation>, DecodeError> {
    if found.find(of::TUN_TYPE).is_none() {
        return Ok(Some(Encapsulation::Ipip));
    }
    Ok(match found.u8(of::TUN_TYPE)? {
        tunnel::IPIP => Some(Encapsulation::Ipip),
        tunnel::GUE => {
            let (port, checksum) = (found.port(of::TUN_PORT)?, checksum(found)?);
            Some(Encapsulation::Gue { port, checksum })
        }
        tunnel::GRE => Some(Encapsulation::Gre { checksum: checksum(found)? }),
        _ => None,
    })
}

fn checksum(found: &Attributes<'_>) -> Result<Checksum, DecodeError> {
    let flags = found.u16(of::TUN_FLAGS)?;
    Ok(if flags & tunnel::REMCSUM != 0 {
        Checksum::Remote
    } else if flags & tunnel::CSUM != 0 {
        Checksum::Full
    } else {
        Checksum::None
    })
}
