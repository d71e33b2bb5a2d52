//! The daemon-wide settings in keepalived's words, all of them (compat 03 §7.4).
//!
//! Each group of settings is taken apart by its fields, so that one that is not shown does not
//! compile. What stands in compat has keepalived's heading; the rest has that of its keyword.

mod defaults;
mod events;
mod ipvs;
mod machine;
mod monitoring;
mod scripts;

use std::fmt::Display;

use conf::{DynamicInterfaces, Globals, ProcessNames};

/// The section with its head.
pub(super) fn text(globals: &Globals) -> String {
    let mut sheet = Sheet { text: "------< Global definitions >------\n".to_owned() };
    write(globals, &mut sheet);
    sheet.text
}

/// Lines that are indented as fields of a section.
struct Sheet {
    text: String,
}

impl Sheet {
    /// A line without a value.
    fn say(&mut self, line: impl Display) {
        self.text.push_str(&format!(" {line}\n"));
    }

    /// A line without a value, if it applies.
    fn say_if(&mut self, applies: bool, line: &str) {
        if applies {
            self.say(line);
        }
    }

    /// A setting and its value.
    fn set(&mut self, name: &str, value: impl Display) {
        self.say(format_args!("{name} = {value}"));
    }

    /// A setting, unless it was left open.
    fn given(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }
}

fn write(globals: &Globals, sheet: &mut Sheet) {
    let Globals {
        net_namespace,
        namespace_with_ipsets,
        instance,
        use_pid_dir,
        child_wait_time,
        router_id,
        names,
        mail,
        scripts,
        startup,
        shutdown,
        fifos,
        dynamic_interfaces,
        default_interface,
        poll_links,
        scheduling,
        vrrp,
        checkers,
        ipvs,
        firewall,
        snmp,
        dbus,
        buffers,
        umask,
        startup_delay,
        delay_after_boot,
        reload,
        files,
    } = globals;
    sheet.set("Network namespace", net_namespace.as_deref().unwrap_or("(default)"));
    ipvs::namespace(ipvs.namespace.as_ref(), sheet);
    sheet.say_if(*namespace_with_ipsets, "Network namespace with ipsets");
    sheet.given("Instance name", instance.as_ref());
    sheet.say_if(*use_pid_dir, "Use pid directory");
    sheet.set("Child wait time", child_wait_time.as_secs());
    process_names(names, sheet);
    scripts::paths(scripts, sheet);
    sheet.given("Router ID", router_id.as_ref());
    events::mail(mail, sheet);
    monitoring::checkers(*checkers, sheet);
    machine::reload(reload, sheet);
    scripts::one_time("Startup", startup, sheet);
    scripts::one_time("Shutdown", shutdown, sheet);
    interfaces(*dynamic_interfaces, *poll_links, sheet);
    sheet.set("Default interface", default_interface.as_ref().map_or("eth0", |link| link.as_str()));
    ipvs::table(ipvs, sheet);
    events::fifos(fifos, sheet);
    defaults::write(vrrp, sheet);
    ipvs::firewall(firewall, sheet);
    machine::scheduling(scheduling, sheet);
    monitoring::snmp(snmp, sheet);
    monitoring::dbus(dbus, sheet);
    scripts::account(scripts, sheet);
    machine::buffers(buffers, sheet);
    sheet.set("umask", format_args!("0{umask:o}"));
    sheet.given("vrrp_startup_delay", startup_delay.map(|delay| delay.as_secs_f64()));
    sheet.given("vrrp_delay_after_boot", delay_after_boot.map(|delay| delay.as_secs_f64()));
    machine::files(files, sheet);
}

fn process_names(names: &ProcessNames, sheet: &mut Sheet) {
    let ProcessNames { distinct, main, vrrp, checker, bfd } = names;
    sheet.say_if(*distinct, "Distinct process names");
    sheet.given("Parent process name", main.as_ref());
    sheet.given("VRRP process name", vrrp.as_ref());
    sheet.given("LVS process name", checker.as_ref());
    sheet.given("BFD process name", bfd.as_ref());
}

fn interfaces(dynamic: DynamicInterfaces, polled: bool, sheet: &mut Sheet) {
    let (dynamic, changes) = match dynamic {
        DynamicInterfaces::Off => (false, false),
        DynamicInterfaces::On => (true, false),
        DynamicInterfaces::AllowChanges => (true, true),
    };
    sheet.set("Dynamic interfaces", dynamic);
    sheet.say_if(changes, "Allow interface changes = true");
    sheet.say_if(polled, "Poll the link of every interface");
}

/// What is on or off, in words.
const fn enabled(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}

#[cfg(test)]
mod tests;
