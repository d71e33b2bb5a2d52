//! What is said of the addresses that the links of instances have to send from. Which ones these
//! are is decided in `tracking`; that another one takes the place of the first is not said.

use std::collections::{BTreeMap, BTreeSet};

use net::{Detection, Family, Held, LinkName};

use crate::effect::Effect;
use crate::event::{Event, What};
use crate::router::Router;
use crate::units::Name;

/// The address to send from, by link and family.
pub(crate) type Sources = BTreeMap<(LinkName, Family), Held>;

impl Router {
    /// Links, instances or virtual addresses have changed.
    pub(crate) fn review_sources(&mut self) {
        let used: BTreeSet<&LinkName> =
            self.sequence.iter().filter_map(|id| self.instances[id].config.seat.link()).collect();
        let families = |link| [Family::V4, Family::V6].map(|family| (link, family));
        let found = used.iter().flat_map(|link| families(*link)).filter_map(|(link, family)| {
            let held = self.world.source_on(link, family)?;
            Some(((link.clone(), family), held))
        });
        let found: Sources = found.collect();
        let lost = self.sources.iter().filter(|(place, _)| !found.contains_key(place));
        let lost = lost.filter(|((link, _), _)| used.contains(link));
        let lost = lost.map(|((link, _), held)| (link, What::Deassigned(held.ip)));
        let seen = found.iter().flat_map(|(place, held)| {
            let known = self.sources.get(place);
            let new = known.is_none().then_some(What::Assigned(held.ip));
            let found = detected(*held).filter(|_| known != Some(held));
            new.into_iter().chain(found).map(|what| (&place.0, what))
        });
        for (link, what) in lost.chain(seen) {
            let subject = Name::new(link.as_str());
            self.effects.push_back(Effect::Report(Event { subject, what }));
        }
        self.sources = found;
    }
}

/// What duplicate address detection has to say of an address that cannot be used.
const fn detected(held: Held) -> Option<What> {
    let taken = match held.detection {
        Detection::Unique => return None,
        Detection::Tentative => false,
        Detection::Duplicate => true,
    };
    Some(What::Unusable { ip: held.ip, taken })
}
