//! Configurations for routers on a virtual segment.

use std::net::{IpAddr, Ipv4Addr};

use net::{Address, Family, Link, LinkIndex, LinkName};
use vrrp::config::{
    Announcement, Authentication, Cast, Config, Device, Initial, Instance, Notify, Options,
    Preemption, Tracked, VirtualAddress, Watched,
};
use vrrp::{AdvertInterval, Name, Priority, Version, Vrid, Weight};

/// A router to be: its configuration and its link to the segment.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it runs.
    pub config: Config,
    /// Its one link.
    pub link: Link,
}

/// The router at a position of the segment: address 10.0.0.(1 + position), no instances yet.
///
/// # Panics
/// When the name of the link is refused, which it is not.
#[must_use]
pub fn router_on(position: u8) -> Plan {
    let link = Link {
        name: link_name(),
        index: LinkIndex(2),
        up: true,
        loopback: false,
        multicast: true,
        arp: true,
        mac: None,
        mtu: 1500,
        vrf_table: None,
        addresses: vec![address_of(position)],
    };
    Plan { config: Config::default(), link }
}

/// The address of the router at a position.
fn address_of(position: u8) -> IpAddr {
    Ipv4Addr::new(10, 0, 0, 1 + position).into()
}

fn link_name() -> LinkName {
    LinkName::new("eth0").expect("a valid name")
}

impl Plan {
    /// Adds an instance: VRRPv3 over multicast at this priority with one address, otherwise
    /// with keepalived's defaults. Its interval is in centiseconds.
    ///
    /// # Panics
    /// When a number is out of its range.
    #[must_use]
    pub fn with_instance(mut self, vrid: u8, priority: u8, centis: u16) -> Self {
        let link = link_name();
        let ip = IpAddr::V4(Ipv4Addr::new(10, 0, 1, vrid));
        self.config.instances.push(Instance {
            name: Name::new(&format!("V{vrid}")),
            vrid: Vrid::new(vrid).expect("a number from 1 to 255"),
            version: Version::V3,
            family: Family::V4,
            link: link.clone(),
            cast: Cast::Multicast { group: Ipv4Addr::new(224, 0, 0, 18).into() },
            source: None,
            ttl: 255,
            priority: Priority::new(priority).expect("a priority from 1 to 255"),
            initial: Initial::Backup,
            advert_interval: AdvertInterval::from_centis(centis).expect("an interval of VRRPv3"),
            down_timer_adverts: 3,
            preemption: Preemption::Immediate,
            authentication: Authentication::None,
            addresses: vec![VirtualAddress::new(Address::new(link.clone(), ip, 32))],
            excluded: Vec::new(),
            tracked_links: vec![Tracked { object: link, weight: Weight::FAULT, reverse: false }],
            tracked_scripts: Vec::new(),
            watched: Watched::default(),
            routes: Vec::new(),
            rules: Vec::new(),
            device: Device::Link,
            hmac: None,
            announcement: Announcement::default(),
            options: Options::default(),
            notify: Notify::default(),
        });
        self
    }

    /// Changes every instance.
    #[must_use]
    pub fn each(mut self, change: impl Fn(&mut Instance)) -> Self {
        self.config.instances.iter_mut().for_each(change);
        self
    }
}
