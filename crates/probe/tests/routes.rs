//! What routes, rules and a lack of ports make of an attempt, each in a network of its own.
//!
//! Needs root and `ip`; without, it fails rather than skips.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::thread;
use std::time::Duration;

use lvs::{
    Connect, Failure, HttpVersion, NotConnected, Obstacle, Outcome, Passed, PingFailure, Probe,
    Request, WebFailure,
};
use nix::sched::{CloneFlags, unshare};
use probe::Equipment;

const CONNECTED: Outcome = Outcome::Passed(Passed::Worked);
const UNREACHABLE: Outcome =
    Outcome::Failed(Failure::Web(WebFailure::NotConnected(NotConnected::Unreachable)));
const ELSEWHERE: &str = "198.51.100.1:80";

/// Runs a test in a network that has nothing but a loopback interface and these commands of `ip`.
fn in_own_network(commands: &'static [&'static str], test: impl FnOnce() + Send + 'static) {
    let inside = move || {
        unshare(CloneFlags::CLONE_NEWNET).expect("this test must be able to unshare");
        for command in ["link set lo up"].iter().chain(commands) {
            let status = Command::new("ip").args(command.split(' ')).status();
            assert!(status.expect("ip runs").success(), "ip {command}");
        }
        test();
    };
    if let Err(panic) = thread::spawn(inside).join() {
        std::panic::resume_unwind(panic);
    }
}

fn attempt(probe: &Probe) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(probe::attempt(probe, &Equipment::default()))
}

fn connect(to: &str, mark: u32) -> Connect {
    let to = to.parse().expect("an address");
    Connect { to, from: None, link: None, mark, timeout: Duration::from_secs(60) }
}

fn tcp(to: &str, mark: u32) -> Outcome {
    attempt(&Probe::Tcp(connect(to, mark).into()))
}

fn http(to: &str) -> Outcome {
    let request = Request {
        connect: connect(to, 0),
        patience: Duration::from_secs(60),
        path: "/".to_owned(),
        host: to.to_owned(),
        virtual_host: None,
        version: HttpVersion::V1_0,
        statuses: vec![(200, 299)],
        digest: None,
        pattern: None,
        tls: None,
    };
    attempt(&Probe::Http(request.into()))
}

fn is_obstacle(outcome: &Outcome) {
    let Outcome::NotMade(Obstacle::Bind(reason)) = outcome else { panic!("{outcome:?}") };
    assert!(reason.starts_with("socket connect error "), "{reason}");
}

#[test]
fn there_is_no_route() {
    in_own_network(&[], || {
        assert_eq!(http(ELSEWHERE), UNREACHABLE);
        assert_eq!(http("[2001:db8::1]:80"), UNREACHABLE);
        assert_eq!(tcp(ELSEWHERE, 0), Outcome::Failed(Failure::Tcp(NotConnected::Unreachable)));
    });
}

#[test]
fn a_host_that_is_unreachable_is_the_servers_fault() {
    in_own_network(&["route add unreachable 198.51.100.1"], || {
        assert_eq!(http(ELSEWHERE), UNREACHABLE);
    });
}

#[test]
fn a_route_that_forbids_is_not_the_servers_fault() {
    in_own_network(&["route add prohibit 198.51.100.1"], || is_obstacle(&http(ELSEWHERE)));
}

#[test]
fn an_echo_that_may_not_be_sent_is_a_failure() {
    in_own_network(&["route add prohibit 198.51.100.1"], || {
        let probe = Probe::Ping(connect(ELSEWHERE, 0).into());
        assert_eq!(attempt(&probe), Outcome::Failed(Failure::Ping(PingFailure::NotSent)));
    });
}

#[test]
fn a_datagram_that_cannot_leave_has_the_number_of_its_error() {
    let udp = |more: Option<&str>| {
        let link = more.map(|name| net::LinkName::new(name).expect("a name"));
        let connect = Connect { link, ..connect(ELSEWHERE, 0) };
        let (reply, payload) = (lvs::config::Reply::Optional, None);
        let check =
            lvs::config::UdpCheck { connect, payload, reply, min_length: 0, max_length: 255 };
        attempt(&Probe::Udp(check.into()))
    };
    let not_sent = |errno| Outcome::Failed(Failure::Udp(lvs::UdpFailure::NotSent(errno)));
    in_own_network(&[], move || {
        assert_eq!(udp(None), not_sent(libc::ENETUNREACH));
        assert_eq!(udp(Some("nowhere")), not_sent(libc::ENODEV));
    });
    in_own_network(&["route add unreachable 198.51.100.1"], move || {
        assert_eq!(udp(None), not_sent(libc::EHOSTUNREACH));
    });
    in_own_network(&["route add prohibit 198.51.100.1"], move || {
        assert_eq!(udp(None), not_sent(libc::EACCES));
    });
}

#[test]
fn packets_carry_the_mark() {
    let commands = &[
        "addr add 198.51.100.1/32 dev lo",
        "rule add pref 100 lookup local",
        "rule add pref 50 fwmark 5 lookup 200",
        "route add unreachable 198.51.100.1 table 200",
        "rule del pref 0",
    ];
    in_own_network(commands, || {
        let _server = TcpListener::bind(ELSEWHERE).unwrap();
        assert_eq!(tcp(ELSEWHERE, 0), CONNECTED);
        assert_eq!(tcp(ELSEWHERE, 4), CONNECTED);
        assert_eq!(tcp(ELSEWHERE, 5), Outcome::Failed(Failure::Tcp(NotConnected::Unreachable)));
    });
}

#[test]
fn having_no_port_left_is_not_the_servers_fault() {
    in_own_network(&["addr add 198.51.100.1/32 dev lo"], || {
        fs::write("/proc/sys/net/ipv4/ip_local_port_range", "40000 40000").unwrap();
        let _server = TcpListener::bind(ELSEWHERE).unwrap();
        let _only_port = std::net::TcpStream::connect(ELSEWHERE).unwrap();
        is_obstacle(&tcp(ELSEWHERE, 0));
    });
}

/// As many checks from one address as there are servers, and not as there are ports.
#[test]
fn a_port_of_a_chosen_address_leads_to_many_servers() {
    let commands = &["addr add 198.51.100.1/32 dev lo", "-6 addr add 2001:db8::1/128 dev lo nodad"];
    in_own_network(commands, || {
        fs::write("/proc/sys/net/ipv4/ip_local_port_range", "40000 40000").unwrap();
        for own in ["198.51.100.1", "2001:db8::1"] {
            let at = |port| SocketAddr::new(own.parse().expect("an address"), port);
            let _servers = [80, 81].map(|port| TcpListener::bind(at(port)).unwrap());
            let _only_port = std::net::TcpStream::connect(at(80)).unwrap();
            let connect = Connect { from: Some(at(0)), ..connect(&at(81).to_string(), 0) };
            assert_eq!(attempt(&Probe::Tcp(connect.into())), CONNECTED);
        }
    });
}
