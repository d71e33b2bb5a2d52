//! The frames that tell a segment where an address is now.
//!
//! Decides their bytes; when they are sent is decided by the core, and how by `sys::packet`.

use std::net::{Ipv4Addr, Ipv6Addr};

use net::MacAddress;
use pnet_packet::arp::{ArpHardwareTypes, ArpOperations, MutableArpPacket};
use pnet_packet::ethernet::{EtherTypes, MutableEthernetPacket};
use pnet_packet::icmpv6::ndp::{
    MutableNdpOptionPacket, MutableNeighborAdvertPacket, NdpOptionTypes, NeighborAdvertFlags,
};
use pnet_packet::icmpv6::{self, Icmpv6Packet, Icmpv6Types};
use pnet_packet::ip::IpNextHeaderProtocols;
use pnet_packet::ipv6::MutableIpv6Packet;

/// The length of a gratuitous ARP frame in bytes; the driver pads it.
pub const GRATUITOUS_ARP_LENGTH: usize = ETHERNET + 28;
/// The length of an unsolicited neighbour advertisement frame in bytes.
pub const NEIGHBOUR_ADVERT_LENGTH: usize = ETHERNET + IPV6 + ADVERT;
/// The length of an Ethernet header in bytes.
const ETHERNET: usize = 14;
/// The length of an IPv6 header in bytes.
const IPV6: usize = 40;
/// The length of a neighbour advertisement in bytes, with one option.
const ADVERT: usize = 24 + OPTION;
/// The length of the option with the link-layer address in bytes.
const OPTION: usize = 8;
/// Every node of the link (RFC 4291 §2.7.1), and the Ethernet group that it is in.
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
const ALL_NODES_MAC: [u8; 6] = [0x33, 0x33, 0, 0, 0, 1];

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

/// The Ethernet frame of an unsolicited neighbour advertisement (RFC 4861 §7.2.6): the address is
/// at this hardware address now, whatever was known before. `router` says whether the sender
/// forwards packets.
#[must_use]
pub fn neighbour_advert(
    mac: MacAddress,
    ip: Ipv6Addr,
    router: bool,
) -> [u8; NEIGHBOUR_ADVERT_LENGTH] {
    let mut frame = [0; NEIGHBOUR_ADVERT_LENGTH];
    let (ethernet, packet) = frame.split_at_mut(ETHERNET);
    let (header, advert) = packet.split_at_mut(IPV6);
    if let Some(mut ethernet) = MutableEthernetPacket::new(ethernet) {
        ethernet.set_destination(ALL_NODES_MAC.into());
        ethernet.set_source(mac.0.into());
        ethernet.set_ethertype(EtherTypes::Ipv6);
    }
    if let Some(mut header) = MutableIpv6Packet::new(header) {
        header.set_version(6);
        header.set_payload_length(u16::try_from(ADVERT).unwrap_or(u16::MAX));
        header.set_next_header(IpNextHeaderProtocols::Icmpv6);
        // RFC 4861 §7.1.2: a router could not have forwarded it.
        header.set_hop_limit(255);
        header.set_source(ip);
        header.set_destination(ALL_NODES);
    }
    write_advert(advert, mac, ip, router);
    frame
}

fn write_advert(bytes: &mut [u8], mac: MacAddress, ip: Ipv6Addr, router: bool) {
    if let Some(mut option) = bytes.get_mut(24..).and_then(MutableNdpOptionPacket::new) {
        option.set_option_type(NdpOptionTypes::TargetLLAddr);
        option.set_length(1);
        option.set_data(&mac.0);
    }
    if let Some(mut advert) = MutableNeighborAdvertPacket::new(bytes) {
        let router = if router { NeighborAdvertFlags::Router } else { 0 };
        advert.set_icmpv6_type(Icmpv6Types::NeighborAdvert);
        advert.set_flags(NeighborAdvertFlags::Override | router);
        advert.set_target_addr(ip);
    }
    let sum = Icmpv6Packet::new(bytes).map(|it| icmpv6::checksum(&it, &ip, &ALL_NODES));
    if let (Some(mut advert), Some(sum)) = (MutableNeighborAdvertPacket::new(bytes), sum) {
        advert.set_checksum(sum);
    }
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

    #[test]
    fn a_neighbour_advert_is_what_keepalived_was_seen_to_send() {
        let captured = "33 33 00 00 00 01 02 00 00 00 00 0a 86 dd \
                        60 00 00 00 00 20 3a ff \
                        fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 57 \
                        ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01 \
                        88 00 56 e6 20 00 00 00 \
                        fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 57 02 01 02 00 00 00 00 0a";
        let captured: Vec<u8> =
            captured.split_whitespace().map(|b| u8::from_str_radix(b, 16).unwrap()).collect();
        let mac = MacAddress([2, 0, 0, 0, 0, 10]);
        let ip = "fe80::57".parse().unwrap();
        assert_eq!(neighbour_advert(mac, ip, false)[..], captured);
        assert_eq!(neighbour_advert(mac, ip, true)[58], 0xa0);
    }
}
