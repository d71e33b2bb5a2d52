//! Rule lines: selectors, an action and a preference, one rule per line (compat 10,
//! `virtual_rules`).
//!
//! Rules without a preference get one in `resolve::object`, where the interfaces are looked for
//! too.

use std::ops::RangeInclusive;

use net::{Family, Mark, Network, PROTOCOL_KEEPALIVED, Realms, RuleAction, Selector};

use super::names::{GROUP, GROUPS, PROTOCOLS, SERVICES, TABLES, unsigned, unsigned_or_empty};
use super::route::{self, realms};
use super::words::{WordHelp, WordRow, Words, helps, is_everything, row_of};
use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::reader::Word;
use crate::span::Span;
use crate::suggest;

/// A rule as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RuleDraft {
    /// Where the line is.
    pub(crate) span: Span,
    pub(crate) selector: Selector,
    pub(crate) action: RuleAction,
    pub(crate) preference: Option<u32>,
    pub(crate) realms: Option<Realms>,
    pub(crate) suppress_prefix_length: Option<u32>,
    pub(crate) suppress_group: Option<u32>,
    pub(crate) protocol: u8,
    pub(crate) family: Family,
    /// The interfaces that must exist.
    pub(crate) links: Vec<Word>,
    /// `no_track` was not given.
    pub(crate) tracked: bool,
    /// `track_group`.
    pub(crate) group: Option<Word>,
}

/// What is known before the line is complete.
struct Reading {
    draft: RuleDraft,
    family: Option<Family>,
    action: Option<RuleAction>,
    realms_at: Option<Word>,
    ended: bool,
}

/// What a manual says of the words of a rule.
pub(crate) fn words() -> impl Iterator<Item = WordHelp> {
    helps(OPTIONS)
}

static OPTIONS: &[WordRow<Reading>] = &[
    WordRow::of(&["inet"], "", "the rule is one of IPv4", |read, words, word| {
        agree(read, words, word, Family::V4)
    }),
    WordRow::of(&["inet6"], "", "the rule is one of IPv6", |read, words, word| {
        agree(read, words, word, Family::V6)
    }),
    WordRow::of(&["from"], "ADDRESS[/LEN]|all", "only packets from there", |read, words, _| {
        read.draft.selector.source = network(read, words, "from")?;
        Some(())
    }),
    WordRow::of(&["to"], "ADDRESS[/LEN]|all", "only packets to there", |read, words, _| {
        read.draft.selector.destination = network(read, words, "to")?;
        Some(())
    }),
    WordRow::of(&["not"], "", "everything but what is said", |read, _, _| {
        read.draft.selector.inverted = true;
        Some(())
    }),
    WordRow::of(
        &["table", "lookup"],
        "TABLE",
        "routing table that is asked, by name or number",
        |read, words, word| {
            let refused = |text: &str| format!("Routing table {text} not found for rule");
            let table = words.named(&TABLES, u32::MAX, refused)?;
            if table == 0 {
                return words.refuse(word, "Table 0 is not valid".to_owned());
            }
            act(read, words, word, RuleAction::Table(table))
        },
    ),
    WordRow::of(
        &["preference", "order", "priority"],
        "N",
        "place among the rules",
        |read, words, _| {
            let word = words.value()?;
            let number = unsigned_or_empty(&word.text);
            let number = number.and_then(|number| u32::try_from(number).ok());
            if number.is_none() {
                return words
                    .refuse(&word, format!("Invalid rule preference {} specified", word.text));
            }
            read.draft.preference = number;
            Some(())
        },
    ),
    WordRow::of(
        &["tos", "dsfield"],
        "TOS",
        "only packets of this type of service",
        |read, words, _| {
            let tos = words.named(&SERVICES, 255, |text| format!("TOS value {text} is invalid"))?;
            read.draft.selector.tos = u8::try_from(tos).ok()?;
            Some(())
        },
    ),
    WordRow::of(&["fwmark"], "MARK[/MASK]", "only packets with this mark", mark),
    WordRow::of(&["realms"], "[FROM/]TO", "realms that packets get", |read, words, word| {
        read.draft.realms = Some(realms(words, |text| format!("invalid realms {text} for rule"))?);
        read.realms_at = Some(word.clone());
        Some(())
    }),
    WordRow::of(
        &["suppress_prefixlength", "sup_pl"],
        "LEN",
        "skips routes of no more than this prefix",
        |read, words, word| {
            let refused = |text: &str| format!("Invalid {} {text} specified", word.text);
            read.draft.suppress_prefix_length = Some(words.number(0x7fff_ffff, refused)?);
            Some(())
        },
    ),
    WordRow::of(
        &["suppress_ifgroup", "sup_group"],
        "GROUP",
        "skips routes over interfaces of this group",
        |read, words, _| {
            let refused = |text: &str| format!("suppress_group {text} is invalid");
            read.draft.suppress_group = Some(words.named(&GROUPS, GROUP, refused)?);
            Some(())
        },
    ),
    WordRow::of(&["dev", "iif"], "IFACE", "only packets that came in here", |read, words, _| {
        read.draft.selector.input = route::link(&mut read.draft.links, words)?;
        Some(())
    }),
    WordRow::of(
        &["oif"],
        "IFACE",
        "only packets of sockets bound to this interface",
        |read, words, _| {
            read.draft.selector.output = route::link(&mut read.draft.links, words)?;
            Some(())
        },
    ),
    WordRow::of(&["tunnel-id"], "ID", "only packets of this tunnel", |read, words, _| {
        let word = words.value()?;
        let Some(id) = unsigned_or_empty(&word.text) else {
            return words.refuse(&word, format!("Invalid tunnel-id {} specified", word.text));
        };
        read.draft.selector.tunnel_id = Some(id);
        Some(())
    }),
    WordRow::of(&["uidrange"], "FIRST-LAST", "only packets of these users", |read, words, _| {
        let word = words.value()?;
        let Some(range) = range(&word.text, u32::MAX) else {
            let message = format!("Invalid uidrange {} specified", word.text);
            return words.advise(&word, message, "write FIRST-LAST");
        };
        read.draft.selector.users = Some(range);
        Some(())
    }),
    WordRow::of(
        &["protocol"],
        "PROTOCOL",
        "origin of the rule, by name or number",
        |read, words, _| {
            let word = words.value()?;
            let number = PROTOCOLS.number(&word.text, 255, &words.line.cx.names);
            match number.and_then(|number| u8::try_from(number).ok()) {
                Some(protocol) => read.draft.protocol = protocol,
                None => words.line.error_at(&word, format!("Invalid protocol {}", word.text)),
            }
            Some(())
        },
    ),
    WordRow::of(&["ipproto"], "PROTOCOL", "only packets of this protocol", |read, words, _| {
        let word = words.value()?;
        match ip_protocol(&word.text) {
            Some(protocol) => read.draft.selector.ip_protocol = Some(protocol),
            None => words.line.error_at(&word, format!("Invalid ipproto {}", word.text)),
        }
        Some(())
    }),
    WordRow::of(&["sport"], "PORT[-PORT]", "only packets from these ports", |read, words, word| {
        read.draft.selector.source_ports = ports(words, word)?;
        Some(())
    }),
    WordRow::of(&["dport"], "PORT[-PORT]", "only packets to these ports", |read, words, word| {
        read.draft.selector.destination_ports = ports(words, word)?;
        Some(())
    }),
    WordRow::of(&["l3mdev"], "", "the table of the packet's VRF", |read, words, word| {
        act(read, words, word, RuleAction::L3mdev)
    }),
    WordRow::of(&["goto"], "N", "goes on at the rule of this preference", |read, words, word| {
        let refused = |text: &str| format!("Invalid target {text} specified for goto");
        let target = words.number(u32::MAX, refused)?;
        act(read, words, word, RuleAction::Goto(target))
    }),
    WordRow::of(&["type"], "ACTION", "an action by its name", |read, words, _| {
        let word = words.value()?;
        if !PLAIN.iter().any(|(name, _)| *name == word.text) {
            return words.refuse(&word, format!("Unknown rule option {}", word.text));
        }
        plain(read, words, &word)
    }),
    WordRow::of(
        &["nop", "blackhole", "unreachable", "prohibit"],
        "",
        "what becomes of the packet",
        plain,
    ),
    WordRow::of(&["no_track"], "", "its loss means nothing to the instance", |read, _, _| {
        read.draft.tracked = false;
        Some(())
    }),
];

/// Actions that need no more said.
const PLAIN: &[(&str, RuleAction)] = &[
    ("nop", RuleAction::Nop),
    ("blackhole", RuleAction::Blackhole),
    ("unreachable", RuleAction::Unreachable),
    ("prohibit", RuleAction::Prohibit),
];

/// Reads one line; `None` when the rule is dropped. Static rules may have a `track_group`.
pub(crate) fn read(line: &mut Line<'_, '_>, fixed: bool) -> Option<RuleDraft> {
    let mut read = start(line.statement.span);
    let mut words = Words::new(line, 0);
    while let Some(word) = words.next().filter(|_| !read.ended) {
        if word.text == "track_group" && fixed {
            route::group(&mut read.draft.group, &mut words, &mut read.ended)?;
        } else if let Some(WordRow { read: option, .. }) = row_of(OPTIONS, &word.text) {
            option(&mut read, &mut words, &word)?;
        } else {
            let message = format!("Unknown rule option {}", word.text);
            let names = OPTIONS.iter().flat_map(|row| row.help.names.iter().copied());
            let meant = suggest::closest(&word.text, names);
            let found = Diagnostic::general(message).at(word.span);
            line.add(match meant {
                Some(name) => found.hint(format!("did you mean `{name}`?")).replace_by(meant),
                None => found,
            });
            return None;
        }
    }
    finish(read, line)
}

fn start(span: Span) -> Reading {
    let draft = RuleDraft {
        span,
        selector: Selector::default(),
        action: RuleAction::Nop,
        preference: None,
        realms: None,
        suppress_prefix_length: None,
        suppress_group: None,
        protocol: PROTOCOL_KEEPALIVED,
        family: Family::V4,
        links: Vec::new(),
        tracked: true,
        group: None,
    };
    Reading { draft, family: None, action: None, realms_at: None, ended: false }
}

fn agree(
    read: &mut Reading,
    words: &mut Words<'_, '_, '_>,
    word: &Word,
    family: Family,
) -> Option<()> {
    if *read.family.get_or_insert(family) == family {
        return Some(());
    }
    words.refuse(word, "rule specification has mixed IPv4 and IPv6".to_owned())
}

/// A selector; `Some(None)` is every address.
fn network(
    read: &mut Reading,
    words: &mut Words<'_, '_, '_>,
    what: &str,
) -> Option<Option<Network>> {
    let word = words.value()?;
    if is_everything(&word.text) {
        return Some(None);
    }
    let network = words.network(&word, |text| format!("Invalid rule {what} address {text}"))?;
    agree(read, words, &word, Family::of(network.ip))?;
    Some(Some(network))
}

/// Takes the one action of a rule.
fn act(
    read: &mut Reading,
    words: &mut Words<'_, '_, '_>,
    word: &Word,
    action: RuleAction,
) -> Option<()> {
    if read.action.is_some() {
        let message = "Cannot specify more than one of \
                       table/nop/goto/blackhole/prohibit/unreachable/l3mdev for rule";
        return words.refuse(word, message.to_owned());
    }
    read.action = Some(action);
    Some(())
}

fn plain(read: &mut Reading, words: &mut Words<'_, '_, '_>, word: &Word) -> Option<()> {
    let (_, action) = PLAIN.iter().find(|(name, _)| *name == word.text)?;
    act(read, words, word, *action)
}

fn mark(read: &mut Reading, words: &mut Words<'_, '_, '_>, _: &Word) -> Option<()> {
    let word = words.value()?;
    let (value, mask) = match word.text.split_once('/') {
        Some((value, mask)) => (value, Some(mask)),
        None => (word.text.as_str(), None),
    };
    let number = |text| unsigned_or_empty(text).and_then(|number| u32::try_from(number).ok());
    let mark = number(value).map(|value| Mark { value, mask: mask.and_then(number) });
    let Some(mark) = mark.filter(|mark| mark.mask.is_some() == mask.is_some()) else {
        return words.refuse(&word, format!("Invalid rule fwmark {} specified", word.text));
    };
    read.draft.selector.mark = Some(mark);
    Some(())
}

/// `A-B`, A not above B.
fn range(text: &str, most: u32) -> Option<RangeInclusive<u32>> {
    let (first, last) = text.split_once('-')?;
    let number = |text: &str| {
        let number = unsigned(text).and_then(|number| u32::try_from(number).ok())?;
        (number <= most).then_some(number)
    };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some(first..=last)
}

/// A port or a range of ports; a bad one is ignored.
fn ports(words: &mut Words<'_, '_, '_>, keyword: &Word) -> Option<Option<RangeInclusive<u16>>> {
    let word = words.value()?;
    let text = match word.text.contains('-') {
        true => word.text.clone(),
        false => format!("{0}-{0}", word.text),
    };
    let ports = range(&text, u32::from(u16::MAX)).and_then(|range| {
        Some(u16::try_from(*range.start()).ok()?..=u16::try_from(*range.end()).ok()?)
    });
    if ports.is_none() {
        let message = format!("invalid {} range {}", keyword.text, word.text);
        words.advise::<()>(&word, message, "write FIRST-LAST");
    }
    Some(ports)
}

/// A number up to 127 or the name of a protocol.
fn ip_protocol(text: &str) -> Option<u8> {
    const KNOWN: &[(&str, u8)] = &[
        ("icmp", 1),
        ("igmp", 2),
        ("tcp", 6),
        ("udp", 17),
        ("dccp", 33),
        ("gre", 47),
        ("esp", 50),
        ("ah", 51),
        ("ipv6-icmp", 58),
        ("icmpv6", 58),
    ];
    if let Some(number) = unsigned(text) {
        return u8::try_from(number).ok().filter(|number| *number <= 127);
    }
    let known = KNOWN.iter().find(|(name, _)| *name == text).map(|(_, number)| *number);
    known.or_else(|| {
        let file = std::fs::read_to_string("/etc/protocols").ok()?;
        file.lines().find_map(|line| {
            let mut words = line.split_whitespace();
            let named = words.next()? == text;
            words.next().filter(|_| named)?.parse().ok()
        })
    })
}

fn finish(read: Reading, line: &mut Line<'_, '_>) -> Option<RuleDraft> {
    let Reading { mut draft, family, action, realms_at, ended: _ } = read;
    draft.family = family.unwrap_or(Family::V4);
    let Some(action) = action else {
        let found = Diagnostic::general("No action specified for rule - ignoring");
        line.add(found.at(draft.span).hint("add the table, as `lookup main`"));
        return None;
    };
    draft.action = action;
    let lookup = matches!(action, RuleAction::Table(_) | RuleAction::L3mdev);
    let suppressed = draft.suppress_prefix_length.is_some() || draft.suppress_group.is_some();
    if !lookup && (suppressed || draft.realms.is_some()) {
        line.error("suppressor/realm specified for non table action - skipping");
        return None;
    }
    if let (Some(word), Family::V6) = (realms_at, draft.family) {
        line.error_at(&word, "realms is only valid for IPv4");
        return None;
    }
    target(&draft, line)?;
    if draft.tracked && draft.protocol != PROTOCOL_KEEPALIVED {
        line.error(
            "Rule cannot be tracked if protocol is not RTPROT_KEEPALIVED(18), resetting protocol",
        );
        draft.protocol = PROTOCOL_KEEPALIVED;
    }
    if draft.group.is_some() && draft.selector.input.is_none() {
        line.error("Static rule cannot have track_group if dev/iif not specified");
        draft.group = None;
    }
    Some(draft)
}

/// A `goto` must lead on.
fn target(draft: &RuleDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let RuleAction::Goto(target) = draft.action else { return Some(()) };
    match draft.preference {
        None => {
            line.error(format!("Invalid rule - goto target {target} specified without preference"));
            None
        }
        Some(own) if own >= target => {
            line.error(format!("Invalid rule - preference {own} >= goto target {target}"));
            None
        }
        Some(_) => Some(()),
    }
}
