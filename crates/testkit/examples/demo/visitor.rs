//! The service behind the addresses and the client that uses it: each director answers a
//! connection with its own name, and the client connects again and again and writes down who
//! answered. Their threads live in the namespaces of the hosts.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, setns};
use socket2::SockRef;
use testkit::lab::Host;

const PORT: u16 = 80;
/// Between two connections of the client.
const PACE: Duration = Duration::from_millis(5);
/// Nothing on this segment is farther away.
const PATIENCE: Duration = Duration::from_millis(20);
const STOP_CHECK: Duration = Duration::from_millis(50);

/// A thread on a host; it ends when dropped.
struct Worker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A director's service.
pub(crate) struct Service(#[expect(dead_code, reason = "held until it is dropped")] Worker);

/// The client, and who answered it when.
pub(crate) struct Visitor {
    answers: Arc<Mutex<Vec<Answer>>>,
    #[expect(dead_code, reason = "held until it is dropped")]
    worker: Worker,
}

/// One answer.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) at: Instant,
    pub(crate) by: String,
}

impl Service {
    /// Starts answering on every address of the host.
    pub(crate) fn start(host: &Host) -> Self {
        let name = host.name().to_owned();
        Self(Worker::start(host, move |stop| {
            let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT))?;
            SockRef::from(&listener).set_read_timeout(Some(STOP_CHECK))?;
            while !stop.load(Ordering::Relaxed) {
                if let Ok((mut connection, _)) = listener.accept() {
                    // A client that has gone away gets no answer.
                    let _ = connection.write_all(name.as_bytes());
                }
            }
            Ok(())
        }))
    }
}

impl Visitor {
    /// Starts visiting this address from this host.
    pub(crate) fn start(host: &Host, address: Ipv4Addr) -> Self {
        let answers: Arc<Mutex<Vec<Answer>>> = Arc::default();
        let heard = Arc::clone(&answers);
        let worker = Worker::start(host, move |stop| {
            while !stop.load(Ordering::Relaxed) {
                if let Ok(by) = ask((address, PORT).into()) {
                    locked(&heard).push(Answer { at: Instant::now(), by });
                }
                thread::sleep(PACE);
            }
            Ok(())
        });
        Self { answers, worker }
    }

    /// The newest answer, when it is not older than a moment.
    pub(crate) fn newest(&self) -> Option<Answer> {
        let newest = locked(&self.answers).last().cloned();
        newest.filter(|answer| answer.at.elapsed() < 5 * PATIENCE)
    }

    /// The longest time without an answer, from the last one before this moment on.
    pub(crate) fn longest_silence(&self, since: Instant) -> Duration {
        let answers = locked(&self.answers);
        let first = answers.partition_point(|answer| answer.at < since).saturating_sub(1);
        let times = answers[first..].iter().map(|answer| answer.at);
        let gaps = times.clone().zip(times.skip(1)).map(|(one, next)| next - one);
        let last = answers.last().map(|answer| answer.at.elapsed());
        gaps.chain(last).max().unwrap_or(Duration::MAX)
    }
}

impl Worker {
    fn start(
        host: &Host,
        work: impl FnOnce(&AtomicBool) -> io::Result<()> + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (seen, namespace) = (Arc::clone(&stop), host.namespace().to_owned());
        let thread = thread::spawn(move || {
            let done = enter(&namespace).and_then(|()| work(&seen));
            assert!(done.is_ok(), "demo: a worker in {namespace} cannot go on: {done:?}");
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // That it panicked has already been said by the panic itself.
            let _ = thread.join();
        }
    }
}

fn enter(namespace: &str) -> io::Result<()> {
    let file = File::open(Path::new("/run/netns").join(namespace))?;
    setns(file, CloneFlags::CLONE_NEWNET).map_err(io::Error::from)
}

fn ask(address: SocketAddr) -> io::Result<String> {
    let mut connection = TcpStream::connect_timeout(&address, PATIENCE)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    let mut name = String::new();
    connection.read_to_string(&mut name)?;
    if name.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(name) }
}

/// Takes the lock whatever became of the other thread: answers are only ever added.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
