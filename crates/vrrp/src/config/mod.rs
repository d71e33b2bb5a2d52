//! What the core needs to know, already valid: the language fills it, the core never checks it.
//!
//! Defaults that depend on several keywords are resolved before a value of these types exists
//! (compat 11 §19); the numbers are those of compat 10.

mod auth;
mod device;
mod object;
mod options;
mod seat;
mod settings;
mod track;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use net::{Family, LinkName, Route, Rule};

use crate::units::{AdvertInterval, Name, Priority, Version, Vrid};

pub use auth::{Authentication, Freshness, Hmac, HmacKey, HmacMode};
pub use device::{Device, Ipvlan, IpvlanMode, Vmac};
pub use object::{Held, Static, Statics, VirtualAddress};
pub use options::{LaterOptions, Options, UnicastChecksum};
pub use seat::Seat;
pub use settings::{ReceiveBuffers, Settings};
pub use track::{
    Factor, InitialValue, LinkDelay, LinkSettings, Pace, ParameterMatch, Polling, Script,
    TrackFile, TrackGroup, TrackProcess, Tracked, Watched,
};

/// Everything that the VRRP core runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The virtual routers, in the order of the file.
    pub instances: Vec<Instance>,
    /// Groups whose members change state together, in the order of the file.
    pub groups: Vec<SyncGroup>,
    /// Check scripts that something tracks, in the order of the file.
    pub scripts: Vec<Script>,
    /// Files whose values are watched.
    pub files: Vec<TrackFile>,
    /// Processes that are watched.
    pub processes: Vec<TrackProcess>,
    /// Groups that watch the links of static objects.
    pub track_groups: Vec<TrackGroup>,
    /// What is always in the kernel.
    pub statics: Statics,
    /// How the state of links is learned.
    pub links: LinkSettings,
    /// What holds for all instances.
    pub settings: Settings,
}

impl Config {
    /// The links whose state matters to some instance.
    #[must_use]
    pub fn used_links(&self) -> BTreeSet<&LinkName> {
        let own = self.instances.iter().filter_map(|instance| instance.seat.device());
        let of_instances = self.instances.iter().flat_map(|instance| &instance.tracked_links);
        let of_groups = self.groups.iter().flat_map(|group| &group.tracked_links);
        own.chain(of_instances.chain(of_groups).map(|tracked| &tracked.object)).collect()
    }

    /// The links whose state is polled, and how: of those that matter the ones that are named,
    /// and those of instances, or of the daemon, that want it.
    #[must_use]
    pub fn polled(&self) -> BTreeMap<LinkName, Polling> {
        let used = self.used_links();
        let wanting = self.instances.iter().filter(|instance| instance.options.polls_link);
        let unnamed = wanting.filter_map(|instance| instance.seat.link());
        let all = used.iter().copied().filter(|_| self.links.all_polled);
        let unnamed = unnamed.chain(all).map(|link| (link.clone(), Polling::Any));
        let named = self.links.polled.iter().filter(|(link, _)| used.contains(link));
        unnamed.chain(named.cloned()).collect()
    }
}

/// One virtual router (`vrrp_instance`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its name in the file.
    pub name: Name,
    /// `virtual_router_id`.
    pub vrid: Vrid,
    /// `version`.
    pub version: Version,
    /// The family it runs over.
    pub family: Family,
    /// What it is bound to: `interface`, or its address.
    pub seat: Seat,
    /// Whom it sends its adverts to.
    pub cast: Cast,
    /// The TTL of its adverts: 255, or `unicast_ttl`.
    pub ttl: u8,
    /// `priority`.
    pub priority: Priority,
    /// `state`: what it wishes to be at the start.
    pub initial: Initial,
    /// `advert_int`.
    pub advert_interval: AdvertInterval,
    /// `down_timer_adverts`: silent intervals before a backup takes over, 1 to 100.
    pub down_timer_adverts: u8,
    /// `nopreempt` and `preempt_delay`.
    pub preemption: Preemption,
    /// `authentication`.
    pub authentication: Authentication,
    /// `virtual_ipaddress`: advertised, and held while master.
    pub addresses: Vec<VirtualAddress>,
    /// `virtual_ipaddress_excluded`: held while master but not advertised.
    pub excluded: Vec<VirtualAddress>,
    /// The links whose loss matters: its own, or its VRF, unless `dont_track_primary`; those of
    /// its addresses, and `track_interface`.
    pub tracked_links: Vec<Tracked<LinkName>>,
    /// `track_script`.
    pub tracked_scripts: Vec<Tracked<Name>>,
    /// `track_file`, `track_process` and `track_bfd`.
    pub watched: Watched,
    /// `virtual_routes`: there while master.
    pub routes: Vec<Held<Route>>,
    /// `virtual_rules`: there while master.
    pub rules: Vec<Held<Rule>>,
    /// What it runs on.
    pub device: Device,
    /// Why it cannot take part as it is configured: it stays in FAULT.
    pub obstacle: Option<Obstacle>,
    /// `auth_hmac`.
    pub hmac: Option<Hmac>,
    /// When and how often its addresses are announced.
    pub announcement: Announcement,
    /// The switches that most instances leave alone.
    pub options: Options,
    /// Scripts told of its transitions.
    pub notify: Notify,
}

/// Why an instance can never take part (compat 11 §14, §19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// Its interface does not support multicast, and it has no peers.
    NoMulticast,
    /// Its interface carries no Ethernet frames, which its own interface on that would.
    NoEthernet,
    /// Its ipvlan has no address of IPv4.
    NoIpvlanAddress,
    /// An instance behind it has the same number on the same link.
    SameNumber,
}

/// Whom an instance sends its adverts to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cast {
    /// To a group of the segment: 224.0.0.18 unless configured.
    Multicast {
        /// The group address.
        group: IpAddr,
    },
    /// To each peer by itself (`unicast_peer`).
    Unicast {
        /// The peers, in the order of the file. Without any (`unicast_fault_no_peer`) the instance
        /// cannot take part.
        peers: Vec<Peer>,
    },
}

/// One unicast peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// `min_ttl`: the lowest TTL accepted from it.
    pub min_ttl: u8,
    /// `max_ttl`: the highest TTL accepted from it.
    pub max_ttl: u8,
}

/// What an instance wishes to be at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initial {
    /// `state BACKUP`.
    Backup,
    /// `state MASTER`.
    Master,
}

/// What a backup does about a master of lower priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preemption {
    /// It takes over (the default).
    Immediate,
    /// It takes over after this time (`preempt_delay`).
    Delayed(Duration),
    /// It leaves the master alone (`nopreempt`).
    Never,
}

/// When and how often addresses are announced by gratuitous ARP (compat 11 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// `garp_master_delay`: the second burst comes this long after becoming master; 0 is none.
    pub delay: Duration,
    /// `garp_master_repeat`: rounds of a burst.
    pub repeat: u32,
    /// `garp_master_refresh`: how often a master announces again; `None` is never.
    pub refresh: Option<Duration>,
    /// `garp_master_refresh_repeat`: rounds of a refresh.
    pub refresh_repeat: u32,
    /// `garp_lower_prio_delay`: the second burst after an advert of lower priority; 0 is none.
    pub lower_priority_delay: Duration,
    /// `garp_lower_prio_repeat`: rounds after an advert of lower priority; 0 is none.
    pub lower_priority_repeat: u32,
    /// `garp_extra_if`: one address of each further link is announced from time to time.
    pub extra_links: Option<ExtraLinks>,
}

/// Announcements on further links that its addresses are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtraLinks {
    /// `all`: not only on macvlans.
    pub all: bool,
    /// How often.
    pub every: Duration,
}

impl Default for Announcement {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(5),
            repeat: 5,
            refresh: None,
            refresh_repeat: 1,
            lower_priority_delay: Duration::from_secs(5),
            lower_priority_repeat: 5,
            extra_links: None,
        }
    }
}

/// Scripts told of the transitions of an instance or a group (compat 11 §16).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notify {
    /// `notify_master`.
    pub master: Option<Command>,
    /// `notify_backup`.
    pub backup: Option<Command>,
    /// `notify_fault`.
    pub fault: Option<Command>,
    /// `notify_stop`.
    pub stop: Option<Command>,
    /// `notify_deleted`; without it a deleted instance reports FAULT.
    pub deleted: Option<Deleted>,
    /// `notify`: every transition, with four more arguments.
    pub any: Option<Command>,
    /// `notify_master_rx_lower_pri`: a master heard a router of lower priority.
    pub master_rx_lower_priority: Option<Command>,
}

/// `notify_deleted`: report DELETED, and run the script if one is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The script.
    pub command: Option<Command>,
}

/// A program with its arguments and the account it runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program's path, then its arguments; never empty.
    pub argv: Vec<String>,
    /// The user number.
    pub uid: u32,
    /// The group number.
    pub gid: u32,
}

/// Instances that change state together (`vrrp_sync_group`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncGroup {
    /// Its name in the file.
    pub name: Name,
    /// Its members, each the name of an instance of the same configuration.
    pub members: Vec<Name>,
    /// `track_interface` of the group: acts on every member.
    pub tracked_links: Vec<Tracked<LinkName>>,
    /// `track_script` of the group: acts on every member.
    pub tracked_scripts: Vec<Tracked<Name>>,
    /// `track_file`, `track_process` and `track_bfd` of the group.
    pub watched: Watched,
    /// `sync_group_tracking_weight`: its members may differ in priority.
    pub weights_of_members: bool,
    /// Scripts told of the group's transitions.
    pub notify: Notify,
}
