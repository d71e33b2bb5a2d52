//! Ours beside the original, each as master and as backup, in every form in which pairs are run:
//! election, a settled time without a flap, handover at a stop, return, and takeover after a kill.

mod form;

use std::time::Duration;

use crate::support::{LIMIT, Pair, SETTLED, holds_all, holds_none, with_each_pairing};
use form::{Form, VIP, whole_matrix};

const OTHER_VIP: &str = "198.51.100.50";
const V3: &str = "version 3\n  advert_int 0.1";
const PASS: &str = "advert_int 1\n  authentication {\n    auth_type PASS\n    auth_pass 1111\n  }";
const AH: &str = "advert_int 1\n  authentication {\n    auth_type AH\n    auth_pass 1111\n  }";

#[test]
fn a_v2_multicast_pair_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v2", "advert_int 1").lives();
}

#[test]
fn a_pair_with_a_password_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-pass", PASS).lives();
}

#[test]
fn a_unicast_pair_with_a_password_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-pass-unicast", PASS).unicast().lives_in_the_matrix();
}

#[test]
fn a_v2_unicast_pair_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v2-unicast", "advert_int 1").unicast().lives();
}

#[test]
fn a_v3_multicast_pair_at_100_ms_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v3", V3).lives();
}

#[test]
fn a_v3_unicast_pair_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v3-unicast", V3).unicast().lives();
}

#[test]
fn a_pair_under_ah_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-ah", AH).lives();
}

#[test]
fn a_unicast_pair_under_ah_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-ah-unicast", AH).unicast().lives_in_the_matrix();
}

/// Only the original's half has an interface.
#[test]
fn a_unicast_pair_of_which_ours_has_no_interface_elects_hands_over_and_survives_a_kill() {
    Form::new("interop-anywhere", V3).anywhere().lives();
    Form::new("interop-anywhere-ah", AH).anywhere().lives_in_the_matrix();
    Form::new("interop-anywhere-v6", V3).anywhere().over_v6().lives_in_the_matrix();
}

#[test]
fn an_ipv6_pair_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v6", V3).over_v6().lives();
}

#[test]
fn an_ipv6_unicast_pair_elects_hands_over_returns_and_survives_a_kill() {
    Form::new("interop-v6-unicast", V3).unicast().over_v6().lives();
}

#[test]
fn an_address_owner_is_master_whenever_it_is_there() {
    Form::new("interop-owner", V3).with_priorities(255, 100).lives();
    let v2 = Form::new("interop-owner-v2", "advert_int 1");
    for form in [v2, Form::new("interop-owner-v6", V3).over_v6()] {
        form.with_priorities(255, 100).lives_in_the_matrix();
    }
}

/// The slower master would be dead five times over if its backup did not learn its pace.
#[test]
fn a_v3_backup_learns_the_interval_of_a_slower_master() {
    let slow = "version 3\n  advert_int 1.5";
    Form::new("interop-paces", slow).against(V3).lives();
    Form::new("interop-paces-turned", V3).against(slow).lives_in_the_matrix();
    Form::new("interop-paces-unicast", slow).against(V3).unicast().lives_in_the_matrix();
    Form::new("interop-paces-v6", slow).against(V3).over_v6().lives_in_the_matrix();
}

#[test]
fn sixty_addresses_move_together() {
    Form::new("interop-60", V3).with_addresses(60).lives();
    Form::new("interop-60-v2", PASS).with_addresses(60).lives_in_the_matrix();
    Form::new("interop-60-unicast", V3).unicast().with_addresses(60).lives_in_the_matrix();
    Form::new("interop-60-v6", V3).over_v6().with_addresses(60).lives_in_the_matrix();
}

/// Whoever is there stays; of two masters the one with the higher address does.
fn decided_by_address(form: &Form) {
    let form = form.clone().with_priorities(100, 100);
    let vips = form.vips();
    with_each_pairing(|first, second| {
        let (pair, mut a, mut b) = form.start(first, second);
        pair.a.isolate();
        pair.lab.wait_until("b to be alone", LIMIT, || holds_all(&pair.b, &vips));
        pair.a.rejoin();
        pair.wait_until_on(&pair.b, &pair.a, &vips);
        pair.insist_on(&pair.b, &pair.a, &vips, SETTLED);
        assert!(b.stop().success());
        pair.wait_until_on(&pair.a, &pair.b, &vips);
        let mut b = pair.b.daemon(second).start(&form.worse(second));
        b.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
        pair.insist_on(&pair.a, &pair.b, &vips, SETTLED);
        a.kill_9();
        pair.lab.wait_until("b to take over", LIMIT, || holds_all(&pair.b, &vips));
        assert!(b.stop().success());
    });
}

#[test]
fn between_equal_priorities_the_higher_address_wins_and_whoever_is_master_stays() {
    decided_by_address(&Form::new("interop-equal", V3));
    for form in [
        Form::new("interop-equal-v2", "advert_int 1"),
        Form::new("interop-equal-ah", AH),
        Form::new("interop-equal-unicast", V3).unicast(),
        Form::new("interop-equal-v6", V3).over_v6(),
    ] {
        if whole_matrix("interop-equal in other forms") {
            decided_by_address(&form);
        }
    }
}

/// The better one returns, and waits for its time.
fn delayed(form: &Form) {
    let vips = form.vips();
    with_each_pairing(|master, backup| {
        let (pair, mut a, _b) = form.start(master, backup);
        assert!(a.stop().success());
        pair.wait_until_on(&pair.b, &pair.a, &vips);
        let mut a = pair.a.daemon(master).start(&form.better(master));
        a.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
        pair.insist_on(&pair.b, &pair.a, &vips, Duration::from_secs(4));
        pair.wait_until_on(&pair.a, &pair.b, &vips);
        pair.insist_on(&pair.a, &pair.b, &vips, SETTLED);
        a.kill_9();
        pair.lab.wait_until("b to take over", LIMIT, || holds_all(&pair.b, &vips));
        let _a = pair.a.daemon(master).start(&form.better(master));
        pair.wait_until_on(&pair.a, &pair.b, &vips);
    });
}

#[test]
fn with_preempt_delay_the_better_router_takes_back_when_its_time_has_come() {
    let with = |lines: &str| format!("{lines}\n  preempt_delay 6");
    delayed(&Form::new("interop-delay", &with(V3)));
    if whole_matrix("interop-delay in other forms") {
        delayed(&Form::new("interop-delay-v2", &with(PASS)));
        delayed(&Form::new("interop-delay-v6", &with(V3)).unicast().over_v6());
    }
}

#[test]
fn with_nopreempt_the_better_router_stays_backup_until_the_other_dies() {
    let form = Form::new("interop-nopreempt", &format!("{V3}\n  nopreempt"));
    with_each_pairing(|master, backup| {
        let (pair, mut a, mut b) = form.start(master, backup);
        assert!(a.stop().success());
        pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
        let a = pair.a.daemon(master).start(&form.better(master));
        a.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
        pair.insist_on(&pair.b, &pair.a, &[VIP], SETTLED);
        b.kill_9();
        pair.lab.wait_until("a to take over", LIMIT, || pair.a.holds(VIP));
        let _b = pair.b.daemon(backup).start(&form.worse(backup));
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    });
}

/// Two instances on two links that may only be master together.
fn grouped(priority: u8) -> String {
    let instance = |name: &str, link: &str, vrid: u8, ip: &str| {
        format!(
            "vrrp_instance {name} {{\n  state BACKUP\n  interface {link}\n  \
             virtual_router_id {vrid}\n  priority {priority}\n  version 3\n  advert_int 0.1\n  \
             virtual_ipaddress {{\n    {ip}\n  }}\n}}\n"
        )
    };
    let group = "vrrp_sync_group G1 {\n  group {\n    VI_1\n    VI_2\n  }\n}\n";
    let first = instance("VI_1", "eth0", 51, VIP);
    format!("{group}{first}{}", instance("VI_2", "eth1", 52, OTHER_VIP))
}

#[test]
fn a_sync_group_moves_as_one_when_one_of_its_links_fails_and_comes_back() {
    with_each_pairing(|master, backup| {
        let pair = Pair::new("interop-group");
        pair.a.add_link("eth1", "198.51.100.1/24");
        pair.b.add_link("eth1", "198.51.100.2/24");
        let both = [VIP, OTHER_VIP];
        let (mut a, mut b) = pair.start((master, &grouped(150)), (backup, &grouped(100)));
        pair.wait_until_on(&pair.a, &pair.b, &both);
        pair.insist_on(&pair.a, &pair.b, &both, SETTLED);
        pair.a.unplug_link("eth1");
        pair.wait_until_on(&pair.b, &pair.a, &both);
        pair.a.plug_link("eth1");
        pair.wait_until_on(&pair.a, &pair.b, &both);
        assert!(a.stop().success());
        pair.wait_until_on(&pair.b, &pair.a, &both);
        assert!(b.stop().success());
        assert!(holds_none(&pair.a, &both) && holds_none(&pair.b, &both));
    });
}
