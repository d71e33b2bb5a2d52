//! What a new configuration changes, and only that (compat 21 §11).
//!
//! A virtual server is the same one if clients could not tell the difference: by its address,
//! port and protocol, by its mark, or by its group. What did not change does not notice: its
//! state, counters, deadlines and attempts under way go on.

use std::collections::{BTreeMap, VecDeque};

use crate::config::{self, Config, Identity};
use crate::director::Director;
use crate::effect::Effect;
use crate::units::ServerId;
use crate::virtual_server::VirtualServer;

impl Director {
    /// Takes over a new configuration, or the first one.
    pub(crate) fn reconfigure(&mut self, config: Config) {
        let Config { virtual_servers, notify_at_start } = config;
        self.notify_at_start = notify_at_start;
        let (matched, gone) = self.compare(&virtual_servers);
        for id in gone {
            self.with(id, VirtualServer::remove);
        }
        self.sequence.clear();
        for (config, known) in virtual_servers.into_iter().zip(matched) {
            let id = known.unwrap_or_else(|| self.new_id());
            if known.is_some() {
                self.with(id, |server, cx| server.adopt(cx, config));
            } else {
                self.open(id, config);
            }
            self.sequence.push(id);
        }
        let births = std::mem::take(&mut self.nursery.births);
        self.effects.extend(births.into_iter().map(Effect::Report));
        self.index();
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
