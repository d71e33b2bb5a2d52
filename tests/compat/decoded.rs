//! Adverts of every kind as an independent program reads them: tshark has no complaint, finds every
//! checksum right, and reads the values that were configured.

use std::collections::BTreeMap;

use testkit::lab::{Advert, need};

use crate::support::{Alone, LIMIT, instance};

/// The link type of a capture that begins with the IP header.
const RAW: u32 = 101;
/// What tshark says of a checksum that it has computed.
const GOOD: &str = "1";
const FIELDS: [&str; 15] = [
    "vrrp.virt_rtr_id",
    "vrrp.prio",
    "vrrp.version",
    "vrrp.type",
    "vrrp.addr_count",
    "vrrp.adver_int",
    "vrrp.short_adver_int",
    "vrrp.ip_addr",
    "vrrp.ipv6_addr",
    "vrrp.auth_type",
    "vrrp.auth_string",
    "vrrp.checksum.status",
    "ip.checksum.status",
    "_ws.expert.message",
    "frame.protocols",
];

/// A configured kind of advert, and what it says about itself.
struct Kind {
    configuration: String,
    /// From the number of addresses to the authentication string, as [`FIELDS`] has them.
    says: [&'static str; 7],
    /// What carries it.
    protocols: &'static str,
}

fn kinds() -> BTreeMap<u8, Kind> {
    let unicast4 = "unicast_src_ip 192.0.2.1\n  unicast_peer {\n    192.0.2.2\n  }";
    let unicast6 = "unicast_peer {\n    fe80::2\n  }";
    let authentication = |kind: &str| {
        format!("authentication {{\n    auth_type {kind}\n    auth_pass secret12\n  }}")
    };
    let kind = |vrid: u8, more: &str, ip: &str, says, protocols| {
        let configuration = instance(&format!("VI_{vrid}"), vrid, ip, more);
        (vrid, Kind { configuration, says, protocols })
    };
    let v2 = |ip, auth, password| ["1", "1", "", ip, "", auth, password];
    let v4 = |ip| ["1", "", "10", ip, "", "", ""];
    let v6 = |ips| ["2", "", "10", "", ips, "", ""];
    let (fast, slow) = ("version 3\n  advert_int 0.1", "advert_int 1");
    BTreeMap::from([
        kind(51, slow, "192.0.2.51", v2("192.0.2.51", "0", ""), "raw:ip:vrrp"),
        kind(
            52,
            &format!("{slow}\n  {}", authentication("PASS")),
            "192.0.2.52",
            v2("192.0.2.52", "1", "secret12"),
            "raw:ip:vrrp",
        ),
        kind(
            53,
            &format!("{slow}\n  {}", authentication("AH")),
            "192.0.2.53",
            v2("192.0.2.53", "2", ""),
            "raw:ip:ah:vrrp",
        ),
        kind(
            54,
            &format!("{slow}\n  {unicast4}"),
            "192.0.2.54",
            v2("192.0.2.54", "0", ""),
            "raw:ip:vrrp",
        ),
        kind(55, fast, "192.0.2.55", v4("192.0.2.55"), "raw:ip:vrrp"),
        kind(56, &format!("{fast}\n  {unicast4}"), "192.0.2.56", v4("192.0.2.56"), "raw:ip:vrrp"),
        kind(
            57,
            fast,
            "fe80::57/64\n    2001:db8::57/64",
            v6("fe80::57,2001:db8::57"),
            "raw:ipv6:vrrp",
        ),
        kind(
            58,
            &format!("{fast}\n  {unicast6}"),
            "fe80::58/64\n    2001:db8::58/64",
            v6("fe80::58,2001:db8::58"),
            "raw:ipv6:vrrp",
        ),
    ])
}

/// A capture file as tcpdump writes it.
fn capture_file(adverts: &[Advert]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut put = |number: u32| file.extend(number.to_le_bytes());
    [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, RAW].into_iter().for_each(&mut put);
    for advert in adverts {
        let length = u32::try_from(advert.packet.len()).expect("a packet");
        let mut put = |number: u32| file.extend(number.to_le_bytes());
        [0, 0, length, length].into_iter().for_each(&mut put);
        file.extend(&advert.packet);
    }
    file
}

#[test]
fn tshark_reads_adverts_of_every_kind_without_complaint() {
    need(&["tshark"]);
    let scene = Alone::new("decoded");
    scene.host.enable_ipv6();
    scene.host.ok(["ip", "addr", "add", "fe80::1/64", "dev", "eth0"]);
    // A neighbour that answers, so that unicast adverts leave.
    let peer = scene.lab.host("b", "192.0.2.2/24");
    peer.enable_ipv6();
    peer.ok(["ip", "addr", "add", "fe80::2/64", "dev", "eth0"]);
    let kinds = kinds();
    let configuration: String = kinds.values().map(|kind| kind.configuration.as_str()).collect();
    let mut daemon = scene.start(&configuration);
    let sent = |priority: u8| {
        let adverts = scene.capture.adverts_from("a");
        let of = |vrid: &u8| adverts.iter().any(|a| a.vrid == *vrid && a.priority == priority);
        kinds.keys().all(of)
    };
    scene.lab.wait_until("adverts of every kind", LIMIT, || sent(100));
    assert!(daemon.stop().success());
    scene.lab.wait_until("farewells of every kind", LIMIT, || sent(0));
    let adverts = scene.capture.adverts_from("a");
    let file = scene.host.file("adverts.pcap");
    std::fs::write(&file, capture_file(&adverts)).expect("a capture file");
    let mut words = ["tshark", "-n", "-o", "ip.check_checksum:TRUE", "-T", "fields"].to_vec();
    words.extend(["-E", "separator=|", "-r", file.to_str().expect("a path")]);
    words.extend(FIELDS.iter().flat_map(|field| ["-e", field]));
    let read = scene.host.ok(words);
    assert_eq!(read.lines().count(), adverts.len());
    for (line, advert) in read.lines().zip(&adverts) {
        let kind = &kinds[&advert.vrid];
        let ip = if advert.source.is_ipv4() { GOOD } else { "" };
        let (vrid, priority) = (advert.vrid.to_string(), advert.priority.to_string());
        let version = if kind.says[1].is_empty() { "3" } else { "2" };
        let mut expected = vec![vrid.as_str(), &priority, version, "1"];
        expected.extend(kind.says);
        expected.extend([GOOD, ip, "", kind.protocols]);
        assert_eq!(line.split('|').collect::<Vec<_>>(), expected, "{}", FIELDS.join("|"));
    }
}
