//! Completes virtual servers: the defaults that keepalived complains about (compat 21 §3).
//!
//! Nothing runs them yet; what has no message of its own is left to the step that does.

use crate::block::real_server::RealServerDraft;
use crate::block::virtual_server::{Method, Protocol, Service, VirtualServerDraft};
use crate::diagnostic::{Class, Diagnostic};

use super::Resolver;

/// Completes one virtual server; false when it is left out.
pub(crate) fn complete(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) -> bool {
    if vs.real_servers.is_empty() {
        let message = format!("Virtual server {} has no real servers - ignoring", name(vs));
        resolver.add(Diagnostic::general(message));
        return false;
    }
    let warn = |resolver: &mut Resolver<'_>, message: String| {
        resolver.add(Diagnostic::new(Class::Warning, message));
    };
    let address = matches!(vs.service, Service::Address(..));
    if address && vs.protocol.is_none() {
        warn(resolver, format!("Virtual server {}: no protocol set - defaulting to UDP", name(vs)));
        vs.protocol = Some(Protocol::Udp);
    }
    if matches!(vs.service, Service::Address(_, 0)) && vs.persistence.is_none() {
        let name = name(vs);
        warn(
            resolver,
            format!(
                "Virtual server {name}: zero port only valid for persistent services - setting"
            ),
        );
        vs.persistence = Some(std::time::Duration::from_secs(360));
    }
    if vs.scheduler.is_none() {
        let name = name(vs);
        warn(resolver, format!("Virtual server {name}: no scheduler set, setting default 'wlc'"));
        vs.scheduler = Some("wlc");
    }
    if vs.method.is_none() && vs.real_servers.iter().any(|server| server.method.is_none()) {
        let name = name(vs);
        warn(
            resolver,
            format!("Virtual server {name}: no forwarding method set, setting default NAT"),
        );
        vs.method = Some(Method::Nat);
    }
    duplicates(resolver, vs);
    quorum(resolver, vs);
    ports(resolver, vs);
    true
}

fn duplicates(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    let mut seen = std::collections::HashSet::new();
    let (whole, protocol) = (name(vs), vs.protocol);
    vs.real_servers.retain(|server| {
        let fresh = seen.insert((server.address, server.port));
        if !fresh {
            let message = format!(
                "VS {whole}: real server {} is duplicated - removing second rs",
                server_name(server, protocol)
            );
            resolver.add(Diagnostic::general(message));
        }
        fresh
    });
}

fn quorum(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    let default = vs.weight.unwrap_or(1);
    let weights = vs.real_servers.iter().map(|server| server.weight.unwrap_or(default));
    let total = weights.fold(0_u32, u32::saturating_add);
    let wanted = vs.quorum.unwrap_or(1);
    if wanted > total && !vs.real_servers.is_empty() {
        let message = format!(
            "Warning - quorum {wanted} for {} exceeds total weight of real servers {total}, \
             reducing quorum to {total}",
            name(vs)
        );
        resolver.add(Diagnostic::new(Class::Warning, message));
        vs.quorum = Some(total);
    }
}

/// Only NAT can change the port on the way.
fn ports(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    let Service::Address(_, port) = vs.service else {
        return;
    };
    let (whole, protocol, default) = (name(vs), vs.protocol, vs.method);
    for server in &mut vs.real_servers {
        let nat = server.method.or(default) == Some(Method::Nat);
        if server.port == 0 {
            server.port = port;
        } else if !nat && server.port != port {
            let message = format!(
                "WARNING - virtual server {whole} and real server {} ports don't match - resetting",
                server_name(server, protocol)
            );
            resolver.add(Diagnostic::new(Class::Warning, message));
            server.port = port;
        }
    }
}

fn protocol_name(protocol: Option<Protocol>) -> &'static str {
    match protocol {
        None => "none",
        Some(Protocol::Tcp) => "tcp",
        Some(Protocol::Udp) => "udp",
        Some(Protocol::Sctp) => "sctp",
    }
}

fn name(vs: &VirtualServerDraft) -> String {
    match &vs.service {
        Service::Address(ip, port) => format!("[{ip}]:{}:{port}", protocol_name(vs.protocol)),
        Service::Mark(mark) => format!("FWM {mark}"),
        Service::Group(group) => format!("[{group}]:0"),
    }
}

fn server_name(server: &RealServerDraft, protocol: Option<Protocol>) -> String {
    format!("[{}]:{}:{}", server.address, protocol_name(protocol), server.port)
}
