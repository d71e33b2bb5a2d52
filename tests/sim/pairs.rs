//! Reloads from one random configuration to another, thousands of them: what is the same virtual
//! router lives on, and everything else is as if the daemon had been started with the new file.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use fastrand::Rng;
use net::Family;
use testkit::segment::{Faults, Node, Plan, Segment, router_on};
use vrrp::config::{Cast, Config, Instance, Preemption};
use vrrp::{Clock, Effect, Gate, Input, Name, Router, ScriptOutcome, StateKind, View, Vrid};

use crate::objects;
use crate::random::Deployment;

/// One after the other for each seed.
const RELOADS: usize = 4;
const AT_ONCE: [Preemption; 1] = [Preemption::Immediate];
/// Longer than a check script or the network manager takes.
const MOMENT: Duration = Duration::from_millis(25);

/// What makes two instances the same virtual router.
#[derive(PartialEq, Eq)]
struct Identity {
    vrid: Vrid,
    family: Family,
    gate: Gate,
    group: Option<IpAddr>,
    source: Option<IpAddr>,
}

fn identity(of: &Instance) -> Identity {
    let (group, source) = match &of.cast {
        Cast::Multicast { group } => (Some(*group), None),
        Cast::Unicast { .. } => (None, of.seat.source()),
    };
    Identity { vrid: of.vrid, family: of.family, gate: of.seat.gate(), group, source }
}

/// The router at position 0, which is reloaded, and others that run the first deployment.
fn company(seed: u64, random: &mut Rng, deployment: &Deployment, others: u8) -> Segment {
    let plans = (0..=others).map(|position| deployment.router(random, position, &AT_ONCE));
    let mut segment = Segment::new(seed, plans.collect(), Faults::NONE);
    for at in 0..segment.nodes.len() {
        objects::mend(&mut segment, at);
    }
    segment
}

fn seen(node: &Node) -> Vec<View> {
    node.instances().collect()
}

/// Whether a router with this configuration was told of it already.
fn is_known(input: &Input<'_>, known: &Config, new: &Config) -> bool {
    let Input::File { file, .. } = input else {
        return true;
    };
    let path = |of: &Config| {
        let found = of.files.iter().find(|one| one.name == *file);
        found.map(|one| one.path.clone())
    };
    path(known) == path(new)
}

/// A daemon that is started now, and hears at once what the reloaded one knew already.
fn fresh(node: &Node, config: &Config, known: &Config, now: Instant) -> Vec<View> {
    let since_1970 = Duration::from_secs(1_800_000_000);
    let clock = Clock { since_1970, ..Clock::from(now) };
    let mut router = Router::new(config.clone(), router_on(0).links, clock);
    for input in node.look(config).into_iter().filter(|input| is_known(input, known, config)) {
        router.handle(now, input);
    }
    router.handle(now, Input::Timeout);
    while let Some(effect) = router.poll_effect() {
        if let Effect::Run { script, run, .. } = effect
            && known.scripts.iter().any(|one| one.name == script)
        {
            let outcome = ScriptOutcome::Exited(0);
            router.handle(now, Input::ScriptEnded { script, run, outcome });
        }
    }
    router.views().collect()
}

/// Members of groups move together, so one alone says nothing about the others.
fn is_grouped(config: &Config, name: &Name) -> bool {
    config.groups.iter().any(|group| group.members.contains(name))
}

/// One reload of the router at position 0, between two looks.
struct Reload<'a> {
    label: String,
    now: Instant,
    old: &'a Config,
    new: &'a Config,
    before: Vec<View>,
    after: Vec<View>,
    fresh: Vec<View>,
}

impl Reload<'_> {
    fn check(&self) {
        assert_eq!(self.after.len(), self.new.instances.len(), "{}", self.label);
        for (view, fresh) in self.after.iter().zip(&self.fresh) {
            let config = &*view.config;
            let label = format!("{}: {}", self.label, config.name);
            assert_eq!(view.priority, fresh.priority, "{label}");
            let same = |old: &&View| identity(&old.config) == identity(config);
            match self.before.iter().find(same) {
                None => self.is_new(&label, view, fresh),
                Some(old) if !self.concerns_a_group(&old.config, config) => {
                    self.lives_on(&label, old, view, fresh);
                }
                Some(old) => assert_eq!(old.id, view.id, "{label}"),
            }
        }
    }

    fn concerns_a_group(&self, old: &Instance, new: &Instance) -> bool {
        is_grouped(self.old, &old.name) || is_grouped(self.new, &new.name)
    }

    fn is_new(&self, label: &str, view: &View, fresh: &View) {
        assert_eq!(view.stats.advert_rcvd, 0, "{label}");
        if !is_grouped(self.new, &view.config.name) {
            assert_eq!((view.state, view.deadline), (fresh.state, fresh.deadline), "{label}");
        }
    }

    fn lives_on(&self, label: &str, old: &View, view: &View, fresh: &View) {
        assert_eq!(old.id, view.id, "{label}");
        assert!(view.stats.advert_sent >= old.stats.advert_sent, "{label}");
        let interval = view.config.advert_interval;
        // Whoever runs goes on until a check that is new has answered.
        let goes_on = fresh.awaiting && fresh.faults.is_empty();
        match (old.state, view.state) {
            (StateKind::Master, StateKind::Master) => {
                let next = self.now + interval.duration();
                assert!(view.deadline.is_some_and(|at| at > self.now && at <= next), "{label}");
            }
            (StateKind::Backup, StateKind::Backup)
                if old.config.advert_interval != interval && !goes_on =>
            {
                assert_eq!(view.deadline, fresh.deadline, "{label}");
            }
            (StateKind::Backup, StateKind::Backup) => {
                let latest = self.now + old.master_down.max(view.master_down);
                assert!(view.deadline.is_some_and(|at| at >= self.now && at <= latest), "{label}");
            }
            (StateKind::Fault, StateKind::Backup) => {
                assert_eq!(view.deadline, fresh.deadline, "{label}");
            }
            (_, StateKind::Fault) => assert_eq!(fresh.state, StateKind::Fault, "{label}"),
            (from, to) => panic!("{label}: from {from} to {to}"),
        }
        if old.config == view.config && old.priority == view.priority && old.state == view.state {
            assert_eq!(old, view, "{label}");
        }
    }
}

fn reload(seed: u64, segment: &mut Segment, old: &Config, new: &Config) {
    let before = seen(&segment.nodes[0]);
    let held: BTreeSet<IpAddr> = segment.nodes[0].kernel().into_iter().collect();
    let removals = segment.nodes[0].removals();
    segment.reload(0, new.clone());
    let after = seen(&segment.nodes[0]);
    let now = segment.now();
    let fresh = fresh(&segment.nodes[0], new, old, now);
    Reload { label: format!("seed {seed}"), now, old, new, before, after, fresh }.check();
    if segment.nodes.len() == 1 {
        // What is held before and after is there all the time.
        segment.advance(Duration::from_millis(3));
        let wanted = segment.nodes[0].wanted();
        let gone = held.iter().filter(|ip| !wanted.contains(ip)).count();
        assert_eq!(segment.nodes[0].removals() - removals, gone, "seed {seed}");
        let kernel = segment.nodes[0].kernel();
        let kept = held.iter().filter(|ip| wanted.contains(ip));
        assert!(kept.into_iter().all(|ip| kernel.contains(ip)), "seed {seed}");
    }
}

fn in_company(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let first = Deployment::random(&mut random);
    let others = if random.bool() { 0 } else { first.routers - 1 };
    let mut segment = company(seed, &mut random, &first, others);
    let mut deployment = first;
    for _ in 0..RELOADS {
        for _ in 0..random.u8(0..4) {
            objects::mishap(&mut segment, 0, &mut random);
        }
        let settled = MOMENT + objects::delay(deployment.interval());
        segment.advance(settled + deployment.longest_wait().mul_f64(random.f64() * 3.0));
        let old = segment.nodes[0].config().clone();
        deployment = deployment.another(&mut random);
        let new = deployment.config(&mut random, 0, &AT_ONCE);
        reload(seed, &mut segment, &old, &new);
    }
}

/// The newest adverts, but for what a clock or a counter gave them.
fn adverts(node: &Node) -> Vec<(usize, Vec<u8>)> {
    const BEFORE_THE_CHECKSUM: usize = 6;
    const PRIORITY: usize = 2;
    let newest = node.adverts.values().filter(|advert| advert[PRIORITY] > 0);
    newest.map(|advert| (advert.len(), advert[..BEFORE_THE_CHECKSUM].to_vec())).collect()
}

/// What a router is in the end: states, priorities, addresses, sockets, and what it says.
fn outcome(segment: &Segment) -> impl PartialEq + std::fmt::Debug {
    let node = &segment.nodes[0];
    let views = node.instances();
    let states: Vec<_> =
        views.map(|view| (view.config.name.clone(), view.state, view.priority)).collect();
    (states, node.kernel(), node.endpoints.clone(), adverts(node))
}

fn in_the_end(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let first = Deployment::random(&mut random);
    let mut segment = company(seed, &mut random, &first, 0);
    segment.advance(MOMENT + first.longest_wait().mul_f64(random.f64() * 3.0));
    let second = first.another(&mut random);
    let plan = second.router(&mut random, 0, &AT_ONCE);
    segment.reload(0, plan.config.clone());
    let mut other = Segment::new(seed, vec![plan], Faults::NONE);
    objects::mend(&mut other, 0);
    let long = (first.longest_wait() + second.longest_wait() + first.interval()) * 4 + MOMENT;
    for segment in [&mut segment, &mut other] {
        segment.advance(long);
    }
    assert_eq!(outcome(&segment), outcome(&other), "seed {seed}");
}

/// Two virtual routers that are alike but for their numbers.
fn swapped(config: &Config) -> Option<Config> {
    let like = |a: &Instance, b: &Instance| {
        let kind = |of: &Instance| std::mem::discriminant(&of.cast);
        a.seat == b.seat && a.family == b.family && kind(a) == kind(b)
    };
    let count = config.instances.len();
    let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b)));
    let mut fitting = pairs.filter(|(a, b)| like(&config.instances[*a], &config.instances[*b]));
    let (a, b) = fitting.next()?;
    let mut config = config.clone();
    let (first, second) = (config.instances[a].vrid, config.instances[b].vrid);
    (config.instances[a].vrid, config.instances[b].vrid) = (second, first);
    Some(config)
}

fn with_swapped_numbers(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let deployment = Deployment::random(&mut random);
    let mut plan: Plan = deployment.router(&mut random, 0, &AT_ONCE);
    let Some(new) = swapped(&plan.config) else {
        return;
    };
    plan.config.groups.clear();
    let mut segment = Segment::new(seed, vec![plan], Faults::NONE);
    objects::mend(&mut segment, 0);
    segment.advance(deployment.longest_wait() * 2 + MOMENT);
    let held = segment.nodes[0].kernel();
    assert!(!held.is_empty(), "seed {seed}");
    segment.reload(0, Config { groups: Vec::new(), ..new });
    segment.advance(deployment.longest_wait());
    assert_eq!(segment.nodes[0].kernel(), held, "seed {seed}");
    assert_eq!(segment.nodes[0].removals(), 0, "seed {seed}");
    assert!(segment.nodes[0].instances().all(|view| view.state == StateKind::Master));
}

fn of_nothing(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let deployment = Deployment::random(&mut random);
    let mut segment = company(seed, &mut random, &deployment, deployment.routers - 1);
    segment.advance(deployment.longest_wait().mul_f64(random.f64() * 3.0));
    for _ in 0..random.u8(0..4) {
        objects::mishap(&mut segment, 0, &mut random);
    }
    let before = (seen(&segment.nodes[0]), segment.nodes[0].effects);
    let config = segment.nodes[0].config().clone();
    segment.reload(0, config);
    assert_eq!((seen(&segment.nodes[0]), segment.nodes[0].effects), before, "seed {seed}");
}

#[test]
fn what_lives_on_keeps_its_state_and_what_is_new_begins_as_at_a_start() {
    crate::for_every_seed(in_company);
}

#[test]
fn in_the_end_a_reload_is_a_start_with_the_new_file() {
    crate::for_every_seed(in_the_end);
}

#[test]
fn routers_that_swap_their_numbers_hold_their_addresses_all_the_time() {
    crate::for_every_seed(with_swapped_numbers);
}

#[test]
fn a_reload_of_the_same_has_no_effect_whatever_the_state() {
    crate::for_every_seed(of_nothing);
}
