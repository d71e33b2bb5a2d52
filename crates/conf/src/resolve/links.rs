//! Completes what is said of links: those of a `garp_group` must exist.

use net::LinkName;
use vrrp::config::{LinkSettings, Pace};

use super::Resolver;
use crate::block::links::LinksDraft;
use crate::reader::Word;

/// The settings, the paces with the links that may be used.
pub(crate) fn resolve(resolver: &mut Resolver<'_>, draft: &LinksDraft) -> LinkSettings {
    let all_polled = resolver.globals.poll_links;
    let mut settings = LinkSettings { all_polled, ..draft.settings.clone() };
    settings.arp_interval = resolver.globals.vrrp.garp_interval;
    settings.neighbor_interval = resolver.globals.vrrp.gna_interval;
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

fn usable(resolver: &mut Resolver<'_>, words: &[Word]) -> Vec<LinkName> {
    let mut links = Vec::new();
    for link in words {
        let missing =
            format!("WARNING - interface {} specified for garp_group doesn't exist", link.text);
        links.extend(resolver.usable_link(&link.text, link.span, missing));
    }
    links
}
