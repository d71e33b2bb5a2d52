//! What the core tells the operator: one variant per log line, worded in one place.
//!
//! The wording is keepalived's (compat 12), because monitors match it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use net::{Address, LinkName, Route, Rule};

use crate::advert::{Discard, Distrust, Remark};
use crate::fault::FaultCause;
use crate::state::StateKind;
use crate::units::{AdvertInterval, Name, Priority, Vrid};

/// Something worth a line in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The instance, group, script or link that the line is about.
    pub subject: Name,
    /// What happened to it.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// An instance did something.
    Did(Deed),
    /// An instance heard something.
    Heard(Heard),
    /// A check script ran.
    Checked(Checked),
    /// A BFD session that an instance or its group tracks went up or down.
    SessionChanged {
        /// The session.
        session: Name,
        /// Whether it is up now.
        up: bool,
    },
    /// The members of a sync group follow one of them.
    GroupFollows(StateKind),
    /// A link went up or down.
    LinkChanged {
        /// Whether it is up now.
        up: bool,
        /// Whether it was asked, rather than heard of.
        polled: bool,
    },
    /// A link went up or down, which counts if it lasts.
    DelayBegun {
        /// Its flags as they count (`IFF_*`).
        from: u32,
        /// Its flags now.
        to: u32,
        /// How long it has to last.
        delay: Duration,
    },
    /// It did not last.
    DelayCancelled,
    /// The delays of its link are too long for an instance, and are not used in full.
    DelaysTooLong {
        /// The link.
        link: LinkName,
        /// As many intervals long they may nearly be.
        intervals: u8,
    },
    /// The master's interval is so short that a delay of the instance's link is cut.
    DelayShortened(LinkName),
    /// As many processes run as shall, or no longer.
    Quorum {
        /// Whether it is so now.
        gained: bool,
    },
    /// News of processes were lost, and counting them gave another number.
    Recounted {
        /// Before.
        from: u32,
        /// After.
        to: u32,
        /// Whether there are enough now, if that changed.
        turned: Option<bool>,
    },
    /// A packet on a link was too short to be for anybody.
    TooShort {
        /// What it began like.
        kind: Fragment,
        /// Its bytes.
        length: usize,
    },
}

/// A packet of which too little is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fragment {
    /// Over IPv4.
    V4,
    /// Under an authentication header.
    Ah,
    /// Over IPv6.
    V6,
}

impl Fragment {
    /// What the beginning of a packet shows.
    pub(crate) fn of(packet: &[u8]) -> Self {
        match (packet.first().map_or(4, |first| first >> 4), packet.get(9)) {
            (6, _) => Self::V6,
            (_, Some(51)) => Self::Ah,
            (_, _) => Self::V4,
        }
    }
}

/// What an instance did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is in a new state, the first one or a later one.
    Entered {
        /// The state.
        state: StateKind,
        /// Whether it is the first.
        first: bool,
    },
    /// It found a reason to be in FAULT.
    Fault(FaultCause),
    /// The value of a file that it tracks turned into a fault.
    FileFault(Name),
    /// The value of a file that it tracks is no longer a fault.
    FileRecovered(Name),
    /// Tracking changed its priority.
    Priority {
        /// Before.
        from: Priority,
        /// After.
        to: Priority,
    },
    /// It did not hear the master for too long.
    TakeoverDue,
    /// It sent priority 0.
    ReleaseSent,
    /// On becoming master, its own interval counts again (VRRPv3).
    IntervalRestored {
        /// Before.
        from: AdvertInterval,
        /// After.
        to: AdvertInterval,
    },
    /// It began to wait for `preempt_delay`.
    PreemptDelay(Duration),
    /// It stopped to wait: the master is no longer inferior.
    PreemptDelayStopped,
    /// A peer turned out to compute checksums as releases before 1.3.7 did.
    OldChecksum,
    /// It is master and has never heard any of its unicast peers.
    Unheard {
        /// The peers.
        peers: Vec<IpAddr>,
        /// Its number.
        vrid: Vrid,
    },
    /// A reload took this address from it.
    Dropped(Address),
    /// A reload took this route from it.
    RouteDropped(Box<Route>),
    /// A reload took all of its routes from it.
    NoRoutes,
    /// A reload took this rule from it.
    RuleDropped(Box<Rule>),
    /// A reload took all of its rules from it.
    NoRules,
    /// It ordered something to be set or removed.
    Moving {
        /// Whether it is to be set.
        set: bool,
        /// What it is.
        what: Moved,
    },
}

/// What follows a master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The addresses that it advertises.
    Addresses,
    /// Those that it does not.
    Excluded,
    /// Its routes.
    Routes,
    /// Its rules.
    Rules,
}

/// What an instance heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// As backup about to take over: a router of lower priority.
    LowerIgnored {
        /// Theirs.
        priority: Priority,
        /// Its address.
        from: IpAddr,
    },
    /// As master: a router of lower priority.
    Lower {
        /// Theirs.
        theirs: Priority,
        /// Ours.
        ours: Priority,
        /// Its address.
        from: IpAddr,
        /// Whether an advert answers it.
        answered: bool,
    },
    /// As master: a router of higher priority.
    Higher {
        /// Theirs.
        theirs: Priority,
        /// Ours.
        ours: Priority,
        /// Its address.
        from: IpAddr,
    },
    /// As master: a router of its priority with a higher address.
    Equal {
        /// The priority of both.
        priority: Priority,
        /// Its address.
        from: IpAddr,
    },
    /// As master: a router of its priority with its own address.
    OwnAddress,
    /// As address owner: another one.
    Owner {
        /// The other one.
        from: IpAddr,
    },
    /// As backup: the master gives up.
    Release,
    /// As master: another master gives up.
    ReleaseByOther,
    /// As backup: a master to follow.
    Master {
        /// The one it followed before.
        previous: Option<IpAddr>,
        /// The one it follows now.
        now: IpAddr,
    },
    /// The master's interval (VRRPv3).
    Interval {
        /// Before.
        from: AdvertInterval,
        /// After.
        to: AdvertInterval,
    },
    /// A packet that it refused.
    Discarded {
        /// Its sender.
        from: IpAddr,
        /// Why.
        why: Discard,
        /// How many more of its kind there were since the last line.
        silent: u32,
    },
    /// An advert that was odd, but accepted.
    Remarked {
        /// Its sender.
        from: IpAddr,
        /// How.
        remark: Remark,
        /// How many more of its kind there were since the last line.
        silent: u32,
    },
}

/// What became of a check script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Its exit status differs from the previous one.
    Returns(i32),
    /// It is good now.
    Succeeded,
    /// It is bad now, by its exit status.
    Failed(i32),
    /// It is bad now, by a signal.
    Killed(i32),
    /// It is bad now, having taken too long.
    TimedOut,
    /// Its next run is skipped, the last one still runs.
    StillRunning,
    /// Its next run is skipped, the last one took too long and has not ended yet.
    BeingTimedOut,
    /// Its result is kept over a reload.
    Kept {
        /// Whether it is good.
        good: bool,
    },
}

impl Event {
    /// Whether the line is only for a detailed log (`-D`).
    #[must_use]
    pub const fn is_detail(&self) -> bool {
        match &self.what {
            What::Did(deed) => deed.is_detail(),
            What::Heard(heard) => heard.is_detail(),
            What::Checked(_) | What::GroupFollows(_) | What::LinkChanged { .. } => false,
            What::Quorum { .. } | What::DelayBegun { .. } | What::DelayCancelled => false,
            What::DelaysTooLong { .. } => false,
            What::Recounted { .. } | What::DelayShortened(_) => true,
            What::SessionChanged { .. } | What::TooShort { .. } => false,
        }
    }
}

impl Deed {
    const fn is_detail(&self) -> bool {
        match self {
            Self::Entered { .. } | Self::Fault(_) | Self::Priority { .. } => false,
            Self::Dropped(_) | Self::Unheard { .. } | Self::OldChecksum => false,
            // keepalived says this one always, its counterpart only in detail.
            Self::NoRules => false,
            Self::NoRoutes | Self::RouteDropped(_) | Self::RuleDropped(_) => true,
            Self::TakeoverDue
            | Self::ReleaseSent
            | Self::IntervalRestored { .. }
            | Self::PreemptDelay(_)
            | Self::PreemptDelayStopped
            | Self::FileFault(_)
            | Self::FileRecovered(_)
            | Self::Moving { .. } => true,
        }
    }
}

impl Heard {
    const fn is_detail(&self) -> bool {
        match self {
            Self::Release | Self::ReleaseByOther | Self::Master { .. } | Self::Interval { .. } => {
                true
            }
            Self::LowerIgnored { .. }
            | Self::Lower { .. }
            | Self::Higher { .. }
            | Self::Equal { .. }
            | Self::OwnAddress
            | Self::Owner { .. }
            | Self::Discarded { .. }
            | Self::Remarked { .. } => false,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.subject;
        match &self.what {
            What::Did(deed) => deed.write(f, name),
            What::Heard(heard) => {
                if heard.names_instance() {
                    write!(f, "({name}) ")?;
                }
                heard.write(f)
            }
            What::Checked(checked) => checked.write(f, name),
            What::GroupFollows(state) => {
                write!(f, "VRRP_Group({name}) Syncing instances to {state} state")
            }
            What::LinkChanged { up, polled } => {
                let source = if *polled { "Linkbeat" } else { "Netlink" };
                write!(f, "{source} reports {name} {}", if *up { "up" } else { "down" })
            }
            What::DelayBegun { from, to, delay } => {
                let micros = delay.as_micros();
                let change = format!("from {from:#x} to {to:#x} delay by {micros}");
                write!(f, "{name}: Adding flags change {change}")
            }
            What::DelayCancelled => write!(f, "Delay timer for {name} cancelled"),
            What::DelaysTooLong { link, intervals } => write!(
                f,
                "{name}: interface {link} debounce timer(s) not less that {intervals} * \
                 advert_int - resetting"
            ),
            What::DelayShortened(link) => {
                write!(f, "{name}: lower advert_int reducing interface {link} debounce timer(s)")
            }
            What::Quorum { gained } => {
                let word = if *gained { "gained" } else { "lost" };
                write!(f, "Quorum {word} for tracked process {name}")
            }
            What::Recounted { from, to, turned } => {
                let end = match turned {
                    None => "",
                    Some(true) => ", quorum up",
                    Some(false) => ", quorum down",
                };
                let change = format!("changed from {from} to {to}{end}");
                write!(f, "Process {name}, number of current processes {change}")
            }
            What::SessionChanged { session, up } => {
                let word = if *up { "UP" } else { "DOWN" };
                write!(f, "VRRP_Instance({name}) Tracked BFD instance {session} is {word}")
            }
            What::TooShort { kind, length } => {
                let kind = match kind {
                    Fragment::V4 => "IPv4 VRRP packet",
                    Fragment::Ah => "IPv4 VRRP packet with AH",
                    Fragment::V6 => "IPv6 VRRP packet",
                };
                write!(f, "{kind} too short - {length} bytes")
            }
        }
    }
}

impl Deed {
    /// Names who did it, the way keepalived does: with a colon in some of the lines.
    fn write_name(&self, f: &mut fmt::Formatter<'_>, name: &Name) -> fmt::Result {
        match self {
            // keepalived names nobody in these.
            Self::RouteDropped(_) | Self::NoRoutes | Self::RuleDropped(_) | Self::NoRules => Ok(()),
            Self::Fault(cause) if cause.has_colon() => write!(f, "({name}): "),
            Self::FileFault(_) | Self::FileRecovered(_) => write!(f, "({name}): "),
            Self::Fault(_)
            | Self::Entered { .. }
            | Self::Priority { .. }
            | Self::TakeoverDue
            | Self::ReleaseSent
            | Self::IntervalRestored { .. }
            | Self::PreemptDelay(_)
            | Self::PreemptDelayStopped
            | Self::OldChecksum
            | Self::Unheard { .. }
            | Self::Dropped(_)
            | Self::Moving { .. } => write!(f, "({name}) "),
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, name: &Name) -> fmt::Result {
        self.write_name(f, name)?;
        match self {
            Self::Entered { state, first } => {
                write!(f, "Entering {state} STATE{}", if *first { " (init)" } else { "" })
            }
            Self::Fault(cause) => write!(f, "entering FAULT state {cause}"),
            Self::FileFault(file) => write!(f, "tracked file {file} now FAULT state"),
            Self::FileRecovered(file) => write!(f, "tracked file {file} leaving FAULT state"),
            Self::Priority { from, to } => {
                write!(f, "Changing effective priority from {from} to {to}")
            }
            Self::TakeoverDue => f.write_str("Receive advertisement timeout"),
            Self::ReleaseSent => f.write_str("sent 0 priority"),
            Self::IntervalRestored { from, to } => write!(
                f,
                "changing advert interval from {}ms to locally configured {}ms",
                from.duration().as_millis(),
                to.duration().as_millis()
            ),
            Self::PreemptDelay(delay) => {
                write!(f, "start preempt delay ({}.{:06})", delay.as_secs(), delay.subsec_micros())
            }
            Self::PreemptDelayStopped => f.write_str("stop preempt delay"),
            Self::OldChecksum => f.write_str("Setting unicast VRRPv3 checksum to old version"),
            Self::Unheard { peers, vrid } => write_unheard(f, peers, *vrid),
            Self::Dropped(Address { ip, prefix, link, .. }) => {
                write!(f, "ip address {ip}/{prefix} dev {link}, no longer exist")
            }
            Self::RouteDropped(route) => write!(f, "Removing route {}", route.destination_text()),
            Self::NoRoutes => f.write_str("Removing a VirtualRoute block"),
            Self::RuleDropped(rule) => write_dropped_rule(f, rule),
            Self::NoRules => f.write_str("Removing a VirtualRule block"),
            Self::Moving { set, what } => {
                let verb = if *set { "setting" } else { "removing" };
                write!(f, "{verb} {what}")
            }
        }
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Addresses => "VIPs.",
            Self::Excluded => "E-VIPs.",
            Self::Routes => "Virtual Routes",
            Self::Rules => "Virtual Rules",
        })
    }
}

impl Heard {
    /// keepalived leaves the name out of one line.
    const fn names_instance(&self) -> bool {
        !matches!(self, Self::Discarded { why: Discard::Distrusted(Distrust::Association(_)), .. })
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LowerIgnored { priority, from } => {
                write!(f, "received lower priority ({priority}) advert from {from} - discarding")
            }
            Self::Lower { theirs, ours, from, answered } => {
                let end = if *answered { ", forcing new election" } else { "" };
                write!(
                    f,
                    "Received advert from {from} with lower priority {theirs}, ours {ours}{end}"
                )
            }
            Self::Higher { theirs, ours, from } => {
                let priorities = format!("higher priority {theirs}, ours {ours}");
                write!(f, "Master received advert from {from} with {priorities}")
            }
            Self::Equal { priority, from } => write!(
                f,
                "Master received advert from {from} with same priority {priority} \
                 but higher IP address than ours"
            ),
            Self::OwnAddress => f.write_str(
                "WARNING - equal priority advert received from remote host with our IP address.",
            ),
            Self::Owner { from } => write!(
                f,
                "CONFIGURATION ERROR: local instance and {from} are both configured as address \
                 owner, please resolve"
            ),
            Self::Release => f.write_str("Backup received priority 0 advertisement"),
            Self::ReleaseByOther => f.write_str("Master received priority 0 message"),
            Self::Master { previous: None, now } => write!(f, "master set to {now}"),
            Self::Master { previous: Some(old), now } => {
                write!(f, "master changed from {old} to {now}")
            }
            Self::Interval { from, to } => write!(
                f,
                "advertisement interval updated from {}ms to {}ms by master",
                from.duration().as_millis(),
                to.duration().as_millis()
            ),
            Self::Discarded { from, why, silent } => {
                f.write_str(&why.line(*from))?;
                write_silent(f, *silent)
            }
            Self::Remarked { from, remark, silent } => {
                f.write_str(&remark.line(*from))?;
                write_silent(f, *silent)
            }
        }
    }
}

fn write_dropped_rule(f: &mut fmt::Formatter<'_>, rule: &Rule) -> fmt::Result {
    let to = rule.selector.destination.map(|to| format!(" to {to}"));
    let from = rule.selector.source.map_or("all".to_owned(), |from| from.to_string());
    write!(f, "ip rule from {from}{} removed", to.unwrap_or_default())
}

fn write_unheard(f: &mut fmt::Formatter<'_>, peers: &[IpAddr], vrid: Vrid) -> fmt::Result {
    let peers: Vec<String> = peers.iter().map(ToString::to_string).collect();
    write!(
        f,
        "is master and has heard no packet of {} since the start: does IP protocol 112 pass every \
         firewall and network in between, and is VRID {vrid} run there?",
        peers.join(" ")
    )
}

fn write_silent(f: &mut fmt::Formatter<'_>, silent: u32) -> fmt::Result {
    if silent == 0 { Ok(()) } else { write!(f, " (and {silent} more like it)") }
}

impl Checked {
    fn write(&self, f: &mut fmt::Formatter<'_>, name: &Name) -> fmt::Result {
        match self {
            Self::Returns(status) => write!(f, "Script `{name}` now returning {status}"),
            Self::Succeeded => write!(f, "VRRP_Script({name}) succeeded"),
            Self::Failed(status) => {
                write!(f, "VRRP_Script({name}) failed (exited with status {status})")
            }
            Self::Killed(signal) => {
                write!(f, "VRRP_Script({name}) failed (due to signal {signal})")
            }
            Self::TimedOut => write!(f, "VRRP_Script({name}) timed_out"),
            Self::StillRunning => {
                write!(f, "Track script {name} is already running, expect idle - skipping run")
            }
            Self::BeingTimedOut => {
                write!(f, "Track script {name} is being timed out, expect idle - skipping run")
            }
            Self::Kept { good } => {
                let word = if *good { "successful" } else { "unsuccessful" };
                write!(f, "VRRP_Script({name}) considered {word} on reload")
            }
        }
    }
}
