//! Which scripts hear of the transitions of an instance or a group.

use std::fmt::{Result, Write};

use vrrp::config::{Command, Notify};

use crate::dump::command::quoted;

pub(super) fn write(text: &mut String, notify: &Notify) -> Result {
    let deleted = notify.deleted.as_ref().and_then(|deleted| deleted.command.as_ref());
    let scripts = [
        ("Backup", notify.backup.as_ref()),
        ("Master", notify.master.as_ref()),
        ("Fault", notify.fault.as_ref()),
        ("Stop", notify.stop.as_ref()),
        ("Deleted", deleted),
        ("Generic", notify.any.as_ref()),
        ("Master rx lower pri", notify.master_rx_lower_priority.as_ref()),
    ];
    for (kind, command) in scripts {
        if let Some(Command { argv, uid, gid }) = command {
            let command = quoted(argv);
            writeln!(text, "   {kind} state transition script = {command}, uid:gid {uid}:{gid}")?;
        }
    }
    Ok(())
}
