//! Which instances change state together (compat 11 §6).
//!
//! A *unit* is a sync group, or an instance outside of any. Everything here works on units, so
//! that an instance by itself is nothing special.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use crate::config;
use crate::effect::Effect;
use crate::event::{Event, What};
use crate::instance::{Cx, Instance, Obstacle, Rival};
use crate::notice::{Notice, Subject, Told};
use crate::router::Router;
use crate::state::StateKind;
use crate::units::{Generation, InstanceId};

/// A sync group and the state that its members share.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) config: config::SyncGroup,
    pub(crate) members: Vec<InstanceId>,
    pub(crate) state: StateKind,
    notify: Arc<config::Notify>,
    /// When its state was told last.
    told_at: Option<Instant>,
    /// Its members wait for something, and nobody has heard of its state.
    pub(crate) untold: bool,
    /// Notices that wait for members.
    pub(crate) waiting: VecDeque<(Vec<(InstanceId, Generation)>, Notice)>,
}

impl Group {
    pub(crate) fn new(config: config::SyncGroup, members: Vec<InstanceId>) -> Self {
        let notify = config.notify.clone().into();
        Self {
            config,
            members,
            state: StateKind::Init,
            notify,
            told_at: None,
            untold: false,
            waiting: VecDeque::new(),
        }
    }
}

impl Router {
    /// The members of the unit that an instance belongs to, itself first.
    fn unit(&self, id: InstanceId) -> Vec<InstanceId> {
        let others = self.group_of(id).map_or(&[][..], |group| &self.groups[group].members);
        std::iter::once(id).chain(others.iter().copied().filter(|other| *other != id)).collect()
    }

    pub(crate) fn group_of(&self, id: InstanceId) -> Option<usize> {
        self.groups.iter().position(|group| group.members.contains(&id))
    }

    /// A member's master fell silent: it takes over with all others, or is held back.
    pub(crate) fn take_over(&mut self, id: InstanceId) {
        let unit = self.unit(id);
        let group_is_master =
            self.group_of(id).is_none_or(|group| self.groups[group].state == StateKind::Master);
        let all_wish = unit[1..].iter().all(|other| self.instances[other].wishes_mastership());
        if !group_is_master && !all_wish {
            self.with(id, |instance, cx| instance.hold_back(cx.now));
            return;
        }
        self.each(&unit, StateKind::Master, |instance, cx| {
            if !instance.is_master() && !instance.verdict.mute {
                instance.become_master(cx);
            }
        });
    }

    /// A member stepped back behind a better master: the others follow without releasing.
    pub(crate) fn stepped_back(&mut self, id: InstanceId) {
        let unit = self.unit(id);
        self.each(&unit, StateKind::Backup, |instance, cx| {
            if instance.is_master() {
                let wait = instance.master_down(None);
                instance.become_backup(cx, wait);
            }
        });
    }

    /// A backup heard a master. Where its group is master, as a reload that adds it may have it, the
    /// group would be divided between two routers for as long as both are heard: it is settled as
    /// between two masters.
    pub(crate) fn heard_master(&mut self, id: InstanceId, rival: Rival) {
        let mut masters = self.groups.iter().filter(|group| group.state == StateKind::Master);
        if !masters.any(|group| group.members.contains(&id)) {
            return;
        }
        match rival {
            Rival::Better => self.stepped_back(id),
            Rival::Worse => self.take_over(id),
            Rival::Ourselves => {}
        }
    }

    /// A member heard a router of lower priority: the others announce as well.
    pub(crate) fn heard_lower(&mut self, id: InstanceId) {
        for other in self.unit(id).into_iter().skip(1) {
            self.with(other, |instance, cx| instance.announce_to_lower(cx));
        }
    }

    /// Faults came or went: units with an obstacle are in FAULT, the others are not.
    pub(crate) fn settle_faults(&mut self) {
        for unit in self.units() {
            match self.obstacle(&unit) {
                (Obstacle::None, _) => self.recover(&unit),
                (Obstacle::Fault, cause) => self.fail(cause),
                // Whoever runs goes on until the first result: a reload may have added the check.
                (Obstacle::Awaiting, _) => {}
            }
        }
    }

    /// What keeps a unit from taking part, and the member that it comes from.
    fn obstacle(&self, unit: &[InstanceId]) -> (Obstacle, InstanceId) {
        let verdict = |id: &InstanceId| &self.instances[id].verdict;
        let faulty = unit.iter().find(|id| !verdict(id).faults.is_empty());
        let awaiting = unit.iter().find(|id| verdict(id).awaiting);
        match (faulty, awaiting) {
            (Some(id), _) => (Obstacle::Fault, *id),
            (None, Some(id)) => (Obstacle::Awaiting, *id),
            (None, None) => (Obstacle::None, unit[0]),
        }
    }

    fn fail(&mut self, cause: InstanceId) {
        let unit = self.unit(cause);
        let runs = |id: &InstanceId| {
            matches!(self.instances[id].kind(), StateKind::Backup | StateKind::Master)
        };
        if unit.iter().any(runs) {
            self.each(&unit, StateKind::Fault, |instance, cx| {
                if matches!(instance.kind(), StateKind::Backup | StateKind::Master) {
                    instance.become_fault(cx);
                }
            });
        }
        for id in unit {
            self.with(id, |instance, cx| instance.tell_fault(cx));
        }
    }

    fn recover(&mut self, unit: &[InstanceId]) {
        if unit.iter().any(|id| self.instances[id].kind() == StateKind::Fault) {
            self.each(unit, StateKind::Backup, |instance, cx| {
                if instance.kind() == StateKind::Fault {
                    instance.recover(cx);
                }
            });
        }
    }

    /// Starts every instance that is new. A group's first state is told before its members'.
    pub(crate) fn start_new(&mut self) {
        for unit in self.units() {
            let (obstacle, cause) = self.obstacle(&unit);
            let at_once = |id: &InstanceId| self.instances[id].is_master_at_once();
            let mute = |id: &InstanceId| self.instances[id].verdict.mute;
            if obstacle == Obstacle::None && unit.iter().all(at_once) {
                if self.startup.is_under_way() || unit.iter().any(mute) {
                    self.start_masters_later(&unit);
                } else {
                    self.start_masters(&unit);
                }
            }
            if obstacle == Obstacle::Fault {
                self.report_faults_at_start(&unit, cause);
            }
            if let Some(group) = self.group_of(unit[0])
                && self.groups[group].state == StateKind::Init
            {
                self.start_group(group, obstacle);
            }
            for id in &unit {
                if self.instances[id].kind() == StateKind::Init {
                    self.with(*id, |instance, cx| instance.start(cx, obstacle));
                }
            }
        }
    }

    /// Why a unit begins in FAULT: the reasons of its members, then whose reason its group shares.
    fn report_faults_at_start(&mut self, unit: &[InstanceId], cause: InstanceId) {
        for id in unit {
            if self.instances[id].kind() == StateKind::Init {
                self.with(*id, |instance, cx| instance.report_faults(cx));
            }
        }
        if let Some(group) = self.group_of(cause).map(|group| &self.groups[group])
            && group.state == StateKind::Init
        {
            let subject = group.config.name.clone();
            let what = What::GroupStartsInFault(self.instances[&cause].config.name.clone());
            self.effects.push_back(Effect::Report(Event { subject, what }));
        }
    }

    /// Address owners do not wait, if all of their unit are (compat 11 §4.2 and §6).
    fn start_masters(&mut self, unit: &[InstanceId]) {
        if unit.iter().any(|id| self.instances[id].kind() == StateKind::Init) {
            self.each(unit, StateKind::Master, |instance, cx| {
                if instance.kind() == StateKind::Init {
                    instance.become_master(cx);
                }
            });
        }
    }

    /// The same while nobody acts yet, or one of them could not be heard.
    fn start_masters_later(&mut self, unit: &[InstanceId]) {
        for id in unit {
            if self.instances[id].kind() == StateKind::Init {
                self.with(*id, |instance, cx| instance.start_later(cx));
            }
        }
        if let Some(group) = self.group_of(unit[0])
            && self.groups[group].state == StateKind::Init
        {
            self.groups[group].state = StateKind::Backup;
            self.groups[group].untold = true;
        }
    }

    /// The first state of a group: that of its members, who share one from now on.
    fn start_group(&mut self, group: usize, obstacle: Obstacle) {
        let members = self.groups[group].members.clone();
        if members.iter().all(|id| self.instances[id].is_master()) {
            self.groups[group].state = StateKind::Master;
            return;
        }
        match obstacle {
            Obstacle::None => self.tell_group(group, StateKind::Backup),
            Obstacle::Awaiting => {
                self.groups[group].state = StateKind::Fault;
                self.groups[group].untold = true;
            }
            Obstacle::Fault => self.tell_group(group, StateKind::Fault),
        }
        for id in members {
            // Only a reload that groups a master with a backup comes here: it lets go, so that
            // all of them are masters on the same router.
            self.with(id, |instance, cx| {
                if instance.is_master() {
                    instance.let_go(cx);
                }
            });
        }
    }

    /// All units, in the order of the file.
    fn units(&self) -> Vec<Vec<InstanceId>> {
        let leads =
            |id: &InstanceId| self.group_of(*id).is_none_or(|g| self.groups[g].members[0] == *id);
        self.sequence.iter().filter(|id| leads(id)).map(|id| self.unit(*id)).collect()
    }

    /// Moves a unit: the member that caused it first, then a line about the group, then the rest.
    fn each(
        &mut self,
        unit: &[InstanceId],
        state: StateKind,
        step: impl Fn(&mut Instance, &mut Cx<'_>),
    ) {
        let group = self.group_of(unit[0]);
        for (position, id) in unit.iter().enumerate() {
            self.with(*id, &step);
            if position == 0
                && let Some(group) = group
                && self.groups[group].state != state
            {
                let subject = self.groups[group].config.name.clone();
                let what = What::GroupFollows(state);
                self.effects.push_back(Effect::Report(Event { subject, what }));
            }
        }
        if let Some(group) = group
            && self.groups[group].state != state
        {
            self.tell_group(group, state);
        }
    }

    /// A new state of a group: told after all its members' own notices.
    pub(crate) fn tell_group(&mut self, group: usize, state: StateKind) {
        self.groups[group].state = state;
        self.groups[group].told_at = Some(self.now);
        self.groups[group].untold = false;
        self.hold_group_notice(group, false);
    }

    /// Tells every state again that is not told at this moment anyway: groups first, as with
    /// keepalived. What nobody has heard yet is not told early.
    pub(crate) fn tell_again(&mut self) {
        for group in 0..self.groups.len() {
            let Group { state, told_at, untold, .. } = self.groups[group];
            if state != StateKind::Init && !untold && told_at != Some(self.now) {
                self.hold_group_notice(group, true);
            }
        }
        for id in self.sequence.clone() {
            self.with(id, Instance::tell_again);
        }
    }

    fn hold_group_notice(&mut self, group: usize, again: bool) {
        let needs = self.groups[group].members.iter();
        let needs = needs.map(|id| (*id, self.instances[id].generation)).collect();
        let group = &mut self.groups[group];
        let notice = Notice {
            subject: Subject::Group(group.config.name.clone()),
            state: match group.state {
                StateKind::Master => Told::Master,
                StateKind::Backup => Told::Backup,
                StateKind::Fault | StateKind::Init => Told::Fault,
                StateKind::Stop => Told::Stop,
            },
            priority: 0,
            notify: group.notify.clone(),
            again,
        };
        group.waiting.push_back((needs, notice));
        self.release_group_notices();
    }

    /// Tells what no longer waits for a member.
    pub(crate) fn release_group_notices(&mut self) {
        let settled = |(id, generation): &(InstanceId, Generation)| {
            self.instances.get(id).is_none_or(|instance| instance.settled >= *generation)
        };
        for group in &mut self.groups {
            while group.waiting.front().is_some_and(|(needs, _)| needs.iter().all(settled)) {
                if let Some((_, notice)) = group.waiting.pop_front() {
                    self.effects.push_back(Effect::Notify(notice));
                }
            }
        }
    }
}
