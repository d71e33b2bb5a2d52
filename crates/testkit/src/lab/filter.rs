//! The packet filter of a capture: only what could be an advert or an announcement, only as it
//! comes into the switch, so that each frame is seen once and whoever sent it is known.

use socket2::SockFilter;

const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_BYTE: u16 = 0x30;
const JUMP_IF_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;
/// Where the kernel's own facts about a packet are loaded from: its kind, and its interface.
const PACKET_KIND: u32 = 0xffff_f004;
const PACKET_LINK: u32 = 0xffff_f008;
const OUTGOING: u32 = 4;
const WHOLE_PACKET: u32 = 0x4_0000;

const ARP: u32 = 0x0806;
const IPV4: u32 = 0x0800;
const IPV6: u32 = 0x86dd;
const ICMPV6: u32 = 58;
const AH: u32 = 51;
const VRRP: u32 = 112;
/// A protocol number that is reserved and never sent.
const NONE: u32 = 255;

/// Accepts ARP, ICMPv6 and, if wanted, VRRP and AH, coming in through any link but the bridge.
pub(super) fn program(bridge: u32, adverts: bool) -> [SockFilter; 15] {
    let (ah, vrrp) = if adverts { (AH, VRRP) } else { (NONE, NONE) };
    let accept = SockFilter::new(RETURN, 0, 0, WHOLE_PACKET);
    [
        SockFilter::new(LOAD_WORD, 0, 0, PACKET_KIND),
        SockFilter::new(JUMP_IF_EQUAL, 11, 0, OUTGOING),
        SockFilter::new(LOAD_WORD, 0, 0, PACKET_LINK),
        SockFilter::new(JUMP_IF_EQUAL, 9, 0, bridge),
        SockFilter::new(LOAD_HALF, 0, 0, 12),
        SockFilter::new(JUMP_IF_EQUAL, 8, 0, ARP),
        SockFilter::new(JUMP_IF_EQUAL, 3, 0, IPV4),
        // IPv6: next header VRRP or ICMPv6.
        SockFilter::new(JUMP_IF_EQUAL, 0, 5, IPV6),
        SockFilter::new(LOAD_BYTE, 0, 0, 20),
        SockFilter::new(JUMP_IF_EQUAL, 4, 2, ICMPV6),
        // IPv4: protocol VRRP or AH.
        SockFilter::new(LOAD_BYTE, 0, 0, 23),
        SockFilter::new(JUMP_IF_EQUAL, 2, 0, ah),
        SockFilter::new(JUMP_IF_EQUAL, 1, 0, vrrp),
        SockFilter::new(RETURN, 0, 0, 0),
        accept,
    ]
}
