//! The sockets of the VRRP part, and who uses them (compat 03 §7.4).

use std::fmt::{Result, Write};

use net::Family;
use vrrp::config::{Authentication, Instance};
use vrrp::{Endpoint, Gate};

use crate::vrrp_task::OpenSockets;

/// One pair, with the instances that send and receive through it.
pub(super) fn write(text: &mut String, pair: &OpenSockets, instances: &[Instance]) -> Result {
    let OpenSockets { endpoint, receiver, sender } = pair;
    writeln!(text, " fd_in {receiver} fd_out = {sender}")?;
    write_gate(text, endpoint)?;
    let family = if endpoint.family == Family::V4 { "IPv4" } else { "IPv6" };
    writeln!(text, "   Family = {family}")?;
    writeln!(text, "   Protocol = {}", if endpoint.authenticated { "AH" } else { "VRRP" })?;
    let multicast = !endpoint.groups.is_empty();
    writeln!(text, "   Type = {}", if multicast { "Multicast" } else { "Unicast" })?;
    if let Gate::Address { source, .. } = &endpoint.gate {
        writeln!(text, "   Address = {source}")?;
    }
    writeln!(text, "   Rx buf size = {}", endpoint.receive_buffer.unwrap_or_default())?;
    writeln!(text, "   VRRP instances")?;
    let users = instances.iter().filter(|instance| serves(endpoint, instance));
    users.into_iter().try_for_each(|user| writeln!(text, "     {} vrid {}", user.name, user.vrid))
}

fn write_gate(text: &mut String, endpoint: &Endpoint) -> Result {
    match &endpoint.gate {
        Gate::Link(link) => writeln!(text, "   Interface = {link}"),
        Gate::Address { vrf: Some(vrf), .. } => writeln!(text, "   VRF = {vrf}"),
        Gate::Address { vrf: None, .. } => Ok(()),
    }
}

/// Whether an instance uses the sockets of this endpoint.
pub(super) fn serves(endpoint: &Endpoint, instance: &Instance) -> bool {
    let authenticated = matches!(instance.authentication, Authentication::Ah(_));
    endpoint.gate == instance.seat.gate()
        && endpoint.family == instance.family
        && endpoint.authenticated == authenticated
}
