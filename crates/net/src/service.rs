//! Virtual services and their destinations, with everything that the kernel's IPVS knows of them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use crate::Family;

/// A transport protocol that IPVS balances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// Its number in the IP header.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Sctp => 132,
        }
    }

    /// The protocol of that number, if IPVS balances it.
    #[must_use]
    pub const fn from_number(number: u16) -> Option<Self> {
        match number {
            6 => Some(Self::Tcp),
            17 => Some(Self::Udp),
            132 => Some(Self::Sctp),
            _ => None,
        }
    }

    /// Its name in small letters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What makes two virtual services the same one to the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceKey {
    /// An address and a port of a protocol; port 0 is every port.
    Address {
        /// The protocol.
        protocol: Protocol,
        /// The address.
        ip: IpAddr,
        /// The port.
        port: u16,
    },
    /// The packets of a family that carry a firewall mark.
    Mark {
        /// The family.
        family: Family,
        /// The mark, never 0.
        mark: u32,
    },
}

impl ServiceKey {
    /// The family of its packets.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::Address { ip, .. } => Family::of(ip),
            Self::Mark { family, .. } => family,
        }
    }

    /// The port that destinations get which cannot change it: 0 for a mark.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Address { port, .. } => port,
            Self::Mark { .. } => 0,
        }
    }
}

/// Writes what log lines of kernel requests call it: `ADDR:tcp:PORT` or `Fwm N`.
impl fmt::Display for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { protocol, ip, port } => write!(f, "{ip}:{protocol}:{port}"),
            Self::Mark { family: Family::V4, mark } => write!(f, "Fwm {mark}"),
            Self::Mark { family: Family::V6, mark } => write!(f, "Fwm {mark} inet6"),
        }
    }
}

/// The name of a scheduler or of a persistence engine: 1 to 15 bytes; cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleName(Arc<str>);

impl ModuleName {
    /// The longest name in bytes (`IP_VS_SCHEDNAME_MAXLEN` without its closing NUL).
    pub const MAX: usize = 15;

    /// `None` when the kernel could not have a module of that name.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=Self::MAX).contains(&text.len()) && !text.contains('\0');
        fits.then(|| Self(text.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A virtual service as the kernel has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Service {
    /// What identifies it.
    pub key: ServiceKey,
    /// Who chooses the destination of a connection.
    pub scheduler: ModuleName,
    /// One packet scheduling, and what the scheduler is told.
    pub flags: ServiceFlags,
    /// How clients keep their destination; `None` when they do not.
    pub persistence: Option<Persistence>,
}

/// Flags of a service that a configuration can set (`IP_VS_SVC_F_*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ServiceFlags(u32);

impl ServiceFlags {
    /// Nothing special.
    pub const NONE: Self = Self(0);
    /// Each packet is scheduled by itself (UDP).
    pub const ONE_PACKET: Self = Self(0x4);
    /// First flag of the scheduler: `sh-fallback`, `mh-fallback`.
    pub const SCHEDULER_1: Self = Self(0x8);
    /// Second flag of the scheduler: `sh-port`, `mh-port`.
    pub const SCHEDULER_2: Self = Self(0x10);
    /// Third flag of the scheduler.
    pub const SCHEDULER_3: Self = Self(0x20);

    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of the other's flags are set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Without the other's flags.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The number that the kernel knows them by.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The flags in a number of the kernel's; those of its own are left out.
    #[must_use]
    pub const fn from_kernel(bits: u32) -> Self {
        Self(bits & 0x3c)
    }
}

/// How a client keeps the destination that it got first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Persistence {
    /// For how long after its last connection, in seconds; never 0.
    pub timeout: u32,
    /// Which part of an address is one client.
    pub granularity: Granularity,
    /// Who looks for the client in the packets, such as `sip`.
    pub engine: Option<ModuleName>,
}

/// Which part of a client's address counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Granularity {
    /// This mask (IPv4), not necessarily of leading bits.
    Mask(Ipv4Addr),
    /// This many leading bits (IPv6).
    Prefix(u8),
}

impl Granularity {
    /// Each address is a client of its own.
    #[must_use]
    pub const fn whole(family: Family) -> Self {
        match family {
            Family::V4 => Self::Mask(Ipv4Addr::BROADCAST),
            Family::V6 => Self::Prefix(128),
        }
    }

    /// The family of the clients that it joins.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::Mask(_) => Family::V4,
            Self::Prefix(_) => Family::V6,
        }
    }
}

/// What makes two destinations of a service the same one to the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DestinationKey {
    /// The server's address.
    pub ip: IpAddr,
    /// Its port.
    pub port: u16,
}

/// Writes `ADDR:PORT`, as log lines of kernel requests have it.
impl fmt::Display for DestinationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.ip, self.port)
    }
}

/// A destination of a service as the kernel has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Destination {
    /// What identifies it.
    pub key: DestinationKey,
    /// How packets get there.
    pub forwarding: Forwarding,
    /// Its share of the connections; with 0 it gets no new ones. At most 2,147,483,647.
    pub weight: u32,
    /// From this many connections on it gets no new ones; 0 is no limit.
    pub upper_threshold: u32,
    /// Below this many it gets new ones again; 0 is three quarters of the upper one.
    pub lower_threshold: u32,
}

/// How packets get to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Forwarding {
    /// Network address translation, both ways.
    Nat,
    /// Direct routing: only the link layer address changes.
    Direct,
    /// Inside other packets.
    Tunnel(Encapsulation),
}

/// What a tunnelled packet is put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encapsulation {
    /// An IP packet.
    Ipip,
    /// Generic UDP encapsulation.
    Gue {
        /// The UDP port.
        port: u16,
        /// Its checksum.
        checksum: Checksum,
    },
    /// Generic routing encapsulation.
    Gre {
        /// Its checksum; remote offload does not exist here.
        checksum: Checksum,
    },
}

/// The checksum of an encapsulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Checksum {
    /// None.
    #[default]
    None,
    /// A checksum over everything.
    Full,
    /// Remote checksum offload.
    Remote,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_called_what_kernel_requests_call_them() {
        let ip = IpAddr::from([192, 0, 2, 1]);
        let key = ServiceKey::Address { protocol: Protocol::Tcp, ip, port: 80 };
        assert_eq!(key.to_string(), "192.0.2.1:tcp:80");
        let mark = |family| ServiceKey::Mark { family, mark: 7 }.to_string();
        assert_eq!((mark(Family::V4), mark(Family::V6)), ("Fwm 7".into(), "Fwm 7 inet6".into()));
    }

    #[test]
    fn a_module_name_fits_the_kernels_buffer() {
        assert!(ModuleName::new("fifteen_letters").is_some());
        assert!(ModuleName::new("sixteen_letters_").is_none() && ModuleName::new("").is_none());
    }
}
