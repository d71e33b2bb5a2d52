//! One virtual router. Every value stands in it, so that it does not depend on defaults; its
//! passwords and keys do too.

use ::vrrp::config::{
    Authentication, Cast, Device, Freshness, Hmac, HmacMode, Initial, Instance, IpvlanMode,
    LaterOptions, Preemption, Seat, Tracked, UnicastChecksum,
};
use ::vrrp::{Version, Weight};
use net::{Family, LinkName};

use super::{notify, object, switch, tracked};
use crate::Config;
use crate::print::{Writer, seconds};

pub(super) fn print(instance: &Instance, config: &Config, out: &mut Writer) {
    out.block("vrrp_instance", &[instance.name.as_str()], |out| {
        basics(instance, out);
        cast(instance, out);
        timing(instance, out);
        device(instance, out);
        authentication(instance, out);
        trackers(instance, out);
        object::addresses("virtual_ipaddress", &instance.addresses, out);
        object::addresses("virtual_ipaddress_excluded", &instance.excluded, out);
        object::held(&instance.routes, &instance.rules, out);
        if instance.addresses.is_empty() && !instance.options.strict {
            out.statement("no_virtual_ipaddress", &[]);
        }
        announcement(instance, out);
        options(instance, out);
        later(&instance.options.later, out);
        notify(&instance.notify, out);
        let alerted = config.mail_alerts.instances.contains(&instance.name);
        out.statement("smtp_alert", &[switch(alerted)]);
        if let Some((link, _)) =
            config.sync_daemon.as_ref().filter(|(_, name)| *name == instance.name)
        {
            out.statement("lvs_sync_daemon_interface", &[link.as_str()]);
        }
    });
}

fn basics(instance: &Instance, out: &mut Writer) {
    // The version comes first: an address of IPv6 would decide it.
    out.statement("version", &[&instance.version.number().to_string()]);
    if instance.family == Family::V6 {
        out.statement("native_ipv6", &[]);
    }
    out.statement("strict_mode", &[switch(instance.options.strict)]);
    match &instance.seat {
        Seat::Link { link, .. } => out.statement("interface", &[link.as_str()]),
        Seat::Address { vrf: Some(vrf), .. } => out.statement("vrf", &[vrf.as_str()]),
        Seat::Address { vrf: None, .. } => {}
    }
    out.statement("virtual_router_id", &[&instance.vrid.number().to_string()]);
    let state = match instance.initial {
        Initial::Backup => "BACKUP",
        Initial::Master => "MASTER",
    };
    out.statement("state", &[state]);
    out.statement("priority", &[&instance.priority.to_string()]);
}

fn cast(instance: &Instance, out: &mut Writer) {
    let source = instance.seat.source().map(|ip| ip.to_string());
    match &instance.cast {
        Cast::Multicast { group } => {
            out.statement("mcast_dst_ip", &[&group.to_string()]);
            if let Some(source) = source {
                out.statement("mcast_src_ip", &[&source]);
            }
        }
        Cast::Unicast { peers } => {
            if let Some(source) = source {
                out.statement("unicast_src_ip", &[&source]);
            }
            if peers.is_empty() {
                return out.statement("unicast_fault_no_peer", &[]);
            }
            out.block("unicast_peer", &[], |out| {
                for peer in peers {
                    let (least, most) = (peer.min_ttl.to_string(), peer.max_ttl.to_string());
                    let address = peer.address.to_string();
                    if (peer.min_ttl, peer.max_ttl) == (0, 255) {
                        out.line(&[&address]);
                    } else {
                        out.line(&[&address, "min_ttl", &least, "max_ttl", &most]);
                    }
                }
            });
            out.statement("unicast_ttl", &[&instance.ttl.to_string()]);
            if instance.options.check_unicast_source {
                out.statement("check_unicast_src", &[]);
            }
        }
    }
}

fn timing(instance: &Instance, out: &mut Writer) {
    let interval = match instance.version {
        Version::V2 => instance.advert_interval.duration().as_secs().to_string(),
        Version::V3 => seconds(instance.advert_interval.duration()),
    };
    out.statement("advert_int", &[&interval]);
    out.statement("down_timer_adverts", &[&instance.down_timer_adverts.to_string()]);
    match instance.preemption {
        Preemption::Immediate => {}
        Preemption::Delayed(delay) => out.statement("preempt_delay", &[&seconds(delay)]),
        Preemption::Never => out.statement("nopreempt", &[]),
    }
}

fn device(instance: &Instance, out: &mut Writer) {
    let (group, base) = match &instance.device {
        Device::Link => return,
        Device::Vmac(vmac) => {
            let mut words = Vec::new();
            if let Some(name) = &vmac.name {
                words.extend(["name".to_owned(), name.to_string()]);
            }
            if let Some(mac) = vmac.mac {
                words.push(mac.0.map(|octet| format!("{octet:02x}")).join(":"));
            }
            if vmac.notify {
                words.push("netlink_notify_msg".to_owned());
            }
            (("use_vmac", words, vmac.group), vmac.send_from_base)
        }
        Device::Ipvlan(ipvlan) => {
            let mut words = Vec::new();
            if let Some(name) = &ipvlan.name {
                words.extend(["name".to_owned(), name.to_string()]);
            }
            if let Some((ip, prefix)) = ipvlan.address {
                words.push(format!("{ip}/{prefix}"));
            }
            let mode = match ipvlan.mode {
                IpvlanMode::Bridge => "bridge",
                IpvlanMode::Private => "private",
                IpvlanMode::Vepa => "vepa",
            };
            words.push(mode.to_owned());
            (("use_ipvlan", words, ipvlan.group), ipvlan.send_from_base)
        }
    };
    let (keyword, mut words, number) = group;
    if let Some(number) = number {
        words.extend(["group".to_owned(), number.to_string()]);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    out.statement(keyword, &words);
    if base {
        out.statement("vmac_xmit_base", &[]);
    }
}

fn authentication(instance: &Instance, out: &mut Writer) {
    let written = match &instance.authentication {
        Authentication::None => None,
        Authentication::Pass(password) => Some(("PASS", password)),
        Authentication::Ah(password) => Some(("AH", password)),
    };
    if let Some((kind, password)) = written {
        out.block("authentication", &[], |out| {
            out.statement("auth_type", &[kind]);
            out.statement("auth_pass", &[&self::password(password)]);
        });
    }
    if let Some(hmac) = &instance.hmac {
        self::hmac(hmac, out);
    }
}

/// A password that was cut inside a character gets one that is cut there again.
fn password(bytes: &[u8]) -> String {
    let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let bytes = &bytes[..length];
    let ends = [&[][..], &[0x80], &[0xbf], &[0x80; 2], &[0xbf; 2], &[0x80; 3], &[0xbf; 3]];
    let mut texts = ends.iter().flat_map(|end| String::from_utf8([bytes, end].concat()));
    texts.next().unwrap_or_default()
}

fn hmac(hmac: &Hmac, out: &mut Writer) {
    out.block("auth_hmac", &[], |out| {
        for key in &hmac.keys {
            let digits: String = key.secret.iter().map(|byte| format!("{byte:02x}")).collect();
            out.statement("key", &[&key.id.to_string(), &format!("hex:{digits}")]);
        }
        out.statement("active_key", &[&hmac.active.to_string()]);
        out.statement("time_window", &[&hmac.window.as_secs().to_string()]);
        let freshness = match hmac.freshness {
            Freshness::Time => "time",
            Freshness::Monotonic => "monotonic",
        };
        out.statement("anti_replay", &[freshness]);
        let mode = match hmac.mode {
            HmacMode::Enforce => "enforce",
            HmacMode::Permissive => "permissive",
            HmacMode::ReceiveOnly => "receive-only",
        };
        out.statement("mode", &[mode]);
    });
}

fn trackers(instance: &Instance, out: &mut Writer) {
    let device = instance.seat.device();
    let own = |tracked: &&Tracked<LinkName>| Some(&tracked.object) == device;
    if device.is_some() && !instance.tracked_links.iter().any(|tracked| own(&tracked)) {
        out.statement("dont_track_primary", &[]);
    }
    let others: Vec<Tracked<LinkName>> =
        instance.tracked_links.iter().filter(|tracked| !own(tracked)).cloned().collect();
    tracked::list("track_interface", &others, LinkName::as_str, Weight::number, out);
    tracked::scripts(&instance.tracked_scripts, out);
    tracked::watched(&instance.watched, out);
}

fn announcement(instance: &Instance, out: &mut Writer) {
    let announcement = &instance.announcement;
    let refresh = announcement.refresh.unwrap_or_default();
    let numbers = [
        ("garp_master_delay", announcement.delay.as_secs()),
        ("garp_master_repeat", announcement.repeat.into()),
        ("garp_master_refresh", refresh.as_secs()),
        ("garp_master_refresh_repeat", announcement.refresh_repeat.into()),
        ("garp_lower_prio_delay", announcement.lower_priority_delay.as_secs()),
        ("garp_lower_prio_repeat", announcement.lower_priority_repeat.into()),
    ];
    for (keyword, number) in numbers {
        // None is not to be had but from `vrrp_min_garp`, which is printed.
        if keyword != "garp_master_refresh_repeat" || number > 0 {
            out.statement(keyword, &[&number.to_string()]);
        }
    }
    match announcement.extra_links.map(|extra| (extra.all, extra.every.as_secs().to_string())) {
        None => out.statement("garp_extra_if", &["0"]),
        Some((false, every)) => out.statement("garp_extra_if", &[&every]),
        Some((true, every)) => out.statement("garp_extra_if", &["all", &every]),
    }
}

fn options(instance: &Instance, out: &mut Writer) {
    let options = &instance.options;
    let switches = [
        ("lower_prio_no_advert", options.lower_priority_no_advert),
        ("higher_prio_send_advert", options.higher_priority_send_advert),
        ("skip_check_adv_addr", options.skip_address_check),
        ("notify_priority_changes", options.tells_priority),
    ];
    for (keyword, on) in switches {
        out.statement(keyword, &[switch(on)]);
    }
    if instance.priority.is_owner() {
        out.statement("owner_ignore_adverts", &[switch(options.owner_ignores_adverts)]);
    }
    let flags = [
        ("track_src_ip", options.tracks_source),
        ("promote_secondaries", options.promotes_secondaries),
        ("linkbeat_use_polling", options.polls_link),
    ];
    for (keyword, _) in flags.iter().filter(|(_, on)| *on) {
        out.statement(keyword, &[]);
    }
    match options.unicast_checksum {
        UnicastChecksum::Detected => {}
        UnicastChecksum::Old => out.statement("old_unicast_checksum", &[]),
        UnicastChecksum::Never => out.statement("old_unicast_checksum", &["never"]),
    }
    out.statement("v3_checksum_as_v2", &[switch(options.checksum_as_v2)]);
    if options.receive_buffer > 0 {
        out.statement("kernel_rx_buf_size", &[&options.receive_buffer.to_string()]);
    }
    if let Some(priority) = options.steps_down_for {
        out.statement("timer_expired_backup", &[&priority.to_string()]);
    }
}

fn later(later: &LaterOptions, out: &mut Writer) {
    out.statement(if later.refuses_packets { "no_accept" } else { "accept" }, &[]);
    if later.vmac_for_addresses {
        out.statement("use_vmac_addr", &[]);
    }
}
