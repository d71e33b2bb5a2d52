//! Why a packet is ignored. Nobody is to blame and nothing else happens: it is counted, and told
//! in a detailed log.

use std::fmt;

use crate::units::{Discriminator, StateKind};

/// Why a packet is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discard {
    /// Fewer than 24 bytes.
    TooShort(usize),
    /// Another version than 1.
    Version(u8),
    /// The length that it claims is not the one it has.
    Length {
        /// In its length field.
        claimed: u8,
        /// Of the datagram.
        received: usize,
    },
    /// Its detection multiplier is zero.
    NoMultiplier,
    /// It is for multipoint sessions.
    Multipoint,
    /// Its sender's discriminator is zero.
    NoDiscriminator,
    /// It does not name the session, but claims a state that can only be reached by hearing us.
    NotAddressed(StateKind),
    /// It asks and answers at once.
    PollAndFinal,
    /// A diagnostic that is not defined.
    Diagnostic(u8),
    /// It is authenticated, and no session here is.
    Authenticated,
    /// No session goes by the discriminator that it names.
    UnknownDiscriminator(Discriminator),
    /// It names no session, and there is none with its sender.
    UnknownSender,
    /// It came from too far away (RFC 5881 §5).
    TooFar {
        /// Its TTL or hop limit on arrival.
        ttl: u8,
        /// The least that is accepted.
        least: u8,
    },
    /// The session is disabled.
    Disabled,
}

impl Discard {
    /// The packet is malformed, whoever it is for.
    #[must_use]
    pub const fn is_bogus(&self) -> bool {
        match self {
            Self::TooShort(_)
            | Self::Version(_)
            | Self::Length { .. }
            | Self::NoMultiplier
            | Self::Multipoint
            | Self::NoDiscriminator
            | Self::NotAddressed(_)
            | Self::PollAndFinal
            | Self::Diagnostic(_) => true,
            Self::Authenticated
            | Self::UnknownDiscriminator(_)
            | Self::UnknownSender
            | Self::TooFar { .. }
            | Self::Disabled => false,
        }
    }
}

/// keepalived's words, odd spaces included.
impl fmt::Display for Discard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort(length) => write!(f, "Packet is too small: {length} bytes"),
            Self::Version(version) => write!(f, "Packet is of unsupported version: {version}"),
            Self::Length { claimed, received } => {
                let sizes = format!("length field: {claimed} bytes, buffer size: {received} bytes");
                write!(f, "Packet size mismatch: {sizes}")
            }
            Self::NoMultiplier => f.write_str("Packet 'detection multiplier' field is zero"),
            Self::Multipoint => f.write_str("Packet has 'multipoint' flag"),
            Self::NoDiscriminator => f.write_str("Packet 'my discriminator' field is zero"),
            Self::NotAddressed(_) => f.write_str(
                "Packet 'your discriminator' field is zero and 'state' field is not Down or \
                 AdminDown",
            ),
            Self::PollAndFinal => f.write_str("Packet has both poll and final  flags set"),
            Self::Diagnostic(number) => {
                write!(f, "Packet has invalid 'diag' field: {number}")
            }
            Self::Authenticated => f.write_str("auth bit is set, but no authentication  is in use"),
            Self::UnknownDiscriminator(yours) => {
                let number = yours.number();
                write!(f, "session is not found - your discriminator field is 0x{number:08x}")
            }
            Self::UnknownSender => {
                f.write_str("session is not found - your discriminator field is 0x00000000")
            }
            Self::TooFar { ttl, least } => write!(f, "Packet ttl({ttl}) < {least} - discarding"),
            Self::Disabled => f.write_str("session is disabled"),
        }
    }
}
