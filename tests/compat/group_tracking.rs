//! What members of a sync group may track with a weight.

use testkit::lab::Daemon;

use crate::support::{Alone, FAST, LIMIT, instance, under_test};

/// What the first member tracks.
const LINK: &str = "track_interface {\n    eth1 weight -40\n  }";

/// Two members of a group, the first with these lines; `group` are lines of the group.
fn grouped(group: &str, first: &str) -> String {
    let members = "group {\n    VI_1\n    VI_2\n  }";
    let first = instance("VI_1", 51, "192.0.2.51", &format!("{FAST}\n  {first}"));
    let second = instance("VI_2", 52, "192.0.2.52", FAST);
    format!("vrrp_sync_group G {{\n  {members}\n  {group}\n}}\n{first}{second}")
}

/// The newest priority of a member.
fn priority(scene: &Alone, vrid: u8) -> Option<u8> {
    let adverts = scene.capture.adverts_from("a");
    adverts.iter().rev().find(|advert| advert.vrid == vrid).map(|advert| advert.priority)
}

fn start(label: &str, group: &str, first: &str) -> (Alone, Daemon) {
    let scene = Alone::new(label);
    scene.host.add_link("eth1", "198.51.100.1/24");
    let daemon = scene.start_master(&grouped(group, first), "192.0.2.52");
    scene.lab.wait_until("adverts of both", LIMIT, || {
        priority(&scene, 51) == Some(100) && priority(&scene, 52) == Some(100)
    });
    (scene, daemon)
}

/// Without its weight the link is one that the group cannot be without. 2.2.7 says that it ignores
/// the weight, and counts it.
#[test]
fn weights_of_members_do_not_count() {
    let (scene, daemon) = start("group-weight", "", LINK);
    scene.host.unplug_link("eth1");
    if under_test().is_ours() {
        daemon.wait_for_log("(VI_2) Entering FAULT STATE", LIMIT);
        scene.wait_until_gone("192.0.2.51");
        assert!(!scene.capture.adverts().iter().any(|advert| advert.priority == 60));
    } else {
        scene.lab.wait_until("the priority to fall", LIMIT, || priority(&scene, 51) == Some(60));
    }
    assert!(daemon.log().has("weight"), "{}", scene.lab.logs());
}

#[test]
fn unless_the_group_says_so() {
    let (scene, _daemon) = start("group-weights", "sync_group_tracking_weight", LINK);
    scene.host.unplug_link("eth1");
    scene.lab.wait_until("the priority to fall", LIMIT, || priority(&scene, 51) == Some(60));
    assert_eq!(priority(&scene, 52), Some(100), "each has its own");
    scene.host.plug_link("eth1");
    scene.lab.wait_until("the priority to rise", LIMIT, || priority(&scene, 51) == Some(100));
}

#[test]
fn global_tracking_is_the_old_word_for_it() {
    let (scene, _daemon) = start("group-global", "global_tracking", LINK);
    scene.host.unplug_link("eth1");
    scene.lab.wait_until("the priority to fall", LIMIT, || priority(&scene, 51) == Some(60));
}

#[test]
fn a_weight_of_the_group_counts_for_every_member_whatever_a_member_says() {
    for (label, own) in [("group-own", ""), ("group-both", LINK)] {
        let group = "track_interface {\n    eth1 weight -30\n  }";
        let (scene, _daemon) = start(label, group, own);
        scene.host.unplug_link("eth1");
        scene.lab.wait_until("both priorities to fall", LIMIT, || {
            priority(&scene, 51) == Some(70) && priority(&scene, 52) == Some(70)
        });
    }
}
