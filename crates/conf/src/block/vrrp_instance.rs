//! `vrrp_instance`: one row per keyword.
//!
//! Values are read in `vrrp_value`; defaults and rules between keywords are in
//! `resolve::instance` (compat 10 and compat 11 §19).

use std::net::IpAddr;
use std::time::Duration;

use net::Family;
use vrrp::config::{Initial, Peer};
use vrrp::{Priority, Version, Vrid};

use super::address::AddressDraft;
use super::authentication::{self, AuthenticationDraft};
use super::device::{self, IpvlanDraft, VmacDraft};
use super::hmac::{self, HmacDraft};
use super::instance_options::{self as options, OptionsDraft};
use super::notify::{self, NotifyDraft};
use super::route::{self, RouteDraft};
use super::rule::{self, RuleDraft};
use super::track::{self, TrackDraft, TrackList};
use super::{command, unicast, vrrp_value as read};
use crate::keyword::Keyword;
use crate::line::Spanned;
use crate::span::Span;

/// The block as written; `None` where a default steps in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InstanceDraft {
    pub(crate) name: String,
    pub(crate) span: Option<Span>,
    /// Its `}`.
    pub(crate) closed: Option<Span>,
    /// Deduced from the first address seen.
    pub(crate) family: Option<Family>,
    pub(crate) vrid: Option<Vrid>,
    pub(crate) version: Option<Version>,
    pub(crate) interface: Option<Spanned<String>>,
    pub(crate) state: Option<Initial>,
    pub(crate) priority: Option<Priority>,
    pub(crate) advert_interval: Option<Spanned<Duration>>,
    pub(crate) nopreempt: bool,
    pub(crate) preempt_delay: Duration,
    pub(crate) source: Option<IpAddr>,
    pub(crate) group: Option<IpAddr>,
    pub(crate) peers: Vec<Peer>,
    pub(crate) unicast_ttl: Option<u8>,
    /// A keyword that only makes sense with peers was used.
    pub(crate) unicast_keyword: bool,
    pub(crate) fault_without_peers: bool,
    pub(crate) check_unicast_source: bool,
    pub(crate) dont_track_primary: bool,
    pub(crate) tracked_links: Vec<TrackDraft>,
    pub(crate) tracked_scripts: Vec<TrackDraft>,
    pub(crate) tracked_files: Vec<TrackDraft>,
    pub(crate) tracked_processes: Vec<TrackDraft>,
    pub(crate) tracked_sessions: Vec<TrackDraft>,
    pub(crate) addresses: Vec<AddressDraft>,
    pub(crate) excluded: Vec<AddressDraft>,
    pub(crate) no_addresses: bool,
    pub(crate) routes: Vec<RouteDraft>,
    pub(crate) rules: Vec<RuleDraft>,
    pub(crate) authentication: AuthenticationDraft,
    pub(crate) hmac: Option<HmacDraft>,
    pub(crate) vmac: Option<VmacDraft>,
    pub(crate) ipvlan: Option<IpvlanDraft>,
    pub(crate) options: OptionsDraft,
    pub(crate) announcement: AnnouncementDraft,
    pub(crate) down_timer_adverts: Option<u8>,
    pub(crate) lower_priority_no_advert: Option<bool>,
    pub(crate) higher_priority_send_advert: Option<bool>,
    pub(crate) skip_address_check: Option<bool>,
    pub(crate) owner_ignores_adverts: Option<bool>,
    pub(crate) strict: Option<bool>,
    pub(crate) accept: Option<bool>,
    pub(crate) notify: NotifyDraft,
    pub(crate) smtp_alert: Option<bool>,
}

/// When and how often its addresses are announced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AnnouncementDraft {
    pub(crate) delay: Option<Duration>,
    pub(crate) repeat: Option<u32>,
    pub(crate) refresh: Option<Duration>,
    pub(crate) refresh_repeat: Option<u32>,
    pub(crate) lower_priority_delay: Option<Duration>,
    pub(crate) lower_priority_repeat: Option<u32>,
}

impl InstanceDraft {
    /// Takes the family of the first address; whether this address is of that family.
    pub(crate) fn agree(&mut self, address: IpAddr) -> bool {
        *self.family.get_or_insert(Family::of(address)) == Family::of(address)
    }
}

type Row = Keyword<InstanceDraft>;

/// The rows of `vrrp_instance`.
pub(crate) static INSTANCE: &[Row] = &[
    Row::later("use_vmac", "runs on a virtual MAC address", device::vmac).takes(
        "[[name] IFACE] [MAC] [netlink_notify_msg] [group GROUP]",
        "names of at most 15 bytes",
        "off; alone it means vrrp.VRID",
    ),
    Row::later("use_vmac_addr", "virtual MAC addresses for all its addresses", |draft, _| {
        draft.options.vmac_for_addresses = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::later("vmac_xmit_base", "sends from the base interface", |draft, _| {
        draft.options.send_from_base = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::later("use_ipvlan", "runs on an ipvlan interface", device::ipvlan).takes(
        "[[name] IFACE] [ADDRESS[/LEN]] [bridge|private|vepa] [group GROUP]",
        "names of at most 15 bytes",
        "off; alone it means vrrp.VRID, bridge",
    ),
    Row::now("unicast_peer", "sends to these routers instead of a group", unicast::read).takes(
        "{ ADDRESS [min_ttl N] [max_ttl N] }",
        "TTLs 0-255",
        "multicast",
    ),
    Row::now("unicast_fault_no_peer", "without peers it is a fault", |draft, _| {
        draft.unicast_keyword = true;
        draft.fault_without_peers = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("check_unicast_src", "takes adverts from its peers only", |draft, _| {
        draft.unicast_keyword = true;
        draft.check_unicast_source = true;
        Some(())
    })
    .takes("", "", "vrrp_check_unicast_src"),
    Row::now(
        "old_unicast_checksum",
        "checksum of releases before 1.3.7",
        options::old_unicast_checksum,
    )
    .takes("[never]", "", "as the peer does it"),
    Row::now("native_ipv6", "runs over IPv6", options::native_ipv6).takes(
        "",
        "",
        "as its addresses say",
    ),
    Row::now("state", "what it wishes to be at the start", read::state).takes(
        "MASTER|BACKUP",
        "",
        "BACKUP, MASTER for priority 255",
    ),
    Row::now("interface", "the interface it runs on", read::interface).takes(
        "IFACE",
        "at most 15 bytes, not lo",
        "",
    ),
    Row::now("vrf", "VRF it runs in without an interface", options::vrf)
        .takes("IFACE", "a VRF", "none"),
    Row::now("dont_track_primary", "ignores the state of its interface", |draft, _| {
        draft.dont_track_primary = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("track_interface", "interfaces whose loss matters", |draft, line| {
        let (owner, entries) = (&draft.name, &mut draft.tracked_links);
        track::read(TrackList { owner, kind: "interface", entries }, line)
    })
    .takes("{ IFACE [weight N [reverse]] }", "-253 to 253", "weight 0"),
    Row::now("track_script", "scripts whose failure matters", |draft, line| {
        let (owner, entries) = (&draft.name, &mut draft.tracked_scripts);
        track::read(TrackList { owner, kind: "script", entries }, line)
    })
    .takes(
        "{ NAME [weight N [reverse|noreverse]] }",
        "-253 to 253",
        "the weight of the script",
    ),
    Row::now("track_file", "files whose value matters", |draft, line| {
        let (owner, entries) = (&draft.name, &mut draft.tracked_files);
        track::read(TrackList { owner, kind: "file", entries }, line)
    })
    .takes("{ NAME [weight N [reverse|noreverse]] }", "-254 to 254", "the weight of the file"),
    Row::now("track_process", "processes whose loss matters", |draft, line| {
        let (owner, entries) = (&draft.name, &mut draft.tracked_processes);
        track::read(TrackList { owner, kind: "process", entries }, line)
    })
    .takes(
        "{ NAME [weight N [reverse|noreverse]] }",
        "-254 to 254",
        "the weight of the process",
    ),
    Row::now("track_bfd", "BFD sessions whose loss matters", |draft, line| {
        let (owner, entries) = (&draft.name, &mut draft.tracked_sessions);
        track::read(TrackList { owner, kind: "bfd", entries }, line)
    })
    .takes(
        "{ NAME [weight N [reverse|noreverse]] }",
        "-253 to 253",
        "the weight of the session",
    ),
    Row::now("mcast_src_ip", "source of its adverts", |draft, line| {
        read::source(draft, line, false)
    })
    .takes("ADDRESS", "", "the first address of its interface"),
    Row::now("unicast_src_ip", "source of its unicast adverts", |draft, line| {
        read::source(draft, line, true)
    })
    .takes("ADDRESS", "", "the first address of its interface"),
    Row::now("mcast_dst_ip", "group its adverts go to", read::group).takes(
        "ADDRESS",
        "a multicast address",
        "vrrp_mcast_group4 or 6",
    ),
    Row::now("track_src_ip", "fails while its source address is missing", |draft, _| {
        draft.options.tracks_source = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("virtual_router_id", "identifies it on its segment", read::vrid)
        .takes("NUMBER", "1-255", ""),
    Row::now("unicast_ttl", "TTL of unicast adverts", read::unicast_ttl)
        .takes("NUMBER", "0-255", "255"),
    Row::now("version", "VRRP version", read::version).takes("2|3", "", "vrrp_version, 3 for IPv6"),
    Row::now("priority", "the higher one becomes master", read::priority)
        .takes("NUMBER", "1-255", "100"),
    Row::now("advert_int", "seconds between adverts", read::advert_interval).takes(
        "SECS",
        "1-255 for version 2, 0.01-40.95 for version 3",
        "1",
    ),
    Row::now("virtual_ipaddress", "addresses of the virtual router", read::addresses).takes(
        "{ ADDRESS[/LEN] [dev IFACE] [scope SCOPE] [label LABEL] [OPTION]... }",
        "at most 255 addresses",
        "",
    ),
    Row::now("virtual_ipaddress_excluded", "further addresses, not advertised", read::excluded)
        .takes("{ ADDRESS[/LEN] [dev IFACE] [scope SCOPE] [label LABEL] [OPTION]... }", "", ""),
    Row::now("no_virtual_ipaddress", "has no addresses on purpose", |draft, _| {
        draft.no_addresses = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("promote_secondaries", "keeps secondary addresses", |draft, _| {
        draft.options.promote_secondaries = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("linkbeat_use_polling", "polls the link state", options::linkbeat)
        .takes("", "", "off"),
    Row::now("v3_checksum_as_v2", "checksums without the pseudo header", |draft, line| {
        draft.options.checksum_as_v2 = Some(read::boolean(line, &draft.name)?);
        Some(())
    })
    .takes("[on|off]", "", "v3_checksum_as_v2 of global_defs"),
    Row::now("virtual_routes", "routes of a master", |draft, line| {
        line.list(&mut draft.routes, |routes, line| {
            routes.push(route::read(line, false)?);
            Some(())
        });
        Some(())
    })
    .takes("{ ROUTE }", "", ""),
    Row::now("virtual_rules", "routing rules of a master", |draft, line| {
        line.list(&mut draft.rules, |rules, line| {
            rules.push(rule::read(line, false)?);
            Some(())
        });
        Some(())
    })
    .takes("{ RULE }", "", ""),
    Row::later("accept", "answers on addresses that it does not own", |draft, _| {
        draft.accept = Some(true);
        Some(())
    })
    .takes("", "", "on, unless it is strict"),
    Row::later("no_accept", "does not answer on addresses that it does not own", |draft, _| {
        draft.accept = Some(false);
        Some(())
    })
    .takes("", "", "off, unless it is strict"),
    Row::now("skip_check_adv_addr", "compares addresses once per master", |draft, line| {
        draft.skip_address_check = Some(read::boolean(line, &draft.name)?);
        Some(())
    })
    .takes("[on|off]", "", "vrrp_skip_check_adv_addr"),
    Row::now("strict_mode", "keeps it to the letter of the RFC", |draft, line| {
        draft.strict = Some(read::boolean(line, &draft.name)?);
        Some(())
    })
    .takes("[on|off]", "", "vrrp_strict"),
    Row::now("preempt", "takes over from a lower master", |draft, _| {
        draft.nopreempt = false;
        Some(())
    })
    .takes("", "", "on"),
    Row::now("nopreempt", "leaves a lower master alone", |draft, _| {
        draft.nopreempt = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("preempt_delay", "seconds before it takes over", read::preempt_delay)
        .takes("SECS", "0-1000", "0"),
    Row::now("debug", "without effect in keepalived too", read::debug).takes("LEVEL", "0-4", "0"),
    Row::script("notify_master", "script run when it becomes master", |draft, line| {
        command::set(&draft.name, &mut draft.notify.master, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify_backup", "script run when it becomes backup", |draft, line| {
        command::set(&draft.name, &mut draft.notify.backup, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify_fault", "script run when it fails", |draft, line| {
        command::set(&draft.name, &mut draft.notify.fault, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify_stop", "script run when the daemon stops", |draft, line| {
        command::set(&draft.name, &mut draft.notify.stop, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify", "script run on every transition", |draft, line| {
        command::set(&draft.name, &mut draft.notify.any, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify_master_rx_lower_pri", "script run on a lower advert", |draft, line| {
        command::set(&draft.name, &mut draft.notify.master_rx_lower_priority, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify_deleted", "script run when a reload removes it", |draft, line| {
        notify::deleted(&mut draft.notify, line)
    })
    .takes("[COMMAND [USER [GROUP]]]", "", "off"),
    Row::later("smtp_alert", "mail on transitions", |draft, line| {
        draft.smtp_alert = Some(read::boolean(line, &draft.name)?);
        Some(())
    })
    .takes("[on|off]", "", "smtp_alert_vrrp, else smtp_alert, else off"),
    Row::now(
        "notify_priority_changes",
        "writes priority changes to the pipes",
        options::notify_priority_changes,
    )
    .takes("[on|off]", "", "that of its sync group, else vrrp_notify_priority_changes"),
    Row::now(
        "lvs_sync_daemon_interface",
        "interface of the IPVS synchronisation",
        options::sync_daemon,
    )
    .takes("IFACE", "", ""),
    Row::now("garp_master_delay", "seconds to the second burst", |draft, line| {
        draft.announcement.delay = Some(read::seconds(draft, line, 4294)?);
        Some(())
    })
    .takes("SECS", "0-4294; 0 for no second burst", "vrrp_garp_master_delay"),
    Row::now("garp_master_repeat", "announcements of a burst", |draft, line| {
        draft.announcement.repeat = Some(read::repeat(draft, line)?);
        Some(())
    })
    .takes("COUNT", "1-4294967295", "vrrp_garp_master_repeat"),
    Row::now("garp_master_refresh", "seconds between announcements", |draft, line| {
        draft.announcement.refresh = Some(read::refresh(draft, line)?);
        Some(())
    })
    .takes("SECS", "0-4294967295; 0 for never", "vrrp_garp_master_refresh"),
    Row::now("garp_master_refresh_repeat", "announcements of a refresh", |draft, line| {
        draft.announcement.refresh_repeat = Some(read::repeat(draft, line)?);
        Some(())
    })
    .takes("COUNT", "1-4294967295", "vrrp_garp_master_refresh_repeat"),
    Row::now("garp_lower_prio_delay", "second burst after a lower advert", |draft, line| {
        draft.announcement.lower_priority_delay = Some(read::seconds(draft, line, 4294)?);
        Some(())
    })
    .takes("SECS", "0-4294", "vrrp_garp_lower_prio_delay"),
    Row::now("garp_lower_prio_repeat", "announcements after a lower advert", |draft, line| {
        let repeat = read::number(draft, line, 0..=2_147_483_647)?;
        draft.announcement.lower_priority_repeat = Some(repeat);
        Some(())
    })
    .takes("COUNT", "0-2147483647", "vrrp_garp_lower_prio_repeat"),
    Row::now("down_timer_adverts", "silent intervals before a takeover", read::down_timer).takes(
        "COUNT",
        "1-100",
        "vrrp_down_timer_adverts",
    ),
    Row::now("timer_expired_backup", "steps down after it was not scheduled", |draft, line| {
        options::timer_expired(draft, line, false)
    })
    .takes("[PRIORITY]", "1-254", "off; alone it means 254"),
    Row::now("thread_timer_expired", "old spelling of timer_expired_backup", |draft, line| {
        options::timer_expired(draft, line, true)
    })
    .takes("[PRIORITY]", "1-254", "off; alone it means 254"),
    Row::now("garp_extra_if", "announces on other links from time to time", |draft, line| {
        options::extra_links(draft, line, false)
    })
    .takes("[all] SECS", "0-86400", "vrrp_garp_extra_if"),
    Row::now("vmac_garp_intvl", "old spelling of garp_extra_if", |draft, line| {
        options::extra_links(draft, line, true)
    })
    .takes("[all] SECS", "0-86400", "vrrp_garp_extra_if"),
    Row::now("lower_prio_no_advert", "does not answer a lower advert", |draft, line| {
        draft.lower_priority_no_advert = Some(read::boolean(line, &draft.name)?);
        Some(())
    })
    .takes("[on|off]", "", "vrrp_lower_prio_no_advert"),
    Row::now("higher_prio_send_advert", "answers a higher advert once", |draft, line| {
        draft.higher_priority_send_advert = Some(read::boolean(line, &draft.name)?);
        Some(())
    })
    .takes("[on|off]", "", "vrrp_higher_prio_send_advert"),
    Row::now("owner_ignore_adverts", "the address owner does not listen", |draft, line| {
        draft.owner_ignores_adverts = Some(read::boolean(line, &draft.name)?);
        Some(())
    })
    .takes("[on|off]", "", "vrrp_owner_ignore_adverts"),
    Row::now("kernel_rx_buf_size", "size of its receive buffer", options::receive_buffer).takes(
        "BYTES",
        "0-4294967295",
        "as vrrp_rx_bufs_policy says",
    ),
    Row::now("authentication", "how adverts are authenticated", |draft, line| {
        authentication::read(&draft.name, &mut draft.authentication, line)
    })
    .takes("{ ... }", "", "none"),
    Row::now("auth_hmac", "authenticates adverts by HMAC", |draft, line| {
        hmac::read(&draft.name, &mut draft.hmac, line)
    })
    .takes("{ ... }", "", "none"),
];
