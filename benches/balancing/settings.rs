//! How much is measured: defaults that take some minutes, and the environment to change them.

use std::time::Duration;

use testkit::beside::from_environment;

/// How often, and for how long.
pub(crate) struct Settings {
    /// Runs of each program in each part; `BENCH_RUNS`.
    pub(crate) runs: usize,
    /// How long adverts are timed in each run; `BENCH_ADVERTS` seconds.
    pub(crate) adverts: Duration,
}

impl Settings {
    /// Takes the defaults and what the environment says otherwise.
    pub(crate) fn read() -> Self {
        Self {
            runs: from_environment("BENCH_RUNS", 5),
            adverts: Duration::from_secs(from_environment("BENCH_ADVERTS", 4)),
        }
    }
}
