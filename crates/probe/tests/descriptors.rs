//! A process that has no file descriptor left, in a process of its own.

use std::net::TcpListener;
use std::time::Duration;

use lvs::config::{Reply, UdpCheck};
use lvs::{Connect, Obstacle, Outcome, Passed, Probe};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use probe::Equipment;

#[tokio::test]
async fn having_no_descriptor_left_is_not_the_servers_fault() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    let timeout = Duration::from_secs(60);
    let connect = Connect { to, from: None, link: None, mark: 0, timeout };
    let (reply, payload) = (Reply::Optional, None);
    let udp = UdpCheck { connect: connect.clone(), payload, reply, min_length: 0, max_length: 255 };
    let (tcp, udp, ping) =
        (Probe::Tcp(connect.clone().into()), Probe::Udp(udp.into()), Probe::Ping(connect.into()));
    let equipment = Equipment::default();
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, 0, hard).unwrap();
    let mut without = Vec::new();
    for probe in [&tcp, &udp, &ping] {
        without.push(probe::attempt(probe, &equipment).await);
    }
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
    for outcome in without {
        assert!(matches!(&outcome, Outcome::NotMade(Obstacle::Socket(_))), "{outcome:?}");
    }
    assert_eq!(probe::attempt(&tcp, &equipment).await, Outcome::Passed(Passed::Worked));
}
