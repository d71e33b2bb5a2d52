//! Hundreds of seeds: links of every quality, reloads, restarts and held-up drivers.

use std::time::Duration;

use fastrand::Rng;

use super::link::{A, B, Link, Weather, millis, session};
use crate::config::Session;

const SEEDS: u64 = 300;

fn any_session(rng: &mut Rng, neighbor: &str) -> Session {
    let mut some = |choices: &[u64]| millis(choices[rng.usize(..choices.len())]);
    let min_rx = some(&[5, 10, 50, 200, 700, 2_500]);
    let min_tx = some(&[5, 10, 50, 200, 700, 2_500]);
    let idle_tx = some(&[1_000, 1_000, 3_000]);
    let multiplier = rng.u8(2..=6);
    Session { min_rx, min_tx, idle_tx, multiplier, ..session(neighbor) }
}

/// In order, nothing lost; delays vary by less than the shortest interval.
fn fair(rng: &mut Rng) -> Weather {
    let (delay, more) = (millis(rng.u64(0..200)), millis(rng.u64(0..5)));
    Weather { lost: 0, doubled: 200, delay, more, reorders: false }
}

fn foul(rng: &mut Rng) -> Weather {
    let (delay, more) = (millis(rng.u64(0..50)), millis(rng.u64(0..100)));
    let (lost, reorders) = (rng.u32(0..500), rng.bool());
    Weather { lost, doubled: rng.u32(0..200), delay, more, reorders }
}

fn any_link(seed: u64) -> Link {
    let mut rng = Rng::with_seed(seed);
    let (a, b) = (any_session(&mut rng, B), any_session(&mut rng, A));
    Link::new(seed, a, b)
}

#[test]
fn without_loss_a_session_goes_up_once_and_stays_up() {
    for seed in 0..SEEDS {
        let mut link = any_link(seed);
        link.weather = fair(&mut link.rng);
        link.run(Duration::from_secs(40));
        link.expect_up();
        for end in &link.ends {
            assert_eq!(end.ups_and_downs(), [false, true], "seed {seed}: {:#?}", end.lines);
        }
    }
}

#[test]
fn without_loss_no_reload_of_intervals_moves_a_session() {
    for seed in 0..SEEDS {
        let mut link = any_link(seed);
        link.weather = fair(&mut link.rng);
        link.run(Duration::from_secs(20));
        for _ in 0..20 {
            let at = link.rng.usize(0..2);
            let new = any_session(&mut link.rng, [B, A][at]);
            link.reload(at, new);
            let pause = link.rng.u64(0..2_000);
            link.run(millis(pause));
        }
        link.run(Duration::from_secs(20));
        link.expect_up();
        for end in &link.ends {
            assert!(end.told[1..].iter().all(|(_, up)| *up), "seed {seed}: {:#?}", end.lines);
        }
    }
}

#[test]
fn silence_is_noticed_within_the_detection_time_and_not_earlier() {
    for seed in 0..SEEDS {
        let mut link = any_link(seed);
        link.weather = fair(&mut link.rng);
        link.run(Duration::from_secs(30));
        let slowest = link.weather.delay + link.weather.more;
        let (cut, fair) = (link.now, link.weather);
        link.weather.lost = 1_000;
        link.run(Duration::from_secs(30));
        for end in &link.ends {
            let view = end.view();
            let (at, up) = *end.told.last().unwrap();
            assert!(!up, "seed {seed}");
            let line = end.lines.iter().rfind(|line| line.contains("Expired after")).unwrap();
            let within: u64 = line.split(' ').nth(3).unwrap().parse().unwrap();
            assert_eq!(at, view.last_heard.unwrap() + millis(within), "seed {seed}");
            assert!(at <= cut + slowest + millis(within), "seed {seed}");
            assert_eq!(view.remote_discriminator, None);
        }
        link.weather = fair;
        link.run(Duration::from_secs(40));
        link.expect_up();
        for end in &link.ends {
            assert_eq!(end.ups_and_downs(), [false, true, false, true], "seed {seed}");
        }
    }
}

#[test]
fn whatever_the_link_does_it_is_up_again_when_the_link_is_good() {
    for seed in 0..SEEDS {
        let mut link = any_link(seed);
        for _ in 0..15 {
            link.weather = foul(&mut link.rng);
            let (at, what) = (link.rng.usize(0..2), link.rng.u32(0..4));
            let new = any_session(&mut link.rng, [B, A][at]);
            match what {
                0 => link.reload(at, new),
                1 => link.restart(at, new),
                2 => {
                    let pause = millis(link.rng.u64(0..5_000));
                    link.ends[at].paused_until = Some(link.now + pause);
                }
                _ => {}
            }
            let time = link.rng.u64(0..6_000);
            link.run(millis(time));
        }
        link.weather = fair(&mut link.rng);
        link.run(Duration::from_secs(60));
        link.expect_up();
        for end in &link.ends {
            assert!(end.told.last().unwrap().1, "seed {seed}");
        }
    }
}

#[test]
fn a_driver_that_is_held_up_reads_what_it_got_before_it_calls_anybody_dead() {
    for seed in 0..SEEDS {
        // The other end is patient: 20 × 50 ms. The one that is held up is not: 3 × 50 ms.
        let patient = Session { multiplier: 20, ..session(B) };
        let mut link = Link::new(seed, patient, session(A));
        link.weather.delay = millis(2);
        link.run(millis(3_000));
        for _ in 0..20 {
            let pause = link.rng.u64(0..900);
            link.ends[0].paused_until = Some(link.now + millis(pause));
            link.run(millis(1_000));
        }
        for end in &link.ends {
            assert_eq!(end.ups_and_downs(), [false, true], "seed {seed}: {:#?}", end.lines);
        }
    }
}
