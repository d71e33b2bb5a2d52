//! What a new configuration changes, and only that (compat 11 §15.1).
//!
//! An instance is the same one if nobody on the segment could tell the difference: its number,
//! family, link and way of sending, not its name. What did not change does not notice.

use std::collections::BTreeMap;
use std::net::IpAddr;

use net::Family;

use crate::config::{self, Cast, Config};
use crate::file::File;
use crate::gate::Gate;
use crate::holdings::Holdings;
use crate::instance::Instance;
use crate::notice::Told;
use crate::process::Process;
use crate::router::{Router, Slot};
use crate::script::Script;
use crate::state::StateKind;
use crate::sync_group::Group;
use crate::units::{InstanceId, Name, Vrid};

/// What makes two configurations the same virtual router.
#[derive(PartialEq, Eq)]
struct Identity {
    vrid: Vrid,
    family: Family,
    gate: Gate,
    group: Option<IpAddr>,
    unicast_source: Option<IpAddr>,
}

impl Identity {
    fn of(config: &config::Instance) -> Self {
        let (group, unicast_source) = match &config.cast {
            Cast::Multicast { group } => (Some(*group), None),
            Cast::Unicast { .. } => (None, config.seat.source()),
        };
        let (vrid, family, gate) = (config.vrid, config.family, config.seat.gate());
        Self { vrid, family, gate, group, unicast_source }
    }
}

impl Router {
    /// Takes over a new configuration.
    pub(crate) fn reconfigure(&mut self, config: Config) {
        self.world.polled = config.polled().into_keys().collect();
        // What nothing acts on yet stays where it is.
        let Config {
            instances, groups, scripts, files, processes, statics, links, settings, ..
        } = config;
        self.statics.replace(Holdings::of_statics(&statics), &mut self.effects);
        self.change_delay(&settings);
        self.settings = settings;
        self.world.virtual_addresses = instances
            .iter()
            .flat_map(|instance| instance.addresses.iter().chain(&instance.excluded))
            .map(|virtual_address| virtual_address.address.ip)
            .collect();
        self.world.debounce.configure(links.delays);
        self.replace_scripts(scripts);
        self.replace_files(files);
        self.replace_processes(processes);
        let changed = self.replace_instances(instances);
        self.replace_groups(groups);
        self.index_instances();
        self.review_sources();
        self.report_long_delays();
        self.reassess();
        self.start_new();
        if self.settings.tells_again {
            self.tell_again();
        }
        // A master tells its peers of the new values at once, those of tracking included.
        for id in changed {
            self.with(id, |instance, cx| {
                if instance.is_master() {
                    instance.send_now(cx);
                }
            });
        }
        self.endpoints_are_old = true;
    }

    fn replace_scripts(&mut self, scripts: Vec<config::Script>) {
        let mut old = std::mem::take(&mut self.world.scripts);
        for config in scripts {
            let name = config.name.clone();
            let script = match old.remove(&name) {
                Some(known) if known.config == config => known,
                Some(older) => older.replaced(config, self.now, &mut self.effects),
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

    /// What is known of scripts, files and processes before the first configuration is taken over.
    pub(crate) fn look_around(
        &mut self,
        config: &Config,
        values: &BTreeMap<Name, i32>,
        counts: &BTreeMap<Name, u32>,
    ) {
        for script in &config.scripts {
            let known = Script::at_start(script.clone(), self.now);
            self.world.scripts.insert(script.name.clone(), known);
        }
        for file in &config.files {
            let known = File::new(file.clone(), values.get(&file.name).copied());
            self.world.files.insert(file.name.clone(), known);
        }
        for process in &config.processes {
            let known = Process::new(process.clone(), counts.get(&process.name).copied());
            self.world.processes.insert(process.name.clone(), known);
        }
    }

    fn replace_files(&mut self, files: Vec<config::TrackFile>) {
        let mut old = std::mem::take(&mut self.world.files);
        for config in files {
            let name = config.name.clone();
            let file = match old.remove(&name) {
                Some(known) => known.replaced(config),
                None => File::new(config, None),
            };
            self.world.files.insert(name, file);
        }
    }

    fn replace_processes(&mut self, processes: Vec<config::TrackProcess>) {
        let mut old = std::mem::take(&mut self.world.processes);
        for config in processes {
            let name = config.name.clone();
            let process = match old.remove(&name) {
                Some(known) => known.replaced(config),
                None => Process::new(config, None),
            };
            self.agenda.set(Slot::Process(name.clone()), process.deadline());
            self.world.processes.insert(name, process);
        }
        for name in old.into_keys() {
            self.agenda.set(Slot::Process(name), None);
        }
    }

    /// Returns the instances that live on with something changed.
    fn replace_instances(&mut self, configs: Vec<config::Instance>) -> Vec<InstanceId> {
        let mut old = std::mem::take(&mut self.sequence);
        let mut changed = Vec::new();
        for config in configs {
            let id = match self.take_same(&mut old, &config) {
                Some(id) => {
                    if *self.instances[&id].config != config {
                        self.with(id, |instance, cx| instance.adopt(cx, config));
                        changed.push(id);
                    }
                    id
                }
                None => self.add(config),
            };
            self.sequence.push(id);
        }
        for id in old {
            self.with(id, |instance, cx| {
                let told = match (&instance.config.notify.deleted, instance.kind()) {
                    (Some(_), _) => Some(Told::Deleted),
                    (None, StateKind::Fault) => None,
                    (None, _) => Some(Told::Fault),
                };
                instance.stop(cx, told);
            });
        }
        changed
    }

    /// Takes the old instance that a configuration is about. Unicast instances whose peers differ
    /// may share an identity: then the name decides.
    fn take_same(
        &self,
        old: &mut Vec<InstanceId>,
        config: &config::Instance,
    ) -> Option<InstanceId> {
        let known = |id: &InstanceId| &self.instances[id].config;
        let same = |id: &InstanceId| Identity::of(known(id)) == Identity::of(config);
        let by_name = old.iter().position(|id| same(id) && known(id).name == config.name);
        by_name.or_else(|| old.iter().position(same)).map(|position| old.remove(position))
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
        let mut old: BTreeMap<Name, Group> =
            self.groups.drain(..).map(|group| (group.config.name.clone(), group)).collect();
        let by_name: BTreeMap<Name, InstanceId> =
            self.sequence.iter().map(|id| (self.instances[id].config.name.clone(), *id)).collect();
        for config in configs {
            let members: Vec<_> =
                config.members.iter().filter_map(|name| by_name.get(name).copied()).collect();
            if members.is_empty() {
                continue;
            }
            let older = old.remove(&config.name);
            let mut group = Group::new(config, members);
            if let Some(older) = older {
                group.waiting = older.waiting;
                group.untold = older.untold;
                let holds = |id: &InstanceId| self.instances[id].kind() == older.state;
                if group.members.iter().any(holds) {
                    group.state = older.state;
                }
            }
            self.groups.push(group);
        }
    }
}
