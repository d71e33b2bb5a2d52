//! Rules about daemon-wide settings that need more than their own line: which of the daemon's
//! scripts can be run, and which pipes are the same.

use vrrp::config::Instance;

use super::{Resolver, script};
use crate::block::RootDraft;
use crate::block::global::{OwnedCommand, ProgramsDraft};
use crate::diagnostic::Diagnostic;
use crate::globals::{Command, Fifo};

/// The scripts of the daemon itself: those that cannot be run are left out.
pub(crate) fn programs(resolver: &mut Resolver<'_>, draft: &ProgramsDraft) {
    resolver.runs_own_scripts = draft.startup.is_some() || draft.shutdown.is_some();
    resolver.globals.startup.command = program(resolver, draft.startup.as_ref());
    resolver.globals.shutdown.command = program(resolver, draft.shutdown.as_ref());
    resolver.globals.fifos.all.script = program(resolver, draft.fifo.as_ref());
    resolver.globals.fifos.vrrp.script = program(resolver, draft.vrrp_fifo.as_ref());
    resolver.globals.fifos.lvs.script = program(resolver, draft.lvs_fifo.as_ref());
}

fn program(resolver: &mut Resolver<'_>, draft: Option<&OwnedCommand>) -> Option<Command> {
    script::owned(resolver, draft?)
}

/// Readers of pipes count as scripts of the parts that write to the pipe.
pub(crate) fn readers(resolver: &mut Resolver<'_>, root: &RootDraft, balancing: bool) {
    let fifos = &resolver.globals.fifos;
    let (all, vrrp, lvs) = (&fifos.all.script, &fifos.vrrp.script, &fifos.lvs.script);
    let routing = !root.instances.is_empty();
    resolver.runs_scripts |= routing && (all.is_some() || vrrp.is_some());
    resolver.runs_check_scripts |= balancing && (all.is_some() || lvs.is_some());
}

/// One pipe has one kind of lines: the more general keyword wins.
pub(crate) fn fifos(resolver: &mut Resolver<'_>) {
    let path = |fifo: &Option<Fifo>| fifo.as_ref().map(|fifo| fifo.path.clone());
    let fifos = &mut resolver.globals.fifos;
    let (all, vrrp, lvs) = (path(&fifos.all.fifo), path(&fifos.vrrp.fifo), path(&fifos.lvs.fifo));
    let mut messages = Vec::new();
    if vrrp.is_some() && vrrp == all {
        fifos.vrrp.fifo = None;
        messages.push("vrrp_notify_fifo is the same pipe as notify_fifo - ignoring it");
    }
    if lvs.is_some() && lvs == all {
        fifos.lvs.fifo = None;
        messages.push("lvs_notify_fifo is the same pipe as notify_fifo - ignoring it");
    } else if lvs.is_some() && lvs == vrrp && fifos.lvs.script.take().is_some() {
        let message = "lvs_notify_fifo is the same pipe as vrrp_notify_fifo - only the script of \
                       the latter reads it";
        messages.push(message);
    }
    for message in messages {
        resolver.add(Diagnostic::notice(message));
    }
}

/// A synchronisation that follows an instance needs that instance.
pub(crate) fn sync_daemon(resolver: &mut Resolver<'_>, root: &RootDraft, instances: &[Instance]) {
    let daemon = resolver.globals.ipvs.sync_daemon.as_ref();
    let Some(name) = daemon.and_then(|daemon| daemon.instance.clone()) else {
        return;
    };
    if instances.iter().any(|instance| instance.name == name) {
        return;
    }
    resolver.globals.ipvs.sync_daemon = None;
    let message =
        format!("Unable to find vrrp instance {name} for lvs_syncd - clearing lvs_syncd config");
    resolver.add(Diagnostic::notice(message).about(root.sync_daemon_span));
}
