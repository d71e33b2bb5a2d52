//! Tables in the real kernel, as `nft` lists them and as packets meet them.

use net::{Marking, Protocol};
use nft::{Socket, Table, disjoint};
use testkit::lab::{Host, Lab};

/// Whose the tables are.
const OWNER: &str = "keepalived /run/keepalived.pid";

fn table(name: &str) -> Table {
    Table { name: name.to_owned(), priority: -1 }
}

fn marking(protocol: Protocol, addresses: [&str; 2], ports: [u16; 2], mark: u32) -> Marking {
    let [first, last] = addresses.map(|text| text.parse().expect("an address"));
    Marking { protocol, addresses: (first, last), ports: (ports[0], ports[1]), mark }
}

/// What `nft` lists, a word after the other.
fn listed(host: &Host, family: &str, name: &str) -> String {
    let text = host.ok(["nft", "list", "table", family, name]);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const EMPTY_MAPS: &str = "map udp_map { type ipv4_addr . inet_service : mark flags interval } \
                          map sctp_map { type ipv4_addr . inet_service : mark flags interval }";

fn chain(family: &str) -> String {
    let rule = |protocol: &str| {
        format!(
            "meta mark set {family} daddr . {protocol} dport map \
             @{protocol}_map counter packets 0 bytes 0 return"
        )
    };
    format!(
        "chain in {{ type filter hook input priority filter - 1; policy accept; {} {} {} }}",
        rule("tcp"),
        rule("udp"),
        rule("sctp")
    )
}

#[test]
fn nft_lists_what_was_asked_for_and_nothing_is_left() {
    let lab = Lab::new("nft");
    let host = lab.host("a", "192.0.2.1/24");
    let mut socket = host.inside_thread(|| Socket::open(OWNER)).expect("the kernel has nftables");
    let name = table("keepalived_ipvs");
    let range = marking(Protocol::Tcp, ["192.0.2.5", "192.0.3.2"], [80, 80], 1000);
    let single = marking(Protocol::Tcp, ["192.0.2.1", "192.0.2.1"], [443, 443], 1001);
    let six = marking(Protocol::Udp, ["2001:db8::1", "2001:db8::ff"], [0, u16::MAX], 70000);
    socket.replace(&name, &[range, single, six]).expect("a table");
    let elements = "map tcp_map { type ipv4_addr . inet_service : mark flags interval elements = \
                    { 192.0.2.5-192.0.3.2 . 80 : 0x000003e8, 192.0.2.1 . 443 : 0x000003e9 } }";
    let found = listed(&host, "ip", &name.name);
    assert_eq!(
        found,
        format!(
            "table ip keepalived_ipvs {{ comment \"{OWNER}\" {elements} {EMPTY_MAPS} {} }}",
            chain("ip")
        )
    );
    let found = listed(&host, "ip6", &name.name);
    let element = "elements = { 2001:db8::1-2001:db8::ff . 0-65535 : 0x00011170 }";
    assert!(found.contains(element) && found.contains(&chain("ip6")), "{found}");

    // One range grows into the place of another one, in one go each.
    let grown = marking(Protocol::Tcp, ["192.0.2.1", "192.0.2.9"], [443, 443], 1002);
    socket.change(&name, &[single, six], &[grown]).expect("a change");
    let found = listed(&host, "ip", &name.name);
    assert!(found.contains("192.0.2.1-192.0.2.9 . 443 : 0x000003ea"), "{found}");
    assert!(!listed(&host, "ip6", &name.name).contains("elements"), "{found}");

    // A new start finds what the last one left, and a table of others stays.
    host.ok(["nft", "add", "table", "ip", "others"]);
    socket.replace(&name, &[six]).expect("another table");
    assert!(!listed(&host, "ip", &name.name).contains("elements"));
    for _ in 0..2 {
        socket.remove(&name.name).expect("no table");
    }
    assert_eq!(host.ok(["nft", "list", "tables"]).trim(), "table ip others");
}

#[test]
fn the_tables_of_an_owner_are_found_among_those_of_others() {
    let lab = Lab::new("nft-owner");
    let host = lab.host("a", "192.0.2.1/24");
    let long = |end: &str| format!("keepalived {}{end}", "é".repeat(200));
    let owners = [OWNER.to_owned(), "keepalived /run/other.pid".to_owned(), long("1"), long("2")];
    let open = |owner: &String| host.inside_thread(|| Socket::open(owner)).expect("nftables");
    for (number, owner) in owners.iter().enumerate() {
        open(owner).replace(&table(&format!("t{number}")), &[]).expect("a table");
    }
    host.ok(["nft", "add table inet t9 { comment \"somebody\" ; }"]);
    for (number, owner) in owners.iter().enumerate() {
        let found: Vec<_> = open(owner).tables().expect("a list").into_iter().collect();
        assert_eq!(found, [format!("t{number}")], "{owner}");
    }
    open(&owners[1]).remove("t1").expect("no table");
    assert!(open(&owners[1]).tables().expect("a list").is_empty());
}

#[test]
fn a_thousand_ranges_fit_and_what_overlaps_is_refused_as_a_whole() {
    let lab = Lab::new("nft-many");
    let host = lab.host("a", "192.0.2.1/24");
    let mut socket = host.inside_thread(|| Socket::open(OWNER)).expect("the kernel has nftables");
    let name = table("many");
    let many: Vec<Marking> = (0..1_100_u32)
        .map(|number| {
            let ip =
                std::net::Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) + (u128::from(number) << 8));
            let last = std::net::Ipv6Addr::from_bits(ip.to_bits() + 9);
            marking(Protocol::Sctp, [&ip.to_string(), &last.to_string()], [5, 5], number + 1)
        })
        .collect();
    socket.replace(&name, &many).expect("many");
    assert_eq!(host.ok(["nft", "list", "table", "ip6", "many"]).matches(" : 0x").count(), 1_100);
    let across = marking(Protocol::Sctp, ["2001:db8::5", "2001:db8::105"], [5, 5], 9);
    let apart = marking(Protocol::Sctp, ["2001:db9::5", "2001:db9::5"], [5, 5], 9);
    assert!(socket.change(&name, &[], &[apart, across]).is_err());
    assert_eq!(host.ok(["nft", "list", "table", "ip6", "many"]).matches(" : 0x").count(), 1_100);
    // Without what others have, it fits.
    let all: Vec<Marking> = many.iter().copied().chain([apart, across]).collect();
    socket.replace(&name, &disjoint(&all)).expect("all of them");
    assert_eq!(host.ok(["nft", "list", "table", "ip6", "many"]).matches(" : 0x").count(), 1_102);
}

#[test]
fn packets_are_marked_by_where_they_go() {
    let lab = Lab::new("nft-packets");
    let [client, director] = [("client", 10), ("a", 1)]
        .map(|(name, last)| lab.host(name, &format!("192.0.2.{last}/24")));
    for last in 51..=54 {
        director.add_address("eth0", &format!("192.0.2.{last}/32"));
    }
    let _echo = director.echo_server(7);
    let mut socket =
        director.inside_thread(|| Socket::open(OWNER)).expect("the kernel has nftables");
    let all = [
        marking(Protocol::Udp, ["192.0.2.51", "192.0.2.52"], [7, 7], 1000),
        marking(Protocol::Udp, ["192.0.2.51", "192.0.2.53"], [0, u16::MAX], 1001),
        marking(Protocol::Tcp, ["192.0.2.51", "192.0.2.53"], [0, u16::MAX], 1002),
    ];
    socket.replace(&table("keepalived_ipvs"), &disjoint(&all)).expect("a table");
    // Behind the chain that marks.
    let witness = "table ip witness { chain in { type filter hook input priority 0;
        meta mark 1000 counter
        meta mark 1001 counter
        meta mark 1002 counter
        meta mark 0 udp dport 7 counter
    }
}
";
    director.write("witness.nft", witness);
    director.ok(["nft", "-f", &director.file("witness.nft").display().to_string()]);
    let counted = || {
        let text = director.ok(["nft", "list", "table", "ip", "witness"]);
        let counts = text
            .split("packets ")
            .skip(1)
            .map(|rest| rest.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0_u32));
        counts.collect::<Vec<_>>()
    };
    let asks = |to: &str| client.ask_datagram(to, "x").map(|_| counted());
    assert_eq!(asks("192.0.2.51:7").expect("an answer"), [1, 0, 0, 0]);
    assert_eq!(asks("192.0.2.52:7").expect("an answer"), [2, 0, 0, 0]);
    assert_eq!(asks("192.0.2.53:7").expect("an answer"), [2, 1, 0, 0]);
    assert_eq!(asks("192.0.2.54:7").expect("an answer"), [2, 1, 0, 1]);
    let talk = client.converse("192.0.2.52:7").expect("a connection");
    assert!(counted()[2] > 0 && counted()[..2] == [2, 1], "{:?}", counted());
    drop(talk);
}
