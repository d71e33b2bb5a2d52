//! The firewall marks of groups whose packets nftables marks (compat 21 §10).
//!
//! Decides which mark each gets: the lowest that nobody has, from the first one on. One that has a
//! mark keeps it over reloads, so that its connections go on; what is new is put behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use net::{Marking, ServiceKey};

use crate::config::{Config, Identity, VirtualServer};

/// Who has which mark.
#[derive(Clone, Debug, Default)]
pub struct Marks(BTreeMap<Identity, u32>);

impl Marks {
    /// The same configuration with the mark of each group; those that are gone give theirs back.
    pub fn give(&mut self, config: Arc<Config>) -> Arc<Config> {
        let marked = |vs: &&VirtualServer| !vs.marked.is_empty();
        let wanted: Vec<_> = config.virtual_servers.iter().filter(marked).collect();
        let had = std::mem::take(&mut self.0);
        if wanted.is_empty() {
            return config;
        }
        let kept = wanted.iter().filter_map(|vs| had.get_key_value(&vs.identity));
        self.0 = kept.map(|(identity, mark)| (identity.clone(), *mark)).collect();
        let mut taken: BTreeSet<u32> = self.0.values().copied().collect();
        let others = config.virtual_servers.iter().filter(|vs| vs.marked.is_empty());
        taken.extend(others.flat_map(|vs| &vs.services).filter_map(|one| mark(one.key)));
        for vs in wanted {
            let first = vs.marked.first().map_or(1, |marking| marking.mark);
            self.0.entry(vs.identity.clone()).or_insert_with(|| {
                let free = (first..=u32::MAX).chain(1..first).find(|one| !taken.contains(one));
                let free = free.unwrap_or(first);
                taken.insert(free);
                free
            });
        }
        self.put_into(Config::clone(&config)).into()
    }

    fn put_into(&self, mut config: Config) -> Config {
        for vs in config.virtual_servers.iter_mut().filter(|vs| !vs.marked.is_empty()) {
            let Some(mark) = self.0.get(&vs.identity).copied() else { continue };
            for Marking { mark: place, .. } in &mut vs.marked {
                *place = mark;
            }
            for service in &mut vs.services {
                service.key = ServiceKey::Mark { family: service.key.family(), mark };
            }
        }
        config
    }
}

const fn mark(key: ServiceKey) -> Option<u32> {
    match key {
        ServiceKey::Mark { mark, .. } => Some(mark),
        ServiceKey::Address { .. } => None,
    }
}
