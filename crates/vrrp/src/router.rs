//! All virtual routers of one daemon: finds the one that an input concerns, and knows when
//! something is due next.

mod links;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use net::{Family, LinkName};

use crate::advert;
use crate::agenda::Agenda;
use crate::config::{Config, Settings};
use crate::effect::{Effect, Endpoint, Facts, Input, OwnerId, Transmission};
use crate::event::{Event, What};
use crate::gate::Gate;
use crate::instance::{Cx, Instance, Wish};
use crate::notice::Told;
use crate::process::Process;
use crate::repeats::Repeats;
use crate::script::Script;
use crate::sources::Sources;
use crate::startup::Startup;
use crate::state::StateKind;
use crate::statics::Fixed;
use crate::stats::Stats;
use crate::sync_group::Group;
use crate::tracking::{self, World};
use crate::units::{Generation, InstanceId, Name};

/// How often one moment is looked at for what has just become due. What is left then is due at
/// once, and the driver calls again.
const PASSES: usize = 8;

/// How many adverts may be due at one moment. Masters that came to power together would send all
/// of theirs together for ever, and the last of thousands had to wait for all the others.
const CROWD: usize = 256;

/// Whatever has a deadline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// Comes first: whoever waits for it acts at the same moment.
    Startup,
    Instance(InstanceId),
    Script(Name),
    Process(Name),
    Link(LinkName),
}

/// The core. See the crate's documentation for how it is driven.
#[derive(Debug)]
pub struct Router {
    pub(crate) now: Instant,
    clock: Clock,
    pub(crate) wants_clock: bool,
    pub(crate) startup: Startup,
    pub(crate) settings: Settings,
    pub(crate) instances: BTreeMap<InstanceId, Instance>,
    /// The instances of the newest configuration, in its order.
    pub(crate) sequence: Vec<InstanceId>,
    pub(crate) groups: Vec<Group>,
    pub(crate) statics: Fixed,
    pub(crate) world: World,
    pub(crate) effects: VecDeque<Effect>,
    transmissions: VecDeque<Transmission>,
    pub(crate) agenda: Agenda<Slot>,
    pub(crate) next_id: u32,
    /// Instances by the number that adverts for them carry, and where these come in. What tells
    /// most of them apart comes first: this is searched for each packet.
    pub(crate) index: BTreeMap<(u8, Family, Gate), Vec<InstanceId>>,
    endpoints: Vec<Endpoint>,
    /// The endpoints have to be looked at again: links or instances have changed.
    pub(crate) endpoints_are_old: bool,
    pub(crate) phase: Phase,
    pub(crate) strays: Repeats<(Gate, Option<u8>)>,
    /// What was said of the addresses to send from.
    pub(crate) sources: Sources,
    /// When it was last said that masters were held up.
    pub(crate) held_up_at: Option<Instant>,
}

/// What a clock on the wall shows at some moment. Only trailers of adverts need it; a plain
/// [`Instant`] will do where there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The moment.
    pub at: Instant,
    /// The time since 1970 then (UTC).
    pub since_1970: Duration,
    /// The time since the boot then; only `vrrp_delay_after_boot` needs it.
    pub since_boot: Duration,
}

impl From<Instant> for Clock {
    fn from(at: Instant) -> Self {
        Self { at, since_1970: Duration::ZERO, since_boot: Duration::ZERO }
    }
}

impl Clock {
    fn time_at(self, now: Instant) -> Duration {
        self.since_1970 + now.saturating_duration_since(self.at)
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    Ready,
    Stopping,
    Stopped,
}

impl Router {
    /// Starts every instance of a configuration in the world as it is now.
    #[must_use]
    pub fn new(config: Config, facts: impl Into<Facts>, clock: impl Into<Clock>) -> Self {
        let clock = clock.into();
        let mut router = Self {
            now: clock.at,
            clock,
            wants_clock: false,
            startup: Startup::new(clock),
            settings: config.settings,
            instances: BTreeMap::new(),
            sequence: Vec::new(),
            groups: Vec::new(),
            statics: Fixed::default(),
            world: World::default(),
            effects: VecDeque::new(),
            transmissions: VecDeque::new(),
            agenda: Agenda::new(),
            next_id: 0,
            index: BTreeMap::new(),
            endpoints: Vec::new(),
            endpoints_are_old: true,
            phase: Phase::Starting,
            strays: Repeats::default(),
            sources: Sources::new(),
            held_up_at: None,
        };
        router.delay_start(&config.settings);
        let Facts { links, files, processes } = facts.into();
        links.into_iter().for_each(|link| router.on_link(link));
        router.look_around(&config, &files, &processes);
        router.reconfigure(config);
        router.finish();
        router
    }

    /// Takes in one input. Drain [`Self::poll_transmission`] and [`Self::poll_effect`] afterwards.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.now = now;
        match input {
            Input::Clock(since_1970) => self.clock = Clock { at: now, since_1970, ..self.clock },
            Input::Tick => self.on_tick(),
            Input::Timeout => self.on_timeout(),
            Input::Packet { gate, bytes } => self.on_packet(gate, bytes),
            Input::Link(link) => self.on_link(link),
            Input::LinkGone(name) => self.on_link_gone(&name),
            Input::ScriptEnded { script, run, outcome } => {
                let end = |script: &mut Script, fx: &mut _| script.on_end(run, outcome, fx);
                let changed = self.with_script(&script, end);
                self.reassess_if(changed);
            }
            Input::File { file, value } => self.on_file(&file, value),
            Input::Processes { process, count, why } => {
                let now = self.now;
                let step = |known: &mut Process, fx: &mut _| known.on_count(now, count, why, fx);
                let changed = self.with_process(&process, step);
                self.reassess_if(changed);
            }
            Input::Session { name, up } => self.on_session(&name, up),
            Input::Deaf(gates) => self.on_deaf(gates),
            Input::Settled { owner: OwnerId::Statics, generation } => {
                self.statics.on_settled(generation);
            }
            Input::Settled { owner: OwnerId::Instance(owner), generation } => {
                self.on_settled(owner, generation);
            }
            Input::Reconfigure(config) => self.on_reconfigure(*config),
            Input::ClearStatistics => self.clear_statistics(),
            Input::Stop => {
                self.on_stop(|instance, cx| instance.stop(cx, Some(Told::Stop)));
                self.statics.stop(&mut self.effects);
            }
            Input::Abandon => self.on_stop(Instance::abandon),
        }
        self.finish();
    }

    /// Whether [`Input::Clock`] makes a difference: some advert has a trailer.
    #[must_use]
    pub const fn wants_clock(&self) -> bool {
        self.wants_clock
    }

    /// Where to receive, when that has changed since the last call.
    pub fn poll_endpoints(&mut self) -> Option<&[Endpoint]> {
        if !std::mem::take(&mut self.endpoints_are_old) {
            return None;
        }
        let wanted = self.wanted_endpoints();
        let changed = wanted != self.endpoints;
        self.endpoints = wanted;
        changed.then_some(&self.endpoints)
    }

    /// The next packet to send. Drain this before [`Self::poll_effect`]: adverts come first.
    pub fn poll_transmission(&mut self) -> Option<Transmission> {
        self.transmissions.pop_front()
    }

    /// The next thing to do, in order.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Input::Timeout`] is wanted at the latest; only `handle` changes it.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.agenda.first()
    }

    /// Does something to one instance and notes its new deadline.
    pub(crate) fn with<R>(
        &mut self,
        id: InstanceId,
        step: impl FnOnce(&mut Instance, &mut Cx<'_>) -> R,
    ) -> Option<R> {
        let instance = self.instances.get_mut(&id)?;
        let mut cx = Cx {
            since_1970: self.clock.time_at(self.now),
            now: self.now,
            begin: self.startup.begin(self.now),
            effects: &mut self.effects,
            transmissions: &mut self.transmissions,
        };
        let result = step(instance, &mut cx);
        self.agenda.set(Slot::Instance(id), instance.deadline());
        Some(result)
    }

    /// Does something to one script and notes its new deadline.
    fn with_script(
        &mut self,
        name: &Name,
        step: impl FnOnce(&mut Script, &mut VecDeque<Effect>) -> bool,
    ) -> bool {
        let Some(script) = self.world.scripts.get_mut(name) else {
            return false;
        };
        let changed = step(script, &mut self.effects);
        self.agenda.set(Slot::Script(name.clone()), script.deadline());
        changed
    }

    /// Does something to one watched process and notes its new deadline.
    fn with_process(
        &mut self,
        name: &Name,
        step: impl FnOnce(&mut Process, &mut VecDeque<Effect>) -> bool,
    ) -> bool {
        let Some(process) = self.world.processes.get_mut(name) else {
            return false;
        };
        let changed = step(process, &mut self.effects);
        self.agenda.set(Slot::Process(name.clone()), process.deadline());
        changed
    }

    fn on_tick(&mut self) {
        let mut held_up = Vec::new();
        let mut due = Vec::new();
        for slot in self.agenda.due(self.now) {
            let Slot::Instance(id) = slot else { continue };
            let instance = &self.instances[&id];
            match instance.held_up(self.now) {
                Some(late) => held_up.push((id, late)),
                None if instance.is_master() => due.push(id),
                None => {}
            }
        }
        let crowds = due.len().div_ceil(CROWD);
        for (crowd, ids) in due.chunks(CROWD).enumerate() {
            for id in ids {
                self.with(*id, |instance, cx| instance.on_tick(cx, crowd, crowds));
            }
        }
        self.on_held_up(&held_up);
    }

    fn on_timeout(&mut self) {
        // One that is done may make another due at once: a failed check shortens a wait.
        for _ in 0..PASSES {
            let due = self.agenda.due(self.now);
            if due.is_empty() {
                return;
            }
            due.into_iter().for_each(|slot| self.on_due(slot));
        }
    }

    fn on_due(&mut self, slot: Slot) {
        let now = self.now;
        match slot {
            // An earlier one of the same moment may have moved this one's deadline.
            Slot::Instance(id) if self.instances[&id].deadline().is_some_and(|at| at <= now) => {
                let wish = self.with(id, Instance::on_timeout);
                self.grant(id, wish.unwrap_or(Wish::Nothing));
            }
            Slot::Instance(_) => {}
            Slot::Startup => self.on_started(),
            Slot::Script(name) => {
                let changed = self.with_script(&name, |script, fx| script.on_timeout(now, fx));
                self.reassess_if(changed);
            }
            Slot::Link(name) => self.on_link_due(&name),
            Slot::Process(name) => {
                let changed = self.with_process(&name, |process, fx| process.on_timeout(now, fx));
                self.reassess_if(changed);
            }
        }
    }

    fn on_packet(&mut self, gate: &Gate, bytes: &[u8]) {
        if self.startup.is_under_way() {
            return;
        }
        let Some(addressed) = advert::addressed(bytes) else {
            return self.on_short(gate, bytes);
        };
        let Some(id) = self.addressee(gate, addressed) else {
            return self.on_unknown(gate, addressed);
        };
        let wish = self.with(id, |instance, cx| instance.on_packet(cx, bytes));
        self.grant(id, wish.unwrap_or(Wish::Nothing));
    }

    fn grant(&mut self, id: InstanceId, wish: Wish) {
        match wish {
            Wish::Nothing => {}
            Wish::TakeOver => self.take_over(id),
            Wish::SteppedBack => self.stepped_back(id),
            Wish::HeardLower => self.heard_lower(id),
            Wish::HeardMaster(rival) => self.heard_master(id, rival),
        }
    }

    /// Each instance that tracks the session is told about by itself (compat 11 §7.8).
    fn on_session(&mut self, session: &Name, up: bool) {
        let known = &mut self.world.sessions_up;
        let news = if up { known.insert(session.clone()) } else { known.remove(session) };
        if !news || matches!(self.phase, Phase::Stopping | Phase::Stopped) {
            return;
        }
        for id in self.sequence.clone() {
            let group = self.group_of(id).map(|group| &self.groups[group].config);
            let tracked = tracking::sessions(&self.instances[&id].config, group);
            if tracked.iter().any(|tracked| tracked.object == *session) {
                let subject = self.instances[&id].config.name.clone();
                let what = What::SessionChanged { session: session.clone(), up };
                self.effects.push_back(Effect::Report(Event { subject, what }));
            }
        }
        self.reassess();
    }

    /// Who can neither hear nor speak must not take over.
    fn on_deaf(&mut self, gates: BTreeSet<Gate>) {
        if self.world.deaf != gates {
            self.world.deaf = gates;
            self.reassess();
        }
    }

    fn on_file(&mut self, name: &Name, value: i32) {
        if let Some(file) = self.world.files.get_mut(name)
            && file.value.replace(value) != Some(value)
        {
            self.reassess();
        }
    }

    fn reassess_if(&mut self, changed: bool) {
        if changed {
            self.reassess();
        }
    }

    /// Judges every instance anew.
    pub(crate) fn reassess(&mut self) {
        if matches!(self.phase, Phase::Stopping | Phase::Stopped) {
            return;
        }
        for id in self.sequence.clone() {
            let group = self.group_of(id).map(|group| &self.groups[group].config);
            let verdict = self.world.judge(&self.instances[&id].config, group);
            if verdict != self.instances[&id].verdict {
                self.with(id, |instance, cx| instance.set_verdict(cx, verdict));
            }
        }
        self.settle_faults();
    }

    fn on_settled(&mut self, owner: InstanceId, generation: Generation) {
        self.with(owner, |instance, cx| instance.on_settled(cx, generation));
        self.release_group_notices();
        let gone = |instance: &Instance| {
            instance.kind() == StateKind::Stop && instance.settled >= instance.generation
        };
        if self.phase != Phase::Stopping && !self.sequence.contains(&owner) {
            // A reload removed it: with its addresses gone, nothing of it is left.
            if self.instances.get(&owner).is_some_and(gone) {
                self.instances.remove(&owner);
                self.agenda.set(Slot::Instance(owner), None);
            }
        }
    }

    /// Whoever gives everything up does not take on anything new.
    fn on_reconfigure(&mut self, config: Config) {
        match self.phase {
            Phase::Starting | Phase::Ready => self.reconfigure(config),
            Phase::Stopping | Phase::Stopped => {}
        }
    }

    fn clear_statistics(&mut self) {
        for instance in self.instances.values_mut() {
            instance.stats = Stats::default();
        }
    }

    fn on_stop(&mut self, end: impl Fn(&mut Instance, &mut Cx<'_>)) {
        if matches!(self.phase, Phase::Stopping | Phase::Stopped) {
            return;
        }
        self.phase = Phase::Stopping;
        for name in self.world.scripts.keys().cloned().collect::<Vec<_>>() {
            self.with_script(&name, |script, fx| {
                script.stop(fx);
                false
            });
        }
        for id in self.sequence.clone() {
            self.with(id, &end);
        }
        for group in 0..self.groups.len() {
            self.tell_group(group, StateKind::Stop);
        }
    }

    /// What follows from every input: readiness, the end.
    fn finish(&mut self) {
        let settled = |instance: &Instance| {
            instance.generation > Generation::default() && instance.settled >= instance.generation
        };
        match self.phase {
            Phase::Starting
                if self.statics.is_settled()
                    && self.instances.values().all(|i| i.settled > Generation::default()) =>
            {
                self.phase = Phase::Ready;
                self.effects.push_back(Effect::Ready);
            }
            Phase::Stopping
                if self.statics.is_settled() && self.instances.values().all(settled) =>
            {
                self.phase = Phase::Stopped;
                self.effects.push_back(Effect::Stopped);
            }
            Phase::Starting | Phase::Ready | Phase::Stopping | Phase::Stopped => {}
        }
    }
}
