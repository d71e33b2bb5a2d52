//! Decides when a link that went up or down counts as such: at once, or only when it has lasted
//! (`interface_up_down_delays`, compat 11 §13.4).

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use net::{Link, LinkName};

use crate::config::LinkDelay;

/// The delays, and the changes that wait.
#[derive(Debug, Default)]
pub(crate) struct Debounce {
    delays: Vec<LinkDelay>,
    /// Links that have been up: until then nothing is delayed.
    seen_up: BTreeSet<LinkName>,
    /// When the present state of a link counts, which is not the one that counts now.
    turning: BTreeMap<LinkName, Instant>,
}

/// What became of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They count.
    Counts,
    /// They count if they last for this long from now.
    Begun(Duration),
    /// They are waited for already.
    Waiting,
    /// It is again as it was when the wait began.
    Cancelled,
}

impl Debounce {
    pub(crate) fn configure(&mut self, delays: Vec<LinkDelay>) {
        self.delays = delays;
    }

    /// Links whose changes are delayed.
    pub(crate) fn links(&self) -> impl Iterator<Item = &LinkDelay> {
        self.delays.iter()
    }

    /// The delay of a link's going up or down; 0 without one.
    pub(crate) fn delay(&self, link: &LinkName, up: bool) -> Duration {
        let delay = self.delays.iter().find(|delay| delay.link == *link);
        delay.map_or(Duration::ZERO, |delay| if up { delay.up } else { delay.down })
    }

    /// Takes news of a link that counts as `counted` so far.
    pub(crate) fn hear(
        &mut self,
        now: Instant,
        counted: Option<&Link>,
        seen: &Link,
        delay: Duration,
    ) -> Verdict {
        let seasoned = self.has_been_up(&seen.name);
        if seen.up {
            self.seen_up.insert(seen.name.clone());
        }
        match counted {
            Some(counted) if counted.up == seen.up => match self.turning.remove(&seen.name) {
                Some(_) => Verdict::Cancelled,
                None => Verdict::Counts,
            },
            Some(_) if self.turning.contains_key(&seen.name) => Verdict::Waiting,
            Some(_) if seasoned && !delay.is_zero() => {
                self.turning.insert(seen.name.clone(), now + delay);
                Verdict::Begun(delay)
            }
            Some(_) | None => Verdict::Counts,
        }
    }

    pub(crate) fn has_been_up(&self, link: &LinkName) -> bool {
        self.seen_up.contains(link)
    }

    /// A link is gone: one that comes again under its name is a new one.
    pub(crate) fn forget(&mut self, link: &LinkName) {
        self.seen_up.remove(link);
        self.turning.remove(link);
    }

    pub(crate) fn deadline(&self, link: &LinkName) -> Option<Instant> {
        self.turning.get(link).copied()
    }

    /// Whether a change counts now.
    pub(crate) fn on_timeout(&mut self, now: Instant, link: &LinkName) -> bool {
        let due = self.deadline(link).is_some_and(|at| at <= now);
        if due {
            self.turning.remove(link);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use net::LinkIndex;

    use super::*;

    const DELAY: Duration = Duration::from_millis(300);

    fn link(up: bool) -> Link {
        Link {
            name: LinkName::new("eth0").unwrap(),
            index: LinkIndex(2),
            flags: if up { 0x41 } else { 0x1 },
            up,
            loopback: false,
            multicast: true,
            arp: true,
            mac: None,
            mtu: 1500,
            hardware: 1,
            kind: net::LinkKind::Ethernet,
            master: None,
            addresses: Vec::new(),
        }
    }

    #[test]
    fn a_change_counts_when_it_has_lasted() {
        let (now, name) = (Instant::now(), link(true).name);
        let mut debounce = Debounce::default();
        assert_eq!(debounce.hear(now, None, &link(true), DELAY), Verdict::Counts);
        let counted = link(true);
        assert_eq!(debounce.hear(now, Some(&counted), &link(false), DELAY), Verdict::Begun(DELAY));
        assert_eq!(debounce.hear(now, Some(&counted), &link(false), DELAY), Verdict::Waiting);
        assert!(!debounce.on_timeout(now + DELAY / 2, &name));
        assert!(debounce.on_timeout(now + DELAY, &name));
        assert_eq!(debounce.deadline(&name), None);
    }

    #[test]
    fn a_change_back_cancels_it() {
        let (now, name) = (Instant::now(), link(true).name);
        let mut debounce = Debounce::default();
        debounce.hear(now, None, &link(true), DELAY);
        debounce.hear(now, Some(&link(true)), &link(false), DELAY);
        let back = debounce.hear(now, Some(&link(true)), &link(true), DELAY);
        assert_eq!((back, debounce.deadline(&name)), (Verdict::Cancelled, None));
        assert_eq!(debounce.hear(now, Some(&link(true)), &link(true), DELAY), Verdict::Counts);
    }

    #[test]
    fn nothing_is_delayed_before_the_first_time_up_or_without_a_delay() {
        let now = Instant::now();
        let mut debounce = Debounce::default();
        debounce.hear(now, None, &link(false), DELAY);
        assert_eq!(debounce.hear(now, Some(&link(false)), &link(true), DELAY), Verdict::Counts);
        let none = Duration::ZERO;
        assert_eq!(debounce.hear(now, Some(&link(true)), &link(false), none), Verdict::Counts);
        debounce.forget(&link(true).name);
        assert_eq!(debounce.hear(now, None, &link(false), DELAY), Verdict::Counts);
        assert_eq!(debounce.hear(now, Some(&link(false)), &link(true), DELAY), Verdict::Counts);
    }
}
