//! What a fuzz target needs: whole datagrams to and from the kernel, without a kernel.
//!
//! Decides nothing; not for any other use.
#![doc(hidden)]

use net::{Destination, Service};
use netlink::{Reply, messages};
use netlink_packet_core::NLMSG_ERROR;

use crate::attribute::Attributes;
use crate::change::Change;
use crate::{destination, info, service};

/// Everything that a datagram could be an answer to.
#[derive(Debug, Default)]
pub struct Read {
    /// As the answer to a list of services.
    pub services: Vec<Service>,
    /// As the answer to a list of destinations.
    pub destinations: Vec<Destination>,
    /// As the answers to changes: error numbers.
    pub errors: Vec<i32>,
}

/// Reads any bytes as a datagram of the kernel's.
#[must_use]
pub fn read(datagram: &[u8]) -> Read {
    let mut all = Read::default();
    for message in messages(datagram).flatten() {
        if message.kind == NLMSG_ERROR {
            all.errors.extend(Reply::parse(&message).map(|reply| reply.errno));
        }
        if let Ok(top) = Attributes::of(&message) {
            all.services.extend(service::parse(&top).ok().flatten());
            all.destinations.extend(destination::parse(&top).ok().flatten());
            let _information = info::parse(&top);
            let _counted = (service::parse_counted(&top), destination::parse_counted(&top));
        }
    }
    all
}

/// The datagram that asks for a change, to family number 27.
#[must_use]
pub fn write(change: &Change) -> Vec<u8> {
    let mut bytes = Vec::new();
    change.write(&mut bytes, 27, 1, true);
    bytes
}
