//! What `-d` shows: the configuration as the daemon understood it, line by line.
//!
//! The headings and the keys are keepalived's (compat 03 §7.4); passwords are not shown. State
//! at run time is not part of it.

mod reload;
mod services;

use std::fmt::Write as _;
use std::time::Duration;

use conf::Config;
use vrrp::config::{
    Authentication, Cast, Instance, Preemption, Script, SyncGroup, Tracked, VirtualAddress,
};

/// The lines of the dump.
pub(crate) fn lines(config: &Config) -> Vec<String> {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = write_all(&mut text, config);
    text.lines().map(str::to_owned).collect()
}

/// The dump of the VRRP part alone.
pub(crate) fn routing(config: &Config) -> String {
    let mut text = String::new();
    let _ = write_globals(&mut text, config).and_then(|()| write_routing(&mut text, config));
    text
}

/// The dump of the balancing part alone.
pub(crate) fn balancing(config: &Config) -> String {
    let mut text = String::new();
    let _ = write_globals(&mut text, config).and_then(|()| services::write(&mut text, &config.lvs));
    text
}

fn write_all(text: &mut String, config: &Config) -> std::fmt::Result {
    write_globals(text, config)?;
    write_routing(text, config)?;
    services::write(text, &config.lvs)
}

fn write_globals(text: &mut String, config: &Config) -> std::fmt::Result {
    let globals = &config.globals;
    writeln!(text, "------< Global definitions >------")?;
    let namespace = globals.net_namespace.as_deref().unwrap_or("(default)");
    writeln!(text, " Network namespace = {namespace}")?;
    if let Some(id) = &globals.router_id {
        writeln!(text, " Router ID = {id}")?;
    }
    let security = if globals.scripts.secure { "enabled" } else { "disabled" };
    writeln!(text, " Script security {security}")?;
    reload::write(text, &globals.reload)
}

fn write_routing(text: &mut String, config: &Config) -> std::fmt::Result {
    if !config.vrrp.instances.is_empty() {
        writeln!(text, "------< VRRP Topology >------")?;
    }
    config.vrrp.instances.iter().try_for_each(|instance| write_instance(text, instance))?;
    if !config.vrrp.groups.is_empty() {
        writeln!(text, "------< VRRP Sync groups >------")?;
    }
    config.vrrp.groups.iter().try_for_each(|group| write_group(text, group))?;
    if !config.vrrp.scripts.is_empty() {
        writeln!(text, "------< VRRP Scripts >------")?;
    }
    config.vrrp.scripts.iter().try_for_each(|script| write_script(text, script))
}

fn write_instance(text: &mut String, instance: &Instance) -> std::fmt::Result {
    writeln!(text, " VRRP Instance = {}", instance.name)?;
    writeln!(text, "   VRRP Version = {}", instance.version.number())?;
    writeln!(text, "   Wantstate = {}", format!("{:?}", instance.initial).to_uppercase())?;
    writeln!(text, "   Interface = {}", instance.link)?;
    if let Some(source) = instance.source {
        writeln!(text, "   Using src_ip = {source}")?;
    }
    let announcement = &instance.announcement;
    writeln!(text, "   Gratuitous ARP delay = {}", announcement.delay.as_secs())?;
    writeln!(text, "   Gratuitous ARP repeat = {}", announcement.repeat)?;
    let refresh = announcement.refresh.unwrap_or(Duration::ZERO);
    writeln!(text, "   Gratuitous ARP refresh = {}", refresh.as_secs())?;
    writeln!(text, "   Virtual Router ID = {}", instance.vrid)?;
    writeln!(text, "   Priority = {}", instance.priority)?;
    let interval = instance.advert_interval.duration().as_millis();
    writeln!(text, "   Advert interval = {interval} milli-sec")?;
    write_preemption(text, instance.preemption)?;
    match instance.authentication {
        Authentication::None => {}
        Authentication::Pass(_) => writeln!(text, "   Authentication type = SIMPLE_PASSWORD")?,
        Authentication::Ah(_) => writeln!(text, "   Authentication type = IPSEC_AH")?,
    }
    write_cast(text, &instance.cast)?;
    write_addresses(text, "Virtual IP", &instance.addresses)?;
    write_addresses(text, "Virtual IP Excluded", &instance.excluded)?;
    write_tracked(text, "interfaces", &instance.tracked_links)?;
    write_tracked(text, "scripts", &instance.tracked_scripts)
}

fn write_preemption(text: &mut String, preemption: Preemption) -> std::fmt::Result {
    match preemption {
        Preemption::Immediate => writeln!(text, "   Preempt = enabled"),
        Preemption::Never => writeln!(text, "   Preempt = disabled"),
        Preemption::Delayed(delay) => {
            writeln!(text, "   Preempt = enabled")?;
            writeln!(text, "   Preempt delay = {} secs", delay.as_secs_f64())
        }
    }
}

fn write_cast(text: &mut String, cast: &Cast) -> std::fmt::Result {
    match cast {
        Cast::Multicast { group } => writeln!(text, "   Multicast address = {group}"),
        Cast::Unicast { peers } => {
            writeln!(text, "   Unicast Peers :")?;
            peers.iter().try_for_each(|peer| writeln!(text, "     {}", peer.address))
        }
    }
}

fn write_addresses(text: &mut String, title: &str, all: &[VirtualAddress]) -> std::fmt::Result {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(text, "   {title} ({}):", all.len())?;
    for one in all {
        let address = &one.address;
        write!(text, "     {address} dev {} scope {}", address.link, address.scope.0)?;
        if let Some(label) = &address.label {
            write!(text, " label {}", label.as_str())?;
        }
        writeln!(text, "{}", if one.tracked { "" } else { " no_track" })?;
    }
    Ok(())
}

fn write_tracked<T: std::fmt::Debug>(
    text: &mut String,
    kind: &str,
    all: &[Tracked<T>],
) -> std::fmt::Result {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(text, "   Tracked {kind} :")?;
    for tracked in all {
        let reverse = if tracked.reverse { " reverse" } else { "" };
        writeln!(text, "     {:?} weight {}{reverse}", tracked.object, tracked.weight.number())?;
    }
    Ok(())
}

fn write_group(text: &mut String, group: &SyncGroup) -> std::fmt::Result {
    writeln!(text, " VRRP Sync Group = {}", group.name)?;
    writeln!(text, "   VRRP member instances :")?;
    group.members.iter().try_for_each(|member| writeln!(text, "     {member}"))
}

fn write_script(text: &mut String, script: &Script) -> std::fmt::Result {
    writeln!(text, " VRRP Script = {}", script.name)?;
    writeln!(text, "   Command = '{}'", script.command.argv.join("' '"))?;
    writeln!(text, "   Interval = {} sec", script.interval.as_secs_f64())?;
    writeln!(text, "   Timeout = {} sec", script.timeout.as_secs_f64())?;
    writeln!(text, "   Rise = {}", script.rise)?;
    writeln!(text, "   Fall = {}", script.fall)?;
    writeln!(text, "   Script uid:gid = {}:{}", script.command.uid, script.command.gid)
}
