//! Whatever is ordered, and whatever others do to the kernel: in the end the kernel holds what
//! somebody wants, and nothing else of what anybody may hold.

mod routing;

use std::net::Ipv4Addr;

use net::{Label, LinkIndex, LinkName};
use proptest::prelude::*;
use vrrp::config::VirtualAddress;
use vrrp::{Announce, Holdings, InstanceId, Name, OneRound};

use super::super::links::Links;
use super::*;
use crate::log::{self, Log};

const LINK: LinkIndex = LinkIndex(2);

#[derive(Clone, Debug)]
enum Step {
    Order { owner: u32, addresses: Vec<u8>, labelled: bool, installed: bool },
    Work,
    SomebodyAdds(u8),
    SomebodyRemoves(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let addresses = prop::collection::vec(0u8..5, 0..4);
    prop_oneof![
        4 => (0u32..3, addresses, any::<bool>(), any::<bool>()).prop_map(
            |(owner, addresses, labelled, installed)| Step::Order {
                owner, addresses, labelled, installed
            }
        ),
        3 => Just(Step::Work),
        1 => (0u8..5).prop_map(Step::SomebodyAdds),
        1 => (0u8..5).prop_map(Step::SomebodyRemoves),
    ]
}

fn eth0() -> LinkName {
    LinkName::new("eth0").unwrap()
}

fn address(number: u8, labelled: bool) -> Address {
    let label = if labelled { Label::new("eth0:1") } else { None };
    Address { label, ..Address::new(eth0(), Ipv4Addr::new(192, 0, 2, number).into(), 32) }
}

/// The kernel, and what the manager believes of it: always the same here, for every change by
/// others is an event that has arrived.
#[derive(Default)]
struct Kernel(BTreeMap<AddressKey, Address>);

impl Kernel {
    fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::AddAddress(address, _) => {
                    self.0.entry(address.key()).or_insert_with(|| address.clone());
                }
                Change::RemoveAddress(key, ..) => drop(self.0.remove(key)),
                Change::AddRoute(_)
                | Change::RemoveRoute(_)
                | Change::AddRule(_)
                | Change::RemoveRule(_) => panic!("nobody asked for {change:?}"),
            }
        }
    }
}

/// That these are there, without any announcement.
fn order_of(owner: u32, generation: u64, holdings: Holdings) -> Order {
    Order {
        owner: OwnerId::Instance(InstanceId(owner)),
        name: Name::new("V"),
        generation: Generation(generation),
        holdings,
        installed: true,
        announce: Announce::default(),
        extra: OneRound::default(),
        own: OneRound::default(),
    }
}

fn cable() -> Link {
    Link {
        name: eth0(),
        index: LINK,
        flags: 0x11043,
        up: true,
        loopback: false,
        multicast: true,
        arp: true,
        mac: None,
        mtu: 1500,
        hardware: 1,
        kind: net::LinkKind::Ethernet,
        master: None,
        addresses: Vec::new(),
    }
}

struct Scene {
    owners: Owners,
    kernel: Kernel,
    links: Links,
    generation: u64,
    log: Log,
}

impl Scene {
    fn new() -> Self {
        let log = log::silent();
        let link = cable();
        Self {
            owners: Owners::default(),
            kernel: Kernel::default(),
            links: Links::from(vec![link]),
            generation: 0,
            log,
        }
    }

    fn order(&mut self, owner: u32, numbers: &[u8], labelled: bool, installed: bool) {
        self.generation += 1;
        let addresses =
            numbers.iter().map(|number| VirtualAddress::new(address(*number, labelled)));
        let holdings = Holdings { addresses: addresses.collect(), ..Holdings::default() };
        let order = order_of(owner, self.generation, holdings);
        self.owners.order(Order { installed, ..order });
    }

    fn work(&mut self) {
        let kernel = &self.kernel.0;
        let batch = self.owners.next_batch(&self.links, |_, key| kernel.contains_key(key));
        let Some(batch) = batch else { return };
        self.kernel.apply(&batch.changes);
        if batch.complete {
            self.owners.settle(batch.owner);
        }
    }

    fn run(&mut self, step: Step) {
        let key = |number| address(number, false).key();
        match step {
            Step::Order { owner, addresses, labelled, installed } => {
                self.order(owner, &addresses, labelled, installed);
            }
            Step::Work => self.work(),
            Step::SomebodyAdds(number) => {
                let AddressKey { ip, prefix, .. } = key(number);
                self.kernel.0.entry(key(number)).or_insert_with(|| address(number, false));
                self.owners.on_added(self.links.get(LINK), ip, prefix, &self.log);
            }
            Step::SomebodyRemoves(number) => {
                let AddressKey { ip, prefix, .. } = key(number);
                if self.kernel.0.remove(&key(number)).is_some() {
                    self.owners.on_removed(self.links.get(LINK), ip, prefix, &self.log);
                }
            }
        }
    }

    fn settle(&mut self) {
        for _ in 0..1_000 {
            if !self.owners.has_work() {
                return;
            }
            self.work();
        }
        panic!("the manager never comes to rest");
    }
}

proptest! {
    #[test]
    fn the_kernel_ends_up_with_what_is_wanted(steps in prop::collection::vec(step(), 1..40)) {
        let mut scene = Scene::new();
        let mut newest = BTreeMap::new();
        for step in steps {
            if let Step::Order { owner, addresses, installed, .. } = &step {
                newest.insert(*owner, (addresses.clone(), *installed));
            }
            scene.run(step);
        }
        scene.settle();
        let wanted = |number: &u8| {
            newest.values().any(|(addresses, installed)| *installed && addresses.contains(number))
        };
        let claimed = |number: &u8| newest.values().any(|(all, _)| all.contains(number));
        for number in 0..5 {
            let there = scene.kernel.0.contains_key(&address(number, false).key());
            if wanted(&number) {
                prop_assert!(there, "{number} is wanted");
            } else if claimed(&number) {
                prop_assert!(!there, "{number} is nobody's");
            }
        }
    }

    #[test]
    fn the_same_order_again_changes_nothing(numbers in prop::collection::vec(0u8..5, 0..5)) {
        let mut scene = Scene::new();
        scene.order(1, &numbers, false, true);
        scene.settle();
        scene.order(1, &numbers, false, true);
        let kernel = &scene.kernel.0;
        let batch = scene.owners.next_batch(&scene.links, |_, key| kernel.contains_key(key));
        prop_assert!(batch.is_some_and(|batch| batch.changes.is_empty() && batch.complete));
    }
}

#[test]
fn a_changed_label_makes_the_address_anew() {
    let mut scene = Scene::new();
    scene.order(1, &[1], false, true);
    scene.settle();
    scene.order(1, &[1], true, true);
    scene.settle();
    assert!(scene.kernel.0.values().all(|address| address.label.is_some()));
}
