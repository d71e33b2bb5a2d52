//! What every router promises after every input, whatever happened to it.

use std::time::Instant;

use vrrp::{OwnerId, StateKind, Told};

use super::Node;

impl Node {
    /// Holds after every input.
    pub(super) fn check(&self, now: Instant) {
        self.orders_follow_states();
        self.members_are_together(now);
    }

    /// The newest order of an instance wants its addresses installed if and only if it is master,
    /// and its generation is the one that the instance waits for.
    fn orders_follow_states(&self) {
        for view in self.instances() {
            let order = self.kernel.order(OwnerId::Instance(view.id));
            let installed = order.is_some_and(|order| order.installed);
            let master = view.state == StateKind::Master;
            assert_eq!(installed, master, "{} is {:?}", view.config.name, view.state);
            if let Some(order) = order {
                assert_eq!(order.generation, view.generation, "of {}", view.config.name);
            }
            let waits = matches!(view.state, StateKind::Master | StateKind::Backup);
            assert_eq!(view.deadline.is_some(), waits, "{} is {:?}", view.config.name, view.state);
        }
    }

    /// The members of a group are masters together, and in FAULT together. One that a reload has
    /// put there may wait for its turn first.
    fn members_are_together(&self, now: Instant) {
        if self.is_settling(now) {
            return;
        }
        for group in &self.plan.config.groups {
            let states: Vec<_> = self
                .instances()
                .filter(|view| group.members.contains(&view.config.name))
                .map(|view| view.state)
                .collect();
            let together = states.windows(2).all(|pair| pair[0] == pair[1]);
            assert!(together, "members of {} are {states:?}", group.name);
        }
    }

    /// A reload may rename instances, and let members join and leave.
    fn is_settling(&self, now: Instant) -> bool {
        self.reloaded_at.is_some_and(|at| now < at + self.patience)
    }

    /// Holds when the kernel has the newest order of an owner: what was told last is what is, and
    /// the addresses of a master are there.
    pub(super) fn check_settled(&self, owner: OwnerId) {
        let Some(view) = self.instances().find(|view| OwnerId::Instance(view.id) == owner) else {
            return;
        };
        if self.reloaded_at.is_none() {
            let told = self.told_last.get(&view.config.name.to_string());
            let as_master = told == Some(&Told::Master);
            assert_eq!(
                as_master,
                view.state == StateKind::Master,
                "{}: {told:?}",
                view.config.name
            );
        }
        let held = self.kernel.held();
        let addresses =
            self.kernel.order(owner).into_iter().flat_map(|o| o.holdings.addresses.iter());
        for one in addresses.filter(|_| view.state == StateKind::Master) {
            assert!(
                held.contains(&one.address.ip),
                "{} lacks {}",
                view.config.name,
                one.address.ip
            );
        }
    }
}
