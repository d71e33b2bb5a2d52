//! `PING_CHECK`: a host answers a request for an echo (compat 21 §7).
//!
//! The kernel's sockets for this are used where this process may have one. Where it may not
//! (`net.ipv4.ping_group_range`), a raw socket does the same; keepalived changes that setting of
//! the whole machine instead.

use lvs::{Connect, Failure, Obstacle, Outcome, Passed, PingFailure};
use socket2::{Protocol, Type};

use crate::connect::{Fault, Refusal, begin, open};
use crate::datagram::Datagram;
use crate::waits::{TooLong, Waits};

/// What is sent back, in bytes.
const PAYLOAD: usize = 128;
/// The header of an echo (RFC 792, RFC 4443 §4.1).
const HEADER: usize = 8;
/// The longest header of IPv4, which a raw socket shows.
const IP_HEADER_MAX: usize = 60;
const TEXT: &[u8] = b"keepalived check - ";

/// Asks for an echo and waits for it.
pub(crate) async fn attempt(wish: &Connect) -> Outcome {
    let (socket, raw) = match socket(wish) {
        Ok(socket) => socket,
        Err(refusal) => return refusal.outcome(|_| Failure::Ping(PingFailure::NotSent)),
    };
    let echo =
        Echo { v6: wish.to.is_ipv6(), raw, id: fastrand::u16(..), sequence: fastrand::u16(..) };
    match exchange(&socket, &echo, wish).await {
        Ok(()) => Outcome::Passed(Passed::Worked),
        Err(failure) => failed(failure),
    }
}

const fn failed(failure: PingFailure) -> Outcome {
    Outcome::Failed(Failure::Ping(failure))
}

/// A connected socket, and whether it is a raw one.
fn socket(wish: &Connect) -> Result<(Datagram, bool), Refusal> {
    let protocol = if wish.to.is_ipv6() { Protocol::ICMPV6 } else { Protocol::ICMPV4 };
    let (socket, raw) = match open(wish, Type::DGRAM, protocol) {
        // The only reason why there may be a raw one instead.
        Err(Refusal { fault: Fault::NotMade(Obstacle::Socket(_)), .. }) => {
            (open(wish, Type::RAW, protocol)?, true)
        }
        opened => (opened?, false),
    };
    // It is connected only to hear of nobody else: keepalived would fail to send.
    begin(&socket, wish).map_err(Refusal::of_peer)?;
    Datagram::of(socket).map(|socket| (socket, raw))
}

async fn exchange(socket: &Datagram, echo: &Echo, wish: &Connect) -> Result<(), PingFailure> {
    let mut waits = Waits::begin(wish.timeout, wish.timeout);
    match waits.once(socket.send(&echo.request())).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) | Err(TooLong) => return Err(PingFailure::NotSent),
    }
    loop {
        let mut space = [0; IP_HEADER_MAX + HEADER + PAYLOAD];
        let length = match waits.once(socket.receive(&mut space)).await {
            Ok(Ok(length)) => length,
            Ok(Err(_)) => return Err(PingFailure::Failed),
            Err(TooLong) => return Err(PingFailure::Timeout),
        };
        if echo.is_answered_by(space.get(..length).unwrap_or_default()) {
            return Ok(());
        }
    }
}

/// A request for an echo.
#[derive(Clone, Copy, Debug)]
pub struct Echo {
    /// ICMPv6 rather than ICMP.
    pub v6: bool,
    /// The socket is a raw one, which shows the header of IPv4 and other people's messages.
    pub raw: bool,
    /// Whose request it is; without a raw socket the kernel writes its own.
    pub id: u16,
    /// Which request it is.
    pub sequence: u16,
}

impl Echo {
    const fn types(self) -> (u8, u8) {
        if self.v6 { (128, 129) } else { (8, 0) }
    }

    fn request(self) -> Vec<u8> {
        let (kind, _) = self.types();
        let mut message = vec![kind, 0, 0, 0];
        message.extend([self.id, self.sequence].into_iter().flat_map(u16::to_be_bytes));
        message.extend(TEXT.iter().cycle().take(PAYLOAD));
        // With ICMPv6 the kernel writes the checksum, which covers addresses too.
        if !self.v6 {
            let sum = checksum(&message);
            message[2..4].copy_from_slice(&sum.to_be_bytes());
        }
        message
    }

    /// Whether what came is the echo.
    #[must_use]
    pub fn is_answered_by(self, packet: &[u8]) -> bool {
        let (_, kind) = self.types();
        let message = if self.raw && !self.v6 { behind_header(packet) } else { packet };
        let [answer, 0, _, _, id @ .., a, b] = message.get(..HEADER).unwrap_or_default() else {
            return false;
        };
        let ours = !self.raw || id == self.id.to_be_bytes();
        *answer == kind && ours && [*a, *b] == self.sequence.to_be_bytes()
    }
}

/// What the header of IPv4 leaves.
fn behind_header(packet: &[u8]) -> &[u8] {
    let words = packet.first().map_or(0, |first| usize::from(first & 0x0f));
    packet.get(words * 4..).unwrap_or_default()
}

/// The checksum of the internet (RFC 1071).
pub(crate) fn checksum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| match pair {
        [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
        [high] => u32::from(*high) << 8,
        _ => 0,
    };
    let sum: u32 = bytes.chunks(2).map(word).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    !u16::try_from(folded).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
