//! The numbers of the protocol and the names of things as types: what is out of range cannot be
//! built.

use std::fmt;
use std::num::NonZeroU8;
use std::sync::Arc;
use std::time::Duration;

/// The name of an instance, a sync group or a script; cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// Any text can be a name.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An instance over its life, reloads included. Never given to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(pub u32);

/// Which run of a check script: its end must not be taken for that of another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run(pub u64);

/// The version of what an owner wants; newer is greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

/// The version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// RFC 2338 and RFC 3768: IPv4 only, whole seconds.
    V2,
    /// RFC 5798 and RFC 9568: both families, centiseconds.
    V3,
}

impl Version {
    /// The number in the packet.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::V2 => 2,
            Self::V3 => 3,
        }
    }
}

/// The virtual router identifier, 1 to 255 (RFC 9568 §5.2.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vrid(NonZeroU8);

impl Vrid {
    /// `None` for 0.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        NonZeroU8::new(number).map(Self)
    }

    /// The number in the packet.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0.get()
    }
}

impl fmt::Display for Vrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Vrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vrid({})", self.0)
    }
}

/// The priority of a router, 1 to 255 (RFC 9568 §5.2.4).
///
/// 0 is not a priority but the word "I release the virtual router"; see [`Advertised`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(NonZeroU8);

impl Priority {
    /// The priority of the address owner.
    pub const OWNER: Self = Self(NonZeroU8::MAX);
    /// The lowest priority, and the lowest that tracking can lead to.
    pub const LOWEST: Self = Self(NonZeroU8::MIN);

    /// `None` for 0.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        NonZeroU8::new(number).map(Self)
    }

    /// The number in the packet.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0.get()
    }

    /// Whether this is the address owner's.
    #[must_use]
    pub fn is_owner(self) -> bool {
        self == Self::OWNER
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Priority({})", self.0)
    }
}

/// What the priority field of an advert says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advertised {
    /// 0: the master gives the virtual router up (RFC 9568 §6.4.3).
    Release,
    /// The sender's priority.
    Priority(Priority),
}

impl Advertised {
    /// Reads the field of a packet.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Priority::new(number).map_or(Self::Release, Self::Priority)
    }

    /// The field of the packet.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Release => 0,
            Self::Priority(priority) => priority.number(),
        }
    }
}

/// What a tracked object adds to the priority while it is up, or takes away while it is down.
///
/// −253 to 253; 0 means that the instance goes to FAULT instead (compat 11 §7.2 and §7.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(i16);

impl Weight {
    /// Without a weight a failed object is a fault.
    pub const FAULT: Self = Self(0);
    /// The largest magnitude.
    pub const MAX: i16 = 253;

    /// `None` outside −253 to 253.
    #[must_use]
    pub fn new(number: i16) -> Option<Self> {
        (-Self::MAX..=Self::MAX).contains(&number).then_some(Self(number))
    }

    /// The signed number.
    #[must_use]
    pub const fn number(self) -> i16 {
        self.0
    }
}

/// How often a master sends, in centiseconds: v2 whole seconds up to 255, v3 up to 40.95 s.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdvertInterval(u16);

impl AdvertInterval {
    /// The default of both versions.
    pub const SECOND: Self = Self(100);
    /// The largest interval that the twelve bits of VRRPv3 carry, in centiseconds.
    pub const MAX_CENTIS: u16 = 0x0fff;

    /// For VRRPv3; `None` outside the twelve bits of the field.
    #[must_use]
    pub fn from_centis(centis: u16) -> Option<Self> {
        (1..=Self::MAX_CENTIS).contains(&centis).then_some(Self(centis))
    }

    /// For VRRPv2; `None` for 0.
    #[must_use]
    pub fn from_secs(secs: u8) -> Option<Self> {
        (secs > 0).then(|| Self(u16::from(secs) * 100))
    }

    /// The interval in centiseconds.
    #[must_use]
    pub const fn centis(self) -> u16 {
        self.0
    }

    /// The interval in whole seconds, as VRRPv2 carries it.
    #[must_use]
    pub fn whole_secs(self) -> u8 {
        u8::try_from(self.0 / 100).unwrap_or(u8::MAX)
    }

    /// The interval as a time.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_millis(u64::from(self.0) * 10)
    }
}

impl fmt::Debug for AdvertInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.duration())
    }
}

/// How long a backup of this priority waits longer than one of the highest (compat 11 §4.1).
///
/// VRRPv2 counts in 256ths of a second, VRRPv3 in 256ths of the master's interval; both are
/// rounded down to microseconds as keepalived does.
#[must_use]
pub fn skew(version: Version, priority: Priority, interval: AdvertInterval) -> Duration {
    let rank = 256 - u64::from(priority.number());
    Duration::from_micros(match version {
        Version::V2 => rank * 1_000_000 / 256,
        Version::V3 => rank * u64::from(interval.centis()) * 625 / 16,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skew_of(version: Version, priority: u8, centis: u16) -> u128 {
        let interval = AdvertInterval(centis);
        skew(version, Priority::new(priority).unwrap(), interval).as_micros()
    }

    #[test]
    fn skew_is_that_of_the_specification() {
        // compat 11 §4.1: 1 s at 100 and 110, and VRRPv3 half a second at 200.
        assert_eq!(skew_of(Version::V2, 100, 100), 609_375);
        assert_eq!(skew_of(Version::V2, 110, 100), 570_312);
        assert_eq!(skew_of(Version::V3, 200, 50), 109_375);
    }

    #[test]
    fn a_number_out_of_range_cannot_be_built() {
        assert_eq!(Vrid::new(0), None);
        assert_eq!(Priority::new(0), None);
        assert_eq!(Weight::new(254), None);
        assert_eq!(AdvertInterval::from_centis(0x1000), None);
        assert_eq!(AdvertInterval::from_secs(0), None);
        assert_eq!(AdvertInterval::from_secs(255).map(AdvertInterval::whole_secs), Some(255));
    }
}
