//! Real servers and the sorry server beside each other: duplicates and methods.

use std::collections::BTreeSet;

use lvs::ServerName;
use net::{DestinationKey, Forwarding};

use super::{Resolver, warn};
use crate::block::real_server::RealServerDraft;
use crate::block::virtual_server::VirtualServerDraft;
use crate::diagnostic::Diagnostic;

/// What log lines call a server.
pub(super) fn name(vs: &VirtualServerDraft, rs: &RealServerDraft) -> ServerName {
    ServerName { key: DestinationKey { ip: rs.address, port: rs.port }, protocol: vs.protocol }
}

/// Of servers with one address and port the first one stays.
pub(super) fn duplicates(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    let mut seen = BTreeSet::new();
    let mut servers = std::mem::take(&mut vs.real_servers);
    servers.retain(|rs| {
        let fresh = seen.insert((rs.address, rs.port));
        if !fresh {
            let (vs, rs_name) = (vs.name(), name(vs, rs));
            let message =
                format!("VS {vs}: real server {rs_name} is duplicated - removing second rs");
            resolver.add(Diagnostic::general(message).about(rs.extent.name()));
        }
        fresh
    });
    vs.real_servers = servers;
}

/// A server that gets no more connections below the number at which it gets some again.
pub(super) fn thresholds(resolver: &mut Resolver<'_>, vs: &VirtualServerDraft) {
    for rs in &vs.real_servers {
        let Some(rare) = rs.rare.as_deref() else { continue };
        let (upper, lower) = (rare.upper_threshold, rare.lower_threshold);
        if upper != 0 && lower > upper {
            let message = format!(
                "VS {}: real server {} has lthreshold {lower} above uthreshold {upper}",
                vs.name(),
                name(vs, rs)
            );
            let hint = "lthreshold is the lower one, at which it gets connections again";
            resolver.add(Diagnostic::notice(message).about(rs.extent.name()).hint(hint));
        }
    }
}

/// A server without a method has that of its virtual server, and that one NAT.
pub(super) fn methods(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    if vs.method.is_none() && vs.real_servers.iter().any(|rs| rs.method.is_none()) {
        let message =
            format!("Virtual server {}: no forwarding method set, setting default NAT", vs.name());
        warn(resolver, vs, message);
    }
    let default = vs.method.unwrap_or(Forwarding::Nat);
    vs.method = Some(default);
    for rs in &mut vs.real_servers {
        rs.method.get_or_insert(default);
    }
    if let Some(ss) = &mut vs.sorry_server {
        ss.method.get_or_insert(default);
    }
}

/// A sorry server that is a real server too cannot be kept another way than that one.
pub(super) fn sorry(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    let Some(ss) = &vs.sorry_server else { return };
    let same = vs.real_servers.iter().find(|rs| (rs.address, rs.port) == (ss.address, ss.port));
    let Some(rs) = same else { return };
    let inhibit = rs.inhibit_on_failure.unwrap_or(vs.inhibit_on_failure);
    if inhibit == ss.inhibit {
        return;
    }
    let action = if inhibit { "setting" } else { "clearing" };
    let message = format!(
        "Virtual server {}: real server {} matches sorry server, but inhibit setting differs, \
         {action} on sorry server",
        vs.name(),
        name(vs, rs)
    );
    warn(resolver, vs, message);
    if let Some(ss) = &mut vs.sorry_server {
        ss.inhibit = inhibit;
    }
}
