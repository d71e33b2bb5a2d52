//! Who writes the dumps: a thread of its own, which waits for what the parts show of themselves,
//! words it and puts it into files. Nobody waits for it.
//!
//! What a part shows is a value of its own ([`Views`]); the files that are made of it stand in
//! [`Job::files`], one line each.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use conf::Config;
use net::AddressKey;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot::Receiver;

use super::place::{Places, temporary_directory};
use super::services::{self, Balanced};
use super::{Dump, Moment, detecting, json, main, routing, statistics};
use crate::bfd_task;
use crate::ipvs_programmer::Access;
use crate::log::{Log, Part};
use crate::vrrp_task::Shown;

/// How long an end waits for dumps that are being written.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the parts show of themselves at one moment; each comes when its part comes to it.
#[derive(Debug)]
pub(crate) struct Views {
    /// The VRRP part; `None` when it does not run.
    pub(crate) routing: Option<Receiver<Shown>>,
    /// The balancing part, and where the counters of its servers are; `None` when it does not run.
    pub(crate) balancing: Option<(Receiver<Vec<lvs::View>>, Access)>,
    /// The BFD part; `None` when it does not run.
    pub(crate) detecting: Option<Receiver<bfd_task::Shown>>,
}

/// One dump to make.
#[derive(Debug)]
struct Job {
    dump: Dump,
    config: Config,
    views: Views,
}

/// The way to the thread, which is started by the first dump.
#[derive(Debug)]
pub(crate) struct Dumps {
    directory: PathBuf,
    namespace: Option<String>,
    thread: Option<(UnboundedSender<Job>, JoinHandle<()>)>,
    log: Log,
}

impl Dumps {
    /// Nothing is written yet. `namespace` is the network namespace that the daemon is in.
    pub(crate) fn new(namespace: Option<String>, log: &Log) -> Self {
        let log = log.clone();
        Self { directory: temporary_directory(&log), namespace, thread: None, log }
    }

    /// Has a dump made of what runs.
    pub(crate) fn make(&mut self, dump: Dump, config: &Config, views: Views) {
        self.announce(dump, &views);
        let job = Job { dump, config: config.clone(), views };
        match self.thread() {
            Ok(jobs) => drop(jobs.send(job)),
            Err(error) => self.log.error(format!("Cannot write a dump: {error}")),
        }
    }

    /// Waits a little for what is being written.
    pub(crate) fn finish(self) {
        let Some((jobs, thread)) = self.thread else { return };
        drop(jobs);
        let until = Instant::now() + PATIENCE;
        while !thread.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The lines that scripts wait for.
    fn announce(&self, dump: Dump, views: &Views) {
        let process = std::process::id();
        let say = |part: Part, what: &str| {
            self.log.part(part).info(format!("{what} for process({process}) on signal"));
        };
        match dump {
            Dump::State => {
                say(Part::Main, "Printing parent data");
                if views.routing.is_some() {
                    say(Part::Vrrp, "Printing VRRP data");
                }
                if views.balancing.is_some() {
                    say(Part::Checkers, "Printing checker data");
                }
                if views.detecting.is_some() {
                    say(Part::Bfd, "Printing BFD data");
                }
            }
            Dump::Statistics => say(Part::Vrrp, "Printing VRRP stats"),
            Dump::LastStatistics => say(Part::Vrrp, "Printing and clearing VRRP stats"),
            Dump::Json => {}
        }
    }

    fn thread(&mut self) -> io::Result<&UnboundedSender<Job>> {
        let (jobs, _) = match self.thread.take() {
            Some(thread) => self.thread.insert(thread),
            None => self.thread.insert(self.start()?),
        };
        Ok(jobs)
    }

    fn start(&self) -> io::Result<(UnboundedSender<Job>, JoinHandle<()>)> {
        let (jobs, from_jobs) = unbounded_channel();
        let (directory, namespace) = (self.directory.clone(), self.namespace.clone());
        let log = self.log.clone();
        let thread = std::thread::Builder::new().name("dumps".to_owned());
        let thread =
            thread.spawn(move || work(from_jobs, &directory, namespace.as_deref(), &log))?;
        Ok((jobs, thread))
    }
}

fn work(mut jobs: UnboundedReceiver<Job>, directory: &Path, namespace: Option<&str>, log: &Log) {
    crate::runtime::stay_behind();
    while let Some(job) = jobs.blocking_recv() {
        let globals = job.config.globals.clone();
        let places = Places { directory, globals: &globals, namespace };
        for (path, text) in job.files(&places, log) {
            if let Err(error) = write(&path, &text) {
                log.error(format!("Cannot write {}: {error}", path.display()));
            }
        }
    }
}

impl Job {
    /// The files of this dump, in the order in which they are written.
    fn files(self, places: &Places<'_>, log: &Log) -> Vec<(PathBuf, String)> {
        let Self { dump, config, views } = self;
        // A part that has ended meanwhile shows nothing.
        let shown = views.routing.and_then(|shown| shown.blocking_recv().ok());
        let of_routing = |path: PathBuf, text: &dyn Fn(&Shown) -> String| {
            shown.as_ref().map(|shown| (path, text(shown)))
        };
        match dump {
            Dump::State => {
                let held = held();
                let parent = (places.state("_parent"), main(&config));
                let vrrp = of_routing(places.state(""), &|shown| {
                    let moment = Moment { shown, held: &held };
                    main(&config) + &routing::text(&config, Some(moment))
                });
                let balanced = views.balancing.and_then(|(shown, access)| {
                    Some(Balanced::new(shown.blocking_recv().ok()?, &access, log))
                });
                let check = balanced.map(|balanced| {
                    (
                        places.state("_check"),
                        main(&config) + &services::text(&config, Some(&balanced)),
                    )
                });
                let sessions = views.detecting.and_then(|shown| shown.blocking_recv().ok());
                let bfd = sessions.map(|shown| (places.state("_bfd"), detecting::text(&shown)));
                [Some(parent), vrrp, check, bfd].into_iter().flatten().collect()
            }
            Dump::Statistics | Dump::LastStatistics => {
                let path = places.statistics();
                of_routing(path, &|shown| statistics::text(&shown.router)).into_iter().collect()
            }
            Dump::Json => {
                let text = shown
                    .as_ref()
                    .and_then(|shown| json::text(&config, Moment { shown, held: &held() }));
                text.map(|text| (places.json(), text)).into_iter().collect()
            }
        }
    }
}

/// The addresses that the kernel has: whether one is set is nobody else's to say.
fn held() -> BTreeSet<AddressKey> {
    let addresses = rtnl::Socket::open().and_then(|mut socket| socket.addresses());
    addresses.unwrap_or_default().iter().map(|found| found.address.key()).collect()
}

/// Whoever reads the file finds the whole of an old one or the whole of the new one.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new().prefix("keepalived.").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
