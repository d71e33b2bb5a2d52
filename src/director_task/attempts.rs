//! The attempts that are under way: one task each, and no more of them than there is room for.
//!
//! What an attempt does is decided by `probe`. Every attempt ends with an outcome, also one whose
//! task broke, because the core waits for it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use lvs::{CheckId, Obstacle, Outcome, Probe};
use tokio::task::{Id, JoinError, JoinSet};

/// An attempt that has ended.
pub(super) type Tried = (CheckId, Outcome);

/// The pool of checkers.
#[derive(Debug)]
pub(super) struct Attempts {
    /// How many may be under way: each needs a descriptor.
    room: usize,
    running: JoinSet<Outcome>,
    checks: HashMap<Id, CheckId>,
    waiting: VecDeque<(CheckId, Arc<Probe>)>,
}

impl Attempts {
    /// A pool with room for this many attempts at a time.
    pub(super) fn with_room(room: usize) -> Self {
        let (running, checks, waiting) = (JoinSet::new(), HashMap::new(), VecDeque::new());
        Self { room, running, checks, waiting }
    }

    /// Makes an attempt as soon as there is room for it. Use inside a runtime.
    pub(super) fn start(&mut self, check: CheckId, probe: Arc<Probe>) {
        if self.running.len() >= self.room {
            self.waiting.push_back((check, probe));
            return;
        }
        let task = self.running.spawn(async move { probe::attempt(&probe).await });
        self.checks.insert(task.id(), check);
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

    fn end(&mut self, ended: Result<(Id, Outcome), JoinError>) -> Option<Tried> {
        let (id, outcome) = match ended {
            Ok(ended) => ended,
            Err(error) => (error.id(), Outcome::NotMade(Obstacle::Lost)),
        };
        if let Some((check, probe)) = self.waiting.pop_front() {
            self.start(check, probe);
        }
        self.checks.remove(&id).map(|check| (check, outcome))
    }
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener};
    use std::time::Duration;

    use super::*;

    fn probe(to: SocketAddr) -> Arc<Probe> {
        let timeout = Duration::from_secs(5);
        Arc::new(Probe::Tcp(lvs::Connect { to, from: None, link: None, mark: 0, timeout }))
    }

    #[test]
    fn every_attempt_ends_with_the_outcome_of_its_own_check() {
        let open = TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").unwrap();
        let (good, bad) = (open.local_addr().unwrap(), closed.local_addr().unwrap());
        drop(closed);
        crate::runtime::block_on(async {
            let mut attempts = Attempts::with_room(1);
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
}
