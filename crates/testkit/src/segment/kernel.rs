//! The addresses of one router, and the manager that makes them what the orders ask for: an
//! address is wanted if any owner wants it, and only what nobody wants is removed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use vrrp::config::Config;
use vrrp::{Generation, Order, OwnerId};

/// The kernel's addresses and the newest order of every owner.
#[derive(Default)]
pub(super) struct Kernel {
    held: BTreeSet<IpAddr>,
    orders: BTreeMap<OwnerId, Order>,
    /// What an owner may have held under an earlier order.
    former: BTreeMap<OwnerId, BTreeSet<IpAddr>>,
    removals: usize,
}

impl Kernel {
    /// What the kernel holds.
    pub(super) fn held(&self) -> Vec<IpAddr> {
        self.held.iter().copied().collect()
    }

    /// How often an address has been removed.
    pub(super) const fn removals(&self) -> usize {
        self.removals
    }

    /// The newest order of an owner.
    pub(super) fn order(&self, owner: OwnerId) -> Option<&Order> {
        self.orders.get(&owner)
    }

    /// The daemon is gone: its addresses stay.
    pub(super) fn forget_orders(&mut self) {
        self.orders.clear();
        self.former.clear();
    }

    /// A new life of the daemon. What an earlier life left and this configuration does not name is
    /// an operator's business, and of no interest here.
    pub(super) fn start(&mut self, config: &Config) {
        self.forget_orders();
        let named: BTreeSet<_> = config
            .instances
            .iter()
            .flat_map(|instance| instance.addresses.iter().chain(&instance.excluded))
            .map(|one| one.address.ip)
            .collect();
        self.held.retain(|ip| named.contains(ip));
    }

    /// Only the newest order of an owner is kept, as in the manager's channel.
    pub(super) fn keep(&mut self, order: Order) {
        let older = self.orders.get(&order.owner);
        let known = older.map_or(Generation::default(), |older| older.generation);
        assert!(order.generation > known, "an order is not newer than the one before");
        let former = self.former.entry(order.owner).or_default();
        former.extend(older.into_iter().flat_map(addresses));
        former.extend(addresses(&order));
        self.orders.insert(order.owner, order);
    }

    /// Makes the kernel equal to the newest order of an owner; its generation.
    pub(super) fn carry_out(&mut self, owner: OwnerId) -> Option<Generation> {
        let order = self.orders.get(&owner)?;
        let wanted: BTreeSet<_> =
            self.orders.values().filter(|order| order.installed).flat_map(addresses).collect();
        for ip in self.former.remove(&owner).unwrap_or_default() {
            if !wanted.contains(&ip) {
                self.removals += usize::from(self.held.remove(&ip));
            }
        }
        if order.installed {
            self.held.extend(addresses(order));
        }
        Some(order.generation)
    }
}

fn addresses(order: &Order) -> impl Iterator<Item = IpAddr> {
    order.holdings.addresses.iter().map(|one| one.address.ip)
}
