//! What is done to the site, and what has to come of it. Each act is a file; they go on from where
//! the one before has left the site.

mod kill;
mod power;
mod reload;
mod server;
mod start;
mod stop;

use std::io;
use std::time::{Duration, Instant, SystemTime};

use testkit::lab::{Program, Takeover};

use crate::clients::{AFTERMATH, Answers, View};
use crate::stage::Stage;
use crate::table::{SERVICES, WEB};
use crate::timeline::{Timeline, say, spoken};

/// What a small, busy machine may add to what was promised, without being called late.
const GRACE: Duration = Duration::from_millis(250);
/// Between the adverts of the example.
const INTERVAL: Duration = Duration::from_secs(1);

/// The whole story.
pub(crate) fn all(program: &Program, timeline: &mut Timeline) {
    let mut stage = start::play(program, timeline);
    server::play(&mut stage, timeline);
    reload::play(&stage, timeline);
    kill::play(&mut stage, timeline);
    stop::play(&mut stage, timeline);
    power::play(&mut stage, timeline);
    if timeline.has_failures() {
        say(&stage.site.lab.logs());
    }
}

/// How long `b` waits when its master has said good-bye: the skew of its priority.
fn skew(interval: Duration) -> Duration {
    const PRIORITY: u32 = 99;
    interval * (256 - PRIORITY) / 256
}

/// How long `b` waits for the next advert of its master.
fn bound(interval: Duration) -> Duration {
    3 * interval + skew(interval)
}

/// Waits for the takeover by `b`, and sets it beside the protocol's bound.
fn judge_takeover(
    stage: &Stage,
    killed: SystemTime,
    interval: Duration,
    what: &str,
    timeline: &mut Timeline,
) {
    let mut taken = None;
    stage.wait_until("b to announce all addresses", || {
        taken = stage.capture.takeover("a", "b", killed, SERVICES.len());
        taken.is_some()
    });
    let Takeover { silence, last_announcement, .. } = taken.expect("it was just there");
    let text = format!(
        "{what}: b took over {} after a's last advert (bound: 3 x {} s + skew = {})",
        spoken(silence),
        interval.as_secs_f64(),
        spoken(bound(interval)),
    );
    timeline.check(silence.max(last_announcement) < bound(interval) + GRACE, &text);
}

/// Tells what the clients have seen since a moment; they may not have been in trouble for longer
/// than this.
fn judge_view(stage: &Stage, since: Instant, what: &str, limit: Duration, timeline: &mut Timeline) {
    stage.wait_for_clients();
    let View { requests, failed, trouble } = stage.clients.view(since);
    let text = if failed == 0 {
        format!("{what}: none of the clients' {requests} requests failed")
    } else {
        let trouble = spoken(trouble);
        format!("{what}: {failed} of the clients' {requests} requests failed, within {trouble}")
    };
    timeline.check(trouble < limit + AFTERMATH + GRACE, &text);
}

/// Asks for the web from addresses nobody has seen before, and tells who answered.
fn ask_as_strangers(stage: &mut Stage, timeline: &Timeline) -> Answers {
    let answers = stage.clients.ask_as_strangers(&WEB);
    timeline.tell("curl", &answers.to_string());
    answers
}

/// An answer for people.
fn heard(answer: &io::Result<String>) -> String {
    answer.as_ref().map_or_else(|error| format!("no answer ({error})"), Clone::clone)
}
