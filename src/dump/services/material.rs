//! What virtual servers refer to: groups of addresses, and the keys and certificates of checks.

use std::fmt::{Result, Write};

use lvs::config::{Group, GroupEntry, TlsMaterial};

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
