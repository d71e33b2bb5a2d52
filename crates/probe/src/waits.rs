//! How long an attempt waits: each time for a while, and all times together no longer than agreed.
//!
//! What it means that a wait was too long is decided by whoever waits. Time in which this process
//! stood still is nobody's fault: what came meanwhile came in time.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout};

/// How much later than at its end a wait may be noticed to be over on a busy machine; and how long
/// that machine may take to hear what has come.
const LATE: Duration = Duration::from_millis(100);

/// It took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// The waits of one attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    each: Duration,
    /// What is left for all of them.
    left: Duration,
}

impl Waits {
    /// Waits of up to `each` that take `all` together at the longest.
    pub(crate) const fn begin(each: Duration, all: Duration) -> Self {
        Self { each, left: all }
    }

    /// Waits once. Fails at the end of all waits even if what is waited for is there each time.
    pub(crate) async fn once<F: Future>(&mut self, what: F) -> Result<F::Output, TooLong> {
        if self.left.is_zero() {
            return Err(TooLong);
        }
        let (began, bound) = (Instant::now(), self.left.min(self.each));
        let mut what = pin!(what);
        let mut waited = timeout(bound, what.as_mut()).await;
        let took = began.elapsed();
        // The process was stopped, or its machine. Its clock is the first to notice, and only
        // then does it hear what has come meanwhile.
        let stood_still = took.saturating_sub(bound) > LATE;
        if stood_still && waited.is_err() {
            waited = timeout(LATE, what).await;
        }
        if !stood_still {
            self.left = self.left.saturating_sub(took);
        }
        waited.map_err(|_| TooLong)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn one_wait_ends_after_its_own_time() {
        let began = Instant::now();
        let mut waits = Waits::begin(3 * SECOND, 60 * SECOND);
        assert_eq!(waits.once(pending::<()>()).await, Err(TooLong));
        assert_eq!(began.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn all_waits_end_together() {
        let began = Instant::now();
        let mut waits = Waits::begin(3 * SECOND, 4 * SECOND);
        assert_eq!(waits.once(tokio::time::sleep(2 * SECOND)).await, Ok(()));
        assert_eq!(waits.once(pending::<()>()).await, Err(TooLong));
        assert_eq!(began.elapsed().as_secs(), 4);
        assert_eq!(waits.once(ready(())).await, Err(TooLong), "no time is left");
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_beyond_the_clock_is_no_limit() {
        let mut waits = Waits::begin(Duration::MAX, Duration::MAX);
        assert_eq!(waits.once(tokio::time::sleep(60 * SECOND)).await, Ok(()));
    }
    #[tokio::test(start_paused = true)]
    async fn what_came_while_the_process_stood_still_came_in_time() {
        let mut waits = Waits::begin(3 * SECOND, 4 * SECOND);
        let stopped = async {
            tokio::time::advance(60 * SECOND).await;
            // It is heard of a little later.
            tokio::time::sleep(LATE / 2).await;
        };
        assert_eq!(waits.once(stopped).await, Ok(()));
        assert_eq!(waits.once(tokio::time::sleep(2 * SECOND)).await, Ok(()));
        assert_eq!(waits.once(tokio::time::sleep(3 * SECOND)).await, Err(TooLong));
    }
}
