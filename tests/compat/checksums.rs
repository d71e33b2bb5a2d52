//! Checksums of unicast VRRPv3: those of releases before 1.3.7, which took the group for the
//! destination, are found out, wanted, or refused.

use testkit::lab::{Daemon, Forged};

use crate::crafted::{IP, inject, internet_checksum};
use crate::support::{Alone, FAST, LIMIT, hex, instance, under_test};

const VIP: &str = "192.0.2.51";
/// Where the checksum is in a packet.
const CHECKSUM: std::ops::Range<usize> = 26..28;
const OLD: &str = "(VI_1) Setting unicast VRRPv3 checksum to old version";

fn configuration(more: &str) -> String {
    let peers = "unicast_src_ip 192.0.2.1\n  unicast_peer {\n    192.0.2.2\n  }";
    instance("VI_1", 51, VIP, &format!("{FAST}\n  {peers}\n  {more}"))
}

/// An advert to `a` alone, of this priority.
fn now(priority: u8) -> Forged {
    let advert = Forged::v3("192.0.2.2", 51, priority, VIP);
    Forged { destination: [192, 0, 2, 1].into(), ..advert }
}

/// The same with the checksum that it would have if it went to the group.
fn before(priority: u8) -> Vec<u8> {
    let mut packet = now(priority).packet();
    let to_the_group = Forged::v3("192.0.2.2", 51, priority, VIP).packet();
    packet[CHECKSUM].copy_from_slice(&to_the_group[CHECKSUM]);
    packet
}

/// The same with a checksum over the advert alone, as VRRPv2 has it.
fn without_pseudo_header(priority: u8) -> Vec<u8> {
    let mut packet = now(priority).packet();
    packet[CHECKSUM].fill(0);
    let checksum = internet_checksum(&packet[IP..]);
    packet[CHECKSUM].copy_from_slice(&checksum.to_be_bytes());
    packet
}

struct Scene {
    alone: Alone,
    b: testkit::lab::Host,
    daemon: Daemon,
}

impl Scene {
    fn new(label: &str, more: &str) -> Self {
        let alone = Alone::new(label);
        let b = alone.lab.host("b", "192.0.2.2/24");
        let daemon = alone.start_master(&configuration(more), VIP);
        Self { alone, b, daemon }
    }

    fn send(&self, packet: &[u8]) {
        inject(&self.b, Some(&self.alone.host.mac()), packet);
    }

    /// The checksum of its newest advert.
    fn newest(&self) -> String {
        let adverts = self.alone.capture.adverts_from("a");
        hex(&adverts.last().expect("it is master").packet[CHECKSUM])
    }

    /// What its advert would carry to its peer, and to the group.
    fn both(&self) -> (String, String) {
        let advert = Forged::v3("192.0.2.1", 51, 100, VIP);
        let to_peer = Forged { destination: [192, 0, 2, 2].into(), ..advert.clone() };
        (hex(&to_peer.packet()[CHECKSUM]), hex(&advert.packet()[CHECKSUM]))
    }
}

/// 2.2.7 goes on sending what it sent before.
#[test]
fn a_peer_with_an_old_checksum_is_found_out_and_answered_in_kind() {
    let scene = Scene::new("checksum-found", "");
    let (new, old) = scene.both();
    assert_eq!(scene.newest(), new);
    scene.send(&before(50));
    scene.daemon.wait_for_log(OLD, LIMIT);
    let lower = "Received advert from 192.0.2.2 with lower priority 50";
    scene.daemon.wait_for_log(lower, LIMIT);
    if under_test().is_ours() {
        scene.alone.lab.wait_until("an advert as of old", LIMIT, || scene.newest() == old);
    }
    scene.send(&before(200));
    scene.alone.wait_until_gone(VIP);
}

#[test]
fn with_never_an_old_checksum_is_a_wrong_one() {
    let scene = Scene::new("checksum-never", "old_unicast_checksum never");
    scene.send(&before(200));
    let wrong = match under_test().is_ours() {
        true => "(VI_1) Invalid VRRPv3 checksum from 192.0.2.2",
        false => "(VI_1) Invalid VRRPv3 checksum",
    };
    scene.daemon.wait_for_log(wrong, LIMIT);
    assert!(scene.alone.host.holds(VIP) && !scene.daemon.log().has(OLD));
    assert_eq!(scene.newest(), scene.both().0);
    scene.send(&now(200).packet());
    scene.alone.wait_until_gone(VIP);
}

/// There the right one is refused. Ours takes both: the peer may be newer than the setting.
#[test]
fn with_old_unicast_checksum_the_old_one_is_sent_and_right() {
    let scene = Scene::new("checksum-old", "old_unicast_checksum");
    assert_eq!(scene.newest(), scene.both().1);
    scene.send(&now(50).packet());
    scene.daemon.wait_for_log(
        match under_test().is_ours() {
            true => "Received advert from 192.0.2.2 with lower priority 50",
            false => "(VI_1) Invalid VRRPv3 checksum",
        },
        LIMIT,
    );
    assert_eq!(scene.newest(), scene.both().1);
    scene.send(&before(200));
    scene.alone.wait_until_gone(VIP);
}

/// Since 2.2.8, where garbage passes too.
#[test]
fn with_v3_checksum_as_v2_both_checksums_pass_and_garbage_does_not() {
    if !under_test().is_ours() {
        println!("*** newer than the original: this part DID NOT RUN ***");
        return;
    }
    let scene = Scene::new("checksum-as-v2", "v3_checksum_as_v2");
    let mut garbage = now(200).packet();
    garbage[CHECKSUM.start] ^= 0x55;
    scene.send(&garbage);
    scene.daemon.wait_for_log("(VI_1) Invalid VRRPv3 checksum from 192.0.2.2", LIMIT);
    assert!(scene.alone.host.holds(VIP));
    let lower = "Received advert from 192.0.2.2 with lower priority 50";
    scene.send(&now(50).packet());
    scene.daemon.wait_for_log(lower, LIMIT);
    scene.send(&without_pseudo_header(50));
    scene.daemon.wait_for_log_times(lower, 2, LIMIT);
    scene.send(&without_pseudo_header(200));
    scene.alone.wait_until_gone(VIP);
}
