//! What the kernel shall hold of a virtual server, which version of that it holds, and the
//! notices that wait for it.

use std::sync::Arc;

use net::{Destination, Marking, Service};

use crate::config::SorryServer;
use crate::effect::Order;
use crate::notice::{Notice, Waiting};
use crate::quorum::Standing;
use crate::units::{Generation, ServerId};
use crate::virtual_server::VirtualServer;

/// The weight of a sorry server that is needed (compat 21 §5.3).
const SORRY_WEIGHT: u32 = 1;

/// The orders of one virtual server. They are made only when they are asked for, so that any
/// number of changes make one.
#[derive(Debug)]
pub(crate) struct Orders {
    owner: ServerId,
    place: u32,
    /// There may be something new to order.
    outdated: bool,
    generation: Generation,
    settled: Generation,
    last: Option<Order>,
    waiting: Waiting,
}

impl Orders {
    pub(super) fn new(owner: ServerId) -> Self {
        Self {
            owner,
            place: 0,
            outdated: true,
            generation: Generation::default(),
            settled: Generation::default(),
            last: None,
            waiting: Waiting::default(),
        }
    }

    /// The next order may differ from the last one.
    pub(super) const fn outdate(&mut self) {
        self.outdated = true;
    }

    /// Where it stands now among those that share services with it.
    pub(crate) const fn stand_at(&mut self, place: u32) {
        self.outdated |= self.place != place;
        self.place = place;
    }

    pub(crate) const fn is_outdated(&self) -> bool {
        self.outdated
    }

    /// Tells something once the kernel shows what led to it.
    pub(super) fn tell(&mut self, notice: Notice) {
        let ahead = u64::from(self.outdated);
        self.waiting.hold(Generation(self.generation.0 + ahead), notice);
    }

    /// A notice that no longer waits.
    pub(crate) fn release(&mut self) -> Option<Notice> {
        self.waiting.release(self.settled)
    }

    /// The kernel holds that version.
    pub(crate) fn on_settled(&mut self, generation: Generation) {
        if generation <= self.generation {
            self.settled = self.settled.max(generation);
        }
    }

    /// Whether the kernel ever held anything that was ordered.
    pub(crate) fn have_settled(&self) -> bool {
        self.settled > Generation::default()
    }

    /// Whether the kernel holds what it shall.
    pub(super) fn are_settled(&self) -> bool {
        !self.outdated && self.settled == self.generation
    }

    fn make(
        &mut self,
        services: &Arc<[Service]>,
        markings: &Arc<[Marking]>,
        table: Vec<Destination>,
    ) -> Option<Order> {
        self.outdated = false;
        let known = |last: &Order| {
            let (known, wanted) = ((&last.services, &*last.destinations), (services, &*table));
            last.place == self.place && known == wanted && last.markings == *markings
        };
        if self.last.as_ref().is_some_and(known) {
            self.waiting.settle_for(self.generation);
            return None;
        }
        self.generation.0 += 1;
        let order = Order {
            owner: self.owner,
            generation: self.generation,
            place: self.place,
            services: Arc::clone(services),
            markings: Arc::clone(markings),
            destinations: table.into(),
        };
        self.last = Some(order.clone());
        Some(order)
    }
}

impl VirtualServer {
    /// What the kernel shall hold, if that is not what it was asked for last.
    pub(crate) fn order(&mut self) -> Option<Order> {
        let table = self.table();
        self.orders.make(&self.services, &self.markings, table)
    }

    /// Its destinations, in the order of the file, the sorry server last.
    fn table(&self) -> Vec<Destination> {
        let of_reals = self.reals.iter().filter_map(|real| real.destination(self.standing));
        let mut table: Vec<Destination> = of_reals.collect();
        if let Some(sorry) = self.sorry_server.and_then(|server| self.sorry_destination(server)) {
            match table.iter_mut().find(|other| other.key == sorry.key) {
                // It is one of the servers: there is one entry, which is the sorry server's only
                // while that serves.
                Some(other) if self.standing == Standing::Sorry => *other = sorry,
                Some(_) => {}
                None => table.push(sorry),
            }
        }
        table
    }

    fn sorry_destination(&self, server: SorryServer) -> Option<Destination> {
        let serves = self.standing == Standing::Sorry;
        (serves || server.inhibit).then_some(Destination {
            key: server.key,
            forwarding: server.forwarding,
            weight: if serves { SORRY_WEIGHT } else { 0 },
            upper_threshold: 0,
            lower_threshold: 0,
        })
    }
}
