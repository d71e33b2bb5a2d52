//! How interfaces are watched, and how much may be announced on them.

use std::time::Duration;

use net::LinkName;

/// How interfaces are watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// `linkbeat_use_polling`: every interface is polled.
    pub poll_all: bool,
    /// `linkbeat_interfaces`: those that are polled.
    pub polled: Vec<Polled>,
    /// `interface_up_down_delays`.
    pub delays: Vec<LinkDelay>,
    /// `garp_group`: limits of announcements.
    pub garp_groups: Vec<GarpGroup>,
}

/// Whether interfaces may come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DynamicInterfaces {
    /// Every interface must exist at the start.
    #[default]
    Off,
    /// They may appear later.
    On,
    /// They may come back as another type.
    AllowChanges,
}

/// An interface whose link is polled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    /// The interface.
    pub link: LinkName,
    /// What is asked first; any way that works without it.
    pub by: Option<LinkPolling>,
}

/// A way to ask an interface for its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPolling {
    /// The registers of the transceiver.
    Mii,
    /// What ethtool shows.
    Ethtool,
    /// The flags of the interface.
    Flags,
}

/// How long a change of an interface waits before it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkDelay {
    /// The interface.
    pub link: LinkName,
    /// When it goes down.
    pub down: Duration,
    /// When it comes up.
    pub up: Duration,
}

/// Interfaces on which announcements keep a pause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GarpGroup {
    /// `garp_interval`: between two gratuitous ARPs.
    pub arp: Option<Duration>,
    /// `gna_interval`: between two neighbour adverts.
    pub neighbour: Option<Duration>,
    /// `interface`: those that keep it for themselves.
    pub single: Vec<LinkName>,
    /// `interfaces`: those that keep it together.
    pub shared: Vec<LinkName>,
}
