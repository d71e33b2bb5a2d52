//! Routers on virtual segments in virtual time: what must hold whatever goes wrong.
//!
//! `SIM_SEEDS` says how many seeds the long runs take (1,000 unless set); `SIM_SEED` runs one of
//! them alone.

mod chaos;
mod crowd;
mod election;
mod group;
mod healthy;
mod joined;
mod objects;
mod pairs;
mod random;
mod reload;
mod session;
mod watch;

/// Runs a test with all seeds, or with the one that was asked for.
fn for_every_seed(run: impl Fn(u64)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if let Some(seed) = number("SIM_SEED") {
        return run(seed);
    }
    for seed in 0..number("SIM_SEEDS").unwrap_or(1_000) {
        let _seed = Seed(seed);
        run(seed);
    }
}

/// Names the seed under which a test failed.
struct Seed(u64);

impl Drop for Seed {
    #[expect(clippy::print_stderr, reason = "a failure that nobody can run again is no use")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("it failed with SIM_SEED={}", self.0);
        }
    }
}

/// The link that the hand-made routers are on.
fn eth0() -> net::LinkName {
    random::link_name(0)
}
