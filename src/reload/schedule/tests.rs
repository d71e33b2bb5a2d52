//! The schedule in virtual time: a place whose clock is changed, and clocks that are set.

use chrono::{LocalResult, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::*;

/// One hour ahead of Greenwich, two from 2026-03-29 01:00 UTC to 2026-10-25 01:00 UTC.
#[derive(Debug)]
struct Berlin;

fn utc(year: i32, month: u32, day: u32, hour: u32, minute: u32) -> Moment {
    Utc.with_ymd_and_hms(year, month, day, hour, minute, 0).unwrap()
}

impl Zone for Berlin {
    fn moments(&self, shown: NaiveDateTime) -> LocalResult<Moment> {
        let with = |hours| {
            let moment = (shown - TimeDelta::hours(hours)).and_utc();
            Some(moment).filter(|moment| self.shown(*moment) == shown)
        };
        match (with(2), with(1)) {
            (Some(first), Some(second)) => LocalResult::Ambiguous(first, second),
            (Some(moment), None) | (None, Some(moment)) => LocalResult::Single(moment),
            (None, None) => LocalResult::None,
        }
    }

    fn shown(&self, moment: Moment) -> NaiveDateTime {
        let summer = (utc(2026, 3, 29, 1, 0)..utc(2026, 10, 25, 1, 0)).contains(&moment);
        moment.naive_utc() + TimeDelta::hours(if summer { 2 } else { 1 })
    }
}

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

/// Everything that is to be done, in short.
fn drained(schedule: &mut Schedule<Berlin>) -> Vec<String> {
    let short = |effect| match effect {
        Effect::Say(line) => line,
        Effect::Remove => "remove".to_owned(),
        Effect::Reload => "reload".to_owned(),
    };
    std::iter::from_fn(|| schedule.poll_effect()).map(short).collect()
}

fn said(now: Moment, line: &str) -> Vec<String> {
    let mut schedule = Schedule::new(Berlin, false);
    schedule.file_holds(now, Some(line));
    drained(&mut schedule)
}

const NOON: &str = "2026-11-20T11:00:00Z";

#[test]
fn the_three_forms_mean_local_time_unless_they_end_in_z() {
    for (line, moment) in [
        ("12:00:01", "2026-11-20 12:00:01"),
        ("11:59:59", "2026-11-21 11:59:59"),
        // Now is not to come.
        ("12:00:00", "2026-11-21 12:00:00"),
        ("11:00:01Z", "2026-11-20 12:00:01"),
        ("10:00:00Z", "2026-11-21 11:00:00"),
        ("26-12-24 18:00:00", "2026-12-24 18:00:00"),
        ("2026-12-24 18:00:00", "2026-12-24 18:00:00"),
        ("2026-12-24 18:00:00Z", "2026-12-24 19:00:00"),
        ("2028-02-29 00:00:00", "2028-02-29 00:00:00"),
    ] {
        assert_eq!(said(at(NOON), line), [format!("Scheduling reload for {moment}")], "{line}");
    }
}

/// The words are those of the original, seen with each of these lines.
#[test]
fn what_is_no_time_is_named_in_the_words_of_the_original() {
    for (line, words) in [
        ("25:00:00", "Reload date/time 25:00:00 invalid - ignoring"),
        ("nonsense", "Reload date/time nonsense invalid - ignoring"),
        ("1:2:3", "Reload time 1:2:3 format is incorrect - ignoring"),
        (" 00:00:01", "Reload time  00:00:01 format is incorrect - ignoring"),
        ("00:00:01 ", "Reload time 00:00:01  format is incorrect - ignoring"),
        ("00:00:01Z extra", "Reload time 00:00:01Z extra format is incorrect - ignoring"),
        ("", "Reload time  format is incorrect - ignoring"),
        ("2030-13-01 00:00:00", "Reload date/time 2030-13-01 00:00:00 invalid - ignoring"),
        ("2030-02-30 00:00:00", "Reload time 2030-02-30 00:00:00 is not valid - ignoring"),
        ("2030-01-01 00:00:60", "Reload time 2030-01-01 00:00:60 is not valid - ignoring"),
    ] {
        let said = said(at(NOON), line);
        assert_eq!(said[0], words);
        assert!(said[1].starts_with(&format!("Invalid reload time '{line}' specified - ignoring")));
        assert!(said[1].contains("expected HH:MM:SS"), "a hint");
    }
    assert_eq!(
        said(at(NOON), "20-01-01 00:00:00"),
        [
            "Reload time 20-01-01 00:00:00 is in the past - ignoring",
            "Reload date/time is in the past - ignoring"
        ]
    );
}

#[test]
fn changes_of_the_file_are_told() {
    let mut schedule = Schedule::new(Berlin, false);
    let mut holds = |line| {
        schedule.file_holds(at(NOON), line);
        drained(&mut schedule)
    };
    assert_eq!(holds(None), [""; 0]);
    assert_eq!(holds(Some("12:30:00")), ["Scheduling reload for 2026-11-20 12:30:00"]);
    assert_eq!(holds(Some("12:30:00")), [""; 0], "said once");
    assert_eq!(
        holds(Some("12:40:00")),
        ["Reload time updated from 2026-11-20 12:30:00 to 2026-11-20 12:40:00"]
    );
    assert_eq!(
        holds(Some("x")).last().unwrap(),
        "Cancelling reload scheduled for 2026-11-20 12:40:00"
    );
    assert_eq!(holds(Some("12:40:00")).len(), 1);
    assert_eq!(holds(None), ["Cancelling reload scheduled for 2026-11-20 12:40:00"]);
}

#[test]
fn the_file_goes_unless_it_is_to_be_repeated() {
    let served = |repeat, line: &str| {
        let mut schedule = Schedule::new(Berlin, repeat);
        schedule.file_holds(at(NOON), Some(line));
        drained(&mut schedule);
        schedule.tick(at("2026-11-20T11:29:59Z"));
        assert_eq!(drained(&mut schedule), [""; 0]);
        assert_eq!(schedule.wait(at("2026-11-20T11:29:59Z")), Some(Duration::from_secs(1)));
        schedule.tick(at("2026-11-20T11:30:00Z"));
        let done = drained(&mut schedule);
        let waits = schedule.wait(at("2026-11-20T11:30:00Z")).is_some();
        assert_ne!(waits, done.contains(&"remove".to_owned()));
        done
    };
    assert_eq!(served(false, "12:30:00"), ["remove", "reload"]);
    assert_eq!(served(false, "2026-11-20 12:30:00"), ["remove", "reload"]);
    assert_eq!(served(true, "2026-11-20 12:30:00"), ["remove", "reload"], "a date comes once");
    assert_eq!(served(true, "12:30:00"), ["Scheduling reload for 2026-11-21 12:30:00", "reload"]);
}

#[test]
fn a_time_that_the_clock_leaves_out_is_when_it_is_put_forward() {
    let before = utc(2026, 3, 28, 12, 0);
    assert_eq!(said(before, "2026-03-29 02:30:00"), ["Scheduling reload for 2026-03-29 03:00:00"]);
    // A daily one does not miss that day.
    let night = utc(2026, 3, 29, 0, 30);
    assert_eq!(said(night, "02:30:00"), ["Scheduling reload for 2026-03-29 03:00:00"]);
}

#[test]
fn of_a_time_that_the_clock_shows_twice_the_next_counts() {
    let line = "2026-10-25 02:30:00";
    let due = |now: Moment| {
        let mut schedule = Schedule::new(Berlin, false);
        schedule.file_holds(now, Some(line));
        schedule.due.map(|due| due.at)
    };
    assert_eq!(due(utc(2026, 10, 24, 12, 0)), Some(utc(2026, 10, 25, 0, 30)));
    assert_eq!(due(utc(2026, 10, 25, 0, 45)), Some(utc(2026, 10, 25, 1, 30)));
    assert_eq!(due(utc(2026, 10, 25, 1, 45)), None);
}

/// Runs a schedule through what the clock shows, one look after the other; the days of reloads.
fn reloads(repeat: bool, line: &str, start: &str, looks: &[&str]) -> Vec<Moment> {
    let mut schedule = Schedule::new(Berlin, repeat);
    schedule.file_holds(at(start), Some(line));
    let mut all = Vec::new();
    for look in looks {
        schedule.tick(at(look));
        if drained(&mut schedule).iter().any(|effect| effect == "reload") {
            all.push(at(look));
        }
    }
    all
}

#[test]
fn a_clock_set_forward_over_the_time_reloads_once_and_at_once() {
    let looks = ["2026-11-20T11:00:01Z", "2026-11-24T08:00:00Z", "2026-11-24T08:00:01Z"];
    for repeat in [false, true] {
        assert_eq!(reloads(repeat, "12:30:00", NOON, &looks), [at(looks[1])]);
    }
}

#[test]
fn a_clock_set_back_delays_the_reload_until_it_shows_the_time() {
    let looks = ["2026-11-20T11:29:59Z", "2026-11-20T09:00:00Z", "2026-11-20T11:30:00Z"];
    assert_eq!(reloads(false, "12:30:00", NOON, &looks), [at(looks[2])]);
}

#[test]
fn a_clock_set_back_over_a_reload_does_not_repeat_it() {
    let looks = [
        "2026-11-20T11:30:00Z",
        "2026-11-20T11:29:59Z",
        "2026-11-20T11:30:00Z",
        "2026-11-20T11:31:00Z",
        "2026-11-21T11:30:00Z",
    ];
    assert_eq!(reloads(true, "12:30:00", NOON, &looks), [at(looks[0]), at(looks[4])]);
}

#[test]
fn a_clock_that_was_wrong_by_days_does_not_put_a_daily_reload_off_for_days() {
    let looks = ["2026-11-10T11:00:00Z", "2026-11-10T11:30:00Z"];
    assert_eq!(reloads(true, "12:30:00", NOON, &looks), [at(looks[1])]);
    // A date means that date, however far away.
    assert_eq!(reloads(true, "2026-11-20 12:30:00", NOON, &looks).len(), 0);
}

fn moments() -> impl Strategy<Value = Moment> {
    // Two years around both changes of the clock.
    (0..63_000_000_i64).prop_map(|seconds| utc(2025, 12, 1, 0, 0) + TimeDelta::seconds(seconds))
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(line in any::<String>(), now in moments()) {
        let mut schedule = Schedule::new(Berlin, true);
        schedule.file_holds(now, Some(&line));
        schedule.tick(now);
        let effects = drained(&mut schedule);
        prop_assert!(!effects.contains(&"reload".to_owned()), "never at the moment of reading");
    }

    #[test]
    fn a_time_of_day_comes_within_a_day_and_the_clock_shows_it(
        now in moments(), seconds in 0..86_400_u32, zulu in any::<bool>(),
    ) {
        let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap();
        let wanted = Wanted::Daily { time, utc: zulu };
        let due = wanted.next(now, &Berlin).unwrap();
        prop_assert!(due > now && due - now <= TimeDelta::hours(25));
        let shown = if zulu { due.naive_utc() } else { Berlin.shown(due) };
        let left_out = NaiveDate::from_ymd_opt(2026, 3, 29).unwrap().and_hms_opt(3, 0, 0).unwrap();
        prop_assert!(shown.time() == time || shown == left_out, "{shown}");
    }

    #[test]
    fn a_moment_that_is_shown_is_read_back(moment in moments(), before in 1..1_000_000_i64) {
        let line = format!("{}Z", moment.format("%Y-%m-%d %H:%M:%S"));
        let now = moment - TimeDelta::seconds(before);
        let due = read(&line).unwrap().next(now, &Berlin);
        prop_assert_eq!(due, Some(moment));
    }

    /// However the clock is set: never two reloads for one scheduled moment, never a reload before
    /// it, and somebody who waits as told finds a past moment served.
    #[test]
    fn each_moment_is_served_once(
        start in moments(),
        seconds in 0..86_400_u32,
        steps in proptest::collection::vec(-100_000..200_000_i64, 1..60),
        repeat in any::<bool>(),
    ) {
        let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap();
        let mut schedule = Schedule::new(Berlin, repeat);
        schedule.file_holds(start, Some(&time.format("%H:%M:%S").to_string()));
        let mut now = start;
        let mut count = 0;
        for step in steps {
            now += TimeDelta::seconds(step);
            let due = schedule.due.map(|due| due.at);
            schedule.tick(now);
            let reloaded = drained(&mut schedule).iter().filter(|effect| *effect == "reload").count();
            prop_assert_eq!(reloaded, usize::from(due.is_some_and(|due| due <= now)));
            count += reloaded;
            prop_assert!(schedule.due.is_none_or(|due| due.at > now), "served is served");
            prop_assert!(schedule.due.is_none_or(|due| due.at - now <= FURTHEST));
        }
        prop_assert!(repeat || count <= 1);
        prop_assert_eq!(schedule.wait(now).is_some(), repeat || count == 0);
    }
}
