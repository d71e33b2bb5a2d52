//! The log: where lines go, and how they get there without anybody waiting.
//!
//! Threads hand over values; one writer thread words them and writes. A log that cannot keep up
//! loses lines, counts them and says so, but never holds a virtual router up.

mod subscriber;

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::SystemTime;

use net::LinkName;
use vrrp::Name;

pub(crate) use subscriber::install;

/// Lines that may wait for the writer.
const WAITING: usize = 65_536;
/// Where syslog listens.
const SYSLOG: &str = "/dev/log";

/// Where lines go.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Standard error as well (`-n -l`).
    pub(crate) console: bool,
    /// The syslog facility (`-S`); `None` is no syslog (`-G`).
    pub(crate) facility: Option<u8>,
    /// Detailed lines too (`-D`).
    pub(crate) detail: bool,
    /// Appended to the program's name in syslog: network namespace and instance.
    pub(crate) suffix: String,
}

/// Which part of the daemon speaks; keepalived's process names, which log filters match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The daemon as a whole.
    Main,
    /// VRRP and the addresses.
    Vrrp,
}

impl Part {
    const fn ident(self) -> &'static str {
        match self {
            Self::Main => "Keepalived",
            Self::Vrrp => "Keepalived_vrrp",
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
    /// Everything else, as keepalived has it.
    Info,
}

impl Level {
    const fn severity(self) -> u8 {
        match self {
            Self::Alert => 1,
            Self::Error => 3,
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
            Self::Announcing { instance, link, ip } => {
                write!(f, "({instance}) Sending/queueing gratuitous ARPs on {link} for {ip}")
            }
            Self::Announced { link, ip } => write!(f, "Sending gratuitous ARP on {link} for {ip}"),
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
    detail: bool,
}

/// The end of the log that writes; started once there will be no more forks.
#[derive(Debug)]
pub(crate) struct Writer {
    lines: Receiver<Message>,
    load: Arc<Load>,
    settings: Settings,
}

/// Both ends of a new log. Lines wait until the writer is started.
#[must_use]
pub(crate) fn open(settings: Settings) -> (Log, Writer) {
    let (sender, lines) = channel();
    let load = Arc::new(Load::default());
    let detail = settings.detail;
    let log = Log { lines: sender, load: load.clone(), part: Part::Main, detail };
    (log, Writer { lines, load, settings })
}

impl Log {
    /// The same log, spoken into by another part.
    #[must_use]
    pub(crate) fn part(&self, part: Part) -> Self {
        Self { part, ..self.clone() }
    }

    /// Whether detailed lines are wanted; whoever has many of them asks before making them.
    #[must_use]
    pub(crate) const fn is_detailed(&self) -> bool {
        self.detail
    }

    /// A line for everybody.
    pub(crate) fn info(&self, words: impl Into<String>) {
        self.put(Level::Info, Text::Words(words.into()));
    }

    /// A line for a detailed log.
    pub(crate) fn detail(&self, words: impl Into<String>) {
        if self.detail {
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
        if self.detail || !event.is_detail() {
            self.put(Level::Info, Text::Event(event));
        }
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
        if self.load.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            self.load.waiting.fetch_sub(1, Ordering::Relaxed);
            self.load.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let line = Line { time: SystemTime::now(), part: self.part, level, text };
        // Without a writer nobody wants to know.
        let _ = self.lines.send(Message::Line(line));
    }
}

impl Writer {
    /// Starts to write, under the program's name with this suffix; the thread ends after
    /// [`Log::finish`].
    ///
    /// # Errors
    /// When no thread can be made.
    pub(crate) fn start(mut self, suffix: String) -> std::io::Result<JoinHandle<()>> {
        self.settings.suffix = suffix;
        std::thread::Builder::new().name("log".to_owned()).spawn(move || self.write_all())
    }

    /// Writes what waits without a thread, for a daemon that ends before it began.
    pub(crate) fn write_rest(self) {
        let mut sinks = Sinks::open(self.settings);
        while let Ok(Message::Line(line)) = self.lines.try_recv() {
            sinks.write(&line);
        }
    }

    fn write_all(self) {
        let mut sinks = Sinks::open(self.settings);
        while let Ok(Message::Line(line)) = self.lines.recv() {
            self.load.waiting.fetch_sub(1, Ordering::Relaxed);
            sinks.write(&line);
            let lost = self.load.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                let text = Text::Words(format!("{lost} log lines lost, the log could not keep up"));
                sinks.write(&Line { text, level: Level::Error, ..line });
            }
        }
    }
}

struct Sinks {
    settings: Settings,
    syslog: Option<UnixDatagram>,
    pid: u32,
    buffer: String,
}

impl Sinks {
    fn open(settings: Settings) -> Self {
        let syslog = settings.facility.and_then(|_| UnixDatagram::unbound().ok());
        Self { settings, syslog, pid: std::process::id(), buffer: String::new() }
    }

    /// A failure to write a log line is the one thing that cannot be logged.
    fn write(&mut self, line: &Line) {
        let time = chrono::DateTime::<chrono::Local>::from(line.time);
        if self.settings.console {
            self.buffer.clear();
            let _ = writeln!(self.buffer, "{}: {}", time.format("%a %b %e %H:%M:%S %Y"), line.text);
            let _ = std::io::stderr().write_all(self.buffer.as_bytes());
        }
        if let (Some(socket), Some(facility)) = (&self.syslog, self.settings.facility) {
            self.buffer.clear();
            let priority = facility * 8 + line.level.severity();
            let time = time.format("%b %e %H:%M:%S");
            let (ident, suffix) = (line.part.ident(), &self.settings.suffix);
            let _ = write!(
                self.buffer,
                "<{priority}>{time} {ident}{suffix}[{}]: {}",
                self.pid, line.text
            );
            let _ = socket.send_to(self.buffer.as_bytes(), SYSLOG);
        }
    }
}
