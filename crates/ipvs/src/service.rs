//! Services as the kernel's attributes say them.
//!
//! Decides which of the kernel's services our values can express. Those of another protocol than
//! TCP, UDP and SCTP, of another address family or with a scheduler's name that is no text are
//! left out: nothing here could have made them.

use net::{
    Family, Granularity, ModuleName, Persistence, Protocol, Service, ServiceFlags, ServiceKey,
};
use netlink_packet_core::DecodeError;

use crate::attribute::Attributes;
use crate::number::{service as of, top};
use crate::statistics::{self, Counted, Load};
use crate::writer::Writer;

/// Writes the block that tells a service from the others.
pub(crate) fn write_key(writer: &mut Writer<'_>, key: ServiceKey) {
    writer.nested(top::SERVICE, |writer| identify(writer, key));
}

/// Writes the block of a whole service.
pub(crate) fn write(writer: &mut Writer<'_>, service: &Service) {
    let whole = Granularity::whole(service.key.family());
    let (persistent, timeout, granularity, engine) = match &service.persistence {
        None => (0, 0, whole, None),
        Some(Persistence { timeout, granularity, engine }) => {
            (of::PERSISTENT, *timeout, *granularity, engine.as_ref())
        }
    };
    let flags = service.flags.bits() | persistent;
    writer.nested(top::SERVICE, |writer| {
        identify(writer, service.key);
        writer.text(of::SCHED_NAME, service.scheduler.as_str());
        if let Some(engine) = engine {
            writer.text(of::PE_NAME, engine.as_str());
        }
        // Flags in the lower half, in the upper half which of them shall count: all.
        let [a, b, c, d] = flags.to_ne_bytes();
        writer.bytes(of::FLAGS, &[a, b, c, d, 0xff, 0xff, 0xff, 0xff]);
        writer.u32(of::TIMEOUT, timeout);
        match granularity {
            Granularity::Mask(mask) => writer.bytes(of::NETMASK, &mask.octets()),
            Granularity::Prefix(bits) => writer.u32(of::NETMASK, bits.into()),
        }
    });
}

fn identify(writer: &mut Writer<'_>, key: ServiceKey) {
    writer.family(of::AF, key.family());
    match key {
        ServiceKey::Address { protocol, ip, port } => {
            writer.u16(of::PROTOCOL, protocol.number());
            writer.ip(of::ADDR, ip);
            writer.port(of::PORT, port);
        }
        ServiceKey::Mark { mark, .. } => writer.u32(of::FWMARK, mark),
    }
}

/// Reads a service out of the attributes of a message; `None` if our values cannot express it.
pub(crate) fn parse(top: &Attributes<'_>) -> Result<Option<Service>, DecodeError> {
    let found = top.nested(top::SERVICE)?;
    let Some(key) = key(&found)? else { return Ok(None) };
    let Some(scheduler) = found.text(of::SCHED_NAME).and_then(ModuleName::new) else {
        return Ok(None);
    };
    let bits = flags(&found)?;
    let persistence =
        (bits & of::PERSISTENT != 0).then(|| persistence(&found, key.family())).transpose()?;
    Ok(Some(Service { key, scheduler, flags: ServiceFlags::from_kernel(bits), persistence }))
}

/// Reads what the kernel has counted, too.
pub(crate) fn parse_counted(top: &Attributes<'_>) -> Result<Option<Counted<Service>>, DecodeError> {
    let Some(service) = parse(top)? else { return Ok(None) };
    let traffic = statistics::parse(&top.nested(top::SERVICE)?, (of::STATS, of::STATS64))?;
    Ok(Some(Counted { of: service, traffic, load: Load::default() }))
}

fn key(found: &Attributes<'_>) -> Result<Option<ServiceKey>, DecodeError> {
    let Some(family) = found.family(of::AF)? else { return Ok(None) };
    if found.find(of::FWMARK).is_some() {
        return Ok(Some(ServiceKey::Mark { family, mark: found.u32(of::FWMARK)? }));
    }
    let Some(protocol) = Protocol::from_number(found.u16(of::PROTOCOL)?) else { return Ok(None) };
    let (ip, port) = (found.ip(of::ADDR, family)?, found.port(of::PORT)?);
    Ok(Some(ServiceKey::Address { protocol, ip, port }))
}

fn flags(found: &Attributes<'_>) -> Result<u32, DecodeError> {
    let value = found.get(of::FLAGS)?;
    let flags = value.first_chunk().ok_or_else(|| DecodeError::invalid_number(8, value.len()))?;
    Ok(u32::from_ne_bytes(*flags))
}

/// A timeout of 0 is passed on, although nothing here would set it: it is not what anybody wants.
fn persistence(found: &Attributes<'_>, family: Family) -> Result<Persistence, DecodeError> {
    let granularity = match family {
        Family::V4 => Granularity::Mask(found.mask(of::NETMASK)?),
        Family::V6 => Granularity::Prefix(u8::try_from(found.u32(of::NETMASK)?).unwrap_or(u8::MAX)),
    };
    let engine = found.text(of::PE_NAME).and_then(ModuleName::new);
    Ok(Persistence { timeout: found.u32(of::TIMEOUT)?, granularity, engine })
}
