//! Links as route netlink lists them.
//!
//! Decides what "up" means and which few attributes matter; the rest is not even parsed.

use net::{Link, LinkIndex, LinkName, MacAddress};
use netlink_packet_core::{DecodeError, ErrorContext, NlasIterator, parse_string, parse_u32};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::link::{LinkFlags, LinkHeader};

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
/// `IFLA_VRF_TABLE`.
const VRF_TABLE: u16 = 1;

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
    let (mut vrf_table, mut master) = (None, None);
    for attribute in NlasIterator::new(payload.get(HEADER..).unwrap_or_default()) {
        let attribute = attribute.context("broken attribute of a link")?;
        match attribute.kind() {
            NAME => name = parse_string(attribute.value())?,
            MTU => mtu = parse_u32(attribute.value())?,
            ADDRESS => mac = attribute.value().try_into().ok().map(MacAddress),
            MASTER => master = Some(LinkIndex(parse_u32(attribute.value())?)),
            INFO => vrf_table = self::vrf_table(attribute.value()),
            _ => {}
        }
    }
    let name = LinkName::new(&name).map_err(|error| DecodeError::from(error.to_string()))?;
    let has = |flag: LinkFlags| header.flags.contains(flag);
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
        vrf_table,
        master,
        addresses: Vec::new(),
    }))
}

/// The table of a VRF, from what is special about a kind of link.
fn vrf_table(info: &[u8]) -> Option<u32> {
    let of = |bytes, kind| {
        let mut all = NlasIterator::new(bytes).flatten();
        all.find(|attribute| attribute.kind() == kind)
    };
    let is_vrf = of(info, INFO_KIND).is_some_and(|kind| kind.value().starts_with(b"vrf\0"));
    let data = of(info, INFO_DATA).filter(|_| is_vrf)?;
    parse_u32(of(data.value(), VRF_TABLE)?.value()).ok()
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

    #[test]
    fn a_vrf_has_a_table_and_nothing_else_has() {
        let nested = |kind: &[u8]| {
            let mut bytes = vec![8, 0, 1, 0];
            bytes.extend(kind);
            bytes.extend([12, 0, 2, 0, 8, 0, 1, 0, 77, 0, 0, 0]);
            bytes
        };
        let table = |info: &[u8]| {
            parse(&message(0, 1, &[(NAME, b"v\0"), (INFO, info)])).unwrap().unwrap().vrf_table
        };
        assert_eq!(table(&nested(b"vrf\0")), Some(77));
        assert_eq!(table(&nested(b"tun\0")), None);
        assert_eq!(table(&[1, 0]), None);
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
