//! The attempts that are under way: one task each, and no more of them than there is room for.
//!
//! What an attempt does is decided by `probe`, and by `programs` where a program is run. Every
//! attempt ends with an outcome, also one whose task broke, because the core waits for it; but for
//! those that the core has forgotten.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use lvs::config::{Config, MiscCheck};
use lvs::{CheckId, Obstacle, Outcome, Probe};
use probe::Equipment;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

use super::programs::{self, Undead};
use crate::log::Log;

/// An attempt that has ended.
pub(super) type Tried = (CheckId, Outcome);

/// What there is to do.
#[derive(Debug)]
pub(super) enum Attempt {
    Probe(Probe),
    Program(Arc<MiscCheck>),
}

/// What an attempt leaves.
type Ended = (Outcome, Option<Undead>);

/// The pool of checkers.
#[derive(Debug)]
pub(super) struct Attempts {
    /// How many may be under way: each needs a descriptor.
    room: usize,
    equipment: Arc<Equipment>,
    log: Log,
    running: JoinSet<Ended>,
    checks: HashMap<Id, CheckId>,
    handles: HashMap<CheckId, AbortHandle>,
    /// The checks whose last program is still there.
    undead: HashMap<CheckId, Undead>,
    waiting: VecDeque<(CheckId, Attempt)>,
}

impl Attempts {
    /// A pool with room for this many attempts at a time.
    pub(super) fn with_room(room: usize, equipment: Equipment, log: Log) -> Self {
        Self {
            room,
            equipment: Arc::new(equipment),
            log,
            running: JoinSet::new(),
            checks: HashMap::new(),
            handles: HashMap::new(),
            undead: HashMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Attempts that begin from now on use what this configuration needs.
    ///
    /// # Errors
    /// When some of it cannot be used: there what was before goes on.
    pub(super) fn equip(&mut self, config: &Config) -> Result<(), probe::Error> {
        let (equipment, flaw) = self.equipment.renewed(config)?;
        self.equipment = Arc::new(equipment);
        flaw
    }

    /// Makes an attempt as soon as there is room for it. Use inside a runtime.
    pub(super) fn start(&mut self, check: CheckId, attempt: Attempt) {
        if self.running.len() >= self.room {
            self.waiting.push_back((check, attempt));
            return;
        }
        let handle = match attempt {
            Attempt::Probe(probe) => {
                let equipment = Arc::clone(&self.equipment);
                self.running.spawn(async move { (probe::attempt(&probe, &equipment).await, None) })
            }
            Attempt::Program(program) => {
                let (last, log) = (self.undead.remove(&check), self.log.clone());
                self.running.spawn(async move { programs::attempt(&program, last, &log).await })
            }
        };
        self.checks.insert(handle.id(), check);
        self.handles.insert(check, handle);
    }

    /// Nobody waits for this attempt any more.
    pub(super) fn forget(&mut self, check: CheckId) {
        self.waiting.retain(|(waiting, _)| *waiting != check);
        self.undead.remove(&check);
        if let Some(handle) = self.handles.remove(&check) {
            self.checks.remove(&handle.id());
            handle.abort();
        }
    }

    /// The next attempt that has ended; waits for ever while there is none.
    pub(super) async fn next(&mut self) -> Tried {
        loop {
            match self.running.join_next_with_id().await {
                Some(ended) => {
                    if let Some(tried) = self.end(ended) {
                        return tried;
                    }
                }
                None => std::future::pending().await,
            }
        }
    }

    /// One that has ended already.
    pub(super) fn try_next(&mut self) -> Option<Tried> {
        while let Some(ended) = self.running.try_join_next_with_id() {
            if let Some(tried) = self.end(ended) {
                return Some(tried);
            }
        }
        None
    }

    fn end(&mut self, ended: Result<(Id, Ended), JoinError>) -> Option<Tried> {
        let (id, (outcome, undead)) = match ended {
            Ok(ended) => ended,
            Err(error) => (error.id(), (Outcome::NotMade(Obstacle::Lost), None)),
        };
        if let Some((check, attempt)) = self.waiting.pop_front() {
            self.start(check, attempt);
        }
        let check = self.checks.remove(&id)?;
        self.handles.remove(&check);
        self.undead.extend(undead.map(|undead| (check, undead)));
        Some((check, outcome))
    }
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener};
    use std::time::Duration;

    use super::*;
    use crate::log;

    fn probe(to: SocketAddr) -> Attempt {
        let timeout = Duration::from_secs(5);
        let connect = lvs::Connect { to, from: None, link: None, mark: 0, timeout };
        Attempt::Probe(Probe::Tcp(connect.into()))
    }

    #[test]
    fn every_attempt_ends_with_the_outcome_of_its_own_check() {
        let open = TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").unwrap();
        let (good, bad) = (open.local_addr().unwrap(), closed.local_addr().unwrap());
        drop(closed);
        crate::runtime::block_on(async {
            let mut attempts = Attempts::with_room(1, Equipment::default(), log::silent());
            attempts.start(CheckId(1), probe(good));
            attempts.start(CheckId(2), probe(bad));
            assert_eq!(attempts.running.len(), 1, "there is room for one");
            let mut tried = [attempts.next().await, attempts.next().await];
            tried.sort_by_key(|(check, _)| *check);
            assert!(matches!(tried[0], (CheckId(1), Outcome::Passed(_))), "{tried:?}");
            assert!(matches!(tried[1], (CheckId(2), Outcome::Failed(_))), "{tried:?}");
            assert!(attempts.try_next().is_none());
        });
    }

    #[test]
    fn an_attempt_that_is_forgotten_makes_room_and_has_no_outcome() {
        let open = TcpListener::bind("127.0.0.1:0").unwrap();
        let good = open.local_addr().unwrap();
        let argv = ["/bin/sleep", "600"].map(str::to_owned).to_vec();
        let command = lvs::config::Command { argv, uid: 0, gid: 0 };
        let timeout = Duration::from_secs(600);
        let program = Attempt::Program(Arc::new(MiscCheck { command, timeout, dynamic: false }));
        crate::runtime::block_on(async {
            let mut attempts = Attempts::with_room(1, Equipment::default(), log::silent());
            attempts.start(CheckId(1), program);
            attempts.start(CheckId(2), probe(good));
            attempts.start(CheckId(3), probe(good));
            attempts.forget(CheckId(1));
            attempts.forget(CheckId(2));
            assert_eq!(attempts.next().await.0, CheckId(3));
            assert!(attempts.handles.is_empty() && attempts.checks.is_empty());
        });
    }

    #[test]
    fn what_does_not_die_is_remembered_until_nobody_checks_with_it() {
        let argv = vec!["/bin/true".to_owned()];
        let command = lvs::config::Command { argv, uid: 0, gid: 0 };
        let timeout = Duration::from_millis(100);
        let program = Arc::new(MiscCheck { command, timeout, dynamic: false });
        crate::runtime::block_on(async {
            let mut attempts = Attempts::with_room(1, Equipment::default(), log::silent());
            attempts.undead.insert(CheckId(1), tokio::spawn(std::future::pending()));
            for _ in 0..2 {
                attempts.start(CheckId(1), Attempt::Program(Arc::clone(&program)));
                let (check, outcome) = attempts.next().await;
                assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
                assert_eq!((check, attempts.undead.len()), (CheckId(1), 1));
            }
            attempts.forget(CheckId(1));
            assert!(attempts.undead.is_empty());
        });
    }
}
