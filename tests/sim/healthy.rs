//! A segment on which every packet arrives. Routers are killed, started, stopped, paused and
//! reloaded, checks and cables fail, and at no moment has a virtual router two masters for longer
//! than a packet travels, nor none while somebody waits who could be it.

use std::time::Duration;

use testkit::segment::{Faults, Segment};

use crate::chaos::{Scene, settles, variant};
use crate::objects;
use crate::random::link_name;
use crate::watch::Watch;

/// A packet takes at most 150 µs here, and its answer as long again.
const MEETING: Duration = Duration::from_micros(350);

fn mishap(segment: &mut Segment, random: &mut fastrand::Rng, scene: &Scene) {
    let at = random.usize(0..segment.nodes.len());
    match random.u8(0..11) {
        0 => segment.kill(at),
        1 | 2 => segment.start(at),
        3 => segment.stop(at),
        4 => segment.pause(at),
        5 => segment.resume(at),
        6 => segment.set_link(at, &link_name(random.u8(0..2)), random.bool()),
        8 | 9 => objects::mishap(segment, at, random),
        7 => segment.set_clock(at, ahead(segment)),
        _ => segment.reload(at, variant(&scene.plans[at], random)),
    }
}

/// Clocks are a little wrong everywhere, and set forward only: a router that is started again with
/// its clock put back is taken for a replay until that has caught up.
fn ahead(segment: &Segment) -> i64 {
    i64::try_from(segment.elapsed().as_millis() / 2).map_or(2_000, |half| half.min(2_000))
}

fn run(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let scene = Scene::new(seed, &mut random);
    let faults = Faults {
        script_failure: random.f64() * 0.3,
        order_delay: scene.interval().mul_f64(random.f64() * 8.0),
        repeat_order: random.f64() * 0.5,
        ..Faults::NONE
    };
    let mut segment = Segment::new(seed, scene.plans.clone(), faults);
    let mut watch = Watch::new(seed, MEETING, scene.bound() * 2);
    for _ in 0..random.usize(5..40) {
        let time = scene.interval().mul_f64(random.f64() * 12.0);
        watch.over(&mut segment, time);
        mishap(&mut segment, &mut random, &scene);
        watch.look(&segment);
    }
    settles(&mut segment, &scene);
}

#[test]
fn on_a_healthy_segment_two_masters_meet_only_for_as_long_as_a_packet_travels() {
    crate::for_every_seed(run);
}
