//! Routes and rules as log lines show them: in the words of keepalived's dumps (compat 12 §7).

use std::fmt::{Display, Formatter, Result};

use crate::{
    Family, Hops, Insertion, IpTunnel, LinkName, Metric, Network, NextHop, Realms, Route,
    RouteKind, RouteMetrics, Rule, RuleAction, Scope, Table, Tunnel,
};

/// Writes `ADDR`, or `ADDR/LEN` when the network is more than one address.
impl Display for Network {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.ip)?;
        if self.length == Family::of(self.ip).bits() {
            Ok(())
        } else {
            write!(f, "/{}", self.length)
        }
    }
}

/// Writes the usual name, or the number.
impl Display for Scope {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match *self {
            Self::GLOBAL => f.write_str("global"),
            Self::SITE => f.write_str("site"),
            Self::LINK => f.write_str("link"),
            Self::HOST => f.write_str("host"),
            Self::NOWHERE => f.write_str("nowhere"),
            Self(number) => write!(f, "{number}"),
        }
    }
}

impl Display for RouteKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::Unicast => "unicast",
            Self::Local => "local",
            Self::Broadcast => "broadcast",
            Self::Anycast => "anycast",
            Self::Multicast => "multicast",
            Self::Blackhole => "blackhole",
            Self::Unreachable => "unreachable",
            Self::Prohibit => "prohibit",
            Self::Throw => "throw",
            Self::Nat => "nat",
            Self::ExternalResolve => "xresolve",
        })
    }
}

/// Writes an optional value behind its keyword.
fn with(f: &mut Formatter<'_>, keyword: &str, value: Option<impl Display>) -> Result {
    value.map_or(Ok(()), |value| write!(f, " {keyword} {value}"))
}

impl Route {
    /// Its destination as log lines show it.
    #[must_use]
    pub fn destination_text(&self) -> String {
        let everything = || match self.family {
            Family::V4 => "0.0.0.0/0".to_owned(),
            Family::V6 => "::/0".to_owned(),
        };
        self.destination.map_or_else(everything, |to| to.to_string())
    }
}

impl Display for Route {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self.insertion {
            Insertion::Exclusive => "add",
            Insertion::Prepend => "prepend",
            Insertion::Append => "append",
        })?;
        if self.kind != RouteKind::Unicast {
            write!(f, " {}", self.kind)?;
        }
        write!(f, " {}", self.destination_text())?;
        with(f, "from", self.source)?;
        with(f, "src", self.preferred_source)?;
        with(f, "tos", Some(self.tos).filter(|tos| *tos != 0))?;
        let one = match &self.hops {
            Hops::One(hop) => Some(hop),
            Hops::Many(_) => None,
        };
        one.map_or(Ok(()), |hop| write_hop(f, hop))?;
        match &self.table {
            table if *table == Table::MAIN => {}
            Table::Number(number) => write!(f, " table {number}")?,
            Table::Vrf(link) => write!(f, " vrf {link}")?,
        }
        write!(f, " proto {}", self.protocol)?;
        with(f, "scope", Some(self.scope.0).filter(|_| self.scope != Scope::GLOBAL))?;
        with(f, "metric", self.metric)?;
        one.map_or(Ok(()), |hop| write_rest_of_hop(f, hop))?;
        with(f, "expires", self.expires.map(|seconds| format!("{seconds}sec")))?;
        write_metrics(f, &self.metrics)?;
        let propagate = self.ttl_propagate.map(|on| if on { "enabled" } else { "disabled" });
        with(f, "ttl-propagate", propagate)?;
        with(f, "pref", self.preference.map(|preference| preference.name()))?;
        match &self.hops {
            Hops::One(_) => Ok(()),
            Hops::Many(hops) => hops.iter().try_for_each(|hop| {
                f.write_str(" nexthop")?;
                write_hop(f, hop)?;
                with(f, "weight", Some(u16::from(hop.weight) + 1).filter(|weight| *weight > 1))?;
                write_rest_of_hop(f, hop)
            }),
        }
    }
}

fn write_hop(f: &mut Formatter<'_>, hop: &NextHop) -> Result {
    match &hop.tunnel {
        None => {}
        Some(Tunnel::Ip(tunnel)) => write_tunnel(f, ("ip", "tos", "ttl"), tunnel)?,
        Some(Tunnel::Ip6(tunnel)) => write_tunnel(f, ("ip6", "tc", "hoplimit"), tunnel)?,
        Some(Tunnel::Mpls(labels)) => {
            let labels: Vec<_> = labels.iter().map(u32::to_string).collect();
            write!(f, " encap mpls {}", labels.join("/"))?;
        }
        Some(Tunnel::Ila(locator)) => {
            let [a, b, c, d] = [48, 32, 16, 0].map(|shift| locator >> shift & 0xffff);
            write!(f, " encap ila {a:x}:{b:x}:{c:x}:{d:x}")?;
        }
    }
    let gateway = hop.gateway.map(|ip| match Family::of(ip) {
        Family::V4 => format!("inet {ip}"),
        Family::V6 => format!("inet6 {ip}"),
    });
    with(f, "via", gateway)?;
    with(f, "dev", hop.link.as_ref())
}

fn write_rest_of_hop(f: &mut Formatter<'_>, hop: &NextHop) -> Result {
    f.write_str(if hop.on_link { " onlink" } else { "" })?;
    with(f, "realms", hop.realms)
}

fn write_tunnel<A: Display>(
    f: &mut Formatter<'_>,
    (kind, tos, ttl): (&str, &str, &str),
    tunnel: &IpTunnel<A>,
) -> Result {
    write!(f, " encap {kind}")?;
    with(f, "id", tunnel.id)?;
    with(f, "dst", tunnel.destination.as_ref())?;
    with(f, "src", tunnel.source.as_ref())?;
    with(f, tos, tunnel.tos)?;
    with(f, ttl, tunnel.ttl)?;
    with(f, "flags", tunnel.flags.map(|flags| format!("{flags:#x}")))
}

fn write_metrics(f: &mut Formatter<'_>, metrics: &RouteMetrics) -> Result {
    let congestion = metrics.congestion_control.as_ref();
    let congestion =
        congestion.map(|(name, locked)| format!("{}{name}", if *locked { "lock " } else { "" }));
    with(f, "congctl", congestion)?;
    with(f, "rtt", metrics.rtt.map(|metric| time(metric, 8)))?;
    with(f, "rttvar", metrics.rtt_variance.map(|metric| time(metric, 4)))?;
    with(f, "rto_min", metrics.least_rto.map(|metric| time(metric, 1)))?;
    with(f, "features", metrics.ecn.then_some("ecn"))?;
    with(f, "mtu", metrics.mtu)?;
    with(f, "window", metrics.window)?;
    with(f, "ssthresh", metrics.slow_start_threshold)?;
    with(f, "cwnd", metrics.congestion_window)?;
    with(f, "advmss", metrics.advertised_mss)?;
    with(f, "reordering", metrics.reordering)?;
    with(f, "hoplimit", metrics.hop_limit)?;
    with(f, "initcwnd", metrics.initial_congestion_window)?;
    with(f, "initrwnd", metrics.initial_receive_window)?;
    with(f, "quickack", metrics.quick_ack.map(u8::from))?;
    with(f, "fastopen_no_cookie", metrics.fast_open_without_cookie.map(u8::from))
}

impl Display for Metric {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}{}", if self.locked { "lock " } else { "" }, self.value)
    }
}

/// A time of the path, of which a millisecond has so many units.
fn time(metric: Metric, per_millisecond: u32) -> String {
    let milliseconds = f64::from(metric.value) / f64::from(per_millisecond);
    let lock = if metric.locked { "lock " } else { "" };
    if milliseconds >= 1_000.0 {
        return format!("{lock}{}s", milliseconds / 1_000.0);
    }
    format!("{lock}{milliseconds}ms")
}

impl Display for Realms {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.source != 0 {
            write!(f, "{}/", self.source)?;
        }
        write!(f, "{}", self.destination)
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let selector = &self.selector;
        f.write_str(if selector.inverted { "not " } else { "" })?;
        write!(f, "from {}", selector.source.map_or("all".to_owned(), |from| from.to_string()))?;
        with(f, "to", selector.destination)?;
        write!(f, " priority {} tos {:#x}", self.preference, selector.tos)?;
        with(
            f,
            "fwmark",
            selector.mark.map(|mark| {
                let mask = mark.mask.map_or(String::new(), |mask| format!("/{mask:#x}"));
                format!("{:#x}{mask}", mark.value)
            }),
        )?;
        with(f, "iif", selector.input.as_ref().map(LinkName::as_str))?;
        with(f, "oif", selector.output.as_ref().map(LinkName::as_str))?;
        with(f, "suppress_prefixlen", self.suppress_prefix_length)?;
        with(f, "suppress_ifgroup", self.suppress_group)?;
        with(f, "tunnel-id", selector.tunnel_id)?;
        let users = selector.users.as_ref();
        with(f, "uidrange", users.map(|ids| format!("{}-{}", ids.start(), ids.end())))?;
        write!(f, " protocol {}", self.protocol)?;
        with(f, "ipproto", selector.ip_protocol)?;
        let ports = |range: &std::ops::RangeInclusive<u16>| {
            if range.start() == range.end() {
                range.start().to_string()
            } else {
                format!("{}-{}", range.start(), range.end())
            }
        };
        with(f, "sport", selector.source_ports.as_ref().map(ports))?;
        with(f, "dport", selector.destination_ports.as_ref().map(ports))?;
        with(f, "realms", self.realms)?;
        match self.action {
            RuleAction::Table(table) => write!(f, " lookup {table}"),
            RuleAction::L3mdev => f.write_str(" l3mdev"),
            RuleAction::Goto(target) => write!(f, " goto {target}"),
            RuleAction::Nop => f.write_str(" nop"),
            RuleAction::Blackhole => f.write_str(" type blackhole"),
            RuleAction::Unreachable => f.write_str(" type unreachable"),
            RuleAction::Prohibit => f.write_str(" type prohibit"),
        }
    }
}

#[cfg(test)]
mod tests;
