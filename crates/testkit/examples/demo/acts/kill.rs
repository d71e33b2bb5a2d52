//! The master's daemon is killed, and started again.

use std::time::{Duration, Instant};

use super::{INTERVAL, ask_as_strangers, judge_takeover, judge_view};
use crate::stage::Stage;
use crate::table::{MAIL, settled};
use crate::timeline::Timeline;

pub(super) fn play(stage: &mut Stage, timeline: &mut Timeline) {
    timeline.heading("4. The master is killed and comes back");
    kill(stage, timeline);
    come_back(stage, timeline);
}

fn kill(stage: &mut Stage, timeline: &mut Timeline) {
    timeline.tell("kill -9", "the daemon on a; its kernel lives on, with addresses and table");
    let (at, killed) = (Instant::now(), stage.a.daemon.kill_9());
    judge_takeover(stage, killed, INTERVAL, "kill -9", timeline);
    timeline.tell("master", &format!("b: it has {}", stage.b.held().join(" ")));
    judge_view(stage, at, "kill -9", Duration::ZERO, timeline);
    let answers = ask_as_strangers(stage, timeline);
    let through_b = !answers.servers().is_empty();
    timeline.check(through_b, "kill -9: new clients are answered through b");
}

fn come_back(stage: &mut Stage, timeline: &mut Timeline) {
    let left = (settled(&stage.a.table()), MAIL.counters(&stage.a.host));
    let at = Instant::now();
    stage.a.start_again();
    timeline
        .tell("start", "keepalived on a again; addresses and table of its predecessor are there");
    stage.wait_for_master("a", timeline);
    let kept = left == (settled(&stage.a.table()), MAIL.counters(&stage.a.host));
    timeline.check(kept, "return: a took over the table as it was, its counters go on");
    judge_view(stage, at, "return", Duration::ZERO, timeline);
}
