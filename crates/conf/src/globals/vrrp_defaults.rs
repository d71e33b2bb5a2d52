//! Defaults of the instances.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use vrrp::Version;
use vrrp::config::ExtraLinks;

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
    /// `vrrp_garp_extra_if`: announcements of addresses on other interfaces.
    pub extra_links: Option<ExtraLinks>,
    /// `v3_checksum_as_v2`: checksums of VRRPv3 over IPv4 leave out the pseudo header.
    pub checksum_as_v2: bool,
    /// `vrrp_notify_priority_changes`: pipes are told of changes of the priority too.
    pub notify_priority_changes: bool,
    /// `disable_local_igmp`: no link-local multicast group is reported.
    pub no_local_igmp: bool,
    /// `log_unknown_vrids`: adverts of virtual routers that are not configured are logged.
    pub log_unknown_vrids: bool,
    /// `vmac_prefix`: of generated interface names; vrrp unless set.
    pub vmac_prefix: Option<String>,
    /// `vmac_addr_prefix`: the same for addresses on other interfaces.
    pub vmac_address_prefix: Option<String>,
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
            extra_links: None,
            checksum_as_v2: false,
            notify_priority_changes: false,
            no_local_igmp: false,
            log_unknown_vrids: false,
            vmac_prefix: None,
            vmac_address_prefix: None,
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
