//! Keeps the other addresses of a link when its first one goes (`promote_secondaries`).
//!
//! The kernel's setting is put back at the end, where it was off before.

use std::collections::BTreeSet;
use std::io;

use net::LinkName;

use crate::log::Log;

/// Links whose setting was changed.
pub(super) struct Promotion {
    wanted: BTreeSet<LinkName>,
    changed: BTreeSet<LinkName>,
    log: Log,
}

impl Promotion {
    pub(super) const fn new(log: Log) -> Self {
        Self { wanted: BTreeSet::new(), changed: BTreeSet::new(), log }
    }

    /// Switches the setting on for these links, and back for all others.
    pub(super) fn want(&mut self, links: BTreeSet<LinkName>) {
        for link in self.changed.difference(&links) {
            self.set(link, false);
        }
        self.changed.retain(|link| links.contains(link));
        for link in &links {
            self.switch_on(link);
        }
        self.wanted = links;
    }

    /// A link is there that was not: a new one has the kernel's default.
    pub(super) fn on_link_added(&mut self, link: &LinkName) {
        self.changed.remove(link);
        if self.wanted.contains(link) {
            self.switch_on(link);
        }
    }

    fn switch_on(&mut self, link: &LinkName) {
        let is_off = std::fs::read_to_string(place(link)).is_ok_and(|text| text.trim() == "0");
        if is_off {
            self.set(link, true);
            self.changed.insert(link.clone());
        }
    }

    fn set(&self, link: &LinkName, on: bool) {
        let (place, value) = (place(link), if on { "1" } else { "0" });
        match std::fs::write(&place, value) {
            // The link is gone, and its settings with it.
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                self.log.error(format!("Failed to write {value} to {place}: {error}"));
            }
            Ok(()) | Err(_) => {}
        }
    }
}

fn place(link: &LinkName) -> String {
    format!("/proc/sys/net/ipv4/conf/{link}/promote_secondaries")
}
