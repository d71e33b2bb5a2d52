//! What is known of a link: its addresses, its state and how that is learned, who tracks it.

use std::fmt::{Result, Write};

use conf::Config;
use net::{Family, Link, LinkName};
use vrrp::LinkView;
use vrrp::config::Polling;

use super::trackers;

/// Kinds of hardware (`ARPHRD_*`).
const ETHERNET: u16 = 1;
const LOOPBACK: u16 = 772;
/// Flags of links.
const IFF_UP: u32 = 0x1;
const IFF_BROADCAST: u32 = 0x2;
const IFF_POINTOPOINT: u32 = 0x10;

/// One link, with the instances that track it.
pub(super) fn write(text: &mut String, view: &LinkView, config: &Config) -> Result {
    let link = &view.link;
    writeln!(text, " Name = {}", link.name)?;
    writeln!(text, "   index = {}", link.index.0)?;
    for family in [Family::V4, Family::V6] {
        let addresses = link.addresses.iter().map(|held| held.ip);
        let mut addresses = addresses.filter(|ip| Family::of(*ip) == family).peekable();
        let version = if family == Family::V4 { 4 } else { 6 };
        if addresses.peek().is_none() {
            writeln!(text, "   IPv{version} address = (none)")?;
        }
        addresses.try_for_each(|ip| writeln!(text, "   IPv{version} address = {ip}"))?;
    }
    if let Some(mac) = link.mac.filter(|_| !link.loopback) {
        writeln!(text, "   MAC = {mac}")?;
    }
    writeln!(text, "   State = {}", state(link))?;
    writeln!(text, "   Seen up = {}", u8::from(view.seen_up))?;
    writeln!(text, "   Delayed state change running = {}", view.turning)?;
    writeln!(text, "   Up debounce timer = {}us", view.up_delay.as_micros())?;
    writeln!(text, "   Down debounce timer = {}us", view.down_delay.as_micros())?;
    writeln!(text, "   MTU = {}", link.mtu)?;
    writeln!(text, "   HW Type = {}", hardware(link))?;
    writeln!(text, "   {}", observed(config, &link.name))?;
    write_trackers(text, &link.name, config)
}

/// How its state is learned.
fn observed(config: &Config, link: &LinkName) -> &'static str {
    match config.vrrp.polled().get(link) {
        None => "NIC netlink status update",
        Some(Polling::Any | Polling::Ethtool) => "NIC support ETHTOOL GLINK interface",
        Some(Polling::Mii) => "NIC support MII interface",
        Some(Polling::Ioctl) => "NIC ioctl refresh polling",
    }
}

fn hardware(link: &Link) -> String {
    match link.hardware {
        ETHERNET => "ETHERNET".to_owned(),
        LOOPBACK => "LOOPBACK".to_owned(),
        other => format!("UNKNOWN ({other})"),
    }
}

/// A link counts as up when it is switched on and has a carrier.
fn state(link: &Link) -> String {
    let has = |flag| link.flags & flag != 0;
    let words = [
        (true, if link.up || has(IFF_UP) { "UP" } else { "not UP" }),
        (true, if link.up { "RUNNING" } else { "not RUNNING" }),
        (!has(IFF_BROADCAST), "no broadcast"),
        (link.loopback, "loopback"),
        (has(IFF_POINTOPOINT), "point to point"),
        (!link.multicast, "no multicast"),
        (!link.arp, "no arp"),
    ];
    let words: Vec<&str> = words.iter().filter_map(|(on, word)| on.then_some(*word)).collect();
    words.join(", ")
}

fn write_trackers(text: &mut String, link: &LinkName, config: &Config) -> Result {
    let trackers = trackers::lines(
        &config.vrrp,
        link,
        |instance| &instance.tracked_links,
        |group| &group.tracked_links,
    );
    if trackers.is_empty() {
        return Ok(());
    }
    write!(text, "   Tracking VRRP instances :\n{trackers}")
}
