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

impl fmt::Display for Discard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort(length) => write!(f, "too short, {length} bytes and expect 24"),
            Self::Version(version) => write!(f, "invalid version {version} and expect 1"),
            Self::Length { claimed, received } => {
                write!(f, "length field {claimed} mismatch against received length {received}")
            }
            Self::NoMultiplier => f.write_str("detection multiplier is zero"),
            Self::Multipoint => f.write_str("multipoint flag is set"),
            Self::NoDiscriminator => f.write_str("sender's discriminator is zero"),
            Self::NotAddressed(state) => {
                write!(f, "our discriminator is zero, but its state is {state}")
            }
            Self::PollAndFinal => f.write_str("both poll and final flags are set"),
            Self::Diagnostic(number) => write!(f, "invalid diagnostic {number}"),
            Self::Authenticated => f.write_str("authentication is not supported"),
            Self::UnknownDiscriminator(yours) => {
                write!(f, "no session has discriminator 0x{:x}", yours.number())
            }
            Self::UnknownSender => f.write_str("no session with its sender"),
            Self::TooFar { ttl, least } => write!(f, "TTL/HL {ttl} is less than {least}"),
            Self::Disabled => f.write_str("session is disabled"),
        }
    }
}
