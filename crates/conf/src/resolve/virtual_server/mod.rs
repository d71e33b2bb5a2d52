//! From virtual servers as written to those that run (compat 21 §3).
//!
//! The order of the steps is keepalived's, which is the order of its messages. Each step has a
//! function here or a module; `build` makes the values of the core.

mod build;
mod check;
mod family;
mod group;
mod ports;
mod quorum;
mod servers;
mod special;

use std::collections::BTreeMap;

use lvs::config::{Config, Group, GroupEntry, VirtualServer};
use net::{Protocol, ServiceFlags};

use super::Resolver;
use crate::block::virtual_server::{PERSISTENCE, ServiceDraft, VirtualServerDraft};
use crate::block::virtual_server_group::VirtualServerGroupDraft;
use crate::diagnostic::{Class, Diagnostic};
use crate::span::Span;

/// What came of the virtual servers.
pub(crate) struct Services {
    pub(crate) config: Config,
    /// There is one with servers, whether it can be run or not.
    pub(crate) configured: bool,
}

/// Resolves every virtual server; those that cannot be run are left out.
pub(crate) fn resolve_all(
    resolver: &mut Resolver<'_>,
    drafts: Vec<VirtualServerDraft>,
    groups: Vec<VirtualServerGroupDraft>,
) -> Services {
    let notify_at_start = resolver.globals.checkers.notify_at_start;
    let brief_stop = resolver.globals.ipvs.flush_on_stop.is_some();
    let config = Config { notify_at_start, brief_stop, ..Config::default() };
    let mut services = Services { config, configured: false };
    services.config.virtual_servers.reserve(drafts.len());
    group::unused(resolver, &groups, &drafts);
    let mut firsts = BTreeMap::new();
    for mut draft in drafts {
        if !group::join(resolver, &groups, &mut draft) || !complete(resolver, &mut draft) {
            continue;
        }
        services.configured = true;
        if let Some(vs) = build::virtual_server(resolver, &draft) {
            let place = services.config.virtual_servers.len();
            let (first, span) = *firsts.entry(vs.identity.clone()).or_insert((place, draft.span));
            if let Some(first) = services.config.virtual_servers.get(first) {
                compare_with_first(resolver, (first, span), &vs, &draft);
            }
            services.config.virtual_servers.push(vs);
        }
    }
    let typed = |group: VirtualServerGroupDraft| Group {
        name: group.name.value.into(),
        entries: group.entries,
    };
    services.config.groups = groups.into_iter().map(typed).collect();
    services
}

/// Several virtual servers may bring servers to one service, each with a method of its own; how
/// the service itself is set up, the first of them decides.
fn compare_with_first(
    resolver: &mut Resolver<'_>,
    (first, span): (&VirtualServer, Span),
    vs: &VirtualServer,
    draft: &VirtualServerDraft,
) {
    if first.services == vs.services {
        return;
    }
    let at = resolver.report.sources.position(span);
    let what = "is configured before with another scheduler, persistence or flags, which it keeps";
    let hint = format!("the first one is in line {} of {}", at.line, at.file);
    note(resolver, draft, format!("Virtual server {} {what}", draft.name()), &hint);
}

/// Says something about a virtual server that is put right.
fn warn(resolver: &mut Resolver<'_>, vs: &VirtualServerDraft, message: String) {
    resolver.add(Diagnostic::new(Class::Warning, message).about(vs.span));
}

/// Says something about a virtual server that is no mistake.
fn note(resolver: &mut Resolver<'_>, vs: &VirtualServerDraft, message: String, hint: &str) {
    resolver.add(Diagnostic::notice(message).about(vs.span).hint(hint));
}

/// Applies the rules between the keywords; false when nothing is left to serve.
fn complete(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) -> bool {
    family::agree(resolver, vs);
    if vs.real_servers.is_empty() {
        let message = format!("Virtual server {} has no real servers - ignoring", vs.name());
        resolver.add(Diagnostic::general(message).about(vs.span));
        return false;
    }
    suspension(resolver, vs);
    protocol(resolver, vs);
    one_packet(resolver, vs);
    every_port(resolver, vs);
    protocol_of_mark(resolver, vs);
    scheduler(resolver, vs);
    persistence_engine(resolver, vs);
    servers::duplicates(resolver, vs);
    servers::methods(resolver, vs);
    servers::sorry(resolver, vs);
    servers::thresholds(resolver, vs);
    quorum::cap(resolver, vs);
    ports::agree(resolver, vs);
    after_ports(resolver, vs);
    true
}

/// Servers that differed in a port which they cannot have are the same one now.
fn after_ports(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    let before = vs.real_servers.len();
    servers::duplicates(resolver, vs);
    servers::sorry(resolver, vs);
    if vs.real_servers.len() != before {
        quorum::cap(resolver, vs);
    }
}

fn suspension(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    if vs.ha_suspend && has_marks(vs) {
        let name = vs.name();
        let what = "cannot use ha_suspend with fwmarks - clearing ha_suspend";
        warn(resolver, vs, format!("Virtual server {name}: {what}"));
        vs.ha_suspend = false;
    }
}

/// Some of its packets are known by a mark.
fn has_marks(vs: &VirtualServerDraft) -> bool {
    matches!(vs.service, ServiceDraft::Mark(_))
        || vs.members.iter().any(|entry| matches!(entry, GroupEntry::Mark { .. }))
}

/// Some of its packets are known by their address.
fn has_addresses(vs: &VirtualServerDraft) -> bool {
    matches!(vs.service, ServiceDraft::Address(..))
        || vs.members.iter().any(|entry| matches!(entry, GroupEntry::Range { .. }))
}

/// Some of its packets may have any port.
fn has_every_port(vs: &VirtualServerDraft) -> bool {
    matches!(vs.service, ServiceDraft::Address(_, 0))
        || vs.members.iter().any(|entry| matches!(entry, GroupEntry::Range { port: 0, .. }))
}

fn protocol(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    if has_addresses(vs) && vs.protocol.is_none() {
        let message = format!("Virtual server {}: no protocol set - defaulting to UDP", vs.name());
        let found = Diagnostic::new(Class::Warning, message).about(vs.span);
        resolver.add(found.hint("write protocol TCP if that is meant"));
        vs.protocol = Some(Protocol::Udp);
    }
}

fn one_packet(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    let other = has_addresses(vs) && vs.protocol.is_some_and(|protocol| protocol != Protocol::Udp);
    if other && vs.flags.has(ServiceFlags::ONE_PACKET) {
        let name = vs.name();
        let what = "one packet scheduling requires UDP - resetting";
        warn(resolver, vs, format!("Virtual server {name}: {what}"));
        vs.flags = vs.flags.without(ServiceFlags::ONE_PACKET);
    }
}

fn every_port(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    if has_every_port(vs) && vs.persistence.is_none() {
        let name = vs.name();
        let what = "zero port only valid for persistent services - setting";
        warn(resolver, vs, format!("Virtual server {name}: {what}"));
        vs.persistence = Some(PERSISTENCE);
    }
}

fn protocol_of_mark(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    if !has_addresses(vs) && vs.protocol.take().is_some() {
        let name = vs.name();
        let what = "protocol specified for fwmark - protocol will be ignored";
        warn(resolver, vs, format!("Warning: Virtual server {name}: {what}"));
    }
}

fn scheduler(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    if vs.scheduler.is_none() {
        let name = vs.name();
        let what = "no scheduler set, setting default 'wlc'";
        warn(resolver, vs, format!("Virtual server {name}: {what}"));
        vs.scheduler = Some("wlc");
    }
}

fn persistence_engine(resolver: &mut Resolver<'_>, vs: &VirtualServerDraft) {
    let has_engine = vs.rare.as_ref().is_some_and(|rare| rare.engine.is_some());
    if has_engine && vs.persistence.is_none() {
        let message = format!("Virtual server {}: persistence_engine has no effect", vs.name());
        note(resolver, vs, message, "it needs persistence_timeout");
    }
}
