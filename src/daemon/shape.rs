//! What IPVS as a whole shall be like, from the configuration and from who is master now.
//!
//! The only thing that load balancing hears of VRRP is here: which way connections are
//! synchronised (compat 11 §17, 21 §9).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use conf::{Config, Flush, Ipvs, IpvsMarks, SyncDaemon};
use ipvs::{Direction, Timeouts};
use vrrp::Name;

use crate::ipvs_programmer::Whole;

/// What it depends on.
#[derive(Debug, Default)]
pub(super) struct Shape {
    ipvs: Ipvs,
    marks: IpvsMarks,
    /// The numbers of the virtual routers, which are those of their connections too.
    numbers: BTreeMap<Name, u8>,
    masters: BTreeSet<Name>,
}

impl Shape {
    /// Takes over a configuration; who is master stays so.
    pub(super) fn configure(&mut self, config: &Config) {
        self.ipvs = config.globals.ipvs.clone();
        self.marks = config.globals.firewall.ipvs.clone();
        if self.ipvs.sync_daemon.is_none() {
            self.ipvs.sync_daemon =
                config.sync_daemon.as_ref().map(|(link, instance)| SyncDaemon {
                    link: link.clone(),
                    instance: Some(instance.clone()),
                    // Unlike with the global keyword it is not the number of the router.
                    id: Some(0),
                    max_length: None,
                    port: None,
                    ttl: None,
                    group: None,
                });
        }
        let instances = config.vrrp.instances.iter();
        self.numbers =
            instances.map(|instance| (instance.name.clone(), instance.vrid.number())).collect();
    }

    /// An instance became master, or is no longer.
    pub(super) fn turned(&mut self, instance: Name, master: bool) {
        if master {
            self.masters.insert(instance);
        } else {
            self.masters.remove(&instance);
        }
    }

    /// What the kernel shall be like now.
    pub(super) fn whole(&self) -> Whole {
        let Ipvs { timeouts, flush_on_stop, sync_daemon, audit_interval, .. } = &self.ipvs;
        let IpvsMarks { table, priority, .. } = &self.marks;
        let marks = table.clone().map(|name| nft::Table { name, priority: *priority });
        let seconds = |time: Option<Duration>| {
            time.map_or(0, |time| u32::try_from(time.as_secs()).unwrap_or(u32::MAX))
        };
        Whole {
            timeouts: Timeouts {
                tcp: seconds(timeouts.tcp),
                tcp_fin: seconds(timeouts.tcp_fin),
                udp: seconds(timeouts.udp),
            },
            daemons: sync_daemon.iter().flat_map(|daemon| self.daemons(daemon)).collect(),
            audit: (!audit_interval.is_zero()).then_some(*audit_interval),
            marks,
            flush_at_end: *flush_on_stop == Some(Flush::Table),
        }
    }

    /// Without an instance connections go both ways; the instance's master sends them, and its
    /// backups receive.
    fn daemons(&self, wish: &SyncDaemon) -> Vec<ipvs::SyncDaemon> {
        let directions = match &wish.instance {
            None => vec![Direction::Master, Direction::Backup],
            Some(instance) if self.masters.contains(instance) => vec![Direction::Master],
            Some(_) => vec![Direction::Backup],
        };
        let number = wish.instance.as_ref().and_then(|instance| self.numbers.get(instance));
        let daemon = |direction| ipvs::SyncDaemon {
            direction,
            link: wish.link.as_str().to_owned(),
            id: wish.id.or(number.copied()).unwrap_or(0),
            max_length: wish.max_length,
            port: wish.port,
            ttl: wish.ttl,
            group: wish.group,
        };
        directions.into_iter().map(daemon).collect()
    }
}
