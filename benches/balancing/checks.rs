//! The checks of a director in a process of their own: the core of the daemon and its attempts, and
//! in place of the kernel's table a count of what it would hold.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use lvs::{CheckId, Director, Effect, Facts, Input, Outcome, ServerId};
use probe::Equipment;
use testkit::beside::say;
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep_until;

/// The word on the command line that makes this program such a process.
pub(crate) const WORD: &str = "--checks";
/// What it says, with a number behind it, of the destinations that would be left in the table.
pub(crate) const LEFT: &str = "destinations: ";
/// Descriptors for all attempts.
const OPEN_FILES: u64 = 65_536;

type Tried = (CheckId, Outcome);

/// The core, its attempts and what each virtual server has ordered.
struct Checker {
    director: Director,
    attempts: JoinSet<Tried>,
    equipment: Arc<Equipment>,
    destinations: BTreeMap<ServerId, usize>,
}

/// Checks what this file says.
pub(crate) fn run_for_ever(configuration: &str) -> ! {
    // Too few of them are seen as checks that cannot be made.
    let _ = sys::process::raise_open_file_limit(OPEN_FILES);
    let environment = conf::Environment::default();
    let loaded = conf::load(Path::new(configuration), &environment);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    runtime.block_on(async {
        let equipment = Equipment::of(&loaded.config.lvs);
        let equipment = Arc::new(equipment.unwrap_or_else(|error| panic!("{error}")));
        let director = Director::new(loaded.config.lvs, Facts::default(), Instant::now(), 0);
        let attempts = JoinSet::new();
        Checker { director, attempts, equipment, destinations: BTreeMap::new() }.run().await
    })
}

impl Checker {
    async fn run(&mut self) -> ! {
        loop {
            self.carry_out();
            let due = self.director.poll_timeout().unwrap_or_else(Instant::now);
            tokio::select! {
                biased;
                () = sleep_until(due.into()) => self.director.handle(Instant::now(), Input::Timeout),
                Some(tried) = self.attempts.join_next() => self.on_tried(tried),
            }
        }
    }

    fn on_tried(&mut self, first: Result<Tried, JoinError>) {
        let mut next = Some(first);
        while let Some(tried) = next {
            let (check, outcome) = tried.unwrap_or_else(|error| panic!("an attempt: {error}"));
            self.director.handle(Instant::now(), Input::Tried { check, outcome });
            next = self.attempts.try_join_next();
        }
    }

    /// Orders are settled at once; what would be logged is dropped.
    fn carry_out(&mut self) {
        let count = |of: &BTreeMap<_, usize>| of.values().sum::<usize>();
        let before = count(&self.destinations);
        while let Some(order) = self.director.poll_order() {
            self.destinations.insert(order.owner, order.destinations.len());
            let (owner, generation) = (order.owner, order.generation);
            self.director.handle(Instant::now(), Input::Settled { owner, generation });
        }
        let after = count(&self.destinations);
        if before != after {
            say(&format!("{LEFT}{after}"));
        }
        while let Some(effect) = self.director.poll_effect() {
            if let Effect::Try { check, probe } = effect {
                let equipment = Arc::clone(&self.equipment);
                self.attempts
                    .spawn(async move { (check, probe::attempt(&probe, &equipment).await) });
            }
        }
    }
}
