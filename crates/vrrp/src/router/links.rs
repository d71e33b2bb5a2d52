//! News of links: which count, when, and who hears of them.

use std::time::Duration;

use net::{Link, LinkName};

use super::{Router, Slot};
use crate::debounce::Verdict;
use crate::effect::Effect;
use crate::event::{Event, What};
use crate::units::Name;

impl Router {
    pub(super) fn on_link(&mut self, seen: Link) {
        let counted = self.world.links.get(&seen.name).cloned();
        let link = self.as_it_counts(counted.as_ref(), seen);
        if counted.as_ref() == Some(&link) {
            return;
        }
        let (name, up) = (link.name.clone(), link.up);
        self.world.links.insert(name.clone(), link);
        self.endpoints_are_old = true;
        self.report_link(&name, counted.is_some_and(|counted| counted.up), up);
        self.review_sources();
        self.reassess();
    }

    pub(super) fn on_link_gone(&mut self, name: &LinkName) {
        self.world.debounce.forget(name);
        self.agenda.set(Slot::Link(name.clone()), None);
        if let Some(link) = self.world.links.remove(name) {
            self.endpoints_are_old = true;
            self.report_link(name, link.up, false);
            self.review_sources();
            self.reassess();
        }
    }

    /// A change of a link has lasted.
    pub(super) fn on_link_due(&mut self, name: &LinkName) {
        let lasted = self.world.debounce.on_timeout(self.now, name);
        self.agenda.set(Slot::Link(name.clone()), self.world.debounce.deadline(name));
        if lasted && let Some(link) = self.world.links.get_mut(name) {
            let was_up = link.up;
            link.up = !was_up;
            self.report_link(name, was_up, !was_up);
            self.reassess();
        }
    }

    /// The link as it counts now. What else changed about it counts at once.
    fn as_it_counts(&mut self, counted: Option<&Link>, seen: Link) -> Link {
        let delay = self.delay(&seen.name, seen.up);
        let verdict = self.world.debounce.hear(self.now, counted, &seen, delay);
        let (name, from) = (seen.name.clone(), counted.map_or(0, |counted| counted.flags));
        self.agenda.set(Slot::Link(name.clone()), self.world.debounce.deadline(&name));
        match verdict {
            Verdict::Counts => return seen,
            Verdict::Cancelled => {
                self.tell_of_link(&name, What::DelayCancelled);
                return seen;
            }
            Verdict::Begun(delay) => {
                self.tell_of_link(&name, What::DelayBegun { from, to: seen.flags, delay });
            }
            Verdict::Waiting => {}
        }
        Link { up: !seen.up, ..seen }
    }

    /// How long a change of a link has to last: as configured, but never so long that a backup
    /// would take over from an instance on it meanwhile.
    fn delay(&mut self, link: &LinkName, up: bool) -> Duration {
        let mut delay = self.world.debounce.delay(link, up);
        let mut shortened = Vec::new();
        for id in &self.sequence {
            let instance = &self.instances[id];
            if instance.config.seat.link() != Some(link) {
                continue;
            }
            if instance.bears() < instance.would_bear().min(delay) {
                shortened.push(instance.config.name.clone());
            }
            delay = delay.min(instance.bears());
        }
        for subject in shortened {
            let what = What::DelayShortened(link.clone());
            self.effects.push_back(Effect::Report(Event { subject, what }));
        }
        delay
    }

    /// Delays that an instance on the link does not bear are a mistake of the configuration.
    pub(crate) fn report_long_delays(&mut self) {
        for id in &self.sequence {
            let instance = &self.instances[id];
            let config = &instance.config;
            let Some(own) = config.seat.link() else { continue };
            let of_link = |link: &&crate::config::LinkDelay| link.link == *own;
            let Some(delay) = self.world.debounce.links().find(of_link) else { continue };
            if delay.down.max(delay.up) > instance.would_bear() {
                let intervals = config.down_timer_adverts.saturating_sub(1);
                let what = What::DelaysTooLong { link: own.clone(), intervals };
                let subject = config.name.clone();
                self.effects.push_back(Effect::Report(Event { subject, what }));
            }
        }
    }

    /// Only links that some instance uses are news.
    fn report_link(&mut self, name: &LinkName, was_up: bool, up: bool) {
        if was_up != up {
            let polled = self.world.polled.contains(name);
            self.tell_of_link(name, What::LinkChanged { up, polled });
        }
    }

    fn tell_of_link(&mut self, name: &LinkName, what: What) {
        let instances = self.instances.values().map(|instance| &*instance.config);
        let of_groups = self.groups.iter().flat_map(|group| &group.config.tracked_links);
        let of_instances = instances.clone().flat_map(|instance| &instance.tracked_links);
        let mut tracked = of_groups.chain(of_instances).map(|tracked| &tracked.object);
        let mut own = instances.filter_map(|instance| instance.seat.device());
        if tracked.any(|link| link == name) || own.any(|link| link == name) {
            let subject = Name::new(name.as_str());
            self.effects.push_back(Effect::Report(Event { subject, what }));
        }
    }
}
