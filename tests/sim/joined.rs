//! Segments that fall apart and are joined again: each part had a master that announced the
//! addresses, so whoever stays master has to announce them once more.

use std::time::Duration;

use fastrand::Rng;
use testkit::segment::{Faults, Segment, router_on};

/// Longer than any wait for a silent master, and than any announcement that was owed.
const LONG: Duration = Duration::from_secs(12);
/// Long enough for every router to have sent two adverts.
const MEETING: Duration = Duration::from_millis(2_200);

/// Two to five routers at one advert a second, settled on one master.
fn settled(seed: u64, random: &mut Rng) -> Segment {
    let count = random.u8(2..=5);
    let plans = (0..count).map(|position| {
        let priority = random.choice([90, 100, 100, 200]).expect("a choice");
        router_on(position).with_instance(51, priority, 100)
    });
    let mut segment = Segment::new(seed, plans.collect(), Faults::NONE);
    segment.advance(LONG);
    assert_eq!(segment.masters(0).len(), 1, "seed {seed}");
    segment
}

fn announced(segment: &Segment) -> Vec<u64> {
    segment.nodes.iter().map(|node| node.announced(0)).collect()
}

#[test]
fn the_winner_announces_again_whoever_is_heard_first() {
    crate::for_every_seed(|seed| {
        let mut random = Rng::with_seed(seed);
        let mut segment = settled(seed, &mut random);
        // The master on one side, at least one other on the other.
        let first = segment.masters(0)[0];
        let others = (0..segment.nodes.len()).filter(|at| *at != first);
        let mut island: Vec<usize> = others.filter(|_| random.bool()).collect();
        if island.is_empty() {
            island.push((first + 1) % segment.nodes.len());
        }
        segment.set_faults(Faults { island, ..Faults::NONE });
        segment.advance(LONG + Duration::from_millis(random.u64(0..1_000)));
        assert_eq!(segment.masters(0).len(), 2, "seed {seed}");

        let before = announced(&segment);
        segment.set_faults(Faults::NONE);
        segment.advance(MEETING);
        let masters = segment.masters(0);
        assert_eq!(masters.len(), 1, "seed {seed}");
        let winner = masters[0];
        assert_eq!(winner, first, "seed {seed}");
        assert!(announced(&segment)[winner] > before[winner], "seed {seed}: {winner} is silent");
    });
}

/// An ordinary return is no such meeting: whoever comes back announces as a new master does, and
/// once more after its delay.
#[test]
fn a_return_after_a_farewell_takes_no_more_announcements_than_it_ever_did() {
    let plans = [100, 200]
        .iter()
        .zip(0..)
        .map(|(priority, position)| router_on(position).with_instance(51, *priority, 100));
    let mut segment = Segment::new(1, plans.collect(), Faults::NONE);
    segment.advance(LONG);
    segment.stop(1);
    segment.advance(LONG);
    assert_eq!(segment.masters(0), [0]);
    segment.start(1);
    segment.advance(LONG);
    assert_eq!(segment.masters(0), [1]);
    assert_eq!(segment.nodes[1].announced(0), 2);
}
