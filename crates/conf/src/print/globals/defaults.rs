//! What `global_defs` says of instances.

use super::{Writer, changed};
use crate::VrrpDefaults;

pub(super) fn print(vrrp: &VrrpDefaults, out: &mut Writer) {
    let default = VrrpDefaults::default();
    out.value("vrrp_version", vrrp.version.map(vrrp::Version::number));
    out.value("vrrp_mcast_group4", changed(vrrp.group_v4, default.group_v4));
    out.value("vrrp_mcast_group6", changed(vrrp.group_v6, default.group_v6));
    announcement(vrrp, &default, out);
    let adverts = changed(vrrp.down_timer_adverts, default.down_timer_adverts);
    out.value("vrrp_down_timer_adverts", adverts);
    out.boolean("vrrp_lower_prio_no_advert", vrrp.lower_priority_no_advert);
    out.flag("vrrp_higher_prio_send_advert", vrrp.higher_priority_send_advert);
    out.flag("vrrp_check_unicast_src", vrrp.check_unicast_source);
    out.flag("vrrp_skip_check_adv_addr", vrrp.skip_address_check);
    out.flag("vrrp_owner_ignore_adverts", vrrp.owner_ignores_adverts);
    out.flag("vrrp_strict", vrrp.strict);
    out.flag("v3_checksum_as_v2", vrrp.checksum_as_v2);
    out.flag("vrrp_notify_priority_changes", vrrp.notify_priority_changes);
    out.flag("disable_local_igmp", vrrp.no_local_igmp);
    out.flag("log_unknown_vrids", vrrp.log_unknown_vrids);
    out.value("vmac_prefix", vrrp.vmac_prefix.as_ref());
    out.value("vmac_addr_prefix", vrrp.vmac_address_prefix.as_ref());
}

/// No refresh repeat can be written but by `vrrp_min_garp`, which lowers others with it.
fn announcement(vrrp: &VrrpDefaults, default: &VrrpDefaults, out: &mut Writer) {
    let least = vrrp.garp_refresh_repeat == 0;
    out.flag("vrrp_min_garp", least);
    let (delay, repeat) = (vrrp.garp_delay, vrrp.garp_repeat);
    out.seconds("vrrp_garp_master_delay", (least || delay != default.garp_delay).then_some(delay));
    out.value(
        "vrrp_garp_master_repeat",
        (least || repeat != default.garp_repeat).then_some(repeat),
    );
    out.seconds("vrrp_garp_master_refresh", changed(vrrp.garp_refresh, default.garp_refresh));
    let refresh = changed(vrrp.garp_refresh_repeat, default.garp_refresh_repeat);
    out.value("vrrp_garp_master_refresh_repeat", refresh.filter(|repeat| *repeat > 0));
    out.seconds("vrrp_garp_lower_prio_delay", vrrp.garp_lower_priority_delay);
    out.value("vrrp_garp_lower_prio_repeat", vrrp.garp_lower_priority_repeat);
    out.decimal("vrrp_garp_interval", vrrp.garp_interval);
    out.decimal("vrrp_gna_interval", vrrp.gna_interval);
    if let Some(extra) = vrrp.extra_links {
        let seconds = extra.every.as_secs().to_string();
        let words = if extra.all { vec!["all", &seconds] } else { vec![seconds.as_str()] };
        out.statement("vrrp_garp_extra_if", &words);
    }
}
