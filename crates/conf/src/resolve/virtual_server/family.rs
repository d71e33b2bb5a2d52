//! Which family a virtual server has, and which of its servers have another one.

use std::net::IpAddr;

use net::{Family, Forwarding};

use super::{Resolver, note};
use crate::block::virtual_server::{ServiceDraft, VirtualServerDraft};
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Finds the family and drops the servers that cannot be reached from it: only tunnels cross.
pub(super) fn agree(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    let both = |family| vs.members.iter().any(|entry| entry.family() == Some(family));
    if both(Family::V4) && both(Family::V6) {
        // Only tunnels are left, which lead anywhere.
        vs.family.get_or_insert(Family::V4);
        return;
    }
    let family = vs.family.or_else(|| guess(vs)).unwrap_or_else(|| {
        undetermined(resolver, vs);
        Family::V4
    });
    vs.family = Some(family);
    let default = vs.method;
    let mut fits = |address: IpAddr, method: Option<Forwarding>, span: Span, what: &str| {
        let fits = Family::of(address) == family || is_tunnel(method.or(default));
        if !fits {
            let message = format!(
                "Address family of virtual server and {what} server {address} don't match - \
                 skipping {what} server."
            );
            let found = Diagnostic::general(message).at(span);
            resolver.add(found.hint("only lvs_method TUN leads into the other family"));
        }
        fits
    };
    vs.real_servers.retain(|rs| fits(rs.address, rs.method, rs.extent.end(), "real"));
    let closed = vs.closed;
    vs.sorry_server = vs
        .sorry_server
        .take()
        .filter(|ss| fits(ss.address, ss.method, closed.unwrap_or(ss.span), "sorry"));
}

fn is_tunnel(method: Option<Forwarding>) -> bool {
    matches!(method, Some(Forwarding::Tunnel(_)))
}

/// The family of a firewall mark: that of its servers (compat 21 §2).
fn guess(vs: &VirtualServerDraft) -> Option<Family> {
    let real = vs.real_servers.iter().map(|rs| (rs.address, rs.method));
    let all = real.chain(vs.sorry_server.iter().map(|ss| (ss.address, ss.method)));
    let all: Vec<_> = all
        .map(|(address, method)| (Family::of(address), is_tunnel(method.or(vs.method))))
        .collect();
    let reached = all.iter().find(|(_, tunnel)| !tunnel);
    let common = all.first().filter(|(first, _)| all.iter().all(|(other, _)| other == first));
    reached.or(common).map(|(family, _)| *family)
}

/// keepalived says so of groups only.
fn undetermined(resolver: &mut Resolver<'_>, vs: &VirtualServerDraft) {
    let ServiceDraft::Group { name, .. } = &vs.service else { return };
    let what = "address family cannot be determined, defaulting to IPv4";
    let message = format!("{name}: Virtual server {} {what}", vs.name());
    note(resolver, vs, message, "write ip_family");
}
