//! `use_vmac` and `use_ipvlan`: interfaces of its own that an instance runs on.
//!
//! Rules with other keywords are in `resolve::device`.

use std::net::IpAddr;

use net::{Family, LinkKind, LinkName, Network};
use vrrp::config::IpvlanMode;

use super::names::{GROUP, GROUPS};
use super::vrrp_instance::InstanceDraft;
use super::words::Words;
use crate::line::Line;
use crate::reader::Word;
use crate::value;

/// `use_vmac` as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VmacDraft {
    pub(crate) name: Option<(LinkName, Word)>,
    /// Six octets, or five that the number completes.
    pub(crate) mac: Option<Vec<u8>>,
    pub(crate) notify: bool,
    pub(crate) group: Option<u32>,
}

/// `use_ipvlan` as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct IpvlanDraft {
    pub(crate) name: Option<(LinkName, Word)>,
    pub(crate) address: Option<(IpAddr, u8)>,
    pub(crate) mode: Option<IpvlanMode>,
    pub(crate) group: Option<u32>,
}

/// Which of the two an instance runs on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    Vmac,
    Ipvlan,
}

/// `[[name] IFNAME] [MAC] [netlink_notify_msg] [group ID|NAME]`; a bad word is ignored.
pub(crate) fn vmac(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let InstanceDraft { name: owner, vmac, ipvlan, .. } = draft;
    let vmac = vmac.get_or_insert_default();
    // It runs on one interface: a name for it counts for both keywords.
    let other = ipvlan.as_ref().is_some_and(|ipvlan| ipvlan.name.is_some());
    let mut words = Words::new(line, 1);
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "netlink_notify_msg" => vmac.notify = true,
            "group" => group(&mut vmac.group, &mut words)?,
            "name" => {
                let word = words.value()?;
                name(&mut vmac.name, &mut words, &word, (Own::Vmac, owner, other));
            }
            text if text.contains(':') => mac(vmac, &mut words, &word),
            _ => name(&mut vmac.name, &mut words, &word, (Own::Vmac, owner, other)),
        }
    }
    Some(())
}

fn name(
    place: &mut Option<(LinkName, Word)>,
    words: &mut Words<'_, '_, '_>,
    word: &Word,
    (own, owner, other): (Own, &str, bool),
) {
    let text = &word.text;
    let named = other || place.is_some();
    let message = match (LinkName::new(text), own) {
        _ if named && own == Own::Vmac => "VMAC interface name already specified".to_owned(),
        _ if named => {
            format!("({owner}) IPVLAN interface already specified - ignoring '{text}'")
        }
        (Err(_), Own::Vmac) => {
            format!("VMAC interface name '{text}' too long or invalid characters - ignoring")
        }
        (Err(_), Own::Ipvlan) => format!(
            "({owner}) IPVLAN interface name '{text}' too long or invalid characters - ignoring"
        ),
        (Ok(_), _) if is_taken(words.line, text, own) => already_exists(text, own, owner),
        (Ok(name), _) => {
            *place = Some((name, word.clone()));
            return;
        }
    };
    words.line.error_at(word, message);
}

/// Whether the name belongs to an interface that it cannot run on. One of an earlier run can be
/// used again (compat 11 §10).
fn is_taken(line: &Line<'_, '_>, name: &str, own: Own) -> bool {
    let mut links = line.cx.environment.links.iter();
    let kind = links.find(|link| link.name.as_str() == name).map(|link| link.kind);
    match (kind, own) {
        (None, _)
        | (Some(LinkKind::Macvlan { private: true, .. }), Own::Vmac)
        | (Some(LinkKind::Ipvlan { l2: true, .. }), Own::Ipvlan) => false,
        (Some(_), _) => true,
    }
}

fn already_exists(name: &str, own: Own, owner: &str) -> String {
    let (what, keyword) = match own {
        Own::Vmac => ("a private macvlan", "vmac"),
        Own::Ipvlan => ("an l2 ipvlan", "ipvlan"),
    };
    format!(
        "({owner}) interface {name} already exists and is not {what}; ignoring {keyword} if_name"
    )
}

fn group(place: &mut Option<u32>, words: &mut Words<'_, '_, '_>) -> Option<()> {
    let word = words.value()?;
    match GROUPS.number(&word.text, GROUP, &words.line.cx.names) {
        Some(group) => *place = Some(group),
        None => words.line.error_at(&word, format!("Unknown interface group {}", word.text)),
    }
    Some(())
}

fn mac(draft: &mut VmacDraft, words: &mut Words<'_, '_, '_>, word: &Word) {
    let text = &word.text;
    let octet = |part: &str| {
        let digits = matches!(part.len(), 1 | 2) && part.chars().all(|c| c.is_ascii_hexdigit());
        digits.then(|| u8::from_str_radix(part, 16).ok()).flatten()
    };
    let octets: Option<Vec<u8>> = text.split(':').map(octet).collect();
    let message = match octets.filter(|octets| matches!(octets.len(), 5 | 6)) {
        _ if draft.mac.is_some() => "VMAC interface address already specified".to_owned(),
        None => format!("VMAC invalid MAC address {text}"),
        Some(octets) if octets[0] & 1 == 1 => {
            format!("VMAC MAC address is multicast {text} - ignoring")
        }
        Some(octets) if matches!(octets[..], [0, 0, 0x5e, 0, 1 | 2, ..]) => {
            format!("VMAC MAC address not allowed to be RFC5798 address ({text}) - ignoring")
        }
        Some(octets) => {
            draft.mac = Some(octets);
            return;
        }
    };
    words.line.error_at(word, message);
}

/// `[[name] IFNAME] [ADDR[/LEN]] [bridge|private|vepa] [group ID|NAME]`; a bad word is ignored.
pub(crate) fn ipvlan(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if draft.ipvlan.is_some() {
        line.error(format!("({}) use_ipvlan already specified", draft.name));
        return None;
    }
    draft.ipvlan = Some(IpvlanDraft::default());
    let mut words = Words::new(line, 1);
    while let Some(word) = words.next() {
        ipvlan_word(draft, &mut words, &word)?;
    }
    Some(())
}

fn ipvlan_word(
    draft: &mut InstanceDraft,
    words: &mut Words<'_, '_, '_>,
    word: &Word,
) -> Option<()> {
    let address = value::address(word.text.split('/').next().unwrap_or_default());
    if address.is_some() {
        return ipvlan_address(draft, words, word);
    }
    let ipvlan = draft.ipvlan.get_or_insert_default();
    let mode = match word.text.as_str() {
        "bridge" => IpvlanMode::Bridge,
        "private" => IpvlanMode::Private,
        "vepa" => IpvlanMode::Vepa,
        "group" => return group(&mut ipvlan.group, words),
        "name" => {
            let word = words.value()?;
            named(draft, words, &word);
            return Some(());
        }
        _ => {
            named(draft, words, word);
            return Some(());
        }
    };
    if ipvlan.mode.is_some() {
        let message =
            format!("({}) ipvlan type already specified - ignoring '{}'", draft.name, word.text);
        words.line.error_at(word, message);
        return Some(());
    }
    ipvlan.mode = Some(mode);
    Some(())
}

fn named(draft: &mut InstanceDraft, words: &mut Words<'_, '_, '_>, word: &Word) {
    let InstanceDraft { name: owner, vmac, ipvlan, .. } = draft;
    let other = vmac.as_ref().is_some_and(|vmac| vmac.name.is_some());
    let place = &mut ipvlan.get_or_insert_default().name;
    name(place, words, word, (Own::Ipvlan, owner, other));
}

/// `ADDR[/LEN]`, with a length that the address can have.
fn network(text: &str) -> Option<Network> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let ip = value::address(address)?;
    let bits = Family::of(ip).bits();
    let length = length.map_or(Some(bits), |length| length.parse().ok());
    length.filter(|length| *length <= bits).map(|length| Network { ip, length })
}

fn ipvlan_address(
    draft: &mut InstanceDraft,
    words: &mut Words<'_, '_, '_>,
    word: &Word,
) -> Option<()> {
    let (text, owner) = (&word.text, draft.name.clone());
    let Some(network) = network(text) else {
        let message = format!("({owner}) ipvlan invalid IP address {text}");
        words.advise::<()>(word, message, "write ADDRESS or ADDRESS/LENGTH");
        return Some(());
    };
    if draft.ipvlan.as_ref().is_some_and(|ipvlan| ipvlan.address.is_some()) {
        let message = format!("({owner}) ipvlan address already specified - ignoring '{text}'");
        words.line.error_at(word, message);
        return Some(());
    }
    if !draft.agree(network.ip) {
        let message = format!(
            "({owner}) ipvlan address {text} is of another family than the instance - ignoring"
        );
        words.line.error_at(word, message);
        return Some(());
    }
    draft.ipvlan.get_or_insert_default().address = Some((network.ip, network.length));
    Some(())
}
