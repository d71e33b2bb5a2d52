//! The authentication header around a VRRPv2 advert (RFC 2402, RFC 2338 §5.3.6; compat 11 §1.5):
//! HMAC-MD5-96 over the packet with what changes on its way taken as zero.
//!
//! Whether a sequence number was seen before is the instance's business.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;

/// Its IP protocol number.
pub(super) const PROTOCOL: u8 = 51;
/// Its bytes.
pub(super) const BYTES: usize = 24;
/// Where its integrity check value begins.
const ICV: usize = 12;
/// The payload length field: 32-bit words, less two.
const WORDS: u8 = 4;

/// A key: the password, padded with zeros.
pub(super) type Key = [u8; 8];

/// A header with this sequence number, its check value still zero. `source` is the address of
/// the sender, which stands for the security association.
pub(super) fn header(source: [u8; 4], sequence: u32) -> [u8; BYTES] {
    let mut header = [0; BYTES];
    header[0] = super::PROTOCOL;
    header[1] = WORDS;
    header[4..8].copy_from_slice(&source);
    header[8..12].copy_from_slice(&sequence.to_be_bytes());
    header
}

/// Fills in the check value of a whole IPv4 packet.
pub(super) fn sign(packet: &mut [u8], key: Key, unicast: bool) {
    let at = header_length(packet) + ICV;
    let value = check_value(packet, key, unicast);
    if let Some(place) = packet.get_mut(at..at + value.len()) {
        place.copy_from_slice(&value);
    }
}

/// The sequence number of a whole IPv4 packet whose check value is right.
pub(super) fn verify(packet: &[u8], key: Key, unicast: bool) -> Option<Verified> {
    let start = header_length(packet);
    let header = packet.get(start..start + BYTES)?;
    let expected = check_value(packet, key, unicast);
    // Every byte is looked at: the time taken says nothing about where they differ.
    let difference = expected.iter().zip(&header[ICV..]).fold(0, |all, (a, b)| all | (a ^ b));
    let word = |at: usize| [header[at], header[at + 1], header[at + 2], header[at + 3]];
    (difference == 0).then(|| Verified { spi: word(4), sequence: u32::from_be_bytes(word(8)) })
}

/// What a header says whose check value is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verified {
    /// The security association: the sender's address.
    pub(super) spi: [u8; 4],
    /// The sequence number.
    pub(super) sequence: u32,
}

fn header_length(packet: &[u8]) -> usize {
    packet.first().map_or(0, |first| usize::from(first & 0x0f) * 4)
}

/// HMAC-MD5 cut to 96 bits. The TTL of a multicast advert is always 255 and counts; routers
/// lower that of a unicast one.
fn check_value(packet: &[u8], key: Key, unicast: bool) -> [u8; BYTES - ICV] {
    let mut copy = packet.to_vec();
    let start = header_length(&copy);
    let changing = [1, 6, 7, 10, 11].into_iter().chain(unicast.then_some(8));
    let own = start + ICV..start + BYTES;
    for at in changing.chain(own) {
        if let Some(byte) = copy.get_mut(at) {
            *byte = 0;
        }
    }
    // Without options the header counts as it is; options are not covered.
    let mut cut = [0; BYTES - ICV];
    if let Ok(mut mac) = Hmac::<Md5>::new_from_slice(&key) {
        mac.update(&copy);
        cut.copy_from_slice(&mac.finalize().into_bytes()[..BYTES - ICV]);
    }
    cut
}
