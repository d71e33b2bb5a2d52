//! A thousand addresses in one instance at 10 ms adverts and detailed logging: adverts must not
//! wait for addresses, announcements or log lines. The original is known to fail this (both ends
//! become master in turn), so the assertions about flapping are for ours only.

use std::collections::HashSet;
use std::env;
use std::time::Duration;

use crate::support::{LIMIT, Pair, alone_on_the_machine, under_test};

const ADDRESSES: usize = 1_000;

/// How long the pair is watched: `LAB_WATCH_SECONDS`, else short enough for every run.
fn watch_time() -> Duration {
    let seconds = env::var("LAB_WATCH_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(5))
}

fn addresses() -> Vec<String> {
    (0..ADDRESSES).map(|n| format!("10.99.{}.{}", n / 250, n % 250 + 1)).collect()
}

/// A real-time priority, as everybody has it who takes over within 36 ms: what is shown is what
/// the daemon does to itself, not what other programs leave it of the processors.
///
/// One address in the advert, the rest excluded from it: a packet has room for 255 at most.
fn director(priority: u8) -> String {
    let addresses = addresses();
    format!(
        "global_defs {{\n  vrrp_rt_priority 50\n}}\n\
         vrrp_instance VI_1 {{\n  state BACKUP\n  interface eth0\n  virtual_router_id 51\n  \
         priority {priority}\n  version 3\n  advert_int 0.01\n  \
         virtual_ipaddress {{\n    {}\n  }}\n  virtual_ipaddress_excluded {{\n    {}\n  }}\n}}\n",
        addresses[0],
        addresses[1..].join("\n    ")
    )
}

fn held(host: &testkit::lab::Host) -> usize {
    let wanted: HashSet<String> = addresses().into_iter().collect();
    let addresses = host.addresses();
    addresses.iter().filter(|address| wanted.contains(&address.ip.to_string())).count()
}

#[test]
fn a_thousand_addresses_at_10_ms_adverts_are_all_announced_and_never_flap() {
    let _machine = alone_on_the_machine();
    let pair = Pair::new("thousand");
    let mut a = pair.a.daemon(&under_test()).start(&director(150));
    pair.lab.wait_until("a to announce all", LIMIT, || pair.capture.announced_by("a") == ADDRESSES);
    pair.lab.wait_until("a to hold all", LIMIT, || held(&pair.a) == ADDRESSES);
    let b = pair.b.daemon(&under_test()).start(&director(100));
    b.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
    std::thread::sleep(watch_time());
    let masters = b.log().count("Entering MASTER STATE");
    if under_test().is_ours() {
        assert_eq!((masters, held(&pair.b)), (0, 0), "it flaps\n{}", pair.lab.logs());
        assert_eq!(a.log().count("Entering MASTER STATE"), 1);
    } else {
        eprintln!("the original's backup became master {masters} times");
    }
    let killed = a.kill_9();
    let mut measured = None;
    pair.lab.wait_until("b to announce all", LIMIT, || {
        measured = pair.capture.takeover("a", "b", killed, ADDRESSES);
        measured.is_some()
    });
    eprintln!("takeover of {ADDRESSES} addresses: {measured:?}");
    pair.lab.wait_until("b to hold all", LIMIT, || held(&pair.b) == ADDRESSES);
}
