//! What a new configuration changes in a virtual server that goes on (compat 21 §11.2 to §11.9).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use net::{DestinationKey, Service, ServiceKey};

use crate::alert::Cause;
use crate::config::{self, Identity, SorryServer};
use crate::event::{Entry, Happening, ServerDeed};
use crate::quorum::Standing;
use crate::real_server::RealServer;
use crate::virtual_server::{Cx, VirtualServer};

impl VirtualServer {
    /// Takes over a configuration of the same identity.
    pub(crate) fn adopt(&mut self, cx: &mut Cx<'_>, config: config::VirtualServer) {
        // Whether anything differs turns out when the order is made.
        self.orders.outdate();
        self.replace_suspension(cx, &config);
        self.replace_services(cx, config.services);
        self.markings = config.marked.into();
        self.replace_real_servers(cx, config.real_servers);
        self.replace_sorry_server(cx, config.sorry_server);
        self.quorum = config.quorum;
        self.omega = config.omega;
        self.quorum_up = config.quorum_up;
        self.quorum_down = config.quorum_down;
        self.mail = config.mail;
        self.evaluate(cx);
    }

    fn replace_services(&mut self, cx: &mut Cx<'_>, services: Vec<Service>) {
        if *self.services == *services {
            return;
        }
        if matches!(*self.identity, Identity::Group { .. }) {
            let keys = |services: &[Service]| services.iter().map(|s| s.key).collect::<Vec<_>>();
            let (old, new) = (keys(&self.services), keys(&services));
            let gone = entries(&old, &new).into_iter().map(Happening::EntryGone);
            let added = entries(&new, &old).into_iter().map(Happening::EntryAdded);
            gone.chain(added).for_each(|happening| self.report(cx, happening));
        }
        self.services = services.into();
    }

    fn replace_real_servers(&mut self, cx: &mut Cx<'_>, configs: Vec<config::RealServer>) {
        let wanted: BTreeSet<DestinationKey> = configs.iter().map(|config| config.key).collect();
        let mut known = BTreeMap::new();
        for real in std::mem::take(&mut self.reals) {
            let key = real.config.key;
            if wanted.contains(&key) {
                known.insert(key, real);
            } else {
                self.report_real(cx, key, ServerDeed::Gone);
                self.drop_real(cx, &real);
            }
        }
        self.live_weight = 0;
        for config in configs {
            match known.remove(&config.key) {
                Some(real) => self.keep(cx, real, config),
                None => self.admit(cx, config),
            }
        }
    }

    /// A server goes on.
    fn keep(&mut self, cx: &mut Cx<'_>, mut real: RealServer, config: config::RealServer) {
        let (key, active, from) = (config.key, real.is_up(), real.weight());
        let born = real.adopt(config, cx.now, cx.nursery);
        let to = real.weight();
        if from != to {
            self.report_real(cx, key, ServerDeed::Weighed { from, to, active });
        }
        self.announce_checks(cx, key, born);
        // It goes down only by a file; whatever else is new of a server is assumed to be good.
        if active != real.is_up() {
            self.report_real(cx, key, real.turn());
            self.orders.tell(self.notice(&real, real.is_up()));
            self.alert_real(cx, &real, true, Cause::Check(None));
        }
        self.live_weight += real.live_weight();
        self.reals.push(real);
    }

    fn replace_sorry_server(&mut self, cx: &mut Cx<'_>, new: Option<SorryServer>) {
        let key = |server: Option<SorryServer>| server.map(|server| server.key);
        if self.standing == Standing::Sorry && key(self.sorry_server) != key(new) {
            self.enter(cx, Standing::Lost);
        }
        self.sorry_server = new;
    }
}

/// What of `these` is not among `those`; addresses that follow each other make a range, as they
/// do in most configurations.
fn entries(these: &[ServiceKey], those: &[ServiceKey]) -> Vec<Entry> {
    let those: BTreeSet<&ServiceKey> = those.iter().collect();
    let mut entries: Vec<Entry> = Vec::new();
    for key in these.iter().filter(|key| !those.contains(key)) {
        match entries.last_mut() {
            Some(entry) if follower(entry) == Some(*key) => entry.last = address(*key),
            Some(_) | None => entries.push(Entry { first: *key, last: None }),
        }
    }
    entries
}

const fn address(key: ServiceKey) -> Option<IpAddr> {
    match key {
        ServiceKey::Address { ip, .. } => Some(ip),
        ServiceKey::Mark { .. } => None,
    }
}

/// What would make an entry one address longer.
fn follower(entry: &Entry) -> Option<ServiceKey> {
    let ServiceKey::Address { protocol, ip, port } = entry.first else {
        return None;
    };
    let next = match entry.last.unwrap_or(ip) {
        IpAddr::V4(ip) => IpAddr::from(ip.to_bits().checked_add(1)?.to_be_bytes()),
        IpAddr::V6(ip) => IpAddr::from(ip.to_bits().checked_add(1)?.to_be_bytes()),
    };
    Some(ServiceKey::Address { protocol, ip: next, port })
}
