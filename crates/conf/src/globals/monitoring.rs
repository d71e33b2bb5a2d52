//! What others may ask the daemon: SNMP and D-Bus.

use std::time::Duration;

/// Settings of SNMP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snmp {
    /// `snmp_socket`: where the master agent listens, in net-snmp's words.
    pub socket: Option<String>,
    /// `enable_traps`: notifications are sent.
    pub traps: bool,
    /// `enable_snmp_vrrp`: the VRRP part of the keepalived MIB is served.
    pub vrrp: bool,
    /// `enable_snmp_checker`: its checker part.
    pub checker: bool,
    /// `enable_snmp_rfcv2`: the MIB of RFC 2787.
    pub rfc_v2: bool,
    /// `enable_snmp_rfcv3`: the MIB of RFC 6527.
    pub rfc_v3: bool,
    /// `snmp_vs_stats_update_interval`: least age of statistics before they are read again.
    pub virtual_server_interval: Duration,
    /// `snmp_rs_stats_update_interval`; without it that of virtual servers.
    pub real_server_interval: Option<Duration>,
}

impl Default for Snmp {
    fn default() -> Self {
        Self {
            socket: None,
            traps: false,
            vrrp: false,
            checker: false,
            rfc_v2: false,
            rfc_v3: false,
            virtual_server_interval: Duration::from_secs(5),
            real_server_interval: None,
        }
    }
}

/// Settings of D-Bus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dbus {
    /// `enable_dbus`: it is served.
    pub enabled: bool,
    /// `dbus_service_name`: the name on the bus; org.keepalived.Vrrp1 unless set.
    pub service_name: Option<String>,
    /// `dbus_no_interface_name`: the path element of instances without interface.
    pub no_interface_name: Option<String>,
}
