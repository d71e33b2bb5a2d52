//! What the core tells the operator: one variant per log line, worded in one place.
//!
//! The wording is keepalived's (compat 12), because monitors match it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use net::{Address, Family, LinkName};

use crate::advert::{Discard, Remark};
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

/// Why an instance cannot take part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultCause {
    /// A link that it needs is down or missing.
    Link(LinkName),
    /// There is no address to send from.
    NoSource(Family),
    /// No socket can be opened on its link.
    NoSocket(LinkName),
    /// The source address that it has to use is not there.
    SourceMissing,
    /// It has no peers (`unicast_fault_no_peer`).
    NoPeers,
    /// A check script without weight has failed.
    Script(Name),
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
    /// The members of a sync group follow one of them.
    GroupFollows(StateKind),
    /// A link went up or down.
    LinkChanged {
        /// Whether it is up now.
        up: bool,
    },
    /// A packet on a link was too short to be for anybody.
    TooShort {
        /// Its bytes.
        length: usize,
        /// Its family.
        family: Family,
        /// It came under an authentication header.
        authenticated: bool,
        /// How many more there were since the last line.
        silent: u32,
    },
    /// An advert on a link is of a virtual router that is not configured.
    UnknownRouter {
        /// Its number.
        vrid: u8,
        /// Its sender, when it was not sent to a group.
        from: Option<IpAddr>,
        /// How many more there were since the last line.
        silent: u32,
    },
    /// Nobody acts for some time after the start.
    StartDelayed {
        /// For how long from now on.
        rest: Duration,
        /// A reload has changed that.
        again: bool,
    },
    /// That time is over.
    StartOver,
    /// By a reload that time is over.
    StartCutShort,
    /// A master did not get to run for so long that others may have taken over.
    HeldUp {
        /// Since its advert was due.
        late: Duration,
        /// Some masters step down for that.
        steps_down: bool,
    },
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
    /// Another address owner goes on in spite of all: ours lowers its priority.
    OwnerYields {
        /// The other one.
        to: IpAddr,
    },
    /// Another address owner has fallen silent.
    OwnerGone,
    /// It has its own priority again.
    OwnerAgain {
        /// As backup, because the other one is no owner any more; otherwise by becoming master.
        heard_lower: bool,
    },
    /// A reload took this address from it.
    Dropped(Address),
    /// It ordered its addresses to be set or removed.
    Moving {
        /// Whether they are to be set.
        set: bool,
        /// Whether these are the ones that are not advertised.
        excluded: bool,
    },
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
            What::TooShort { .. } | What::UnknownRouter { .. } | What::HeldUp { .. } => false,
            What::StartDelayed { .. } | What::StartOver | What::StartCutShort => false,
        }
    }
}

impl Deed {
    const fn is_detail(&self) -> bool {
        match self {
            Self::Entered { .. } | Self::Fault(_) | Self::Priority { .. } => false,
            Self::Dropped(_) | Self::Unheard { .. } | Self::OldChecksum => false,
            Self::OwnerYields { .. } | Self::OwnerGone | Self::OwnerAgain { .. } => false,
            Self::TakeoverDue
            | Self::ReleaseSent
            | Self::IntervalRestored { .. }
            | Self::PreemptDelay(_)
            | Self::PreemptDelayStopped
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
                write!(f, "({name}) ")?;
                heard.write(f)
            }
            What::Checked(checked) => checked.write(f, name),
            What::GroupFollows(state) => {
                write!(f, "VRRP_Group({name}) Syncing instances to {state} state")
            }
            What::LinkChanged { up } => {
                write!(f, "Netlink reports {name} {}", if *up { "up" } else { "down" })
            }
            What::TooShort { length, family, authenticated, silent } => {
                // The header of IPv6 is not ours to count: the kernel kept it.
                let (number, length) = match family {
                    Family::V4 => (4, *length),
                    Family::V6 => (6, length.saturating_sub(40)),
                };
                let ah = if *authenticated { " with AH" } else { "" };
                write!(f, "IPv{number} VRRP packet{ah} too short - {length} bytes")?;
                write_silent(f, *silent)
            }
            What::UnknownRouter { vrid, from, silent } => {
                let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
                let on = format!("received on interface({name}){from}");
                write!(f, "Unknown VRID({vrid}) {on}. ignoring...")?;
                write_silent(f, *silent)
            }
            What::StartDelayed { rest, again } => {
                let further = if *again { "a further " } else { "" };
                write!(f, "Delaying startup for {further}{} seconds", six_digits(*rest))
            }
            What::StartOver => f.write_str("Delayed start completed"),
            What::StartCutShort => f.write_str("Reduced delayed start passed"),
            What::HeldUp { late, steps_down: true } => {
                let (seconds, micros) = (late.as_secs(), late.subsec_micros());
                write!(f, "VRRP thread timer expired {seconds}.{micros:06} seconds ago")
            }
            What::HeldUp { late, steps_down: false } => write!(
                f,
                "did not get to run until {:.3} seconds after an advert was due: others may have \
                 taken over - listening first, then announcing again",
                late.as_secs_f64()
            ),
        }
    }
}

impl Deed {
    fn write(&self, f: &mut fmt::Formatter<'_>, name: &Name) -> fmt::Result {
        // keepalived puts a colon after the name in exactly these lines.
        let colon = match self {
            Self::Fault(cause) => matches!(
                cause,
                FaultCause::Link(_) | FaultCause::Script(_) | FaultCause::SourceMissing
            ),
            other => matches!(other, Self::OwnerGone),
        };
        write!(f, "({name}){} ", if colon { ":" } else { "" })?;
        match self {
            Self::Entered { state, first } => {
                write!(f, "Entering {state} STATE{}", if *first { " (init)" } else { "" })
            }
            Self::Fault(FaultCause::Link(link)) => {
                write!(f, "entering FAULT state (interface {link} down)")
            }
            Self::Fault(FaultCause::NoSource(family)) => {
                let number = if *family == Family::V4 { 4 } else { 6 };
                write!(f, "entering FAULT state (no IPv{number} address for interface)")
            }
            Self::Fault(FaultCause::NoSocket(link)) => {
                write!(f, "entering FAULT state (no socket on interface {link})")
            }
            Self::Fault(FaultCause::SourceMissing) => {
                f.write_str("entering FAULT state (src address not configured)")
            }
            Self::Fault(FaultCause::NoPeers) => {
                f.write_str("Cannot use unicast without any peers - going to fault state")
            }
            Self::Fault(FaultCause::Script(script)) => {
                write!(f, "entering FAULT state due to script {script}")
            }
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
            Self::OwnerYields { to } => write!(
                f,
                "{to} is still advertising as address owner, please resolve - reducing our priority"
            ),
            Self::OwnerGone => {
                f.write_str("rogue address owner appears to have stopped advertising")
            }
            Self::OwnerAgain { heard_lower } => {
                let why = match heard_lower {
                    true => "received advert with lower priority",
                    false => "other address owner has disappeared",
                };
                write!(f, "Restoring our priority to 255 since {why}")
            }
            Self::OldChecksum => f.write_str("Setting unicast VRRPv3 checksum to old version"),
            Self::Unheard { peers, vrid } => {
                let peers: Vec<String> = peers.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "is master and has heard no packet of {} since the start: does IP protocol \
                     112 pass every firewall and network in between, and is VRID {vrid} run there?",
                    peers.join(" ")
                )
            }
            Self::Dropped(Address { ip, prefix, link, .. }) => {
                write!(f, "ip address {ip}/{prefix} dev {link}, no longer exist")
            }
            Self::Moving { set, excluded } => {
                let verb = if *set { "setting" } else { "removing" };
                write!(f, "{verb} {}VIPs.", if *excluded { "E-" } else { "" })
            }
        }
    }
}

impl Heard {
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

/// Seconds as `%g` has them: six digits, none of them a zero at the end.
fn six_digits(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let before = time.as_secs().to_string().len();
    let text = format!("{seconds:.*}", 6_usize.saturating_sub(before));
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
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
            Self::Kept { good } => {
                let word = if *good { "successful" } else { "unsuccessful" };
                write!(f, "VRRP_Script({name}) considered {word} on reload")
            }
        }
    }
}
