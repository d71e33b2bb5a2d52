//! The end of the log that writes: words the lines, to syslog and standard error.
//!
//! It gathers what comes within a moment, so that thousands of lines of a takeover cost the
//! takeover neither wake-ups nor system calls.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Level, Line, Load, Message, Settings, Text};

/// Where syslog listens.
const SYSLOG: &str = "/dev/log";
/// How long a line may wait for others: longer than a takeover takes, shorter than anybody notices.
const GATHER: Duration = Duration::from_millis(30);

/// The writer; started once there will be no more forks.
#[derive(Debug)]
pub(crate) struct Writer {
    lines: Receiver<Message>,
    load: Arc<Load>,
    settings: Settings,
}

impl Writer {
    pub(super) const fn new(lines: Receiver<Message>, load: Arc<Load>, settings: Settings) -> Self {
        Self { lines, load, settings }
    }

    /// Starts to write, under the program's name with this suffix; the thread ends after
    /// [`super::Log::finish`].
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
        sinks.flush();
    }

    fn write_all(self) {
        crate::runtime::stay_behind();
        let mut sinks = Sinks::open(self.settings.clone());
        let mut next = self.lines.recv().ok();
        while let Some(Message::Line(line)) = next {
            self.write(&mut sinks, &line);
            next = self.lines.try_recv().ok();
            if next.is_none() {
                sinks.flush();
                std::thread::sleep(GATHER);
                next = self.lines.recv().ok();
            }
        }
        sinks.flush();
    }

    fn write(&self, sinks: &mut Sinks, line: &Line) {
        self.load.waiting.fetch_sub(1, Ordering::Relaxed);
        sinks.write(line);
        let lost = self.load.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let text = Text::Words(format!("{lost} log lines lost, the log could not keep up"));
            sinks.write(&Line { text, level: Level::Error, ..*line });
        }
    }
}

struct Sinks {
    settings: Settings,
    syslog: Option<UnixDatagram>,
    pid: u32,
    stamp: Stamp,
    /// What is to go to standard error.
    console: String,
    datagram: String,
}

/// A second in the words of the console and of syslog: most lines share it.
#[derive(Default)]
struct Stamp {
    second: Option<u64>,
    console: String,
    syslog: String,
}

impl Stamp {
    fn set(&mut self, time: SystemTime) {
        let second = time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs());
        if second.is_none() || self.second != second {
            let time = chrono::DateTime::<chrono::Local>::from(time);
            self.second = second;
            self.console = time.format("%a %b %e %H:%M:%S %Y").to_string();
            self.syslog = time.format("%b %e %H:%M:%S").to_string();
        }
    }
}

impl Sinks {
    fn open(settings: Settings) -> Self {
        let syslog = settings.facility.and_then(|_| UnixDatagram::unbound().ok());
        Self {
            settings,
            syslog,
            pid: std::process::id(),
            stamp: Stamp::default(),
            console: String::new(),
            datagram: String::new(),
        }
    }

    /// Writing into a string cannot fail, and a failure to write a log line is the one thing that
    /// cannot be logged.
    fn write(&mut self, line: &Line) {
        self.stamp.set(line.time);
        let Self { settings, stamp, console, datagram, pid, .. } = self;
        if settings.console {
            let _ = writeln!(console, "{}: {}", stamp.console, line.text);
        }
        if let (Some(socket), Some(facility)) = (&self.syslog, settings.facility) {
            datagram.clear();
            let priority = facility * 8 + line.level.severity();
            let (ident, suffix) = (line.part.ident(), &settings.suffix);
            let head = format_args!("<{priority}>{} {ident}{suffix}[{pid}]", stamp.syslog);
            let _ = write!(datagram, "{head}: {}", line.text);
            let _ = socket.send_to(datagram.as_bytes(), SYSLOG);
        }
    }

    fn flush(&mut self) {
        if !self.console.is_empty() {
            let _ = std::io::stderr().write_all(self.console.as_bytes());
            self.console.clear();
        }
    }
}
