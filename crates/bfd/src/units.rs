//! The words and numbers of BFD as types.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

/// A session over its whole life; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub(crate) u32);

/// What one end calls a session (RFC 5880 §6.3): never zero, which means "not known".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Discriminator(NonZeroU32);

impl Discriminator {
    /// `None` for zero.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0.get()
    }
}

/// A time as packets carry it, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval(u32);

impl Interval {
    /// From microseconds.
    #[must_use]
    pub const fn from_micros(micros: u32) -> Self {
        Self(micros)
    }

    /// In microseconds.
    #[must_use]
    pub const fn micros(self) -> u32 {
        self.0
    }

    /// As a span of time.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_micros(self.0 as u64)
    }

    /// Zero microseconds: in a packet, a refusal to be sent anything.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl From<Duration> for Interval {
    /// What the field cannot hold becomes its greatest value, 71 minutes.
    fn from(time: Duration) -> Self {
        Self(u32::try_from(time.as_micros()).unwrap_or(u32::MAX))
    }
}

/// The state of a session (RFC 5880 §4.1), as users see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// Held down on purpose.
    AdminDown,
    /// The other end is not there, or does not hear.
    Down,
    /// The other end is heard, but may not hear.
    Init,
    /// Both ends hear each other.
    Up,
}

impl StateKind {
    /// Its two bits on the wire.
    pub(crate) const fn bits(self) -> u8 {
        match self {
            Self::AdminDown => 0,
            Self::Down => 1,
            Self::Init => 2,
            Self::Up => 3,
        }
    }

    pub(crate) const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::AdminDown,
            1 => Self::Down,
            2 => Self::Init,
            _ => Self::Up,
        }
    }
}

impl fmt::Display for StateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AdminDown => "AdminDown",
            Self::Down => "Down",
            Self::Init => "Init",
            Self::Up => "Up",
        })
    }
}

/// Why a session was last down (RFC 5880 §4.1), 0 to 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Diagnostic {
    /// 0: nothing happened.
    #[default]
    None,
    /// 1: the other end fell silent.
    Expired,
    /// 2: an echo did not come back.
    EchoFailed,
    /// 3: the other end said that it is down.
    NeighborDown,
    /// 4: the forwarding plane was reset.
    ForwardingReset,
    /// 5: the path is down.
    PathDown,
    /// 6: a path beyond is down.
    ConcatenatedPathDown,
    /// 7: held down on purpose.
    AdminDown,
    /// 8: a path beyond, in the other direction, is down.
    ReverseConcatenatedPathDown,
}

impl Diagnostic {
    const ALL: [Self; 9] = [
        Self::None,
        Self::Expired,
        Self::EchoFailed,
        Self::NeighborDown,
        Self::ForwardingReset,
        Self::PathDown,
        Self::ConcatenatedPathDown,
        Self::AdminDown,
        Self::ReverseConcatenatedPathDown,
    ];

    /// Its five bits on the wire.
    pub(crate) const fn bits(self) -> u8 {
        self as u8
    }

    /// `None` for the numbers that RFC 5880 reserves; keepalived refuses them (compat 22 §5).
    pub(crate) fn from_bits(bits: u8) -> Option<Self> {
        Self::ALL.get(usize::from(bits)).copied()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "No Diagnostic",
            Self::Expired => "Control Detection Time Expired",
            Self::EchoFailed => "Echo Function Failed",
            Self::NeighborDown => "Neighbor Signaled Session Down",
            Self::ForwardingReset => "Forwarding Plane Reset",
            Self::PathDown => "Path Down",
            Self::ConcatenatedPathDown => "Concatenated Path Down",
            Self::AdminDown => "Administratively Down",
            Self::ReverseConcatenatedPathDown => "Reverse Concatenated Path Down",
        })
    }
}
