//! Which port a server has: only NAT can change the port on the way.

use lvs::config::GroupEntry;
use net::Forwarding;

use super::{Resolver, servers, warn};
use crate::block::virtual_server::{ServiceDraft, VirtualServerDraft};

/// Sets the ports that are not the servers' own choice.
pub(super) fn agree(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    let service = match vs.service {
        ServiceDraft::Address(_, port) => Some(port),
        ServiceDraft::Mark(_) => None,
        ServiceDraft::Group { .. } => return in_group(resolver, vs),
    };
    for at in 0..vs.real_servers.len() {
        let rs = &vs.real_servers[at];
        let Some(port) = other_port(service, rs.method, rs.port) else { continue };
        if rs.port != 0 {
            let (name, rs) = (vs.name(), servers::name(vs, rs));
            warn(resolver, vs, mismatch(service, &name, &format!("real server {rs}")));
        }
        let rs = &mut vs.real_servers[at];
        rs.port = port;
        if rs.check_port == 0 {
            rs.check_port = port;
        }
    }
    let Some(ss) = &vs.sorry_server else { return };
    let Some(port) = other_port(service, ss.method, ss.port) else { return };
    if ss.port != 0 {
        let name = vs.name();
        let message = match service {
            Some(_) => mismatch(service, &name, "sorry server"),
            None => {
                format!(
                    "WARNING - virtual server {name}, sorry server has port specified - clearing"
                )
            }
        };
        warn(resolver, vs, message);
    }
    if let Some(ss) = &mut vs.sorry_server {
        ss.port = port;
    }
}

/// A server of a group has the port of each entry, or none with a mark, unless NAT changes it.
/// keepalived says so and changes nothing.
fn in_group(resolver: &mut Resolver<'_>, vs: &VirtualServerDraft) {
    for rs in vs.real_servers.iter().filter(|rs| rs.port != 0) {
        if rs.method.unwrap_or(Forwarding::Nat) == Forwarding::Nat {
            continue;
        }
        let (vs_name, rs_name) = (vs.name(), servers::name(vs, rs));
        for entry in &vs.members {
            let message = match entry {
                GroupEntry::Range { port, .. } if *port == rs.port => continue,
                GroupEntry::Range { first, last, port } => {
                    let range =
                        if first == last { first.to_string() } else { format!("{first}-{last}") };
                    format!(
                        "virtual server {vs_name}:[{range},{port}] and real server {rs_name} \
                         ports don't match"
                    )
                }
                GroupEntry::Mark { .. } => format!(
                    "WARNING - fwmark virtual server {vs_name}, real server {rs_name} has port \
                     specified - port will be ignored"
                ),
            };
            warn(resolver, vs, message);
        }
    }
    sorry_in_group(resolver, vs);
}

fn sorry_in_group(resolver: &mut Resolver<'_>, vs: &VirtualServerDraft) {
    let Some(ss) = vs.sorry_server.as_deref().filter(|ss| ss.port != 0) else { return };
    if ss.method.unwrap_or(Forwarding::Nat) == Forwarding::Nat {
        return;
    }
    for entry in &vs.members {
        let what = match entry {
            GroupEntry::Range { port, .. } if *port == ss.port => continue,
            GroupEntry::Range { .. } => "virtual server",
            GroupEntry::Mark { .. } => "fwmark virtual server",
        };
        let ignored = "sorry server has port specified - port will be ignored";
        warn(resolver, vs, format!("WARNING - {what} {}, {ignored}", vs.name()));
    }
}

/// The port that a server must have instead of its own, if that is another one.
fn other_port(service: Option<u16>, method: Option<Forwarding>, own: u16) -> Option<u16> {
    let translated = method.unwrap_or(Forwarding::Nat) == Forwarding::Nat;
    let port = match (service, own) {
        (Some(port), 0) => port,
        (_, own) if translated => own,
        (Some(port), _) => port,
        (None, _) => 0,
    };
    (port != own).then_some(port)
}

fn mismatch(service: Option<u16>, vs: &str, server: &str) -> String {
    match service {
        Some(_) => {
            format!("WARNING - virtual server {vs} and {server} ports don't match - resetting")
        }
        None => {
            format!("WARNING - fwmark virtual server {vs}, {server} has port specified - clearing")
        }
    }
}
