//! How each thread runs its futures: one at a time, on itself.

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
