//! Route lines: `[TYPE] [to] DEST OPTION ...`, one route per line (compat 10, `virtual_routes`).
//!
//! Options of the path are in `metric`, where packets go in `hop`. Whether the interfaces exist
//! is decided in `resolve::object`.

mod hop;
mod metric;

use net::{
    Family, Hops, Insertion, LinkName, NextHop, PROTOCOL_KEEPALIVED, Route, RouteKind, Scope, Table,
};

pub(crate) use hop::realms;

use super::names::{PROTOCOLS, SCOPES, SERVICES, TABLES};
use super::words::{WordHelp, WordRow, Words, helps, is_everything, row_of};
use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::reader::Word;
use crate::span::Span;
use crate::suggest;

/// A route as written; its links are named but not looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RouteDraft {
    /// The route; complete but for what `family` and the hops say.
    pub(crate) route: Route,
    /// The interfaces that must exist.
    pub(crate) links: Vec<Word>,
    /// `no_track` was not given.
    pub(crate) tracked: bool,
    /// `track_group`.
    pub(crate) group: Option<Word>,
    /// It is a static one, which may have a group.
    fixed: bool,
    family: Option<Family>,
    has_destination: bool,
    hop: NextHop,
    /// `or`.
    second: Option<std::net::IpAddr>,
    hops: Vec<NextHop>,
    /// What is for one family only, with the complaint.
    needs: Vec<(Family, Span, String)>,
    /// Nothing else on the line is read.
    ended: bool,
}

/// The words that say what a route does.
const KINDS: &[(&str, RouteKind)] = &[
    ("unicast", RouteKind::Unicast),
    ("local", RouteKind::Local),
    ("broadcast", RouteKind::Broadcast),
    ("brd", RouteKind::Broadcast),
    ("anycast", RouteKind::Anycast),
    ("multicast", RouteKind::Multicast),
    ("blackhole", RouteKind::Blackhole),
    ("unreachable", RouteKind::Unreachable),
    ("prohibit", RouteKind::Prohibit),
    ("throw", RouteKind::Throw),
    ("nat", RouteKind::Nat),
    ("xresolve", RouteKind::ExternalResolve),
];

/// What a manual says of the words of a route; those of a next hop come last.
pub(crate) fn words() -> impl Iterator<Item = WordHelp> {
    let hop =
        helps(hop::HOP).filter(|word| helps(OPTIONS).all(|one| one.names[0] != word.names[0]));
    helps(OPTIONS).chain(helps(metric::OPTIONS)).chain(hop)
}

/// The options of a line.
static OPTIONS: &[WordRow<RouteDraft>] = &[
    WordRow::of(&["inet"], "", "the route is one of IPv4", |draft, words, word| {
        family(draft, words, word, Family::V4)
    }),
    WordRow::of(&["inet6"], "", "the route is one of IPv6", |draft, words, word| {
        family(draft, words, word, Family::V6)
    }),
    WordRow::of(
        &["to"],
        "DEST",
        "destination, also without the word: an address, a network or `default`",
        |draft, words, _| {
            let word = words.value()?;
            destination(draft, words, &word)
        },
    ),
    WordRow::of(&["src"], "ADDRESS", "source address that packets get", |draft, words, word| {
        let ip = words.address(|text| format!("invalid route src address {text}"))?;
        draft.agree(words, word, Family::of(ip))?;
        draft.route.preferred_source = Some(ip);
        Some(())
    }),
    WordRow::of(&["from"], "ADDRESS[/LEN]", "only packets from there (IPv6)", from),
    WordRow::of(&["via"], "[inet|inet6] ADDRESS", "gateway", |draft, words, _| {
        draft.hop.gateway = Some(hop::gateway(words)?);
        Some(())
    }),
    WordRow::of(&["gw"], "ADDRESS", "old spelling of via", |draft, words, word| {
        let message = "\"gw\" for routes is deprecated. Please use \"via\"";
        words.line.add(Diagnostic::general(message).at(word.span).replace_by(Some("via")));
        draft.hop.gateway = Some(hop::gateway(words)?);
        Some(())
    }),
    WordRow::of(&["or"], "ADDRESS", "a second gateway beside the first", or),
    WordRow::of(
        &["tos", "dsfield"],
        "TOS",
        "only packets of this type of service",
        |draft, words, _| {
            let tos = words.named(&SERVICES, 255, |text| format!("TOS value {text} is invalid"))?;
            draft.route.tos = u8::try_from(tos).ok()?;
            Some(())
        },
    ),
    WordRow::of(&["table"], "TABLE", "routing table, by name or number", |draft, words, _| {
        let refused = |text: &str| format!("Routing table {text} not found for route");
        draft.route.table = Table::Number(words.named(&TABLES, u32::MAX, refused)?);
        Some(())
    }),
    WordRow::of(&["vrf"], "IFACE", "routing table of this VRF", vrf),
    WordRow::of(
        &["protocol"],
        "PROTOCOL",
        "origin of the route, by name or number",
        |draft, words, _| {
            let refused = |text: &str| format!("Protocol {text} not found or invalid for route");
            draft.route.protocol = u8::try_from(words.named(&PROTOCOLS, 255, refused)?).ok()?;
            Some(())
        },
    ),
    WordRow::of(
        &["scope"],
        "SCOPE",
        "how far the destination is, by name or number",
        |draft, words, _| {
            let refused = |text: &str| format!("Scope {text} not found or invalid for route");
            draft.route.scope = Scope(u8::try_from(words.named(&SCOPES, 255, refused)?).ok()?);
            Some(())
        },
    ),
    WordRow::of(&["dev", "oif"], "IFACE", "interface", |draft, words, _| {
        draft.hop.link = link(&mut draft.links, words)?;
        Some(())
    }),
    WordRow::of(
        &["onlink"],
        "",
        "the gateway is on the link, whatever the addresses say",
        |draft, _, _| {
            draft.hop.on_link = true;
            Some(())
        },
    ),
    WordRow::of(
        &["encap"],
        "TYPE OPTION...",
        "tunnel that packets are put into",
        |draft, words, _| {
            draft.hop.tunnel = hop::tunnel(words)?;
            Some(())
        },
    ),
    WordRow::of(&["realms"], "[FROM/]TO", "realms (IPv4)", |draft, words, word| {
        let refused = |text: &str| format!("Invalid realms {text} for route");
        draft.hop.realms = Some(realms(words, refused)?);
        draft.needs(words, Family::V4, (word, "realms are only valid for IPv4"))
    }),
    WordRow::of(&["as"], "[to] ADDRESS", "of MPLS only; ignored", |_, words, word| {
        let to = words.take("to");
        if to {
            words.next();
        } else {
            words.value()?;
        }
        words.line.error_at(word, "\"as to\" for MPLS only - ignoring");
        Some(())
    }),
    WordRow::of(&["add"], "", "fails when the route is there", |draft, _, _| {
        insertion(draft, Insertion::Exclusive)
    }),
    WordRow::of(&["prepend"], "", "stands before routes of the same destination", |draft, _, _| {
        insertion(draft, Insertion::Prepend)
    }),
    WordRow::of(&["append"], "", "stands behind routes of the same destination", |draft, _, _| {
        insertion(draft, Insertion::Append)
    }),
    WordRow::of(&["no_track"], "", "its loss means nothing to the instance", |draft, _, _| {
        draft.tracked = false;
        Some(())
    }),
    WordRow::of(
        &["nexthop"],
        "[via ADDRESS] [dev IFACE] [weight N] ...",
        "one of several ways; ends the line",
        |draft, words, word| {
            draft.ended = true;
            if draft.second.is_some() {
                words.line.error_at(word, "Cannot specify nexthops with \"or\" route");
                return Some(());
            }
            hop::next_hops(&mut draft.hops, &mut draft.links, words)
        },
    ),
];

impl RouteDraft {
    fn new(fixed: bool) -> Self {
        Self {
            route: Route::new(Family::V4),
            links: Vec::new(),
            tracked: true,
            group: None,
            fixed,
            family: None,
            has_destination: false,
            hop: NextHop::default(),
            second: None,
            hops: Vec::new(),
            needs: Vec::new(),
            ended: false,
        }
    }

    /// Notes that something is for one family only; the complaint comes at once where that is
    /// known to be the other one.
    fn needs(
        &mut self,
        words: &mut Words<'_, '_, '_>,
        family: Family,
        (word, complaint): (&Word, &str),
    ) -> Option<()> {
        if self.family.is_some_and(|known| known != family) {
            return words.refuse(word, complaint.to_owned());
        }
        self.needs.push((family, word.span, complaint.to_owned()));
        Some(())
    }

    /// Takes the family of the first address; the others must be of the same.
    fn agree(&mut self, words: &mut Words<'_, '_, '_>, word: &Word, family: Family) -> Option<()> {
        if *self.family.get_or_insert(family) == family {
            return Some(());
        }
        words.refuse(word, "Cannot mix IPv4 and IPv6 addresses for route".to_owned())
    }
}

/// Reads one line; `None` when the route is dropped. Static routes may have a `track_group`.
pub(crate) fn read(line: &mut Line<'_, '_>, fixed: bool) -> Option<RouteDraft> {
    let mut draft = RouteDraft::new(fixed);
    let mut words = Words::new(line, 0);
    while let Some(word) = words.next().filter(|_| !draft.ended) {
        option(&mut draft, &mut words, &word)?;
    }
    finish(&mut draft, line)?;
    Some(draft)
}

fn option(draft: &mut RouteDraft, words: &mut Words<'_, '_, '_>, word: &Word) -> Option<()> {
    let text = word.text.as_str();
    if text == "track_group" && draft.fixed {
        return group(&mut draft.group, words, &mut draft.ended);
    }
    if let Some(WordRow { read, .. }) = row_of(OPTIONS, text) {
        return read(draft, words, word);
    }
    if let Some(WordRow { read, .. }) = row_of(metric::OPTIONS, text) {
        return read(draft, words, word);
    }
    if let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == text) {
        draft.route.kind = *kind;
        words.take("to");
        let word = words.value()?;
        return destination(draft, words, &word);
    }
    destination(draft, words, word)
}

fn destination(draft: &mut RouteDraft, words: &mut Words<'_, '_, '_>, word: &Word) -> Option<()> {
    let text = word.text.as_str();
    if draft.has_destination || !(is_everything(text) || text == "default6" || is_address(text)) {
        let known = OPTIONS.iter().chain(metric::OPTIONS).flat_map(|row| row.help.names.iter());
        let meant = suggest::closest(text, known.copied());
        let found = Diagnostic::general(format!("unknown route keyword {text}")).at(word.span);
        words.line.add(match meant {
            Some(name) => found.hint(format!("did you mean `{name}`?")).replace_by(meant),
            None => found,
        });
        return None;
    }
    draft.has_destination = true;
    if text == "default6" {
        words.line.notice("\"default6\" is deprecated, please use \"default\" with \"inet6\"");
        return draft.agree(words, word, Family::V6);
    }
    if !is_everything(text) {
        let network = words.network(word, |text| format!("invalid route address {text}"))?;
        draft.agree(words, word, Family::of(network.ip))?;
        draft.route.destination = Some(network);
    }
    Some(())
}

/// A text that is meant to be an address.
fn is_address(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) || text.contains(':')
}

fn family(
    draft: &mut RouteDraft,
    words: &mut Words<'_, '_, '_>,
    word: &Word,
    family: Family,
) -> Option<()> {
    draft.agree(words, word, family)
}

fn from(draft: &mut RouteDraft, words: &mut Words<'_, '_, '_>, word: &Word) -> Option<()> {
    let value = words.value()?;
    let network = words.network(&value, |text| format!("invalid route from address {text}"))?;
    let complaint = format!("route from address only supported with IPv6 ({})", value.text);
    draft.route.source = Some(network);
    draft.needs(words, Family::V6, (word, &complaint))
}

fn or(draft: &mut RouteDraft, words: &mut Words<'_, '_, '_>, word: &Word) -> Option<()> {
    let message = "\"or\" for routes is deprecated. Please use \"nexthop\"";
    words.line.add(Diagnostic::general(message).at(word.span));
    let gateway = hop::gateway(words)?;
    if draft.second.is_some() {
        words.line.error_at(word, "\"or\" route already specified - ignoring subsequent");
    }
    draft.second.get_or_insert(gateway);
    Some(())
}

fn vrf(draft: &mut RouteDraft, words: &mut Words<'_, '_, '_>, _: &Word) -> Option<()> {
    let word = words.value()?;
    let known = &words.line.cx.environment.links;
    let Some(link) = known.iter().find(|link| link.name.as_str() == word.text) else {
        let message = format!("VRF {} not found for route", word.text);
        return words.refuse(&word, message);
    };
    if link.kind.vrf_table().is_none() {
        let message = format!("Route specified VRF {} is not a VRF", word.text);
        return words.advise(&word, message, "name an interface of type vrf");
    }
    draft.route.table = Table::Vrf(link.name.clone());
    Some(())
}

fn insertion(draft: &mut RouteDraft, insertion: Insertion) -> Option<()> {
    draft.route.insertion = insertion;
    Some(())
}

/// The name of an interface, noted for the check that it exists.
pub(crate) fn link(
    links: &mut Vec<Word>,
    words: &mut Words<'_, '_, '_>,
) -> Option<Option<LinkName>> {
    let word = words.value()?;
    let name = LinkName::new(&word.text).ok();
    links.push(word);
    Some(name)
}

/// `track_group` of a static object; after a second one nothing more is read.
pub(crate) fn group(
    group: &mut Option<Word>,
    words: &mut Words<'_, '_, '_>,
    ended: &mut bool,
) -> Option<()> {
    let word = words.value()?;
    if group.is_some() {
        words.line.error_at(&word, format!("track_group {} is a duplicate", word.text));
        *ended = true;
        return Some(());
    }
    *group = Some(word);
    Some(())
}

fn finish(draft: &mut RouteDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if !draft.has_destination {
        line.error("Route must have a destination");
        return None;
    }
    hops(draft)?;
    let gateways: Vec<Family> = match &draft.route.hops {
        Hops::One(hop) => hop.gateway.into_iter().map(Family::of).collect(),
        Hops::Many(hops) => hops.iter().filter_map(|hop| hop.gateway).map(Family::of).collect(),
    };
    let only = draft.needs.first().map(|(family, ..)| *family).filter(|_| draft.family.is_none());
    let family = draft.family.or(gateways.first().copied()).or(only).unwrap_or(Family::V4);
    draft.route.family = family;
    // The kernel knows gateways of IPv6 for routes of IPv4, which must be asked for by `inet6`.
    let asked = line
        .statement
        .words
        .windows(2)
        .any(|pair| matches!(pair, [via, inet6] if via.text == "via" && inet6.text == "inet6"));
    if gateways.iter().any(|of| *of != family && !(asked && *of == Family::V6)) {
        line.error("Cannot mix IPv4 and IPv6 addresses for route");
        return None;
    }
    if let Some((_, span, complaint)) = draft.needs.iter().find(|(needed, ..)| *needed != family) {
        line.add(Diagnostic::general(complaint).at(*span));
        return None;
    }
    settle(draft, line);
    Some(())
}

/// Puts the hops together; `None` when all of them were refused.
fn hops(draft: &mut RouteDraft) -> Option<()> {
    let one = std::mem::take(&mut draft.hop);
    let many = std::mem::take(&mut draft.hops);
    draft.route.hops = match draft.second {
        Some(gateway) => {
            let other = NextHop { gateway: Some(gateway), ..one.clone() };
            Hops::Many(vec![one, other])
        }
        None if many.is_empty() && draft.ended && draft.group.is_none() => return None,
        None if many.is_empty() => Hops::One(one),
        None => Hops::Many(many),
    };
    Some(())
}

/// The rules that change something but keep the route.
fn settle(draft: &mut RouteDraft, line: &mut Line<'_, '_>) {
    if draft.tracked && draft.route.protocol != PROTOCOL_KEEPALIVED {
        line.error(
            "Route cannot be tracked if protocol is not RTPROT_KEEPALIVED(18), resetting protocol",
        );
        draft.route.protocol = PROTOCOL_KEEPALIVED;
    }
    if draft.group.is_some() && draft.links.is_empty() {
        line.error("Static route cannot have track group if no oif specified");
        draft.group = None;
    }
}
