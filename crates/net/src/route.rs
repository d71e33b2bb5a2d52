//! Routes as they are put into a routing table, with everything that `ip route add` can say.
//!
//! Names of tables, protocols and scopes are numbers here; `conf` knows what they are called.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::{Family, LinkName, Scope};

/// A range of addresses: an address and how many of its bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// An address of the range.
    pub ip: IpAddr,
    /// How many bits of it count.
    pub length: u8,
}

/// One route of one table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    /// The family that it routes.
    pub family: Family,
    /// What happens to packets that match.
    pub kind: RouteKind,
    /// The destinations; `None` is every address.
    pub destination: Option<Network>,
    /// `from`: the sources that it is for (IPv6).
    pub source: Option<Network>,
    /// `src`: the source address that packets of this host get.
    pub preferred_source: Option<IpAddr>,
    /// `tos`: the type of service that it is for.
    pub tos: u8,
    /// The table, by number or by VRF.
    pub table: Table,
    /// The number of `rt_protos`: who made it.
    pub protocol: u8,
    /// How far the destination is.
    pub scope: Scope,
    /// `metric`: the lowest wins.
    pub metric: Option<u32>,
    /// `expires`: the kernel removes it after this many seconds (IPv6).
    pub expires: Option<u32>,
    /// `pref`: how much routers advertise it (IPv6).
    pub preference: Option<RouterPreference>,
    /// `ttl-propagate`: MPLS copies the TTL.
    pub ttl_propagate: Option<bool>,
    /// Where it stands among its equals.
    pub insertion: Insertion,
    /// What TCP is told about the path.
    pub metrics: RouteMetrics,
    /// Where packets go.
    pub hops: Hops,
}

/// The number that keepalived's routes and rules carry as their maker (`rt_protos`).
pub const PROTOCOL_KEEPALIVED: u8 = 18;

impl Route {
    /// A route to everywhere of which nothing else is said.
    #[must_use]
    pub fn new(family: Family) -> Self {
        Self {
            family,
            kind: RouteKind::Unicast,
            destination: None,
            source: None,
            preferred_source: None,
            tos: 0,
            table: Table::MAIN,
            protocol: PROTOCOL_KEEPALIVED,
            scope: Scope::GLOBAL,
            metric: None,
            expires: None,
            preference: None,
            ttl_propagate: None,
            insertion: Insertion::Prepend,
            metrics: RouteMetrics::default(),
            hops: Hops::One(NextHop::default()),
        }
    }

    /// The interfaces that it leads over, each as often as it is named.
    pub fn links(&self) -> impl Iterator<Item = &LinkName> {
        self.hops.as_slice().iter().filter_map(|hop| hop.link.as_ref())
    }
}

/// What a route does with a packet (`RTN_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteKind {
    /// Sends it on.
    Unicast,
    /// Delivers it here.
    Local,
    /// Delivers it here, sends as a link broadcast.
    Broadcast,
    /// Delivers it here, sends as unicast.
    Anycast,
    /// Is for a multicast group.
    Multicast,
    /// Drops it silently.
    Blackhole,
    /// Answers that the host cannot be reached.
    Unreachable,
    /// Answers that it is forbidden.
    Prohibit,
    /// Ends the look-up in this table.
    Throw,
    /// Translated addresses; kernels no longer have it.
    Nat,
    /// Asks a daemon; kernels do not have it.
    ExternalResolve,
}

/// A routing table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// By number.
    Number(u32),
    /// The table of this VRF.
    Vrf(LinkName),
}

impl Table {
    /// The table that is used when none is named.
    pub const MAIN: Self = Self::Number(254);
}

/// How much routers advertise an IPv6 route: 0 is medium, 1 high, 3 low (RFC 4191 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouterPreference(pub u8);

impl RouterPreference {
    /// What it is called; a reserved value counts as medium (RFC 4191 §2.1).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            1 => "high",
            3 => "low",
            _ => "medium",
        }
    }
}

/// Where a new route stands among those with the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Insertion {
    /// It must be the only one (`add`).
    Exclusive,
    /// Before them.
    Prepend,
    /// After them.
    Append,
}

/// A number that the kernel may or may not adapt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Metric {
    /// The number.
    pub value: u32,
    /// `lock`: it stays as it is.
    pub locked: bool,
}

/// What TCP is told about the path (`RTAX_*`); `None` leaves the kernel's choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RouteMetrics {
    /// `mtu` in bytes.
    pub mtu: Option<Metric>,
    /// `advmss` in bytes.
    pub advertised_mss: Option<Metric>,
    /// `reordering`.
    pub reordering: Option<Metric>,
    /// `cwnd` in packets.
    pub congestion_window: Option<Metric>,
    /// `ssthresh`.
    pub slow_start_threshold: Option<Metric>,
    /// `rtt` in eighths of a millisecond.
    pub rtt: Option<Metric>,
    /// `rttvar` in quarters of a millisecond.
    pub rtt_variance: Option<Metric>,
    /// `rto_min` in milliseconds.
    pub least_rto: Option<Metric>,
    /// `window` in bytes.
    pub window: Option<u32>,
    /// `hoplimit`.
    pub hop_limit: Option<u8>,
    /// `initcwnd` in packets.
    pub initial_congestion_window: Option<u32>,
    /// `initrwnd` in packets.
    pub initial_receive_window: Option<u32>,
    /// `features ecn`.
    pub ecn: bool,
    /// `quickack`.
    pub quick_ack: Option<bool>,
    /// `fastopen_no_cookie`.
    pub fast_open_without_cookie: Option<bool>,
    /// `congctl`: the algorithm, and whether it is locked.
    pub congestion_control: Option<(Arc<str>, bool)>,
}

/// Where packets of a route go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hops {
    /// To one place.
    One(NextHop),
    /// To several, by their weights.
    Many(Vec<NextHop>),
}

impl Hops {
    /// The places, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[NextHop] {
        match self {
            Self::One(hop) => std::slice::from_ref(hop),
            Self::Many(hops) => hops,
        }
    }
}

/// One place that packets may go to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NextHop {
    /// `via`: the router; it may be of the other family.
    pub gateway: Option<IpAddr>,
    /// `dev`: the interface.
    pub link: Option<LinkName>,
    /// `weight` less 1, as the kernel counts it.
    pub weight: u8,
    /// `onlink`: the gateway is taken for a neighbour.
    pub on_link: bool,
    /// `realms`.
    pub realms: Option<Realms>,
    /// `encap`: how packets are wrapped.
    pub tunnel: Option<Tunnel>,
}

/// The realms of source and destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Realms {
    /// Where packets come from.
    pub source: u16,
    /// Where they go.
    pub destination: u16,
}

/// How packets of a route are wrapped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tunnel {
    /// By IPv4.
    Ip(IpTunnel<Ipv4Addr>),
    /// By IPv6.
    Ip6(IpTunnel<Ipv6Addr>),
    /// By MPLS labels, the outermost first.
    Mpls(Vec<u32>),
    /// By identifier locator addressing: the locator.
    Ila(u64),
}

/// An IP header around a packet; at least a destination or an id is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IpTunnel<A> {
    /// The tunnel's id.
    pub id: Option<u64>,
    /// The other end.
    pub destination: Option<A>,
    /// This end.
    pub source: Option<A>,
    /// `tos` or `tc`.
    pub tos: Option<u8>,
    /// `ttl` or `hoplimit`.
    pub ttl: Option<u8>,
    /// Flags of the tunnel.
    pub flags: Option<u16>,
}

impl<A> IpTunnel<A> {
    /// A header of which nothing is said.
    #[must_use]
    pub const fn new() -> Self {
        Self { id: None, destination: None, source: None, tos: None, ttl: None, flags: None }
    }
}

impl<A> Default for IpTunnel<A> {
    fn default() -> Self {
        Self::new()
    }
}
