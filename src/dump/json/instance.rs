//! One instance as JSON. The fields are named and ordered as they are written.

use std::collections::BTreeSet;

use net::AddressKey;
use serde::Serialize;
use serde_json::value::RawValue;
use vrrp::config::{Authentication, Command, Instance, Notify, Preemption, VirtualAddress};
use vrrp::{StateKind, Stats, View};

use super::Scene;
use super::number::{exact_seconds, seconds};
use crate::dump::command::quoted;
use crate::dump::{address, object};

/// An instance and its counters.
#[derive(Serialize)]
pub(super) struct Entry {
    data: Data,
    stats: Counters,
}

#[derive(Serialize)]
struct Data {
    iname: String,
    dont_track_primary: u8,
    skip_check_adv_addr: u8,
    strict_mode: u8,
    vmac_ifname: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ifp_ifname: Option<String>,
    master_priority: u8,
    last_transition: Box<RawValue>,
    garp_delay: Box<RawValue>,
    garp_refresh: u64,
    garp_rep: u32,
    garp_refresh_rep: u32,
    garp_lower_prio_delay: u64,
    garp_lower_prio_rep: u32,
    lower_prio_no_advert: u8,
    higher_prio_send_advert: u8,
    vrid: u8,
    base_priority: u8,
    effective_priority: u8,
    vipset: bool,
    promote_secondaries: bool,
    adver_int: Box<RawValue>,
    master_adver_int: Box<RawValue>,
    accept: u8,
    nopreempt: bool,
    preempt_delay: u64,
    state: u8,
    wantstate: u8,
    version: u8,
    smtp_alert: bool,
    notify_deleted: bool,
    #[serde(flatten)]
    scripts: Scripts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vips: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evips: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vroutes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vrules: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    track_ifp: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    track_script: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    track_process: Vec<String>,
    auth_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_data: Option<&'static str>,
}

/// Scripts of the instance; those that are not configured are left out.
#[derive(Serialize)]
struct Scripts {
    #[serde(skip_serializing_if = "Option::is_none")]
    script_backup: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_master: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_stop: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_deleted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_master_rx_lower_pri: Option<String>,
}

#[derive(Serialize)]
struct Counters {
    advert_rcvd: u64,
    advert_sent: u32,
    become_master: u32,
    release_master: u32,
    packet_len_err: u64,
    advert_interval_err: u64,
    ip_ttl_err: u64,
    invalid_type_rcvd: u64,
    addr_list_err: u64,
    invalid_authtype: u32,
    authtype_mismatch: u32,
    auth_failure: u32,
    auth_ext_missing: u64,
    auth_ext_malformed: u64,
    auth_ext_unknown_key: u64,
    auth_ext_invalid_hmac: u64,
    auth_ext_stale: u64,
    auth_ext_replay: u64,
    pri_zero_rcvd: u64,
    pri_zero_sent: u64,
}

impl Entry {
    pub(super) fn new(view: &View, scene: &Scene<'_>) -> Self {
        Self { data: Data::new(view, scene), stats: Counters::of(&view.stats) }
    }
}

impl Data {
    fn new(view: &View, scene: &Scene<'_>) -> Self {
        let config: &Instance = &view.config;
        let (announcement, options) = (&config.announcement, &config.options);
        let (auth_type, auth_data) = authentication(&config.authentication);
        Self {
            iname: config.name.to_string(),
            dont_track_primary: u8::from(ignores_own_link(config)),
            skip_check_adv_addr: u8::from(options.skip_address_check),
            strict_mode: u8::from(options.strict),
            vmac_ifname: String::new(),
            ifp_ifname: config.seat.link().map(ToString::to_string),
            master_priority: view.master.map_or(0, |(_, priority)| priority.number()),
            last_transition: exact_seconds(scene.since_1970(view.changed_at)),
            garp_delay: seconds(announcement.delay),
            garp_refresh: announcement.refresh.map_or(0, |refresh| refresh.as_secs()),
            garp_rep: announcement.repeat,
            garp_refresh_rep: announcement.refresh_repeat,
            garp_lower_prio_delay: announcement.lower_priority_delay.as_secs(),
            garp_lower_prio_rep: announcement.lower_priority_repeat,
            lower_prio_no_advert: u8::from(options.lower_priority_no_advert),
            higher_prio_send_advert: u8::from(options.higher_priority_send_advert),
            vrid: config.vrid.number(),
            base_priority: config.priority.number(),
            effective_priority: view.priority.number(),
            vipset: view.holds,
            promote_secondaries: options.promotes_secondaries,
            adver_int: seconds(config.advert_interval.duration()),
            master_adver_int: seconds(view.interval.duration()),
            accept: u8::from(!options.later.refuses_packets),
            nopreempt: config.preemption == Preemption::Never,
            preempt_delay: preempt_delay(config.preemption),
            state: number(view.state),
            wantstate: number(view.wish),
            version: config.version.number(),
            smtp_alert: scene.config.mail_alerts.instances.contains(&config.name),
            notify_deleted: config.notify.deleted.is_some(),
            scripts: Scripts::of(&config.notify),
            vips: addresses(&config.addresses, scene.moment.held),
            evips: addresses(&config.excluded, scene.moment.held),
            vroutes: config.routes.iter().map(object::held).collect(),
            vrules: config.rules.iter().map(object::held).collect(),
            track_ifp: tracked_links(config),
            track_script: scene.tracked_scripts(config),
            track_process: texts(config.watched.processes.iter().map(|tracked| &tracked.object)),
            auth_type,
            auth_data,
        }
    }
}

impl Scripts {
    fn of(notify: &Notify) -> Self {
        let text =
            |command: &Option<Command>| command.as_ref().map(|command| quoted(&command.argv));
        let deleted = notify.deleted.as_ref().and_then(|deleted| deleted.command.as_ref());
        Self {
            script_backup: text(&notify.backup),
            script_master: text(&notify.master),
            script_fault: text(&notify.fault),
            script_stop: text(&notify.stop),
            script_deleted: deleted.map(|command| quoted(&command.argv)),
            script: text(&notify.any),
            script_master_rx_lower_pri: text(&notify.master_rx_lower_priority),
        }
    }
}

impl Counters {
    const fn of(stats: &Stats) -> Self {
        Self {
            advert_rcvd: stats.advert_rcvd,
            advert_sent: stats.advert_sent,
            become_master: stats.become_master,
            release_master: stats.release_master,
            packet_len_err: stats.packet_len_err,
            advert_interval_err: stats.advert_interval_err,
            ip_ttl_err: stats.ip_ttl_err,
            invalid_type_rcvd: stats.invalid_type_rcvd,
            addr_list_err: stats.addr_list_err,
            invalid_authtype: stats.invalid_authtype,
            authtype_mismatch: stats.authtype_mismatch,
            auth_failure: stats.auth_failure,
            auth_ext_missing: stats.auth_ext_missing,
            auth_ext_malformed: stats.auth_ext_malformed,
            auth_ext_unknown_key: stats.auth_ext_unknown_key,
            auth_ext_invalid_hmac: stats.auth_ext_invalid_hmac,
            auth_ext_stale: stats.auth_ext_stale,
            auth_ext_replay: stats.auth_ext_replay,
            pri_zero_rcvd: stats.pri_zero_rcvd,
            pri_zero_sent: stats.pri_zero_sent,
        }
    }
}

/// The numbers of keepalived's states (compat 11 §4).
const fn number(state: StateKind) -> u8 {
    match state {
        StateKind::Init => 0,
        StateKind::Backup => 1,
        StateKind::Master => 2,
        StateKind::Fault => 3,
        StateKind::Stop => 98,
    }
}

/// The password is never shown.
const fn authentication(authentication: &Authentication) -> (u8, Option<&'static str>) {
    match authentication {
        Authentication::None => (0, None),
        Authentication::Pass(_) => (1, Some("********")),
        Authentication::Ah(_) => (2, Some("********")),
    }
}

const fn preempt_delay(preemption: Preemption) -> u64 {
    match preemption {
        Preemption::Immediate | Preemption::Never => 0,
        Preemption::Delayed(delay) => delay.as_secs(),
    }
}

fn ignores_own_link(config: &Instance) -> bool {
    let Some(own) = config.seat.device() else { return false };
    config.tracked_links.iter().all(|tracked| tracked.object != *own)
}

/// Its own link is understood.
fn tracked_links(config: &Instance) -> Vec<String> {
    let links = config.tracked_links.iter().map(|tracked| &tracked.object);
    texts(links.filter(|link| Some(*link) != config.seat.device()))
}

fn addresses(all: &[VirtualAddress], held: &BTreeSet<AddressKey>) -> Vec<String> {
    all.iter().map(|one| address::shown(one, Some(held)).to_string()).collect()
}

fn texts<'a, T: ToString + 'a>(all: impl Iterator<Item = &'a T>) -> Vec<String> {
    all.map(ToString::to_string).collect()
}
