//! A director in virtual time, with servers that work or do not, and a kernel that does what it
//! is told at once or later.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use net::{DestinationKey, Forwarding, ModuleName, Protocol, Service, ServiceFlags, ServiceKey};

use crate::alert::Alert;
use crate::config::{
    Check, CheckKind, Command, Config, HttpCheck, Identity, MiscCheck, Quorum, RealServer,
    Schedule, SorryServer, VirtualServer,
};
use crate::{
    CheckId, Connect, Director, DnsFailure, Effect, Facts, Failure, Generation, HttpVersion, Input,
    NotConnected, Order, Outcome, Passed, PingFailure, Probe, Proof, Request, ServerId,
    SmtpFailure, UdpFailure, WebFailure,
};

pub(super) const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(super) fn key(n: u8) -> DestinationKey {
    DestinationKey { ip: IpAddr::from([10, 1, 0, n]), port: 80 }
}

/// What log lines call server n, and the first virtual server.
pub(super) fn rs(n: u8) -> String {
    format!("[10.1.0.{n}]:tcp:80")
}

pub(super) const VS: &str = "[10.0.0.1]:tcp:80";

pub(super) const SCHEDULE: Schedule = Schedule {
    delay_loop: secs(6),
    delay_before_retry: secs(1),
    retry: 1,
    warmup: Duration::ZERO,
    alpha: false,
    log_all_failures: false,
};

pub(super) fn tcp_to(ip: IpAddr) -> CheckKind {
    let to = SocketAddr::new(ip, 80);
    CheckKind::Tcp(Arc::new(Connect { to, from: None, link: None, mark: 0, timeout: secs(5) }))
}

pub(super) fn url(path: &str) -> Arc<Request> {
    let to = SocketAddr::from((Ipv4Addr::new(10, 1, 0, 1), 80));
    let connect = Connect { to, from: None, link: None, mark: 0, timeout: secs(5) };
    Arc::new(Request {
        connect,
        patience: secs(60),
        path: path.to_owned(),
        host: "www.example.com".to_owned(),
        virtual_host: Some("www.example.com".to_owned()),
        version: HttpVersion::V1_0,
        statuses: vec![(200, 200)],
        digest: None,
        pattern: None,
        tls: None,
    })
}

/// Server n of weight 1 with one `TCP_CHECK`.
pub(super) fn real(n: u8) -> RealServer {
    RealServer {
        key: key(n),
        forwarding: Forwarding::Nat,
        weight: 1,
        upper_threshold: 0,
        lower_threshold: 0,
        inhibit_on_failure: false,
        mail: false,
        rare: None,
        checks: Box::new([Check { schedule: SCHEDULE, kind: tcp_to(key(n).ip) }]),
    }
}

pub(super) fn weighing(weight: u32, mut server: RealServer) -> RealServer {
    server.weight = weight;
    server
}

pub(super) fn inhibited(mut server: RealServer) -> RealServer {
    server.inhibit_on_failure = true;
    server
}

/// The same server with the checks of another one besides its own.
pub(super) fn with_checks_of(other: &RealServer, mut server: RealServer) -> RealServer {
    server.checks = [server.checks, other.checks.clone()].concat().into();
    server
}

/// The same server with changed schedules.
pub(super) fn with_schedule(mut server: RealServer, change: impl Fn(&mut Schedule)) -> RealServer {
    server.checks.iter_mut().for_each(|check| change(&mut check.schedule));
    server
}

pub(super) fn alpha(server: RealServer) -> RealServer {
    with_schedule(server, |schedule| schedule.alpha = true)
}

/// Server 1 with one `HTTP_GET` of these paths.
pub(super) fn web(paths: &[&str], fast_recovery: bool, schedule: Schedule) -> RealServer {
    let urls = paths.iter().map(|path| url(path)).collect();
    let kind = CheckKind::Http(HttpCheck { urls, fast_recovery });
    RealServer { checks: Box::new([Check { schedule, kind }]), ..real(1) }
}

pub(super) fn service(n: u8) -> Service {
    let ip = IpAddr::from([10, 0, 0, n]);
    Service {
        key: ServiceKey::Address { protocol: Protocol::Tcp, ip, port: 80 },
        scheduler: ModuleName::new("wlc").unwrap(),
        flags: ServiceFlags::NONE,
        persistence: None,
    }
}

/// Virtual server n with these servers.
pub(super) fn vs(n: u8, real_servers: Vec<RealServer>) -> VirtualServer {
    let service = service(n);
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
        real_servers,
    }
}

/// The sorry server is 10.1.0.99.
pub(super) fn sorry(inhibit: bool) -> Option<SorryServer> {
    Some(SorryServer { key: key(99), forwarding: Forwarding::Nat, inhibit })
}

pub(super) fn config(virtual_servers: Vec<VirtualServer>) -> Config {
    Config { virtual_servers, ..Config::default() }
}

/// One virtual server with these servers.
pub(super) fn simple(real_servers: Vec<RealServer>) -> Config {
    config(vec![vs(1, real_servers)])
}

pub(super) fn command(program: &str) -> Option<Arc<Command>> {
    Some(Command { argv: vec![program.to_owned()], uid: 0, gid: 0 }.into())
}

/// The director and everything around it.
pub(super) struct Site {
    pub(super) director: Director,
    start: Instant,
    now: Instant,
    /// The newest order of each owner.
    pub(super) orders: BTreeMap<ServerId, Order>,
    pub(super) order_count: usize,
    /// Lines, attempts and notices since they were last taken.
    log: Vec<String>,
    tries: Vec<(Duration, String)>,
    notices: Vec<String>,
    alerts: Vec<Alert>,
    /// Attempts under way.
    pub(super) trying: BTreeMap<CheckId, Attempt>,
    /// Orders that the kernel has not yet carried out.
    pub(super) unsettled: Vec<(ServerId, Generation)>,
    /// Servers by address, or pages by path, that do not work.
    down: BTreeSet<String>,
    /// What comes of attempts in place of the usual.
    pub(super) special: Option<Outcome>,
    pub(super) settles_at_once: bool,
    pub(super) answers_at_once: bool,
    pub(super) ready: usize,
    pub(super) stopped: usize,
}

impl Site {
    pub(super) fn new(config: Config) -> Self {
        Self::with(config, &[], true)
    }

    /// A site whose kernel is told what is settled by hand.
    pub(super) fn slow(config: Config) -> Self {
        Self::with(config, &[], false)
    }

    /// A site of which that is known at the beginning.
    pub(super) fn knowing(config: Config, facts: Facts) -> Self {
        Self::begin(config, facts, &[], true)
    }

    pub(super) fn with(config: Config, down: &[u8], settles_at_once: bool) -> Self {
        Self::begin(config, Facts::default(), down, settles_at_once)
    }

    fn begin(config: Config, facts: Facts, down: &[u8], settles_at_once: bool) -> Self {
        let start = Instant::now();
        let mut site = Self {
            director: Director::new(config.into(), facts, start, 1),
            start,
            now: start,
            orders: BTreeMap::new(),
            order_count: 0,
            log: Vec::new(),
            tries: Vec::new(),
            notices: Vec::new(),
            alerts: Vec::new(),
            trying: BTreeMap::new(),
            unsettled: Vec::new(),
            down: down.iter().map(|n| key(*n).ip.to_string()).collect(),
            special: None,
            settles_at_once,
            answers_at_once: true,
            ready: 0,
            stopped: 0,
        };
        site.drain();
        site
    }

    pub(super) fn set(&mut self, n: u8, up: bool) {
        self.set_name(&key(n).ip.to_string(), up);
    }

    pub(super) fn set_name(&mut self, name: &str, up: bool) {
        if up {
            self.down.remove(name);
        } else {
            self.down.insert(name.to_owned());
        }
    }

    pub(super) fn is_up(&self, name: &str) -> bool {
        !self.down.contains(name)
    }

    pub(super) fn input(&mut self, input: Input) {
        self.director.handle(self.now, input);
        self.drain();
    }

    /// An input whose consequences are not looked at yet.
    pub(super) fn feed(&mut self, input: Input) {
        self.director.handle(self.now, input);
    }

    /// Time goes by, and nobody minds the deadlines.
    pub(super) fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    pub(super) fn reload(&mut self, config: Config) {
        self.input(Input::Reconfigure(config.into()));
    }

    /// Lets the time of the site be that many seconds.
    pub(super) fn run_to(&mut self, second: u64) {
        self.run_until(secs(second));
    }

    pub(super) fn run_until(&mut self, end: Duration) {
        let end = self.start + end;
        for _ in 0..100_000 {
            let Some(at) = self.director.poll_timeout().filter(|at| *at <= end) else {
                self.now = end;
                return;
            };
            assert!(at >= self.now, "a deadline has been missed");
            self.now = at;
            self.input(Input::Timeout);
            assert_ne!(self.director.poll_timeout(), Some(at).filter(|_| !self.answers_at_once));
        }
        panic!("time stands still");
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// The kernel catches up.
    pub(super) fn settle(&mut self) {
        while !self.unsettled.is_empty() {
            for (owner, generation) in std::mem::take(&mut self.unsettled) {
                self.input(Input::Settled { owner, generation });
            }
        }
    }

    /// Every attempt under way ends.
    pub(super) fn answer(&mut self) {
        for (check, probe) in std::mem::take(&mut self.trying) {
            let outcome = self.outcome(&probe);
            self.input(Input::Tried { check, outcome });
        }
    }

    fn outcome(&self, attempt: &Attempt) -> Outcome {
        let up = self.is_up(&attempt.name());
        if let Some(outcome) = &self.special {
            return outcome.clone();
        }
        let probe = match attempt {
            Attempt::Probe(probe) => probe,
            Attempt::Program(program) => {
                return Outcome::of_program(program, if up { 0 } else { 1 });
            }
        };
        let failure = match probe {
            Probe::Http(_) if up => {
                return Outcome::Passed(Passed::Answered { by: Proof::Status, length: None });
            }
            Probe::Tcp(_) => Failure::Tcp(NotConnected::Failed),
            Probe::Http(_) => Failure::Web(WebFailure::WrongStatus(Some(503), None)),
            Probe::Smtp(_) => Failure::Smtp(SmtpFailure::BadGreeting),
            Probe::Dns(_) => Failure::Dns(DnsFailure::Code(5)),
            Probe::Udp(_) => Failure::Udp(UdpFailure::Failed),
            Probe::Ping(_) => Failure::Ping(PingFailure::Timeout),
        };
        if up { Outcome::Passed(Passed::Worked) } else { Outcome::Failed(failure) }
    }

    pub(super) fn drain(&mut self) {
        while let Some(order) = self.director.poll_order() {
            let newest = self.orders.get(&order.owner).map_or(Generation(0), |o| o.generation);
            assert!(order.generation > newest, "versions only grow");
            self.order_count += 1;
            self.unsettled.push((order.owner, order.generation));
            self.orders.insert(order.owner, order);
        }
        while let Some(effect) = self.director.poll_effect() {
            self.carry_out(effect);
        }
        if self.settles_at_once && !self.unsettled.is_empty() {
            self.settle();
        }
        if self.answers_at_once && !self.trying.is_empty() {
            self.answer();
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        assert_eq!(self.stopped, 0, "nothing comes after the end: {effect:?}");
        match effect {
            Effect::Try { check, probe } => self.attempt(check, Attempt::Probe(probe)),
            Effect::Run { check, program } => self.attempt(check, Attempt::Program(program)),
            Effect::Forget { check } => drop(self.trying.remove(&check)),
            Effect::Notify(notice) => {
                let word = if notice.up { "UP" } else { "DOWN" };
                let program = notice.command.map(|c| format!(" {}", c.argv.join(" ")));
                let program = program.unwrap_or_default();
                self.notices.push(format!("{} {word}{program}", notice.subject));
            }
            Effect::Alert(alert) => self.alerts.push(alert),
            Effect::Report(event) => {
                self.log.push(event.to_string());
            }
            Effect::Ready => self.ready += 1,
            Effect::Stopped => self.stopped += 1,
        }
    }

    fn attempt(&mut self, check: CheckId, attempt: Attempt) {
        self.tries.push((self.now - self.start, attempt.name()));
        assert!(self.trying.insert(check, attempt).is_none(), "one attempt at a time");
    }

    pub(super) fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    pub(super) fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    pub(super) fn take_alerts(&mut self) -> Vec<Alert> {
        std::mem::take(&mut self.alerts)
    }

    /// What was tried and when, in milliseconds.
    pub(super) fn take_tries(&mut self) -> Vec<(u128, String)> {
        std::mem::take(&mut self.tries)
            .into_iter()
            .map(|(at, what)| (at.as_millis(), what))
            .collect()
    }

    /// When something was tried, in milliseconds.
    pub(super) fn take_times(&mut self) -> Vec<u128> {
        self.take_tries().into_iter().map(|(at, _)| at).collect()
    }

    /// The destinations of the n-th virtual server ever, as `10.1.0.1=1`.
    pub(super) fn table(&self, n: u32) -> String {
        let order = &self.orders[&ServerId(n)];
        let entry = |d: &net::Destination| format!("{}={}", d.key.ip, d.weight);
        order.destinations.iter().map(entry).collect::<Vec<_>>().join(" ")
    }
}

/// An attempt under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Probe(Probe),
    Program(Arc<MiscCheck>),
}

impl Attempt {
    fn name(&self) -> String {
        match self {
            Self::Probe(Probe::Http(request)) => request.path.clone(),
            Self::Probe(probe) => probe.target().ip().to_string(),
            Self::Program(program) => program.command.argv.join(" "),
        }
    }
}
