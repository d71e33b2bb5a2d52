//! How much is measured: defaults that take a few minutes, and the environment to change them.

use std::env;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

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

fn from_environment<T: FromStr + PartialOrd + Default + Display>(name: &str, otherwise: T) -> T {
    let Ok(text) = env::var(name) else {
        return otherwise;
    };
    match text.parse() {
        Ok(value) if value > T::default() => value,
        Ok(_) | Err(_) => panic!("{name}={text}: it is a number above 0, usually {otherwise}"),
    }
}
