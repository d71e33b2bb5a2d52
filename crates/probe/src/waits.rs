//! How long an attempt waits: each time for a while, and all times together no longer than agreed.
//!
//! What it means that a wait was too long is decided by whoever waits.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout};

/// It took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// The waits of one attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    each: Duration,
    /// The end of all of them; `None` is later than the clock can say.
    end: Option<Instant>,
}

impl Waits {
    /// Waits of up to `each` that end `all` from now at the latest.
    pub(crate) fn begin(each: Duration, all: Duration) -> Self {
        Self { each, end: Instant::now().checked_add(all) }
    }

    /// Waits once. Fails at the end of all waits even if what is waited for is there each time.
    pub(crate) async fn once<F: Future>(&self, what: F) -> Result<F::Output, TooLong> {
        let left = self.end.map(|end| end.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Err(TooLong);
        }
        let bound = left.map_or(self.each, |left| left.min(self.each));
        timeout(bound, what).await.map_err(|_| TooLong)
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
        let waits = Waits::begin(3 * SECOND, 60 * SECOND);
        assert_eq!(waits.once(pending::<()>()).await, Err(TooLong));
        assert_eq!(began.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn all_waits_end_together() {
        let began = Instant::now();
        let waits = Waits::begin(3 * SECOND, 4 * SECOND);
        assert_eq!(waits.once(tokio::time::sleep(2 * SECOND)).await, Ok(()));
        assert_eq!(waits.once(pending::<()>()).await, Err(TooLong));
        assert_eq!(began.elapsed().as_secs(), 4);
        assert_eq!(waits.once(ready(())).await, Err(TooLong), "no time is left");
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_beyond_the_clock_is_no_limit() {
        let waits = Waits::begin(Duration::MAX, Duration::MAX);
        assert_eq!(waits.once(tokio::time::sleep(60 * SECOND)).await, Ok(()));
    }
}
