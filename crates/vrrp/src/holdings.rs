//! What an owner may have in the kernel, and what a new configuration takes from it.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use net::{Route, Rule};

use crate::config::{Held, Instance, Statics, VirtualAddress};
use crate::event::Deed;

/// Everything that an owner may have in the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Its addresses.
    pub addresses: Arc<[VirtualAddress]>,
    /// Its routes.
    pub routes: Arc<[Held<Route>]>,
    /// Its rules.
    pub rules: Arc<[Held<Rule>]>,
}

impl Holdings {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.routes.is_empty() && self.rules.is_empty()
    }

    /// What an instance holds while it is master.
    pub(crate) fn of_instance(config: &Instance) -> Self {
        Self {
            addresses: config.addresses.iter().chain(&config.excluded).cloned().collect(),
            routes: config.routes.clone().into(),
            rules: config.rules.clone().into(),
        }
    }

    /// What is always there.
    pub(crate) fn of_statics(statics: &Statics) -> Self {
        let address = |fixed: &crate::config::Static<net::Address>| VirtualAddress {
            tracked: fixed.tracked,
            ..VirtualAddress::new(fixed.object.clone())
        };
        Self {
            addresses: statics.addresses.iter().map(address).collect(),
            routes: statics.routes.iter().map(Into::into).collect(),
            rules: statics.rules.iter().map(Into::into).collect(),
        }
    }

    /// What the log says of a reload after which something is no longer held. The order is that
    /// of removal (compat 11 §12.2).
    pub(crate) fn lost(&self, new: &Self) -> Vec<Deed> {
        let mut deeds = Vec::new();
        let rules = gone(&self.rules, &new.rules);
        if new.rules.is_empty() && !rules.is_empty() {
            deeds.push(Deed::NoRules);
        } else {
            deeds.extend(rules.into_iter().map(|rule| Deed::RuleDropped(rule.clone().into())));
        }
        let routes = gone(&self.routes, &new.routes);
        if new.routes.is_empty() && !routes.is_empty() {
            deeds.push(Deed::NoRoutes);
        } else {
            deeds.extend(routes.into_iter().map(|route| Deed::RouteDropped(route.clone().into())));
        }
        let addresses = self.addresses.iter().filter(|old| !new.addresses.contains(old));
        deeds.extend(addresses.map(|old| Deed::Dropped(old.address.clone())));
        deeds
    }
}

fn gone<'a, T: Hash + Eq>(old: &'a [Held<T>], new: &[Held<T>]) -> Vec<&'a T> {
    let kept: HashSet<&T> = new.iter().map(|held| &held.object).collect();
    old.iter().map(|held| &held.object).filter(|object| !kept.contains(object)).collect()
}
