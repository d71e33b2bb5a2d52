//! How long a segment is without a master after a kill, seen on the wire. The bounds here only
//! catch what is badly wrong; speed is measured by the benchmark.

use std::time::Duration;

use testkit::lab::Program;

use crate::support::{
    LIMIT, Pair, SETTLED, alone_on_the_machine, pairings, under_test, with_each_pairing,
};

const VIP: &str = "192.0.2.50";

fn director(priority: u8, interval: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n  state BACKUP\n  interface eth0\n  virtual_router_id 51\n  \
         priority {priority}\n  version 3\n  advert_int {interval}\n  \
         virtual_ipaddress {{\n    {VIP}\n  }}\n}}\n"
    )
}

/// Kills a master of 10 ms adverts; its backup is due 36 ms after the last advert.
fn after_a_kill(master: &Program, backup: &Program) -> testkit::lab::Takeover {
    let pair = Pair::new("takeover");
    let (mut a, _b) =
        pair.start((master, &director(150, "0.01")), (backup, &director(100, "0.01")));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
    let killed = a.kill_9();
    let mut measured = None;
    pair.lab.wait_until("the address announced by b", LIMIT, || {
        measured = pair.capture.takeover("a", "b", killed, 1);
        measured.is_some()
    });
    measured.expect("the condition has held")
}

#[test]
fn a_killed_master_of_10_ms_adverts_is_replaced_within_the_time_the_protocol_gives() {
    let _machine = alone_on_the_machine();
    let mut pairs = pairings();
    pairs.push((under_test(), under_test()));
    for (master, backup) in pairs {
        let took = after_a_kill(&master, &backup);
        eprintln!("takeover from {master:?} by {backup:?}: {took:?}");
        assert!(took.silence > Duration::from_millis(30), "{took:?}");
        assert!(took.silence < Duration::from_millis(500), "{took:?}");
        assert!(took.last_announcement < Duration::from_secs(1), "{took:?}");
    }
}

#[test]
fn a_suspended_master_is_replaced_and_takes_back_when_it_wakes() {
    with_each_pairing(|master, backup| {
        let pair = Pair::new("suspended");
        let (worse, better) = (director(100, "0.1"), director(150, "0.1"));
        let (a, b) = pair.start((master, &better), (backup, &worse));
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
        a.pause();
        pair.lab.wait_until("b to take over", LIMIT, || pair.b.holds(VIP));
        a.resume();
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
        pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
        assert_eq!(b.log().count("Entering MASTER STATE"), 1, "{}", pair.lab.logs());
    });
}

#[test]
fn a_cut_segment_has_a_master_on_each_side_and_the_better_one_when_it_is_joined() {
    with_each_pairing(|master, backup| {
        let pair = Pair::new("cut");
        let (worse, better) = (director(100, "0.1"), director(150, "0.1"));
        let (a, _b) = pair.start((master, &better), (backup, &worse));
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
        pair.a.isolate();
        pair.lab.wait_until("b to take over", LIMIT, || pair.b.holds(VIP));
        assert!(pair.a.holds(VIP), "a cannot know that it is cut off");
        pair.a.rejoin();
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
        pair.insist_on(&pair.a, &pair.b, &[VIP], SETTLED);
        assert_eq!(a.log().count("Entering MASTER STATE"), 1, "{}", pair.lab.logs());
    });
}
