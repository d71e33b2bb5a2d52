//! Both directors are stopped as an operator stops them.

use std::time::{Instant, SystemTime};

use super::{GRACE, INTERVAL, judge_view, skew};
use crate::stage::{Director, Stage};
use crate::table::SERVICES;
use crate::timeline::{Timeline, spoken};

pub(super) fn play(stage: &mut Stage, timeline: &mut Timeline) {
    timeline.heading("5. An orderly stop, first of the master");
    let (since, at) = (Instant::now(), SystemTime::now());
    stop(&mut stage.a, timeline);
    let mut all = None;
    stage.wait_until("b to announce all addresses", || {
        all = stage.capture.all_announced("b", at, SERVICES.len());
        all.is_some()
    });
    let all = all.unwrap_or_default();
    stage.wait_for_master("b", timeline);
    let text = format!(
        "TERM: b had announced all addresses after {} (bound: skew = {})",
        spoken(all),
        spoken(skew(INTERVAL))
    );
    timeline.check(all < skew(INTERVAL) + GRACE, &text);
    judge_view(stage, since, "TERM", skew(INTERVAL), timeline);
    stop(&mut stage.b, timeline);
}

fn stop(director: &mut Director, timeline: &mut Timeline) {
    timeline.tell("TERM", &format!("to the daemon on {}", director.name()));
    let start = Instant::now();
    let status = director.daemon.stop();
    let took = spoken(start.elapsed());
    let text = format!(
        "TERM: {} ended after {took} ({status}); no address and no service is left",
        director.name()
    );
    timeline.check(status.success() && director.is_clean(), &text);
}
