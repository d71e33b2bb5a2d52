//! What is said of the addresses that the links of instances have to send from. Which ones these
//! are is decided in `tracking`; that another one takes the place of the first is not said.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use net::{Family, LinkName};

use crate::effect::Effect;
use crate::event::{Event, What};
use crate::router::Router;
use crate::units::Name;

/// The address to send from, by link and family.
pub(crate) type Sources = BTreeMap<(LinkName, Family), IpAddr>;

impl Router {
    /// Links, instances or virtual addresses have changed.
    pub(crate) fn review_sources(&mut self) {
        let used: BTreeSet<&LinkName> =
            self.sequence.iter().filter_map(|id| self.instances[id].config.seat.link()).collect();
        let families = |link| [Family::V4, Family::V6].map(|family| (link, family));
        let found = used.iter().flat_map(|link| families(*link)).filter_map(|(link, family)| {
            let ip = self.world.source_on(link, family)?;
            Some(((link.clone(), family), ip))
        });
        let found: Sources = found.collect();
        let lost = self.sources.iter().filter(|(place, _)| !found.contains_key(place));
        let lost = lost.filter(|((link, _), _)| used.contains(link));
        let lost = lost.map(|((link, _), ip)| (link, What::Deassigned(*ip)));
        let new = found.iter().filter(|(place, _)| !self.sources.contains_key(place));
        let new = new.map(|((link, _), ip)| (link, What::Assigned(*ip)));
        for (link, what) in lost.chain(new) {
            let subject = Name::new(link.as_str());
            self.effects.push_back(Effect::Report(Event { subject, what }));
        }
        self.sources = found;
    }
}
