//! The log: where lines go, and how they get there without anybody waiting.
//!
//! Threads hand over values; one writer thread words them and writes. A log that cannot keep up
//! loses lines, counts them and says so, but never holds a virtual router up.

mod subscriber;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime};

use net::LinkName;
use vrrp::Name;

pub(crate) use subscriber::install;
pub(crate) use writer::Writer;

/// Lines that may wait for the writer.
const WAITING: usize = 65_536;

/// Where lines go.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Standard error as well (`-n -l`).
    pub(crate) console: bool,
    /// The syslog facility (`-S`); `None` is no syslog (`-G`).
    pub(crate) facility: Option<u8>,
    /// Detailed lines too (`-D`), or all of them (`-D` twice).
    pub(crate) detail: Detail,
    /// Appended to the program's name in syslog: network namespace and instance.
    pub(crate) suffix: String,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// What everybody should read.
    None,
    /// Each step (`-D`).
    Some,
    /// What hardly matters too (`-D` twice).
    All,
}

/// Which part of the daemon speaks; keepalived's process names, which log filters match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The daemon as a whole.
    Main,
    /// VRRP and the addresses.
    Vrrp,
    /// Virtual servers and their checks.
    Checkers,
    /// BFD sessions.
    Bfd,
}

impl Part {
    const fn ident(self) -> &'static str {
        match self {
            Self::Main => "Keepalived",
            Self::Vrrp => "Keepalived_vrrp",
            Self::Checkers => "Keepalived_healthcheckers",
            Self::Bfd => "Keepalived_bfd",
        }
    }
}

/// The levels of syslog that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Somebody has to act now.
    Alert,
    /// Something failed.
    Error,
    /// Something else than this daemon failed.
    Warning,
    /// Everything else, as keepalived has it.
    Info,
}

impl Level {
    const fn severity(self) -> u8 {
        match self {
            Self::Alert => 1,
            Self::Error => 3,
            Self::Warning => 4,
            Self::Info => 6,
        }
    }
}

/// What a line says; worded only when it is written.
#[derive(Debug)]
pub(crate) enum Text {
    /// Just words.
    Words(String),
    /// An event of the VRRP core.
    Event(vrrp::Event),
    /// An event of the load balancing core.
    Balance(lvs::Event),
    /// An event of the BFD core.
    Bfd(bfd::Event),
    /// A burst of announcements for one address begins.
    Announcing {
        /// The instance.
        instance: Name,
        /// The link.
        link: LinkName,
        /// The address.
        ip: std::net::IpAddr,
    },
    /// One announcement was sent.
    Announced {
        /// The link.
        link: LinkName,
        /// The address.
        ip: std::net::IpAddr,
    },
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Event(event) => event.fmt(f),
            Self::Balance(event) => event.fmt(f),
            Self::Bfd(event) => event.fmt(f),
            Self::Announcing { instance, link, ip } => {
                let what =
                    if ip.is_ipv4() { "gratuitous ARPs" } else { "Unsolicited Neighbour Adverts" };
                write!(f, "({instance}) Sending/queueing {what} on {link} for {ip}")
            }
            Self::Announced { link, ip } => {
                let what =
                    if ip.is_ipv4() { "gratuitous ARP" } else { "unsolicited Neighbour Advert" };
                write!(f, "Sending {what} on {link} for {ip}")
            }
        }
    }
}

/// What travels to the writer.
#[derive(Debug)]
enum Message {
    Line(Line),
    /// Nothing that matters comes after this.
    End,
}

#[derive(Debug)]
struct Line {
    time: SystemTime,
    part: Part,
    level: Level,
    text: Text,
}

/// How much the writer still has to do, and what it will never see.
#[derive(Debug, Default)]
struct Load {
    waiting: AtomicUsize,
    lost: AtomicU64,
}

/// A way to the log; every thread has its own clone.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    lines: Sender<Message>,
    load: Arc<Load>,
    part: Part,
    detail: Detail,
}

/// Both ends of a new log. Lines wait until the writer is started.
#[must_use]
pub(crate) fn open(settings: Settings) -> (Log, Writer) {
    let (sender, lines) = channel();
    let load = Arc::new(Load::default());
    let detail = settings.detail;
    let log = Log { lines: sender, load: load.clone(), part: Part::Main, detail };
    (log, Writer::new(lines, load, settings))
}

/// A log that nobody reads.
#[cfg(test)]
pub(crate) fn silent() -> Log {
    recorded().0
}

/// A log without detail, and what is said in it.
#[cfg(test)]
pub(crate) fn recorded() -> (Log, Recorded) {
    let (lines, said) = channel();
    let log = Log { lines, load: Arc::default(), part: Part::Main, detail: Detail::None };
    (log, Recorded(said))
}

/// What nobody has read yet of a log.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Recorded(std::sync::mpsc::Receiver<Message>);

#[cfg(test)]
impl Recorded {
    /// The lines about something since they were read last, each with its level and its part.
    pub(crate) fn about(&self, subject: &str) -> Vec<String> {
        let worded = self.0.try_iter().filter_map(|message| match message {
            Message::Line(Line { level, part, text, .. }) => {
                Some(format!("{level:?} {}: {text}", part.ident()))
            }
            Message::End => None,
        });
        worded.filter(|line| line.contains(subject)).collect()
    }
}

impl Log {
    /// The same log, spoken into by another part.
    #[must_use]
    pub(crate) fn part(&self, part: Part) -> Self {
        Self { part, ..self.clone() }
    }

    /// Whether detailed lines are wanted; whoever has many of them asks before making them.
    #[must_use]
    pub(crate) fn is_detailed(&self) -> bool {
        self.detail >= Detail::Some
    }

    /// A line for everybody.
    pub(crate) fn info(&self, words: impl Into<String>) {
        self.put(Level::Info, Text::Words(words.into()));
    }

    /// A line for a detailed log.
    pub(crate) fn detail(&self, words: impl Into<String>) {
        if self.is_detailed() {
            self.info(words);
        }
    }

    /// Something failed.
    pub(crate) fn error(&self, words: impl Into<String>) {
        self.put(Level::Error, Text::Words(words.into()));
    }

    /// Somebody has to act.
    pub(crate) fn alert(&self, words: impl Into<String>) {
        self.put(Level::Alert, Text::Words(words.into()));
    }

    /// An event of the core, if it is wanted.
    pub(crate) fn event(&self, event: vrrp::Event) {
        if self.is_detailed() || !event.is_detail() {
            self.put(Level::Info, Text::Event(event));
        }
    }

    /// An event of the load balancing core, if it is wanted. Thousands share one moment.
    pub(crate) fn balance(&self, time: SystemTime, event: lvs::Event) {
        if self.is_detailed() || !event.is_detail() {
            self.put_at(time, Level::Info, Text::Balance(event));
        }
    }

    /// An event of the BFD core, if it is wanted.
    pub(crate) fn bfd(&self, event: bfd::Event) {
        let needed = match (event.is_detail(), event.is_extra()) {
            (_, true) => Detail::All,
            (true, false) => Detail::Some,
            (false, false) => Detail::None,
        };
        if self.detail >= needed {
            let level = if event.is_warning() { Level::Warning } else { Level::Info };
            self.put(level, Text::Bfd(event));
        }
    }

    /// A part has heard of a BFD session what was said at that moment.
    pub(crate) fn bfd_event(&self, notice: &bfd::Notice, said: Instant) {
        let state = if notice.up { "Up" } else { "Down" };
        let (name, took) = (&notice.name, said.elapsed().as_micros());
        self.detail(format!(
            "Received BFD event: instance {name} is in state {state} (delivered in {took} usec)"
        ));
    }

    /// Waits until everything said so far is written, and ends the writer.
    pub(crate) fn finish(self, writing: JoinHandle<()>) {
        // Here, and only here, waiting is right: there is nothing else left to do.
        if self.lines.send(Message::End).is_ok() {
            let _ = writing.join();
        }
    }

    /// A line at a level. Never waits: neither for the writer nor for the time zone.
    pub(crate) fn put(&self, level: Level, text: Text) {
        self.put_at(SystemTime::now(), level, text);
    }

    fn put_at(&self, time: SystemTime, level: Level, text: Text) {
        if self.load.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            self.load.waiting.fetch_sub(1, Ordering::Relaxed);
            self.load.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let line = Line { time, part: self.part, level, text };
        // Without a writer nobody wants to know.
        let _ = self.lines.send(Message::Line(line));
    }
}
