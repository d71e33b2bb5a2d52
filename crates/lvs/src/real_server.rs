//! A server of a virtual server: whether it is up, and what the kernel holds of it.

use std::time::Instant;

use net::Destination;

use crate::config;
use crate::event::ServerDeed;
use crate::health::Check;
use crate::nursery::Nursery;
use crate::quorum::Standing;

/// A server and its checks.
#[derive(Debug)]
pub(crate) struct RealServer {
    /// Its checks are not here but in `checks`.
    pub(crate) config: config::RealServer,
    pub(crate) checks: Vec<Check>,
    /// How many of the checks have failed.
    pub(crate) failed: usize,
}

impl RealServer {
    /// A server that nothing is known of.
    pub(crate) fn new(mut config: config::RealServer, now: Instant, nursery: &mut Nursery) -> Self {
        let checks = std::mem::take(&mut config.checks);
        let make = |check: config::Check| {
            let up = !check.schedule.alpha;
            nursery.check(now, check, up)
        };
        let checks: Vec<Check> = checks.into_iter().map(make).collect();
        Self { config, failed: failed(&checks), checks }
    }

    /// It is up while none of its checks has failed.
    pub(crate) const fn is_up(&self) -> bool {
        self.failed == 0
    }

    /// Its share of the connections while it is up: what is configured and what checks add to it,
    /// as far as that is a weight (compat 21 §5.1).
    pub(crate) fn weight(&self) -> u32 {
        const MOST: i64 = i32::MAX as i64;
        let configured = self.config.weight;
        let added = self.checks.iter().map(|check| check.contribution(configured));
        let weight = added.fold(i64::from(configured), i64::saturating_add);
        u32::try_from(weight.clamp(0, MOST)).unwrap_or(0)
    }

    /// What it adds to the live weight of its virtual server.
    pub(crate) fn live_weight(&self) -> u64 {
        if self.is_up() { u64::from(self.weight()) } else { 0 }
    }

    /// What the kernel shall hold of it.
    ///
    /// Once there, one with `inhibit_on_failure` leaves only with the configuration: while it is
    /// down, and while the sorry server serves, it has weight 0 (compat 21 §5).
    pub(crate) fn destination(&self, standing: Standing) -> Option<Destination> {
        let serves = self.is_up() && standing != Standing::Sorry;
        let config = &self.config;
        (serves || config.inhibit_on_failure).then(|| Destination {
            key: config.key,
            forwarding: config.forwarding,
            weight: if serves { self.weight() } else { 0 },
            upper_threshold: config.upper_threshold,
            lower_threshold: config.lower_threshold,
        })
    }

    /// Whether it is in the table with weight 0, being down.
    pub(crate) const fn is_inhibited(&self) -> bool {
        self.config.inhibit_on_failure && !self.is_up()
    }

    /// What is said when it has just gone up or down.
    pub(crate) const fn turn(&self) -> ServerDeed {
        match (self.is_up(), self.config.inhibit_on_failure) {
            (true, false) => ServerDeed::Added,
            (true, true) => ServerDeed::Enabled,
            (false, false) => ServerDeed::Removed { inhibited: false },
            (false, true) => ServerDeed::Disabled,
        }
    }

    /// Goes on with a new configuration (compat 21 §11.6): a check that asks the same goes on,
    /// all others are new. Returns how many of those make attempts.
    pub(crate) fn adopt(
        &mut self,
        mut config: config::RealServer,
        now: Instant,
        nursery: &mut Nursery,
    ) -> usize {
        let up = self.is_up();
        let mut old = std::mem::take(&mut self.checks);
        let mut born = 0;
        for new in std::mem::take(&mut config.checks) {
            let known = old.iter().position(|check| check.is_same(&new.kind));
            let check = match known {
                Some(place) => {
                    let mut check = old.remove(place);
                    check.adopt(now, new);
                    check
                }
                None => {
                    // One that trusts nobody without proof does not bring a server back.
                    let assumed = up || !new.schedule.alpha;
                    let check = nursery.check(now, new, assumed);
                    born += usize::from(check.makes_attempts());
                    check
                }
            };
            self.checks.push(check);
        }
        self.failed = failed(&self.checks);
        self.config = config;
        born
    }
}

fn failed(checks: &[Check]) -> usize {
    checks.iter().filter(|check| !check.health.is_up()).count()
}
