//! Addresses, routes and rules, one per line.

use ::vrrp::Name;
use ::vrrp::config::{Held, Static, Statics, VirtualAddress};
use net::{
    Address, Hops, Insertion, IpTunnel, Lifetime, Metric, Network, NextHop, Realms, Route, Rule,
    RuleAction, Scope, Table, Tunnel,
};

use crate::print::Writer;

/// The words of a line, each already as it is written.
type Words = Vec<String>;

/// Adds a keyword and its value when there is one.
fn with(words: &mut Words, keyword: &str, value: Option<impl ToString>) {
    if let Some(value) = value {
        words.extend([keyword.to_owned(), value.to_string()]);
    }
}

/// Adds a keyword when it applies.
fn flag(words: &mut Words, keyword: &str, applies: bool) {
    if applies {
        words.push(keyword.to_owned());
    }
}

fn line(words: &Words, out: &mut Writer) {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    out.line(&words);
}

/// `static_ipaddress`, `static_routes` and `static_rules`.
pub(super) fn statics(statics: &Statics, out: &mut Writer) {
    list("static_ipaddress", &statics.addresses, address, out);
    list("static_routes", &statics.routes, route, out);
    list("static_rules", &statics.rules, rule, out);
}

fn list<T>(keyword: &str, all: &[Static<T>], words: fn(&T) -> Words, out: &mut Writer) {
    if all.is_empty() {
        return;
    }
    out.block(keyword, &[], |out| {
        for one in all {
            let mut words = words(&one.object);
            let mut watch = Words::new();
            flag(&mut watch, "no_track", !one.tracked);
            with(&mut watch, "track_group", one.group.as_ref().map(Name::as_str));
            // An address begins its line; next hops end theirs.
            let hops = words.iter().position(|word| word == "nexthop").unwrap_or(words.len());
            words.splice(hops..hops, watch);
            line(&words, out);
        }
    });
}

/// `virtual_routes` and `virtual_rules`.
pub(super) fn held(routes: &[Held<Route>], rules: &[Held<Rule>], out: &mut Writer) {
    if !routes.is_empty() {
        out.block("virtual_routes", &[], |out| {
            routes.iter().for_each(|held| one(route(&held.object), held.tracked, out));
        });
    }
    if !rules.is_empty() {
        out.block("virtual_rules", &[], |out| {
            rules.iter().for_each(|held| one(rule(&held.object), held.tracked, out));
        });
    }
}

/// `no_track` comes first: next hops end a line.
fn one(mut words: Words, tracked: bool, out: &mut Writer) {
    if !tracked {
        words.insert(0, "no_track".to_owned());
    }
    line(&words, out);
}

/// `virtual_ipaddress` and `virtual_ipaddress_excluded`.
pub(super) fn addresses(keyword: &str, addresses: &[VirtualAddress], out: &mut Writer) {
    if addresses.is_empty() {
        return;
    }
    out.block(keyword, &[], |out| {
        for held in addresses {
            let mut words = address(&held.address);
            flag(&mut words, "no_track", !held.tracked);
            flag(&mut words, "use_vmac", held.own_device);
            line(&words, out);
        }
    });
}

fn address(address: &Address) -> Words {
    let mut words = match address.peer {
        None => vec![format!("{}/{}", address.ip, address.prefix)],
        Some(peer) => {
            let whole = address.prefix == address.family().bits();
            let length = if whole { String::new() } else { format!("/{}", address.prefix) };
            let peer = format!("{peer}{length}");
            vec![address.ip.to_string(), "peer".to_owned(), peer]
        }
    };
    with(&mut words, "dev", Some(&address.link));
    with(&mut words, "broadcast", address.broadcast);
    with(&mut words, "label", address.label.as_ref().map(net::Label::as_str));
    let scope = Some(address.scope).filter(|scope| *scope != Scope::GLOBAL);
    with(&mut words, "scope", scope.map(|scope| scope.0));
    flag(&mut words, "home", address.flags.home);
    flag(&mut words, "-nodad", address.flags.dad);
    flag(&mut words, "mngtmpaddr", address.flags.manage_temporary);
    flag(&mut words, "noprefixroute", address.flags.no_prefix_route);
    flag(&mut words, "autojoin", address.flags.auto_join);
    match address.preferred {
        Lifetime::Default => {}
        Lifetime::Forever => with(&mut words, "preferred_lft", Some("forever")),
        Lifetime::For(time) => with(&mut words, "preferred_lft", Some(time.as_secs())),
    }
    words
}

fn network(network: Network) -> String {
    format!("{}/{}", network.ip, network.length)
}

fn family(family: net::Family) -> String {
    match family {
        net::Family::V4 => "inet".to_owned(),
        net::Family::V6 => "inet6".to_owned(),
    }
}

fn route(route: &Route) -> Words {
    // Where an address tells the family, keepalived would not read on after `inet`.
    let told = route.destination.is_some() || route.preferred_source.is_some();
    let mut words = Words::new();
    flag(&mut words, &family(route.family), !told);
    words.push(route.kind.to_string());
    words.push(route.destination.map_or("default".to_owned(), network));
    with(&mut words, "from", route.source.map(network));
    with(&mut words, "src", route.preferred_source);
    with(&mut words, "tos", Some(route.tos).filter(|tos| *tos != 0));
    match &route.table {
        Table::Number(number) => with(&mut words, "table", Some(number)),
        Table::Vrf(link) => with(&mut words, "vrf", Some(link)),
    }
    with(&mut words, "protocol", Some(route.protocol));
    with(&mut words, "scope", Some(route.scope.0));
    with(&mut words, "metric", route.metric);
    with(&mut words, "expires", route.expires);
    with(&mut words, "pref", route.preference.map(|preference| preference.0));
    let propagate = route.ttl_propagate.map(|on| if on { "enabled" } else { "disabled" });
    with(&mut words, "ttl-propagate", propagate);
    words.push(match route.insertion {
        Insertion::Exclusive => "add".to_owned(),
        Insertion::Prepend => "prepend".to_owned(),
        Insertion::Append => "append".to_owned(),
    });
    metrics(&mut words, route);
    match &route.hops {
        Hops::One(hop) => self::hop(&mut words, hop, false),
        Hops::Many(hops) => hops.iter().for_each(|hop| self::hop(&mut words, hop, true)),
    }
    words
}

fn metrics(words: &mut Words, route: &Route) {
    let metrics = &route.metrics;
    let mut lockable = |keyword: &str, metric: Option<Metric>| {
        if let Some(metric) = metric {
            words.push(keyword.to_owned());
            flag(words, "lock", metric.locked);
            words.push(metric.value.to_string());
        }
    };
    lockable("mtu", metrics.mtu);
    lockable("advmss", metrics.advertised_mss);
    lockable("reordering", metrics.reordering);
    lockable("cwnd", metrics.congestion_window);
    lockable("ssthresh", metrics.slow_start_threshold);
    lockable("rtt", metrics.rtt);
    lockable("rttvar", metrics.rtt_variance);
    lockable("rto_min", metrics.least_rto);
    with(words, "window", metrics.window);
    with(words, "hoplimit", metrics.hop_limit);
    with(words, "initcwnd", metrics.initial_congestion_window);
    with(words, "initrwnd", metrics.initial_receive_window);
    with(words, "features", metrics.ecn.then_some("ecn"));
    with(words, "quickack", metrics.quick_ack.map(u8::from));
    with(words, "fastopen_no_cookie", metrics.fast_open_without_cookie.map(u8::from));
    if let Some((name, locked)) = &metrics.congestion_control {
        words.push("congctl".to_owned());
        flag(words, "lock", *locked);
        words.push(name.to_string());
    }
}

fn hop(words: &mut Words, hop: &NextHop, listed: bool) {
    flag(words, "nexthop", listed);
    if let Some(gateway) = hop.gateway {
        let of = family(net::Family::of(gateway));
        words.extend(["via".to_owned(), of, gateway.to_string()]);
    }
    with(words, "dev", hop.link.as_ref());
    if listed {
        with(words, "weight", Some(u16::from(hop.weight) + 1));
    }
    flag(words, "onlink", hop.on_link);
    with(words, "realms", hop.realms.map(realms));
    if let Some(tunnel) = &hop.tunnel {
        words.push("encap".to_owned());
        self::tunnel(words, tunnel);
    }
}

fn realms(realms: Realms) -> String {
    format!("{}/{}", realms.source, realms.destination)
}

fn tunnel(words: &mut Words, tunnel: &Tunnel) {
    match tunnel {
        Tunnel::Ip(tunnel) => ip_tunnel(words, ("ip", "tos", "ttl"), tunnel),
        Tunnel::Ip6(tunnel) => ip_tunnel(words, ("ip6", "tc", "hoplimit"), tunnel),
        Tunnel::Mpls(labels) => {
            let labels: Words = labels.iter().map(u32::to_string).collect();
            words.extend(["mpls".to_owned(), labels.join("/")]);
        }
        Tunnel::Ila(locator) => {
            let group = |shift: u32| format!("{:x}", locator >> shift & 0xffff);
            let groups: Words = [48, 32, 16, 0].map(group).into();
            words.extend(["ila".to_owned(), groups.join(":")]);
        }
    }
}

fn ip_tunnel<A: ToString + Copy>(
    words: &mut Words,
    (kind, tos, ttl): (&str, &str, &str),
    tunnel: &IpTunnel<A>,
) {
    words.push(kind.to_owned());
    with(words, "id", tunnel.id);
    with(words, "dst", tunnel.destination);
    with(words, "src", tunnel.source);
    with(words, tos, tunnel.tos);
    with(words, ttl, tunnel.ttl);
    with(words, "flags", tunnel.flags);
}

fn rule(rule: &Rule) -> Words {
    let selector = &rule.selector;
    let told = selector.source.is_some() || selector.destination.is_some();
    let mut words = Words::new();
    flag(&mut words, &family(rule.family), !told);
    flag(&mut words, "not", selector.inverted);
    with(&mut words, "from", selector.source.map(network));
    with(&mut words, "to", selector.destination.map(network));
    with(&mut words, "preference", Some(rule.preference));
    with(&mut words, "tos", Some(selector.tos).filter(|tos| *tos != 0));
    with(
        &mut words,
        "fwmark",
        selector.mark.map(|mark| match mark.mask {
            Some(mask) => format!("{:#x}/{mask:#x}", mark.value),
            None => format!("{:#x}", mark.value),
        }),
    );
    with(&mut words, "iif", selector.input.as_ref());
    with(&mut words, "oif", selector.output.as_ref());
    with(&mut words, "tunnel-id", selector.tunnel_id);
    let range =
        |range: &std::ops::RangeInclusive<u16>| format!("{}-{}", range.start(), range.end());
    let users = selector.users.as_ref();
    with(&mut words, "uidrange", users.map(|ids| format!("{}-{}", ids.start(), ids.end())));
    with(&mut words, "ipproto", selector.ip_protocol);
    with(&mut words, "sport", selector.source_ports.as_ref().map(range));
    with(&mut words, "dport", selector.destination_ports.as_ref().map(range));
    with(&mut words, "protocol", Some(rule.protocol));
    with(&mut words, "realms", rule.realms.map(realms));
    with(&mut words, "suppress_prefixlength", rule.suppress_prefix_length);
    with(&mut words, "suppress_ifgroup", rule.suppress_group);
    match rule.action {
        RuleAction::Table(table) => with(&mut words, "table", Some(table)),
        RuleAction::L3mdev => words.push("l3mdev".to_owned()),
        RuleAction::Goto(target) => with(&mut words, "goto", Some(target)),
        RuleAction::Nop => words.push("nop".to_owned()),
        RuleAction::Blackhole => words.push("blackhole".to_owned()),
        RuleAction::Unreachable => words.push("unreachable".to_owned()),
        RuleAction::Prohibit => words.push("prohibit".to_owned()),
    }
    words
}
