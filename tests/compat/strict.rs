//! `strict_mode` and `vrrp_strict`: what they set right, as the log says and the segment sees.

use testkit::lab::Forged;

use crate::support::{Alone, LIMIT, instance};

const VIP: &str = "192.0.2.51";
/// Three intervals and the skew, in milliseconds: what a wait takes that cannot be shortened.
const WAIT: u128 = 3_600;

fn strict(more: &str) -> String {
    instance("VI_1", 51, VIP, &format!("strict_mode\n  version 3\n  advert_int 1\n  {more}"))
}

/// The pauses between the adverts of `a`, in milliseconds.
fn pauses(scene: &Alone) -> Vec<u128> {
    let seen = scene.capture.adverts_from("a");
    let pause = |pair: &[testkit::lab::Advert]| {
        pair[1].origin.at.duration_since(pair[0].origin.at).unwrap_or_default().as_millis()
    };
    seen.windows(2).map(pause).collect()
}

#[test]
fn a_strict_master_neither_answers_a_worse_router_nor_announces_again() {
    for (label, globals) in
        [("strict-own", ""), ("strict-all", "global_defs {\n  vrrp_strict\n}\n")]
    {
        let scene = Alone::new(label);
        let b = scene.lab.host("b", "192.0.2.2/24");
        let mut configuration = strict("garp_master_delay 0\n  garp_lower_prio_repeat 3");
        if !globals.is_empty() {
            configuration = format!("{globals}{}", configuration.replace("strict_mode\n", "\n"));
        }
        let daemon = scene.start_master(&configuration, VIP);
        daemon.wait_for_log("(VI_1) Strict mode requires no repeat garps. resetting", LIMIT);
        let count = || scene.capture.adverts_from("a").len();
        let before = count();
        scene.lab.wait_until("an advert", LIMIT, || count() > before);
        b.forge(&Forged { interval: 100, ..Forged::v3("192.0.2.2", 51, 50, VIP) });
        daemon.wait_for_log("with lower priority 50, ours 100", LIMIT);
        let before = count();
        scene.lab.wait_until("three more adverts", LIMIT, || count() >= before + 3);
        let pauses = pauses(&scene);
        assert!(pauses.iter().all(|pause| *pause > 700), "{pauses:?}");
        assert_eq!(scene.capture.announcements_of(VIP).len(), 5);
    }
}

#[test]
fn a_strict_router_waits_its_full_time_whatever_else_it_is_told() {
    let scene = Alone::new("strict-wait");
    let start = std::time::Instant::now();
    let daemon = scene.start_master(&strict("down_timer_adverts 1\n  state MASTER"), VIP);
    let waited = start.elapsed().as_millis();
    assert!(waited >= WAIT, "{waited} ms");
    for line in ["(VI_1) State MASTER must match being address owner", "(VI_1) down_timer_advert"] {
        assert!(daemon.log().has(line), "{line}: {}", scene.lab.logs());
    }
}

#[test]
fn a_strict_router_of_version_2_does_not_authenticate() {
    let scene = Alone::new("strict-auth");
    let pass = "authentication {\n    auth_type PASS\n    auth_pass secret12\n  }";
    let configuration =
        instance("VI_1", 51, VIP, &format!("strict_mode\n  version 2\n  advert_int 1\n  {pass}"));
    let daemon = scene.start_master(&configuration, VIP);
    let advert = &scene.capture.adverts_from("a")[0];
    assert_eq!(advert.vrrp[4], 0, "no authentication");
    assert_eq!(advert.vrrp[12..], [0; 8]);
    assert!(daemon.log().has("(VI_1) Strict mode does not support authentication. Ignoring."));
}

/// Of version 2, where others are told that an address would be sensible.
#[test]
fn a_strict_router_without_an_address_does_not_start() {
    let scene = Alone::new("strict-empty");
    let empty = "strict_mode\n  version 2\n  advert_int 1";
    let daemon = scene.start(&instance("VI_1", 51, "", empty));
    daemon.wait_for_log("(VI_1) No VIP specified; at least one is required", LIMIT);
    std::thread::sleep(std::time::Duration::from_millis(4_500));
    assert!(scene.capture.adverts().is_empty(), "{}", scene.lab.logs());
}
