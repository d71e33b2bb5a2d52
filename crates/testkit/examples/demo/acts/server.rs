//! A real server's port is closed, and opened again.

use std::time::{Duration, Instant};

use super::{GRACE, ask_as_strangers, judge_view};
use crate::stage::Stage;
use crate::table::{FILES, MAIL, WEB};
use crate::timeline::{Timeline, spoken};

/// From the end of one check to the next one: `delay_loop` of the example.
const DELAY_LOOP: Duration = Duration::from_secs(2);
/// `retry` times `delay_before_retry` of the example.
const RETRIES: Duration = Duration::from_secs(2);
/// The one that fails.
const FAILING: usize = 1;

pub(super) fn play(stage: &mut Stage, timeline: &mut Timeline) {
    timeline.heading("2. A real server fails and comes back");
    stage.wait_for_clients();
    let name = stage.web[FAILING].host().name().to_owned();
    close(stage, &name, timeline);
    open(stage, &name, timeline);
}

fn close(stage: &mut Stage, name: &str, timeline: &mut Timeline) {
    timeline.tell("close", &format!("the web's port on {name}; mail and files go on there"));
    let at = Instant::now();
    stage.web[FAILING].stop();
    let [took, took_b] = stage.wait_for_servers(&WEB, 2);
    timeline.tell("ipvs", &WEB.line(&stage.a.table()));
    let text = format!(
        "close: {name} out of the tables after {} and {} (bound: delay_loop + 2 retries = {})",
        spoken(took),
        spoken(took_b),
        spoken(DELAY_LOOP + RETRIES)
    );
    timeline.check(took.max(took_b) < DELAY_LOOP + RETRIES + GRACE, &text);
    judge_view(stage, at, "close", DELAY_LOOP + RETRIES, timeline);
    let answers = ask_as_strangers(stage, timeline);
    let servers = answers.servers();
    let by_others = !servers.is_empty() && !servers.contains(&name);
    let table = stage.a.table();
    let rest = [&MAIL, &FILES].iter().all(|service| service.servers(&table).len() == 3);
    let text = format!("close: the web without {name}; mail and files with all servers");
    timeline.check(by_others && rest, &text);
}

fn open(stage: &mut Stage, name: &str, timeline: &mut Timeline) {
    timeline.tell("open", &format!("the port on {name}"));
    stage.web[FAILING].start();
    let [took, took_b] = stage.wait_for_servers(&WEB, 3);
    timeline.tell("ipvs", &WEB.line(&stage.a.table()));
    let text = format!(
        "open: {name} in the tables after {} and {} (bound: delay_loop = {})",
        spoken(took),
        spoken(took_b),
        spoken(DELAY_LOOP)
    );
    timeline.check(took.max(took_b) < DELAY_LOOP + GRACE, &text);
}
