//! Virtual servers with their groups, real servers and checks.
//!
//! What was handed down stands where it arrived, so nothing is inherited from what is printed.

mod check;
mod service;

use lvs::config::{Command, Group, GroupEntry, TlsMaterial};
use net::Family;

use super::Writer;
use crate::Config;

pub(super) fn print(config: &Config, out: &mut Writer) {
    let lvs = &config.lvs;
    if lvs.notify_at_start {
        out.block("global_defs", &[], |out| out.statement("rs_init_notifies", &[]));
    }
    if let Some(tls) = &lvs.tls {
        out.block("SSL", &[], |out| material(tls, out));
    }
    for group in &lvs.groups {
        out.block("virtual_server_group", &[&group.name], |out| entries(group, out));
    }
    for server in &lvs.virtual_servers {
        service::print(server, out);
    }
}

fn material(tls: &TlsMaterial, out: &mut Writer) {
    let password = tls.password.as_ref().map(|password| &password.0);
    let all = [
        ("password", password),
        ("ca", tls.authorities.as_ref()),
        ("certificate", tls.certificate.as_ref()),
        ("key", tls.key.as_ref()),
    ];
    for (keyword, value) in all {
        if let Some(value) = value {
            out.statement(keyword, &[value]);
        }
    }
}

fn entries(group: &Group, out: &mut Writer) {
    for entry in &group.entries {
        match entry {
            GroupEntry::Range { first, last, port } => {
                let range =
                    if first == last { first.to_string() } else { format!("{first}-{last}") };
                out.statement(&range, &[&port.to_string()]);
            }
            GroupEntry::Mark { mark, family } => {
                let mark = mark.to_string();
                let words = [mark.as_str()].into_iter().chain(family.map(family_word));
                out.statement("fwmark", &words.collect::<Vec<_>>());
            }
        }
    }
}

const fn family_word(family: Family) -> &'static str {
    match family {
        Family::V4 => "inet",
        Family::V6 => "inet6",
    }
}

fn script(keyword: &str, script: Option<&Command>, out: &mut Writer) {
    if let Some(Command { argv, uid, gid }) = script {
        out.script_of(keyword, argv, *uid, *gid);
    }
}

#[cfg(test)]
mod tests;
