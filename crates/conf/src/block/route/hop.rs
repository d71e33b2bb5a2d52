//! Where packets of a route go: gateways, next hops, realms and tunnels.

use std::net::IpAddr;

use net::{Family, IpTunnel, NextHop, Realms, Tunnel};

use super::link;
use crate::block::names::{REALMS, unsigned, unsigned_or_empty};
use crate::block::words::{WordRow, Words, row_of};
use crate::reader::Word;
use crate::value;

/// `[inet|inet6] ADDR`.
pub(super) fn gateway(words: &mut Words<'_, '_, '_>) -> Option<IpAddr> {
    let family = if words.take("inet6") {
        Some(Family::V6)
    } else {
        words.take("inet").then_some(Family::V4)
    };
    let word = words.value()?;
    let Some(ip) = value::address(&word.text) else {
        let message = format!("invalid route via address {}", word.text);
        return words.advise(&word, message, "write the router's IP address");
    };
    if family.is_some_and(|family| family != Family::of(ip)) {
        return words.refuse(&word, "Cannot mix IPv4 and IPv6 addresses for route".to_owned());
    }
    Some(ip)
}

/// The largest realm that can be written, as in iproute2.
const REALM: u32 = 255;

/// `[SRC/]DST`, each a number up to 255 or a name.
pub(crate) fn realms(
    words: &mut Words<'_, '_, '_>,
    refused: impl FnOnce(&str) -> String,
) -> Option<Realms> {
    let word = words.value()?;
    let (source, destination) = match word.text.split_once('/') {
        Some((source, destination)) => (Some(source), destination),
        None => (None, word.text.as_str()),
    };
    let directories = &words.line.cx.names;
    let number = |text| {
        let number = REALMS.number(text, REALM, directories)?;
        u16::try_from(number).ok()
    };
    let both = source.map_or(Some(0), number).zip(number(destination));
    match both {
        Some((source, destination)) => Some(Realms { source, destination }),
        None => words.refuse(&word, refused(&word.text)),
    }
}

/// What may be said of a next hop.
pub(super) static HOP: &[WordRow<(NextHop, Vec<Word>)>] = &[
    WordRow::of(&["via"], "[inet|inet6] ADDRESS", "gateway of this way", |(hop, _), words, _| {
        hop.gateway = Some(gateway(words)?);
        Some(())
    }),
    WordRow::of(&["dev", "oif"], "IFACE", "interface of this way", |(hop, links), words, _| {
        hop.link = link(links, words)?;
        Some(())
    }),
    WordRow::of(&["weight"], "1-256", "share of this way", |(hop, _), words, _| {
        let refused = |text: &str| format!("Invalid weight {text} specified for route");
        let word = words.value()?;
        let weight: Option<u16> = words.line.number(&word, 1..=256);
        match weight.and_then(|weight| u8::try_from(weight - 1).ok()) {
            Some(weight) => hop.weight = weight,
            None => return words.refuse(&word, refused(&word.text)),
        }
        Some(())
    }),
    WordRow::of(&["onlink"], "", "the gateway is on the link", |(hop, _), _, _| {
        hop.on_link = true;
        Some(())
    }),
    WordRow::of(&["realms"], "[FROM/]TO", "realms (IPv4)", |(hop, _), words, _| {
        hop.realms = Some(realms(words, |text| format!("Invalid realms {text} for route"))?);
        Some(())
    }),
    WordRow::of(
        &["encap"],
        "TYPE OPTION...",
        "tunnel that packets are put into",
        |(hop, _), words, _| {
            hop.tunnel = tunnel(words)?;
            Some(())
        },
    ),
];

/// Reads next hops to the end of the line, the first `nexthop` being read; a bad one ends them.
pub(super) fn next_hops(
    hops: &mut Vec<NextHop>,
    links: &mut Vec<Word>,
    words: &mut Words<'_, '_, '_>,
) -> Option<()> {
    loop {
        let mut hop = (NextHop::default(), Vec::new());
        while let Some(WordRow { read, .. }) = words.peek().and_then(|word| row_of(HOP, word)) {
            let word = words.next()?;
            if read(&mut hop, words, &word).is_none() {
                return Some(());
            }
        }
        let (hop, found) = hop;
        if hop == NextHop::default() {
            words.value()?;
        }
        links.extend(found);
        hops.push(hop);
        let Some(word) = words.next() else { return Some(()) };
        if word.text != "nexthop" {
            let message = format!("Route has trailing nonsense after nexthops - {}", word.text);
            words.line.error_at(&word, message);
            return Some(());
        }
    }
}

/// `encap TYPE ...`; the inner `None` is a tunnel that was refused and the route goes without.
pub(super) fn tunnel(words: &mut Words<'_, '_, '_>) -> Option<Option<Tunnel>> {
    let Some(kind) = words.next() else {
        words.line.error("Missing encap type");
        return Some(None);
    };
    match kind.text.as_str() {
        "ip" => ip_tunnel(words, &kind, |ip| match ip {
            IpAddr::V4(ip) => Some(ip),
            IpAddr::V6(_) => None,
        })
        .map(|tunnel| tunnel.map(Tunnel::Ip)),
        "ip6" => ip_tunnel(words, &kind, |ip| match ip {
            IpAddr::V4(_) => None,
            IpAddr::V6(ip) => Some(ip),
        })
        .map(|tunnel| tunnel.map(Tunnel::Ip6)),
        "mpls" => labels(words),
        "ila" => locator(words),
        other => {
            let message = format!("Unknown encap type - {other}");
            words.advise::<()>(&kind, message, "ip, ip6, mpls or ila");
            Some(None)
        }
    }
}

/// The options of an IP header, as far as they go.
fn ip_tunnel<A>(
    words: &mut Words<'_, '_, '_>,
    kind: &Word,
    own: fn(IpAddr) -> Option<A>,
) -> Option<Option<IpTunnel<A>>> {
    let mut tunnel = IpTunnel::new();
    let mut whole = true;
    // The last word of a line is none of them: it lacks its value.
    while let (Some(option), Some(_)) = (words.peek(), words.peek_second()) {
        let option = option.to_owned();
        if !is_option(&option) {
            break;
        }
        words.next();
        let word = words.value()?;
        whole &= ip_option(&mut tunnel, (&option, kind), words, &word, own).is_some();
    }
    if tunnel.destination.is_none() && tunnel.id.is_none() {
        if whole {
            let message = format!("address or id missing for {} encapsulation", kind.text);
            words.line.error_at(kind, message);
        }
        return Some(None);
    }
    Some(Some(tunnel))
}

fn is_option(word: &str) -> bool {
    matches!(word, "id" | "dst" | "src" | "tos" | "tc" | "ttl" | "hoplimit" | "flags")
}

fn ip_option<A>(
    tunnel: &mut IpTunnel<A>,
    (option, kind): (&str, &Word),
    words: &mut Words<'_, '_, '_>,
    word: &Word,
    own: fn(IpAddr) -> Option<A>,
) -> Option<()> {
    let (text, kind) = (&word.text, &kind.text);
    let address = || value::address(text).and_then(own);
    let number = |most: u64| unsigned_or_empty(text).filter(|number| *number <= most);
    let read = match option {
        "dst" => address().map(|ip| tunnel.destination = Some(ip)),
        "src" => address().map(|ip| tunnel.source = Some(ip)),
        "id" => number(u64::MAX).map(|id| tunnel.id = Some(id)),
        "tos" | "tc" => {
            number(255).and_then(|tos| u8::try_from(tos).ok()).map(|tos| tunnel.tos = Some(tos))
        }
        "ttl" | "hoplimit" => {
            number(255).and_then(|ttl| u8::try_from(ttl).ok()).map(|ttl| tunnel.ttl = Some(ttl))
        }
        _ => number(u64::from(u16::MAX))
            .and_then(|flags| u16::try_from(flags).ok())
            .map(|flags| tunnel.flags = Some(flags)),
    };
    if read.is_none() {
        let message = match value::address(text) {
            Some(IpAddr::V4(_)) if option == "dst" || option == "src" => {
                format!("IPv4 address {text} not valid for {kind} encapsulation")
            }
            Some(IpAddr::V6(_)) if option == "dst" || option == "src" => {
                format!("IPv6 address {text} not valid for {kind} encapsulation")
            }
            _ => format!("Invalid {kind} encapsulation {option} value {text}"),
        };
        return words.refuse(word, message);
    }
    read
}

/// The largest label: 20 bits.
const LABEL: u64 = 0xf_ffff;

fn labels(words: &mut Words<'_, '_, '_>) -> Option<Option<Tunnel>> {
    let Some(word) = words.next() else {
        words.line.error("missing address for MPLS encapsulation");
        return Some(None);
    };
    let label = |text| {
        let label = unsigned(text).filter(|label| *label <= LABEL)?;
        u32::try_from(label).ok()
    };
    let labels: Option<Vec<u32>> = word.text.split('/').map(label).collect();
    if labels.is_none() {
        let message = format!("invalid mpls address {} for encapsulation", word.text);
        words.line.error_at(&word, message);
    }
    Some(labels.map(Tunnel::Mpls))
}

fn locator(words: &mut Words<'_, '_, '_>) -> Option<Option<Tunnel>> {
    let Some(word) = words.next() else {
        words.line.error("missing locator for ILA encapsulation");
        return Some(None);
    };
    let groups: Option<Vec<u16>> =
        word.text.split(':').map(|group| u16::from_str_radix(group, 16).ok()).collect();
    let groups = groups.filter(|groups| groups.len() == 4);
    if groups.is_none() {
        let message = format!("invalid ila address {} for encapsulation", word.text);
        words.advise::<()>(&word, message, "write a locator of four groups, 1:2:3:4");
    }
    let joined = |groups: Vec<u16>| groups.iter().fold(0, |all, one| all << 16 | u64::from(*one));
    Some(groups.map(joined).map(Tunnel::Ila))
}
