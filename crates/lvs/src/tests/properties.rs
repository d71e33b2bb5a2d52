//! What holds for every configuration and every course of events.

use std::collections::{BTreeMap, BTreeSet};

use net::{DestinationKey, Forwarding};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::config::{Check, Config, Quorum, RealServer, SorryServer, VirtualServer};
use crate::tests::site::{SCHEDULE, Site, config, key, real, secs, sorry, tcp_to, vs};
use crate::{Input, Order};

/// Servers are 1 to 4; the checks of server n ask hosts n and 100 + n.
fn real_server(n: u8) -> impl Strategy<Value = RealServer> {
    (0..4_u32, any::<(bool, bool)>(), 0..3_usize, 0..3_u32).prop_map(
        move |(weight, (inhibit, alpha), checks, retry)| {
            let check = |host| {
                let schedule = crate::config::Schedule { alpha, retry, ..SCHEDULE };
                Check { schedule, kind: tcp_to(key(host).ip) }
            };
            RealServer {
                weight,
                inhibit_on_failure: inhibit,
                checks: [n, 100 + n].into_iter().take(checks).map(check).collect(),
                ..real(n)
            }
        },
    )
}

fn sorry_server() -> impl Strategy<Value = Option<SorryServer>> {
    (0..3_u8, any::<bool>()).prop_map(|(which, inhibit)| match which {
        0 => None,
        1 => sorry(inhibit),
        _ => Some(SorryServer { key: key(1), forwarding: Forwarding::Nat, inhibit }),
    })
}

fn virtual_server(n: u8, hysteresis: bool) -> impl Strategy<Value = VirtualServer> {
    let servers = proptest::sample::subsequence(vec![1_u8, 2, 3, 4], 0..=4)
        .prop_flat_map(|which| which.into_iter().map(real_server).collect::<Vec<_>>());
    (servers, sorry_server(), 0..6_u32, 0..6_u32, any::<bool>()).prop_map(
        move |(servers, sorry_server, needed, slack, omega)| {
            let limit = if hysteresis { needed.saturating_sub(1) } else { 0 };
            let quorum = Quorum { needed, hysteresis: slack.min(limit) };
            VirtualServer { quorum, sorry_server, omega, ..vs(n, servers) }
        },
    )
}

fn any_config(hysteresis: bool) -> impl Strategy<Value = Config> {
    proptest::sample::subsequence(vec![1_u8, 2, 3], 0..=3).prop_flat_map(move |which| {
        let servers: Vec<_> = which.into_iter().map(|n| virtual_server(n, hysteresis)).collect();
        servers.prop_map(config)
    })
}

fn host() -> impl Strategy<Value = u8> {
    prop_oneof![1..5_u8, 101..105_u8]
}

fn hosts() -> impl Strategy<Value = Vec<u8>> {
    vec(host(), 0..8)
}

fn is_up(site: &Site, server: &RealServer) -> bool {
    let target = |check: &Check| {
        let crate::config::CheckKind::Tcp(probe) = &check.kind else {
            unreachable!("no other kind is made here")
        };
        site.is_up(&probe.to.ip().to_string())
    };
    server.checks.iter().all(target)
}

/// What a virtual server should be, by the rules of compat 21 §5 alone.
struct Model {
    config: VirtualServer,
    alive: Vec<bool>,
    met: bool,
}

impl Model {
    fn new(config: &VirtualServer) -> Self {
        let assumed = |server: &RealServer| server.checks.iter().all(|c| !c.schedule.alpha);
        let alive = config.real_servers.iter().map(assumed).collect();
        let mut model = Self { config: config.clone(), alive, met: config.quorum.needed == 0 };
        model.judge();
        model
    }

    fn judge(&mut self) {
        let servers = self.config.real_servers.iter().zip(&self.alive);
        let weight: u32 = servers.filter(|(_, alive)| **alive).map(|(s, _)| s.weight).sum();
        let Quorum { needed, hysteresis } = self.config.quorum;
        if weight >= needed + hysteresis {
            self.met = true;
        } else if weight < needed - hysteresis {
            self.met = false;
        }
    }

    fn look(&mut self, site: &Site) {
        for n in 0..self.alive.len() {
            self.alive[n] = is_up(site, &self.config.real_servers[n]);
            self.judge();
        }
    }

    fn table(&self) -> BTreeMap<DestinationKey, u32> {
        let mut table = BTreeMap::new();
        let sorry = self.config.sorry_server;
        let hidden = !self.met && sorry.is_some();
        for (server, alive) in self.config.real_servers.iter().zip(&self.alive) {
            if *alive && !hidden {
                table.insert(server.key, server.weight);
            } else if server.inhibit_on_failure {
                table.insert(server.key, 0);
            }
        }
        match sorry {
            Some(sorry) if hidden => {
                table.insert(sorry.key, 1);
            }
            Some(sorry) if sorry.inhibit => {
                table.entry(sorry.key).or_insert(0);
            }
            Some(_) | None => {}
        }
        table
    }
}

fn table_of(order: &Order) -> BTreeMap<DestinationKey, u32> {
    let table: BTreeMap<_, _> = order.destinations.iter().map(|d| (d.key, d.weight)).collect();
    assert_eq!(table.len(), order.destinations.len(), "no two entries of one key");
    table
}

/// Nothing else serves beside the sorry server.
fn check_sorry(order: &Order, config: &VirtualServer) {
    let Some(sorry) = config.sorry_server.filter(|sorry| sorry.key == key(99)) else {
        return;
    };
    let serves = |d: &&net::Destination| d.weight > 0 && d.key != sorry.key;
    if order.destinations.iter().any(|d| d.key == sorry.key && d.weight > 0) {
        assert_eq!(order.destinations.iter().find(serves), None);
    }
}

fn check_models(site: &Site, models: &[Model]) {
    for (order, model) in site.orders.values().zip(models) {
        assert_eq!(table_of(order), model.table());
        check_sorry(order, &model.config);
    }
}

/// Each notice is the opposite of the one before of the same subject.
fn check_alternation(last: &mut BTreeMap<String, String>, notices: Vec<String>) {
    for notice in notices {
        let (subject, word) = notice.rsplit_once(' ').unwrap();
        let before = last.insert(subject.to_owned(), word.to_owned());
        assert_ne!(before.as_deref(), Some(word), "{subject} was told twice");
    }
}

/// What the outside was told last, the first results included, which may repeat themselves.
fn first_notices(site: &mut Site) -> BTreeMap<String, String> {
    let notices = site.take_notices();
    let split = |notice: &String| {
        notice.rsplit_once(' ').map(|(subject, word)| (subject.to_owned(), word.to_owned()))
    };
    notices.iter().filter_map(split).collect()
}

/// The tables of the services that are there, by service.
fn tables(site: &Site) -> BTreeMap<net::ServiceKey, (Vec<net::Service>, Vec<net::Destination>)> {
    let there = site.orders.values().filter(|order| !order.services.is_empty());
    there
        .map(|order| {
            let content = (order.services.to_vec(), order.destinations.to_vec());
            (order.services[0].key, content)
        })
        .collect()
}

proptest! {
    #[test]
    fn the_table_follows_from_the_health_of_the_servers(
        config in any_config(true),
        start in hosts(),
        steps in vec((host(), any::<bool>()), 0..12),
    ) {
        let mut site = Site::with(config.clone(), &start, true);
        let mut models: Vec<_> = config.virtual_servers.iter().map(Model::new).collect();
        check_models(&site, &models);
        site.run_to(1);
        models.iter_mut().for_each(|model| model.look(&site));
        check_models(&site, &models);
        let mut last = first_notices(&mut site);
        let mut end = 1;
        for (host, settles) in steps {
            let up = site.is_up(&key(host).ip.to_string());
            site.set(host, !up);
            site.settles_at_once = settles;
            end += 30;
            site.run_to(end);
            models.iter_mut().for_each(|model| model.look(&site));
            check_models(&site, &models);
            check_alternation(&mut last, site.take_notices());
        }
        site.settle();
        check_alternation(&mut last, site.take_notices());
        let met = |model: &Model| (format!("VS {}", model.config.identity), model.met);
        for (subject, met) in models.iter().map(met) {
            let told = last.get(&subject).map(|word| word == "UP");
            prop_assert!(told.is_none_or(|told| told == met));
        }
    }

    #[test]
    fn after_a_reload_everything_is_as_after_a_fresh_start(
        before in any_config(true),
        after in any_config(false),
        hosts in hosts(),
        moment in 0..20_u64,
        settles in any::<bool>(),
    ) {
        let mut site = Site::with(before, &hosts, settles);
        site.run_to(moment);
        site.reload(after.clone());
        site.run_to(moment + 60);
        let mut fresh = Site::with(after, &hosts, true);
        fresh.run_to(60);
        prop_assert_eq!(tables(&site), tables(&fresh));
        site.settle();
        prop_assert_eq!(site.ready, 1);
    }

    #[test]
    fn a_reload_of_the_same_is_not_noticed(
        config in any_config(true),
        hosts in hosts(),
        moment in 0..20_000_u64,
        answers in any::<bool>(),
        settles in any::<bool>(),
    ) {
        let mut site = Site::with(config.clone(), &hosts, settles);
        site.run_until(std::time::Duration::from_millis(moment / 2));
        site.answers_at_once = answers;
        site.run_until(std::time::Duration::from_millis(moment));
        site.take_log();
        site.take_notices();
        let under_way: BTreeSet<_> = site.trying.keys().copied().collect();
        let (orders, deadline) = (site.order_count, site.director.poll_timeout());
        site.reload(config);
        prop_assert_eq!(site.take_log(), Vec::<String>::new());
        prop_assert_eq!(site.take_notices(), Vec::<String>::new());
        prop_assert_eq!((site.order_count, site.director.poll_timeout()), (orders, deadline));
        prop_assert_eq!(site.trying.keys().copied().collect::<BTreeSet<_>>(), under_way);
    }

    #[test]
    fn every_course_of_events_comes_to_an_end(
        configs in vec(any_config(true), 1..5),
        steps in vec((0..6_u8, host(), 1..10_u64), 0..30),
    ) {
        let mut site = Site::slow(configs[0].clone());
        let mut newest = 0;
        for (step, host, time) in steps {
            match step {
                0 => site.set(host, false),
                1 => site.set(host, true),
                2 => site.settle(),
                3 => site.answer(),
                4 => site.answers_at_once = !site.answers_at_once,
                _ => {
                    newest = usize::from(host) % configs.len();
                    site.reload(configs[newest].clone());
                }
            }
            let end = site.elapsed() + secs(time);
            site.run_until(end);
        }
        site.settle();
        prop_assert_eq!(site.ready, 1);
        let there = site.orders.values().filter(|order| !order.services.is_empty()).count();
        prop_assert_eq!(there, configs[newest].virtual_servers.len());
        site.input(Input::Stop);
        let left = configs[newest].virtual_servers.len();
        prop_assert_eq!((site.stopped, site.unsettled.len()), (usize::from(left == 0), left));
        site.settle();
        prop_assert_eq!(site.stopped, 1);
        prop_assert!(site.orders.values().all(|order| order.services.is_empty()));
        prop_assert_eq!(site.director.poll_timeout(), None);
    }
}
