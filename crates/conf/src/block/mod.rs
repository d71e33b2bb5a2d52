//! The blocks of the language: what may stand at the top of a file, and a module per block.
//!
//! Drafts hold what was written; `resolve` turns them into the configuration.

pub(crate) mod address;
pub(crate) mod authentication;
pub(crate) mod command;
pub(crate) mod global;
pub(crate) mod global_value;
pub(crate) mod inert;
pub(crate) mod lvs_value;
pub(crate) mod notify;
pub(crate) mod reload;
pub(crate) mod timing;
pub(crate) mod track;
pub(crate) mod unicast;
pub(crate) mod virtual_server;
pub(crate) mod vrrp_instance;
pub(crate) mod vrrp_script;
pub(crate) mod vrrp_sync_group;
pub(crate) mod vrrp_value;

pub(crate) mod checker;
pub(crate) mod real_server;

use std::time::Duration;

use crate::fixed::Fixed;
use crate::globals::Globals;
use crate::keyword::Keyword;
use crate::line::Line;
use virtual_server::VirtualServerDraft;
use vrrp_instance::InstanceDraft;
use vrrp_script::ScriptDraft;
use vrrp_sync_group::GroupDraft;

/// Everything that was written, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RootDraft {
    pub(crate) globals: Globals,
    /// What a reload must not change.
    pub(crate) fixed: Fixed,
    pub(crate) instances: Vec<InstanceDraft>,
    pub(crate) groups: Vec<GroupDraft>,
    pub(crate) scripts: Vec<ScriptDraft>,
    pub(crate) virtual_servers: Vec<VirtualServerDraft>,
    /// A BFD session exists.
    pub(crate) bfd: bool,
}

type Row = Keyword<RootDraft>;

/// The root keywords.
pub(crate) static ROOT: &[Row] = &[
    Row::now("global_defs", "settings of the whole daemon", |root, line| {
        line.block(global::GLOBAL, &mut root.globals);
        Some(())
    }),
    Row::inert("linkbeat_use_polling", "polls every interface"),
    Row::now("net_namespace", "network namespace to run in", net_namespace),
    Row::inert("net_namespace_ipvs", "network namespace of IPVS"),
    Row::inert("namespace_with_ipsets", "uses ip sets in a namespace"),
    Row::now("use_pid_dir", "pid files in their own directory", |root, _| {
        root.globals.use_pid_dir = true;
        Some(())
    }),
    Row::now("instance", "name of this daemon beside others", instance_name),
    Row::now("child_wait_time", "seconds that a stop may take", child_wait_time),
    Row::later("track_group", "instances that react to static addresses", |_, line| {
        line.block(inert::TRACK_GROUP, &mut ());
        Some(())
    }),
    Row::inert_list("static_ipaddress", "addresses that are always there"),
    Row::inert_list("static_routes", "routes that are always there"),
    Row::inert_list("static_rules", "routing rules that are always there"),
    Row::now("vrrp_sync_group", "instances that change state together", sync_group),
    Row::later("garp_group", "limits announcements on interfaces", |_, line| {
        line.block(inert::GARP_GROUP, &mut ());
        Some(())
    }),
    Row::inert_list("linkbeat_interfaces", "interfaces whose link is polled"),
    Row::now("vrrp_instance", "one virtual router", instance),
    Row::now("vrrp_script", "a check that runs again and again", script),
    Row::later("vrrp_track_process", "a process that is watched", |_, line| {
        line.block(inert::TRACK_PROCESS, &mut ());
        Some(())
    }),
    Row::inert_list("interface_up_down_delays", "delays of interface changes"),
    Row::later("bfd_instance", "a BFD session", |root, line| {
        root.bfd = true;
        line.block(inert::BFD_INSTANCE, &mut ());
        Some(())
    }),
    Row::later("SSL", "TLS material of checks", |_, line| {
        line.cx.reader.secret = true;
        line.block(inert::SSL, &mut ());
        line.cx.reader.secret = false;
        Some(())
    }),
    Row::later("virtual_server_group", "addresses of a virtual server", |_, line| {
        if line.required(1).is_none() {
            line.skip_block();
            return None;
        }
        line.statement.words.truncate(1);
        line.ignore_list()
    }),
    Row::now("virtual_server", "a load-balanced service", virtual_server::read),
    Row::later("track_file", "a file whose value is watched", |_, line| {
        line.block(inert::TRACK_FILE, &mut ());
        Some(())
    }),
    Row::later("vrrp_track_file", "old spelling of track_file", |_, line| {
        line.notice("\"vrrp_track_file\" is deprecated, please use \"track_file\"");
        line.block(inert::TRACK_FILE, &mut ());
        Some(())
    }),
];

fn net_namespace(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    name_once(&mut root.globals.net_namespace, line, "net_namespace")
}

fn instance_name(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    name_once(&mut root.globals.instance, line, "instance")
}

/// A name of which the first one counts.
fn name_once(place: &mut Option<String>, line: &mut Line<'_, '_>, what: &str) -> Option<()> {
    let Some(word) = line.word(1) else {
        line.error(format!("{what} name missing - ignoring"));
        return None;
    };
    if place.is_some() {
        line.error(format!("Duplicate {what} definition {} - ignoring", word.text));
        return None;
    }
    *place = Some(word.text);
    Some(())
}

fn child_wait_time(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let seconds = global_value::number(line, 0..=4_294_967_295, |keyword, value| {
        format!("Invalid {keyword} {value}")
    })?;
    root.globals.child_wait_time = Duration::from_secs(seconds);
    Some(())
}

fn instance(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.word(1) else {
        line.error("vrrp_instance must have a name");
        line.skip_block();
        return None;
    };
    if root.instances.iter().any(|other| other.name == word.text) {
        line.error(format!("vrrp instance {} already defined", word.text));
        line.skip_block();
        return None;
    }
    let mut draft =
        InstanceDraft { name: word.text, span: Some(word.span), ..InstanceDraft::default() };
    line.block(vrrp_instance::INSTANCE, &mut draft);
    root.instances.push(draft);
    Some(())
}

fn sync_group(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.word(1) else {
        line.error("vrrp_sync_group must have a name - skipping");
        line.skip_block();
        return None;
    };
    if root.groups.iter().any(|other| other.name.text == word.text) {
        line.error(format!("vrrp sync group {} already defined", word.text));
        line.skip_block();
        return None;
    }
    let mut draft = GroupDraft::new(word);
    line.block(vrrp_sync_group::SYNC_GROUP, &mut draft);
    root.groups.push(draft);
    Some(())
}

fn script(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.required(1) else {
        line.skip_block();
        return None;
    };
    let name = word.text.clone();
    if root.scripts.iter().any(|other| other.name.text == name) {
        line.error(format!("Script {name} already defined"));
        line.skip_block();
        return None;
    }
    let mut draft = ScriptDraft::new(word);
    line.block(vrrp_script::SCRIPT, &mut draft);
    if draft.command.is_none() {
        line.error(format!("No script set for vrrp_script {name} - removing"));
        return None;
    }
    line.cx.declared_scripts.insert(name);
    root.scripts.push(draft);
    Some(())
}
