//! The same checks over IPv6 (compat 11 §3): a packet that fails one of them alone is put on the
//! wire, and the counter and the log line have to show it.

use testkit::lab::Forged;

use crate::crafted::{Trailer, inject, over_ipv6};
use crate::ipv6::{OTHER, VIP, advert, alone, other, usual};
use crate::support::{LIMIT, under_test};
use crate::validation::{Case, Target, right_now, sealing};

/// Nobody's peer.
const STRANGER: &str = "fe80::ff:fe00:c";
/// The host under test.
const OWN: &str = "fe80::ff:fe00:a";

/// A master of the usual address, and a host that sends it what it should not believe.
fn target(label: &str, configuration: &str) -> Target {
    let scene = alone(label);
    let other = other(&scene);
    let daemon = scene.start_master(configuration, VIP);
    Target { scene, other, daemon, vip: VIP }
}

fn better() -> Forged {
    advert(200)
}

fn plain(advert: &Forged) -> Vec<u8> {
    over_ipv6(advert, |_| {})
}

#[test]
fn form_and_origin_are_checked_over_ipv6() {
    let target = target("check6", &usual(""));
    // The same complaint about the same sender would be counted, but not said again.
    let short = Forged { source: STRANGER.parse().unwrap(), ..better() };
    target.refuses(&[
        Case::new(
            "four bytes too many",
            over_ipv6(&better(), |vrrp| vrrp.extend([0; 4])),
            &["packet_len_err"],
        )
        .says(
            "(VI_1) vrrp packet from fe80::ff:fe00:b too long, length 28 and expect 24",
            "(VI_1) vrrp packet too long, length 28 and expect 24",
        ),
        Case::new(
            "an address less than announced",
            over_ipv6(&short, |vrrp| vrrp[3] = 2),
            &["packet_len_err"],
        )
        .says(
            "(VI_1) vrrp packet from fe80::ff:fe00:c too short, length 24 and expect 40",
            "(VI_1) vrrp packet too short, length 24 and expect 40",
        ),
        Case::new("another segment", plain(&Forged { ttl: 254, ..better() }), &["ip_ttl_err"])
            .says(
                "(VI_1) invalid TTL/HL from fe80::ff:fe00:b. Received 254 and expect 255",
                "(VI_1) invalid TTL/HL. Received 254 and expect 255",
            ),
        Case::new("another version", over_ipv6(&better(), |vrrp| vrrp[0] = 0x21), &[]).says(
            "(VI_1) wrong VRRP version from fe80::ff:fe00:b. Received 2 and expect 3",
            "(VI_1) wrong version. Received 2 and expect 3",
        ),
        Case::new(
            "another type",
            over_ipv6(&better(), |vrrp| vrrp[0] = 0x32),
            &["invalid_type_rcvd"],
        )
        .says(
            "(VI_1) Invalid packet type from fe80::ff:fe00:b. 2 and expect 1",
            "(VI_1) Invalid packet type. 2 and expect 1",
        ),
        Case::new(
            "only to this host",
            plain(&Forged { destination: OWN.parse().unwrap(), ..better() }),
            &[],
        )
        .unicast()
        .newly_says("(VI_1) discarding unicast packet on multicast instance"),
        Case::new("no advert at all", over_ipv6(&better(), |vrrp| vrrp.truncate(6)), &[])
            .says("IPv6 VRRP packet too short - 6 bytes", "IPv6 VRRP packet too short - 6 bytes"),
    ]);
    target.obeys(&plain(&better()));
}

/// What 2.4 notices but believes all the same; of a lower priority, so that nothing changes.
#[test]
fn odd_adverts_are_noticed_over_ipv6() {
    let target = target("check6-odd", &usual(""));
    let lower = || advert(50);
    let (ours, foreign) = (VIP.parse().unwrap(), "2001:db8::77".parse().unwrap());
    let two = Forged { addresses: vec![ours, foreign], ..lower() };
    let other = Forged { addresses: vec![foreign], ..lower() };
    let counted: &[&str] = &["advert_rcvd", "addr_list_err"];
    target.refuses(&[
        Case::new(
            "another interval",
            plain(&Forged { interval: 300, ..lower() }),
            &["advert_rcvd"],
        )
        .newly_says("(VI_1) advertisement interval mismatch ours = 10 centi-sec rcv'd=300"),
        Case::new("an address more", plain(&two), counted).counts_there(&["addr_list_err"]).says(
            "(VI_1) expected 1 VIPs but received 2",
            "(VI_1) received an unexpected ip number count 2, expected 1!",
        ),
        Case::new("another address", plain(&other), counted).says(
            "(VI_1) ip address associated with VRID 51 not present in advert from \
             fe80::ff:fe00:b: fe80::51",
            "(VI_1) ip address associated with VRID 51 not present in MASTER advert: fe80::51",
        ),
    ]);
    target.obeys(&plain(&better()));
}

#[test]
fn peers_are_checked_over_ipv6_where_that_is_wanted() {
    let peers = format!(
        "unicast_src_ip {OWN}\n  check_unicast_src\n  unicast_peer {{\n    \
         {OTHER} min_ttl 250 max_ttl 255\n  }}"
    );
    let target = target("check6-peers", &usual(&peers));
    let to_us = Forged { destination: OWN.parse().unwrap(), ..better() };
    let stranger = Forged { source: STRANGER.parse().unwrap(), ..to_us.clone() };
    target.refuses(&[
        Case::new("nobody's peer", plain(&stranger), &["advert_rcvd"]).unicast().says(
            "(VI_1) unicast source address fe80::ff:fe00:c not a unicast peer",
            "(VI_1) unicast source address fe80::ff:fe00:c not a unicast peer",
        ),
        Case::new(
            "too far away",
            plain(&Forged { ttl: 249, ..to_us.clone() }),
            &["advert_rcvd", "ip_ttl_err"],
        )
        .unicast()
        .says(
            "(VI_1) TTL/HL 249 from fe80::ff:fe00:b not in range [250, 255]",
            "(VI_1) TTL/HL 249 not in range 250 - 255",
        ),
    ]);
    inject(&target.other, Some(&target.scene.host.mac()), &plain(&to_us));
    target.scene.wait_until_gone(VIP);
}

#[test]
fn trailers_are_checked_over_ipv6_since_2_4() {
    if !under_test().is_ours() {
        println!("*** newer than the original: this part DID NOT RUN ***");
        return;
    }
    let target = target("check6-trailer", &sealing(VIP));
    let (now, right) = right_now();
    // Of a lower priority, so that it is believed and changes nothing.
    let lower = right().behind_v6(&advert(50));
    inject(&target.other, None, &lower);
    let heard = format!("Received advert from {OTHER} with lower priority 50");
    target.daemon.wait_for_log(&heard, LIMIT);
    target.refuses(&[
        Case::new("none", plain(&better()), &["auth_ext_missing"])
            .newly_says("(VI_1) missing authentication trailer from fe80::ff:fe00:b"),
        Case::new(
            "another scheme",
            Trailer { scheme: 2, ..right() }.behind_v6(&better()),
            &["auth_ext_malformed"],
        )
        .newly_says("(VI_1) malformed authentication trailer from fe80::ff:fe00:b"),
        Case::new(
            "an old one",
            Trailer { seconds: now - 1_000, ..right() }.behind_v6(&better()),
            &["auth_ext_stale"],
        )
        .newly_says("(VI_1) stale authentication trailer from fe80::ff:fe00:b, clock skew -10"),
        Case::new(
            "a key that is not configured",
            Trailer { key_id: 8, ..right() }.behind_v6(&better()),
            &["auth_ext_unknown_key"],
        )
        .newly_says("(VI_1) unknown authentication key id 8 from fe80::ff:fe00:b"),
        Case::new(
            "a key that is another one",
            Trailer { key: b"0123456789abcdef0123456789abcdeF", ..right() }.behind_v6(&better()),
            &["auth_ext_invalid_hmac"],
        )
        .newly_says("(VI_1) invalid authentication HMAC from fe80::ff:fe00:b"),
        Case::new("one seen before", lower, &["auth_ext_replay"])
            .newly_says("(VI_1) replayed authentication trailer from fe80::ff:fe00:b"),
    ]);
    target.obeys(&Trailer { seconds: now + 2, ..right() }.behind_v6(&better()));
}
