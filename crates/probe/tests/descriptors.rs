//! A process that has no file descriptor left, in a process of its own.

use std::net::TcpListener;
use std::time::Duration;

use lvs::{Connect, Obstacle, Outcome, Passed, Probe};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use probe::Equipment;

#[tokio::test]
async fn having_no_descriptor_left_is_not_the_servers_fault() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    let timeout = Duration::from_secs(60);
    let probe = Probe::Tcp(Connect { to, from: None, link: None, mark: 0, timeout }.into());
    let equipment = Equipment::default();
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, 0, hard).unwrap();
    let without = probe::attempt(&probe, &equipment).await;
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
    assert!(matches!(&without, Outcome::NotMade(Obstacle::Socket(_))), "{without:?}");
    assert_eq!(probe::attempt(&probe, &equipment).await, Outcome::Passed(Passed::Worked));
}
