//! One deadline that the kernel keeps, tens of microseconds exact where tokio's wheel has 1 ms.
//!
//! Decides how an `Instant` becomes a time of the kernel's monotonic clock. Which of many
//! deadlines is next is decided by the cores.

use std::future::pending;
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::{Duration, Instant};

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A timer for one instant, to be awaited inside a tokio runtime.
#[derive(Debug)]
pub struct Deadline {
    timer: AsyncFd<Timer>,
    clock: Clock,
    armed: Option<Instant>,
}

/// nix's timer lacks `AsRawFd`, which `AsyncFd` asks for.
#[derive(Debug)]
struct Timer(TimerFd);

impl AsRawFd for Timer {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl Deadline {
    /// A timer that is not armed.
    ///
    /// # Errors
    /// When no file descriptor is left. Panics outside a tokio runtime.
    pub fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = Timer(TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?);
        // SAFETY: the timer keeps its descriptor open until it is dropped, and never changes it.
        let timer = unsafe { AsyncFd::register_with_interest(timer, Interest::READABLE) }?;
        Ok(Self { timer, clock: Clock::read()?, armed: None })
    }

    /// Sets the timer to this instant, a past one included, or stops it. Costs nothing when that
    /// is what it is set to already.
    ///
    /// # Errors
    /// None that a valid timer can cause; they are passed on for the sake of the log.
    pub fn arm(&mut self, at: Option<Instant>) -> io::Result<()> {
        if self.armed == at {
            return Ok(());
        }
        match at {
            None => self.timer.get_ref().0.unset()?,
            Some(at) => {
                let expiration = Expiration::OneShot(TimeSpec::from(self.clock.time_of(at)));
                let absolute = TimerSetTimeFlags::TFD_TIMER_ABSTIME;
                self.timer.get_ref().0.set(expiration, absolute)?;
            }
        }
        self.armed = at;
        Ok(())
    }

    /// Ends when the instant has come, and then the timer is no longer armed; never ends while it
    /// is not armed. Dropping the future loses nothing.
    pub async fn elapsed(&mut self) {
        while let Ok(mut ready) = self.timer.readable().await {
            // Not expired after all when it was set anew between the event and this read.
            if let Ok(Ok(())) = ready.try_io(|timer| Ok(timer.get_ref().0.wait()?)) {
                self.armed = None;
                return;
            }
        }
        // Only reached when the runtime shuts down.
        pending::<()>().await;
    }
}

/// One moment as both clocks tell it: an `Instant` does not reveal its time.
#[derive(Debug)]
struct Clock {
    instant: Instant,
    time: Duration,
}

impl Clock {
    /// How often both clocks are read to find a pair that was not torn apart by a preemption.
    const TRIES: usize = 8;

    fn read() -> io::Result<Self> {
        let mut best: Option<(Duration, Self)> = None;
        for _ in 0..Self::TRIES {
            // The instant first: a timer is then late by the gap, never early.
            let instant = Instant::now();
            let time = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC)?;
            let gap = instant.elapsed();
            if best.as_ref().is_none_or(|(smallest, _)| gap < *smallest) {
                best = Some((gap, Self { instant, time: Duration::from(time) }));
            }
        }
        best.map(|(_, clock)| clock).ok_or_else(|| io::ErrorKind::Other.into())
    }

    fn time_of(&self, at: Instant) -> Duration {
        let time = match at.checked_duration_since(self.instant) {
            Some(ahead) => self.time.saturating_add(ahead),
            None => self.time.saturating_sub(self.instant.duration_since(at)),
        };
        // Zero would disarm the timer.
        time.max(Duration::from_nanos(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
    }

    #[test]
    fn a_deadline_elapses_once_and_never_early() {
        run(async {
            let mut deadline = Deadline::new().unwrap();
            for step in [0, 1, 5, 20] {
                let at = Instant::now() + Duration::from_millis(step);
                deadline.arm(Some(at)).unwrap();
                deadline.elapsed().await;
                assert!(Instant::now() >= at);
            }
            let again = timeout(Duration::from_millis(20), deadline.elapsed()).await;
            assert!(again.is_err(), "it must not elapse twice");
        });
    }

    #[test]
    fn a_past_instant_elapses_at_once_even_before_the_boot() {
        run(async {
            let mut deadline = Deadline::new().unwrap();
            let past = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
            deadline.arm(Some(past)).unwrap();
            timeout(Duration::from_secs(5), deadline.elapsed()).await.unwrap();
            let clock = Clock { instant: Instant::now(), time: Duration::ZERO };
            assert_eq!(clock.time_of(past), Duration::from_nanos(1));
        });
    }

    #[test]
    fn arming_anew_takes_back_an_expiry_that_nobody_saw() {
        run(async {
            let mut deadline = Deadline::new().unwrap();
            deadline.arm(Some(Instant::now())).unwrap();
            std::thread::sleep(Duration::from_millis(5));
            let at = Instant::now() + Duration::from_millis(30);
            deadline.arm(Some(at)).unwrap();
            deadline.elapsed().await;
            assert!(Instant::now() >= at);
            deadline.arm(Some(Instant::now() + Duration::from_millis(5))).unwrap();
            deadline.arm(None).unwrap();
            assert!(timeout(Duration::from_millis(30), deadline.elapsed()).await.is_err());
        });
    }
}
