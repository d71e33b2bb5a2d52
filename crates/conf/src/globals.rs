//! The daemon-wide settings as types (`global_defs` and the root keywords beside it).
//!
//! Defaults are those of compat 02. What a setting does is decided by who uses it; defaults of
//! instances are applied in `resolve`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use net::LinkName;
use vrrp::Version;

use crate::reload_settings::ReloadSettings;

/// Daemon-wide settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Globals {
    /// `net_namespace`: the named network namespace to run in.
    pub net_namespace: Option<String>,
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
    /// `dynamic_interfaces`: whether interfaces may be missing.
    pub dynamic_interfaces: DynamicInterfaces,
    /// `default_interface`: for static addresses without `dev`; eth0 unless set.
    pub default_interface: Option<LinkName>,
    /// How the VRRP part is scheduled.
    pub scheduling: Scheduling,
    /// Defaults of the instances.
    pub vrrp: VrrpDefaults,
    /// Settings of all health checks.
    pub checkers: Checkers,
    /// `umask`, or keepalived's 0177.
    pub umask: u32,
    /// `vrrp_startup_delay` and `vrrp_delay_after_boot` are read but have no effect yet.
    pub startup_delay: Option<Duration>,
    /// What is said about reloads.
    pub reload: ReloadSettings,
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

/// Mail settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// `notification_email_from`.
    pub from: Option<String>,
    /// `notification_email`: the recipients.
    pub recipients: Vec<String>,
    /// `smtp_server`: host name or address, and port.
    pub server: Option<(String, u16)>,
    /// `smtp_helo_name`.
    pub helo_name: Option<String>,
    /// `smtp_connect_timeout`, at least a second.
    pub connect_timeout: Duration,
    /// `smtp_alert`: default for everything that can send mail.
    pub alert: Option<bool>,
    /// `smtp_alert_vrrp`.
    pub alert_vrrp: Option<bool>,
    /// `smtp_alert_checker`.
    pub alert_checker: Option<bool>,
    /// `no_email_faults`.
    pub no_faults: bool,
    /// `no_checker_emails`.
    pub no_checkers: bool,
}

/// An account that scripts run as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user number.
    pub uid: u32,
    /// The group number.
    pub gid: u32,
}

/// Who runs scripts, and which are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScriptPolicy {
    /// `script_user`: `None` when not given, `Some(None)` when the account does not exist.
    pub user: Option<Option<Account>>,
    /// `enable_script_security`.
    pub secure: bool,
    /// `use_symlink_paths`.
    pub use_symlink_paths: bool,
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

/// How the VRRP part is scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheduling {
    /// `vrrp_priority`: nice value, -20 to 19.
    pub nice: i8,
    /// `vrrp_no_swap`.
    pub no_swap: bool,
    /// `vrrp_rt_priority`: 1 to 99.
    pub realtime: Option<u8>,
    /// `vrrp_rlimit_rttime`; without it there is no limit: keepalived's 10 ms kill a daemon that
    /// has a thousand adverts to send.
    pub realtime_limit: Option<Duration>,
    /// `max_auto_priority`: -1 to 99; 0 never raises it.
    pub max_auto_priority: i8,
    /// `min_auto_priority_delay`.
    pub min_auto_priority_delay: Duration,
}

/// Settings of all health checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checkers {
    /// `checker_log_all_failures`: failures that still have retries are logged too.
    pub log_all_failures: bool,
    /// `rs_init_notifies`: servers that are in service from the start are told of too.
    pub notify_at_start: bool,
}

/// Defaults of the instances; `None` where another default steps in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VrrpDefaults {
    /// `vrrp_version`.
    pub version: Option<Version>,
    /// `vrrp_mcast_group4`.
    pub group_v4: Ipv4Addr,
    /// `vrrp_mcast_group6`.
    pub group_v6: Ipv6Addr,
    /// `vrrp_garp_master_delay`.
    pub garp_delay: Duration,
    /// `vrrp_garp_master_repeat`.
    pub garp_repeat: u32,
    /// `vrrp_garp_master_refresh`; zero is never.
    pub garp_refresh: Duration,
    /// `vrrp_garp_master_refresh_repeat`.
    pub garp_refresh_repeat: u32,
    /// `vrrp_garp_lower_prio_delay`; without it that of a new master.
    pub garp_lower_priority_delay: Option<Duration>,
    /// `vrrp_garp_lower_prio_repeat`; without it that of a new master.
    pub garp_lower_priority_repeat: Option<u32>,
    /// `vrrp_garp_interval`: pause between two gratuitous ARPs of an interface.
    pub garp_interval: Option<Duration>,
    /// `vrrp_gna_interval`: the same for neighbour adverts.
    pub gna_interval: Option<Duration>,
    /// `vrrp_down_timer_adverts`.
    pub down_timer_adverts: u8,
    /// `vrrp_lower_prio_no_advert`.
    pub lower_priority_no_advert: Option<bool>,
    /// `vrrp_higher_prio_send_advert`.
    pub higher_priority_send_advert: bool,
    /// `vrrp_check_unicast_src`.
    pub check_unicast_source: bool,
    /// `vrrp_skip_check_adv_addr`.
    pub skip_address_check: bool,
    /// `vrrp_owner_ignore_adverts`.
    pub owner_ignores_adverts: bool,
    /// `vrrp_strict`.
    pub strict: bool,
}

impl Default for Globals {
    fn default() -> Self {
        Self {
            net_namespace: None,
            instance: None,
            use_pid_dir: false,
            child_wait_time: Duration::from_secs(5),
            router_id: None,
            names: ProcessNames::default(),
            mail: Mail::default(),
            scripts: ScriptPolicy::default(),
            dynamic_interfaces: DynamicInterfaces::Off,
            default_interface: None,
            scheduling: Scheduling::default(),
            vrrp: VrrpDefaults::default(),
            checkers: Checkers::default(),
            umask: 0o177,
            startup_delay: None,
            reload: ReloadSettings::default(),
        }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            from: None,
            recipients: Vec::new(),
            server: None,
            helo_name: None,
            connect_timeout: Duration::from_secs(30),
            alert: None,
            alert_vrrp: None,
            alert_checker: None,
            no_faults: false,
            no_checkers: false,
        }
    }
}

impl Default for Scheduling {
    fn default() -> Self {
        Self {
            nice: 0,
            no_swap: false,
            realtime: None,
            realtime_limit: None,
            max_auto_priority: 0,
            min_auto_priority_delay: Duration::from_secs(1),
        }
    }
}

impl Default for VrrpDefaults {
    fn default() -> Self {
        Self {
            version: None,
            group_v4: Ipv4Addr::new(224, 0, 0, 18),
            group_v6: Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12),
            garp_delay: Duration::from_secs(5),
            garp_repeat: 5,
            garp_refresh: Duration::ZERO,
            garp_refresh_repeat: 1,
            garp_lower_priority_delay: None,
            garp_lower_priority_repeat: None,
            garp_interval: None,
            gna_interval: None,
            down_timer_adverts: 3,
            lower_priority_no_advert: None,
            higher_priority_send_advert: false,
            check_unicast_source: false,
            skip_address_check: false,
            owner_ignores_adverts: false,
            strict: false,
        }
    }
}

impl VrrpDefaults {
    /// The multicast group of a family.
    #[must_use]
    pub fn group(&self, family: net::Family) -> IpAddr {
        match family {
            net::Family::V4 => IpAddr::V4(self.group_v4),
            net::Family::V6 => IpAddr::V6(self.group_v6),
        }
    }
}
