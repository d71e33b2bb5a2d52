//! Addresses, routes and rules that are put into the kernel, and who watches over them.

use net::{Address, Route, Rule};

use crate::units::Name;

/// An address that moves with the virtual router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualAddress {
    /// The address and the link that holds it.
    pub address: Address,
    /// Whether it is put back when somebody else removes it (off with `no_track`).
    pub tracked: bool,
    /// `use_vmac`: on a macvlan of its own; nothing acts on it yet.
    pub own_device: bool,
}

impl VirtualAddress {
    /// A watched address on a link.
    #[must_use]
    pub const fn new(address: Address) -> Self {
        Self { address, tracked: true, own_device: false }
    }
}

/// A route or a rule that its owner holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Held<T> {
    /// What is installed.
    pub object: T,
    /// Whether it is put back when somebody else removes it (off with `no_track`).
    pub tracked: bool,
}

/// What is always in the kernel while the daemon runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statics {
    /// `static_ipaddress`.
    pub addresses: Vec<Static<Address>>,
    /// `static_routes`.
    pub routes: Vec<Static<Route>>,
    /// `static_rules`.
    pub rules: Vec<Static<Rule>>,
}

impl Statics {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.routes.is_empty() && self.rules.is_empty()
    }
}

/// An object that is always there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Static<T> {
    /// What is installed.
    pub object: T,
    /// Whether it is put back when somebody else removes it (off with `no_track`).
    pub tracked: bool,
    /// `track_group`: the group whose instances watch its link.
    pub group: Option<Name>,
}

impl<T: Clone> From<&Static<T>> for Held<T> {
    fn from(fixed: &Static<T>) -> Self {
        Self { object: fixed.object.clone(), tracked: fixed.tracked }
    }
}
