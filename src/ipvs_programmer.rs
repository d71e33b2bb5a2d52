//! The IPVS programmer: makes the kernel's table equal to what the virtual servers want.
//!
//! It runs on its own thread. What reaches it is the newest order of each virtual server; what it
//! sends back is which orders the kernel now satisfies. It reads the table once, then compares
//! and writes the differences in batches, looking for newer orders between them. Services that no
//! virtual server asked for are somebody else's and are left alone. Now and then it looks whether
//! somebody else changed what is ours, and puts that right.

mod access;
mod audit;
mod counters;
mod kernel;
mod marker;
mod table;
#[cfg(test)]
mod tests;
mod whole;

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lvs::{Generation, ServerId};
use net::ServiceKey;
use nix::time::{ClockId, clock_gettime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::log::Log;
use crate::schedule::{Crew, Role};
pub(crate) use access::Access;
use audit::Audit;
pub(crate) use counters::{Counters, read as read_counters};
use kernel::Kernel;
pub(crate) use kernel::{Error, remove, resume};
use marker::Marker;
use table::Table;
pub(crate) use whole::Whole;

/// How long until a change is tried again that the kernel refused: the route to a server, or the
/// module of a scheduler, may come later.
const RETRY: Duration = Duration::from_secs(5);

/// What the programmer tells.
#[derive(Clone, Debug)]
pub(crate) enum Report {
    /// The kernel satisfies these orders, as far as it lets itself be asked.
    Settled(Vec<(ServerId, Generation)>),
}

/// The programmer and everything it owns.
struct Programmer {
    requests: UnboundedReceiver<Vec<lvs::Order>>,
    wholes: UnboundedReceiver<Whole>,
    reports: UnboundedSender<Report>,
    kernel: Kernel,
    table: Table,
    marker: Marker,
    audit: Audit,
    /// When refused changes are tried again.
    retry_at: Option<Instant>,
    log: Log,
}

/// Starts the programmer on its own thread. It ends when no request can come any more, whatever
/// may still be said of IPVS as a whole. With `flush` it begins with an empty table.
///
/// # Errors
/// When the kernel has no IPVS, or its table cannot be read.
pub(crate) fn start(
    (requests, wholes): (UnboundedReceiver<Vec<lvs::Order>>, UnboundedReceiver<Whole>),
    reports: UnboundedSender<Report>,
    (access, flush): (Access, bool),
    crew: &mut Crew,
) -> Result<JoinHandle<()>, Error> {
    let log = crew.log().clone();
    let kernel = Kernel::open(access.clone(), flush, log.clone())?;
    let marker = Marker::new(access, log.clone());
    let thread = crew.spawn("ipvs", Role::Task, move || {
        let (table, audit, retry_at) = (Table::default(), Audit::new(Instant::now()), None);
        let programmer =
            Programmer { requests, wholes, reports, kernel, table, marker, audit, retry_at, log };
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
                () = crate::runtime::until(self.audit.due()) => self.look(),
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
        self.marker.end();
        self.kernel.end();
    }

    fn shape(&mut self, whole: Whole) {
        self.audit.every(whole.audit, Instant::now());
        self.marker.use_table(whole.marks.clone());
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
        let Self { table, kernel, marker, .. } = self;
        if let Some(markings) = table.new_markings() {
            marker.mark(&markings);
        }
        let batch = table.next_batch(|key| kernel.read(key));
        let refused = kernel.apply(&batch.changes);
        table.note(&batch, &refused);
        if refused.iter().any(|one| one.drift) {
            // Somebody else changes the table, or answers were lost.
            self.audit.hasten();
        }
        let settled = table.settled();
        if !settled.is_empty() {
            // One wake-up for all of them: there may be thousands.
            let _ = self.reports.send(Report::Settled(settled));
        }
        self.retry_if_needed();
    }

    /// Takes the next step of comparing the kernel's table with how it was left, or as many as it
    /// takes for a coarse clock to show that they took something.
    fn look(&mut self) {
        let before = busy();
        match self.audit.next() {
            Some(first) => {
                self.compare(first);
                while busy() == before
                    && let Some(key) = self.audit.next()
                {
                    self.compare(key);
                }
            }
            None => self.begin_look(),
        }
        self.audit.spend(busy().saturating_sub(before), Instant::now());
    }

    /// A look begins with what is easily seen as a whole.
    fn begin_look(&mut self) {
        self.marker.look();
        let looked = self.kernel.look_again();
        self.audit.begin(self.table.claimed(), Instant::now());
        self.heard(looked);
    }

    /// Compares one service.
    fn compare(&mut self, key: ServiceKey) {
        match self.kernel.observe(key) {
            Ok(seen) => {
                let drifts = self.table.observe(key, seen.as_ref());
                self.audit.find(&drifts).into_iter().for_each(|line| self.log.info(line));
            }
            Err(error) => self.heard(Err(error)),
        }
    }

    /// Whether the kernel can be asked is told when that changes.
    fn heard(&mut self, answer: Result<(), ipvs::Error>) {
        let failed = answer.is_err();
        if let Err(error) = answer {
            self.audit.give_up();
            if !self.audit.failing {
                self.log.error(format!("IPVS: cannot compare the table: {error}"));
            }
        }
        self.audit.failing = failed;
    }

    fn retry_if_needed(&mut self) {
        if self.retry_at.is_none()
            && (self.table.has_refused()
                || self.kernel.lacks_something()
                || self.marker.is_incomplete())
        {
            self.retry_at = Some(Instant::now() + RETRY);
        }
    }

    fn retry(&mut self) {
        self.retry_at = None;
        self.table.retry();
        self.kernel.retry();
        self.marker.settle();
        self.retry_if_needed();
    }
}

/// How long this thread has kept a processor busy, the kernel's work for it included.
fn busy() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    // Linux has this clock since 2.6.12.
    time.map_or(Duration::ZERO, Duration::from)
}
