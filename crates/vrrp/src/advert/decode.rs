//! Reads adverts and refuses what is not one, in the order of compat 11 §3.

use std::net::IpAddr;
use std::time::Duration;

use super::freshness::Sequence;
use super::ip::Header;
use super::{
    ADVERTISEMENT, AUTH_DATA, Advert, Discard, Distrust, FIXED, Remark, ah, checksum, encode,
    has_auth_data, leaves_pseudo_header_out, trailer,
};
use crate::config::{Authentication, Cast, Freshness, HmacMode, Instance, UnicastChecksum};
use crate::units::{AdvertInterval, Advertised, Version};

/// Frames shorter than this are padded by Ethernet, and some receivers see the padding.
const SHORTEST_PAYLOAD: usize = 46;

/// A packet cut into its parts; every slice is in bounds.
struct Parts<'a> {
    packet: &'a [u8],
    header: Header,
    pdu: &'a [u8],
    /// What stands behind it, when that is as long as a trailer and one is configured.
    trailer: Option<&'a [u8]>,
    expected: usize,
}

/// What has to be known beside a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The sender of the last accepted advert, for `skip_check_adv_addr`; `None` in MASTER state,
    /// where the addresses are always compared.
    pub known_master: Option<IpAddr>,
    /// The time since 1970, for trailers.
    pub since_1970: Duration,
}

/// Whom a packet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Addressed {
    pub(crate) vrid: u8,
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
}

/// Reads as much of a packet as it takes to find its virtual router; `None` when it is too short.
pub(crate) fn addressed(packet: &[u8]) -> Option<Addressed> {
    let header = Header::read(packet)?;
    let start = start(&header);
    let vrid = *packet.get(start + 1)?;
    let Header { source, destination, .. } = header;
    (packet.len() >= start + FIXED).then_some(Addressed { vrid, source, destination })
}

/// Where the advert begins.
const fn start(header: &Header) -> usize {
    if header.protocol == ah::PROTOCOL { header.bytes + ah::BYTES } else { header.bytes }
}

/// Reads an IP packet as an advert for this instance.
///
/// # Errors
/// The first check of compat 11 §3 that it fails.
pub fn decode(
    packet: &[u8],
    instance: &Instance,
    circumstances: Circumstances,
) -> Result<Advert, Discard> {
    misdirected(packet, instance)?;
    let parts = Parts::of(packet, instance)?;
    let Header { source, ttl, .. } = parts.header;
    if matches!(instance.cast, Cast::Multicast { .. }) && ttl != 255 {
        return Err(Discard::Ttl(ttl));
    }
    let version = parts.pdu[0] >> 4;
    if version != instance.version.number() {
        return Err(Discard::Version { received: version, expected: instance.version });
    }
    let number = parts.trailer(instance, circumstances.since_1970)?;
    let mut sequence = None;
    if instance.version == Version::V2 {
        sequence = parts.authenticate(instance)?;
        same_interval(&parts, instance)?;
    }
    if parts.pdu[0] & 0x0f != ADVERTISEMENT {
        return Err(Discard::Type(parts.pdu[0] & 0x0f));
    }
    parts.total_length()?;
    let old_checksum = parts.checksum(instance)?;
    destination(&parts, instance)?;
    if instance.options.owner_ignores_adverts && instance.priority.is_owner() {
        return Err(Discard::OwnerIgnores);
    }
    sender(&parts, instance)?;
    let interval = interval(&parts, instance.version);
    let mut remarks = Vec::new();
    remarks.extend(number.and_then(|number| drift(number, instance, circumstances.since_1970)));
    if instance.version == Version::V3 && interval != instance.advert_interval {
        remarks.push(Remark::Interval { ours: instance.advert_interval, received: interval });
    }
    compare_addresses(&parts, instance, circumstances.known_master == Some(source), &mut remarks);
    let priority = Advertised::from_number(parts.pdu[2]);
    Ok(Advert { source, priority, interval, sequence, number, old_checksum, remarks })
}

/// Over IPv6, where the kernel sorts by group less strictly, this comes before everything else
/// (compat 11 §3).
fn misdirected(packet: &[u8], instance: &Instance) -> Result<(), Discard> {
    let unicast_expected = matches!(instance.cast, Cast::Unicast { .. });
    match Header::read(packet) {
        Some(Header { source: IpAddr::V6(_), destination, .. })
            if destination.is_multicast() == unicast_expected =>
        {
            Err(Discard::Misdirected { unicast_expected })
        }
        Some(_) | None => Ok(()),
    }
}

impl<'a> Parts<'a> {
    fn of(packet: &'a [u8], instance: &Instance) -> Result<Self, Discard> {
        let received = packet.len();
        let short = Discard::Length { received, expected: super::ip::V4 + FIXED };
        let header = Header::read(packet).ok_or_else(|| short.clone())?;
        match (header.protocol == ah::PROTOCOL, &instance.authentication) {
            (true, Authentication::None | Authentication::Pass(_)) => {
                return Err(Distrust::UnexpectedAh.into());
            }
            (false, Authentication::Ah(_)) => return Err(Distrust::MissingAh.into()),
            (true, Authentication::Ah(_))
            | (false, Authentication::None | Authentication::Pass(_)) => {}
        }
        let start = start(&header);
        if received < start + FIXED {
            return Err(short);
        }
        let (version, count) = (packet[start] >> 4, usize::from(packet[start + 3]));
        let tail = if has_auth_data(version, header.source) { AUTH_DATA } else { 0 };
        let end = start + FIXED + width(header.source) * count + tail;
        let trailed = instance.hmac.is_some() && received == end + trailer::BYTES;
        let expected = if trailed { received } else { end };
        if received != expected && !padded(received, expected) {
            // The header of IPv6 is not counted: the kernel keeps it to itself.
            let header = if header.source.is_ipv6() { header.bytes } else { 0 };
            let (received, expected) = (received - header, expected - header);
            return Err(Discard::Length { received, expected });
        }
        let trailer = trailed.then(|| &packet[end..]);
        Ok(Self { packet, header, pdu: &packet[start..end], trailer, expected })
    }

    /// The addresses that it carries.
    fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let width = width(self.header.source);
        let bytes = &self.pdu[FIXED..FIXED + width * usize::from(self.pdu[3])];
        let address = move |bytes: &[u8]| match width {
            4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
            _ => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        };
        bytes.chunks_exact(width).filter_map(address)
    }

    fn total_length(&self) -> Result<(), Discard> {
        let (claimed, received) = (self.header.total, self.packet.len());
        let short_frame = received <= SHORTEST_PAYLOAD && claimed == self.expected;
        if claimed == received || short_frame {
            Ok(())
        } else {
            let claimed = u16::try_from(claimed).unwrap_or(u16::MAX);
            Err(Discard::TotalLength { claimed, received })
        }
    }

    /// Whether the checksum is right, and whether only in the old way (compat 11 §1.3). A correct
    /// one makes the sum over everything zero.
    fn checksum(&self, instance: &Instance) -> Result<bool, Discard> {
        let Header { source, destination, .. } = self.header;
        let usual = match (instance.version, source) {
            (Version::V2, IpAddr::V4(_)) => checksum::plain(self.pdu),
            (_, IpAddr::V4(_)) => checksum::with_pseudo_header(self.pdu, source, destination),
            (_, IpAddr::V6(_)) => checksum::with_pseudo_header(self.covered(), source, destination),
        };
        let unicast_v3 = matches!(instance.cast, Cast::Unicast { .. })
            && instance.version == Version::V3
            && source.is_ipv4();
        let may_be_old = instance.options.unicast_checksum != UnicastChecksum::Never;
        if usual == 0 {
            Ok(false)
        } else if unicast_v3 && may_be_old && checksum::old_unicast(self.pdu, source) == 0 {
            Ok(true)
        } else if leaves_pseudo_header_out(instance) && checksum::plain(self.pdu) == 0 {
            // The original takes any checksum then; only its own are meant.
            Ok(false)
        } else {
            Err(Discard::Checksum(instance.version))
        }
    }

    /// What IPv6's checksum covers: the trailer too.
    fn covered(&self) -> &[u8] {
        let length = self.pdu.len() + self.trailer.map_or(0, <[u8]>::len);
        let start = start(&self.header);
        &self.packet[start..start + length]
    }

    /// The number in the trailer, when one has to be there or is (compat 11 §1.6). Whether it was
    /// seen before is not looked at.
    fn trailer(&self, instance: &Instance, now: Duration) -> Result<Option<Sequence>, Discard> {
        let Some(hmac) = &instance.hmac else {
            return Ok(None);
        };
        let Some(trailer) = self.trailer else {
            return match hmac.mode {
                HmacMode::Enforce => Err(Distrust::NoTrailer.into()),
                HmacMode::Permissive | HmacMode::ReceiveOnly => Ok(None),
            };
        };
        if let Cast::Unicast { peers } = &instance.cast
            && peers.iter().all(|peer| peer.address != self.header.source)
        {
            return Err(Distrust::NotAPeer.into());
        }
        let claim = trailer::claim(trailer).ok_or(Distrust::MalformedTrailer)?;
        let skew = claim.sequence.seconds_ahead_of(Sequence::of_time(now));
        if hmac.freshness == Freshness::Time
            && u64::from(skew.unsigned_abs()) > hmac.window.as_secs()
        {
            return Err(Distrust::Stale { skew, window: hmac.window }.into());
        }
        let key = hmac.keys.iter().find(|key| key.id == claim.key);
        let key = key.ok_or(Distrust::UnknownKey(claim.key))?;
        if trailer::is_genuine(self.pdu, trailer, self.header.source, &key.secret) {
            Ok(Some(claim.sequence))
        } else {
            Err(Distrust::Forged.into())
        }
    }

    /// The sequence number of an advert under AH, when everything is as configured.
    fn authenticate(&self, instance: &Instance) -> Result<Option<u32>, Distrust> {
        let (ours, received) = (&instance.authentication, self.pdu[4]);
        if received > 2 {
            return Err(Distrust::AuthType(received));
        }
        let expected = encode::auth_type(ours);
        if received != expected {
            return Err(Distrust::AuthTypeMismatch { received, expected });
        }
        match ours {
            Authentication::None => Ok(None),
            Authentication::Pass(password) => {
                let theirs = &self.pdu[self.pdu.len() - AUTH_DATA..];
                // Every byte is looked at: the time taken says nothing about where they differ.
                let difference = password.iter().zip(theirs).fold(0, |all, (a, b)| all | (a ^ b));
                if difference == 0 { Ok(None) } else { Err(Distrust::Password) }
            }
            Authentication::Ah(key) => self.under_ah(*key, &instance.cast).map(Some),
        }
    }

    fn under_ah(&self, key: ah::Key, cast: &Cast) -> Result<u32, Distrust> {
        // Padding of the frame is not part of the packet.
        let packet = &self.packet[..self.expected];
        if packet[self.header.bytes] != super::PROTOCOL {
            return Err(Distrust::NotInAh);
        }
        let unicast = matches!(cast, Cast::Unicast { .. });
        let verified = ah::verify(packet, key, unicast).ok_or(Distrust::CheckValue)?;
        if IpAddr::from(verified.spi) == self.header.source {
            Ok(verified.sequence)
        } else {
            Err(Distrust::Association(verified.spi.into()))
        }
    }
}

/// Bytes of an address of this one's family.
const fn width(of: IpAddr) -> usize {
    match of {
        IpAddr::V4(_) => 4,
        IpAddr::V6(_) => 16,
    }
}

const fn padded(received: usize, expected: usize) -> bool {
    expected < SHORTEST_PAYLOAD && received > expected && (received - expected) % 4 == 2
}

fn same_interval(parts: &Parts<'_>, instance: &Instance) -> Result<(), Discard> {
    let (received, expected) = (parts.pdu[5], instance.advert_interval.whole_secs());
    if received == expected { Ok(()) } else { Err(Discard::Interval { received, expected }) }
}

fn interval(parts: &Parts<'_>, version: Version) -> AdvertInterval {
    let read = match version {
        Version::V2 => AdvertInterval::from_secs(parts.pdu[5]),
        Version::V3 => {
            // RFC 9568 §5.2.6: the upper four bits are reserved and ignored on receipt.
            let field = u16::from_be_bytes([parts.pdu[4], parts.pdu[5]]);
            AdvertInterval::from_centis(field & AdvertInterval::MAX_CENTIS)
        }
    };
    // An interval of zero would make every backup take over at once: the default is kinder.
    read.unwrap_or(AdvertInterval::SECOND)
}

fn destination(parts: &Parts<'_>, instance: &Instance) -> Result<(), Discard> {
    match (&instance.cast, parts.header.destination.is_multicast()) {
        (Cast::Multicast { .. }, true) | (Cast::Unicast { .. }, false) => Ok(()),
        (Cast::Multicast { .. }, false) => Err(Discard::Cast { unicast_expected: false }),
        (Cast::Unicast { .. }, true) => Err(Discard::Cast { unicast_expected: true }),
    }
}

fn sender(parts: &Parts<'_>, instance: &Instance) -> Result<(), Discard> {
    let Cast::Unicast { peers } = &instance.cast else {
        return Ok(());
    };
    if !instance.options.check_unicast_source {
        return Ok(());
    }
    let Header { source, ttl, .. } = parts.header;
    let Some(peer) = peers.iter().find(|peer| peer.address == source) else {
        return Err(Discard::NotAPeer);
    };
    if (peer.min_ttl..=peer.max_ttl).contains(&ttl) {
        Ok(())
    } else {
        Err(Discard::PeerTtl { ttl, min: peer.min_ttl, max: peer.max_ttl })
    }
}

/// Clocks that drift apart are worth a word before adverts are refused for it.
fn drift(number: Sequence, instance: &Instance, now: Duration) -> Option<Remark> {
    let hmac = instance.hmac.as_ref().filter(|hmac| hmac.freshness == Freshness::Time)?;
    let (skew, window) = (number.seconds_ahead_of(Sequence::of_time(now)), hmac.window);
    (u64::from(skew.unsigned_abs()) > window.as_secs() / 2).then_some(Remark::Skew { skew, window })
}

fn compare_addresses(
    parts: &Parts<'_>,
    instance: &Instance,
    same_master: bool,
    remarks: &mut Vec<Remark>,
) {
    let received = usize::from(parts.pdu[3]);
    if received != instance.addresses.len() {
        remarks.push(Remark::Count { ours: instance.addresses.len(), received });
    }
    if instance.options.skip_address_check && same_master {
        return;
    }
    let ours = || instance.addresses.iter().map(|ours| ours.address.ip);
    if ours().eq(parts.addresses()) {
        return;
    }
    let theirs: Vec<IpAddr> = parts.addresses().collect();
    if let Some(address) = ours().find(|ip| !theirs.contains(ip)) {
        let instead = if ours().any(|ip| theirs.contains(&ip)) { Vec::new() } else { theirs };
        remarks.push(Remark::Missing { vrid: instance.vrid, address, instead });
    }
}
