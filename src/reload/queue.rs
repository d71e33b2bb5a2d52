//! Requests for a reload while one is under way: however many come, one more follows (compat 03
//! §4).

/// What to do about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Nothing is under way: begin.
    Begin,
    /// It waits for the one that is under way.
    Queued,
    /// One waits already.
    Same,
}

/// What is under way, and whether anybody waits.
#[derive(Debug, Default)]
pub(super) struct Queue {
    busy: bool,
    waiting: bool,
}

impl Queue {
    /// Somebody asks for a reload.
    pub(super) const fn ask(&mut self) -> Request {
        if !self.busy {
            self.busy = true;
            return Request::Begin;
        }
        if self.waiting {
            return Request::Same;
        }
        self.waiting = true;
        Request::Queued
    }

    /// The one under way is done; whether the next one begins.
    pub(super) const fn done(&mut self) -> bool {
        self.busy = self.waiting;
        self.waiting = false;
        self.busy
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::*;

    proptest! {
        /// Every request is followed by a reload that began after it, and by no more than needed.
        #[test]
        fn every_request_is_served_and_none_twice(steps in proptest::collection::vec(any::<bool>(), 0..200)) {
            let mut queue = Queue::default();
            let (mut begun, mut asked, mut unserved) = (0, 0, false);
            for request in steps {
                if request {
                    asked += 1;
                    unserved = true;
                    if queue.ask() == Request::Begin {
                        begun += 1;
                        unserved = false;
                    }
                } else if queue.busy && queue.done() {
                    prop_assert!(unserved, "nobody asked for it");
                    begun += 1;
                    unserved = false;
                }
                prop_assert_eq!(queue.waiting, unserved);
            }
            prop_assert!(begun <= asked);
        }
    }
}
