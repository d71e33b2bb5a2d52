//! What the core tells the operator: one variant per log line. How it reads stands in
//! `wording`.

mod wording;

use std::net::IpAddr;
use std::time::Duration;

use net::{Address, Family, LinkName, Route, Rule};

use crate::advert::{Discard, Remark};
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
    /// A sync group begins in FAULT, because of this member.
    GroupStartsInFault(Name),
    /// A link that is used has a first address of a family to send from.
    Assigned(IpAddr),
    /// It has none any more.
    Deassigned(IpAddr),
    /// It cannot be used: duplicate address detection is not over, or has found it elsewhere.
    Unusable {
        /// The address.
        ip: IpAddr,
        /// Whether another host has it.
        taken: bool,
    },
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
    /// It begins in FAULT.
    Faulty,
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
    /// Out of FAULT, it announced its own address.
    AnnouncedItself(IpAddr),
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
    /// As address owner it is not the only one.
    Dispute(Dispute),
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

/// How an address owner deals with another one (compat 11 §4.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dispute {
    /// The other one goes on in spite of all: ours lowers its priority.
    GivingWay {
        /// The other one.
        to: IpAddr,
    },
    /// The other one has fallen silent.
    Over,
    /// It has its own priority again: the other one is no owner any more.
    HeardLower,
    /// It has its own priority again: it has become master.
    TookOver,
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
    /// As master: under AH, the number of a router of lower priority, which it gets ahead of.
    NumberOvertaken,
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
            What::SessionChanged { .. } | What::GroupStartsInFault(_) => false,
            What::TooShort { .. } | What::UnknownRouter { .. } | What::HeldUp { .. } => false,
            What::StartDelayed { .. } | What::StartOver | What::StartCutShort => false,
            What::Quorum { .. } | What::DelayBegun { .. } | What::DelayCancelled => false,
            What::DelaysTooLong { .. } => false,
            What::Recounted { .. } | What::DelayShortened(_) => true,
            What::Assigned(_) | What::Deassigned(_) => true,
            What::Unusable { taken, .. } => !*taken,
        }
    }
}

impl Deed {
    const fn is_detail(&self) -> bool {
        match self {
            Self::Entered { .. } | Self::Fault(_) | Self::Priority { .. } => false,
            Self::Faulty => false,
            Self::Dropped(_) | Self::Unheard { .. } | Self::OldChecksum => false,
            Self::Dispute(_) => false,
            // keepalived says this one always, its counterpart only in detail.
            Self::NoRules => false,
            Self::NoRoutes | Self::RouteDropped(_) | Self::RuleDropped(_) => true,
            Self::TakeoverDue
            | Self::ReleaseSent
            | Self::AnnouncedItself(_)
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
            Self::Discarded { why, .. } => why.is_detail(),
            Self::LowerIgnored { .. }
            | Self::Lower { .. }
            | Self::Higher { .. }
            | Self::Equal { .. }
            | Self::NumberOvertaken
            | Self::OwnAddress
            | Self::Owner { .. }
            | Self::Remarked { .. } => false,
        }
    }
}
