//! `fifo_write_vrrp_states_on_reload`: which states are told again, and which are not.

use super::solo::{Solo, instance, ms, owner};
use crate::config::{Config, Instance, Notify, Settings, SyncGroup, Watched};
use crate::{Input, Name, Version, advert::tests::instance as any_instance};

fn config(tells_again: bool, grouped: bool) -> Config {
    let group = SyncGroup {
        name: Name::new("G"),
        members: vec![Name::new("V")],
        tracked_links: Vec::new(),
        tracked_scripts: Vec::new(),
        watched: Watched::default(),
        weights_of_members: false,
        notify: Notify::default(),
    };
    Config {
        instances: vec![instance(100)],
        groups: if grouped { vec![group] } else { Vec::new() },
        settings: Settings { tells_again, ..Settings::default() },
        ..Config::default()
    }
}

impl Solo {
    /// What is told because of a reload, a second later.
    fn told_by(&mut self, config: Config) -> Vec<&'static str> {
        self.now += ms(1_000);
        let before = self.told.len();
        self.input(Input::Reconfigure(Box::new(config)));
        self.told[before..].to_vec()
    }
}

#[test]
fn every_state_is_told_again_by_each_reload_where_that_is_wanted() {
    let mut solo = Solo::with(config(true, true));
    assert_eq!(solo.told, ["BACKUP", "BACKUP"], "a start tells everything once");
    solo.until(4_000);
    assert_eq!(solo.told[2..], ["MASTER", "MASTER"]);
    assert_eq!(solo.told_by(config(true, true)), ["MASTER", "MASTER"]);
    assert_eq!(solo.told_by(config(true, true)), ["MASTER", "MASTER"]);
    assert_eq!(solo.told_by(config(false, true)), [""; 0]);
    assert_eq!(solo.told_by(config(true, false)), ["MASTER"], "the group is gone");
    assert_eq!(solo.told_by(config(true, true)), ["MASTER", "MASTER"], "the group is new");
}

#[test]
fn what_a_reload_changes_is_told_once_and_what_waits_is_not_told_early() {
    let mut solo = Solo::with(config(true, false));
    let another = Instance { name: Name::new("W"), ..any_instance(52, Version::V3, 90, &[52]) };
    let two = Config { instances: vec![instance(100), another], ..config(true, false) };
    assert_eq!(solo.told_by(two), ["BACKUP", "BACKUP"], "one again, one for the first time");
    let settings = Settings { startup_delay: ms(60_000), tells_again: true, ..Settings::default() };
    let owner = Config { instances: vec![owner()], settings, ..config(true, true) };
    let mut solo = Solo::with(owner.clone());
    assert_eq!(solo.told, [""; 0]);
    assert_eq!(solo.told_by(owner), [""; 0], "nobody acts yet");
}
