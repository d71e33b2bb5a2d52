//! Scripts, instances and sync groups.
//!
//! Instances that wait for what the core does not do yet are printed like the others.

mod instance;
mod object;
mod tracked;

use ::vrrp::config::{Command, Deleted, Notify, Script, SyncGroup};
use net::LinkName;

use super::{Writer, seconds};
use crate::{Config, MailAlerts};

pub(super) fn print(config: &Config, out: &mut Writer) {
    let vrrp = &config.vrrp;
    tracked::links(&vrrp.links, out);
    for session in &config.bfd.sessions {
        tracked::session(session, out);
    }
    tracked::disabled_sessions(config, out);
    for file in &vrrp.files {
        tracked::file(file, out);
    }
    for process in &vrrp.processes {
        tracked::process(process, out);
    }
    for written in &vrrp.scripts {
        script(written, out);
    }
    for group in &vrrp.track_groups {
        out.block("track_group", &[group.name.as_str()], |out| {
            out.block("group", &[], |out| {
                group.members.iter().for_each(|member| out.line(&[member.as_str()]));
            });
        });
    }
    object::statics(&vrrp.statics, out);
    for written in &vrrp.groups {
        group(written, &config.mail_alerts, out);
    }
    for written in &vrrp.instances {
        instance::print(written, config, out);
    }
}

/// A boolean word.
const fn switch(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn script(script: &Script, out: &mut Writer) {
    out.block("vrrp_script", &[script.name.as_str()], |out| {
        command("script", &script.command, out);
        out.statement("interval", &[&seconds(script.interval)]);
        out.statement("timeout", &[&seconds(script.timeout)]);
        out.statement("rise", &[&script.rise.to_string()]);
        out.statement("fall", &[&script.fall.to_string()]);
        if script.fails_at_start {
            out.statement("init_fail", &[]);
        }
    });
}

/// A command with its account.
fn command(keyword: &str, command: &Command, out: &mut Writer) {
    out.script_of(keyword, &command.argv, command.uid, command.gid);
}

fn notify(notify: &Notify, out: &mut Writer) {
    let scripts = [
        ("notify_master", &notify.master),
        ("notify_backup", &notify.backup),
        ("notify_fault", &notify.fault),
        ("notify_stop", &notify.stop),
        ("notify_master_rx_lower_pri", &notify.master_rx_lower_priority),
        ("notify", &notify.any),
    ];
    for (keyword, script) in scripts {
        if let Some(script) = script {
            command(keyword, script, out);
        }
    }
    match &notify.deleted {
        Some(Deleted { command: Some(script) }) => command("notify_deleted", script, out),
        Some(Deleted { command: None }) => out.statement("notify_deleted", &[]),
        None => {}
    }
}

fn group(group: &SyncGroup, alerts: &MailAlerts, out: &mut Writer) {
    out.block("vrrp_sync_group", &[group.name.as_str()], |out| {
        out.block("group", &[], |out| {
            group.members.iter().for_each(|member| out.line(&[member.as_str()]));
        });
        tracked::list(
            "track_interface",
            &group.tracked_links,
            LinkName::as_str,
            ::vrrp::Weight::number,
            out,
        );
        tracked::scripts(&group.tracked_scripts, out);
        tracked::watched(&group.watched, out);
        if group.weights_of_members {
            out.statement("sync_group_tracking_weight", &[]);
        }
        notify(&group.notify, out);
        out.statement("smtp_alert", &[switch(alerts.groups.contains(&group.name))]);
    });
}
