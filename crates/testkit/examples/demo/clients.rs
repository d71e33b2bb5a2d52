//! The clients: a few of them ask the web service in turn, again and again, and write down how it
//! went; and there are always strangers, who ask once with curl. Each has an address of its own,
//! since the service sends a client to the server that it had before.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use testkit::lab::Host;

use crate::table::Service;

/// Between two requests.
const PACE: Duration = Duration::from_millis(15);
/// How long connecting and each wait after it may take: nothing here is farther away.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a request may go on failing after everything is well again.
pub(crate) const AFTERMATH: Duration = PATIENCE.saturating_mul(2);
/// Failures that are farther apart have nothing to do with each other.
const APART: Duration = Duration::from_millis(500);
/// All these are addresses of the clients' host.
const NETWORK: &str = "192.0.2.128/25";
/// The last numbers of those who ask again and again.
const REGULARS: Range<u8> = 130..154;
/// How many of the others ask each time.
const CROWD: u8 = 12;
/// Stands for the server that did not answer.
const NOBODY: &str = "nobody";

/// The clients at work; they stop when dropped.
pub(crate) struct Clients {
    host: Host,
    requests: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    strangers: Range<u8>,
}

/// One request.
struct Request {
    start: Instant,
    end: Instant,
    answered: bool,
}

/// What the clients have seen of something.
pub(crate) struct View {
    pub(crate) requests: usize,
    pub(crate) failed: usize,
    /// For how long requests failed, others in between or not; at worst.
    pub(crate) trouble: Duration,
}

/// How many of many clients were answered by each server.
pub(crate) struct Answers(BTreeMap<String, usize>);

impl Clients {
    /// Gives them their addresses on this host.
    pub(crate) fn new(host: &Host) -> Self {
        // One route stands for setting them one by one.
        host.ok(["ip", "route", "add", "local", NETWORK, "dev", "eth0"]);
        let (requests, stop) = (Arc::default(), Arc::default());
        let strangers = REGULARS.end..u8::MAX;
        Self { host: host.clone(), requests, stop, thread: None, strangers }
    }

    /// Starts asking this service again and again.
    pub(crate) fn start(&mut self, service: &Service) {
        let to: SocketAddr = service.address().parse().expect("the address of a service");
        let (heard, end) = (Arc::clone(&self.requests), Arc::clone(&self.stop));
        let ask_in_turn = move || {
            for last in REGULARS.cycle().take_while(|_| !end.load(Ordering::Relaxed)) {
                let start = Instant::now();
                let answered = ask(Ipv4Addr::new(192, 0, 2, last), to).is_ok();
                locked(&heard).push(Request { start, end: Instant::now(), answered });
                thread::sleep(PACE);
            }
        };
        let host = self.host.clone();
        self.thread = Some(thread::spawn(move || host.inside_thread(ask_in_turn)));
    }

    /// Whether every one of them was answered when it last asked.
    pub(crate) fn are_served(&self) -> bool {
        let requests = locked(&self.requests);
        let round = requests.len().saturating_sub(REGULARS.len());
        requests.len() >= REGULARS.len() && requests[round..].iter().all(|last| last.answered)
    }

    /// What they have seen since this moment.
    pub(crate) fn view(&self, since: Instant) -> View {
        let requests = locked(&self.requests);
        let first = requests.partition_point(|request| request.end < since);
        let failures: Vec<&Request> =
            requests[first..].iter().filter(|request| !request.answered).collect();
        let troubles = failures.chunk_by(|one, next| next.start - one.end < APART);
        let trouble = troubles.map(|run| run[run.len() - 1].end - run[0].start).max();
        View {
            requests: requests.len() - first,
            failed: failures.len(),
            trouble: trouble.unwrap_or_default(),
        }
    }

    /// Asks with curl from addresses that nobody has seen before.
    pub(crate) fn ask_as_strangers(&mut self, service: &Service) -> Answers {
        let these = self.strangers.start..self.strangers.start + CROWD;
        self.strangers.start = these.end;
        let script = format!(
            "for last in $(seq {} {}); do \
             curl -s --max-time 1 -w '\\n' --interface 192.0.2.$last http://{}/ || echo {NOBODY}; \
             done",
            these.start,
            these.end - 1,
            service.address()
        );
        let mut count = BTreeMap::new();
        for by in self.host.ok(["sh", "-c", &script]).lines().filter(|line| !line.is_empty()) {
            *count.entry(by.to_owned()).or_default() += 1;
        }
        Answers(count)
    }
}

impl Answers {
    /// Who answered, when everybody was answered.
    pub(crate) fn servers(&self) -> Vec<&str> {
        let complete = !self.0.contains_key(NOBODY);
        self.0.keys().filter(|_| complete).map(String::as_str).collect()
    }
}

impl Display for Answers {
    /// `12 new clients: real1 4, real2 4, real3 4`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(|(by, count)| format!("{by} {count}")).collect();
        write!(f, "{} new clients: {}", self.0.values().sum::<usize>(), parts.join(", "))
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // That it panicked has already been said by the panic itself.
            let _ = thread.join();
        }
    }
}

/// Asks for a page and waits for the end of the answer.
fn ask(from: Ipv4Addr, to: SocketAddr) -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket.connect_timeout(&to.into(), PATIENCE)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut connection = TcpStream::from(socket);
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let good = answer.split(' ').nth(1) == Some("200");
    if good { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Takes the lock whatever became of the other thread: requests are only ever added.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
