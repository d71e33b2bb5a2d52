//! Completes what is said of links: those of a `garp_group` must exist.

use vrrp::config::{LinkSettings, Pace};

use super::Resolver;
use crate::block::links::LinksDraft;

/// The settings, the paces with the links that may be used.
pub(crate) fn resolve(resolver: &mut Resolver<'_>, draft: &LinksDraft) -> LinkSettings {
    let all_polled = resolver.globals.poll_links;
    let mut settings = LinkSettings { all_polled, ..draft.settings.clone() };
    for pace in &draft.paces {
        let mut links = Vec::new();
        for link in &pace.links {
            let missing =
                format!("WARNING - interface {} specified for garp_group doesn't exist", link.text);
            links.extend(resolver.usable_link(&link.text, link.span, missing));
        }
        settings.paces.push(Pace { links, arp: pace.arp, neighbor: pace.neighbor });
    }
    settings
}
