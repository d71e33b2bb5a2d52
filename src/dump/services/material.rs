//! What virtual servers refer to: groups of addresses, the keys and certificates of checks, and the
//! files and BFD sessions that checks follow.

use std::collections::BTreeSet;
use std::fmt::{Result, Write};

use lvs::config::{CheckKind, Config, Group, GroupEntry, TlsMaterial};

/// Files only; the password of a key is not shown.
pub(super) fn write(text: &mut String, tls: &TlsMaterial) -> Result {
    let TlsMaterial { password, authorities, certificate, key } = tls;
    writeln!(text, "------< SSL definitions >------")?;
    if password.is_some() {
        writeln!(text, " Password : ********")?;
    }
    let files = [("CA", authorities), ("Certificate", certificate), ("Key", key)];
    for (name, file) in files {
        if let Some(file) = file {
            writeln!(text, " {name} file : {file}")?;
        }
    }
    Ok(())
}

pub(super) fn write_group(text: &mut String, group: &Group) -> Result {
    writeln!(text, " ------< Virtual server group >------")?;
    writeln!(text, " Virtual Server Group = {}", group.name)?;
    group.entries.iter().try_for_each(|entry| match entry {
        GroupEntry::Range { first, last, port } if first == last => {
            writeln!(text, "   Virtual IP = {first}, PORT = {port}")
        }
        GroupEntry::Range { first, last, port } => {
            writeln!(text, "   Virtual IP Range = {first}-{last}, PORT = {port}")
        }
        GroupEntry::Mark { mark, family: None } => writeln!(text, "   Virtual FWMARK = {mark}"),
        GroupEntry::Mark { mark, family: Some(family) } => {
            writeln!(text, "   Virtual FWMARK = {mark} ({family:?})")
        }
    })
}

/// The names of what is followed, each once; more is in the parts of VRRP and BFD.
pub(super) fn write_followed(text: &mut String, config: &Config) -> Result {
    let servers = config.virtual_servers.iter().flat_map(|vs| &vs.real_servers);
    let (mut files, mut sessions) = (BTreeSet::new(), BTreeSet::new());
    for check in servers.flat_map(|rs| &rs.checks) {
        if let CheckKind::File(file) = &check.kind {
            files.insert(&*file.file);
        }
        if let CheckKind::Bfd(session) = &check.kind {
            sessions.insert(&**session);
        }
    }
    for (what, names) in [("files", files), ("BFDs", sessions)] {
        if !names.is_empty() {
            writeln!(text, "------< Checker track {what} >------")?;
        }
        names.iter().try_for_each(|name| writeln!(text, " {name}"))?;
    }
    Ok(())
}
