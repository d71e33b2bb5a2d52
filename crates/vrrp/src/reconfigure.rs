//! What a new configuration changes, and only that (compat 11 §15.1).
//!
//! An instance is the same one if nobody on the segment could tell the difference: its number,
//! family, link and way of sending, not its name. What did not change does not notice.

use std::collections::BTreeMap;
use std::net::IpAddr;

use net::{Family, LinkName};

use crate::config::{self, Cast, Config};
use crate::instance::Instance;
use crate::notice::Told;
use crate::router::{Router, Slot};
use crate::script::Script;
use crate::state::StateKind;
use crate::sync_group::Group;
use crate::units::{InstanceId, Name, Vrid};

/// What makes two configurations the same virtual router.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    vrid: Vrid,
    family: Family,
    link: LinkName,
    group: Option<IpAddr>,
    unicast_source: Option<IpAddr>,
}

impl Identity {
    fn of(config: &config::Instance) -> Self {
        let (group, unicast_source) = match &config.cast {
            Cast::Multicast { group } => (Some(*group), None),
            Cast::Unicast { .. } => (None, config.source),
        };
        let (vrid, family, link) = (config.vrid, config.family, config.link.clone());
        Self { vrid, family, link, group, unicast_source }
    }
}

impl Router {
    /// Takes over a new configuration.
    pub(crate) fn reconfigure(&mut self, config: Config) {
        let Config { instances, groups, scripts } = config;
        self.world.virtual_addresses = instances
            .iter()
            .flat_map(|instance| instance.addresses.iter().chain(&instance.excluded))
            .map(|virtual_address| virtual_address.address.ip)
            .collect();
        self.replace_scripts(scripts);
        self.replace_instances(instances);
        self.replace_groups(groups);
        self.index_instances();
        self.reassess();
        self.start_new();
    }

    fn replace_scripts(&mut self, scripts: Vec<config::Script>) {
        let mut old = std::mem::take(&mut self.world.scripts);
        for config in scripts {
            let name = config.name.clone();
            let script = match old.remove(&name) {
                Some(known) if known.config == config => known,
                Some(mut older) => {
                    older.stop(&mut self.effects);
                    let mut script = Script::new(config, self.now);
                    script.keep_health(&older, &mut self.effects);
                    script
                }
                None => Script::new(config, self.now),
            };
            self.agenda.set(Slot::Script(name.clone()), script.deadline());
            self.world.scripts.insert(name, script);
        }
        for (name, mut script) in old {
            script.stop(&mut self.effects);
            self.agenda.set(Slot::Script(name), None);
        }
    }

    fn replace_instances(&mut self, configs: Vec<config::Instance>) {
        let mut old: BTreeMap<Identity, InstanceId> = std::mem::take(&mut self.sequence)
            .into_iter()
            .map(|id| (Identity::of(&self.instances[&id].config), id))
            .collect();
        for config in configs {
            let id = match old.remove(&Identity::of(&config)) {
                Some(id) => {
                    if *self.instances[&id].config != config {
                        self.with(id, |instance, cx| instance.adopt(cx, config));
                    }
                    id
                }
                None => self.add(config),
            };
            self.sequence.push(id);
        }
        for id in old.into_values() {
            self.with(id, |instance, cx| {
                let told = match (&instance.config.notify.deleted, instance.kind()) {
                    (Some(_), _) => Some(Told::Deleted),
                    (None, StateKind::Fault) => None,
                    (None, _) => Some(Told::Fault),
                };
                instance.stop(cx, told);
            });
        }
    }

    fn add(&mut self, config: config::Instance) -> InstanceId {
        let id = InstanceId(self.next_id);
        self.next_id += 1;
        let verdict = self.world.judge(&config, None);
        self.instances.insert(id, Instance::new(id, config, verdict));
        id
    }

    /// A group of a known name keeps its state as long as one member still shares it.
    fn replace_groups(&mut self, configs: Vec<config::SyncGroup>) {
        let old: BTreeMap<Name, StateKind> =
            self.groups.drain(..).map(|group| (group.config.name, group.state)).collect();
        let by_name: BTreeMap<Name, InstanceId> =
            self.sequence.iter().map(|id| (self.instances[id].config.name.clone(), *id)).collect();
        for config in configs {
            let members: Vec<_> =
                config.members.iter().filter_map(|name| by_name.get(name).copied()).collect();
            if members.is_empty() {
                continue;
            }
            let shared = old.get(&config.name).copied().unwrap_or(StateKind::Init);
            let mut group = Group::new(config, members);
            let holds = |id: &InstanceId| self.instances[id].kind() == shared;
            if group.members.iter().any(holds) {
                group.state = shared;
            }
            self.groups.push(group);
        }
    }
}
