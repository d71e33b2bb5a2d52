//! Network interfaces ("links" in the kernel's words): names, indexes and what is known of them.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// The name of a network interface: 1 to 15 bytes without `/`, `:` and blanks (`IFNAMSIZ`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkName(Arc<str>);

/// Why a text cannot be the name of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Nothing was given.
    Empty,
    /// More than 15 bytes.
    TooLong,
    /// It holds a character that the kernel refuses in interface names.
    Character(char),
}

impl LinkName {
    /// The longest name in bytes: `IFNAMSIZ` without its closing NUL.
    pub const MAX: usize = 15;

    /// Checks the text the way the kernel would.
    ///
    /// # Errors
    /// When the kernel could never have an interface of that name.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > Self::MAX {
            return Err(NameError::TooLong);
        }
        let refused = |c: &char| matches!(c, '/' | ':' | '\0') || c.is_whitespace();
        match text.chars().find(refused) {
            Some(character) => Err(NameError::Character(character)),
            None => Ok(Self(text.into())),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an interface name cannot be empty"),
            Self::TooLong => write!(f, "an interface name has at most {} bytes", LinkName::MAX),
            Self::Character(c) => write!(f, "an interface name cannot contain {c:?}"),
        }
    }
}

impl std::error::Error for NameError {}

/// The kernel's number of an interface; it changes when the interface is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkIndex(pub u32);

/// A 48-bit hardware address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// All stations of the segment.
    pub const BROADCAST: Self = Self([0xff; 6]);
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What kind of interface it is, as far as anything depends on that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkKind {
    /// It carries Ethernet frames, and is none of those below.
    #[default]
    Ethernet,
    /// It carries no Ethernet frames: a tunnel, the loopback interface.
    Other,
    /// A VRF, which has a routing table of its own.
    Vrf {
        /// The number of that table.
        table: u32,
    },
    /// It has a MAC address of its own on another interface.
    Macvlan {
        /// That interface; `None` when it is in another network namespace.
        base: Option<LinkIndex>,
        /// It does not hear the others on that interface.
        private: bool,
    },
    /// It has addresses of its own on another interface.
    Ipvlan {
        /// That interface; `None` when it is in another network namespace.
        base: Option<LinkIndex>,
        /// It takes part in the segment, as switches see it (mode L2).
        l2: bool,
    },
}

impl LinkKind {
    /// The interface that it shares, if it is made on one.
    #[must_use]
    pub const fn base(self) -> Option<LinkIndex> {
        match self {
            Self::Macvlan { base, .. } | Self::Ipvlan { base, .. } => base,
            Self::Ethernet | Self::Other | Self::Vrf { .. } => None,
        }
    }

    /// Whether it is made on another interface, with or without a MAC address of its own.
    #[must_use]
    pub const fn is_virtual(self) -> bool {
        matches!(self, Self::Macvlan { .. } | Self::Ipvlan { .. })
    }

    /// The routing table of a VRF.
    #[must_use]
    pub const fn vrf_table(self) -> Option<u32> {
        match self {
            Self::Vrf { table } => Some(table),
            Self::Ethernet | Self::Other | Self::Macvlan { .. } | Self::Ipvlan { .. } => None,
        }
    }
}

/// What is known of one interface at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name.
    pub name: LinkName,
    /// Its number.
    pub index: LinkIndex,
    /// The kernel's flags (`IFF_*`), for whoever wants to show them.
    pub flags: u32,
    /// Whether it is administratively up and has a carrier (`IFF_UP` and `IFF_RUNNING`).
    pub up: bool,
    /// Whether it is a loopback interface, on which no virtual router can run.
    pub loopback: bool,
    /// Whether it can send multicast (`IFF_MULTICAST`).
    pub multicast: bool,
    /// Whether it resolves addresses by ARP (`IFF_NOARP` absent).
    pub arp: bool,
    /// The hardware address; `None` on links without 48-bit addresses.
    pub mac: Option<MacAddress>,
    /// The largest packet in bytes.
    pub mtu: u32,
    /// The kernel's number of its hardware (`ARPHRD_*`), for whoever wants to show it.
    pub hardware: u16,
    /// What kind of interface it is.
    pub kind: LinkKind,
    /// The bridge, bond or VRF that it belongs to.
    pub master: Option<LinkIndex>,
    /// Its addresses, in the kernel's order.
    pub addresses: Vec<Held>,
}

impl Link {
    /// What is known of one of its addresses, if it has it.
    #[must_use]
    pub fn held(&self, ip: IpAddr) -> Option<Held> {
        self.addresses.iter().copied().find(|held| held.ip == ip)
    }
}

/// An address that a link has at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The address.
    pub ip: IpAddr,
    /// Whether it can be used.
    pub detection: Detection,
}

/// As it is without duplicate address detection.
impl From<IpAddr> for Held {
    fn from(ip: IpAddr) -> Self {
        Self { ip, detection: Detection::Unique }
    }
}

/// What duplicate address detection has come to (RFC 4862 section 5.4), best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detection {
    /// It is over, or there is none: the address can be used.
    Unique,
    /// It goes on: nothing may be sent from the address yet.
    Tentative,
    /// Somebody else has the address. The kernel never uses it until it is put on the link anew.
    Duplicate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_the_kernel_accepts() {
        assert_eq!(LinkName::new("eth0").unwrap().as_str(), "eth0");
        assert_eq!(LinkName::new("exactly15bytes.").unwrap().to_string(), "exactly15bytes.");
        assert_eq!(LinkName::new(""), Err(NameError::Empty));
        assert_eq!(LinkName::new("sixteen-bytes-no"), Err(NameError::TooLong));
        assert_eq!(LinkName::new("eth0:1"), Err(NameError::Character(':')));
        assert_eq!(LinkName::new("a b"), Err(NameError::Character(' ')));
    }
}
