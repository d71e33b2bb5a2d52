//! What instances take over when they say nothing themselves.

use std::time::Duration;

use conf::VrrpDefaults;
use vrrp::Version;
use vrrp::config::ExtraLinks;

use super::Sheet;

pub(super) fn write(vrrp: &VrrpDefaults, sheet: &mut Sheet) {
    let VrrpDefaults {
        version,
        group_v4,
        group_v6,
        garp_delay,
        garp_repeat,
        garp_refresh,
        garp_refresh_repeat,
        garp_lower_priority_delay,
        garp_lower_priority_repeat,
        garp_interval,
        gna_interval,
        down_timer_adverts,
        lower_priority_no_advert,
        higher_priority_send_advert,
        check_unicast_source,
        skip_address_check,
        owner_ignores_adverts,
        strict,
        extra_links,
        checksum_as_v2,
        notify_priority_changes,
        no_local_igmp,
        log_unknown_vrids,
        vmac_prefix,
        vmac_address_prefix,
    } = vrrp;
    sheet.set("Disable local IGMP", if *no_local_igmp { "yes" } else { "no" });
    sheet.set("Use VRRPv2 checksum for VRRPv3 IPv4", checksum_as_v2);
    sheet.set("VRRP notify priority changes", notify_priority_changes);
    sheet.set("VRRP IPv4 mcast group", group_v4);
    sheet.set("VRRP IPv6 mcast group", group_v6);
    sheet.set("Gratuitous ARP delay", garp_delay.as_secs());
    sheet.set("Gratuitous ARP repeat", garp_repeat);
    sheet.set("Gratuitous ARP refresh timer", garp_refresh.as_secs());
    sheet.set("Gratuitous ARP refresh repeat", garp_refresh_repeat);
    let delay = garp_lower_priority_delay.unwrap_or(*garp_delay);
    sheet.set("Gratuitous ARP lower priority delay", delay.as_secs());
    let repeat = garp_lower_priority_repeat.unwrap_or(*garp_repeat);
    sheet.set("Gratuitous ARP lower priority repeat", repeat);
    sheet.set("Num adverts before down", down_timer_adverts);
    extra(*extra_links, sheet);
    let lower = !lower_priority_no_advert.unwrap_or(false);
    sheet.set("Send advert after receive lower priority advert", lower);
    sheet.set("Send advert after receive higher priority advert", higher_priority_send_advert);
    interval("Gratuitous ARP interval", *garp_interval, sheet);
    interval("Gratuitous NA interval", *gna_interval, sheet);
    sheet.set("VRRP default protocol version", version.unwrap_or(Version::V2).number());
    sheet.set("VRRP check unicast_src", check_unicast_source);
    sheet.set("VRRP skip check advert addresses", skip_address_check);
    sheet.set("VRRP strict mode", strict);
    sheet.say_if(*log_unknown_vrids, "log_unknown_vrids");
    sheet.say_if(*owner_ignores_adverts, "vrrp_owner_ignore_adverts");
    sheet.given("VMAC prefix", vmac_prefix.as_ref());
    sheet.given("VMAC address prefix", vmac_address_prefix.as_ref());
}

fn extra(extra: Option<ExtraLinks>, sheet: &mut Sheet) {
    let (links, seconds) = match extra {
        None => ("VMAC", 0),
        Some(ExtraLinks { every: interval, all: false }) => ("VMAC", interval.as_secs()),
        Some(ExtraLinks { every: interval, all: true }) => ("i/f", interval.as_secs()),
    };
    let name = format!("Gratuitous ARP for each secondary {links}");
    sheet.set(&name, format_args!("{seconds}s"));
}

fn interval(name: &str, interval: Option<Duration>, sheet: &mut Sheet) {
    let seconds = interval.unwrap_or(Duration::ZERO).as_secs_f64();
    sheet.set(name, format_args!("{seconds:.6}"));
}
