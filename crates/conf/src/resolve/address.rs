//! Gives every virtual address its link, and keeps no more than a packet can carry.

use net::{Address, Family, LinkName};
use vrrp::Version;
use vrrp::config::VirtualAddress;

use super::Resolver;
use crate::block::address::AddressDraft;
use crate::diagnostic::Diagnostic;

/// The addresses of one list, in order; those without a usable link, and those that are there
/// already once each has its link, are dropped.
pub(crate) fn resolve(
    resolver: &mut Resolver<'_>,
    drafts: &[AddressDraft],
    own: &LinkName,
    earlier: &[VirtualAddress],
) -> Vec<VirtualAddress> {
    let mut addresses: Vec<VirtualAddress> = Vec::new();
    for draft in drafts {
        let link = match &draft.dev {
            None => Some(own.clone()),
            Some(dev) => {
                let missing = format!(
                    "WARNING - interface {} for ip address {} doesn't exist",
                    dev.text, draft.text
                );
                resolver.usable_link(&dev.text, dev.span, missing)
            }
        };
        let Some(link) = link else { continue };
        let same = |other: &VirtualAddress| {
            let other = &other.address;
            (other.ip, other.prefix, &other.link) == (draft.ip, draft.prefix, &link)
        };
        if earlier.iter().chain(&addresses).any(same) {
            let message = format!("ip address {} is on {link} already - ignoring", draft.text);
            resolver.add(Diagnostic::notice(message).at(draft.span));
            continue;
        }
        addresses.push(VirtualAddress {
            address: Address {
                link,
                ip: draft.ip,
                prefix: draft.prefix,
                peer: draft.peer,
                broadcast: draft.broadcast,
                label: draft.label.clone(),
                scope: draft.scope,
                flags: draft.flags,
                preferred: draft.preferred,
            },
            tracked: draft.tracked,
            own_device: draft.own_device.is_some(),
        });
    }
    addresses
}

/// Link, IP and VRRP headers of an advert in bytes (compat 11 §1.8).
fn overhead(version: Version, family: Family) -> usize {
    let password = match version {
        Version::V2 => 8,
        Version::V3 => 0,
    };
    match family {
        Family::V4 => 14 + 20 + 8 + password,
        Family::V6 => 14 + 40 + 8,
    }
}

/// Moves the addresses that no advert could carry to the excluded ones.
pub(crate) fn limit(
    resolver: &mut Resolver<'_>,
    name: &str,
    link: &LinkName,
    (version, family): (Version, Family),
    (addresses, excluded): (&mut Vec<VirtualAddress>, &mut Vec<VirtualAddress>),
) {
    let mtu = resolver.link(link.as_str()).map_or(1500, |link| link.mtu);
    let space =
        usize::try_from(mtu).unwrap_or(usize::MAX).saturating_sub(overhead(version, family));
    let most = (space / usize::from(family.bits() / 8)).min(255);
    if addresses.len() > most {
        resolver.error(format!(
            "({name}) Number of VIPs ({}) exceeds maximum/space available in packet (max {most} \
             addresses) - excess moved to eVIPs",
            addresses.len()
        ));
        excluded.extend(addresses.drain(most..));
    }
}
