//! What a new configuration changes, and only that (compat 21 §11).
//!
//! A virtual server is the same one if clients could not tell the difference: by its address,
//! port and protocol, by its mark, or by its group. What did not change does not notice: its
//! state, counters, deadlines and attempts under way go on.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use net::ServiceKey;

use crate::config::{self, Config, Identity};
use crate::director::Director;
use crate::effect::Effect;
use crate::event::Event;
use crate::units::ServerId;
use crate::virtual_server::VirtualServer;

impl Director {
    /// Takes over a new configuration, or the first one.
    pub(crate) fn reconfigure(&mut self, config: Arc<Config>) {
        let former = std::mem::replace(&mut self.config, config);
        let config = Arc::clone(&self.config);
        let (matched, gone) = self.compare(&config.virtual_servers);
        for id in gone {
            self.with(id, VirtualServer::remove);
        }
        let sequence = std::mem::take(&mut self.sequence);
        let former: BTreeMap<_, _> = sequence.into_iter().zip(&former.virtual_servers).collect();
        for (config, known) in config.virtual_servers.iter().zip(matched) {
            let id = known.unwrap_or_else(|| self.new_id());
            if known.is_none() {
                self.open(id, config.clone());
            } else if former.get(&id) != Some(&config) {
                self.with(id, |server, cx| server.adopt(cx, config.clone()));
            }
            self.sequence.push(id);
        }
        self.place_sharers();
        let births = std::mem::take(&mut self.nursery.births);
        self.effects.extend(births.into_iter().map(Effect::Report));
        if std::mem::take(&mut self.nursery.follows_session) {
            self.effects.push_back(Effect::Report(Event::SessionsFollowed));
            self.tell_sessions_down();
        }
        self.index();
    }

    /// Tells those that share a service with others which of them the file names first. Only they
    /// need to know: what comes and goes in the file shall not concern the others.
    fn place_sharers(&mut self) {
        let mut claims: HashMap<ServiceKey, u32> = HashMap::new();
        let ids = self.sequence.iter();
        for key in ids.flat_map(|id| self.servers[id].service_keys()) {
            *claims.entry(key).or_default() += 1;
        }
        for (place, id) in (1..).zip(self.sequence.clone()) {
            let shares = self.servers[&id].service_keys().any(|key| claims[&key] > 1);
            self.with(id, |server, _| server.orders.stand_at(if shares { place } else { 0 }));
        }
    }

    /// For each virtual server the one that it was before, and those that none is any longer.
    fn compare(&self, configs: &[config::VirtualServer]) -> (Vec<Option<ServerId>>, Vec<ServerId>) {
        let mut old: BTreeMap<&Identity, VecDeque<ServerId>> = BTreeMap::new();
        for id in &self.sequence {
            old.entry(&self.servers[id].identity).or_default().push_back(*id);
        }
        let mut take = |config: &config::VirtualServer| {
            old.get_mut(&config.identity).and_then(VecDeque::pop_front)
        };
        let matched = configs.iter().map(&mut take).collect();
        let left = |id: &&ServerId| {
            old.get(&*self.servers[*id].identity).is_some_and(|ids| ids.contains(id))
        };
        (matched, self.sequence.iter().filter(left).copied().collect())
    }
}
