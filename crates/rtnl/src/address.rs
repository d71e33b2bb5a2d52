//! Addresses as route netlink writes them, in both directions.
//!
//! Decides which attributes an address becomes, the way keepalived chooses them, and what an
//! address that the kernel lists is in our own words.

use std::net::IpAddr;
use std::time::Duration;

use net::{
    Address, AddressKey, Detection, Family, Held, Label, Lifetime, LinkIndex, LinkName, Scope,
};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::address::{
    AddressAttribute, AddressFlags, AddressHeader, AddressMessage, AddressProtocol, AddressScope,
    CacheInfo,
};

/// keepalived's number in `rt_addrprotos`; kernels before 5.18 ignore the attribute.
const PROTOCOL: u8 = 18;
/// The lifetime that never ends, in seconds (`INFINITY_LIFE_TIME`).
const FOREVER: u32 = u32::MAX;

/// An address that is on an interface now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The number of the interface.
    pub index: LinkIndex,
    /// The address as a configuration would describe it: what the kernel fills in by itself (a
    /// label that is the interface's name, the usual lifetime) is left out. A lifetime counts down.
    pub address: Address,
    /// Whether keepalived put it there, this one or another (`IFA_PROTO` 18, since Linux 5.18).
    pub ours: bool,
}

/// The message that adds the address.
pub(crate) fn add(address: &Address, index: LinkIndex) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header = header(address.ip, address.prefix, index);
    message.header.scope = AddressScope::from(address.scope.0);
    let attributes = &mut message.attributes;
    attributes.push(AddressAttribute::Local(address.ip));
    attributes.extend(address.peer.map(AddressAttribute::Address));
    if address.family() == Family::V4 {
        attributes.extend(address.broadcast.map(AddressAttribute::Broadcast));
        let label = address.label.as_ref();
        attributes.extend(label.map(|label| AddressAttribute::Label(label.as_str().to_owned())));
    }
    let flags = flags(address);
    if !flags.is_empty() {
        // The header has room for eight flags only, and the kernel prefers the attribute.
        attributes.push(AddressAttribute::Flags(flags));
    }
    attributes.extend(lifetime(address).map(AddressAttribute::CacheInfo));
    attributes.push(AddressAttribute::Protocol(AddressProtocol::Other(PROTOCOL)));
    message
}

/// The message that removes the address. For a point-to-point IPv4 address the kernel wants to
/// know the peer as well.
pub(crate) fn remove(key: &AddressKey, peer: Option<IpAddr>, index: LinkIndex) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header = header(key.ip, key.prefix, index);
    message.attributes.push(AddressAttribute::Local(key.ip));
    // Without IFA_ADDRESS the kernel ignores the prefix and takes the first match.
    message.attributes.push(AddressAttribute::Address(peer.unwrap_or(key.ip)));
    message
}

fn header(ip: IpAddr, prefix_len: u8, index: LinkIndex) -> AddressHeader {
    let family = match Family::of(ip) {
        Family::V4 => AddressFamily::Inet,
        Family::V6 => AddressFamily::Inet6,
    };
    AddressHeader { family, prefix_len, index: index.0, ..AddressHeader::default() }
}

fn flags(address: &Address) -> AddressFlags {
    let chosen = address.flags;
    let without_detection = address.family() == Family::V6 && !chosen.dad;
    [
        (without_detection, AddressFlags::Nodad),
        (chosen.home, AddressFlags::Homeaddress),
        (chosen.manage_temporary, AddressFlags::Managetempaddr),
        (chosen.no_prefix_route, AddressFlags::Noprefixroute),
        (chosen.auto_join, AddressFlags::Mcautojoin),
    ]
    .into_iter()
    .filter_map(|(set, flag)| set.then_some(flag))
    .collect()
}

/// Only sent when it is not the kernel's own choice.
fn lifetime(address: &Address) -> Option<CacheInfo> {
    let host = address.prefix == Family::V6.bits();
    let preferred = match (address.family(), address.preferred) {
        (_, Lifetime::Forever) | (Family::V4, Lifetime::Default) => FOREVER,
        (Family::V6, Lifetime::Default) => {
            if host {
                0
            } else {
                FOREVER
            }
        }
        (_, Lifetime::For(time)) => u32::try_from(time.as_secs()).unwrap_or(FOREVER),
    };
    (preferred != FOREVER).then(|| {
        let mut times = CacheInfo::default();
        times.ifa_preferred = preferred;
        times.ifa_valid = FOREVER;
        times
    })
}

/// The address, and whether the kernel uses it yet.
pub(crate) fn held(message: &AddressMessage) -> Option<Held> {
    Some(Held { ip: own_ip(message)?, detection: detection(message) })
}

/// An optimistic address is tentative as well, but used all the same (RFC 4429).
fn detection(message: &AddressMessage) -> Detection {
    let all = |attribute: &_| {
        if let AddressAttribute::Flags(flags) = attribute { Some(*flags) } else { None }
    };
    let flags = message.attributes.iter().find_map(all).unwrap_or(AddressFlags::empty());
    let has = |flag| flags.contains(flag);
    if has(AddressFlags::Dadfailed) {
        Detection::Duplicate
    } else if has(AddressFlags::Tentative) && !has(AddressFlags::Optimistic) {
        Detection::Tentative
    } else {
        Detection::Unique
    }
}

/// The address itself: `IFA_ADDRESS` is the other end when both are there.
fn own_ip(message: &AddressMessage) -> Option<IpAddr> {
    let local = |attribute: &_| {
        if let AddressAttribute::Local(ip) = attribute { Some(*ip) } else { None }
    };
    message.attributes.iter().find_map(local).or_else(|| far_ip(message))
}

fn far_ip(message: &AddressMessage) -> Option<IpAddr> {
    let far = |attribute: &_| {
        if let AddressAttribute::Address(ip) = attribute { Some(*ip) } else { None }
    };
    message.attributes.iter().find_map(far)
}

/// What the message says of an address on the interface of this name; `None` for kinds of
/// addresses that are not IP.
pub(crate) fn installed(message: &AddressMessage, link: LinkName) -> Option<Installed> {
    let ip = own_ip(message)?;
    let mut address = Address::new(link, ip, message.header.prefix_len);
    address.scope = Scope(u8::from(message.header.scope));
    address.peer = far_ip(message).filter(|far| *far != ip);
    let mut ours = false;
    for attribute in &message.attributes {
        if let AddressAttribute::Protocol(protocol) = attribute {
            ours = u8::from(*protocol) == PROTOCOL;
        } else {
            describe(&mut address, attribute);
        }
    }
    Some(Installed { index: LinkIndex(message.header.index), address, ours })
}

/// Adds what one attribute says; most say nothing that a configuration could.
fn describe(address: &mut Address, attribute: &AddressAttribute) {
    if let AddressAttribute::Broadcast(broadcast) = attribute {
        address.broadcast = Some(*broadcast);
    } else if let AddressAttribute::Label(label) = attribute {
        address.label = Label::new(label).filter(|label| label.as_str() != address.link.as_str());
    } else if let AddressAttribute::Flags(flags) = attribute {
        address.flags = chosen_flags(address.ip, *flags);
    } else if let AddressAttribute::CacheInfo(times) = attribute {
        address.preferred = preferred(address, times);
    }
}

fn chosen_flags(ip: IpAddr, flags: AddressFlags) -> net::AddressFlags {
    net::AddressFlags {
        home: flags.contains(AddressFlags::Homeaddress),
        dad: Family::of(ip) == Family::V6 && !flags.contains(AddressFlags::Nodad),
        manage_temporary: flags.contains(AddressFlags::Managetempaddr),
        no_prefix_route: flags.contains(AddressFlags::Noprefixroute),
        auto_join: flags.contains(AddressFlags::Mcautojoin),
    }
}

fn preferred(address: &Address, times: &CacheInfo) -> Lifetime {
    let usual = lifetime(&Address { preferred: Lifetime::Default, ..address.clone() });
    let usual = usual.map_or(FOREVER, |times| times.ifa_preferred);
    match times.ifa_preferred {
        time if time == usual => Lifetime::Default,
        FOREVER => Lifetime::Forever,
        seconds => Lifetime::For(Duration::from_secs(u64::from(seconds))),
    }
}

#[cfg(test)]
mod tests;
