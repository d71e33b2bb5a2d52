//! Random pairs of configurations: after a reload from one to the other the kernel's table is that
//! of a fresh start with the other, whatever the checks found out and whenever the reload came.
//!
//! Everything between the file and the kernel is the daemon's own: the language, the director, the
//! table. Time is virtual, checks end as the seed says. The kernel is one in memory, or in a guest
//! the real one. `RELOAD_PAIRS` and `RELOAD_PAIRS_ON_IPVS` say how many, `RELOAD_PAIR` which one.

mod configuration;
mod site;

use std::str::FromStr;

use configuration::Pair;
use ipvs::{Change, Socket};
use net::ServiceKey;
use site::{Site, Tables};

use super::Access;
use super::kernel::Kernel;
use super::table::tests::model;
use super::table::{Known, Refused};
use crate::log;

/// Where a table is kept.
trait Place {
    fn read(&mut self, key: ServiceKey) -> Option<Known>;
    fn apply(&mut self, changes: &[Change]) -> Vec<Refused>;
    /// All of it, as it is now.
    fn tables(&mut self) -> Tables;
}

impl Place for model::Kernel {
    fn read(&mut self, key: ServiceKey) -> Option<Known> {
        self.services.get(&key).cloned()
    }

    fn apply(&mut self, changes: &[Change]) -> Vec<Refused> {
        let made = changes.iter().map(|change| Self::apply(self, change)).enumerate();
        made.filter_map(|(change, made)| Some(Refused { change, drift: made.err()? })).collect()
    }

    fn tables(&mut self) -> Tables {
        self.services.iter().map(|(key, known)| (*key, known.clone())).collect()
    }
}

/// The kernel that this runs on, and a witness that only reads.
struct Real {
    kernel: Kernel,
    witness: Socket,
}

impl Real {
    /// With an empty table.
    fn new() -> Self {
        let log = log::silent();
        let kernel = Kernel::open(Access::default(), true, log).expect("a guest has IPVS");
        Self { kernel, witness: Socket::open().expect("a guest has IPVS") }
    }
}

impl Place for Real {
    fn read(&mut self, key: ServiceKey) -> Option<Known> {
        self.kernel.read(key)
    }

    fn apply(&mut self, changes: &[Change]) -> Vec<Refused> {
        let refused = self.kernel.apply(changes);
        let named = |one: &Refused| changes[one.change].clone();
        assert!(refused.is_empty(), "refused: {:?}", refused.iter().map(named).collect::<Vec<_>>());
        refused
    }

    fn tables(&mut self) -> Tables {
        let services = self.witness.services().expect("the table can be read");
        let known = services.into_iter().map(|service| {
            let found = self.witness.destinations(service.key).expect("the table can be read");
            let destinations = found.into_iter().map(|one| (one.key, one)).collect();
            (service.key, Known { service, destinations })
        });
        known.collect()
    }
}

/// What the table is after the reload, and after a fresh start. Then reloads the same again.
fn outcomes<P: Place>(pair: &Pair, make: impl Fn() -> P) -> (Tables, Tables) {
    let mut reloaded = Site::start(&pair.before, pair.seed, make());
    reloaded.run_for(pair.moment);
    reloaded.reload(&pair.after);
    reloaded.run_for(site::ENOUGH);
    let after_reload = reloaded.kernel.tables();
    let written = reloaded.written;
    reloaded.reload(&pair.after);
    assert_eq!(reloaded.written, written, "a reload of the same writes nothing");
    drop(reloaded);
    let mut fresh = Site::start(&pair.after, pair.seed, make());
    fresh.run_for(site::ENOUGH);
    (after_reload, fresh.kernel.tables())
}

fn check<P: Place>(seed: u64, make: impl Fn() -> P) -> Tables {
    let pair = Pair::new(seed);
    let (reloaded, fresh) = outcomes(&pair, make);
    assert_eq!(reloaded, fresh, "RELOAD_PAIR={seed}, a reload after {:?}", pair.moment);
    fresh
}

fn number<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

fn seeds(name: &str, usual: u64) -> std::ops::Range<u64> {
    match number("RELOAD_PAIR") {
        Some(seed) => seed..seed + 1,
        None => 0..number(name).unwrap_or(usual),
    }
}

#[test]
fn after_a_reload_the_table_is_that_of_a_fresh_start() {
    let (mut services, mut destinations) = (0, 0);
    for seed in seeds("RELOAD_PAIRS", 500) {
        let tables = check(seed, model::Kernel::default);
        services += tables.len();
        destinations += tables.values().map(|known| known.destinations.len()).sum::<usize>();
    }
    assert!(services > 0 && destinations > 0, "{services} services, {destinations} destinations");
}

#[test]
fn after_a_reload_the_kernels_own_table_is_that_of_a_fresh_start() {
    testkit::guest::Guest::new().limit(std::time::Duration::from_secs(600)).run(|| {
        let lab = testkit::lab::Lab::new("pairs");
        let host = lab.host("a", "10.1.0.254/16");
        host.enable_ipv6();
        host.add_address("eth0", "2001:db8:1::fe/64");
        host.inside_thread(|| {
            for seed in seeds("RELOAD_PAIRS_ON_IPVS", 20) {
                let real = check(seed, Real::new);
                assert_eq!(real, check(seed, model::Kernel::default), "RELOAD_PAIR={seed}");
            }
        });
    });
}
