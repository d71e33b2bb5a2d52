//! What instances and groups watch, and what it means to them.

use std::time::Duration;

use net::LinkName;

use super::Command;
use crate::units::{Name, Weight};

/// Something an instance or a group watches, and what it means to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracked<T, W = Weight> {
    /// The object.
    pub object: T,
    /// What it adds to or takes from the priority; [`Weight::FAULT`] means a fault.
    pub weight: W,
    /// `reverse`: up counts as down.
    pub reverse: bool,
}

/// The weight of a file or a process: -254 to 254; 0 means a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Factor(i16);

impl Factor {
    /// The largest magnitude.
    pub const MAX: i16 = 254;
    /// Anything but 0 is a fault.
    pub const FAULT: Self = Self(0);
    /// What a file has unless told otherwise: its value is added to the priority.
    pub const ONE: Self = Self(1);

    /// `None` outside -254 to 254.
    #[must_use]
    pub fn new(number: i16) -> Option<Self> {
        (-Self::MAX..=Self::MAX).contains(&number).then_some(Self(number))
    }

    /// The signed number.
    #[must_use]
    pub const fn number(self) -> i16 {
        self.0
    }
}

/// What is watched beside links and scripts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// `track_file`.
    pub files: Vec<Tracked<Name, Factor>>,
    /// `track_process`.
    pub processes: Vec<Tracked<Name, Factor>>,
    /// `track_bfd`: names of BFD sessions.
    pub sessions: Vec<Tracked<Name>>,
}

/// A check that runs again and again (`vrrp_script`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its name in the file.
    pub name: Name,
    /// What is run.
    pub command: Command,
    /// `interval` between two starts.
    pub interval: Duration,
    /// `timeout`: a run that takes longer is killed and has failed.
    pub timeout: Duration,
    /// `rise`: successes in a row that make it good, at least 1.
    pub rise: u32,
    /// `fall`: failures in a row that make it bad, at least 1.
    pub fall: u32,
    /// `init_fail`: when the daemon starts it has failed, until it succeeds as often as it must.
    pub fails_at_start: bool,
}

/// A file whose value is watched (`track_file`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackFile {
    /// Its name in the configuration.
    pub name: Name,
    /// Where it is.
    pub path: String,
    /// `weight` for those that give none of their own.
    pub weight: Factor,
    /// `reverse` of that weight.
    pub reverse: bool,
    /// `init_file`: written at the start.
    pub initial: Option<InitialValue>,
}

/// What is written into a watched file when the daemon starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitialValue {
    /// The value.
    pub value: i32,
    /// `overwrite`: also when the file is there.
    pub overwrite: bool,
}

/// A process that has to run (`vrrp_track_process`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackProcess {
    /// Its name in the configuration.
    pub name: Name,
    /// The program and its parameters; never empty.
    pub command: Vec<String>,
    /// `full_command`, or implied: the program is compared with the command line.
    pub full_command: bool,
    /// How parameters are compared.
    pub parameters: ParameterMatch,
    /// `weight` for those that give none of their own.
    pub weight: Factor,
    /// `reverse` of that weight.
    pub reverse: bool,
    /// `quorum`: as few processes must there be.
    pub quorum: u16,
    /// `quorum_max`: as many may there be; `None` is any number.
    pub most: Option<u16>,
    /// `terminate_delay`: an end counts after this time.
    pub end_delay: Duration,
    /// `fork_delay`: a start counts after this time.
    pub start_delay: Duration,
}

/// How the parameters of a watched process are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ParameterMatch {
    /// Not at all.
    #[default]
    Ignored,
    /// There are these and no more.
    Exact,
    /// They begin with these (`partial`).
    Partial,
    /// The same, and the last may be longer (`initial`).
    Initial,
}

/// Instances that watch the links of static objects (`track_group`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackGroup {
    /// Its name in the file.
    pub name: Name,
    /// The instances.
    pub members: Vec<Name>,
}

/// How the state of links is learned, and how fast is announced on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkSettings {
    /// `linkbeat_use_polling` of the daemon: every link that matters is polled.
    pub all_polled: bool,
    /// `linkbeat_interfaces`: links that are polled.
    pub polled: Vec<(LinkName, Polling)>,
    /// `interface_up_down_delays`.
    pub delays: Vec<LinkDelay>,
    /// `garp_group`: links that share a pace of announcements.
    pub paces: Vec<Pace>,
    /// `vrrp_garp_interval`: between gratuitous ARPs on each other link.
    pub arp_interval: Option<Duration>,
    /// `vrrp_gna_interval`: the same of unsolicited neighbour adverts.
    pub neighbor_interval: Option<Duration>,
}

/// How a link is polled first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polling {
    /// By whatever works.
    Any,
    /// The registers of the transceiver.
    Mii,
    /// The driver's link state.
    Ethtool,
    /// The flags of the interface.
    Ioctl,
}

/// Changes of a link that count later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkDelay {
    /// The link.
    pub link: LinkName,
    /// How long it must be down.
    pub down: Duration,
    /// How long it must be up.
    pub up: Duration,
}

/// The least time between two announcements on links that share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The links.
    pub links: Vec<LinkName>,
    /// `garp_interval`: between gratuitous ARPs.
    pub arp: Option<Duration>,
    /// `gna_interval`: between unsolicited neighbour adverts.
    pub neighbor: Option<Duration>,
}
