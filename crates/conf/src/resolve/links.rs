//! Completes what is said of links: they must exist, or `dynamic_interfaces` lets them come later.

use net::LinkName;
use vrrp::config::{LinkSettings, Pace};

use super::Resolver;
use crate::block::links::{LinksDraft, unknown};
use crate::globals::DynamicInterfaces;
use crate::reader::Word;

/// The settings, the paces with the links that may be used.
pub(crate) fn resolve(resolver: &mut Resolver<'_>, draft: &LinksDraft) -> LinkSettings {
    let all_polled = resolver.globals.poll_links;
    let mut settings = LinkSettings { all_polled, ..draft.settings.clone() };
    settings.arp_interval = resolver.globals.vrrp.garp_interval;
    settings.neighbor_interval = resolver.globals.vrrp.gna_interval;
    if resolver.globals.dynamic_interfaces == DynamicInterfaces::Off {
        leave_out_unknown(resolver, draft, &mut settings);
    }
    for pace in &draft.paces {
        let single = usable(resolver, &pace.single).into_iter().map(|link| vec![link]);
        let single: Vec<_> = single.collect();
        let shared = usable(resolver, &pace.shared);
        if !pace.limits() {
            continue;
        }
        let groups = single.into_iter().chain((!shared.is_empty()).then_some(shared));
        settings.paces.extend(groups.map(|links| Pace {
            links,
            arp: pace.arp,
            neighbor: pace.neighbor,
        }));
    }
    settings
}

fn leave_out_unknown(resolver: &mut Resolver<'_>, draft: &LinksDraft, settings: &mut LinkSettings) {
    for (link, what) in &draft.unknown {
        let known = resolver.environment.links.iter().map(|link| link.name.as_str());
        let known = known.collect::<Vec<_>>().join(", ");
        let hint = format!("there is {known}; dynamic_interfaces lets it come later");
        resolver.add(unknown(link.value.as_str(), what).at(link.span).hint(hint));
        settings.polled.retain(|(other, _)| *other != link.value);
        settings.delays.retain(|other| other.link != link.value);
    }
}

fn usable(resolver: &mut Resolver<'_>, words: &[Word]) -> Vec<LinkName> {
    let mut links = Vec::new();
    for link in words {
        let missing =
            format!("WARNING - interface {} specified for garp_group doesn't exist", link.text);
        links.extend(resolver.usable_link(&link.text, link.span, missing));
    }
    links
}
