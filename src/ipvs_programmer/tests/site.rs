//! A director and a table in virtual time. Decides how checks end: each target is up or down, and
//! each program ends with a status, as its seed says, before and after the reload alike.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lvs::config::{Config, MiscCheck};
use lvs::{
    CheckId, Director, Effect, Failure, Input, NotConnected, Outcome, Passed, Probe, Proof,
    WebFailure,
};
use net::ServiceKey;

use super::Place;
use crate::ipvs_programmer::table::{Known, Table};

/// Services with their destinations, in an order that says nothing.
pub(super) type Tables = BTreeMap<ServiceKey, Known>;

/// By then every check has found out what there is to find out.
pub(super) const ENOUGH: Duration = Duration::from_secs(60);

pub(super) struct Site<P> {
    director: Director,
    table: Table,
    pub(super) kernel: P,
    /// Changes that were asked of the kernel.
    pub(super) written: usize,
    now: Instant,
    seed: u64,
}

impl<P: Place> Site<P> {
    pub(super) fn start(config: &Arc<Config>, seed: u64, kernel: P) -> Self {
        let now = Instant::now();
        let director = Director::new(Arc::clone(config), lvs::Facts::default(), now, seed);
        let mut site = Self { director, table: Table::default(), kernel, written: 0, now, seed };
        site.drain();
        site
    }

    pub(super) fn reload(&mut self, config: &Arc<Config>) {
        self.input(Input::Reconfigure(Arc::clone(config)));
    }

    pub(super) fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.director.poll_timeout().filter(|at| *at <= end) {
            self.now = at;
            self.input(Input::Timeout);
        }
        self.now = end;
    }

    fn input(&mut self, input: Input) {
        self.director.handle(self.now, input);
        self.drain();
    }

    /// Until nobody has anything to say to anybody.
    fn drain(&mut self) {
        loop {
            let orders: Vec<_> = std::iter::from_fn(|| self.director.poll_order()).collect();
            let quiet = orders.is_empty();
            orders.into_iter().for_each(|order| self.table.order(order));
            self.program();
            let ended = self.carry_out();
            if quiet && ended.is_empty() {
                return;
            }
            for (check, outcome) in ended {
                self.director.handle(self.now, Input::Tried { check, outcome });
            }
        }
    }

    fn program(&mut self) {
        while self.table.has_work() {
            let Self { table, kernel, .. } = self;
            let batch = table.next_batch(|key| kernel.read(key));
            let refused = kernel.apply(&batch.changes);
            self.written += batch.changes.len();
            table.note(&batch, &refused);
        }
        for (owner, generation) in self.table.settled() {
            self.director.handle(self.now, Input::Settled { owner, generation });
        }
    }

    /// The attempts that were asked for, which end at once.
    fn carry_out(&mut self) -> Vec<(CheckId, Outcome)> {
        let mut ended = Vec::new();
        while let Some(effect) = self.director.poll_effect() {
            match effect {
                Effect::Try { check, probe } => ended.push((check, self.outcome(&probe))),
                Effect::Run { check, program } => ended.push((check, self.verdict(&program))),
                Effect::Forget { check } => ended.retain(|(other, _)| *other != check),
                Effect::Notify(_) | Effect::Alert(_) | Effect::Report(_) => {}
                Effect::Ready | Effect::Stopped => {}
            }
        }
        ended
    }

    fn outcome(&self, probe: &Probe) -> Outcome {
        // More servers work than do not.
        let up = self.fate(probe.target()) % 5 < 3;
        match probe {
            Probe::Http(_) if up => {
                Outcome::Passed(Passed::Answered { by: Proof::Status, length: None })
            }
            Probe::Http(_) => {
                let why = NotConnected::Timeout;
                Outcome::Failed(Failure::Web(WebFailure::NotConnected(why)))
            }
            Probe::Tcp(_) | Probe::Smtp(_) | Probe::Dns(_) | Probe::Udp(_) | Probe::Ping(_) => {
                if up {
                    Outcome::Passed(Passed::Worked)
                } else {
                    Outcome::Failed(Failure::Tcp(NotConnected::Failed))
                }
            }
        }
    }

    fn verdict(&self, program: &MiscCheck) -> Outcome {
        let status = [0, 0, 1, 2, 3, 4, 9][(self.fate(&program.command.argv) % 7) as usize];
        Outcome::of_program(program, status)
    }

    fn fate(&self, of: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, of).hash(&mut hasher);
        hasher.finish()
    }
}
