//! The daemon-wide settings as types (`global_defs` and the root keywords beside it).
//!
//! Defaults are those of compat 02. What a setting does is decided by who uses it; defaults of
//! instances are applied in `resolve`.

mod buffers;
mod files;
mod firewall;
mod ipvs;
mod mail;
mod monitoring;
mod scheduling;
mod scripts;
mod vrrp_defaults;

use std::time::Duration;

use net::LinkName;

use crate::reload_settings::ReloadSettings;

pub use buffers::{BufferPolicy, Buffers, ReceiveBuffer, VrrpBuffer};
pub use files::Files;
pub use firewall::{Firewall, IpvsMarks};
pub use ipvs::{Flush, Ipvs, IpvsNamespace, IpvsTimeouts, SyncDaemon};
pub use mail::Mail;
pub use monitoring::{Dbus, Snmp};
pub use scheduling::{PartScheduling, Scheduling};
pub use scripts::{Account, Command, Fifo, Fifos, NotifyFifo, OneTimeScript, ScriptPolicy};
pub use vrrp_defaults::VrrpDefaults;

/// Daemon-wide settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Globals {
    /// `net_namespace`: the named network namespace to run in.
    pub net_namespace: Option<String>,
    /// `namespace_with_ipsets`: ip sets may be used there whatever the kernel.
    pub namespace_with_ipsets: bool,
    /// `instance`: the name of this daemon beside others.
    pub instance: Option<String>,
    /// `use_pid_dir`: pid files in their own directory; `instance` and `net_namespace` imply it.
    pub use_pid_dir: bool,
    /// `child_wait_time`: how long a stop may take before it is forced.
    pub child_wait_time: Duration,
    /// `router_id`: the machine's name in mails and SNMP; without it the host name.
    pub router_id: Option<String>,
    /// Names of the processes as the kernel shows them.
    pub names: ProcessNames,
    /// Mails about transitions.
    pub mail: Mail,
    /// Who runs scripts, and which are refused.
    pub scripts: ScriptPolicy,
    /// `startup_script` and its timeout.
    pub startup: OneTimeScript,
    /// `shutdown_script` and its timeout.
    pub shutdown: OneTimeScript,
    /// Named pipes that are told of transitions.
    pub fifos: Fifos,
    /// `dynamic_interfaces`: whether interfaces may be missing.
    pub dynamic_interfaces: DynamicInterfaces,
    /// `default_interface`: for static addresses without `dev`; eth0 unless set.
    pub default_interface: Option<LinkName>,
    /// `linkbeat_use_polling`: the link of every interface is polled.
    pub poll_links: bool,
    /// How the parts of the daemon are scheduled.
    pub scheduling: Scheduling,
    /// Defaults of the instances.
    pub vrrp: VrrpDefaults,
    /// Settings of all health checks.
    pub checkers: Checkers,
    /// Settings of IPVS itself.
    pub ipvs: Ipvs,
    /// What is filtered and marked by nftables.
    pub firewall: Firewall,
    /// SNMP.
    pub snmp: Snmp,
    /// D-Bus.
    pub dbus: Dbus,
    /// Receive buffers of sockets.
    pub buffers: Buffers,
    /// `umask`, or keepalived's 0177.
    pub umask: u32,
    /// `vrrp_startup_delay`: instances wait so long after the start of the daemon.
    pub startup_delay: Option<Duration>,
    /// `vrrp_delay_after_boot`: the same, counted from the boot; the longer wait counts.
    pub delay_after_boot: Option<Duration>,
    /// What is said about reloads.
    pub reload: ReloadSettings,
    /// Where files are kept, and how they look.
    pub files: Files,
}

/// Names of the processes; one process takes the first that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessNames {
    /// `process_names`: distinct names for the parts.
    pub distinct: bool,
    /// `process_name`.
    pub main: Option<String>,
    /// `vrrp_process_name`.
    pub vrrp: Option<String>,
    /// `checker_process_name`.
    pub checker: Option<String>,
    /// `bfd_process_name`.
    pub bfd: Option<String>,
}

/// Settings of all health checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checkers {
    /// `checker_log_all_failures`: failures that still have retries are logged too.
    pub log_all_failures: bool,
    /// `rs_init_notifies`: servers that are in service from the start are told of too.
    pub notify_at_start: bool,
}

/// Whether interfaces may come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DynamicInterfaces {
    /// Every interface must exist at the start.
    #[default]
    Off,
    /// They may appear later.
    On,
    /// They may come back as another type.
    AllowChanges,
}

impl Default for Globals {
    fn default() -> Self {
        Self {
            net_namespace: None,
            namespace_with_ipsets: false,
            instance: None,
            use_pid_dir: false,
            child_wait_time: Duration::from_secs(5),
            router_id: None,
            names: ProcessNames::default(),
            mail: Mail::default(),
            scripts: ScriptPolicy::default(),
            startup: OneTimeScript::default(),
            shutdown: OneTimeScript::default(),
            fifos: Fifos::default(),
            dynamic_interfaces: DynamicInterfaces::Off,
            default_interface: None,
            poll_links: false,
            scheduling: Scheduling::default(),
            vrrp: VrrpDefaults::default(),
            checkers: Checkers::default(),
            ipvs: Ipvs::default(),
            firewall: Firewall::default(),
            snmp: Snmp::default(),
            dbus: Dbus::default(),
            buffers: Buffers::default(),
            umask: 0o177,
            startup_delay: None,
            delay_after_boot: None,
            reload: ReloadSettings::default(),
            files: Files::default(),
        }
    }
}
