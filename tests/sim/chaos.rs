//! Everything at once, from a seed: loss, delay, duplication, kills, stops, pauses, islands,
//! one-way links, wrong clocks, failing checks and links, reloads to other configurations, late
//! and repeated orders. After it ends there is one master within its bound, the best one, nobody
//! moves any more, no address is astray, and every router starts and stops in good order.

use std::time::Duration;

use testkit::segment::{Faults, Plan, Segment};
use vrrp::config::{Authentication, Initial, Instance, Preemption};
use vrrp::{AdvertInterval, Name, Priority, StateKind};

use crate::objects;
use crate::random::{Deployment, link_name};
use crate::watch::Watch;

/// A handover takes as long as a packet travels.
const HANDOVER: Duration = Duration::from_millis(1);
const LONGEST_PREEMPT_DELAY: Duration = Duration::from_secs(5);

/// What one seed sets up.
pub(crate) struct Scene {
    pub(crate) seed: u64,
    pub(crate) deployment: Deployment,
    pub(crate) plans: Vec<Plan>,
    /// Every router takes over from a worse one, sooner or later.
    preempts: bool,
}

impl Scene {
    pub(crate) fn new(seed: u64, random: &mut fastrand::Rng) -> Self {
        let deployment = Deployment::random(random);
        let delay = Duration::from_millis(random.u64(1..5_000));
        let choices: [&[Preemption]; 3] = [
            &[Preemption::Immediate],
            &[Preemption::Immediate, Preemption::Delayed(delay)],
            &[Preemption::Immediate, Preemption::Delayed(delay), Preemption::Never],
        ];
        let choice = random.usize(0..choices.len());
        let plan = |position| deployment.router(random, position, choices[choice]);
        let mut plans: Vec<_> = (0..deployment.routers).map(plan).collect();
        if random.u8(0..4) == 0 {
            make_owner(&mut plans[0]);
        }
        Self { seed, deployment, plans, preempts: choice < 2 }
    }

    pub(crate) fn interval(&self) -> Duration {
        self.deployment.interval()
    }

    /// The longest that any router waits for silence. Members of a group may hold each other back
    /// for one more wait.
    pub(crate) fn bound(&self) -> Duration {
        self.deployment.longest_wait() * 2 + self.interval() * 2 + Duration::from_millis(10)
    }
}

/// Gives a router the addresses for its own.
fn make_owner(plan: &mut Plan) {
    for instance in &mut plan.config.instances {
        instance.priority = Priority::OWNER;
        // Under AH nobody is master before he has heard the newest number.
        if !matches!(instance.authentication, Authentication::Ah(_)) {
            instance.initial = Initial::Master;
        }
        instance.preemption = Preemption::Immediate;
    }
}

/// What an operator may change without anybody on the segment taking it for another virtual
/// router.
pub(crate) fn variant(plan: &Plan, random: &mut fastrand::Rng) -> vrrp::config::Config {
    let mut config = plan.config.clone();
    let renamed = |name: &Name| Name::new(&format!("renamed {name}"));
    let (rename, priority) = (random.bool(), random.u8(1..=254));
    for instance in &mut config.instances {
        if random.bool() && instance.priority != Priority::OWNER {
            instance.priority = Priority::new(priority).expect("a priority");
        }
        if rename {
            instance.name = renamed(&instance.name);
        }
        if random.bool() {
            instance.addresses[0].address.prefix = 24;
        }
        if random.bool() {
            instance.excluded.clear();
        }
    }
    for name in config.groups.iter_mut().flat_map(|group| &mut group.members) {
        if rename {
            *name = renamed(name);
        }
    }
    for script in &mut config.scripts {
        script.fall = random.u32(1..4);
    }
    if random.bool() {
        objects::vary(&mut config, random);
    }
    config
}

/// Another file altogether, or a part of this one.
fn other(scene: &Scene, at: usize, random: &mut fastrand::Rng) -> vrrp::config::Config {
    if random.bool() {
        let another = scene.deployment.another(random);
        let position = u8::try_from(at).expect("few routers");
        return another.config(random, position, &[Preemption::Immediate, Preemption::Never]);
    }
    let mut config = variant(&scene.plans[at], random);
    config.groups.clear();
    config.instances.truncate(random.usize(1..=config.instances.len()));
    for instance in &mut config.instances {
        slower(instance, random);
    }
    config
}

fn slower(instance: &mut Instance, random: &mut fastrand::Rng) {
    if random.bool() && instance.version == vrrp::Version::V3 {
        let centis = instance.advert_interval.centis().div_ceil(2);
        instance.advert_interval = AdvertInterval::from_centis(centis).expect("an interval");
    }
}

fn faults(random: &mut fastrand::Rng, interval: Duration, routers: usize) -> Faults {
    let island = (0..routers).filter(|_| random.u8(0..4) == 0).collect();
    let pairs = (0..routers).flat_map(|from| (0..routers).map(move |to| (from, to)));
    Faults {
        loss: random.f64() * 0.4,
        duplication: random.f64() * 0.2,
        delay: interval.mul_f64(random.f64()),
        order_delay: interval.mul_f64(random.f64() * 8.0),
        repeat_order: random.f64() * 0.5,
        script_failure: random.f64() * 0.5,
        island,
        unheard: pairs.filter(|_| random.u8(0..8) == 0).collect(),
    }
}

/// One random mishap, or the end of one.
fn mishap(segment: &mut Segment, random: &mut fastrand::Rng, scene: &Scene) {
    let routers = segment.nodes.len();
    let at = random.usize(0..routers);
    match random.u8(0..14) {
        0 => segment.kill(at),
        1 => segment.start(at),
        2 => segment.pause(at),
        3 => segment.resume(at),
        4 => segment.set_link(at, &link_name(random.u8(0..2)), random.bool()),
        5 => segment.stop(at),
        6 => segment.reload(at, variant(&scene.plans[at], random)),
        7 => segment.reload(at, other(scene, at, random)),
        8 => segment.reload(at, scene.plans[at].config.clone()),
        9 => segment.set_clock(at, random.i64(-20_000..20_000)),
        10 | 11 => objects::mishap(segment, at, random),
        _ => segment.set_faults(faults(random, scene.interval(), routers)),
    }
}

/// Everything is as it should be again, and every router has its own configuration.
pub(crate) fn end_mishaps(segment: &mut Segment, scene: &Scene) {
    segment.set_faults(Faults::NONE);
    for at in 0..segment.nodes.len() {
        segment.resume(at);
        segment.set_clock(at, 0);
        objects::mend(segment, at);
        for number in 0..2 {
            segment.set_link(at, &link_name(number), true);
        }
        if !segment.nodes[at].is_alive() || segment.nodes[at].state(0) == Some(StateKind::Stop) {
            segment.start(at);
        }
        segment.reload(at, scene.plans[at].config.clone());
    }
}

fn run(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let scene = Scene::new(seed, &mut random);
    let start = faults(&mut random, scene.interval(), scene.plans.len());
    let mut segment = Segment::new(seed, scene.plans.clone(), start);
    for _ in 0..random.usize(5..40) {
        segment.advance(scene.interval().mul_f64(random.f64() * 6.0));
        mishap(&mut segment, &mut random, &scene);
    }
    settles(&mut segment, &scene);
}

/// What must come of it once the mishaps are over.
pub(crate) fn settles(segment: &mut Segment, scene: &Scene) {
    let seed = scene.seed;
    end_mishaps(segment, scene);
    // Checks that failed need their rises first, and numbers of wrong clocks have to be forgotten.
    segment.advance(scene.interval() * 10);
    if scene.deployment.tells_time() {
        segment.advance(Duration::from_secs(6));
    }
    segment.advance(scene.bound());
    let mut watch = Watch::new(seed, HANDOVER, HANDOVER);
    watch.over(segment, scene.bound() * 2 + LONGEST_PREEMPT_DELAY);
    nobody_moves(segment, scene, &mut watch);
    best_is_master(segment, scene);
    segment.advance(Duration::from_millis(10));
    for (at, node) in segment.nodes.iter().enumerate() {
        assert_eq!(node.kernel(), node.wanted(), "seed {seed}: addresses of router {at}");
        assert!(node.ready, "seed {seed}: router {at} never became ready");
    }
    for at in 0..segment.nodes.len() {
        segment.stop(at);
        segment.advance(Duration::from_millis(10));
        let node = &segment.nodes[at];
        assert!(node.stopped, "seed {seed}: router {at} never stopped");
        assert!(node.kernel().is_empty(), "seed {seed}: router {at} left addresses behind");
    }
}

/// Where nothing happens, nothing changes.
fn nobody_moves(segment: &mut Segment, scene: &Scene, watch: &mut Watch) {
    let seed = scene.seed;
    let told =
        |segment: &Segment| segment.nodes.iter().map(|node| node.told.len()).collect::<Vec<_>>();
    let before = told(segment);
    watch.over(segment, scene.bound() * 2);
    assert_eq!(told(segment), before, "seed {seed}: somebody moved");
    for instance in 0..scene.deployment.size() {
        let masters = segment.masters(instance);
        assert_eq!(masters.len(), 1, "seed {seed}: masters of instance {instance}: {masters:?}");
    }
}

fn best_is_master(segment: &Segment, scene: &Scene) {
    if !scene.preempts {
        return;
    }
    let seed = scene.seed;
    for at in 0..scene.deployment.size() {
        let best = scene.plans.iter().map(|plan| of_good_days(&plan.config.instances[at])).max();
        let master = segment.masters(at)[0];
        let its = of_good_days(&scene.plans[master].config.instances[at]);
        assert_eq!(Some(its), best, "seed {seed}: instance {at} is at router {master}");
    }
}

/// The priority while everything is up: positive weights count, negative ones do not.
fn of_good_days(config: &Instance) -> i32 {
    if config.priority == Priority::OWNER {
        return 255;
    }
    let scripts = config.tracked_scripts.iter().map(|tracked| tracked.weight.number());
    let links = config.tracked_links.iter().map(|tracked| tracked.weight.number());
    let sum: i32 = scripts.chain(links).map(|weight| i32::from(weight.max(0))).sum();
    (i32::from(config.priority.number()) + sum + objects::worth(&config.watched)).clamp(1, 254)
}

#[test]
fn after_any_chaos_there_is_one_master_and_no_stray_address() {
    crate::for_every_seed(run);
}
