//! `vrrp_startup_delay` and `vrrp_delay_after_boot` (compat 11 §4.2).

use std::time::Duration;

use super::solo::{HIGHER, Solo, instance, ms, owner};
use crate::config::{Config, Settings};
use crate::{Input, StateKind};

fn delay(millis: u64) -> Settings {
    Settings { startup_delay: ms(millis), ..Settings::default() }
}

#[test]
fn nobody_listens_or_takes_over_before_and_timers_count_from_its_end() {
    let mut solo = Solo::with_settings(instance(100), delay(2_500));
    assert_eq!(solo.lines[0], "Delaying startup for 2.5 seconds");
    assert_eq!(solo.lines.last().unwrap(), "(V) Entering BACKUP STATE (init)");
    assert!(solo.ready);
    solo.until(2_000);
    solo.hear(HIGHER, 200);
    assert_eq!(solo.view().stats.advert_rcvd, 0);
    solo.until(2_500);
    assert_eq!(solo.lines.last().unwrap(), "Delayed start completed");
    solo.until(2_500 + 3_609);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(2_500 + 3_610);
    assert_eq!(solo.state(), StateKind::Master);
}

#[test]
fn an_owner_takes_over_when_it_ends_and_nobody_hears_of_it_before() {
    let mut solo = Solo::with_settings(owner(), delay(3_000));
    solo.until(2_999);
    assert!(solo.ready && solo.sent.is_empty() && solo.told.is_empty());
    solo.until(3_000);
    assert_eq!((solo.state(), &solo.sent[..]), (StateKind::Master, &[(3_000, 255)][..]));
    assert_eq!(solo.lines[0], "Delaying startup for 3 seconds");
    assert!(solo.has("Delayed start completed"));
}

#[test]
fn the_longer_of_both_delays_counts_and_the_boot_may_be_long_ago() {
    let settings = Settings { delay_after_boot: Duration::from_secs(60), ..delay(1_000) };
    let config = Config { instances: vec![owner()], settings, ..Config::default() };
    let mut young = Solo::booted(config.clone(), Duration::from_secs(50));
    assert_eq!(young.lines[0], "Delaying startup for 10 seconds");
    young.until(9_999);
    assert_eq!(young.state(), StateKind::Backup);
    young.until(10_000);
    assert_eq!(young.state(), StateKind::Master);
    let mut old = Solo::booted(config, Duration::from_secs(500));
    old.until(1_000);
    assert_eq!(old.state(), StateKind::Master);
}

#[test]
fn a_reload_changes_what_is_left_of_it() {
    let config = |millis| Config {
        instances: vec![instance(100)],
        settings: delay(millis),
        ..Config::default()
    };
    let mut solo = Solo::with(config(10_000));
    solo.until(2_000);
    solo.input(Input::Reconfigure(Box::new(config(5_000))));
    assert_eq!(solo.lines.last().unwrap(), "Delaying startup for a further 3 seconds");
    solo.until(5_000 + 3_609);
    assert_eq!(solo.state(), StateKind::Backup);
    solo.until(5_000 + 3_610);
    assert_eq!(solo.state(), StateKind::Master);

    let mut solo = Solo::with(config(10_000));
    solo.until(2_000);
    solo.input(Input::Reconfigure(Box::new(config(0))));
    assert_eq!(solo.lines.last().unwrap(), "Reduced delayed start passed");
    solo.until(2_000 + 3_610);
    assert_eq!(solo.state(), StateKind::Master);
    solo.input(Input::Reconfigure(Box::new(config(60_000))));
    assert_eq!(solo.count("Delaying startup"), 1, "only a start is delayed");
}
