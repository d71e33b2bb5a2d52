//! What is known of a link: its addresses, its state and how that is learned, who tracks it.

use std::fmt::{Result, Write};

use conf::Config;
use net::{Family, Link, LinkName};
use vrrp::LinkView;
use vrrp::config::{Instance, Polling};

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
    if let Some(mac) = link.mac {
        writeln!(text, "   MAC = {mac}")?;
    }
    writeln!(text, "   State = {}", state(link))?;
    writeln!(text, "   Delayed state change running = {}", view.turning)?;
    writeln!(text, "   Up debounce timer = {}us", view.up_delay.as_micros())?;
    writeln!(text, "   Down debounce timer = {}us", view.down_delay.as_micros())?;
    writeln!(text, "   MTU = {}", link.mtu)?;
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

/// A link counts as up when it is switched on and has a carrier.
fn state(link: &Link) -> String {
    let words = [
        (link.up, "UP, RUNNING"),
        (!link.up, "not RUNNING"),
        (link.loopback, "loopback"),
        (!link.multicast, "no multicast"),
        (!link.arp, "no arp"),
    ];
    let words: Vec<&str> = words.iter().filter_map(|(on, word)| on.then_some(*word)).collect();
    words.join(", ")
}

fn write_trackers(text: &mut String, link: &LinkName, config: &Config) -> Result {
    let tracked = |instance: &Instance| {
        let mut links = instance.tracked_links.iter();
        let tracked = links.find(|tracked| tracked.object == *link)?;
        Some((instance.name.clone(), tracked.weight.number()))
    };
    let trackers: Vec<_> = config.vrrp.instances.iter().filter_map(tracked).collect();
    if trackers.is_empty() {
        return Ok(());
    }
    writeln!(text, "   Tracking VRRP instances :")?;
    trackers.iter().try_for_each(|(name, weight)| writeln!(text, "     {name}, weight {weight}"))
}
