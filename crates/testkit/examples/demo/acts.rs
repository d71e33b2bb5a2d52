//! What is done to the pair, and what has to come of it.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use testkit::lab::{Advert, Program, Takeover};

use crate::site::{ADDRESSES, LIMIT, Site};
use crate::timeline::{Timeline, say, spoken};

/// What the machine may add to what the protocol says, without being called late.
const GRACE: Duration = Duration::from_millis(100);
/// How often an address is announced at once, and once more after `garp_master_delay`.
const AT_ONCE: usize = 5;

/// An example of a pair and what the protocol says about it.
struct Example {
    folder: &'static str,
    interval: Duration,
}

impl Example {
    /// How long a director of this priority waits for the next advert of its master.
    fn bound(&self, priority: u8) -> Duration {
        3 * self.interval + self.skew(priority)
    }

    /// How long it waits when its master has said good-bye.
    fn skew(&self, priority: u8) -> Duration {
        self.interval * (256 - u32::from(priority)) / 256
    }
}

/// Adverts every second: a dead daemon, its return, a reload, an orderly stop.
pub(crate) fn pair(program: &Program, timeline: &mut Timeline) {
    let example = Example { folder: "pair", interval: Duration::from_secs(1) };
    timeline.heading("1. Three addresses, an advert every second (examples/pair)");
    let mut site = Site::start(program, example.folder, timeline);
    elect(&site, &example, timeline);
    kill(&mut site, &example, timeline);
    come_back(&mut site, timeline);
    reload(&site, &example, timeline);
    stop(&mut site, &example, timeline);
    end(&site, timeline);
}

/// Adverts every 100 ms: the whole machine of the master dies.
pub(crate) fn fast_pair(program: &Program, timeline: &mut Timeline) {
    let example = Example { folder: "fast-pair", interval: Duration::from_millis(100) };
    timeline.heading("2. The same with an advert every 100 ms (examples/fast-pair)");
    let mut site = Site::start(program, example.folder, timeline);
    elect(&site, &example, timeline);
    lose_machine(&mut site, &example, timeline);
    let (took, good) = site.b.stop();
    let text = format!("TERM to b: ended after {} and left no address", spoken(took));
    timeline.check(good && site.b.held().is_empty(), &text);
    end(&site, timeline);
}

fn elect(site: &Site, example: &Example, timeline: &mut Timeline) {
    site.wait_for_master("a");
    timeline.tell("master", "a, which has the higher priority");
    site.show(timeline);
    let apart = site.a.held().len() == ADDRESSES.len() && site.b.held().is_empty();
    let text = format!("{}: a has all three addresses, b has none", example.folder);
    timeline.check(apart, &text);
}

fn kill(site: &mut Site, example: &Example, timeline: &mut Timeline) {
    timeline.tell("kill -9", "the daemon on a; its host lives on and still has the addresses");
    let (at, killed) = (Instant::now(), site.a.daemon.kill_9());
    let taken = takeover(site, killed);
    site.wait_for_client("b");
    timeline.tell("master", "b");
    site.show(timeline);
    judge(&taken, "kill -9", site, example, timeline);
    let silence = site.visitor.longest_silence(at);
    timeline
        .check(silence < GRACE, &format!("client: served throughout (gap {})", spoken(silence)));
}

fn come_back(site: &mut Site, timeline: &mut Timeline) {
    let at = Instant::now();
    site.a.start_again();
    timeline.tell("start", "keepalived on a again; what its predecessor left has to go first");
    site.a.daemon.wait_for_log("Entering BACKUP STATE", LIMIT);
    site.wait_for_master("a");
    timeline.tell("master", "a, which has the higher priority");
    site.show(timeline);
    let silence = site.visitor.longest_silence(at);
    let text = format!("return: a has the addresses again (client's gap {})", spoken(silence));
    timeline.check(silence < GRACE, &text);
}

/// Reloads both and compares everything before with everything after.
fn reload(site: &Site, example: &Example, timeline: &mut Timeline) {
    timeline.tell("wait", "until a has announced its addresses for the second time, as it does");
    let announced = || site.capture.announcements().len();
    let second = announced() + AT_ONCE * ADDRESSES.len();
    site.lab.wait_until("the second announcements", LIMIT, || announced() >= second);
    thread::sleep(2 * example.interval);
    let state = || (announced(), site.a.changes(), site.b.changes());
    let (quiet, at) = (state(), SystemTime::now());
    timeline.tell("HUP", "to both directors; their files are what they were");
    site.a.daemon.hup();
    site.b.daemon.hup();
    site.a.daemon.wait_for_log("Reload complete", LIMIT);
    site.b.daemon.wait_for_log("Reload complete", LIMIT);
    thread::sleep(7 * example.interval / 2);
    timeline.check(state() == quiet, "HUP: no announcement and no change of an address");
    judge_rhythm(&site.capture.adverts(), at, example.interval, timeline);
}

/// The adverts around a reload: from `a` only, all alike, and none too much or too late.
fn judge_rhythm(adverts: &[Advert], at: SystemTime, interval: Duration, timeline: &mut Timeline) {
    let first_after = adverts.partition_point(|advert| advert.origin.at < at);
    let around = &adverts[first_after.saturating_sub(2)..];
    let times = around.iter().map(|advert| advert.origin.at);
    let gaps: Vec<Duration> = times
        .clone()
        .zip(times.skip(1))
        .filter_map(|(one, next)| next.duration_since(one).ok())
        .collect();
    let alike = around.iter().all(|one| one.vrrp == around[0].vrrp && one.origin.host == "a");
    let list: Vec<String> =
        gaps.iter().map(|gap| format!("{:.1}", gap.as_secs_f64() * 1e3)).collect();
    let even = gaps.iter().all(|gap| gap.abs_diff(interval) < GRACE.min(interval / 2));
    let text =
        format!("HUP: only the regular adverts of a, all alike, after {} ms", list.join(", "));
    timeline.check(alike && even && gaps.len() >= 4, &text);
}

fn stop(site: &mut Site, example: &Example, timeline: &mut Timeline) {
    timeline.tell("TERM", "to the daemon on a");
    let (since, at) = (Instant::now(), SystemTime::now());
    let (took, good) = site.a.stop();
    let text = format!("TERM: ended with status 0 after {}, no address left", spoken(took));
    timeline.check(good && site.a.held().is_empty(), &text);
    let mut all = None;
    site.lab.wait_until("b to announce all", LIMIT, || {
        all = site.capture.all_announced("b", at, ADDRESSES.len());
        all.is_some()
    });
    site.wait_for_master("b");
    timeline.tell("master", "b");
    site.show(timeline);
    let skew = example.skew(priority(site, "b"));
    let (all, silence) = (all.unwrap_or(Duration::MAX), site.visitor.longest_silence(since));
    let text = format!(
        "TERM: b has announced all addresses after {} (protocol: {}; client's gap {})",
        spoken(all),
        spoken(skew),
        spoken(silence)
    );
    timeline.check(all < skew + GRACE && silence < skew + GRACE, &text);
}

fn lose_machine(site: &mut Site, example: &Example, timeline: &mut Timeline) {
    timeline.tell("power off", "a: its daemon is killed and it answers nobody any more");
    let (at, killed) = (Instant::now(), site.a.daemon.kill_9());
    site.a.host.isolate();
    let taken = takeover(site, killed);
    site.wait_for_client("b");
    timeline.tell("master", "b");
    let bound = judge(&taken, "power off", site, example, timeline);
    let silence = site.visitor.longest_silence(at);
    let text = format!("client: nobody answered for {}", spoken(silence));
    timeline.check(silence < bound + GRACE, &text);
}

/// Waits for the takeover by `b`.
fn takeover(site: &Site, killed: SystemTime) -> Takeover {
    let mut taken = None;
    site.lab.wait_until("b to announce all addresses", LIMIT, || {
        taken = site.capture.takeover("a", "b", killed, ADDRESSES.len());
        taken.is_some()
    });
    taken.unwrap_or_else(|| site.lab.fail("no takeover"))
}

/// Sets the takeover beside the protocol's bound, and gives that.
fn judge(
    taken: &Takeover,
    what: &str,
    site: &Site,
    example: &Example,
    timeline: &mut Timeline,
) -> Duration {
    let bound = example.bound(priority(site, "b"));
    let text = format!(
        "{what}: b spoke {} after a's last advert (protocol: {})",
        spoken(taken.silence),
        spoken(bound)
    );
    timeline.check(taken.silence < bound + GRACE, &text);
    let (after_kill, after_advert) = (
        spoken(taken.last_announcement),
        spoken(taken.last_announcement.saturating_sub(taken.first_advert)),
    );
    let text = format!(
        "{what}: all three addresses announced {after_kill} after it, {after_advert} after b's \
         first advert"
    );
    timeline.check(taken.last_announcement < bound + GRACE, &text);
    bound
}

/// The priority that a director last sent.
fn priority(site: &Site, name: &str) -> u8 {
    let adverts = site.capture.adverts_from(name);
    adverts.last().map_or_else(|| site.lab.fail("no advert"), |advert| advert.priority)
}

fn end(site: &Site, timeline: &Timeline) {
    if timeline.has_failures() {
        say(&site.lab.logs());
    }
}
