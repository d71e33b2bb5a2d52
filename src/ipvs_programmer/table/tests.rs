pub(in crate::ipvs_programmer) mod model;

use net::{ModuleName, Protocol, ServiceFlags};
use proptest::prelude::*;

use self::model::Kernel;
use super::*;

const EINVAL: Refused = Refused { change: 0, drift: false };

fn key(service: u8) -> ServiceKey {
    let ip = [192, 0, 2, service].into();
    ServiceKey::Address { protocol: Protocol::Tcp, ip, port: 80 }
}

fn service(number: u8, scheduler: &str) -> Service {
    let scheduler = ModuleName::new(scheduler).unwrap();
    Service { key: key(number), scheduler, flags: ServiceFlags::NONE, persistence: None }
}

fn destination(number: u8, weight: u32) -> Destination {
    Destination {
        key: DestinationKey { ip: [10, 0, 0, number].into(), port: 80 },
        forwarding: Forwarding::Nat,
        weight,
        upper_threshold: 0,
        lower_threshold: 0,
    }
}

fn order(owner: u32, generation: u64, services: &[Service], destinations: &[Destination]) -> Order {
    Order {
        owner: ServerId(owner),
        generation: Generation(generation),
        place: 0,
        markings: [].into(),
        services: services.into(),
        destinations: destinations.into(),
    }
}

#[test]
fn an_order_is_written_once_and_settled() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    let wish = order(1, 1, &[service(1, "rr")], &[destination(1, 1), destination(2, 1)]);
    table.order(wish.clone());
    assert_eq!(kernel.run(&mut table), [(ServerId(1), Generation(1))]);
    assert_eq!((kernel.writes, kernel.services[&key(1)].destinations.len()), (3, 2));
    table.order(Order { generation: Generation(2), ..wish });
    assert_eq!(kernel.run(&mut table), [(ServerId(1), Generation(2))]);
    assert_eq!(kernel.writes, 3, "an order that changes nothing writes nothing");
}

#[test]
fn a_changed_weight_or_scheduler_is_one_edit() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    table.order(order(1, 1, &[service(1, "rr")], &[destination(1, 1)]));
    kernel.run(&mut table);
    table.order(order(1, 2, &[service(1, "rr")], &[destination(1, 5)]));
    kernel.run(&mut table);
    table.order(order(1, 3, &[service(1, "wlc")], &[destination(1, 5)]));
    kernel.run(&mut table);
    assert_eq!(kernel.writes, 4);
    assert_eq!(kernel.services[&key(1)].service.scheduler.as_str(), "wlc");
    assert_eq!(kernel.services[&key(1)].destinations[&destination(1, 5).key].weight, 5);
}

#[test]
fn what_is_wanted_no_more_is_one_removal_and_foreign_services_stay() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    let foreign = Known { service: service(9, "sh"), destinations: BTreeMap::new() };
    kernel.services.insert(key(9), foreign);
    table.order(order(1, 1, &[service(1, "rr")], &[destination(1, 1), destination(2, 1)]));
    kernel.run(&mut table);
    table.order(order(1, 2, &[], &[]));
    assert_eq!(kernel.run(&mut table), [(ServerId(1), Generation(2))]);
    assert_eq!(kernel.writes, 4);
    assert_eq!(kernel.services.keys().collect::<Vec<_>>(), [&key(9)]);
}

#[test]
fn of_services_that_nobody_wants_any_more_nothing_is_kept() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    for number in 1..=100_u8 {
        // One goes on and leaves a service behind, the other goes itself.
        let generation = number.into();
        let services = [service(101, "rr"), service(number, "rr")];
        table.order(order(0, generation, &services, &[destination(1, 1)]));
        table.order(order(number.into(), 1, &[service(102, "rr")], &[destination(1, 1)]));
        kernel.run(&mut table);
        table.order(order(number.into(), 2, &[], &[]));
        kernel.run(&mut table);
    }
    assert_eq!((table.known.len(), table.owners.len(), kernel.services.len()), (2, 1, 2));
    assert!(table.claims.len() == 2 && table.refusals.is_empty());
    // One that comes back is made anew.
    table.order(order(7, 1, &[service(102, "rr")], &[destination(1, 1)]));
    kernel.run(&mut table);
    assert_eq!(kernel.services[&key(102)].destinations.len(), 1);
}

#[test]
fn what_an_earlier_run_left_is_taken_over_with_the_differences_only() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    let left = [destination(1, 1), destination(2, 7), destination(3, 1)];
    let destinations = left.into_iter().map(|one| (one.key, one)).collect();
    kernel.services.insert(key(1), Known { service: service(1, "rr"), destinations });
    table.order(order(1, 1, &[service(1, "rr")], &[destination(1, 1), destination(2, 2)]));
    kernel.run(&mut table);
    assert_eq!(kernel.writes, 2, "one edit and one removal");
    assert_eq!(kernel.services[&key(1)].destinations.len(), 2);
}

#[test]
fn only_nat_keeps_the_port_of_a_destination() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    let key_at = |port| DestinationKey { ip: [10, 0, 0, 1].into(), port };
    let nat = Destination { key: key_at(8080), ..destination(1, 1) };
    let direct = Destination { key: key_at(9090), forwarding: Forwarding::Direct, ..nat };
    table.order(order(1, 1, &[service(1, "rr")], &[nat, direct]));
    kernel.run(&mut table);
    let ports: Vec<u16> = kernel.services[&key(1)].destinations.keys().map(|k| k.port).collect();
    assert_eq!(ports, [80, 8080]);
}

#[test]
fn a_shared_service_stays_until_nobody_claims_it() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    table.order(order(1, 1, &[service(1, "rr")], &[destination(1, 1)]));
    table.order(order(2, 1, &[service(1, "wlc")], &[destination(2, 1)]));
    kernel.run(&mut table);
    assert_eq!(kernel.services[&key(1)].destinations.len(), 2);
    assert_eq!(kernel.services[&key(1)].service.scheduler.as_str(), "rr");
    table.order(order(1, 2, &[], &[]));
    kernel.run(&mut table);
    assert_eq!(kernel.services[&key(1)].destinations.len(), 1);
    table.order(order(2, 2, &[], &[]));
    kernel.run(&mut table);
    assert!(kernel.services.is_empty());
}

#[test]
fn of_those_that_share_a_service_the_first_of_the_file_decides() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    let placed = |id, generation, place, scheduler| Order {
        place,
        ..order(id, generation, &[service(1, scheduler)], &[destination(1, id)])
    };
    table.order(placed(1, 1, 2, "rr"));
    table.order(placed(2, 1, 1, "wlc"));
    kernel.run(&mut table);
    let known = |kernel: &Kernel| {
        let known = &kernel.services[&key(1)];
        let weight = known.destinations[&destination(1, 1).key].weight;
        (known.service.scheduler.to_string(), weight)
    };
    assert_eq!(known(&kernel), ("wlc".to_owned(), 2));
    table.order(placed(1, 2, 0, "rr"));
    kernel.run(&mut table);
    assert_eq!(known(&kernel), ("rr".to_owned(), 1));
}

#[test]
fn what_the_kernel_refuses_is_given_up_until_the_retry() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    kernel.refuses.push(Change::AddDestination(key(1), destination(2, 1)));
    let wish = order(1, 1, &[service(1, "rr")], &[destination(1, 1), destination(2, 1)]);
    table.order(wish);
    assert_eq!(kernel.run(&mut table), [(ServerId(1), Generation(1))]);
    assert!(table.has_refused());
    assert_eq!(kernel.services[&key(1)].destinations.len(), 1);
    kernel.refuses.clear();
    table.retry();
    kernel.run(&mut table);
    assert!(!table.has_refused());
    assert_eq!(kernel.services[&key(1)].destinations.len(), 2);
}

#[test]
fn a_refused_removal_is_tried_again_too() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    table.order(order(1, 1, &[service(1, "rr")], &[]));
    kernel.run(&mut table);
    kernel.refuses.push(Change::RemoveService(key(1)));
    table.order(order(1, 2, &[], &[]));
    assert_eq!(kernel.run(&mut table), [(ServerId(1), Generation(2))]);
    kernel.refuses.clear();
    table.retry();
    kernel.run(&mut table);
    assert!(kernel.services.is_empty() && !table.has_refused());
}

#[test]
fn a_service_that_changes_its_owner_is_written_once() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    table.order(order(1, 1, &[service(1, "rr")], &[destination(1, 1)]));
    kernel.run(&mut table);
    table.order(order(1, 2, &[], &[]));
    table.order(order(2, 1, &[service(1, "rr")], &[destination(1, 1), destination(2, 1)]));
    let settled = kernel.run(&mut table);
    assert_eq!(settled.len(), 2, "{settled:?}");
    assert_eq!(kernel.writes, 3, "one more destination");
}

#[test]
fn more_refused_changes_than_a_batch_holds_come_to_rest() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    let many: Vec<Destination> = (0..6000_u32)
        .map(|number| {
            let ip = std::net::Ipv4Addr::from(0x0a00_0000 + number).into();
            Destination { key: DestinationKey { ip, port: 80 }, ..destination(1, 1) }
        })
        .collect();
    kernel.refuses.extend(many.iter().map(|one| Change::AddDestination(key(1), *one)));
    table.order(order(1, 1, &[service(1, "rr")], &many));
    assert_eq!(kernel.run(&mut table), [(ServerId(1), Generation(1))]);
}

#[test]
fn a_table_that_somebody_changed_is_read_again() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    table.order(order(1, 1, &[service(1, "rr")], &[destination(1, 1), destination(2, 1)]));
    kernel.run(&mut table);
    kernel.services.clear();
    table.order(order(1, 2, &[service(1, "rr")], &[destination(1, 3), destination(2, 1)]));
    assert_eq!(kernel.run(&mut table), [(ServerId(1), Generation(2))]);
    assert_eq!(kernel.services[&key(1)].destinations.len(), 2);
}

#[test]
fn what_others_change_is_told_and_put_right_and_foreign_services_stay() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    table.order(order(1, 1, &[service(1, "rr")], &[destination(1, 1), destination(2, 1)]));
    table.order(order(2, 1, &[service(2, "rr")], &[destination(1, 1)]));
    kernel.run(&mut table);
    let ours = kernel.services.clone();
    assert_eq!(kernel.audit(&mut table), [""; 0]);
    assert!(!table.has_work(), "who finds nothing changes nothing");

    kernel.services.remove(&key(2));
    kernel
        .services
        .insert(key(9), Known { service: service(9, "sh"), destinations: BTreeMap::new() });
    let one = kernel.services.get_mut(&key(1)).unwrap();
    one.service = service(1, "wlc");
    one.destinations.insert(destination(1, 0).key, destination(1, 0));
    one.destinations.remove(&destination(2, 1).key);
    one.destinations.insert(destination(3, 1).key, destination(3, 1));
    let told = [
        "(192.0.2.1:tcp:80) was changed by somebody else - leaving it so",
        "(192.0.2.1:tcp:80 -> 10.0.0.1:80) was changed by somebody else - leaving it so",
        "(192.0.2.1:tcp:80 -> 10.0.0.2:80) was removed by somebody else - putting it back",
        "(192.0.2.1:tcp:80 -> 10.0.0.3:80) was added by somebody else - leaving it",
        "(192.0.2.2:tcp:80) was removed by somebody else - putting it back",
    ];
    assert_eq!(kernel.audit(&mut table), told);
    let writes = kernel.writes;
    kernel.run(&mut table);
    assert_eq!(kernel.writes - writes, 3, "a destination, and a service with its own");
    let foreign = kernel.services.remove(&key(9)).unwrap();
    assert_eq!(foreign.service.scheduler.as_str(), "sh");
    assert_eq!(kernel.services.get(&key(2)), ours.get(&key(2)));
    let drained = kernel.services.get(&key(1)).unwrap();
    let weights: Vec<_> = drained.destinations.values().map(|one| one.weight).collect();
    assert_eq!((drained.service.scheduler.as_str(), weights), ("wlc", vec![0, 1, 1]));
    assert_eq!(kernel.audit(&mut table), [""; 0], "it is told once");
}

#[test]
fn what_others_changed_lasts_until_something_of_ours_changes_there() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    let both = |first, second| [destination(1, first), destination(2, second)];
    let weight = |kernel: &Kernel| {
        let known = kernel.services.get(&key(1)).unwrap();
        known.destinations[&destination(1, 0).key].weight
    };
    table.order(order(1, 1, &[service(1, "rr")], &both(1, 1)));
    kernel.run(&mut table);
    kernel.suffer(Meddling::SetDestination(1, 1, 0));
    assert_eq!(kernel.audit(&mut table).len(), 1);
    table.order(order(1, 2, &[service(1, "rr")], &both(1, 2)));
    kernel.run(&mut table);
    assert_eq!(weight(&kernel), 0, "another server is none of its business");
    table.order(order(1, 3, &[service(1, "rr")], &both(2, 2)));
    kernel.run(&mut table);
    assert_eq!((weight(&kernel), kernel.audit(&mut table).len()), (2, 0));
    kernel.suffer(Meddling::SetDestination(1, 1, 0));
    assert_eq!(kernel.audit(&mut table).len(), 1, "a new change is told anew");
}

#[test]
fn what_the_kernel_refuses_is_no_change_of_others() {
    let (mut table, mut kernel) = (Table::default(), Kernel::default());
    kernel.refuses.push(Change::AddDestination(key(1), destination(2, 1)));
    kernel.refuses.push(Change::AddService(service(2, "rr")));
    table.order(order(1, 1, &[service(1, "rr")], &[destination(1, 1), destination(2, 1)]));
    table.order(order(2, 1, &[service(2, "rr")], &[]));
    kernel.run(&mut table);
    assert_eq!(kernel.audit(&mut table), [""; 0]);
    assert!(!table.has_work());
}

#[test]
fn without_its_service_no_destination_is_tried_again_before_the_retry() {
    let (mut table, _) = (Table::default(), ());
    table.order(order(1, 1, &[service(1, "twos")], &[destination(1, 1)]));
    let batch = table.next_batch(|_| None);
    assert_eq!(batch.changes.len(), 2);
    table.note(&batch, &[EINVAL, Refused { change: 1, drift: true }]);
    assert_eq!(table.settled(), [(ServerId(1), Generation(1))]);
    assert!(!table.has_work() && table.has_refused());
}

fn any_order(owner: u32) -> impl Strategy<Value = (Vec<Service>, Vec<Destination>, u32)> {
    let schedulers = prop::sample::select(vec!["rr", "wlc"]);
    let services = prop::collection::btree_map(1_u8..4, schedulers, 0..3);
    let destinations = prop::collection::btree_map(1_u8..6, 0_u32..3, 0..5);
    (services, destinations).prop_map(move |(services, destinations)| {
        let services = services.into_iter().map(|(number, name)| service(number, name)).collect();
        let all = destinations.into_iter().map(|(number, weight)| destination(number, weight));
        (services, all.collect(), owner)
    })
}

/// What somebody else does to the kernel's table.
#[derive(Clone, Copy, Debug)]
enum Meddling {
    Flush,
    RemoveService(u8),
    SetService(u8),
    SetDestination(u8, u8, u32),
    RemoveDestination(u8, u8),
}

fn any_meddling() -> impl Strategy<Value = Meddling> {
    // Service 9 is nobody's.
    let which = || prop::sample::select(vec![1_u8, 2, 3, 9]);
    prop_oneof![
        Just(Meddling::Flush),
        which().prop_map(Meddling::RemoveService),
        which().prop_map(Meddling::SetService),
        (which(), 1_u8..6, 0_u32..3).prop_map(|(s, d, w)| Meddling::SetDestination(s, d, w)),
        (which(), 1_u8..6).prop_map(|(s, d)| Meddling::RemoveDestination(s, d)),
    ]
}

impl Kernel {
    fn suffer(&mut self, meddling: Meddling) {
        match meddling {
            Meddling::Flush => self.services.clear(),
            Meddling::RemoveService(number) => drop(self.services.remove(&key(number))),
            Meddling::SetService(number) => {
                let new =
                    || Known { service: service(number, "sh"), destinations: BTreeMap::new() };
                let known = self.services.entry(key(number)).or_insert_with(new);
                known.service = service(number, "sh");
            }
            Meddling::SetDestination(number, server, weight) => {
                if let Some(known) = self.services.get_mut(&key(number)) {
                    let one = destination(server, weight);
                    known.destinations.insert(one.key, one);
                }
            }
            Meddling::RemoveDestination(number, server) => {
                if let Some(known) = self.services.get_mut(&key(number)) {
                    known.destinations.remove(&destination(server, 0).key);
                }
            }
        }
    }
}

proptest! {
    /// Whatever others do between the orders, after the next look everything of ours is there, is
    /// as the newest orders want it unless others changed it, and what is not ours is as others
    /// left it.
    #[test]
    fn after_a_look_the_kernel_has_what_is_wanted_whatever_others_did(
        steps in prop::collection::vec(
            prop_oneof![
                (1_u32..4).prop_flat_map(any_order).prop_map(Ok),
                any_meddling().prop_map(Err),
            ],
            1..25,
        ),
        looks in prop::collection::vec(any::<bool>(), 25),
    ) {
        let (mut table, mut kernel) = (Table::default(), Kernel::default());
        let mut newest = BTreeMap::new();
        let mut others = Kernel::default();
        for (number, (step, look)) in (1_u64..).zip(steps.iter().zip(&looks)) {
            match step {
                Ok((services, destinations, owner)) => {
                    let wish = order(*owner, number, services, destinations);
                    newest.insert(*owner, wish.clone());
                    table.order(wish);
                    kernel.run(&mut table);
                }
                Err(meddling) => {
                    kernel.suffer(*meddling);
                    others.suffer(*meddling);
                }
            }
            if *look {
                kernel.audit(&mut table);
                kernel.run(&mut table);
            }
        }
        kernel.audit(&mut table);
        kernel.run(&mut table);
        let (mut fresh_table, mut fresh) = (Table::default(), Kernel::default());
        for wish in newest.values() {
            fresh_table.order(wish.clone());
        }
        fresh.run(&mut fresh_table);
        let sets = |step: &Result<_, Meddling>| {
            matches!(step, Err(Meddling::SetService(_) | Meddling::SetDestination(..)))
        };
        let untouched = !steps.iter().any(sets);
        for (key, wanted) in &fresh.services {
            let there = kernel.services.get(key).unwrap();
            prop_assert!(wanted.destinations.keys().all(|one| there.destinations.contains_key(one)));
            prop_assert!(!untouched || there == wanted, "{there:?}");
        }
        prop_assert_eq!(kernel.services.get(&key(9)), others.services.get(&key(9)));
        let writes = kernel.writes;
        prop_assert_eq!(kernel.audit(&mut table), [""; 0]);
        kernel.run(&mut table);
        prop_assert_eq!(kernel.writes, writes, "a look that finds nothing writes nothing");
    }

    #[test]
    fn the_kernel_ends_up_as_after_the_newest_orders_alone(
        orders in prop::collection::vec((1_u32..4).prop_flat_map(any_order), 1..20),
        pauses in prop::collection::vec(any::<bool>(), 20),
    ) {
        let (mut table, mut kernel) = (Table::default(), Kernel::default());
        let mut newest = BTreeMap::new();
        for (number, ((services, destinations, owner), pause)) in
            (1_u64..).zip(orders.iter().zip(&pauses))
        {
            let wish = order(*owner, number, services, destinations);
            newest.insert(*owner, wish.clone());
            table.order(wish);
            if *pause {
                kernel.run(&mut table);
            }
        }
        let settled: Vec<_> = kernel.run(&mut table);
        let (mut fresh_table, mut fresh) = (Table::default(), Kernel::default());
        for wish in newest.values() {
            fresh_table.order(wish.clone());
        }
        fresh.run(&mut fresh_table);
        prop_assert_eq!(&kernel.services, &fresh.services);
        let stale = settled.iter().any(|(id, generation)| {
            newest.get(&id.0).is_none_or(|wish| wish.generation != *generation)
        });
        prop_assert!(!stale, "only the newest orders are settled");
        let writes = kernel.writes;
        for wish in newest.values() {
            table.order(wish.clone());
        }
        kernel.run(&mut table);
        prop_assert_eq!(kernel.writes, writes, "repeated orders write nothing");
    }
}
