//! The same pair with an advert every 100 ms, as in `examples/fast-pair`: the whole machine of the
//! master dies.

use std::time::{Duration, Instant};

use super::{bound, judge_takeover, judge_view};
use crate::stage::{LIMIT, Stage};
use crate::timeline::Timeline;

const INTERVAL: Duration = Duration::from_millis(100);

pub(super) fn play(stage: &mut Stage, timeline: &mut Timeline) {
    timeline.heading("6. An advert every 100 ms (as in examples/fast-pair): a machine is lost");
    for director in [&mut stage.a, &mut stage.b] {
        director.start_faster();
        director.daemon.wait_for_log("Entering BACKUP STATE (init)", LIMIT);
        timeline.tell("start", &format!("keepalived on {}", director.name()));
    }
    stage.wait_for_master("a", timeline);
    stage.wait_for_clients();
    timeline.tell("power off", "a: its daemon is killed and it forwards nothing any more");
    let (at, killed) = (Instant::now(), stage.a.daemon.kill_9());
    stage.a.host.isolate();
    judge_takeover(stage, killed, INTERVAL, "power off", timeline);
    judge_view(stage, at, "power off", bound(INTERVAL), timeline);
    let _ = stage.b.daemon.stop();
}
