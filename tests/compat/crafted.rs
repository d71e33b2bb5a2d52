//! Packets that no raw socket would send: put on the wire as Ethernet frames, with everything as
//! written here, checksums of headers included.

use hmac::{Hmac, KeyInit as _, Mac as _};
use nix::net::if_::if_nametoindex;
use testkit::lab::Host;

/// Bytes of the headers of IPv4, and of AH behind it.
pub(crate) const IP: usize = 20;
pub(crate) const AH: usize = 24;
const ICV: usize = 12;

/// Sends an IPv4 packet out of `eth0` as it is, but for its header's checksum. `to` is the
/// hardware address of a unicast receiver; multicast goes to the group's.
pub(crate) fn inject(from: &Host, to: Option<&str>, packet: &[u8]) {
    let mut packet = packet.to_vec();
    packet[10..12].fill(0);
    let checksum = internet_checksum(&packet[..IP]);
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    let mut frame = to.map_or([0x01, 0x00, 0x5e, 0x00, 0x00, 0x12], hardware_address).to_vec();
    frame.extend(hardware_address(&from.mac()));
    frame.extend([0x08, 0x00]);
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
        let mut packet = advert.to_vec();
        packet.extend([self.scheme, self.key_id, 0, 0]);
        // The low 32 bits, as the format has it.
        packet.extend(&self.seconds.to_be_bytes()[4..]);
        packet.extend([0, 0]);
        packet.extend(self.counter.to_be_bytes());
        let mut covered = vec![4, packet[IP] >> 4, packet[IP + 1], 0];
        covered.extend(&packet[12..16]);
        covered.extend([0; 12]);
        covered.extend(&packet[IP..]);
        covered[20 + 6..20 + 8].fill(0);
        covered.extend([0; 16]);
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(self.key).expect("a key of any length");
        mac.update(&covered);
        packet.extend(&mac.finalize().into_bytes()[..16]);
        measured(packet)
    }
}

/// Over an even number of bytes.
pub(crate) fn internet_checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1]));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or(u16::MAX)
}
