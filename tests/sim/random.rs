//! Makes deployments from a seed: virtual routers on two segments, alone and in groups, over both
//! families, in every way of sending and of being authenticated, with checks and weights.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use fastrand::Rng;
use net::{Address, Family, LinkName};
use testkit::segment::{Plan, instance, router_on};
use vrrp::config::{
    Authentication, Cast, Command, Config, Freshness, Hmac, HmacKey, HmacMode, Initial, Instance,
    Notify, Peer, Preemption, Script, Seat, SyncGroup, Tracked, VirtualAddress, Watched,
};
use vrrp::{AdvertInterval, Name, Version, Weight};

use crate::objects;

/// The numbers of virtual routers are 1 to this.
const VRIDS: u8 = 4;
/// There are as many check scripts at most.
const CHECKS: u8 = 2;
const WINDOW: Duration = Duration::from_secs(5);

/// What all routers of a deployment have in common.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub(crate) routers: u8,
    services: Vec<Service>,
    /// Services whose routers change state together, by position.
    group: Vec<usize>,
    /// The longest interval, in centiseconds.
    centis: u16,
    checks: u8,
}

/// One virtual router, as all its routers have it.
#[derive(Clone, Debug)]
struct Service {
    vrid: u8,
    link: u8,
    version: Version,
    family: Family,
    unicast: bool,
    centis: u16,
    down_timer: u8,
    addresses: u8,
    excluded: bool,
    authentication: Authentication,
    hmac: Option<Hmac>,
}

pub(crate) fn link_name(number: u8) -> LinkName {
    LinkName::new(&format!("eth{number}")).expect("a name")
}

impl Deployment {
    /// A deployment of several routers.
    pub(crate) fn random(random: &mut Rng) -> Self {
        let centis = random.choice([1, 5, 10, 100]).expect("a choice");
        Self::at_pace(random, centis)
    }

    fn at_pace(random: &mut Rng, centis: u16) -> Self {
        let routers = random.u8(2..=5);
        let mut vrids: Vec<_> = (1..=VRIDS).collect();
        random.shuffle(&mut vrids);
        vrids.truncate(random.usize(1..=3));
        let services: Vec<_> = vrids.iter().map(|vrid| service(random, *vrid, centis)).collect();
        let grouped = services.len() > 1 && random.bool();
        let group = if grouped { (0..random.usize(2..=services.len())).collect() } else { vec![] };
        Self { routers, services, group, centis, checks: random.u8(0..=CHECKS) }
    }

    /// What an operator may turn this deployment into: anything from nothing to all is different.
    pub(crate) fn another(&self, random: &mut Rng) -> Self {
        let mut other = Self::at_pace(random, self.centis);
        other.routers = self.routers;
        for service in &mut other.services {
            if let Some(known) = self.services.iter().find(|known| known.vrid == service.vrid)
                && random.u8(0..4) > 0
            {
                *service = Service { addresses: service.addresses, ..known.clone() };
            }
        }
        other
    }

    /// How many virtual routers there are.
    pub(crate) const fn size(&self) -> usize {
        self.services.len()
    }

    /// The longest interval of any router.
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_millis(u64::from(self.centis) * 10)
    }

    /// The longest that any router waits for silence.
    pub(crate) fn longest_wait(&self) -> Duration {
        let waits = self.services.iter().map(|service| {
            let skew = match service.version {
                Version::V2 => Duration::from_secs(1),
                Version::V3 => self.interval(),
            };
            self.interval() * u32::from(service.down_timer) + skew
        });
        waits.max().unwrap_or_default()
    }

    /// Whether some adverts carry a time.
    pub(crate) fn tells_time(&self) -> bool {
        self.services.iter().any(|service| service.hmac.is_some())
    }

    /// One router of it, whose preemption is chosen from these.
    pub(crate) fn router(&self, random: &mut Rng, position: u8, choice: &[Preemption]) -> Plan {
        let mut plan = router_on(position);
        plan.config = self.config(random, position, choice);
        plan
    }

    /// What a router of it runs.
    pub(crate) fn config(&self, random: &mut Rng, position: u8, choice: &[Preemption]) -> Config {
        let scripts = (0..self.checks).map(|number| self.check(random, number)).collect();
        let mut config = Config { scripts, ..Config::default() };
        objects::declare(&mut config, self.interval(), random);
        let shared = self.own(random, choice);
        for (at, service) in self.services.iter().enumerate() {
            let mut own = self.own(random, choice);
            if self.group.contains(&at) {
                own = shared.clone();
            }
            config.instances.push(self.instance(random, service, position, &own));
        }
        if !self.group.is_empty() {
            config.groups.push(self.group_of(random, &config.instances));
        }
        config
    }

    fn instance(&self, random: &mut Rng, of: &Service, position: u8, own: &Own) -> Instance {
        let mut made = instance(of.vrid, own.priority, 1);
        made.seat = self.seat(random, of, position);
        made.version = of.version;
        made.family = of.family;
        made.advert_interval = of.interval(random);
        made.down_timer_adverts = of.down_timer;
        made.cast = self.cast(of, position);
        made.authentication = of.authentication.clone();
        made.hmac = of.hmac.clone();
        made.addresses = (0..of.addresses).map(|n| of.address(n)).collect();
        made.excluded = of.excluded.then(|| of.address(of.addresses)).into_iter().collect();
        made.preemption = own.preemption;
        made.initial = if own.priority == 255 { Initial::Master } else { Initial::Backup };
        made.tracked_links = vec![tracked(link_name(of.link), 0)];
        if own.other_link != 0 {
            made.tracked_links.push(tracked(link_name(1 - of.link), own.other_link));
        }
        made.tracked_scripts = own.checks.clone();
        made.watched = own.watched.clone();
        made.announcement.refresh = random.bool().then(|| self.interval() * 7);
        made
    }

    /// A router of a unicast service may have no interface of its own, whatever its peers have.
    fn seat(&self, random: &mut Rng, of: &Service, position: u8) -> Seat {
        let link = link_name(of.link);
        let anywhere = of.unicast && of.family == Family::V4 && random.bool();
        match own_address(of, position) {
            source if anywhere => Seat::Address { source, vrf: None },
            _ => Seat::on(link),
        }
    }

    fn cast(&self, of: &Service, position: u8) -> Cast {
        if !of.unicast {
            let group: IpAddr = match of.family {
                Family::V4 => Ipv4Addr::new(224, 0, 0, 18).into(),
                Family::V6 => Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12).into(),
            };
            return Cast::Multicast { group };
        }
        let others = (0..self.routers).filter(|other| *other != position);
        let peer = |other| Peer { address: own_address(of, other), min_ttl: 0, max_ttl: 255 };
        Cast::Unicast { peers: others.map(peer).collect() }
    }

    fn own(&self, random: &mut Rng, choice: &[Preemption]) -> Own {
        let number = |random: &mut Rng| if random.bool() { 0 } else { random.i16(-60..60) };
        let checks = (0..self.checks).filter(|_| random.bool()).collect::<Vec<_>>();
        let name = |number: u8| Name::new(&format!("chk{number}"));
        Own {
            watched: objects::watched(random),
            priority: random.u8(1..=254),
            preemption: random.choice(choice).copied().expect("a choice"),
            other_link: if random.bool() { random.i16(-60..60) } else { 0 },
            checks: checks.into_iter().map(|n| tracked(name(n), number(random))).collect(),
        }
    }

    fn check(&self, random: &mut Rng, number: u8) -> Script {
        Script {
            name: Name::new(&format!("chk{number}")),
            command: Command { argv: vec![format!("/chk{number}")], uid: 0, gid: 0 },
            interval: self.interval() * 3,
            timeout: self.interval() * 3,
            rise: random.u32(1..3),
            fall: random.u32(1..4),
            fails_at_start: false,
        }
    }

    fn group_of(&self, random: &mut Rng, instances: &[Instance]) -> SyncGroup {
        let mut tracked_links = Vec::new();
        // The group's weight would replace that of some members only.
        let weightless = |instance: &Instance| instance.tracked_links.len() == 1;
        if instances.iter().all(weightless) && random.bool() {
            tracked_links.push(tracked(link_name(random.u8(0..2)), 0));
        }
        let free = |of: &Watched| of.files.is_empty() && of.processes.is_empty();
        let watched = match instances.iter().all(|instance| free(&instance.watched)) {
            true => objects::watched_by_group(random),
            false => Watched::default(),
        };
        SyncGroup {
            name: Name::new("G"),
            members: self.group.iter().map(|at| instances[*at].name.clone()).collect(),
            tracked_links,
            tracked_scripts: Vec::new(),
            watched,
            weights_of_members: true,
            notify: Notify::default(),
        }
    }
}

/// What routers of one deployment may differ in.
#[derive(Clone, Debug)]
struct Own {
    priority: u8,
    preemption: Preemption,
    other_link: i16,
    checks: Vec<Tracked<Name>>,
    watched: Watched,
}

/// The address of a router on the link of a service.
fn own_address(of: &Service, position: u8) -> IpAddr {
    let addresses = &router_on(position).links[usize::from(of.link)].addresses;
    let found = addresses.iter().find(|held| Family::of(held.ip) == of.family);
    found.expect("each link has an address of each family").ip
}

/// The segment that an instance is on: its link, or that of its address.
pub(crate) fn segment_of(seat: &Seat) -> LinkName {
    match seat {
        Seat::Link { link, .. } => link.clone(),
        Seat::Address { source: IpAddr::V4(ip), .. } => link_name(ip.octets()[1]),
        Seat::Address { source: IpAddr::V6(ip), .. } => panic!("{ip} needs a link"),
    }
}

fn tracked<T>(object: T, weight: i16) -> Tracked<T> {
    Tracked { object, weight: Weight::new(weight).expect("a weight"), reverse: false }
}

fn service(random: &mut Rng, vrid: u8, centis: u16) -> Service {
    let (version, family) = match random.u8(0..4) {
        0 if centis == 100 => (Version::V2, Family::V4),
        1 => (Version::V3, Family::V6),
        _ => (Version::V3, Family::V4),
    };
    let authentication = match random.u8(0..3) {
        0 if version == Version::V2 => Authentication::Pass(*b"password"),
        1 if version == Version::V2 => Authentication::Ah(*b"password"),
        _ => Authentication::None,
    };
    let plain = authentication == Authentication::None;
    Service {
        vrid,
        link: random.u8(0..2),
        version,
        family,
        unicast: random.u8(0..3) == 0,
        centis,
        down_timer: random.choice([2, 3, 3, 5]).expect("a choice"),
        addresses: random.u8(1..3),
        excluded: random.bool(),
        authentication,
        hmac: (plain && random.u8(0..3) == 0).then(hmac),
    }
}

pub(crate) fn hmac() -> Hmac {
    let key = |id| HmacKey { id, secret: vec![id; 32] };
    Hmac {
        keys: vec![key(1), key(2)],
        active: 1,
        window: WINDOW,
        freshness: Freshness::Time,
        mode: HmacMode::Enforce,
    }
}

impl Service {
    /// Over VRRPv3 each router may have an interval of its own, over VRRPv2 all have one.
    fn interval(&self, random: &mut Rng) -> AdvertInterval {
        let centis = match self.version {
            Version::V2 => self.centis,
            Version::V3 => random.u16(self.centis.div_ceil(2)..=self.centis),
        };
        AdvertInterval::from_centis(centis).expect("an interval")
    }

    fn address(&self, number: u8) -> VirtualAddress {
        let ip: IpAddr = match self.family {
            Family::V4 => Ipv4Addr::new(10, 0, 1 + number, self.vrid).into(),
            Family::V6 => {
                let (number, vrid) = (u16::from(number), u16::from(self.vrid));
                Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 1, number, vrid).into()
            }
        };
        VirtualAddress::new(Address::new(link_name(self.link), ip, 32))
    }
}
