//! Elements of the maps: from where packets go to the mark that they get.

use std::net::IpAddr;

use net::{Marking, Protocol};
use netlink_packet_core::DefaultNla;
use netlink_packet_netfilter::nftables::{
    DataAttribute, ListAttribute, SetElementAttribute, SetElementList, SetElementMessage,
};

/// `NFTA_DATA_VALUE`.
const VALUE: u16 = 1;

/// The map of a protocol.
pub(crate) const fn map(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp_map",
        Protocol::Udp => "udp_map",
        Protocol::Sctp => "sctp_map",
    }
}

/// Markings of one family and protocol, as elements of their map.
pub(crate) fn elements(table: &str, protocol: Protocol, of: &[Marking]) -> SetElementMessage {
    let elements = of.iter().map(|marking| ListAttribute::Element(element(marking))).collect();
    SetElementMessage {
        attributes: vec![
            SetElementList::Table(table.to_owned()),
            SetElementList::Set(map(protocol).to_owned()),
            SetElementList::Elements(elements),
        ],
    }
}

fn element(marking: &Marking) -> Vec<SetElementAttribute> {
    let first = key(marking.addresses.0, marking.ports.0);
    let last = key(marking.addresses.1, marking.ports.1);
    vec![
        SetElementAttribute::Key(DataAttribute::Value(first)),
        SetElementAttribute::KeyEnd(vec![DefaultNla::new(VALUE, last)]),
        // Marks are in the host's order, as they are in packets.
        SetElementAttribute::Data(DataAttribute::Value(marking.mark.to_ne_bytes().to_vec())),
    ]
}

/// Address and port, each padded to whole registers of four bytes.
fn key(ip: IpAddr, port: u16) -> Vec<u8> {
    let mut key = match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    key.extend(port.to_be_bytes());
    key.extend([0, 0]);
    key
}
