//! Many servers in one process: it takes every connection to any of its ports, on whatever address,
//! closes it, and says how many it has taken. When it is killed, all of them die at once.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use testkit::beside::say;
use testkit::lab::Process;
use tokio::net::{TcpListener, TcpSocket};

/// The word on the command line that makes this program such a process.
pub(crate) const WORD: &str = "--listeners";
const OPEN_FILES: u64 = 65_536;
const BACKLOG: u32 = 1024;
const TOLD_EVERY: Duration = Duration::from_millis(100);
const TAKEN: &str = "taken: ";

/// Serves these ports, `10000:1000` from the first one on.
pub(crate) fn run_for_ever(ports: &str) -> ! {
    let (first, count) = read(ports).unwrap_or_else(|| panic!("no ports: {ports}"));
    sys::process::raise_open_file_limit(OPEN_FILES).unwrap_or_else(|error| panic!("{error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    runtime.block_on(async {
        let taken = Arc::new(AtomicU64::new(0));
        for port in first..first + count {
            let listener = listen(port).unwrap_or_else(|error| panic!("port {port}: {error}"));
            tokio::spawn(take(listener, Arc::clone(&taken)));
        }
        loop {
            say(&format!("{TAKEN}{}", taken.load(Ordering::Relaxed)));
            tokio::time::sleep(TOLD_EVERY).await;
        }
    })
}

fn read(ports: &str) -> Option<(u16, u16)> {
    let (first, count) = ports.split_once(':')?;
    Some((first.parse().ok()?, count.parse().ok()?))
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::UNSPECIFIED, port).into())?;
    socket.listen(BACKLOG)
}

async fn take(listener: TcpListener, taken: Arc<AtomicU64>) {
    loop {
        if listener.accept().await.is_ok() {
            taken.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// How many connections such a process has taken so far; `None` before it listens.
pub(crate) fn taken(process: &Process) -> Option<u64> {
    let text = process.log().text();
    // The last line may be torn.
    let (whole, _) = text.rsplit_once('\n')?;
    whole.lines().last()?.strip_prefix(TAKEN)?.parse().ok()
}
