use std::time::Duration;

use sys::proc_events::Thread;
use vrrp::Name;
use vrrp::config::Factor;

use super::*;

fn kind(name: &str, command: &[&str], parameters: Option<ParameterMatch>) -> TrackProcess {
    TrackProcess {
        name: Name::new(name),
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        full_command: parameters.is_some(),
        parameters: parameters.unwrap_or_default(),
        weight: Factor::FAULT,
        reverse: false,
        quorum: 1,
        most: None,
        end_delay: Duration::ZERO,
        start_delay: Duration::ZERO,
    }
}

/// A process called by the last part of its program's path.
fn runs(line: &str) -> Identity {
    let words: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
    let program = line.split(' ').next().unwrap().rsplit('/').next().unwrap();
    Identity { name: program.bytes().take(NAME).collect(), words }
}

fn forked(parent: u32, child: u32) -> ProcessEvent {
    ProcessEvent::Forked { parent: Thread { id: parent, group: parent }, child }
}

fn counts(news: &[Count]) -> Vec<(&str, u32, Recount)> {
    news.iter().map(|one| (one.process.as_str(), one.count, one.why)).collect()
}

#[test]
fn names_are_compared_as_far_as_the_kernel_keeps_them() {
    let long = kind("l", &["a-rather-long-name"], None);
    assert!(is_one(&long, &runs("/bin/a-rather-long-name")));
    assert!(!is_one(&long, &runs("/bin/a-rather-long")));
    assert!(!is_one(&kind("p", &["/bin/p"], None), &runs("/bin/p")), "a name is no path");
}

#[test]
fn parameters_are_compared_as_configured() {
    use ParameterMatch::{Exact, Ignored, Initial, Partial};
    let fits = |how, line: &str| is_one(&kind("p", &["p", "-a", "-b"], Some(how)), &runs(line));
    let lines = ["p", "p -a", "p -a -b", "p -a -b -c", "p -a -bcd", "p -a -bcd -e", "q -a -b"];
    let all = |how| lines.map(|line| fits(how, line));
    assert_eq!(all(Ignored), [true, true, true, true, true, true, false]);
    assert_eq!(all(Exact), [false, false, true, false, false, false, false]);
    assert_eq!(all(Partial), [false, false, true, true, false, false, false]);
    assert_eq!(all(Initial), [false, false, true, true, true, true, false]);
    let bare = kind("p", &["p"], Some(Exact));
    assert!(is_one(&bare, &runs("p")) && !is_one(&bare, &runs("p -a")));
}

#[test]
fn the_life_of_processes_is_followed() {
    let mut census = Census::new(vec![kind("p", &["p"], None), kind("q", &["q"], None)]);
    let everybody = [(1, runs("/sbin/init")), (5, runs("/bin/p"))];
    let first = census.count_all(everybody.into_iter(), Recount::Became);
    assert_eq!(counts(&first), [("p", 1, Recount::Became), ("q", 0, Recount::Became)]);
    let nobody = |_| None;
    let news = census.on_event(forked(5, 6), nobody);
    assert_eq!(counts(&news), [("p", 2, Recount::Forked)]);
    let news = census.on_event(ProcessEvent::Executed(6), |_| Some(runs("/bin/q")));
    assert_eq!(counts(&news), [("p", 1, Recount::Became), ("q", 1, Recount::Became)]);
    let news = census.on_event(ProcessEvent::Ended(5), nobody);
    assert_eq!(counts(&news), [("p", 0, Recount::Exited)]);
    assert!(census.on_event(ProcessEvent::Ended(1), nobody).is_empty());
    assert!(census.on_event(forked(1, 7), nobody).is_empty());
    let news = census.on_event(ProcessEvent::Renamed(7), |_| Some(runs("p")));
    assert_eq!(counts(&news), [("p", 1, Recount::Became)]);
}

#[test]
fn the_child_of_a_thread_is_called_as_the_thread_is() {
    let mut census = Census::new(vec![kind("worker", &["worker"], None)]);
    let parent = Thread { id: 12, group: 10 };
    let event = ProcessEvent::Forked { parent, child: 13 };
    let news = census.on_event(event, |id| (id == 13).then(|| runs("worker")));
    assert_eq!(counts(&news), [("worker", 1, Recount::Forked)]);
}

#[test]
fn a_recount_forgets_what_was_missed() {
    let mut census = Census::new(vec![kind("p", &["p"], None)]);
    census.count_all([(5, runs("p")), (6, runs("p"))].into_iter(), Recount::Became);
    let news = census.count_all([(7, runs("p"))].into_iter(), Recount::Lost);
    assert_eq!(counts(&news), [("p", 1, Recount::Lost)]);
    let news = census.on_event(ProcessEvent::Ended(5), |_| None);
    assert!(news.is_empty(), "it was not counted any more");
}
