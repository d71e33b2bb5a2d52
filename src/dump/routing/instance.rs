//! One instance: its state, its configuration, its addresses.

use std::fmt::{Result, Write};
use std::time::Duration;

use conf::Config;
use net::LinkName;
use vrrp::View;
use vrrp::config::{
    Announcement, Authentication, Cast, Instance, Preemption, Seat, Tracked, UnicastChecksum,
    VirtualAddress,
};
use vrrp::{LinkView, StateKind, Version};

use super::trackers::reverse;
use super::{notify, sockets, watched, yes};
use crate::dump::{Moment, address, object, time};
use crate::vrrp_task::OpenSockets;

pub(super) fn write(
    text: &mut String,
    instance: &Instance,
    config: &Config,
    moment: Option<Moment<'_>>,
) -> Result {
    writeln!(text, " VRRP Instance = {}", instance.name)?;
    writeln!(text, "   VRRP Version = {}", instance.version.number())?;
    let mut groups = config.vrrp.groups.iter();
    if let Some(group) = groups.find(|group| group.members.contains(&instance.name)) {
        writeln!(text, "   Sync group = {}", group.name)?;
    }
    if instance.family == net::Family::V6 {
        writeln!(text, "   Using Native IPv6")?;
    }
    let views = moment.map(|moment| &moment.shown.router.instances);
    let view = views.and_then(|views| views.iter().find(|view| view.config.name == instance.name));
    match moment.zip(view) {
        Some((moment, view)) => write_state(text, moment, view)?,
        None => {
            let wish = format!("{:?}", instance.initial).to_uppercase();
            writeln!(text, "   Wantstate = {wish}")?;
        }
    }
    write_settings(text, instance, moment, view)?;
    write_all_addresses(text, instance, moment)?;
    if let Some(moment) = moment {
        write_sockets(text, instance, &moment.shown.sockets)?;
    }
    object::write_held(text, "Virtual Routes", &instance.routes)?;
    object::write_held(text, "Virtual Rules", &instance.rules)?;
    // Its own link is understood.
    let own = |tracked: &Tracked<LinkName>| Some(&tracked.object) == instance.seat.device();
    let links = instance.tracked_links.iter().filter(|tracked| !own(tracked)).cloned();
    write_tracked(text, "interfaces", &links.collect::<Vec<_>>())?;
    write_tracked(text, "scripts", &instance.tracked_scripts)?;
    watched::write_tracked(text, &instance.watched)?;
    let mails = config.mail_alerts.instances.contains(&instance.name);
    writeln!(text, "   Using smtp notification = {}", yes(mails))?;
    let deleted = if instance.notify.deleted.is_some() { "Deleted" } else { "Fault" };
    writeln!(text, "   Notify deleted = {deleted}")?;
    notify::write(text, &instance.notify)?;
    writeln!(text, "   Notify priority changes = {}", instance.options.tells_priority)
}

/// What is only true now.
fn write_state(text: &mut String, moment: Moment<'_>, view: &View) -> Result {
    writeln!(text, "   State = {}", view.state)?;
    if view.state == StateKind::Backup {
        if let Some((master, priority)) = view.master {
            writeln!(text, "   Master router = {master}")?;
            writeln!(text, "   Master priority = {priority}")?;
        }
        if view.config.version == Version::V3 {
            let seconds = view.interval.duration().as_secs_f64();
            writeln!(text, "   Master advert int = {seconds:.2} sec")?;
        }
    }
    write_flags(text, &view.config)?;
    writeln!(text, "   Wantstate = {}", view.wish)?;
    let configured = view.faults.iter().filter(|cause| cause.is_configured()).count();
    writeln!(text, "   Number of config faults = {configured}")?;
    writeln!(text, "   Number of tracker faults = {}", view.faults.len() - configured)?;
    writeln!(text, "   Number of track scripts init = {}", u8::from(view.awaiting))?;
    let wall = |at| time::moment(moment.shown.since_1970(at));
    if let Some(at) = view.changed_at {
        writeln!(text, "   Last transition = {}", wall(at))?;
    }
    let timeout = view.deadline.map_or_else(|| "DISABLED".to_owned(), wall);
    writeln!(text, "   Read timeout = {timeout}")?;
    writeln!(text, "   Master down timer = {} usecs", view.master_down.as_micros())
}

fn write_flags(text: &mut String, instance: &Instance) -> Result {
    match &instance.cast {
        Cast::Unicast { .. } => writeln!(text, "   Flags:\n     Using unicast"),
        // That it never preempts is a flag too, which is not named.
        Cast::Multicast { .. } if instance.preemption == Preemption::Never => {
            writeln!(text, "   Flags:")
        }
        Cast::Multicast { .. } => writeln!(text, "   Flags: none"),
    }
}

fn write_settings(
    text: &mut String,
    instance: &Instance,
    moment: Option<Moment<'_>>,
    view: Option<&View>,
) -> Result {
    let options = &instance.options;
    match &instance.seat {
        Seat::Link { link, .. } => writeln!(text, "   Interface = {link}")?,
        Seat::Address { vrf: Some(vrf), .. } => writeln!(text, "   VRF = {vrf}")?,
        Seat::Address { vrf: None, .. } => {}
    }
    if options.strict {
        writeln!(text, "   Enforcing strict VRRP compliance")?;
    }
    if options.skip_address_check {
        writeln!(text, "   Skip checking advert IP addresses")?;
    }
    write_source(text, instance, view)?;
    write_group(text, instance, moment)?;
    write_announcement(text, &instance.announcement)?;
    writeln!(text, "   Down timer adverts = {}", instance.down_timer_adverts)?;
    let (lower, higher) = (!options.lower_priority_no_advert, options.higher_priority_send_advert);
    writeln!(text, "   Send advert after receive lower priority advert = {lower}")?;
    writeln!(text, "   Send advert after receive higher priority advert = {higher}")?;
    writeln!(text, "   Virtual Router ID = {}", instance.vrid)?;
    writeln!(text, "   Priority = {}", instance.priority)?;
    if let Some(view) = view {
        writeln!(text, "   Effective priority = {}", view.priority)?;
        writeln!(text, "   Total priority = {}", view.total)?;
    }
    write_interval(text, instance)?;
    let following = view.filter(|view| view.state == StateKind::Backup);
    if let Some(view) = following.filter(|_| instance.version == Version::V3) {
        let interval = view.interval.duration().as_millis();
        writeln!(text, "   Master advert interval = {interval} milli-sec")?;
    }
    let accept = !options.later.refuses_packets;
    writeln!(text, "   Accept = {}", enabled(accept))?;
    write_preemption(text, instance.preemption)?;
    writeln!(text, "   Promote_secondaries = {}", enabled(options.promotes_secondaries))?;
    write_authentication(text, instance)
}

fn write_source(text: &mut String, instance: &Instance, view: Option<&View>) -> Result {
    match (instance.seat.source(), view.and_then(|view| view.source)) {
        (Some(source), _) => writeln!(text, "   Using src_ip = {source} (from configuration)"),
        (None, Some(source)) => writeln!(text, "   Using src_ip = {source}"),
        (None, None) if view.is_some() => writeln!(text, "   Using src_ip = (none)"),
        (None, None) => Ok(()),
    }
}

/// Over IPv6 a group is one of a link.
fn write_group(text: &mut String, instance: &Instance, moment: Option<Moment<'_>>) -> Result {
    let Cast::Multicast { group } = &instance.cast else { return Ok(()) };
    let links = moment.map_or(&[][..], |moment| &moment.shown.router.links);
    let own = |view: &&LinkView| Some(&view.link.name) == instance.seat.link();
    match links.iter().find(own).filter(|_| group.is_ipv6()) {
        Some(view) => writeln!(text, "   Multicast address {group}, ifindex {}", view.link.index.0),
        None => writeln!(text, "   Multicast address {group}"),
    }
}

fn write_announcement(text: &mut String, announcement: &Announcement) -> Result {
    let refresh = announcement.refresh.unwrap_or(Duration::ZERO);
    writeln!(text, "   Gratuitous ARP delay = {}", announcement.delay.as_secs_f64())?;
    writeln!(text, "   Gratuitous ARP repeat = {}", announcement.repeat)?;
    writeln!(text, "   Gratuitous ARP refresh = {}", refresh.as_secs())?;
    writeln!(text, "   Gratuitous ARP refresh repeat = {}", announcement.refresh_repeat)?;
    let (delay, repeat) = (announcement.lower_priority_delay, announcement.lower_priority_repeat);
    writeln!(text, "   Gratuitous ARP lower priority delay = {}", delay.as_secs())?;
    writeln!(text, "   Gratuitous ARP lower priority repeat = {repeat}")
}

fn write_interval(text: &mut String, instance: &Instance) -> Result {
    let interval = instance.advert_interval.duration();
    match instance.version {
        Version::V2 => writeln!(text, "   Advert interval = {} sec", interval.as_secs()),
        Version::V3 => writeln!(text, "   Advert interval = {} milli-sec", interval.as_millis()),
    }
}

fn write_preemption(text: &mut String, preemption: Preemption) -> Result {
    match preemption {
        Preemption::Immediate => writeln!(text, "   Preempt = enabled"),
        Preemption::Never => writeln!(text, "   Preempt = disabled"),
        Preemption::Delayed(delay) => {
            writeln!(text, "   Preempt = enabled")?;
            writeln!(text, "   Preempt delay = {} secs", delay.as_secs_f64())
        }
    }
}

fn write_authentication(text: &mut String, instance: &Instance) -> Result {
    let kind = match instance.authentication {
        Authentication::None if instance.version == Version::V2 => "none",
        Authentication::None => return Ok(()),
        Authentication::Pass(_) => "SIMPLE_PASSWORD",
        Authentication::Ah(_) => "IPSEC_AH",
    };
    writeln!(text, "   Authentication type = {kind}")?;
    match instance.authentication {
        Authentication::None | Authentication::Ah(_) => Ok(()),
        Authentication::Pass(_) => writeln!(text, "   Password = ********"),
    }
}

fn write_all_addresses(
    text: &mut String,
    instance: &Instance,
    moment: Option<Moment<'_>>,
) -> Result {
    if !instance.addresses.is_empty() {
        writeln!(text, "   Virtual IP ({}):", instance.addresses.len())?;
    }
    write_addresses(text, &instance.addresses, moment)?;
    if !instance.excluded.is_empty() {
        writeln!(text, "   Virtual IP Excluded :")?;
    }
    write_addresses(text, &instance.excluded, moment)?;
    if let Cast::Unicast { peers } = &instance.cast {
        writeln!(text, "   Unicast TTL = {}", instance.ttl)?;
        writeln!(text, "   Check unicast src : {}", yes(instance.options.check_unicast_source))?;
        writeln!(text, "   Unicast Peer :")?;
        for peer in peers {
            let (low, high) = (peer.min_ttl, peer.max_ttl);
            writeln!(text, "     {} min_ttl {low} max_ttl {high}", peer.address)?;
        }
        let checksum = match instance.options.unicast_checksum {
            UnicastChecksum::Detected => "no",
            UnicastChecksum::Old => "config",
            UnicastChecksum::Never => "never",
        };
        writeln!(text, "   Unicast checksum compatibility = {checksum}")?;
    }
    Ok(())
}

fn write_sockets(text: &mut String, instance: &Instance, open: &[OpenSockets]) -> Result {
    match open.iter().find(|pair| sockets::serves(&pair.endpoint, instance)) {
        Some(pair) => writeln!(text, "   fd_in {}, fd_out {}", pair.receiver, pair.sender),
        None => writeln!(text, "   No sockets allocated"),
    }
}

fn write_addresses(
    text: &mut String,
    all: &[VirtualAddress],
    moment: Option<Moment<'_>>,
) -> Result {
    let held = moment.map(|moment| moment.held);
    all.iter().try_for_each(|one| writeln!(text, "     {}", address::shown(one, held)))
}

pub(super) fn write_tracked<T: std::fmt::Debug>(
    text: &mut String,
    kind: &str,
    all: &[Tracked<T>],
) -> Result {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(text, "   Tracked {kind} :")?;
    for tracked in all {
        let (weight, reverse) = (tracked.weight.number(), reverse(tracked.reverse));
        writeln!(text, "     {:?} weight {weight}{reverse}", tracked.object)?;
    }
    Ok(())
}

const fn enabled(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}
