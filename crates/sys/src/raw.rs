//! Raw sockets for adverts: one to receive and one to send per interface, or per address.
//!
//! Decides the socket options of `compat` section 2; whole packets of either family pass in and
//! out, what is in them is none of its business. The kernel keeps the header of an IPv6 packet to
//! itself: `control` puts one like it back.

mod batch;
mod control;
mod receiver;
mod sender;

pub use batch::{Packet, ReceiveBatch};
pub use receiver::VrrpReceiver;
pub use sender::{Unsent, VrrpSender};

use std::net::{IpAddr, SocketAddr};

use net::{Family, LinkIndex, LinkName};
use socket2::{Domain, Protocol, Socket, Type};

/// The IP protocol number of VRRP (`IPPROTO_VRRP`).
const VRRP: u8 = 112;
/// The IP protocol number of the authentication header (`IPPROTO_AH`), in which VRRPv2 may hide.
const AUTHENTICATION_HEADER: u8 = 51;

/// What a socket is bound to. What goes through it passes all of these.
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a> {
    /// An interface, or the VRF that the interfaces belong to.
    pub device: Option<(&'a LinkName, LinkIndex)>,
    /// An address of this machine, which need not be there yet.
    pub address: Option<IpAddr>,
}

impl<'a> Bound<'a> {
    /// To an interface: everything that comes in on it and goes out of it.
    #[must_use]
    pub const fn to_link(link: &'a LinkName, index: LinkIndex) -> Self {
        Self { device: Some((link, index)), address: None }
    }

    /// The number of the interface; 0, which stands for any, without one.
    fn index(&self) -> u32 {
        self.device.map_or(0, |(_, index)| index.0)
    }
}

/// A non-blocking raw socket that only sees what it is bound to.
fn open(bound: Bound<'_>, family: Family, protocol: i32) -> std::io::Result<Socket> {
    let kind = Type::RAW.cloexec().nonblocking();
    let domain = match family {
        Family::V4 => Domain::IPV4,
        Family::V6 => Domain::IPV6,
    };
    let socket = Socket::new(domain, kind, Some(Protocol::from(protocol)))?;
    if let Some((link, _)) = bound.device {
        socket.bind_device(Some(link.as_str().as_bytes()))?;
    }
    if let Some(address) = bound.address {
        match family {
            Family::V4 => socket.set_freebind_v4(true)?,
            Family::V6 => socket.set_freebind_v6(true)?,
        }
        socket.bind(&SocketAddr::from((address, 0)).into())?;
    }
    Ok(socket)
}

/// Switches on an option of IPv6 that socket2 does not know.
fn switch_on(socket: &Socket, option: libc::c_int) -> std::io::Result<()> {
    let one: libc::c_int = 1;
    // SAFETY: the pointer and the length describe `one`, which outlives the call.
    let result = unsafe {
        libc::setsockopt(
            std::os::fd::AsRawFd::as_raw_fd(socket),
            libc::IPPROTO_IPV6,
            option,
            std::ptr::from_ref(&one).cast::<libc::c_void>(),
            crate::message::address_length::<libc::c_int>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}
