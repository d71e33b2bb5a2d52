//! The statements outside every block that are settings of the whole daemon.

use std::time::Duration;

use super::Writer;
use crate::{Globals, IpvsNamespace};

pub(super) fn print(globals: &Globals, out: &mut Writer) {
    out.value("net_namespace", globals.net_namespace.as_ref());
    match &globals.ipvs.namespace {
        None => {}
        Some(IpvsNamespace::Initial) => out.statement("net_namespace_ipvs", &[]),
        Some(IpvsNamespace::Named(name)) => out.statement("net_namespace_ipvs", &[name]),
    }
    out.flag("namespace_with_ipsets", globals.namespace_with_ipsets);
    out.value("instance", globals.instance.as_ref());
    out.flag("use_pid_dir", globals.use_pid_dir);
    let wait = super::changed(globals.child_wait_time, Duration::from_secs(5));
    out.seconds("child_wait_time", wait);
    out.flag("linkbeat_use_polling", globals.poll_links);
}
