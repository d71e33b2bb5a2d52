//! Every check of an advert (compat 11 §3): a packet that fails it alone is put on the wire, and
//! the counter and the log line have to show it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use testkit::lab::{Daemon, Forged, Host};

use crate::crafted::{AH, IP, Trailer, inject, measured, sealed, under_ah};
use crate::dumps::counters;
use crate::support::{Alone, FAST, LIMIT, instance, under_test, usual};

const KEY: &[u8; 8] = b"secret12";
const SECRET: &[u8; 32] = b"0123456789abcdef0123456789abcdef";

/// A packet that fails one check.
pub(crate) struct Case {
    what: &'static str,
    packet: Vec<u8>,
    /// It goes to the host itself, not to the group.
    unicast: bool,
    /// The counters that it raises, by one.
    counters: &'static [&'static str],
    /// Those that it raises in 2.2.7.
    counted_there: &'static [&'static str],
    ours: &'static str,
    /// What 2.2.7 says; `None` where it does not have the check.
    original: Option<&'static str>,
}

impl Case {
    pub(crate) fn new(
        what: &'static str,
        packet: Vec<u8>,
        counters: &'static [&'static str],
    ) -> Self {
        let counted_there = counters;
        Self { what, packet, unicast: false, counters, counted_there, ours: "", original: None }
    }

    pub(crate) const fn says(mut self, ours: &'static str, original: &'static str) -> Self {
        (self.ours, self.original) = (ours, Some(original));
        self
    }

    /// Since 2.4.
    pub(crate) const fn newly_says(mut self, ours: &'static str) -> Self {
        self.ours = ours;
        self
    }

    pub(crate) const fn counts_there(mut self, counters: &'static [&'static str]) -> Self {
        self.counted_there = counters;
        self
    }

    pub(crate) const fn unicast(mut self) -> Self {
        self.unicast = true;
        self
    }
}

/// A master of the usual address, and a host that sends it what it should not believe.
pub(crate) struct Target {
    pub(crate) scene: Alone,
    pub(crate) other: Host,
    pub(crate) daemon: Daemon,
    /// What it holds as long as it is master.
    pub(crate) vip: &'static str,
}

impl Target {
    fn new(label: &str, configuration: &str) -> Self {
        let scene = Alone::new(label);
        let other = scene.lab.host("b", "192.0.2.2/24");
        let vip = "192.0.2.51";
        let daemon = scene.start_master(configuration, vip);
        Self { scene, other, daemon, vip }
    }

    /// Its counters but for what it sends by itself.
    pub(crate) fn counters(&self) -> Value {
        let mut all = counters(&self.scene, &self.daemon);
        all["advert_sent"] = Value::Null;
        all
    }

    /// What they will be when a packet has been counted.
    fn counters_after(&self, counted: &[&str]) -> Value {
        let mut expected = self.counters();
        for counter in counted {
            expected[counter] = (expected[counter].as_u64().expect("a counter") + 1).into();
        }
        expected
    }

    /// It is counted and not obeyed, whatever is said.
    fn counts(&self, case: &Case) {
        let expected = self.counters_after(case.counters);
        self.send(case);
        let counted = || self.counters() == expected;
        self.scene.lab.wait_until(&format!("{} to be counted", case.what), LIMIT, counted);
        assert!(self.scene.host.holds("192.0.2.51"), "{}", case.what);
    }

    fn send(&self, case: &Case) {
        let mac = case.unicast.then(|| self.scene.host.mac());
        inject(&self.other, mac.as_deref(), &case.packet);
    }

    /// Every case is noticed as it should be, and the master stays master.
    pub(crate) fn refuses(&self, cases: &[Case]) {
        let ours = under_test().is_ours();
        for case in cases {
            let Some(text) = (if ours { Some(case.ours) } else { case.original }) else { continue };
            let expected =
                self.counters_after(if ours { case.counters } else { case.counted_there });
            self.send(case);
            self.daemon.wait_for_log(text, LIMIT);
            assert_eq!(self.counters(), expected, "{}", case.what);
            assert_eq!(self.daemon.log().count("(VI_1) Entering BACKUP STATE"), 1, "{}", case.what);
            assert!(self.scene.host.holds(self.vip), "{}", case.what);
        }
    }

    /// The same without a mistake: that shows what the reason was.
    pub(crate) fn obeys(&self, packet: &[u8]) {
        inject(&self.other, None, packet);
        self.scene.wait_until_gone(self.vip);
    }
}

fn v3() -> Forged {
    Forged::v3("192.0.2.2", 51, 200, "192.0.2.51")
}

fn v2() -> Forged {
    Forged::v2("192.0.2.2", 51, 200, "192.0.2.51")
}

/// The advert without authentication that an instance with AH sends inside.
fn in_ah() -> Vec<u8> {
    Forged { auth_type: 2, ..v2() }.packet()
}

fn cut(mut packet: Vec<u8>, length: usize) -> Vec<u8> {
    packet.resize(length, 0);
    measured(packet)
}

fn slow(more: &str) -> String {
    instance("VI_1", 51, "192.0.2.51", &format!("advert_int 1\n  {more}"))
}

#[test]
fn form_and_origin_of_v3_adverts_are_checked() {
    // The second instance opens the door for packets under AH; 2.2.7 keeps the doors apart.
    let second = instance(
        "VI_2",
        52,
        "192.0.2.52",
        "advert_int 1\n  authentication {\n    auth_type AH\n    auth_pass secret12\n  }",
    );
    let target = Target::new("check-v3", &format!("{}{second}", usual("")));
    let packet = v3().packet();
    // The same complaint about the same sender would be counted, but not said again.
    let two = vec![[192, 0, 2, 51].into(); 2];
    let short = Forged { addresses: two, source: [192, 0, 2, 3].into(), ..v3() };
    target.refuses(&[
        Case::new("a packet under AH", under_ah(&packet, KEY, 1), &["authtype_mismatch"])
            .newly_says("(VI_1) Received AH header but auth type not AH from 192.0.2.2"),
        Case::new("four bytes too many", cut(packet.clone(), 36), &["packet_len_err"]).says(
            "(VI_1) vrrp packet from 192.0.2.2 too long, length 36 and expect 32",
            "(VI_1) vrrp packet too long, length 36 and expect 32",
        ),
        Case::new("an address less than announced", cut(short.packet(), 32), &["packet_len_err"])
            .says(
                "(VI_1) vrrp packet from 192.0.2.3 too short, length 32 and expect 36",
                "(VI_1) vrrp packet too short, length 32 and expect 36",
            ),
        Case::new("another segment", Forged { ttl: 254, ..v3() }.packet(), &["ip_ttl_err"]).says(
            "(VI_1) invalid TTL/HL from 192.0.2.2. Received 254 and expect 255",
            "(VI_1) invalid TTL/HL. Received 254 and expect 255",
        ),
        Case::new("another version", v2().packet(), &[]).says(
            "(VI_1) wrong VRRP version from 192.0.2.2. Received 2 and expect 3",
            "(VI_1) wrong version. Received 2 and expect 3",
        ),
        Case::new(
            "another type",
            Forged { version_and_type: 0x32, ..v3() }.packet(),
            &["invalid_type_rcvd"],
        )
        .says(
            "(VI_1) Invalid packet type from 192.0.2.2. 2 and expect 1",
            "(VI_1) Invalid packet type. 2 and expect 1",
        ),
        Case::new("a wrong checksum", Forged { checksum_off_by: 1, ..v3() }.packet(), &[]).says(
            "(VI_1) Invalid VRRPv3 checksum from 192.0.2.2",
            "(VI_1) Invalid VRRPv3 checksum",
        ),
        Case::new(
            "only to this host",
            Forged { destination: [192, 0, 2, 1].into(), ..v3() }.packet(),
            &["addr_list_err"],
        )
        .unicast()
        .newly_says("(VI_1) Expected multicast packet but received unicast packet from 192.0.2.2"),
        Case::new("no advert at all", cut(packet.clone(), 24), &[])
            .says("IPv4 VRRP packet too short - 24 bytes", "IPv4 VRRP packet too short - 24 bytes"),
    ]);
    target.obeys(&packet);
}

#[test]
fn the_authentication_of_v2_adverts_is_checked() {
    let pass = "authentication {\n    auth_type PASS\n    auth_pass secret12\n  }";
    let target = Target::new("check-v2", &slow(pass));
    let right = Forged { auth_type: 1, auth_data: *KEY, ..v2() };
    target.refuses(&[
        Case::new(
            "an unknown kind",
            Forged { auth_type: 7, ..right.clone() }.packet(),
            &["invalid_authtype"],
        )
        .says("(VI_1) Invalid auth type from 192.0.2.2: 7", "(VI_1) Invalid auth type: 7"),
        Case::new("no password", v2().packet(), &["authtype_mismatch"]).says(
            "(VI_1) received a 0 auth from 192.0.2.2, expecting 1!",
            "(VI_1) received a 0 auth, expecting 1!",
        ),
        Case::new(
            "another password",
            Forged { auth_data: *b"secret13", ..right.clone() }.packet(),
            &["auth_failure"],
        )
        .says(
            "(VI_1) received an invalid passwd from 192.0.2.2!",
            "(VI_1) received an invalid passwd!",
        ),
        Case::new("a wrong checksum", Forged { checksum_off_by: 1, ..right.clone() }.packet(), &[])
            .says(
                "(VI_1) Invalid VRRPv2 checksum from 192.0.2.2",
                "(VI_1) Invalid VRRPv2 checksum",
            ),
    ]);
    // keepalived has the counter and never counts.
    let counted: &[&str] = if under_test().is_ours() { &["advert_interval_err"] } else { &[] };
    target.refuses(&[Case::new(
        "another interval",
        Forged { interval: 3, ..right.clone() }.packet(),
        counted,
    )
    .says(
        "(VI_1) advertisement interval mismatch with 192.0.2.2 mine=1 sec rcv'd=3 sec",
        "(VI_1) advertisement interval mismatch mine=1 sec rcv'd=3 sec",
    )]);
    target.obeys(&right.packet());
}

#[test]
fn what_the_authentication_header_says_is_checked() {
    let ah = "authentication {\n    auth_type AH\n    auth_pass secret12\n  }";
    // The second instance opens the door for packets without AH.
    let second = instance("VI_2", 52, "192.0.2.52", "advert_int 1");
    let target = Target::new("check-ah", &format!("{}{second}", slow(ah)));
    let right = under_ah(&in_ah(), KEY, 1_000);
    let mut mutated = right.clone();
    mutated[IP + AH + 2] = 201;
    let mut association = right.clone();
    association[IP + 7] = 3;
    let replayed = under_ah(&in_ah(), KEY, 0);
    let value = "(VI_1) IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad \
                 password !";
    target.refuses(&[
        Case::new("no AH", v2().packet(), &["authtype_mismatch"])
            .newly_says("(VI_1) No AH header but auth type is AH from 192.0.2.2"),
        Case::new("a changed priority", mutated, &["auth_failure"]).says(value, value),
        Case::new("another association", sealed(association, KEY), &["auth_failure"]).says(
            "IPSEC AH : invalid IPSEC SPI value. 33685696 and expect 50462912",
            "IPSEC AH : invalid IPSEC SPI value. 33685696 and expect 50462912",
        ),
        Case::new("an old number", replayed, &["auth_failure"]).says(
            "(VI_1) IPSEC-AH : sequence number 0 already processed. Packet dropped. Local(",
            "(VI_1) IPSEC-AH : sequence number 0 already processed. Packet dropped. Local(",
        ),
        Case::new("nothing under it", cut(right.clone(), IP + AH + 4), &[]).says(
            "IPv4 VRRP packet with AH too short - 48 bytes",
            "IPv4 VRRP packet with AH too short - 48 bytes",
        ),
    ]);
    target.obeys(&right);
}

/// An instance that seals its adverts with [`SECRET`].
pub(crate) fn sealing(ip: &str) -> String {
    let secret = String::from_utf8_lossy(SECRET);
    let hmac = format!(
        "{FAST}\n  auth_hmac {{\n    key 7 {secret}\n    active_key 7\n    time_window 20\n  }}"
    );
    instance("VI_1", 51, ip, &hmac)
}

/// The second, and a right trailer of it.
pub(crate) fn right_now() -> (u64, impl Fn() -> Trailer<'static>) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    (now, move || Trailer { scheme: 1, key_id: 7, key: SECRET, seconds: now, counter: 1 })
}

/// Clocks that drift apart are named before they are refused.
#[test]
fn trailers_are_checked_since_2_4() {
    if !under_test().is_ours() {
        println!("*** newer than the original: this part DID NOT RUN ***");
        return;
    }
    let target = Target::new("check-trailer", &sealing("192.0.2.51"));
    let (now, right) = right_now();
    // Of a lower priority, so that it is believed and changes nothing.
    let lower = Forged { priority: 50, ..v3() }.packet();
    inject(&target.other, None, &right().behind(&lower));
    target.daemon.wait_for_log("Received advert from 192.0.2.2 with lower priority 50", LIMIT);
    let drifting = Trailer { seconds: now + 14, ..right() }.behind(&lower);
    inject(&target.other, None, &drifting);
    target.daemon.wait_for_log("(VI_1) authentication clock skew 1", LIMIT);
    target.daemon.wait_for_log(" sec from 192.0.2.2 approaching window 20 sec", LIMIT);
    let advert = v3().packet();
    target.refuses(&[
        Case::new("none", advert.clone(), &["auth_ext_missing"])
            .newly_says("(VI_1) missing authentication trailer from 192.0.2.2"),
        Case::new(
            "another scheme",
            Trailer { scheme: 2, ..right() }.behind(&advert),
            &["auth_ext_malformed"],
        )
        .newly_says("(VI_1) malformed authentication trailer from 192.0.2.2"),
        Case::new(
            "an old one",
            Trailer { seconds: now - 1_000, ..right() }.behind(&advert),
            &["auth_ext_stale"],
        )
        .newly_says("(VI_1) stale authentication trailer from 192.0.2.2, clock skew -10"),
        Case::new(
            "a key that is not configured",
            Trailer { key_id: 8, ..right() }.behind(&advert),
            &["auth_ext_unknown_key"],
        )
        .newly_says("(VI_1) unknown authentication key id 8 from 192.0.2.2"),
        Case::new(
            "a key that is another one",
            Trailer { key: b"0123456789abcdef0123456789abcdeF", ..right() }.behind(&advert),
            &["auth_ext_invalid_hmac"],
        )
        .newly_says("(VI_1) invalid authentication HMAC from 192.0.2.2"),
        Case::new("one seen before", right().behind(&lower), &["auth_ext_replay"])
            .newly_says("(VI_1) replayed authentication trailer from 192.0.2.2"),
    ]);
    target.obeys(&Trailer { seconds: now + 15, ..right() }.behind(&advert));
}

/// What 2.4 notices but believes all the same; of a lower priority, so that nothing changes.
#[test]
fn odd_adverts_are_noticed() {
    let target = Target::new("check-odd", &usual(""));
    let lower = || Forged { priority: 50, ..v3() };
    let two = Forged { addresses: vec![[192, 0, 2, 51].into(), [192, 0, 2, 77].into()], ..lower() };
    let other = Forged { addresses: vec![[192, 0, 2, 77].into()], ..lower() };
    let counted: &[&str] = &["advert_rcvd", "addr_list_err"];
    target.refuses(&[
        Case::new(
            "another interval",
            Forged { interval: 300, ..lower() }.packet(),
            &["advert_rcvd"],
        )
        .newly_says("(VI_1) advertisement interval mismatch ours = 10 centi-sec rcv'd=300"),
        Case::new("an address more", two.packet(), counted).counts_there(&["addr_list_err"]).says(
            "(VI_1) expected 1 VIPs but received 2",
            "(VI_1) received an unexpected ip number count 2, expected 1!",
        ),
        Case::new("another address", other.packet(), counted).says(
            "(VI_1) ip address associated with VRID 51 not present in advert from 192.0.2.2: \
             192.0.2.51",
            "(VI_1) ip address associated with VRID 51 not present in MASTER advert: 192.0.2.51",
        ),
    ]);
    target.obeys(&v3().packet());
}

#[test]
fn peers_are_checked_where_that_is_wanted() {
    let peers = format!(
        "{FAST}\n  unicast_src_ip 192.0.2.1\n  check_unicast_src\n  unicast_peer {{\n    \
         192.0.2.2 min_ttl 250 max_ttl 253\n  }}"
    );
    let target = Target::new("check-peers", &instance("VI_1", 51, "192.0.2.51", &peers));
    let to_us = Forged { destination: [192, 0, 2, 1].into(), ..v3() };
    target.refuses(&[
        Case::new(
            "nobody's peer",
            Forged { source: [192, 0, 2, 3].into(), ..to_us.clone() }.packet(),
            &["advert_rcvd"],
        )
        .unicast()
        .says(
            "(VI_1) unicast source address 192.0.2.3 not a unicast peer",
            "(VI_1) unicast source address 192.0.2.3 not a unicast peer",
        ),
        Case::new(
            "too far away",
            Forged { ttl: 249, ..to_us.clone() }.packet(),
            &["advert_rcvd", "ip_ttl_err"],
        )
        .unicast()
        .says(
            "(VI_1) TTL/HL 249 from 192.0.2.2 not in range [250, 253]",
            "(VI_1) TTL/HL 249 not in range 250 - 253",
        ),
    ]);
    let too_near = Forged { ttl: 254, ..to_us.clone() }.packet();
    // The same complaint again need not be said.
    target.counts(&Case::new("too near", too_near, &["advert_rcvd", "ip_ttl_err"]).unicast());
    let near = Forged { ttl: 253, ..to_us };
    inject(&target.other, Some(&target.scene.host.mac()), &near.packet());
    target.scene.wait_until_gone("192.0.2.51");
}

#[test]
fn an_address_owner_may_ignore_everybody_since_2_4() {
    if !under_test().is_ours() {
        println!("*** newer than the original: this part DID NOT RUN ***");
        return;
    }
    let owner = usual("owner_ignore_adverts").replace("priority 100", "priority 255");
    let target = Target::new("check-owner", &owner);
    target.daemon.wait_for_log("Entering MASTER STATE", LIMIT);
    let before = target.counters();
    inject(&target.other, None, &Forged { priority: 255, ..v3() }.packet());
    let text = "(VI_1) Dropping packet(s) from 192.0.2.2 since we are address owner";
    target.daemon.wait_for_log(text, LIMIT);
    assert_eq!(target.counters(), before);
    assert!(target.scene.host.holds("192.0.2.51"));
}
