//! The trailer that authenticates an advert (`auth_hmac`, compat 11 §1.6): HMAC-SHA256 cut to 128
//! bits, with a number that never comes again.
//!
//! Which number is the next and which was seen before is decided in `freshness`.

use std::net::IpAddr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::freshness::Sequence;

/// Its bytes.
pub(crate) const BYTES: usize = 28;
/// The only scheme there is.
const SCHEME: u8 = 1;
/// Where the check value begins; what is before it is covered.
const VALUE: usize = 12;
/// Where the checksum of the advert is, which counts as zero.
const CHECKSUM: std::ops::Range<usize> = 6..8;

/// What a trailer claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The number of the key.
    pub(crate) key: u8,
    /// The number of the advert.
    pub(crate) sequence: Sequence,
}

/// Puts a trailer behind an advert.
pub(crate) fn append(pdu: &mut Vec<u8>, source: IpAddr, claim: Claim, secret: &[u8]) {
    let mut trailer = [0; BYTES];
    trailer[0] = SCHEME;
    trailer[1] = claim.key;
    trailer[4..VALUE].copy_from_slice(&claim.sequence.to_bytes());
    let value = check_value(pdu, &trailer, source, secret);
    trailer[VALUE..].copy_from_slice(&value);
    pdu.extend(trailer);
}

/// What a trailer claims; `None` when it is none.
pub(crate) fn claim(trailer: &[u8]) -> Option<Claim> {
    let trailer: &[u8; BYTES] = trailer.try_into().ok()?;
    let known = trailer[0] == SCHEME && trailer[2..4] == [0, 0];
    let mut number = [0; 8];
    number.copy_from_slice(&trailer[4..VALUE]);
    known.then(|| Claim { key: trailer[1], sequence: Sequence::from_bytes(number) })
}

/// Whether the trailer was made by somebody who knows the key.
pub(crate) fn is_genuine(pdu: &[u8], trailer: &[u8], source: IpAddr, secret: &[u8]) -> bool {
    let Ok(trailer) = <&[u8; BYTES]>::try_from(trailer) else {
        return false;
    };
    let expected = check_value(pdu, trailer, source, secret);
    // Every byte is looked at: the time taken says nothing about where they differ.
    expected.iter().zip(&trailer[VALUE..]).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// Over a pseudo header, the advert and the trailer up to the value itself.
fn check_value(
    pdu: &[u8],
    trailer: &[u8; BYTES],
    source: IpAddr,
    secret: &[u8],
) -> [u8; BYTES - VALUE] {
    let mut value = [0; BYTES - VALUE];
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return value;
    };
    mac.update(&pseudo_header(pdu, source));
    let (before, after) = pdu.split_at(CHECKSUM.start.min(pdu.len()));
    mac.update(before);
    mac.update(&[0; 2][..after.len().min(2)]);
    mac.update(after.get(2..).unwrap_or_default());
    mac.update(&trailer[..VALUE]);
    mac.update(&[0; BYTES - VALUE]);
    value.copy_from_slice(&mac.finalize().into_bytes()[..BYTES - VALUE]);
    value
}

/// The family, the version and number of the virtual router, and the sender.
fn pseudo_header(pdu: &[u8], source: IpAddr) -> [u8; 20] {
    let mut header = [0; 20];
    header[1] = pdu.first().map_or(0, |first| first >> 4);
    header[2] = pdu.get(1).copied().unwrap_or(0);
    match source {
        IpAddr::V4(ip) => {
            header[0] = 4;
            header[4..8].copy_from_slice(&ip.octets());
        }
        IpAddr::V6(ip) => {
            header[0] = 6;
            header[4..20].copy_from_slice(&ip.octets());
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
    }

    /// The worked examples of compat 11 §1.7: each advert with its trailer, and its key.
    fn examples() -> [(Vec<u8>, Vec<u8>, Vec<u8>); 2] {
        [
            (
                bytes("31 3d c8 01 00 64 a1 8e c0 00 02 3d"),
                bytes(
                    "01 07 00 00 6b 00 48 67 49 6a 00 00 a6 7d 30 e5 3f a5 85 d1 69 2e 5b bc 52 \
                     22 ee b3",
                ),
                b"0123456789abcdef0123456789abcdef".to_vec(),
            ),
            (
                bytes("21 3e c8 01 00 01 54 80 c0 00 02 3e 00 00 00 00 00 00 00 00"),
                bytes(
                    "01 08 00 00 6b 00 48 67 51 30 00 00 da a0 3a 05 57 e0 6c 22 fc 02 51 a2 88 \
                     ef 5f cd",
                ),
                (0..32).collect(),
            ),
        ]
    }

    fn source() -> IpAddr {
        [192, 0, 2, 1].into()
    }

    #[test]
    fn trailers_are_those_that_were_captured() {
        for (pdu, trailer, secret) in examples() {
            let claim = claim(&trailer).unwrap();
            let mut written = pdu.clone();
            append(&mut written, source(), claim, &secret);
            assert_eq!(written[pdu.len()..], trailer);
            assert!(is_genuine(&pdu, &trailer, source(), &secret));
        }
    }

    #[test]
    fn every_bit_but_the_checksum_counts() {
        let (pdu, trailer, secret) = examples()[0].clone();
        for bit in 0..(pdu.len() + BYTES) * 8 {
            let mut both = [pdu.clone(), trailer.clone()].concat();
            both[bit / 8] ^= 1 << (bit % 8);
            let (advert, tail) = both.split_at(pdu.len());
            let genuine = is_genuine(advert, tail, source(), &secret);
            // The type of the packet is not in the pseudo header, but in the advert itself.
            assert_eq!(genuine, CHECKSUM.contains(&(bit / 8)), "bit {bit}");
        }
        assert!(!is_genuine(&pdu, &trailer, [192, 0, 2, 2].into(), &secret));
        assert!(!is_genuine(&pdu, &trailer, source(), b"another key of thirty-two bytes!"));
        assert_eq!(claim(&trailer[1..]), None);
        assert_eq!(claim(&[vec![2], trailer[1..].to_vec()].concat()), None);
    }
}
