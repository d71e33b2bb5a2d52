//! Packets that no raw socket would send: put on the wire as Ethernet frames, with everything as
//! written here, checksums of headers included.

use std::net::IpAddr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use nix::net::if_::if_nametoindex;
use testkit::lab::{Forged, Host};

/// Bytes of the headers of IPv4, and of AH behind it.
pub(crate) const IP: usize = 20;
pub(crate) const AH: usize = 24;
const ICV: usize = 12;

/// Sends a packet out of `eth0` as it is, but for the checksum of an IPv4 header. `to` is the
/// hardware address of a unicast receiver; multicast goes to the group's.
pub(crate) fn inject(from: &Host, to: Option<&str>, packet: &[u8]) {
    let v6 = packet[0] >> 4 == 6;
    let (group, kind) = match v6 {
        true => ([0x33, 0x33, 0x00, 0x00, 0x00, 0x12], [0x86, 0xdd]),
        false => ([0x01, 0x00, 0x5e, 0x00, 0x00, 0x12], [0x08, 0x00]),
    };
    let mut packet = packet.to_vec();
    if !v6 {
        packet[10..12].fill(0);
        let checksum = internet_checksum(&packet[..IP]);
        packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    }
    let mut frame = to.map_or(group, hardware_address).to_vec();
    frame.extend(hardware_address(&from.mac()));
    frame.extend(kind);
    frame.extend(packet);
    let sent = from.inside_thread(|| {
        let index = net::LinkIndex(if_nametoindex("eth0")?);
        sys::packet::PacketSender::open()?.send(index, &[frame])
    });
    assert_eq!(sent.expect("a frame that goes out"), 1);
}

fn hardware_address(text: &str) -> [u8; 6] {
    let byte = |part| u8::from_str_radix(part, 16).expect("a hardware address");
    let bytes: Vec<u8> = text.trim().split(':').map(byte).collect();
    bytes.try_into().expect("six bytes")
}

/// A forged advert with its IPv6 header in front of it; `change` makes what it carries longer,
/// shorter or different. Its checksum is right afterwards: the kernel keeps others to itself.
pub(crate) fn over_ipv6(advert: &Forged, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let (IpAddr::V6(source), IpAddr::V6(destination)) = (advert.source, advert.destination) else {
        panic!("addresses of IPv6");
    };
    let mut vrrp = advert.packet();
    change(&mut vrrp);
    let length = u16::try_from(vrrp.len()).expect("a packet");
    let mut pseudo = [source.octets(), destination.octets()].concat();
    pseudo.extend([0, 112]);
    pseudo.extend(length.to_be_bytes());
    // Where there is no place for it, the end of what is there makes up for it.
    let place = if vrrp.len() >= 8 { 6..8 } else { vrrp.len() - 2..vrrp.len() };
    vrrp[place.clone()].fill(0);
    let checksum = internet_checksum(&[pseudo, vrrp.clone()].concat());
    vrrp[place].copy_from_slice(&checksum.to_be_bytes());
    let mut packet = vec![0x6c, 0, 0, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([112, advert.ttl]);
    packet.extend([source.octets(), destination.octets()].concat());
    packet.extend(vrrp);
    packet
}

/// The same packet with another total length in its header: its own.
pub(crate) fn measured(mut packet: Vec<u8>) -> Vec<u8> {
    let length = u16::try_from(packet.len()).expect("a packet");
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    packet
}

/// The same advert (VRRPv2, without authentication) under an authentication header (RFC 2402),
/// as keepalived makes it (compat 11 §1.5).
pub(crate) fn under_ah(advert: &[u8], key: &[u8; 8], sequence: u32) -> Vec<u8> {
    let (ip, vrrp) = advert.split_at(IP);
    let mut packet = ip.to_vec();
    packet[9] = 51;
    packet.extend([112, 4, 0, 0]);
    packet.extend(&ip[12..16]);
    packet.extend(sequence.to_be_bytes());
    packet.extend([0; ICV]);
    packet.extend(vrrp);
    sealed(measured(packet), key)
}

/// The same packet under AH with the check value that it should have.
pub(crate) fn sealed(mut packet: Vec<u8>, key: &[u8; 8]) -> Vec<u8> {
    let icv = IP + AH - ICV..IP + AH;
    packet[icv.clone()].fill(0);
    let mut covered = packet.clone();
    covered[1] = 0;
    covered[6..8].fill(0);
    covered[10..12].fill(0);
    let mut mac = Hmac::<md5::Md5>::new_from_slice(key).expect("a key of any length");
    mac.update(&covered);
    packet[icv].copy_from_slice(&mac.finalize().into_bytes()[..ICV]);
    packet
}

/// A trailer of `auth_hmac` (compat 11 §1.6) behind an advert.
pub(crate) struct Trailer<'a> {
    pub(crate) scheme: u8,
    pub(crate) key_id: u8,
    pub(crate) key: &'a [u8],
    /// Seconds since 1970.
    pub(crate) seconds: u64,
    pub(crate) counter: u16,
}

impl Trailer<'_> {
    /// The advert with this trailer.
    pub(crate) fn behind(&self, advert: &[u8]) -> Vec<u8> {
        let mut source = [0; 16];
        source[..4].copy_from_slice(&advert[12..16]);
        let mut packet = advert[..IP].to_vec();
        packet.extend(self.signed(4, source, &advert[IP..]));
        measured(packet)
    }

    /// The same over IPv6.
    pub(crate) fn behind_v6(&self, advert: &Forged) -> Vec<u8> {
        let IpAddr::V6(source) = advert.source else { panic!("an address of IPv6") };
        over_ipv6(advert, |vrrp| *vrrp = self.signed(6, source.octets(), vrrp))
    }

    /// What follows the IP header: the advert, and its trailer.
    fn signed(&self, family: u8, source: [u8; 16], vrrp: &[u8]) -> Vec<u8> {
        let mut content = vrrp.to_vec();
        content.extend([self.scheme, self.key_id, 0, 0]);
        // The low 32 bits, as the format has it.
        content.extend(&self.seconds.to_be_bytes()[4..]);
        content.extend([0, 0]);
        content.extend(self.counter.to_be_bytes());
        let mut covered = vec![family, vrrp[0] >> 4, vrrp[1], 0];
        covered.extend(source);
        covered.extend(&content);
        covered[20 + 6..20 + 8].fill(0);
        covered.extend([0; 16]);
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(self.key).expect("a key of any length");
        mac.update(&covered);
        content.extend(&mac.finalize().into_bytes()[..16]);
        content
    }
}

pub(crate) fn internet_checksum(header: &[u8]) -> u16 {
    let low = |word: &[u8]| word.get(1).map_or(0, |low| u32::from(*low));
    let words = header.chunks(2).map(|word| u32::from(word[0]) << 8 | low(word));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or(u16::MAX)
}
