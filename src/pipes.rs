//! The notify pipes: which there are, who reads them, and that each is told what it is there for
//! (compat 03 §11.7). How a pipe is made and written to is `notify`'s business.
//!
//! They have a thread of their own: VRRP and load balancing write into the same ones, and a reader
//! lives as long as the thread that started it.

mod open;

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use conf::{Config, Fifos, NotifyFifo};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::log::{Log, Part};
use open::Open;

/// How long the end of the daemon waits for the thread, which waits for the readers.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who has something to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// VRRP, of instances and groups.
    Routing,
    /// Load balancing, of servers and services.
    Balancing,
}

/// The way to tell the pipes something. Never waits.
#[derive(Clone, Debug)]
pub(crate) struct Teller {
    source: Source,
    sender: UnboundedSender<Saying>,
}

impl Teller {
    /// Tells every pipe that is there for it. The line ends with its newline.
    pub(crate) fn tell(&self, line: String) {
        // They end with the daemon.
        let _ = self.sender.send(Saying::Line(self.source, line));
    }
}

/// What the thread is told.
#[derive(Debug)]
enum Saying {
    /// These pipes are wanted from now on.
    Wishes(Vec<Wish>),
    /// Something happened.
    Line(Source, String),
    /// Nothing more is to be told.
    End,
}

/// A pipe that is wanted.
#[derive(Clone, Debug)]
struct Wish {
    /// What log lines put before the word "notify".
    kind: &'static str,
    /// The part that the pipe belongs to, for the log.
    part: Part,
    hears: &'static [Source],
    settings: NotifyFifo,
}

impl Wish {
    /// Whether a pipe that was opened for one will do for the other.
    fn is_same(&self, other: &Self) -> bool {
        (self.kind, &self.settings) == (other.kind, &other.settings)
    }
}

/// The thread of the pipes.
#[derive(Debug)]
pub(crate) struct Pipes {
    sender: UnboundedSender<Saying>,
    thread: JoinHandle<()>,
}

impl Pipes {
    /// Starts the thread, without any pipe.
    ///
    /// # Errors
    /// When no thread can be made.
    pub(crate) fn start(log: &Log) -> std::io::Result<Self> {
        let (sender, sayings) = unbounded_channel();
        let log = log.clone();
        let thread = std::thread::Builder::new().name("pipes".to_owned());
        let thread =
            thread.spawn(move || crate::runtime::block_on(Open::new(log).serve(sayings)))?;
        Ok(Self { sender, thread })
    }

    /// Opens the pipes of this configuration, as far as the parts run that they are there for. One
    /// whose settings are the same does not notice.
    pub(crate) fn configure(&self, config: &Config, routing: bool, balancing: bool) {
        let wishes = wishes(&config.globals.fifos, routing, balancing);
        let _ = self.sender.send(Saying::Wishes(wishes));
    }

    /// The way for a part to tell them something.
    pub(crate) fn teller(&self, source: Source) -> Teller {
        Teller { source, sender: self.sender.clone() }
    }

    /// Whether the thread has gone without having been asked.
    pub(crate) fn is_broken(&self) -> bool {
        self.thread.is_finished()
    }
}

/// Closes all pipes, after what has been said before, and waits a little for that.
impl Drop for Pipes {
    fn drop(&mut self) {
        let _ = self.sender.send(Saying::End);
        let until = Instant::now() + PATIENCE;
        while !self.thread.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The pipe for everything belongs to load balancing where that runs, as with keepalived. One path
/// for VRRP and load balancing is one pipe.
fn wishes(fifos: &Fifos, routing: bool, balancing: bool) -> Vec<Wish> {
    const BOTH: &[Source] = &[Source::Routing, Source::Balancing];
    let part = if balancing { Part::Checkers } else { Part::Vrrp };
    let wish = |kind, part, hears, settings: &NotifyFifo| Wish {
        kind,
        part,
        hears,
        settings: settings.clone(),
    };
    let path = |settings: &NotifyFifo| settings.fifo.as_ref().map(|fifo| fifo.path.clone());
    let shared = routing && balancing && path(&fifos.vrrp) == path(&fifos.lvs);
    let of_vrrp = if shared { BOTH } else { &[Source::Routing] };
    let all = [
        (routing || balancing, wish("", part, BOTH, &fifos.all)),
        (routing, wish("vrrp ", Part::Vrrp, of_vrrp, &fifos.vrrp)),
        (balancing && !shared, wish("lvs ", Part::Checkers, &[Source::Balancing], &fifos.lvs)),
    ];
    let wanted = all.into_iter().filter(|(runs, wish)| *runs && wish.settings.fifo.is_some());
    wanted.map(|(_, wish)| wish).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str) -> NotifyFifo {
        let owner = conf::Account { uid: 0, gid: 0, further_groups: false };
        NotifyFifo { fifo: Some(conf::Fifo { path: path.into(), owner }), script: None }
    }

    fn kinds(fifos: &Fifos, routing: bool, balancing: bool) -> Vec<(&'static str, usize)> {
        let all = wishes(fifos, routing, balancing);
        all.iter().map(|wish| (wish.kind, wish.hears.len())).collect()
    }

    #[test]
    fn a_pipe_is_there_for_the_parts_that_run() {
        let fifos =
            Fifos { all: named("/a"), vrrp: named("/v"), lvs: named("/l"), ..Fifos::default() };
        assert_eq!(kinds(&fifos, true, true), [("", 2), ("vrrp ", 1), ("lvs ", 1)]);
        assert_eq!(kinds(&fifos, true, false), [("", 2), ("vrrp ", 1)]);
        assert_eq!(kinds(&fifos, false, true), [("", 2), ("lvs ", 1)]);
        assert_eq!(kinds(&fifos, false, false), []);
        let fifos = Fifos { vrrp: named("/l"), ..fifos };
        assert_eq!(kinds(&fifos, true, true), [("", 2), ("vrrp ", 2)]);
        assert_eq!(kinds(&fifos, false, true), [("", 2), ("lvs ", 1)]);
    }
}
