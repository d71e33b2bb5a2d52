//! Routing rules: which packets look into which table, as `ip rule add` can say it.

use std::ops::RangeInclusive;

use crate::route::PROTOCOL_KEEPALIVED;
use crate::{Family, LinkName, Network, Realms};

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The family of packets that it is for.
    pub family: Family,
    /// `preference`: the lowest is asked first.
    pub preference: u32,
    /// Which packets match.
    pub selector: Selector,
    /// What happens to those that do.
    pub action: RuleAction,
    /// `realms` that matching packets get.
    pub realms: Option<Realms>,
    /// `suppress_prefixlength`: routes of this prefix length or a shorter one do not count.
    pub suppress_prefix_length: Option<u32>,
    /// `suppress_ifgroup`: routes over links of this group do not count.
    pub suppress_group: Option<u32>,
    /// The number of `rt_protos`: who made it.
    pub protocol: u8,
}

impl Rule {
    /// A rule for every packet.
    #[must_use]
    pub fn new(family: Family, preference: u32, action: RuleAction) -> Self {
        Self {
            family,
            preference,
            selector: Selector::default(),
            action,
            realms: None,
            suppress_prefix_length: None,
            suppress_group: None,
            protocol: PROTOCOL_KEEPALIVED,
        }
    }

    /// The interfaces that it names.
    pub fn links(&self) -> impl Iterator<Item = &LinkName> {
        self.selector.input.iter().chain(&self.selector.output)
    }
}

/// Which packets a rule is for; what is not said matches every packet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selector {
    /// `not`: the others.
    pub inverted: bool,
    /// `from`.
    pub source: Option<Network>,
    /// `to`.
    pub destination: Option<Network>,
    /// `tos`; 0 is any.
    pub tos: u8,
    /// `fwmark`.
    pub mark: Option<Mark>,
    /// `iif`: where it came in.
    pub input: Option<LinkName>,
    /// `oif`: where its socket is bound to.
    pub output: Option<LinkName>,
    /// `tunnel-id`.
    pub tunnel_id: Option<u64>,
    /// `uidrange`: whose socket it is.
    pub users: Option<RangeInclusive<u32>>,
    /// `ipproto`.
    pub ip_protocol: Option<u8>,
    /// `sport`.
    pub source_ports: Option<RangeInclusive<u16>>,
    /// `dport`.
    pub destination_ports: Option<RangeInclusive<u16>>,
}

/// A mark of the firewall, and which of its bits count; without a mask all do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The mark.
    pub value: u32,
    /// The bits that count.
    pub mask: Option<u32>,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleAction {
    /// Looks into this table.
    Table(u32),
    /// Looks into the table of the packet's VRF.
    L3mdev,
    /// Goes on at the rule of this preference.
    Goto(u32),
    /// Nothing.
    Nop,
    /// Drops silently.
    Blackhole,
    /// Answers that the host cannot be reached.
    Unreachable,
    /// Answers that it is forbidden.
    Prohibit,
}
