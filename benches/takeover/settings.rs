//! How much is measured: defaults that take a few minutes, and the environment to change them.

use std::time::Duration;

use testkit::beside::from_environment;

/// How often, and for how long.
pub(crate) struct Settings {
    /// Runs of each program in each part; `BENCH_RUNS`.
    pub(crate) runs: usize,
    /// How long a settled pair with a thousand addresses is watched; `BENCH_WATCH` seconds.
    pub(crate) watch: Duration,
    /// How long each program's adverts are timed; `BENCH_LATENESS` seconds.
    pub(crate) lateness: Duration,
}

impl Settings {
    /// Takes the defaults and what the environment says otherwise.
    pub(crate) fn read() -> Self {
        Self {
            runs: from_environment("BENCH_RUNS", 10),
            watch: Duration::from_secs(from_environment("BENCH_WATCH", 60)),
            lateness: Duration::from_secs(from_environment("BENCH_LATENESS", 40)),
        }
    }
}
