//! A syslog of a host's own: what daemons send to `/dev/log`, with facility and severity.
//! Decides how it is heard; which level a line should have is for the tests.

use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::Host;
use super::run::must;

/// How soon it notices that nobody listens any more.
const STOP_CHECK: Duration = Duration::from_millis(100);
/// The longest line.
const LONGEST: usize = 8_192;

/// One line that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyslogLine {
    /// Its facility (3 is `daemon`).
    pub facility: u8,
    /// Its severity (4 is a warning, 6 is information).
    pub severity: u8,
    /// The name and process id in front of it.
    pub ident: String,
    /// The line.
    pub text: String,
}

/// The lines that came so far. It listens until it is dropped.
pub struct Syslog {
    socket: PathBuf,
    lines: Arc<Mutex<Vec<SyslogLine>>>,
    end: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Host {
    /// Begins to listen; see [`DaemonBuilder::with_syslog`](super::DaemonBuilder::with_syslog).
    pub fn syslog(&self) -> Syslog {
        let path = self.file("syslog.socket");
        let socket = must("bind a socket", UnixDatagram::bind(&path));
        must("limit reading", socket.set_read_timeout(Some(STOP_CHECK)));
        let lines = Arc::<Mutex<Vec<SyslogLine>>>::default();
        let end = Arc::<AtomicBool>::default();
        let (heard, ended) = (lines.clone(), end.clone());
        let listener = thread::spawn(move || listen(&socket, &heard, &ended));
        Syslog { socket: path, lines, end, listener: Some(listener) }
    }
}

fn listen(socket: &UnixDatagram, heard: &Mutex<Vec<SyslogLine>>, ended: &AtomicBool) {
    let mut room = [0; LONGEST];
    while !ended.load(Ordering::Relaxed) {
        match socket.recv(&mut room) {
            Ok(length) => {
                let line = SyslogLine::read(&String::from_utf8_lossy(&room[..length]));
                heard.lock().unwrap_or_else(PoisonError::into_inner).extend(line);
            }
            Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {}
            Err(error) => panic!("lab: the syslog: {error}"),
        }
    }
}

impl Syslog {
    /// All lines so far.
    pub fn lines(&self) -> Vec<SyslogLine> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The severities of the lines so far that hold this text.
    pub fn severities(&self, text: &str) -> Vec<u8> {
        let lines = self.lines();
        lines.iter().filter(|line| line.text.contains(text)).map(|line| line.severity).collect()
    }

    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Syslog {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        if let Some(listener) = self.listener.take() {
            // What it panicked with is on the screen already.
            let _ = listener.join();
        }
    }
}

impl SyslogLine {
    /// `<28>Nov 28 14:00:00 Keepalived_bfd[1]: text`.
    fn read(datagram: &str) -> Option<Self> {
        const STAMP: usize = "Nov 28 14:00:00 ".len();
        let (priority, rest) = datagram.strip_prefix('<')?.split_once('>')?;
        let priority: u8 = priority.parse().ok()?;
        let (ident, text) = rest.get(STAMP..)?.split_once(": ")?;
        Some(Self {
            facility: priority / 8,
            severity: priority % 8,
            ident: ident.to_owned(),
            text: text.trim_end_matches('\0').to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_taken_apart() {
        let line = SyslogLine::read("<28>Nov 28 14:00:00 Keepalived_bfd[1]: (b1) Expired: it\0");
        let line = line.expect("a line");
        assert_eq!((line.facility, line.severity), (3, 4));
        assert_eq!(
            (line.ident.as_str(), line.text.as_str()),
            ("Keepalived_bfd[1]", "(b1) Expired: it")
        );
        assert_eq!(SyslogLine::read("nonsense"), None);
    }
}
