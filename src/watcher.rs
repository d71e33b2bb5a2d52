//! The watcher: sees files and processes change, on a thread of its own, so that nobody waits for
//! a disk or for `/proc`.
//!
//! What it reads goes to the VRRP task as it is; what a value or a number means is decided there.

mod census;
mod files;
pub(crate) mod followed;
mod identity;
mod processes;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use conf::ReceiveBuffer;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use vrrp::config::{Config, Factor, InitialValue, TrackFile, TrackProcess, Tracked, Watched};
use vrrp::{Facts, Name, Recount};

use crate::log::Log;
use crate::vrrp_task::Order;
use files::Files;
use processes::Processes;

/// How long a start waits for the first look. What hangs longer is waited for by the router.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// What is to be watched.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    files: Vec<TrackFile>,
    processes: Vec<TrackProcess>,
    /// What the kernel's news of processes are kept in.
    buffer: ReceiveBuffer,
}

impl Wishes {
    /// What a configuration asks for: whatever some instance or group tracks.
    pub(crate) fn of(config: &Config, buffer: ReceiveBuffer) -> Self {
        let files = tracked(config, |all| &all.files);
        let processes = tracked(config, |all| &all.processes);
        let files = config.files.iter().filter(|file| files.contains(&file.name));
        let processes = config.processes.iter().filter(|process| processes.contains(&process.name));
        Self { files: files.cloned().collect(), processes: processes.cloned().collect(), buffer }
    }
}

/// What some instance or group tracks of a kind.
fn tracked(config: &Config, of: fn(&Watched) -> &[Tracked<Name, Factor>]) -> BTreeSet<&Name> {
    let of_instances = config.instances.iter().map(|instance| &instance.watched);
    let all = of_instances.chain(config.groups.iter().map(|group| &group.watched));
    all.flat_map(of).map(|tracked| &tracked.object).collect()
}

/// Writes the initial values of the declared files that somebody follows: instances and groups of
/// this configuration, and checks of that one. Once, before anybody looks at them.
pub(crate) fn initialise(
    declared: &[TrackFile],
    routed: &Config,
    balanced: Option<&lvs::config::Config>,
    log: &Log,
) {
    let tracked = tracked(routed, |all| &all.files);
    let checked = balanced.map(lvs::config::Config::followed).unwrap_or_default();
    let wanted = |file: &&TrackFile| {
        tracked.contains(&file.name) || checked.contains_key(file.name.as_str())
    };
    declared.iter().filter(wanted).for_each(|file| write_initial(file, log));
}

/// The watcher's thread, once there is something to watch.
#[derive(Debug)]
pub(crate) struct Watcher {
    orders: UnboundedSender<Order>,
    thread: Option<(UnboundedSender<Wishes>, JoinHandle<()>)>,
    log: Log,
}

impl Watcher {
    /// A watcher that reports to the VRRP task. It begins to look at [`Self::first_look`].
    pub(crate) const fn new(orders: UnboundedSender<Order>, log: Log) -> Self {
        Self { orders, thread: None, log }
    }

    /// Begins to watch. Says what there is to see now, or nothing of it when that takes too long.
    ///
    /// # Errors
    /// When no thread can be made.
    pub(crate) fn first_look(&mut self, wishes: Wishes) -> io::Result<Facts> {
        if wishes.files.is_empty() && wishes.processes.is_empty() {
            return Ok(Facts::default());
        }
        let (tell, told) = sync_channel(1);
        self.start(wishes, Some(tell))?;
        Ok(told.recv_timeout(FIRST_LOOK).unwrap_or_default())
    }

    /// Watches other things from now on, and reports all of them anew.
    ///
    /// # Errors
    /// When no thread can be made.
    pub(crate) fn rewatch(&mut self, wishes: Wishes) -> io::Result<()> {
        match &self.thread {
            Some((channel, _)) => {
                let _ = channel.send(wishes);
                Ok(())
            }
            None if wishes.files.is_empty() && wishes.processes.is_empty() => Ok(()),
            None => self.start(wishes, None),
        }
    }

    /// Whether the thread has gone.
    pub(crate) fn is_broken(&self) -> bool {
        self.thread.as_ref().is_some_and(|(_, thread)| thread.is_finished())
    }

    fn start(&mut self, wishes: Wishes, first: Option<SyncSender<Facts>>) -> io::Result<()> {
        let (channel, from_channel) = unbounded_channel();
        let (orders, log) = (self.orders.clone(), self.log.clone());
        let thread = std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
            if let Err(error) = sys::namespace::return_to_first_network() {
                log.info(format!("Cannot look at processes from the first namespace: {error}"));
            }
            let (files, processes) = (Files::new(log.clone()), Processes::new(log.clone()));
            let task = Task { files, processes, orders, wishes: from_channel };
            crate::runtime::block_on(task.run(wishes, first));
        })?;
        self.thread = Some((channel, thread));
        Ok(())
    }
}

/// Writes the value that a file shall have at the start (`init_file`).
fn write_initial(file: &TrackFile, log: &Log) {
    let Some(InitialValue { value, overwrite }) = file.initial else {
        return;
    };
    let path = PathBuf::from(&file.path);
    if path.exists() && !(overwrite && path.is_file()) {
        return;
    }
    if let Err(error) = std::fs::write(&path, format!("{value}\n")) {
        log.info(format!("Unable to initialise track file {} ({}): {error}", file.name, file.path));
    }
}

/// What the thread runs.
struct Task {
    files: Files<Name>,
    processes: Processes,
    orders: UnboundedSender<Order>,
    wishes: UnboundedReceiver<Wishes>,
}

impl Task {
    async fn run(mut self, wishes: Wishes, first: Option<SyncSender<Facts>>) {
        let (files, processes) = self.watch(wishes).await;
        match first {
            // Whoever waited has given up: then the router still does.
            Some(first) => {
                let facts = facts(&files, &processes);
                if first.try_send(facts).is_err() {
                    self.report(files, processes);
                }
            }
            None => self.report(files, processes),
        }
        loop {
            tokio::select! {
                wishes = self.wishes.recv() => {
                    let Some(wishes) = wishes else { return };
                    let (files, processes) = self.watch(wishes).await;
                    self.report(files, processes);
                }
                files = self.files.changed() => self.report(files, Vec::new()),
                processes = self.processes.changed() => self.report(Vec::new(), processes),
            }
        }
    }

    async fn watch(&mut self, wishes: Wishes) -> (Vec<(Name, i32)>, Vec<Count>) {
        let path = |file: TrackFile| (file.name, PathBuf::from(file.path));
        let files = self.files.watch(wishes.files.into_iter().map(path));
        (files, self.processes.watch(wishes.processes, wishes.buffer).await)
    }

    /// A task that is gone means that the daemon is ending.
    fn report(&self, files: Vec<(Name, i32)>, processes: Vec<Count>) {
        for (file, value) in files {
            let _ = self.orders.send(Order::File(file, value));
        }
        for Count { process, count, why } in processes {
            let _ = self.orders.send(Order::Processes(process, count, why));
        }
    }
}

/// How many processes of a kind there are.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Count {
    process: Name,
    count: u32,
    why: Recount,
}

fn facts(files: &[(Name, i32)], processes: &[Count]) -> Facts {
    let files: BTreeMap<Name, i32> = files.iter().cloned().collect();
    let processes = processes.iter().map(|one| (one.process.clone(), one.count)).collect();
    Facts { links: Vec::new(), files, processes }
}
