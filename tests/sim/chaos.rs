//! Everything at once, from a seed: loss, delay, duplication, kills, stops, pauses, islands,
//! failing checks, reloads, late and repeated orders. After it ends there is one master within its
//! bound, no stray address, and every router starts and stops in good order.

use std::time::Duration;

use testkit::segment::{Faults, Plan, Segment, router_on};
use vrrp::config::{Command, Config, Preemption, Script, Tracked};
use vrrp::{Name, Priority, StateKind, Weight};

use crate::group::grouped;

/// What one seed sets up.
struct Scene {
    plans: Vec<Plan>,
    interval: Duration,
    instances: usize,
    every_router_preempts: bool,
}

fn scene(random: &mut fastrand::Rng) -> Scene {
    let centis = random.choice([1, 5, 10, 100]).expect("a choice");
    let instances = random.usize(1..=3);
    let together = instances > 1 && random.bool();
    let every_router_preempts = random.bool();
    let routers = random.u8(2..=5);
    let interval = Duration::from_millis(u64::from(centis) * 10);
    let plans = (0..routers).map(|position| {
        let priority = random.u8(1..=254);
        let vrids = 1..=u8::try_from(instances).expect("few instances");
        let plan = vrids.fold(router_on(position), |plan, vrid| {
            let own = if together { priority } else { random.u8(1..=254) };
            plan.with_instance(vrid, own, centis)
        });
        let preemption = match random.u8(0..3) {
            _ if every_router_preempts => Preemption::Immediate,
            0 => Preemption::Immediate,
            1 => Preemption::Never,
            _ => Preemption::Delayed(Duration::from_millis(random.u64(1..5_000))),
        };
        let plan = plan.each(|instance| instance.preemption = preemption);
        let plan = if random.bool() { checked(plan, random, interval) } else { plan };
        if together { grouped(plan) } else { plan }
    });
    let plans = plans.collect();
    Scene { plans, interval, instances, every_router_preempts }
}

/// Adds a check that all instances track, as a fault or with a weight.
fn checked(plan: Plan, random: &mut fastrand::Rng, interval: Duration) -> Plan {
    let weight = if random.bool() { 0 } else { random.i16(-60..60) };
    let tracked = Tracked {
        object: Name::new("chk"),
        weight: Weight::new(weight).expect("a weight"),
        reverse: false,
    };
    let mut plan = plan.each(|instance| instance.tracked_scripts.push(tracked.clone()));
    plan.config.scripts.push(Script {
        name: Name::new("chk"),
        command: Command { argv: vec!["/chk".to_owned()], uid: 0, gid: 0 },
        interval: interval * 3,
        timeout: interval * 3,
        rise: random.u32(1..3),
        fall: random.u32(1..3),
        fails_at_start: false,
    });
    plan
}

/// What an operator may make of a configuration while it runs.
fn variant(plan: &Plan, random: &mut fastrand::Rng) -> Config {
    let mut config = plan.config.clone();
    for instance in &mut config.instances {
        if random.bool() {
            instance.priority = Priority::new(random.u8(1..=254)).expect("a priority");
        }
        if random.bool() {
            instance.name = Name::new(&format!("renamed {}", instance.name));
        }
        if random.bool() {
            instance.addresses[0].address.prefix = 24;
        }
    }
    if random.bool() {
        config.groups.clear();
        config.instances.truncate(random.usize(1..=config.instances.len()));
    }
    for script in &mut config.scripts {
        script.fall = random.u32(1..4);
    }
    config
}

fn faults(random: &mut fastrand::Rng, interval: Duration, routers: usize) -> Faults {
    let island = (0..routers).filter(|_| random.u8(0..4) == 0).collect();
    Faults {
        loss: random.f64() * 0.4,
        duplication: random.f64() * 0.2,
        delay: interval.mul_f64(random.f64()),
        order_delay: interval.mul_f64(random.f64() * 8.0),
        repeat_order: random.f64() * 0.5,
        script_failure: random.f64() * 0.5,
        island,
    }
}

/// One random mishap, or the end of one.
fn mishap(segment: &mut Segment, random: &mut fastrand::Rng, scene: &Scene) {
    let routers = segment.nodes.len();
    let at = random.usize(0..routers);
    match random.u8(0..9) {
        6 => segment.stop(at),
        7 => segment.reload(at, variant(&scene.plans[at], random)),
        8 => segment.reload(at, scene.plans[at].config.clone()),
        0 => segment.kill(at),
        1 => segment.start(at),
        2 => segment.pause(at),
        3 => segment.resume(at),
        4 => segment.set_link(at, random.bool()),
        _ => segment.set_faults(faults(random, scene.interval, routers)),
    }
}

fn end_faults(segment: &mut Segment, scene: &Scene) {
    segment.set_faults(Faults::NONE);
    for at in 0..segment.nodes.len() {
        segment.resume(at);
        segment.set_link(at, true);
        if !segment.nodes[at].is_alive() || segment.nodes[at].state(0) == Some(StateKind::Stop) {
            segment.start(at);
        }
        segment.reload(at, scene.plans[at].config.clone());
    }
}

/// The longest that any router waits for silence, and what preemption may add.
fn bound(scene: &Scene) -> Duration {
    let configs = scene.plans.iter().flat_map(|plan| &plan.config.instances);
    let waits = configs.map(|config| {
        let skew = vrrp::skew(config.version, config.priority, config.advert_interval);
        config.advert_interval.duration() * 3 + skew
    });
    // Members of a group may hold each other back for one more wait.
    waits.max().unwrap_or_default() * 2 + scene.interval * 2 + Duration::from_millis(10)
}

fn run(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let scene = scene(&mut random);
    let start = faults(&mut random, scene.interval, scene.plans.len());
    let mut segment = Segment::new(seed, scene.plans.clone(), start);
    for _ in 0..random.usize(5..40) {
        segment.advance(scene.interval.mul_f64(random.f64() * 6.0));
        mishap(&mut segment, &mut random, &scene);
    }
    end_faults(&mut segment, &scene);
    // Checks that failed need their rises first.
    segment.advance(scene.interval * 10);
    segment.advance(bound(&scene));
    one_master_each(&mut segment, &scene, seed);
    // Delayed preemptions and handovers included, it stays so.
    segment.advance(bound(&scene) * 2 + Duration::from_secs(6));
    one_master_each(&mut segment, &scene, seed);
    best_is_master(&segment, &scene, seed);
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

/// During a handover there are two masters for as long as a packet travels, no longer.
fn one_master_each(segment: &mut Segment, scene: &Scene, seed: u64) {
    let crowded = |segment: &Segment| (0..scene.instances).any(|i| segment.masters(i).len() != 1);
    if crowded(segment) {
        segment.advance(Duration::from_millis(2));
    }
    for instance in 0..scene.instances {
        let masters = segment.masters(instance);
        assert_eq!(masters.len(), 1, "seed {seed}: masters of instance {instance}: {masters:?}");
    }
}

fn best_is_master(segment: &Segment, scene: &Scene, seed: u64) {
    if !scene.every_router_preempts {
        return;
    }
    for instance in 0..scene.instances {
        // Every check succeeds by now: positive weights count, negative ones do not.
        let priority = |plan: &Plan| {
            let config = &plan.config.instances[instance];
            let weights = config.tracked_scripts.iter().map(|t| i32::from(t.weight.number()));
            (i32::from(config.priority.number()) + weights.map(|w| w.max(0)).sum::<i32>()).min(254)
        };
        let best = scene.plans.iter().map(priority).max();
        let master = segment.masters(instance)[0];
        let its = priority(&scene.plans[master]);
        assert_eq!(Some(its), best, "seed {seed}: instance {instance} is at router {master}");
    }
}

#[test]
fn after_any_chaos_there_is_one_master_and_no_stray_address() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if let Some(seed) = number("SIM_SEED") {
        return run(seed);
    }
    for seed in 0..number("SIM_SEEDS").unwrap_or(1_000) {
        run(seed);
    }
}
