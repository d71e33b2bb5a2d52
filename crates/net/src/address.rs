//! Addresses as they are put on an interface, with everything that `ip address add` can say.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use crate::{Family, LinkName};

/// One address on one interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The interface that holds it.
    pub link: LinkName,
    /// The address itself.
    pub ip: IpAddr,
    /// The prefix length in bits; with a peer it is the peer's.
    pub prefix: u8,
    /// The other end of a point-to-point address.
    pub peer: Option<IpAddr>,
    /// The broadcast address (IPv4).
    pub broadcast: Option<Ipv4Addr>,
    /// The address label (IPv4), as `ip address` shows it.
    pub label: Option<Label>,
    /// How far the address is valid.
    pub scope: Scope,
    /// The `IFA_F_*` flags that a configuration can set.
    pub flags: AddressFlags,
    /// How long it is preferred as a source address (IPv6).
    pub preferred: Lifetime,
}

/// What makes two addresses the same one to the kernel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressKey {
    // What differs most comes first: comparing keys is what the derived order is for.
    /// The address itself.
    pub ip: IpAddr,
    /// The prefix length in bits.
    pub prefix: u8,
    /// The interface that holds it.
    pub link: LinkName,
}

impl Address {
    /// An address of global scope with nothing else set, as `ip address add IP/PREFIX` makes it.
    #[must_use]
    pub const fn new(link: LinkName, ip: IpAddr, prefix: u8) -> Self {
        Self {
            link,
            ip,
            prefix,
            peer: None,
            broadcast: None,
            label: None,
            scope: Scope::GLOBAL,
            flags: AddressFlags::NONE,
            preferred: Lifetime::Default,
        }
    }

    /// What identifies it in the kernel.
    #[must_use]
    pub fn key(&self) -> AddressKey {
        AddressKey { link: self.link.clone(), ip: self.ip, prefix: self.prefix }
    }

    /// Its family.
    #[must_use]
    pub const fn family(&self) -> Family {
        Family::of(self.ip)
    }
}

/// Writes `ADDR`, or `ADDR/LEN` when the prefix is not the whole address, as log lines show it.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.ip)?;
        if self.prefix == self.family().bits() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

/// The scope of an address: the number of `rt_scopes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(pub u8);

impl Scope {
    /// Valid everywhere.
    pub const GLOBAL: Self = Self(0);
    /// Valid inside the site (IPv6).
    pub const SITE: Self = Self(200);
    /// Valid on its link only.
    pub const LINK: Self = Self(253);
    /// Valid inside this host only.
    pub const HOST: Self = Self(254);
    /// A destination that does not exist.
    pub const NOWHERE: Self = Self(255);
}

/// The label of an IPv4 address: at most 15 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(Arc<str>);

impl Label {
    /// `None` when the text has more than 15 bytes or none.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty() && text.len() <= LinkName::MAX).then(|| Self(text.into()))
    }

    /// The label as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Flags of an address, off unless the configuration says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressFlags {
    /// `IFA_F_HOMEADDRESS` (Mobile IPv6).
    pub home: bool,
    /// Let duplicate address detection run; without it IPv6 addresses get `IFA_F_NODAD`.
    pub dad: bool,
    /// `IFA_F_MANAGETEMPADDR`.
    pub manage_temporary: bool,
    /// `IFA_F_NOPREFIXROUTE`.
    pub no_prefix_route: bool,
    /// `IFA_F_MCAUTOJOIN`.
    pub auto_join: bool,
}

impl AddressFlags {
    /// No flag set.
    pub const NONE: Self = Self {
        home: false,
        dad: false,
        manage_temporary: false,
        no_prefix_route: false,
        auto_join: false,
    };
}

/// The preferred lifetime of an IPv6 address; the valid lifetime is always unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifetime {
    /// keepalived's choice: deprecated (0 s) for a /128, unlimited for any other prefix.
    Default,
    /// Never deprecated.
    Forever,
    /// Deprecated after this time.
    For(Duration),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_form_leaves_out_a_full_prefix() {
        let link = LinkName::new("eth0").unwrap();
        let host = Address::new(link.clone(), "192.0.2.1".parse().unwrap(), 32);
        let net = Address::new(link, "2001:db8::1".parse().unwrap(), 64);
        assert_eq!(host.to_string(), "192.0.2.1");
        assert_eq!(net.to_string(), "2001:db8::1/64");
    }
}
