//! What becomes of the kernel's table when load balancing breaks. In guests, which have IPVS.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lvs::Connect;
use lvs::config::{Check, CheckKind, Identity, Quorum, RealServer, VirtualServer};
use net::{DestinationKey, Forwarding, ModuleName, Protocol, Service, ServiceFlags};

use super::*;
use crate::log;
use crate::pipes::{Pipes, Source};

const LIMIT: Duration = Duration::from_secs(25);

fn key(port: u16) -> ServiceKey {
    ServiceKey::Address { protocol: Protocol::Tcp, ip: [127, 0, 0, 9].into(), port }
}

fn real(at: SocketAddr) -> RealServer {
    let timeout = Duration::from_secs(1);
    let connect = Connect { to: at, from: None, link: None, mark: 0, timeout };
    let schedule = lvs::config::Schedule {
        delay_loop: timeout,
        delay_before_retry: timeout,
        retry: 0,
        warmup: Duration::ZERO,
        alpha: false,
        log_all_failures: false,
    };
    RealServer {
        key: DestinationKey { ip: at.ip(), port: at.port() },
        forwarding: Forwarding::Nat,
        weight: 1,
        upper_threshold: 0,
        lower_threshold: 0,
        inhibit_on_failure: false,
        mail: false,
        rare: None,
        checks: Box::new([Check { schedule, kind: CheckKind::Tcp(Arc::new(connect)) }]),
    }
}

fn server(port: u16, servers: &[SocketAddr]) -> VirtualServer {
    let scheduler = ModuleName::new("rr").unwrap();
    let service =
        Service { key: key(port), scheduler, flags: ServiceFlags::NONE, persistence: None };
    VirtualServer {
        identity: Identity::Service(service.key),
        services: vec![service],
        marked: Vec::new(),
        quorum: Quorum::default(),
        omega: false,
        ha_suspend: false,
        mail: false,
        snmp_name: None,
        quorum_up: None,
        quorum_down: None,
        sorry_server: None,
        real_servers: servers.iter().map(|at| real(*at)).collect(),
    }
}

fn config(virtual_servers: Vec<VirtualServer>) -> Config {
    Config { virtual_servers, ..Config::default() }
}

/// One server that works and one that does not, in a table of their own.
struct Site {
    _listening: TcpListener,
    good: SocketAddr,
    dead: SocketAddr,
    kernel: ipvs::Socket,
    balancing: Balancing,
    said: log::Recorded,
}

impl Site {
    fn start() -> Self {
        let listening = TcpListener::bind("127.0.0.1:0").unwrap();
        let good = listening.local_addr().unwrap();
        let dead = SocketAddr::from(([127, 0, 0, 1], 9));
        let (log, said) = log::recorded();
        let opened =
            Opened::new(Access::default(), false, Schedule::unwished("checker"), &log).unwrap();
        // One gets no new connections, and is in the table all the same.
        let mut idle = server(81, &[good]);
        idle.real_servers[0].weight = 0;
        let wanted = config(vec![server(80, &[good, dead]), idle]);
        let teller = Pipes::start(&log).unwrap().teller(Source::Balancing);
        let mut balancing = opened
            .start(
                wanted.into(),
                teller,
                (Limits { room: 100, news: None }, SessionsDown::default()),
            )
            .unwrap();
        // Which is for a stop, not for what breaks.
        balancing.shape(Whole { flush_at_end: true, ..Whole::default() });
        let kernel = ipvs::Socket::open().unwrap();
        let mut site = Self { _listening: listening, good, dead, kernel, balancing, said };
        site.wait_for("the dead server to leave", |site| site.listed(80) == [site.good]);
        site
    }

    fn listed(&mut self, port: u16) -> Vec<SocketAddr> {
        let found = self.kernel.destinations(key(port)).unwrap();
        found.iter().map(|one| SocketAddr::new(one.key.ip, one.key.port)).collect()
    }

    fn services(&mut self) -> usize {
        self.kernel.services().unwrap().len()
    }

    fn wait_for(&mut self, what: &str, mut condition: impl FnMut(&mut Self) -> bool) {
        let end = Instant::now() + LIMIT;
        while !condition(self) {
            assert!(Instant::now() < end, "waited for {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn break_it(&mut self) {
        self.balancing.threads.orders.send(Order::Break).unwrap();
        self.wait_for("it to break", |site| site.balancing.is_broken());
        assert_eq!(self.services(), 2, "what breaks leaves the table as it is");
    }

    fn stop(mut self) {
        self.balancing.stop(false);
        self.wait_for("the end", |site| {
            let Threads { director, programmer, .. } = &site.balancing.threads;
            director.is_finished() && programmer.is_finished()
        });
        assert!(!self.balancing.join());
        assert_eq!(self.kernel.services().unwrap(), []);
    }
}

#[test]
fn a_revived_director_does_not_put_a_dead_server_back() {
    testkit::guest::run(|| {
        let mut site = Site::start();
        site.break_it();
        site.balancing.revive(SessionsDown::default());
        assert!(!site.balancing.is_broken());
        for _ in 0..150 {
            assert_eq!((site.listed(80), site.listed(81)), (vec![site.good], vec![site.good]));
            std::thread::sleep(Duration::from_millis(20));
        }
        let _revived = TcpListener::bind(site.dead).unwrap();
        site.wait_for("the other server to come back", |site| site.listed(80).len() == 2);
        site.stop();
    });
}

#[test]
fn what_a_reload_took_away_while_it_was_broken_is_gone_afterwards() {
    testkit::guest::run(|| {
        let mut site = Site::start();
        site.break_it();
        let left = config(vec![server(80, &[site.good, site.dead])]);
        site.balancing.reconfigure(left.into());
        site.balancing.revive(SessionsDown::default());
        site.wait_for("the other service to go", |site| site.services() == 1);
        site.stop();
    });
}

#[test]
fn a_stop_while_it_is_broken_leaves_nothing() {
    testkit::guest::run(|| {
        let mut site = Site::start();
        site.break_it();
        assert!(site.balancing.withdraw());
        assert_eq!(site.services(), 0);
    });
}

#[test]
fn it_is_started_again_later_and_later() {
    testkit::guest::run(|| {
        const DIED: &str = "Alert Keepalived_healthcheckers: Healthcheck part died: Respawning";
        const LATER: &str = "Alert Keepalived_healthcheckers: Restart of Healthcheck part delayed \
                             1 seconds to limit respawn rate";
        let mut site = Site::start();
        site.break_it();
        site.balancing.revive(SessionsDown::default());
        assert_eq!(site.said.about("Healthcheck part"), [DIED]);
        site.balancing.threads.orders.send(Order::Break).unwrap();
        site.wait_for("it to break", |site| site.balancing.is_broken());
        let seen = Instant::now();
        site.wait_for("it to be back", |site| {
            site.balancing.revive(SessionsDown::default());
            !site.balancing.is_broken()
        });
        assert!(seen.elapsed() >= Duration::from_millis(900), "{:?}", seen.elapsed());
        assert_eq!(site.said.about("Healthcheck part"), [DIED, LATER]);
        site.stop();
    });
}

/// A check whose program does not end by itself.
fn lasting() -> Check {
    let schedule = real(SocketAddr::from(([127, 0, 0, 1], 9))).checks[0].schedule;
    let argv = ["/bin/sleep", "600"].map(str::to_owned).to_vec();
    let command = lvs::config::Command { argv, uid: 0, gid: 0 };
    let timeout = Duration::from_secs(600);
    let program = lvs::config::MiscCheck { command, timeout, dynamic: false };
    Check { schedule, kind: CheckKind::Misc(program.into()) }
}

/// The processes that this one is the parent of, those included that nobody has buried.
fn children() -> String {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let list = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("children"));
    threads.filter_map(|thread| list(thread).ok()).collect()
}

/// The programs of its checks end with its thread, and nobody waits for them any more.
#[test]
fn no_program_of_a_broken_director_is_left_unburied() {
    testkit::guest::run(|| {
        let undertaker = std::thread::spawn(|| {
            crate::runtime::block_on(async { notify::Undertaker::begin().unwrap().bury().await });
        });
        let mut site = Site::start();
        let mut checked = server(82, &[site.good]);
        checked.real_servers[0].checks = Box::new([lasting()]);
        let wanted = config(vec![server(80, &[site.good]), checked]);
        site.balancing.reconfigure(wanted.into());
        site.wait_for("the program", |_| !children().is_empty());
        site.break_it();
        site.wait_for("its burial", |_| children().is_empty());
        assert!(!undertaker.is_finished());
    });
}
