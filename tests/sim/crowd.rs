//! Thousands of masters on one director: none of them waits for all the others.

use std::time::{Duration, Instant};

use net::{Link, LinkIndex, LinkName};
use testkit::segment::router_on;
use vrrp::config::{Config, Instance, Seat};
use vrrp::{Effect, Input, Name, Router};

const LINKS: u32 = 8;
const ON_EACH: u8 = 250;
const INTERVAL: Duration = Duration::from_secs(1);

/// As many virtual routers as eight links can carry, alone on their segments.
fn crowd() -> (Config, Vec<Link>) {
    let plan = router_on(0).with_instance(1, 200, 100);
    let template = &plan.config.instances[0];
    let (mut config, mut links) = (Config::default(), Vec::new());
    for number in 0..LINKS {
        let name = LinkName::new(&format!("eth{number}")).expect("a valid name");
        links.push(Link {
            name: name.clone(),
            index: LinkIndex(2 + number),
            ..plan.links[0].clone()
        });
        config.instances.extend((1..=ON_EACH).map(|vrid| Instance {
            name: Name::new(&format!("V{number}.{vrid}")),
            vrid: vrrp::Vrid::new(vrid).expect("a number from 1 to 255"),
            seat: Seat::on(name.clone()),
            tracked_links: Vec::new(),
            ..template.clone()
        }));
    }
    (config, links)
}

/// What one moment brings: how many adverts leave.
fn step(router: &mut Router, now: Instant) -> usize {
    router.handle(now, Input::Tick);
    let sent = std::iter::from_fn(|| router.poll_transmission()).count();
    router.handle(now, Input::Timeout);
    let taken_over = std::iter::from_fn(|| router.poll_transmission()).count();
    while let Some(effect) = router.poll_effect() {
        if let Effect::Order(order) = effect {
            let (owner, generation) = (order.owner, order.generation);
            router.handle(now, Input::Settled { owner, generation });
        }
    }
    sent + taken_over
}

#[test]
fn masters_that_came_together_do_not_stay_in_step() {
    let (config, links) = crowd();
    let all = config.instances.len();
    let start = Instant::now();
    let mut router = Router::new(config, links, start);
    let (mut together, mut sent) = (Vec::new(), 0);
    let end = start + INTERVAL * 20;
    let mut now = start;
    while let Some(next) = router.poll_timeout().filter(|next| *next < end) {
        now = next.max(now);
        let count = step(&mut router, now);
        if now > start + INTERVAL * 10 {
            together.push(count);
            sent += count;
        }
    }
    assert!(together.iter().all(|count| *count <= 256), "{together:?}");
    // Ten intervals, of each one advert; a border may cut a crowd.
    assert!((9 * all..=11 * all).contains(&sent), "{sent} adverts of {all} routers");
}
