//! Rows of `global_defs`: what instances do unless they say otherwise.

use std::net::IpAddr;
use std::time::Duration;

use vrrp::Version;

use super::Row;
use super::value::{self as read, set, set_boolean, some_boolean};
use crate::block::RootDraft;
use crate::diagnostic::{Class, Diagnostic};
use crate::line::Line;
use crate::reader::Word;
use crate::value::{self, Decimal};

/// Defaults of instances.
pub(super) static VRRP: &[Row] = &[
    Row::now("vrrp_version", "VRRP version of instances that set none", version)
        .takes("2|3", "", "2"),
    Row::now("vrrp_mcast_group4", "IPv4 group of adverts", group_v4).takes(
        "ADDRESS",
        "a multicast address",
        "224.0.0.18",
    ),
    Row::now("vrrp_mcast_group6", "IPv6 group of adverts", group_v6).takes(
        "ADDRESS",
        "a multicast address",
        "ff02::12",
    ),
    Row::now("vrrp_down_timer_adverts", "silent intervals before a takeover", |root, line| {
        let complaint = |keyword: &str, value: &str| format!("Invalid {keyword} [1:100] '{value}'");
        root.globals.vrrp.down_timer_adverts = read::number(line, 1..=100, complaint)?;
        Some(())
    })
    .takes("COUNT", "1-100", "3"),
    Row::now("vrrp_lower_prio_no_advert", "does not answer a lower advert", |root, line| {
        some_boolean(&mut root.globals.vrrp.lower_priority_no_advert, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("vrrp_higher_prio_send_advert", "answers a higher advert once", |root, line| {
        set_boolean(&mut root.globals.vrrp.higher_priority_send_advert, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("vrrp_check_unicast_src", "takes unicast adverts from peers only", |root, _| {
        set(&mut root.globals.vrrp.check_unicast_source)
    })
    .takes("", "", "off"),
    Row::now("vrrp_skip_check_adv_addr", "compares addresses once per master", |root, line| {
        set_boolean(&mut root.globals.vrrp.skip_address_check, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("vrrp_owner_ignore_adverts", "the address owner does not listen", |root, line| {
        set_boolean(&mut root.globals.vrrp.owner_ignores_adverts, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("vrrp_strict", "keeps instances to the letter of the RFC", |root, line| {
        set_boolean(&mut root.globals.vrrp.strict, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("v3_checksum_as_v2", "VRRPv3 checksums without the pseudo header", |root, _| {
        set(&mut root.globals.vrrp.checksum_as_v2)
    })
    .takes("[on|off]", "", "off"),
    Row::now("disable_local_igmp", "reports no link-local multicast groups", |root, _| {
        set(&mut root.globals.vrrp.no_local_igmp)
    })
    .takes("", "", "off"),
    Row::now("log_unknown_vrids", "logs adverts of unknown virtual routers", |root, _| {
        set(&mut root.globals.vrrp.log_unknown_vrids)
    })
    .takes("", "", "off"),
    Row::now("vrrp_startup_delay", "seconds before instances act", startup_delay).takes(
        "SECS",
        "0.001-4294.967295",
        "0",
    ),
    Row::now("vrrp_delay_after_boot", "the same, counted from the boot", |root, line| {
        let delay = delay(line)?;
        root.globals.delay_after_boot = root.globals.delay_after_boot.max(Some(delay));
        Some(())
    })
    .takes("SECS", "0.001-4294.967295", "0"),
    Row::later("vmac_prefix", "prefix of VMAC interface names", |root, line| {
        prefix(&mut root.globals.vrrp.vmac_prefix, line, "vmac prefix")
    })
    .takes("PREFIX", "", "vrrp"),
    Row::later("vmac_addr_prefix", "the same for addresses on other interfaces", |root, line| {
        prefix(&mut root.globals.vrrp.vmac_address_prefix, line, "vmac_addr prefix")
    })
    .takes("PREFIX", "", "vmac_prefix"),
];

fn version(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    root.globals.vrrp.version = match line.integer(&word, 2..=3) {
        Some(2) => Some(Version::V2),
        Some(3) => Some(Version::V3),
        _ => {
            let message = "VRRP Error: Version must be either 2 or 3".to_owned();
            read::wrong(line, &word, message, "write 2 or 3");
            return None;
        }
    };
    Some(())
}

fn group_v4(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    match value::address(&word.text) {
        Some(IpAddr::V4(group)) if group.is_multicast() => root.globals.vrrp.group_v4 = group,
        Some(IpAddr::V4(_)) => bad_group(line, &word, "is not multicast. Skipping"),
        Some(IpAddr::V6(_)) => bad_group(line, &word, "is not IPv4. Skipping"),
        None => no_group(line, &word),
    }
    Some(())
}

fn group_v6(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    match value::address(&word.text) {
        Some(IpAddr::V6(group)) if group.is_multicast() => {
            if group.segments()[0] & 0xf != 2 {
                let message =
                    format!("vrrp_mcast_group6 [{}] should be link-local multicast.", word.text);
                let found = Diagnostic::new(Class::Warning, message).at(word.span);
                line.add(found.hint("write an address of ff02::/16"));
            }
            root.globals.vrrp.group_v6 = group;
        }
        Some(IpAddr::V6(_)) => bad_group(line, &word, "is not multicast. Skipping"),
        Some(IpAddr::V4(_)) => bad_group(line, &word, "is not IPv6. Skipping"),
        None => no_group(line, &word),
    }
    Some(())
}

fn bad_group(line: &mut Line<'_, '_>, word: &Word, why: &str) {
    let keyword = line.text(0).unwrap_or_default();
    let message = format!("{keyword} [{}] {why}", word.text);
    line.add(Diagnostic::general(message).at(word.span).hint("write a multicast address"));
}

fn no_group(line: &mut Line<'_, '_>, word: &Word) {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let message = format!("Can't parse {keyword} [{}]. Skipping", word.text);
    read::wrong(line, word, message, "write a multicast address");
}

fn delay(line: &mut Line<'_, '_>) -> Option<Duration> {
    let word = line.required(1)?;
    let delay = read::timer(line, &word, Decimal::micros(1_000, 4_294_967_295))?;
    if delay >= Duration::from_secs(60) {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        line.notice(format!("The {keyword} is very large - {} seconds", word.text));
    }
    Some(delay)
}

/// The longest of several delays counts.
fn startup_delay(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let delay = delay(line)?;
    root.globals.startup_delay = root.globals.startup_delay.max(Some(delay));
    Some(())
}

/// A prefix of interface names; the first one counts.
fn prefix(place: &mut Option<String>, line: &mut Line<'_, '_>, what: &str) -> Option<()> {
    let word = line.required(1)?;
    if place.is_some() {
        line.error(format!("{what} has already been specified - ignoring {}", word.text));
        return None;
    }
    *place = Some(word.text);
    Some(())
}
