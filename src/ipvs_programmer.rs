//! The IPVS programmer: makes the kernel's table equal to what the virtual servers want.
//!
//! It runs on its own thread. What reaches it is the newest order of each virtual server; what it
//! sends back is which orders the kernel now satisfies. It reads the table once, then compares
//! and writes the differences in batches, looking for newer orders between them. Services that no
//! virtual server asked for are somebody else's and are left alone.

mod kernel;
mod table;
mod whole;

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lvs::{Generation, ServerId};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::log::Log;
use kernel::Kernel;
pub(crate) use kernel::{Error, remove, resume};
use table::Table;
pub(crate) use whole::Whole;

/// How long until a change is tried again that the kernel refused: the route to a server, or the
/// module of a scheduler, may come later.
const RETRY: Duration = Duration::from_secs(5);

/// What the programmer tells.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Report {
    /// The kernel satisfies an order, as far as it lets itself be asked.
    Settled(ServerId, Generation),
}

/// The programmer and everything it owns.
struct Programmer {
    requests: UnboundedReceiver<Vec<lvs::Order>>,
    wholes: UnboundedReceiver<Whole>,
    reports: UnboundedSender<Report>,
    kernel: Kernel,
    table: Table,
    /// When refused changes are tried again.
    retry_at: Option<Instant>,
}

/// Starts the programmer on its own thread. It ends when no request can come any more, whatever
/// may still be said of IPVS as a whole. With `flush` it begins with an empty table.
///
/// # Errors
/// When the kernel has no IPVS, or its table cannot be read.
pub(crate) fn start(
    requests: UnboundedReceiver<Vec<lvs::Order>>,
    wholes: UnboundedReceiver<Whole>,
    reports: UnboundedSender<Report>,
    flush: bool,
    log: Log,
) -> Result<JoinHandle<()>, Error> {
    let kernel = Kernel::open(flush, log)?;
    let thread = std::thread::Builder::new().name("ipvs".to_owned()).spawn(move || {
        let table = Table::default();
        let programmer = Programmer { requests, wholes, reports, kernel, table, retry_at: None };
        crate::runtime::block_on(programmer.run());
    })?;
    Ok(thread)
}

impl Programmer {
    async fn run(mut self) {
        loop {
            let working = self.table.has_work();
            tokio::select! {
                biased;
                orders = self.requests.recv() => match orders {
                    Some(orders) => self.take(orders),
                    None => return self.finish(),
                },
                Some(whole) = self.wholes.recv() => self.shape(whole),
                () = std::future::ready(()), if working => self.work(),
                () = crate::runtime::until(self.retry_at) => self.retry(),
            }
        }
    }

    /// Nobody will ask for anything any more: what was asked for is still done.
    fn finish(&mut self) {
        while self.table.has_work() {
            self.work();
        }
        while let Ok(whole) = self.wholes.try_recv() {
            self.shape(whole);
        }
        self.kernel.end();
    }

    fn shape(&mut self, whole: Whole) {
        self.kernel.shape(whole);
        self.retry_if_needed();
    }

    /// Takes these orders and all that wait behind them: only the newest of an owner counts.
    fn take(&mut self, first: Vec<lvs::Order>) {
        let mut next = Some(first);
        while let Some(orders) = next {
            orders.into_iter().for_each(|order| self.table.order(order));
            next = self.requests.try_recv().ok();
        }
    }

    /// One batch, for as many owners as it has room for.
    fn work(&mut self) {
        let Self { table, kernel, .. } = self;
        let batch = table.next_batch(|key| kernel.read(key));
        let refused = kernel.apply(&batch.changes);
        table.note(&batch, &refused);
        for (owner, generation) in table.settled() {
            let _ = self.reports.send(Report::Settled(owner, generation));
        }
        self.retry_if_needed();
    }

    fn retry_if_needed(&mut self) {
        if self.retry_at.is_none() && (self.table.has_refused() || self.kernel.lacks_something()) {
            self.retry_at = Some(Instant::now() + RETRY);
        }
    }

    fn retry(&mut self) {
        self.retry_at = None;
        self.table.retry();
        self.kernel.retry();
        self.retry_if_needed();
    }
}
