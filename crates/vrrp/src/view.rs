//! What can be seen of the core at one moment, for dumps and statistics. Owned: whoever reads it
//! does not hold the core up, and making it copies nothing that is long.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use net::Link;

use crate::config::{self, Initial};
use crate::effect::Recount;
use crate::fault::FaultCause;
use crate::file::File;
use crate::instance::{Instance, State};
use crate::process::Process;
use crate::router::Router;
use crate::state::StateKind;
use crate::stats::Stats;
use crate::units::{AdvertInterval, Generation, InstanceId, Name, Priority};

/// All of it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The moment.
    pub at: Instant,
    /// The instances, in the order of the file.
    pub instances: Vec<View>,
    /// The sync groups, in the order of the file.
    pub groups: Vec<GroupView>,
    /// The check scripts, by name.
    pub scripts: Vec<ScriptView>,
    /// The watched files, by name.
    pub files: Vec<FileView>,
    /// The watched processes, by name.
    pub processes: Vec<ProcessView>,
    /// The BFD sessions that are up.
    pub sessions_up: BTreeSet<Name>,
    /// The links, by number.
    pub links: Vec<LinkView>,
}

/// What can be seen of an instance from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its number over its life.
    pub id: InstanceId,
    /// Its configuration.
    pub config: Arc<config::Instance>,
    /// Its state.
    pub state: StateKind,
    /// The state that it would have without its sync group.
    pub wish: StateKind,
    /// Its effective priority.
    pub priority: Priority,
    /// What its own priority and all weights add up to, which may be no priority.
    pub total: i64,
    /// Why it cannot take part; empty when it can.
    pub faults: BTreeSet<FaultCause>,
    /// A check that could mean a fault has not answered yet.
    pub awaiting: bool,
    /// The address that it sends from.
    pub source: Option<IpAddr>,
    /// The last router that it took for the master.
    pub master: Option<(IpAddr, Priority)>,
    /// The interval that it counts with: of a backup its master's.
    pub interval: AdvertInterval,
    /// How long it would wait for a silent master.
    pub master_down: Duration,
    /// Since when it has its state.
    pub changed_at: Option<Instant>,
    /// When something is due next.
    pub deadline: Option<Instant>,
    /// Its newest order.
    pub generation: Generation,
    /// Its addresses are there: it is master, and the kernel had them once since it became that.
    pub holds: bool,
    /// Its counters.
    pub stats: Stats,
}

/// What can be seen of a sync group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    /// Its configuration.
    pub config: config::SyncGroup,
    /// The state that its members share.
    pub state: StateKind,
    /// How many members have a fault.
    pub faulty: usize,
    /// How many members wait for the first answer of a check.
    pub awaiting: usize,
}

/// What can be seen of a check script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptView {
    /// Its configuration.
    pub config: config::Script,
    /// What its results add up to; `None` before the first one.
    pub good: Option<bool>,
    /// Results in a row that say the opposite.
    pub doubts: u32,
    /// Whether it runs now.
    pub runs: bool,
}

/// What can be seen of a watched file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileView {
    /// Its configuration.
    pub config: config::TrackFile,
    /// What was read last; `None` until something was.
    pub value: Option<i32>,
}

/// What can be seen of a watched process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessView {
    /// Its configuration.
    pub config: config::TrackProcess,
    /// How many there are.
    pub count: u32,
    /// Whether that is enough, and not too many; `None` until somebody has counted.
    pub enough: Option<bool>,
    /// What has turned that, but does not count yet.
    pub waits_for: Option<Recount>,
}

/// What can be seen of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// The link, in the state that counts.
    pub link: Link,
    /// How long it has to be up until that counts.
    pub up_delay: Duration,
    /// How long it has to be down.
    pub down_delay: Duration,
    /// It has another state, which does not count yet.
    pub turning: bool,
    /// It has been up.
    pub seen_up: bool,
}

impl Router {
    /// What can be seen of the instances, in the order of the file.
    pub fn views(&self) -> impl Iterator<Item = View> {
        self.sequence.iter().map(|id| self.instances[id].view())
    }

    /// All that can be seen now.
    #[must_use]
    pub fn snapshot(&self, now: Instant) -> Snapshot {
        let mut links: Vec<_> = self.world.links.values().map(|one| self.link_view(one)).collect();
        links.sort_by_key(|view| view.link.index);
        Snapshot {
            at: now,
            instances: self.views().collect(),
            groups: self.groups.iter().map(|group| self.group_view(group)).collect(),
            scripts: self.world.scripts.values().map(|script| script.view()).collect(),
            files: self.world.files.values().map(File::view).collect(),
            processes: self.world.processes.values().map(Process::view).collect(),
            sessions_up: self.world.sessions_up.clone(),
            links,
        }
    }

    fn link_view(&self, link: &Link) -> LinkView {
        let debounce = &self.world.debounce;
        LinkView {
            link: link.clone(),
            up_delay: debounce.delay(&link.name, true),
            down_delay: debounce.delay(&link.name, false),
            turning: debounce.deadline(&link.name).is_some(),
            seen_up: debounce.has_been_up(&link.name),
        }
    }

    fn group_view(&self, group: &crate::sync_group::Group) -> GroupView {
        let members = || group.members.iter().map(|id| &self.instances[id].verdict);
        GroupView {
            config: group.config.clone(),
            state: group.state,
            faulty: members().filter(|verdict| !verdict.faults.is_empty()).count(),
            awaiting: members().filter(|verdict| verdict.awaiting).count(),
        }
    }
}

impl Instance {
    fn view(&self) -> View {
        View {
            id: self.id,
            config: self.config.clone(),
            state: self.kind(),
            wish: self.wish(),
            priority: self.priority(),
            total: self.verdict.total,
            faults: self.verdict.faults.clone(),
            awaiting: self.verdict.awaiting,
            source: self.verdict.source.map(|source| source.ip),
            master: self.master,
            interval: self.interval_in_use(),
            master_down: self.master_down(None),
            changed_at: self.changed_at,
            deadline: self.deadline(),
            generation: self.generation,
            holds: self.is_master() && self.settled >= self.master_since,
            stats: self.stats,
        }
    }

    /// `state MASTER` is a wish until another master is heard (compat 11 §4).
    fn wish(&self) -> StateKind {
        if self.verdict.awaiting || !self.verdict.faults.is_empty() {
            return StateKind::Fault;
        }
        let hopeful = self.config.initial == Initial::Master;
        match &self.state {
            State::Backup(backup) if backup.held => StateKind::Master,
            State::Backup(backup) if backup.following.is_none() && hopeful => StateKind::Master,
            State::Backup(_) | State::Fault => StateKind::Backup,
            State::Init | State::Master(_) | State::Stopped => self.kind(),
        }
    }
}
