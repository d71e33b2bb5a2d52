//! A reload of an unchanged file: everything before is compared with everything after.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use testkit::lab::Advert;

use super::{GRACE, INTERVAL, heard, judge_view};
use crate::stage::{LIMIT, Stage};
use crate::table::{MAIL, SERVICES, settled};
use crate::timeline::Timeline;

/// How often a master announces each address: five times, and once more after `garp_master_delay`.
const ANNOUNCEMENTS: usize = 2 * 5;
/// Long enough to see that the adverts go on as they were.
const WATCHED: Duration = Duration::from_millis(3500);
/// The kernel brings the counters up to date every two seconds.
const COUNTED: Duration = Duration::from_millis(2500);

/// What a reload could disturb.
#[derive(PartialEq, Eq)]
struct State {
    tables: [Vec<String>; 2],
    counters: Vec<String>,
    announcements: usize,
    changes: [usize; 2],
}

pub(super) fn play(stage: &Stage, timeline: &mut Timeline) {
    timeline.heading("3. A reload that changes nothing");
    stage.wait_until("the second announcements", || {
        stage.capture.announcements().len() >= ANNOUNCEMENTS * SERVICES.len()
    });
    let mail = stage.site.client.converse(&MAIL.address());
    let mut mail = mail.unwrap_or_else(|error| panic!("demo: no connection for mail: {error}"));
    let before = mail.say("before the reload");
    timeline.tell("client", &format!("on an open connection for mail: {}", heard(&before)));
    thread::sleep(COUNTED);
    let (state, since, at) = (look(stage), Instant::now(), SystemTime::now());
    timeline.tell("HUP", "to both directors; their files are what they were");
    for director in [&stage.a, &stage.b] {
        director.daemon.hup();
        director.daemon.wait_for_log("Reload complete", LIMIT);
    }
    thread::sleep(WATCHED);
    let after = look(stage);
    let kept = after.tables == state.tables && after.counters == state.counters;
    timeline.check(kept, "HUP: the tables and the counters of mail are what they were");
    let text = mail.say("after the reload");
    timeline.tell("client", &format!("on the same connection: {}", heard(&text)));
    timeline.check(text.is_ok(), "HUP: an open connection survives");
    let quiet = (after.announcements, after.changes) == (state.announcements, state.changes);
    timeline.check(quiet, "HUP: no announcement and no change of an address");
    judge_rhythm(&stage.capture.adverts(), at, timeline);
    judge_view(stage, since, "HUP", Duration::ZERO, timeline);
}

fn look(stage: &Stage) -> State {
    State {
        tables: [settled(&stage.a.table()), settled(&stage.b.table())],
        counters: MAIL.counters(&stage.a.host),
        announcements: stage.capture.announcements().len(),
        changes: [stage.a.changes(), stage.b.changes()],
    }
}

/// The adverts around a reload: from `a` only, all alike, and none too much or too late.
fn judge_rhythm(adverts: &[Advert], at: SystemTime, timeline: &mut Timeline) {
    let first_after = adverts.partition_point(|advert| advert.origin.at < at);
    let around = &adverts[first_after.saturating_sub(2)..];
    let gaps: Vec<Duration> = around
        .windows(2)
        .filter_map(|pair| pair[1].origin.at.duration_since(pair[0].origin.at).ok())
        .collect();
    let alike = around.iter().all(|one| one.vrrp == around[0].vrrp && one.origin.host == "a");
    let even = gaps.iter().all(|gap| gap.abs_diff(INTERVAL) < GRACE);
    let list: Vec<String> = gaps.iter().map(|gap| format!("{:.3}", gap.as_secs_f64())).collect();
    let text = format!("HUP: only the regular adverts of a, after {} s", list.join(", "));
    timeline.check(alike && even && gaps.len() >= 4, &text);
}
