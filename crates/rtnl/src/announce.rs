//! The frames that tell a segment where an address is now.
//!
//! Decides their bytes; when they are sent is decided by the core, and how by `sys::packet`.
//! IPv6's unsolicited neighbour advertisements will be built here too.

use std::net::Ipv4Addr;

use net::MacAddress;
use pnet_packet::arp::{ArpHardwareTypes, ArpOperations, MutableArpPacket};
use pnet_packet::ethernet::{EtherTypes, MutableEthernetPacket};

/// The length of a gratuitous ARP frame in bytes; the driver pads it.
pub const GRATUITOUS_ARP_LENGTH: usize = ETHERNET + 28;
/// The length of an Ethernet header in bytes.
const ETHERNET: usize = 14;

/// The Ethernet frame of a gratuitous ARP request: the address asks for itself, from the hardware
/// address of the interface that holds it.
#[must_use]
pub fn gratuitous_arp(mac: MacAddress, ip: Ipv4Addr) -> [u8; GRATUITOUS_ARP_LENGTH] {
    let (from, everyone) = (mac.0, MacAddress::BROADCAST.0);
    let mut frame = [0; GRATUITOUS_ARP_LENGTH];
    let (ethernet, arp) = frame.split_at_mut(ETHERNET);
    if let Some(mut ethernet) = MutableEthernetPacket::new(ethernet) {
        ethernet.set_destination(everyone.into());
        ethernet.set_source(from.into());
        ethernet.set_ethertype(EtherTypes::Arp);
    }
    if let Some(mut arp) = MutableArpPacket::new(arp) {
        arp.set_hardware_type(ArpHardwareTypes::Ethernet);
        arp.set_protocol_type(EtherTypes::Ipv4);
        arp.set_hw_addr_len(6);
        arp.set_proto_addr_len(4);
        arp.set_operation(ArpOperations::Request);
        arp.set_sender_hw_addr(from.into());
        arp.set_sender_proto_addr(ip);
        // RFC 5227 wants zeros here, keepalived has always sent the broadcast address.
        arp.set_target_hw_addr(everyone.into());
        arp.set_target_proto_addr(ip);
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gratuitous_arp_is_what_keepalived_was_seen_to_send() {
        let captured = "ff ff ff ff ff ff 02 00 00 00 00 0a 08 06 00 01 08 00 06 04 00 01 \
                        02 00 00 00 00 0a c0 00 02 37 ff ff ff ff ff ff c0 00 02 37";
        let captured: Vec<u8> =
            captured.split_whitespace().map(|b| u8::from_str_radix(b, 16).unwrap()).collect();
        let frame = gratuitous_arp(MacAddress([2, 0, 0, 0, 0, 10]), Ipv4Addr::new(192, 0, 2, 55));
        assert_eq!(frame[..], captured);
    }
}
