//! Routing rules as route netlink writes them, in both directions.

use std::net::IpAddr;

use net::{Family, Mark, Network, PROTOCOL_KEEPALIVED, Rule, RuleAction, Selector};
use netlink_packet_core::{DecodeError, Parseable};
use netlink_packet_route::route::RouteRealm;
use netlink_packet_route::rule::{
    self, RuleAttribute, RuleFlags, RuleHeader, RuleMessage, RulePortRange, RuleUidRange,
};

use crate::route::{family, known_family};

/// The message that adds the rule, and the one that removes it.
pub(crate) fn message(rule: &Rule) -> RuleMessage {
    let mut message = RuleMessage::default();
    message.header = header(rule);
    let attributes = &mut message.attributes;
    attributes.push(RuleAttribute::Priority(rule.preference));
    attributes.push(RuleAttribute::Protocol(rule.protocol.into()));
    attributes.extend(selector(&rule.selector));
    attributes.extend(action(rule.action));
    attributes.extend(rule.realms.map(|net::Realms { source, destination }| {
        RuleAttribute::Realm(RouteRealm { source, destination })
    }));
    attributes.extend(rule.suppress_prefix_length.map(RuleAttribute::SuppressPrefixLen));
    attributes.extend(rule.suppress_group.map(RuleAttribute::SuppressIfGroup));
    message
}

fn header(rule: &Rule) -> RuleHeader {
    let Selector { source, destination, inverted, tos, .. } = &rule.selector;
    let table = match rule.action {
        RuleAction::Table(table) => u8::try_from(table).unwrap_or(0),
        RuleAction::L3mdev | RuleAction::Goto(_) | RuleAction::Nop => 0,
        RuleAction::Blackhole | RuleAction::Unreachable | RuleAction::Prohibit => 0,
    };
    RuleHeader {
        family: family(rule.family),
        dst_len: destination.map_or(0, |to| to.length),
        src_len: source.map_or(0, |from| from.length),
        tos: *tos,
        table,
        action: kind(rule.action),
        flags: if *inverted { RuleFlags::Invert } else { RuleFlags::empty() },
    }
}

const fn kind(action: RuleAction) -> rule::RuleAction {
    match action {
        RuleAction::Table(_) | RuleAction::L3mdev => rule::RuleAction::ToTable,
        RuleAction::Goto(_) => rule::RuleAction::Goto,
        RuleAction::Nop => rule::RuleAction::Nop,
        RuleAction::Blackhole => rule::RuleAction::Blackhole,
        RuleAction::Unreachable => rule::RuleAction::Unreachable,
        RuleAction::Prohibit => rule::RuleAction::Prohibit,
    }
}

fn action(action: RuleAction) -> Option<RuleAttribute> {
    match action {
        RuleAction::Table(table) => Some(RuleAttribute::Table(table)),
        RuleAction::L3mdev => Some(RuleAttribute::L3MDev(true)),
        RuleAction::Goto(preference) => Some(RuleAttribute::Goto(preference)),
        RuleAction::Nop
        | RuleAction::Blackhole
        | RuleAction::Unreachable
        | RuleAction::Prohibit => None,
    }
}

fn selector(selector: &Selector) -> impl Iterator<Item = RuleAttribute> {
    let ports = |range: &std::ops::RangeInclusive<u16>| RulePortRange {
        start: *range.start(),
        end: *range.end(),
    };
    let users = selector.users.as_ref().map(|range| {
        RuleAttribute::UidRange(RuleUidRange { start: *range.start(), end: *range.end() })
    });
    let source_ports = selector.source_ports.as_ref().map(ports);
    let destination_ports = selector.destination_ports.as_ref().map(ports);
    [
        network(selector.source).map(RuleAttribute::Source),
        network(selector.destination).map(RuleAttribute::Destination),
        selector.mark.map(|mark| RuleAttribute::FwMark(mark.value)),
        selector.mark.and_then(|mark| mark.mask).map(RuleAttribute::FwMask),
        selector.input.as_ref().map(|link| RuleAttribute::Iifname(link.as_str().to_owned())),
        selector.output.as_ref().map(|link| RuleAttribute::Oifname(link.as_str().to_owned())),
        selector.tunnel_id.map(RuleAttribute::TunId),
        users,
        selector.ip_protocol.map(|number| RuleAttribute::IpProtocol(number.into())),
        source_ports.map(RuleAttribute::SourcePortRange),
        destination_ports.map(RuleAttribute::DestinationPortRange),
    ]
    .into_iter()
    .flatten()
}

/// A network of length 0 is everything, for which the kernel wants no address.
fn network(network: Option<Network>) -> Option<IpAddr> {
    network.filter(|network| network.length > 0).map(|network| network.ip)
}

/// A rule of keepalived that was in the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTrace {
    family: Family,
    preference: u32,
    action: rule::RuleAction,
    table: u32,
    source: Option<IpAddr>,
    destination: Option<IpAddr>,
    mark: u32,
    input: Option<String>,
    output: Option<String>,
    ours: bool,
}

impl RuleTrace {
    /// Reads a message about a rule; `None` for one of another maker.
    pub(crate) fn parse(payload: &[u8]) -> Result<Option<Self>, DecodeError> {
        Ok(Self::of(&RuleMessage::parse(payload)?))
    }

    /// What the kernel tells of a rule of keepalived when it is removed.
    #[must_use]
    pub fn of_rule(rule: &Rule) -> Option<Self> {
        Self::of(&message(rule))
    }

    fn of(message: &RuleMessage) -> Option<Self> {
        let family = known_family(message.header.family)?;
        let mut trace = Self {
            family,
            preference: 0,
            action: message.header.action,
            table: message.header.table.into(),
            source: None,
            destination: None,
            mark: 0,
            input: None,
            output: None,
            ours: false,
        };
        message.attributes.iter().for_each(|attribute| trace.take(attribute));
        Some(trace).filter(|trace| trace.ours)
    }

    fn take(&mut self, attribute: &RuleAttribute) {
        if let RuleAttribute::Priority(preference) = attribute {
            self.preference = *preference;
        } else if let RuleAttribute::Table(table) = attribute {
            self.table = *table;
        } else if let RuleAttribute::Source(ip) = attribute {
            self.source = Some(*ip);
        } else if let RuleAttribute::Destination(ip) = attribute {
            self.destination = Some(*ip);
        } else if let RuleAttribute::FwMark(mark) = attribute {
            self.mark = *mark;
        } else if let RuleAttribute::Iifname(name) = attribute {
            self.input = Some(name.clone());
        } else if let RuleAttribute::Oifname(name) = attribute {
            self.output = Some(name.clone());
        } else if let RuleAttribute::Protocol(protocol) = attribute {
            self.ours = u8::from(*protocol) == PROTOCOL_KEEPALIVED;
        }
    }

    /// Whether it may have been this rule: what is seldom used is not compared.
    #[must_use]
    pub fn may_be(&self, rule: &Rule) -> bool {
        let Selector { source, destination, mark, input, output, .. } = &rule.selector;
        let table = match rule.action {
            RuleAction::Table(table) => table == self.table,
            RuleAction::L3mdev | RuleAction::Goto(_) | RuleAction::Nop => true,
            RuleAction::Blackhole | RuleAction::Unreachable | RuleAction::Prohibit => true,
        };
        let name =
            |link: &Option<net::LinkName>| link.as_ref().map(|link| link.as_str().to_owned());
        table
            && (self.family, self.preference) == (rule.family, rule.preference)
            && self.action == kind(rule.action)
            && (self.source, self.destination) == (network(*source), network(*destination))
            && self.mark == mark.map_or(0, |Mark { value, .. }| value)
            && (&self.input, &self.output) == (&name(input), &name(output))
    }
}
