//! Links as route netlink lists them.
//!
//! Decides what "up" means and which few attributes matter; the rest is not even parsed.

use net::{Link, LinkIndex, LinkKind, LinkName, MacAddress};
use netlink_packet_core::{
    DecodeError, ErrorContext, NlasIterator, parse_string, parse_u16, parse_u32,
};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::link::{LinkFlags, LinkHeader, LinkLayerType};

/// The length of `struct ifinfomsg` in bytes.
const HEADER: usize = 16;
/// `IFLA_ADDRESS`.
const ADDRESS: u16 = 1;
/// `IFLA_IFNAME`.
const NAME: u16 = 3;
/// `IFLA_MTU`.
const MTU: u16 = 4;
/// `IFLA_MASTER`.
const MASTER: u16 = 10;
/// `IFLA_LINKINFO`, and in it `IFLA_INFO_KIND`, `IFLA_INFO_DATA`.
const INFO: u16 = 18;
const INFO_KIND: u16 = 1;
const INFO_DATA: u16 = 2;
/// `IFLA_LINK` and `IFLA_LINK_NETNSID`: what it is made on, and in which other namespace.
const BASE: u16 = 5;
const BASE_ELSEWHERE: u16 = 37;
/// `IFLA_VRF_TABLE`, `IFLA_MACVLAN_MODE`, `IFLA_IPVLAN_MODE`: the first of what is special.
const SPECIAL: u16 = 1;
/// `MACVLAN_MODE_PRIVATE`.
const PRIVATE: u32 = 1;
/// `IPVLAN_MODE_L2`.
const L2: u16 = 0;

/// The link of an `RTM_NEWLINK` or `RTM_DELLINK` message, without its addresses.
///
/// `None` for messages about a link's role, such as its leaving a bridge, which the kernel sends
/// under the same types with the family of that role.
pub(crate) fn parse(payload: &[u8]) -> Result<Option<Link>, DecodeError> {
    let header = LinkHeader::parse(payload)?;
    if header.interface_family != AddressFamily::Unspec {
        return Ok(None);
    }
    let (mut name, mut mac, mut mtu) = (String::new(), None, 0);
    let (mut info, mut base, mut elsewhere, mut master) = (Vec::new(), None, false, None);
    for attribute in NlasIterator::new(payload.get(HEADER..).unwrap_or_default()) {
        let attribute = attribute.context("broken attribute of a link")?;
        match attribute.kind() {
            NAME => name = parse_string(attribute.value())?,
            MTU => mtu = parse_u32(attribute.value())?,
            ADDRESS => mac = attribute.value().try_into().ok().map(MacAddress),
            INFO => info = attribute.value().to_vec(),
            BASE => base = parse_u32(attribute.value()).ok().map(LinkIndex),
            BASE_ELSEWHERE => elsewhere = true,
            MASTER => master = Some(LinkIndex(parse_u32(attribute.value())?)),
            _ => {}
        }
    }
    let name = LinkName::new(&name).map_err(|error| DecodeError::from(error.to_string()))?;
    let has = |flag: LinkFlags| header.flags.contains(flag);
    let ethernet = header.link_layer_type == LinkLayerType::Ether;
    let plain = if ethernet { LinkKind::Ethernet } else { LinkKind::Other };
    Ok(Some(Link {
        name,
        index: LinkIndex(header.index),
        flags: header.flags.bits(),
        up: has(LinkFlags::Up | LinkFlags::Running),
        loopback: has(LinkFlags::Loopback),
        multicast: has(LinkFlags::Multicast),
        arp: !has(LinkFlags::Noarp),
        mac,
        mtu,
        hardware: header.link_layer_type.into(),
        kind: kind(&info, base.filter(|_| !elsewhere)).unwrap_or(plain),
        master,
        addresses: Vec::new(),
    }))
}

/// The kinds that more is known of, from what is special about a link.
fn kind(info: &[u8], base: Option<LinkIndex>) -> Option<LinkKind> {
    let of = |bytes, kind| {
        let mut all = NlasIterator::new(bytes).flatten();
        all.find(|attribute| attribute.kind() == kind)
    };
    let name = parse_string(of(info, INFO_KIND)?.value()).ok()?;
    let data = of(info, INFO_DATA)?;
    let special = of(data.value(), SPECIAL)?;
    match name.as_str() {
        "vrf" => Some(LinkKind::Vrf { table: parse_u32(special.value()).ok()? }),
        "macvlan" => {
            let private = parse_u32(special.value()).ok()? == PRIVATE;
            Some(LinkKind::Macvlan { base, private })
        }
        "ipvlan" => {
            let l2 = parse_u16(special.value()).ok()? == L2;
            Some(LinkKind::Ipvlan { base, l2 })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(family: u8, flags: u32, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![family, 0, 1, 0];
        bytes.extend(3_u32.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend([0; 4]);
        for (kind, value) in attributes {
            bytes.extend(u16::try_from(value.len() + 4).unwrap().to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(*value);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes
    }

    #[test]
    fn a_link_is_up_when_it_runs_too() {
        let attributes: &[(u16, &[u8])] =
            &[(NAME, b"eth0\0"), (MTU, &1500_u32.to_ne_bytes()), (ADDRESS, &[2, 0, 0, 0, 0, 10])];
        let link = parse(&message(0, 0x1043, attributes)).unwrap().unwrap();
        assert_eq!((link.name.as_str(), link.index, link.mtu), ("eth0", LinkIndex(3), 1500));
        assert_eq!(link.mac, Some(MacAddress([2, 0, 0, 0, 0, 10])));
        assert!(link.up && link.multicast && link.arp && !link.loopback);
        let idle = parse(&message(0, 0x1083, attributes)).unwrap().unwrap();
        assert!(!idle.up && !idle.arp);
    }

    #[test]
    fn a_hardware_address_of_another_length_is_none() {
        let link = parse(&message(0, 1, &[(NAME, b"tun0\0"), (ADDRESS, &[10, 0, 0, 1])]));
        assert_eq!(link.unwrap().unwrap().mac, None);
    }

    #[test]
    fn news_of_bridge_ports_are_not_news_of_links() {
        assert_eq!(parse(&message(7, 1, &[(NAME, b"eth0\0")])).unwrap(), None);
    }

    /// An attribute with its padding.
    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        message(0, 0, &[(kind, value)]).split_off(HEADER)
    }

    #[test]
    fn kinds_are_told_by_name_and_by_what_is_special_about_them() {
        let info = |name: &[u8], special: &[u8]| {
            let data = attribute(INFO_DATA, &attribute(SPECIAL, special));
            [attribute(INFO_KIND, name), data].concat()
        };
        let seen = |info: &[u8], more: &[(u16, &[u8])]| {
            let attributes: Vec<_> = [(NAME, &b"v\0"[..]), (INFO, info)]
                .into_iter()
                .chain(more.iter().copied())
                .collect();
            parse(&message(0, 1, &attributes)).unwrap().unwrap().kind
        };
        let number = 77_u32.to_ne_bytes();
        assert_eq!(seen(&info(b"vrf\0", &number), &[]), LinkKind::Vrf { table: 77 });
        assert_eq!(seen(&info(b"tun\0", &number), &[]), LinkKind::Ethernet);
        assert_eq!(seen(&[1, 0], &[]), LinkKind::Ethernet);
        let base = 2_u32.to_ne_bytes();
        let here = Some(LinkIndex(2));
        for (mode, private) in [(1_u32, true), (4, false)] {
            let info = info(b"macvlan\0", &mode.to_ne_bytes());
            assert_eq!(seen(&info, &[(BASE, &base)]), LinkKind::Macvlan { base: here, private });
        }
        for (mode, l2) in [(0_u16, true), (1, false)] {
            let info = info(b"ipvlan\0", &mode.to_ne_bytes());
            assert_eq!(seen(&info, &[(BASE, &base)]), LinkKind::Ipvlan { base: here, l2 });
        }
        let foreign: [(u16, &[u8]); 2] = [(BASE, &base), (BASE_ELSEWHERE, &base)];
        let elsewhere = seen(&info(b"macvlan\0", &1_u32.to_ne_bytes()), &foreign);
        assert_eq!(elsewhere, LinkKind::Macvlan { base: None, private: true });
    }

    #[test]
    fn only_some_links_carry_ethernet_frames() {
        let mut tunnel = message(0, 1, &[(NAME, b"tun0\0")]);
        // `ARPHRD_NONE`.
        tunnel[2..4].copy_from_slice(&0xfffe_u16.to_ne_bytes());
        assert_eq!(parse(&tunnel).unwrap().unwrap().kind, LinkKind::Other);
    }

    #[test]
    fn broken_messages_are_errors() {
        assert!(parse(&[0; 7]).is_err());
        assert!(parse(&message(0, 1, &[])).is_err(), "no name");
        let mut broken = message(0, 1, &[(NAME, b"eth0\0")]);
        broken[HEADER] = 200;
        assert!(parse(&broken).is_err());
    }
}
