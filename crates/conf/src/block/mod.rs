//! The blocks of the language: what may stand at the top of a file, and a module per block.
//!
//! Drafts hold what was written; `resolve` turns them into the configuration.

pub(crate) mod address;
pub(crate) mod authentication;
pub(crate) mod bfd_instance;
pub(crate) mod command;
pub(crate) mod device;
pub(crate) mod global;
pub(crate) mod hmac;
pub(crate) mod instance_options;
pub(crate) mod links;
pub(crate) mod lvs_value;
pub(crate) mod names;
pub(crate) mod notify;
pub(crate) mod reload;
pub(crate) mod route;
pub(crate) mod rule;
pub(crate) mod statics;
pub(crate) mod timing;
pub(crate) mod tls;
pub(crate) mod track;
pub(crate) mod track_file;
pub(crate) mod track_process;
pub(crate) mod unicast;
pub(crate) mod virtual_server;
pub(crate) mod virtual_server_group;
pub(crate) mod vrrp_instance;
pub(crate) mod vrrp_script;
pub(crate) mod vrrp_sync_group;
pub(crate) mod vrrp_value;
pub(crate) mod weight;
pub(crate) mod words;

pub(crate) mod checker;
pub(crate) mod real_server;

use std::time::Duration;

use crate::fixed::Fixed;
use crate::globals::{Globals, IpvsNamespace};
use crate::keyword::Keyword;
use crate::line::Line;
use crate::span::Span;
use global::ProgramsDraft;
use lvs::config::TlsMaterial;
use virtual_server::VirtualServerDraft;
use virtual_server_group::VirtualServerGroupDraft;
use vrrp_instance::InstanceDraft;
use vrrp_script::ScriptDraft;
use vrrp_sync_group::GroupDraft;

/// Everything that was written, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RootDraft {
    pub(crate) globals: Globals,
    pub(crate) programs: ProgramsDraft,
    /// Where `lvs_sync_daemon` stands.
    pub(crate) sync_daemon_span: Option<Span>,
    /// What a reload must not change.
    pub(crate) fixed: Fixed,
    pub(crate) instances: Vec<InstanceDraft>,
    pub(crate) groups: Vec<GroupDraft>,
    pub(crate) scripts: Vec<ScriptDraft>,
    pub(crate) virtual_servers: Vec<VirtualServerDraft>,
    /// BFD sessions.
    pub(crate) sessions: Vec<bfd::config::Session>,
    pub(crate) virtual_server_groups: Vec<VirtualServerGroupDraft>,
    /// `SSL`; a second one replaces the first.
    pub(crate) tls: Option<Box<TlsMaterial>>,
    /// A BFD session is there, whether it can be run or not.
    pub(crate) bfd: bool,
    pub(crate) files: Vec<track_file::FileDraft>,
    pub(crate) processes: Vec<track_process::ProcessDraft>,
    pub(crate) statics: statics::StaticsDraft,
    pub(crate) links: links::LinksDraft,
}

type Row = Keyword<RootDraft>;

/// The root keywords.
pub(crate) static ROOT: &[Row] = &[
    Row::now("global_defs", "settings of the whole daemon", |root, line| {
        line.block_of(&global::GLOBAL, root);
        Some(())
    })
    .takes("{ ... }", "", ""),
    Row::now("linkbeat_use_polling", "polls every interface", |root, line| {
        line.notice("\"linkbeat_use_polling\" is deprecated, please use \"linkbeat_interfaces\"");
        global::value::set(&mut root.globals.poll_links)
    })
    .takes("", "", "off"),
    Row::now("net_namespace", "network namespace to run in", net_namespace).takes(
        "NAME",
        "",
        "the current one",
    ),
    Row::now("net_namespace_ipvs", "network namespace of IPVS", net_namespace_ipvs).takes(
        "[NAME]",
        "",
        "that of the daemon",
    ),
    Row::later("namespace_with_ipsets", "uses ip sets in a namespace", |root, _| {
        global::value::set(&mut root.globals.namespace_with_ipsets)
    })
    .takes("", "", "off"),
    Row::now("use_pid_dir", "pid files in their own directory", |root, _| {
        root.globals.use_pid_dir = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("instance", "name of this daemon beside others", instance_name).takes("NAME", "", ""),
    Row::now("child_wait_time", "seconds that a stop may take", child_wait_time).takes(
        "SECS",
        "0-4294967295",
        "5",
    ),
    Row::now("track_group", "instances that react to static addresses", |root, line| {
        statics::group(&mut root.statics, line)
    })
    .takes("NAME { ... }", "", ""),
    Row::now("static_ipaddress", "addresses that are always there", |root, line| {
        statics::addresses(&mut root.statics, line)
    })
    .takes("{ ADDRESS[/LEN] [dev IFACE] [OPTION]... }", "", ""),
    Row::now("static_routes", "routes that are always there", |root, line| {
        statics::routes(&mut root.statics, line)
    })
    .takes("{ ROUTE }", "", ""),
    Row::now("static_rules", "routing rules that are always there", |root, line| {
        statics::rules(&mut root.statics, line)
    })
    .takes("{ RULE }", "", ""),
    Row::now("vrrp_sync_group", "instances that change state together", sync_group).takes(
        "NAME { ... }",
        "",
        "",
    ),
    Row::now("garp_group", "limits announcements on interfaces", |root, line| {
        links::pace(&mut root.links, line)
    })
    .takes("{ ... }", "", ""),
    Row::now("linkbeat_interfaces", "interfaces whose link is polled", |root, line| {
        links::polled(&mut root.links, line)
    })
    .takes("{ IFACE [MII|ETHTOOL|IOCTL] }", "", ""),
    Row::now("vrrp_instance", "one virtual router", instance).takes("NAME { ... }", "", ""),
    Row::now("vrrp_script", "a check that runs again and again", script).takes(
        "NAME { ... }",
        "",
        "",
    ),
    Row::now("vrrp_track_process", "a process that is watched", |root, line| {
        line.cx.declared_processes.extend(line.text(1).map(str::to_owned));
        root.processes.push(track_process::read(&root.processes, line)?);
        Some(())
    })
    .takes("NAME { ... }", "", ""),
    Row::now("interface_up_down_delays", "delays of interface changes", |root, line| {
        links::delays(&mut root.links, line)
    })
    .takes("{ IFACE DOWN [UP] }", "0-255 seconds each", "no delay"),
    Row::now("bfd_instance", "a BFD session", |root, line| {
        root.bfd = true;
        line.cx.declared_sessions.extend(line.text(1).map(str::to_owned));
        root.sessions.push(bfd_instance::read(&root.sessions, line)?);
        Some(())
    })
    .takes("NAME { ... }", "at most 31 characters", ""),
    Row::now("SSL", "TLS material of checks", tls::read).takes("{ ... }", "", ""),
    Row::now("virtual_server_group", "addresses of a virtual server", virtual_server_group::read)
        .takes(
            "NAME { ADDRESS[-END|/LEN] [PORT] | fwmark MARK [inet|inet6] }",
            "ports 1-65535, marks 1-4294967295",
            "",
        ),
    Row::now("virtual_server", "a load-balanced service", virtual_server::read).takes(
        "ADDRESS [PORT] | fwmark MARK | group NAME { ... }",
        "ports 1-65535, marks 1-4294967295",
        "",
    ),
    Row::now("track_file", "a file whose value is watched", |root, line| {
        line.cx.declared_files.extend(line.text(1).map(str::to_owned));
        root.files.push(track_file::read(&root.files, line)?);
        Some(())
    })
    .takes("NAME { ... }", "", ""),
    Row::now("vrrp_track_file", "old spelling of track_file", |root, line| {
        line.notice("\"vrrp_track_file\" is deprecated, please use \"track_file\"");
        line.cx.declared_files.extend(line.text(1).map(str::to_owned));
        root.files.push(track_file::read(&root.files, line)?);
        Some(())
    })
    .takes("NAME { ... }", "", ""),
];

fn net_namespace(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    name_once(&mut root.globals.net_namespace, line, "net_namespace")
}

/// Without a name it is the namespace of process 1; the first one counts.
fn net_namespace_ipvs(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if root.globals.ipvs.namespace.is_some() {
        let name = line.text(1).unwrap_or_default().to_owned();
        line.error(format!("Duplicate net_namespace_ipvs definition {name} - ignoring"));
        return None;
    }
    let named = line.word(1).map(|word| IpvsNamespace::Named(word.text));
    root.globals.ipvs.namespace = Some(named.unwrap_or(IpvsNamespace::Initial));
    Some(())
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
    let seconds = global::value::number(line, 0..=4_294_967_295, |keyword, value| {
        format!("Invalid {keyword} {value}")
    })?;
    root.globals.child_wait_time = Duration::from_secs(seconds);
    Some(())
}

fn instance(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.given(1, "vrrp_instance must have a name");
    let mut others = root.instances.iter();
    let word = line.new_name(word, "vrrp instance", |name| others.any(|one| one.name == name))?;
    let mut draft =
        InstanceDraft { name: word.text, span: Some(word.span), ..InstanceDraft::default() };
    line.block(vrrp_instance::INSTANCE, &mut draft);
    draft.closed = line.cx.closed;
    root.instances.push(draft);
    Some(())
}

fn sync_group(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.given(1, "vrrp_sync_group must have a name - skipping");
    let mut others = root.groups.iter();
    let is_taken = |name: &str| others.any(|one| one.name.text == name);
    let word = line.new_name(word, "vrrp sync group", is_taken)?;
    let mut draft = GroupDraft::new(word);
    line.block(vrrp_sync_group::SYNC_GROUP, &mut draft);
    root.groups.push(draft);
    Some(())
}

fn script(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1);
    let mut others = root.scripts.iter();
    let word = line.new_name(word, "Script", |name| others.any(|one| one.name.text == name))?;
    let name = word.text.clone();
    let mut draft = ScriptDraft::new(word);
    line.block(vrrp_script::SCRIPT, &mut draft);
    draft.closed = line.cx.closed;
    if draft.command.is_none() {
        line.error_at_end(format!("No script set for vrrp_script {name} - removing"));
        return None;
    }
    line.cx.declared_scripts.insert(name);
    root.scripts.push(draft);
    Some(())
}
