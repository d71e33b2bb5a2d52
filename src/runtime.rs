//! How each thread runs: its futures one at a time on itself, and behind others or not.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

/// The nice value of the threads that may wait for everybody else.
const BEHIND: i8 = 10;

/// Lets the calling thread wait for ordinary programs.
pub(crate) fn stay_behind() {
    // Without it the thread is only less polite.
    let _ = sys::scheduler::Thread::current().set_nice(BEHIND);
}

/// Runs a future to its end on this thread.
///
/// # Panics
/// When the kernel has no descriptor left for the reactor, at which point nothing can run.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a reactor needs one free file descriptor")
        .block_on(future)
}

/// A number that nobody can guess: the checks of two directors shall not fall on the same moment,
/// and nobody shall know what BFD sessions go by.
pub(crate) fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Ends at that time; never without one.
pub(crate) async fn until(due: Option<std::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
