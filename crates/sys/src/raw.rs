//! Raw sockets for adverts: one to receive and one to send per interface.
//!
//! Decides the socket options of `compat` section 2; whole IPv4 packets pass in and out, what is
//! in them is none of its business. IPv6 will be a second pair of constructors beside these: the
//! batch and the reports of failed packets do not depend on the family.

mod batch;
mod receiver;
mod sender;

pub use batch::{Packet, ReceiveBatch};
pub use receiver::VrrpReceiver;
pub use sender::{Unsent, VrrpSender};

use socket2::{Domain, Protocol, Socket, Type};

/// The IP protocol number of VRRP (`IPPROTO_VRRP`).
const VRRP: i32 = 112;
/// The IP protocol number of the authentication header (`IPPROTO_AH`), in which VRRPv2 may hide.
const AUTHENTICATION_HEADER: i32 = 51;

/// A non-blocking raw IPv4 socket that only sees one interface.
fn open(link: &net::LinkName, protocol: i32) -> std::io::Result<Socket> {
    let kind = Type::RAW.cloexec().nonblocking();
    let socket = Socket::new(Domain::IPV4, kind, Some(Protocol::from(protocol)))?;
    socket.bind_device(Some(link.as_str().as_bytes()))?;
    Ok(socket)
}
