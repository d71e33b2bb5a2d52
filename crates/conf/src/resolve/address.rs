//! Gives every virtual address its link, and keeps no more than a packet can carry.

use net::{Address, Family, LinkName};
use vrrp::Version;
use vrrp::config::{Authentication, Hmac, HmacMode, VirtualAddress};

use super::Resolver;
use crate::block::address::AddressDraft;
use crate::diagnostic::Diagnostic;

/// The addresses of one list, in order; those without a usable link, and those that are there
/// already once each has its link, are dropped.
pub(crate) fn resolve(
    resolver: &mut Resolver<'_>,
    drafts: &[AddressDraft],
    own: Option<&LinkName>,
    earlier: &[VirtualAddress],
) -> Vec<VirtualAddress> {
    let mut addresses: Vec<VirtualAddress> = Vec::new();
    for draft in drafts {
        let link = match &draft.dev {
            None => own.cloned(),
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

/// What of an advert is no address: link, IP and VRRP headers and what authenticates it, in bytes
/// (compat 11 §1.8).
fn overhead(
    (version, family): (Version, Family),
    trust: (&Authentication, Option<&Hmac>),
) -> usize {
    let (authentication, hmac) = trust;
    let password = match (version, family) {
        (Version::V2, Family::V4) => 8,
        (Version::V2 | Version::V3, _) => 0,
    };
    let header = match family {
        Family::V4 => 20,
        Family::V6 => 40,
    };
    let ah = match authentication {
        Authentication::Ah(_) => 24,
        Authentication::None | Authentication::Pass(_) => 0,
    };
    let trailed = hmac.is_some_and(|hmac| hmac.mode != HmacMode::ReceiveOnly);
    14 + header + 8 + password + ah + if trailed { 28 } else { 0 }
}

/// Moves the addresses that no advert could carry to the excluded ones.
pub(crate) fn limit(
    resolver: &mut Resolver<'_>,
    name: &str,
    link: Option<&LinkName>,
    (kind, trust): ((Version, Family), (&Authentication, Option<&Hmac>)),
    (addresses, excluded): (&mut Vec<VirtualAddress>, &mut Vec<VirtualAddress>),
) {
    let link = link.and_then(|link| resolver.link(link.as_str()));
    let mtu = link.map_or(1500, |link| link.mtu);
    let space = usize::try_from(mtu).unwrap_or(usize::MAX).saturating_sub(overhead(kind, trust));
    let most = (space / usize::from(kind.1.bits() / 8)).min(255);
    if addresses.len() > most {
        resolver.error(format!(
            "({name}) Number of VIPs ({}) exceeds maximum/space available in packet (max {most} \
             addresses) - excess moved to eVIPs",
            addresses.len()
        ));
        excluded.extend(addresses.drain(most..));
    }
}
