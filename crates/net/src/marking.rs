//! Which packets get a firewall mark.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{Family, Protocol};

/// Packets to some addresses, and the mark that they get. Ordered by where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marking {
    /// Their protocol.
    pub protocol: Protocol,
    /// The first address, and the last one, which is of the same family and not before it.
    pub addresses: (IpAddr, IpAddr),
    /// The first port and the last one, not before it.
    pub ports: (u16, u16),
    /// The mark, never 0.
    pub mark: u32,
}

impl Marking {
    /// The family of the packets.
    #[must_use]
    pub const fn family(&self) -> Family {
        Family::of(self.addresses.0)
    }

    /// Every address, the first one first.
    pub fn each_address(&self) -> impl Iterator<Item = IpAddr> + use<> {
        let number = |ip| match ip {
            IpAddr::V4(ip) => u128::from(ip.to_bits()),
            IpAddr::V6(ip) => ip.to_bits(),
        };
        let (family, (first, last)) = (self.family(), self.addresses);
        (number(first)..=number(last)).map(move |bits| match family {
            Family::V4 => Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or(u32::MAX)).into(),
            Family::V6 => Ipv6Addr::from_bits(bits).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_every_address_up_to_the_last_one_there_is() {
        let all = |first: &str, last: &str| {
            let addresses = (first.parse().unwrap(), last.parse().unwrap());
            let marking = Marking { protocol: Protocol::Tcp, addresses, ports: (80, 80), mark: 1 };
            marking.each_address().map(|ip| ip.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(all("192.0.2.255", "192.0.3.0"), ["192.0.2.255", "192.0.3.0"]);
        assert_eq!(all("255.255.255.255", "255.255.255.255"), ["255.255.255.255"]);
        assert_eq!(all("2001:db8::ffff", "2001:db8::1:0"), ["2001:db8::ffff", "2001:db8::1:0"]);
    }
}
