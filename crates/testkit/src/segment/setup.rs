//! Configurations for routers on a virtual segment.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use net::{Address, Family, Link, LinkIndex, LinkName};
use vrrp::config::{
    Announcement, Authentication, Cast, Config, Device, Initial, Instance, Notify, Options,
    Preemption, Seat, Tracked, VirtualAddress, Watched,
};
use vrrp::{AdvertInterval, Name, Priority, Version, Vrid, Weight};

/// A router to be: its configuration and its links to the segments.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it runs.
    pub config: Config,
    /// Its links, `eth0` and `eth1`.
    pub links: Vec<Link>,
}

/// The router at a position of the segments: addresses 10.0.0.(1 + position) on `eth0` and
/// 10.1.0.(1 + position) on `eth1`, and a link-local one on each; no instances yet.
#[must_use]
pub fn router_on(position: u8) -> Plan {
    Plan { config: Config::default(), links: vec![link(0, position), link(1, position)] }
}

fn link(number: u8, position: u8) -> Link {
    let host = 1 + position;
    let local = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 1 + u16::from(number), u16::from(host));
    Link {
        name: link_name(number),
        index: LinkIndex(2 + u32::from(number)),
        flags: 0x11043,
        up: true,
        loopback: false,
        multicast: true,
        arp: true,
        mac: None,
        mtu: 1500,
        hardware: 1,
        kind: net::LinkKind::Ethernet,
        master: None,
        addresses: [Ipv4Addr::new(10, number, 0, host).into(), IpAddr::V6(local)]
            .map(Into::into)
            .into(),
    }
}

fn link_name(number: u8) -> LinkName {
    LinkName::new(&format!("eth{number}")).expect("a valid name")
}

/// An instance on `eth0`: VRRPv3 over multicast at this priority with one address, otherwise with
/// keepalived's defaults. Its interval is in centiseconds.
///
/// # Panics
/// When a number is out of its range.
#[must_use]
pub fn instance(vrid: u8, priority: u8, centis: u16) -> Instance {
    let link = link_name(0);
    let ip = IpAddr::V4(Ipv4Addr::new(10, 0, 1, vrid));
    Instance {
        name: Name::new(&format!("V{vrid}")),
        vrid: Vrid::new(vrid).expect("a number from 1 to 255"),
        version: Version::V3,
        family: Family::V4,
        seat: Seat::on(link.clone()),
        cast: Cast::Multicast { group: Ipv4Addr::new(224, 0, 0, 18).into() },
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
        obstacle: None,
        hmac: None,
        announcement: Announcement::default(),
        options: Options::default(),
        notify: Notify::default(),
    }
}

impl Plan {
    /// Adds an [`instance`].
    #[must_use]
    pub fn with_instance(mut self, vrid: u8, priority: u8, centis: u16) -> Self {
        self.config.instances.push(instance(vrid, priority, centis));
        self
    }

    /// Changes every instance.
    #[must_use]
    pub fn each(mut self, change: impl Fn(&mut Instance)) -> Self {
        self.config.instances.iter_mut().for_each(change);
        self
    }
}
