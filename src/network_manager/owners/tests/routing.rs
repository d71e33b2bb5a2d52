//! Whatever is ordered, whoever removes something, and whatever a link does to its routes: in the
//! end the kernel has the routes and rules that somebody wants and that can be, and no other that
//! anybody may hold.

use std::collections::BTreeMap;

use net::{Family, Hops, Network, NextHop, RuleAction};
use proptest::prelude::*;
use rtnl::{PlacedRoute, RuleTrace};
use vrrp::config::{Held, VirtualAddress};
use vrrp::{Holdings, InstanceId};

use super::super::*;
use super::{LINK, address, cable, eth0, order_of};
use crate::log::{self, Log};
use crate::network_manager::links::Links;

/// The source address that the last route needs.
const SOURCE: u8 = 1;
const ROUTES: u8 = 4;

#[derive(Clone, Debug)]
enum Step {
    Order { owner: u32, wish: Wish },
    Work,
    SomebodyRemovesRoute(u8),
    SomebodyRemovesRule(u8),
    LinkGoesDown,
    LinkComesUp,
}

#[derive(Clone, Debug)]
struct Wish {
    routes: Vec<u8>,
    rules: Vec<u8>,
    source: bool,
    installed: bool,
}

fn wish() -> impl Strategy<Value = Wish> {
    let numbers = || prop::collection::btree_set(0..ROUTES, 0..4);
    (numbers(), numbers(), any::<bool>(), any::<bool>()).prop_map(
        |(routes, rules, source, installed)| Wish {
            routes: routes.into_iter().collect(),
            rules: rules.into_iter().collect(),
            source,
            installed,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u32..3, wish()).prop_map(|(owner, wish)| Step::Order { owner, wish }),
        4 => Just(Step::Work),
        1 => (0..ROUTES).prop_map(Step::SomebodyRemovesRoute),
        1 => (0..ROUTES).prop_map(Step::SomebodyRemovesRule),
        1 => Just(Step::LinkGoesDown),
        1 => Just(Step::LinkComesUp),
    ]
}

fn route(number: u8) -> Route {
    let destination = Network { ip: [198, 51, number, 0].into(), length: 24 };
    let hop = NextHop {
        gateway: Some([192, 0, 2, 254].into()),
        link: Some(eth0()),
        ..NextHop::default()
    };
    Route {
        destination: Some(destination),
        hops: Hops::One(hop),
        preferred_source: (number == ROUTES - 1).then(|| address(SOURCE, false).ip),
        ..Route::new(Family::V4)
    }
}

fn rule(number: u8) -> Rule {
    Rule::new(Family::V4, 100 + u32::from(number), RuleAction::Table(100))
}

/// A kernel that does what Linux does: it refuses routes over a link that is down or from an
/// address that it lacks, and drops them silently when that happens to one that is there.
#[derive(Default)]
struct Kernel {
    addresses: BTreeSet<AddressKey>,
    routes: BTreeMap<String, Route>,
    rules: BTreeMap<u32, Rule>,
    link_is_down: bool,
}

impl Kernel {
    fn apply(&mut self, changes: &[Change]) -> Vec<Failure> {
        let numbered = changes.iter().enumerate();
        let failed = numbered.filter(|(_, change)| !self.accepts(change)).map(|(place, _)| place);
        let failed: Vec<_> = failed.collect();
        failed.into_iter().map(failure).collect()
    }

    /// Makes one change if it can be.
    fn accepts(&mut self, change: &Change) -> bool {
        match change {
            Change::AddAddress(address, _) => drop(self.addresses.insert(address.key())),
            Change::RemoveAddress(key, ..) => self.drop_address(key),
            Change::AddRoute(placed) => {
                let route = placed.route();
                let source = route.preferred_source;
                let has_source =
                    source.is_none_or(|ip| self.addresses.iter().any(|key| key.ip == ip));
                if self.link_is_down || !has_source {
                    return false;
                }
                self.routes.insert(route.to_string(), route.clone());
            }
            Change::RemoveRoute(placed) => {
                drop(self.routes.remove(&placed.route().to_string()));
            }
            Change::AddRule(rule) => drop(self.rules.insert(rule.preference, rule.clone())),
            Change::RemoveRule(rule) => drop(self.rules.remove(&rule.preference)),
        }
        true
    }

    fn drop_address(&mut self, key: &AddressKey) {
        self.addresses.remove(key);
        self.routes.retain(|_, route| route.preferred_source != Some(key.ip));
    }
}

fn failure(change: usize) -> Failure {
    Failure { change, errno: 22, detail: None, message_type: 24, sequence: 0 }
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
        Self {
            owners: Owners::default(),
            kernel: Kernel::default(),
            links: Links::from(vec![cable()]),
            generation: 0,
            log: log::silent(),
        }
    }

    fn order(&mut self, owner: u32, wish: &Wish) {
        self.generation += 1;
        let held = |number: &u8| Held { object: route(*number), tracked: true };
        let rules = wish.rules.iter().map(|number| Held { object: rule(*number), tracked: true });
        let source = wish.source.then(|| VirtualAddress::new(address(SOURCE, false)));
        let holdings = Holdings {
            addresses: source.into_iter().collect(),
            routes: wish.routes.iter().map(held).collect(),
            rules: rules.collect(),
        };
        let order = order_of(owner, self.generation, holdings);
        self.owners.order(Order { installed: wish.installed, ..order });
    }

    /// One batch, with the news that it leads to.
    fn work(&mut self) -> usize {
        let present = &self.kernel.addresses;
        let batch = self.owners.next_batch(&self.links, |_, key| present.contains(key));
        let Some(batch) = batch else { return 0 };
        let failures = self.kernel.apply(&batch.changes);
        self.owners.note(&batch.changes, failures);
        if batch.complete {
            self.owners.settle(batch.owner);
        }
        for change in &batch.changes {
            match change {
                Change::AddAddress(..) => self.owners.on_address_seen(),
                Change::RemoveAddress(key, ..) => {
                    self.owners.on_address_gone(self.links.get(LINK), key.ip);
                }
                Change::RemoveRoute(placed) => self.tell_of_route(placed, By::Us),
                Change::RemoveRule(rule) => self.tell_of_rule(rule, By::Us),
                Change::AddRoute(_) | Change::AddRule(_) => {}
            }
        }
        batch.changes.len()
    }

    fn tell_of_route(&mut self, placed: &PlacedRoute, by: By) {
        let trace = placed.trace().unwrap();
        self.owners.on_route_removed(&trace, by, &self.log);
    }

    fn tell_of_rule(&mut self, rule: &Rule, by: By) {
        let trace = RuleTrace::of_rule(rule).unwrap();
        self.owners.on_rule_removed(&trace, by, &self.log);
    }

    fn run(&mut self, step: &Step) {
        match step {
            Step::Order { owner, wish } => self.order(*owner, wish),
            Step::Work => drop(self.work()),
            Step::SomebodyRemovesRoute(number) => {
                let route = route(*number);
                if self.kernel.routes.remove(&route.to_string()).is_some() {
                    let link = cable();
                    let placed = PlacedRoute::new(&route, |_| Some(&link)).unwrap();
                    self.tell_of_route(&placed, By::Others);
                }
            }
            Step::SomebodyRemovesRule(number) => {
                if let Some(rule) = self.kernel.rules.remove(&rule(*number).preference) {
                    self.tell_of_rule(&rule, By::Others);
                }
            }
            Step::LinkGoesDown => {
                self.kernel.link_is_down = true;
                self.kernel.routes.clear();
            }
            Step::LinkComesUp => {
                self.kernel.link_is_down = false;
                self.owners.on_link_up(&eth0());
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
    fn the_kernel_ends_up_with_what_is_wanted_and_can_be(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let mut scene = Scene::new();
        let mut newest = BTreeMap::new();
        for step in &steps {
            if let Step::Order { owner, wish } = step {
                newest.insert(*owner, wish.clone());
            }
            scene.run(step);
        }
        scene.run(&Step::LinkComesUp);
        scene.settle();
        let wanted: Vec<&Wish> = newest.values().filter(|wish| wish.installed).collect();
        let has_source = wanted.iter().any(|wish| wish.source);
        for number in 0..ROUTES {
            let there = scene.kernel.routes.contains_key(&route(number).to_string());
            let asked = wanted.iter().any(|wish| wish.routes.contains(&number));
            prop_assert_eq!(there, asked && (number < ROUTES - 1 || has_source), "route {}", number);
            let there = scene.kernel.rules.contains_key(&rule(number).preference);
            let asked = wanted.iter().any(|wish| wish.rules.contains(&number));
            prop_assert_eq!(there, asked, "rule {}", number);
        }
    }

    #[test]
    fn the_same_order_again_changes_nothing(wish in wish()) {
        let mut scene = Scene::new();
        let wish = Wish { installed: true, ..wish };
        scene.order(1, &wish);
        scene.settle();
        scene.order(1, &wish);
        prop_assert_eq!(scene.work(), 0);
        prop_assert!(!scene.owners.has_work());
    }
}

#[test]
fn what_others_removed_while_nobody_wanted_it_is_added_when_it_is_wanted_again() {
    let mut scene = Scene::new();
    let wanted = Wish { routes: vec![0], rules: vec![0], source: false, installed: true };
    scene.order(1, &wanted);
    scene.settle();
    scene.order(1, &Wish { installed: false, ..wanted.clone() });
    scene.run(&Step::SomebodyRemovesRule(0));
    scene.run(&Step::SomebodyRemovesRoute(0));
    scene.order(1, &wanted);
    scene.settle();
    assert_eq!((scene.kernel.rules.len(), scene.kernel.routes.len()), (1, 1));
}

#[test]
fn rules_and_routes_go_before_addresses_and_come_after_them() {
    let mut scene = Scene::new();
    let wish = Wish { routes: vec![3], rules: vec![0], source: true, installed: true };
    let kinds = |scene: &mut Scene| {
        let present = &scene.kernel.addresses;
        let batch = scene.owners.next_batch(&scene.links, |_, key| present.contains(key)).unwrap();
        scene.kernel.apply(&batch.changes);
        scene.owners.note(&batch.changes, Vec::new());
        let kind = |change: &Change| format!("{change:?}").split('(').next().unwrap().to_owned();
        batch.changes.iter().map(kind).collect::<Vec<_>>()
    };
    scene.order(1, &wish);
    assert_eq!(kinds(&mut scene), ["AddAddress", "AddRoute", "AddRule"]);
    scene.order(1, &Wish { installed: false, ..wish });
    assert_eq!(kinds(&mut scene), ["RemoveRule", "RemoveRoute", "RemoveAddress"]);
}

#[test]
fn many_refusals_do_not_keep_the_rest_back() {
    let mut scene = Scene::new();
    let far = |number: u16| {
        let [high, low] = number.to_be_bytes();
        let destination = Network { ip: [10, high, low, 0].into(), length: 24 };
        Held { object: Route { destination: Some(destination), ..route(3) }, tracked: true }
    };
    scene.order(1, &Wish { routes: vec![], rules: vec![2], source: false, installed: true });
    let id = OwnerId::Instance(InstanceId(1));
    let mut order = scene.owners.get(id).unwrap().order.clone();
    order.holdings.routes = (0..600).map(far).collect();
    scene.owners.order(order);
    scene.settle();
    assert_eq!(scene.kernel.routes.len(), 0, "the source address is missing");
    assert!(scene.kernel.rules.contains_key(&rule(2).preference));
}
