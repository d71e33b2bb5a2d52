//! `bfd_instance`: one BFD session (compat 22 §2).

use std::net::IpAddr;
use std::time::Duration;

use bfd::config::{Session, Told};
use net::Family;

use super::weight::{self, Complaints};
use crate::diagnostic::Diagnostic;
use crate::keyword::Keyword;
use crate::line::Line;
use crate::reader::Word;
use crate::value::{self, Decimal};

/// The block as written; `None` where a default steps in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BfdDraft {
    pub(crate) name: String,
    neighbor: Option<IpAddr>,
    /// The neighbour's address was refused, which has been reported.
    refused: bool,
    source: Option<IpAddr>,
    min_rx: Option<Duration>,
    min_tx: Option<Duration>,
    idle_tx: Option<Duration>,
    multiplier: Option<u8>,
    passive: bool,
    ttl: Option<u8>,
    /// -1 to 255.
    max_hops: i16,
    multihop: bool,
    weight: Option<(i16, bool)>,
    vrrp: bool,
    checker: bool,
}

type Row = Keyword<BfdDraft>;

/// The rows of `bfd_instance`.
pub(crate) static BFD_INSTANCE: &[Row] = &[
    Row::now("neighbor_ip", "the peer's address", neighbor).takes("ADDRESS", "", ""),
    Row::now("neighbour_ip", "the peer's address", neighbor).takes("ADDRESS", "", ""),
    Row::now("source_ip", "the own address", source).takes(
        "ADDRESS",
        "the family of the peer",
        "the kernel's choice",
    ),
    Row::now("min_rx", "least milliseconds between received packets", |draft, line| {
        draft.min_rx = Some(interval(&draft.name, line, 1)?);
        Some(())
    })
    .takes("MILLISECS", "1-4294967", "10"),
    Row::now("min_tx", "least milliseconds between sent packets", |draft, line| {
        draft.min_tx = Some(interval(&draft.name, line, 1)?);
        Some(())
    })
    .takes("MILLISECS", "1-4294967", "10"),
    Row::now("idle_tx", "milliseconds between packets while down", |draft, line| {
        draft.idle_tx = Some(interval(&draft.name, line, 1000)?);
        Some(())
    })
    .takes("MILLISECS", "1000-4294967", "1000"),
    Row::now("multiplier", "lost packets that make it down", |draft, line| {
        draft.multiplier = Some(number(&draft.name, line, "multiplier", 1)?);
        Some(())
    })
    .takes("COUNT", "1-255", "5"),
    Row::now("passive", "waits for the peer", |draft, _| {
        draft.passive = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("ttl", "TTL of sent packets", |draft, line| {
        draft.ttl = Some(number(&draft.name, line, "ttl/hoplimit", 1)?);
        Some(())
    })
    .takes("NUMBER", "1-255", "255, for IPv6 64"),
    Row::now("hoplimit", "TTL of sent packets", |draft, line| {
        draft.ttl = Some(number(&draft.name, line, "ttl/hoplimit", 1)?);
        Some(())
    })
    .takes("NUMBER", "1-255", "255, for IPv6 64"),
    Row::now("max_hops", "hops a packet may have come", |draft, line| {
        draft.max_hops = number(&draft.name, line, "max_hops", -1)?;
        Some(())
    })
    .takes("NUMBER", "-1 to 255; -1 for any", "0"),
    Row::now("multihop", "runs across routers", multihop).takes("[on|off]", "", "off"),
    Row::now("weight", "what it adds to the priority of its users", weight).takes(
        "N [reverse]",
        "-253 to 253",
        "0",
    ),
    Row::now("vrrp", "tells the VRRP part", |draft, _| {
        draft.vrrp = true;
        Some(())
    })
    .takes("", "", "both are told"),
    Row::now("checker", "tells the checkers", |draft, _| {
        draft.checker = true;
        Some(())
    })
    .takes("", "", "both are told"),
];

fn neighbor(draft: &mut BfdDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let Some(ip) = value::address(&word.text) else {
        draft.refused = true;
        let message = format!(
            "Configuration error: BFD instance {} has malformed neighbor address {}, ignoring \
             instance",
            draft.name, word.text
        );
        line.add(Diagnostic::general(message).at(word.span).hint("write an IP address"));
        return None;
    };
    draft.neighbor = Some(ip);
    Some(())
}

fn source(draft: &mut BfdDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let Some(ip) = value::address(&word.text) else {
        let message = format!(
            "Configuration error: BFD instance {} has malformed source address {}, ignoring",
            draft.name, word.text
        );
        line.add(Diagnostic::general(message).at(word.span).hint("write an IP address"));
        return None;
    };
    draft.source = Some(ip);
    Some(())
}

/// Above this an interval of milliseconds is hardly meant.
const SENSIBLE: Duration = Duration::from_millis(10_000);

/// Milliseconds with three decimals.
fn interval(name: &str, line: &mut Line<'_, '_>, least: u64) -> Option<Duration> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let word = line.required(1)?;
    let Some(micros) = line.decimal(&word, Decimal::millis(least * 1000, 4_294_967_000)) else {
        let message = format!(
            "Configuration error: BFD instance {name} {keyword} value {} is not valid (must be in \
             range [{least}-4294967]), ignoring",
            word.text
        );
        line.error_at(&word, message);
        return None;
    };
    let interval = Duration::from_micros(micros);
    if interval > SENSIBLE {
        line.notice(format!(
            "Configuration warning: BFD instance {name} {keyword} value {} is larger than max \
             sensible (10000)",
            word.text
        ));
    }
    Some(interval)
}

/// A number up to 255.
fn number<N: TryFrom<i64>>(
    name: &str,
    line: &mut Line<'_, '_>,
    what: &str,
    least: i64,
) -> Option<N> {
    let word = line.required(1)?;
    let number = line.number(&word, least..=255);
    if number.is_none() {
        let message = format!(
            "Configuration error: BFD instance {name} {what} value {} not valid (must be in range \
             [{least}-255]), ignoring",
            word.text
        );
        line.error_at(&word, message);
    }
    number
}

fn multihop(draft: &mut BfdDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(multihop) = line.boolean(1) else {
        let value = line.text(1).unwrap_or_default().to_owned();
        let message = format!(
            "Configuration error: BFD instance {} multihop value {value} not valid, ignoring",
            draft.name
        );
        line.add(Diagnostic::general(message).at(line.statement.span).hint("write on or off"));
        return None;
    };
    draft.multihop = multihop;
    Some(())
}

fn weight(draft: &mut BfdDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let name = &draft.name;
    let complaints = Complaints {
        range: &|text| {
            format!(
                "Configuration error: BFD instance {name} weight value {text} not valid (must be \
                 in range [-253-253]), ignoring"
            )
        },
        option: &|text| {
            format!("Configuration error: BFD instance {name} unknown weight option {text}")
        },
    };
    let read = weight::read(line, 253, &complaints)?;
    draft.weight = Some((read.weight, read.reverse));
    Some(())
}

/// Reads the block; `None` when there is no session.
pub(crate) fn read(sessions: &[Session], line: &mut Line<'_, '_>) -> Option<Session> {
    let Some(name) = line.required(1) else {
        line.skip_block();
        return None;
    };
    let refusal = if name.text.len() > 31 {
        Some("has a name of more than 31 characters - ignoring")
    } else if sessions.iter().any(|other| *other.name == *name.text) {
        Some("already configured - ignoring")
    } else {
        None
    };
    if let Some(refusal) = refusal {
        let message = format!("Configuration error: BFD instance {} {refusal}", name.text);
        line.error(message);
        line.skip_block();
        return None;
    }
    let mut draft = BfdDraft { name: name.text.clone(), ..BfdDraft::default() };
    line.block(BFD_INSTANCE, &mut draft);
    finish(&draft, sessions, &name, line)
}

fn finish(
    draft: &BfdDraft,
    sessions: &[Session],
    name: &Word,
    line: &mut Line<'_, '_>,
) -> Option<Session> {
    let refuse = |line: &mut Line<'_, '_>, why: String| {
        let message = format!("Configuration error: BFD instance {} {why}", name.text);
        line.error_at_end(message);
        None
    };
    if draft.refused {
        return None;
    }
    let Some(neighbor) = draft.neighbor else {
        return refuse(line, "has no neighbor address set, disabling instance".to_owned());
    };
    if let Some(source) = draft.source.filter(|ip| Family::of(*ip) != Family::of(neighbor)) {
        let why = format!(
            "source address {source} and neighbor address {neighbor} are not of the same family, \
             disabling instance"
        );
        return refuse(line, why);
    }
    let same = |other: &&Session| {
        let sources = other.source.is_none() || draft.source.is_none();
        let sources = sources || other.source == draft.source;
        other.neighbor == neighbor && other.multihop == draft.multihop && sources
    };
    if sessions.iter().any(|other| same(&other)) {
        let why = format!("has duplicate neighbor address {neighbor}, ignoring instance");
        return refuse(line, why);
    }
    Some(session(draft, neighbor, line))
}

fn session(draft: &BfdDraft, neighbor: IpAddr, line: &mut Line<'_, '_>) -> Session {
    let default = Session::new(&draft.name, neighbor);
    let ttl = draft.ttl.unwrap_or(default.ttl);
    let mut max_hops = u8::try_from(draft.max_hops).ok().filter(|hops| *hops != 255);
    if max_hops.is_some_and(|hops| hops > ttl) {
        let message = format!(
            "BFD instance {}: max_hops exceeds ttl/hoplimit - setting to ttl/hoplimit",
            draft.name
        );
        line.error_at_end(message);
        max_hops = Some(ttl);
    }
    let (weight, reverse) = draft.weight.unwrap_or_default();
    Session {
        source: draft.source,
        min_rx: draft.min_rx.unwrap_or(default.min_rx),
        min_tx: draft.min_tx.unwrap_or(default.min_tx),
        idle_tx: draft.idle_tx.unwrap_or(default.idle_tx),
        multiplier: draft.multiplier.unwrap_or(default.multiplier),
        passive: draft.passive,
        ttl,
        max_hops,
        multihop: draft.multihop,
        weight,
        reverse,
        told: match (draft.vrrp, draft.checker) {
            (true, false) => Told::Vrrp,
            (false, true) => Told::Checkers,
            (true, true) | (false, false) => Told::Both,
        },
        ..default
    }
}
