//! What a router watches beside its segments: BFD sessions, files and processes. Decides what a
//! watcher would say of them, never what that means.

use std::collections::BTreeMap;

use vrrp::config::{Config, TrackProcess};
use vrrp::{Facts, Input, Name, Recount};

/// What there is to see. Sessions that nothing is known of are down, files are missing (which is
/// 0), and of a process there is one.
#[derive(Default)]
pub(super) struct Surroundings {
    sessions: BTreeMap<String, bool>,
    files: BTreeMap<String, i32>,
    processes: BTreeMap<String, u32>,
}

/// One change of it.
#[derive(Clone, Debug)]
pub(crate) enum News {
    Session { name: String, up: bool },
    File { path: String, value: i32 },
    Processes { command: String, count: u32, why: Recount },
}

impl Surroundings {
    pub(super) fn set_session(&mut self, name: &str, up: bool) -> News {
        self.sessions.insert(name.to_owned(), up);
        News::Session { name: name.to_owned(), up }
    }

    pub(super) fn set_file(&mut self, path: &str, value: i32) -> News {
        self.files.insert(path.to_owned(), value);
        News::File { path: path.to_owned(), value }
    }

    pub(super) fn set_processes(&mut self, command: &str, count: u32) -> News {
        let before = self.processes.insert(command.to_owned(), count).unwrap_or(1);
        let why = if count < before { Recount::Exited } else { Recount::Forked };
        News::Processes { command: command.to_owned(), count, why }
    }

    /// What a first look at files and processes finds.
    pub(super) fn facts(&self, config: &Config) -> Facts {
        let value = |path: &String| self.files.get(path).copied().unwrap_or(0);
        let count = |of: &TrackProcess| self.processes.get(&of.command[0]).copied().unwrap_or(1);
        Facts {
            links: Vec::new(),
            files: config.files.iter().map(|file| (file.name.clone(), value(&file.path))).collect(),
            processes: config.processes.iter().map(|one| (one.name.clone(), count(one))).collect(),
        }
    }

    /// The same and the sessions, as a watcher and BFD tell a router that runs.
    pub(super) fn look(&self, config: &Config) -> Vec<Input<'static>> {
        let Facts { files, processes, .. } = self.facts(config);
        let sessions = self.sessions.iter().map(|(name, up)| session(name, *up));
        let files = files.into_iter().map(|(file, value)| Input::File { file, value });
        let why = Recount::Became;
        let processes = processes.into_iter();
        let processes = processes.map(|(process, count)| Input::Processes { process, count, why });
        sessions.chain(files).chain(processes).collect()
    }
}

impl News {
    /// What a router with this configuration is told of it.
    pub(super) fn told(&self, config: &Config) -> Vec<Input<'static>> {
        match self {
            Self::Session { name, up } => vec![session(name, *up)],
            Self::File { path, value } => {
                let files = config.files.iter().filter(|file| file.path == *path);
                let told = |file: Name| Input::File { file, value: *value };
                files.map(|file| told(file.name.clone())).collect()
            }
            Self::Processes { command, count, why } => {
                let all = config.processes.iter().filter(|one| one.command[0] == *command);
                let told = |process| Input::Processes { process, count: *count, why: *why };
                all.map(|one| told(one.name.clone())).collect()
            }
        }
    }
}

fn session(name: &str, up: bool) -> Input<'static> {
    Input::Session { name: Name::new(name), up }
}
